/* import_source.h: the package as the describing child sees it: sorted member paths, some with (the beginning
 * of) their content; and the description that grows from it. Child only (import_child.h). */
#ifndef QANAT_NODE_LEARN_IMPORT_IMPORT_SOURCE_H
#define QANAT_NODE_LEARN_IMPORT_IMPORT_SOURCE_H

#include "node/learn/import/import_description.h"

enum { SOURCE_FILES_SIZE_MAX = 192 * 1024 * 1024 };

struct import_file {
    struct bytes path;
    struct bytes content; /* data is NULL when it was not sent */
};

struct import_source {
    struct arena arena;
    struct import_file *files; /* sorted by path */
    size_t file_count;
    struct bytes root; /* "" or "folder/": everything is in this one folder */
    struct import_description description;
    struct buffer items; /* struct course_item, until source_finish() */
    bool is_cut; /* there were more items than are kept */
    struct buffer notes;
};

void import_source_init(struct import_source *source);
void import_source_release(struct import_source *source);

/* True for what desktops leave beside a course (__MACOSX/, ._name, .DS_Store, Thumbs.db): kept as members, never taken for a part of it. */
bool import_source_is_litter(struct bytes path);

/* Finds the single top folder that all files but litter are in, after all files are there. */
void import_source_find_root(struct import_source *source);

/* By full path; by a path below the root. NULL when there is none. */
const struct import_file *import_source_find(const struct import_source *source, struct bytes path);
const struct import_file *import_source_find_in_root(struct import_source *source, const char *path);

/* The manifest called `name` at the root, in upper or lower case (noted when it is not as written here); NULL when there is none. */
const struct import_file *import_source_find_manifest(struct import_source *source, const char *name);

/* How many folders have a manifest of their own (imsmanifest.xml, cmi5.xml, h5p.json) nearest to the top, and the first of them. */
size_t import_source_find_manifest_folder(const struct import_source *source, struct bytes *folder_out);

/* What a run-time must know of an item: a JSON object of these texts and numbers, those that are empty or negative left out. Too much is
 * dropped and noted. */
struct import_detail {
    const char *name; /* NULL ends the list */
    struct bytes text;
    double number; /* when the text is empty */
    struct json_t *object; /* owned: taken over; it is there when it is not NULL */
};
struct bytes import_source_details(struct import_source *source, const struct import_detail *details);

/* Adds an item; over COURSE_ITEMS_MAX it is only noted. Texts are cut to their limits at a character's
 * border. */
void import_source_add_item(struct import_source *source, struct course_item item);

/* Adds a line to the notes, as far as there is room. */
void import_source_note(struct import_source *source, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Closes the description: items and notes move into it, the entry is the first item's when none was set. */
void import_source_finish(struct import_source *source);

/* A copy of `text` in the arena: white space collapsed, cut to `size_max`, invalid UTF-8 gives "". */
struct bytes import_source_text(struct import_source *source, struct bytes text, size_t size_max);

/* Does `part` stand in `text`? */
bool import_text_has(struct bytes text, const char *part);

/* A language as a package says it; "" where it says that there is none (und, mul, zxx of ISO 639-2, x-none of LOM) or what cannot be one. */
struct bytes import_source_lang(struct bytes said);

/* What follows the byte order mark that some editors put in front of UTF-8. */
struct bytes import_source_unmarked(struct bytes content);

/* The address of a member's page: its path with "%", "?" and "#" percent-encoded, then `tail` (query and
 * fragment). */
struct bytes import_source_entry(struct import_source *source, struct bytes path, struct bytes tail);

/* Where a reference in a manifest leads. */
enum import_target {
    TARGET_MEMBER,  /* a member of the package */
    TARGET_OUTSIDE, /* http: or https: */
    TARGET_MISSING, /* no such member, or out of the package */
};

/* The member that `href` names, as import_source_resolve() finds it; NULL when it leads to none. */
const struct import_file *import_source_find_target(struct import_source *source, struct bytes base, struct bytes href);

/* Resolves `href` (percent-encoded, with query and fragment) against `base` (a folder path ending in '/', or
 * ""). A path that differs only in case finds its member (noted), and so does one whose
 * file is really called like the encoded path, and one whose percent-encoded bytes are no UTF-8 (noted). `entry_out` is as of import_source_entry(),
 * or the address outside. */
enum import_target import_source_resolve(struct import_source *source, struct bytes base, struct bytes href,
                                         struct bytes *entry_out);

#endif
