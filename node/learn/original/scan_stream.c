/* The settings of a deflate stream: the likely ones are tried on its beginning, and who passes makes it all
 * again. */
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "node/learn/original/scan.h"

enum { EXPAND_EMIT = 128 * 1024, PROBE_CONTENT = 256 * 1024, FULL_TRIES_MAX = 4 };

static const struct deflate_settings likely[] = {
    {6, 15}, {9, 15}, {6, 16}, {9, 16}, {1, 15}, {8, 15}, {5, 15}, {7, 15}, {4, 15},
    {3, 15}, {2, 15}, {1, 16}, {8, 16}, {5, 16}, {7, 16}, {4, 16}, {3, 16}, {2, 16},
};

/* A part of the archive, read from front to back. */
struct range {
    struct scan *scan;
    uint64_t at, end;
};

static size_t range_fill(void *ctx, uint8_t *out, size_t size)
{
    struct range *range = ctx;
    uint64_t left = range->end - range->at;

    size = left < size ? (size_t)left : size;
    if (!scan_read(range->scan, range->at, out, size)) {
        return 0;
    }
    range->at += size;
    return size;
}

/* Content coming out of a stream. */
struct expansion {
    struct deflate_reader *reader;
    struct buffer content; /* the last window, and what is not given on yet from `said` */
    size_t said;
    uint64_t size;
    uint64_t symbols;      /* of the block being read */
    struct buffer *blocks; /* NULL: not wanted */
    scan_content *take;
    void *ctx;
};

static bool give_on(struct expansion *expansion)
{
    struct buffer *content = &expansion->content;
    bool is_taken = expansion->take(
        expansion->ctx, bytes_of(content->data + expansion->said, content->size - expansion->said));

    if (content->size > DEFLATE_WINDOW) {
        memmove(content->data, content->data + content->size - DEFLATE_WINDOW, DEFLATE_WINDOW);
        content->size = DEFLATE_WINDOW;
    }
    expansion->said = content->size;
    return is_taken;
}

/* False when a symbol points before the content. */
static bool expand_symbols(struct expansion *expansion, const struct deflate_symbol *symbols, size_t count)
{
    struct buffer *content = &expansion->content;
    uint8_t *out = buffer_reserve(content, count * DEFLATE_MATCH_MAX);
    const uint8_t *begin = content->data;

    for (size_t i = 0; i < count; i++) {
        if (symbols[i].length == 0) {
            *out++ = (uint8_t)symbols[i].value;
            continue;
        }
        if (symbols[i].value > out - begin) {
            return false;
        }
        for (const uint8_t *from = out - symbols[i].value, *end = from + symbols[i].length; from < end;) {
            *out++ = *from++;
        }
    }
    size_t size = (size_t)(out - begin);
    expansion->size += size - content->size;
    expansion->symbols += count;
    content->size = size;
    return true;
}

static void expand_run(struct expansion *expansion, struct bytes run)
{
    buffer_append(&expansion->content, run.data, run.size);
    expansion->size += run.size;
    expansion->symbols += run.size;
}

/* Reads the whole stream, or until the content was not taken. True at its sound end. */
static bool expand(struct expansion *expansion)
{
    struct deflate_batch batch;
    bool is_sound = true;

    while (is_sound) {
        switch (deflate_reader_next(expansion->reader, &batch)) {
        case DEFLATE_SYMBOLS:
            is_sound = expand_symbols(expansion, batch.symbols, batch.count);
            break;
        case DEFLATE_RUN:
            expand_run(expansion, batch.run);
            break;
        case DEFLATE_BLOCK_END:
            if (expansion->blocks) {
                buffer_append_varint(expansion->blocks,
                                     expansion->symbols << 2 | deflate_reader_block(expansion->reader));
            }
            expansion->symbols = 0;
            break;
        case DEFLATE_END:
            return give_on(expansion);
        case DEFLATE_FAULT:
            return false;
        }
        if (is_sound && expansion->content.size - expansion->said >= EXPAND_EMIT) {
            is_sound = give_on(expansion);
        }
    }
    return false;
}

/* --- trying settings --- */

struct trial {
    struct scan *scan;
    uint64_t at, end; /* of the stream: what has to come next */
    struct deflate_remake *remake;
    uint64_t content_left; /* so much is tried */
    bool is_wrong;
};

