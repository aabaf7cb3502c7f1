/* window.h: when, how fast and how much a node may talk to a peer.
 *
 *   [DAYS] HOURS [rate N] [quota N [per window|day|month]] [metered] [for results|courses]
 *   mon-fri 22:00-06:00 rate 2M quota 1G
 *   sat,sun 00:00-24:00 metered for results
 *
 * A window opens on its days (daily when none are named) at the first hour and may run past midnight;
 * "always" stands for 00:00-24:00. Rates are bits a second, quotas bytes, k M G T are powers of 1,000.
 * Several windows add up; no window at all means always open, which is the driver's rule.
 *
 * No clock and no time zone in here: the driver passes wall milliseconds (UTC) and the minutes by which local
 * time is ahead of UTC at that moment. When summer time begins or ends it asks again. */
#ifndef QANAT_SCHEDULE_WINDOW_H
#define QANAT_SCHEDULE_WINDOW_H

#include "replication/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WINDOW_TEXT_MAX = 160, /* a formatted window with its NUL */
    WINDOW_DAY_MINUTES = 24 * 60,
    WINDOW_OFFSET_MAX = 24 * 60, /* minutes from UTC, either way */
    WINDOW_ALL_DAYS = 0x7f,
};

#define WINDOW_RATE_MAX  1000000000000ULL    /* bits a second */
#define WINDOW_QUOTA_MAX 1000000000000000ULL /* bytes */
#define WINDOW_NEVER     UINT64_MAX

enum window_period {
    WINDOW_PER_WINDOW, /* from one opening to the next */
    WINDOW_PER_DAY,    /* local calendar day */
    WINDOW_PER_MONTH,  /* local calendar month */
};

/* What may pass, as bits. */
enum window_class {
    WINDOW_RESULTS = 1, /* roster, results, credentials and catalogue */
    WINDOW_COURSES = 2, /* members of packages */
};

struct window {
    uint8_t days;          /* bit 0: Monday ... bit 6: Sunday, on which it opens */
    uint16_t start_minute; /* of the local day */
    uint16_t
        end_minute; /* above start_minute, at most a day later: over WINDOW_DAY_MINUTES it is past midnight */
    uint64_t rate_bits;   /* a second; 0: no limit */
    uint64_t quota_bytes; /* 0: no limit */
    enum window_period quota_period;
    bool is_metered; /* every byte costs money here */
    uint8_t classes; /* enum window_class bits, never 0 */
};

/* Reads a window. S_INVALID with a report that names the word that is wrong and what would be right there. */
enum status window_parse(const char *text, struct window *out, struct report *report);

/* Writes the canonical text; window_parse() gives the same window back. */
void window_format(const struct window *window, char text_out[WINDOW_TEXT_MAX]);

/* True from the opening minute up to, and not including, the closing minute. */
bool window_is_open(const struct window *window, uint64_t wall_ms, int offset_minutes);

/* The first moment after `wall_ms` at which window_is_open() answers otherwise; WINDOW_NEVER when it is
 * always open. */
uint64_t window_next_change(const struct window *window, uint64_t wall_ms, int offset_minutes);

/* When the quota period that holds `wall_ms` began: the key under which the driver counts the bytes spent.
 * For WINDOW_PER_WINDOW the latest opening. */
uint64_t window_quota_start(const struct window *window, uint64_t wall_ms, int offset_minutes);

/* Of `count` windows the open one that lets `class` pass fastest; NULL when none does. */
const struct window *window_find_open(const struct window *windows, size_t count, enum window_class class,
                                      uint64_t wall_ms, int offset_minutes);

/* The first change of any of `count` windows; WINDOW_NEVER when there is none. */
uint64_t window_first_change(const struct window *windows, size_t count, uint64_t wall_ms,
                             int offset_minutes);

#endif
