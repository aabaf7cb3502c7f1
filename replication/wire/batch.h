/* batch.h: cells of one stream in columns: seqs, key segments through a dictionary, kinds, numbers by byte
 * plane, other values.
 *
 * Rows stand in seq order. A batch covers seqs above `after_seq` up to its last row (or, with a certificate,
 * up to the certified seq). The body is what frame.h compresses; sorted keys and byte planes are what make it
 * small (<= 2.5 B a cell on the wire). */
#ifndef QANAT_WIRE_BATCH_H
#define QANAT_WIRE_BATCH_H

#include "replication/base/arena.h"
#include "replication/crdt/cell.h"
#include "replication/stream/certificate.h"

/* A decoder's memory for one batch is bounded by what its rows cost (batch_format.h), which encoders keep to:
 * an arena of BATCH_ARENA_SIZE decodes every batch. A frame of results takes about a quarter of it. */
enum {
    BATCH_CELLS_MAX = 65536,
    BATCH_COST_MAX = 8 * 1024 * 1024,
    BATCH_ARENA_SIZE = 2 * BATCH_COST_MAX + 64 * 1024
};

struct batch {
    struct stream_id stream;
    uint64_t after_seq;
    const struct cell *cells; /* seq strictly ascending, all > after_seq */
    size_t count;             /* 0 to BATCH_CELLS_MAX */
    bool has_certificate;     /* the last batch of a delta */
    struct certificate certificate;
};

/* Appends the body to `out`. S_TOO_LARGE over BATCH_CELLS_MAX, BATCH_COST_MAX or BODY_SIZE_MAX; S_INVALID
 * when a cell is outside the format or out of order, or the certificate is below the last cell; `out` is then
 * unchanged. */
enum status batch_encode(const struct batch *batch, struct buffer *out);

/* Decodes and checks everything (order, sizes; kinds are free); cells live in `arena` or borrow from `body`.
 * S_INVALID, S_VERSION or S_TOO_LARGE. */
enum status batch_decode(struct bytes body, struct arena *arena, struct batch *out);

/* How many cells a body says it has; 0 when its beginning cannot be read. */
size_t batch_body_count(struct bytes body);

/* Encodes as many of `batch->cells` as fit one frame of FRAME_SIZE_MAX (at least one) and appends the frame
 * to `out`; `taken_out` says how many. The certificate goes along only when all fit. `guess` (in and out, may
 * start at 0) remembers how many fitted last time: a caller that scans cells for the next frame needs about
 * that many. Legal cells never fail. */
enum status batch_frame(const struct batch *batch, size_t *guess, struct buffer *out, size_t *taken_out);

#endif
