/* apply.h: folding a certified delta into a stream's state, inside somebody's transaction.
 *
 * The caller (the store, or the simulator's memory) opens a transaction, calls stream_apply_begin() with the
 * current head and LtHash, stream_apply_cell() for every cell of the delta in seq order, then
 * stream_apply_finish(); anything but S_OK means: roll back. */
#ifndef QANAT_STREAM_APPLY_H
#define QANAT_STREAM_APPLY_H

#include "replication/stream/certificate.h"
#include "replication/stream/lthash.h"

/* Puts `cell`, replacing the cell with the same key if there is one; then *old_out is the replaced one
 * (borrowed until the next call) and *found_out is true. The replacement is unconditional: seq order was
 * checked. */
typedef enum status stream_put(void *ctx, const struct cell *cell, struct cell *old_out, bool *found_out);

struct stream_apply {
    struct hash key;
    struct lthash state;
    struct stream_head head;
    stream_put *put;
    void *ctx;
};

/* `head` and `state` are those stored now (seq 0 and an empty state for a new stream). */
void stream_apply_begin(struct stream_apply *apply, const struct id *federation,
                        const struct stream_head *head, const struct lthash *state, stream_put *put,
                        void *ctx);

/* S_OK; S_INVALID when the cell is malformed or its seq is not above the last one; or what put() said. */
enum status stream_apply_cell(struct stream_apply *apply, const struct cell *cell);

/* Compares the state with the certificate (whose signature the caller has verified): S_OK, S_BAD_DIGEST when
 * count, seq or digest differ. On S_OK apply->head and apply->state are the new ones to store. */
enum status stream_apply_finish(struct stream_apply *apply, const struct certificate *certificate);

#endif
