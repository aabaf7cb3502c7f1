/* placed.h: chunks that lie in their .part file, and small blobs that lie under their name, already when the job comes that
 * says so in their rows. For the files of this room.
 *
 * The writer waits for the disk most of the time. What comes meanwhile is written beside it, so that a kill
 * does not lose it (retake.c), and the disk can begin. Whether it lies where it belongs is decided in the
 * job: the same chunk, at the same place of the very file that has the name now. A small blob is one chunk at 0.
 * It never takes a name that is taken: what has it may be durable by now, and the new file is not. */
#ifndef QANAT_NODE_BLOB_PLACED_H
#define QANAT_NODE_BLOB_PLACED_H

#include <pthread.h>

#include "node/store/course/blob.h"

enum { PLACED_MAX = 256 }; /* the oldest go first: those are written once more */

struct placed {
    pthread_mutex_t lock; /* guards what follows */
    struct {
        struct hash chunk;
        uint64_t start;
        uint32_t size;
        int fd; /* -1: none; open, so that no other file can have its number */
    } items[PLACED_MAX];
    size_t next; /* to be used, a ring */
};

void placed_init(struct placed *placed);
void placed_release(struct placed *placed);

/* The chunk was written through `fd`, which now belongs here. Any thread. */
void placed_note(struct placed *placed, const struct chunk_row *chunk, int fd);

/* Was it written into the file behind `fd`? */
bool placed_has(struct placed *placed, const struct chunk_row *chunk, int fd);

/* The job is done, with or without it: no file is held open for it any more. */
void placed_forget(struct placed *placed, const struct hash *chunk);

#endif
