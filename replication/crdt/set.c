/* A fold is a map (element, stream) -> (greatest number added, greatest number removed). Both grow by
 * maximum, so merging is commutative, associative and idempotent, and additions and removals may come in any
 * order. */
#include "replication/crdt/set.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

_Static_assert(1 + 2 + ELEMENT_SIZE_MAX + 10 + 2 + ELEMENT_REMOVES_MAX * (STREAM_ID_SIZE + 10) <=
                   CELL_VALUE_MAX,
               "the fullest element fits a cell");

enum status set_element_encode(const struct set_element *element, struct buffer *out)
{
    uint8_t raw[STREAM_ID_SIZE];

    if (element->element.size > ELEMENT_SIZE_MAX || element->removed_count > ELEMENT_REMOVES_MAX) {
        return S_TOO_LARGE;
    }
    for (size_t i = 0; i < element->removed_count; i++) {
        const struct set_dot *dot = &element->removed[i];
        if (dot->number == 0 || (i > 0 && stream_id_compare(&dot[-1].stream, &dot->stream) >= 0)) {
            return S_INVALID;
        }
    }
    buffer_append_u8(out, CELL_ELEMENT);
    buffer_append_varint(out, element->element.size);
    buffer_append(out, element->element.data, element->element.size);
    buffer_append_varint(out, element->added);
    buffer_append_varint(out, element->removed_count);
    for (size_t i = 0; i < element->removed_count; i++) {
        stream_id_encode(&element->removed[i].stream, raw);
        buffer_append(out, raw, sizeof raw);
        buffer_append_varint(out, element->removed[i].number);
    }
    return S_OK;
}

static bool dot_take(struct bytes *in, struct set_dot *dot_out)
{
    struct bytes raw;

    return bytes_take(in, STREAM_ID_SIZE, &raw) && stream_id_decode(raw.data, &dot_out->stream) &&
           bytes_take_varint(in, &dot_out->number) && dot_out->number > 0;
}

enum status set_element_decode(struct bytes value, struct set_dot removed[ELEMENT_REMOVES_MAX],
                               struct set_element *out)
{
    uint64_t size, count;
    struct bytes in = value, kind;

    if (!bytes_take(&in, 1, &kind) || kind.data[0] != CELL_ELEMENT || !bytes_take_varint(&in, &size)) {
        return S_INVALID;
    }
    if (size > ELEMENT_SIZE_MAX) {
        return S_TOO_LARGE;
    }
    if (!bytes_take(&in, (size_t)size, &out->element) || !bytes_take_varint(&in, &out->added) ||
        !bytes_take_varint(&in, &count)) {
        return S_INVALID;
    }
    if (count > ELEMENT_REMOVES_MAX) {
        return S_TOO_LARGE;
    }
    for (size_t i = 0; i < count; i++) {
        if (!dot_take(&in, &removed[i]) ||
            (i > 0 && stream_id_compare(&removed[i - 1].stream, &removed[i].stream) >= 0)) {
            return S_INVALID;
        }
    }
    out->removed = removed;
    out->removed_count = (size_t)count;
    return in.size == 0 ? S_OK : S_INVALID;
}

void set_fold_init(struct set_fold *fold)
{
    memset(fold, 0, sizeof *fold);
}

void set_fold_release(struct set_fold *fold)
{
    for (size_t i = 0; i < fold->count; i++) {
        free((void *)fold->records[i].element.data);
    }
    free(fold->records);
    set_fold_init(fold);
}

/* The first record not below (element, stream); without a stream, the first of the element. */
static size_t lower_bound(const struct set_fold *fold, struct bytes element, const struct stream_id *stream)
{
    size_t low = 0, high = fold->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct set_record *record = &fold->records[middle];
        int order = bytes_compare(record->element, element);
        if (order == 0 && stream) {
            order = stream_id_compare(&record->stream, stream);
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct set_record *record_insert(struct set_fold *fold, size_t at, struct bytes element,
                                        const struct stream_id *stream)
{
    CHECK(at <= fold->count);
    if (fold->count == fold->capacity) {
        size_t capacity = fold->capacity ? 2 * fold->capacity : 8;
        struct set_record *records = reallocarray(fold->records, capacity, sizeof *records);
        CHECK(records);
        fold->records = records;
        fold->capacity = capacity;
    }
    struct set_record *record = &fold->records[at];
    uint8_t *copy = malloc(element.size + 1); /* never NULL, even when empty */
    CHECK(copy);
    if (element.size) {
        memcpy(copy, element.data, element.size);
    }
    memmove(record + 1, record, (fold->count - at) * sizeof *record);
    *record = (struct set_record){.element = bytes_of(copy, element.size), .stream = *stream};
    fold->count++;
    return record;
}

/* Raises what is known of one stream's dots of one element. */
static void record_raise(struct set_fold *fold, struct bytes element, const struct set_dot *added,
                         const struct set_dot *removed)
{
    const struct stream_id *stream = added ? &added->stream : &removed->stream;
    size_t at = lower_bound(fold, element, stream);
    struct set_record *record = at < fold->count ? &fold->records[at] : NULL;

    if (!record || !bytes_equal(record->element, element) ||
        stream_id_compare(&record->stream, stream) != 0) {
        record = record_insert(fold, at, element, stream);
    }
    if (added && added->number > record->added) {
        record->added = added->number;
    }
    if (removed && removed->number > record->removed) {
        record->removed = removed->number;
    }
}

enum status set_fold_add(struct set_fold *fold, const struct stream_id *stream, struct bytes value)
{
    struct set_dot removed[ELEMENT_REMOVES_MAX];
    struct set_element element;

    enum status status = set_element_decode(value, removed, &element);
    if (status != S_OK) {
        return status;
    }
    if (element.added) {
        struct set_dot added = {.stream = *stream, .number = element.added};
        record_raise(fold, element.element, &added, NULL);
    }
    for (size_t i = 0; i < element.removed_count; i++) {
        record_raise(fold, element.element, NULL, &removed[i]);
    }
    return S_OK;
}

void set_fold_merge(struct set_fold *fold, const struct set_fold *other)
{
    for (size_t i = 0; i < other->count && fold != other; i++) {
        const struct set_record *record = &other->records[i];
        struct set_dot added = {record->stream, record->added}, removed = {record->stream, record->removed};
        record_raise(fold, record->element, &added, &removed);
    }
}

bool set_fold_next(const struct set_fold *fold, struct bytes after, struct bytes *element_out)
{
    size_t i = after.data ? lower_bound(fold, after, NULL) : 0;

    for (; i < fold->count; i++) {
        const struct set_record *record = &fold->records[i];
        if (record->added > record->removed && !(after.data && bytes_equal(record->element, after))) {
            *element_out = record->element;
            return true;
        }
    }
    return false;
}

size_t set_fold_dots(const struct set_fold *fold, struct bytes element, struct set_dot *dots_out, size_t max)
{
    size_t count = 0;

    for (size_t i = lower_bound(fold, element, NULL);
         i < fold->count && bytes_equal(fold->records[i].element, element); i++) {
        const struct set_record *record = &fold->records[i];
        if (record->added <= record->removed) {
            continue;
        }
        if (count < max) {
            dots_out[count] = (struct set_dot){record->stream, record->added};
        }
        count++;
    }
    return count;
}

bool set_fold_has(const struct set_fold *fold, struct bytes element)
{
    return set_fold_dots(fold, element, NULL, 0) > 0;
}
