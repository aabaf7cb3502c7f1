#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs.h"

static enum status parse(const char *json)
{
    struct arena arena;
    struct tree *tree;

    arena_init(&arena, 1024 * 1024);
    enum status status = tree_parse(bytes_text(json), &arena, &tree, NULL);
    arena_release(&arena);
    return status;
}

static void what_the_grammar_allows_is_read(void **state)
{
    static const char *const good[] = {"null",
                                       " [ ] ",
                                       "{}",
                                       "[1,-0,0.5,1e3,-1.5E-2]",
                                       "\"\\u00e9\\n\\\"\\/\"",
                                       "{\"a\":{\"b\":[true,false,null]}}",
                                       "\"\\ud83d\\ude00\"",
                                       "[[[[]]]]",
                                       "\t{\n\"a\" : 1 }\r\n"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(parse(good[i]), S_OK);
    }
}

static void what_it_does_not_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "[",
                                      "]",
                                      "[1,]",
                                      "{\"a\"}",
                                      "{a:1}",
                                      "[1 2]",
                                      "01",
                                      "1.",
                                      "-",
                                      "+1",
                                      ".5",
                                      "1e",
                                      "nul",
                                      "truex",
                                      "\"",
                                      "\"\\x\"",
                                      "\"\\u12\"",
                                      "\"\\ud800\"",
                                      "\"\\udc00\"",
                                      "\"\\ud800\\u0041\"",
                                      "\"\\u0000\"",
                                      "\"\t\"",
                                      "\xff",
                                      "1e999",
                                      "[1]]",
                                      "{\"a\":1,\"a\":2}",
                                      "{\"a\":1,\"\\u0061\":2}",
                                      "\"\xc0\x80\"",
                                      "{\"a\":1 \"b\":2}",
                                      "\"\\"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (parse(bad[i]) != S_INVALID) {
            fail_msg("'%s' was taken", bad[i]);
        }
    }
}

static void depth_members_and_digits_end_at_their_limits(void **state)
{
    char text[16 * TREE_MEMBERS_MAX + 64];
    size_t size = 0;

    (void)state;
    for (int depth = TREE_DEPTH_MAX; depth <= TREE_DEPTH_MAX + 1; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        text[2 * depth] = '\0';
        assert_int_equal(parse(text), depth <= TREE_DEPTH_MAX ? S_OK : S_INVALID);
    }
    for (int members = TREE_MEMBERS_MAX; members <= TREE_MEMBERS_MAX + 1; members++) {
        size = (size_t)sprintf(text, "{\"n\":0");
        for (int i = 1; i < members; i++) {
            size += (size_t)sprintf(text + size, ",\"%d\":0", i);
        }
        strcpy(text + size, "}");
        assert_int_equal(parse(text), members <= TREE_MEMBERS_MAX ? S_OK : S_INVALID);
    }
    for (int digits = TREE_NUMBER_MAX; digits <= TREE_NUMBER_MAX + 1; digits++) {
        memset(text, '1', (size_t)digits);
        text[digits] = '\0';
        assert_int_equal(parse(text), digits <= TREE_NUMBER_MAX ? S_OK : S_INVALID);
    }
}

static void memory_ends_with_the_arena(void **state)
{
    char text[4096];
    struct arena arena;
    struct tree *tree;

    (void)state;
    memset(text, '0', sizeof text);
    for (size_t i = 0; i < sizeof text; i += 2) {
        text[i] = i ? ',' : '[';
    }
    strcpy(text + sizeof text - 2, "]");
    arena_init(&arena, 16 * 1024);
    assert_int_equal(tree_parse(bytes_text(text), &arena, &tree, NULL), S_TOO_LARGE);
    arena_release(&arena);
}

static void members_are_found_put_and_removed(void **state)
{
    struct arena arena;
    struct tree *tree = kit_tree("{\"a\":1,\"b\":\"x\\ty\",\"c\":[]}");
    struct buffer out;

    (void)state;
    arena_init(&arena, 65536);
    assert_null(tree_find(tree, "z"));
    assert_null(tree_find(NULL, "a"));
    assert_null(tree_find(tree_find(tree, "c"), "a"));
    assert_true(tree_is_text(tree_find(tree, "b"), "x\ty"));
    assert_true(tree_number(tree_find(tree, "a")) == 1);
    assert_null(tree_text(tree, "a").data);
    tree_put(tree, "a", tree_string(&arena, bytes_text("new")));
    tree_put(tree, "c", tree_string(&arena, bytes_text("last")));
    tree_put(tree, "d", tree_share(&arena, tree_find(tree, "b")));
    tree_remove(tree, "b");
    tree_remove(tree, "nothing");
    buffer_init(&out);
    tree_print(tree, &out);
    assert_int_equal(out.size, strlen("{\"a\":\"new\",\"c\":\"last\",\"d\":\"x\\ty\"}"));
    assert_memory_equal(out.data, "{\"a\":\"new\",\"c\":\"last\",\"d\":\"x\\ty\"}", out.size);
    tree_remove(tree, "d");
    tree_remove(tree, "a");
    tree_append(tree, tree_share(&arena, tree_find(tree, "c")));
    assert_int_equal(tree->count, 2);
    buffer_release(&out);
    arena_release(&arena);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_grammar_allows_is_read),
        cmocka_unit_test(what_it_does_not_is_refused),
        cmocka_unit_test(depth_members_and_digits_end_at_their_limits),
        cmocka_unit_test(memory_ends_with_the_arena),
        cmocka_unit_test(members_are_found_put_and_removed),
    };
    return KIT_RUN(tests);
}
