#include "node/store/stream/cell.h"

#include "node/store/connection.h"
#include "node/store/stream/speakers.h"
#include "replication/base/check.h"

_Static_assert((1ULL << CELL_SEQ_BITS) == SEQ_MAX + 1, "a dot holds every seq");

enum { DISPLACED_AT_ONCE = 64 }; /* rows read before they are deleted */

bool cell_stream_is_valid(int64_t stream)
{
    return stream > 0 && stream < 1LL << (63 - CELL_SEQ_BITS);
}

static int64_t dot_of(int64_t stream, uint64_t seq)
{
    CHECK(cell_stream_is_valid(stream) && seq <= SEQ_MAX);
    return (int64_t)((uint64_t)stream << CELL_SEQ_BITS | seq);
}

/* The last dot before a stream's own (none has seq 0, but a rotten one may); for CELL_STREAM_NONE, before any that there can be. */
static int64_t dot_before(int64_t stream)
{
    return stream == CELL_STREAM_NONE ? INT64_MIN : dot_of(stream, 0) - 1;
}

static int64_t dot_last(int64_t stream)
{
    return stream == CELL_STREAM_NONE ? (int64_t)SEQ_MAX : dot_of(stream, SEQ_MAX);
}

static uint64_t dot_seq(int64_t dot)
{
    return (uint64_t)dot & SEQ_MAX;
}

void cell_rows_init(struct cell_rows *rows, struct db *db, int64_t stream, bool is_new)
{
    rows->db = db;
    rows->stream = stream;
    rows->is_new = is_new;
    buffer_init(&rows->key);
    buffer_init(&rows->old);
}

void cell_rows_release(struct cell_rows *rows)
{
    buffer_release(&rows->key);
    buffer_release(&rows->old);
}

/* The row with the packed key in rows->key. */
static enum status row_find(struct cell_rows *rows, struct bytes key, struct cell *old_out)
{
    struct statement *find = db_statement(rows->db, STATEMENT_cell_find);
    enum status status = S_NOT_FOUND;

    statement_bind_blob(find, 1, buffer_bytes(&rows->key));
    if (statement_step(find)) {
        struct bytes value = statement_blob(find, 1);
        buffer_clear(&rows->old);
        buffer_append(&rows->old, value.data, value.size);
        *old_out = (struct cell){dot_seq(statement_int(find, 0)), key, buffer_bytes(&rows->old)};
        status = cell_check(old_out) == S_OK ? S_OK : S_CORRUPT; /* what was stored was a cell */
    } else if (db_status(rows->db) != S_OK) {
        status = db_status(rows->db);
    }
    statement_reset(find);
    return status;
}

enum status cell_row_find(struct cell_rows *rows, struct bytes key, struct cell *old_out)
{
    enum status status = key_pack(rows->db, rows->stream, key, false, &rows->key);
    return status == S_OK ? row_find(rows, key, old_out) : status;
}

static void note_sayings(struct cell_rows *rows, const struct cell *cell)
{
    if (cell->value.size > 0 && cell->value.data[0] == CELL_ADOPTED) {
        speakers_note(rows->db, rows->stream);
    }
}

static enum status row_add(struct cell_rows *rows, const struct cell *cell)
{
    struct statement *add = db_statement(rows->db, STATEMENT_cell_add);

    statement_bind_int(add, 1, dot_of(rows->stream, cell->seq));
    statement_bind_blob(add, 2, buffer_bytes(&rows->key));
    statement_bind_blob(add, 3, cell->value);
    note_sayings(rows, cell);
    return statement_run(add);
}

static enum status row_move(struct cell_rows *rows, uint64_t seq, const struct cell *cell)
{
    struct statement *move = db_statement(rows->db, STATEMENT_cell_move);

    statement_bind_int(move, 1, dot_of(rows->stream, seq));
    statement_bind_int(move, 2, dot_of(rows->stream, cell->seq));
    statement_bind_blob(move, 3, cell->value);
    note_sayings(rows, cell);
    return statement_run(move);
}

enum status cell_row_replace(struct cell_rows *rows, const struct cell *old, const struct cell *cell)
{
    if (old) {
        return row_move(rows, old->seq, cell);
    }
    enum status status = key_pack(rows->db, rows->stream, cell->key, true, &rows->key);
    return status == S_OK ? row_add(rows, cell) : status;
}

