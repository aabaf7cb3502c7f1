#include "replication/base/percent.h"

#include <stdio.h>
#include <string.h>

#include "tests/kit/kit.h"

static void expect(struct bytes text, const char *plain, const char *expected)
{
    struct buffer out;

    buffer_init(&out);
    buffer_append_u8(&out, '=');
    percent_append(&out, text, plain);
    assert_int_equal(out.size, 1 + strlen(expected));
    assert_int_equal(out.data[0], '=');
    assert_memory_equal(out.data + 1, expected, out.size - 1);
    buffer_release(&out);
}

static void what_is_named_stays_and_the_rest_is_encoded(void **state)
{
    (void)state;
    expect(bytes_text(PERCENT_UNRESERVED), PERCENT_UNRESERVED, PERCENT_UNRESERVED);
    expect(bytes_text("a b&c=d+e%\xc3\xbc\"/"), PERCENT_UNRESERVED, "a%20b%26c%3Dd%2Be%25%C3%BC%22%2F");
    expect(bytes_text("a/b c"), PERCENT_UNRESERVED "/", "a/b%20c");
    expect(bytes_text("ab"), "", "%61%62");
    expect(bytes_of("", 0), PERCENT_UNRESERVED, "");
}

static void every_byte_has_one_form(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        const uint8_t text[1] = {(uint8_t)byte};
        const bool stays = byte && byte < 0x80 && strchr(PERCENT_UNRESERVED, (int)byte);
        char expected[4];

        snprintf(expected, sizeof expected, stays ? "%c" : "%%%02X", byte);
        expect(bytes_of(text, 1), PERCENT_UNRESERVED, expected);
    }
}

static void a_percent_sign_stays_only_where_it_encodes(void **state)
{
    static const char plain[] = PERCENT_UNRESERVED "%";
    (void)state;

    expect(bytes_text("a%20b%aF"), plain, "a%20b%aF");
    expect(bytes_text("100% sure"), plain, "100%25%20sure");
    expect(bytes_text("%2"), plain, "%252");
    expect(bytes_text("%"), plain, "%25");
    expect(bytes_text("%%41%4g"), plain, "%25%41%254g");
    expect(bytes_of("%41", 2), plain, "%254"); /* what stands behind the end is not looked at */
    expect(bytes_text("%20"), PERCENT_UNRESERVED, "%2520");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_named_stays_and_the_rest_is_encoded),
        cmocka_unit_test(every_byte_has_one_form),
        cmocka_unit_test(a_percent_sign_stays_only_where_it_encodes),
    };
    return KIT_RUN(tests);
}
