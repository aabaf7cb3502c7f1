/* dir.h: the data directory: its files and its lock.
 *
 *   qanat.conf  node.key, node.key.next, node.key.former (0600)  authority.key (hub: take it offline)  federation.json (id, name, authority,
 * secret) qanat.db    blobs/  tmp/  lock  qanat.sock */
#ifndef QANAT_NODE_DIR_H
#define QANAT_NODE_DIR_H

#include <stdbool.h>
#include <stdio.h>

#include "replication/base/status.h"
#include "replication/trust/identity.h"

enum {
    DIR_FULL_MIB = 32,   /* less free is a full disk */
    DIR_INODES_MIN = 32, /* files that must still be makeable: lock, socket, log and drafts of one node */
};
enum { DIR_PATH_MAX = 1024, FEDERATION_NAME_MAX = 128, FEDERATION_SECRET_SIZE = 32 };

/* What a node knows of its federation beside the roster; written at init or join. Only `anchor` is ever changed, by
 * `qanat authority trust`. */
struct federation {
    struct id id;
    char name[FEDERATION_NAME_MAX + 1];
    uint8_t authority_public[SIGN_PUBLIC_SIZE];
    struct hash anchor; /* the AUTHORITY statement to begin at (trust/authority.h); all zero: the founding key */
    uint8_t secret[FEDERATION_SECRET_SIZE]; /* keys the people sketches (SipHash uses its first 16 bytes) */
};

/* Makes the directory (0700) with blobs/ and tmp/; S_EXISTS when it already holds a node. */
enum status dir_create(const char *dir, struct report *report);

/* The same, and an empty file `mark` lies in it before anything else does: what is killed on the way is known by it. */
enum status dir_create_marked(const char *dir, const char *mark, struct report *report);

/* Makes what a directory with a node's files lacks beside them: after a loss only those may be there. */
enum status dir_complete(const char *dir, struct report *report);

/* Takes the exclusive lock: S_BUSY when another process holds it. *lock_fd_out is closed to release it. Removes what a killed
 * dir_write_file() left. */
enum status dir_lock(const char *dir, int *lock_fd_out, struct report *report);

/* After an error a disk may refuse every write and still be read (since Linux 6.12 ext4 does not even call itself read-only then): a file
 * without a name is made, where that can be. */
bool dir_is_read_only(const char *dir);

/* True where a file system has room and no more files can be made for want of inodes: few are left. One that counts none (f_files 0) has enough of them; one
 * without room may count few for want of it (xfs), and lacks room then. */
struct statvfs;
bool dir_lacks_inodes(const struct statvfs *disk);

/* Joins `dir` and `name` into `out`. */
enum status dir_path(const char *dir, const char *name, char out[DIR_PATH_MAX]);

/* Syncs the folder that `path` stands in: its name survives a power cut. False with errno; EINVAL: this file system cannot. */
bool dir_sync_parent(const char *path);

/* Sets the mode of a file that this process just made. A file system that keeps no modes (FAT: a stick) leaves it as it is, and that is
 * no error; false with errno otherwise. */
bool dir_set_mode(int fd, unsigned mode);

/* The folder in which `path` stands, opened; or -1. */
int dir_open_parent(const char *path);

/* Atomic, durable file write with `mode`, as draft.h does it: nothing is left beside it by who is killed, but by a hair's breadth PATH.part, which
 * dir_lock() removes. */
enum status dir_write_file(const char *path, struct bytes content, int mode, struct report *report);

/* Reads a whole file of at most `size_max`. */
enum status dir_read_file(const char *path, size_t size_max, struct buffer *out, struct report *report);

/* A new file without a name in dir/tmp, for its owner alone: it goes with its descriptor. NULL with errno. */
FILE *dir_scratch_file(const char *dir);

enum status dir_save_identity(const char *dir, const struct identity *identity, struct report *report);
/* The key of a file elsewhere: a copy of node.key. */
enum status dir_read_identity(const char *path, struct identity *identity_out, struct report *report);
enum status dir_load_identity(const char *dir, struct identity *identity_out, struct report *report);
/* The keys that are to replace node.key, in node.key.next; and the moment when they do. */
enum status dir_save_next_identity(const char *dir, const struct identity *identity, struct report *report);
enum status dir_load_next_identity(const char *dir, struct identity *identity_out, struct report *report);
enum status dir_take_next_identity(const char *dir, struct report *report);
/* The keys that node.key had before, in node.key.former: reads them into `identity`; adds `identity` as the latest. */
enum status dir_load_former(const char *dir, struct identity *identity);
enum status dir_keep_former(const char *dir, const struct identity *identity, struct report *report);
enum status dir_save_federation(const char *dir, const struct federation *federation, struct report *report);
enum status dir_load_federation(const char *dir, struct federation *federation_out, struct report *report);

#endif