enum status cell_row_put(void *ctx, const struct cell *cell, struct cell *old_out, bool *found_out)
{
    struct cell_rows *rows = ctx;
    enum status status = key_pack(rows->db, rows->stream, cell->key, true, &rows->key);

    *found_out = false;
    if (status != S_OK) {
        return status;
    }
    if (rows->is_new) {
        status = row_add(rows, cell);
        if (status !=
            S_EXISTS) { /* else a key that came twice: in an early batch and, changed, in a later one */
            return status;
        }
    }
    status = row_find(rows, cell->key, old_out);
    if (status == S_NOT_FOUND) {
        return row_add(rows, cell);
    }
    *found_out = status == S_OK;
    return status == S_OK ? row_move(rows, old_out->seq, cell) : status;
}

/* One cell from the current row: the key in `key`, the value borrowed from the row. S_CORRUPT when the row is
 * none. */
static enum status row_parse(struct db *db, struct statement *row, uint8_t key[CELL_KEY_MAX],
                             struct cell *out)
{
    struct bytes packed = statement_blob(row, 1);
    size_t size;
    enum status status = S_CORRUPT;

    if (key_stream(packed) ==
        statement_int(row, 0) >> CELL_SEQ_BITS) { /* else it could not be found by its key */
        status = key_unpack(db, packed, key, &size);
    }
    if (status == S_OK) {
        *out = (struct cell){dot_seq(statement_int(row, 0)), bytes_of(key, size), statement_blob(row, 2)};
        status = cell_check(out) == S_OK ? S_OK : S_CORRUPT; /* what was stored was a cell */
    }
    return status;
}

static enum status row_read(struct db *db, struct statement *row, uint8_t key[CELL_KEY_MAX], struct cell *out)
{
    enum status status = row_parse(db, row, key, out);

    if (status != S_OK) {
        db_fail(db, status);
    }
    return status;
}

/* Rows come by their seq; in a tree with rotten pages the same ones may come round again, for ever. */
static bool is_onward(struct db *db, uint64_t *last, const struct cell *cell)
{
    if (cell->seq <= *last) {
        db_fail(db, S_CORRUPT);
        return false;
    }
    *last = cell->seq;
    return true;
}

size_t cell_rows_scan(struct db *db, int64_t stream, uint64_t after_seq, size_t max, struct arena *arena,
                      struct cell *cells_out)
{
    struct statement *scan = db_statement(db, STATEMENT_cell_scan);
    uint8_t key[CELL_KEY_MAX];
    struct cell cell;
    uint64_t last = after_seq;
    size_t count = 0;

    statement_bind_int(scan, 1, dot_of(stream, after_seq));
    statement_bind_int(scan, 2, dot_of(stream, SEQ_MAX));
    statement_bind_int(scan, 3, max < INT64_MAX ? (int64_t)max : INT64_MAX);
    while (count < max && statement_step(scan) && row_read(db, scan, key, &cell) == S_OK &&
           is_onward(db, &last, &cell)) {
        cell.key = arena_copy(arena, cell.key);
        cell.value = cell.key.data ? arena_copy(arena, cell.value) : cell.key;
        if (!cell.value.data) {
            break;
        }
        cells_out[count++] = cell;
    }
    statement_reset(scan);
    return count;
}

static struct statement *walk_begin(struct db *db, int64_t stream)
{
    struct statement *walk = db_statement(db, STATEMENT_cell_walk);

    statement_bind_int(walk, 1, dot_before(stream));
    statement_bind_int(walk, 2, dot_last(stream));
    return walk;
}

/* Visits the rows of a stream in seq order; those that cannot be read are left out, or end it. */
static enum status rows_visit(struct db *db, int64_t stream, bool leaves_out, cell_row_visit *visit, void *ctx)
{
    struct statement *walk = walk_begin(db, stream);
    enum status status = S_OK;
    uint8_t key[CELL_KEY_MAX];
    uint64_t last = 0;

