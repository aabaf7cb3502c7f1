/* peer_status.h: what is remembered of each peer between sessions, for `status` and `peer list`. */
#ifndef QANAT_NODE_STORE_OPERATION_PEER_STATUS_H
#define QANAT_NODE_STORE_OPERATION_PEER_STATUS_H

#include "node/store/db.h"
#include "replication/base/limits.h"

enum { PEER_ERROR_MAX = 256 };

/* The error of a peer that knows no such key begins so: scripts and the doctor tell it from a bad line. */
#define PEER_ERROR_REFUSED "refused: this node is not, or no more, in the roster there"
#define PEER_ERROR_KEY "it takes the connection and hangs up: it may have another key"

struct peer_status {
    struct id node;
    int state;                   /* enum peer_state at the last report */
    char endpoint[ENDPOINT_MAX]; /* where it was reached, or "" */
    char error[PEER_ERROR_MAX];  /* of the last failed attempt; "" after a success */
    uint64_t last_attempt_ms;    /* wall clock here; 0: never */
    uint64_t last_success_ms;    /* last time in step */
    uint64_t we_lack_cells, we_lack_bytes;
    uint64_t they_lack_cells, they_lack_bytes;
    uint64_t rate_bits; /* bits that came a second between the last two reports */
    uint64_t sessions, bytes_in, bytes_out, refused; /* since the node was made */
    uint64_t software; /* version of its program (node/software.h); 0: it does not say */
};

/* Inserts or replaces. Texts are cut to their size. Writer thread. */
enum status peer_status_put(struct db *db, const struct peer_status *status);

/* False when nothing is known of `node`. */
bool peer_status_find(struct db *db, const struct id *node, struct peer_status *status_out);

/* The first one above `after` (NULL: the first) by node id; false at the end. */
bool peer_status_next(struct db *db, const struct id *after, struct peer_status *status_out);

/* Did the last attempt fail? A success is no later than that while clocks go right; one that is to come was written by a clock that has been put back
 * since, and says nothing of what came first. */
bool peer_status_is_failing(const struct peer_status *status, uint64_t now_ms);

/* When the newest bundle of `node` that was taken in here was made, by its clock (a stick is no session); 0: none was. */
uint64_t peer_bundle_made(struct db *db, const struct id *node);

#endif
