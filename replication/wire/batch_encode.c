#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/wire/batch_format.h"
#include "replication/wire/terms.h"

/* Working memory of one encoding, one item per row each. */
struct work {
    uint8_t *segments; /* as in batch_format.h */
    uint16_t *cursors; /* where the next segment of the key starts */
    struct bytes *texts;
    int64_t *numbers;
    struct terms_work terms;
};

static void *work_alloc(size_t count, size_t size)
{
    void *data = calloc(count + 1, size);
    CHECK(data);
    return data;
}

static void work_init(struct work *work, size_t rows)
{
    work->segments = work_alloc(rows, sizeof *work->segments);
    work->cursors = work_alloc(rows, sizeof *work->cursors);
    work->texts = work_alloc(rows, sizeof *work->texts);
    work->numbers = work_alloc(rows, sizeof *work->numbers);
    terms_work_init(&work->terms, rows);
}

static void work_release(struct work *work)
{
    free(work->segments);
    free(work->cursors);
    free(work->texts);
    free(work->numbers);
    terms_work_release(&work->terms);
}

/* S_INVALID for rows outside the format or out of order, S_TOO_LARGE for more than a decoder takes. Fills
 * work->segments. */
static enum status rows_check(const struct batch *batch, struct work *work)
{
    uint64_t before = batch->after_seq;
    size_t cost = 0;

    for (size_t i = 0; i < batch->count; i++) {
        const struct cell *cell = &batch->cells[i];
        if (cell->seq <= before || cell->seq > SEQ_MAX || cell->key.size == 0 ||
            cell->key.size > CELL_KEY_MAX || cell->value.size == 0 || cell->value.size > CELL_VALUE_MAX) {
            return S_INVALID;
        }
        before = cell->seq;
        work->segments[i] = (uint8_t)batch_segments(cell->key);
        cost += batch_row_cost(cell->key.size, cell->value.size, work->segments[i]);
    }
    if (batch->has_certificate && batch->certificate.head.seq < before) {
        return S_INVALID;
    }
    return cost <= BATCH_COST_MAX ? S_OK : S_TOO_LARGE;
}

static void head_put(const struct batch *batch, struct buffer *out)
{
    uint8_t stream[STREAM_ID_SIZE], certificate[CERTIFICATE_SIZE];

    buffer_append_u8(out, BATCH_VERSION);
    stream_id_encode(&batch->stream, stream);
    buffer_append(out, stream, sizeof stream);
    buffer_append_u8(out, batch->has_certificate ? BATCH_HAS_CERTIFICATE : 0);
    if (batch->has_certificate) {
        certificate_encode(&batch->certificate, certificate);
        buffer_append(out, certificate, sizeof certificate);
    }
    buffer_append_varint(out, batch->after_seq);
    buffer_append_varint(out, batch->count);
}

/* The segment of row `i` at its cursor, and moves the cursor behind it. */
static struct bytes segment_take(const struct batch *batch, struct work *work, size_t i)
{
    struct bytes key = batch->cells[i].key;
    size_t from = work->cursors[i], to = from;

    if (work->segments[i] == 0) {
        return key;
    }
    while (to < key.size && key.data[to] != KEY_SEPARATOR) {
        to++;
    }
    work->cursors[i] = (uint16_t)(to + 1);
    return bytes_of(key.data + from, to - from);
}

static void keys_put(const struct batch *batch, struct work *work, struct buffer *out, struct cuts *cuts)
{
    size_t most = 0;

    for (size_t i = 0; i < batch->count; i++) {
        size_t segments = work->segments[i] ? work->segments[i] : 1;
        work->numbers[i] = work->segments[i];
        most = segments > most ? segments : most;
    }
    column_put(out, work->numbers, batch->count, cuts);
    for (size_t place = 0; place < most; place++) {
        size_t rows = 0;
        for (size_t i = 0; i < batch->count; i++) {
            if (place == 0 || work->segments[i] > place) {
                work->texts[rows++] = segment_take(batch, work, i);
            }
        }
        terms_put(out, work->texts, rows, &work->terms, cuts);
    }
}

/* True when `value` is a count or sum in its shortest form, which the number alone brings back. */
static bool number_take(struct bytes value, int64_t *number_out)
{
    struct bytes kind;
    uint64_t number;
    bool is_shortest = value.size == 2 || value.data[value.size - 1] != 0;

    if (!bytes_take(&value, 1, &kind) || (kind.data[0] != CELL_COUNT && kind.data[0] != CELL_SUM) ||
        !is_shortest || !bytes_take_varint(&value, &number) || value.size > 0) {
        return false;
    }
    *number_out = zigzag_decode(number);
    return true;
}

static void values_put(const struct batch *batch, struct work *work, struct buffer *out, struct cuts *cuts)
{
    size_t numbers = 0, others = 0;
    int64_t number;

    /* segments are done with: from here on they hold the class */
    for (size_t i = 0; i < batch->count; i++) {
        struct bytes value = batch->cells[i].value;
        work->segments[i] = number_take(value, &number) ? value.data[0] : CLASS_OTHER;
        work->numbers[i] = work->segments[i];
    }
    column_put(out, work->numbers, batch->count, cuts);
    for (size_t i = 0; i < batch->count; i++) {
        if (work->segments[i] != CLASS_OTHER && number_take(batch->cells[i].value, &number)) {
            work->numbers[numbers++] = number;
        }
    }
    column_put(out, work->numbers, numbers, cuts);
    for (size_t i = 0; i < batch->count; i++) {
        if (work->segments[i] == CLASS_OTHER) {
            work->numbers[others++] = (int64_t)batch->cells[i].value.size;
        }
    }
    column_put(out, work->numbers, others, cuts);
    for (size_t i = 0; i < batch->count; i++) {
        if (work->segments[i] == CLASS_OTHER) {
            buffer_append(out, batch->cells[i].value.data, batch->cells[i].value.size);
        }
    }
}

enum status batch_encode_columns(const struct batch *batch, struct buffer *out, struct cuts *cuts)
{
    size_t start = out->size;
    struct work work;

    cuts->count = 0;
    if (batch->count > BATCH_CELLS_MAX) {
        return S_TOO_LARGE;
    }
    work_init(&work, batch->count);
    enum status status = rows_check(batch, &work);
    if (status == S_OK) {
        uint64_t before = batch->after_seq;
        head_put(batch, out);
        for (size_t i = 0; i < batch->count; i++) {
            work.numbers[i] = (int64_t)(batch->cells[i].seq - before - 1);
            before = batch->cells[i].seq;
        }
        column_put(out, work.numbers, batch->count, cuts);
        keys_put(batch, &work, out, cuts);
        values_put(batch, &work, out, cuts);
        status = out->size - start <= BODY_SIZE_MAX ? S_OK : S_TOO_LARGE;
    }
    work_release(&work);
    if (status != S_OK) {
        out->size = start;
    }
    return status;
}

enum status batch_encode(const struct batch *batch, struct buffer *out)
{
    struct cuts cuts;
    return batch_encode_columns(batch, out, &cuts);
}
