/* VECTOR and BUCKETS: comparing what two nodes hold. */
#include <string.h>

#include "replication/wire/message_codec.h"
#include "replication/wire/protobuf.h"
#include "schema/wire/messages.pb-c.h"

static bool is_power_of_two(size_t count)
{
    return count > 0 && (count & (count - 1)) == 0;
}

/* The rules of a vector's buckets, for both ways. */
static enum status buckets_check(uint32_t bucket_count, const uint32_t *buckets, size_t covered_count)
{
    if (bucket_count > BUCKETS_MAX || covered_count > BUCKETS_MAX) {
        return S_TOO_LARGE;
    }
    if (bucket_count == 0 ? covered_count > 0 : !is_power_of_two(bucket_count)) {
        return S_INVALID;
    }
    for (size_t i = 0; i < covered_count; i++) {
        if (buckets[i] >= bucket_count) {
            return S_INVALID;
        }
    }
    return S_OK;
}

enum status vector_message_encode(const struct message *message, struct buffer *body)
{
    const struct vector_message *vector = &message->vector;
    Qanat__Wire__Vector wire = QANAT__WIRE__VECTOR__INIT;
    uint8_t streams[VECTOR_ENTRIES_MAX * STREAM_ID_SIZE];
    uint8_t checks[VECTOR_ENTRIES_MAX * VECTOR_CHECK_SIZE];
    uint64_t seqs[VECTOR_ENTRIES_MAX];
    enum status status = buckets_check(vector->bucket_count, vector->buckets, vector->covered_count);

    if (status != S_OK || vector->count > VECTOR_ENTRIES_MAX) {
        return status != S_OK ? status : S_TOO_LARGE;
    }
    for (size_t i = 0; i < vector->count; i++) {
        const struct vector_entry *entry = &vector->entries[i];
        if (entry->seq > SEQ_MAX) {
            return S_INVALID;
        }
        stream_id_encode(&entry->stream, streams + i * STREAM_ID_SIZE);
        memcpy(checks + i * VECTOR_CHECK_SIZE, entry->check, VECTOR_CHECK_SIZE);
        seqs[i] = entry->seq;
    }
    wire.round = vector->round;
    wire.bucket_count = vector->bucket_count;
    wire.n_buckets = vector->covered_count;
    wire.buckets = (uint32_t *)(uintptr_t)vector->buckets;
    wire.streams = protobuf_data(bytes_of(streams, vector->count * STREAM_ID_SIZE));
    wire.n_seqs = vector->count;
    wire.seqs = seqs;
    wire.checks = protobuf_data(bytes_of(checks, vector->count * VECTOR_CHECK_SIZE));
    wire.is_last = vector->is_last;
    wire.is_reply = vector->is_reply;
    protobuf_encode(&wire.base, body);
    return S_OK;
}

/* The columns of `wire` as entries. */
static enum status entries_decode(const Qanat__Wire__Vector *wire, struct arena *arena,
                                  struct vector_message *vector)
{
    size_t count = wire->n_seqs;
    struct bytes streams, checks;

    if (count > VECTOR_ENTRIES_MAX) {
        return S_TOO_LARGE;
    }
    if (!protobuf_items(wire->streams, STREAM_ID_SIZE, count, &streams) ||
        !protobuf_items(wire->checks, VECTOR_CHECK_SIZE, count, &checks)) {
        return S_INVALID;
    }
    struct vector_entry *entries = arena_alloc(arena, count * sizeof *entries);
    if (!entries) {
        return S_TOO_LARGE;
    }
    for (size_t i = 0; i < count; i++) {
        if (!stream_id_decode(streams.data + i * STREAM_ID_SIZE, &entries[i].stream) ||
            wire->seqs[i] > SEQ_MAX) {
            return S_INVALID;
        }
        entries[i].seq = wire->seqs[i];
        memcpy(entries[i].check, checks.data + i * VECTOR_CHECK_SIZE, VECTOR_CHECK_SIZE);
    }
    vector->entries = entries;
    vector->count = count;
    return S_OK;
}

enum status vector_message_decode(struct bytes body, struct arena *arena, struct message *out)
{
    struct vector_message *vector = &out->vector;
    ProtobufCMessage *base;
    enum status status =
        protobuf_decode(&qanat__wire__vector__descriptor, body, PROTOBUF_FIELDS_FLAT, arena, &base);

    if (status != S_OK) {
        return status;
    }
    const Qanat__Wire__Vector *wire = (const Qanat__Wire__Vector *)base;
    status = buckets_check(wire->bucket_count, wire->buckets, wire->n_buckets);
    if (status != S_OK) {
        return status;
    }
    vector->round = wire->round;
    vector->bucket_count = wire->bucket_count;
    vector->buckets = wire->buckets;
    vector->covered_count = wire->n_buckets;
    vector->is_last = wire->is_last;
    vector->is_reply = wire->is_reply;
    return entries_decode(wire, arena, vector);
}

enum status buckets_encode(const struct message *message, struct buffer *body)
{
    const struct buckets_message *buckets = &message->buckets;
    Qanat__Wire__Buckets wire = QANAT__WIRE__BUCKETS__INIT;

    if (buckets->count > BUCKETS_MAX) {
        return S_TOO_LARGE;
    }
    if (!is_power_of_two(buckets->count)) {
        return S_INVALID;
    }
    wire.round = buckets->round;
    wire.n_digests = buckets->count;
    wire.digests = (uint64_t *)(uintptr_t)buckets->digests;
    protobuf_encode(&wire.base, body);
    return S_OK;
}

enum status buckets_decode(struct bytes body, struct arena *arena, struct message *out)
{
    ProtobufCMessage *base;
    enum status status =
        protobuf_decode(&qanat__wire__buckets__descriptor, body, PROTOBUF_FIELDS_FLAT, arena, &base);

    if (status != S_OK) {
        return status;
    }
    const Qanat__Wire__Buckets *wire = (const Qanat__Wire__Buckets *)base;
    if (wire->n_digests > BUCKETS_MAX) {
        return S_TOO_LARGE;
    }
    if (!is_power_of_two(wire->n_digests)) {
        return S_INVALID;
    }
    out->buckets =
        (struct buckets_message){.round = wire->round, .digests = wire->digests, .count = wire->n_digests};
    return S_OK;
}
