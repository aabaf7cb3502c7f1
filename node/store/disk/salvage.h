/* salvage.h: a new database from what can still be read of a damaged one.
 *
 * Every table is copied row by row, from its beginning up to the damage and from its end down to it, so that
 * one bad page costs the rows of that page. A damaged schema (its text is known) is read with the pages of a
 * fresh one in its place. What the rows say is not judged here: streams are under their writers' signatures
 * and are looked at by care/inspect afterwards. The new database has another id and no living incarnation:
 * nothing is written on. The old one stays beside it as qanat.db.damaged. The caller holds the directory's
 * lock, and nobody has the database open. */
#ifndef QANAT_NODE_STORE_DISK_SALVAGE_H
#define QANAT_NODE_STORE_DISK_SALVAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "replication/base/status.h"

enum { SALVAGE_TABLES_MAX = 64, SALVAGE_NAME_MAX = 48 };

struct salvage_table {
    char name[SALVAGE_NAME_MAX];
    uint64_t rows;    /* that were read */
    uint64_t refused; /* read, but not as this table holds them */
    bool is_damaged;  /* some rows could not be read, or are not what was written: how many nobody knows */
};

struct salvage {
    struct salvage_table tables[SALVAGE_TABLES_MAX];
    size_t count;
    bool has_fresh_schema;
};

/* Replaces D/qanat.db. S_NO_SPACE, S_IO: nothing was changed. */
enum status salvage_run(const char *dir, struct salvage *salvage, struct report *report);

/* Ends a replacement that was cut short between its renames; S_OK also when there is none. */
enum status salvage_finish(const char *dir, struct report *report);

#endif
