/* Manifests inside a manifest: their items stand below the item that refers to them. */
#include "node/learn/import/import_submanifest.h"

#include <stdio.h>
#include <string.h>

#include "tests/kit/import.h"

#define SUB(id, inside)                                                                                                           \
    "<manifest identifier='" id "' xml:base='unit/'><organizations default='b'><organization identifier='a'><item identifier='no' " \
    "identifierref='r1'/></organization><organization identifier='b'>" inside "</organization></organizations>"               \
    "<resources xml:base='pages/'><resource identifier='s1' type='webcontent' href='one.html'/></resources></manifest>"

static const struct manifest *read(struct kit_import *import, const char *items, const char *nested)
{
    char xml[4096];
    int size = snprintf(xml, sizeof xml,
                        "<manifest identifier='m'><organizations><organization identifier='o'><title>Course</title>%s</organization></organizations>"
                        "<resources><resource identifier='r1' type='webcontent' href='i.html'/></resources>%s</manifest>",
                        items, nested);
    const struct kit_file files[] = {{"imsmanifest.xml", xml}, {"i.html", "x"}, {"unit/pages/one.html", "y"}, {NULL, NULL}};

    assert_true(size > 0 && (size_t)size < sizeof xml);
    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    return &import->package.manifest;
}

static void its_items_stand_below_the_one_that_refers_to_it(void **state)
{
    struct kit_import *import = *state;
    const struct manifest *manifest =
        read(import, "<item identifier='A' identifierref='SUB'><title>Unit</title></item><item identifier='Z' identifierref='r1'><title>End</title></item>",
             SUB("SUB", "<item identifier='B'><title>Part</title><item identifier='C' identifierref='s1'><title>One</title></item></item>"));

    assert_int_equal(manifest->item_count, 4);
    kit_text_is(manifest->items[0].title, "Unit");
    kit_text_is(manifest->items[0].kind, "heading");
    kit_text_is(manifest->items[2].title, "One");
    kit_text_is(manifest->items[2].entry, "unit/pages/one.html");
    assert_int_equal(manifest->items[2].depth, 2);
    kit_text_is(manifest->items[3].entry, "i.html");
    assert_int_equal(manifest->items[3].depth, 0);
    import_package_release(&import->package);
}

static void one_that_would_hold_itself_and_one_referred_to_twice_end(void **state)
{
    struct kit_import *import = *state;
    const struct manifest *manifest =
        read(import, "<item identifier='A' identifierref='SUB'><title>Unit</title></item><item identifier='Y' identifierref='SUB'><title>Again</title></item>",
             SUB("SUB", "<item identifier='C' identifierref='s1'><title>One</title></item>"));

    assert_int_equal(manifest->item_count, 3);
    kit_text_is(manifest->items[2].title, "Again");
    kit_text_is(manifest->items[2].kind, "heading");
    import_package_release(&import->package);

    const struct kit_file loop[] = {
        {"imsmanifest.xml", "<manifest identifier='m'><organizations><organization><item identifier='X' identifierref='SUB'/>"
                            "</organization></organizations>" SUB("SUB", "<item identifier='B' identifierref='SUB'/>") "</manifest>"},
        {"i.html", "x"},
        {"unit/pages/one.html", "y"},
        {NULL, NULL}};
    kit_archive_write(import->path, KIT_ZIP, loop);
    kit_import_refused(import, "no item opens a file");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(its_items_stand_below_the_one_that_refers_to_it),
        KIT_IMPORT_TEST(one_that_would_hold_itself_and_one_referred_to_twice_end),
    };
    return KIT_RUN(tests);
}
