/* migrate.h: from an empty or older file to the schema this program was built with; never the other way.
 *
 * Each step (schema/sql/migrations/NNNN-what.sql) is one transaction that also writes its number into the
 * file: a kill or a power cut anywhere leaves the schema before or after a step, and the next start goes on
 * from there by itself. Before the first step the database is copied (migrate_copy.h). A step may rebuild
 * tables: references are not enforced inside it, and all are checked before it commits.
 *
 * Schema 1 was changed in place while there was no release: files that call themselves 1 are told apart by
 * what their schema looks like. */
#ifndef QANAT_NODE_STORE_DISK_MIGRATE_H
#define QANAT_NODE_STORE_DISK_MIGRATE_H

#include "node/store/connection.h"

/* The schema this program writes: the number of the newest migration. */
int migrate_version(void);

/* Looks at the file through a connection that cannot write: S_OK when this program may open it for writing,
 * S_CORRUPT for an empty file, S_VERSION (the report says which version wrote it) for a newer one,
 * S_INVALID when it is no database of ours, S_NOT_FOUND when there is none. The file is not changed. */
enum status migrate_check(const char *path, struct report *report);

/* True when the open database has an older schema, or an older program opened it last. */
bool migrate_is_due(struct db *db);

/* Makes the tables in an empty database, or runs the migrations that are missing. `path` is where the
 * database lies and its copy goes; NULL makes none (what is migrated is itself a copy). S_NO_SPACE: there is
 * no room for the copy and the work; nothing was begun. */
enum status migrate_run(struct db *db, const char *path, struct report *report);

#endif
