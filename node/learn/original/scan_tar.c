/* tar, plain or in gzip: headers of 512 bytes, each with the content of a file behind it, filled up to 512.
 * POSIX.1-2017, pax, "ustar Interchange Format"; RFC 1952 for gzip. What is no plain file belongs to the
 * skeleton. */
#include <sodium.h>
#include <string.h>

#include "node/learn/original/scan.h"

enum {
    BLOCK = 512,
    SIZE_AT = 124,
    SIZE_SIZE = 12,
    CHECKSUM_AT = 148,
    CHECKSUM_SIZE = 8,
    KIND_AT = 156,
    READ_SIZE = 64 * 1024,
    GZIP_HEAD = 10,
    GZIP_CHECKED = 2, /* flags */
    GZIP_EXTRA = 4,
    GZIP_NAME = 8,
    GZIP_COMMENT = 16,
    GZIP_HEAD_MAX = 64 * 1024,
    GZIP_TAIL_MAX = 64 * 1024,
};

struct tar {
    struct scan *scan;
    uint8_t header[BLOCK];
    size_t header_size;
    uint64_t left;  /* of the content of a file */
    uint64_t plain; /* bytes that are copied as they come */
    crypto_generichash_state state;
    uint64_t size;
    bool is_over; /* what follows is no tar any more */
};

static bool number_of(const uint8_t *text, size_t size, uint64_t *out)
{
    uint64_t value = 0;

    if (text[0] == 0x80) { /* base 256 */
        for (size_t i = size - 8; i < size; i++) {
            value = value << 8 | text[i];
        }
        *out = value;
        return value <= (uint64_t)PACKAGE_SIZE_MAX;
    }
    size_t i = 0;
    while (i < size && text[i] == ' ') {
        i++;
    }
    for (; i < size && text[i] >= '0' && text[i] <= '7'; i++) {
        value = value << 3 | (uint64_t)(text[i] - '0');
    }
    *out = value;
    return i == size || text[i] == '\0' || text[i] == ' ';
}

static bool is_header(const uint8_t header[BLOCK])
{
    uint64_t expected;
    uint32_t sum = 0;

    for (size_t i = 0; i < BLOCK; i++) {
        bool is_checksum = i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_SIZE;
        sum += is_checksum ? ' ' : header[i];
    }
    return number_of(header + CHECKSUM_AT, CHECKSUM_SIZE, &expected) && sum == expected;
}

static bool is_zero(const uint8_t header[BLOCK])
{
    for (size_t i = 0; i < BLOCK; i++) {
        if (header[i] != 0) {
            return false;
        }
    }
    return true;
}

/* A whole header is there. */
static bool take_header(struct tar *tar)
{
    uint8_t kind = tar->header[KIND_AT];
    uint64_t size = 0;

    tar->header_size = 0;
    if (!scan_literal(tar->scan, bytes_of(tar->header, BLOCK))) {
        return false;
    }
    if (is_zero(tar->header)) {
        return true;
    }
    if (!is_header(tar->header) || !number_of(tar->header + SIZE_AT, SIZE_SIZE, &size)) {
        tar->is_over = true;
        return true;
    }
    uint64_t filling = (BLOCK - size % BLOCK) % BLOCK;
    bool is_file = kind == '0' || kind == '\0' || kind == '7';
    bool has_content = is_file || kind == 'x' || kind == 'g' || kind == 'L' || kind == 'K';
    if (is_file && size > 0) {
        tar->left = tar->size = size;
        crypto_generichash_init(&tar->state, NULL, 0, sizeof(struct hash));
        tar->plain = filling;
    } else {
        tar->plain = has_content ? size + filling : 0;
    }
    return true;
}

static bool end_content(struct tar *tar)
{
    struct recipe_entry entry = {.packed_size = tar->size, .plain_size = tar->size};
    struct hash hash;

    crypto_generichash_final(&tar->state, hash.b, sizeof hash.b);
    return scan_entry(tar->scan, &entry, &hash);
}

static size_t least(uint64_t a, size_t b)
{
    return a < b ? (size_t)a : b;
}

