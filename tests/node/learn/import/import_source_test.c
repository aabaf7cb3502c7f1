/* References of manifests to members. */
#include "node/learn/import/import_source.h"

#include <string.h>

#include "tests/kit/kit.h"

static struct import_file files[] = {{.path = {(const uint8_t *)"c/Page.html", 11}},
                                     {.path = {(const uint8_t *)"c/a b.html", 10}},
                                     {.path = {(const uint8_t *)"c/c%20d.html", 12}},
                                     {.path = {(const uint8_t *)"c/x/y.html", 10}}};

static void expect(struct import_source *source, const char *href, enum import_target target,
                   const char *entry)
{
    struct bytes found;

    assert_int_equal(import_source_resolve(source, bytes_text("c/"), bytes_text(href), &found), target);
    if (entry && !bytes_equal(found, bytes_text(entry))) {
        fail_msg("\"%s\" gives \"%.*s\"", href, (int)found.size, (const char *)found.data);
    }
}

static void references_find_members_and_nothing_else(void **state)
{
    struct import_source source;

    (void)state;
    import_source_init(&source);
    source.files = files;
    source.file_count = 4;
    import_source_find_root(&source);
    assert_true(bytes_equal(source.root, bytes_text("c/")));
    assert_non_null(import_source_find_in_root(&source, "x/y.html"));
    assert_null(import_source_find_in_root(&source, "y.html"));
    expect(&source, "a%20b.html?q=1#f", TARGET_MEMBER, "c/a b.html?q=1#f");
    expect(&source, "c%20d.html", TARGET_MEMBER, "c/c%2520d.html"); /* the file itself is called so */
    expect(&source, "c%25%32%30d.html", TARGET_MEMBER, "c/c%2520d.html");
    expect(&source, "x/../x/./y.html", TARGET_MEMBER, "c/x/y.html");
    expect(&source, "x\\y.html", TARGET_MEMBER, "c/x/y.html");
    expect(&source, "page.HTML", TARGET_MEMBER, "c/Page.html");
    expect(&source, "https://example.org/a", TARGET_OUTSIDE, "https://example.org/a");
    expect(&source, "//example.org/a", TARGET_OUTSIDE, NULL);
    expect(&source, "javascript:alert(1)", TARGET_MISSING, "");
    expect(&source, "file:///etc/passwd", TARGET_MISSING, "");
    expect(&source, "../../etc/passwd", TARGET_MISSING, "");
    expect(&source, "x/", TARGET_MISSING, "");
    expect(&source, "", TARGET_MISSING, "");
    expect(&source, "%2e%2e/%2e%2e/a", TARGET_MISSING, "");
    import_source_release(&source);
}

/* café.html, as the manifest of a tool of the nineties calls it, in an archive whose names are UTF-8; naïve.html, where the archive's names were Latin-1
 * too, and are read as code page 437. */
static void addresses_in_other_encodings_than_utf_8_find_their_members(void **state)
{
    static const char cafe[] = "c/caf\xc3\xa9.html", naive[] = "c/na\xe2\x88\xa9ve.html";
    struct import_file others[] = {{.path = bytes_text(cafe)}, {.path = bytes_text(naive)}};
    struct import_source source;
    (void)state;

    import_source_init(&source);
    source.files = others;
    source.file_count = 2;
    import_source_find_root(&source);
    expect(&source, "caf%C3%A9.html", TARGET_MEMBER, cafe);
    expect(&source, "caf\xc3\xa9.html", TARGET_MEMBER, cafe);
    expect(&source, "cafe\xcc\x81.html#x", TARGET_MEMBER, "c/caf\xc3\xa9.html#x"); /* as a Mac writes it */
    expect(&source, "cafe%CC%81.html", TARGET_MEMBER, cafe);
    assert_int_equal(source.notes.size, 0);
    expect(&source, "caf%E9.html?a=1", TARGET_MEMBER, "c/caf\xc3\xa9.html?a=1");
    assert_non_null(memmem(source.notes.data, source.notes.size, "not written in UTF-8", 20));
    expect(&source, "na%EFve.html", TARGET_MEMBER, naive);
    expect(&source, "caf%E8.html", TARGET_MISSING, "");
    expect(&source, "%E9%E9", TARGET_MISSING, "");
    char longest[COURSE_ENTRY_MAX + 1]; /* as many bytes as can be */
    size_t size = 0;
    while (size + 3 <= COURSE_ENTRY_MAX) {
        memcpy(longest + size, "%E9", 3);
        size += 3;
    }
    longest[size] = '\0';
    expect(&source, longest, TARGET_MISSING, "");
    import_source_release(&source);
}

