#include "replication/wire/frame.h"

#include <string.h>
#include <zstd.h>

#include "replication/base/check.h"
#include "replication/package/density.h"

/* Over a million result cells (tests/bench/batch.c), levels 3 to 6 take the same time; 6 makes them 2.5 %
 * smaller than 3. */
enum { COMPRESSION_LEVEL = 6, COMPRESS_FROM = 128, BODY_PLAIN = 0, BODY_ZSTD = 1 };

/* Compresses `body` block by block; the size, or 0 when it does not get shorter than the body. */
static size_t body_compress(struct bytes body, const size_t *cuts, size_t cut_count, uint8_t *data,
                            size_t capacity)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_outBuffer to = {.dst = data, .size = capacity, .pos = 0};
    size_t left = 1;
    size_t from = 0;

    CHECK(context);
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, COMPRESSION_LEVEL);
    ZSTD_CCtx_setPledgedSrcSize(context, body.size);
    for (size_t i = 0; i <= cut_count; i++) {
        bool is_last = i == cut_count;
        size_t upto = is_last ? body.size : cuts[i];
        CHECK(upto >= from && upto <= body.size);
        ZSTD_inBuffer part = {.src = body.data + from, .size = upto - from, .pos = 0};
        from = upto;
        left = ZSTD_compressStream2(context, &to, &part, is_last ? ZSTD_e_end : ZSTD_e_flush);
        if (ZSTD_isError(left) || left > 0) {
            break;
        }
    }
    ZSTD_freeCCtx(context);
    return left == 0 && to.pos < body.size ? to.pos : 0;
}

static void head_append(uint8_t type, uint8_t kind, size_t body_size, struct buffer *out)
{
    buffer_append_u8(out, WIRE_VERSION);
    buffer_append_u8(out, type);
    buffer_append_u8(out, kind);
    buffer_append_varint(out, body_size);
}

static enum status frame_append(uint8_t type, uint8_t kind, size_t body_size, struct bytes payload,
                                struct buffer *out)
{
    if (FRAME_HEAD_MAX + payload.size > FRAME_SIZE_MAX) {
        return S_TOO_LARGE;
    }
    head_append(type, kind, body_size, out);
    buffer_append(out, payload.data, payload.size);
    return S_OK;
}

enum status frame_encode_columns(uint8_t type, struct bytes body, const size_t *cuts, size_t cut_count,
                                 struct buffer *out, size_t *size_out)
{
    struct buffer packed;
    size_t packed_size = 0;

    *size_out = 0;
    if (body.size > BODY_SIZE_MAX) {
        return S_TOO_LARGE;
    }
    buffer_init(&packed);
    if (body.size >= COMPRESS_FROM) {
        size_t capacity = ZSTD_compressBound(body.size) + 4 * cut_count;
        packed_size = body_compress(body, cuts, cut_count, buffer_reserve(&packed, capacity), capacity);
    }
    *size_out = FRAME_HEAD_MAX + (packed_size ? packed_size : body.size);
    enum status status =
        packed_size ? frame_append(type, BODY_ZSTD, body.size, bytes_of(packed.data, packed_size), out)
                    : frame_append(type, BODY_PLAIN, body.size, body, out);
    buffer_release(&packed);
    return status;
}

enum status frame_encode(uint8_t type, struct bytes body, struct buffer *out)
{
    size_t size;
    return frame_encode_columns(type, body, NULL, 0, out, &size);
}

size_t frame_begin_content(struct buffer *out)
{
    size_t start = out->size;

    (void)buffer_reserve(out, FRAME_HEAD_MAX);
    out->size += FRAME_HEAD_MAX;
    return start;
}

enum status frame_end_content(uint8_t type, size_t start, bool is_dense, struct buffer *out)
{
    CHECK(out->size >= start + FRAME_HEAD_MAX);
    struct bytes body = bytes_of(out->data + start + FRAME_HEAD_MAX, out->size - start - FRAME_HEAD_MAX);

    out->size = start;
    if (!is_dense && !density_is_high(body)) {
        struct buffer packed;
        buffer_init(&packed);
        enum status status = frame_encode(type, body, &packed);
        buffer_append(out, packed.data, packed.size);
        buffer_release(&packed);
        return status;
    }
    if (FRAME_HEAD_MAX + body.size > FRAME_SIZE_MAX) {
        return S_TOO_LARGE;
    }
    head_append(type, BODY_PLAIN, body.size, out); /* fits the room before the body, and mostly fills it */
    CHECK(out->size <= start + FRAME_HEAD_MAX);
    if (out->data + out->size != body.data) {
        memmove(out->data + out->size, body.data, body.size);
    }
    out->size += body.size;
    return S_OK;
}

/* True when `in` starts with a zstd frame head (RFC 8878, 3.1.1.1) that asks for no dictionary and no window
 * over the limit. */
static bool zstd_head_is_modest(struct bytes in)
{
    static const uint8_t magic[] = {0x28, 0xb5, 0x2f, 0xfd};
    struct bytes head, window;

    if (!bytes_take(&in, sizeof magic, &head) || !bytes_equal(head, bytes_of(magic, sizeof magic)) ||
        !bytes_take(&in, 1, &head)) {
        return false;
    }
    bool has_dictionary = (head.data[0] & 0x03) != 0;
    bool is_single_segment = (head.data[0] & 0x20) != 0;
    if (has_dictionary) {
        return false;
    }
    if (is_single_segment) {
        return true; /* the window is the content, and that is checked against the declared size */
    }
    return bytes_take(&in, 1, &window) && 10 + (window.data[0] >> 3) < ZSTD_WINDOW_LOG_MAX + 1;
}

static enum status body_decompress(struct bytes in, size_t size, struct arena *arena, struct bytes *body_out)
{
    if (!zstd_head_is_modest(in) || ZSTD_getFrameContentSize(in.data, in.size) != size ||
        ZSTD_findFrameCompressedSize(in.data, in.size) != in.size) {
        return S_INVALID;
    }
    uint8_t *data = arena_alloc(arena, size);
    if (!data) {
        return S_TOO_LARGE;
    }
    if (ZSTD_decompress(data, size, in.data, in.size) != size) {
        return S_INVALID;
    }
    *body_out = bytes_of(data, size);
    return S_OK;
}

enum status frame_decode(struct bytes in, struct arena *arena, struct frame *out)
{
    struct bytes head;
    uint64_t size;

    if (in.size > FRAME_SIZE_MAX) {
        return S_TOO_LARGE;
    }
    if (!bytes_take(&in, 1, &head)) {
        return S_INVALID;
    }
    if (head.data[0] != WIRE_VERSION) {
        return S_VERSION;
    }
    if (!bytes_take(&in, 2, &head) || !bytes_take_varint(&in, &size)) {
        return S_INVALID;
    }
    if (size > BODY_SIZE_MAX) {
        return S_TOO_LARGE;
    }
    out->type = head.data[0];
    if (head.data[1] == BODY_ZSTD) {
        return body_decompress(in, (size_t)size, arena, &out->body);
    }
    if (head.data[1] != BODY_PLAIN || in.size != size) {
        return S_INVALID;
    }
    out->body = in;
    return S_OK;
}
