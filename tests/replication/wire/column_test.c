#include "replication/wire/column.h"
#include "tests/kit/kit.h"

static struct buffer out;
static struct cuts cuts;

static int begin(void **state)
{
    (void)state;
    buffer_init(&out);
    cuts.count = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    buffer_release(&out);
    return 0;
}

/* Puts and takes `values`; the size of the column. */
static size_t round_trip(const int64_t *values, size_t count)
{
    struct column column;

    buffer_clear(&out);
    cuts.count = 0;
    column_put(&out, values, count, &cuts);
    struct bytes in = buffer_bytes(&out);
    assert_true(column_take(&in, count, &column));
    assert_int_equal(in.size, 0);
    for (size_t i = 0; i < count; i++) {
        assert_true(column_at(&column, i) == values[i]);
    }
    return out.size;
}

static void numbers_of_every_width_come_back(void **state)
{
    (void)state;
    for (unsigned shift = 0; shift < 64; shift++) {
        uint64_t high = 1ULL << shift;
        int64_t values[] = {0, (int64_t)(high - 1), (int64_t)high, (int64_t)(0 - high), 7};
        round_trip(values, 5);
    }
    int64_t extremes[] = {INT64_MIN, INT64_MAX, 0, -1, INT64_MIN};
    round_trip(extremes, 5);
}

static void a_constant_column_is_a_few_bytes_and_an_empty_one_none(void **state)
{
    static int64_t values[1000];
    (void)state;

    for (size_t i = 0; i < 1000; i++) {
        values[i] = 4711;
    }
    assert_int_equal(round_trip(values, 1000), 3);
    values[0] = 5;
    assert_int_equal(round_trip(values, 1), 2);
    assert_int_equal(round_trip(values, 0), 0);
}

static void every_prefix_is_refused(void **state)
{
    static const int64_t values[] = {1, 70000, -5};
    struct column column;
    (void)state;

    round_trip(values, 3);
    for (size_t size = 0; size < out.size; size++) {
        struct bytes in = bytes_of(out.data, size);
        assert_false(column_take(&in, 3, &column));
    }
}

static void a_width_over_eight_is_refused(void **state)
{
    struct bytes in = bytes_of("\0\x09"
                               "123456789",
                               11);
    struct column column;
    (void)state;

    assert_false(column_take(&in, 1, &column));
}

static void planes_start_blocks_of_their_own_when_far_enough_apart(void **state)
{
    static int64_t values[CUT_DISTANCE_MIN];
    (void)state;

    values[0] = 0xffff;
    round_trip(values, CUT_DISTANCE_MIN);
    assert_int_equal(cuts.count, 2);
    round_trip(values, CUT_DISTANCE_MIN / 4);
    assert_int_equal(cuts.count, 0);
    for (size_t i = 0; i < 2 * CUTS_MAX; i++) {
        cuts_add(&cuts, i * CUT_DISTANCE_MIN);
    }
    assert_int_equal(cuts.count, CUTS_MAX);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbers_of_every_width_come_back, begin, end),
        cmocka_unit_test_setup_teardown(a_constant_column_is_a_few_bytes_and_an_empty_one_none, begin, end),
        cmocka_unit_test_setup_teardown(every_prefix_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_width_over_eight_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(planes_start_blocks_of_their_own_when_far_enough_apart, begin, end),
    };
    return KIT_RUN(tests);
}