/* A sink: what was made must be what stands there. */
static bool compare(void *ctx, struct bytes data)
{
    struct trial *trial = ctx;
    uint8_t there[16 * 1024];

    while (data.size > 0) {
        size_t size = data.size < sizeof there ? data.size : sizeof there;

        if (size > trial->end - trial->at || !scan_read(trial->scan, trial->at, there, size) ||
            memcmp(there, data.data, size) != 0) {
            trial->is_wrong = true;
            return false;
        }
        trial->at += size;
        data = bytes_of(data.data + size, data.size - size);
    }
    return true;
}

static bool try_content(void *ctx, struct bytes content)
{
    struct trial *trial = ctx;
    bool is_last = content.size > trial->content_left;

    if (is_last) {
        content.size = (size_t)trial->content_left;
    }
    trial->content_left -= content.size;
    trial->is_wrong = deflate_remake_put(trial->remake, content) != S_OK || trial->is_wrong;
    return !trial->is_wrong && !is_last;
}

/* Do these settings give the stream, as far as `content_max` bytes of content tell? */
static bool settings_fit(struct scan *scan, uint64_t from, const struct scan_stream *stream,
                         const struct deflate_settings *settings, uint64_t content_max)
{
    struct trial trial = {
        .scan = scan, .at = from, .end = from + stream->packed_size, .content_left = content_max};
    struct range range = {scan, from, from + stream->packed_size};
    struct expansion expansion = {.take = try_content, .ctx = &trial};

    trial.remake = deflate_remake_open(settings, stream->blocks, compare, &trial);
    expansion.reader = deflate_reader_open(range_fill, &range);
    bool is_whole = expand(&expansion);
    if (is_whole) {
        trial.is_wrong = deflate_remake_end(trial.remake) != S_OK || trial.at != trial.end;
    }
    deflate_reader_close(expansion.reader);
    deflate_remake_close(trial.remake);
    buffer_release(&expansion.content);
    return !trial.is_wrong && (is_whole || content_max < stream->plain_size);
}

static void settings_find(struct scan *scan, uint64_t from, struct scan_stream *stream)
{
    int tries = 0;

    for (size_t i = 0; i <= sizeof likely / sizeof *likely && tries < FULL_TRIES_MAX; i++) {
        struct deflate_settings settings = i == 0 ? scan->last : likely[i - 1];

        if (settings.level == 0 || !settings_fit(scan, from, stream, &settings, PROBE_CONTENT)) {
            continue;
        }
        tries++;
        if (stream->plain_size <= PROBE_CONTENT || settings_fit(scan, from, stream, &settings, UINT64_MAX)) {
            stream->settings = scan->last = settings;
            return;
        }
    }
}

/* --- the first reading --- */

struct reading {
    crypto_generichash_state state;
    scan_content *content;
    void *ctx;
};

static bool read_content(void *ctx, struct bytes content)
{
    struct reading *reading = ctx;

    crypto_generichash_update(&reading->state, content.data, content.size);
    return !reading->content || reading->content(reading->ctx, content);
}

bool scan_stream(struct scan *scan, uint64_t from, uint64_t to, scan_content *content, void *ctx,
                 struct scan_stream *out)
{
    struct reading reading = {.content = content, .ctx = ctx};
    struct range range = {scan, from, to};
    struct buffer blocks;
    struct expansion expansion = {.blocks = &blocks, .take = read_content, .ctx = &reading};

    memset(out, 0, sizeof *out);
    buffer_init(&blocks);
    crypto_generichash_init(&reading.state, NULL, 0, sizeof out->hash.b);
    expansion.reader = deflate_reader_open(range_fill, &range);
    bool is_sound = expand(&expansion);
    out->packed_size = deflate_reader_used(expansion.reader);
    out->plain_size = expansion.size;
    deflate_reader_close(expansion.reader);
    buffer_release(&expansion.content);
    crypto_generichash_final(&reading.state, out->hash.b, sizeof out->hash.b);
    out->blocks = arena_copy(&scan->arena, buffer_bytes(&blocks));
    buffer_release(&blocks);
    if (is_sound && out->blocks.data) {
        settings_find(scan, from, out);
    }
    return is_sound;
}
