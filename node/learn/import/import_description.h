/* import_description.h: what the sandboxed child found out about a package: its format, title, language and
 * table of contents.
 *
 * It crosses a pipe, so it has an encoding: LEB128 lengths and numbers, texts as they are. The parent checks
 * every text again on decoding. */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_DESCRIPTION_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_DESCRIPTION_H

#include "replication/package/catalogue.h"

enum { NOTES_SIZE_MAX = 4096 };

struct import_description {
    enum package_format format;
    struct bytes title; /* "" when the package does not say */
    struct bytes lang;  /* BCP 47 as the package says, or "" */
    struct bytes entry;
    int32_t mastery_percent; /* -1: not stated */
    struct course_item *items;
    size_t item_count;
    struct bytes notes; /* oddities that did not stop the import, one per line */
};

void import_description_encode(const struct import_description *description, struct buffer *out);

/* Borrows texts from `in`, items live in `arena`. S_INVALID, S_TOO_LARGE, S_NO_MEMORY. */
enum status import_description_decode(struct bytes in, struct arena *arena, struct import_description *out);

#endif