static void what_desktops_leave_does_not_hide_the_top_folder(void **state)
{
    static struct import_file littered[] = {{.path = {(const uint8_t *)".DS_Store", 9}},
                                            {.path = {(const uint8_t *)"My Course/a.html", 16}},
                                            {.path = {(const uint8_t *)"My Course/b.html", 16}},
                                            {.path = {(const uint8_t *)"__MACOSX/My Course/._a.html", 27}}};
    struct import_source source;

    (void)state;
    import_source_init(&source);
    source.files = littered;
    source.file_count = 4;
    import_source_find_root(&source);
    assert_true(bytes_equal(source.root, bytes_text("My Course/")));
    assert_true(import_source_is_litter(bytes_text("x/._y")));
    assert_true(import_source_is_litter(bytes_text("Thumbs.db")));
    assert_false(import_source_is_litter(bytes_text("x/_y")));
    assert_false(import_source_is_litter(bytes_text("MACOSX/a")));
    source.files = littered + 3;
    source.file_count = 1;
    import_source_find_root(&source);
    assert_int_equal(source.root.size, 0);
    import_source_release(&source);
}

static void folders_within_folders_are_the_top_when_all_is_in_them(void **state)
{
    static struct import_file deep[] = {{.path = {(const uint8_t *)"a/b/imsmanifest.xml", 19}},
                                        {.path = {(const uint8_t *)"a/b/x/y.html", 12}},
                                        {.path = {(const uint8_t *)"a/c.html", 8}}};
    struct import_source source;

    (void)state;
    import_source_init(&source);
    source.files = deep;
    source.file_count = 2;
    import_source_find_root(&source);
    assert_true(bytes_equal(source.root, bytes_text("a/b/")));
    source.file_count = 3;
    import_source_find_root(&source);
    assert_true(bytes_equal(source.root, bytes_text("a/")));
    import_source_release(&source);
}

static void texts_are_cleaned_and_cut_between_characters(void **state)
{
    struct import_source source;

    (void)state;
    import_source_init(&source);
    assert_true(bytes_equal(import_source_text(&source, bytes_text(" a \n\t b "), 100), bytes_text("a b")));
    assert_int_equal(import_source_text(&source, bytes_text("é\xff"), 100).size, 0);
    assert_true(bytes_equal(import_source_text(&source, bytes_text("aéé"), 4), bytes_text("aé")));
    struct bytes hostile = bytes_text("\xc2\x9b" "a\xc2\x85\xe2\x80\xae" "b é 字\xe2\x80\x8f \xe2\x80\xac");
    assert_true(bytes_equal(import_source_text(&source, hostile, 100), bytes_text("a b é 字\xe2\x80\x8f")));
    import_source_release(&source);
}

static void items_beyond_the_limit_are_noted(void **state)
{
    struct import_source source;
    const struct course_item item = {
        .mastery_percent = -1, .entry = bytes_text("e"), .depth = COURSE_DEPTH_MAX + 5};

    (void)state;
    import_source_init(&source);
    for (int i = 0; i < COURSE_ITEMS_MAX + 2; i++) {
        assert_int_equal(source.is_cut, i > COURSE_ITEMS_MAX); /* as many as may be are no cut */
        import_source_add_item(&source, item);
    }
    import_source_finish(&source);
    assert_int_equal(source.description.item_count, COURSE_ITEMS_MAX);
    assert_int_equal(source.description.items[0].depth, COURSE_DEPTH_MAX);
    assert_non_null(memmem(source.description.notes.data, source.description.notes.size, "10000", 5));
    import_source_release(&source);
}

static void what_says_that_there_is_no_language_is_none(void **state)
{
    static const char *const none[] = {"und", "UND", "mul", "zxx", "x-none", "", "a-language-tag-that-is-longer-than-any-can-be-at-all"};
    const struct bytes said = bytes_text("x-nonesuch");

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_int_equal(import_source_lang(bytes_text(none[i])).size, 0);
    }
    assert_true(bytes_equal(import_source_lang(said), said));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_find_members_and_nothing_else),
        cmocka_unit_test(addresses_in_other_encodings_than_utf_8_find_their_members),
        cmocka_unit_test(what_desktops_leave_does_not_hide_the_top_folder),
        cmocka_unit_test(folders_within_folders_are_the_top_when_all_is_in_them),
        cmocka_unit_test(texts_are_cleaned_and_cut_between_characters),
        cmocka_unit_test(items_beyond_the_limit_are_noted),
        cmocka_unit_test(what_says_that_there_is_no_language_is_none),
    };
    return KIT_RUN(tests);
}
