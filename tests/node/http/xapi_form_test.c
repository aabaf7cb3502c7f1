#include <stdio.h>
#include <string.h>

#include "node/http/xapi_form.h"
#include "replication/base/percent.h"
#include "tests/kit/kit.h"

static int parse(const char *text, struct form_pair pairs[FORM_PAIRS_MAX], struct arena *arena)
{
    arena_clear(arena);
    return form_parse(bytes_text(text), arena, pairs);
}

static void pairs_are_decoded(void **state)
{
    struct form_pair pairs[FORM_PAIRS_MAX];
    struct arena arena;

    (void)state;
    arena_init(&arena, 65536);
    assert_int_equal(parse("a=1&b+c=%7B%22x%22%3A%20y%7d&&d&e=", pairs, &arena), 4);
    assert_string_equal(form_find(pairs, 4, "a")->value, "1");
    assert_string_equal(form_find(pairs, 4, "b c")->value, "{\"x\": y}");
    assert_string_equal(form_find(pairs, 4, "d")->value, "");
    assert_string_equal(form_find(pairs, 4, "e")->value, "");
    assert_null(form_find(pairs, 4, "f"));
    assert_int_equal(parse("", pairs, &arena), 0);
    arena_release(&arena);
}

static void broken_ones_are_refused(void **state)
{
    static const char *const bad[] = {"a=%", "a=%4", "a=%4g", "a=%00", "a=1&a=2", "%61=1&a=2"};
    struct form_pair pairs[FORM_PAIRS_MAX];
    struct arena arena;
    char many[FORM_PAIRS_MAX * 8];
    size_t size = 0;

    (void)state;
    arena_init(&arena, 65536);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(parse(bad[i], pairs, &arena), -1);
    }
    for (int i = 0; i < FORM_PAIRS_MAX; i++) {
        size += (size_t)snprintf(many + size, sizeof many - size, "%sa%d", i ? "&" : "", i);
    }
    assert_int_equal(parse(many, pairs, &arena), FORM_PAIRS_MAX);
    strcpy(many + size, "&z");
    assert_int_equal(parse(many, pairs, &arena), -1);
    arena_release(&arena);
}

static void encoding_comes_back(void **state)
{
    struct form_pair pairs[FORM_PAIRS_MAX];
    struct buffer out;
    struct arena arena;

    (void)state;
    arena_init(&arena, 65536);
    buffer_init(&out);
    buffer_append(&out, "x=", 2);
    percent_append(&out, bytes_text("a b&c=d+e%ü\""), PERCENT_UNRESERVED);
    assert_int_equal(form_parse(buffer_bytes(&out), &arena, pairs), 1);
    assert_string_equal(pairs[0].value, "a b&c=d+e%ü\"");
    buffer_release(&out);
    arena_release(&arena);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_decoded),
        cmocka_unit_test(broken_ones_are_refused),
        cmocka_unit_test(encoding_comes_back),
    };
    return KIT_RUN(tests);
}
