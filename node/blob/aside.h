/* aside.h: large blobs whose last chunk came are hashed on a thread of their own: the writer does not wait for them, and a
 * member may have 40 GB. What was found becomes a job.
 *
 * For the files of this room only; blobs_check_aside() (blob.h) begins it. A blob whose check is under way, or was lost
 * with the process, is a row that has all its chunks and is not whole: blobs_take_up() finds those again. */
#ifndef QANAT_NODE_BLOB_ASIDE_H
#define QANAT_NODE_BLOB_ASIDE_H

#include "node/blob/blob.h"
#include "node/store/course/blob.h"

enum {
    ASIDE_MAX = 64,     /* blobs that wait; more are hashed by the writer */
    ASIDE_FOLLOWED = 4, /* files that are hashed while they grow; the one that grew last longest ago goes first */
};

struct aside;

struct aside *aside_start(struct blobs *blobs, blob_completed *completed, void *ctx);

/* Thread-safe. False when there is no room. */
bool aside_add(struct aside *aside, const struct blob_row *blob);

/* The first `end` bytes of a blob that is not whole are there: they are hashed meanwhile (trail.h). Thread-safe. */
void aside_grow(struct aside *aside, const struct hash *file, uint64_t end);

/* So much of the file was said to be there; 0: nothing, or it is not followed. Thread-safe. */
uint64_t aside_end(struct aside *aside, const struct hash *file);

/* One is left unchecked, as there is no room: the next call of aside_has_left() tells. Thread-safe. */
void aside_leave(struct aside *aside);

/* Was one left unchecked since the last call? True at the first. */
bool aside_has_left(struct aside *aside);

/* Is no blob waiting, being checked, or to be decided in a job that is under way? Thread-safe. */
bool aside_is_settled(struct aside *aside);

/* Ends the thread; what it had not begun is left. What it found may still stand in the queue of the store. */
void aside_stop(struct aside *aside);
void aside_free(struct aside *aside);

/* What the check of a blob with all its chunks found makes of it, in a job: a whole one under its name, or one that
 * starts anew (object.c). `completed` as for blob_put(). Nothing when it is whole by now, or gone. */
enum status blob_decide(struct blobs *blobs, struct db *db, const struct blob_row *blob, enum status found,
                        struct buffer *completed);

/* Opens what lies there of a blob that has all its chunks, for reading; a descriptor or -1. */
int blob_open_complete(struct blobs *blobs, const struct hash *hash);

#endif
