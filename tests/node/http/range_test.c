#include "node/http/range.h"
#include "tests/kit/kit.h"

static void expect_part(const char *header, uint64_t size, uint64_t first, uint64_t length)
{
    uint64_t first_out = 0, length_out = 0;

    assert_int_equal(range_parse(header, size, &first_out, &length_out), RANGE_PART);
    assert_int_equal(first_out, first);
    assert_int_equal(length_out, length);
}

static void one_range_is_understood_in_all_its_forms(void **state)
{
    (void)state;
    expect_part("bytes=0-0", 10, 0, 1);
    expect_part("Bytes=0-0", 10, 0, 1); /* units are words without case: RFC 9110, 14.1 */
    expect_part("bytes=0-", 10, 0, 10);
    expect_part("bytes=3-5", 10, 3, 3);
    expect_part("bytes=3-500", 10, 3, 7);
    expect_part("bytes=-4", 10, 6, 4);
    expect_part("bytes=-400", 10, 0, 10);
    expect_part("bytes=3-99999999999999999999999", 10, 3, 7);
    expect_part("bytes=-99999999999999999999999", 10, 0, 10);
}

static void a_range_behind_the_end_is_outside(void **state)
{
    uint64_t first, length;
    (void)state;

    assert_int_equal(range_parse("bytes=10-", 10, &first, &length), RANGE_OUTSIDE);
    assert_int_equal(range_parse("bytes=99999999999999999999999-", 10, &first, &length), RANGE_OUTSIDE);
    assert_int_equal(range_parse("bytes=9-", 10, &first, &length), RANGE_PART);
    assert_int_equal(range_parse("bytes=-0", 10, &first, &length), RANGE_OUTSIDE);
    assert_int_equal(range_parse("bytes=-1", 0, &first, &length), RANGE_OUTSIDE);
    assert_int_equal(range_parse("bytes=0-0", 0, &first, &length), RANGE_OUTSIDE);
}

static void what_is_not_one_range_is_answered_whole(void **state)
{
    static const char *const headers[] = {NULL, "", "items=0-1", "bytes=", "bytes=a-b", "bytes=0-1,4-5", "bytes=5-3",
                                          "bytes=--1", "bytes=1"};
    uint64_t first, length;
    (void)state;

    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        assert_int_equal(range_parse(headers[i], 10, &first, &length), RANGE_WHOLE);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_range_is_understood_in_all_its_forms),
        cmocka_unit_test(a_range_behind_the_end_is_outside),
        cmocka_unit_test(what_is_not_one_range_is_answered_whole),
    };
    return KIT_RUN(tests);
}
