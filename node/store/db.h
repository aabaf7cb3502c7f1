/* db.h: one SQLite connection and its prepared statements, behind typed access.
 *
 * All SQL lives in schema/sql/queries, named `-- name: cell_put`; the build makes one enumerator
 * STATEMENT_<name> each. Only this family of files includes sqlite3.h; the nouns of the store (stream.c,
 * cell.c, person.c, ...) are written with these calls. */
#ifndef QANAT_NODE_STORE_DB_H
#define QANAT_NODE_STORE_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "replication/base/bytes.h"
#include "replication/base/status.h"
#include "schema/statements.h" /* generated: enum statement_name */

struct db;

/* A prepared statement in use: bind from index 1, step, read columns from 0, reset (always). */
struct statement;

/* Prepared on first use and kept; reset and unbound. Never NULL: a statement that cannot be prepared is a
 * fault of the build. */
struct statement *db_statement(struct db *db, enum statement_name name);

void statement_bind_int(struct statement *statement, int index, int64_t value);
void statement_bind_double(struct statement *statement, int index, double value);
void statement_bind_null(struct statement *statement, int index);
/* NULL for `none`. */
void statement_bind_int_unless(struct statement *statement, int index, int64_t value, int64_t none);
/* The bytes must stay until statement_reset(). */
void statement_bind_blob(struct statement *statement, int index, struct bytes value);
void statement_bind_text(struct statement *statement, int index, struct bytes value);
void statement_bind_string(struct statement *statement, int index, const char *value);

/* True when there is a row; false at the end and on an error, which is then in db_status(). */
bool statement_step(struct statement *statement);
int64_t statement_int(struct statement *statement, int column);
double statement_double(struct statement *statement, int column);
struct bytes statement_blob(struct statement *statement,
                            int column); /* text too; borrowed until the next step */
const char *statement_string(struct statement *statement, int column); /* "" for NULL; texts that are no UTF-8 are "?" */
bool statement_is_null(struct statement *statement, int column);
int64_t statement_int_or(struct statement *statement, int column, int64_t none); /* `none` for NULL */

/* What a column of a damaged row may hold is anything: these give what the caller can use. Exactly `size` bytes, else
 * zeros, false, and db_status() says S_CORRUPT. */
bool statement_take_raw(struct statement *statement, int column, void *out, size_t size);
/* A text for `out`, ended by NUL; one that is longer is cut between its characters. */
void statement_take_text(struct statement *statement, int column, char *out, size_t size);
void statement_reset(struct statement *statement);

/* Steps a statement of which only it matters whether there is a row, and resets it. */
bool statement_has_row(struct statement *statement);

/* Steps a statement that returns no rows, and resets it. */
enum status statement_run(struct statement *statement);

/* Rows changed by the last INSERT, UPDATE or DELETE; id of the last INSERT. */
int64_t db_changes(const struct db *db);
int64_t db_last_id(const struct db *db);

/* The first error since the job (or read) began, translated: S_NO_SPACE, S_IO, S_CORRUPT, S_BUSY, S_INTERNAL;
 * S_OK when none. */
enum status db_status(const struct db *db);

/* What the next statements of this job delete or change is overwritten with zeros, or not: on in jobs that erase people.
 * Off with the end of the job. */
void db_set_erasing(struct db *db, bool is_erasing);

/* The store this connection belongs to: its identity and caches are reached through it. */
struct store *db_store(const struct db *db);

#endif
