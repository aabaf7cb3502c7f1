/* import_name.h: names of files as packages know them.
 *
 * The zip format says that a name without the flag of UTF-8 is in IBM's code page 437 (APPNOTE.TXT, appendix D). Many programs write UTF-8 without
 * the flag, and those of a country the code page of that country: so what is no UTF-8 is read in the pages that are usual where the course's language is
 * spoken (Chinese, Russian, Arabic, ...), in the first one in which every name of the archive looks like one, and else in page 437. Every byte is a
 * character there and no two are the same one, so no archive is refused for its names' bytes.
 *
 * A letter with a mark can be written as one character or as two (a letter, then its mark), and what wrote the names often chose otherwise than
 * what wrote the manifest and the pages: Macs take names apart. All of them are put together here (Unicode's form NFC), those of folders, of
 * archives that do not say how they are written, and the addresses of manifests and of browsers: so a folder is the package that its archive is,
 * and each finds its file. libarchive knows how. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_NAME_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_NAME_H

#include <stddef.h>

#include "replication/base/bytes.h"

/* Makes the pages of `lang` (a tag; "" for none) ready, before the sandbox is entered: the C library loads what it needs for them. Without it there is page
 * 437 alone. */
void import_name_prepare(const char *lang);

/* The pages that are ready, the likeliest first; the last one is 437. */
size_t import_name_pages(void);

/* Writes `name` as UTF-8 with a NUL; false when `size` bytes do not hold it, or the page does not have its bytes. */
bool import_name_decode(size_t page, struct bytes name, char *out, size_t size);

/* Is that what people call files? The process's character type must be UTF-8. */
bool import_name_is_likely(size_t page, struct bytes name);

/* Appends `name` with its letters composed; as it is when it is not UTF-8. The process's character type must be UTF-8 (main.c). */
void import_name_compose(const char *name, struct buffer *out);
void import_name_compose_prepare(void); /* before the sandbox is entered */
void import_name_compose_bytes(struct bytes name, struct buffer *out);

#endif
