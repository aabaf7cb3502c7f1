#include <string.h>

#include "node/store/stream/roster.h"
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

/* The bytes of the texts by which a table is grouped, each once for a table that is held; *rows_out is how many rows it has. */
static size_t texts_size(struct kit_store *kit, const struct stats_request *request, size_t *rows_out)
{
    struct db *db = store_read_begin(kit->store);
    struct stats_result result;
    struct roster *roster;

    assert_int_equal(roster_load(db, &kit->federation, &roster, NULL), S_OK);
    store_read_end(kit->store, db);
    assert_int_equal(stats_query(kit->store, roster, request, &result, NULL), S_OK);
    size_t size = result.texts.used;
    *rows_out = result.count;
    stats_release(&result);
    roster_free(roster);
    return size;
}

static void a_published_table_is_held_twice_only_where_it_is_a_part_of_another(void **state)
{
    struct kit_store kit;
    struct result_outcome outcome;
    struct stats_request request = {.disclosure_min = 10, .now_ms = KIT_NOW_S * INT64_C(1000)};
    size_t rows, more;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 2);
    kit_results(&kit, HEADER "1,p0,a,enrolled,2026-10-01,,,,,\n2,p1,b,enrolled,2026-11-01,,,,,\n", &outcome);
    result_outcome_release(&outcome);
    request.self = &kit.identity.node;
    stats_parse_by("course,gender", &request, NULL);
    size_t plain = texts_size(&kit, &request, &rows);
    request.is_published = true;
    assert_int_equal(texts_size(&kit, &request, &more), plain);
    assert_int_equal(more, rows);
    request.only[DIMENSION_PERIOD] = "2026-10"; /* its rows, and all rows of all months */
    assert_true(texts_size(&kit, &request, &more) > plain);
    assert_true(more < rows);
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
        cmocka_unit_test(a_published_table_is_held_twice_only_where_it_is_a_part_of_another),
        cmocka_unit_test(dimensions_are_read_and_refused_by_name),
    };
    return KIT_RUN(tests);
}
