#include "node/store/operation/window.h"

#include <string.h>

#include "node/store/connection.h"
#include "node/store/engine.h"
#include "replication/base/limits.h"

static const char paused_name[] = "sync_paused", revision_name[] = "windows";

uint64_t window_revision(struct db *db)
{
    uint64_t revision;

    return property_get(db, revision_name, &revision, sizeof revision) ? revision : 0;
}

static enum status revision_advance(struct db *db)
{
    uint64_t revision = window_revision(db) + 1;

    return property_put(db, revision_name, bytes_of((const uint8_t *)&revision, sizeof revision));
}

/* --- rows
 * ----------------------------------------------------------------------------------------------------- */

static struct bytes peer_bytes(const struct id *peer)
{
    return peer ? bytes_of(peer->b, sizeof peer->b) : bytes_of(NULL, 0);
}

size_t window_row_list(struct db *db, struct window_row rows_out[WINDOWS_MAX])
{
    size_t count = 0;
    bool is_found = true;

    while (count < WINDOWS_MAX && is_found) {
        struct window_row *row = &rows_out[count];
        struct statement *after = db_statement(db, STATEMENT_window_after);
        statement_bind_int(after, 1, count > 0 ? rows_out[count - 1].id : 0);
        is_found = statement_step(after);
        if (is_found) {
            struct bytes peer = statement_blob(after, 1);
            memset(row, 0, sizeof *row);
            row->id = statement_int(after, 0);
            row->is_for_all = peer.size == 0;
            if (peer.size == sizeof row->peer.b) { /* nothing's data is NULL */
                memcpy(row->peer.b, peer.data, peer.size);
            }
            if (window_parse(statement_string(after, 2), &row->window, NULL) != S_OK) {
                db_fail(db, S_CORRUPT);
                is_found = false;
            }
        }
        statement_reset(after);
        count += is_found;
    }
    return count;
}

/* The number of an equal row; 0: none. */
static int64_t row_find(struct db *db, const struct id *peer, const char *text)
{
    struct statement *find = db_statement(db, STATEMENT_window_find);

    statement_bind_blob(find, 1, peer_bytes(peer));
    statement_bind_string(find, 2, text);
    int64_t id = statement_step(find) ? statement_int(find, 0) : 0;
    statement_reset(find);
    return id;
}

enum status window_row_add(struct db *db, const struct id *peer, const struct window *window, int64_t *id_out)
{
    struct window_row rows[WINDOWS_MAX];
    char text[WINDOW_TEXT_MAX];

    window_format(window, text);
    *id_out = row_find(db, peer, text);
    if (*id_out != 0) {
        return S_EXISTS;
    }
    if (window_row_list(db, rows) == WINDOWS_MAX) {
        return S_TOO_LARGE;
    }
    struct statement *add = db_statement(db, STATEMENT_window_add);
    statement_bind_blob(add, 1, peer_bytes(peer));
    statement_bind_string(add, 2, text);
    enum status status = statement_run(add);
    *id_out = db_last_id(db);
    return status == S_OK ? revision_advance(db) : status;
}

enum status window_row_remove(struct db *db, int64_t id)
{
    struct statement *used = db_statement(db, STATEMENT_window_used_remove);

    statement_bind_int(used, 1, id);
    enum status status = statement_run(used);
    struct statement *gone = db_statement(db, STATEMENT_window_remove);
    statement_bind_int(gone, 1, id);
    if (status == S_OK) {
        status = statement_run(gone);
    }
    if (status == S_OK && db_changes(db) == 0) {
        return S_NOT_FOUND;
    }
    return status == S_OK ? revision_advance(db) : status;
}

/* --- what was spent
 * ------------------------------------------------------------------------------------------- */

uint64_t window_used_get(struct db *db, int64_t id, uint64_t start_ms)
{
    struct statement *get = db_statement(db, STATEMENT_window_used_get);

    statement_bind_int(get, 1, id);
    statement_bind_int(get, 2, (int64_t)start_ms);
    uint64_t bytes = statement_step(get) ? (uint64_t)statement_int(get, 0) : 0;
    statement_reset(get);
    return bytes;
}

static bool row_is_there(struct db *db, int64_t id)
{
    struct statement *after = db_statement(db, STATEMENT_window_after);

    statement_bind_int(after, 1, id - 1);
    bool is_there = statement_step(after) && statement_int(after, 0) == id;
    statement_reset(after);
    return is_there;
}

enum status window_used_add(struct db *db, int64_t id, uint64_t start_ms, uint64_t bytes)
{
    if (start_ms > INT64_MAX || bytes > WINDOW_QUOTA_MAX) {
        return S_INVALID;
    }
    if (!row_is_there(db, id)) {
        return S_OK;
    }
    struct statement *add = db_statement(db, STATEMENT_window_used_add);
    statement_bind_int(add, 1, id);
    statement_bind_int(add, 2, (int64_t)start_ms);
    statement_bind_int(add, 3, (int64_t)bytes);
    enum status status = statement_run(add);
    if (status == S_OK) {
        struct statement *trim = db_statement(db, STATEMENT_window_used_trim);
        statement_bind_int(trim, 1, id);
        statement_bind_int(trim, 2, (int64_t)start_ms);
        status = statement_run(trim);
    }
    return status;
}

/* --- the pause
 * ------------------------------------------------------------------------------------------------- */

bool window_is_paused(struct db *db)
{
    uint8_t value;

    return property_get(db, paused_name, &value, sizeof value) && value == 1;
}

enum status window_pause_put(struct db *db, bool is_paused)
{
    uint8_t value = is_paused ? 1 : 0;
    enum status status = property_put(db, paused_name, bytes_of(&value, sizeof value));

    return status == S_OK ? revision_advance(db) : status;
}
