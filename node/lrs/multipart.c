#include "node/lrs/multipart.h"

#include <string.h>
#include <strings.h>

/* Where `needle` begins in `text` at or after `from`; text.size when nowhere. */
static size_t find(struct bytes text, size_t from, struct bytes needle)
{
    if (from > text.size) {
        return text.size;
    }
    const uint8_t *found = memmem(text.data + from, text.size - from, needle.data, needle.size);
    return found ? (size_t)(found - text.data) : text.size;
}

static bool may_stand_in_boundary(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("'()+_,-./:=? ", c));
}

bool multipart_boundary(const char *content_type, char out[MULTIPART_BOUNDARY_MAX + 1])
{
    const char *at = content_type ? strchr(content_type, ';') : NULL;

    while (at) {
        at++;
        at += strspn(at, " \t");
        if (strncasecmp(at, "boundary=", 9) == 0) {
            break;
        }
        at = strchr(at, ';');
    }
    if (!at) {
        return false;
    }
    at += 9;
    bool is_quoted = *at == '"';
    at += is_quoted;
    size_t size = strcspn(at, is_quoted ? "\"" : "; \t");
    if (size == 0 || size > MULTIPART_BOUNDARY_MAX || (is_quoted && at[size] != '"') || at[size - 1] == ' ') {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (!may_stand_in_boundary(at[i])) {
            return false;
        }
    }
    memcpy(out, at, size);
    out[size] = '\0';
    return true;
}

/* --- reading --- */

static struct bytes trim(struct bytes text)
{
    while (text.size && (text.data[0] == ' ' || text.data[0] == '\t')) {
        text = bytes_of(text.data + 1, text.size - 1);
    }
    while (text.size && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t' ||
                         text.data[text.size - 1] == '\r')) {
        text.size--;
    }
    return text;
}

static bool is_name(struct bytes name, const char *text)
{
    return name.size == strlen(text) && strncasecmp((const char *)name.data, text, name.size) == 0;
}

static bool header_read(struct bytes line, struct multipart_part *part)
{
    const uint8_t *colon = line.size ? memchr(line.data, ':', line.size) : NULL;

    if (!colon) {
        return false;
    }
    struct bytes name = trim(bytes_of(line.data, (size_t)(colon - line.data)));
    struct bytes value = trim(bytes_of(colon + 1, line.size - (size_t)(colon - line.data) - 1));
    if (is_name(name, "Content-Type")) {
        part->media_type = value;
    } else if (is_name(name, "Content-Transfer-Encoding")) {
        part->encoding = value;
    } else if (is_name(name, "X-Experience-API-Hash")) {
        part->hash = value;
    }
    return true;
}

/* Headers up to an empty line, then the body. */
static bool part_read(struct bytes text, struct multipart_part *part)
{
    size_t at = 0;

    memset(part, 0, sizeof *part);
    while (at < text.size && at < MULTIPART_HEADERS_MAX) {
        size_t end = find(text, at, bytes_text("\r\n"));
        if (end == text.size) {
            return false;
        }
        if (end == at) {
            part->body = bytes_of(text.data + at + 2, text.size - at - 2);
            return true;
        }
        if (!header_read(bytes_of(text.data + at, end - at), part)) {
            return false;
        }
        at = end + 2;
    }
    return false;
}

enum status multipart_parse(struct bytes body, const char *boundary, struct multipart *multipart,
                            struct report *report)
{
    char delimiter[MULTIPART_BOUNDARY_MAX + 5] = "\r\n--";
    size_t at;

    strncat(delimiter, boundary, MULTIPART_BOUNDARY_MAX);
    struct bytes mark = bytes_text(delimiter), first = bytes_text(delimiter + 2);
    multipart->count = 0;
    if (body.size >= first.size && memcmp(body.data, first.data, first.size) == 0) {
        at = first.size;
    } else {
        at = find(body, 0, mark);
        if (at == body.size) {
            return report_set(report, S_INVALID, "multipart: the boundary stands nowhere");
        }
        at += mark.size;
    }
    while (at + 2 > body.size || memcmp(body.data + at, "--", 2) != 0) {
        size_t line = find(body, at, bytes_text("\r\n"));
        size_t end = find(body, line, mark);
        if (line == body.size || trim(bytes_of(body.data + at, line - at)).size > 0 || end == body.size) {
            return report_set(report, S_INVALID, "multipart: part %zu has no end", multipart->count + 1);
        }
        if (multipart->count == MULTIPART_PARTS_MAX) {
            return report_set(report, S_TOO_LARGE, "multipart: more than %d parts", MULTIPART_PARTS_MAX);
        }
        size_t start = line + 2;
        if (start > end ||
            !part_read(bytes_of(body.data + start, end - start), &multipart->parts[multipart->count])) {
            return report_set(report, S_INVALID, "multipart: the headers of part %zu cannot be read",
                              multipart->count + 1);
        }
        multipart->count++;
        at = end + mark.size;
    }
    return multipart->count ? S_OK : report_set(report, S_INVALID, "multipart: there are no parts");
}

/* --- writing --- */

static void text_append(struct buffer *out, const char *text)
{
    buffer_append(out, text, strlen(text));
}

void multipart_add(struct buffer *out, const char *boundary, struct bytes media_type, const char *hash,
                   struct bytes body)
{
    text_append(out, "--");
    text_append(out, boundary);
    text_append(out, "\r\nContent-Type: ");
    buffer_append(out, media_type.data, media_type.size);
    if (hash) {
        text_append(out, "\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: ");
        text_append(out, hash);
    }
    text_append(out, "\r\n\r\n");
    buffer_append(out, body.data, body.size);
    text_append(out, "\r\n");
}

void multipart_end(struct buffer *out, const char *boundary)
{
    text_append(out, "--");
    text_append(out, boundary);
    text_append(out, "--\r\n");
}
