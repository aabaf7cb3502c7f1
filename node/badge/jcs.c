#include "node/badge/jcs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

/* The greatest integer up to which a double holds all. */
#define INTEGER_MAX 9007199254740991LL

static void text_append(struct buffer *out, const char *text)
{
    buffer_append(out, text, strlen(text));
}

/* --- texts ---------------------------------------------------------------------------------------------- */

/* UTF-16 puts the code points above U+FFFF (surrogates, D800-DFFF) below E000-FFFF; UTF-8 puts them above.
 * Elsewhere both orders agree. */
int jcs_compare(const char *a, const char *b)
{
    size_t i = 0;

    while (a[i] && a[i] == b[i]) {
        i++;
    }
    uint8_t left = (uint8_t)a[i], right = (uint8_t)b[i];
    if (left != right && left >= 0xee && right >= 0xee && (left >= 0xf0) != (right >= 0xf0)) {
        return left >= 0xf0 ? -1 : 1;
    }
    return (left > right) - (left < right);
}

static void escape_append(struct buffer *out, uint8_t c)
{
    static const char shorts[] = "\bb\tt\nn\ff\rr\"\"\\\\"; /* pairs: the character, its letter */
    char text[8];

    for (const char *pair = shorts; *pair; pair += 2) {
        if ((uint8_t)*pair == c) {
            snprintf(text, sizeof text, "\\%c", pair[1]);
            text_append(out, text);
            return;
        }
    }
    snprintf(text, sizeof text, "\\u%04x", c);
    text_append(out, text);
}

static void string_append(struct buffer *out, const char *text, size_t size)
{
    buffer_append_u8(out, '"');
    for (size_t i = 0; i < size; i++) {
        uint8_t c = (uint8_t)text[i];
        if (c < 0x20 || c == '"' || c == '\\') {
            escape_append(out, c);
        } else {
            buffer_append_u8(out, c);
        }
    }
    buffer_append_u8(out, '"');
}

/* --- numbers -------------------------------------------------------------------------------------------- */

/* The fewest digits that give `value` (positive) back, without a point, and the power of ten of the first. */
static int digits_find(double value, char digits[20], int *exponent_out)
{
    char text[40];

    for (int precision = 0; precision <= 17; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    char *e = strchr(text, 'e');
    int count = 0;
    CHECK(e);
    *exponent_out = atoi(e + 1);
    for (char *c = text; c < e; c++) {
        if (*c != '.') {
            digits[count++] = *c;
        }
    }
    while (count > 1 && digits[count - 1] == '0') {
        count--;
    }
    digits[count] = '\0';
    return count;
}

/* Number::toString of ECMA-262 with radix 10. */
static void real_append(struct buffer *out, double value)
{
    char digits[20], text[64];
    int exponent;

    if (value == 0) {
        text_append(out, "0");
        return;
    }
    if (value < 0) {
        buffer_append_u8(out, '-');
        value = -value;
    }
    int count = digits_find(value, digits, &exponent);
    int point = exponent + 1; /* digits before the point */
    if (point >= count && point <= 21) {
        snprintf(text, sizeof text, "%s%.*s", digits, point - count, "000000000000000000000");
    } else if (point > 0 && point <= 21) {
        snprintf(text, sizeof text, "%.*s.%s", point, digits, digits + point);
    } else if (point > -6 && point <= 0) {
        snprintf(text, sizeof text, "0.%.*s%s", -point, "000000", digits);
    } else {
        snprintf(text, sizeof text, "%.1s%s%se%+d", digits, count > 1 ? "." : "", digits + 1, exponent);
    }
    text_append(out, text);
}

/* --- the tree, without recursion ------------------------------------------------------------------------ */

/* An array or object that is open. */
struct level {
    json_t *value;
    const char **names; /* of an object, sorted; freed when it closes */
    size_t count, next;
};

static int name_compare(const void *a, const void *b)
{
    return jcs_compare(*(const char *const *)a, *(const char *const *)b);
}

static void level_open(struct level *level, json_t *value, struct buffer *out)
{
    const char *name;
    json_t *member;
    size_t count = 0;

    *level = (struct level){.value = value};
    if (json_is_array(value)) {
        level->count = json_array_size(value);
        buffer_append_u8(out, '[');
        return;
    }
    level->count = json_object_size(value);
    level->names = calloc(level->count + 1, sizeof *level->names);
    CHECK(level->names);
    json_object_foreach(value, name, member)
    {
        level->names[count++] = name;
    }
    qsort(level->names, count, sizeof *level->names, name_compare);
    buffer_append_u8(out, '{');
}

/* The next value of an open level, with what stands before it; NULL when it is closed. */
static json_t *level_next(struct level *level, struct buffer *out)
{
    if (level->next == level->count) {
        buffer_append_u8(out, level->names ? '}' : ']');
        free(level->names);
        return NULL;
    }
    if (level->next) {
        buffer_append_u8(out, ',');
    }
    size_t at = level->next++;
    if (!level->names) {
        return json_array_get(level->value, at);
    }
    string_append(out, level->names[at], strlen(level->names[at]));
    buffer_append_u8(out, ':');
    return json_object_get(level->value, level->names[at]);
}

/* Writes a value that holds no others. */
static enum status scalar_write(json_t *value, struct buffer *out)
{
    char text[32];

    switch (json_typeof(value)) {
    case JSON_STRING:
        string_append(out, json_string_value(value), json_string_length(value));
        return S_OK;
    case JSON_INTEGER:
        if (json_integer_value(value) > INTEGER_MAX || json_integer_value(value) < -INTEGER_MAX) {
            return S_INVALID;
        }
        snprintf(text, sizeof text, "%lld", (long long)json_integer_value(value));
        text_append(out, text);
        return S_OK;
    case JSON_REAL:
        real_append(out, json_real_value(value));
        return S_OK;
    case JSON_TRUE:
        text_append(out, "true");
        return S_OK;
    case JSON_FALSE:
        text_append(out, "false");
        return S_OK;
    case JSON_NULL:
        text_append(out, "null");
        return S_OK;
    case JSON_OBJECT:
    case JSON_ARRAY:
        break;
    }
    return S_INTERNAL;
}

enum status jcs_write(json_t *value, struct buffer *out)
{
    struct level levels[JCS_DEPTH_MAX];
    size_t depth = 0;
    enum status status = S_OK;

    do {
        if (value && !json_is_object(value) && !json_is_array(value)) {
            status = scalar_write(value, out);
        } else if (value && depth == JCS_DEPTH_MAX) {
            status = S_TOO_LARGE;
        } else if (value) {
            level_open(&levels[depth++], value, out);
        } else {
            depth--; /* the innermost was closed */
        }
        if (status == S_OK && depth) {
            value = level_next(&levels[depth - 1], out);
        }
    } while (status == S_OK && depth);
    while (depth) {
        free(levels[--depth].names);
    }
    return status;
}
