#include "replication/crdt/histogram.h"
#include "tests/kit/kit.h"

#include <math.h>
#include <stdlib.h>

static int compare_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void histograms_assert_equal(const struct histogram *a, const struct histogram *b)
{
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->counts, b->counts, a->buckets * sizeof *a->counts);
}

static void scores_are_exact(void **state)
{
    enum { COUNT = 501 };
    uint64_t values[COUNT];
    struct kit_random random;
    struct histogram scores;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    histogram_init(&scores, CELL_SCORES);
    for (size_t count = 1; count <= COUNT; count += 50) {
        uint64_t sum = 0;
        double mean, median, quantile;
        histogram_clear(&scores);
        for (size_t i = 0; i < count; i++) {
            values[i] = kit_random_below(&random, 101);
            sum += values[i];
            assert_int_equal(histogram_add(&scores, values[i], 1), S_OK);
        }
        qsort(values, count, sizeof *values, compare_u64);
        assert_true(histogram_mean(&scores, &mean));
        assert_true(mean == (double)sum / (double)count);
        assert_true(histogram_median(&scores, &median));
        assert_true(median == (double)(values[(count - 1) / 2] + values[count / 2]) / 2);
        assert_true(histogram_quantile(&scores, 0.9, &quantile));
        assert_true(quantile == (double)values[(size_t)ceil(0.9 * (double)count) - 1]);
        assert_true(histogram_quantile(&scores, 0, &quantile));
        assert_true(quantile == (double)values[0]);
        assert_true(histogram_quantile(&scores, 1, &quantile));
        assert_true(quantile == (double)values[count - 1]);
    }
    histogram_release(&scores);
}

static void the_median_of_an_even_number_lies_between_the_middle_two(void **state)
{
    struct histogram scores;
    double median;
    (void)state;

    histogram_init(&scores, CELL_SCORES);
    histogram_add(&scores, 50, 1);
    histogram_add(&scores, 61, 1);
    assert_true(histogram_median(&scores, &median));
    assert_true(median == 55.5);
    histogram_release(&scores);
}

static void an_empty_histogram_has_no_mean(void **state)
{
    struct histogram scores;
    double value;
    (void)state;

    histogram_init(&scores, CELL_SCORES);
    assert_false(histogram_mean(&scores, &value));
    assert_false(histogram_median(&scores, &value));
    assert_false(histogram_quantile(&scores, 0.5, &value));
    histogram_add(&scores, 1, 1);
    assert_false(histogram_quantile(&scores, 1.5, &value));
    assert_false(histogram_quantile(&scores, NAN, &value));
    histogram_release(&scores);
}

static void durations_stay_within_one_percent(void **state)
{
    struct histogram durations;
    double value;
    (void)state;

    histogram_init(&durations, CELL_DURATIONS);
    for (uint64_t seconds = 0; seconds <= DURATION_MAX; seconds += 1 + seconds / 37) {
        histogram_clear(&durations);
        assert_int_equal(histogram_add(&durations, seconds, 1), S_OK);
        assert_true(histogram_mean(&durations, &value));
        assert_true(fabs(value - (double)seconds) <= 0.0079 * (double)seconds);
        if (seconds < 64) {
            assert_true(value == (double)seconds);
        }
    }
    histogram_release(&durations);
}

static void buckets_ascend_without_a_gap(void **state)
{
    (void)state;
    for (size_t bucket = 1; bucket < DURATION_BUCKETS; bucket++) {
        double low = histogram_bucket_value(CELL_DURATIONS, bucket - 1);
        double high = histogram_bucket_value(CELL_DURATIONS, bucket);
        assert_true(high > low && (high - low <= 1 || high - low <= high / 63));
    }
}

