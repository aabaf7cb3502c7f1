#include <stdlib.h>
#include <string.h>

#include "node/learn/cohort/progress.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

static void attendance_counts_once_a_session_and_goes_again(void **state)
{
    const struct bytes ids[] = {bytes_text("p0"), bytes_text("p1"), bytes_text("p2")};
    struct cohort_wish wish = {.cohort = "autumn", .course = "tdc", .starts_ms = -1, .ends_ms = -1};
    struct cohort_outcome outcome;
    struct report report = {.status = S_OK};
    struct kit_store kit;
    struct cohort_row row;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 3);
    struct cohorts cohorts = {
        .store = kit.store, .federation = &kit.federation, .now_ms = KIT_NOW_S * 1000LL};
    assert_int_equal(cohort_put(&cohorts, &wish, true, NULL), S_OK);
    cohort_outcome_init(&outcome);
    assert_int_equal(cohort_add(&cohorts, "autumn", false, &(struct cohort_people){ids, 2}, &outcome, NULL),
                     S_OK);
    struct cohort_attendance attendance = {
        .cohort = "autumn", .session = bytes_text("2026-10-05"), .minutes = 9000, .was_there = true};
    assert_int_equal(cohort_attend(&cohorts, &attendance, &(struct cohort_people){ids, 3}, &outcome, &report),
                     S_PARTIAL);
    assert_int_equal(outcome.changed, 2);
    assert_int_equal(outcome.refusals.reason[REFUSAL_MEMBER].count, 1);
    assert_int_equal(cohort_attend(&cohorts, &attendance, &(struct cohort_people){ids, 2}, &outcome, NULL),
                     S_OK);
    assert_int_equal(outcome.unchanged, 2);
    assert_int_equal(kit_total(&kit, METRIC_ATTENDED), 2);
    assert_int_equal(kit_total(&kit, METRIC_MINUTES), 18000);
    attendance.was_there = false;
    assert_int_equal(cohort_attend(&cohorts, &attendance, &(struct cohort_people){ids, 1}, &outcome, NULL),
                     S_OK);
    assert_int_equal(kit_total(&kit, METRIC_ATTENDED), 1);
    assert_int_equal(kit_total(&kit, METRIC_MINUTES), 9000);
    attendance.session = bytes_of("", 0);
    assert_int_equal(cohort_attend(&cohorts, &attendance, &(struct cohort_people){ids, 1}, &outcome, NULL),
                     S_INVALID);
    cohort_outcome_release(&outcome);

    struct db *db = store_read_begin(kit.store);
    assert_int_equal(cohort_get(db, "autumn", &row, NULL), S_OK);
    json_t *sessions = cohort_sessions_json(db, &row, true);
    store_read_end(kit.store, db);
    char *text = json_dumps(sessions, JSON_COMPACT);
    assert_string_equal(
        text, "[{\"session\":\"2026-10-05\",\"at\":\"2026-10-05T00:00:00Z\",\"minutes\":90.0,\"attended\":1,"
              "\"people\":[\"p1\"]}]");
    free(text);
    json_decref(sessions);
    kit_store_close(&kit);
}

/* Figures of a month; minutes in hundredths. */
static void month_check(struct kit_store *kit, const char *month, int64_t attended, int64_t minutes, int64_t people)
{
    struct stats_result result;
    const struct stats_row *row = NULL;

    kit_stats(kit, "period", &result);
    for (size_t i = 0; i < result.count; i++) {
        row = strcmp(result.rows[i].by[0], month) ? row : &result.rows[i];
    }
    assert_non_null(row);
    assert_int_equal(row->number[METRIC_ATTENDED], attended);
    assert_int_equal(row->number[METRIC_MINUTES], minutes);
    assert_int_equal(row->number[METRIC_PEOPLE], people);
    stats_release(&result);
}

