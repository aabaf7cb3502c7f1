/* cell.h: rows of cells, by stream number; the store's own level below stream.h and own.h.
 *
 * A row's id, its dot, is stream number << 36 | seq. */
#ifndef QANAT_NODE_STORE_STREAM_CELL_H
#define QANAT_NODE_STORE_STREAM_CELL_H

#include "node/store/db.h"
#include "node/store/stream/key.h"
#include "replication/base/arena.h"
#include "replication/crdt/cell.h"

enum {
    CELL_SEQ_BITS = 36,
    CELL_STREAM_NONE = 0, /* no stream has this number: rows whose dots rotted below the first stream's stand there */
};

/* Scratch for one run of puts on one connection. */
struct cell_rows {
    struct db *db;
    int64_t stream;
    bool is_new;       /* no cell of the stream was stored before: try to insert first */
    struct buffer key; /* packed */
    struct buffer old; /* value of the replaced cell */
};

/* Can a stream have this number? What a damaged row says may be anything. */
bool cell_stream_is_valid(int64_t stream);

void cell_rows_init(struct cell_rows *rows, struct db *db, int64_t stream, bool is_new);
void cell_rows_release(struct cell_rows *rows);

/* Finds the cell with `key`: *old_out is borrowed until the next call; its key is `key`. S_NOT_FOUND. */
enum status cell_row_find(struct cell_rows *rows, struct bytes key, struct cell *old_out);

/* Puts `cell` in the place of `old` (same key, found just before), or as a new one when `old` is NULL. */
enum status cell_row_replace(struct cell_rows *rows, const struct cell *old, const struct cell *cell);

/* Puts `cell`, replacing the one with its key, as stream_put of replication/stream/apply.h; `ctx` is a struct
 * cell_rows. */
enum status cell_row_put(void *ctx, const struct cell *cell, struct cell *old_out, bool *found_out);

/* Cells of a stream with seq above `after_seq`, copied to `arena`, until `max` or the arena is full. Returns
 * how many. */
size_t cell_rows_scan(struct db *db, int64_t stream, uint64_t after_seq, size_t max, struct arena *arena,
                      struct cell *cells_out);

/* The number of the first stream above `after` that has cells, whether or not it has a row; 0 at the end. */
int64_t cell_rows_next(struct db *db, int64_t after);

/* True when rows stand below the first stream's, where only rot puts them. */
bool cell_rows_any_unplaced(struct db *db);

/* Deletes the first `max` rows at a stream's dots, if there are so many: *are_many_out. Else nothing. */
enum status cell_rows_drop_some(struct db *db, int64_t stream, size_t max, bool *are_many_out);

/* Deletes every row at a stream's dots. */
enum status cell_rows_drop(struct db *db, int64_t stream);

/* Deletes the rows at a stream's dots whose keys are of another stream: their dots rotted, nobody finds them, and the stream that they belong to
 * could not take them anew. How many in *dropped_out. */
enum status cell_rows_sift(struct db *db, int64_t stream, size_t *dropped_out);

/* Every cell of a stream in seq order, borrowed during the visit. */
typedef enum status cell_row_visit(void *ctx, const struct cell *cell);
enum status cell_rows_walk(struct db *db, int64_t stream, cell_row_visit *visit, void *ctx);
/* The same of a stream that rotted: what cannot be read is left out. */
enum status cell_rows_glean(struct db *db, int64_t stream, cell_row_visit *visit, void *ctx);

#endif
