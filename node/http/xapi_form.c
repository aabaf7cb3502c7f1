#include "node/http/xapi_form.h"

#include <stdio.h>
#include <string.h>

static int hex_digit(int c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Decodes into the arena; NULL when it cannot. */
static char *decode(struct bytes text, struct arena *arena, size_t *size_out)
{
    char *out = arena_alloc(arena, text.size + 1);
    size_t size = 0;

    for (size_t i = 0; out && i < text.size; i++) {
        int c = text.data[i];
        if (c == '%') {
            int high = i + 2 < text.size ? hex_digit(text.data[i + 1]) : -1,
                low = high >= 0 ? hex_digit(text.data[i + 2]) : -1;
            if (low < 0) {
                return NULL;
            }
            c = high * 16 + low;
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        if (c == 0) {
            return NULL;
        }
        out[size++] = (char)c;
    }
    if (out) {
        out[size] = '\0';
        *size_out = size;
    }
    return out;
}

const struct form_pair *form_find(const struct form_pair *pairs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(pairs[i].name, name) == 0) {
            return &pairs[i];
        }
    }
    return NULL;
}

/* One "name=value". */
static bool pair_read(struct bytes text, struct arena *arena, struct form_pair *pair)
{
    const uint8_t *equals = memchr(text.data, '=', text.size);
    size_t name_size = equals ? (size_t)(equals - text.data) : text.size, ignored;

    pair->name = decode(bytes_of(text.data, name_size), arena, &ignored);
    pair->value =
        decode(bytes_of(text.data + name_size + (equals != NULL), text.size - name_size - (equals != NULL)),
               arena, &pair->value_size);
    return pair->name && pair->value;
}

int form_parse(struct bytes body, struct arena *arena, struct form_pair pairs[FORM_PAIRS_MAX])
{
    size_t at = 0, count = 0;

    while (at < body.size) {
        const uint8_t *end = memchr(body.data + at, '&', body.size - at);
        size_t size = end ? (size_t)(end - body.data) - at : body.size - at;
        if (size > 0) {
            if (count == FORM_PAIRS_MAX || !pair_read(bytes_of(body.data + at, size), arena, &pairs[count]) ||
                form_find(pairs, count, pairs[count].name)) {
                return -1;
            }
            count++;
        }
        at += size + 1;
    }
    return (int)count;
}
