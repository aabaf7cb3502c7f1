/* HELLO, CREDIT, RETRY, REFUSE: the small messages that steer a session. */
#include <string.h>

#include "replication/wire/message_codec.h"
#include "replication/wire/protobuf.h"
#include "schema/wire/messages.pb-c.h"

enum status hello_encode(const struct message *message, struct buffer *body)
{
    const struct hello *hello = &message->hello;
    Qanat__Wire__Hello wire = QANAT__WIRE__HELLO__INIT;

    wire.session = hello->session;
    wire.round = hello->round;
    wire.is_reply = hello->is_reply;
    wire.roster_version = hello->roster_version;
    wire.digest = protobuf_data(bytes_of(hello->digest.b, sizeof hello->digest.b));
    wire.stream_count = hello->stream_count;
    wire.wanted_count = hello->wanted_count;
    wire.held_check = hello->held_check;
    wire.rate_kbit = hello->rate_kbit;
    wire.abilities = hello->abilities;
    wire.software = hello->software;
    protobuf_encode(&wire.base, body);
    return S_OK;
}

enum status hello_decode(struct bytes body, struct arena *arena, struct message *out)
{
    struct hello *hello = &out->hello;
    ProtobufCMessage *base;
    struct bytes digest;
    enum status status =
        protobuf_decode(&qanat__wire__hello__descriptor, body, PROTOBUF_FIELDS_FLAT, arena, &base);

    if (status != S_OK) {
        return status;
    }
    const Qanat__Wire__Hello *wire = (const Qanat__Wire__Hello *)base;
    if (!protobuf_items(wire->digest, sizeof hello->digest.b, 1, &digest)) {
        return S_INVALID;
    }
    hello->session = wire->session;
    hello->round = wire->round;
    hello->is_reply = wire->is_reply;
    hello->roster_version = wire->roster_version;
    memcpy(hello->digest.b, digest.data, digest.size);
    hello->stream_count = wire->stream_count;
    hello->wanted_count = wire->wanted_count;
    hello->held_check = wire->held_check;
    hello->rate_kbit = wire->rate_kbit;
    hello->abilities = wire->abilities;
    hello->software = wire->software;
    return S_OK;
}

enum status credit_encode(const struct message *message, struct buffer *body)
{
    Qanat__Wire__Credit wire = QANAT__WIRE__CREDIT__INIT;

    wire.bytes = message->credit;
    protobuf_encode(&wire.base, body);
    return S_OK;
}

enum status credit_decode(struct bytes body, struct arena *arena, struct message *out)
{
    ProtobufCMessage *base;
    enum status status =
        protobuf_decode(&qanat__wire__credit__descriptor, body, PROTOBUF_FIELDS_FLAT, arena, &base);

    if (status == S_OK) {
        out->credit = ((const Qanat__Wire__Credit *)base)->bytes;
    }
    return status;
}

enum status retry_encode(const struct message *message, struct buffer *body)
{
    Qanat__Wire__Retry wire = QANAT__WIRE__RETRY__INIT;

    wire.after_ms = message->retry.after_ms;
    protobuf_encode(&wire.base, body);
    return S_OK;
}

enum status retry_decode(struct bytes body, struct arena *arena, struct message *out)
{
    ProtobufCMessage *base;
    enum status status =
        protobuf_decode(&qanat__wire__retry__descriptor, body, PROTOBUF_FIELDS_FLAT, arena, &base);

    if (status == S_OK) {
        out->retry.after_ms = ((const Qanat__Wire__Retry *)base)->after_ms;
    }
    return status;
}

enum status refuse_encode(const struct message *message, struct buffer *body)
{
    const struct refuse_message *refuse = &message->refuse;
    Qanat__Wire__Refuse wire = QANAT__WIRE__REFUSE__INIT;
    struct bytes reason;

    wire.status = refuse->status;
    wire.type = refuse->type;
    wire.reason = protobuf_data(refuse->reason);
    if (refuse->reason.size > REASON_MAX) {
        return S_TOO_LARGE;
    }
    if (!protobuf_text(wire.reason, 0, REASON_MAX, &reason)) {
        return S_INVALID;
    }
    protobuf_encode(&wire.base, body);
    return S_OK;
}

enum status refuse_decode(struct bytes body, struct arena *arena, struct message *out)
{
    ProtobufCMessage *base;
    enum status status =
        protobuf_decode(&qanat__wire__refuse__descriptor, body, PROTOBUF_FIELDS_FLAT, arena, &base);

    if (status != S_OK) {
        return status;
    }
    const Qanat__Wire__Refuse *wire = (const Qanat__Wire__Refuse *)base;
    out->refuse.status = wire->status;
    out->refuse.type = wire->type;
    return protobuf_text(wire->reason, 0, REASON_MAX, &out->refuse.reason) ? S_OK : S_INVALID;
}
