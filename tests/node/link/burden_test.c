#include "node/link/burden.h"
#include "tests/kit/kit.h"

static struct id node_of(unsigned number)
{
    struct id node = {{(uint8_t)number, (uint8_t)(number >> 8), 1}};

    return node;
}

static void a_little_costs_nothing(void **state)
{
    struct burden burden = {0};
    struct id writer = node_of(1);

    (void)state;
    burden_add(&burden, &writer, BURDEN_MIN_MS - 1, 1000);
    assert_int_equal(burden_until_ms(&burden, &writer), 0);
}

static void who_took_long_rests_three_times_as_long_and_nobody_else_does(void **state)
{
    struct burden burden = {0};
    struct id writer = node_of(1), other = node_of(2);

    (void)state;
    burden_add(&burden, &writer, 500, 1000);
    assert_int_equal(burden_until_ms(&burden, &writer), 2500);
    assert_int_equal(burden_until_ms(&burden, &other), 0);
    burden_add(&burden, &writer, 100, 1200); /* began before the rest did */
    assert_int_equal(burden_until_ms(&burden, &writer), 2800);
    burden_add(&burden, &writer, 100, 5000);
    assert_int_equal(burden_until_ms(&burden, &writer), 5300);
    burden_add(&burden, &writer, UINT64_MAX, 6000);
    assert_int_equal(burden_until_ms(&burden, &writer), 6000 + BURDEN_MAX_MS);
}

static void of_too_many_the_one_that_rests_least_is_forgotten(void **state)
{
    struct burden burden = {0};

    (void)state;
    for (unsigned i = 0; i < BURDEN_WRITERS_MAX; i++) {
        struct id writer = node_of(i);
        burden_add(&burden, &writer, i == 7 ? 100 : 1000, 1000);
    }
    struct id least = node_of(7), another = node_of(9), one_more = node_of(BURDEN_WRITERS_MAX);
    burden_add(&burden, &one_more, 2000, 1000);
    assert_int_equal(burden_until_ms(&burden, &one_more), 7000);
    assert_int_equal(burden_until_ms(&burden, &another), 4000);
    assert_int_equal(burden_until_ms(&burden, &least), 0);
}

static void one_at_a_time_comes_in_parts(void **state)
{
    struct burden burden = {0};
    int first = 0, second = 0;

    (void)state;
    assert_true(burden_enter(&burden, &first));
    assert_true(burden_enter(&burden, &first)); /* it is still its turn */
    assert_false(burden_enter(&burden, &second));
    burden_leave(&burden, &second);
    assert_false(burden_enter(&burden, &second));
    burden_leave(&burden, &first);
    assert_true(burden_enter(&burden, &second));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_little_costs_nothing),
        cmocka_unit_test(who_took_long_rests_three_times_as_long_and_nobody_else_does),
        cmocka_unit_test(one_at_a_time_comes_in_parts),
        cmocka_unit_test(of_too_many_the_one_that_rests_least_is_forgotten),
    };
    return KIT_RUN(tests);
}
