#include "node/cmd/table.h"
#include "tests/kit/kit.h"

#include <stdlib.h>
#include <string.h>

static void a_table_and_its_json_show_the_same_rows(void **state)
{
    static const struct table_column columns[] = {
        {"name", "NAME", false}, {"score.mean", "MEAN", true}, {"absent", "ABSENT", false}};
    json_t *rows = json_pack("[{s:s, s:{s:f}}, {s:s, s:n}]", "name", "\xd8\xb9\xd9\x8a\xd9\x86", "score", "mean", 71.5, "name",
                             "b", "score");
    char *text = NULL;
    size_t size;
    (void)state;

    FILE *out = open_memstream(&text, &size);
    table_print(out, false, columns, 3, rows);
    assert_non_null(strstr(text, "NAME"));
    assert_non_null(strstr(text, "71.5"));
    assert_non_null(strstr(text, "\xd8\xb9\xd9\x8a\xd9\x86"));
    assert_non_null(strstr(text, "-"));
    fclose(out);
    free(text);
    out = open_memstream(&text, &size);
    table_print_json(out, rows);
    json_t *back = json_loads(text, 0, NULL);
    assert_non_null(back);
    assert_int_equal(json_array_size(back), 2);
    json_decref(back);
    fclose(out);
    free(text);
}

static void a_hostile_cell_is_one_line_and_its_json_has_the_text(void **state)
{
    static const char hostile[] = "a\nb\033[2J\x7f\xc2\x9b\xe2\x80\xae\xe2\x80\x8f\xd8\xb9\xf0\x9f\x8c\x8d";
    static const struct table_column columns[] = {{"name", "NAME", false}};
    json_t *rows = json_pack("[{s:s}]", "name", hostile);
    char *text = NULL;
    size_t size;
    (void)state;

    FILE *out = open_memstream(&text, &size);
    table_print(out, false, columns, 1, rows);
    fclose(out);
    assert_non_null(strstr(text, "a?b?[2J??"));
    assert_null(strpbrk(text, "\033\x7f"));
    assert_null(strstr(text, "\xc2\x9b"));
    assert_null(strstr(text, "\xe2\x80\xae"));
    assert_non_null(strstr(text, "\xd8\xb9\xf0\x9f\x8c\x8d"));
    free(text);
    out = open_memstream(&text, &size);
    table_print_json(out, rows);
    fclose(out);
    assert_non_null(strstr(text, "a\\nb\\u001B[2J\\u007f\\u009b\\u202e\xe2\x80\x8f\xd8\xb9\xf0\x9f\x8c\x8d"));
    json_t *back = json_loads(text, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(json_array_get(back, 0), "name")), hostile);
    json_decref(back);
    free(text);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_table_and_its_json_show_the_same_rows),
                                       cmocka_unit_test(a_hostile_cell_is_one_line_and_its_json_has_the_text)};
    return KIT_RUN(tests);
}
