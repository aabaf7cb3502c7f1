/* reseal.h: a database that was made before there were seals (page_seal.h) gets them.
 *
 * SQLite gives room at the end of pages only to a file that it writes anew: VACUUM, one transaction in the log, so a kill or a power cut
 * anywhere leaves the whole database of before or the whole sealed one. Done when a database is opened for writing: after its schema
 * was brought up (migrate.h), when the copy of what it was lies beside it; a database that an earlier version of this program brought up
 * comes to it at its next start. Without room (as much as for an upgrade) it stays as it is, and works: rotten bits are then found by
 * digests and checks alone; the next start tries again. */
#ifndef QANAT_NODE_STORE_DISK_RESEAL_H
#define QANAT_NODE_STORE_DISK_RESEAL_H

#include "node/store/connection.h"

/* True when the open database has no room for seals. */
bool reseal_is_due(struct db *db);

/* Seals it, when that is due and there is room; nobody else has the database open for writing. `path` is where it lies. What fails
 * is told in the journal: the database is usable either way. */
void reseal_run(struct db *db, const char *path);

#endif
