#include "replication/crdt/fold.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

void fold_init(struct fold *fold, uint64_t wall_ms)
{
    memset(fold, 0, sizeof *fold);
    fold->wall_ms = wall_ms;
}

static void histogram_drop(struct histogram *histogram)
{
    if (histogram) {
        histogram_release(histogram);
        free(histogram);
    }
}

void fold_release(struct fold *fold)
{
    histogram_drop(fold->scores);
    histogram_drop(fold->durations);
    if (fold->people) {
        people_release(fold->people);
        free(fold->people);
    }
    if (fold->registers) {
        register_fold_release(fold->registers);
        free(fold->registers);
    }
    if (fold->elements) {
        set_fold_release(fold->elements);
        free(fold->elements);
    }
    fold_init(fold, fold->wall_ms);
}

static void *part_new(size_t size)
{
    void *part = malloc(size);
    CHECK(part);
    return part;
}

static struct histogram *histogram_part(struct fold *fold, enum cell_kind kind)
{
    struct histogram **part = kind == CELL_SCORES ? &fold->scores : &fold->durations;

    if (!*part) {
        *part = part_new(sizeof **part);
        histogram_init(*part, kind);
    }
    return *part;
}

static struct people *people_part(struct fold *fold)
{
    if (!fold->people) {
        fold->people = part_new(sizeof *fold->people);
        people_init(fold->people);
    }
    return fold->people;
}

static struct register_fold *register_part(struct fold *fold)
{
    if (!fold->registers) {
        fold->registers = part_new(sizeof *fold->registers);
        register_fold_init(fold->registers, fold->wall_ms);
    }
    return fold->registers;
}

static struct set_fold *set_part(struct fold *fold)
{
    if (!fold->elements) {
        fold->elements = part_new(sizeof *fold->elements);
        set_fold_init(fold->elements);
    }
    return fold->elements;
}

static enum status number_add(struct fold *fold, enum cell_kind kind, struct bytes value)
{
    int64_t number;

    if (!cell_value_get_number(value, &number)) {
        return S_INVALID;
    }
    *(kind == CELL_COUNT ? &fold->count : &fold->sum) += number;
    return S_OK;
}

/* Adds a value whose first byte is `kind`, one that this version knows. */
static enum status kind_add(struct fold *fold, enum cell_kind kind, const struct stream_id *stream,
                            struct bytes value)
{
    switch (kind) {
    case CELL_COUNT:
    case CELL_SUM:
        return number_add(fold, kind, value);
    case CELL_SCORES:
    case CELL_DURATIONS:
        return histogram_merge_value(histogram_part(fold, kind), value);
    case CELL_PEOPLE:
        return people_merge_value(people_part(fold), value);
    case CELL_REGISTER:
        return register_fold_add(register_part(fold), &stream->node, value);
    case CELL_ELEMENT:
        return set_fold_add(set_part(fold), stream, value) == S_OK ? S_OK : S_INVALID;
    case CELL_SUPPRESSED:
    case CELL_MISSING:
    case CELL_ADOPTED:
        return S_OK; /* whatever a later version may say about it: not a number */
    }
    return S_INVALID;
}

enum status fold_add(struct fold *fold, const struct stream_id *stream, struct bytes value)
{
    if (value.size == 0 || value.size > CELL_VALUE_MAX) {
        fold->malformed++;
        return S_INVALID;
    }
    unsigned kind = value.data[0];
    if (kind < CELL_KIND_FIRST || kind > CELL_KIND_LAST) {
        fold->cells[0]++;
        return S_OK;
    }
    enum status status = kind_add(fold, (enum cell_kind)kind, stream, value);
    if (status == S_INVALID) {
        fold->malformed++;
        return status;
    }
    fold->cells[kind]++;
    return status;
}

enum status fold_merge(struct fold *fold, const struct fold *other)
{
    enum status scores = S_OK, durations = S_OK;

    CHECK(fold != other && fold->wall_ms == other->wall_ms);
    for (size_t kind = 0; kind <= CELL_KIND_LAST; kind++) {
        fold->cells[kind] += other->cells[kind];
    }
    fold->malformed += other->malformed;
    fold->count += other->count;
    fold->sum += other->sum;
    if (other->scores) {
        scores = histogram_merge(histogram_part(fold, CELL_SCORES), other->scores);
    }
    if (other->durations) {
        durations = histogram_merge(histogram_part(fold, CELL_DURATIONS), other->durations);
    }
    if (other->people) {
        people_merge(people_part(fold), other->people);
    }
    if (other->registers) {
        register_fold_merge(register_part(fold), other->registers);
    }
    if (other->elements) {
        set_fold_merge(set_part(fold), other->elements);
    }
    return scores != S_OK ? scores : durations;
}

enum status fold_number(const struct fold *fold, enum cell_kind kind, int64_t *number_out)
{
    CHECK(kind == CELL_COUNT || kind == CELL_SUM);
    __int128 number = kind == CELL_COUNT ? fold->count : fold->sum;

    if (fold->cells[kind] == 0) {
        return S_NOT_FOUND;
    }
    if (number > INT64_MAX || number < INT64_MIN) {
        return S_TOO_LARGE;
    }
    *number_out = (int64_t)number;
    return S_OK;
}

bool fold_is_suppressed(const struct fold *fold)
{
    return fold->cells[CELL_SUPPRESSED] > 0;
}

bool fold_is_missing(const struct fold *fold)
{
    return fold->cells[CELL_MISSING] > 0;
}
