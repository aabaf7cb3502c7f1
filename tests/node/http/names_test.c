#include "node/http/names.h"

#include <string.h>

#include "tests/kit/kit.h"

static const char names[] = "limit# dry_run? ids[ starts~ after q";

static void a_name_is_found_with_what_follows_it(void **state)
{
    (void)state;
    assert_string_equal(names_find("limit", names), "# dry_run? ids[ starts~ after q");
    assert_string_equal(names_find("dry_run", names), "? ids[ starts~ after q");
    assert_string_equal(names_find("ids", names), "[ starts~ after q");
    assert_string_equal(names_find("starts", names), "~ after q");
    assert_string_equal(names_find("after", names), " q");
    assert_string_equal(names_find("q", names), "");
}

static void a_part_of_a_name_or_more_than_one_is_none(void **state)
{
    static const char *const others[] = {"", " ", "lim", "imit", "run", "limit#", "limits", "after q", "Q", "?", "#", "dry_run?", "ids[", "[", "starts~"};
    (void)state;

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_null(names_find(others[i], names));
    }
    assert_null(names_find("q", ""));
    assert_null(names_find("q", NULL));
    assert_string_equal(names_find("in", "min in"), ""); /* the end of another one before it */
    assert_string_equal(names_find("a", "aa a#"), "#");
}

static void people_read_them_without_kinds(void **state)
{
    char out[2 * NAMES_MAX], most[NAMES_MAX + 1];
    (void)state;

    names_list(names, out);
    assert_string_equal(out, "limit, dry_run, ids, starts, after, q");
    names_list("", out);
    assert_string_equal(out, "");
    for (size_t i = 0; i < NAMES_MAX; i++) {
        most[i] = i % 2 ? ' ' : 'n';
    }
    most[NAMES_MAX] = '\0';
    names_list(most, out);
    assert_int_equal(strlen(out), NAMES_MAX + NAMES_MAX / 2);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_found_with_what_follows_it),
        cmocka_unit_test(a_part_of_a_name_or_more_than_one_is_none),
        cmocka_unit_test(people_read_them_without_kinds),
    };
    return KIT_RUN(tests);
}
