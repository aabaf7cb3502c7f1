#include "replication/wire/message.h"

#include "replication/base/check.h"
#include "replication/wire/frame.h"
#include "replication/wire/message_codec.h"

/* One row per message: a new message is a row here, a struct in message.h, a message in messages.proto and a
 * codec. */
struct codec {
    const char *name;
    size_t body_max; /* checked before protobuf sees the body; leaves room for fields of later versions */
    message_body_encode *encode;
    message_body_decode *decode;
};

static const struct codec codecs[] = {
    [MESSAGE_HELLO] = {"hello", 512, hello_encode, hello_decode},
    [MESSAGE_VECTOR] = {"vector", 64 * 1024, vector_message_encode, vector_message_decode},
    [MESSAGE_BUCKETS] = {"buckets", 32 * 1024, buckets_encode, buckets_decode},
    [MESSAGE_WANT] = {"want", 64 * 1024, want_encode, want_decode},
    [MESSAGE_BATCH] = {"batch", BODY_SIZE_MAX, batch_body_encode, batch_body_decode},
    [MESSAGE_CREDIT] = {"credit", 512, credit_encode, credit_decode},
    [MESSAGE_HELD] = {"held", 64 * 1024, held_encode, held_decode},
    [MESSAGE_ASK] = {"ask", 64 * 1024, hashes_encode, hashes_decode},
    [MESSAGE_PIECES] = {"pieces", BODY_SIZE_MAX, pieces_encode, pieces_decode},
    [MESSAGE_ABSENT] = {"absent", 64 * 1024, hashes_encode, hashes_decode},
    [MESSAGE_RETRY] = {"retry", 512, retry_encode, retry_decode},
    [MESSAGE_REFUSE] = {"refuse", 2 * 1024, refuse_encode, refuse_decode},
    [MESSAGE_JOIN] = {"join", 4 * 1024, join_encode, join_decode},
    [MESSAGE_WELCOME] = {"welcome", BODY_SIZE_MAX, welcome_encode, welcome_decode},
    [MESSAGE_ASK_FROM] = {"ask from", 64 * 1024, ask_from_encode, ask_from_decode},
    [MESSAGE_PATCHES] = {"patches", 64 * 1024, patches_encode, patches_decode},
    [MESSAGE_OFFER] = {"offer", 64 * 1024, offer_encode, offer_decode},
};

/* NULL for a number that is no message (yet). */
static const struct codec *codec_find(unsigned type)
{
    if (type >= sizeof codecs / sizeof *codecs || !codecs[type].name) {
        return NULL;
    }
    return &codecs[type];
}

/* Contents are most of what a node sends: their body is made where the frame stands. */
static enum status content_encode(const struct codec *codec, const struct message *message, struct buffer *out)
{
    size_t start = frame_begin_content(out);
    enum status status = codec->encode(message, out);

    if (status == S_OK && out->size - start - FRAME_HEAD_MAX > codec->body_max) {
        status = S_TOO_LARGE;
    }
    if (status != S_OK) {
        out->size = start;
        return status;
    }
    return frame_end_content((uint8_t)message->type, start, message->type == MESSAGE_PIECES && message->pieces.is_dense, out);
}

enum status message_encode(const struct message *message, struct buffer *out)
{
    const struct codec *codec = codec_find(message->type);
    struct buffer body;

    CHECK(codec);
    if (message->type == MESSAGE_PIECES || message->type == MESSAGE_PATCHES) {
        return content_encode(codec, message, out);
    }
    buffer_init(&body);
    enum status status = codec->encode(message, &body);
    if (status == S_OK && body.size > codec->body_max) {
        status = S_TOO_LARGE;
    }
    if (status == S_OK) {
        status = frame_encode((uint8_t)message->type, buffer_bytes(&body), out);
    }
    buffer_release(&body);
    return status;
}

enum status message_decode(struct bytes frame, struct arena *arena, struct message *out)
{
    struct frame opened;
    enum status status = frame_decode(frame, arena, &opened);

    if (status != S_OK) {
        return status;
    }
    const struct codec *codec = codec_find(opened.type);
    if (!codec) {
        return S_VERSION;
    }
    if (opened.body.size > codec->body_max) {
        return S_TOO_LARGE;
    }
    out->type = (enum message_type)opened.type;
    return codec->decode(opened.body, arena, out);
}

const char *message_name(unsigned type)
{
    const struct codec *codec = codec_find(type);
    return codec ? codec->name : "?";
}

bool message_is_bulk(unsigned type)
{
    return type == MESSAGE_BATCH || type == MESSAGE_PIECES || type == MESSAGE_PATCHES;
}
