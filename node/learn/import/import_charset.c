#include "node/learn/import/import_charset.h"

#include <string.h>

enum { ESCAPE = 0x1b };

void import_charset_begin(struct import_charset *charset)
{
    memset(charset, 0, sizeof *charset);
}

/* Goes on with the character that was begun; returns what is behind it. */
static struct bytes begun_end(struct import_charset *charset, struct bytes data)
{
    while (charset->begun_size > 0 && data.size > 0 && !charset->is_other) {
        charset->begun[charset->begun_size++] = data.data[0];
        data = bytes_of(data.data + 1, data.size - 1);
        if (utf8_is_valid(bytes_of(charset->begun, charset->begun_size))) {
            charset->begun_size = 0;
        } else {
            charset->is_other = charset->begun_size == UTF8_SIZE_MAX;
        }
    }
    return data;
}

void import_charset_take(struct import_charset *charset, struct bytes data)
{
    if (charset->is_other || data.size == 0) {
        return;
    }
    charset->is_other = memchr(data.data, ESCAPE, data.size) != NULL;
    data = begun_end(charset, data);
    size_t valid = utf8_valid_size(data), rest = data.size - valid;
    if (rest >= UTF8_SIZE_MAX) {
        charset->is_other = true;
    } else if (rest > 0) {
        memcpy(charset->begun, data.data + valid, rest);
        charset->begun_size = rest;
    }
}

bool import_charset_is_utf8(const struct import_charset *charset)
{
    return !charset->is_other && charset->begun_size == 0;
}
