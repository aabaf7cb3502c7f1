/* admit.h: the inviter's side of a join: JOIN over an open invitation's one-time key -> signed admission ->
 * WELCOME.
 *
 * The admission and the used invitation are written in one transaction; WELCOME follows when it is durable.
 * It carries the statements of the newcomer and of everybody above it: enough to start a session, which
 * brings the rest. The same newcomer may ask again. Loop thread only. */
#ifndef QANAT_NODE_LINK_ADMIT_H
#define QANAT_NODE_LINK_ADMIT_H

#include "node/link/members.h"
#include "node/link/socket.h"

enum { ADMITS_MAX = 16 }; /* joins under way at once; more are refused and come again */

struct admit;

/* All borrowed for the life. Never NULL. */
struct admit *admit_new(struct store *store, struct members *members, const struct federation *federation,
                        const struct identity *identity);
void admit_free(struct admit *admit);

/* True when `key` belongs to an invitation that may be used now. */
bool admit_knows(struct admit *admit, const uint8_t key[CURVE_KEY_SIZE]);

/* Handles a packet of a non-member; false: drop the connection. The answer goes out through `socket`, which
 * must outlive it. */
bool admit_receive(struct admit *admit, struct socket *socket, const struct packet *packet);

/* No join is under way. */
bool admit_is_idle(const struct admit *admit);

/* Signs the admission of `node` and puts it among this node's own roster cells. Writer thread. */
struct db;
enum status admit_put(struct db *db, const struct federation *federation, const struct identity *identity,
                      const struct roster_node *node);

/* Puts `replaced` out, with `node` to follow it: what was accepted of it stays (store/expel.h). Writer thread. */
enum status admit_replace(struct db *db, const struct federation *federation, const struct identity *identity,
                          const struct roster_node *node, const struct id *replaced);

#endif
