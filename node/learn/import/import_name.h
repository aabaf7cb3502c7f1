/* import_name.h: names of files as packages know them.
 *
 * The zip format says that a name without the flag of UTF-8 is in IBM's code page 437 (APPNOTE.TXT, appendix D). Many programs write UTF-8 without
 * the flag, so only what is no UTF-8 is read as that page. Every byte is a character there and no two are the same one, so names stay apart and no
 * archive is refused for its names' bytes; names that were written in another page (Shift-JIS) come out readable by machines only.
 *
 * A letter with a mark can be written as one character or as two (a letter, then its mark), and what wrote the names often chose otherwise than
 * what wrote the manifest and the pages: Macs take names apart. libarchive puts them together (Unicode's form NFC) in the names of archives; in
 * those of folders we let it do the same, so that a folder is the package that its archive is. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_NAME_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_NAME_H

#include <stddef.h>

#include "replication/base/bytes.h"

/* Writes `name` as UTF-8 with a NUL; false when `size` bytes do not hold it. */
bool import_name_decode(struct bytes name, char *out, size_t size);

/* Appends `name` with its letters composed; as it is when it is not UTF-8. The process's character type must be UTF-8 (main.c). */
void import_name_compose(const char *name, struct buffer *out);

#endif
