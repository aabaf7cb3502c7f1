/* timestamp.h: ISO 8601 dates and times (the RFC 3339 profile, and dates alone) to and from milliseconds
 * since 1970.
 *
 * A time without an offset is UTC, a date alone is its midnight. Years 1970 to 2099. No clock is read and no
 * time zone of the machine is used. */
#ifndef QANAT_NODE_TIMESTAMP_H
#define QANAT_NODE_TIMESTAMP_H

#include <stdbool.h>

#include "replication/base/bytes.h"

enum { TIMESTAMP_TEXT_SIZE = 25, PERIOD_SIZE = 8, TIMESTAMP_YEAR_MIN = 1970, TIMESTAMP_YEAR_MAX = 2099 };

/* The last millisecond of TIMESTAMP_YEAR_MAX. */
#define TIMESTAMP_MS_MAX 4102444799999LL

/* Parses 2026-10-05, 2026-10-05T12:30, 2026-10-05T12:30:45.123+08:00, 2026-10-05 12:30:45Z; false for
 * anything else, a day that does not exist and a moment outside the years. Digits behind the milliseconds are
 * dropped; a leap second counts as the last millisecond of its minute. */
bool timestamp_parse(struct bytes text, int64_t *ms_out);

/* "2026-10-05T12:30:45Z", or with ".123" when there are milliseconds. What is outside the years, as stamps of other nodes and
 * clocks may be, is written as their last moment: whoever can show nothing instead asks TIMESTAMP_MS_MAX first. */
void timestamp_format(int64_t ms, char out[TIMESTAMP_TEXT_SIZE]);

/* The period a moment falls into: its month in UTC, "2026-10"; outside the years their last month. */
void timestamp_period(int64_t ms, char out[PERIOD_SIZE]);

/* True for "2026-10" and "2026". */
bool period_is_valid(struct bytes text);

#endif
