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

enum { BATCH_CELLS_MAX = 65536 };

struct batch {
    struct stream_id stream;
    uint64_t after_seq;
    const struct cell *cells; /* seq strictly ascending, all > after_seq */
    size_t count;             /* 0 to BATCH_CELLS_MAX */
    bool has_certificate;     /* the last batch of a delta */
    struct certificate certificate;
};

/* Appends the body to `out`. S_TOO_LARGE over BODY_SIZE_MAX. */
enum status batch_encode(const struct batch *batch, struct buffer *out);

/* Decodes and checks everything (order, sizes, kinds are free); cells live in `arena` or borrow from `body`.
 * S_INVALID or S_TOO_LARGE. */
enum status batch_decode(struct bytes body, struct arena *arena, struct batch *out);

/* Encodes as many of `batch->cells` as fit one frame of FRAME_SIZE_MAX (at least one) and appends the frame
 * to `out`; `taken_out` says how many. The certificate goes along only when all fit. `guess` (in and out, may
 * start at 0) remembers how many fitted last time. */
enum status batch_frame(const struct batch *batch, size_t *guess, struct buffer *out, size_t *taken_out);

#endif
