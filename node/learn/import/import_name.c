/* Bytes from 0x80 on, in their order; those below are ASCII. */
#include "node/learn/import/import_name.h"

#include <archive_entry.h>
#include <string.h>

#include "replication/base/check.h"

static const uint16_t upper_half[128] = {
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

bool import_name_decode(struct bytes name, char *out, size_t size)
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

static bool is_ascii(const char *name)
{
    while (*name && !(*name & 0x80)) {
        name++;
    }
    return *name == '\0';
}

void import_name_compose(const char *name, struct buffer *out)
{
    const char *composed = NULL;
    struct archive_entry *entry = NULL;

    if (!is_ascii(name) && utf8_is_valid(bytes_text(name))) {
        entry = archive_entry_new();
        CHECK(entry);
        archive_entry_set_pathname_utf8(entry, name);
        composed = archive_entry_pathname(entry); /* read from UTF-8, as the names of archives are */
    }
    composed = composed && *composed ? composed : name;
    buffer_append(out, composed, strlen(composed));
    archive_entry_free(entry);
}
