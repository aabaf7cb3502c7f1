#include "replication/schedule/window.h"

#include "tests/kit/kit.h"

/* Monday, 2 November 2026, 00:00 UTC. */
#define MONDAY 1793577600000ULL
#define MINUTE 60000ULL
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static struct window window_of(const char *text)
{
    struct window window;
    struct report report;

    report_clear(&report);
    if (window_parse(text, &window, &report) != S_OK) {
        fail_msg("%s: %s", text, report.text);
    }
    return window;
}

static void a_night_window_opens_on_its_days_and_runs_past_midnight(void **state)
{
    struct window window = window_of("mon-fri 22:00-06:00");
    (void)state;

    assert_false(window_is_open(&window, MONDAY, 0)); /* Sunday's night is not its own */
    assert_false(window_is_open(&window, MONDAY + 22 * HOUR - 1, 0));
    assert_true(window_is_open(&window, MONDAY + 22 * HOUR, 0));
    assert_true(window_is_open(&window, MONDAY + 24 * HOUR - 1, 0));
    assert_true(window_is_open(&window, MONDAY + 24 * HOUR, 0));
    assert_true(window_is_open(&window, MONDAY + 30 * HOUR - 1, 0));
    assert_false(window_is_open(&window, MONDAY + 30 * HOUR, 0));
    assert_true(window_is_open(&window, MONDAY + 4 * DAY + 22 * HOUR, 0));
    assert_true(window_is_open(&window, MONDAY + 5 * DAY + 6 * HOUR - 1, 0)); /* Saturday morning */
    assert_false(window_is_open(&window, MONDAY + 5 * DAY + 22 * HOUR, 0));
}

static void a_week_ends_on_sunday_night(void **state)
{
    struct window window = window_of("sun 23:00-01:00");
    (void)state;

    assert_true(window_is_open(&window, MONDAY - 1, 0));
    assert_true(window_is_open(&window, MONDAY, 0));
    assert_true(window_is_open(&window, MONDAY + HOUR - 1, 0));
    assert_false(window_is_open(&window, MONDAY + HOUR, 0));
    assert_int_equal(window_next_change(&window, MONDAY + HOUR, 0), MONDAY + 6 * DAY + 23 * HOUR);
}

static void local_time_is_what_counts(void **state)
{
    struct window window = window_of("mon 00:00-01:00");
    (void)state;

    assert_true(window_is_open(&window, MONDAY - 3 * HOUR, 180)); /* Nairobi is three hours ahead */
    assert_false(window_is_open(&window, MONDAY - 2 * HOUR, 180));
    assert_false(window_is_open(&window, MONDAY, -300));
    assert_true(window_is_open(&window, MONDAY + 5 * HOUR, -300));
    assert_true(window_is_open(&window, MONDAY - 345 * MINUTE, 345)); /* Kathmandu */
    assert_int_equal(window_next_change(&window, MONDAY - 345 * MINUTE, 345), MONDAY - 285 * MINUTE);
}

static void the_next_change_is_an_opening_or_a_closing(void **state)
{
    struct window window = window_of("mon-fri 22:00-06:00");
    (void)state;

    assert_int_equal(window_next_change(&window, MONDAY, 0), MONDAY + 22 * HOUR);
    assert_int_equal(window_next_change(&window, MONDAY + 22 * HOUR, 0), MONDAY + 30 * HOUR);
    assert_int_equal(window_next_change(&window, MONDAY + 5 * DAY + 6 * HOUR, 0),
                     MONDAY + 7 * DAY + 22 * HOUR);
}

static void windows_that_touch_have_no_change_between_them(void **state)
{
    struct window window = window_of("mon,tue 00:00-24:00");
    (void)state;

    assert_int_equal(window_next_change(&window, MONDAY, 0), MONDAY + 2 * DAY);
    window = window_of("mon-wed 18:00-17:59");
    assert_int_equal(window_next_change(&window, MONDAY + 19 * HOUR, 0),
                     MONDAY + DAY + 17 * HOUR + 59 * MINUTE);
    window = window_of("always");
    assert_true(window_is_open(&window, 0, 0));
    assert_int_equal(window_next_change(&window, MONDAY, 0), WINDOW_NEVER);
}

static void the_epoch_is_no_edge(void **state)
{
    struct window window = window_of("thu 00:00-01:00"); /* 1 January 1970 was a Thursday */
    (void)state;

    assert_true(window_is_open(&window, 0, 0));
    assert_false(window_is_open(&window, 0, -1));
    assert_int_equal(window_next_change(&window, 0, 0), HOUR);
    assert_int_equal(window_next_change(&window, 0, -60), HOUR);
    assert_int_equal(window_quota_start(&window, 5, -60), 0);
}

