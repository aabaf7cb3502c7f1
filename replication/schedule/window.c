#include "replication/schedule/window.h"

#include "replication/base/check.h"

#define MINUTE_MS 60000LL
#define DAY_MS    (WINDOW_DAY_MINUTES * MINUTE_MS)

enum { WEEK_DAYS = 7, EPOCH_WEEKDAY = 3 }; /* 1 January 1970 was a Thursday */

/* A moment in local time. */
struct local {
    int64_t day;    /* since 1 January 1970 */
    int64_t day_ms; /* since local midnight */
};

static struct local local_of(uint64_t wall_ms, int offset_minutes)
{
    CHECK(offset_minutes >= -WINDOW_OFFSET_MAX && offset_minutes <= WINDOW_OFFSET_MAX);
    CHECK(wall_ms <= INT64_MAX / 2);
    int64_t ms = (int64_t)wall_ms + offset_minutes * MINUTE_MS;
    int64_t day = ms / DAY_MS - (ms % DAY_MS < 0);
    return (struct local){.day = day, .day_ms = ms - day * DAY_MS};
}

/* UTC milliseconds of a local minute, not before the epoch. */
static uint64_t wall_of(int64_t day, int64_t minute, int offset_minutes)
{
    int64_t ms = day * DAY_MS + (minute - offset_minutes) * MINUTE_MS;
    return ms < 0 ? 0 : (uint64_t)ms;
}

static bool opens_on(const struct window *window, int64_t day)
{
    int64_t weekday = ((day + EPOCH_WEEKDAY) % WEEK_DAYS + WEEK_DAYS) % WEEK_DAYS;
    return window->days >> weekday & 1;
}

static void window_check(const struct window *window)
{
    CHECK(window->start_minute < WINDOW_DAY_MINUTES && window->end_minute > window->start_minute);
    CHECK(window->end_minute <= window->start_minute + WINDOW_DAY_MINUTES);
}

bool window_is_open(const struct window *window, uint64_t wall_ms, int offset_minutes)
{
    struct local local = local_of(wall_ms, offset_minutes);

    window_check(window);
    if (opens_on(window, local.day) && local.day_ms >= window->start_minute * MINUTE_MS &&
        local.day_ms < window->end_minute * MINUTE_MS) {
        return true;
    }
    return opens_on(window, local.day - 1) && local.day_ms + DAY_MS < window->end_minute * MINUTE_MS;
}

uint64_t window_next_change(const struct window *window, uint64_t wall_ms, int offset_minutes)
{
    struct local local = local_of(wall_ms, offset_minutes);
    bool is_open = window_is_open(window, wall_ms, offset_minutes);
    uint64_t first = WINDOW_NEVER;

    /* A week repeats itself; the last day's window may still be open. */
    for (int64_t day = local.day - 1; day <= local.day + WEEK_DAYS; day++) {
        const uint64_t changes[] = {wall_of(day, window->start_minute, offset_minutes),
                                    wall_of(day, window->end_minute, offset_minutes)};
        for (int i = 0; i < 2; i++) {
            if (changes[i] > wall_ms && changes[i] < first &&
                window_is_open(window, changes[i], offset_minutes) != is_open) {
                first = changes[i];
            }
        }
    }
    return first;
}

/* The local day of month, from 0 (Hinnant, "chrono-Compatible Low-Level Date Algorithms": civil_from_days).
 */
static int64_t day_of_month(int64_t day)
{
    int64_t shifted = day + 719468; /* days since 1 March of year 0 */
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t of_era = shifted - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153; /* from March */

    return of_year - (153 * month + 2) / 5;
}

static uint64_t latest_opening(const struct window *window, uint64_t wall_ms, int offset_minutes)
{
    struct local local = local_of(wall_ms, offset_minutes);

    for (int64_t day = local.day; day >= local.day - WEEK_DAYS; day--) {
        bool is_past = day < local.day || local.day_ms >= window->start_minute * MINUTE_MS;
        if (is_past && opens_on(window, day)) {
            return wall_of(day, window->start_minute, offset_minutes);
        }
    }
    return 0;
}

uint64_t window_quota_start(const struct window *window, uint64_t wall_ms, int offset_minutes)
{
    struct local local = local_of(wall_ms, offset_minutes);

    window_check(window);
    switch (window->quota_period) {
    case WINDOW_PER_WINDOW:
        return latest_opening(window, wall_ms, offset_minutes);
    case WINDOW_PER_DAY:
        return wall_of(local.day, 0, offset_minutes);
    case WINDOW_PER_MONTH:
        return wall_of(local.day - day_of_month(local.day), 0, offset_minutes);
    }
    return 0;
}

const struct window *window_find_open(const struct window *windows, size_t count, enum window_class class,
                                      uint64_t wall_ms, int offset_minutes)
{
    const struct window *best = NULL;

    for (size_t i = 0; i < count; i++) {
        const struct window *each = &windows[i];
        if (!(each->classes & class) || !window_is_open(each, wall_ms, offset_minutes)) {
            continue;
        }
        /* 0 is no limit: as an unsigned number less one it is the greatest */
        if (!best || each->rate_bits - 1 > best->rate_bits - 1) {
            best = each;
        }
    }
    return best;
}

uint64_t window_first_change(const struct window *windows, size_t count, uint64_t wall_ms, int offset_minutes)
{
    uint64_t first = WINDOW_NEVER;

    for (size_t i = 0; i < count; i++) {
        uint64_t change = window_next_change(&windows[i], wall_ms, offset_minutes);
        first = change < first ? change : first;
    }
    return first;
}
