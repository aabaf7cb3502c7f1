#include "node/store/stream/beside.h"

#include <sodium.h>
#include <stdlib.h>

#include "node/store/connection.h"
#include "node/store/store.h"
#include "node/store/stream/audit.h"
#include "node/store/stream/cell.h"
#include "node/store/stream/speakers.h"

enum { COPY_SIZE_MAX = 4 * 1024 * 1024 }; /* bytes of the cells that are copied at once */

/* A row at `number`; 0: behind all others. */
static enum status row_add(struct db *db, int64_t number)
{
    struct statement *add = db_statement(db, STATEMENT_beside_add);
    uint8_t id[STREAM_ID_SIZE];

    randombytes_buf(id, sizeof id);
    id[0] = TOPIC_RESULTS; /* so that it reads as an id: of a node that there is not */
    statement_bind_int_unless(add, 1, number, 0);
    statement_bind_blob(add, 2, bytes_of(id, sizeof id));
    return statement_run(add);
}

enum status beside_make(struct db *db, int64_t *number_out)
{
    enum status status = row_add(db, 0);

    *number_out = db_last_id(db);
    return status == S_OK && !cell_stream_is_valid(*number_out) ? S_CORRUPT : status;
}

bool beside_is(struct db *db, int64_t number)
{
    struct head_row row;

    return head_get(db, number, &row) && row.is_beside;
}

enum status beside_copy(struct db *db, int64_t from, int64_t to, uint64_t *seq)
{
    struct cell *cells = calloc(BESIDE_PART_CELLS, sizeof *cells);
    struct cell_rows rows;
    struct arena arena;
    enum status status = cells != NULL ? S_OK : S_NO_MEMORY;

    arena_init(&arena, COPY_SIZE_MAX);
    size_t count = cells != NULL ? cell_rows_scan(db, from, *seq, BESIDE_PART_CELLS, &arena, cells) : 0;
    cell_rows_init(&rows, db, to, false);
    for (size_t i = 0; i < count && status == S_OK; i++) {
        status = cell_row_replace(&rows, NULL, &cells[i]);
        *seq = cells[i].seq;
    }
    cell_rows_release(&rows);
    arena_release(&arena);
    free(cells);
    return status == S_OK ? db_status(db) : status;
}

static enum status number_run(struct db *db, enum statement_name name, int64_t number)
{
    struct statement *statement = db_statement(db, name);

    statement_bind_int(statement, 1, number);
    return statement_run(statement);
}

/* What the stream was gets a row of its own. */
static enum status former_keep(struct db *db, int64_t number)
{
    enum status status = row_add(db, number);

    speakers_drop(db, number);
    if (status == S_OK) {
        beside_drop(db_store(db), number);
    }
    return status;
}

enum status beside_take_place(struct db *db, const struct head_row *row, int64_t number)
{
    enum status status = number_run(db, STATEMENT_stream_drop, number);

    if (status == S_OK) {
        status = number_run(db, STATEMENT_stream_state_drop, row->number);
    }
    if (status == S_OK) {
        struct statement *move = db_statement(db, STATEMENT_stream_renumber);
        statement_bind_int(move, 1, row->number);
        statement_bind_int(move, 2, number);
        status = statement_run(move);
    }
    if (status == S_OK && row->certificate.head.seq > 0) {
        status = former_keep(db, row->number);
    }
    if (status == S_OK) {
        speakers_look(db, number);
    }
    return status == S_OK ? db_status(db) : status;
}

/* --- going ------------------------------------------------------------------------------------------------------- */

/* `arg` is the number. Whoever it belongs to by now keeps it. */
static enum status drop_run(struct db *db, void *arg)
{
    int64_t number = (int64_t)(intptr_t)arg;
    bool are_many = false;

    if (!beside_is(db, number)) {
        return db_status(db);
    }
    enum status status = cell_rows_drop_some(db, number, BESIDE_PART_CELLS, &are_many);
    if (status == S_OK && are_many) {
        beside_drop(db_store(db), number);
        return S_OK;
    }
    return status == S_OK ? audit_drop(db, number) : status;
}

void beside_drop(struct store *store, int64_t number)
{
    _Static_assert(sizeof(intptr_t) >= sizeof(int64_t), "a number fits a pointer");
    store_write(store, drop_run, (void *)(intptr_t)number, NULL);
}

static enum status clear_run(struct db *db, void *unused)
{
    struct statement *each = db_statement(db, STATEMENT_beside_all);

    (void)unused;
    while (statement_step(each)) {
        beside_drop(db_store(db), statement_int(each, 0));
    }
    statement_reset(each);
    return db_status(db);
}

void beside_clear(struct store *store)
{
    store_write(store, clear_run, NULL, NULL);
}

bool beside_is_any(struct db *db)
{
    return statement_has_row(db_statement(db, STATEMENT_beside_all));
}
