#include "node/learn/attempt/cmi.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/json.h"

enum { PATH_MAX_SIZE = 64 };

/* --- values ----------------------------------------------------------------------------------------------------- */

static json_t *value_of(json_t *cmi, const char *path)
{
    char flat[PATH_MAX_SIZE];
    json_t *value = json_member(cmi, path);

    if (!value) {
        snprintf(flat, sizeof flat, "cmi.%s", path);
        value = json_object_get(cmi, flat);
    }
    return value ? value : json_object_get(cmi, path);
}

static const char *text_of(json_t *cmi, const char *path)
{
    const char *text = json_string_value(value_of(cmi, path));
    return text ? text : "";
}

/* A number, or a text that is one; the decimal point is a point whatever the locale: the program never sets LC_NUMERIC. */
static bool number_of(json_t *value, double *number_out)
{
    const char *text = json_string_value(value);
    char *end;

    if (json_is_number(value)) {
        *number_out = json_number_value(value);
        return isfinite(*number_out);
    }
    if (!text || !*text || strlen(text) > 64 || strspn(text, "+-.0123456789eE") != strlen(text)) {
        return false;
    }
    *number_out = strtod(text, &end);
    return *end == '\0' && isfinite(*number_out);
}

static int64_t fraction_of(double number)
{
    double cut = number < 0 ? 0 : number > 1 ? 1 : number;
    return (int64_t)floor(cut * 10000 + 0.5);
}

/* A score object: scaled, or raw between min and max (0 and 100 unless said). */
static int64_t score_of(json_t *scaled, json_t *raw, json_t *min, json_t *max)
{
    double number, low = 0, high = 100;

    if (number_of(scaled, &number)) {
        return fraction_of(number);
    }
    if (!number_of(raw, &number)) {
        return CMI_NONE;
    }
    if (!number_of(min, &low) || !number_of(max, &high) || high <= low) {
        low = 0;
        high = number_of(max, &high) && high > 0 ? high : 100;
    }
    return fraction_of((number - low) / (high - low));
}

/* --- durations -------------------------------------------------------------------------------------------------- */

/* A number of digits with at most one point or comma at the front of `*text`, which moves behind it; negative when there is none: a sign (of a clock that
 * was put back meanwhile), blanks, exponents and hexadecimals are none. */
static double plain_take(const char **text)
{
    size_t whole = strspn(*text, "0123456789"), size = whole;
    char copy[32];

    if (whole > 0 && ((*text)[whole] == '.' || (*text)[whole] == ',')) {
        size += 1 + strspn(*text + whole + 1, "0123456789");
    }
    if (whole == 0 || whole >= sizeof copy / 2) {
        return -1;
    }
    snprintf(copy, sizeof copy, "%.*s", (int)size, *text);
    if (copy[whole] == ',') {
        copy[whole] = '.';
    }
    *text += size;
    return strtod(copy, NULL);
}

static bool clock_duration(const char *text, int64_t *seconds_out)
{
    unsigned hours, minutes;
    int used = 0;

    if (strspn(text, "0123456789:.,") != strlen(text) || sscanf(text, "%5u:%2u:%n", &hours, &minutes, &used) != 2 || used == 0) {
        return false;
    }
    text += used;
    double seconds = plain_take(&text);
    if (*text || seconds < 0 || seconds >= 100) {
        return false;
    }
    *seconds_out = (int64_t)hours * 3600 + (int64_t)minutes * 60 + (int64_t)seconds;
    return true;
}

/* Seconds of one unit; years and months as the average ones. 0: no unit. */
static double unit_seconds(char unit, bool is_time)
{
    switch (unit) {
    case 'Y':
        return is_time ? 0 : 31556952;
    case 'M':
        return is_time ? 60 : 2629746;
    case 'D':
        return is_time ? 0 : 86400;
    case 'H':
        return is_time ? 3600 : 0;
    case 'S':
        return is_time ? 1 : 0;
    default:
        return 0;
    }
}

static bool iso_duration(const char *text, int64_t *seconds_out)
{
    bool is_time = false, has_part = false;
    double total = 0;

    if (*text++ != 'P') {
        return false;
    }
    while (*text) {
        if (*text == 'T' && !is_time) {
            is_time = true;
            text++;
            continue;
        }
        double number = plain_take(&text);
        double unit = number >= 0 ? unit_seconds(*text, is_time) : 0;
        if (unit <= 0) {
            return false;
        }
        total += number * unit;
        has_part = true;
        text++;
    }
    *seconds_out = total < 1e12 ? (int64_t)total : (int64_t)1e12;
    return has_part;
}

