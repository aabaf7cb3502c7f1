/* vector.h: the version vector: which state of which streams a node holds.
 *
 * Sorted by stream; merge takes the maximum seq. Its digest is the sum (modulo 2^128) of a hash of each
 * entry, so that it can be kept up to date entry by entry and compared per bucket. Only streams that both
 * sides may hold enter a comparison. */
#ifndef QANAT_STREAM_VECTOR_H
#define QANAT_STREAM_VECTOR_H

#include "replication/stream/stream.h"

enum { VECTOR_DIGEST_SIZE = 16, VECTOR_CHECK_SIZE = 8 };

/* One entry; `check` is the first bytes of the state digest, so that "same seq, other state" shows. */
struct vector_entry {
    struct stream_id stream;
    uint64_t seq;
    uint8_t check[VECTOR_CHECK_SIZE];
};

struct vector_digest {
    uint8_t b[VECTOR_DIGEST_SIZE];
};

struct vector {
    struct vector_entry *entries; /* owned, sorted by stream */
    size_t count;
    size_t capacity;
};

void vector_init(struct vector *vector);
void vector_release(struct vector *vector);
void vector_clear(struct vector *vector);

/* Sets the entry of `head->stream` to the greater seq of both; with equal seqs to the greater check, so that
 * the order of merging never matters. What has seq 0 is ignored. */
void vector_merge_head(struct vector *vector, const struct stream_head *head);
void vector_merge_entry(struct vector *vector, const struct vector_entry *entry);

/* The entry, or NULL. */
const struct vector_entry *vector_find(const struct vector *vector, const struct stream_id *stream);

struct vector_digest vector_digest_of(const struct vector *vector);
bool vector_digest_equal(const struct vector_digest *a, const struct vector_digest *b);

/* Digests of `bucket_count` buckets (a power of two; the caller checks what a peer proposed) into which
 * streams fall by a hash of their id: 8 bytes each. */
uint32_t vector_bucket_of(const struct stream_id *stream, uint32_t bucket_count);
void vector_bucket_digests(const struct vector *vector, uint32_t bucket_count, uint64_t *digests_out);

#endif
