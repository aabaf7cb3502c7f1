/* ballast.h: a file that keeps room on the disk, let go when the disk is full.
 *
 * On a full disk SQLite can neither commit nor checkpoint nor delete. So as long as there is plenty of room
 * the running node keeps D/ballast, and the writer removes it before a transaction that finds less room than
 * the file takes: results are stored on, removals and checkpoints work, and the operator has time. It is made
 * again when room for three of its size is free. Writer thread only. */
#ifndef QANAT_NODE_STORE_DISK_BALLAST_H
#define QANAT_NODE_STORE_DISK_BALLAST_H

#include <stdbool.h>
#include <stdint.h>

#include "node/dir.h"

enum { BALLAST_ROOM_FACTOR = 3, BALLAST_RETRY_MS = 60 * 1000 };

struct ballast {
    char dir[DIR_PATH_MAX];
    char path[DIR_PATH_MAX];
    uint64_t wanted_size; /* 0: none is made; one that is there is used all the same */
    uint64_t kept_size;   /* of the file that is there, 0: none */
    int64_t next_try_ms;  /* monotonic: not made again before */
};

void ballast_init(struct ballast *ballast, const char *dir, uint64_t wanted_size);

/* Lets it go, or makes it, as the room on the disk is now; `now_ms` is monotonic. One system call when
 * nothing changes. */
void ballast_look(struct ballast *ballast, int64_t now_ms);

/* A write found no space: lets it go. */
void ballast_release(struct ballast *ballast, int64_t now_ms);

/* Bytes kept below `dir`, for who only looks. */
uint64_t ballast_kept(const char *dir);

#endif
