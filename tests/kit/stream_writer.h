/* stream_writer.h: somebody else's stream in the making: cells, seqs, certificates and batch bodies, for
 * tests of stores. */
#ifndef QANAT_TESTS_KIT_STREAM_WRITER_H
#define QANAT_TESTS_KIT_STREAM_WRITER_H

#include "replication/stream/lthash.h"
#include "replication/trust/identity.h"
#include "replication/wire/batch.h"

enum { STREAM_WRITER_CELLS_MAX = 4096 };

struct stream_writer {
    struct id federation;
    struct identity identity;
    struct stream_head head;
    struct lthash state;
    struct hash key;
    struct cell *cells; /* in the order of first writing; owned, like their bytes */
    size_t count;
};

/* A writer with keys drawn from `number` and an empty stream of `topic`. */
void stream_writer_init(struct stream_writer *writer, const struct id *federation, uint8_t number,
                        enum topic topic);
void stream_writer_release(struct stream_writer *writer);

/* Writes one cell under the next seq; key and value are copied. */
void stream_writer_put(struct stream_writer *writer, struct bytes key, struct bytes value);
void stream_writer_put_number(struct stream_writer *writer, const char *key, int64_t number);

/* The certificate of the state now. */
struct certificate stream_writer_certify(const struct stream_writer *writer);

/* The cells as they are now with after_seq < seq <= upto_seq, in seq order, into `cells_out`
 * (STREAM_WRITER_CELLS_MAX); returns how many. */
size_t stream_writer_cells(const struct stream_writer *writer, uint64_t after_seq, uint64_t upto_seq,
                           struct cell *cells_out);

/* Appends the batch body of those cells to `out`; with `certificate` (may be NULL) as the last one. */
void stream_writer_body(const struct stream_writer *writer, uint64_t after_seq, uint64_t upto_seq,
                        const struct certificate *certificate, struct buffer *out);

#endif
