/* trail.h: the hash of a large file that grows from its beginning, taken as far as it has come. For aside.c.
 *
 * When the last chunk comes only a little is left to be hashed. It counts for the very file that was read; anything else is decided by reading all of
 * the file that has the name (blob_verify_file()). Nothing is held open meanwhile: who lets a file go gets its room. One thread's own. */
#ifndef QANAT_NODE_BLOB_TRAIL_H
#define QANAT_NODE_BLOB_TRAIL_H

#include <sodium.h>
#include <sys/types.h>

#include "replication/base/bytes.h"

enum { TRAIL_STEP = 1024 * 1024 }; /* bytes read at once: whoever waits does not wait for long */

struct trail {
    struct hash file; /* its name */
    bool is_begun;    /* else nothing of it is known */
    dev_t device;
    ino_t inode;
    uint64_t offset; /* so much was read */
    crypto_generichash_state state;
};

/* Forgets what was, and begins with the file behind `fd`; -1: only forgets. */
void trail_begin(struct trail *trail, const struct hash *file, int fd);

/* Reads on, up to `end` or a step. Another file behind `fd`, or one that ends before, ends the trail. */
void trail_advance(struct trail *trail, int fd, uint64_t end);

/* Is the file behind `fd` the one that was read, of that size, and its hash its name? Reads the rest, and ends the trail. False says nothing of the
 * file: it may be another. */
bool trail_is_sound(struct trail *trail, const struct hash *file, int fd, uint64_t size);

#endif
