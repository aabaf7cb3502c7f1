#include "node/store/stream/key.h"

#include <string.h>

#include "node/store/stream/term.h"
#include "replication/base/check.h"
#include "replication/crdt/cell.h"

static void number_append(struct buffer *out, int64_t number)
{
    uint8_t *at = buffer_reserve(out, KEY_NUMBER_SIZE);
    uint64_t n = (uint64_t)number;

    CHECK(number >= 0 && n <= UINT32_MAX);
    if (n < 0x80) {
        at[0] = (uint8_t)n;
        out->size += 1;
    } else if (n < 0x4000) {
        at[0] = (uint8_t)(0x80 | n >> 8);
        at[1] = (uint8_t)n;
        out->size += 2;
    } else if (n < 0x200000) {
        at[0] = (uint8_t)(0xc0 | n >> 16);
        at[1] = (uint8_t)(n >> 8);
        at[2] = (uint8_t)n;
        out->size += 3;
    } else {
        at[0] = 0xe0;
        at[1] = (uint8_t)(n >> 24);
        at[2] = (uint8_t)(n >> 16);
        at[3] = (uint8_t)(n >> 8);
        at[4] = (uint8_t)n;
        out->size += 5;
    }
}

/* Takes one number off the front of `in`; false when it is cut short. */
static bool number_take(struct bytes *in, uint64_t *number_out)
{
    struct bytes rest;
    size_t size = 0;

    if (!in->size) {
        return false;
    }
    uint64_t first = in->data[0];
    if (first < 0x80) {
        *number_out = first;
    } else if (first < 0xc0) {
        size = 1;
        *number_out = first & 0x3f;
    } else if (first < 0xe0) {
        size = 2;
        *number_out = first & 0x1f;
    } else {
        size = 4;
        *number_out = 0;
    }
    *in = bytes_of(in->data + 1, in->size - 1);
    if (!bytes_take(in, size, &rest)) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        *number_out = *number_out << 8 | rest.data[i];
    }
    return true;
}

static bool is_written_out(struct bytes segment)
{
    if (segment.size < KEY_WRITTEN_OUT_MIN) {
        return false;
    }
    for (size_t i = 0; i < segment.size; i++) {
        uint8_t c = segment.data[i];
        bool is_id = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '-';
        if (!is_id) {
            return false;
        }
    }
    return true;
}

/* The first segment of `rest`, which is moved behind it and its separator. */
static struct bytes segment_take(struct bytes *rest, bool *is_last_out)
{
    const uint8_t *end = rest->size ? memchr(rest->data, KEY_SEPARATOR, rest->size) : NULL;
    struct bytes segment = *rest;

    *is_last_out = !end;
    if (end) {
        segment.size = (size_t)(end - rest->data);
        *rest = bytes_of(end + 1, rest->size - segment.size - 1);
    }
    return segment;
}

enum status key_pack(struct db *db, int64_t stream, struct bytes key, bool may_add, struct buffer *out)
{
    bool is_last = false;

    CHECK(stream > 0 && key.size > 0 && key.size <= CELL_KEY_MAX);
    buffer_clear(out);
    number_append(out, stream);
    while (!is_last) {
        struct bytes segment = segment_take(&key, &is_last);
        if (is_written_out(segment)) {
            number_append(out, 0);
            number_append(out, (int64_t)segment.size);
            buffer_append(out, segment.data, segment.size);
            continue;
        }
        int64_t number = term_number(db, segment, may_add);
        if (!number) {
            return db_status(db) == S_OK ? S_NOT_FOUND : db_status(db);
        }
        number_append(out, number);
    }
    return S_OK;
}

int64_t key_stream(struct bytes packed)
{
    uint64_t number = 0;

    return number_take(&packed, &number) ? (int64_t)number : 0;
}

enum status key_unpack(struct db *db, struct bytes packed, uint8_t out[CELL_KEY_MAX], size_t *size_out)
{
    uint64_t number;
    size_t size = 0;

    if (!number_take(&packed, &number) || !packed.size) {
        return S_CORRUPT;
    }
    for (bool is_first = true; packed.size; is_first = false) {
        struct bytes segment = {NULL, 0};
        bool is_good = number_take(&packed, &number);
        if (is_good && number) {
            segment = term_text(db, (int64_t)number);
            is_good = segment.data != NULL;
        } else if (is_good) {
            is_good = number_take(&packed, &number) && bytes_take(&packed, (size_t)number, &segment);
        }
        if (!is_good || size + segment.size + !is_first > CELL_KEY_MAX) {
            return S_CORRUPT;
        }
        if (!is_first) {
            out[size++] = KEY_SEPARATOR;
        }
        memcpy(out + size, segment.data, segment.size);
        size += segment.size;
    }
    *size_out = size;
    return S_OK;
}
