/* roster.h: the federation's roster as this node's roster-topic cells state it. */
#ifndef QANAT_NODE_STORE_STREAM_ROSTER_H
#define QANAT_NODE_STORE_STREAM_ROSTER_H

#include "node/dir.h"
#include "node/store/db.h"
#include "replication/trust/roster.h"

/* Folds every statement held into a new roster; the caller frees it. Statements that do not hold are left out
 * and logged. */
enum status roster_load(struct db *db, const struct federation *federation, struct roster **roster_out,
                        struct report *report);

/* The member of that name, or NULL with S_NOT_FOUND and what to do in the report. It lives as long as the roster. */
const struct roster_node *roster_member(const struct roster *roster, const char *name, struct report *report);

/* Writes a statement into this node's own roster stream, under its key and stamped `at_ms`. What cannot be a statement: as
 * statement_cell_key(). Writer thread. */
enum status roster_statement_put(struct db *db, struct bytes statement, uint64_t at_ms);

/* Puts what of the own stream `number`, which is not the living one, still holds into the living one, where that has nothing under the same
 * key: of a stream that rotted, before it is dropped. A statement holds when its signature does; other cells when they can be read. Writer
 * thread. */
enum status roster_carry(struct db *db, const struct federation *federation, int64_t number);

#endif
