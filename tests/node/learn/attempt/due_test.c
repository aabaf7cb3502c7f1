#include <string.h>

#include "node/learn/attempt/due.h"
#include "node/learn/person/duplicate.h"
#include "node/learn/person/person.h"
#include "node/learn/result/enrol.h"
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
    mark.score = EVENT_NO_SCORE;
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

/* The kit with p1 at work: another row of the same human being. */
static struct kit_attempt as_p1(const struct kit_attempt *kit)
{
    struct kit_attempt other = *kit;
    struct person person;
    struct db *db = store_read_begin(kit->kit.store);

    assert_true(person_find_dims(db, bytes_text("p1"), &person));
    store_read_end(kit->kit.store, db);
    other.person = person.row;
    return other;
}

static void one_human_being_under_two_ids_counts_once(void **state)
{
    static const char done[] = "{\"core\":{\"lesson_status\":\"completed\",\"session_time\":\"00:01:00\"}}";
    struct kit_attempt kit, other;
    (void)state;

    kit_attempt_open(&kit);
    other = as_p1(&kit);
    int64_t first = kit_launch(&kit, "lesson", KIT_MS, NULL),
            second = kit_launch(&other, "lesson", KIT_MS + 5000, NULL);
    expect(&kit, 2, 2, 2, 0);
    assert_int_equal(kit_total(&kit.kit, METRIC_REGISTERED), 2);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(duplicate_merge(kit.kit.store, bytes_text("p0"), bytes_text("p1"), NULL), S_OK);
        expect(&kit, 1, 1, 2, 0);
        assert_int_equal(kit_total(&kit.kit, METRIC_REGISTERED), 1);
        expect(&kit, 1, 1, 2, 0); /* nothing more is due */
        assert_false(due_is_any(kit.kit.store));
        assert_int_equal(duplicate_part(kit.kit.store, bytes_text("p1"), NULL), S_OK);
        expect(&kit, 2, 2, 2, 0);
        assert_int_equal(kit_total(&kit.kit, METRIC_REGISTERED), 2);
    }
    assert_int_equal(duplicate_merge(kit.kit.store, bytes_text("p0"), bytes_text("p1"), NULL), S_OK);
    assert_int_equal(kit_commit(&other, second, 1, done, NULL), S_OK); /* a late word of the merged one */
    assert_int_equal(kit_commit(&kit, first, 1, done, NULL), S_OK);
    expect(&kit, 1, 1, 2, 0);
    assert_int_equal(kit_total(&kit.kit, METRIC_MINUTES), 200);
    assert_int_equal(duplicate_part(kit.kit.store, bytes_text("p1"), NULL), S_OK);
    expect(&kit, 2, 2, 2, 0);
    kit_attempt_close(&kit);
}

static enum status mark_p1_run(struct db *db, void *arg)
{
    struct registration_row row;
    int64_t *id = arg;

    assert_true(registration_row_get(db, *id, &row));
    row.status = REGISTRATION_COMPLETED;
    row.completed_ms = KIT_MS + 9000;
    row.score = 7700;
    row.is_due = true;
    return registration_row_update(db, &row);
}

static void what_the_merged_one_completed_is_the_kept_ones(void **state)
{
    struct kit_attempt kit, other;
    struct buffer ids;
    int64_t id, count;
    double median;
    (void)state;

    kit_attempt_open(&kit);
    kit_launch(&kit, "lesson", KIT_MS, NULL);
    other = as_p1(&kit);
    kit_launch(&other, "lesson", KIT_MS + 5000, NULL);
    buffer_init(&ids);
    struct db *db = store_read_begin(kit.kit.store);
    registration_row_list_of(db, other.person, &ids);
    store_read_end(kit.kit.store, db);
    assert_int_equal(ids.size, sizeof id);
    memcpy(&id, ids.data, sizeof id);
    buffer_release(&ids);
    assert_int_equal(store_write_wait(kit.kit.store, mark_p1_run, &id), S_OK);
    expect(&kit, 2, 2, 2, 1);
    assert_int_equal(duplicate_merge(kit.kit.store, bytes_text("p0"), bytes_text("p1"), NULL), S_OK);
    expect(&kit, 1, 1, 2, 1);
    assert_true(mean_of(&kit, &count, &median) == 77.0 && count == 1);
    assert_int_equal(duplicate_part(kit.kit.store, bytes_text("p1"), NULL), S_OK);
    expect(&kit, 2, 2, 2, 1);
    kit_attempt_close(&kit);
}

/* Two rows of one human being, none of whose work was told yet. */
static void who_is_erased_at_once_stays_counted(void **state)
{
    struct kit_attempt kit, other;
    int64_t events = 0;
    (void)state;

    kit_attempt_open(&kit);
    kit_launch(&kit, "lesson", KIT_MS, NULL);
    other = as_p1(&kit);
    int64_t lesson = kit_launch(&other, "lesson", KIT_MS + 5000, NULL);
    assert_int_equal(kit_commit(&other, lesson, 1, "{\"core\":{\"session_time\":\"00:01:30\"}}", NULL), S_OK);
    assert_int_equal(duplicate_merge(kit.kit.store, bytes_text("p0"), bytes_text("p1"), NULL), S_OK);
    assert_int_equal(person_erase(kit.kit.store, &kit.kit.federation, bytes_text("p0"), &events, NULL), S_OK);
    assert_false(due_is_any(kit.kit.store));
    expect(&kit, 1, 1, 2, 0);
    assert_true(events >= 4);
    assert_int_equal(kit_total(&kit.kit, METRIC_MINUTES), 150);
    kit_attempt_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_human_being_under_two_ids_counts_once),
        cmocka_unit_test(what_the_merged_one_completed_is_the_kept_ones),
        cmocka_unit_test(who_is_erased_at_once_stays_counted),
        cmocka_unit_test(each_fact_counts_once_and_minutes_follow),
        cmocka_unit_test(an_enrolment_by_command_is_the_same_one),
        cmocka_unit_test(corrections_lower_figures),
        cmocka_unit_test(a_certificate_is_counted_by_its_own_event_alone),
    };
    return KIT_RUN(tests);
}
