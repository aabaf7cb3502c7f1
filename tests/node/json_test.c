#include "node/json.h"
#include "tests/kit/kit.h"

static void a_path_reaches_inside_and_stops_at_what_is_missing(void **state)
{
    json_t *row = json_pack("{s:{s:{s:i}}, s:i}", "a", "b", "c", 3, "d", 4);
    (void)state;

    assert_int_equal(json_integer_value(json_member(row, "a.b.c")), 3);
    assert_int_equal(json_integer_value(json_member(row, "d")), 4);
    assert_null(json_member(row, "d.e"));
    assert_null(json_member(row, "a.x.c"));
    assert_null(json_member(NULL, "a"));
    json_decref(row);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_path_reaches_inside_and_stops_at_what_is_missing)};
    return KIT_RUN(tests);
}
