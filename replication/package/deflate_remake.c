#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/package/deflate.h"

enum { PIECE_SIZE = 64 * 1024, SINK_FROM = 16 * 1024 };

struct deflate_remake {
    struct deflate_matcher *matcher;
    struct deflate_writer writer;
    deflate_sink *sink;
    void *ctx;
    struct bytes blocks; /* those still to come */
    bool has_block, is_done;
    enum deflate_block type;
    size_t expected;       /* symbols of this block, or bytes of a stored one */
    size_t count;          /* symbols gathered */
    struct buffer stored;  /* bytes gathered of a stored block */
    struct buffer history; /* the last content, for matches in a stored block */
    struct deflate_symbol symbols[DEFLATE_BLOCK_MAX];
};

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
    return remake;
}

void deflate_remake_close(struct deflate_remake *remake)
{
    if (remake) {
        deflate_matcher_close(remake->matcher);
        buffer_release(&remake->writer.out);
        buffer_release(&remake->stored);
        buffer_release(&remake->history);
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
    buffer_clear(&remake->stored);
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

static enum status block_write(struct deflate_remake *remake)
{
    remake->has_block = false;
    remake->is_done = remake->blocks.size == 0;
    deflate_write_block(&remake->writer, remake->type, remake->is_done, remake->symbols, remake->count,
                        buffer_bytes(&remake->stored));
    return flush(remake, SINK_FROM);
}

/* The bytes that symbols stand for are kept for stored blocks: of a window, and of the block itself. */
static void history_add(struct deflate_remake *remake, const struct deflate_symbol *symbol)
{
    struct buffer *history = &remake->history;

    if (history->size > 4 * DEFLATE_WINDOW) {
        memmove(history->data, history->data + history->size - DEFLATE_WINDOW, DEFLATE_WINDOW);
        history->size = DEFLATE_WINDOW;
    }
    if (symbol->length == 0) {
        buffer_append_u8(history, (uint8_t)symbol->value);
        return;
    }
    uint8_t *out = buffer_reserve(history, symbol->length);
    for (size_t i = 0; i < symbol->length; i++) {
        out[i] = out[i - symbol->value]; /* found by the matcher in the content before */
    }
    history->size += symbol->length;
}

static enum status symbol_take(struct deflate_remake *remake, const struct deflate_symbol *symbol)
{
    size_t size = symbol->length ? symbol->length : 1;

    if (!remake->has_block && block_begin(remake) != S_OK) {
        return S_INVALID;
    }
    history_add(remake, symbol);
    if (remake->type == DEFLATE_STORED) {
        buffer_append(&remake->stored, remake->history.data + remake->history.size - size, size);
        if (remake->stored.size > remake->expected) {
            return S_INVALID; /* a block ends between symbols */
        }
        return remake->stored.size == remake->expected ? block_write(remake) : S_OK;
    }
    if (remake->count == remake->expected) {
        return S_INVALID; /* an empty block stands alone at the end */
    }
    remake->symbols[remake->count++] = *symbol;
    return remake->count == remake->expected ? block_write(remake) : S_OK;
}

static enum status drain(struct deflate_remake *remake)
{
    struct deflate_symbol symbol;
    enum status status = S_OK;

    while (status == S_OK && deflate_matcher_next(remake->matcher, &symbol)) {
        status = remake->is_done ? S_INVALID : symbol_take(remake, &symbol);
    }
    return status;
}

enum status deflate_remake_put(struct deflate_remake *remake, struct bytes content)
{
    enum status status = S_OK;

    while (content.size > 0 && status == S_OK) {
        size_t size = content.size < PIECE_SIZE ? content.size : PIECE_SIZE;
        deflate_matcher_put(remake->matcher, bytes_of(content.data, size));
        content = bytes_of(content.data + size, content.size - size);
        status = drain(remake);
    }
    return status;
}

enum status deflate_remake_end(struct deflate_remake *remake)
{
    enum status status;

    deflate_matcher_end(remake->matcher);
    status = drain(remake);
    if (status == S_OK && !remake->is_done && !remake->has_block) { /* an empty block ends it */
        status = block_begin(remake);
        if (status == S_OK && remake->expected == 0) {
            status = block_write(remake);
        }
    }
    if (status == S_OK && !remake->is_done) {
        status = S_INVALID;
    }
    return status == S_OK ? flush(remake, 1) : status;
}
