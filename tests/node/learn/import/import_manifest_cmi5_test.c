/* cmi5.xml: blocks, units and languages. */
#include <stdio.h>
#include <string.h>

#include "tests/kit/import.h"

static void cmi5_is_read_with_blocks_units_and_languages(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        {"cmi5.xml",
         "<courseStructure xmlns='https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd'><course "
         "id='urn:c'><title>"
         "<langstring lang='ar'>دورة</langstring></title></course><block id='urn:b'><title><langstring "
         "lang='ar'>B</langstring></title>"
         "<au id='urn:a1' "
         "masteryScore='0.85000000000000001'><title><langstring>A1</langstring></title><url>one.html?x=1&amp;y=2</url></"
         "au></block>"
         "<au "
         "id='urn:a2'><title><langstring>A2</langstring></title><url>https://example.org/two</url></au></"
         "courseStructure>"},
        {"one.html", "x"},
        {NULL, NULL}};
    const struct manifest *manifest = &import->package.manifest;

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(manifest->format, PACKAGE_CMI5);
    kit_text_is(manifest->title, "دورة");
    kit_text_is(manifest->lang, "ar");
    assert_int_equal(manifest->item_count, 3);
    assert_int_equal(manifest->items[1].depth, 1);
    assert_int_equal(manifest->items[1].mastery_percent, 85);
    kit_text_is(manifest->items[1].entry, "one.html?x=1&y=2");
    kit_text_is(manifest->items[2].entry, "https://example.org/two");
    assert_non_null(memmem(import->package.notes.data, import->package.notes.size, "1 unit(s) open on other servers, \"A2\" first", 43));
    assert_int_equal(manifest->items[2].depth, 0);
    import_package_release(&import->package);
}

static void what_cannot_be_launched_or_judged_is_refused(void **state)
{
    static const struct {
        const char *parts, *text;
    } cases[] = {
        {"<au id='urn:a'><url>one.html</url></au><block id='urn:b'><au id='urn:a'><url>one.html</url></au></block>",
         "cmi5.xml: the id \"urn:a\" is there twice"},
        {"<block id='urn:a'><au id='urn:a'><url>one.html</url></au></block>", "cmi5.xml: the id \"urn:a\" is there twice"},
        {"<au><title><langstring>One</langstring></title><url>one.html</url></au>", "cmi5.xml: \"One\" has no id"},
        {"<block id='urn:b'/>", "cmi5.xml has no assignable unit"},
        {"<au id='example.org/a'><url>one.html</url></au>", "cmi5.xml: the id \"example.org/a\" of a unit is no whole IRI, as https://example.org/1 is"},
        {"<block id='b c:d'><au id='urn:a'><url>one.html</url></au></block>",
         "cmi5.xml: the id \"b c:d\" of a block is no whole IRI, as https://example.org/1 is"},
        {"<objectives><objective id='o/1'/></objectives><au id='urn:a'><url>one.html</url></au>",
         "cmi5.xml: the id \"o/1\" of an objective is no whole IRI, as https://example.org/1 is"},
        {"<objectives><objective id='urn:o'/><objective id='urn:p'/><objective id='urn:o'/></objectives><au id='urn:a'><url>one.html</url></au>",
         "cmi5.xml: the id \"urn:o\" is there twice"},
        {"<au id='urn:a' moveOn='Sometimes'><url>one.html</url></au>", "cmi5.xml: unit \"urn:a\" has the moveOn \"Sometimes\", which there is not"},
        {"<au id='urn:a' launchMethod='Popup'><url>one.html</url></au>", "cmi5.xml: unit \"urn:a\" has the launchMethod \"Popup\", which there is not"},
        {"<au id='urn:a' masteryScore='0,8'><title><langstring>One</langstring></title><url>one.html</url></au>",
         "cmi5.xml: the mastery score of \"One\" is not between 0 and 1"},
        {"<au id='urn:a' masteryScore='80'><title><langstring>One</langstring></title><url>one.html</url></au>",
         "cmi5.xml: the mastery score of \"One\" is not between 0 and 1"},
        {"<au id='urn:a'><url>one.html?endpoint=http://x</url></au>", "cmi5.xml: unit \"urn:a\" opens an address that says \"endpoint\", as its launch does"},
        {"<au id='urn:a'><url>one.html?x=1&amp;activityId</url></au>",
         "cmi5.xml: unit \"urn:a\" opens an address that says \"activityId\", as its launch does"},
        {"<au id='urn:a'><url>http://example.org one.html</url></au>", "cmi5.xml: unit \"urn:a\" opens \"http://example.org one.html\", which is no address"},
    };
    struct kit_import *import = *state;
    char text[1024];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text, "<courseStructure><course id='urn:c'/>%s</courseStructure>", cases[i].parts);
        const struct kit_file files[] = {{"cmi5.xml", text}, {"one.html", "x"}, {NULL, NULL}};
        kit_archive_write(import->path, KIT_ZIP, files);
        kit_import_refused(import, cases[i].text);
    }
}

static void a_query_of_its_own_may_be_like_that_of_a_launch(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        {"cmi5.xml",
         "<courseStructure><course id='urn:c'/><au id='urn:a' moveOn='CompletedOrPassed' launchMethod='AnyWindow'>"
         "<url>one.html?endpoints=1&amp;my-actor=2&amp;x=fetch#?fetch</url></au></courseStructure>"},
        {"one.html", "x"},
        {NULL, NULL}};

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(import->package.manifest.item_count, 1);
    import_package_release(&import->package);
}

static void a_structure_of_another_standard_is_refused(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        {"cmi5.xml", "<courseStructure xmlns='https://example.org/cmi5'><course id='urn:c'/><au id='urn:a'><url>one.html</url></au></courseStructure>"},
        {"one.html", "x"},
        {NULL, NULL}};

    kit_archive_write(import->path, KIT_ZIP, files);
    kit_import_refused(import, "cmi5.xml: its <courseStructure> is of the namespace \"https://example.org/cmi5\", which is not that of cmi5");
}

static void a_course_has_an_id(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        {"cmi5.xml", "<courseStructure><course/><au id='urn:a'><url>one.html</url></au></courseStructure>"}, {"one.html", "x"}, {NULL, NULL}};

    kit_archive_write(import->path, KIT_ZIP, files);
    kit_import_refused(import, "cmi5.xml: the id \"\" of the course is no whole IRI, as https://example.org/1 is");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(cmi5_is_read_with_blocks_units_and_languages),
        KIT_IMPORT_TEST(what_cannot_be_launched_or_judged_is_refused),
        KIT_IMPORT_TEST(a_course_has_an_id),
        KIT_IMPORT_TEST(a_structure_of_another_standard_is_refused),
        KIT_IMPORT_TEST(a_query_of_its_own_may_be_like_that_of_a_launch),
    };
    return KIT_RUN(tests);
}
