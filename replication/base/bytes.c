#include "replication/base/bytes.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

struct bytes bytes_of(const void *data, size_t size)
{
    struct bytes bytes = {.data = data, .size = size};
    return bytes;
}

struct bytes bytes_text(const char *text)
{
    return bytes_of(text, strlen(text));
}

bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

int bytes_compare(struct bytes a, struct bytes b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    int order = size ? memcmp(a.data, b.data, size) : 0;

    if (order) {
        return order;
    }
    return (a.size > b.size) - (a.size < b.size);
}

void buffer_init(struct buffer *buffer)
{
    memset(buffer, 0, sizeof *buffer);
}

void buffer_release(struct buffer *buffer)
{
    free(buffer->data);
    buffer_init(buffer);
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
}

uint8_t *buffer_reserve(struct buffer *buffer, size_t size)
{
    CHECK(size <= SIZE_MAX / 2 - buffer->size);
    if (!buffer->data || buffer->size + size > buffer->capacity) {
        size_t capacity = buffer->capacity ? buffer->capacity : 64;
        while (capacity < buffer->size + size) {
            capacity *= 2;
        }
        uint8_t *data = realloc(buffer->data, capacity);
        CHECK(data);
        buffer->data = data;
        buffer->capacity = capacity;
    }
    return buffer->data + buffer->size;
}

void buffer_append(struct buffer *buffer, const void *data, size_t size)
{
    if (size) {
        memcpy(buffer_reserve(buffer, size), data, size);
        buffer->size += size;
    }
}

void buffer_append_u8(struct buffer *buffer, uint8_t value)
{
    buffer_append(buffer, &value, 1);
}

void buffer_append_u32(struct buffer *buffer, uint32_t value)
{
    uint8_t raw[4];
    for (int i = 0; i < 4; i++) {
        raw[i] = (uint8_t)(value >> (8 * i));
    }
    buffer_append(buffer, raw, sizeof raw);
}

void buffer_append_u64(struct buffer *buffer, uint64_t value)
{
    uint8_t raw[8];
    for (int i = 0; i < 8; i++) {
        raw[i] = (uint8_t)(value >> (8 * i));
    }
    buffer_append(buffer, raw, sizeof raw);
}

