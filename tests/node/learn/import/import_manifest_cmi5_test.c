/* cmi5.xml: blocks, units and languages. */
#include <stdio.h>

#include "tests/kit/import.h"

static void cmi5_is_read_with_blocks_units_and_languages(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        {"cmi5.xml",
         "<courseStructure xmlns='https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd'><course "
         "id='c'><title>"
         "<langstring lang='ar'>دورة</langstring></title></course><block id='b'><title><langstring "
         "lang='ar'>B</langstring></title>"
         "<au id='a1' "
         "masteryScore='0.85000000000000001'><title><langstring>A1</langstring></title><url>one.html?x=1&amp;y=2</url></"
         "au></block>"
         "<au "
         "id='a2'><title><langstring>A2</langstring></title><url>https://example.org/two</url></au></"
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
    assert_int_equal(manifest->items[2].depth, 0);
    import_package_release(&import->package);
}

static void what_cannot_be_launched_or_judged_is_refused(void **state)
{
    static const struct {
        const char *parts, *text;
    } cases[] = {
        {"<au id='a'><url>one.html</url></au><block id='b'><au id='a'><url>one.html</url></au></block>", "cmi5.xml: the id \"a\" is there twice"},
        {"<block id='a'><au id='a'><url>one.html</url></au></block>", "cmi5.xml: the id \"a\" is there twice"},
        {"<au><title><langstring>One</langstring></title><url>one.html</url></au>", "cmi5.xml: \"One\" has no id"},
        {"<block id='b'/>", "cmi5.xml has no assignable unit"},
        {"<au id='a' moveOn='Sometimes'><url>one.html</url></au>", "cmi5.xml: unit \"a\" has the moveOn \"Sometimes\", which there is not"},
        {"<au id='a' launchMethod='Popup'><url>one.html</url></au>", "cmi5.xml: unit \"a\" has the launchMethod \"Popup\", which there is not"},
        {"<au id='a' masteryScore='0,8'><title><langstring>One</langstring></title><url>one.html</url></au>",
         "cmi5.xml: the mastery score of \"One\" is not between 0 and 1"},
        {"<au id='a' masteryScore='80'><title><langstring>One</langstring></title><url>one.html</url></au>",
         "cmi5.xml: the mastery score of \"One\" is not between 0 and 1"},
        {"<au id='a'><url>one.html?endpoint=http://x</url></au>", "cmi5.xml: unit \"a\" opens an address that says \"endpoint\", as its launch does"},
        {"<au id='a'><url>one.html?x=1&amp;activityId</url></au>", "cmi5.xml: unit \"a\" opens an address that says \"activityId\", as its launch does"},
        {"<au id='a'><url>http://example.org one.html</url></au>", "cmi5.xml: unit \"a\" opens \"http://example.org one.html\", which is no address"},
    };
    struct kit_import *import = *state;
    char text[1024];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text, "<courseStructure><course id='c'/>%s</courseStructure>", cases[i].parts);
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
         "<courseStructure><course/><au id='a' moveOn='CompletedOrPassed' launchMethod='AnyWindow'>"
         "<url>one.html?endpoints=1&amp;my-actor=2&amp;x=fetch#?fetch</url></au></courseStructure>"},
        {"one.html", "x"},
        {NULL, NULL}};

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(import->package.manifest.item_count, 1);
    import_package_release(&import->package);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(cmi5_is_read_with_blocks_units_and_languages),
        KIT_IMPORT_TEST(what_cannot_be_launched_or_judged_is_refused),
        KIT_IMPORT_TEST(a_query_of_its_own_may_be_like_that_of_a_launch),
    };
    return KIT_RUN(tests);
}
