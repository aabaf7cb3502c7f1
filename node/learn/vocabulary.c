#include "node/learn/vocabulary.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { TEXT_SHOWN_MAX = 64 }; /* bytes of a faulty text */

#define X(name, text) text,
static const char *const gender_words[] = {GENDER_LIST(X)};
static const char *const role_words[] = {ROLE_LIST(X)};
static const char *const event_kind_words[] = {EVENT_KIND_LIST(X)};
#undef X

static const char unknown[] = "?"; /* of a damaged row */

bool dims_are_known(int role, int gender)
{
    return role >= 0 && role < ROLE_COUNT && gender >= 0 && gender < GENDER_COUNT;
}

const char *gender_text(enum gender gender)
{
    return (unsigned)gender < GENDER_COUNT ? gender_words[gender] : unknown;
}

const char *role_text(enum role role)
{
    return (unsigned)role < ROLE_COUNT ? role_words[role] : unknown;
}

const char *event_kind_text(enum event_kind kind)
{
    return (unsigned)kind < EVENT_KIND_COUNT ? event_kind_words[kind] : unknown;
}

struct bytes text_trim(struct bytes text)
{
    while (text.size && isspace(text.data[0])) {
        text = bytes_of(text.data + 1, text.size - 1);
    }
    while (text.size && isspace(text.data[text.size - 1])) {
        text.size--;
    }
    return text;
}

/* The index of `text` in `words`, or -1. */
static int word_find(const char *const *words, int count, struct bytes text)
{
    for (int i = 0; i < count; i++) {
        if (strlen(words[i]) == text.size && strncasecmp(words[i], (const char *)text.data, text.size) == 0) {
            return i;
        }
    }
    return -1;
}

bool gender_parse(struct bytes text, enum gender *gender_out)
{
    static const char *const letters[] = {"f", "m"};
    struct bytes word = text_trim(text);

    if (word.size == 0) {
        *gender_out = GENDER_NOT_ASKED;
        return true;
    }
    int index = word_find(gender_words, GENDER_COUNT, word);
    if (index < 0) {
        index = word_find(letters, 2, word);
    }
    if (index < 0) {
        return false;
    }
    *gender_out = (enum gender)index;
    return true;
}

bool role_parse(struct bytes text, enum role *role_out)
{
    struct bytes word = text_trim(text);
    int index = word.size ? word_find(role_words, ROLE_COUNT, word) : (int)ROLE_LEARNER;

    if (index < 0) {
        return false;
    }
    *role_out = (enum role)index;
    return true;
}

bool event_kind_parse(struct bytes text, enum event_kind *kind_out)
{
    int index = word_find(event_kind_words, EVENT_KIND_COUNT, text_trim(text));

    if (index < 0) {
        return false;
    }
    *kind_out = (enum event_kind)index;
    return true;
}

bool text_is_name(struct bytes text, size_t size_max)
{
    if (text.size == 0 || text.size > size_max) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < 0x20 || text.data[i] == 0x7f) {
            return false;
        }
    }
    return utf8_is_valid(text);
}

bool text_check_name(const char *what, struct bytes text, size_t size_max, char fault_out[TEXT_FAULT_SIZE])
{
    if (text_is_name(text, size_max)) {
        return true;
    }
    size_t shown = text.size <= TEXT_SHOWN_MAX ? text.size : utf8_whole_size(bytes_of(text.data, TEXT_SHOWN_MAX));
    const char *more = shown < text.size ? "..." : "";

    if (text.size == 0) {
        snprintf(fault_out, TEXT_FAULT_SIZE, "%s is empty", what);
    } else if (text.size > size_max) {
        snprintf(fault_out, TEXT_FAULT_SIZE, "%s '%.*s%s' has %zu bytes, %zu at most%s", what, (int)shown, (const char *)text.data, more, text.size, size_max,
                 text.data[0] >= 0x80 ? " (a letter that is not of a to z takes 2 to 4)" : "");
    } else {
        snprintf(fault_out, TEXT_FAULT_SIZE, "%s '%.*s%s' holds a %s", what, (int)shown, (const char *)text.data, more,
                 utf8_is_valid(text) ? "control character, a tab or a line break" : "character that is not UTF-8");
    }
    return false;
}

bool decimal_parse(struct bytes text, int64_t max, int64_t *hundredths_out)
{
    int64_t value = 0;
    int decimals = -1; /* none seen: before the point */
    bool has_digit = false, is_up = false, has_rest = false;

    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        if ((c == '.' || c == ',') && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (c < '0' || c > '9') {
            return false;
        }
        has_digit = true;
        if (decimals >= 2) {
            is_up = is_up || (decimals == 2 && c >= '5');
            has_rest = has_rest || c != '0';
            decimals = 3;
            continue;
        }
        value = value * 10 + (c - '0');
        decimals += decimals >= 0;
        if (value > max * 100) {
            return false;
        }
    }
    for (int i = decimals < 0 ? 0 : decimals; i < 2; i++) {
        value *= 10;
    }
    *hundredths_out = value + is_up;
    return has_digit && (has_rest ? value < max * 100 : value <= max * 100);
}
