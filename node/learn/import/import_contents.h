/* import_contents.h: the table of contents of an EPUB: its navigation document, or its NCX. Child only (import_child.h).
 *
 * Both are lists in lists of titles, each with the page that it opens, or with none where it is a heading over others. Of several entries that lead into one
 * page the first stands for it. Sources: EPUB 3.3, 7.4 (nav, ol, li, a, span); NISO Z39.86-2005, 8 (navMap, navPoint). */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_CONTENTS_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_CONTENTS_H

#include "node/learn/import/import_source.h"

struct import_contents_entry {
    const struct import_file *file; /* NULL: it opens none */
    struct bytes title;
    uint32_t depth;
    bool is_used; /* the caller's */
};

struct import_contents {
    const struct import_file *files; /* of the package */
    struct buffer entries;           /* struct import_contents_entry, in their order */
    uint32_t *first_of;              /* for each file of the package 1 + its first entry, or 0 */
};

void import_contents_init(struct import_contents *contents);
void import_contents_release(struct import_contents *contents);

/* Reads `navigation`, or when that is NULL, cannot be read or is empty, `ncx` (or NULL). Without either there are no entries. Titles live in the source's
 * arena. */
void import_contents_read(struct import_contents *contents, struct import_source *source, const struct import_file *navigation, const struct import_file *ncx);

size_t import_contents_count(const struct import_contents *contents);
struct import_contents_entry *import_contents_at(struct import_contents *contents, size_t index);

/* The first entry that opens `file`; import_contents_count() when none does. */
size_t import_contents_find(const struct import_contents *contents, const struct import_file *file);

/* Is `word` one of the words, with spaces between, of `text`? */
bool import_contents_has_word(struct bytes text, const char *word);

#endif
