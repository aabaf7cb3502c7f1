#include "node/link/small.h"

#include "tests/kit/kit.h"

static void a_little_crosses_control_until_it_is_no_little(void **state)
{
    struct small small;
    (void)state;

    small_init(&small, 1000);
    assert_true(small_may(&small, SMALL_BULK_MAX, false, 1001));
    assert_false(small_may(&small, SMALL_BULK_MAX + 1, false, 1001));
    small_sent(&small, SMALL_BULK_MAX - 100);
    assert_true(small_may(&small, 100, false, 1002));
    assert_false(small_may(&small, 101, false, 1002));
    small_sent(&small, SIZE_MAX);
    assert_false(small_may(&small, 1, false, 1003));
}

static void what_stands_is_used_until_it_rested(void **state)
{
    struct small small;
    uint64_t now = 1000;
    (void)state;

    small_init(&small, now);
    assert_false(small_may(&small, 1, true, now));
    now += SMALL_REST_MS - 1;
    assert_false(small_may(&small, 1, true, now));
    now += SMALL_REST_MS;
    assert_true(small_may(&small, 10, true, now));
    small_sent(&small, 10);
    assert_true(small_may(&small, SMALL_BULK_MAX - 10, true, now));
    small_sent(&small, SMALL_BULK_MAX - 10);
    assert_false(small_may(&small, 1, true, now + 1));
    small.size = 0;
    assert_false(small_may(&small, 1, true, now + 2)); /* it would overtake */
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_little_crosses_control_until_it_is_no_little),
        cmocka_unit_test(what_stands_is_used_until_it_rested),
    };
    return KIT_RUN(tests);
}
