/* Bounds at their edges; figures are never changed. The store's node has four people. */
#include "node/stats/plausible.h"

#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"
#include "tests/kit/kit_roster.h"

#define HEADER "event_id,person,course,kind,at,score,minutes\n"

static struct kit_store kit;
static struct roster *roster;
static struct implausible found[IMPLAUSIBLE_MAX];

static int setup(void **state)
{
    static const struct kit_member nodes[] = {{"hub", NODE_HUB, -1, "CN", ""}};
    struct id id;
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 4);
    roster = kit_roster_new(nodes, 1, &id);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    roster_free(roster);
    kit_store_close(&kit);
    return 0;
}

static void results(const char *text)
{
    struct result_outcome outcome;

    assert_int_equal(kit_results(&kit, text, &outcome), S_OK);
    result_outcome_release(&outcome);
}

static size_t look(int completions, int people)
{
    struct stats_request request = {.late_after_h = 48, .now_ms = (int64_t)KIT_NOW_S * 1000, .self = &kit.identity.node};
    struct plausible_bounds bounds = {completions, people};

    return plausible_look(kit.store, roster, &request, &bounds, found);
}

static void completions_are_held_against_people(void **state)
{
    (void)state;
    results(HEADER "1,p0,a,completed,2026-09-01,,\n2,p0,b,completed,2026-09-02,,\n3,p1,a,certified,2026-09-03,,\n4,p2,a,completed,2026-09-03,,\n");
    assert_int_equal(look(1, 0), 0); /* four for four people: at the bound */
    results(HEADER "5,p3,a,completed,2026-09-04,,\n6,p3,b,completed,2026-08-04,,\n");
    assert_int_equal(look(1, 0), 1);
    assert_int_equal(found[0].kind, IMPLAUSIBLE_COMPLETIONS);
    assert_string_equal(found[0].period, "2026-09");
    assert_true(found[0].figure == 5 && found[0].bound == 4);
    assert_int_equal(look(2, 0), 0);
    assert_int_equal(look(0, 0), 0); /* no bound */
    assert_int_equal(kit_total(&kit, METRIC_COMPLETED), 5);
}

static void people_have_a_bound(void **state)
{
    (void)state;
    assert_int_equal(look(0, 4), 0);
    assert_int_equal(look(0, 3), 1);
    assert_int_equal(found[0].kind, IMPLAUSIBLE_PEOPLE);
    assert_int_equal(found[0].figure, 4);
}

static void months_to_come_are_told(void **state)
{
    (void)state;
    results(HEADER "1,p0,a,enrolled,2026-11-01,,\n"); /* the next month: a clock, or a zone */
    assert_int_equal(look(0, 0), 0);
    results(HEADER "2,p0,a,started,2027-03-01,,\n");
    assert_int_equal(look(0, 0), 1);
    assert_int_equal(found[0].kind, IMPLAUSIBLE_FUTURE);
    assert_string_equal(found[0].period, "2027-03");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(completions_are_held_against_people, setup, teardown),
        cmocka_unit_test_setup_teardown(people_have_a_bound, setup, teardown),
        cmocka_unit_test_setup_teardown(months_to_come_are_told, setup, teardown),
    };
    return KIT_RUN(tests);
}
