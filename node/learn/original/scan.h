/* scan.h: takes an archive apart into the recipe that makes it again (replication/package/recipe.h). Runs in
 * the sandboxed child only (import_child.h), which is given the same file as the unpacker.
 *
 * What it finds goes out as frames: RECIPE, whose entries name contents by number; CONTENTS, the BLAKE2b-256
 * of each of them, by which the parent finds the members; a PART before that for every stream that no
 * settings give. Each stream was made again and compared, so the parent need not. Memory is bounded by
 * RECIPE_SIZE_MAX and some MiB. */
#ifndef QANAT_NODE_LEARN_ORIGINAL_SCAN_H
#define QANAT_NODE_LEARN_ORIGINAL_SCAN_H

#include "node/learn/import/import_frame.h"
#include "replication/package/recipe.h"

enum { SCAN_SKELETON_MAX = 24 * 1024 * 1024, SCAN_TELL_SIZE = 4 * 1024 * 1024 };

struct scan {
    int fd;
    uint64_t size; /* of the archive */
    struct import_writer out;
    struct arena arena; /* block lists */
    struct recipe recipe;
    struct buffer skeleton;
    struct buffer entries; /* struct recipe_entry */
    struct buffer fixups;  /* struct recipe_fixup */
    struct buffer hashes;  /* struct hash, of the contents */
    uint64_t gap;          /* bytes of the skeleton since the last stream */
    uint32_t part_count;
    uint64_t told; /* how far it has come, as said last */
    bool is_in_part;
    struct deflate_settings last; /* that were right: tried first */
    const char *fault;            /* why it cannot be taken apart; NULL: nothing wrong so far */
};

/* The task of the child; false on a fault. */
bool original_scan(int in_fd, int out_fd);

/* --- for the formats --- */

/* False and a fault when the skeleton gets too large. */
bool scan_literal(struct scan *scan, struct bytes data);
/* The bytes of the archive in [from, to). */
bool scan_literal_range(struct scan *scan, uint64_t from, uint64_t to);

/* A stream follows: of a content (by its hash), or a part. Sets gap and source. */
bool scan_entry(struct scan *scan, const struct recipe_entry *entry, const struct hash *content);
/* Sends the bytes in [from, to) as a part and enters it. */
bool scan_part(struct scan *scan, const struct recipe_entry *entry, uint64_t from, uint64_t to);

void scan_fixup(struct scan *scan, enum recipe_fixup_kind kind, uint64_t at, uint32_t entry);

/* Exactly `size` bytes at `offset`; false at the end. Says now and then how far it has come. */
bool scan_read(struct scan *scan, uint64_t offset, uint8_t *out, size_t size);
bool scan_hash(struct scan *scan, uint64_t from, uint64_t to, struct hash *hash_out);

/* --- the formats: false with a fault (scan_zip.c, scan_tar.c) --- */
bool scan_zip(struct scan *scan);
bool scan_is_tar(struct scan *scan);
bool scan_tar(struct scan *scan);
bool scan_tar_gz(struct scan *scan);

/* --- deflate streams (scan_stream.c) --- */
typedef bool scan_content(void *ctx, struct bytes content);

struct scan_stream {
    uint64_t packed_size, plain_size;
    struct hash hash;
    struct deflate_settings settings; /* level 0: none gives this stream */
    struct bytes blocks;              /* in the scan's arena */
};

/* Reads the stream in [from, to), which may end earlier, and finds its settings. `content` may be NULL.
 * False: it is no sound stream, or `content` had enough. */
bool scan_stream(struct scan *scan, uint64_t from, uint64_t to, scan_content *content, void *ctx,
                 struct scan_stream *out);

#endif
