#include "node/learn/import/import_items.h"

#include <stdio.h>
#include <string.h>

#include "tests/kit/import.h"

enum { SLOTS = 8 };

static void add(struct import_source *source, const char *id, const char *entry)
{
    import_source_add_item(source, (struct course_item){.id = bytes_text(id), .title = bytes_text(id), .entry = bytes_text(entry), .mastery_percent = -1});
}

static void is_told_apart(const char *const before[SLOTS], const char *const after[SLOTS])
{
    struct import_source source;

    import_source_init(&source);
    for (size_t i = 0; i < SLOTS && before[i]; i++) {
        add(&source, before[i][0] == '#' ? before[i] + 1 : before[i], before[i][0] == '#' ? "" : "a.html");
    }
    assert_true(import_items_tell_apart(&source, "imsmanifest.xml"));
    const struct course_item *items = (const struct course_item *)(const void *)source.items.data;
    bool is_noted = false;
    for (size_t i = 0; i < SLOTS && before[i]; i++) {
        kit_text_is(items[i].id, after[i]);
        is_noted |= strcmp(before[i], after[i]) != 0 && before[i][0] != '#';
    }
    assert_int_equal(source.notes.size > 0, is_noted);
    import_source_release(&source);
}

/* "#" in front: opens no page. */
static void items_that_share_an_id_get_ids_of_their_own(void **state)
{
    static const char *const cases[][2][SLOTS] = {
        {{"a", "b", "c"}, {"a", "b", "c"}},
        {{"a", "b", "a", "a"}, {"a", "b", "a~2", "a~3"}},
        {{"b", "a~2", "a", "a", "b"}, {"b", "a~2", "a", "a~3", "b~2"}}, /* one of their own is there already */
        {{"a", "#a", "#a", "a"}, {"a", "a", "a", "a~2"}},               /* headings are never opened */
        {{"", "x", "", "#"}, {"~2", "x", "~3", ""}},
        {{"x~2", "x~2"}, {"x~2", "x~2~2"}},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        is_told_apart(cases[i][0], cases[i][1]);
    }
}

static void an_id_of_the_greatest_length_stays_within_it(void **state)
{
    static char id[COURSE_TEXT_MAX + 1];
    struct import_source source;
    (void)state;

    for (size_t i = 0; i + 1 < sizeof id; i += 2) {
        memcpy(id + i, "\xc3\xa9", 2);
    }
    id[COURSE_TEXT_MAX / 2 * 2] = '\0';
    import_source_init(&source);
    add(&source, id, "a");
    add(&source, id, "b");
    assert_true(import_items_tell_apart(&source, "m"));
    const struct course_item *items = (const struct course_item *)(const void *)source.items.data;
    assert_true(items[1].id.size <= COURSE_TEXT_MAX && utf8_is_valid(items[1].id));
    assert_memory_equal(items[1].id.data + items[1].id.size - 2, "~2", 2);
    import_source_release(&source);
}

static void a_contents_without_a_page_opens_nothing(void **state)
{
    struct import_source source;
    (void)state;

    import_source_init(&source);
    assert_false(import_items_open(&source));
    assert_true(import_items_tell_apart(&source, "m"));
    add(&source, "a", "");
    assert_false(import_items_open(&source));
    add(&source, "b", "b.html");
    assert_true(import_items_open(&source));
    import_source_release(&source);
}

#define MANIFEST(items, resources)                                                                                                                  \
    "<manifest xmlns:adlcp='urn:x'><metadata><schemaversion>1.2</schemaversion></metadata><organizations><organization>" items                      \
    "</organization></organizations><resources>" resources "</resources></manifest>"
#define ITEM(id, resource) "<item identifier='" id "' identifierref='" resource "'><title>One</title></item>"

static void a_package_that_opens_nothing_is_refused(void **state)
{
    static const char *const manifests[] = {
        MANIFEST(ITEM("i", "r"), "<resource identifier='r' type='webcontent' adlcp:scormtype='sco'/>"),
        MANIFEST("<item identifier='i'><title>One</title></item>", ""),
        MANIFEST("<item identifier='i'><title>One</title></item>", "<resource identifier='r' type='webcontent'><file href='a.html'/></resource>"),
    };
    struct kit_import *import = *state;

    for (size_t i = 0; i < sizeof manifests / sizeof *manifests; i++) {
        const struct kit_file files[] = {{"imsmanifest.xml", manifests[i]}, {"a.html", "<p>a"}, {NULL, NULL}};

        kit_archive_write(import->path, KIT_ZIP, files);
        kit_import_refused(import, "no item opens a file");
    }
}

static void pages_are_taken_from_the_resources_when_no_item_names_one(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        {"imsmanifest.xml", MANIFEST("<item identifier='i'><title>One</title></item>", "<resource identifier='r' type='webcontent' href='a.html'/>")},
        {"a.html", "<p>a"},
        {NULL, NULL}};

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(import->package.manifest.item_count, 2);
    kit_text_is(import->package.manifest.entry, "a.html");
    import_package_release(&import->package);
}

/* Two items and two resources with one id each. */
static void ids_that_stand_twice_in_a_manifest_are_told_and_the_first_resource_is_used(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        {"imsmanifest.xml", MANIFEST(ITEM("i", "r") ITEM("i", "s") ITEM("j", "r"),
                                     "<resource identifier='z' href='c.html'/><resource identifier='r' href='a.html'/><resource identifier='r' href='b.html'/>"
                                     "<resource identifier='s' href='b.html'/><resource identifier='r' href='c.html'/>")},
        {"a.html", "<p>a"},
        {"b.html", "<p>b"},
        {"c.html", "<p>c"},
        {NULL, NULL}};

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    const struct manifest *manifest = &import->package.manifest;
    assert_int_equal(manifest->item_count, 3);
    kit_text_is(manifest->items[0].id, "i");
    kit_text_is(manifest->items[0].entry, "a.html");
    kit_text_is(manifest->items[1].id, "i~2");
    kit_text_is(manifest->items[1].entry, "b.html");
    kit_text_is(manifest->items[2].entry, "a.html");
    struct bytes notes = import->package.notes;
    static const char *const said[] = {"resource \"r\" is declared more than once", "1 item(s) have no identifier, or that of another one"};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        assert_non_null(memmem(notes.data, notes.size, said[i], strlen(said[i])));
    }
    import_package_release(&import->package);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_that_share_an_id_get_ids_of_their_own),
        cmocka_unit_test(an_id_of_the_greatest_length_stays_within_it),
        cmocka_unit_test(a_contents_without_a_page_opens_nothing),
        KIT_IMPORT_TEST(a_package_that_opens_nothing_is_refused),
        KIT_IMPORT_TEST(pages_are_taken_from_the_resources_when_no_item_names_one),
        KIT_IMPORT_TEST(ids_that_stand_twice_in_a_manifest_are_told_and_the_first_resource_is_used),
    };
    return KIT_RUN(tests);
}
