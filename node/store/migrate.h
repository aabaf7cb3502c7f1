/* migrate.h: from an empty or older file to the schema this program was built with; never the other way. */
#ifndef QANAT_NODE_STORE_MIGRATE_H
#define QANAT_NODE_STORE_MIGRATE_H

#include "node/store/connection.h"

/* The schema this program writes: 1, or the number of the newest migration. */
int migrate_version(void);

/* Looks at the file through a connection that cannot write: S_OK when this program may open it for writing
 * (also when it is missing or empty), S_VERSION (the report says which version wrote it) for a newer one,
 * S_INVALID when it is no database of ours, S_NOT_FOUND when there is none. The file is not changed. */
enum status migrate_check(const char *path, struct report *report);

/* Makes the tables in an empty database, or runs the migrations that are missing, in one transaction. */
enum status migrate_run(struct db *db, struct report *report);

#endif