/* Takes some of the input: content, bytes as they are, or (a part of) a header. Zero: a fault. */
static size_t take_some(struct tar *tar, struct bytes data)
{
    if (tar->left > 0) {
        size_t size = least(tar->left, data.size);
        crypto_generichash_update(&tar->state, data.data, size);
        tar->left -= size;
        return tar->left > 0 || end_content(tar) ? size : 0;
    }
    if (tar->plain > 0 || tar->is_over) {
        size_t size = tar->is_over ? data.size : least(tar->plain, data.size);
        tar->plain -= tar->is_over ? 0 : size;
        return scan_literal(tar->scan, bytes_of(data.data, size)) ? size : 0;
    }
    size_t size = least(BLOCK - tar->header_size, data.size);
    memcpy(tar->header + tar->header_size, data.data, size);
    tar->header_size += size;
    return tar->header_size < BLOCK || take_header(tar) ? size : 0;
}

static bool take(void *ctx, struct bytes data)
{
    while (data.size > 0) {
        size_t size = take_some(ctx, data);
        if (size == 0) {
            return false;
        }
        data = bytes_of(data.data + size, data.size - size);
    }
    return true;
}

static bool finish(struct tar *tar)
{
    if (tar->left > 0) {
        tar->scan->fault = "the tar archive is cut";
        return false;
    }
    return scan_literal(tar->scan, bytes_of(tar->header, tar->header_size));
}

bool scan_is_tar(struct scan *scan)
{
    uint8_t header[BLOCK];

    return scan_read(scan, 0, header, sizeof header) && is_header(header);
}

bool scan_tar(struct scan *scan)
{
    struct tar tar = {.scan = scan};
    uint8_t data[READ_SIZE];

    for (uint64_t at = 0; at < scan->size;) {
        size_t size = least(scan->size - at, sizeof data);
        if (!scan_read(scan, at, data, size) || !take(&tar, bytes_of(data, size))) {
            return false;
        }
        at += size;
    }
    return finish(&tar);
}

/* --- gzip around it --- */

/* How long the header is; 0 when it is none that we know. */
static uint64_t head_size(struct scan *scan)
{
    uint8_t head[GZIP_HEAD_MAX];
    size_t size = least(scan->size, sizeof head), at = GZIP_HEAD;

    if (size < GZIP_HEAD || !scan_read(scan, 0, head, size) || head[0] != 0x1f || head[1] != 0x8b ||
        head[2] != 8 || (head[3] & 0xe0) != 0) {
        return 0;
    }
    if (head[3] & GZIP_EXTRA) {
        at += size >= at + 2 ? 2u + head[at] + 256u * head[at + 1] : size;
    }
    for (unsigned text = GZIP_NAME; text <= GZIP_COMMENT; text *= 2) {
        if (head[3] & text) {
            const uint8_t *end = at < size ? memchr(head + at, 0, size - at) : NULL;
            at = end ? (size_t)(end - head) + 1 : size;
        }
    }
    at += head[3] & GZIP_CHECKED ? 2 : 0;
    return at < size ? at : 0;
}

static bool keep_range(struct scan *scan, uint64_t from, uint64_t to, struct bytes *out)
{
    uint8_t *data = arena_alloc(&scan->arena, (size_t)(to - from) + 1);

    *out = bytes_of(data, (size_t)(to - from));
    return data && scan_read(scan, from, data, out->size);
}

bool scan_tar_gz(struct scan *scan)
{
    struct tar tar = {.scan = scan};
    struct scan_stream stream;
    struct recipe *recipe = &scan->recipe;
    uint64_t head = head_size(scan);

    if (head == 0 || !scan_stream(scan, head, scan->size, take, &tar, &stream) || !finish(&tar)) {
        scan->fault = scan->fault ? scan->fault : "what gzip compressed is damaged";
        return false;
    }
    uint64_t tail = head + stream.packed_size;
    if (stream.settings.level == 0 || scan->size - tail > GZIP_TAIL_MAX) {
        scan->fault = "no settings of gzip give this stream";
        return false;
    }
    recipe->is_wrapped = true;
    recipe->wrap_settings = stream.settings;
    recipe->wrap_blocks = stream.blocks;
    return keep_range(scan, 0, head, &recipe->wrap_head) &&
           keep_range(scan, tail, scan->size, &recipe->wrap_tail);
}
