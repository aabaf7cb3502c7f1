#include "node/learn/search.h"

#include <string.h>

#include "tests/kit/kit.h"

static void expect(void (*make)(struct bytes, struct buffer *), const char *text, const char *wanted)
{
    struct buffer out;

    buffer_init(&out);
    make(bytes_text(text), &out);
    buffer_append_u8(&out, '\0');
    assert_string_equal((const char *)out.data, wanted);
    buffer_release(&out);
}

static void texts_are_folded_by_what_their_script_needs(void **state)
{
    (void)state;
    expect(search_fold, "Zoé Müller", "Zoé Müller ");
    expect(search_fold, "王小明", " 王  小  明  ");
    expect(search_fold, "فَاطِمَة", "فاطمه ");
    expect(search_fold, "أحمد", "احمد ");
    expect(search_fold, "", " ");
}

static void words_become_a_query_that_cannot_be_broken_out_of(void **state)
{
    struct buffer out;
    (void)state;

    buffer_init(&out);
    search_query(bytes_text("\" OR *"), &out);
    buffer_append_u8(&out, '\0');
    assert_null(strstr((const char *)out.data, " OR "));
    buffer_clear(&out);
    search_query(bytes_text("  - ( "), &out);
    assert_int_equal(out.size, 0);
    search_query(bytes_text("amin so"), &out);
    buffer_append_u8(&out, '\0');
    assert_non_null(strstr((const char *)out.data, "\"amin\"*"));
    assert_non_null(strstr((const char *)out.data, "\"so\"*"));
    buffer_release(&out);
}

static void words_beyond_the_limit_are_left_out(void **state)
{
    struct buffer text, wanted, out;
    (void)state;

    buffer_init(&text), buffer_init(&wanted), buffer_init(&out);
    for (int i = 0; i < SEARCH_WORDS_MAX; i++) {
        buffer_append(&text, "word - ", 7); /* a sign alone is no word and takes no place */
        buffer_append(&wanted, "\"word\"* ", 8);
    }
    search_query(buffer_bytes(&text), &out);
    assert_true(bytes_equal(buffer_bytes(&out), buffer_bytes(&wanted)));
    buffer_append(&text, "more", 4);
    buffer_clear(&out);
    search_query(buffer_bytes(&text), &out);
    assert_true(bytes_equal(buffer_bytes(&out), buffer_bytes(&wanted)));
    buffer_release(&text), buffer_release(&wanted), buffer_release(&out);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_folded_by_what_their_script_needs),
        cmocka_unit_test(words_become_a_query_that_cannot_be_broken_out_of),
        cmocka_unit_test(words_beyond_the_limit_are_left_out),
    };
    return KIT_RUN(tests);
}
