#include "node/store/people/event.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

#include <string.h>

struct put {
    struct event event;
    enum event_outcome outcome;
    int64_t rows;
};

static enum status put_run(struct db *db, void *arg)
{
    struct put *put = arg;
    struct event_group group = {.course = bytes_text("dmu"),
                                .lang = bytes_text("ar"),
                                .version = bytes_text("1"),
                                .cohort = bytes_text("")};

    enum status status = event_group_get(db, &group, &put->event.group);
    if (status == S_OK) {
        status = event_put(db, &put->event, event_last(db) + 1, &put->outcome);
    }
    put->rows = event_last(db);
    return status;
}

static struct put put_id(struct kit_store *kit, const char *id, uint64_t hash, uint64_t content)
{
    struct put put = {.event = {.id = bytes_text(id),
                                .person = 5,
                                .kind = 1,
                                .at_ms = 1,
                                .score = EVENT_NO_SCORE,
                                .hash = hash,
                                .content = content}};

    assert_int_equal(store_write_wait(kit->store, put_run, &put), S_OK);
    return put;
}

static void an_event_is_stored_once(void **state)
{
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(put_id(&kit, "e1", 10, 1).outcome, EVENT_STORED);
    assert_int_equal(put_id(&kit, "e1", 10, 1).outcome, EVENT_DUPLICATE);
    struct put other = put_id(&kit, "e1", 10, 2);
    assert_int_equal(other.outcome, EVENT_OTHER_CONTENT);
    assert_int_equal(other.rows, 1);
    kit_store_close(&kit);
}

static void ids_that_share_a_hash_are_told_apart(void **state)
{
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    assert_int_equal(put_id(&kit, "e1", UINT64_MAX, 1).outcome, EVENT_STORED); /* wraps around */
    assert_int_equal(put_id(&kit, "e2", UINT64_MAX, 2).outcome, EVENT_STORED);
    assert_int_equal(put_id(&kit, "e3", UINT64_MAX, 3).outcome, EVENT_STORED);
    assert_int_equal(put_id(&kit, "e4", 0, 4).outcome, EVENT_STORED);
    assert_int_equal(put_id(&kit, "e2", UINT64_MAX, 2).outcome, EVENT_DUPLICATE);
    assert_int_equal(put_id(&kit, "e3", UINT64_MAX, 9).outcome, EVENT_OTHER_CONTENT);
    assert_int_equal(put_id(&kit, "e4", 0, 4).outcome, EVENT_DUPLICATE);
    assert_int_equal(put_id(&kit, "e4", 0, 4).rows, 4);
    kit_store_close(&kit);
}

static enum status forget_run(struct db *db, void *arg)
{
    return event_forget(db, 5, arg);
}

static void erasing_a_person_leaves_the_events_without_names(void **state)
{
    struct kit_store kit;
    int64_t count = 0;
    (void)state;

    kit_store_open(&kit);
    put_id(&kit, "e1", 10, 1);
    put_id(&kit, "e2", 20, 2);
    assert_int_equal(store_write_wait(kit.store, forget_run, &count), S_OK);
    assert_int_equal(count, 2);
    assert_int_equal(put_id(&kit, "e1", 10, 1).outcome, EVENT_DUPLICATE);
    assert_int_equal(put_id(&kit, "e1", 10, 7).outcome, EVENT_OTHER_CONTENT);
    kit_store_close(&kit);
}

static void a_group_keeps_its_row_and_a_course_is_known_by_it(void **state)
{
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    int64_t group = put_id(&kit, "e1", 10, 1).event.group;
    assert_int_equal(put_id(&kit, "e2", 20, 2).event.group, group);
    struct db *db = store_read_begin(kit.store);
    assert_true(event_course_is_known(db, bytes_text("dmu")));
    assert_false(event_course_is_known(db, bytes_text("dm")));
    store_read_end(kit.store, db);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_stored_once),
        cmocka_unit_test(ids_that_share_a_hash_are_told_apart),
        cmocka_unit_test(erasing_a_person_leaves_the_events_without_names),
        cmocka_unit_test(a_group_keeps_its_row_and_a_course_is_known_by_it),
    };
    return KIT_RUN(tests);
}
