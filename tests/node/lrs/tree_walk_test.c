#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_lrs.h"

static void printing_and_reading_come_back(void **state)
{
    static const char *const texts[] = {"null",
                                        "[]",
                                        "{}",
                                        "[1,-0.50,1e3,12345678901234567890.12345]",
                                        "{\"a\":{\"b\":[true,false,null,{}]},\"c\":\"x\"}",
                                        "\"\\u0001\\n\\\\\\\"\"",
                                        "[[],[[]],{\"\":\"\"}]"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct buffer out;
        buffer_init(&out);
        tree_print(kit_tree(texts[i]), &out);
        assert_int_equal(out.size, strlen(texts[i]));
        assert_memory_equal(out.data, texts[i], out.size);
        buffer_release(&out);
    }
}

static void equal_means_the_same_value(void **state)
{
    static const struct {
        const char *a, *b;
        bool is_equal;
    } cases[] = {
        {"{\"a\":1,\"b\":[1,2]}", "{ \"b\":[1.0,2e0], \"a\":1 }", true},
        {"[1,2]", "[2,1]", false},
        {"[1,2]", "[1,2,3]", false},
        {"{\"a\":1}", "{\"b\":1}", false},
        {"{\"a\":{\"x\":1}}", "{\"a\":{\"x\":2}}", false},
        {"\"\\u0061\"", "\"a\"", true},
        {"1", "\"1\"", false},
        {"true", "false", false},
        {"[[],{}]", "[[],{}]", true},
        {"[[],{}]", "[{},[]]", false},
        {"[{\"a\":[{\"b\":1}]},2]", "[{\"a\":[{\"b\":1}]},3]", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(tree_equal(kit_tree(cases[i].a), kit_tree(cases[i].b)), cases[i].is_equal);
        assert_int_equal(tree_equal(kit_tree(cases[i].b), kit_tree(cases[i].a)), cases[i].is_equal);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printing_and_reading_come_back),
        cmocka_unit_test(equal_means_the_same_value),
    };
    return KIT_RUN(tests);
}
