/* register.h: one value written at several nodes: the latest stamp wins, the others are kept and shown.
 *
 * Each node's latest value stands for that node, whatever the incarnation. Among nodes the greatest hybrid
 * logical clock wins, a tie goes to the larger node id. A stamp says nothing about whether its writer had
 * seen the others, so every other node's differing value is a rival for a person to look at. A value stamped
 * more than SKEW_MAX_MS in the future is held: it is shown, but wins only where there is no other (a box with
 * a broken clock must not rule for years).
 *
 * A struct register_fold owns copies of the contents until register_fold_release(). */
#ifndef QANAT_CRDT_REGISTER_H
#define QANAT_CRDT_REGISTER_H

#include "replication/crdt/cell.h"

struct register_entry {
    struct id node;
    hlc stamp;
    struct bytes content; /* owned by the fold */
    bool is_held;
};

struct register_fold {
    uint64_t wall_ms;
    struct register_entry *entries; /* by node, held ones behind; at most two for each node */
    size_t count;
    size_t capacity;
};

/* `wall_ms`: the reader's clock, which decides what is in the future; UINT64_MAX where there is none. */
void register_fold_init(struct register_fold *fold, uint64_t wall_ms);
void register_fold_release(struct register_fold *fold);

/* Adds the CELL_REGISTER value of one of `node`'s streams. S_INVALID when it is malformed. */
enum status register_fold_add(struct register_fold *fold, const struct id *node, struct bytes value);

/* Adds all of `other`, which has the same `wall_ms`. */
void register_fold_merge(struct register_fold *fold, const struct register_fold *other);

/* The value that counts, borrowed; NULL when there is none. */
const struct register_entry *register_fold_winner(const struct register_fold *fold);

/* Fills up to `max` of the values that differ from the winner's, by node id; returns how many there are. */
size_t register_fold_rivals(const struct register_fold *fold, const struct register_entry **rivals_out,
                            size_t max);

#endif
