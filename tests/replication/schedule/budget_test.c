#include "replication/schedule/budget.h"

#include "tests/kit/kit.h"

static void a_bucket_starts_full_and_fills_at_the_rate(void **state)
{
    struct budget budget;
    (void)state;

    budget_init(&budget, 8000, 1000, 50); /* a byte each millisecond */
    assert_int_equal(budget_available(&budget, 50), 1000);
    assert_true(budget_spend(&budget, 1000, 50));
    assert_false(budget_spend(&budget, 1, 50));
    assert_int_equal(budget_available(&budget, 150), 100);
    assert_int_equal(budget_available(&budget, 100000), 1000);
}

static void a_frame_may_run_into_debt_and_the_wait_pays_it_off(void **state)
{
    struct budget budget;
    (void)state;

    budget_init(&budget, 8000, 1000, 0);
    assert_true(budget_spend(&budget, 3000, 0));
    assert_int_equal(budget_wait_ms(&budget, 0), 2001);
    assert_false(budget_spend(&budget, 1, 2000));
    assert_int_equal(budget_wait_ms(&budget, 2000), 1);
    assert_int_equal(budget_wait_ms(&budget, 2001), 0);
    assert_true(budget_spend(&budget, 1, 2001));
}

static void slow_rates_lose_nothing_to_rounding(void **state)
{
    struct budget budget;
    uint64_t now_ms = 0, spent = 0;
    (void)state;

    budget_init(&budget, 3, 1, 0);
    while (now_ms <= 80000) {
        spent += budget_spend(&budget, 1, now_ms);
        now_ms += 7;
    }
    assert_in_range(spent, 30, 31); /* 3 bits a second for 80 s, and the first byte */
}

static void no_limit_is_never_short(void **state)
{
    struct budget budget;
    (void)state;

    budget_init(&budget, 0, 1, 0);
    for (int i = 0; i < 1000; i++) {
        assert_true(budget_spend(&budget, BUDGET_BURST_MAX, 0));
    }
    assert_true(budget_available(&budget, 0) == BUDGET_NEVER_SHORT);
    assert_int_equal(budget_wait_ms(&budget, 0), 0);
}

static void a_clock_that_goes_back_adds_nothing(void **state)
{
    struct budget budget;
    (void)state;

    budget_init(&budget, 8000, 1000, 5000);
    assert_true(budget_spend(&budget, 1000, 5000));
    assert_int_equal(budget_available(&budget, 100), 0);
    assert_int_equal(budget_available(&budget, 5000), 0);
    assert_int_equal(budget_available(&budget, 5010), 10);
}

static void a_new_rate_counts_from_now(void **state)
{
    struct budget budget;
    (void)state;

    budget_init(&budget, 8000, 1000, 0);
    assert_true(budget_spend(&budget, 1000, 0));
    budget_set_rate(&budget, 80000, 100);
    assert_int_equal(budget_available(&budget, 100), 100);
    assert_int_equal(budget_available(&budget, 110), 200);
    budget_set_rate(&budget, 0, 110);
    assert_true(budget_available(&budget, 110) == BUDGET_NEVER_SHORT);
    budget_set_rate(&budget, 8000, 999);
    assert_int_equal(budget_available(&budget, 999), 200);
}

static void extremes_do_not_overflow(void **state)
{
    struct budget budget;
    (void)state;

    budget_init(&budget, BUDGET_RATE_MAX, BUDGET_BURST_MAX, 0);
    assert_true(budget_spend(&budget, BUDGET_BURST_MAX, 0));
    assert_int_equal(budget_available(&budget, UINT64_MAX), BUDGET_BURST_MAX);
    budget_init(&budget, 1, BUDGET_BURST_MAX, 0);
    assert_true(budget_spend(&budget, BUDGET_BURST_MAX, 0));
    assert_int_equal(budget_wait_ms(&budget, 0), 8000);
    assert_int_equal(budget_available(&budget, UINT64_MAX), BUDGET_BURST_MAX);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bucket_starts_full_and_fills_at_the_rate),
        cmocka_unit_test(a_frame_may_run_into_debt_and_the_wait_pays_it_off),
        cmocka_unit_test(slow_rates_lose_nothing_to_rounding),
        cmocka_unit_test(no_limit_is_never_short),
        cmocka_unit_test(a_clock_that_goes_back_adds_nothing),
        cmocka_unit_test(a_new_rate_counts_from_now),
        cmocka_unit_test(extremes_do_not_overflow),
    };
    return KIT_RUN(tests);
}
