/* import_name.h: names in zip archives that are older than UTF-8.
 *
 * The zip format says that a name without the flag of UTF-8 is in IBM's code page 437 (APPNOTE.TXT, appendix D). Many programs write UTF-8 without
 * the flag, so only what is no UTF-8 is read as that page. Every byte is a character there and no two are the same one, so names stay apart and no
 * archive is refused for its names' bytes; names that were written in another page (Shift-JIS) come out readable by machines only. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_NAME_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_NAME_H

#include <stddef.h>

#include "replication/base/bytes.h"

/* Writes `name` as UTF-8 with a NUL; false when `size` bytes do not hold it. */
bool import_name_decode(struct bytes name, char *out, size_t size);

#endif
