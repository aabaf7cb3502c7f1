#include <string.h>

#include "replication/schedule/window.h"
#include "tests/kit/kit.h"

static void assert_formatted(const char *text, const char *expected)
{
    char formatted[WINDOW_TEXT_MAX];
    struct window window;
    struct report report;

    report_clear(&report);
    if (window_parse(text, &window, &report) != S_OK) {
        fail_msg("%s: %s", text, report.text);
    }
    window_format(&window, formatted);
    assert_string_equal(formatted, expected);
}

static void windows_are_read_and_written(void **state)
{
    (void)state;
    assert_formatted("mon-fri 22:00-06:00 rate 2M quota 1G", "mon-fri 22:00-06:00 rate 2M quota 1G");
    assert_formatted("always", "daily 00:00-24:00");
    assert_formatted("22:00-00:00", "daily 22:00-24:00");
    assert_formatted("  daily\t6:30-07:00 ", "daily 06:30-07:00");
    assert_formatted("mon,tue 01:00-02:00", "mon,tue 01:00-02:00");
    assert_formatted("fri-mon 01:00-02:00", "mon,fri-sun 01:00-02:00");
    assert_formatted("Mon-FRI 22:00-06:00 Rate 2M", "mon-fri 22:00-06:00 rate 2M");
    assert_formatted("wed-tue 01:00-02:00", "daily 01:00-02:00");
    assert_formatted("sun,sat,sun 01:00-02:00", "sat,sun 01:00-02:00");
    assert_formatted("always metered quota 1.5g per month for results rate 512K",
                     "daily 00:00-24:00 rate 512k quota 1500M per month metered for results");
    assert_formatted("always quota 1 per window", "daily 00:00-24:00 quota 1");
    assert_formatted("always for courses,results", "daily 00:00-24:00");
    assert_formatted("always for courses", "daily 00:00-24:00 for courses");
    assert_formatted("always rate 1000 quota 1500 per day", "daily 00:00-24:00 rate 1k quota 1500 per day");
}

static void fields_are_what_was_written(void **state)
{
    struct window window;
    (void)state;

    assert_int_equal(
        window_parse("sat 22:15-06:45 rate 2M quota 1G per day metered for courses", &window, NULL), S_OK);
    assert_int_equal(window.days, 1 << 5);
    assert_int_equal(window.start_minute, 22 * 60 + 15);
    assert_int_equal(window.end_minute, (24 + 6) * 60 + 45);
    assert_int_equal(window.rate_bits, 2000000);
    assert_int_equal(window.quota_bytes, 1000000000);
    assert_int_equal(window.quota_period, WINDOW_PER_DAY);
    assert_true(window.is_metered);
    assert_int_equal(window.classes, WINDOW_COURSES);
}

/* The report must hold `word`. */
static void assert_refused(const char *text, const char *word)
{
    struct window window;
    struct report report;

    report_clear(&report);
    if (window_parse(text, &window, &report) != S_INVALID) {
        fail_msg("%s was not refused", text);
    }
    if (!strstr(report.text, word)) {
        fail_msg("%s: \"%s\" does not name %s", text, report.text, word);
    }
}

