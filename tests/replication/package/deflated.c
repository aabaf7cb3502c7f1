#include "tests/replication/package/deflated.h"

#include <string.h>
#include <zlib.h>

void deflated_content(struct buffer *out, enum deflated_kind kind, size_t size, uint64_t seed)
{
    static const char *const words[] = {"water ",   "channel ", "under ",  "the ",  "dry ",
                                        "country ", "lesson ",  "teacher", ", ",    "<p>",
                                        "</p>\n",   "a ",       "of ",     "3,000 "};
    struct kit_random random;
    size_t end = out->size + size;

    kit_random_seed(&random, seed);
    while (out->size < end) {
        bool is_prose =
            kind == DEFLATED_PROSE || (kind == DEFLATED_MIXED && (end - out->size) / 40000 % 2 == 0);
        if (is_prose) {
            const char *word = words[kit_random_below(&random, sizeof words / sizeof *words)];
            buffer_append(out, word, strlen(word));
        } else {
            buffer_append_u8(out, kind == DEFLATED_ZEROS ? 0 : (uint8_t)kit_random_u64(&random));
        }
    }
    out->size = end;
}

void deflated_make(struct buffer *out, struct bytes content, int level, int memory)
{
    z_stream stream;

    memset(&stream, 0, sizeof stream);
    assert_int_equal(deflateInit2(&stream, level, Z_DEFLATED, -15, memory, Z_DEFAULT_STRATEGY), Z_OK);
    uLong bound = deflateBound(&stream, content.size);
    stream.next_in = (Bytef *)(uintptr_t)content.data;
    stream.avail_in = (uInt)content.size;
    stream.next_out = buffer_reserve(out, bound);
    stream.avail_out = (uInt)bound;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out->size += stream.total_out;
    deflateEnd(&stream);
}

static size_t take(void *ctx, uint8_t *out, size_t size)
{
    struct bytes *left = ctx;
    struct bytes part;

    size = size < left->size ? size : left->size;
    (void)bytes_take(left, size, &part);
    memcpy(out, part.data, size);
    return size;
}

static bool symbols_take(struct buffer *content, const struct deflate_batch *batch)
{
    for (size_t k = 0; k < batch->count; k++) {
        struct deflate_symbol symbol = batch->symbols[k];

        if (symbol.length > 0 && symbol.value > content->size) {
            return false;
        }
        for (size_t i = 0; i < (symbol.length ? symbol.length : 1u); i++) {
            buffer_append_u8(content, symbol.length ? content->data[content->size - symbol.value]
                                                    : (uint8_t)symbol.value);
        }
    }
    buffer_append(content, batch->run.data, batch->run.size);
    return true;
}

bool deflated_read(struct bytes stream, struct buffer *content, struct buffer *blocks, uint64_t *used_out)
{
    struct deflate_reader *reader = deflate_reader_open(take, &stream);
    static struct deflate_batch batch;
    enum deflate_item item;
    uint64_t symbols = 0;
    bool is_sound = true;

    while (is_sound && (item = deflate_reader_next(reader, &batch)) != DEFLATE_END) {
        is_sound = item != DEFLATE_FAULT && symbols_take(content, &batch);
        symbols += batch.count + batch.run.size;
        if (is_sound && item == DEFLATE_BLOCK_END) {
            buffer_append_varint(blocks, symbols << 2 | deflate_reader_block(reader));
            symbols = 0;
        }
    }
    *used_out = deflate_reader_used(reader);
    deflate_reader_close(reader);
    return is_sound;
}
