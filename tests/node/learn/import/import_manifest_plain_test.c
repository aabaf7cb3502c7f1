/* Pages without a manifest, in the order of a reader. */
#include "tests/kit/import.h"

static void a_folder_of_markdown_is_read_in_the_order_of_a_reader(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {{"README.md", "<!-- # not this -->\n# The *Course*\n"},
                                     {"10-end/README.md", "\xef\xbb\xbf" "End\n===\n"},
                                     {"2-middle/README.md", "```\n# code\n```\n# [Middle](x.md)\n"},
                                     {"2-middle/task.md", "---\ntitle: Task one\n---\n"},
                                     {"2-middle/lessons/1/README.md", "no heading"},
                                     {"image.png", "x"},
                                     {NULL, NULL}};
    const struct manifest *manifest = &import->package.manifest;

    kit_folder_write(import->path, files);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(manifest->format, PACKAGE_PLAIN);
    kit_text_is(manifest->title, "The Course");
    kit_text_is(manifest->entry, "README.md");
    assert_int_equal(manifest->item_count, 5);
    kit_text_is(manifest->items[1].title, "Middle");
    kit_text_is(manifest->items[2].title, "README.md");
    assert_int_equal(manifest->items[2].depth, 1);
    kit_text_is(manifest->items[3].title, "Task one");
    assert_int_equal(manifest->items[3].depth, 1);
    kit_text_is(manifest->items[4].title, "End");
    assert_int_equal(manifest->original_size, 0);
    import_package_release(&import->package);
}

static void pages_of_html_give_title_and_language(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {
        {"./index.html", "<!doctype html><html lang=mn><head><title>Хичээл</title>"},
        {"./b%#.html", "<p>"},
        {NULL, NULL}};

    kit_archive_write(import->path, KIT_TAR, files);
    assert_int_equal(kit_import_read(import), S_OK);
    kit_text_is(import->package.manifest.title, "Хичээл");
    kit_text_is(import->package.manifest.lang, "mn");
    kit_text_is(import->package.manifest.entry, "index.html");
    kit_text_is(import->package.manifest.items[1].entry, "b%25%23.html");
    import_package_release(&import->package);
}

static void films_and_documents_are_what_there_is_to_learn_where_there_are_no_pages(void **state)
{
    struct kit_import *import = *state;
    struct kit_file files[] = {{"2 Wells.pdf", "x"}, {"10 End.docx", "x"}, {"1 Canals.MP4", "x"}, {"cover.png", "x"}, {NULL, NULL}};
    const struct manifest *manifest = &import->package.manifest;

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(manifest->item_count, 3);
    kit_text_is(manifest->items[0].entry, "1 Canals.MP4");
    kit_text_is(manifest->items[1].title, "2 Wells.pdf");
    kit_text_is(manifest->items[2].entry, "10 End.docx");
    import_package_release(&import->package);
    files[3].path = "cover.html";
    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(manifest->item_count, 1);
    import_package_release(&import->package);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(films_and_documents_are_what_there_is_to_learn_where_there_are_no_pages),
        KIT_IMPORT_TEST(a_folder_of_markdown_is_read_in_the_order_of_a_reader),
        KIT_IMPORT_TEST(pages_of_html_give_title_and_language),
    };
    return KIT_RUN(tests);
}
