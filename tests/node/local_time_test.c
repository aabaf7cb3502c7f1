#include "node/local_time.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/kit/kit.h"

/* A zone with the rules of central Europe, without its file. */
static void zone_set(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

static void summer_time_is_kept(void **state)
{
    (void)state;
    zone_set("CET-1CEST,M3.5.0,M10.5.0/3");
    assert_int_equal(local_time_offset(1764547200000), 60);  /* December 2025 */
    assert_int_equal(local_time_offset(1751328000000), 120); /* July 2025 */
    zone_set("EST5");
    assert_int_equal(local_time_offset(1751328000000), -300);
}

static void a_moment_is_named_by_its_distance(void **state)
{
    const uint64_t now = 1764547200000; /* Monday 1 December 2025, 00:00 */
    char text[LOCAL_TIME_SIZE];
    (void)state;

    zone_set("UTC0");
    local_time_text(now + 22 * 3600000, now, text);
    assert_string_equal(text, "22:00");
    local_time_text(now + 46 * 3600000, now, text);
    assert_string_equal(text, "Tue 22:00");
    local_time_text(now + 8 * 24 * 3600000ULL, now, text);
    assert_string_equal(text, "2025-12-09 00:00");
}

static void a_zone_is_taken_by_its_name(void **state)
{
    struct report report = {.status = S_OK};
    (void)state;

    zone_set("UTC0");
    assert_int_equal(local_time_set_zone("", &report), S_OK);
    assert_int_equal(local_time_offset(1764547200000), 0);
    assert_int_equal(local_time_check_zone("", &report), S_OK);
    assert_int_equal(local_time_check_zone("Nowhere/City", &report), S_NOT_FOUND);
    assert_non_null(strstr(report.text, "'Nowhere/City'"));
    report_clear(&report);
    assert_int_equal(local_time_set_zone("Nowhere/City", &report), S_NOT_FOUND);
    assert_int_equal(local_time_set_zone("../../../etc/passwd", &report), S_NOT_FOUND);
    if (access("/usr/share/zoneinfo/Asia/Almaty", R_OK) == 0) {
        assert_int_equal(local_time_set_zone("Africa/Cairo", &report), S_OK);
        assert_int_equal(local_time_offset(1764547200000), 120); /* December 2025 */
        assert_int_equal(local_time_offset(1751328000000), 180); /* July 2025: summer time */
        assert_int_equal(local_time_set_zone("Nowhere/City", &report), S_NOT_FOUND);
        assert_int_equal(local_time_offset(1764547200000), 120); /* one that is refused changes nothing */
        assert_int_equal(local_time_set_zone("Asia/Almaty", &report), S_OK);
        assert_int_equal(local_time_offset(1764547200000), 300); /* and another takes its place */
        assert_int_equal(local_time_set_zone("", &report), S_OK);
        assert_int_equal(local_time_offset(1764547200000), 0); /* the machine's again */
    }
    zone_set("UTC0");
}

static void one_clock_only_goes_forward(void **state)
{
    uint64_t before = local_time_monotonic();
    (void)state;

    usleep(2000);
    assert_true(local_time_monotonic() > before);
    assert_true(local_time_monotonic() - before < 60 * 1000);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(summer_time_is_kept),
        cmocka_unit_test(a_zone_is_taken_by_its_name),
        cmocka_unit_test(one_clock_only_goes_forward),
        cmocka_unit_test(a_moment_is_named_by_its_distance),
    };
    return KIT_RUN(tests);
}
