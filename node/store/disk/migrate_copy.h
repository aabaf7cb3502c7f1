/* migrate_copy.h: the copy of the database that is made before its schema changes.
 *
 * D/qanat.db.schema-N (0600) is the whole database as it was at schema N, one file without a log, synced
 * before the first step begins. It is the way back to the older version: stop the node, put the file in the
 * place of qanat.db, remove qanat.db-wal and qanat.db-shm, start the older version (what was recorded since
 * comes back from peers as far as they hold it). It is removed MIGRATE_COPY_DAYS after it was made, and at
 * once when somebody is erased, who would live on in it. `path` is that of the database. */
#ifndef QANAT_NODE_STORE_DISK_MIGRATE_COPY_H
#define QANAT_NODE_STORE_DISK_MIGRATE_COPY_H

#include <stddef.h>

#include "node/store/connection.h"

enum {
    MIGRATE_COPY_DAYS = 30,
    MIGRATE_SPARE_SIZE =
        8 * 1024 * 1024, /* beside the copy and the log of the steps: for what else goes on */
};

/* Bytes that must be free before the schema of a database of `size` bytes is changed: one for the copy, one
 * for the log of a step that writes every row anew, and what that may add to the file. */
uint64_t migrate_room_needed(uint64_t size);

/* Copies the open database, whose schema is `version`. S_NO_SPACE: refused before anything was written, or
 * nothing stayed of it. Replaces an older copy of the same version. */
enum status migrate_copy_make(struct db *db, const char *path, int version, struct report *report);

/* Removes copies that are MIGRATE_COPY_DAYS old by the wall clock, and what was left of copies that were cut
 * short. */
void migrate_copy_expire(const char *path, uint64_t now_ms);

/* Removes every copy: somebody was erased. S_IO when one stays. */
enum status migrate_copy_drop(const char *path);

#endif
