#include "node/rest.h"
#include "tests/kit/kit.h"

static void short_work_never_rests(void **state)
{
    struct rest rest = {0};

    (void)state;
    assert_true(rest_may_begin(&rest, 5));
    rest_after(&rest, 31, 36);
    assert_true(rest_may_begin(&rest, 36));
    assert_int_equal(rest_left_ms(&rest, 36), UINT64_MAX);
    assert_false(rest_is_near(&rest, 36));
}

static void long_work_rests_the_longer_and_what_comes_meanwhile_is_put_off(void **state)
{
    struct rest rest = {0};

    (void)state;
    rest_after(&rest, 100, 1100);
    assert_int_equal(rest_left_ms(&rest, 1100), UINT64_MAX); /* nothing came yet */
    assert_false(rest_may_begin(&rest, 2099));
    assert_int_equal(rest_left_ms(&rest, 1099), 1001);
    assert_false(rest_is_near(&rest, 1099));
    assert_true(rest_is_near(&rest, 1100));
    assert_int_equal(rest_left_ms(&rest, 2100), 0);
    assert_true(rest_may_begin(&rest, 2100));
    assert_int_equal(rest_left_ms(&rest, 2100), 0); /* due until it was done */
    rest_after(&rest, 1, 2101);
    assert_int_equal(rest_left_ms(&rest, 2101), UINT64_MAX);
}

static void no_rest_is_longer_than_its_limit(void **state)
{
    struct rest rest = {0};

    (void)state;
    rest_after(&rest, UINT64_MAX, 5);
    assert_false(rest_may_begin(&rest, 5 + REST_MAX_MS - 1));
    assert_true(rest_may_begin(&rest, 5 + REST_MAX_MS));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_work_never_rests),
        cmocka_unit_test(long_work_rests_the_longer_and_what_comes_meanwhile_is_put_off),
        cmocka_unit_test(no_rest_is_longer_than_its_limit),
    };
    return KIT_RUN(tests);
}
