/* recipe.h: how the imported archive is made again, byte for byte, from the members of its package.
 *
 * An archive is its skeleton (headers, names, times, padding, directory) with a stream after each header: the
 * content of a member as it is, or deflated (deflate.h), or, where no settings give that stream, a part that
 * holds it raw. A tar may be wrapped in gzip as a whole. What of the skeleton follows from something else
 * (sizes, checksums, offsets in a zip) is zero in it and filled in by fixups: so one changed page changes
 * some bytes of the recipe, and the patch from the recipe before is small.
 *
 * Encoded in columns as protobuf (schema/wire/package.proto). It comes from a publisher: decoding and filling
 * check every number against what is there, and whoever rebuilds compares the SHA-256 of the whole. */
#ifndef QANAT_PACKAGE_RECIPE_H
#define QANAT_PACKAGE_RECIPE_H

#include "replication/base/arena.h"
#include "replication/package/deflate.h"
#include "replication/package/manifest.h"

enum {
    RECIPE_SIZE_MAX = 48 * 1024 * 1024,
    RECIPE_ARENA_MAX = 64 * 1024 * 1024,
    RECIPE_ENTRIES_MAX = PACKAGE_ENTRIES_MAX,
};

struct recipe_entry {
    uint64_t gap;                     /* bytes of the skeleton before its stream */
    bool is_part;                     /* a raw stream, one of the manifest's parts; else a member */
    uint32_t source;                  /* which one */
    struct deflate_settings settings; /* of a deflated member; level 0: as it is */
    struct bytes blocks;              /* of a deflated member: see deflate_remake_open() */
    uint32_t crc;                     /* as the headers say */
    uint64_t packed_size;             /* of the stream */
    uint64_t plain_size;              /* as the headers say */
};

/* What is filled in, and where in the skeleton it lies; numbers are little-endian, 4 bytes. */
enum recipe_fixup_kind {
    FIXUP_LOCAL = 1,      /* a zip's local header: crc, packed and plain size */
    FIXUP_CENTRAL = 2,    /* its directory entry: those and the offset of the local header */
    FIXUP_DESCRIPTOR = 3, /* crc, packed and plain size behind the stream */
    FIXUP_END = 4,        /* the end record: size and offset of the directory */
};

/* Bits of recipe_fixup.mask: which fields are filled in. */
enum { FIXUP_CRC = 1, FIXUP_PACKED = 2, FIXUP_PLAIN = 4, FIXUP_OFFSET = 8, FIXUP_SIZE = 16 };

struct recipe_fixup {
    enum recipe_fixup_kind kind;
    uint8_t mask;
    uint32_t entry; /* whose: of LOCAL, CENTRAL and DESCRIPTOR */
    uint64_t at;    /* in the skeleton; ascending */
};

struct recipe {
    bool is_wrapped; /* in gzip */
    struct bytes wrap_head, wrap_tail;
    struct deflate_settings wrap_settings;
    struct bytes wrap_blocks;
    struct bytes skeleton;
    const struct recipe_entry *entries;
    size_t entry_count;
    const struct recipe_fixup *fixups;
    size_t fixup_count;
    uint64_t offset_base; /* offsets in a zip count from here: something stands before it */
};

/* Appends the encoding; the same recipe gives the same bytes. S_INVALID, S_TOO_LARGE. */
enum status recipe_encode(const struct recipe *recipe, struct buffer *out);

/* Everything lives in `arena` or borrows from `in`. S_INVALID, S_TOO_LARGE. Sources are within the manifest
 * only when recipe_check() says so. */
enum status recipe_decode(struct bytes in, struct arena *arena, struct recipe *out);

/* Fits the manifest: every source is there, stored streams have its size (packed_size is set from it). */
enum status recipe_check(const struct recipe *recipe, struct recipe_entry *entries,
                         const struct manifest *manifest);

/* Fills the fixups into `skeleton`, a copy of recipe->skeleton. S_INVALID: one lies outside. */
enum status recipe_fill(const struct recipe *recipe, uint8_t *skeleton);

/* For who writes a recipe: `fixups` (those of the recipe, with all fields marked) keep the fields that would
 * get the value which stands in `skeleton`, and these become zero there. */
enum status recipe_probe(const struct recipe *recipe, struct recipe_fixup *fixups, uint8_t *skeleton);

#endif
