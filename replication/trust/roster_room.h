/* roster_room.h: how many nodes a federation has room for, and how much of that one centre may take.
 *
 * What others admitted is never refused, so that all fold to the same; who admits asks whether there is room. A federation has at most NODES_MAX nodes, revoked
 * ones included. But a centre that admits nodes without end below itself would leave no room for anybody else, for good: so for others it counts as
 * ROSTER_ROOM_SHARE nodes at most, with all that is below it. */
#ifndef QANAT_TRUST_ROSTER_ROOM_H
#define QANAT_TRUST_ROSTER_ROOM_H

#include "replication/trust/roster.h"

enum { ROSTER_ROOM_SHARE = NODES_MAX / 4 };

/* S_TOO_LARGE when there is no room for one node more below `parent`, beside `underway` that are being admitted. */
enum status roster_room_check(const struct roster *roster, const struct id *parent, size_t underway, struct report *report);

/* The node at or above `node` that stands directly below a hub or a root, which nodes are counted for; NULL: it is one of those, or not known. */
const struct roster_node *roster_room_top(const struct roster *roster, const struct id *node);

/* The largest number of nodes that are counted for one such node, which is told in top_out; 0, NULL: there is none. */
size_t roster_room_largest(const struct roster *roster, const struct roster_node **top_out);

#endif
