#include <string.h>

#include "replication/base/check.h"
#include "replication/wire/batch_format.h"
#include "replication/wire/terms.h"

/* The columns of a body while its rows are put together. */
struct columns {
    struct column seqs, segments, classes, numbers, sizes;
    struct terms terms[KEY_SEGMENTS_MAX];
    size_t most;         /* segments that any row has */
    struct bytes others; /* values not yet taken */
    size_t number_at, other_at;
    uint64_t seq; /* of the row before */
    size_t cost_left;
};

static enum status head_take(struct bytes *in, struct batch *out)
{
    struct bytes version, stream, flags, certificate;
    uint64_t count;

    if (!bytes_take(in, 1, &version)) {
        return S_INVALID;
    }
    if (version.data[0] != BATCH_VERSION) {
        return S_VERSION;
    }
    if (!bytes_take(in, STREAM_ID_SIZE, &stream) || !stream_id_decode(stream.data, &out->stream) ||
        !bytes_take(in, 1, &flags) || flags.data[0] > BATCH_HAS_CERTIFICATE) {
        return S_INVALID;
    }
    out->has_certificate = flags.data[0] == BATCH_HAS_CERTIFICATE;
    if (out->has_certificate) {
        if (!bytes_take(in, CERTIFICATE_SIZE, &certificate) ||
            certificate_decode(certificate, &out->stream, &out->certificate) != S_OK) {
            return S_INVALID;
        }
    }
    if (!bytes_take_varint(in, &out->after_seq) || out->after_seq > SEQ_MAX ||
        !bytes_take_varint(in, &count)) {
        return S_INVALID;
    }
    if (count > BATCH_CELLS_MAX) {
        return S_TOO_LARGE;
    }
    out->count = (size_t)count;
    return S_OK;
}

static enum status keys_take(struct bytes *in, size_t count, struct arena *arena, struct columns *columns)
{
    size_t rows[KEY_SEGMENTS_MAX + 1] = {0}; /* rows that have a segment at this place */
    size_t budget = BATCH_COST_MAX;

    if (!column_take(in, count, &columns->segments)) {
        return S_INVALID;
    }
    for (size_t i = 0; i < count; i++) {
        int64_t segments = column_at(&columns->segments, i);
        if (segments < 0 || segments > KEY_SEGMENTS_MAX) {
            return S_INVALID;
        }
        rows[segments > 0 ? segments - 1 : 0]++;
    }
    for (size_t place = KEY_SEGMENTS_MAX; place-- > 0;) {
        rows[place] += rows[place + 1];
    }
    for (columns->most = 0; columns->most < KEY_SEGMENTS_MAX && rows[columns->most] > 0; columns->most++) {
        enum status status =
            terms_take(in, rows[columns->most], arena, &budget, &columns->terms[columns->most]);
        if (status != S_OK) {
            return status;
        }
    }
    return S_OK;
}

static enum status values_take(struct bytes *in, size_t count, struct columns *columns)
{
    size_t numbers = 0;

    if (!column_take(in, count, &columns->classes)) {
        return S_INVALID;
    }
    for (size_t i = 0; i < count; i++) {
        int64_t class = column_at(&columns->classes, i);
        if (class != CLASS_OTHER && class != CELL_COUNT && class != CELL_SUM) {
            return S_INVALID;
        }
        numbers += class != CLASS_OTHER;
    }
    if (!column_take(in, numbers, &columns->numbers) || !column_take(in, count - numbers, &columns->sizes)) {
        return S_INVALID;
    }
    columns->others = *in;
    return S_OK;
}

/* A value of a row: its number's bytes into `number`, or borrowed from the body. */
static bool value_take(struct columns *columns, size_t row, struct buffer *number, struct bytes *value_out)
{
    int64_t class = column_at(&columns->classes, row);

    if (class == CLASS_OTHER) {
        int64_t size = column_at(&columns->sizes, columns->other_at++);
        return size > 0 && size <= CELL_VALUE_MAX && bytes_take(&columns->others, (size_t)size, value_out);
    }
    buffer_clear(number);
    buffer_append_u8(number, (uint8_t) class);
    buffer_append_varint(number, zigzag_encode(column_at(&columns->numbers, columns->number_at++)));
    *value_out = buffer_bytes(number);
    return true;
}

