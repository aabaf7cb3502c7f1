/* backup.h: a consistent copy of the database while it is used, and making a copy a database of its own.
 *
 * SQLite's online backup copies page by page what one read transaction sees: writers go on beside it, checkpoints wait for it. A copy must not go
 * on where the original may have gone on: it has to forget which database it is and which incarnation was living (anchor.h has the rest). */
#ifndef QANAT_NODE_STORE_DISK_BACKUP_H
#define QANAT_NODE_STORE_DISK_BACKUP_H

#include "node/store/store.h"
#include "replication/base/bytes.h"

/* One content that the copied database calls whole. */
struct backup_blob {
    struct hash hash;
    uint64_t size;
};

/* Copies the database into the new file `path` (mode 0600; it must not exist; locked with flock() while it
 * is written) and appends its struct backup_blob to `blobs`. The copy is one file,
 * complete without a WAL; it is not synced. On failure the file is removed: S_NO_SPACE, S_IO, S_CORRUPT, ... with a report.
 * With `fd_out` the copy is wanted for its bytes alone: it loses its name before the first page is written, so that nothing is left when this
 * process is killed; *fd_out reads it, and is closed by the caller. NULL: the file stays. */
enum status store_backup(struct store *store, const char *path, int *fd_out, struct buffer *blobs, struct report *report);

/* Copies what the connection sees into the file `path`, which is there and empty; the file is not synced. With `loses_name` it is unlinked once it is open. */
enum status backup_copy(struct db *db, const char *path, bool loses_name, struct report *report);

/* Prepares the copy at `path` for its new life: another database id, no living incarnation, no open invitations. Before store_open(). */
enum status store_detach(const char *path, struct report *report);

#endif
