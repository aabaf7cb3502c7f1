/* window.h: the transfer windows as rows, the bytes spent in each, and the pause.
 *
 * What a window is stands in replication/schedule/window.h; what the rows say about a moment, in hours.h. */
#ifndef QANAT_NODE_STORE_OPERATION_WINDOW_H
#define QANAT_NODE_STORE_OPERATION_WINDOW_H

#include "node/store/db.h"
#include "replication/base/bytes.h"
#include "replication/schedule/window.h"

enum { WINDOWS_MAX = 64 };

struct window_row {
    int64_t id;      /* what `qanat window list` shows and `remove` takes */
    bool is_for_all; /* for every peer without a row of its own */
    struct id peer;  /* else */
    struct window window;
};

/* Adds one; `peer` NULL: for all. S_EXISTS when it is there (*id_out is its number then too), S_TOO_LARGE
 * past WINDOWS_MAX. Writer thread. */
enum status window_row_add(struct db *db, const struct id *peer, const struct window *window,
                           int64_t *id_out);

/* Removes one with what was counted for it; S_NOT_FOUND. Writer thread. */
enum status window_row_remove(struct db *db, int64_t id);

/* All, by number; returns how many. A row that cannot be read is S_CORRUPT in db_status(). */
size_t window_row_list(struct db *db, struct window_row rows_out[WINDOWS_MAX]);

/* Bytes spent on row `id` in the period that began at `start_ms` (window_quota_start()). */
uint64_t window_used_get(struct db *db, int64_t id, uint64_t start_ms);

/* Adds to them; forgets long past periods. Nothing for a row that is gone. Writer thread. */
enum status window_used_add(struct db *db, int64_t id, uint64_t start_ms, uint64_t bytes);

/* `qanat sync pause`. The put is for the writer thread. */
bool window_is_paused(struct db *db);
enum status window_pause_put(struct db *db, bool is_paused);

/* Another number after every change of rows or pause; 0 before the first. */
uint64_t window_revision(struct db *db);

#endif
