/* Bytes from 0x80 on, in their order; those below are ASCII. */
#include "node/learn/import/import_name.h"

#include <archive_entry.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>
#include <wctype.h>

#include "replication/base/check.h"

static const uint16_t of_437[128] = {
    0x00c7, 0x00fc, 0x00e9, 0x00e2, 0x00e4, 0x00e0, 0x00e5, 0x00e7, 0x00ea, 0x00eb, 0x00e8, 0x00ef,
    0x00ee, 0x00ec, 0x00c4, 0x00c5, 0x00c9, 0x00e6, 0x00c6, 0x00f4, 0x00f6, 0x00f2, 0x00fb, 0x00f9,
    0x00ff, 0x00d6, 0x00dc, 0x00a2, 0x00a3, 0x00a5, 0x20a7, 0x0192, 0x00e1, 0x00ed, 0x00f3, 0x00fa,
    0x00f1, 0x00d1, 0x00aa, 0x00ba, 0x00bf, 0x2310, 0x00ac, 0x00bd, 0x00bc, 0x00a1, 0x00ab, 0x00bb,
    0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557,
    0x255d, 0x255c, 0x255b, 0x2510, 0x2514, 0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f,
    0x255a, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256c, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559,
    0x2558, 0x2552, 0x2553, 0x256b, 0x256a, 0x2518, 0x250c, 0x2588, 0x2584, 0x258c, 0x2590, 0x2580,
    0x03b1, 0x00df, 0x0393, 0x03c0, 0x03a3, 0x03c3, 0x00b5, 0x03c4, 0x03a6, 0x0398, 0x03a9, 0x03b4,
    0x221e, 0x03c6, 0x03b5, 0x2229, 0x2261, 0x00b1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00f7, 0x2248,
    0x00b0, 0x2219, 0x00b7, 0x221a, 0x207f, 0x00b2, 0x25a0, 0x00a0,
};
/* As DOS and Windows have it for Arabic; the C library does not. */
static const uint16_t of_720[128] = {
    0x0080, 0x0081, 0x00e9, 0x00e2, 0x0084, 0x00e0, 0x0086, 0x00e7, 0x00ea, 0x00eb, 0x00e8, 0x00ef, 0x00ee,
    0x008d, 0x008e, 0x008f, 0x0090, 0x0651, 0x0652, 0x00f4, 0x00a4, 0x0640, 0x00fb, 0x00f9, 0x0621, 0x0622,
    0x0623, 0x0624, 0x00a3, 0x0625, 0x0626, 0x0627, 0x0628, 0x0629, 0x062a, 0x062b, 0x062c, 0x062d, 0x062e,
    0x062f, 0x0630, 0x0631, 0x0632, 0x0633, 0x0634, 0x0635, 0x00ab, 0x00bb, 0x2591, 0x2592, 0x2593, 0x2502,
    0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557, 0x255d, 0x255c, 0x255b, 0x2510, 0x2514,
    0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f, 0x255a, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550,
    0x256c, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256b, 0x256a, 0x2518, 0x250c,
    0x2588, 0x2584, 0x258c, 0x2590, 0x2580, 0x0636, 0x0637, 0x0638, 0x0639, 0x063a, 0x0641, 0x00b5, 0x0642,
    0x0643, 0x0644, 0x0645, 0x0646, 0x0647, 0x0648, 0x0649, 0x064a, 0x2261, 0x064b, 0x064c, 0x064d, 0x064e,
    0x064f, 0x0650, 0x2248, 0x00b0, 0x2219, 0x00b7, 0x221a, 0x207f, 0x00b2, 0x25a0, 0x00a0,
};

/* A table of ours, or the C library's. */
struct page {
    const uint16_t *upper_half;
    const char *name;
    iconv_t conversion;
};

enum { PAGES_MAX = 3, RAW_SIZE_MAX = 4096 };
static struct page pages[PAGES_MAX] = {{.upper_half = of_437}};
static size_t page_count = 1;

/* What programs of a country write names in: that of DOS first, where Windows has another one as well. */
static const struct {
    const char *lang; /* the beginning of a tag */
    struct page pages[PAGES_MAX - 1];
} of_language[] = {
    {"ar", {{.upper_half = of_720}, {.name = "CP1256"}}},
    {"ja", {{.name = "CP932"}}},
    {"kk", {{.name = "CP866"}, {.name = "CP1251"}}},
    {"ko", {{.name = "CP949"}}},
    {"ky", {{.name = "CP866"}, {.name = "CP1251"}}},
    {"mn", {{.name = "CP866"}, {.name = "CP1251"}}},
    {"ru", {{.name = "CP866"}, {.name = "CP1251"}}},
    {"tg", {{.name = "CP866"}, {.name = "CP1251"}}},
    {"zh-hant", {{.name = "CP950"}, {.name = "GB18030"}}},
    {"zh-hk", {{.name = "CP950"}, {.name = "GB18030"}}},
    {"zh-tw", {{.name = "CP950"}, {.name = "GB18030"}}},
    {"zh", {{.name = "GB18030"}, {.name = "CP950"}}},
};

static bool is_tag_of(const char *tag, const char *lang)
{
    size_t size = strlen(lang);

    return strncasecmp(tag, lang, size) == 0 && (tag[size] == '\0' || tag[size] == '-');
}

