/* The digest of a vector is the sum modulo 2^128 of BLAKE2b-128(stream id || seq || check) over its entries;
 * a bucket's is the sum modulo 2^64 of the first 8 bytes of the same hashes. Sums do not depend on order.
 * They find differences between honest nodes; what protects against dishonest ones are the certificates. */
#include "replication/stream/vector.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

enum { ENTRY_SIZE = STREAM_ID_SIZE + 8 + VECTOR_CHECK_SIZE };

void vector_init(struct vector *vector)
{
    memset(vector, 0, sizeof *vector);
}

void vector_release(struct vector *vector)
{
    free(vector->entries);
    vector_init(vector);
}

void vector_clear(struct vector *vector)
{
    vector->count = 0;
}

/* The index of the first entry not below `stream`. */
static size_t lower_bound(const struct vector *vector, const struct stream_id *stream)
{
    size_t low = 0, high = vector->count;

    if (high && stream_id_compare(&vector->entries[high - 1].stream, stream) < 0) {
        return high; /* built in order, as it mostly is */
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (stream_id_compare(&vector->entries[middle].stream, stream) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void entry_insert(struct vector *vector, size_t at, const struct vector_entry *entry)
{
    CHECK(at <= vector->count);
    if (vector->count == vector->capacity) {
        size_t capacity = vector->capacity ? 2 * vector->capacity : 16;
        struct vector_entry *entries = reallocarray(vector->entries, capacity, sizeof *entries);
        CHECK(entries);
        vector->entries = entries;
        vector->capacity = capacity;
    }
    memmove(vector->entries + at + 1, vector->entries + at, (vector->count - at) * sizeof *entry);
    vector->entries[at] = *entry;
    vector->count++;
}

void vector_merge_entry(struct vector *vector, const struct vector_entry *entry)
{
    if (entry->seq == 0) {
        return;
    }
    size_t at = lower_bound(vector, &entry->stream);
    if (at == vector->count || stream_id_compare(&vector->entries[at].stream, &entry->stream) != 0) {
        entry_insert(vector, at, entry);
        return;
    }
    struct vector_entry *own = &vector->entries[at];
    if (entry->seq > own->seq ||
        (entry->seq == own->seq && memcmp(entry->check, own->check, VECTOR_CHECK_SIZE) > 0)) {
        *own = *entry;
    }
}

void vector_merge_head(struct vector *vector, const struct stream_head *head)
{
    struct vector_entry entry = {.stream = head->stream, .seq = head->seq};

    memcpy(entry.check, head->digest.b, VECTOR_CHECK_SIZE);
    vector_merge_entry(vector, &entry);
}

const struct vector_entry *vector_find(const struct vector *vector, const struct stream_id *stream)
{
    size_t at = lower_bound(vector, stream);

    if (at == vector->count || stream_id_compare(&vector->entries[at].stream, stream) != 0) {
        return NULL;
    }
    return &vector->entries[at];
}

static void entry_hash(const struct vector_entry *entry, uint8_t out[VECTOR_DIGEST_SIZE])
{
    uint8_t raw[ENTRY_SIZE];

    stream_id_encode(&entry->stream, raw);
    for (unsigned i = 0; i < 8; i++) {
        raw[STREAM_ID_SIZE + i] = (uint8_t)(entry->seq >> (8 * i));
    }
    memcpy(raw + STREAM_ID_SIZE + 8, entry->check, VECTOR_CHECK_SIZE);
    int rc = crypto_generichash(out, VECTOR_DIGEST_SIZE, raw, sizeof raw, NULL, 0);
    CHECK(rc == 0);
}

static uint64_t u64_get(const uint8_t *in)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < 8; i++) {
        value |= (uint64_t)in[i] << (8 * i);
    }
    return value;
}

struct vector_digest vector_digest_of(const struct vector *vector)
{
    uint64_t low = 0, high = 0;
    uint8_t hash[VECTOR_DIGEST_SIZE];
    struct vector_digest digest;

    for (size_t i = 0; i < vector->count; i++) {
        entry_hash(&vector->entries[i], hash);
        uint64_t add = u64_get(hash);
        low += add;
        high += u64_get(hash + 8) + (low < add);
    }
    for (unsigned i = 0; i < 8; i++) {
        digest.b[i] = (uint8_t)(low >> (8 * i));
        digest.b[8 + i] = (uint8_t)(high >> (8 * i));
    }
    return digest;
}

bool vector_digest_equal(const struct vector_digest *a, const struct vector_digest *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

uint32_t vector_bucket_of(const struct stream_id *stream, uint32_t bucket_count)
{
    uint8_t raw[STREAM_ID_SIZE];

    CHECK(bucket_count > 0 && (bucket_count & (bucket_count - 1)) == 0);
    stream_id_encode(stream, raw);
    struct hash hash = hash_of(bytes_of(NULL, 0), bytes_of(raw, sizeof raw));
    return (uint32_t)u64_get(hash.b) & (bucket_count - 1);
}

void vector_bucket_digests(const struct vector *vector, uint32_t bucket_count, uint64_t *digests_out)
{
    uint8_t hash[VECTOR_DIGEST_SIZE];

    memset(digests_out, 0, bucket_count * sizeof *digests_out);
    for (size_t i = 0; i < vector->count; i++) {
        entry_hash(&vector->entries[i], hash);
        digests_out[vector_bucket_of(&vector->entries[i].stream, bucket_count)] += u64_get(hash);
    }
}
