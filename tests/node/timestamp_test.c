#include "node/timestamp.h"
#include "tests/kit/kit.h"

#include <string.h>

static void moments_are_parsed_to_the_millisecond(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"1970-01-01", 0},
        {"1970-01-01T00:00:00Z", 0},
        {"2026-10-05", 1791158400000},
        {"2026-10-05T12:30Z", 1791203400000},
        {"2026-10-05T12:30:45Z", 1791203445000},
        {"2026-10-05t12:30:45z", 1791203445000},
        {"2026-10-05 12:30:45", 1791203445000},
        {"2026-10-05T12:30:45.1239Z", 1791203445123},
        {"2026-10-05T20:30:45+08:00", 1791203445000},
        {"2026-10-05T20:30:45+0800", 1791203445000},
        {"2026-10-05T20:30:45+08", 1791203445000},
        {"2026-10-05T07:00:45-05:30", 1791203445000},
        {"2024-02-29", 1709164800000},
        {"2000-02-29", 951782400000},
        {"2016-12-31T23:59:60Z", 1483228799999},
        {"2099-12-31T23:59:59.999Z", 4102444799999},
    };
    int64_t ms;
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(timestamp_parse(bytes_text(cases[i].text), &ms));
        assert_int_equal(ms, cases[i].ms);
    }
}

static void what_is_no_moment_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "2026",
        "2026-13-01",
        "2026-00-01",
        "2026-02-29",
        "2100-02-29",
        "2026-10-5",
        "05/10/2026",
        "2026-10-05T",
        "2026-10-05T24:00:00Z",
        "2026-10-05T12:60Z",
        "2026-10-05T12",
        "2026-10-05T12:30:45.Z",
        "2026-10-05T12:30:45Zx",
        "2026-10-05T12:30:45+24:00",
        "2026-10-05T12:30:45+08:",
        "2026-10-05Z",
        "1969-12-31T23:59:59Z",
        "2100-01-01",
        "2099-12-31T23:59:59-01:00",
        "1970-01-01T00:00:00+01:00",
        "+026-10-05",
        "2026-10-05T12:30:45 +08:00",
    };
    int64_t ms;
    (void)state;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_false(timestamp_parse(bytes_text(texts[i]), &ms));
    }
}

static void every_day_formats_to_what_it_was_parsed_from(void **state)
{
    char text[TIMESTAMP_TEXT_SIZE];
    int64_t back;
    (void)state;

    for (int64_t day = 0; day < 47482; day++) {
        int64_t ms = day * 86400000 + (day * 7919) % 86400000;
        timestamp_format(ms, text);
        assert_true(timestamp_parse(bytes_text(text), &back));
        assert_int_equal(back, ms);
    }
}

/* A stamp is what another node says, 64 bits of it. */
static void what_is_beyond_the_years_is_written_as_their_end(void **state)
{
    const int64_t moments[] = {TIMESTAMP_MS_MAX, TIMESTAMP_MS_MAX + 1, 1LL << 48, INT64_MAX, INT64_MIN, -1};
    char text[TIMESTAMP_TEXT_SIZE], period[PERIOD_SIZE];
    (void)state;

    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        timestamp_format(moments[i], text);
        assert_string_equal(text, "2099-12-31T23:59:59.999Z");
        timestamp_period(moments[i], period);
        assert_string_equal(period, "2099-12");
    }
}

static void a_period_is_the_month_in_utc(void **state)
{
    char period[PERIOD_SIZE];
    int64_t ms;
    (void)state;

    assert_true(timestamp_parse(bytes_text("2026-11-01T00:30+08:00"), &ms));
    timestamp_period(ms, period);
    assert_string_equal(period, "2026-10");
    assert_true(period_is_valid(bytes_text("2026-10")));
    assert_true(period_is_valid(bytes_text("2026")));
    assert_false(period_is_valid(bytes_text("2026-13")));
    assert_false(period_is_valid(bytes_text("2026-1")));
    assert_false(period_is_valid(bytes_text("1969")));
    assert_false(period_is_valid(bytes_text("2026-10-01")));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_parsed_to_the_millisecond),
        cmocka_unit_test(what_is_no_moment_is_refused),
        cmocka_unit_test(every_day_formats_to_what_it_was_parsed_from),
        cmocka_unit_test(what_is_beyond_the_years_is_written_as_their_end),
        cmocka_unit_test(a_period_is_the_month_in_utc),
    };
    return KIT_RUN(tests);
}
