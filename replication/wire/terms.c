#include "replication/wire/terms.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

/* A writer may choose keys that collide in our table: after so many steps the column goes out plain instead.
 */
enum { PROBES_MAX = 64 };

struct term {
    struct bytes text;
    uint32_t id;
};

static void *work_alloc(size_t count, size_t size)
{
    void *data = malloc((count + 1) * size);
    CHECK(data);
    return data;
}

void terms_work_init(struct terms_work *work, size_t rows)
{
    CHECK(rows <= TERM_ROWS_MAX);
    work->slot_count = 16;
    while (work->slot_count < 2 * rows) {
        work->slot_count *= 2;
    }
    work->texts = work_alloc(rows, sizeof *work->texts);
    work->ids = work_alloc(rows, sizeof *work->ids);
    work->rank = work_alloc(rows, sizeof *work->rank);
    work->slots = work_alloc(work->slot_count, sizeof *work->slots);
    work->numbers = work_alloc(rows, sizeof *work->numbers);
}

void terms_work_release(struct terms_work *work)
{
    free(work->texts);
    free(work->ids);
    free(work->rank);
    free(work->slots);
    free(work->numbers);
}

/* FNV-1a: short texts, and what does not spread is bounded by PROBES_MAX. */
static uint64_t text_hash(struct bytes text)
{
    uint64_t hash = 0xcbf29ce484222325ULL;
    for (size_t i = 0; i < text.size; i++) {
        hash = (hash ^ text.data[i]) * 0x100000001b3ULL;
    }
    return hash ^ hash >> 32;
}

/* Finds or adds `text`; false after PROBES_MAX steps. */
static bool work_find(struct terms_work *work, struct bytes text, size_t *count, uint32_t *id_out)
{
    size_t slot = text_hash(text) & (work->slot_count - 1);

    for (int probe = 0; probe < PROBES_MAX; probe++) {
        uint32_t held = work->slots[slot];
        if (held == 0) {
            work->texts[*count] = (struct term){.text = text, .id = (uint32_t)*count};
            *id_out = (uint32_t)*count;
            *count += 1;
            work->slots[slot] = (uint32_t)*count;
            return true;
        }
        if (bytes_equal(work->texts[held - 1].text, text)) {
            *id_out = held - 1;
            return true;
        }
        slot = (slot + 1) & (work->slot_count - 1);
    }
    return false;
}

/* Numbers the texts of all rows; the count of distinct ones, or 0 when the column should go out plain. */
static size_t work_number(struct terms_work *work, const struct bytes *texts, size_t rows)
{
    size_t count = 0;

    memset(work->slots, 0, work->slot_count * sizeof *work->slots);
    for (size_t i = 0; i < rows; i++) {
        if (i > 0 && bytes_equal(texts[i], texts[i - 1])) {
            work->ids[i] = work->ids[i - 1];
        } else if (!work_find(work, texts[i], &count, &work->ids[i])) {
            return 0;
        }
    }
    return count > 1 && count > rows / 2 ? 0 : count;
}

static size_t prefix_shared(struct bytes a, struct bytes b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    size_t shared = 0;

    while (shared < size && a.data[shared] == b.data[shared]) {
        shared++;
    }
    return shared;
}

/* The i-th of texts that stand `stride` bytes apart. */
static struct bytes text_at(const struct bytes *first, size_t stride, size_t i)
{
    return *(const struct bytes *)(const void *)((const char *)(const void *)first + i * stride);
}

static void texts_put(struct buffer *out, const struct bytes *first, size_t stride, size_t count,
                      struct terms_work *work, struct cuts *cuts)
{
    struct bytes before = bytes_of(NULL, 0);

