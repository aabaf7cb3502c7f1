/* histogram.h: how often each score or duration occurred, mergeable without loss.
 *
 * Scores are whole numbers 0 to 100 with a bucket each: mean, median and quantiles are exact. Durations are
 * whole seconds up to DURATION_MAX (68 years): exact below 64, then 64 buckets for each doubling, so that a
 * bucket's middle is within 0.8 % of everything in it. Merging adds bucket by bucket.
 *
 * A struct histogram owns one array of counts until histogram_release(). Sums past INT64_MAX are an error
 * that sticks (S_TOO_LARGE from then on), never a wrap; so the outcome does not depend on the order of
 * merging. */
#ifndef QANAT_CRDT_HISTOGRAM_H
#define QANAT_CRDT_HISTOGRAM_H

#include "replication/crdt/cell.h"

enum {
    SCORE_MAX = 100,
    SCORE_BUCKETS = 101,
    DURATION_MAX = INT32_MAX,
    DURATION_BUCKETS = 1664,
};

struct histogram {
    enum cell_kind kind;
    bool is_overflown;
    uint64_t n;       /* all counts together, at most INT64_MAX */
    size_t buckets;   /* SCORE_BUCKETS or DURATION_BUCKETS */
    uint64_t *counts; /* owned */
};

/* Starts an empty histogram of CELL_SCORES or CELL_DURATIONS. Aborts without memory. */
void histogram_init(struct histogram *histogram, enum cell_kind kind);
void histogram_release(struct histogram *histogram);
void histogram_clear(struct histogram *histogram);

/* Counts `value` `times` times. S_INVALID above SCORE_MAX or DURATION_MAX, S_TOO_LARGE on overflow. */
enum status histogram_add(struct histogram *histogram, uint64_t value, uint64_t times);

/* Adds all of `other`, which is of the same kind. S_TOO_LARGE on overflow. */
enum status histogram_merge(struct histogram *histogram, const struct histogram *other);

/* Takes all of `other` (same kind) off, bucket by bucket; a bucket does not fall below 0. */
void histogram_subtract(struct histogram *histogram, const struct histogram *other);

/* Adds all of a cell value of the same kind. S_INVALID when it is malformed or of another kind (nothing is
 * added then), S_TOO_LARGE on overflow. */
enum status histogram_merge_value(struct histogram *histogram, struct bytes value);

/* Appends the cell value: one form for one histogram. At most CELL_VALUE_MAX bytes. S_TOO_LARGE once
 * overflown. */
enum status histogram_encode(const struct histogram *histogram, struct buffer *out);

/* The arithmetic mean; false when empty or overflown. Exact to double precision for scores, within 0.8 % for
 * durations. */
bool histogram_mean(const struct histogram *histogram, double *mean_out);

/* The value below or at which the fraction `q` (0 to 1) of the values lie: nearest rank. False when empty. */
bool histogram_quantile(const struct histogram *histogram, double q, double *value_out);

/* The middle value, or the mean of the two middle ones. False when empty. */
bool histogram_median(const struct histogram *histogram, double *value_out);

/* The value that stands for a bucket: its own for exact buckets, its middle otherwise. */
double histogram_bucket_value(enum cell_kind kind, size_t bucket);

#endif
