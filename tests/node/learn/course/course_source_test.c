/* Translations: what they were made from, and how far behind it they are. */
#include "node/learn/course/course_source.h"

#include <string.h>

#include "tests/kit/courses.h"

static const struct kit_file en1[] = {
    {"index.html", "one"}, {"old.html", "gone soon"}, {"pic.png", "p1"}, {"page.html", "a"}, {NULL, NULL}};
static const struct kit_file en2[] = {
    {"index.html", "two"}, {"new.html", "new"}, {"pic.png", "p2"}, {"page.html", "a"}, {NULL, NULL}};
static const struct kit_file ar1[] = {
    {"index.html", "wahid"}, {"old.html", "qadim"}, {"pic.png", "p1"}, {"page.html", "b"}, {NULL, NULL}};
static const struct kit_file ar2[] = {
    {"index.html", "wahid"}, {"old.html", "qadim"}, {"pic.png", "p2"}, {"page.html", "b"}, {NULL, NULL}};

static struct course_standing standing(struct kit_courses *node, const char *lang, const char *version)
{
    struct course_row row = kit_course_row(node, "c", lang, version);
    struct course_standing standing;
    struct db *db = store_read_begin(node->node.store);

    course_standing_get(db, &row, &standing);
    store_read_end(node->node.store, db);
    return standing;
}

static void a_translation_is_counted_behind_its_source(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;

    kit_course_import(node, "c", "en", en1, NULL);
    kit_course_import(node, "c", "ar", ar1, NULL);
    assert_false(standing(node, "en", "1").is_translation);
    struct course_standing now = standing(node, "ar", "1");
    assert_true(now.is_translation && !now.is_behind && now.is_counted && now.members == 0);
    assert_string_equal(kit_course_row(node, "c", "ar", "1").source_version, "1");
    kit_course_import(node, "c", "en", en2, NULL);
    now = standing(node, "ar", "1");
    assert_true(now.is_behind && now.is_counted);
    assert_int_equal(now.members, 4); /* index and picture changed, one page is new, one went */
    assert_string_equal(now.newest, "2");
}

static void what_the_translation_took_over_already_does_not_count(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;

    kit_course_import(node, "c", "en", en1, NULL);
    kit_course_import(node, "c", "ar", ar1, NULL);
    kit_course_import(node, "c", "en", en2, NULL);
    kit_archive_write(node->path, KIT_ZIP, ar2);
    struct course_import import = {.path = node->path, .id = "c", .lang = "ar", .from = "en@1"};
    struct course_imported *imported = test_calloc(1, sizeof *imported);
    assert_int_equal(course_import(&node->courses, &import, imported, &node->report), S_OK);
    assert_int_equal(standing(node, "ar", "2").members, 3);
    import.from = "en@7";
    import.version = "9";
    kit_archive_write(node->path, KIT_ZIP, en1);
    assert_int_equal(course_import(&node->courses, &import, imported, &node->report), S_NOT_FOUND);
    assert_non_null(strstr(node->report.text, "en@7"));
    test_free(imported);
}

/* A node that holds the translation alone knows from the catalogue that it is behind, not by how much. */
static void without_the_source_it_is_behind_by_an_unknown_number(void **state)
{
    struct kit_pair *pair = *state;

    kit_course_import(&pair->hub, "c", "en", en1, NULL);
    kit_course_publish(&pair->hub, "c");
    kit_course_import(&pair->hub, "c", "ar", ar1, NULL);
    kit_course_publish(&pair->hub, "c");
    kit_course_import(&pair->hub, "c", "en", en2, NULL);
    kit_course_publish(&pair->hub, "c");
    kit_catalogue_move(&pair->hub, &pair->campus);
    struct course_standing now = standing(&pair->campus, "ar", "1");
    assert_true(now.is_translation && now.is_behind && !now.is_counted);
    assert_string_equal(now.newest, "2");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_PAIR_TEST(a_translation_is_counted_behind_its_source),
        KIT_PAIR_TEST(what_the_translation_took_over_already_does_not_count),
        KIT_PAIR_TEST(without_the_source_it_is_behind_by_an_unknown_number),
    };
    return KIT_RUN(tests);
}