/* Collects the segments of a key; the size of the joined key, or 0 when it is outside the format. */
static size_t segments_take(struct columns *columns, size_t count, struct bytes *segments)
{
    size_t size = count - 1;

    for (size_t place = 0; place < count; place++) {
        if (!terms_next(&columns->terms[place], &segments[place])) {
            return 0;
        }
        size += segments[place].size;
    }
    return size <= CELL_KEY_MAX ? size : 0;
}

static enum status row_take(struct columns *columns, size_t row, struct arena *arena, struct buffer *number,
                            struct cell *out)
{
    struct bytes segments[KEY_SEGMENTS_MAX], value;
    int64_t gap = column_at(&columns->seqs, row);
    size_t count = (size_t)column_at(&columns->segments, row);

    count = count > 0 ? count : 1;
    if (gap < 0 || (uint64_t)gap >= SEQ_MAX - columns->seq) {
        return S_INVALID;
    }
    out->seq = columns->seq += (uint64_t)gap + 1;
    size_t key_size = segments_take(columns, count, segments);
    if (key_size == 0 || !value_take(columns, row, number, &value)) {
        return S_INVALID;
    }
    bool is_number = value.data == number->data;
    size_t cost = batch_row_cost(key_size, value.size, count);
    uint8_t *data =
        cost > columns->cost_left ? NULL : arena_alloc(arena, key_size + (is_number ? value.size : 0));
    if (!data) {
        return S_TOO_LARGE;
    }
    columns->cost_left -= cost;
    out->key = bytes_of(data, key_size);
    for (size_t place = 0; place < count; place++) {
        if (place > 0) {
            *data++ = KEY_SEPARATOR;
        }
        if (segments[place].size > 0) {
            memcpy(data, segments[place].data, segments[place].size);
        }
        data += segments[place].size;
    }
    if (is_number) {
        memcpy(data, value.data, value.size);
        value.data = data;
    }
    out->value = value;
    return S_OK;
}

static enum status rows_take(struct columns *columns, size_t count, struct arena *arena, struct batch *out)
{
    struct cell *cells = arena_alloc(arena, count * sizeof *cells);
    struct buffer number;
    enum status status = cells ? S_OK : S_TOO_LARGE;

    buffer_init(&number);
    buffer_reserve(&number, 16); /* so that its address tells a number from a borrowed value */
    for (size_t row = 0; row < count && status == S_OK; row++) {
        status = row_take(columns, row, arena, &number, &cells[row]);
    }
    buffer_release(&number);
    out->cells = cells;
    return status;
}

size_t batch_body_count(struct bytes body)
{
    struct batch batch;

    return head_take(&body, &batch) == S_OK ? batch.count : 0;
}

enum status batch_decode(struct bytes body, struct arena *arena, struct batch *out)
{
    struct columns columns;
    enum status status = body.size > BODY_SIZE_MAX ? S_TOO_LARGE : head_take(&body, out);

    if (status != S_OK) {
        return status;
    }
    memset(&columns, 0, sizeof columns);
    columns.seq = out->after_seq;
    columns.cost_left = BATCH_COST_MAX;
    if (!column_take(&body, out->count, &columns.seqs)) {
        return S_INVALID;
    }
    status = keys_take(&body, out->count, arena, &columns);
    if (status == S_OK) {
        status = values_take(&body, out->count, &columns);
    }
    if (status == S_OK) {
        status = rows_take(&columns, out->count, arena, out);
    }
    if (status != S_OK) {
        return status;
    }
    if (columns.others.size > 0 || (out->has_certificate && out->certificate.head.seq < columns.seq)) {
        return S_INVALID;
    }
    return S_OK;
}
