/* Bounds at their edges; figures are never changed. The store's node has four people. */
#include "node/stats/plausible.h"
#include "node/timestamp.h"

#include <string.h>

#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"

#include "tests/kit/kit.h"
#include "tests/kit/kit_results.h"
#include "tests/kit/kit_roster.h"
#include "tests/kit/stream_writer.h"

#define HEADER "event_id,person,course,kind,at,score,minutes\n"

static struct kit_store kit;
static struct roster *roster;
static struct id hub;
static struct implausible found[IMPLAUSIBLE_MAX];

static int setup(void **state)
{
    static const struct kit_member nodes[] = {{"hub", NODE_HUB, -1, "CN", ""}};
    (void)state;

    kit_store_open(&kit);
    kit_people_make(&kit, 4);
    roster = kit_roster_new(nodes, 1, &hub);
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

static enum status lives_run(struct db *db, void *arg)
{
    struct stream_writer *writer = arg;
    struct buffer body;

    buffer_init(&body);
    writer->head.stream.incarnation.b[0]++;
    writer->key = lthash_key(&kit.federation.id, &writer->head.stream);
    lthash_init(&writer->state);
    lthash_add(&writer->state, &writer->key, &writer->cells[0]);
    struct certificate certificate = stream_writer_certify(writer);
    stream_writer_body(writer, 0, 1, &certificate, &body);
    enum status status = stream_apply_body(db, &kit.federation.id, &writer->head.stream, buffer_bytes(&body));
    buffer_release(&body);
    return status;
}

static void lives_have_a_bound(void **state)
{
    struct stream_writer writer;
    (void)state;

    stream_writer_init(&writer, &kit.federation.id, 7, TOPIC_CATALOGUE);
    writer.head.stream.node = hub;
    stream_writer_put_number(&writer, "key", 1);
    for (int i = 0; i < PLAUSIBLE_STREAMS; i++) {
        writer.head.stream.incarnation.b[1] = (uint8_t)(i / 250);
        assert_int_equal(store_write_wait(kit.store, lives_run, &writer), S_OK);
    }
    assert_int_equal(look(0, 0), 0);
    writer.head.stream.incarnation.b[1]++;
    assert_int_equal(store_write_wait(kit.store, lives_run, &writer), S_OK);
    assert_int_equal(look(0, 0), 1);
    assert_int_equal(found[0].kind, IMPLAUSIBLE_STREAMS);
    assert_int_equal(found[0].figure, PLAUSIBLE_STREAMS + 1);
    assert_string_equal(found[0].node, "hub");
    stream_writer_release(&writer);
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
    assert_false(plausible_is_over(&found[0], 1796083200000)); /* 2026-12-01 */
    assert_true(plausible_is_over(&found[0], 1801440000000));  /* 2027-02-01: as far ahead as the look allows */
    found[0].kind = IMPLAUSIBLE_COMPLETIONS;
    assert_false(plausible_is_over(&found[0], 1801440000000));
}

static void a_clock_at_the_end_of_its_century_is_no_trouble(void **state)
{
    struct stats_request request = {.late_after_h = 48, .now_ms = TIMESTAMP_MS_MAX, .self = &kit.identity.node};
    struct plausible_bounds bounds = {0, 0};

    (void)state;
    results(HEADER "1,p0,a,enrolled,2027-03-01,,\n");
    assert_int_equal(plausible_look(kit.store, roster, &request, &bounds, found), 0);
}

struct cell_wanted {
    const char *metric;
    int64_t number;
};

static enum status cell_write(struct db *db, void *arg)
{
    const struct cell_wanted *cell = arg;
    const struct bytes part[PART_COUNT] = {bytes_text("a"),       bytes_text("ar"),     bytes_text("1"),      bytes_of("", 0),
                                           bytes_text("learner"), bytes_text("female"), bytes_text("2026-09")};
    struct buffer key = {0}, value = {0};

    figure_prefix(part, &key);
    buffer_append(&key, cell->metric, strlen(cell->metric));
    cell_value_number(&value, CELL_COUNT, cell->number);
    enum status status = own_cell_put(db, TOPIC_RESULTS, buffer_bytes(&key), buffer_bytes(&value));
    buffer_release(&key);
    buffer_release(&value);
    return status;
}

static void cell(const char *metric, int64_t number)
{
    struct cell_wanted wanted = {metric, number};

    assert_int_equal(store_write_wait(kit.store, cell_write, &wanted), S_OK);
}

static void numbers_at_their_edges_are_told_and_not_wrapped(void **state)
{
    (void)state;
    cell("enrolled", -1);
    assert_int_equal(look(1, 0), 1);
    assert_int_equal(found[0].kind, IMPLAUSIBLE_NEGATIVE);
    assert_true(found[0].figure == -1);
    cell("enrolled", 0);
    assert_int_equal(look(1, 0), 0);
    cell("completed", INT64_MAX);
    cell("certified", INT64_MAX);
    assert_int_equal(look(INT32_MAX, 0), 1);
    assert_int_equal(found[0].kind, IMPLAUSIBLE_COMPLETIONS);
    assert_true(found[0].figure == INT64_MAX);
    cell("completed", INT64_MIN);
    cell("certified", INT64_MIN);
    assert_int_equal(look(1, 0), 1);
    assert_int_equal(found[0].kind, IMPLAUSIBLE_NEGATIVE);
    cell("completed", 9);
    cell("certified", 0);
    cell("registered", INT64_MAX);
    assert_int_equal(look(INT32_MAX, 9), 1);
    assert_int_equal(found[0].kind, IMPLAUSIBLE_PEOPLE);
}

static void events_and_minutes_have_bounds(void **state)
{
    const int64_t events = (int64_t)4 * 3 * PLAUSIBLE_EVENTS, minutes = (int64_t)4 * PLAUSIBLE_MINUTES;
    (void)state;

    cell("attended", events);
    cell("minutes", minutes * 100);
    assert_int_equal(look(3, 0), 0); /* at the bounds */
    cell("attended", events + 1);
    assert_int_equal(look(3, 0), 1);
    assert_int_equal(found[0].kind, IMPLAUSIBLE_EVENTS);
    assert_true(found[0].figure == events + 1 && found[0].bound == events);
    assert_int_equal(look(0, 0), 0);
    cell("minutes", minutes * 100 + 100);
    assert_int_equal(look(0, 0), 1);
    assert_int_equal(found[0].kind, IMPLAUSIBLE_MINUTES);
    assert_true(found[0].figure == minutes + 1 && found[0].bound == minutes);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(completions_are_held_against_people, setup, teardown),
        cmocka_unit_test_setup_teardown(people_have_a_bound, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers_at_their_edges_are_told_and_not_wrapped, setup, teardown),
        cmocka_unit_test_setup_teardown(events_and_minutes_have_bounds, setup, teardown),
        cmocka_unit_test_setup_teardown(lives_have_a_bound, setup, teardown),
        cmocka_unit_test_setup_teardown(months_to_come_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_clock_at_the_end_of_its_century_is_no_trouble, setup, teardown),
    };
    return KIT_RUN(tests);
}