    for (size_t i = 0; i < count; i++) {
        struct bytes text = text_at(first, stride, i);
        work->rank[i] = (uint32_t)prefix_shared(before, text);
        work->numbers[i] = work->rank[i];
        before = text;
    }
    column_put(out, work->numbers, count, cuts);
    for (size_t i = 0; i < count; i++) {
        work->numbers[i] = (int64_t)text_at(first, stride, i).size - work->rank[i];
    }
    column_put(out, work->numbers, count, cuts);
    for (size_t i = 0; i < count; i++) {
        struct bytes text = text_at(first, stride, i);
        buffer_append(out, text.data + work->rank[i], text.size - work->rank[i]);
    }
    cuts_add(cuts, out->size);
}

/* Bits that an order-0 coder needs for `plane`. */
static double plane_entropy(const uint8_t *plane, size_t size)
{
    size_t counts[256] = {0};
    double bits = 0;

    for (size_t i = 0; i < size; i++) {
        counts[plane[i]]++;
    }
    for (size_t i = 0; i < 256; i++) {
        if (counts[i] > 0) {
            bits += (double)counts[i] * log2((double)size / (double)counts[i]);
        }
    }
    return bits;
}

/* Appends the planes of indices, or of their differences. */
static void indices_put(struct buffer *out, const uint32_t *ids, size_t rows, size_t width, bool is_delta)
{
    uint8_t *planes = buffer_reserve(out, width * rows);
    uint32_t before = 0;

    for (size_t i = 0; i < rows; i++) {
        uint32_t index = ids[i] - (is_delta ? before : 0);
        before = ids[i];
        planes[i] = (uint8_t)index;
        if (width > 1) {
            planes[rows + i] = (uint8_t)(index >> 8);
        }
    }
    out->size += width * rows;
}

static int term_compare(const void *a, const void *b)
{
    return bytes_compare(((const struct term *)a)->text, ((const struct term *)b)->text);
}

static void dictionary_put(struct buffer *out, size_t count, size_t rows, struct terms_work *work,
                           struct cuts *cuts)
{
    size_t width = count > 256 ? 2 : 1;
    size_t mode_at = out->size;

    qsort(work->texts, count, sizeof *work->texts, term_compare);
    buffer_append_u8(out, TERMS_IDS);
    buffer_append_varint(out, count);
    texts_put(out, &work->texts[0].text, sizeof *work->texts, count, work, cuts);
    for (size_t i = 0; i < count; i++) {
        work->rank[work->texts[i].id] = (uint32_t)i;
    }
    for (size_t i = 0; i < rows; i++) {
        work->ids[i] = work->rank[work->ids[i]];
    }
    cuts_add(cuts, out->size);
    size_t at = out->size;
    indices_put(out, work->ids, rows, width, false);
    double as_ids = plane_entropy(out->data + at, width * rows);
    out->size = at;
    indices_put(out, work->ids, rows, width, true);
    if (plane_entropy(out->data + at, width * rows) < as_ids) {
        out->data[mode_at] = TERMS_DELTAS;
    } else {
        out->size = at;
        indices_put(out, work->ids, rows, width, false);
    }
    cuts_add(cuts, out->size);
}

void terms_put(struct buffer *out, const struct bytes *texts, size_t rows, struct terms_work *work,
               struct cuts *cuts)
{
    if (rows == 0) {
        return;
    }
    size_t count = work_number(work, texts, rows);
    if (count == 0) {
        buffer_append_u8(out, TERMS_PLAIN);
        texts_put(out, texts, sizeof *texts, rows, work, cuts);
    } else if (count == 1) {
        buffer_append_u8(out, TERMS_CONSTANT);
        buffer_append_varint(out, texts[0].size);
        buffer_append(out, texts[0].data, texts[0].size);
    } else {
        dictionary_put(out, count, rows, work, cuts);
    }
}

/* Rebuilds `count` front-coded texts in the arena. */
static enum status texts_take(struct bytes *in, size_t count, struct arena *arena, size_t *budget,
                              struct terms *out)
{
    struct column shared, further;
    struct bytes before = bytes_of(NULL, 0), tail;
    size_t total = 0;