void import_name_prepare(const char *lang)
{
    size_t row = 0, count = sizeof of_language / sizeof *of_language;

    while (row < count && !is_tag_of(lang, of_language[row].lang)) {
        row++;
    }
    for (; page_count > 0; page_count--) {
        if (pages[page_count - 1].name) {
            iconv_close(pages[page_count - 1].conversion);
        }
    }
    for (size_t i = 0; row < count && i < PAGES_MAX - 1; i++) {
        struct page page = of_language[row].pages[i];
        page.conversion = page.name ? iconv_open("UTF-8", page.name) : NULL;
        if (page.upper_half || (page.name && page.conversion != (iconv_t)-1)) { /* a system without it has the others */
            pages[page_count++] = page;
        }
    }
    pages[page_count++] = (struct page){.upper_half = of_437};
}

static bool decode_by_table(const uint16_t *upper_half, struct bytes name, char *out, size_t size)
{
    size_t used = 0;

    for (size_t i = 0; i < name.size; i++) {
        uint8_t byte = name.data[i];
        uint16_t code = byte < 0x80 ? byte : upper_half[byte - 0x80];
        size_t width = code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
        if (used + width >= size) {
            return false;
        }
        if (code < 0x80) {
            out[used++] = (char)code;
        } else if (code < 0x800) {
            out[used++] = (char)(0xc0 | code >> 6);
            out[used++] = (char)(0x80 | (code & 0x3f));
        } else {
            out[used++] = (char)(0xe0 | code >> 12);
            out[used++] = (char)(0x80 | (code >> 6 & 0x3f));
            out[used++] = (char)(0x80 | (code & 0x3f));
        }
    }
    if (size == 0) {
        return false;
    }
    out[used] = '\0';
    return true;
}

static bool decode_by_library(iconv_t conversion, struct bytes name, char *out, size_t size)
{
    char *from = (char *)name.data, *to = out;
    size_t from_size = name.size, to_size = size > 0 ? size - 1 : 0;

    (void)iconv(conversion, NULL, NULL, NULL, NULL);
    if (size == 0 || iconv(conversion, &from, &from_size, &to, &to_size) != 0) {
        return false;
    }
    *to = '\0';
    return true;
}

size_t import_name_pages(void)
{
    return page_count;
}

bool import_name_decode(size_t page, struct bytes name, char *out, size_t size)
{
    CHECK(page < page_count);
    return pages[page].upper_half ? decode_by_table(pages[page].upper_half, name, out, size) : decode_by_library(pages[page].conversion, name, out, size);
}

/* In names of files stand neither lines and blocks, nor characters that nobody has: they are what another page's letters look like. Nor, beside Cyrillic
 * letters, the last ones of code page 866, which Windows has as common letters. */
static bool is_of_a_name(wint_t c)
{
    static const wint_t rare[] = {0x00a4, 0x0404, 0x0407, 0x040e, 0x0454, 0x0457, 0x045e, 0x2219, 0x221a, 0x25a0};
    bool is_rare = false;

    for (size_t i = 0; i < sizeof rare / sizeof *rare; i++) {
        is_rare = is_rare || c == rare[i];
    }
    return !is_rare && !(c >= 0x2500 && c <= 0x259f) && !(c >= 0xe000 && c <= 0xf8ff) && (c == 0xa0 || iswprint(c));
}

bool import_name_is_likely(size_t page, struct bytes name)
{
    static char text[UTF8_SIZE_MAX * RAW_SIZE_MAX + 1];
    bool is_likely = name.size <= RAW_SIZE_MAX && import_name_decode(page, name, text, sizeof text);
    mbstate_t state = {0};
    wchar_t c;

    for (const char *at = text; is_likely && *at;) {
        size_t width = mbrtowc(&c, at, UTF8_SIZE_MAX, &state);
        is_likely = width <= UTF8_SIZE_MAX && is_of_a_name((wint_t)c);
        at += width;
    }
    return is_likely;
}

/* Is there a character that may be joined with the one before it? Blocks of them in UTF-8, by their first two bytes; most names have none, and
 * libarchive need not even be loaded. */
static bool has_parts(const char *name)
{
    static const struct {
        uint8_t lead, from, to;
    } blocks[] = {
        {0xcc, 0x80, 0xbf}, {0xcd, 0x80, 0xbf}, /* Latin, Greek, Cyrillic */
        {0xd9, 0x93, 0x95},                     /* Arabic */
        {0xe0, 0xa4, 0xb7},                     /* India */
        {0xe1, 0x80, 0x80}, {0xe1, 0x84, 0x87}, {0xe1, 0xac, 0xac}, /* Burmese, Korean, Balinese */
        {0xe3, 0x82, 0x82},                     /* Japanese */
        {0xf0, 0x80, 0xbf},
    };

    for (const uint8_t *c = (const uint8_t *)name; *c; c++) {
        for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
            if (c[0] == blocks[i].lead && c[1] >= blocks[i].from && c[1] <= blocks[i].to) {
                return true;
            }
        }
    }
    return false;
}

void import_name_compose(const char *name, struct buffer *out)
{
    const char *composed = NULL;
    struct archive_entry *entry = NULL;

    if (has_parts(name) && utf8_is_valid(bytes_text(name))) {
        entry = archive_entry_new();
        CHECK(entry);
        archive_entry_set_pathname_utf8(entry, name);
        composed = archive_entry_pathname(entry); /* read from UTF-8, as the names of archives are */
    }
    composed = composed && *composed ? composed : name;
    buffer_append(out, composed, strlen(composed));
    archive_entry_free(entry);
}

void import_name_compose_bytes(struct bytes name, struct buffer *out)
{
    struct buffer text;

    buffer_init(&text);
    buffer_append(&text, name.data, name.size);
    buffer_append_u8(&text, '\0');
    import_name_compose((const char *)text.data, out);
    buffer_release(&text);
}

void import_name_compose_prepare(void)
{
    archive_entry_free(archive_entry_new()); /* loads it */
}
