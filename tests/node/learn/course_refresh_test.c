/* From a publisher's catalogue to an installed course at another node, step by step. */
#include <string.h>

#include "tests/kit/courses.h"

struct fixture {
    struct kit_courses hub, campus;
};

static const struct kit_file first[] = {
    {"index.html", "<title>One</title>"}, {"a.html", "same"}, {"b.html", "old"}, {NULL, NULL}};
static const struct kit_file second[] = {
    {"index.html", "<title>One</title>"}, {"a.html", "same"}, {"b.html", "new"}, {NULL, NULL}};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    kit_courses_open(&fixture->hub, 1);
    kit_courses_open(&fixture->campus, 2);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    kit_courses_close(&fixture->hub);
    kit_courses_close(&fixture->campus);
    test_free(fixture);
    return 0;
}

static void what_is_published_is_known_everywhere_and_fetched_where_it_is_subscribed(void **state)
{
    struct fixture *fixture = *state;
    struct course_row row;

    kit_course_import(&fixture->hub, "c", "en", first, NULL);
    kit_course_publish(&fixture->hub, "c");
    kit_catalogue_move(&fixture->hub, &fixture->campus);
    row = kit_course_row(&fixture->campus, "c", "en", "1");
    assert_int_equal(row.state, COURSE_CATALOGUED);
    assert_string_equal(row.title, "One");
    assert_int_equal(kit_objects_move(&fixture->hub, &fixture->campus, 100), 0);
    kit_course_subscribe(&fixture->campus, "c");
    assert_int_equal(kit_course_row(&fixture->campus, "c", "en", "1").state, COURSE_FETCHING);
    assert_int_equal(kit_objects_move(&fixture->hub, &fixture->campus, 2), 2); /* the manifest, one member */
    row = kit_course_row(&fixture->campus, "c", "en", "1");
    assert_int_equal(row.state, COURSE_FETCHING);
    assert_int_equal(row.missing, 2);
    assert_false(row.is_current);
    assert_int_equal(kit_objects_move(&fixture->hub, &fixture->campus, 100), 2);
    row = kit_course_row(&fixture->campus, "c", "en", "1");
    assert_int_equal(row.state, COURSE_INSTALLED);
    assert_true(row.is_current);
}

static void the_next_version_costs_only_what_differs_and_takes_over_when_it_is_whole(void **state)
{
    struct fixture *fixture = *state;

    kit_course_subscribe(&fixture->campus, "c");
    kit_course_import(&fixture->hub, "c", "en", first, NULL);
    kit_course_publish(&fixture->hub, "c");
    kit_catalogue_move(&fixture->hub, &fixture->campus);
    assert_int_equal(kit_objects_move(&fixture->hub, &fixture->campus, 100), 4);
    kit_course_import(&fixture->hub, "c", "en", second, NULL);
    kit_course_publish(&fixture->hub, "c");
    kit_catalogue_move(&fixture->hub, &fixture->campus);
    assert_int_equal(kit_objects_move(&fixture->hub, &fixture->campus, 1), 1);
    assert_true(kit_course_row(&fixture->campus, "c", "en", "1").is_current);
    assert_int_equal(kit_course_row(&fixture->campus, "c", "en", "2").missing, 1);
    assert_int_equal(kit_objects_move(&fixture->hub, &fixture->campus, 100), 1); /* b.html */
    assert_false(kit_course_row(&fixture->campus, "c", "en", "1").is_current);
    assert_true(kit_course_row(&fixture->campus, "c", "en", "2").is_current);
    assert_int_equal(kit_course_row(&fixture->campus, "c", "en", "1").state, COURSE_INSTALLED);
}

static void only_the_newest_of_several_versions_is_fetched(void **state)
{
    struct fixture *fixture = *state;

    kit_course_import(&fixture->hub, "c", "en", first, NULL);
    kit_course_publish(&fixture->hub, "c");
    kit_course_import(&fixture->hub, "c", "en", second, NULL);
    kit_course_publish(&fixture->hub, "c");
    kit_catalogue_move(&fixture->hub, &fixture->campus);
    kit_course_subscribe(&fixture->campus, "c");
    kit_objects_move(&fixture->hub, &fixture->campus, 100);
    assert_int_equal(kit_course_row(&fixture->campus, "c", "en", "1").state, COURSE_CATALOGUED);
    assert_int_equal(kit_course_row(&fixture->campus, "c", "en", "2").state, COURSE_INSTALLED);
}

static void a_refresh_too_many_changes_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct course_row before, after;

    kit_course_import(&fixture->hub, "c", "en", first, NULL);
    kit_course_publish(&fixture->hub, "c");
    kit_catalogue_move(&fixture->hub, &fixture->campus);
    kit_course_subscribe(&fixture->campus, "c");
    kit_objects_move(&fixture->hub, &fixture->campus, 2);
    before = kit_course_row(&fixture->campus, "c", "en", "1");
    kit_course_refresh(&fixture->campus);
    kit_course_refresh(&fixture->campus);
    after = kit_course_row(&fixture->campus, "c", "en", "1");
    assert_memory_equal(&before, &after, sizeof before);
    assert_int_equal(kit_objects_move(&fixture->hub, &fixture->campus, 100), 2);
    kit_course_refresh(&fixture->hub);
    assert_int_equal(kit_course_row(&fixture->hub, "c", "en", "1").state, COURSE_PUBLISHED);
}

static void a_relay_fetches_what_a_node_below_asks_for(void **state)
{
    struct fixture *fixture = *state;
    struct kit_courses centre;

    kit_courses_open(&centre, 3);
    kit_course_import(&fixture->hub, "c", "en", first, NULL);
    kit_course_publish(&fixture->hub, "c");
    kit_catalogue_move(&fixture->hub, &centre);
    kit_catalogue_move(&centre, &fixture->campus);
    kit_course_subscribe(&fixture->campus, "c");
    assert_int_equal(kit_objects_move(&centre, &fixture->campus, 100), 0); /* not there: demanded */
    assert_int_equal(kit_course_row(&centre, "c", "en", "1").state, COURSE_FETCHING);
    assert_int_equal(kit_objects_move(&fixture->hub, &centre, 100), 4);
    assert_int_equal(kit_objects_move(&centre, &fixture->campus, 100), 4);
    assert_int_equal(kit_course_row(&fixture->campus, "c", "en", "1").state, COURSE_INSTALLED);
    kit_courses_close(&centre);
}

int main(int argc, char **argv)
{
#define REFRESH_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        REFRESH_TEST(what_is_published_is_known_everywhere_and_fetched_where_it_is_subscribed),
        REFRESH_TEST(the_next_version_costs_only_what_differs_and_takes_over_when_it_is_whole),
        REFRESH_TEST(only_the_newest_of_several_versions_is_fetched),
        REFRESH_TEST(a_refresh_too_many_changes_nothing),
        REFRESH_TEST(a_relay_fetches_what_a_node_below_asks_for),
    };
    return KIT_IMPORT_RUN(tests, argc, argv);
}
