/* cmi5.xml: blocks, units and languages. */
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
         "masteryScore='0.85'><title><langstring>A1</langstring></title><url>one.html?x=1&amp;y=2</url></"
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

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(cmi5_is_read_with_blocks_units_and_languages),
    };
    return KIT_IMPORT_RUN(tests, argc, argv);
}
