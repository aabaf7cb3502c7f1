/* Blocks of symbols are made from what the matcher finds. A stored block is the content itself: where all
 * blocks are stored, as of film, nothing is searched at all. */
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/package/deflate.h"

enum { PIECE_SIZE = 64 * 1024, SINK_FROM = 16 * 1024, STORED_BATCH = 1024 };

struct deflate_remake {
    struct deflate_matcher *matcher;
    struct deflate_writer writer;
    deflate_sink *sink;
    void *ctx;
    struct bytes blocks; /* those still to come */
    bool has_stored;     /* some of them are stored: content is kept for these */
    bool is_stored;      /* all of them are */
    bool has_block, is_done;
    enum deflate_block type;
    size_t expected;       /* symbols of this block, or bytes of a stored one */
    size_t count;          /* of them gathered */
    struct buffer content; /* that no block was made of yet, when some are stored */
    struct deflate_symbol symbols[DEFLATE_BLOCK_MAX];
};

static void look_at_blocks(struct deflate_remake *remake)
{
    struct bytes blocks = remake->blocks;
    uint64_t value;

    remake->is_stored = blocks.size > 0;
    while (bytes_take_varint(&blocks, &value)) {
        remake->has_stored = remake->has_stored || (value & 3) == DEFLATE_STORED;
        remake->is_stored = remake->is_stored && (value & 3) == DEFLATE_STORED;
    }
}

struct deflate_remake *deflate_remake_open(const struct deflate_settings *settings, struct bytes blocks,
                                           deflate_sink *sink, void *ctx)
{
    struct deflate_matcher *matcher = deflate_matcher_open(settings);
    struct deflate_remake *remake = matcher ? calloc(1, sizeof *remake) : NULL;

    if (!matcher) {
        return NULL;
    }
    CHECK(remake);
    remake->matcher = matcher;
    remake->blocks = blocks;
    remake->sink = sink;
    remake->ctx = ctx;
    look_at_blocks(remake);
    return remake;
}

void deflate_remake_close(struct deflate_remake *remake)
{
    if (remake) {
        deflate_matcher_close(remake->matcher);
        buffer_release(&remake->writer.out);
        buffer_release(&remake->content);
        free(remake);
    }
}

static enum status block_begin(struct deflate_remake *remake)
{
    uint64_t value;

    if (!bytes_take_varint(&remake->blocks, &value) || value >> 2 > DEFLATE_BLOCK_MAX ||
        (value & 3) > DEFLATE_DYNAMIC) {
        return S_INVALID;
    }
    remake->type = (enum deflate_block)(value & 3);
    remake->expected = (size_t)(value >> 2);
    remake->count = 0;
    remake->has_block = true;
    return S_OK;
}

static enum status flush(struct deflate_remake *remake, size_t from)
{
    struct buffer *out = &remake->writer.out;
    bool is_taken = out->size < from || remake->sink(remake->ctx, buffer_bytes(out));

    if (out->size >= from) {
        buffer_clear(out);
    }
    return is_taken ? S_OK : S_PARTIAL;
}

static void content_drop(struct deflate_remake *remake, size_t size)
{
    struct buffer *content = &remake->content;

    CHECK(size <= content->size);
    if (size > 0) {
        memmove(content->data, content->data + size, content->size - size);
        content->size -= size;
    }
}

static enum status block_write(struct deflate_remake *remake)
{
    size_t stored = remake->type == DEFLATE_STORED ? remake->expected : 0;

    remake->has_block = false;
    remake->is_done = remake->blocks.size == 0;
    deflate_write_block(&remake->writer, remake->type, remake->is_done, remake->symbols, remake->count,
                        bytes_of(remake->content.data, stored));
    content_drop(remake, stored);
    return flush(remake, SINK_FROM);
}

/* How many bytes symbols stand for. */
static size_t size_of(const struct deflate_symbol *symbols, size_t count)
{
    size_t size = 0;

    for (size_t i = 0; i < count; i++) {
        size += symbols[i].length ? symbols[i].length : 1;
    }
    return size;
}

