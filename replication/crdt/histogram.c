/* Buckets of durations, by integers alone so that every machine agrees (after HdrHistogram, Tene 2012):
 *
 *   value < 64            bucket = value                                     exact
 *   2^e <= value < 2^e+1  bucket = 64 (e - 5) + the 6 bits after the leading one      (e = 6 .. 30)
 *
 * A bucket of the second kind is 2^(e-6) wide: 1/64 of its lower end, and its middle is 1/128 off at most.
 *
 * The payload of a cell: for each bucket that is not empty, ascending, the varint of its distance from the
 * bucket after the one before (from 0 for the first), then the varint of its count. Worst case: 1,664 buckets
 * of 1 + 8 bytes and 128 ninth bytes (the counts sum up to less than 2^63) = 15,104 bytes, below
 * CELL_VALUE_MAX. */
#include "replication/crdt/histogram.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

enum { EXACT_BITS = 6, EXACT = 1 << EXACT_BITS };

_Static_assert(DURATION_BUCKETS == EXACT * (31 - EXACT_BITS + 1), "durations have 31 bits");
_Static_assert(1 + DURATION_BUCKETS * 9 + 128 <= CELL_VALUE_MAX, "the fullest histogram fits a cell");

void histogram_init(struct histogram *histogram, enum cell_kind kind)
{
    CHECK(kind == CELL_SCORES || kind == CELL_DURATIONS);
    memset(histogram, 0, sizeof *histogram);
    histogram->kind = kind;
    histogram->buckets = kind == CELL_SCORES ? SCORE_BUCKETS : DURATION_BUCKETS;
    histogram->counts = calloc(histogram->buckets, sizeof *histogram->counts);
    CHECK(histogram->counts);
}

void histogram_release(struct histogram *histogram)
{
    free(histogram->counts);
    memset(histogram, 0, sizeof *histogram);
}

void histogram_clear(struct histogram *histogram)
{
    memset(histogram->counts, 0, histogram->buckets * sizeof *histogram->counts);
    histogram->n = 0;
    histogram->is_overflown = false;
}

static size_t duration_bucket(uint64_t value)
{
    if (value < EXACT) {
        return (size_t)value;
    }
    unsigned exponent = 63 - (unsigned)__builtin_clzll(value);
    size_t fraction = (size_t)(value >> (exponent - EXACT_BITS)) & (EXACT - 1);
    return EXACT * (size_t)(exponent - EXACT_BITS + 1) + fraction;
}

double histogram_bucket_value(enum cell_kind kind, size_t bucket)
{
    if (kind == CELL_SCORES || bucket < EXACT) {
        return (double)bucket;
    }
    unsigned shift = (unsigned)(bucket / EXACT) - 1;
    uint64_t low = (uint64_t)(EXACT + bucket % EXACT) << shift;
    uint64_t width = 1ULL << shift;
    return (double)low + (double)(width - 1) / 2;
}

static enum status bucket_add(struct histogram *histogram, size_t bucket, uint64_t times)
{
    CHECK(bucket < histogram->buckets);
    if (histogram->is_overflown || times > INT64_MAX - histogram->n) {
        histogram->is_overflown = true;
        return S_TOO_LARGE;
    }
    histogram->counts[bucket] += times;
    histogram->n += times;
    return S_OK;
}

enum status histogram_add(struct histogram *histogram, uint64_t value, uint64_t times)
{
    bool is_score = histogram->kind == CELL_SCORES;

    if (value > (is_score ? SCORE_MAX : DURATION_MAX)) {
        return S_INVALID;
    }
    return bucket_add(histogram, is_score ? (size_t)value : duration_bucket(value), times);
}

void histogram_subtract(struct histogram *histogram, const struct histogram *other)
{
    CHECK(histogram->kind == other->kind);
    for (size_t i = 0; i < histogram->buckets; i++) {
        uint64_t times = other->counts[i] < histogram->counts[i] ? other->counts[i] : histogram->counts[i];
        histogram->counts[i] -= times;
        histogram->n -= times;
    }
}

enum status histogram_merge(struct histogram *histogram, const struct histogram *other)
{
    enum status status = S_OK;

