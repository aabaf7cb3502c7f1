#include <string.h>

#include "node/learn/import/import_name.h"
#include "tests/kit/kit.h"

static void names_come_out_as_the_zip_standard_says(void **state)
{
    char out[32];
    (void)state;

    assert_true(import_name_decode(import_name_pages() - 1, bytes_text("caf\x82/\x81" "ber.html"), out, sizeof out));
    assert_string_equal(out, "caf\xc3\xa9/\xc3\xbc" "ber.html");
    assert_true(import_name_decode(import_name_pages() - 1, bytes_text("\xe1\xc4\xff"), out, sizeof out));
    assert_string_equal(out, "\xc3\x9f\xe2\x94\x80\xc2\xa0");
    assert_true(import_name_decode(import_name_pages() - 1, bytes_text(""), out, sizeof out));
    assert_string_equal(out, "");
}

static void no_two_bytes_are_the_same_character(void **state)
{
    char seen[256][4];
    (void)state;

    for (int byte = 1; byte < 256; byte++) {
        uint8_t raw = (uint8_t)byte;
        assert_true(import_name_decode(import_name_pages() - 1, bytes_of(&raw, 1), seen[byte], sizeof seen[byte]));
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

    assert_true(import_name_decode(import_name_pages() - 1, bytes_text("\xc4" "abc"), out, sizeof out));
    assert_false(import_name_decode(import_name_pages() - 1, bytes_text("\xc4\xc4" "abc"), out, sizeof out));
}

/* What names that were written in another page become, in the first page in which they look like names. */
static void reads(const char *lang, const char *name, const char *wanted)
{
    char out[64] = "";
    size_t page = 0;

    import_name_prepare(lang);
    while (page + 1 < import_name_pages() && !import_name_is_likely(page, bytes_text(name))) {
        page++;
    }
    assert_true(import_name_decode(page, bytes_text(name), out, sizeof out));
    assert_string_equal(out, wanted);
    import_name_prepare("");
    assert_int_equal(import_name_pages(), 1);
}

static void names_are_read_as_they_are_written_where_a_language_is_spoken(void **state)
{
    (void)state;
    reads("zh", "\xbf\xce\xb3\xcc.html", "\xe8\xaf\xbe\xe7\xa8\x8b.html");                              /* GBK: course */
    reads("zh-CN", "\xbf\xce\xb3\xcc.html", "\xe8\xaf\xbe\xe7\xa8\x8b.html");
    reads("zh-TW", "\xbd\xd2\xb5\x7b.html", "\xe8\xaa\xb2\xe7\xa8\x8b.html");                           /* Big5, the same */
    reads("ru", "\x93\xe0\xae\xaa 1.html", "\xd0\xa3\xd1\x80\xd0\xbe\xd0\xba 1.html");                  /* DOS: lesson */
    reads("kk", "\xd3\xf0\xee\xea 1.html", "\xd0\xa3\xd1\x80\xd0\xbe\xd0\xba 1.html");                  /* Windows, the same */
    reads("mn", "\xe5\xe8\xf7\xfd\xfd\xeb.html", "\xd0\xb5\xd0\xb8\xd1\x87\xd1\x8d\xd1\x8d\xd0\xbb.html");
    reads("ar", "\xa7\xe9\xa7\xe9.html", "\xd8\xaf\xd9\x84\xd8\xaf\xd9\x84.html");                     /* DOS */
    reads("ar", "\xcf\xd1\xd3.html", "\xd8\xaf\xd8\xb1\xd8\xb3.html");                                /* Windows: lesson */
    reads("fr", "caf\x82.html", "caf\xc3\xa9.html");
    reads("zhx", "caf\x82.html", "caf\xc3\xa9.html"); /* another language than zh */
    reads("ru", "caf\xb0\xb1.html", "caf\xc2\xb0\xc2\xb1.html"); /* Windows has a degree and a plus-minus there */
}

static void letters_are_put_together_in_every_script_that_has_parts(void **state)
{
    static const char *const names[][2] = {
        {"e\xcc\x81", "\xc3\xa9"},
        {"\xd0\xb8\xcc\x86", "\xd0\xb9"},                         /* й */
        {"\xd8\xa7\xd9\x94", "\xd8\xa3"},                         /* أ */
        {"\xe3\x81\x8b\xe3\x82\x99", "\xe3\x81\x8c"},             /* が */
        {"\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "\xed\x95\x9c"}, /* 한 */
        {"\xe0\xa7\x87\xe0\xa6\xbe", "\xe0\xa7\x8b"},             /* ো */
        {"\xe0\xb8\xaa\xe0\xb8\xb4", "\xe0\xb8\xaa\xe0\xb8\xb4"}, /* สิ: has no whole */
        {"plain", "plain"},
        {"e\xcc", "e\xcc"}, /* no UTF-8 */
    };
    struct buffer out;
    (void)state;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        buffer_init(&out);
        import_name_compose(names[i][0], &out);
        assert_true(bytes_equal(buffer_bytes(&out), bytes_text(names[i][1])));
        buffer_release(&out);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_come_out_as_the_zip_standard_says),
        cmocka_unit_test(no_two_bytes_are_the_same_character),
        cmocka_unit_test(a_name_that_does_not_fit_is_refused),
        cmocka_unit_test(letters_are_put_together_in_every_script_that_has_parts),
        cmocka_unit_test(names_are_read_as_they_are_written_where_a_language_is_spoken),
    };
    return KIT_RUN(tests);
}