bool cmi_duration(const char *text, int64_t *seconds_out)
{
    return iso_duration(text, seconds_out) || clock_duration(text, seconds_out);
}

static int64_t seconds_of(const char *text)
{
    int64_t seconds;

    if (!cmi_duration(text, &seconds)) {
        return CMI_NONE;
    }
    return seconds > CMI_SECONDS_MAX ? CMI_SECONDS_MAX : seconds;
}

/* --- data models ------------------------------------------------------------------------------------------------ */

static enum cmi_answer answer_of(const char *text)
{
    if (strcmp(text, "completed") == 0 || strcmp(text, "passed") == 0) {
        return CMI_YES;
    }
    return strcmp(text, "incomplete") == 0 || strcmp(text, "failed") == 0 || strcmp(text, "browsed") == 0 ? CMI_NO : CMI_UNKNOWN;
}

static void scorm12_read(json_t *cmi, struct cmi_result *result)
{
    const char *status = text_of(cmi, "core.lesson_status");

    result->completion = answer_of(status);
    if (strcmp(status, "passed") == 0 || strcmp(status, "failed") == 0) {
        result->success = answer_of(status);
        result->completion = CMI_YES;
    }
    result->score =
        score_of(NULL, value_of(cmi, "core.score.raw"), value_of(cmi, "core.score.min"), value_of(cmi, "core.score.max"));
    result->seconds = seconds_of(text_of(cmi, "core.session_time"));
}

static void scorm2004_read(json_t *cmi, struct cmi_result *result)
{
    double progress;

    result->completion = answer_of(text_of(cmi, "completion_status"));
    result->success = answer_of(text_of(cmi, "success_status"));
    result->score =
        score_of(value_of(cmi, "score.scaled"), value_of(cmi, "score.raw"), value_of(cmi, "score.min"), value_of(cmi, "score.max"));
    result->seconds = seconds_of(text_of(cmi, "session_time"));
    if (number_of(value_of(cmi, "progress_measure"), &progress)) {
        result->progress = fraction_of(progress);
    }
}

static enum cmi_answer answer_read(json_t *value)
{
    if (json_is_boolean(value)) {
        return json_is_true(value) ? CMI_YES : CMI_NO;
    }
    return json_is_string(value) ? answer_of(json_string_value(value)) : CMI_UNKNOWN;
}

/* What a player says itself; it fills only what the data model left open. */
static void player_read(json_t *said, struct cmi_result *result)
{
    json_t *score = json_object_get(said, "score");
    double number;

    result->completion = result->completion ? result->completion : answer_read(json_object_get(said, "completion"));
    result->success = result->success ? result->success : answer_read(json_object_get(said, "success"));
    if (result->score == CMI_NONE && json_is_object(score)) {
        result->score = score_of(json_object_get(score, "scaled"), json_object_get(score, "raw"), json_object_get(score, "min"),
                                 json_object_get(score, "max"));
    } else if (result->score == CMI_NONE) {
        result->score = score_of(NULL, score, NULL, NULL);
    }
    if (result->progress == CMI_NONE && number_of(json_object_get(said, "progress"), &number)) {
        result->progress = fraction_of(number);
    }
    if (result->seconds <= 0 && number_of(json_object_get(said, "seconds"), &number) && number >= 0) {
        result->seconds = number > CMI_SECONDS_MAX ? CMI_SECONDS_MAX : (int64_t)number;
    }
}

void cmi_read(json_t *commit, struct cmi_result *result_out)
{
    json_t *cmi = json_object_get(commit, "cmi");

    *result_out = (struct cmi_result){.score = CMI_NONE, .progress = CMI_NONE, .seconds = CMI_NONE};
    if (json_object_get(cmi, "core") || value_of(cmi, "core.lesson_status")) {
        scorm12_read(cmi, result_out);
    } else if (json_is_object(cmi)) {
        scorm2004_read(cmi, result_out);
    }
    player_read(json_object_get(commit, "result"), result_out);
}

double cmi_mastery(int32_t percent, struct bytes details)
{
    double mastery = percent >= 0 ? percent / 100.0 : -1;
    json_t *object = percent >= 0 && details.size ? json_loadb((const char *)details.data, details.size, 0, NULL) : NULL;
    json_t *exact = json_object_get(object, "masteryScore");

    if (json_is_number(exact) && json_number_value(exact) >= 0 && json_number_value(exact) <= 1) {
        mastery = json_number_value(exact);
    }
    json_decref(object);
    return mastery;
}

void cmi_judge(struct cmi_result *result, double mastery)
{
    if (mastery >= 0 && result->score != CMI_NONE) {
        result->success = result->score >= fraction_of(mastery) ? CMI_YES : CMI_NO;
    }
}
