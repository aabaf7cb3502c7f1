#include "node/learn/attempt/due.h"
#include "node/learn/attempt/registration.h"
#include "node/learn/cohort/cohort.h"

#include <string.h>

#include "node/store/people/person.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

struct fixture {
    struct kit_store kit;
    struct cohorts cohorts;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);
    struct cohort_wish wish = {.cohort = "autumn", .course = "tdc", .starts_ms = -1, .ends_ms = -1};

    kit_store_open(&fixture->kit);
    kit_people_make(&fixture->kit, 4);
    fixture->cohorts = (struct cohorts){
        .store = fixture->kit.store, .federation = &fixture->kit.federation, .now_ms = KIT_NOW_S * 1000LL};
    assert_int_equal(cohort_put(&fixture->cohorts, &wish, true, NULL), S_OK);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    kit_store_close(&fixture->kit);
    test_free(fixture);
    return 0;
}

/* As the node does every few seconds. */
static void figures_tell(struct fixture *fixture)
{
    const struct attempts attempts = {.store = fixture->kit.store, .federation = &fixture->kit.federation};
    struct due_run run = {.attempts = &attempts, .told = 1};

    while (run.told) {
        assert_int_equal(store_write_wait(fixture->kit.store, due_run, &run), S_OK);
    }
}

static void members_are_enrolled_once_by_a_list(void **state)
{
    struct fixture *fixture = *state;
    const struct bytes ids[] = {bytes_text("p0"), bytes_text("p1"), bytes_text("p9"), bytes_text("p0")};
    struct cohort_outcome outcome;
    struct report report = {.status = S_OK};

    cohort_outcome_init(&outcome);
    assert_int_equal(
        cohort_add(&fixture->cohorts, "autumn", false, &(struct cohort_people){ids, 4}, &outcome, &report),
        S_PARTIAL);
    assert_int_equal(outcome.changed, 2);
    assert_int_equal(outcome.unchanged, 1);
    assert_int_equal(outcome.refusals.reason[REFUSAL_PERSON].count, 1);
    assert_int_equal(
        cohort_add(&fixture->cohorts, "autumn", false, &(struct cohort_people){ids, 2}, &outcome, &report),
        S_OK);
    assert_int_equal(outcome.changed, 0);
    figures_tell(fixture);
    assert_int_equal(kit_total(&fixture->kit, METRIC_ENROLLED), 2);
    assert_int_equal(
        cohort_drop(&fixture->cohorts, "autumn", &(struct cohort_people){ids, 1}, &outcome, &report), S_OK);
    assert_int_equal(outcome.changed, 1);
    figures_tell(fixture);
    assert_int_equal(kit_total(&fixture->kit, METRIC_ENROLLED), 2); /* what was counted stays counted */
    assert_int_equal(
        cohort_add(&fixture->cohorts, "spring", false, &(struct cohort_people){ids, 1}, &outcome, &report),
        S_NOT_FOUND);
    cohort_outcome_release(&outcome);
}

static bool current_is(struct fixture *fixture, const char *cohort)
{
    struct registration_row row;
    struct person person;
    struct db *db = store_read_begin(fixture->kit.store);
    bool is_it = person_find_dims(db, bytes_text("p0"), &person) && registration_find_current(db, person.row, bytes_text("tdc"), &row) &&
                 strcmp(row.cohort, cohort) == 0;

    store_read_end(fixture->kit.store, db);
    return is_it;
}

static void who_is_moved_and_moved_back_goes_on_where_they_are(void **state)
{
    struct fixture *fixture = *state;
    const struct bytes id = bytes_text("p0");
    const struct cohort_people one = {&id, 1};
    const struct cohort_wish wish = {.cohort = "spring", .course = "tdc", .starts_ms = -1, .ends_ms = -1};
    struct cohort_outcome outcome;

    cohort_outcome_init(&outcome);
    assert_int_equal(cohort_put(&fixture->cohorts, &wish, true, NULL), S_OK);
    assert_false(current_is(fixture, ""));
    assert_int_equal(cohort_add(&fixture->cohorts, "autumn", false, &one, &outcome, NULL), S_OK);
    assert_true(current_is(fixture, "autumn"));
    assert_int_equal(cohort_add(&fixture->cohorts, "spring", false, &one, &outcome, NULL), S_OK);
    assert_true(current_is(fixture, "spring"));
    assert_int_equal(cohort_drop(&fixture->cohorts, "autumn", &one, &outcome, NULL), S_OK);
    assert_true(current_is(fixture, "spring"));
    assert_int_equal(cohort_add(&fixture->cohorts, "autumn", false, &one, &outcome, NULL), S_OK);
    assert_int_equal(cohort_drop(&fixture->cohorts, "spring", &one, &outcome, NULL), S_OK);
    assert_true(current_is(fixture, "autumn"));
    assert_int_equal(cohort_drop(&fixture->cohorts, "autumn", &one, &outcome, NULL), S_OK);
    assert_true(current_is(fixture, "spring")); /* in none: the latest */
    cohort_outcome_release(&outcome);
}

