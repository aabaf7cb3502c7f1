#include "node/local_time.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "replication/base/check.h"

#define DAY_MS (24 * 3600 * 1000ULL)

uint64_t local_time_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec < 0 ? 0 : (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t local_time_monotonic(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int local_time_offset(uint64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm local = {0};

    tzset(); /* localtime_r() need not look at the zone again */
    localtime_r(&seconds, &local);
    return (int)(local.tm_gmtoff / 60);
}

/* A name of the zone database, with nothing in it that leads elsewhere. */
static bool is_known_zone(const char *zone)
{
    char path[128];
    int size = snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zone);

    return zone[0] != '/' && !strstr(zone, "..") && size < (int)sizeof path && access(path, R_OK) == 0;
}

enum status local_time_check_zone(const char *zone, struct report *report)
{
    return zone[0] == '\0' || is_known_zone(zone)
               ? S_OK
               : report_set(report, S_NOT_FOUND, "option 'time_zone': this machine knows no zone '%s': as Africa/Cairo (package tzdata)", zone);
}

enum status local_time_set_zone(const char *zone, struct report *report)
{
    static const char *machine;
    static bool is_changed;

    if (!machine) {
        const char *given = getenv("TZ");
        machine = strdup(given ? given : ":/etc/localtime");
        CHECK(machine);
    }
    if (zone[0] == '\0' && !is_changed) {
        return S_OK; /* without TZ the C library also follows a machine that is given another zone */
    }
    if (local_time_check_zone(zone, report) != S_OK) {
        return S_NOT_FOUND;
    }
    setenv("TZ", zone[0] != '\0' ? zone : machine, 1); /* never removed again: other threads may be reading the environment */
    is_changed = true;
    tzset();
    return S_OK;
}

void local_time_text(uint64_t ms, uint64_t now_ms, char out[LOCAL_TIME_SIZE])
{
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    uint64_t distance = ms > now_ms ? ms - now_ms : now_ms - ms;
    time_t seconds = (time_t)(ms / 1000);
    struct tm local = {0};

    tzset();
    localtime_r(&seconds, &local);
    if (distance < DAY_MS) {
        snprintf(out, LOCAL_TIME_SIZE, "%02d:%02d", local.tm_hour, local.tm_min);
    } else if (distance < 7 * DAY_MS) {
        snprintf(out, LOCAL_TIME_SIZE, "%s %02d:%02d", days[local.tm_wday % 7], local.tm_hour, local.tm_min);
    } else if (strftime(out, LOCAL_TIME_SIZE, "%Y-%m-%d %H:%M", &local) == 0) {
        out[0] = '\0';
    }
}
