#include <string.h>

#include "node/lrs/format.h"
#include "tests/kit/kit.h"

/* Each text of a list that ends with NULL gives `wanted`. */
static void each(bool (*is)(struct bytes), const char *const *texts, bool wanted)
{
    for (; *texts; texts++) {
        if (is(bytes_text(*texts)) != wanted) {
            fail_msg("'%s' was %s", *texts, wanted ? "refused" : "taken");
        }
    }
}

static void iris_have_a_scheme_and_no_signs_that_none_has(void **state)
{
    static const char *const good[] = {"http://a.example.com/x?y#z", "urn:uuid:1",   "mailto:a@b",
                                       "https://مثال.example/课",    "tag:x,2020:y", NULL};
    static const char *const bad[] = {
        "",           "a",           ":",          "a:",   "1a:b",       "ab=c://x",
        "http://a b", "http://a<b>", "http://a\"", "x^:y", "http://{a}", NULL};

    (void)state;
    each(format_is_iri, good, true);
    each(format_is_iri, bad, false);
}

static void mail_addresses_have_two_sides(void **state)
{
    static const char *const good[] = {"mailto:a@b.org", "mailto:first.last+tag@sub.example.com",
                                       "mailto:ü@example.com", NULL};
    static const char *const bad[] = {"mailto:",      "mailto:a",    "mailto:@b",      "mailto:a@",
                                      "MAILTO:a@b",   "a@b.org",     "mailto:a@b@c",   "mailto:a@.org",
                                      "mailto:a b@c", "mailto:a@b.", "mailto:a@b,c@d", NULL};

    (void)state;
    each(format_is_mailto, good, true);
    each(format_is_mailto, bad, false);
}

static void language_tags_follow_their_grammar(void **state)
{
    static const char *const good[] = {"en",
                                       "en-US",
                                       "zh-Hant-TW",
                                       "sl-rozaj-biske",
                                       "de-CH-1901",
                                       "es-419",
                                       "x-own",
                                       "de-CH-x-phonebk",
                                       "zh-cmn-Hans-CN",
                                       "en-a-myext-b-another",
                                       "i-klingon",
                                       "en-GB-oed",
                                       "mn",
                                       "kaz",
                                       "ar-u-nu-latn",
                                       NULL};
    static const char *const bad[] = {"",
                                      "a",
                                      "a-DE",
                                      "a12345678",
                                      "de-419-DE",
                                      "en-",
                                      "-en",
                                      "en--US",
                                      "en_US",
                                      "englishlanguage",
                                      "x",
                                      "en-x",
                                      "en-a",
                                      "en US",
                                      "123",
                                      "ab-c",
                                      "ar-a-aaa-b-bbb-a-ccc",
                                      "zh-z-aaa-Z-bbb",
                                      "de-DE-1901-1901",
                                      "sl-rozaj-biske-ROZAJ",
                                      NULL};

    (void)state;
    each(format_is_language, good, true);
    each(format_is_language, bad, false);
}

static void media_types_have_a_slash(void **state)
{
    static const char *const good[] = {"text/plain", "application/vnd.x+json; charset=utf-8",
                                       "image/svg+xml ;a=b", NULL};
    static const char *const bad[] = {"", "text", "text/", "/plain", "a b/c", "text/pl ain", NULL};

    (void)state;
    each(format_is_media_type, good, true);
    each(format_is_media_type, bad, false);
}

static void digests_have_their_length(void **state)
{
    char text[140];

    (void)state;
    for (size_t digits = 0; digits < 130; digits++) {
        memset(text, 'a', digits);
        bool is_sha2 = digits == 56 || digits == 64 || digits == 96 || digits == 128;
        assert_int_equal(format_is_sha2(bytes_of(text, digits)), is_sha2);
    }
    assert_true(format_is_hex(bytes_text("0aF9"), 4));
    assert_false(format_is_hex(bytes_text("0aG9"), 4));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iris_have_a_scheme_and_no_signs_that_none_has),
        cmocka_unit_test(mail_addresses_have_two_sides),
        cmocka_unit_test(language_tags_follow_their_grammar),
        cmocka_unit_test(media_types_have_a_slash),
        cmocka_unit_test(digests_have_their_length),
    };
    return KIT_RUN(tests);
}
