#include "node/store/operation/hours.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/kit/kit.h"

#define HOUR   3600000ULL
#define MONDAY 1764547200000ULL /* 1 December 2025, 00:00 UTC */

static const struct id peer = {{1}}, other = {{2}};

static void line_add(struct hours *hours, const char *text, const struct id *node)
{
    struct hours_line *line = &hours->lines[hours->count++];

    memset(line, 0, sizeof *line);
    assert_int_equal(window_parse(text, &line->row.window, NULL), S_OK);
    line->row.id = (int64_t)hours->count;
    line->row.is_for_all = node == NULL;
    line->row.peer = node ? *node : (struct id){{0}};
}

static struct hours_answer ask(const struct hours *hours, const struct id *node, uint64_t wall_ms)
{
    struct hours_answer answer;

    hours_ask(hours, node, wall_ms, &answer);
    return answer;
}

static int zone_utc(void **state)
{
    (void)state;
    setenv("TZ", "UTC0", 1);
    return 0;
}

static void without_a_window_it_is_always_open(void **state)
{
    struct hours hours = {0};
    (void)state;

    assert_int_equal(ask(&hours, &peer, MONDAY).state, HOURS_FREE);
    assert_int_equal(ask(&hours, &peer, MONDAY).classes, WINDOW_RESULTS | WINDOW_COURSES);
    hours.is_paused = true;
    assert_int_equal(ask(&hours, &peer, MONDAY).state, HOURS_PAUSED);
    assert_true(ask(&hours, &peer, MONDAY).next_ms == WINDOW_NEVER);
}

static void a_closed_window_says_when_it_opens(void **state)
{
    struct hours hours = {0};
    char text[HOURS_TEXT_MAX];
    (void)state;

    line_add(&hours, "mon-fri 22:00-06:00", NULL);
    struct hours_answer answer = ask(&hours, &peer, MONDAY + 12 * HOUR);
    assert_int_equal(answer.state, HOURS_CLOSED);
    assert_true(answer.next_ms == MONDAY + 22 * HOUR);
    hours_text(&answer, MONDAY + 12 * HOUR, text);
    assert_string_equal(text, "outside the window; next window 22:00");
    assert_int_equal(ask(&hours, &peer, MONDAY + 23 * HOUR).state, HOURS_OPEN);
    assert_int_equal(ask(&hours, &peer, MONDAY + 29 * HOUR).state, HOURS_OPEN);
    /* From Saturday noon the next one is on Monday. */
    assert_true(ask(&hours, &peer, MONDAY + 132 * HOUR).next_ms == MONDAY + 190 * HOUR);
}

static void a_peer_with_windows_of_its_own_goes_by_them_alone(void **state)
{
    struct hours hours = {0};
    (void)state;

    line_add(&hours, "always", NULL);
    line_add(&hours, "sun 10:00-12:00", &peer);
    assert_int_equal(ask(&hours, &peer, MONDAY).state, HOURS_CLOSED);
    assert_int_equal(ask(&hours, &other, MONDAY).state, HOURS_OPEN);
}

static void windows_that_overlap_add_up(void **state)
{
    struct hours hours = {0};
    (void)state;

    line_add(&hours, "00:00-10:00 rate 1M for results", NULL);
    line_add(&hours, "00:00-02:00 rate 9M for courses", NULL);
    struct hours_answer answer = ask(&hours, &peer, MONDAY + HOUR);
    assert_int_equal(answer.classes, WINDOW_RESULTS | WINDOW_COURSES);
    assert_int_equal(answer.line, 1);
    assert_int_equal(ask(&hours, &peer, MONDAY + 3 * HOUR).classes, WINDOW_RESULTS);
}

static void a_spent_quota_closes_until_its_next_period(void **state)
{
    struct hours hours = {0};
    char text[HOURS_TEXT_MAX];
    (void)state;

    line_add(&hours, "always quota 1k per day", NULL);
    struct hours_line *line = &hours.lines[0];
    line->used_start_ms = hours_line_start(line, MONDAY + HOUR);
    line->used_bytes = 999;
    assert_int_equal(ask(&hours, &peer, MONDAY + HOUR).state, HOURS_OPEN);
    assert_int_equal(hours_line_left(line, MONDAY + HOUR), 1);
    line->used_bytes = 1000;
    struct hours_answer answer = ask(&hours, &peer, MONDAY + HOUR);
    assert_int_equal(answer.state, HOURS_SPENT);
    assert_true(answer.next_ms == MONDAY + 24 * HOUR);
    hours_text(&answer, MONDAY + HOUR, text);
    assert_non_null(strstr(text, "quota is spent"));
    assert_int_equal(ask(&hours, &peer, MONDAY + 24 * HOUR).state, HOURS_OPEN);
}

static void a_month_is_one_period_across_summer_time(void **state)
{
    struct hours hours = {0};
    const uint64_t march = 1740787200000; /* 1 March 2025, 00:00 UTC */
    (void)state;

    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    line_add(&hours, "always quota 1k per month", NULL);
    assert_true(hours_line_start(&hours.lines[0], march + HOUR) == march - HOUR);
    assert_true(hours_line_start(&hours.lines[0], march + 30 * 24 * HOUR) == march - HOUR);
    zone_utc(NULL);
}

