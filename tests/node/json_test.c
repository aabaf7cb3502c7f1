#include "node/json.h"

#include "node/timestamp.h"
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

static void a_name_of_a_file_that_is_no_text_is_shown_all_the_same(void **state)
{
    static const struct {
        const char *name, *shown;
    } cases[] = {{"/media/cl\xc3\xa9.backup", "/media/cl\xc3\xa9.backup"}, {"/media/cl\xe9.backup", "/media/cl?.backup"}, {"", ""}};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *name = json_file_name(cases[i].name);
        assert_string_equal(json_string_value(name), cases[i].shown);
        json_decref(name);
    }
}

/* A value takes many times the memory of its text. */
static void a_text_of_more_values_than_agreed_is_none(void **state)
{
    static const struct {
        const char *text;
        size_t max;
        bool is_read;
    } cases[] = {{"[1,2,3]", 3, true},          {"[1,2,3]", 2, false}, {"{\"a\":{}}", 3, true},   {"{\"a\":{}}", 2, false},
                 {"[\"[,:{\\\"[,\"]", 1, true}, {"[[[[[", 4, false},   {"\"[,\\\\\",[[", 2, false}, {"[1", 1, false}};
    json_error_t error;
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *value = json_read(bytes_text(cases[i].text), 0, cases[i].max, &error);
        assert_int_equal(value != NULL, cases[i].is_read);
        json_decref(value);
        value = json_read(bytes_text(cases[i].text), 0, cases[i].max, NULL);
        assert_int_equal(value != NULL, cases[i].is_read);
        json_decref(value);
    }
    assert_null(json_read(bytes_text("[1,2]"), 0, 1, &error));
    assert_string_equal(error.text, "it holds more than 1 values");
}

static void a_moment_that_no_clock_shows_is_null(void **state)
{
    const struct { uint64_t ms; const char *text; } moments[] = {
        {0, NULL}, {1, "1970-01-01T00:00:00.001Z"}, {TIMESTAMP_MS_MAX, "2099-12-31T23:59:59.999Z"}, {TIMESTAMP_MS_MAX + 1ULL, NULL}, {UINT64_MAX, NULL}};
    (void)state;

    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        json_t *time = json_time(moments[i].ms);
        assert_int_equal(json_is_null(time), moments[i].text == NULL);
        if (moments[i].text) {
            assert_string_equal(json_string_value(time), moments[i].text);
        }
        json_decref(time);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_moment_that_no_clock_shows_is_null),
        cmocka_unit_test(a_path_reaches_inside_and_stops_at_what_is_missing),
        cmocka_unit_test(a_name_of_a_file_that_is_no_text_is_shown_all_the_same),
        cmocka_unit_test(a_text_of_more_values_than_agreed_is_none),
    };
    return KIT_RUN(tests);
}
