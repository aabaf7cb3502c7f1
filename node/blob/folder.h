/* folder.h: where blobs lie on the disk: names, durable moves, free room. For the files of this room only. */
#ifndef QANAT_NODE_BLOB_FOLDER_H
#define QANAT_NODE_BLOB_FOLDER_H

#include <stdatomic.h>

#include "node/blob/copy.h"
#include "node/blob/placed.h"
#include "node/blob/unsynced.h"
#include "node/dir.h"

enum { BLOB_NAME_MAX = 80 }; /* "ab/<64 hex>.part" */

struct blobs {
    struct store *store;
    int blobs_fd; /* D/blobs */
    int tmp_fd;   /* D/tmp */
    int own_fd;   /* D/tmp/blobs-XXXXXX of this handle, locked as long as it lives */
    char own_name[32];
    atomic_uint_fast64_t next; /* number of the next temporary file */
    atomic_uint_fast64_t floor_size;
    struct unsynced unsynced; /* of the writer thread */
    struct placed placed;
    struct copying copying;
    struct aside *aside;      /* NULL: the writer hashes large blobs itself */
};

/* The name below blobs/ of a whole blob or of its part. */
void blob_name(const struct hash *hash, bool is_part, char out[BLOB_NAME_MAX]);

/* The status for what errno says of a file operation. */
enum status blob_errno_status(void);

/* Makes the folder blobs/ab of `hash` when it is missing. */
enum status folder_make(struct blobs *blobs, const struct hash *hash);

/* The same of every hash that there can be, with one sync: what comes may be placed everywhere then (placed.h). */
enum status folder_make_all(struct blobs *blobs);

/* A new temporary file, open for writing; its number names it for folder_move(). A descriptor or -1. */
int folder_create(struct blobs *blobs, uint64_t *number_out);
void folder_discard(struct blobs *blobs, uint64_t number);

/* Writes a temporary file and gives it the name of `hash`, in whose folder, which is there, another of that name is replaced, or is in the way. A
 * descriptor, or -1 and errno. The caller syncs file and folder. Any thread. */
int folder_put(struct blobs *blobs, const struct hash *hash, struct bytes data, bool replaces);

/* Renames temporary file `number` to the place of `hash`; the caller syncs file and folder. */
enum status folder_move(struct blobs *blobs, uint64_t number, const struct hash *hash, bool replaces);

enum status folder_sync_temporary(struct blobs *blobs, uint64_t number);

/* Syncs the folder of `hash`; syncs everything written so far on this file system. */
enum status folder_sync(struct blobs *blobs, const struct hash *hash);
enum status folder_sync_all(struct blobs *blobs);

/* Hashes the file from its beginning: S_OK, or S_CORRUPT for another content or size. */
enum status blob_verify_file(int fd, const struct hash *hash, uint64_t size);

/* Notes which chunks of blob `id` are good in the file behind `fd` (-1: none); *sound_out and *count_out say how many of how many. Writer thread. */
enum status blob_chunks_check(struct db *db, int64_t id, int fd, size_t *sound_out, size_t *count_out);

/* Reads up to `size` bytes at `offset`; how many there were. */
size_t file_read_at(int fd, uint8_t *out, size_t size, uint64_t offset);

/* Writes all of `data` at `offset`. */
enum status file_write_at(int fd, struct bytes data, uint64_t offset);

/* How far a file that is written from its beginning has left memory. Zeros: not at all. */
struct write_behind {
    uint64_t begun;   /* the disk was asked to take what stands before */
    uint64_t dropped; /* what stands before is on the disk, and its pages are free */
};

enum {
    WRITE_BEHIND_STEP = 2 * 1024 * 1024,    /* bytes that the disk is asked to take at once */
    WRITE_BEHIND_WINDOW = 16 * 1024 * 1024, /* bytes that may be on their way to the disk */
};

/* `size` bytes of the file behind `fd` are written. A large file does not fill the memory of a small machine with pages that wait for the disk, and writes
 * into few pages again and again; waits for the disk where it falls behind. Nothing is promised: who needs what was written syncs. */
void file_write_behind(int fd, struct write_behind *behind, uint64_t size);

/* A hint: what stands from `begin` to `end` and is on the disk need not stay in memory. */
void file_drop(int fd, uint64_t begin, uint64_t end);

#endif