/* Minute by minute over a week, the answer changes exactly where window_next_change() says. */
static void no_change_is_overlooked(void **state)
{
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    for (int round = 0; round < 20; round++) {
        struct window window = {.classes = WINDOW_RESULTS};
        window.days = (uint8_t)(1 + kit_random_below(&random, WINDOW_ALL_DAYS));
        window.start_minute = (uint16_t)kit_random_below(&random, WINDOW_DAY_MINUTES);
        window.end_minute =
            (uint16_t)(window.start_minute + 1 + kit_random_below(&random, WINDOW_DAY_MINUTES));
        int offset = (int)kit_random_below(&random, 2 * WINDOW_OFFSET_MAX + 1) - WINDOW_OFFSET_MAX;
        uint64_t at = MONDAY + kit_random_below(&random, DAY),
                 change = window_next_change(&window, at, offset);
        bool is_open = window_is_open(&window, at, offset);
        for (uint64_t minute = at; minute < at + 8 * DAY; minute += 7 * MINUTE) {
            if (minute < change) {
                assert_int_equal(window_is_open(&window, minute, offset), is_open);
            }
        }
        if (change != WINDOW_NEVER) {
            assert_int_not_equal(window_is_open(&window, change, offset), is_open);
            assert_int_equal(window_is_open(&window, change - 1, offset), is_open);
        } else {
            assert_true(is_open);
        }
    }
}

static void quota_periods_begin_at_opening_midnight_or_the_first(void **state)
{
    struct window window = window_of("mon-fri 22:00-06:00 quota 1G");
    (void)state;

    assert_int_equal(window_quota_start(&window, MONDAY + 28 * HOUR, 0), MONDAY + 22 * HOUR);
    assert_int_equal(window_quota_start(&window, MONDAY + 22 * HOUR, 0), MONDAY + 22 * HOUR);
    assert_int_equal(window_quota_start(&window, MONDAY, 0), MONDAY - 3 * DAY + 22 * HOUR);
    window = window_of("always quota 1G per day");
    assert_int_equal(window_quota_start(&window, MONDAY + 5 * HOUR, 0), MONDAY);
    assert_int_equal(window_quota_start(&window, MONDAY - HOUR, 120), MONDAY - 2 * HOUR);
    window = window_of("always quota 1G per month");
    assert_int_equal(window_quota_start(&window, MONDAY, 0), MONDAY - DAY);
    assert_int_equal(window_quota_start(&window, MONDAY - DAY, 0), MONDAY - DAY);
    assert_int_equal(window_quota_start(&window, MONDAY - DAY - 1, 0), MONDAY - 32 * DAY); /* 1 October */
    assert_int_equal(window_quota_start(&window, 1709208000000ULL, 0),
                     1706745600000ULL); /* 29 February 2024 */
    assert_int_equal(window_quota_start(&window, 1709251200000ULL, 0), 1709251200000ULL); /* 1 March 2024 */
}

static void the_fastest_open_window_of_a_class_is_found(void **state)
{
    const struct window windows[] = {
        window_of("always rate 64k for results"),
        window_of("22:00-06:00 rate 2M"),
        window_of("23:00-24:00"),
    };
    (void)state;

    assert_ptr_equal(window_find_open(windows, 3, WINDOW_RESULTS, MONDAY + 12 * HOUR, 0), &windows[0]);
    assert_null(window_find_open(windows, 3, WINDOW_COURSES, MONDAY + 12 * HOUR, 0));
    assert_ptr_equal(window_find_open(windows, 3, WINDOW_COURSES, MONDAY + 22 * HOUR, 0), &windows[1]);
    assert_ptr_equal(window_find_open(windows, 3, WINDOW_RESULTS, MONDAY + 22 * HOUR, 0), &windows[1]);
    assert_ptr_equal(window_find_open(windows, 3, WINDOW_RESULTS, MONDAY + 23 * HOUR, 0), &windows[2]);
    assert_int_equal(window_first_change(windows, 3, MONDAY + 12 * HOUR, 0), MONDAY + 22 * HOUR);
    assert_int_equal(window_first_change(windows, 3, MONDAY + 22 * HOUR, 0), MONDAY + 23 * HOUR);
    assert_int_equal(window_first_change(windows, 1, MONDAY, 0), WINDOW_NEVER);
    assert_int_equal(window_first_change(NULL, 0, MONDAY, 0), WINDOW_NEVER);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_night_window_opens_on_its_days_and_runs_past_midnight),
        cmocka_unit_test(a_week_ends_on_sunday_night),
        cmocka_unit_test(local_time_is_what_counts),
        cmocka_unit_test(the_next_change_is_an_opening_or_a_closing),
        cmocka_unit_test(windows_that_touch_have_no_change_between_them),
        cmocka_unit_test(the_epoch_is_no_edge),
        cmocka_unit_test(no_change_is_overlooked),
        cmocka_unit_test(quota_periods_begin_at_opening_midnight_or_the_first),
        cmocka_unit_test(the_fastest_open_window_of_a_class_is_found),
    };
    return KIT_RUN(tests);
}
