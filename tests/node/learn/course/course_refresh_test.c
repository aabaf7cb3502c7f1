/* From a publisher's catalogue to an installed course at another node, step by step. */
#include <string.h>

#include "node/local_time.h"
#include "tests/kit/courses.h"

static const struct kit_file first[] = {
    {"index.html", "<title>One</title>"}, {"a.html", "same"}, {"b.html", "old"}, {NULL, NULL}};
static const struct kit_file second[] = {
    {"index.html", "<title>One</title>"}, {"a.html", "same"}, {"b.html", "new"}, {NULL, NULL}};

static void what_is_published_is_known_everywhere_and_fetched_where_it_is_subscribed(void **state)
{
    struct kit_pair *pair = *state;
    struct course_row row;

    kit_course_import(&pair->hub, "c", "en", first, NULL);
    kit_course_publish(&pair->hub, "c");
    kit_catalogue_move(&pair->hub, &pair->campus);
    row = kit_course_row(&pair->campus, "c", "en", "1");
    assert_int_equal(row.state, COURSE_CATALOGUED);
    assert_string_equal(row.title, "One");
    assert_int_equal(kit_objects_move(&pair->hub, &pair->campus, 100), 0);
    kit_course_subscribe(&pair->campus, "c");
    assert_int_equal(kit_course_row(&pair->campus, "c", "en", "1").state, COURSE_FETCHING);
    assert_int_equal(kit_objects_move(&pair->hub, &pair->campus, 2), 2); /* the manifest, one member */
    row = kit_course_row(&pair->campus, "c", "en", "1");
    assert_int_equal(row.state, COURSE_FETCHING);
    assert_int_equal(row.missing, 3); /* two members, and the recipe of the archive */
    assert_false(row.is_current);
    assert_int_equal(kit_objects_move(&pair->hub, &pair->campus, 100), 3);
    row = kit_course_row(&pair->campus, "c", "en", "1");
    assert_int_equal(row.state, COURSE_INSTALLED);
    assert_true(row.is_current);
}

static void the_next_version_costs_only_what_differs_and_takes_over_when_it_is_whole(void **state)
{
    struct kit_pair *pair = *state;

    kit_course_subscribe(&pair->campus, "c");
    kit_course_import(&pair->hub, "c", "en", first, NULL);
    kit_course_publish(&pair->hub, "c");
    kit_catalogue_move(&pair->hub, &pair->campus);
    assert_int_equal(kit_objects_move(&pair->hub, &pair->campus, 100), 5);
    kit_course_import(&pair->hub, "c", "en", second, NULL);
    kit_course_publish(&pair->hub, "c");
    kit_catalogue_move(&pair->hub, &pair->campus);
    assert_int_equal(kit_objects_move(&pair->hub, &pair->campus, 1), 1);
    assert_true(kit_course_row(&pair->campus, "c", "en", "1").is_current);
    assert_int_equal(kit_course_row(&pair->campus, "c", "en", "2").missing, 2);
    assert_int_equal(kit_objects_move(&pair->hub, &pair->campus, 100), 2); /* b.html and the recipe */
    assert_false(kit_course_row(&pair->campus, "c", "en", "1").is_current);
    assert_true(kit_course_row(&pair->campus, "c", "en", "2").is_current);
    assert_int_equal(kit_course_row(&pair->campus, "c", "en", "1").state, COURSE_INSTALLED);
}

static void only_the_newest_of_several_versions_is_fetched(void **state)
{
    struct kit_pair *pair = *state;

    kit_course_import(&pair->hub, "c", "en", first, NULL);
    kit_course_publish(&pair->hub, "c");
    kit_course_import(&pair->hub, "c", "en", second, NULL);
    kit_course_publish(&pair->hub, "c");
    kit_catalogue_move(&pair->hub, &pair->campus);
    kit_course_subscribe(&pair->campus, "c");
    kit_objects_move(&pair->hub, &pair->campus, 100);
    assert_int_equal(kit_course_row(&pair->campus, "c", "en", "1").state, COURSE_CATALOGUED);
    assert_int_equal(kit_course_row(&pair->campus, "c", "en", "2").state, COURSE_INSTALLED);
}

