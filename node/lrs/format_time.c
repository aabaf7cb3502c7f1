/* Timestamps and durations of statements. Days are counted by the civil calendar (H. Hinnant's
 * days_from_civil, proleptic Gregorian). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "node/lrs/format.h"

enum { DAY_MS = 24 * 3600 * 1000, YEAR_DAYS = 365, MONTH_DAYS = 30 };

/* A text read from the front. */
struct reader {
    const uint8_t *at, *end;
};

static struct reader reader_of(struct bytes text)
{
    return (struct reader){text.data, text.size > 0 ? text.data + text.size : text.data};
}

static int peek(const struct reader *reader)
{
    return reader->at < reader->end ? *reader->at : -1;
}

static bool take(struct reader *reader, int c)
{
    if (peek(reader) != c) {
        return false;
    }
    reader->at++;
    return true;
}

static bool digits_take(struct reader *reader, int count, int *value_out)
{
    *value_out = 0;
    for (int i = 0; i < count; i++) {
        int c = peek(reader);
        if (c < '0' || c > '9') {
            return false;
        }
        *value_out = *value_out * 10 + (c - '0');
        reader->at++;
    }
    return true;
}

static int64_t days_of(int year, int month, int day)
{
    int64_t y = year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && is_leap ? 29 : days[month - 1];
}

static bool date_take(struct reader *reader, bool *is_basic_out, int64_t *ms_out)
{
    int year, month, day;

    if (!digits_take(reader, 4, &year)) {
        return false;
    }
    *is_basic_out = !take(reader, '-');
    if (!digits_take(reader, 2, &month) || (!*is_basic_out && !take(reader, '-')) ||
        !digits_take(reader, 2, &day) || month < 1 || month > 12 || day < 1 ||
        day > month_days(year, month)) {
        return false;
    }
    *ms_out = days_of(year, month, day) * DAY_MS;
    return true;
}

/* Behind the point: any number of digits, of which three count. */
static bool fraction_take(struct reader *reader, int64_t *ms_io)
{
    int scale = 100;

    if (peek(reader) < '0' || peek(reader) > '9') {
        return false;
    }
    while (peek(reader) >= '0' && peek(reader) <= '9') {
        *ms_io += (peek(reader) - '0') * scale;
        scale /= 10;
        reader->at++;
    }
    return true;
}

static bool clock_take(struct reader *reader, bool is_basic, bool has_to_be_whole, int64_t *ms_io)
{
    int hour, minute, second = 0;

    if (!digits_take(reader, 2, &hour) || (!is_basic && !take(reader, ':')) ||
        !digits_take(reader, 2, &minute)) {
        return false;
    }
    bool has_second = is_basic ? peek(reader) >= '0' && peek(reader) <= '9' : take(reader, ':');
    if ((has_second && !digits_take(reader, 2, &second)) || (!has_second && has_to_be_whole)) {
        return false;
    }
    if (hour > 23 || minute > 59 || second > 60) {
        return false;
    }
    *ms_io += ((int64_t)(hour * 60 + minute) * 60 + second) * 1000;
    return !has_second || !(take(reader, '.') || (!has_to_be_whole && take(reader, ','))) ||
           fraction_take(reader, ms_io);
}

/* "Z", "+03:00"; with 1.0.3 also "+0300", "+03" or nothing. "-00:00" says that the zone is unknown, which no
 * statement may. */
static bool zone_take(struct reader *reader, enum lrs_version version, int64_t *ms_io)
{
    int hours, minutes = 0;

    if (take(reader, 'Z') || take(reader, 'z')) {
        return true;
    }
    if (peek(reader) == -1) {
        return version == LRS_1_0_3;
    }
    bool is_west = take(reader, '-');
    if ((!is_west && !take(reader, '+')) || !digits_take(reader, 2, &hours)) {
        return false;
    }
    bool has_colon = take(reader, ':');
    bool has_minutes = has_colon || peek(reader) != -1;
    if ((has_minutes && !digits_take(reader, 2, &minutes)) || (version == LRS_2_0 && !has_colon)) {
        return false;
    }
    if (hours > 23 || minutes > 59 || (is_west && hours == 0 && minutes == 0)) {
        return false;
    }
    *ms_io += (is_west ? 1 : -1) * (int64_t)(hours * 60 + minutes) * 60 * 1000;
    return true;
}

