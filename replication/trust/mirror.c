#include "replication/trust/mirror.h"

#include <stdio.h>
#include <string.h>

#include "replication/base/check.h"

static const char name[] = "mirror\x1f";

enum { NAME_SIZE = sizeof name - 1, KEY_HASH_SIZE = 16, HOST_MAX = 255, PORT_MAX = 65535 };

static bool is_letter_or_digit(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_any_of(uint8_t c, const char *set)
{
    return c != 0 && strchr(set, c) != NULL;
}

/* Bytes of the scheme and "://", in lower case; 0 for another one. */
static size_t scheme_size(const char *text)
{
    return strncmp(text, "http://", 7) == 0 ? 7 : strncmp(text, "https://", 8) == 0 ? 8 : 0;
}

/* Bytes of the host; 0 when it is none. */
static size_t host_size(const char *text)
{
    size_t size = 0;

    if (text[0] == '[') {
        while (is_letter_or_digit((uint8_t)text[size + 1]) || is_any_of((uint8_t)text[size + 1], ":.")) {
            size++;
        }
        return size > 1 && text[size + 1] == ']' ? size + 2 : 0;
    }
    while (is_letter_or_digit((uint8_t)text[size]) || is_any_of((uint8_t)text[size], "-._")) {
        size++;
    }
    return size <= HOST_MAX && text[0] != '.' && text[0] != '-' ? size : 0;
}

/* Bytes of ":PORT", 0 when there is none; SIZE_MAX for a wrong one. */
static size_t port_size(const char *text)
{
    unsigned port = 0;
    size_t size = 1;

    if (text[0] != ':') {
        return 0;
    }
    for (; text[size] >= '0' && text[size] <= '9' && size < 6; size++) {
        port = 10 * port + (unsigned)(text[size] - '0');
    }
    return size > 1 && port > 0 && port <= PORT_MAX ? size : SIZE_MAX;
}

static bool path_is_sound(const char *text)
{
    size_t size = strlen(text);

    for (size_t i = 0; i < size; i++) {
        if (!is_letter_or_digit((uint8_t)text[i]) && !is_any_of((uint8_t)text[i], "/-._~!$&'()*+,;=:%")) {
            return false;
        }
    }
    return (size == 0 || text[0] == '/') && strstr(text, "/../") == NULL &&
           !(size >= 3 && strcmp(text + size - 3, "/..") == 0);
}

enum status mirror_url_read(struct bytes text, char out[MIRROR_URL_MAX + 1], struct report *report)
{
    out[0] = '\0';
    if (text.size >= MIRROR_URL_MAX) {
        return report_set(report, S_TOO_LARGE, "the address of a mirror has at most %d bytes",
                          MIRROR_URL_MAX - 1);
    }
    if (text.size > 0 && memchr(text.data, 0, text.size)) {
        return report_set(report, S_INVALID, "the address of a mirror holds a zero byte");
    }
    snprintf(out, MIRROR_URL_MAX + 1, "%.*s", (int)text.size, (const char *)text.data);
    size_t at = scheme_size(out);
    size_t host = at > 0 ? host_size(out + at) : 0;
    size_t port = host > 0 ? port_size(out + at + host) : SIZE_MAX;
    if (at == 0) {
        report_set(report, S_INVALID, "'%s' does not begin with http:// or https://", out);
    } else if (host == 0 || port == SIZE_MAX) {
        report_set(report, S_INVALID, "'%s' names no host and port: write it as https://HOST[:PORT]/PATH/",
                   out);
    } else if (!path_is_sound(out + at + host + port)) {
        report_set(report, S_INVALID,
                   "'%s' has more than a path behind its host: no user, no '?', no '#', no '..', no blank",
                   out);
    } else {
        if (out[text.size - 1] != '/') {
            out[text.size] = '/';
            out[text.size + 1] = '\0';
        }
        return S_OK;
    }
    out[0] = '\0';
    return S_INVALID;
}

bool mirror_url_is_local(const char *url)
{
    const char *host = url + scheme_size(url);
    size_t size = host_size(host);

    return (size == 9 && strncmp(host, "localhost", 9) == 0) || (size > 4 && strncmp(host, "127.", 4) == 0) ||
           (size == 5 && strncmp(host, "[::1]", 5) == 0);
}

void mirror_key(const char *url, struct buffer *out)
{
    static const char digits[] = "0123456789abcdef";
    struct hash hash = hash_of(bytes_of(NULL, 0), bytes_text(url));
    char hex[2 * KEY_HASH_SIZE];

    for (size_t i = 0; i < KEY_HASH_SIZE; i++) {
        hex[2 * i] = digits[hash.b[i] >> 4];
        hex[2 * i + 1] = digits[hash.b[i] & 15];
    }
    buffer_clear(out);
    buffer_append(out, name, NAME_SIZE);
    buffer_append(out, hex, sizeof hex);
}

bool mirror_key_is(struct bytes key)
{
    return key.size == NAME_SIZE + 2 * KEY_HASH_SIZE && memcmp(key.data, name, NAME_SIZE) == 0;
}
