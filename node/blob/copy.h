/* copy.h: chunks that are missing here and lie in another blob: copied by a running node behind the transaction that says what is wanted.
 *
 * All of it is the writer thread's, but for what says otherwise. */
#ifndef QANAT_NODE_BLOB_COPY_H
#define QANAT_NODE_BLOB_COPY_H

#include <stdatomic.h>

#include "node/blob/blob.h"
#include "node/store/course/blob.h"

/* From now on blob_expect() copies nothing: blobs_copy() does, in jobs of its own. For a node that runs. */
void blobs_copy_later(struct blobs *blobs);

/* In a job, of a chunk that is missing: true when it lies in another blob, and blobs_copy() will copy it. So it need not be fetched. */
bool blobs_copy_note(struct blobs *blobs, struct db *db, const struct chunk_row *chunk);

/* Is there something to copy? Any thread. */
bool blobs_copy_is_due(const struct blobs *blobs);

/* Copies some chunks that are missing from where they lie, or looks at so many in vain: a job; more may be due after it. `put` takes each; `refused` hears of
 * one that lies somewhere and is not what it should be: it has to be fetched. What was copied in a transaction that failed is due no more:
 * blobs_copy_again() begins with all of it, in a job. */
struct blob_copier {
    enum status (*put)(void *ctx, struct db *db, const struct hash *object, struct bytes data);
    enum status (*refused)(void *ctx, struct db *db, const struct hash *object, uint32_t size);
    void *ctx;
};
enum { COPY_SIZE_MAX = 4 * 1024 * 1024, COPY_LOOKS_MAX = 4096 };
enum status blobs_copy(struct blobs *blobs, struct db *db, const struct blob_copier *copier);
void blobs_copy_again(struct blobs *blobs);

/* For the files of this room: what a handle of blobs remembers. */
struct copying {
    bool is_later; /* blob_expect() leaves it to blobs_copy() */
    atomic_bool is_due;
    int64_t blob, number; /* behind this chunk the next look begins */
};

/* For the files of this room: reads the chunk `chunk` from a blob that has it into `data`, of CHUNK_SIZE_MAX; S_NOT_FOUND when none has, S_CORRUPT when
 * what lies there is another. */
enum status copy_read(struct blobs *blobs, struct db *db, const struct chunk_row *chunk, uint8_t *data);

#endif
