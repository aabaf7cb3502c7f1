#include "node/store/disk/scour.h"

#include <stdio.h>

#include "node/store/connection.h"
#include "node/store/disk/page_seal.h"
#include "node/store/engine.h"

/* One row takes so many bytes of free pages; an overflow page keeps four for the number of the next. */
enum { FILL_SIZE = 64 * 1024 * 1024, PAGE_ROOM = PAGE_SIZE - PAGE_SEAL_SIZE - 4, NAME_SIZE = 32 };

static const char scoured[] = "scoured";

static bool is_scoured(struct store *store)
{
    struct db *db = store_read_begin(store);
    uint8_t one = 0;
    const bool is = property_get(db, scoured, &one, sizeof one) && one;

    store_read_end(store, db);
    return is;
}

static enum status scoured_note(struct db *db, void *arg)
{
    static const uint8_t one = 1;

    (void)arg;
    return property_put(db, scoured, bytes_of(&one, sizeof one));
}

static void name_write(char name[NAME_SIZE], int number)
{
    snprintf(name, NAME_SIZE, "scour %d", number);
}

/* Free pages become zeros: rows of zeros take them all, and leave them. */
static enum status free_pages_fill(struct db *db, void *arg)
{
    int64_t left = db_query_int(db, "PRAGMA freelist_count") * PAGE_ROOM;
    enum status status = db_status(db);
    char name[NAME_SIZE];
    int count = 0;

    (void)arg;
    for (; left > 0 && status == S_OK; count++) {
        struct statement *fill = db_statement(db, STATEMENT_scour_fill);
        name_write(name, count);
        statement_bind_string(fill, 1, name);
        statement_bind_int(fill, 2, left < FILL_SIZE ? left : FILL_SIZE);
        status = statement_run(fill);
        left -= FILL_SIZE;
    }
    db_set_erasing(db, true);
    for (int i = 0; i < count && status == S_OK; i++) {
        struct statement *drop = db_statement(db, STATEMENT_property_drop);
        name_write(name, i);
        statement_bind_string(drop, 1, name);
        status = statement_run(drop);
    }
    return status;
}

static enum status build_anew(struct db *db, void *arg)
{
    (void)arg;
    return db_execute(db, "VACUUM");
}

/* The log into the database, and away; then no page stays in memory as it was before. */
static enum status log_empty(struct db *db, void *arg)
{
    enum status status = db_checkpoint(db, true);

    (void)arg;
    return status == S_OK ? db_execute(db, "PRAGMA shrink_memory") : status;
}

enum status store_scour(struct store *store)
{
    enum status status;

    if (is_scoured(store)) {
        status = store_write_wait(store, free_pages_fill, NULL);
    } else {
        status = store_run_apart(store, build_anew, NULL);
        status = status == S_OK ? store_write_wait(store, scoured_note, NULL) : status;
    }
    const enum status emptied = store_run_apart(store, log_empty, NULL);
    return status == S_OK ? emptied : status;
}
