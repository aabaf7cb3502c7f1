/* Into the catalogue and out of it. */
#include <string.h>

#include "tests/kit/courses.h"

static const struct kit_file first[] = {{"index.html", "1"}, {NULL, NULL}};
static const struct kit_file second[] = {{"index.html", "2"}, {NULL, NULL}};

static enum status withdraw(struct db *db, void *arg)
{
    struct kit_courses *node = arg;
    struct course_row row = kit_course_row(node, "c", "en", "1");

    return course_publish(&node->courses, db, &row, true);
}

static enum status publish_foreign(struct db *db, void *arg)
{
    struct kit_courses *node = arg;
    struct course_row row = kit_course_row(node, "c", "en", "1");

    return course_publish(&node->courses, db, &row, false);
}

static void of_each_language_the_version_imported_last_is_published(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;

    kit_course_import(node, "c", "en", first, NULL);
    kit_course_import(node, "c", "en", second, NULL);
    kit_course_import(node, "c", "ar", first, NULL);
    kit_course_publish(node, "c");
    assert_int_equal(kit_course_row(node, "c", "en", "1").state, COURSE_IMPORTED);
    assert_int_equal(kit_course_row(node, "c", "en", "2").state, COURSE_PUBLISHED);
    assert_int_equal(kit_course_row(node, "c", "ar", "1").state, COURSE_PUBLISHED);
    uint64_t stamp = kit_course_row(node, "c", "ar", "1").stamp;
    kit_course_publish(node, "c"); /* again: nothing moves */
    assert_int_equal(kit_course_row(node, "c", "ar", "1").stamp, stamp);
}

/* The clock was wrong by weeks when that version was imported and published. */
static enum status put_ahead(struct db *db, void *arg)
{
    struct course_row row = kit_course_row(arg, "c", "en", "1");
    const uint64_t ahead_ms = 21ULL * 24 * 3600 * 1000;

    row.imported_ms += ahead_ms;
    row.published_ms += ahead_ms;
    row.stamp += ahead_ms << 16;
    return course_row_update(db, &row);
}

static void a_clock_that_was_put_right_does_not_hold_back_the_next_version(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;

    kit_course_import(node, "c", "en", first, NULL);
    kit_course_publish(node, "c");
    kit_job(node, put_ahead, node);
    kit_course_import(node, "c", "en", second, NULL);
    kit_course_publish(node, "c"); /* the later one, without being told its name */
    struct course_row one = kit_course_row(node, "c", "en", "1"), two = kit_course_row(node, "c", "en", "2");
    assert_int_equal(two.state, COURSE_PUBLISHED);
    assert_true(two.stamp > one.stamp);
    assert_true(two.is_current);
    assert_false(one.is_current);
}

static void what_is_withdrawn_is_offered_no_more_and_stays_where_it_is_installed(void **state)
{
    struct kit_pair *pair = *state;

    kit_course_import(&pair->hub, "c", "en", first, NULL);
    kit_course_publish(&pair->hub, "c");
    kit_catalogue_move(&pair->hub, &pair->campus);
    kit_course_subscribe(&pair->campus, "c");
    kit_objects_move(&pair->hub, &pair->campus, 10);
    kit_job(&pair->hub, withdraw, &pair->hub);
    kit_catalogue_move(&pair->hub, &pair->campus);
    struct course_row row = kit_course_row(&pair->campus, "c", "en", "1");
    assert_true(row.is_withdrawn);
    assert_int_equal(row.state, COURSE_INSTALLED);
}

static void only_the_importer_publishes(void **state)
{
    struct kit_pair *pair = *state;

    kit_course_import(&pair->hub, "c", "en", first, NULL);
    kit_course_publish(&pair->hub, "c");
    kit_catalogue_move(&pair->hub, &pair->campus);
    assert_int_equal(store_write_wait(pair->campus.node.store, publish_foreign, &pair->campus), S_DENIED);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_PAIR_TEST(of_each_language_the_version_imported_last_is_published),
        KIT_PAIR_TEST(a_clock_that_was_put_right_does_not_hold_back_the_next_version),
        KIT_PAIR_TEST(what_is_withdrawn_is_offered_no_more_and_stays_where_it_is_installed),
        KIT_PAIR_TEST(only_the_importer_publishes),
    };
    return KIT_RUN(tests);
}