static void the_report_names_the_word_that_is_wrong(void **state)
{
    (void)state;
    assert_refused("", "too early");
    assert_refused("mon", "too early");
    assert_refused("monday 22:00-06:00", "\"monday\"");
    assert_refused("mon- 22:00-06:00", "\"mon-\"");
    assert_refused("mon,,tue 22:00-06:00", "\"mon,,tue\"");
    assert_refused("mon,tue, 22:00-06:00", "\"mon,tue,\"");
    assert_refused("Mo 22:00-06:00", "\"mo\"");
    assert_refused("mon 22-06", "\"22-06\"");
    assert_refused("mon 22:00", "\"22:00\"");
    assert_refused("mon 22:60-23:00", "\"22:60-23:00\"");
    assert_refused("mon 24:00-06:00", "\"24:00-06:00\"");
    assert_refused("mon 22:00-24:01", "\"22:00-24:01\"");
    assert_refused("mon 22:00-22:00", "\"22:00-22:00\"");
    assert_refused("mon 022:00-23:00", "\"022:00-23:00\"");
    assert_refused("mon 22:00-23:00x", "\"22:00-23:00x\"");
    assert_refused("always speed 2M", "\"speed\"");
    assert_refused("always rate", "too early");
    assert_refused("always rate 2X", "\"2X\"");
    assert_refused("always rate 2MM", "\"2MM\"");
    assert_refused("always rate 0", "\"0\"");
    assert_refused("always rate -2", "\"-2\"");
    assert_refused("always rate 1.5", "\"1.5\"");
    assert_refused("always rate 2. ", "\"2.\"");
    assert_refused("always rate 1.2345M", "\"1.2345M\"");
    assert_refused("always rate 1M rate 2M", "\"rate\"");
    assert_refused("always quota 1G per week", "\"week\"");
    assert_refused("always quota 1G per", "too early");
    assert_refused("always for video", "\"video\"");
    assert_refused("always metered metered", "\"metered\"");
    assert_refused("always aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "...\"");
}

static void amounts_hold_at_their_edges(void **state)
{
    struct window window;
    (void)state;

    assert_int_equal(window_parse("always rate 1T", &window, NULL), S_OK);
    assert_true(window.rate_bits == WINDOW_RATE_MAX);
    assert_int_equal(window_parse("always rate 1000000000001", &window, NULL), S_INVALID);
    assert_int_equal(window_parse("always quota 1000T", &window, NULL), S_OK);
    assert_true(window.quota_bytes == WINDOW_QUOTA_MAX);
    assert_int_equal(window_parse("always quota 1001T", &window, NULL), S_INVALID);
    assert_int_equal(window_parse("always quota 999999999999999", &window, NULL), S_OK);
    assert_int_equal(window_parse("always quota 9999999999999999", &window, NULL), S_INVALID);
    assert_int_equal(window_parse("always quota 99999999999999999999999", &window, NULL), S_INVALID);
}

static void windows_equal(const struct window *a, const struct window *b)
{
    assert_int_equal(a->days, b->days);
    assert_int_equal(a->start_minute, b->start_minute);
    assert_int_equal(a->end_minute, b->end_minute);
    assert_true(a->rate_bits == b->rate_bits && a->quota_bytes == b->quota_bytes);
    assert_int_equal(a->quota_period, b->quota_period);
    assert_int_equal(a->is_metered, b->is_metered);
    assert_int_equal(a->classes, b->classes);
}

static void every_window_survives_being_written(void **state)
{
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    for (int round = 0; round < 2000; round++) {
        struct window window = {0}, back;
        char text[WINDOW_TEXT_MAX];
        window.days = (uint8_t)(1 + kit_random_below(&random, WINDOW_ALL_DAYS));
        window.start_minute = (uint16_t)kit_random_below(&random, WINDOW_DAY_MINUTES);
        window.end_minute =
            (uint16_t)(window.start_minute + 1 + kit_random_below(&random, WINDOW_DAY_MINUTES - 1));
        window.rate_bits = kit_random_below(&random, 2) * (1 + kit_random_below(&random, WINDOW_RATE_MAX));
        window.quota_bytes =
            kit_random_below(&random, 2) * (1 + kit_random_below(&random, WINDOW_QUOTA_MAX - 1));
        if (window.quota_bytes) {
            window.quota_period = (enum window_period)kit_random_below(&random, 3);
        }
        window.is_metered = kit_random_below(&random, 2);
        window.classes = (uint8_t)(1 + kit_random_below(&random, 3));
        window_format(&window, text);
        assert_int_equal(window_parse(text, &back, NULL), S_OK);
        windows_equal(&window, &back);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_are_read_and_written),
        cmocka_unit_test(fields_are_what_was_written),
        cmocka_unit_test(the_report_names_the_word_that_is_wrong),
        cmocka_unit_test(amounts_hold_at_their_edges),
        cmocka_unit_test(every_window_survives_being_written),
    };
    return KIT_RUN(tests);
}
