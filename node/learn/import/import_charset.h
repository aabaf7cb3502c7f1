/* import_charset.h: whether a file that comes in pieces is UTF-8.
 *
 * A course file is served with its character set only when that is sure: what the answer's head says counts
 * for more than what the file says of itself (HTML, "determining the character encoding"; a script or a style
 * takes the set of its page when nothing is said). Packages of twenty years ago are in GB2312, Windows-1256
 * or ISO 8859-1 and say so in a <meta>: served as UTF-8 they cannot be read. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_CHARSET_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_CHARSET_H

#include "replication/base/bytes.h"

struct import_charset {
    uint8_t begun[UTF8_SIZE_MAX]; /* of a character whose end may come with the next piece */
    size_t begun_size;
    bool is_other; /* something came that UTF-8 does not have there */
};

void import_charset_begin(struct import_charset *charset);
void import_charset_take(struct import_charset *charset, struct bytes data);

/* False also when the last character was cut off. Bytes that no text in UTF-8 holds, but others do, count as
 * foreign: NUL (UTF-16) and ESC (ISO-2022, which writes Japanese in seven bits). */
bool import_charset_is_utf8(const struct import_charset *charset);

#endif
