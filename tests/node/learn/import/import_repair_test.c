/* Manifests that are almost XML are read as they were meant; what was meant by others nobody knows. */
#include "node/learn/import/import_repair.h"

#include <stdio.h>
#include <string.h>

#include "tests/kit/import.h"

#define MANIFEST(begin, title, end)                                                                                                                  \
    begin "<manifest><metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata><organizations><organization>"                 \
          "<item identifier='i' identifierref='r'><title>" title "</title></item></organization></organizations><resources>"                         \
          "<resource identifier='r' href='i.html?a=1&b=2' adlcp:scormtype='sco'/></resources>" end

static void what_was_meant_is_read(void **state)
{
    static const struct {
        const char *manifest, *title;
    } cases[] = {
        {MANIFEST("", "Salt & pepper &amp; <![CDATA[R&D]]> &#233;", "</manifest>"), "Salt & pepper & R&D \xc3\xa9"},
        {MANIFEST("<?xml version='1.0' encoding='UTF-16'?>", "\xc3\x89t\xc3\xa9", "</manifest>"), "\xc3\x89t\xc3\xa9"},
        {MANIFEST("<?xml version='1.0' encoding='utf-8'?>", "\xc9t\xe9 \x80 \xc3\xa9", "</manifest>"), "\xc3\x89t\xc3\xa9 \xe2\x82\xac \xc3\xa9"},
        {MANIFEST("", "One\x0btwo &eacute;", "</manifest>"), "One two &eacute;"},
    };
    struct kit_import *import = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct kit_file files[] = {{"imsmanifest.xml", cases[i].manifest}, {"i.html", "x"}, {NULL, NULL}};
        kit_archive_write(import->path, KIT_ZIP, files);
        assert_int_equal(kit_import_read(import), S_OK);
        assert_int_equal(import->package.manifest.item_count, 1);
        kit_text_is(import->package.manifest.items[0].title, cases[i].title);
        kit_text_is(import->package.manifest.items[0].entry, "i.html?a=1&b=2");
        kit_text_is(import->package.manifest.items[0].kind, "sco"); /* though nobody declared the name space of its type */
        assert_non_null(memmem(import->package.notes.data, import->package.notes.size, "read all the same", 17));
        import_package_release(&import->package);
    }
}

static void what_is_not_closed_is_refused(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {{"imsmanifest.xml", MANIFEST("", "Salt & pepper", "")}, {"i.html", "x"}, {NULL, NULL}};

    kit_archive_write(import->path, KIT_ZIP, files);
    kit_import_refused(import, "\"imsmanifest.xml\" is not well-formed XML: line 1");
}

static void what_is_well_formed_is_left_as_it_is(void **state)
{
    static const char text[] = "<a b='&amp;&#xe9;&lt;'><!-- & --><![CDATA[&]]>\t\r\n\xe2\x82\xac</a>";
    struct buffer out;

    (void)state;
    buffer_init(&out);
    import_repair_text(bytes_text(text), &out);
    kit_text_is(buffer_bytes(&out), text);
    buffer_clear(&out);
    import_repair_text(bytes_text("& &; &#; &#xg; &amp"), &out);
    kit_text_is(buffer_bytes(&out), "&amp; &amp;; &amp;#; &amp;#xg; &amp;amp");
    buffer_release(&out);
}

static void a_nul_is_a_space_and_a_lone_byte_a_letter(void **state)
{
    struct buffer out;

    (void)state;
    buffer_init(&out);
    import_repair_text(bytes_of((const uint8_t *)"a\0\x80\x7f\xe9", 5), &out);
    kit_text_is(buffer_bytes(&out), "a \xe2\x82\xac\x7f\xc3\xa9");
    buffer_release(&out);
}

/* Half a million of them: none costs a look at all that follows. */
static void comments_that_never_end_are_no_work(void **state)
{
    enum { COMMENTS = 500 * 1000 };
    struct buffer text, out;

    (void)state;
    buffer_init(&text), buffer_init(&out);
    buffer_append(&text, "<!---->", 7);
    for (int i = 0; i < COMMENTS; i++) {
        buffer_append(&text, i % 2 ? "<!--" : "<![CDATA[", i % 2 ? 4 : 9);
    }
    import_repair_text(buffer_bytes(&text), &out);
    assert_int_equal(out.size, text.size);
    buffer_release(&text), buffer_release(&out);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(what_was_meant_is_read),
        KIT_IMPORT_TEST(what_is_not_closed_is_refused),
        cmocka_unit_test(what_is_well_formed_is_left_as_it_is),
        cmocka_unit_test(a_nul_is_a_space_and_a_lone_byte_a_letter),
        cmocka_unit_test(comments_that_never_end_are_no_work),
    };
    return KIT_RUN(tests);
}
