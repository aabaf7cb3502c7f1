#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"

#define HEADER "event_id,person,course,kind,at,score,minutes\n"

static int setup(void **state)
{
    struct kit_store *kit = test_calloc(1, sizeof *kit);

    kit_store_open(kit);
    kit_people_make(kit, 50);
    *state = kit;
    return 0;
}

static int teardown(void **state)
{
    kit_store_close(*state);
    test_free(*state);
    return 0;
}

static void expect(struct kit_store *kit, const char *text, uint64_t durable, uint64_t duplicate,
                   uint64_t refused)
{
    struct result_outcome outcome;
    enum status status = kit_results(kit, text, &outcome);

    assert_int_equal(status, refused ? S_PARTIAL : S_OK);
    assert_int_equal(outcome.durable, durable);
    assert_int_equal(outcome.duplicate, duplicate);
    assert_int_equal(outcome.refusals.total, refused);
    result_outcome_release(&outcome);
}

/* `count` rows of all kinds over people, courses and months, in the order of `order`; the caller frees the
 * text. */
static char *rows_make(int count, const int *order)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    fputs(HEADER, out);
    for (int k = 0; k < count; k++) {
        int i = order ? order[k] : k;
        fprintf(out, "e%d,p%d,c%d,%s,2026-%02d-15T10:00:00Z,", i, i % 50, i % 3,
                event_kind_text((enum event_kind)(i % EVENT_KIND_COUNT)), 1 + i % 12);
        fprintf(out, i % 4 ? ",%d\n" : "%d,\n", i % 101);
    }
    fclose(out);
    return text;
}

static void events_are_folded_into_figures(void **state)
{
    struct kit_store *kit = *state;
    struct stats_result result;

    expect(kit,
           HEADER "1,p0,dmu,enrolled,2026-10-01,,\n2,p0,dmu,completed,2026-10-05T12:00:00Z,84.5,30\n"
                  "3,p1,dmu,completed,2026-10-05,85,12.5\n4,p1,dmu,certified,2026-11-05,,\n",
           4, 0, 0);
    kit_stats(kit, "", &result);
    const struct stats_row *row = &result.rows[0];
    assert_int_equal(row->number[METRIC_ENROLLED], 1);
    assert_int_equal(row->number[METRIC_COMPLETED], 2);
    assert_int_equal(row->number[METRIC_CERTIFIED], 1);
    assert_int_equal(row->number[METRIC_MINUTES], 4250);
    assert_int_equal(row->number[METRIC_SCORE], 2);
    assert_int_equal(row->number[METRIC_PEOPLE], 2);
    assert_true(row->score_mean == 84.75);
    assert_true(row->score_median == 85);
    stats_release(&result);
}

static void the_same_file_again_is_all_duplicates_and_the_same_digest(void **state)
{
    struct kit_store *kit = *state;
    char *text = rows_make(3000, NULL);

    expect(kit, text, 3000, 0, 0);
    struct hash digest = kit_results_digest(kit);
    expect(kit, text, 0, 3000, 0);
    struct hash again = kit_results_digest(kit);
    assert_true(hash_equal(&digest, &again));
    free(text);
}

static void any_order_gives_the_same_totals(void **state)
{
    enum { COUNT = 2000 };
    static int order[COUNT];
    struct kit_store *kit = *state, other;
    struct kit_random random;
    struct stats_result a, b;

    kit_random_seed(&random, kit_fresh_seed());
    for (int i = 0; i < COUNT; i++) {
        int k = (int)kit_random_below(&random, (uint64_t)i + 1);
        order[i] = order[k];
        order[k] = i;
    }
    char *straight = rows_make(COUNT, NULL), *shuffled = rows_make(COUNT, order);
    kit_store_open(&other);
    kit_people_make(&other, 50);
    expect(kit, straight, COUNT, 0, 0);
    expect(&other, shuffled, COUNT, 0, 0);
    kit_stats(kit, "course,gender,period", &a);
    kit_stats(&other, "course,gender,period", &b);
    assert_int_equal(a.count, b.count);
    for (size_t i = 0; i < a.count; i++) {
        assert_memory_equal(a.rows[i].number, b.rows[i].number, sizeof a.rows[i].number);
        assert_true(a.rows[i].score_mean == b.rows[i].score_mean);
    }
    stats_release(&a);
    stats_release(&b);
    kit_store_close(&other);
    free(straight);
    free(shuffled);
}

