#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs.h"

static void only_what_identifies_is_left(void **state)
{
    struct tree *tree =
        kit_tree("{\"actor\":{\"objectType\":\"Group\",\"name\":\"G\",\"member\":[{\"name\":\"A\",\"mbox\":"
                 "\"m\"}]},\"verb\":{\"id\":\"v\",\"display\":{}},"
                 "\"object\":{\"id\":\"a\",\"definition\":{}},\"authority\":{\"objectType\":\"Agent\","
                 "\"name\":\"H\",\"openid\":\"o\"},\"result\":{\"success\":true},"
                 "\"context\":{\"instructor\":{\"name\":\"I\",\"account\":{\"name\":\"n\"}},\"team\":{"
                 "\"objectType\":\"Group\",\"mbox\":\"t\",\"member\":[{\"mbox\":\"x\"}]},"
                 "\"contextActivities\":{\"other\":[{\"id\":\"b\",\"definition\":{}},{\"objectType\":"
                 "\"Activity\",\"id\":\"c\"}]},"
                 "\"contextAgents\":[{\"objectType\":\"contextAgent\",\"agent\":{\"name\":\"C\",\"mbox\":"
                 "\"c\"},\"relevantTypes\":[\"r\"]}]}}");
    const struct tree *wanted =
        kit_tree("{\"actor\":{\"objectType\":\"Group\",\"member\":[{\"mbox\":\"m\"}]},\"verb\":{\"id\":\"v\"}"
                 ",\"object\":{\"id\":\"a\"},"
                 "\"authority\":{\"objectType\":\"Agent\",\"openid\":\"o\"},\"result\":{\"success\":true},"
                 "\"context\":{\"instructor\":{\"account\":{\"name\":\"n\"}},"
                 "\"team\":{\"objectType\":\"Group\",\"mbox\":\"t\"},\"contextActivities\":{\"other\":[{"
                 "\"id\":\"b\"},{\"id\":\"c\"}]},"
                 "\"contextAgents\":[{\"objectType\":\"contextAgent\",\"agent\":{\"mbox\":\"c\"},"
                 "\"relevantTypes\":[\"r\"]}]}}");
    struct arena arena;

    (void)state;
    arena_init(&arena, 1024 * 1024);
    assert_true(render_ids(tree, &arena));
    assert_true(tree_equal(tree, wanted));
    arena_release(&arena);
}

static void substatements_too(void **state)
{
    struct tree *tree = kit_tree("{\"actor\":{\"mbox\":\"m\"},\"verb\":{\"id\":\"v\"},\"object\":{"
                                 "\"objectType\":\"SubStatement\",\"actor\":{\"mbox\":\"m\",\"name\":\"N\"},"
                                 "\"verb\":{\"id\":\"v\",\"display\":{}},\"object\":{\"objectType\":"
                                 "\"Agent\",\"name\":\"N\",\"mbox\":\"x\"}}}");
    const struct tree *wanted =
        kit_tree("{\"actor\":{\"mbox\":\"m\"},\"verb\":{\"id\":\"v\"},\"object\":{\"objectType\":"
                 "\"SubStatement\",\"actor\":{\"mbox\":\"m\"},"
                 "\"verb\":{\"id\":\"v\"},\"object\":{\"objectType\":\"Agent\",\"mbox\":\"x\"}}}");
    struct arena arena;

    (void)state;
    arena_init(&arena, 1024 * 1024);
    assert_true(render_ids(tree, &arena));
    assert_true(tree_equal(tree, wanted));
    arena_release(&arena);
}

/* An activity needs no type (it is what an object is without one); a reference does. */
static void types_stay_where_they_identify(void **state)
{
    static const char *const objects[][2] = {
        {"{\"objectType\":\"Activity\",\"id\":\"a\",\"definition\":{}}", "{\"id\":\"a\"}"},
        {"{\"objectType\":\"StatementRef\",\"id\":\"s\"}", "{\"objectType\":\"StatementRef\",\"id\":\"s\"}"},
        {"{\"objectType\":\"Group\",\"name\":\"G\",\"mbox\":\"g\"}",
         "{\"objectType\":\"Group\",\"mbox\":\"g\"}"},
    };
    char text[512];

    (void)state;
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        struct arena arena;
        snprintf(text, sizeof text, "{\"object\":%s}", objects[i][0]);
        struct tree *tree = kit_tree(text);
        snprintf(text, sizeof text, "{\"object\":%s}", objects[i][1]);
        arena_init(&arena, 1024 * 1024);
        assert_true(render_ids(tree, &arena));
        assert_true(tree_equal(tree, kit_tree(text)));
        arena_release(&arena);
    }
}

static void a_full_arena_is_said(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 1);
    assert_false(render_ids(kit_tree("{\"actor\":{\"mbox\":\"m\"}}"), &arena));
    arena_release(&arena);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_what_identifies_is_left, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(substatements_too, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(types_stay_where_they_identify, kit_lrs_setup, kit_lrs_teardown),
        cmocka_unit_test_setup_teardown(a_full_arena_is_said, kit_lrs_setup, kit_lrs_teardown),
    };
    return KIT_RUN(tests);
}
