/* What was said before xAPI 1.0, in the form of 1.0.3. */
#include "node/lrs/old.h"

#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs.h"

/* `json` lifted, as text; the rules of 1.0.3 take it. */
static void becomes(const char *json, const char *expected)
{
    struct tree *tree = kit_tree(json);
    struct report report = {.status = S_OK};
    struct arena arena;
    struct buffer text;

    arena_init(&arena, 1 << 20);
    buffer_init(&text);
    assert_int_equal(old_statement(tree, &arena), S_OK);
    tree_print(tree, &text);
    buffer_append_u8(&text, 0);
    assert_string_equal((const char *)text.data, expected);
    if (kit_rules((const char *)text.data, LRS_1_0_3, &report) != S_OK) {
        fail_msg("%s", report.text);
    }
    buffer_release(&text);
    arena_release(&arena);
}

static void a_statement_of_0_9_is_one_of_1_0(void **state)
{
    (void)state;
    becomes("{\"actor\":{\"objectType\":\"Person\",\"name\":[\"A\"],\"mbox\":[\"mailto:a@b.org\"],\"givenName\":[\"A\"],"
            "\"account\":[{\"accountServiceHomePage\":\"http://h.org/\",\"accountName\":\"a\"}]},\"verb\":\"completed\",\"inProgress\":false,"
            "\"object\":{\"id\":\"http://o.org/\",\"definition\":{\"type\":\"course\",\"name\":\"O\",\"extensions\":{\"x\":1,\"urn:y\":2,\"z\":3}}},"
            "\"result\":{\"completion\":\"Completed\",\"success\":true},"
            "\"context\":{\"instructor\":{\"mbox\":[\"mailto:i@b.org\"]},\"contextActivities\":{\"parent\":{\"id\":\"http://p.org/\","
            "\"definition\":{\"type\":\"module\"}}},\"extensions\":{\"x\":1}}}",
            "{\"actor\":{\"name\":\"A\",\"account\":{\"homePage\":\"http://h.org/\",\"name\":\"a\"}},"
            "\"verb\":{\"display\":{\"und\":\"completed\"},\"id\":\"http://adlnet.gov/expapi/verbs/completed\"},"
            "\"object\":{\"id\":\"http://o.org/\",\"definition\":{\"type\":\"http://adlnet.gov/expapi/activities/course\",\"name\":{\"und\":\"O\"},"
            "\"extensions\":{\"urn:y\":2}}},"
            "\"result\":{\"completion\":true,\"success\":true},"
            "\"context\":{\"instructor\":{\"mbox\":\"mailto:i@b.org\"},\"contextActivities\":{\"parent\":{\"id\":"
            "\"http://p.org/\",\"definition\":{\"type\":\"http://adlnet.gov/expapi/activities/module\"}}},\"extensions\":{}}}");
}

static void a_statement_of_0_95_is_nearly_one_of_1_0(void **state)
{
    static const char same[] = "{\"actor\":{\"account\":{\"homePage\":\"http://h.org/\",\"name\":\"a\"}},\"verb\":{\"id\":\"http://v.org/\"},"
                               "\"object\":{\"objectType\":\"Agent\",\"mbox\":\"mailto:a@b.org\"},\"result\":{\"extensions\":{}}}";
    (void)state;

    becomes(same, same);
    becomes("{\"actor\":{\"mbox\":\"mailto:a@b.org\",\"openid\":\"http://o.org\"},\"verb\":{\"id\":\"http://v.org/\"},\"voided\":false,"
            "\"object\":{\"id\":\"http://o.org/\"},\"authority\":{\"mbox\":[\"mailto:s@b.org\"]}}",
            "{\"actor\":{\"mbox\":\"mailto:a@b.org\"},\"verb\":{\"id\":\"http://v.org/\"},\"object\":{\"id\":\"http://o.org/\"}}");
}

static void what_is_no_statement_at_all_is_left_to_the_rules(void **state)
{
    static const char *const texts[] = {"{}", "{\"actor\":[],\"verb\":1,\"object\":\"x\",\"context\":[1],\"result\":null}",
                                        "{\"actor\":{\"mbox\":[],\"account\":[]},\"object\":{\"definition\":[]},\"context\":{\"contextActivities\":3}}"};
    struct arena arena;
    (void)state;

    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(old_statement(kit_tree(texts[i]), &arena), S_OK);
    }
    arena_release(&arena);
    assert_true(old_is_version("0.95") && old_is_version("0.9") && old_is_version("0.90"));
    assert_false(old_is_version("0.99") || old_is_version("1.0") || old_is_version(NULL));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_statement_of_0_9_is_one_of_1_0),
        cmocka_unit_test(a_statement_of_0_95_is_nearly_one_of_1_0),
        cmocka_unit_test(what_is_no_statement_at_all_is_left_to_the_rules),
    };
    return KIT_RUN(tests);
}
