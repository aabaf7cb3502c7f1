#include <string.h>

#include "node/lrs/format.h"
#include "tests/kit/kit.h"

static void timestamps_are_read_by_the_rules_of_their_version(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
        bool is_old, is_new; /* taken with 1.0.3, with 2.0 */
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0, true, true},
        {"2013-05-18T05:32:34.804Z", 1368855154804, true, true},
        {"2013-05-18t05:32:34.8049999z", 1368855154804, true, true},
        {"2013-05-18 07:32:34.804+02:00", 1368855154804, true, true},
        {"2013-05-17T23:02:34.804-06:30", 1368855154804, true, true},
        {"1969-12-31T23:59:59.999Z", -1, true, true},
        {"2024-02-29T00:00:00Z", 1709164800000, true, true},
        {"2013-05-18T05:32:34.804", 1368855154804, true, false},
        {"2013-05-18T05:32Z", 1368855120000, true, false},
        {"20130518T053234.804Z", 1368855154804, true, false},
        {"2013-05-18T07:32:34.804+0200", 1368855154804, true, false},
        {"2013-05-18T07:32:34.804+02", 1368855154804, true, false},
        {"2013-05-18", 1368835200000, true, false},
        {"2013-05-18T05:32:34.804-00:00", 0, false, false},
        {"2013-05-18T05:32:34.804-0000", 0, false, false},
        {"2013-05-18T05:32:34.804-00", 0, false, false},
        {"2023-02-29T00:00:00Z", 0, false, false},
        {"2013-00-18T00:00:00Z", 0, false, false},
        {"2013-13-18T00:00:00Z", 0, false, false},
        {"2013-05-18T24:00:00Z", 0, false, false},
        {"2013-05-18T00:60:00Z", 0, false, false},
        {"2013-05-18T00:00:00.Z", 0, false, false},
        {"2013-05-18T00:00:00Zx", 0, false, false},
        {"2013-05-18T", 0, false, false},
        {"01/011/2015", 0, false, false},
        {"should fail", 0, false, false},
        {"", 0, false, false},
    };
    int64_t ms;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool is_old = format_time_parse(bytes_text(cases[i].text), LRS_1_0_3, &ms);
        if (is_old != cases[i].is_old || (is_old && ms != cases[i].ms) ||
            format_time_parse(bytes_text(cases[i].text), LRS_2_0, &ms) != cases[i].is_new) {
            fail_msg("'%s': %lld", cases[i].text, (long long)ms);
        }
    }
}

static void every_day_comes_back_as_written(void **state)
{
    char text[FORMAT_TIME_SIZE];
    int64_t ms;

    (void)state;
    for (int64_t day = -200000; day < 400000; day += 37) {
        int64_t sent = day * 86400000 + day % 86400000 + 86399999;
        format_time_write(sent, text);
        assert_true(format_time_parse(bytes_text(text), LRS_2_0, &ms));
        assert_true(ms == sent);
    }
}

static void durations_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
    } cases[] = {
        {"PT0S", 0},
        {"PT1H2M3.45S", 3723450},
        {"P1D", 86400000},
        {"P4W", 2419200000},
        {"P3Y1M29DT4H35M59.14S", 99722159140},
        {"PT16559.14S", 16559140},
        {"PT1,5M", 90000},
        {"P0.5D", 43200000},
        {"P", -1},
        {"PT", -1},
        {"P1", -1},
        {"1H", -1},
        {"P4W1D", -1},
        {"P1W2D", -1},
        {"PT1.5H2M", -1},
        {"PT1M2H", -1},
        {"P1S", -1},
        {"PT1D", -1},
        {"PTS", -1},
        {"PT-1S", -1},
        {"", -1},
        {"PT.5S", -1},
        {"PT1.S", -1},
        {"P1DT", -1},
        {"PT99999999999S", -1},
    };
    int64_t ms;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool is_read = format_duration_parse(bytes_text(cases[i].text), &ms);
        if (is_read != (cases[i].ms >= 0) || (is_read && ms != cases[i].ms)) {
            fail_msg("'%s': %lld", cases[i].text, is_read ? (long long)ms : -1);
        }
    }
}

static void durations_come_back_to_hundredths(void **state)
{
    char text[FORMAT_DURATION_SIZE];
    int64_t ms;

    (void)state;
    format_duration_write(3723459, text);
    assert_string_equal(text, "PT1H2M3.45S");
    assert_true(format_duration_parse(bytes_text(text), &ms) && ms == 3723450);
    format_duration_write(-5, text);
    assert_string_equal(text, "PT0H0M0.00S");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timestamps_are_read_by_the_rules_of_their_version),
        cmocka_unit_test(every_day_comes_back_as_written),
        cmocka_unit_test(durations_are_read),
        cmocka_unit_test(durations_come_back_to_hundredths),
    };
    return KIT_RUN(tests);
}
