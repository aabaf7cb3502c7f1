/* manifest.h: what one version of a course consists of: its members, addressed by content.
 *
 * Encoded as protobuf (schema/wire/package.proto), members sorted by path. The manifest's own address is the
 * BLAKE2b-256 of its encoding; large members list their chunks. An object is a member of at most
 * MEMBER_WHOLE_MAX, a chunk, or (a piece of) a manifest. What comes from outside is checked whole before
 * anything is believed: paths, order, sums of chunks, totals. */
#ifndef QANAT_PACKAGE_MANIFEST_H
#define QANAT_PACKAGE_MANIFEST_H

#include "replication/base/arena.h"
#include "replication/base/limits.h"
#include "replication/base/status.h"

enum {
    MANIFEST_SIZE_MAX = 64 * 1024 * 1024,
    MANIFEST_PARTS_MAX = PACKAGE_ENTRIES_MAX,
    COURSE_ITEMS_MAX = 10000,
    COURSE_ID_MAX = 128,
    COURSE_TEXT_MAX = 1024,  /* titles, series, ids of items */
    COURSE_ENTRY_MAX = 2048, /* path and query of a page to open */
    COURSE_DEPTH_MAX = 32,   /* levels of a table of contents */
    ITEM_KIND_MAX = 32,
    ITEM_DETAILS_MAX = 16 * 1024,
    MEDIA_TYPE_MAX = 127,
    LANG_MAX = 35,
    VERSION_MAX = 64,
};

/* Wire numbers: never reuse. A number this version does not know is kept. */
enum package_format {
    PACKAGE_PLAIN = 1,
    PACKAGE_SCORM12 = 2,
    PACKAGE_SCORM2004 = 3,
    PACKAGE_CMI5 = 4,
    PACKAGE_COMMON_CARTRIDGE = 5,
    PACKAGE_H5P = 6,
};

struct chunk {
    struct hash hash;
    uint32_t size;
};

struct member {
    struct bytes path; /* UTF-8, '/'-separated, relative, no "." or ".." */
    struct hash hash;  /* of the whole content */
    uint64_t size;
    struct bytes media_type;
    const struct chunk *chunks; /* when size > MEMBER_WHOLE_MAX, else none */
    size_t chunk_count;
};

/* One launchable item of the course, in the order of its table of contents. */
struct course_item {
    struct bytes id;
    struct bytes title;
    struct bytes entry;      /* path and query of the page to open, or "" for a heading */
    uint32_t depth;          /* 0: top */
    int32_t mastery_percent; /* score needed, 0-100, or -1 when not stated */
    struct bytes details;    /* JSON object of what its run-time must know beside, or "" */
    struct bytes kind;       /* "sco", "asset", "au", "webcontent", "page", "h5p", "heading" */
};

struct manifest {
    enum package_format format;
    struct bytes title;
    struct bytes lang;
    struct bytes entry;           /* first page to open */
    int32_t mastery_percent;      /* of the course, or -1 */
    const struct member *members; /* sorted by path, unique */
    size_t member_count;
    const struct course_item *items;
    size_t item_count;
    struct hash original_hash; /* SHA-256 of the imported archive, zero for a folder */
    uint64_t original_size;
    const struct member *parts; /* what makes the archive again (recipe.h), without paths: the recipe first */
    size_t part_count;
};

/* Appends the encoding; the same manifest gives the same bytes. S_INVALID when members are not sorted, unique
 * and well-formed, S_TOO_LARGE over a limit. `out` is as before unless S_OK. */
enum status manifest_encode(const struct manifest *manifest, struct buffer *out);

/* Everything lives in `arena` or borrows from `in`. S_INVALID, S_TOO_LARGE (a limit, or the arena's bound).
 */
enum status manifest_decode(struct bytes in, struct arena *arena, struct manifest *out);

/* Binary search; NULL when there is none. */
const struct member *manifest_find(const struct manifest *manifest, struct bytes path);

/* S_OK for a path that is safe to store and serve; S_INVALID for empty, absolute, "..", ".", "//", backslash,
 * control characters, invalid UTF-8; S_TOO_LARGE. */
enum status member_path_check(struct bytes path);

/* S_OK for a language tag in the form of BCP 47: 1 to LANG_MAX letters, digits and hyphens, a letter first,
 * no subtag empty or over 8. */
enum status lang_check(struct bytes lang);

/* For what a person enters: of such a tag, one that begins with a language of two letters or more, or with "x-" (RFC 5646, section 2.1). */
enum status lang_check_said(struct bytes lang);

/* Letters as RFC 5646, section 2.1.1 writes them: en, pt-BR, zh-Hant-TW. Tags that differ in them alone are one. */
void lang_normalise(char *lang);

/* "plain", "scorm12", ...; "?" for an unknown number. */
const char *package_format_name(enum package_format format);

#endif
