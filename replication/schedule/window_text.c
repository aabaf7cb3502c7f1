/* Windows as people write them; the grammar stands in window.h. */
#include "replication/schedule/window.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "replication/base/check.h"

enum { WORD_MAX = 32, WEEK_DAYS = 7, DECIMALS_MAX = 3 };

static const char day_names[WEEK_DAYS][4] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
static const char *const period_names[] = {"window", "day", "month"};
static const char units[] = "kMGT", units_typed[] = "kmgt";

/* --- words -------------------------------------------------------------------------------------------------
 */

/* One word of the text, copied; the last one is empty. */
struct word {
    char text[WORD_MAX];
    bool is_cut; /* longer than any word of the grammar */
};

struct words {
    const char *rest;
    struct word now;
};

static void words_next(struct words *words)
{
    size_t skipped = strspn(words->rest, " \t"), size = strcspn(words->rest + skipped, " \t");
    size_t kept = size < WORD_MAX ? size : WORD_MAX - 1;

    memcpy(words->now.text, words->rest + skipped, kept);
    for (size_t i = 0; i < kept && (words->now.text[0] < '0' || words->now.text[0] > '9'); i++) {
        char *c = &words->now.text[i];
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c); /* Mon-Fri is mon-fri; numbers are quoted as they came */
    }
    words->now.text[kept] = '\0';
    words->now.is_cut = kept < size;
    words->rest += skipped + size;
}

static bool words_at(const struct words *words, const char *text)
{
    return !words->now.is_cut && strcmp(words->now.text, text) == 0;
}

/* The report about the present word: `right` says what is expected. */
static enum status word_refuse(const struct words *words, const char *right, struct report *report)
{
    if (words->now.text[0] == '\0') {
        return report_set(report, S_INVALID, "The window ends too early: %s.", right);
    }
    return report_set(report, S_INVALID, "\"%s%s\" is not understood in the window: %s.", words->now.text,
                      words->now.is_cut ? "..." : "", right);
}

/* --- days and hours
 * ------------------------------------------------------------------------------------------ */

/* Takes a day's name off the front; -1 when there is none. */
static int day_take(const char **text)
{
    for (int day = 0; day < WEEK_DAYS; day++) {
        if (strncmp(*text, day_names[day], 3) == 0) {
            *text += 3;
            return day;
        }
    }
    return -1;
}

