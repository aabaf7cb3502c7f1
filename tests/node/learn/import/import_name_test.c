#include <string.h>

#include "node/learn/import/import_name.h"
#include "tests/kit/kit.h"

static void names_come_out_as_the_zip_standard_says(void **state)
{
    char out[32];
    (void)state;

    assert_true(import_name_decode(bytes_text("caf\x82/\x81" "ber.html"), out, sizeof out));
    assert_string_equal(out, "caf\xc3\xa9/\xc3\xbc" "ber.html");
    assert_true(import_name_decode(bytes_text("\xe1\xc4\xff"), out, sizeof out));
    assert_string_equal(out, "\xc3\x9f\xe2\x94\x80\xc2\xa0");
    assert_true(import_name_decode(bytes_text(""), out, sizeof out));
    assert_string_equal(out, "");
}

static void no_two_bytes_are_the_same_character(void **state)
{
    char seen[256][4];
    (void)state;

    for (int byte = 1; byte < 256; byte++) {
        uint8_t raw = (uint8_t)byte;
        assert_true(import_name_decode(bytes_of(&raw, 1), seen[byte], sizeof seen[byte]));
        assert_true(utf8_is_valid(bytes_text(seen[byte])));
        for (int other = 1; other < byte; other++) {
            assert_string_not_equal(seen[byte], seen[other]);
        }
    }
}

static void a_name_that_does_not_fit_is_refused(void **state)
{
    char out[8];
    (void)state;

    assert_true(import_name_decode(bytes_text("\xc4" "abc"), out, sizeof out));
    assert_false(import_name_decode(bytes_text("\xc4\xc4" "abc"), out, sizeof out));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_come_out_as_the_zip_standard_says),
        cmocka_unit_test(no_two_bytes_are_the_same_character),
        cmocka_unit_test(a_name_that_does_not_fit_is_refused),
    };
    return KIT_RUN(tests);
}
