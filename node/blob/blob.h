/* blob.h: members and chunks as files: blobs/ab/<64 hex>, written tmp, synced, renamed, folder synced, then
 * the row.
 *
 * A member is one file named by its hash. A large member also lists its chunks (table blob_chunk), so that a
 * chunk can be found by its own hash inside the file; while it is being fetched it is a `.part` file in which
 * chunks are put at their offsets. Thread-safe; several handles of one directory may be open in one or more
 * processes. */
#ifndef QANAT_NODE_BLOB_BLOB_H
#define QANAT_NODE_BLOB_BLOB_H

#include <stdbool.h>

#include "node/store/store.h"
#include "replication/package/manifest.h"

struct blobs;

/* `dir` is the data directory. Removes what a crash left in tmp/ (and only that: what another handle has
 * under way is kept). */
enum status blobs_open(const char *dir, struct store *store, struct blobs **blobs_out, struct report *report);
void blobs_close(struct blobs *blobs);

/* No new course content when less than this many bytes would stay free; 0 (the start): no floor. */
void blobs_set_floor(struct blobs *blobs, uint64_t floor_size);

/* Would `size` more bytes fit above the floor? *free_out (may be NULL) is what is free above it now. */
bool blobs_have_room(const struct blobs *blobs, uint64_t size, uint64_t *free_out);

/* Deletes the files that no row names any more (table blob_stray): after a removal, and at start. A job for
 * the writer thread; `arg` is the struct blobs. */
enum status blobs_sweep(struct db *db, void *arg);

/* --- importing: many blobs, synced together --- */

/* Blobs being written locally. Until blob_batch_store() they are temporary files. */
struct blob_batch;
struct blob_batch *blob_batch_open(struct blobs *blobs);

/* One blob: bytes are hashed and, over MEMBER_WHOLE_MAX, chunked on the way. One writer of a batch at a time.
 */
struct blob_writer;
struct blob_writer *blob_writer_open(struct blob_batch *batch);
enum status blob_writer_write(struct blob_writer *writer, struct bytes data);
/* Tells hash, size and chunks (borrowed until blob_batch_close); the path and media type stay empty. */
enum status blob_writer_finish(struct blob_writer *writer, struct member *member_out);
void blob_writer_close(struct blob_writer *writer);

/* Makes the files durable under their names; a file already there is kept. Not for the loop or writer thread:
 * it waits for a job. S_NO_SPACE, S_IO. */
enum status blob_batch_store(struct blob_batch *batch);

/* Writes the rows, in the job of the caller that also writes what refers to them. `completed` gathers the ids
 * (int64_t) of blobs that others were waiting for. S_STALE when a file was swept meanwhile: begin again. */
enum status blob_batch_rows(struct blob_batch *batch, struct db *db, struct buffer *completed);

/* The job that wrote the rows was undone after all. */
void blob_batch_undone(struct blob_batch *batch);

/* Removes whatever did not get its row. */
void blob_batch_close(struct blob_batch *batch);

/* --- objects from peers, on the writer thread --- */

/* Makes the row of a blob that is wanted, with its chunks when it is large; chunks that lie in other blobs
 * are copied at once, if not later (copy.h). *id_out is its row, *is_whole_out whether nothing has to be fetched. */
enum status blob_expect(struct blobs *blobs, struct db *db, const struct member *member, int64_t *id_out,
                        bool *is_whole_out);

/* Puts one whole object, whose hash was verified: a small member or manifest, or a chunk. Durable with the
 * transaction. Without a row waiting for it the object becomes a blob of its own. `completed` as above; a
 * negative id says that the chunks do not make up that blob, whose chunks were dropped again. A blob that is told and not whole lost
 * some of its chunks on the disk: they have to come again. */
enum status blob_put(struct blobs *blobs, struct db *db, const struct hash *object, struct bytes data,
                     struct buffer *completed);

/* Writes a chunk whose hash was verified where it is missing, or a small blob that is expected under its name, beside the writer: blob_put() will find it
 * there (placed.h). What cannot be placed now is left to blob_put(). True when it lies in its file, where a process that is killed finds it again
 * (retake.c). Any thread. */
bool blob_place(struct blobs *blobs, const struct hash *object, struct bytes data);

/* What a killed process had written and not committed is put once more, after its hash was looked at, through `put` (retake.c): a job, at the start,
 * before anything is asked for. So what crossed the link and was written need not cross again. Makes the folders for what will be placed, too. */
struct blob_taker {
    enum status (*put)(void *ctx, struct db *db, const struct hash *object, struct bytes data);
    void *ctx;
};
enum { RETAKE_MAX = 64 * 1024 * 1024 }; /* bytes looked at: more than can be between writing and committing; what is left is fetched again */
enum status blobs_retake(struct blobs *blobs, struct db *db, const struct blob_taker *taker);

/* What became of blobs whose check ended, in its job: their ids, as above. */
typedef enum status blob_completed(void *ctx, struct db *db, const struct buffer *ids);

/* From now on large blobs whose last chunk came are checked on a thread of their own, and then told to `completed`. For
 * a node that runs; else blob_put() checks them itself, which takes as long as it takes. */
void blobs_check_aside(struct blobs *blobs, blob_completed *completed, void *ctx);

/* Ends that. What was found may still stand in the queue of the store, and wants `blobs`. */
void blobs_check_stop(struct blobs *blobs);

/* Was everything decided that is to be checked so? Any thread. */
bool blobs_are_checked(struct blobs *blobs);

/* Blobs whose check was lost, with the process or since something failed, are checked again. A job; at the start, and now
 * and then. */
enum status blobs_take_up(struct blobs *blobs, struct db *db);

/* Drops the row and notes the file for the sweep. */
enum status blob_drop(struct db *db, int64_t id);

/* The file of a whole blob is damaged or gone: keeps its sound chunks as a part, or removes it, and says so in
 * the row. Who needs it has to be told (course_blob_lost). */
enum status blob_mend(struct blobs *blobs, struct db *db, int64_t id);

/* --- reading, on any connection --- */

/* View side: is the object held (a small blob, or a chunk), and bytes of it. */
bool blob_find(struct blobs *blobs, struct db *db, const struct hash *object, uint64_t *size_out);
size_t blob_read(struct blobs *blobs, struct db *db, const struct hash *object, uint64_t offset, uint8_t *out,
                 size_t size);

/* Opens a whole blob for reading; a descriptor or -1. */
int blob_open(struct blobs *blobs, const struct hash *object, uint64_t *size_out);

/* Reads a whole blob of at most `size_max` and checks its hash: S_NOT_FOUND, S_TOO_LARGE, S_IO, S_CORRUPT. */
enum status blob_load(struct blobs *blobs, const struct hash *object, size_t size_max, struct buffer *out);

/* Hashes the file: S_OK, S_NOT_FOUND, S_IO, S_CORRUPT (other content or size). */
enum status blob_verify(struct blobs *blobs, const struct hash *object, uint64_t size);

/* Opens a whole blob below the data directory `dir` without a handle, so that nothing is written there; a
 * descriptor or -1. */
int blob_open_in(const char *dir, const struct hash *object);

/* Hashes what blob_open_in() opened, from its beginning: S_OK, or S_CORRUPT for other content or size. */
enum status blob_verify_descriptor(int fd, const struct hash *object, uint64_t size);

#endif
