/* staging.h: what delta.c needs to know of the batches that were kept (stream.h says what others may). Writer thread. */
#ifndef QANAT_NODE_STORE_STREAM_STAGING_H
#define QANAT_NODE_STORE_STREAM_STAGING_H

#include "node/store/db.h"
#include "replication/base/arena.h"

/* The next body of a stream above `after_seq`, unpacked, copied to `arena`, and up to which seq it goes in *seq_out; S_NOT_FOUND at the end. S_STALE when
 * it begins elsewhere. */
enum status staging_next(struct db *db, int64_t stream, uint64_t after_seq, struct arena *arena, struct bytes *body_out, uint64_t *seq_out);

enum status staging_drop(struct db *db, int64_t stream);

#endif
