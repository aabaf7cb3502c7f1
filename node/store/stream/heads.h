/* heads.h: the heads of all streams that count, kept between commits.
 *
 * Each session compares them after each commit, and a hub has hundreds of sessions: so they are read from the database once, not by each. */
#ifndef QANAT_NODE_STORE_STREAM_HEADS_H
#define QANAT_NODE_STORE_STREAM_HEADS_H

#include "node/store/db.h"
#include "replication/stream/stream.h"

struct heads {
    struct stream_head *items; /* in the order of their streams */
    size_t count, capacity;
    size_t next; /* behind the one that was asked for last */
    uint64_t generation;
    bool is_current;
};

void heads_release(struct heads *heads);

/* The first one behind `after` (NULL: of all), of the commit that is counted as `generation` or a later one; false when there are no more,
 * or on an error, which is in db_status(). */
bool heads_next(struct heads *heads, struct db *db, uint64_t generation, const struct stream_id *after, struct stream_head *head_out);

#endif
