#include "node/lrs/format.h"

#include <stdio.h>
#include <string.h>

/* A tag of TAG_MAX holds no more variants than these, of four signs and a hyphen each. */
enum { TAG_MAX = 100, SUBTAG_MAX = 8, VARIANTS_MAX = TAG_MAX / 5 };

static bool is_alpha(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(int c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* --- IRIs, addresses, digests --- */

bool format_is_iri(struct bytes text)
{
    size_t colon = 0;

    if (text.size == 0 || !is_alpha(text.data[0])) {
        return false;
    }
    while (colon < text.size && text.data[colon] != ':') {
        int c = text.data[colon++];
        if (!is_alpha(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') {
            return false;
        }
    }
    if (colon + 1 >= text.size) {
        return false;
    }
    for (size_t i = colon + 1; i < text.size; i++) {
        int c = text.data[i];
        if (c <= 0x20 || c == 0x7f || strchr("<>\"{}|\\^`", c)) {
            return false;
        }
    }
    return true;
}

bool format_is_mailto(struct bytes text)
{
    static const char scheme[] = "mailto:";
    size_t at = 0, signs = 0;

    if (text.size <= sizeof scheme || memcmp(text.data, scheme, sizeof scheme - 1) != 0 ||
        !format_is_iri(text)) {
        return false;
    }
    for (size_t i = sizeof scheme - 1; i < text.size; i++) {
        int c = text.data[i];
        if (c == '@') {
            at = i;
            signs++;
        } else if (c == ',' || c == '?' || c == '/') {
            return false;
        }
    }
    return signs == 1 && at > sizeof scheme - 1 && at + 1 < text.size && text.data[at + 1] != '.' &&
           text.data[text.size - 1] != '.';
}

bool format_is_hex(struct bytes text, size_t digits)
{
    if (text.size != digits) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        if (!is_hex(text.data[i])) {
            return false;
        }
    }
    return true;
}

bool format_is_sha2(struct bytes text)
{
    return format_is_hex(text, 56) || format_is_hex(text, 64) || format_is_hex(text, 96) ||
           format_is_hex(text, 128);
}

/* A token of RFC 9110. */
static bool is_token(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        int c = text.data[i];
        if (!is_alpha(c) && !is_digit(c) && (c == 0 || !strchr("!#$%&'*+-.^_`|~", c))) {
            return false;
        }
    }
    return text.size > 0;
}

bool format_is_media_type(struct bytes text)
{
    const uint8_t *semicolon = text.size ? memchr(text.data, ';', text.size) : NULL;
    size_t size = semicolon ? (size_t)(semicolon - text.data) : text.size;

    while (size > 0 && text.data[size - 1] == ' ') {
        size--;
    }
    const uint8_t *slash = size ? memchr(text.data, '/', size) : NULL;
    if (!slash) {
        return false;
    }
    size_t type = (size_t)(slash - text.data);
    return is_token(bytes_of(text.data, type)) && is_token(bytes_of(slash + 1, size - type - 1));
}

/* --- language tags --- */

struct subtags {
    struct bytes text;
    size_t at;
    struct bytes next; /* the subtag to be looked at; empty at the end */
};

static void subtag_step(struct subtags *tags)
{
    size_t start = tags->at;

    while (tags->at < tags->text.size && tags->text.data[tags->at] != '-') {
        tags->at++;
    }
    tags->next = bytes_of(tags->text.data + start, tags->at - start);
    tags->at += tags->at < tags->text.size;
}

static bool is_all(struct bytes text, bool (*is)(int))
{
    for (size_t i = 0; i < text.size; i++) {
        if (!is(text.data[i])) {
            return false;
        }
    }
    return true;
}

static bool is_alphanumeric(int c)
{
    return is_alpha(c) || is_digit(c);
}

static bool is_variant(struct bytes text)
{
    return (text.size >= 5 || (text.size == 4 && is_digit(text.data[0]))) && text.size <= SUBTAG_MAX;
}

static bool is_singleton(struct bytes text)
{
    return text.size == 1 && (text.data[0] | 32) != 'x';
}

static bool region_and_variants_take(struct subtags *tags)
{
    struct bytes variants[VARIANTS_MAX];
    size_t count = 0;

    if (tags->next.size == 4 && is_all(tags->next, is_alpha)) {
        subtag_step(tags);
    }
    if ((tags->next.size == 2 && is_all(tags->next, is_alpha)) ||
        (tags->next.size == 3 && is_all(tags->next, is_digit))) {
        subtag_step(tags);
    }
    while (is_variant(tags->next)) {
        for (size_t i = 0; i < count; i++) {
            if (variants[i].size == tags->next.size &&
                strncasecmp((const char *)variants[i].data, (const char *)tags->next.data, tags->next.size) ==
                    0) {
                return false;
            }
        }
        variants[count++] = tags->next;
        subtag_step(tags);
    }
    return true;
}

/* Behind each singleton its extension; none of them twice (RFC 5646 section 2.2.6). */
static bool extensions_take(struct subtags *tags)
{
    bool is_used[256] = {false};

    while (is_singleton(tags->next)) {
        int singleton = tags->next.data[0] | 32;
        subtag_step(tags);
        if (tags->next.size < 2 || is_used[singleton]) {
            return false;
        }
        is_used[singleton] = true;
        while (tags->next.size >= 2) {
            subtag_step(tags);
        }
    }
    if (tags->next.size == 1) { /* private use */
        subtag_step(tags);
        if (tags->next.size == 0) {
            return false;
        }
        while (tags->next.size > 0) {
            subtag_step(tags);
        }
    }
    return tags->next.size == 0;
}

/* RFC 5646's irregular tags, which are older than its grammar. */
static bool is_irregular(struct bytes text)
{
    static const char *const tags[] = {"en-GB-oed", "i-ami", "i-bnn",     "i-default", "i-enochian", "i-hak",
                                       "i-klingon", "i-lux", "i-mingo",   "i-navajo",  "i-pwn",      "i-tao",
                                       "i-tay",     "i-tsu", "sgn-BE-FR", "sgn-BE-NL", "sgn-CH-DE"};

    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        if (strlen(tags[i]) == text.size && strncasecmp(tags[i], (const char *)text.data, text.size) == 0) {
            return true;
        }
    }
    return false;
}

bool format_is_language(struct bytes text)
{
    struct subtags tags = {.text = text};

    if (text.size == 0 || text.size > TAG_MAX || text.data[text.size - 1] == '-') {
        return false;
    }
    for (struct subtags all = tags; all.at < text.size;) {
        subtag_step(&all);
        if (all.next.size == 0 || all.next.size > SUBTAG_MAX || !is_all(all.next, is_alphanumeric)) {
            return false;
        }
    }
    subtag_step(&tags);
    if (tags.next.size == 1 && (tags.next.data[0] | 32) == 'x') {
        return extensions_take(&tags);
    }
    if (tags.next.size < 2 || !is_all(tags.next, is_alpha)) {
        return is_irregular(text);
    }
    bool may_extend = tags.next.size <= 3;
    subtag_step(&tags);
    for (int i = 0; may_extend && i < 3 && tags.next.size == 3 && is_all(tags.next, is_alpha); i++) {
        subtag_step(&tags);
    }
    return (region_and_variants_take(&tags) && extensions_take(&tags)) || is_irregular(text);
}
