/* rebuild.h: makes the imported archive again from the stored members and its recipe. */
#ifndef QANAT_NODE_LEARN_ORIGINAL_REBUILD_H
#define QANAT_NODE_LEARN_ORIGINAL_REBUILD_H

#include "node/blob/blob.h"
#include "replication/package/manifest.h"

/* Writes it to `fd`, at most manifest->original_size bytes. S_NOT_FOUND: no archive was imported, or by a
 * version that kept no recipe; S_INVALID: the recipe does not hold together; S_CORRUPT: a file is damaged, or
 * what came out is not the archive (its SHA-256 is not the one in the manifest); S_NO_SPACE, S_IO. */
enum status original_rebuild(struct blobs *blobs, const struct manifest *manifest, int fd);

#endif