    if (!column_take(in, count, &shared) || !column_take(in, count, &further)) {
        return S_INVALID;
    }
    for (size_t i = 0; i < count; i++) {
        int64_t head = column_at(&shared, i), rest = column_at(&further, i);
        if (head < 0 || rest < 0 || head > TERM_SIZE_MAX || rest > TERM_SIZE_MAX - head) {
            return S_INVALID;
        }
        total += (size_t)(head + rest);
    }
    struct bytes *texts = total > *budget ? NULL : arena_alloc(arena, count * sizeof *texts);
    uint8_t *data = texts ? arena_alloc(arena, total) : NULL;
    if (!data) {
        return S_TOO_LARGE;
    }
    *budget -= total;
    for (size_t i = 0; i < count; i++) {
        size_t head = (size_t)column_at(&shared, i);
        if (head > before.size || !bytes_take(in, (size_t)column_at(&further, i), &tail)) {
            return S_INVALID;
        }
        if (head > 0) {
            memcpy(data, before.data, head);
        }
        if (tail.size > 0) {
            memcpy(data + head, tail.data, tail.size);
        }
        texts[i] = before = bytes_of(data, head + tail.size);
        data += head + tail.size;
    }
    out->texts = texts;
    out->text_count = count;
    return S_OK;
}

static enum status constant_take(struct bytes *in, struct arena *arena, struct terms *out)
{
    struct bytes *text = arena_alloc(arena, sizeof *text);
    uint64_t size;

    if (!text) {
        return S_TOO_LARGE;
    }
    if (!bytes_take_varint(in, &size) || size > TERM_SIZE_MAX || !bytes_take(in, (size_t)size, text)) {
        return S_INVALID;
    }
    out->texts = text;
    out->text_count = 1;
    return S_OK;
}

static enum status dictionary_take(struct bytes *in, struct arena *arena, size_t *budget, struct terms *out)
{
    struct bytes planes;
    uint64_t count;

    if (!bytes_take_varint(in, &count) || count == 0 || count > out->rows) {
        return S_INVALID;
    }
    enum status status = texts_take(in, (size_t)count, arena, budget, out);
    if (status != S_OK) {
        return status;
    }
    if (!bytes_take(in, (count > 256 ? 2 : 1) * out->rows, &planes)) {
        return S_INVALID;
    }
    out->low = planes.data;
    out->high = count > 256 ? planes.data + out->rows : NULL;
    return S_OK;
}

enum status terms_take(struct bytes *in, size_t rows, struct arena *arena, size_t *budget, struct terms *out)
{
    struct bytes mode;

    CHECK(rows <= TERM_ROWS_MAX);
    *out = (struct terms){.rows = rows};
    if (rows == 0) {
        return S_OK;
    }
    if (!bytes_take(in, 1, &mode)) {
        return S_INVALID;
    }
    out->mode = (enum terms_mode)mode.data[0];
    switch (mode.data[0]) {
    case TERMS_CONSTANT:
        return constant_take(in, arena, out);
    case TERMS_PLAIN:
        return texts_take(in, rows, arena, budget, out);
    case TERMS_IDS:
    case TERMS_DELTAS:
        return dictionary_take(in, arena, budget, out);
    default:
        return S_INVALID;
    }
}

bool terms_next(struct terms *terms, struct bytes *text_out)
{
    size_t row = terms->row;
    uint32_t id;

    if (row >= terms->rows) {
        return false;
    }
    terms->row++;
    if (terms->mode == TERMS_CONSTANT) {
        id = 0;
    } else if (terms->mode == TERMS_PLAIN) {
        id = (uint32_t)row;
    } else {
        id = terms->low[row] | (terms->high ? (uint32_t)terms->high[row] << 8 : 0);
        if (terms->mode == TERMS_DELTAS) {
            id = (terms->id + id) & (terms->high ? 0xffff : 0xff);
            terms->id = id;
        }
        if (id >= terms->text_count) {
            return false;
        }
    }
    *text_out = terms->texts[id];
    return true;
}
