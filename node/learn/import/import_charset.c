#include "node/learn/import/import_charset.h"

#include <string.h>

#include "replication/base/check.h"

enum { ESCAPE = 0x1b };

void import_charset_begin(struct import_charset *charset)
{
    memset(charset, 0, sizeof *charset);
}

/* The first byte of a character; false when none begins so. */
static bool lead(struct import_charset *charset, uint8_t byte)
{
    charset->low = 0x80;
    charset->high = 0xbf;
    if (byte < 0x80) {
        return byte != 0 && byte != ESCAPE;
    }
    if (byte >= 0xc2 && byte <= 0xdf) {
        charset->rest = 1;
    } else if (byte >= 0xe0 && byte <= 0xef) {
        charset->rest = 2;
        charset->low = byte == 0xe0 ? 0xa0 : 0x80;  /* none that fits two bytes */
        charset->high = byte == 0xed ? 0x9f : 0xbf; /* no surrogate */
    } else if (byte >= 0xf0 && byte <= 0xf4) {
        charset->rest = 3;
        charset->low = byte == 0xf0 ? 0x90 : 0x80;
        charset->high = byte == 0xf4 ? 0x8f : 0xbf;
    }
    return charset->rest > 0;
}

static bool follow(struct import_charset *charset, uint8_t byte)
{
    bool fits = byte >= charset->low && byte <= charset->high;

    charset->low = 0x80;
    charset->high = 0xbf;
    charset->rest--;
    return fits;
}

void import_charset_take(struct import_charset *charset, struct bytes data)
{
    for (size_t i = 0; i < data.size && !charset->is_other; i++) {
        CHECK(charset->rest <= 3);
        charset->is_other =
            !(charset->rest > 0 ? follow(charset, data.data[i]) : lead(charset, data.data[i]));
    }
}

bool import_charset_is_utf8(const struct import_charset *charset)
{
    return !charset->is_other && charset->rest == 0;
}