static void the_largest_values_hold_at_their_edge(void **state)
{
    struct histogram histogram;
    (void)state;

    histogram_init(&histogram, CELL_SCORES);
    assert_int_equal(histogram_add(&histogram, SCORE_MAX, 1), S_OK);
    assert_int_equal(histogram_add(&histogram, SCORE_MAX + 1, 1), S_INVALID);
    histogram_release(&histogram);
    histogram_init(&histogram, CELL_DURATIONS);
    assert_int_equal(histogram_add(&histogram, DURATION_MAX, 1), S_OK);
    assert_int_equal(histogram.counts[DURATION_BUCKETS - 1], 1);
    assert_int_equal(histogram_add(&histogram, DURATION_MAX + 1ULL, 1), S_INVALID);
    histogram_release(&histogram);
}

static void draw(struct kit_random *random, struct histogram *histogram)
{
    uint64_t max = histogram->kind == CELL_SCORES ? SCORE_MAX : DURATION_MAX;

    for (uint64_t i = kit_random_below(random, 60); i > 0; i--) {
        uint64_t value = kit_random_below(random, max + 1) >> kit_random_below(random, 31);
        histogram_add(histogram, value, 1 + kit_random_below(random, 1000));
    }
}

static void merging_obeys_the_laws(void **state)
{
    struct kit_random random;
    struct histogram parts[3], left, right;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    for (unsigned trial = 0; trial < 100; trial++) {
        enum cell_kind kind = trial % 2 ? CELL_SCORES : CELL_DURATIONS;
        for (size_t i = 0; i < 3; i++) {
            histogram_init(&parts[i], kind);
            draw(&random, &parts[i]);
        }
        histogram_init(&left, kind);
        histogram_init(&right, kind);
        for (size_t i = 0; i < 3; i++) { /* ((0 1) 2) against (2 (1 0)) */
            assert_int_equal(histogram_merge(&left, &parts[i]), S_OK);
        }
        assert_int_equal(histogram_merge(&parts[1], &parts[0]), S_OK);
        assert_int_equal(histogram_merge(&right, &parts[2]), S_OK);
        assert_int_equal(histogram_merge(&right, &parts[1]), S_OK);
        histograms_assert_equal(&left, &right);
        histogram_release(&left);
        histogram_release(&right);
        for (size_t i = 0; i < 3; i++) {
            histogram_release(&parts[i]);
        }
    }
}

static void a_value_comes_back_and_adds_up(void **state)
{
    struct kit_random random;
    struct histogram histogram, back;
    struct buffer value;
    (void)state;

    buffer_init(&value);
    kit_random_seed(&random, kit_fresh_seed());
    for (unsigned trial = 0; trial < 100; trial++) {
        enum cell_kind kind = trial % 2 ? CELL_SCORES : CELL_DURATIONS;
        histogram_init(&histogram, kind);
        histogram_init(&back, kind);
        draw(&random, &histogram);
        buffer_clear(&value);
        assert_int_equal(histogram_encode(&histogram, &value), S_OK);
        assert_int_equal(histogram_merge_value(&back, buffer_bytes(&value)), S_OK);
        histograms_assert_equal(&histogram, &back);
        assert_int_equal(histogram_merge_value(&back, buffer_bytes(&value)), S_OK);
        assert_int_equal(back.n, 2 * histogram.n);
        histogram_release(&histogram);
        histogram_release(&back);
    }
    buffer_release(&value);
}

static void the_fullest_histogram_fits_a_cell(void **state)
{
    struct histogram full, back;
    struct buffer value;
    (void)state;

    buffer_init(&value);
    histogram_init(&full, CELL_DURATIONS);
    histogram_init(&back, CELL_DURATIONS);
    for (size_t i = 0; i < DURATION_BUCKETS; i++) {
        full.counts[i] = INT64_MAX / DURATION_BUCKETS;
        full.n += full.counts[i];
    }
    assert_int_equal(histogram_encode(&full, &value), S_OK);
    assert_true(value.size <= CELL_VALUE_MAX);
    assert_int_equal(histogram_merge_value(&back, buffer_bytes(&value)), S_OK);
    histograms_assert_equal(&full, &back);
    histogram_release(&full);
    histogram_release(&back);
    buffer_release(&value);
}