static void the_hour_that_opens_is_a_local_one_after_summer_time_began(void **state)
{
    struct hours hours = {0};
    const uint64_t saturday_noon =
        1743246000000; /* 29 March 2025, 12:00 in Paris; clocks go forward that night */
    (void)state;

    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    line_add(&hours, "sun 22:00-23:00", NULL);
    assert_true(ask(&hours, &peer, saturday_noon).next_ms == saturday_noon + 33 * HOUR);
    zone_utc(NULL);
}

static void what_fits_is_bounded_by_rate_length_and_quota(void **state)
{
    struct hours hours = {0};
    struct hours_room room;
    (void)state;

    assert_false(hours_room(&hours, &peer, WINDOW_RESULTS, MONDAY, 1000000, &room));
    line_add(&hours, "22:00-23:00 rate 80k", NULL);
    assert_true(hours_room(&hours, &peer, WINDOW_RESULTS, MONDAY, 1000000, &room));
    assert_true(room.opens_ms == MONDAY + 22 * HOUR && room.closes_ms == MONDAY + 23 * HOUR);
    assert_int_equal(room.rate_bits, 80000);
    assert_int_equal(room.bytes, 36000000);
    assert_true(hours_room(&hours, &peer, WINDOW_RESULTS, MONDAY + 22 * HOUR + HOUR / 2, 8000,
                           &room)); /* half of it is left, on a slower link */
    assert_int_equal(room.bytes, 1800000);
    hours.lines[0].row.window.quota_bytes = 5000;
    assert_true(hours_room(&hours, &peer, WINDOW_RESULTS, MONDAY, 1000000, &room));
    assert_int_equal(room.bytes, 5000);
    hours.is_paused = true;
    assert_false(hours_room(&hours, &peer, WINDOW_RESULTS, MONDAY, 1000000, &room));
}

static void what_fits_is_asked_of_the_window_that_is_for_it(void **state)
{
    struct hours hours = {0};
    struct hours_room room;
    (void)state;

    line_add(&hours, "always for results", NULL);
    line_add(&hours, "22:00-23:00 rate 80k for courses", NULL);
    assert_true(hours_room(&hours, &peer, WINDOW_COURSES, MONDAY, 1000000, &room));
    assert_true(room.opens_ms == MONDAY + 22 * HOUR && room.closes_ms == MONDAY + 23 * HOUR);
    assert_int_equal(room.bytes, 36000000);
    assert_true(hours_room(&hours, &peer, WINDOW_RESULTS, MONDAY, 1000000, &room));
    assert_true(room.opens_ms == MONDAY && room.bytes == HOURS_NO_LIMIT);
}

static void windows_that_passed_in_vain_are_counted(void **state)
{
    struct hours hours = {0};
    (void)state;

    line_add(&hours, "22:00-06:00", NULL);
    assert_int_equal(hours_missed(&hours, &peer, 0, MONDAY), 0); /* never in step: nothing to count from */
    assert_int_equal(hours_missed(&hours, &peer, MONDAY + 12 * HOUR, MONDAY + 23 * HOUR), 0);
    assert_int_equal(hours_missed(&hours, &peer, MONDAY + 12 * HOUR, MONDAY + 31 * HOUR), 1);
    assert_int_equal(hours_missed(&hours, &peer, MONDAY + 23 * HOUR, MONDAY + 31 * HOUR), 0); /* was in it */
    assert_int_equal(hours_missed(&hours, &peer, MONDAY + 12 * HOUR, MONDAY + (12 + 24 * 7) * HOUR), 7);
    assert_int_equal(hours_missed(&hours, &peer, MONDAY, MONDAY + 24 * 200 * HOUR), HOURS_MISSED_MAX);
    line_add(&hours, "always", &other);
    assert_int_equal(hours_missed(&hours, &other, MONDAY, MONDAY + 24 * 200 * HOUR), 0);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(without_a_window_it_is_always_open, zone_utc),
        cmocka_unit_test_setup(a_closed_window_says_when_it_opens, zone_utc),
        cmocka_unit_test_setup(a_peer_with_windows_of_its_own_goes_by_them_alone, zone_utc),
        cmocka_unit_test_setup(windows_that_overlap_add_up, zone_utc),
        cmocka_unit_test_setup(a_spent_quota_closes_until_its_next_period, zone_utc),
        cmocka_unit_test_setup(a_month_is_one_period_across_summer_time, zone_utc),
        cmocka_unit_test_setup(what_fits_is_bounded_by_rate_length_and_quota, zone_utc),
        cmocka_unit_test_setup(the_hour_that_opens_is_a_local_one_after_summer_time_began, zone_utc),
        cmocka_unit_test_setup(what_fits_is_asked_of_the_window_that_is_for_it, zone_utc),
        cmocka_unit_test_setup(windows_that_passed_in_vain_are_counted, zone_utc),
    };
    return KIT_RUN(tests);
}
