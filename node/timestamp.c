#include "node/timestamp.h"

#include <stdio.h>

#include "replication/base/check.h"

#define DAY_MS (24LL * 3600 * 1000)

/* Days from 1970-01-01 in the proleptic Gregorian calendar (Hinnant, chrono-compatible low-level date
 * algorithms). */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
    int64_t y = year - (month <= 2);
    int64_t era = y / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct civil {
    int64_t year, month, day;
};

static struct civil civil_from_days(int64_t days)
{
    struct civil civil;
    int64_t z = days + 719468;
    int64_t era = z / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153;

    civil.day = day_of_year - (153 * shifted + 2) / 5 + 1;
    civil.month = shifted < 10 ? shifted + 3 : shifted - 9;
    civil.year = year_of_era + era * 400 + (civil.month <= 2);
    return civil;
}

/* Takes exactly `digits` digits. */
static bool take_number(struct bytes *in, size_t digits, int64_t *value_out)
{
    struct bytes text;

    if (!bytes_take(in, digits, &text)) {
        return false;
    }
    *value_out = 0;
    for (size_t i = 0; i < digits; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
        *value_out = *value_out * 10 + (text.data[i] - '0');
    }
    return true;
}

static bool take_char(struct bytes *in, char c)
{
    if (in->size == 0 || in->data[0] != (uint8_t)c) {
        return false;
    }
    *in = bytes_of(in->data + 1, in->size - 1);
    return true;
}

static bool take_date(struct bytes *in, int64_t *days_out)
{
    static const uint8_t month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t year, month, day;

    if (!take_number(in, 4, &year) || !take_char(in, '-') || !take_number(in, 2, &month) ||
        !take_char(in, '-') || !take_number(in, 2, &day)) {
        return false;
    }
    if (year < TIMESTAMP_YEAR_MIN - 1 || year > TIMESTAMP_YEAR_MAX + 1 || month < 1 || month > 12 ||
        day < 1) {
        return false;
    }
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > month_days[month - 1] + (month == 2 && is_leap)) {
        return false;
    }
    *days_out = days_from_civil(year, month, day);
    return true;
}

/* The fraction of a second, if there is one, in milliseconds. */
static bool take_fraction(struct bytes *in, int64_t *ms_out)
{
    int64_t scale = 100;

    *ms_out = 0;
    if (!take_char(in, '.') && !take_char(in, ',')) {
        return true;
    }
    if (in->size == 0 || in->data[0] < '0' || in->data[0] > '9') {
        return false;
    }
    while (in->size && in->data[0] >= '0' && in->data[0] <= '9') {
        *ms_out += (in->data[0] - '0') * scale;
        scale /= 10;
        *in = bytes_of(in->data + 1, in->size - 1);
    }
    return true;
}

/* hh:mm[:ss[.fraction]] */
static bool take_time(struct bytes *in, int64_t *ms_out)
{
    int64_t hour, minute, second = 0, fraction = 0;

    if (!take_number(in, 2, &hour) || !take_char(in, ':') || !take_number(in, 2, &minute)) {
        return false;
    }
    if (take_char(in, ':') && (!take_number(in, 2, &second) || !take_fraction(in, &fraction))) {
        return false;
    }
    if (hour > 23 || minute > 59 || second > 60) {
        return false;
    }
    if (second == 60) {
        second = 59;
        fraction = 999;
    }
    *ms_out = ((hour * 60 + minute) * 60 + second) * 1000 + fraction;
    return true;
}

/* Z, +hh:mm, +hhmm, +hh or nothing: minutes east of UTC. */
static bool take_offset(struct bytes *in, int64_t *minutes_out)
{
    int64_t hours, minutes = 0, sign = 1;

    *minutes_out = 0;
    if (in->size == 0 || take_char(in, 'Z') || take_char(in, 'z')) {
        return true;
    }
    if (take_char(in, '-')) {
        sign = -1;
    } else if (!take_char(in, '+')) {
        return false;
    }
    if (!take_number(in, 2, &hours)) {
        return false;
    }
    if ((take_char(in, ':') || in->size) && !take_number(in, 2, &minutes)) {
        return false;
    }
    if (hours > 23 || minutes > 59) {
        return false;
    }
    *minutes_out = sign * (hours * 60 + minutes);
    return true;
}

bool timestamp_parse(struct bytes text, int64_t *ms_out)
{
    int64_t days, ms = 0, offset = 0;

    if (!take_date(&text, &days)) {
        return false;
    }
    if (text.size) {
        if (!take_char(&text, 'T') && !take_char(&text, 't') && !take_char(&text, ' ')) {
            return false;
        }
        if (!take_time(&text, &ms) || !take_offset(&text, &offset) || text.size) {
            return false;
        }
    }
    ms += days * DAY_MS - offset * 60 * 1000;
    if (ms < 0 || ms >= days_from_civil(TIMESTAMP_YEAR_MAX + 1, 1, 1) * DAY_MS) {
        return false;
    }
    *ms_out = ms;
    return true;
}

/* Any number of another node's is to be written, and that of a clock. */
static int64_t within_years(int64_t ms)
{
    return ms < 0 || ms > TIMESTAMP_MS_MAX ? TIMESTAMP_MS_MAX : ms;
}

void timestamp_format(int64_t ms, char out[TIMESTAMP_TEXT_SIZE])
{
    ms = within_years(ms);
    struct civil civil = civil_from_days(ms / DAY_MS);
    unsigned rest = (unsigned)(ms % DAY_MS);

    CHECK(civil.year <= TIMESTAMP_YEAR_MAX);
    int used = snprintf(out, TIMESTAMP_TEXT_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u",
                        (unsigned)civil.year % 10000, (unsigned)civil.month % 100, (unsigned)civil.day % 100,
                        rest / 3600000 % 24, rest / 60000 % 60, rest / 1000 % 60);
    if (rest % 1000) {
        used += snprintf(out + used, TIMESTAMP_TEXT_SIZE - (size_t)used, ".%03u", rest % 1000);
    }
    snprintf(out + used, TIMESTAMP_TEXT_SIZE - (size_t)used, "Z");
}

void timestamp_period(int64_t ms, char out[PERIOD_SIZE])
{
    struct civil civil = civil_from_days(within_years(ms) / DAY_MS);

    CHECK(civil.year <= TIMESTAMP_YEAR_MAX);
    snprintf(out, PERIOD_SIZE, "%04u-%02u", (unsigned)civil.year % 10000, (unsigned)civil.month % 100);
}

bool period_is_valid(struct bytes text)
{
    int64_t year, month = 1;

    if (!take_number(&text, 4, &year)) {
        return false;
    }
    if (text.size && (!take_char(&text, '-') || !take_number(&text, 2, &month) || text.size)) {
        return false;
    }
    return year >= TIMESTAMP_YEAR_MIN && year <= TIMESTAMP_YEAR_MAX && month >= 1 && month <= 12;
}
