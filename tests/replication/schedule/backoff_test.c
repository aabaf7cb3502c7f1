#include "replication/schedule/backoff.h"

#include "tests/kit/kit.h"

static void the_ceiling_doubles_up_to_its_maximum(void **state)
{
    static const uint32_t ceilings[] = {1000, 2000, 4000, 8000, 10000, 10000};
    struct backoff backoff;
    (void)state;

    backoff_init(&backoff, 1000, 10000);
    for (size_t i = 0; i < sizeof ceilings / sizeof ceilings[0]; i++) {
        assert_int_equal(backoff_next(&backoff, UINT64_MAX), ceilings[i]);
    }
    backoff_reset(&backoff);
    assert_int_equal(backoff_next(&backoff, UINT64_MAX), 1000);
    assert_int_equal(backoff_next(&backoff, 0), 0);
}

static void delays_are_spread_evenly(void **state)
{
    struct kit_random random;
    struct backoff backoff;
    unsigned quarter[4] = {0};
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    for (int i = 0; i < 40000; i++) {
        backoff_init(&backoff, 3999, 3999);
        uint32_t delay_ms = backoff_next(&backoff, kit_random_u64(&random));
        assert_in_range(delay_ms, 0, 3999);
        quarter[delay_ms / 1000]++;
    }
    for (int i = 0; i < 4; i++) {
        assert_in_range(quarter[i], 9300, 10700); /* eight standard deviations */
    }
}

static void extremes_do_not_overflow(void **state)
{
    struct backoff backoff;
    (void)state;

    backoff_init(&backoff, UINT32_MAX, UINT32_MAX);
    assert_true(backoff_next(&backoff, UINT64_MAX) == UINT32_MAX);
    assert_true(backoff_next(&backoff, UINT64_MAX) == UINT32_MAX);
    backoff.failures = UINT32_MAX;
    assert_true(backoff_next(&backoff, UINT64_MAX) == UINT32_MAX);
    backoff_init(&backoff, 1, 1);
    assert_int_equal(backoff_next(&backoff, UINT64_MAX), 1);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ceiling_doubles_up_to_its_maximum),
        cmocka_unit_test(delays_are_spread_evenly),
        cmocka_unit_test(extremes_do_not_overflow),
    };
    return KIT_RUN(tests);
}
