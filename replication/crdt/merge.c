#include "replication/crdt/merge.h"

#include "replication/base/check.h"
#include "replication/crdt/histogram.h"
#include "replication/crdt/people.h"

/* 0 for an empty value. */
static unsigned kind_of(struct bytes value)
{
    return value.size ? value.data[0] : 0;
}

static void value_copy(struct bytes value, struct buffer *out)
{
    buffer_append(out, value.data, value.size);
}

static bool number_of(struct bytes value, int64_t *number_out)
{
    *number_out = 0;
    return value.size == 0 || cell_value_get_number(value, number_out);
}

/* base + to - from; the sum must fit, whatever the order of adding. */
static enum status numbers_advance(enum cell_kind kind, struct bytes base, struct bytes from, struct bytes to, struct buffer *out)
{
    int64_t number[3];

    if (!number_of(base, &number[0]) || !number_of(from, &number[1]) || !number_of(to, &number[2])) {
        return S_INVALID;
    }
    __int128 total = (__int128)number[0] + number[2] - number[1];
    if (total > INT64_MAX || total < INT64_MIN) {
        return S_TOO_LARGE;
    }
    cell_value_number(out, kind, (int64_t)total);
    return S_OK;
}

static enum status buckets_move(struct histogram *base, const struct histogram *from, const struct histogram *to)
{
    for (size_t i = 0; i < base->buckets; i++) {
        __int128 count = (__int128)base->counts[i] + to->counts[i] - from->counts[i];
        __int128 n = (__int128)base->n + to->counts[i] - from->counts[i];
        if (count < 0) {
            return S_INVALID;
        }
        if (n > INT64_MAX) {
            return S_TOO_LARGE;
        }
        base->counts[i] = (uint64_t)count;
        base->n = (uint64_t)n;
    }
    return S_OK;
}

static enum status histograms_advance(enum cell_kind kind, struct bytes base, struct bytes from, struct bytes to,
                                      struct buffer *out)
{
    struct bytes values[] = {base, from, to};
    struct histogram histograms[3];
    enum status status = S_OK;

    for (size_t i = 0; i < 3; i++) {
        histogram_init(&histograms[i], kind);
        if (values[i].size && status == S_OK) {
            status = histogram_merge_value(&histograms[i], values[i]);
        }
    }
    if (status == S_OK) {
        status = buckets_move(&histograms[0], &histograms[1], &histograms[2]);
    }
    if (status == S_OK) {
        status = histogram_encode(&histograms[0], out);
    }
    for (size_t i = 0; i < 3; i++) {
        histogram_release(&histograms[i]);
    }
    return status;
}

/* Who was in `from` is in `to` too. */
static enum status people_unite(struct bytes base, struct bytes to, struct buffer *out)
{
    struct people people;

    if (to.size == 0) { /* nobody is taken out of a sketch */
        value_copy(base, out);
        return S_OK;
    }
    people_init(&people);
    enum status status = base.size ? people_merge_value(&people, base) : S_OK;
    if (status == S_OK) {
        status = people_merge_value(&people, to);
    }
    if (status == S_OK) {
        people_encode(&people, out);
    }
    people_release(&people);
    return status;
}

static enum status registers_choose(struct bytes base, struct bytes to, struct buffer *out)
{
    hlc base_stamp, to_stamp;
    struct bytes base_content, to_content;

    if (to.size == 0) { /* whatever is later stays */
        value_copy(base, out);
        return S_OK;
    }
    if (!cell_value_get_register(to, &to_stamp, &to_content) ||
        (base.size && !cell_value_get_register(base, &base_stamp, &base_content))) {
        return S_INVALID;
    }
    bool is_base = base.size && (base_stamp > to_stamp ||
                                 (base_stamp == to_stamp && bytes_compare(base_content, to_content) >= 0));
    value_copy(is_base ? base : to, out);
    return S_OK;
}

enum status cell_value_advance(struct bytes base, struct bytes from, struct bytes to, struct buffer *out)
{
    unsigned kind = to.size ? kind_of(to) : kind_of(from);

    CHECK(base.data != out->data || base.size == 0);
    buffer_clear(out);
    if (kind < CELL_KIND_FIRST || kind > CELL_KIND_LAST || (base.size && kind_of(base) != kind) ||
        (from.size && kind_of(from) != kind) || (to.size == 0 && base.size == 0)) {
        return S_DENIED;
    }
    switch ((enum cell_kind)kind) {
    case CELL_COUNT:
    case CELL_SUM:
        return numbers_advance((enum cell_kind)kind, base, from, to, out);
    case CELL_SCORES:
    case CELL_DURATIONS:
        return histograms_advance((enum cell_kind)kind, base, from, to, out);
    case CELL_PEOPLE:
        return people_unite(base, to, out);
    case CELL_REGISTER:
        return registers_choose(base, to, out);
    case CELL_SUPPRESSED:
    case CELL_MISSING:
    case CELL_ELEMENT:
    case CELL_ADOPTED:
        return S_DENIED;
    }
    return S_DENIED;
}

enum status cell_value_merge(struct bytes old, struct bytes more, struct buffer *out)
{
    return cell_value_advance(old, bytes_of(NULL, 0), more, out);
}