bool format_time_parse(struct bytes text, enum lrs_version version, int64_t *ms_out)
{
    struct reader reader = reader_of(text);
    bool is_basic;

    if (text.size == 0 || !date_take(&reader, &is_basic, ms_out) || (is_basic && version == LRS_2_0)) {
        return false;
    }
    if (peek(&reader) == -1) {
        return version == LRS_1_0_3;
    }
    if (!take(&reader, 'T') && !take(&reader, 't') && !take(&reader, ' ')) {
        return false;
    }
    return clock_take(&reader, is_basic, version == LRS_2_0, ms_out) && zone_take(&reader, version, ms_out) &&
           peek(&reader) == -1;
}

void format_time_write(int64_t ms, char out[FORMAT_TIME_SIZE])
{
    int64_t days = (ms >= 0 ? ms : ms - (DAY_MS - 1)) / DAY_MS, rest = ms - days * DAY_MS;
    int64_t shifted = days + 719468, era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t of_era = shifted - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t shifted_month = (5 * of_year + 2) / 153;
    int day = (int)(of_year - (153 * shifted_month + 2) / 5 + 1);
    int month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    int second = (int)(rest / 1000);

    year += era * 400 + (month <= 2);
    snprintf(out, FORMAT_TIME_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", (unsigned)year % 10000,
             (unsigned)month % 100, (unsigned)day % 100, (unsigned)(second / 3600) % 100,
             (unsigned)(second / 60 % 60), (unsigned)(second % 60), (unsigned)(rest % 1000));
}

/* --- durations --- */

/* One number of a duration, and its letter: false when there is none. */
static bool component_take(struct reader *reader, double *value_out, bool *is_fraction_out, int *letter_out)
{
    const uint8_t *start = reader->at;
    double scale = 1;

    *value_out = 0;
    *is_fraction_out = false;
    while ((peek(reader) >= '0' && peek(reader) <= '9') ||
           (!*is_fraction_out && (peek(reader) == '.' || peek(reader) == ','))) {
        int c = *reader->at++;
        if (c == '.' || c == ',') {
            *is_fraction_out = true;
        } else if (*is_fraction_out) {
            scale /= 10;
            *value_out += (c - '0') * scale;
        } else {
            *value_out = *value_out * 10 + (c - '0');
        }
    }
    bool has_digits = reader->at > start && start[0] >= '0' && start[0] <= '9' && reader->at[-1] >= '0' &&
                      reader->at[-1] <= '9';
    *letter_out = peek(reader);
    reader->at += *letter_out != -1;
    return has_digits && *letter_out != -1 && *value_out < 1e9;
}

/* Components in the order of `letters`, each once, a fraction only in the last: how many they were, or -1. */
static int components_take(struct reader *reader, const char *letters, const double *units, double *ms_io)
{
    const char *from = letters;
    int count = 0;

    while (peek(reader) != -1 && peek(reader) != 'T') {
        double value;
        bool is_fraction;
        int letter;
        if (!component_take(reader, &value, &is_fraction, &letter)) {
            return -1;
        }
        const char *found = strchr(from, letter);
        if (!found || (is_fraction && peek(reader) != -1)) {
            return -1;
        }
        *ms_io += value * units[found - letters];
        from = found + 1;
        count++;
    }
    return count;
}

bool format_duration_parse(struct bytes text, int64_t *ms_out)
{
    static const double days[] = {(double)YEAR_DAYS * DAY_MS, (double)MONTH_DAYS * DAY_MS, DAY_MS},
                        week[] = {7.0 * DAY_MS};
    static const double clocks[] = {3600e3, 60e3, 1e3};
    struct reader reader = reader_of(text);
    double ms = 0;

    if (text.size < 3 || !take(&reader, 'P')) {
        return false;
    }
    if (text.data[text.size - 1] == 'W') {
        if (components_take(&reader, "W", week, &ms) != 1 || peek(&reader) != -1) {
            return false;
        }
        *ms_out = (int64_t)ms;
        return true;
    }
    int count = components_take(&reader, "YMD", days, &ms);
    if (count < 0) {
        return false;
    }
    if (take(&reader, 'T')) {
        int more = components_take(&reader, "HMS", clocks, &ms);
        if (more <= 0 || peek(&reader) != -1) {
            return false;
        }
        count += more;
    }
    *ms_out = (int64_t)(ms + 0.01); /* cut off, but for what a binary fraction lacks */
    return count > 0;
}

void format_duration_write(int64_t ms, char out[FORMAT_DURATION_SIZE])
{
    int64_t hundredths = (ms < 0 ? 0 : ms) / 10;

    snprintf(out, FORMAT_DURATION_SIZE, "PT%" PRId64 "H%dM%d.%02dS", hundredths / 360000,
             (int)(hundredths / 6000 % 60), (int)(hundredths / 100 % 60), (int)(hundredths % 100));
}
