#include "node/learn/import/import_repair.h"

#include <string.h>
#include <strings.h>

enum { DECLARATION_MAX = 200, REFERENCE_MAX = 32 };

/* Bytes from 0x80 to 0x9f in Windows' page of Western Europe, in which tools write that do not know in which they do; the others are as in Latin-1. */
static const uint16_t of_1252[32] = {
    0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd,
    0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178,
};

static void letter_append(struct buffer *out, uint8_t byte)
{
    const uint16_t code = byte < 0xa0 ? of_1252[byte - 0x80] : byte;

    if (code >= 0x800) {
        buffer_append_u8(out, (uint8_t)(0xe0 | code >> 12));
    }
    buffer_append_u8(out, (uint8_t)(code >= 0x800 ? 0x80 | (code >> 6 & 0x3f) : 0xc0 | code >> 6));
    buffer_append_u8(out, (uint8_t)(0x80 | (code & 0x3f)));
}

/* Bytes of the character of UTF-8 that begins here; 0: there is none. */
static size_t character_size(struct bytes text)
{
    const uint8_t first = text.data[0];
    const size_t size = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;

    return size == 1 || (size > 1 && size <= text.size && utf8_is_valid(bytes_of(text.data, size))) ? size : 0;
}

/* "&amp;", "&#233;", "&#xe9;": what XML knows without being told. */
static bool is_reference(struct bytes text)
{
    static const char *const names[] = {"amp", "lt", "gt", "quot", "apos"};
    const size_t room = text.size < REFERENCE_MAX ? text.size : REFERENCE_MAX;
    const uint8_t *end = memchr(text.data, ';', room);
    const size_t size = end ? (size_t)(end - text.data) - 1 : 0; /* between "&" and ";" */
    const char *name = (const char *)text.data + 1;
    bool is_known = false;

    if (size > 1 && name[0] == '#') {
        const bool is_hex = size > 2 && name[1] == 'x';
        return strspn(name + (is_hex ? 2 : 1), is_hex ? "0123456789abcdefABCDEF" : "0123456789") == size - (is_hex ? 2 : 1);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        is_known = is_known || (size == strlen(names[i]) && memcmp(name, names[i], size) == 0);
    }
    return is_known;
}

static bool begins_with(struct bytes text, const char *word)
{
    return text.size >= strlen(word) && memcmp(text.data, word, strlen(word)) == 0;
}

/* Behind the last `end` in the text; its beginning where there is none. */
static const uint8_t *last_of(struct bytes text, const char *end)
{
    const uint8_t *behind = text.data, *found;

    while ((found = memmem(behind, text.size - (size_t)(behind - text.data), end, 3)) != NULL) {
        behind = found + 3;
    }
    return behind;
}

/* What is in a comment or in CDATA is taken as it is, with its end; 0: neither begins here. Where none ends any more none is looked for: many that
 * never end would cost the square of the text. */
static size_t literal_size(struct bytes text, const uint8_t *comment_last, const uint8_t *data_last)
{
    const bool is_comment = text.data < comment_last && begins_with(text, "<!--"), is_data = text.data < data_last && begins_with(text, "<![CDATA[");
    const uint8_t *end = is_comment || is_data ? memmem(text.data, text.size, is_comment ? "-->" : "]]>", 3) : NULL;

    return end ? (size_t)(end - text.data) + 3 : 0;
}

/* One character, or what stands in its place; its size in `text`. */
static size_t character_take(struct bytes text, bool is_literal, struct buffer *out)
{
    const size_t size = character_size(text);

    if (size == 0) {
        letter_append(out, text.data[0]);
        return 1;
    }
    if (text.data[0] < ' ' && !memchr("\t\n\r", text.data[0], 3)) {
        buffer_append_u8(out, ' ');
    } else {
        buffer_append(out, text.data, size);
    }
    if (text.data[0] == '&' && !is_literal && !is_reference(text)) {
        buffer_append(out, "amp;", 4);
    }
    return size;
}

/* An XML declaration that can be read byte by byte and says UTF-16 or another encoding of two bytes: without it the text is UTF-8. Its size. */
static size_t false_declaration(struct bytes text)
{
    char declaration[DECLARATION_MAX + 1];
    const uint8_t *end = begins_with(text, "<?xml") ? memmem(text.data, text.size, "?>", 2) : NULL;
    const size_t size = end ? (size_t)(end - text.data) + 2 : 0;

    if (size == 0 || size > DECLARATION_MAX) {
        return 0;
    }
    memcpy(declaration, text.data, size);
    declaration[size] = '\0';
    return strcasestr(declaration, "utf-16") || strcasestr(declaration, "ucs-2") || strcasestr(declaration, "unicode") ? size : 0;
}

void import_repair_text(struct bytes text, struct buffer *out)
{
    size_t literal_end = 0;

    text = import_source_unmarked(text);
    const uint8_t *comment_last = last_of(text, "-->"), *data_last = last_of(text, "]]>");
    for (size_t at = false_declaration(text); at < text.size;) {
        const struct bytes rest = bytes_of(text.data + at, text.size - at);
        if (at >= literal_end) {
            literal_end = at + literal_size(rest, comment_last, data_last);
        }
        at += character_take(rest, at < literal_end, out);
    }
}

xmlDoc *import_repair_parse(struct import_source *source, const struct import_file *file, struct report *report)
{
    struct report ignored = {.status = S_OK};
    struct import_file mended = *file;
    struct buffer text;
    xmlDoc *doc = import_xml_parse(file, report);

    if (doc || !file->content.data || report->status != S_INVALID) {
        return doc;
    }
    buffer_init(&text);
    import_repair_text(file->content, &text);
    mended.content = buffer_bytes(&text);
    doc = bytes_equal(mended.content, file->content) ? NULL : import_xml_parse(&mended, &ignored);
    if (doc) {
        import_source_note(source, "%s; it was read all the same, with its letters and \"&\" as they were meant", report->text);
        report_clear(report);
    }
    buffer_release(&text);
    return doc;
}
