#include "replication/crdt/cell.h"

#include <string.h>

#include "replication/base/check.h"

enum { STAMP_SIZE = 8 };

enum status cell_check(const struct cell *cell)
{
    if (cell->key.size > CELL_KEY_MAX || cell->value.size > CELL_VALUE_MAX || cell->seq > SEQ_MAX) {
        return S_TOO_LARGE;
    }
    if (cell->key.size == 0 || cell->value.size == 0 || cell->seq == 0) {
        return S_INVALID;
    }
    return S_OK;
}

enum status cell_key_join(const struct bytes *segments, size_t count, struct buffer *out)
{
    buffer_clear(out);
    if (count == 0 || count > KEY_SEGMENTS_MAX) {
        return S_INVALID;
    }
    for (size_t i = 0; i < count; i++) {
        const struct bytes *segment = &segments[i];
        if (segment->size && memchr(segment->data, KEY_SEPARATOR, segment->size)) {
            return S_INVALID;
        }
        if (segment->size + (i > 0) > CELL_KEY_MAX - out->size) {
            return S_TOO_LARGE;
        }
        if (i > 0) {
            buffer_append_u8(out, KEY_SEPARATOR);
        }
        buffer_append(out, segment->data, segment->size);
    }
    return out->size > 0 ? S_OK : S_INVALID;
}

size_t cell_key_split(struct bytes key, struct bytes *segments, size_t max)
{
    size_t count = 0, start = 0;

    for (size_t at = 0; at <= key.size; at++) {
        if (at < key.size && key.data[at] != KEY_SEPARATOR) {
            continue;
        }
        if (count == max) {
            return 0;
        }
        segments[count++] = bytes_of(key.data ? key.data + start : NULL, at - start);
        start = at + 1;
    }
    return count;
}

void cell_value_number(struct buffer *out, enum cell_kind kind, int64_t number)
{
    CHECK(kind == CELL_COUNT || kind == CELL_SUM);
    buffer_append_u8(out, (uint8_t)kind);
    buffer_append_varint(out, zigzag_encode(number));
}

void cell_value_register(struct buffer *out, hlc stamp, struct bytes content)
{
    CHECK(content.size <= CELL_VALUE_MAX - 1 - STAMP_SIZE);
    buffer_append_u8(out, CELL_REGISTER);
    buffer_append_u64(out, stamp);
    buffer_append(out, content.data, content.size);
}

bool cell_value_get_number(struct bytes value, int64_t *number_out)
{
    uint64_t raw;

    if (value.size < 2 || (value.data[0] != CELL_COUNT && value.data[0] != CELL_SUM)) {
        return false;
    }
    struct bytes in = bytes_of(value.data + 1, value.size - 1);
    if (!bytes_take_varint(&in, &raw) || in.size > 0) {
        return false;
    }
    *number_out = zigzag_decode(raw);
    return true;
}

bool cell_value_get_register(struct bytes value, hlc *stamp_out, struct bytes *content_out)
{
    if (value.size < 1 + STAMP_SIZE || value.data[0] != CELL_REGISTER) {
        return false;
    }
    hlc stamp = 0;
    for (unsigned i = 0; i < STAMP_SIZE; i++) {
        stamp |= (uint64_t)value.data[1 + i] << (8 * i);
    }
    *stamp_out = stamp;
    *content_out = bytes_of(value.data + 1 + STAMP_SIZE, value.size - 1 - STAMP_SIZE);
    return true;
}
