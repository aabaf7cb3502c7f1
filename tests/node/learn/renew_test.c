#include <stdio.h>
#include <string.h>

#include "node/learn/renew.h"
#include "node/learn/search.h"
#include "node/store/course/course_item.h"
#include "node/store/people/person_search.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_golden.h"

struct fixture {
    char dir[256], campus[280];
    struct report report;
    struct store *store;
    struct blobs *blobs;
    struct courses courses;
    struct federation federation;
    struct identity identity;
    struct config config;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);
    const struct store_options options = {.anchor_dir = fixture->dir};

    kit_scratch_make(fixture->dir, sizeof fixture->dir);
    kit_golden_unpack(1, fixture->dir);
    snprintf(fixture->campus, sizeof fixture->campus, "%s/campus", fixture->dir);
    config_init(&fixture->config);
    assert_int_equal(dir_load_identity(fixture->campus, &fixture->identity, &fixture->report), S_OK);
    assert_int_equal(dir_load_federation(fixture->campus, &fixture->federation, &fixture->report), S_OK);
    assert_int_equal(store_open(fixture->campus, &options, &fixture->store, &fixture->report), S_OK);
    assert_int_equal(blobs_open(fixture->campus, fixture->store, &fixture->blobs, &fixture->report), S_OK);
    courses_init(&fixture->courses, fixture->store, fixture->blobs, &fixture->identity, &fixture->federation, &fixture->config);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    blobs_close(fixture->blobs);
    store_close(fixture->store);
    kit_scratch_remove(fixture->dir);
    test_free(fixture);
    return 0;
}

static enum status person_found(void *ctx, const struct person *person)
{
    (void)person;
    ++*(size_t *)ctx;
    return S_OK;
}

static size_t people_found(struct fixture *fixture, const char *words)
{
    struct db *db = store_read_begin(fixture->store);
    struct buffer query;
    size_t count = 0;

    buffer_init(&query);
    search_query(bytes_text(words), &query);
    (void)person_search(db, buffer_bytes(&query), 10, person_found, &count);
    buffer_release(&query);
    store_read_end(fixture->store, db);
    return count;
}

static size_t courses_found(struct fixture *fixture, const char *words)
{
    struct db *db = store_read_begin(fixture->store);
    struct buffer query, ids;

    buffer_init(&query);
    buffer_init(&ids);
    search_query(bytes_text(words), &query);
    (void)course_search_find(db, buffer_bytes(&query), &ids);
    size_t count = ids.size / sizeof(int64_t);
    buffer_release(&query);
    buffer_release(&ids);
    store_read_end(fixture->store, db);
    return count;
}

static bool is_due(struct fixture *fixture)
{
    struct db *db = store_read_begin(fixture->store);
    int64_t after;
    bool due = person_search_renewal(db, &after);

    store_read_end(fixture->store, db);
    return due;
}

static void a_migrated_database_is_found_in_like_a_new_one(void **state)
{
    struct fixture *fixture = *state;
    struct renewal renewal = {.courses = &fixture->courses};
    int steps = 0;

    assert_true(is_due(fixture));
    assert_int_equal(people_found(fixture, "amina"), 1); /* as it was written */
    assert_int_equal(people_found(fixture, "小明"), 0);
    assert_int_equal(courses_found(fixture, "wells"), 0);
    do {
        assert_int_equal(store_write_wait(fixture->store, renew_step, &renewal), S_OK);
        steps++;
    } while (renewal.is_more);
    assert_int_equal(steps, 2); /* all people, then the courses */
    assert_false(is_due(fixture));
    assert_int_equal(people_found(fixture, "amina"), 1);
    assert_int_equal(people_found(fixture, "小明"), 1);
    assert_int_equal(people_found(fixture, "امنه"), 1); /* another way to write آمنة */
    assert_int_equal(courses_found(fixture, "wells"), 1);
    assert_int_equal(store_write_wait(fixture->store, renew_step, &renewal), S_OK); /* nothing left */
    assert_false(renewal.is_more);
}

static enum status nothing(struct db *db, void *arg)
{
    (void)db, (void)arg;
    return S_OK;
}

static void a_start_goes_through_all_of_it_and_ends(void **state)
{
    struct fixture *fixture = *state;
    struct renewal renewal;

    renew_start(&renewal, &fixture->courses);
    for (int i = 0; i < 10 && is_due(fixture); i++) {
        assert_int_equal(store_write_wait(fixture->store, nothing, NULL), S_OK); /* what stood in the queue is done */
        store_drain(fixture->store);
    }
    assert_false(is_due(fixture));
    store_drain(fixture->store);
}

static void a_stop_leaves_the_rest_for_the_next_start(void **state)
{
    struct fixture *fixture = *state;
    struct renewal renewal;

    renew_start(&renewal, &fixture->courses);
    renew_stop(&renewal);
    assert_int_equal(store_write_wait(fixture->store, renew_step, &(struct renewal){.courses = &fixture->courses}), S_OK);
    store_drain(fixture->store);
    assert_true(renewal.is_more);
}

KIT_TESTS()
{
#define RENEW_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        RENEW_TEST(a_migrated_database_is_found_in_like_a_new_one),
        RENEW_TEST(a_start_goes_through_all_of_it_and_ends),
        RENEW_TEST(a_stop_leaves_the_rest_for_the_next_start),
    };
    return KIT_RUN(tests);
}
