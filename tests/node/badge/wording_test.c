#include "node/badge/wording.h"

#include <string.h>

#include "tests/kit/kit.h"

static void every_language_has_every_text(void **state)
{
    static const char *const tags[] = {"en", "ar", "zh", "es", "fr", "id", "kk", "mn", "ru"};
    (void)state;

    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        for (int wording = 0; wording < WORDING_COUNT; wording++) {
            const char *text = wording_text(tags[i], (enum wording)wording);
            assert_true(text && *text);
            assert_true(i == 0 || strcmp(text, wording_text("en", (enum wording)wording)) != 0);
        }
    }
    assert_string_equal(wording_text("zh-Hans-CN", WORDING_TITLE), wording_text("zh", WORDING_TITLE));
    assert_string_equal(wording_text("sw", WORDING_TITLE), wording_text("en", WORDING_TITLE));
    assert_string_equal(wording_text("", WORDING_TITLE), wording_text("en", WORDING_TITLE));
    assert_string_equal(wording_language("sw"), "en");
    assert_string_equal(wording_language("ar-EG"), "ar-EG");
}

static void days_are_written_as_the_language_does(void **state)
{
    char text[WORDING_DATE_SIZE];
    (void)state;

    wording_date("en", 1791203445000, text);
    assert_string_equal(text, "5 October 2026");
    wording_date("zh-CN", 1791203445000, text);
    assert_string_equal(text, "2026年10月5日");
    wording_date("ar", 1791203445000, text);
    assert_string_equal(text, "5 أكتوبر 2026");
    wording_date("es", 1791203445000, text);
    assert_string_equal(text, "5 de octubre de 2026");
    wording_date("mn", 1791203445000, text);
    assert_string_equal(text, "2026 оны 10-р сарын 5");
}

static void some_languages_run_from_right_to_left(void **state)
{
    (void)state;
    assert_true(wording_is_rtl("ar") && wording_is_rtl("ar-EG") && wording_is_rtl("ur"));
    assert_false(wording_is_rtl("en") || wording_is_rtl("arn") || wording_is_rtl(""));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_language_has_every_text),
        cmocka_unit_test(days_are_written_as_the_language_does),
        cmocka_unit_test(some_languages_run_from_right_to_left),
    };
    return KIT_RUN(tests);
}
