/* doubled.h: what is counted twice, because two machines of one node both say that the same closed stream is
 * counted in theirs, and neither has given it up yet (replication/stream/adoption.h).
 *
 * Usually that lasts until the two have heard of each other. Is one of them gone, it lasts until the other
 * gives it up, when somebody above says `qanat peer settle`, or begins anew, when what the lost one wrote is over
 * (past.h; both: keeper.h). Any thread. */
#ifndef QANAT_NODE_STORE_STREAM_DOUBLED_H
#define QANAT_NODE_STORE_STREAM_DOUBLED_H

#include "node/store/db.h"
#include "replication/stream/adoption.h"

enum { DOUBLED_MAX = 256 };

struct doubled {
    struct id node;
    struct id streams[2]; /* incarnations that both count something */
    hlc stamp;            /* the latest of all of the node's results that count */
};

/* The first of each node, in the order of nodes: `out` has room for DOUBLED_MAX. Returns how many. */
size_t doubled_list(struct db *db, struct doubled *out);

/* Of one node. */
bool doubled_find(struct db *db, const struct id *node, struct doubled *out);

#endif
