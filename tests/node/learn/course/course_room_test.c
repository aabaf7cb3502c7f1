/* Room is refused before anything moves, in numbers. */
#include <string.h>

#include "tests/kit/courses.h"

enum { MIB = 1024 * 1024 };

static bool has_room(struct kit_courses *node, uint64_t size, char problem[COURSE_PROBLEM_MAX + 1])
{
    struct db *db = store_read_begin(node->node.store);
    bool has_room = course_has_room(&node->courses, db, size, problem, COURSE_PROBLEM_MAX + 1);

    store_read_end(node->node.store, db);
    return has_room;
}

static void the_quota_is_held_to_the_byte(void **state)
{
    struct kit_courses *node = &((struct kit_pair *)*state)->hub;
    char problem[COURSE_PROBLEM_MAX + 1];

    node->courses.quota_size = 10 * MIB;
    assert_true(has_room(node, 10 * MIB, problem));
    assert_false(has_room(node, 10 * MIB + 1, problem));
    assert_string_equal(problem, "over the quota: it needs 11 MiB beside 0 MiB held and 0 MiB under way, "
                                 "content_quota_mib allows 10 MiB");
    node->courses.quota_size = 0;
    assert_true(has_room(node, 10 * MIB + 1, problem));
    assert_true(has_room(node, 0, problem));
}

static void a_version_over_the_quota_waits_and_comes_when_there_is_room(void **state)
{
    struct kit_pair *pair = *state;

    kit_course_import_large(&pair->hub, "c", 3 * MIB, 1);
    kit_course_publish(&pair->hub, "c");
    pair->campus.courses.quota_size = 2 * MIB;
    kit_course_subscribe(&pair->campus, "c");
    kit_catalogue_move(&pair->hub, &pair->campus);
    kit_objects_move(&pair->hub, &pair->campus, 100);
    struct course_row row = kit_course_row(&pair->campus, "c", "en", "1");
    assert_int_equal(row.state, COURSE_WAITING);
    assert_non_null(strstr(row.problem, "content_quota_mib allows 2 MiB"));
    assert_int_equal(kit_count_files(pair->campus.node.dir, "blobs"), 1); /* the manifest alone */
    pair->campus.courses.quota_size = 4 * MIB;
    kit_course_refresh(&pair->campus);
    kit_objects_move(&pair->hub, &pair->campus, 100);
    assert_int_equal(kit_course_row(&pair->campus, "c", "en", "1").state, COURSE_INSTALLED);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        KIT_PAIR_TEST(the_quota_is_held_to_the_byte),
        KIT_PAIR_TEST(a_version_over_the_quota_waits_and_comes_when_there_is_room),
    };
    return KIT_RUN(tests);
}
