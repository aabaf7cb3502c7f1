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

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_table_and_its_json_show_the_same_rows)};
    return KIT_RUN(tests);
}