static void a_decision_by_hand_counts_and_can_be_taken_back(void **state)
{
    struct fixture *fixture = *state;
    const struct bytes id = bytes_text("p0");
    struct cohort_completion completion = {
        .cohort = "autumn", .person = id, .reason = bytes_text("exam on paper"), .score = 8000};
    struct cohort_outcome outcome;
    struct report report = {.status = S_OK};

    assert_int_equal(cohort_complete(&fixture->cohorts, &completion, &report), S_NOT_FOUND); /* no member */
    cohort_outcome_init(&outcome);
    assert_int_equal(
        cohort_add(&fixture->cohorts, "autumn", false, &(struct cohort_people){&id, 1}, &outcome, &report),
        S_OK);
    cohort_outcome_release(&outcome);
    char reason[REGISTRATION_REASON_MAX + 1];
    memset(reason, 'r', sizeof reason);
    completion.reason = bytes_of(reason, sizeof reason);
    assert_int_equal(cohort_complete(&fixture->cohorts, &completion, NULL), S_INVALID);
    completion.reason.size--;
    assert_int_equal(cohort_complete(&fixture->cohorts, &completion, NULL), S_OK);
    completion.reason = bytes_text("exam on paper");
    assert_int_equal(cohort_complete(&fixture->cohorts, &completion, NULL), S_OK);
    figures_tell(fixture);
    assert_int_equal(kit_total(&fixture->kit, METRIC_COMPLETED), 1);
    completion.is_undo = true;
    assert_int_equal(cohort_complete(&fixture->cohorts, &completion, NULL), S_OK);
    figures_tell(fixture);
    assert_int_equal(kit_total(&fixture->kit, METRIC_COMPLETED), 0);
    completion.is_undo = false;
    completion.reason = bytes_of("", 0);
    assert_int_equal(cohort_complete(&fixture->cohorts, &completion, NULL), S_INVALID);
}

static void who_finished_a_training_of_trainers_may_train(void **state)
{
    struct fixture *fixture = *state;
    const struct bytes ids[] = {bytes_text("p0"), bytes_text("p1")};
    struct cohort_wish wish = {
        .cohort = "trainers", .course = "tot", .trains = "tdc", .starts_ms = -1, .ends_ms = -1};
    const struct cohort_completion completion = {
        .cohort = "trainers", .person = ids[0], .reason = bytes_text("passed"), .score = -1};
    struct cohort_outcome outcome;
    struct report report = {.status = S_OK};

    assert_int_equal(cohort_put(&fixture->cohorts, &wish, true, NULL), S_OK);
    cohort_outcome_init(&outcome);
    assert_int_equal(
        cohort_add(&fixture->cohorts, "trainers", false, &(struct cohort_people){ids, 2}, &outcome, NULL),
        S_OK);
    assert_int_equal(cohort_complete(&fixture->cohorts, &completion, NULL), S_OK);
    assert_int_equal(
        cohort_add(&fixture->cohorts, "autumn", true, &(struct cohort_people){ids, 2}, &outcome, &report),
        S_PARTIAL);
    assert_int_equal(outcome.changed, 1);
    assert_int_equal(outcome.refusals.reason[REFUSAL_TRAINER].count, 1);
    cohort_outcome_release(&outcome);
    struct cohort_row row;
    struct db *db = store_read_begin(fixture->kit.store);
    assert_int_equal(cohort_get(db, "autumn", &row, NULL), S_OK);
    assert_true(cohort_may_run(db, 1, ROLE_LEARNER, &row));
    assert_false(cohort_may_run(db, 2, ROLE_LEARNER, &row));
    store_read_end(fixture->kit.store, db);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(members_are_enrolled_once_by_a_list, setup, teardown),
        cmocka_unit_test_setup_teardown(who_is_moved_and_moved_back_goes_on_where_they_are, setup, teardown),
        cmocka_unit_test_setup_teardown(a_decision_by_hand_counts_and_can_be_taken_back, setup, teardown),
        cmocka_unit_test_setup_teardown(who_finished_a_training_of_trainers_may_train, setup, teardown),
    };
    return KIT_RUN(tests);
}
