/* blob.h: members and chunks as files: blobs/ab/<64 hex>, written tmp, fsync, rename, fsync(dir), then the row.
 *
 * A member is one file named by its hash. A large member also lists its chunks (table blob_chunk), so that a chunk can be found by its own hash inside the
 * file; while it is being fetched it is a `.part` file in which chunks are put at their offsets. */
#ifndef QANAT_NODE_BLOB_BLOB_H
#define QANAT_NODE_BLOB_BLOB_H

#include <stdbool.h>

#include "node/store/store.h"
#include "replication/package/manifest.h"

struct blobs;

/* `dir` is the data directory. Removes what a crash left in tmp/. */
enum status blobs_open(const char *dir, struct store *store, struct blobs **blobs_out, struct report *report);
void blobs_close(struct blobs *blobs);

/* A blob being written locally (import): bytes are hashed and, over MEMBER_WHOLE_MAX, chunked on the way. */
struct blob_writer;
struct blob_writer *blob_writer_open(struct blobs *blobs);
enum status blob_writer_write(struct blob_writer *writer, struct bytes data);
/* Makes it durable (a file already there is kept) and tells hash, size and chunks (borrowed until blob_writer_close). */
enum status blob_writer_finish(struct blob_writer *writer, struct member *member_out);
void blob_writer_close(struct blob_writer *writer);

/* Puts one whole, verified object that came from a peer: a small member or manifest, or a chunk of a wanted large member. Durable when it returns. */
enum status blob_put(struct blobs *blobs, struct db *db, const struct hash *object, struct bytes data);

/* View side: is it held whole, and bytes of it. */
bool blob_find(struct blobs *blobs, struct db *db, const struct hash *object, uint64_t *size_out);
size_t blob_read(struct blobs *blobs, struct db *db, const struct hash *object, uint64_t offset, uint8_t *out, size_t size);

/* Opens a whole member for reading; returns a descriptor or -1. */
int blob_open(struct blobs *blobs, const struct hash *object, uint64_t *size_out);

#endif
