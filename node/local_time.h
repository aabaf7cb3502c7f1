/* local_time.h: the machine's time zone, for windows: they open at hours of the wall, not of UTC.
 *
 * The C library knows the zone and its summer time (TZ, else /etc/localtime). Moments are milliseconds since
 * 1970, UTC. Any thread. */
#ifndef QANAT_NODE_LOCAL_TIME_H
#define QANAT_NODE_LOCAL_TIME_H

#include <stdint.h>

#include "replication/base/status.h"

enum { LOCAL_TIME_SIZE = 32 };

/* The wall clock now; 0 for a clock before 1970. */
uint64_t local_time_now(void);

/* Milliseconds that only go forward, for timers and rates; what the wall clock does, they do not. */
uint64_t local_time_monotonic(void);

/* Minutes by which local time is ahead of UTC at `ms`. */
int local_time_offset(uint64_t ms);

/* Can local_time_set_zone() take it? S_NOT_FOUND when not; nothing is changed. */
enum status local_time_check_zone(const char *zone, struct report *report);

/* Local time is that of `zone` (as "Africa/Cairo") from now on, for the whole process; "": the machine's. S_NOT_FOUND
 * when this machine does not know it: nothing is changed then. First at the start, before other threads; later from one thread alone. */
enum status local_time_set_zone(const char *zone, struct report *report);

/* "22:00" within a day of `now_ms`, "Mon 22:00" within a week, else "2026-12-01 22:00"; in English. */
void local_time_text(uint64_t ms, uint64_t now_ms, char out[LOCAL_TIME_SIZE]);

#endif