static void a_session_that_is_corrected_corrects_the_figures_of_all_who_were_there(void **state)
{
    const struct bytes ids[] = {bytes_text("p0"), bytes_text("p1"), bytes_text("p2")};
    struct cohort_wish wish = {.cohort = "autumn", .course = "tdc", .starts_ms = -1, .ends_ms = -1};
    struct cohort_outcome outcome;
    struct kit_store kit;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 3);
    struct cohorts cohorts = {.store = kit.store, .federation = &kit.federation, .now_ms = KIT_NOW_S * 1000LL};
    assert_int_equal(cohort_put(&cohorts, &wish, true, NULL), S_OK);
    cohort_outcome_init(&outcome);
    assert_int_equal(cohort_add(&cohorts, "autumn", false, &(struct cohort_people){ids, 3}, &outcome, NULL), S_OK);
    struct cohort_attendance attendance = {.cohort = "autumn", .session = bytes_text("2026-09-30"), .minutes = 1800, .was_there = true};
    assert_int_equal(cohort_attend(&cohorts, &attendance, &(struct cohort_people){ids, 3}, &outcome, NULL), S_OK);
    month_check(&kit, "2026-09", 3, 3 * 1800, 3);

    attendance.minutes = 18000; /* it was 180 minutes, not 18 */
    assert_int_equal(cohort_attend(&cohorts, &attendance, &(struct cohort_people){ids, 1}, &outcome, NULL), S_OK);
    assert_int_equal(outcome.changed, 1);
    month_check(&kit, "2026-09", 3, 3 * 18000, 3);
    attendance.minutes = -1;
    attendance.at_ms = KIT_NOW_S * 1000LL; /* and in October; the last one was not there */
    attendance.was_there = false;
    assert_int_equal(cohort_attend(&cohorts, &attendance, &(struct cohort_people){ids + 2, 1}, &outcome, NULL), S_OK);
    month_check(&kit, "2026-09", 0, 0, 3);
    month_check(&kit, "2026-10", 2, 2 * 18000, 3);
    attendance.at_ms = 0; /* nothing new */
    attendance.was_there = true;
    assert_int_equal(cohort_attend(&cohorts, &attendance, &(struct cohort_people){ids, 2}, &outcome, NULL), S_OK);
    assert_int_equal(outcome.unchanged, 2);
    month_check(&kit, "2026-10", 2, 2 * 18000, 3);
    cohort_outcome_release(&outcome);
    kit_store_close(&kit);
}

static void names_of_sessions_end_at_their_limit(void **state)
{
    const struct bytes ids[] = {bytes_text("p0")};
    struct cohort_wish wish = {.cohort = "autumn", .course = "tdc", .starts_ms = -1, .ends_ms = -1};
    struct cohort_outcome outcome;
    struct report report = {.status = S_OK};
    struct kit_store kit;
    char name[COHORT_SESSION_MAX + 1];
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 1);
    struct cohorts cohorts = {.store = kit.store, .federation = &kit.federation, .now_ms = KIT_NOW_S * 1000LL};
    assert_int_equal(cohort_put(&cohorts, &wish, true, NULL), S_OK);
    cohort_outcome_init(&outcome);
    assert_int_equal(cohort_add(&cohorts, "autumn", false, &(struct cohort_people){ids, 1}, &outcome, NULL), S_OK);
    memset(name, 's', sizeof name);
    struct cohort_attendance attendance = {.cohort = "autumn", .session = bytes_of(name, sizeof name), .minutes = 1, .was_there = true};
    assert_int_equal(cohort_attend(&cohorts, &attendance, &(struct cohort_people){ids, 1}, &outcome, &report), S_INVALID);
    assert_string_equal(report.text, "a session has a name of 1 to 64 bytes, for example its day");
    attendance.session.size = COHORT_SESSION_MAX;
    assert_int_equal(cohort_attend(&cohorts, &attendance, &(struct cohort_people){ids, 1}, &outcome, NULL), S_OK);
    cohort_outcome_release(&outcome);
    kit_store_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attendance_counts_once_a_session_and_goes_again),
        cmocka_unit_test(a_session_that_is_corrected_corrects_the_figures_of_all_who_were_there),
        cmocka_unit_test(names_of_sessions_end_at_their_limit),
    };
    return KIT_RUN(tests);
}