void buffer_append_varint(struct buffer *buffer, uint64_t value)
{
    uint8_t raw[10];
    size_t size = 0;

    while (value >= 0x80) {
        raw[size++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    raw[size++] = (uint8_t)value;
    buffer_append(buffer, raw, size);
}

struct bytes buffer_bytes(const struct buffer *buffer)
{
    return bytes_of(buffer->data, buffer->size);
}

bool bytes_take_varint(struct bytes *in, uint64_t *value_out)
{
    uint64_t value = 0;

    if (in->size > 0 && in->data[0] < 0x80) { /* most are small */
        *value_out = in->data[0];
        in->data++;
        in->size--;
        return true;
    }
    for (unsigned i = 0; i < 10 && i < in->size; i++) {
        uint8_t byte = in->data[i];
        if (i == 9 && byte > 1) {
            return false;
        }
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (!(byte & 0x80)) {
            if (byte == 0) {
                return false; /* not the shortest form */
            }
            in->data += i + 1;
            in->size -= i + 1;
            *value_out = value;
            return true;
        }
    }
    return false;
}

bool bytes_take(struct bytes *in, size_t size, struct bytes *out)
{
    if (in->size < size) {
        return false;
    }
    *out = bytes_of(in->data, size);
    if (size > 0) { /* nothing taken off an empty slice: its data may be NULL */
        in->data += size;
        in->size -= size;
    }
    return true;
}

uint64_t zigzag_encode(int64_t value)
{
    return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

int64_t zigzag_decode(uint64_t value)
{
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

struct hash hash_of(struct bytes key, struct bytes data)
{
    struct hash hash;
    CHECK(key.size <= crypto_generichash_KEYBYTES_MAX);
    int rc =
        crypto_generichash(hash.b, sizeof hash.b, data.data, data.size, key.size ? key.data : NULL, key.size);
    CHECK(rc == 0);
    return hash;
}

bool hash_equal(const struct hash *a, const struct hash *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

int hash_order(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct hash));
}

bool id_equal(const struct id *a, const struct id *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

const struct id id_none;

bool id_is_none(const struct id *id)
{
    return id_equal(id, &id_none);
}

int id_compare(const struct id *a, const struct id *b)
{
    return memcmp(a->b, b->b, sizeof a->b);
}

static void hex_encode(const uint8_t *data, size_t size, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        out[2 * i] = digits[data[i] >> 4];
        out[2 * i + 1] = digits[data[i] & 15];
    }
    out[2 * size] = '\0';
}

void hash_hex(const struct hash *hash, char out[HASH_HEX_SIZE])
{
    hex_encode(hash->b, sizeof hash->b, out);
}

void id_hex(const struct id *id, char out[ID_HEX_SIZE])
{
    hex_encode(id->b, sizeof id->b, out);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

bool hex_decode(const char *text, uint8_t *out, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        int high = hex_digit(text[2 * i]);
        int low = high < 0 ? -1 : hex_digit(text[2 * i + 1]);
        if (low < 0) {
            return false;
        }
        out[i] = (uint8_t)(high << 4 | low);
    }
    return text[2 * size] == '\0';
}

/* Length of the well-formed sequence at `s` (RFC 3629 table 3-7 of Unicode), or 0. */
static size_t utf8_sequence(const uint8_t *s, size_t size)
{
    uint8_t low = 0x80, high = 0xbf;
    size_t length;

    if (s[0] < 0x80) {
        return s[0] != 0;
    }
    if (s[0] >= 0xc2 && s[0] <= 0xdf) {
        length = 2;
    } else if (s[0] >= 0xe0 && s[0] <= 0xef) {
        length = 3;
        low = s[0] == 0xe0 ? 0xa0 : 0x80;
        high = s[0] == 0xed ? 0x9f : 0xbf;
    } else if (s[0] >= 0xf0 && s[0] <= 0xf4) {
        length = 4;
        low = s[0] == 0xf0 ? 0x90 : 0x80;
        high = s[0] == 0xf4 ? 0x8f : 0xbf;
    } else {
        return 0;
    }
    if (size < length || s[1] < low || s[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return length;
}

size_t utf8_valid_size(struct bytes text)
{
    size_t at = 0;
    while (at < text.size) {
        uint64_t eight;
        if (text.size - at >=
            sizeof eight) { /* most text is plain: eight bytes that are neither 0 nor above 0x7f */
            memcpy(&eight, text.data + at, sizeof eight);
            if (((eight - 0x0101010101010101ULL) | eight) & 0x8080808080808080ULL) {
                eight = 0;
            }
            if (eight) {
                at += sizeof eight;
                continue;
            }
        }
        size_t step = utf8_sequence(text.data + at, text.size - at);
        if (!step) {
            break;
        }
        at += step;
    }
    return at;
}

bool utf8_is_valid(struct bytes text)
{
    return utf8_valid_size(text) == text.size;
}

size_t utf8_unshown_size(struct bytes text)
{
    const uint8_t *s = text.data;

    if (text.size == 0) {
        return 0;
    }
    size_t size = utf8_sequence(s, text.size);
    if (size <= 1) {
        return s[0] < 0x20 || s[0] >= 0x7f; /* what is malformed is at least 0x80 */
    }
    bool is_c1 = size == 2 && s[0] == 0xc2 && s[1] < 0xa0;
    bool is_direction =
        size == 3 && s[0] == 0xe2 && ((s[1] == 0x80 && s[2] >= 0xa8 && s[2] <= 0xae) || (s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9));
    return is_c1 || is_direction ? size : 0;
}

size_t utf8_disarm(uint8_t *text, size_t size, const char *kept)
{
    size_t used = 0;

    for (size_t at = 0; at < size;) {
        size_t unshown = utf8_unshown_size(bytes_of(text + at, size - at));
        size_t taken = unshown ? unshown : utf8_sequence(text + at, size - at);

        if (unshown == 0 || (text[at] && text[at] < 0x80 && strchr(kept, text[at]))) {
            memmove(text + used, text + at, taken);
            used += taken;
        } else {
            text[used++] = '?';
        }
        at += taken;
    }
    CHECK(used <= size);
    return used;
}

void utf8_disarm_line(char *text)
{
    size_t size = utf8_whole_size(bytes_text(text));

    text[utf8_disarm((uint8_t *)text, size, "")] = '\0';
}

size_t utf8_whole_size(struct bytes text)
{
    for (size_t back = 1; back <= UTF8_SIZE_MAX - 1 && back <= text.size; back++) {
        uint8_t lead = text.data[text.size - back];
        size_t length = lead > 0xf4 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;

        if ((lead & 0xc0) != 0x80) {
            return length > back ? text.size - back : text.size;
        }
    }
    return text.size;
}
