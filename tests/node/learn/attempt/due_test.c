#include <string.h>

#include "node/learn/attempt/due.h"
#include "node/learn/enrol.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_attempt.h"

static void expect(struct kit_attempt *kit, int64_t enrolled, int64_t started, int64_t active,
                   int64_t completed)
{
    kit_tell(kit);
    assert_int_equal(kit_total(&kit->kit, METRIC_ENROLLED), enrolled);
    assert_int_equal(kit_total(&kit->kit, METRIC_STARTED), started);
    assert_int_equal(kit_total(&kit->kit, METRIC_ACTIVE), active);
    assert_int_equal(kit_total(&kit->kit, METRIC_COMPLETED), completed);
}

static double mean_of(struct kit_attempt *kit, int64_t *count_out, double *median_out)
{
    struct stats_result result;

    kit_stats(&kit->kit, "", &result);
    *count_out = result.rows[0].number[METRIC_SCORE];
    *median_out = result.rows[0].score_median;
    double mean = result.rows[0].score_mean;
    stats_release(&result);
    return mean;
}

static void each_fact_counts_once_and_minutes_follow(void **state)
{
    struct kit_attempt kit;
    (void)state;

    kit_attempt_open(&kit);
    assert_false(due_is_any(kit.kit.store));
    int64_t lesson = kit_launch(&kit, "lesson", KIT_MS, NULL);
    assert_true(due_is_any(kit.kit.store));
    expect(&kit, 1, 1, 1, 0);
    for (int64_t seq = 1; seq < 4; seq++) {
        assert_int_equal(
            kit_commit(&kit, lesson, seq,
                       "{\"core\":{\"lesson_status\":\"completed\",\"session_time\":\"00:01:30\"}}", NULL),
            S_OK);
        expect(&kit, 1, 1, 1, 0);
        assert_int_equal(kit_total(&kit.kit, METRIC_MINUTES), 150);
    }
    kit_launch(&kit, "lesson", KIT_MS + 40LL * 86400 * 1000, NULL); /* another month */
    expect(&kit, 1, 1, 2, 0);
    assert_int_equal(kit_total(&kit.kit, METRIC_PEOPLE), 1);
    kit_attempt_close(&kit);
}

static void an_enrolment_by_command_is_the_same_one(void **state)
{
    struct kit_attempt kit;
    bool is_new, is_known;
    (void)state;

    kit_attempt_open(&kit);
    struct enrolment enrolment = {.person = bytes_text("p0"),
                                  .course = bytes_text("soil"),
                                  .cohort = bytes_of("", 0),
                                  .now_ms = KIT_MS};
    assert_int_equal(enrol(kit.kit.store, &kit.kit.federation, &enrolment, &is_new, &is_known, NULL), S_OK);
    kit_launch(&kit, "lesson", KIT_MS + 1000, NULL);
    expect(&kit, 1, 1, 1, 0);
    assert_int_equal(enrol(kit.kit.store, &kit.kit.federation, &enrolment, &is_new, &is_known, NULL), S_OK);
    assert_false(is_new);
    expect(&kit, 1, 1, 1, 0);
    kit_attempt_close(&kit);
}

static enum status mark_run(struct db *db, void *arg)
{
    return registration_mark(db, arg);
}

/* Completed with a score, regraded lower, taken back, completed again: in whatever incarnation. */
static void corrections_lower_figures(void **state)
{
    struct registration_mark mark = {.status = REGISTRATION_COMPLETED, .score = 9000, .now_ms = KIT_MS};
    struct kit_attempt kit;
    int64_t count;
    double median;
    (void)state;

    kit_attempt_open(&kit);
    kit_launch(&kit, "lesson", KIT_MS, NULL);
    mark.registration = kit_registration(&kit).id;
    assert_int_equal(store_write_wait(kit.kit.store, mark_run, &mark), S_OK);
    expect(&kit, 1, 1, 1, 1);
    assert_true(mean_of(&kit, &count, &median) == 90.0 && count == 1 && median == 90.0);

    kit_store_reopen(&kit.kit);
    kit.attempts.store = kit.kit.store;
    mark.score = 7000;
    assert_int_equal(store_write_wait(kit.kit.store, mark_run, &mark), S_OK);
    expect(&kit, 1, 1, 1, 1);
    assert_true(mean_of(&kit, &count, &median) == 70.0 && count == 1 && median == 70.0);

    mark.status = REGISTRATION_NO_MARK;
    mark.score = REGISTRATION_NO_SCORE;
    assert_int_equal(store_write_wait(kit.kit.store, mark_run, &mark), S_OK);
    expect(&kit, 1, 1, 1, 0);
    mean_of(&kit, &count, &median);
    assert_int_equal(count, 0);

    mark.status = REGISTRATION_COMPLETED;
    mark.score = 8000;
    assert_int_equal(store_write_wait(kit.kit.store, mark_run, &mark), S_OK);
    expect(&kit, 1, 1, 1, 1);
    assert_true(mean_of(&kit, &count, &median) == 80.0 && count == 1);
    kit_attempt_close(&kit);
}

static enum status certify_run(struct db *db, void *arg)
{
    const struct registration_row *row = arg;
    return registration_certify(db, row->id, row->certified_ms);
}

static void a_certificate_is_counted_by_its_own_event_alone(void **state)
{
    struct kit_attempt kit;
    (void)state;

    kit_attempt_open(&kit);
    kit_launch(&kit, "lesson", KIT_MS, NULL);
    struct registration_row row = kit_registration(&kit);
    row.certified_ms = KIT_MS;
    assert_int_equal(store_write_wait(kit.kit.store, certify_run, &row), S_OK);
    kit_tell(&kit);
    assert_int_equal(kit_total(&kit.kit, METRIC_CERTIFIED), 0); /* node/badge/issue.c counts it */
    row.certified_ms = 0;
    assert_int_equal(store_write_wait(kit.kit.store, certify_run, &row), S_OK);
    kit_tell(&kit);
    assert_int_equal(kit_total(&kit.kit, METRIC_CERTIFIED), 0);
    kit_attempt_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fact_counts_once_and_minutes_follow),
        cmocka_unit_test(an_enrolment_by_command_is_the_same_one),
        cmocka_unit_test(corrections_lower_figures),
        cmocka_unit_test(a_certificate_is_counted_by_its_own_event_alone),
    };
    return KIT_RUN(tests);
}
