/* chunk_list.h: the chunks of one large object, as two fields of a message: hashes end to end, sizes as
 * packed varints.
 *
 * Used by members of a manifest and by the manifest itself in the catalogue. */
#ifndef QANAT_PACKAGE_CHUNK_LIST_H
#define QANAT_PACKAGE_CHUNK_LIST_H

#include "replication/base/arena.h"
#include "replication/package/manifest.h"

struct chunk_list {
    const struct chunk *chunks;
    size_t count;
};

/* S_OK when an object of `size` bytes may be cut like this: no list up to MEMBER_WHOLE_MAX; above it chunks
 * of CHUNK_SIZE_MIN (the last one 1) to CHUNK_SIZE_MAX bytes that add up. Else S_INVALID. */
enum status chunk_list_check(const struct chunk_list *list, uint64_t size);

/* Appends both fields, nothing for an empty list. */
void chunk_list_append(const struct chunk_list *list, uint32_t hashes_number, uint32_t sizes_number,
                       struct buffer *out);

/* Joins the contents of both fields. S_INVALID when they do not match, S_TOO_LARGE when `arena` is full. */
enum status chunk_list_decode(struct bytes hashes, struct bytes sizes, struct arena *arena,
                              struct chunk_list *out);

#endif