    while (status == S_OK && statement_step(walk)) {
        struct cell cell = {.seq = dot_seq(statement_int(walk, 0))};
        if (!is_onward(db, &last, &cell)) {
            status = S_CORRUPT;
        } else if (!leaves_out) {
            status = row_read(db, walk, key, &cell);
            status = status == S_OK ? visit(ctx, &cell) : status;
        } else if (row_parse(db, walk, key, &cell) == S_OK) {
            status = visit(ctx, &cell);
        }
    }
    statement_reset(walk);
    return status == S_OK ? db_status(db) : status;
}

enum status cell_rows_walk(struct db *db, int64_t stream, cell_row_visit *visit, void *ctx)
{
    return rows_visit(db, stream, false, visit, ctx);
}

enum status cell_rows_glean(struct db *db, int64_t stream, cell_row_visit *visit, void *ctx)
{
    return rows_visit(db, stream, true, visit, ctx);
}

int64_t cell_rows_next(struct db *db, int64_t after)
{
    struct statement *next = db_statement(db, STATEMENT_cell_dot_after);
    int64_t number = 0;

    statement_bind_int(next, 1, (int64_t)((uint64_t)after << CELL_SEQ_BITS | SEQ_MAX));
    if (statement_step(next)) {
        number = statement_int(next, 0) >> CELL_SEQ_BITS;
    }
    if (number != 0 && number <= after) { /* a rotten tree leads back */
        db_fail(db, S_CORRUPT);
        number = 0;
    }
    statement_reset(next);
    return number;
}

bool cell_rows_any_unplaced(struct db *db)
{
    struct statement *next = db_statement(db, STATEMENT_cell_dot_after);

    statement_bind_int(next, 1, dot_before(CELL_STREAM_NONE));
    bool is_any = statement_step(next) && statement_int(next, 0) <= dot_last(CELL_STREAM_NONE);
    statement_reset(next);
    return is_any;
}

static enum status range_drop(struct db *db, int64_t before, int64_t last)
{
    struct statement *drop = db_statement(db, STATEMENT_cell_drop);

    statement_bind_int(drop, 1, before);
    statement_bind_int(drop, 2, last);
    return statement_run(drop);
}

enum status cell_rows_drop_some(struct db *db, int64_t stream, size_t max, bool *are_many_out)
{
    struct statement *part = db_statement(db, STATEMENT_cell_part);

    statement_bind_int(part, 1, dot_before(stream));
    statement_bind_int(part, 2, dot_last(stream));
    statement_bind_int(part, 3, (int64_t)max - 1);
    *are_many_out = statement_step(part);
    int64_t end = *are_many_out ? statement_int(part, 0) : 0;
    statement_reset(part);
    return *are_many_out ? range_drop(db, dot_before(stream), end) : db_status(db);
}

enum status cell_rows_drop(struct db *db, int64_t stream)
{
    if (stream != CELL_STREAM_NONE && !cell_stream_is_valid(stream)) {
        return S_OK; /* a damaged row's: no cell can have it */
    }
    speakers_drop(db, stream);
    return range_drop(db, dot_before(stream), dot_last(stream));
}

/* Some rows among those of `stream` whose keys are of another: how many, and their dots. */
static size_t displaced_find(struct db *db, int64_t stream, int64_t dots_out[DISPLACED_AT_ONCE])
{
    struct statement *walk = walk_begin(db, stream);
    size_t count = 0;

    while (count < DISPLACED_AT_ONCE && statement_step(walk)) {
        if (key_stream(statement_blob(walk, 1)) != stream) {
            dots_out[count++] = statement_int(walk, 0);
        }
    }
    statement_reset(walk);
    return count;
}

enum status cell_rows_sift(struct db *db, int64_t stream, size_t *dropped_out)
{
    int64_t dots[DISPLACED_AT_ONCE];
    enum status status = S_OK;
    size_t count = DISPLACED_AT_ONCE;

    for (*dropped_out = 0; count == DISPLACED_AT_ONCE && status == S_OK;) {
        count = displaced_find(db, stream, dots);
        for (size_t i = 0; i < count && status == S_OK; i++) {
            status = range_drop(db, dots[i] - 1, dots[i]);
        }
        *dropped_out += count;
    }
    return status == S_OK ? db_status(db) : status;
}
