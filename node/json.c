#include "node/json.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/timestamp.h"
#include "replication/base/check.h"

/* What parts values in `text`, outside of strings; counting ends above `max`. */
static size_t values_count(struct bytes text, size_t max)
{
    bool is_string = false;
    size_t count = 0;

    for (size_t i = 0; i < text.size && count <= max; i++) {
        switch (text.data[i]) {
        case '"':
            is_string = !is_string;
            break;
        case '\\':
            i += is_string;
            break;
        case '{':
        case '[':
        case ',':
        case ':':
            count += !is_string;
            break;
        default:
            break;
        }
    }
    return count;
}

json_t *json_read(struct bytes text, size_t flags, size_t values_max, json_error_t *error_out)
{
    json_error_t error;

    if (values_count(text, values_max) > values_max) {
        if (error_out) {
            *error_out = (json_error_t){.line = 1};
            snprintf(error_out->text, sizeof error_out->text, "it holds more than %zu values", values_max);
        }
        return NULL;
    }
    return json_loadb((const char *)text.data, text.size, flags, error_out ? error_out : &error);
}

json_t *json_member(json_t *object, const char *path)
{
    while (object) {
        size_t length = strcspn(path, ".");
        object = json_object_getn(object, path, length);
        if (!path[length]) {
            return object;
        }
        path += length + 1;
    }
    return NULL;
}

json_t *json_file_name(const char *name)
{
    json_t *text = json_string(name);

    if (!text) {
        char *shown = strdup(name);
        CHECK(shown);
        for (char *c = shown; *c; c++) {
            *c = (unsigned char)*c < 0x80 ? *c : '?';
        }
        text = json_string(shown);
        free(shown);
    }
    CHECK(text);
    return text;
}

json_t *json_time(uint64_t ms)
{
    char text[TIMESTAMP_TEXT_SIZE];

    if (ms == 0 || ms > (uint64_t)TIMESTAMP_MS_MAX) {
        return json_null();
    }
    timestamp_format((int64_t)ms, text);
    return json_string(text);
}