static void a_refresh_too_many_changes_nothing(void **state)
{
    struct kit_pair *pair = *state;
    struct course_row before, after;

    kit_course_import(&pair->hub, "c", "en", first, NULL);
    kit_course_publish(&pair->hub, "c");
    kit_catalogue_move(&pair->hub, &pair->campus);
    kit_course_subscribe(&pair->campus, "c");
    kit_objects_move(&pair->hub, &pair->campus, 2);
    before = kit_course_row(&pair->campus, "c", "en", "1");
    kit_course_refresh(&pair->campus);
    kit_course_refresh(&pair->campus);
    after = kit_course_row(&pair->campus, "c", "en", "1");
    assert_int_equal(after.state, before.state);
    assert_int_equal(after.missing, before.missing);
    assert_int_equal(after.stamp, before.stamp);
    assert_int_equal(after.id, before.id);
    assert_int_equal(kit_objects_move(&pair->hub, &pair->campus, 100), 3);
    kit_course_refresh(&pair->hub);
    assert_int_equal(kit_course_row(&pair->hub, "c", "en", "1").state, COURSE_PUBLISHED);
}

static void a_relay_fetches_what_a_node_below_asks_for(void **state)
{
    struct kit_pair *pair = *state;
    struct kit_courses centre;

    kit_courses_open(&centre, 3);
    kit_course_import(&pair->hub, "c", "en", first, NULL);
    kit_course_publish(&pair->hub, "c");
    kit_catalogue_move(&pair->hub, &centre);
    kit_catalogue_move(&centre, &pair->campus);
    kit_course_subscribe(&pair->campus, "c");
    assert_int_equal(kit_objects_move(&centre, &pair->campus, 100), 0); /* not there: demanded */
    assert_int_equal(kit_course_row(&centre, "c", "en", "1").state, COURSE_FETCHING);
    assert_int_equal(kit_objects_move(&pair->hub, &centre, 100), 5);
    assert_int_equal(kit_objects_move(&centre, &pair->campus, 100), 5);
    assert_int_equal(kit_course_row(&pair->campus, "c", "en", "1").state, COURSE_INSTALLED);
    kit_courses_close(&centre);
}

static void after_a_long_look_what_others_publish_is_looked_at_later_and_together(void **state)
{
    struct kit_pair *pair = *state;
    struct rest *rest = &pair->campus.courses.rest;
    uint64_t now_ms = local_time_monotonic();

    kit_course_subscribe(&pair->campus, "c");
    rest_after(rest, 2000, now_ms); /* somebody having published a hundred thousand versions */
    kit_course_import(&pair->hub, "c", "en", first, NULL);
    kit_course_publish(&pair->hub, "c");
    kit_catalogue_move(&pair->hub, &pair->campus);
    assert_int_equal(kit_objects_move(&pair->hub, &pair->campus, 100), 0);
    assert_int_not_equal(rest_left_ms(rest, now_ms), UINT64_MAX);
    kit_course_refresh(&pair->campus); /* as behind the rest (node/app_course.c) */
    assert_int_equal(rest_left_ms(rest, now_ms), UINT64_MAX);
    assert_int_equal(kit_course_row(&pair->campus, "c", "en", "1").state, COURSE_FETCHING);
    assert_int_equal(kit_objects_move(&pair->hub, &pair->campus, 100), 5);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_PAIR_TEST(what_is_published_is_known_everywhere_and_fetched_where_it_is_subscribed),
        KIT_PAIR_TEST(the_next_version_costs_only_what_differs_and_takes_over_when_it_is_whole),
        KIT_PAIR_TEST(only_the_newest_of_several_versions_is_fetched),
        KIT_PAIR_TEST(a_refresh_too_many_changes_nothing),
        KIT_PAIR_TEST(after_a_long_look_what_others_publish_is_looked_at_later_and_together),
        KIT_PAIR_TEST(a_relay_fetches_what_a_node_below_asks_for),
    };
    return KIT_RUN(tests);
}
