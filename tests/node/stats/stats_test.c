#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

#define HEADER "event_id,person,course,kind,at,score,minutes,lang,version,cohort\n"

static void every_dimension_groups_and_adds_up(void **state)
{
    struct kit_store kit;
    struct result_outcome outcome;
    struct stats_result result;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 4);
    kit_results(&kit,
                HEADER "1,p0,a,enrolled,2026-10-01,,,ar,1,x\n2,p1,a,enrolled,2026-11-01,,,fr,2,y\n"
                       "3,p2,b,enrolled,2026-11-02,,,fr,2,y\n",
                &outcome);
    result_outcome_release(&outcome);
    for (int i = 0; i < DIMENSION_COUNT; i++) {
        int64_t enrolled = 0, registered = 0;
        kit_stats(&kit, dimension_text((enum dimension)i), &result);
        for (size_t row = 0; row < result.count; row++) {
            enrolled += result.rows[row].number[METRIC_ENROLLED];
            registered += result.rows[row].number[METRIC_REGISTERED];
        }
        assert_int_equal(enrolled, 3);
        assert_int_equal(registered, 4);
        assert_int_equal(result.unreadable, 0);
        stats_release(&result);
    }
    kit_stats(&kit, "course,lang", &result);
    assert_int_equal(result.count, 4); /* three, and the registered without a course */
    assert_string_equal(result.rows[0].by[0], "");
    assert_string_equal(result.rows[2].by[1], "fr");
    stats_release(&result);
    kit_store_close(&kit);
}

static void people_are_distinct_over_rows_and_restarts(void **state)
{
    struct kit_store kit;
    struct result_outcome outcome;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 3);
    kit_results(&kit, HEADER "1,p0,a,enrolled,2026-10-01,,,,,\n2,p1,a,enrolled,2026-11-01,,,,,\n", &outcome);
    result_outcome_release(&outcome);
    kit_store_reopen(&kit);
    kit_results(&kit, HEADER "3,p0,b,enrolled,2026-10-01,,,,,\n4,p2,a,enrolled,2026-10-01,,,,,\n", &outcome);
    result_outcome_release(&outcome);
    assert_int_equal(kit_total(&kit, METRIC_PEOPLE), 3);
    assert_int_equal(kit_total(&kit, METRIC_ENROLLED), 4);
    kit_store_close(&kit);
}

static void dimensions_are_read_and_refused_by_name(void **state)
{
    struct stats_request request = {.by_count = 0};
    struct report report;
    (void)state;

    assert_int_equal(
        stats_parse_by("centre,country,region,course,lang,version,role,gender,period", &request, NULL), S_OK);
    assert_int_equal(request.by_count, 9);
    report_clear(&report);
    assert_int_equal(stats_parse_by("gender,age", &request, &report), S_USAGE);
    assert_non_null(strstr(report.text, "'age'"));
    report_clear(&report);
    assert_int_equal(stats_parse_by("gender,gender", &request, &report), S_USAGE);
    assert_non_null(strstr(report.text, "twice"));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_dimension_groups_and_adds_up),
        cmocka_unit_test(people_are_distinct_over_rows_and_restarts),
        cmocka_unit_test(dimensions_are_read_and_refused_by_name),
    };
    return KIT_RUN(tests);
}
