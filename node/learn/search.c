#include "node/learn/search.h"

#include <string.h>

#define REPLACEMENT ((uint32_t)' ')

/* The next character of `text` from `*at` on; REPLACEMENT for what is none. */
static uint32_t character_take(struct bytes text, size_t *at)
{
    const uint8_t *data = text.data + *at;
    size_t left = text.size - *at, length = data[0] < 0x80 ? 1 : data[0] >= 0xf0 ? 4 : data[0] >= 0xe0 ? 3 : data[0] >= 0xc0 ? 2 : 0;

    if (length == 0 || length > left || !utf8_is_valid(bytes_of(data, length))) {
        (*at)++;
        return REPLACEMENT;
    }
    *at += length;
    switch (length) {
    case 1:
        return data[0];
    case 2:
        return (uint32_t)(data[0] & 0x1f) << 6 | (data[1] & 0x3f);
    case 3:
        return (uint32_t)(data[0] & 0x0f) << 12 | (uint32_t)(data[1] & 0x3f) << 6 | (data[2] & 0x3f);
    }
    return (uint32_t)(data[0] & 0x07) << 18 | (uint32_t)(data[1] & 0x3f) << 12 | (uint32_t)(data[2] & 0x3f) << 6 | (data[3] & 0x3f);
}

static void character_put(uint32_t c, struct buffer *out)
{
    if (c < 0x80) {
        buffer_append_u8(out, (uint8_t)c);
    } else if (c < 0x800) {
        buffer_append_u8(out, (uint8_t)(0xc0 | c >> 6));
        buffer_append_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000) {
        buffer_append_u8(out, (uint8_t)(0xe0 | c >> 12));
        buffer_append_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
        buffer_append_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
    } else {
        buffer_append_u8(out, (uint8_t)(0xf0 | c >> 18));
        buffer_append_u8(out, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
        buffer_append_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
        buffer_append_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
    }
}

struct range {
    uint32_t first, last;
};

static bool is_in(uint32_t c, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (c >= ranges[i].first && c <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

/* Scripts that write no spaces between words. */
static bool is_unspaced(uint32_t c)
{
    static const struct range ranges[] = {
        {0x0e01, 0x0e4e}, {0x0e81, 0x0ece}, {0x1000, 0x109f}, {0x1780, 0x17d3}, {0x3005, 0x3007},
        {0x3041, 0x30ff}, {0x3400, 0x4dbf}, {0x4e00, 0x9fff}, {0xf900, 0xfaff}, {0x20000, 0x3fffd},
    };
    return is_in(c, ranges, sizeof ranges / sizeof *ranges);
}

/* One letter for the forms of it; 0 for what is not written in a word. */
static uint32_t letter_fold(uint32_t c)
{
    static const struct range marks[] = {{0x0610, 0x061a}, {0x0640, 0x0640}, {0x064b, 0x065f}, {0x0670, 0x0670}, {0x06d6, 0x06ed}, {0x200c, 0x200f}};

    if (is_in(c, marks, sizeof marks / sizeof *marks)) {
        return 0;
    }
    switch (c) {
    case 0x0622: /* alef with madda, hamza above, hamza below, wasla */
    case 0x0623:
    case 0x0625:
    case 0x0671:
        return 0x0627;
    case 0x0649: /* alef maksura, Persian yeh */
    case 0x06cc:
        return 0x064a;
    case 0x0629: /* teh marbuta */
        return 0x0647;
    case 0x06a9: /* Persian kaf */
        return 0x0643;
    default:
        return c;
    }
}

void search_fold(struct bytes text, struct buffer *out)
{
    for (size_t at = 0; at < text.size;) {
        uint32_t c = letter_fold(character_take(text, &at));
        if (c == 0) {
            continue;
        }
        if (is_unspaced(c)) {
            buffer_append_u8(out, ' ');
            character_put(c, out);
            buffer_append_u8(out, ' ');
        } else {
            character_put(c, out);
        }
    }
    buffer_append_u8(out, ' ');
}

/* A character that may stand inside a quoted word of a query. What the tokenizer takes for a separator in it makes it a phrase. */
static bool is_wordly(uint32_t c)
{
    return c > ' ' && c != '"' && c != 0x3000 && c != 0xa0 && (c < 0x2000 || c > 0x206f);
}

/* Letters and digits of ASCII, and everything beyond: a word of other signs alone would be an empty phrase, which finds nothing. */
static bool is_letter(uint32_t c)
{
    return c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

void search_query(struct bytes words, struct buffer *out)
{
    size_t count = 0, start = out->size;
    bool is_inside = false, has_letter = false;

    for (size_t at = 0; at <= words.size && count < SEARCH_WORDS_MAX;) {
        uint32_t c = REPLACEMENT;
        if (at < words.size) {
            c = character_take(words, &at);
        } else {
            at++;
        }
        c = is_wordly(c) ? letter_fold(c) : ' ';
        if (c == 0) {
            continue;
        }
        if (c == ' ') {
            if (is_inside && has_letter) {
                buffer_append(out, "\"* ", 3);
                count++;
            } else {
                out->size = is_inside ? start : out->size;
            }
            is_inside = has_letter = false;
            continue;
        }
        if (!is_inside) {
            start = out->size;
            buffer_append_u8(out, '"');
            is_inside = true;
        }
        has_letter = has_letter || is_letter(c);
        if (is_unspaced(c)) {
            buffer_append_u8(out, ' ');
        }
        character_put(c, out);
        if (is_unspaced(c)) {
            buffer_append_u8(out, ' ');
        }
    }
}