    CHECK(histogram->kind == other->kind);
    if (other->is_overflown) {
        histogram->is_overflown = true;
        return S_TOO_LARGE;
    }
    for (size_t i = 0; i < other->buckets && status == S_OK; i++) {
        status = bucket_add(histogram, i, other->counts[i]);
    }
    return status;
}

/* Takes the next bucket and its count off `in`; `bucket` is where it may stand at the earliest. */
static bool bucket_take(struct bytes *in, size_t buckets, size_t *bucket, uint64_t *times_out)
{
    uint64_t distance;

    if (!bytes_take_varint(in, &distance) || distance >= buckets - *bucket) {
        return false;
    }
    *bucket += (size_t)distance;
    return bytes_take_varint(in, times_out) && *times_out > 0;
}

enum status histogram_merge_value(struct histogram *histogram, struct bytes value)
{
    struct bytes in = value, kind;
    uint16_t buckets[DURATION_BUCKETS];
    uint64_t counts[DURATION_BUCKETS], n = 0;
    enum status status = S_OK;
    size_t taken = 0;

    if (value.size > CELL_VALUE_MAX || !bytes_take(&in, 1, &kind) || kind.data[0] != histogram->kind) {
        return S_INVALID;
    }
    for (size_t bucket = 0; in.size > 0; bucket++, taken++) {
        if (bucket >= histogram->buckets || !bucket_take(&in, histogram->buckets, &bucket, &counts[taken]) ||
            counts[taken] > INT64_MAX - n) {
            return S_INVALID;
        }
        n += counts[taken];
        buckets[taken] = (uint16_t)bucket;
    }
    for (size_t i = 0; i < taken && status == S_OK; i++) {
        status = bucket_add(histogram, buckets[i], counts[i]);
    }
    return histogram->is_overflown ? S_TOO_LARGE : status;
}

enum status histogram_encode(const struct histogram *histogram, struct buffer *out)
{
    size_t start = out->size, next = 0;

    if (histogram->is_overflown) {
        return S_TOO_LARGE;
    }
    buffer_append_u8(out, (uint8_t)histogram->kind);
    for (size_t i = 0; i < histogram->buckets; i++) {
        if (histogram->counts[i]) {
            buffer_append_varint(out, i - next);
            buffer_append_varint(out, histogram->counts[i]);
            next = i + 1;
        }
    }
    CHECK(out->size - start <= CELL_VALUE_MAX);
    return S_OK;
}

bool histogram_mean(const struct histogram *histogram, double *mean_out)
{
    __int128 twice = 0; /* middles of buckets are halves */

    if (histogram->n == 0 || histogram->is_overflown) {
        return false;
    }
    for (size_t i = 0; i < histogram->buckets; i++) {
        double value = histogram_bucket_value(histogram->kind, i);
        twice += (__int128)(2 * value) * (__int128)histogram->counts[i];
    }
    *mean_out = (double)((long double)twice / 2 / (long double)histogram->n);
    return true;
}

/* The value with 1-based `rank` in ascending order. */
static double rank_value(const struct histogram *histogram, uint64_t rank)
{
    uint64_t seen = 0;
    size_t i = 0;

    CHECK(rank >= 1 && rank <= histogram->n);
    for (; i < histogram->buckets && (seen += histogram->counts[i]) < rank; i++) {
    }
    CHECK(i < histogram->buckets);
    return histogram_bucket_value(histogram->kind, i);
}

bool histogram_quantile(const struct histogram *histogram, double q, double *value_out)
{
    if (histogram->n == 0 || histogram->is_overflown || !(q >= 0 && q <= 1)) {
        return false;
    }
    long double place = (long double)q * (long double)histogram->n;
    uint64_t rank = (uint64_t)place;
    rank += (long double)rank < place;
    *value_out = rank_value(histogram, rank ? rank : 1);
    return true;
}

bool histogram_median(const struct histogram *histogram, double *value_out)
{
    if (histogram->n == 0 || histogram->is_overflown) {
        return false;
    }
    double low = rank_value(histogram, (histogram->n + 1) / 2);
    double high = rank_value(histogram, histogram->n / 2 + 1);
    *value_out = (low + high) / 2;
    return true;
}
