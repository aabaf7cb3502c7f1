#include "node/learn/person/duplicate.h"

#include "node/learn/person/person.h"
#include "node/store/people/duplicate.h"
#include "node/store/stream/known.h"
#include "node/store/stream/own.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

static void what_was_recorded_stays_with_its_row_and_new_things_go_to_the_kept(void **state)
{
    struct result_outcome outcome;
    struct duplicate duplicate;
    struct kit_store kit;
    struct person person;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 3);
    assert_int_equal(duplicate_merge(kit.store, bytes_text("p0"), bytes_text("p1"), NULL), S_OK);
    assert_int_equal(kit_total(&kit, METRIC_REGISTERED), 2);
    struct db *db = store_read_begin(kit.store);
    assert_true(person_find_dims(db, bytes_text("p1"), &person));
    assert_int_equal(person.row, 1); /* p0's */
    assert_true(duplicate_find(db, bytes_text("p1"), &duplicate));
    assert_int_equal(duplicate.row, 2);
    assert_int_equal(duplicate.merged_into, 1);
    assert_string_equal(duplicate.kept, "p0");
    store_read_end(kit.store, db);
    assert_int_equal(duplicate_part(kit.store, bytes_text("p1"), NULL), S_OK);
    assert_int_equal(kit_total(&kit, METRIC_REGISTERED), 3);
    db = store_read_begin(kit.store);
    assert_true(person_find_dims(db, bytes_text("p1"), &person));
    assert_int_equal(person.row, 2);
    store_read_end(kit.store, db);

    assert_int_equal(duplicate_merge(kit.store, bytes_text("p0"), bytes_text("p1"), NULL), S_OK);
    kit_results(&kit, "event_id,person,course,kind,at\n1,p1,c,started,2026-10-01\n", &outcome);
    assert_int_equal(outcome.durable, 1);
    result_outcome_release(&outcome);
    kit_store_close(&kit);
}

static enum status leave_run(struct db *db, void *arg)
{
    (void)arg;
    assert_int_equal(own_renew(db), S_OK);
    return known_leave(db);
}

/* A node of its own since: the one that it was a copy of counts them. */
static void who_was_left_to_another_node_is_taken_off_no_figure_here(void **state)
{
    struct kit_store kit;
    int64_t events;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 4);
    assert_int_equal(store_write_wait(kit.store, leave_run, NULL), S_OK);
    int64_t registered = kit_total(&kit, METRIC_REGISTERED); /* in streams of before, which are another's */
    assert_int_equal(duplicate_merge(kit.store, bytes_text("p0"), bytes_text("p1"), NULL), S_OK);
    assert_int_equal(kit_total(&kit, METRIC_REGISTERED), registered);
    assert_int_equal(duplicate_part(kit.store, bytes_text("p1"), NULL), S_OK);
    assert_int_equal(person_erase(kit.store, &kit.federation, bytes_text("p3"), &events, NULL), S_OK);
    assert_int_equal(kit_total(&kit, METRIC_REGISTERED), registered);
    kit_people_make(&kit, 6); /* three who come here */
    assert_int_equal(kit_total(&kit, METRIC_REGISTERED), registered + 3);
    assert_int_equal(person_erase(kit.store, &kit.federation, bytes_text("p5"), &events, NULL), S_OK);
    assert_int_equal(kit_total(&kit, METRIC_REGISTERED), registered + 2);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_recorded_stays_with_its_row_and_new_things_go_to_the_kept),
        cmocka_unit_test(who_was_left_to_another_node_is_taken_off_no_figure_here),
    };
    return KIT_RUN(tests);
}