/* Days and ranges of days, joined by commas. A range may run over Sunday: fri-mon. */
static bool days_parse(const char *text, uint8_t *days_out)
{
    if (strcmp(text, "daily") == 0) {
        *days_out = WINDOW_ALL_DAYS;
        return true;
    }
    *days_out = 0;
    for (;;) {
        int first = day_take(&text), last = first;
        if (first >= 0 && *text == '-') {
            text++;
            last = day_take(&text);
        }
        if (first < 0 || last < 0) {
            return false;
        }
        for (int day = first;; day = (day + 1) % WEEK_DAYS) {
            *days_out |= (uint8_t)(1 << day);
            if (day == last) {
                break;
            }
        }
        if (*text == '\0') {
            return true;
        }
        if (*text++ != ',') {
            return false;
        }
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes HH:MM (or H:MM) up to 24:00 off the front. */
static bool time_take(const char **text, uint16_t *minute_out)
{
    const char *at = *text;
    int hour = 0, digits = 0;

    for (; digits < 2 && is_digit(*at); digits++) {
        hour = hour * 10 + (*at++ - '0');
    }
    if (digits == 0 || at[0] != ':' || !is_digit(at[1]) || !is_digit(at[2])) {
        return false;
    }
    int minute = hour * 60 + (at[1] - '0') * 10 + (at[2] - '0');
    *text = at + 3;
    *minute_out = (uint16_t)minute;
    return at[1] <= '5' && minute <= WINDOW_DAY_MINUTES;
}

static bool hours_parse(const char *text, struct window *out)
{
    if (strcmp(text, "always") == 0) {
        out->start_minute = 0;
        out->end_minute = WINDOW_DAY_MINUTES;
        return true;
    }
    if (!time_take(&text, &out->start_minute) || *text++ != '-' || !time_take(&text, &out->end_minute) ||
        *text) {
        return false;
    }
    if (out->start_minute == out->end_minute || out->start_minute == WINDOW_DAY_MINUTES) {
        return false;
    }
    if (out->end_minute < out->start_minute) {
        out->end_minute = (uint16_t)(out->end_minute + WINDOW_DAY_MINUTES);
    }
    return true;
}

/* --- numbers
 * ------------------------------------------------------------------------------------------------- */

/* N, N.n with up to three decimals, with a unit behind: exact, 1 to `max`. */
static bool amount_parse(const char *text, uint64_t max, uint64_t *out)
{
    uint64_t number = 0, scale = 1;
    int digits = 0, decimals = 0;
    bool has_point = false;

    for (; is_digit(*text) || (*text == '.' && !has_point && digits > 0); text++) {
        if (*text == '.') {
            has_point = true;
            continue;
        }
        number = number * 10 + (uint64_t)(*text - '0');
        decimals += has_point;
        if (++digits > 15 || decimals > DECIMALS_MAX) {
            return false;
        }
    }
    const char *unit = *text ? strchr(units_typed, *text | 0x20) : NULL; /* in any case of letters */
    for (const char *each = units_typed; unit && each <= unit; each++) {
        scale *= 1000;
    }
    for (int i = 0; i < decimals; i++) {
        if (scale == 1) {
            return false;
        }
        scale /= 10;
    }
    if (digits == 0 || (has_point && decimals == 0) || (unit ? text[1] : text[0]) || number == 0 ||
        number > max / scale) {
        return false;
    }
    *out = number * scale;
    return true;
}

/* The number with the greatest unit that leaves it whole. */
static void amount_format(uint64_t number, char *out, size_t size)
{
    size_t unit = 0;

    while (unit < sizeof units - 1 && number % 1000 == 0) {
        number /= 1000;
        unit++;
    }
    const char letter[2] = {unit > 0 ? units[unit - 1] : '\0', '\0'};
    snprintf(out, size, "%llu%s", (unsigned long long)number, letter);
}

/* --- clauses
 * ------------------------------------------------------------------------------------------------- */

/* A clause reads its words (words->now is the one behind the keyword) and moves past them. */
typedef enum status window_clause(struct words *words, struct window *out, struct report *report);

static enum status rate_clause(struct words *words, struct window *out, struct report *report)
{
    if (words->now.is_cut || !amount_parse(words->now.text, WINDOW_RATE_MAX, &out->rate_bits)) {
        return word_refuse(words, "a rate is in bits a second, such as 512k or 2M", report);
    }
    words_next(words);
    return S_OK;
}

static enum status quota_clause(struct words *words, struct window *out, struct report *report)
{
    if (words->now.is_cut || !amount_parse(words->now.text, WINDOW_QUOTA_MAX, &out->quota_bytes)) {
        return word_refuse(words, "a quota is in bytes, such as 500M or 1G", report);
    }
    words_next(words);
    if (!words_at(words, "per")) {
        return S_OK;
    }
    words_next(words);
    for (enum window_period period = WINDOW_PER_WINDOW; period <= WINDOW_PER_MONTH; period++) {
        if (words_at(words, period_names[period])) {
            out->quota_period = period;
            words_next(words);
            return S_OK;
        }
    }
    return word_refuse(words, "a quota is per window, day or month", report);
}

static enum status metered_clause(struct words *words, struct window *out, struct report *report)
{
    (void)words, (void)report;
    out->is_metered = true;
    return S_OK;
}

static enum status for_clause(struct words *words, struct window *out, struct report *report)
{
    if (words_at(words, "results")) {
        out->classes = WINDOW_RESULTS;
    } else if (words_at(words, "courses")) {
        out->classes = WINDOW_COURSES;
    } else if (!words_at(words, "results,courses") && !words_at(words, "courses,results")) {
        return word_refuse(words, "what may pass is results, courses or results,courses", report);
    }
    words_next(words);
    return S_OK;
}

static const struct {
    const char *keyword;
    window_clause *clause;
} clauses[] = {
    {"rate", rate_clause},
    {"quota", quota_clause},
    {"metered", metered_clause},
    {"for", for_clause},
};

enum { CLAUSE_COUNT = sizeof clauses / sizeof clauses[0] };

static enum status clauses_parse(struct words *words, struct window *out, struct report *report)
{
    unsigned seen = 0;

    while (words->now.text[0]) {
        size_t at = 0;
        while (at < CLAUSE_COUNT && !words_at(words, clauses[at].keyword)) {
            at++;
        }
        if (at == CLAUSE_COUNT) {
            return word_refuse(words, "after the hours come rate, quota, metered or for", report);
        }
        if (seen >> at & 1) {
            return word_refuse(words, "it is there twice", report);
        }
        seen |= 1U << at;
        words_next(words);
        enum status status = clauses[at].clause(words, out, report);
        if (status != S_OK) {
            return status;
        }
    }
    return S_OK;
}

enum status window_parse(const char *text, struct window *out, struct report *report)
{
    struct words words = {.rest = text};

    *out = (struct window){.days = WINDOW_ALL_DAYS, .classes = WINDOW_RESULTS | WINDOW_COURSES};
    words_next(&words);
    if (!is_digit(words.now.text[0]) && !words_at(&words, "always")) {
        if (words.now.is_cut || !days_parse(words.now.text, &out->days)) {
            return word_refuse(
                &words, "days are daily or mon, tue, wed, thu, fri, sat, sun, as in mon-fri or sat,sun",
                report);
        }
        words_next(&words);
    }
    if (words.now.is_cut || !hours_parse(words.now.text, out)) {
        return word_refuse(&words, "hours are HH:MM-HH:MM, as in 22:00-06:00, or always", report);
    }
    words_next(&words);
    return clauses_parse(&words, out, report);
}

/* --- writing
 * ------------------------------------------------------------------------------------------------- */

struct writer {
    char *text;
    size_t size;
};

__attribute__((format(printf, 2, 3))) static void write_text(struct writer *writer, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int size = vsnprintf(writer->text + writer->size, WINDOW_TEXT_MAX - writer->size, format, arguments);
    va_end(arguments);
    CHECK(size >= 0 && writer->size + (size_t)size < WINDOW_TEXT_MAX);
    writer->size += (size_t)size;
}

/* Runs of three days and more as ranges. */
static void days_write(uint8_t days, struct writer *writer)
{
    const char *comma = "";

    if (days == WINDOW_ALL_DAYS) {
        write_text(writer, "daily");
        return;
    }
    for (int day = 0; day < WEEK_DAYS; day++) {
        int last = day;
        if (!(days >> day & 1)) {
            continue;
        }
        while (last + 1 < WEEK_DAYS && days >> (last + 1) & 1) {
            last++;
        }
        if (last - day >= 2) {
            write_text(writer, "%s%s-%s", comma, day_names[day], day_names[last]);
            day = last;
        } else {
            write_text(writer, "%s%s", comma, day_names[day]);
        }
        comma = ",";
    }
}

void window_format(const struct window *window, char text_out[WINDOW_TEXT_MAX])
{
    struct writer writer = {.text = text_out};
    unsigned start = window->start_minute, end = window->end_minute;
    char amount[WORD_MAX];

    CHECK(window->days && window->classes);
    end = end > WINDOW_DAY_MINUTES ? end - WINDOW_DAY_MINUTES : end;
    days_write(window->days, &writer);
    write_text(&writer, " %02u:%02u-%02u:%02u", start / 60, start % 60, end / 60, end % 60);
    if (window->rate_bits) {
        amount_format(window->rate_bits, amount, sizeof amount);
        write_text(&writer, " rate %s", amount);
    }
    if (window->quota_bytes) {
        amount_format(window->quota_bytes, amount, sizeof amount);
        write_text(&writer, " quota %s", amount);
    }
    if (window->quota_bytes && window->quota_period != WINDOW_PER_WINDOW) {
        write_text(&writer, " per %s", period_names[window->quota_period]);
    }
    if (window->is_metered) {
        write_text(&writer, " metered");
    }
    if (window->classes != (WINDOW_RESULTS | WINDOW_COURSES)) {
        write_text(&writer, " for %s", window->classes == WINDOW_RESULTS ? "results" : "courses");
    }
}
