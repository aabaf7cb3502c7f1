/* import_zip.h: looks at a zip's central directory for what the archive library hides: names with a NUL or a
 * backslash inside.
 *
 * The library cuts a name at its NUL, so that "a.html\0.exe" would pass as "a.html", and may turn backslashes
 * into slashes. Runs in the sandboxed child only. Format: PKWARE APPNOTE 6.3.9, sections 4.3.12 (central
 * directory header), 4.3.14 (zip64 end record), 4.3.16 (end record). */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_ZIP_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_ZIP_H

#include <stdbool.h>
#include <stdint.h>

#include "replication/base/bytes.h"

enum { IMPORT_ZIP_NAME_MAX = 256 };

/* Where the central directory of a zip lies. */
struct zip_directory {
    uint64_t offset; /* in the file */
    uint64_t size;
    uint64_t base; /* offsets in it count from here: something stands before the archive (a self-extractor) */
    uint64_t end_at; /* of its end record */
};

/* False when `fd` is no zip. */
bool import_zip_directory(int fd, struct zip_directory *directory_out);

/* Gives each name of the zip `fd` to `take`, as its bytes are; `is_utf8`: the zip says that it is UTF-8. Until that says false. */
void import_zip_names(int fd, bool (*take)(void *ctx, struct bytes name, bool is_utf8), void *ctx);

/* Does a name hold a NUL, where other programs would end it? Then it is in `shown_out` up to there. */
bool import_zip_name_has_nul(struct bytes name, char shown_out[IMPORT_ZIP_NAME_MAX]);

#endif
