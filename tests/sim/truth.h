/* truth.h: what really happened, kept outside all nodes, and the invariants that are held against it.
 *
 * Always:   no seq of a stream is issued twice; its stamps never go back, whatever its clock does; a stored stream never goes back (but for a restore); none is
 * stored without right; a receipt says no more than its holder has; memory stays bounded; what a node counts of a
 * writer, whatever was adopted by what and came in which order, is the sum of what was recorded in that writer's
 * streams as far as they reach there, and none reaches less far than before. At rest:  each
 * stream has the same digest wherever it may be held; no adoption is due; it reaches at least as far as was acknowledged (after a
 * restore: as the best copy that was left); every holder's cells are exactly those the writer wrote up to
 * there; the hub's totals over all streams are the sum of what was acknowledged; wanted objects are there;
 * nobody speaks any more. */
#ifndef QANAT_TESTS_SIM_TRUTH_H
#define QANAT_TESTS_SIM_TRUTH_H

#include "replication/peer/view.h"

enum { TRUTH_STREAMS_MAX = 512, TRUTH_KEYS = 6 };

struct world;
struct node;

/* One own write of one cell. */
struct truth_write {
    uint64_t seq;
    unsigned key;
    int64_t number; /* -1: no result */
    int64_t own;    /* of the number, what was recorded in this stream and not adopted */
};

struct truth_stream {
    struct stream_id stream;
    struct truth_write *writes; /* in seq order */
    size_t count, capacity;
    uint64_t acked_seq; /* durable, and reported so */
    hlc acked_stamp;    /* of its certificate then */
    uint64_t floor_seq; /* what must be there in the end */
};

struct truth {
    struct truth_stream streams[TRUTH_STREAMS_MAX];
    size_t count;
};

void truth_release(struct truth *truth);

/* Node wrote its own cell: checks that the seq is new. */
void truth_wrote(struct world *world, const struct stream_id *stream, uint64_t seq, unsigned key, int64_t number,
                 int64_t recorded);
/* The stream was written from `after_seq` on by an adoption: what it holds now, it wrote. */
void truth_adopted(struct world *world, struct node *node, const struct stream_id *stream, uint64_t after_seq);
/* Node was told that the stream is durable up to `seq`. */
void truth_acked(struct world *world, const struct stream_id *stream, uint64_t seq);
/* The store of `node` is about to go back to an older state: what no other node has is allowed to be lost. */
void truth_before_restore(struct world *world, struct node *node);
/* Node ends the keys of before: what of its roster and catalogue it had forgotten, and nobody above it brought back, is given up. */
void truth_before_close(struct world *world, struct node *node);
/* The same for one stream that `node` is about to forget. */
void truth_before_forget(struct world *world, struct node *node, const struct stream_id *stream);
/* What only a revoked node still has is out of reach. */
void truth_after_revocation(struct world *world, struct node *node);

/* How far each stream of a writer counts at a node. */
struct truth_reach {
    uint64_t seq[TRUTH_STREAMS_MAX];
};
void truth_reach_take(struct world *world, struct node *node, const struct id *writer, struct truth_reach *reach);

/* After a batch was applied at `node`; `reach` was taken before. */
void truth_check_applied(struct world *world, struct node *node, const struct stream_id *stream, uint64_t before_seq,
                         const struct truth_reach *reach);

/* A receipt says no more than its holder has. */
void truth_check_receipt(struct world *world, const struct held *held);

/* True when every stream is equal wherever it may be held. */
bool truth_is_converged(struct world *world);

/* The invariants at rest; fails the world. */
void truth_check_rest(struct world *world);

/* Whatever object is held anywhere is what its name says. */
void truth_check_objects(struct world *world);

/* Every writer knows what the hub has of it; for connections over which nothing was lost. */
void truth_check_receipts(struct world *world);

#endif
