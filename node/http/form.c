#include "node/http/form.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { BOUNDARY_MAX = 70 }; /* RFC 2046 */

static int hex_digit(uint8_t c)
{
    return isdigit(c) ? c - '0' : isxdigit(c) ? tolower(c) - 'a' + 10 : -1;
}

/* Decodes one urlencoded value. */
static void value_decode(struct bytes value, struct buffer *out)
{
    for (size_t i = 0; i < value.size; i++) {
        uint8_t c = value.data[i];
        int high = i + 2 < value.size ? hex_digit(value.data[i + 1]) : -1;
        int low = i + 2 < value.size ? hex_digit(value.data[i + 2]) : -1;
        if (c == '%' && high >= 0 && low >= 0) {
            c = (uint8_t)(high << 4 | low);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        buffer_append_u8(out, c);
    }
}

static bool urlencoded_first(struct bytes body, struct buffer *out)
{
    while (body.size) {
        const uint8_t *end = memchr(body.data, '&', body.size);
        size_t size = end ? (size_t)(end - body.data) : body.size;
        const uint8_t *equals = memchr(body.data, '=', size);
        if (equals && equals + 1 < body.data + size) {
            value_decode(bytes_of(equals + 1, size - (size_t)(equals + 1 - body.data)), out);
            return true;
        }
        body = bytes_of(body.data + size + (end != NULL), body.size - size - (end != NULL));
    }
    return false;
}

/* "--" and the boundary of the Content-Type; false when it has none that can be. */
static bool boundary_read(const char *type, char out[BOUNDARY_MAX + 3])
{
    const char *start = strstr(type, "boundary=");
    size_t length = 0;

    if (!start) {
        return false;
    }
    start += strlen("boundary=");
    if (*start == '"') {
        start++;
        length = strcspn(start, "\"");
    } else {
        length = strcspn(start, "; \t");
    }
    if (length == 0 || length > BOUNDARY_MAX) {
        return false;
    }
    snprintf(out, BOUNDARY_MAX + 3, "--%.*s", (int)length, start);
    return true;
}

static const uint8_t *find(struct bytes in, const char *what)
{
    return in.size ? memmem(in.data, in.size, what, strlen(what)) : NULL;
}

static bool multipart_first(const char *type, struct bytes body, struct buffer *out)
{
    char boundary[BOUNDARY_MAX + 3], end_mark[BOUNDARY_MAX + 5];

    if (!boundary_read(type, boundary)) {
        return false;
    }
    snprintf(end_mark, sizeof end_mark, "\r\n%s", boundary);
    const uint8_t *part = find(body, boundary), *limit = body.data + body.size;
    while (part) {
        const uint8_t *content = find(bytes_of(part, (size_t)(limit - part)), "\r\n\r\n");
        if (!content) {
            return false;
        }
        content += 2; /* the empty line's own end may begin the mark of an empty part */
        const uint8_t *end = find(bytes_of(content, (size_t)(limit - content)), end_mark);
        if (!end) {
            return false;
        }
        if (end > content + 2) {
            buffer_append(out, content + 2, (size_t)(end - content - 2));
            return true;
        }
        part = end + 2;
        if (limit - part >= (ptrdiff_t)strlen(boundary) + 2 &&
            memcmp(part + strlen(boundary), "--", 2) == 0) {
            return false;
        }
    }
    return false;
}

bool form_first(const char *type, struct bytes body, struct buffer *out)
{
    if (type && strncasecmp(type, "multipart/form-data", 19) == 0) {
        return multipart_first(type, body, out);
    }
    return type && strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0 &&
           urlencoded_first(body, out);
}
