#include "replication/base/arena.h"
#include "tests/kit/kit.h"

#include <string.h>

static void the_bound_holds_at_its_edge(void **state)
{
    struct arena arena;
    (void)state;

    arena_init(&arena, 1 << 20);
    assert_non_null(arena_alloc(&arena, 1 << 20));
    assert_null(arena_alloc(&arena, 1));
    arena_clear(&arena);
    assert_null(arena_alloc(&arena, (1 << 20) + 1));
    assert_non_null(arena_alloc(&arena, 16));
    arena_release(&arena);
}

static void a_copy_is_its_own_and_ends_in_nul(void **state)
{
    struct arena arena;
    char text[] = "abc";
    (void)state;

    arena_init(&arena, 4096);
    struct bytes copy = arena_copy(&arena, bytes_text(text));
    text[0] = 'x';
    assert_int_equal(copy.size, 3);
    assert_string_equal((const char *)copy.data, "abc");
    arena_release(&arena);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bound_holds_at_its_edge),
        cmocka_unit_test(a_copy_is_its_own_and_ends_in_nul),
    };
    return KIT_RUN(tests);
}