/* Takes what the matcher has for a block of symbols; *count_out is 0 when that is nothing. */
static enum status coded_take(struct deflate_remake *remake, size_t *count_out)
{
    struct deflate_symbol *symbols = remake->symbols + remake->count;
    struct deflate_symbol one;
    size_t left = remake->expected - remake->count;

    if (left == 0) { /* an empty block stands alone at the end */
        *count_out = 0;
        return deflate_matcher_next(remake->matcher, &one, 1) > 0 ? S_INVALID : S_OK;
    }
    *count_out = deflate_matcher_next(remake->matcher, symbols, left);
    remake->count += *count_out;
    if (remake->has_stored) {
        content_drop(remake, size_of(symbols, *count_out));
    }
    return remake->count == remake->expected ? block_write(remake) : S_OK;
}

/* The same for a stored block, which ends between two symbols of the matcher. */
static enum status stored_take(struct deflate_remake *remake, size_t *count_out)
{
    struct deflate_symbol symbols[STORED_BATCH];
    size_t left = remake->expected - remake->count;
    size_t max = left / DEFLATE_MATCH_MAX; /* so many do not pass the end */

    max = max < 1 ? 1 : max < STORED_BATCH ? max : STORED_BATCH;
    *count_out = deflate_matcher_next(remake->matcher, symbols, max);
    size_t size = size_of(symbols, *count_out);
    if (size > left) {
        return S_INVALID;
    }
    remake->count += size;
    return size > 0 && size == left ? block_write(remake) : S_OK;
}

static enum status drain(struct deflate_remake *remake)
{
    struct deflate_symbol one;
    enum status status = S_OK;
    size_t count = 1;

    while (status == S_OK && count > 0) {
        if (remake->is_done) {
            return deflate_matcher_next(remake->matcher, &one, 1) > 0 ? S_INVALID : S_OK;
        }
        if (!remake->has_block) {
            status = block_begin(remake);
        }
        if (status == S_OK) {
            status =
                remake->type == DEFLATE_STORED ? stored_take(remake, &count) : coded_take(remake, &count);
        }
    }
    return status;
}

/* Where all blocks are stored. */
static enum status stored_put(struct deflate_remake *remake, struct bytes content)
{
    enum status status = S_OK;

    while (content.size > 0 && status == S_OK) {
        if (!remake->has_block) {
            status = remake->is_done ? S_INVALID : block_begin(remake);
        }
        size_t left = remake->expected - remake->count;
        size_t size = left < content.size ? left : content.size;
        if (status != S_OK || size == 0) { /* an empty block stands alone at the end */
            return S_INVALID;
        }
        buffer_append(&remake->content, content.data, size);
        remake->count += size;
        content = bytes_of(content.data + size, content.size - size);
        if (size == left) {
            status = block_write(remake);
        }
    }
    return status;
}

enum status deflate_remake_put(struct deflate_remake *remake, struct bytes content)
{
    enum status status = S_OK;

    if (remake->is_stored) {
        return stored_put(remake, content);
    }
    while (content.size > 0 && status == S_OK) {
        size_t size = content.size < PIECE_SIZE ? content.size : PIECE_SIZE;
        deflate_matcher_put(remake->matcher, bytes_of(content.data, size));
        if (remake->has_stored) {
            buffer_append(&remake->content, content.data, size);
        }
        content = bytes_of(content.data + size, content.size - size);
        status = drain(remake);
    }
    return status;
}

enum status deflate_remake_end(struct deflate_remake *remake)
{
    enum status status = S_OK;

    deflate_matcher_end(remake->matcher);
    if (!remake->is_stored) {
        status = drain(remake);
    } else if (!remake->is_done && !remake->has_block) {
        status = block_begin(remake);
    }
    if (status == S_OK && !remake->is_done && remake->has_block && remake->expected == 0) {
        status = block_write(remake); /* an empty block ends it */
    }
    if (status == S_OK && !remake->is_done) {
        status = S_INVALID;
    }
    return status == S_OK ? flush(remake, 1) : status;
}
