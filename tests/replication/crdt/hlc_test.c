#include "replication/crdt/hlc.h"
#include "replication/base/limits.h"
#include "tests/kit/kit.h"

enum { NOW_MS = 1000000 };

static hlc stamp_at(uint64_t wall_ms, uint16_t counter)
{
    return wall_ms << 16 | counter;
}

static void a_tick_is_the_wall_time_when_that_is_ahead(void **state)
{
    (void)state;
    assert_int_equal(hlc_tick(stamp_at(NOW_MS - 1, 500), NOW_MS), stamp_at(NOW_MS, 0));
    assert_int_equal(hlc_wall_ms(hlc_tick(0, NOW_MS)), NOW_MS);
}

static void a_tick_grows_while_the_wall_clock_stands_or_goes_back(void **state)
{
    (void)state;
    assert_int_equal(hlc_tick(stamp_at(NOW_MS, 0), NOW_MS), stamp_at(NOW_MS, 1));
    assert_int_equal(hlc_tick(stamp_at(NOW_MS, 7), NOW_MS - 5000), stamp_at(NOW_MS, 8));
    assert_int_equal(hlc_tick(stamp_at(NOW_MS, 0xffff), 0), stamp_at(NOW_MS + 1, 0));
}

static void ticks_are_strictly_ascending_under_any_wall_clock(void **state)
{
    struct kit_random random;
    hlc last = 0;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    for (unsigned i = 0; i < 10000; i++) {
        hlc next = hlc_tick(last, NOW_MS + kit_random_below(&random, 50));
        assert_true(next > last);
        last = next;
    }
}

static void the_end_of_time_does_not_wrap(void **state)
{
    (void)state;
    assert_int_equal(hlc_tick(UINT64_MAX, 0), UINT64_MAX);
    assert_int_equal(hlc_wall_ms(hlc_tick(0, UINT64_MAX)), (1ULL << 48) - 1);
}

static void what_was_seen_lies_behind_the_next_tick(void **state)
{
    hlc remote = stamp_at(NOW_MS + 100, 3);
    hlc last = hlc_observe(stamp_at(NOW_MS, 0), remote, NOW_MS);
    (void)state;

    assert_int_equal(last, remote);
    assert_true(hlc_tick(last, NOW_MS) > remote);
    assert_int_equal(hlc_observe(last, stamp_at(5, 5), NOW_MS), last);
}

static void a_stamp_beyond_the_skew_bound_does_not_move_the_clock(void **state)
{
    hlc last = stamp_at(NOW_MS, 1);
    hlc edge = stamp_at(NOW_MS + SKEW_MAX_MS, 0xffff), over = stamp_at(NOW_MS + SKEW_MAX_MS + 1, 0);
    (void)state;

    assert_int_equal(hlc_observe(last, edge, NOW_MS), edge);
    assert_int_equal(hlc_observe(last, over, NOW_MS), last);
    assert_int_equal(hlc_observe(last, UINT64_MAX, NOW_MS), last);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tick_is_the_wall_time_when_that_is_ahead),
        cmocka_unit_test(a_tick_grows_while_the_wall_clock_stands_or_goes_back),
        cmocka_unit_test(ticks_are_strictly_ascending_under_any_wall_clock),
        cmocka_unit_test(the_end_of_time_does_not_wrap),
        cmocka_unit_test(what_was_seen_lies_behind_the_next_tick),
        cmocka_unit_test(a_stamp_beyond_the_skew_bound_does_not_move_the_clock),
    };
    return KIT_RUN(tests);
}
