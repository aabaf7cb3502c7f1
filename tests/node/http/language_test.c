#include "node/http/language.h"

#include <string.h>

#include "tests/kit/kit.h"

static void the_best_language_that_there_is_wins(void **state)
{
    static const struct {
        const char *header, *lang;
    } cases[] = {
        {"ar-EG,ar;q=0.9,en;q=0.8", "ar"}, {"de, fr;q=0.5, en;q=0.7", "en"}, {"zh-Hans-CN", "zh"},
        {"en;q=0.2,ru;q=0.25", "ru"},      {"kk ; q=0.1 , mn", "mn"},        {"es;q=0,id;q=0.001", "id"},
        {"fr;q=1.0,en", "fr"},             {"en;q=0.999,fr;q=1", "fr"},      {"*, en;q=0.5", "en"},
    };
    static const char *const none[] = {"", "de", "es;q=0", "*", ",,,", ";;;=q", "xx-yy;q=", "q=1"};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *lang = language_accepted(cases[i].header);
        assert_non_null(lang);
        assert_string_equal(lang, cases[i].lang);
    }
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_null(language_accepted(none[i]));
    }
}

static void a_long_header_is_looked_at_up_to_a_limit(void **state)
{
    static char header[64 * 3 + 8];
    (void)state;

    for (size_t i = 0; i < 64; i++) {
        memcpy(header + 3 * i, "de,", 3);
    }
    memcpy(header + 3 * 64, "fr", 3);
    assert_null(language_accepted(header));
    memcpy(header + 3 * 63, "fr,", 3);
    assert_string_equal(language_accepted(header), "fr");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_language_that_there_is_wins),
        cmocka_unit_test(a_long_header_is_looked_at_up_to_a_limit),
    };
    return KIT_RUN(tests);
}