static void each_row_has_one_fate(void **state)
{
    struct kit_store *kit = *state;
    struct result_outcome outcome;

    assert_int_equal(kit_results(kit,
                                 HEADER
                                 "1,p0,dmu,enrolled,2026-10-01,,\n1,p0,dmu,enrolled,2026-10-01,,\n"
                                 "1,p0,dmu,enrolled,2026-10-02,,\n2,nobody,dmu,enrolled,2026-10-01,,\n"
                                 "3,p0,dmu,begun,2026-10-01,,\n4,p0,dmu,enrolled,2026-10-01,101,\n5,p0\n",
                                 &outcome),
                     S_PARTIAL);
    assert_int_equal(outcome.durable, 1);
    assert_int_equal(outcome.duplicate, 1);
    assert_int_equal(outcome.refusals.total, 5);
    assert_int_equal(outcome.refusals.reason[REFUSAL_CONTENT].count, 1);
    assert_int_equal(outcome.refusals.reason[REFUSAL_CONTENT].examples[0].line, 4);
    assert_int_equal(outcome.refusals.reason[REFUSAL_PERSON].count, 1);
    assert_int_equal(outcome.refusals.reason[REFUSAL_KIND].count, 1);
    assert_int_equal(outcome.refusals.reason[REFUSAL_SCORE].count, 1);
    assert_int_equal(outcome.refusals.reason[REFUSAL_ROW].count, 1);
    result_outcome_release(&outcome);
    assert_int_equal(kit_total(kit, METRIC_ENROLLED), 1);
    expect(kit, HEADER "1,p0,dmu,completed,2026-10-01,,\n", 0, 0, 1); /* and later */
}

static void a_course_without_a_package_is_counted_and_named(void **state)
{
    struct result_outcome outcome;

    assert_int_equal(
        kit_results(*state, HEADER "1,p0,onsite,enrolled,2026-10-01,,\n2,p1,onsite,enrolled,2026-10-01,,\n",
                    &outcome),
        S_OK);
    assert_int_equal(outcome.course_count, 1);
    assert_string_equal(outcome.courses[0].course, "onsite");
    assert_int_equal(outcome.courses[0].events, 2);
    result_outcome_release(&outcome);
}

static void a_restart_between_two_files_counts_nothing_twice(void **state)
{
    struct kit_store *kit = *state;
    char *text = rows_make(500, NULL);

    expect(kit, text, 500, 0, 0);
    int64_t before = kit_total(kit, METRIC_ENROLLED);
    kit_store_reopen(kit);
    expect(kit, text, 0, 500, 0);
    expect(kit, HEADER "more,p0,c0,enrolled,2026-10-01,,\n", 1, 0, 0);
    assert_int_equal(kit_total(kit, METRIC_ENROLLED), before + 1);
    free(text);
}

/* A child imports and is killed at some moment; then the file is imported again here. */
static void killed_at_any_moment_a_second_import_completes_the_figures(void **state)
{
    enum { COUNT = 120000 };
    char *text = rows_make(COUNT, NULL);
    (void)state;

    for (useconds_t wait_us = 20000; wait_us < 900000; wait_us *= 3) {
        struct kit_store kit;
        struct result_outcome outcome;
        kit_store_open(&kit);
        kit_people_make(&kit, 50);
        store_close(kit.store);
        pid_t child = fork();
        if (child == 0) {
            struct store_options options = {.must_create = false};
            if (store_open(kit.dir, &options, &kit.store, NULL) == S_OK) {
                store_set_identity(kit.store, &kit.identity, &kit.federation.id);
                kit_results(&kit, text, &outcome);
            }
            pause();
        }
        usleep(wait_us);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        struct store_options options = {.must_create = false};
        assert_int_equal(store_open(kit.dir, &options, &kit.store, NULL), S_OK);
        store_set_identity(kit.store, &kit.identity, &kit.federation.id);
        assert_int_equal(kit_results(&kit, text, &outcome), S_OK);
        assert_int_equal(outcome.durable + outcome.duplicate, COUNT);
        result_outcome_release(&outcome);
        for (int kind = 0; kind < EVENT_KIND_COUNT; kind++) {
            static const enum metric metrics[] = {METRIC_ENROLLED,  METRIC_STARTED, METRIC_ACTIVE,
                                                  METRIC_COMPLETED, METRIC_DROPPED, METRIC_CERTIFIED,
                                                  METRIC_REVOKED,   METRIC_ATTENDED};
            assert_int_equal(kit_total(&kit, metrics[kind]), COUNT / EVENT_KIND_COUNT);
        }
        assert_int_equal(kit_total(&kit, METRIC_PEOPLE), 50);
        kit_store_close(&kit);
    }
    free(text);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(events_are_folded_into_figures, setup, teardown),
        cmocka_unit_test_setup_teardown(the_same_file_again_is_all_duplicates_and_the_same_digest, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(any_order_gives_the_same_totals, setup, teardown),
        cmocka_unit_test_setup_teardown(each_row_has_one_fate, setup, teardown),
        cmocka_unit_test_setup_teardown(a_course_without_a_package_is_counted_and_named, setup, teardown),
        cmocka_unit_test_setup_teardown(a_restart_between_two_files_counts_nothing_twice, setup, teardown),
        cmocka_unit_test(killed_at_any_moment_a_second_import_completes_the_figures),
    };
    return KIT_RUN(tests);
}
