/* connection.h: opening and framing connections; for the engine files of the store only (store.c, writer.c,
 * migrate.c).
 *
 * A writer connection is read-write, WAL, synchronous=FULL, and the only one that checkpoints. A reader is
 * read-only and never checkpoints, not even when it is the last to close (SQLite bugs 3.7.0 to 3.51.2 with
 * two checkpointers). Neither maps the file into memory. */
#ifndef QANAT_NODE_STORE_CONNECTION_H
#define QANAT_NODE_STORE_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "node/store/db.h"

enum db_mode { DB_CREATE, DB_WRITE, DB_READ };

enum {
    APPLICATION_ID = 0x51616e74, /* "Qant", in the file's header */
    WRITER_CACHE_MIB = 16,
    READER_CACHE_MIB = 2,
    WRITER_BUSY_MS = 5000,          /* somebody else's lock (a backup tool) is waited for this long */
    WAL_LEFT_MAX = 8 * 1024 * 1024, /* a checkpointed WAL file is cut down to this */
};

/* Opens `path`. DB_CREATE makes the file when it is missing; the other modes refuse an empty one (S_CORRUPT).
 * `cache_mib` 0: the default of the mode. S_BUSY, S_IO, S_CORRUPT, ... with a report. */
enum status db_open(const char *path, enum db_mode mode, int cache_mib, struct db **db_out,
                    struct report *report);

/* True when something stands in SQLite's log beside `path`. */
bool db_has_log(const char *path);
void db_close(struct db *db);

/* A connection that could not be opened: its statements give no rows and db_status() stays `status`. */
struct db *db_dead(enum status status);

/* Says whose connection it is: db_store(). */
void db_set_store(struct db *db, struct store *store);

/* Runs fixed text without parameters (PRAGMA, the schema). */
enum status db_execute(struct db *db, const char *sql);

/* The first column of the first row of fixed text; 0 when there is none or it fails (see db_status). */
int64_t db_query_int(struct db *db, const char *sql);

/* True when `sql` (a check pragma) answers exactly "ok". */
bool db_query_is_ok(struct db *db, const char *sql);

/* Calls `visit` with the columns of each row of fixed text (a check pragma), joined by ", ". */
typedef void db_text_visit(void *ctx, const char *text);
enum status db_query_texts(struct db *db, const char *sql, db_text_visit *visit, void *ctx);

/* The one translator of SQLite's result codes (primary or extended). */
enum status db_status_of(int code);

/* The connection itself, for what has no typed access: the online backup. */
struct sqlite3;
struct sqlite3 *db_handle(struct db *db);

/* Forgets the error and resets every statement that is still in use: the beginning and the end of a job or a
 * read. */
void db_settle(struct db *db);

/* Records an error of ours, as if a statement had met it. */
void db_fail(struct db *db, enum status status);

/* False when SQLite has rolled the whole transaction back by itself (disk full, I/O error). */
bool db_in_transaction(const struct db *db);

/* This connection's cache of terms. */
struct terms *db_terms(struct db *db);

/* This connection's memory of who speaks of other streams. */
struct speakers *db_speakers(struct db *db);

/* What SQLite says of the last error. */
const char *db_error_text(const struct db *db);

/* Bytes in the WAL after the last commit. */
uint64_t db_wal_size(const struct db *db);

/* Copies the WAL into the database, as far as readers allow; with `truncate` also waits for them and empties
 * the file. */
enum status db_checkpoint(struct db *db, bool truncate);

#endif
