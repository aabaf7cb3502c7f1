#include <string.h>

#include "node/lrs/normal.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs.h"

static void single_context_activities_become_arrays(void **state)
{
    struct tree *tree = kit_tree(
        "{\"context\":{\"contextActivities\":{\"parent\":{\"id\":\"a\"},\"other\":[{\"id\":\"b\"}]}},"
        "\"object\":{\"objectType\":\"SubStatement\",\"context\":{\"contextActivities\":{\"category\":{"
        "\"id\":\"c\"}}}}}");
    const struct tree *wanted = kit_tree(
        "{\"context\":{\"contextActivities\":{\"parent\":[{\"id\":\"a\"}],\"other\":[{\"id\":\"b\"}]}},"
        "\"object\":{\"objectType\":\"SubStatement\",\"context\":{\"contextActivities\":{\"category\":[{"
        "\"id\":\"c\"}]}}}}");
    struct arena arena;

    (void)state;
    arena_init(&arena, 65536);
    assert_int_equal(normal_apply(tree, &arena), S_OK);
    assert_true(tree_equal(tree, wanted));
    assert_int_equal(normal_apply(tree, &arena), S_OK);
    assert_true(tree_equal(tree, wanted));
    arena_release(&arena);
}

static void a_full_arena_is_said(void **state)
{
    struct tree *tree = kit_tree("{\"context\":{\"contextActivities\":{\"parent\":{\"id\":\"a\"}}}}");
    struct arena arena;

    (void)state;
    arena_init(&arena, 1);
    assert_int_equal(normal_apply(tree, &arena), S_TOO_LARGE);
    arena_release(&arena);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_context_activities_become_arrays),
        cmocka_unit_test(a_full_arena_is_said),
    };
    return KIT_RUN(tests);
}
