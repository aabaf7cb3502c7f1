/* WANT, BATCH and HELD: asking for streams, moving them, and saying what is durable. */
#include <string.h>

#include "replication/wire/message_codec.h"
#include "replication/wire/protobuf.h"
#include "schema/wire/messages.pb-c.h"

enum status want_encode(const struct message *message, struct buffer *body)
{
    const struct want_message *want = &message->want;
    Qanat__Wire__Want wire = QANAT__WIRE__WANT__INIT;
    uint8_t streams[WANTS_MAX * STREAM_ID_SIZE];
    uint64_t after_seqs[WANTS_MAX];

    if (want->count > WANTS_MAX) {
        return S_TOO_LARGE;
    }
    for (size_t i = 0; i < want->count; i++) {
        if (want->wants[i].after_seq > SEQ_MAX) {
            return S_INVALID;
        }
        stream_id_encode(&want->wants[i].stream, streams + i * STREAM_ID_SIZE);
        after_seqs[i] = want->wants[i].after_seq;
    }
    wire.streams = protobuf_data(bytes_of(streams, want->count * STREAM_ID_SIZE));
    wire.n_after_seqs = want->count;
    wire.after_seqs = after_seqs;
    wire.credit = want->credit;
    protobuf_encode(&wire.base, body);
    return S_OK;
}

enum status want_decode(struct bytes body, struct arena *arena, struct message *out)
{
    ProtobufCMessage *base;
    struct bytes streams;
    enum status status =
        protobuf_decode(&qanat__wire__want__descriptor, body, PROTOBUF_FIELDS_FLAT, arena, &base);

    if (status != S_OK) {
        return status;
    }
    const Qanat__Wire__Want *wire = (const Qanat__Wire__Want *)base;
    size_t count = wire->n_after_seqs;
    if (count > WANTS_MAX) {
        return S_TOO_LARGE;
    }
    if (!protobuf_items(wire->streams, STREAM_ID_SIZE, count, &streams)) {
        return S_INVALID;
    }
    struct want *wants = arena_alloc(arena, count * sizeof *wants);
    if (!wants) {
        return S_TOO_LARGE;
    }
    for (size_t i = 0; i < count; i++) {
        wants[i].after_seq = wire->after_seqs[i];
        if (!stream_id_decode(streams.data + i * STREAM_ID_SIZE, &wants[i].stream) ||
            wants[i].after_seq > SEQ_MAX) {
            return S_INVALID;
        }
    }
    out->want = (struct want_message){.wants = wants, .count = count, .credit = wire->credit};
    return S_OK;
}

enum status batch_body_encode(const struct message *message, struct buffer *body)
{
    buffer_append(body, message->batch_body.data, message->batch_body.size);
    return S_OK;
}

enum status batch_body_decode(struct bytes body, struct arena *arena, struct message *out)
{
    (void)arena;
    out->batch_body = body;
    return S_OK;
}

enum status held_encode(const struct message *message, struct buffer *body)
{
    const struct held_message *held = &message->held;
    Qanat__Wire__Held wire = QANAT__WIRE__HELD__INIT;
    uint8_t streams[HELD_MAX * STREAM_ID_SIZE];
    uint8_t holders[HELD_MAX * sizeof(struct id)];
    uint64_t seqs[HELD_MAX], at_ms[HELD_MAX];

    if (held->count > HELD_MAX) {
        return S_TOO_LARGE;
    }
    for (size_t i = 0; i < held->count; i++) {
        const struct held *one = &held->held[i];
        if (one->seq > SEQ_MAX) {
            return S_INVALID;
        }
        stream_id_encode(&one->stream, streams + i * STREAM_ID_SIZE);
        memcpy(holders + i * sizeof one->holder, one->holder.b, sizeof one->holder);
        seqs[i] = one->seq;
        at_ms[i] = one->at_ms;
    }
    wire.streams = protobuf_data(bytes_of(streams, held->count * STREAM_ID_SIZE));
    wire.holders = protobuf_data(bytes_of(holders, held->count * sizeof(struct id)));
    wire.n_seqs = wire.n_at_ms = held->count;
    wire.seqs = seqs;
    wire.at_ms = at_ms;
    protobuf_encode(&wire.base, body);
    return S_OK;
}

enum status held_decode(struct bytes body, struct arena *arena, struct message *out)
{
    ProtobufCMessage *base;
    struct bytes streams, holders;
    enum status status =
        protobuf_decode(&qanat__wire__held__descriptor, body, PROTOBUF_FIELDS_FLAT, arena, &base);

    if (status != S_OK) {
        return status;
    }
    const Qanat__Wire__Held *wire = (const Qanat__Wire__Held *)base;
    size_t count = wire->n_seqs;
    if (count > HELD_MAX) {
        return S_TOO_LARGE;
    }
    if (wire->n_at_ms != count || !protobuf_items(wire->streams, STREAM_ID_SIZE, count, &streams) ||
        !protobuf_items(wire->holders, sizeof(struct id), count, &holders)) {
        return S_INVALID;
    }
    struct held *held = arena_alloc(arena, count * sizeof *held);
    if (!held) {
        return S_TOO_LARGE;
    }
    for (size_t i = 0; i < count; i++) {
        held[i].seq = wire->seqs[i];
        held[i].at_ms = wire->at_ms[i];
        memcpy(held[i].holder.b, holders.data + i * sizeof(struct id), sizeof(struct id));
        if (!stream_id_decode(streams.data + i * STREAM_ID_SIZE, &held[i].stream) || held[i].seq > SEQ_MAX) {
            return S_INVALID;
        }
    }
    out->held = (struct held_message){.held = held, .count = count};
    return S_OK;
}
