/* Packages made for Tin Can open the page that they name. */
#include <string.h>

#include "node/learn/import/import_describe.h"
#include "tests/kit/import.h"

#define TOP "<?xml version=\"1.0\"?><tincan xmlns=\"http://projecttincan.com/tincan.xsd\"><activities>"
#define PART                                                                                                 \
    "<activity id=\"http://x/a/1\" type=\"http://adlnet.gov/expapi/activities/module\"><name lang=\"en\">A " \
    "part</name></activity>"
#define COURSE                                                                                               \
    "<activity id=\"http://x/a\" type=\"http://adlnet.gov/expapi/activities/course\"><name "                 \
    "lang=\"fr-FR\">Les abeilles</name>"                                                                     \
    "<description lang=\"fr-FR\">d</description><launch lang=\"fr-FR\">"
#define END "</launch></activity></activities></tincan>"

static void the_page_that_is_launched_is_the_course(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {{"bees/analytics-frame.html", "<title>not this</title>"},
                                     {"bees/index.html", "<title>nor this</title>"},
                                     {"bees/story.html", "<title>Story</title>"},
                                     {"bees/tincan.xml", TOP PART COURSE "story.html?tincan=1" END},
                                     {NULL, NULL}};
    const struct manifest *manifest = &import->package.manifest;

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    assert_int_equal(manifest->format, PACKAGE_PLAIN);
    kit_text_is(manifest->title, "Les abeilles");
    kit_text_is(manifest->lang, "fr-FR");
    kit_text_is(manifest->entry, "bees/story.html?tincan=1");
    assert_int_equal(manifest->item_count, 1);
    kit_text_is(manifest->items[0].title, "Les abeilles");
    kit_text_is(manifest->items[0].entry, "bees/story.html?tincan=1");
    assert_int_equal(manifest->member_count, 4);
    kit_text_is(manifest->items[0].details, "{\"activityId\":\"http://x/a\"}");
    kit_text_is(manifest->items[0].kind, "page");
    assert_int_equal(import->package.notes.size, 0);
    import_package_release(&import->package);
}

static void without_an_id_nobody_could_find_what_it_reports(void **state)
{
    struct kit_import *import = *state;
    const struct kit_file files[] = {{"a.html", "<title>A</title>"},
                                     {"tincan.xml", "<tincan><activities><activity><name>B</name><launch>a.html</launch></activity></activities></tincan>"},
                                     {NULL, NULL}};

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    kit_text_is(import->package.manifest.items[0].title, "B");
    assert_int_equal(import->package.manifest.items[0].details.size, 0);
    assert_non_null(memmem(import->package.notes.data, import->package.notes.size, "by xAPI is not recorded", 23));
    import_package_release(&import->package);
}

static void one_that_names_no_page_of_its_own_is_read_by_its_pages(void **state)
{
    static const char *const others[] = {TOP COURSE "missing.html" END,
                                         TOP COURSE "https://x.example/a.html" END,
                                         TOP COURSE END,
                                         TOP PART "</activities></tincan>",
                                         "<tincan",
                                         ""};
    struct kit_import *import = *state;

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const struct kit_file files[] = {
            {"a.html", "<title>A</title>"}, {"b.html", "b"}, {"tincan.xml", others[i]}, {NULL, NULL}};

        kit_archive_write(import->path, KIT_ZIP, files);
        assert_int_equal(kit_import_read(import), S_OK);
        kit_text_is(import->package.manifest.entry, "a.html");
        assert_int_equal(import->package.manifest.item_count, 2);
        import_package_release(&import->package);
    }
}

/* Tools list every question of a course. */
static void it_may_be_as_large_as_any_manifest(void **state)
{
    struct kit_import *import = *state;
    struct buffer text;

    buffer_init(&text);
    buffer_append(&text, TOP, sizeof TOP - 1);
    while (text.size <= DESCRIBE_HEAD_MAX) {
        buffer_append(&text, PART, sizeof PART - 1);
    }
    buffer_append(&text, COURSE "b.html" END, sizeof(COURSE "b.html" END));
    const struct kit_file files[] = {
        {"a.html", "a"}, {"b.html", "b"}, {"tincan.xml", (const char *)text.data}, {NULL, NULL}};

    kit_archive_write(import->path, KIT_ZIP, files);
    assert_int_equal(kit_import_read(import), S_OK);
    kit_text_is(import->package.manifest.entry, "b.html");
    import_package_release(&import->package);
    buffer_release(&text);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_IMPORT_TEST(the_page_that_is_launched_is_the_course),
        KIT_IMPORT_TEST(without_an_id_nobody_could_find_what_it_reports),
        KIT_IMPORT_TEST(it_may_be_as_large_as_any_manifest),
        KIT_IMPORT_TEST(one_that_names_no_page_of_its_own_is_read_by_its_pages),
    };
    return KIT_RUN(tests);
}