static void an_overflow_is_an_error_that_sticks_in_any_order(void **state)
{
    struct histogram scores, other;
    struct buffer value;
    double mean;
    (void)state;

    buffer_init(&value);
    histogram_init(&scores, CELL_SCORES);
    histogram_init(&other, CELL_SCORES);
    assert_int_equal(histogram_add(&scores, 7, INT64_MAX), S_OK);
    assert_true(histogram_mean(&scores, &mean));
    assert_true(mean == 7);
    assert_int_equal(histogram_add(&scores, 9, 1), S_TOO_LARGE);
    assert_int_equal(histogram_add(&scores, 9, 0), S_TOO_LARGE);
    assert_false(histogram_mean(&scores, &mean));
    assert_false(histogram_median(&scores, &mean));
    assert_int_equal(histogram_encode(&scores, &value), S_TOO_LARGE);
    assert_int_equal(histogram_merge(&other, &scores), S_TOO_LARGE);
    assert_false(histogram_quantile(&other, 0.5, &mean));
    histogram_release(&scores);
    histogram_release(&other);
    buffer_release(&value);
}

static void malformed_values_add_nothing(void **state)
{
    static const struct bytes malformed[] = {
        {(const uint8_t *)"", 0},
        {(const uint8_t *)"\x04\x01\x01", 3},                                      /* the other kind */
        {(const uint8_t *)"\x03\x01", 2},                                          /* no count */
        {(const uint8_t *)"\x03\x01\x00", 3},                                      /* count 0 */
        {(const uint8_t *)"\x03\x65\x01", 3},                                      /* bucket 101 */
        {(const uint8_t *)"\x03\x64\x01\x00\x01", 5},                              /* and one more */
        {(const uint8_t *)"\x03\x81\x00\x01", 4},                                  /* not the shortest form */
        {(const uint8_t *)"\x03\x01\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 12}, /* 2^63 */
        {(const uint8_t *)"\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x01\x01", 13}, /* bucket 2^64-1 */
        {(const uint8_t *)"\x03\x01\x01\x01", 4},                                      /* cut */
    };
    struct histogram scores;
    (void)state;

    histogram_init(&scores, CELL_SCORES);
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        assert_int_equal(histogram_merge_value(&scores, malformed[i]), S_INVALID);
        assert_int_equal(scores.n, 0);
    }
    assert_int_equal(histogram_merge_value(&scores, bytes_of("\x03\x64\x02", 3)), S_OK);
    assert_int_equal(scores.counts[100], 2);
    histogram_release(&scores);
}

static void random_bytes_never_do_harm(void **state)
{
    struct kit_random random;
    struct histogram histogram;
    uint8_t raw[64];
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    histogram_init(&histogram, CELL_DURATIONS);
    for (unsigned trial = 0; trial < 20000; trial++) {
        size_t size = 1 + kit_random_below(&random, sizeof raw);
        for (size_t i = 0; i < size; i++) {
            raw[i] = (uint8_t)(kit_random_u64(&random) & (trial % 2 ? 0xff : 0x7f));
        }
        raw[0] = CELL_DURATIONS;
        uint64_t before = histogram.n;
        if (histogram_merge_value(&histogram, bytes_of(raw, size)) == S_INVALID) {
            assert_int_equal(histogram.n, before);
        }
    }
    histogram_release(&histogram);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_exact),
        cmocka_unit_test(the_median_of_an_even_number_lies_between_the_middle_two),
        cmocka_unit_test(an_empty_histogram_has_no_mean),
        cmocka_unit_test(durations_stay_within_one_percent),
        cmocka_unit_test(buckets_ascend_without_a_gap),
        cmocka_unit_test(the_largest_values_hold_at_their_edge),
        cmocka_unit_test(merging_obeys_the_laws),
        cmocka_unit_test(a_value_comes_back_and_adds_up),
        cmocka_unit_test(the_fullest_histogram_fits_a_cell),
        cmocka_unit_test(an_overflow_is_an_error_that_sticks_in_any_order),
        cmocka_unit_test(malformed_values_add_nothing),
        cmocka_unit_test(random_bytes_never_do_harm),
    };
    return KIT_RUN(tests);
}
