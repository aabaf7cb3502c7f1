/* What the link asks: objects out, objects in, demands of nodes below. */
#include <string.h>

#include "tests/kit/courses.h"
#include "tests/kit/kit_roster.h"

static const struct kit_file files[] = {{"index.html", "<title>T</title>"}, {NULL, NULL}};

struct ask {
    struct kit_courses *node;
    struct hash object;
};

static enum status demand(struct db *db, void *arg)
{
    struct ask *ask = arg;

    return course_object_demand(&ask->node->courses, db, &ask->object);
}

static size_t wanted_count(struct kit_courses *node)
{
    struct wanted wanted[16];
    struct db *db = store_read_begin(node->node.store);
    size_t count = course_object_wanted(&node->courses, db, 0, 16, wanted);

    store_read_end(node->node.store, db);
    return count;
}

static void a_demand_for_an_unknown_object_is_wanted_until_it_comes(void **state)
{
    struct kit_pair *pair = *state;
    struct ask ask = {&pair->campus, {{5}}};

    kit_job(&pair->campus, demand, &ask);
    kit_job(&pair->campus, demand, &ask);
    assert_int_equal(wanted_count(&pair->campus), 1);
    kit_course_refresh(&pair->campus); /* is not forgotten by it */
    assert_int_equal(wanted_count(&pair->campus), 1);
}

static void a_node_that_does_not_relay_wants_nothing_for_others(void **state)
{
    struct kit_pair *pair = *state;
    struct ask ask = {&pair->campus, {{5}}};

    pair->campus.courses.is_relay = false;
    kit_job(&pair->campus, demand, &ask);
    assert_int_equal(wanted_count(&pair->campus), 0);
}

static void an_object_that_is_held_is_not_wanted_again(void **state)
{
    struct kit_pair *pair = *state;
    struct ask ask = {.node = &pair->hub};

    kit_course_import(&pair->hub, "c", "en", files, NULL);
    ask.object = kit_course_row(&pair->hub, "c", "en", "1").manifest;
    kit_job(&pair->hub, demand, &ask);
    assert_int_equal(wanted_count(&pair->hub), 0);
}

static void an_import_of_what_was_being_fetched_completes_it(void **state)
{
    struct kit_pair *pair = *state;

    kit_course_import(&pair->hub, "c", "en", files, NULL);
    kit_course_publish(&pair->hub, "c");
    kit_catalogue_move(&pair->hub, &pair->campus);
    kit_course_subscribe(&pair->campus, "c");
    assert_int_equal(kit_objects_move(&pair->hub, &pair->campus, 1), 1); /* the manifest */
    kit_course_import(&pair->campus, "mine", "en", files, NULL);         /* the same page, by hand */
    assert_int_equal(kit_course_row(&pair->campus, "c", "en", "1").state, COURSE_INSTALLED);
    assert_int_equal(wanted_count(&pair->campus), 0);
}

static enum status insert(struct db *db, void *arg)
{
    return course_row_insert(db, arg);
}

/* hub - centre - campus, and another centre: only what lies below the asked node is offered by it. */
static void what_was_published_below_is_offered_to_anybody(void **state)
{
    const struct kit_member nodes[] = {{"hub", NODE_HUB, -1, "CN", ""},
                                       {"centre", NODE_NATIONAL, 0, "EG", ""},
                                       {"campus", NODE_CAMPUS, 1, "EG", ""},
                                       {"other", NODE_NATIONAL, 0, "KZ", ""}};
    struct kit_pair *pair = *state;
    struct courses *courses = &pair->hub.courses;
    struct id ids[4];
    struct roster *roster = kit_roster_new(nodes, 4, ids);
    struct course_row row = {.course = "c", .lang = "en", .version = "1", .state = COURSE_CATALOGUED};
    struct hash unknown = {{9}};

    row.publisher = ids[2];
    row.manifest = (struct hash){{5}};
    kit_job(&pair->hub, insert, &row);
    struct db *db = store_read_begin(pair->hub.node.store);
    courses->self = ids[1];
    assert_true(course_object_is_offered(courses, db, roster, &row.manifest));
    assert_false(course_object_is_offered(courses, db, roster, &unknown));
    courses->self = ids[3];
    assert_false(course_object_is_offered(courses, db, roster, &row.manifest));
    courses->self = ids[2];
    assert_false(course_object_is_offered(courses, db, roster, &row.manifest));
    store_read_end(pair->hub.node.store, db);
    roster_free(roster);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_PAIR_TEST(a_demand_for_an_unknown_object_is_wanted_until_it_comes),
        KIT_PAIR_TEST(a_node_that_does_not_relay_wants_nothing_for_others),
        KIT_PAIR_TEST(what_was_published_below_is_offered_to_anybody),
        KIT_PAIR_TEST(an_object_that_is_held_is_not_wanted_again),
        KIT_PAIR_TEST(an_import_of_what_was_being_fetched_completes_it),
    };
    return KIT_RUN(tests);
}
