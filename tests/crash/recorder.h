/* recorder.h: every change that this process makes to the files below one directory, in order, as the disk
 * sees it.
 *
 * The program defines write(), fsync(), rename() and their kin itself, in front of the C library's: what
 * SQLite, blobs, backups and everything else do goes through here. What stdio writes inside the C library is
 * noticed at the next sync or rename of that file, by comparison. Files that are memory (-shm) are left out:
 * they do not survive. A file that was opened without a name (O_TMPFILE) has a path that ends in '#' and digits, and is nowhere after a crash
 * until a DISK_RENAME calls it something. One recording at a time; any thread. */
#ifndef QANAT_TESTS_CRASH_RECORDER_H
#define QANAT_TESTS_CRASH_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum disk_op_kind {
    DISK_CREATE,     /* `path` names `file` from now on */
    DISK_FOLDER,     /* `path` is a folder */
    DISK_RENAME,     /* `file` is called `target`, no longer `path` */
    DISK_UNLINK,     /* of a file or a folder */
    DISK_WRITE,      /* `size` bytes of `file` at `offset` */
    DISK_TRUNCATE,   /* of `file`, to `offset` */
    DISK_SYNC,       /* of `file` */
    DISK_SYNC_NAMES, /* of the folder `path` */
    DISK_SYNC_ALL,
    DISK_MARK, /* `file` is a number of the test: all before is acknowledged */
};

struct disk_op {
    enum disk_op_kind kind;
    uint32_t file;
    uint64_t offset;
    size_t size;
    uint8_t *data;
    char *path, *target; /* below the directory, without a slash in front */
};

/* Starts to record below `root` (no symbolic links in it). What is there already comes first, synced. */
void recorder_begin(const char *root);

/* Stops; the operations stay until recorder_clear(). */
void recorder_end(void);
void recorder_clear(void);

void recorder_mark(uint32_t number);

/* True for the path of a file without a name. */
bool recorder_is_nameless(const char *path);

/* What was recorded; borrowed until recorder_clear(). Not while recording. */
const struct disk_op *recorder_ops(size_t *count_out);

#endif
