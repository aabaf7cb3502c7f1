/* Which version is served: the newest, a pinned one, the one before. */
#include <string.h>

#include "node/learn/course/course_choose.h"
#include "tests/kit/courses.h"

static const struct kit_file versions[3][3] = {{{"index.html", "1"}, {NULL, NULL}},
                                               {{"index.html", "2"}, {NULL, NULL}},
                                               {{"index.html", "3"}, {NULL, NULL}}};

/* Imports and publishes the first `count` versions. */
static void fill(struct kit_courses *node, const char *lang, int count)
{
    for (int i = 0; i < count; i++) {
        kit_course_import(node, "c", lang, versions[i], NULL);
        kit_course_publish(node, "c");
    }
}

static enum status pin_one(struct db *db, void *arg)
{
    struct course_row row = kit_course_row(arg, "c", "en", "1");
    return course_pin(db, &row);
}

static enum status unpin(struct db *db, void *arg)
{
    (void)arg;
    return course_unpin(db, "c", "en");
}

static enum status roll_back(struct db *db, void *arg)
{
    struct course_row row, older;
    const struct course_ref ref = {.course = "c", .lang = "en", .version = ""};

    (void)arg;
    enum status status = course_resolve(db, &ref, true, &row, NULL);
    return status == S_OK ? course_rollback(db, &row, &older) : status;
}

static const char *current(struct kit_courses *node)
{
    static const char *const names[] = {"1", "2", "3"};

    for (int i = 0; i < 3; i++) {
        if (kit_course_row(node, "c", "en", names[i]).is_current) {
            return names[i];
        }
    }
    return "none";
}

static void the_newest_is_served_unless_an_older_one_is_pinned(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;

    fill(node, "en", 3);
    assert_string_equal(current(node), "3");
    kit_job(node, pin_one, node);
    assert_string_equal(current(node), "1");
    kit_job(node, unpin, NULL);
    assert_string_equal(current(node), "3");
}

static void rollback_goes_one_version_back_each_time_and_stops_at_the_oldest(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;

    fill(node, "en", 3);
    kit_job(node, roll_back, NULL);
    assert_string_equal(current(node), "2");
    assert_true(kit_course_row(node, "c", "en", "2").is_pinned);
    kit_job(node, roll_back, NULL);
    assert_string_equal(current(node), "1");
    assert_int_equal(store_write_wait(node->node.store, roll_back, NULL), S_NOT_FOUND);
}

static void what_is_only_imported_does_not_take_over_from_what_is_published(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;

    fill(node, "en", 2);
    kit_course_import(node, "c", "en", versions[2], NULL);
    assert_string_equal(current(node), "2");
    kit_course_publish(node, "c");
    assert_string_equal(current(node), "3");
}

static void a_course_in_several_languages_needs_the_language_said(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    struct course_ref ref = {.course = "c", .lang = "", .version = ""};
    struct report report = {.status = S_OK};
    struct course_row row;

    fill(node, "en", 1);
    fill(node, "ar", 1);
    struct db *db = store_read_begin(node->node.store);
    assert_int_equal(course_resolve(db, &ref, true, &row, &report), S_USAGE);
    assert_non_null(strstr(report.text, "ar, en"));
    ref.lang = "ar";
    report_clear(&report);
    assert_int_equal(course_resolve(db, &ref, true, &row, &report), S_OK);
    assert_string_equal(row.lang, "ar");
    ref.version = "9";
    assert_int_equal(course_resolve(db, &ref, true, &row, &report), S_NOT_FOUND);
    assert_non_null(strstr(report.text, "\"c\" in ar version 9"));
    ref = (struct course_ref){.course = "nothing", .lang = "", .version = ""};
    report_clear(&report);
    assert_int_equal(course_resolve(db, &ref, true, &row, &report), S_NOT_FOUND);
    store_read_end(node->node.store, db);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_PAIR_TEST(the_newest_is_served_unless_an_older_one_is_pinned),
        KIT_PAIR_TEST(rollback_goes_one_version_back_each_time_and_stops_at_the_oldest),
        KIT_PAIR_TEST(what_is_only_imported_does_not_take_over_from_what_is_published),
        KIT_PAIR_TEST(a_course_in_several_languages_needs_the_language_said),
    };
    return KIT_RUN(tests);
}
