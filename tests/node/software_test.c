/* A version as a number, and back. */
#include "node/software.h"

#include "tests/kit/kit.h"

static void a_version_comes_back_as_it_was(void **state)
{
    char text[SOFTWARE_TEXT_SIZE];

    (void)state;
    assert_int_equal(software_parse("0.1.0"), 256);
    software_text(software_parse("255.254.3"), text);
    assert_string_equal(text, "255.254.3");
    assert_true(software_parse("0.2.0") > software_parse("0.1.255"));
    software_text(software_number(), text);
    assert_string_equal(text, PACKAGE_VERSION);
}

static void what_is_no_version_says_nothing(void **state)
{
    static const char *const none[] = {"",        "1",       "1.2",   "1.2.3.4", "1.2.3-rc",
                                       "256.0.0", "1.256.0", "x.y.z", "-1.0.0"};
    char text[SOFTWARE_TEXT_SIZE] = "before";

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_int_equal(software_parse(none[i]), 0);
    }
    software_text(0, text);
    assert_string_equal(text, "");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_version_comes_back_as_it_was),
        cmocka_unit_test(what_is_no_version_says_nothing),
    };
    return KIT_RUN(tests);
}
