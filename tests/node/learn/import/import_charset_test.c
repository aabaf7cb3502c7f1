/* UTF-8 in pieces of any size, and what is something else. */
#include "node/learn/import/import_charset.h"

#include <string.h>

#include "tests/kit/kit.h"

static bool is_utf8(struct bytes text, size_t piece)
{
    struct import_charset charset;

    import_charset_begin(&charset);
    for (size_t at = 0; at < text.size; at += piece) {
        import_charset_take(&charset,
                            bytes_of(text.data + at, text.size - at < piece ? text.size - at : piece));
    }
    return import_charset_is_utf8(&charset);
}

static void it_is_the_same_in_any_pieces(void **state)
{
    struct bytes text = bytes_text("\xef\xbb\xbfh\xc3\xa9llo \xd8\xb9\xd8\xb1 \xe4\xb8\xad \xf0\x9f\x8c\x8d");
    (void)state;

    for (size_t piece = 1; piece <= text.size; piece++) {
        assert_true(is_utf8(text, piece));
    }
    assert_true(is_utf8(bytes_of("", 0), 1));
}

static void what_old_packages_are_written_in_is_something_else(void **state)
{
    static const struct {
        const char *data;
        size_t size;
    } others[] = {
        {"Le\xe7on", 5},          /* ISO 8859-1 */
        {"\xbf\xce\xb3\xcc", 4},  /* GB2312 */
        {"\xdf\xd1\xd3", 3},      /* Windows-1256 */
        {"\xff\xfe<\0", 4},       /* UTF-16 */
        {"<\0h\0", 4},            /* and without a mark */
        {"\x1b$B4A;z\x1b(B", 10}, /* ISO-2022-JP */
        {"\xc0\xaf", 2},          /* overlong */
        {"\xed\xa0\x80", 3},      /* a surrogate */
        {"\xf4\x90\x80\x80", 4},  /* above U+10FFFF */
        {"\xf5\x80\x80\x80", 4},
        {"\x80", 1},     /* begins nothing */
        {"\xe4\xb8", 2}, /* cut */
    };
    (void)state;

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        for (size_t piece = 1; piece <= others[i].size; piece++) {
            assert_false(is_utf8(bytes_of(others[i].data, others[i].size), piece));
        }
    }
}

/* The one that the core goes by, over all that three bytes can be. */
static void it_agrees_with_the_whole_text_at_once(void **state)
{
    uint8_t text[3];
    (void)state;

    for (unsigned i = 0; i < 1U << 24; i += i < 1U << 20 ? 1 : 7) {
        text[0] = (uint8_t)i;
        text[1] = (uint8_t)(i >> 8);
        text[2] = (uint8_t)(i >> 16);
        if (!memchr(text, 0x1b, sizeof text)) {
            assert_int_equal(is_utf8(bytes_of(text, sizeof text), 2),
                             utf8_is_valid(bytes_of(text, sizeof text)));
        }
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_same_in_any_pieces),
        cmocka_unit_test(what_old_packages_are_written_in_is_something_else),
        cmocka_unit_test(it_agrees_with_the_whole_text_at_once),
    };
    return KIT_RUN(tests);
}
