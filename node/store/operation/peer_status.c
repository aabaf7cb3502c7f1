#include "node/store/operation/peer_status.h"

#include <stdio.h>
#include <string.h>

enum status peer_status_put(struct db *db, const struct peer_status *status)
{
    const uint64_t numbers[] = {
        status->last_attempt_ms, status->last_success_ms, status->we_lack_cells, status->we_lack_bytes,
        status->they_lack_cells, status->they_lack_bytes, status->sessions,      status->bytes_in,
        status->bytes_out,       status->refused,         status->rate_bits,       status->software,
    };
    struct statement *put = db_statement(db, STATEMENT_peer_status_put);

    statement_bind_blob(put, 1, bytes_of(status->node.b, sizeof status->node.b));
    statement_bind_int(put, 2, status->state);
    statement_bind_string(put, 3, status->endpoint);
    statement_bind_string(put, 4, status->error);
    for (int i = 0; i < (int)(sizeof numbers / sizeof *numbers); i++) {
        statement_bind_int(put, 5 + i, (int64_t)numbers[i]);
    }
    return statement_run(put);
}

/* Reads the row the statement stands on, if any, and ends it. */
static bool row_take(struct statement *get, struct peer_status *out)
{
    uint64_t *const numbers[] = {
        &out->last_attempt_ms, &out->last_success_ms, &out->we_lack_cells, &out->we_lack_bytes,
        &out->they_lack_cells, &out->they_lack_bytes, &out->sessions,      &out->bytes_in,
        &out->bytes_out,       &out->refused,         &out->rate_bits,       &out->software,
    };
    bool is_found = statement_step(get);

    if (is_found) {
        memset(out, 0, sizeof *out);
        is_found = statement_take_raw(get, 0, out->node.b, sizeof out->node.b);
        out->state = (int)statement_int(get, 1);
        statement_take_text(get, 2, out->endpoint, sizeof out->endpoint);
        statement_take_text(get, 3, out->error, sizeof out->error);
        for (int i = 0; i < (int)(sizeof numbers / sizeof *numbers); i++) {
            *numbers[i] = (uint64_t)statement_int(get, 4 + i);
        }
    }
    statement_reset(get);
    return is_found;
}

bool peer_status_find(struct db *db, const struct id *node, struct peer_status *status_out)
{
    struct statement *get = db_statement(db, STATEMENT_peer_status_get);

    statement_bind_blob(get, 1, bytes_of(node->b, sizeof node->b));
    return row_take(get, status_out);
}

bool peer_status_next(struct db *db, const struct id *after, struct peer_status *status_out)
{
    struct statement *get = db_statement(db, STATEMENT_peer_status_after);

    statement_bind_blob(get, 1, after ? bytes_of(after->b, sizeof after->b) : bytes_of(NULL, 0));
    return row_take(get, status_out);
}

bool peer_status_is_failing(const struct peer_status *status, uint64_t now_ms)
{
    return *status->error && (status->last_attempt_ms >= status->last_success_ms || status->last_success_ms > now_ms);
}

uint64_t peer_bundle_made(struct db *db, const struct id *node)
{
    struct statement *get = db_statement(db, STATEMENT_inventory_at);

    statement_bind_blob(get, 1, bytes_of(node->b, sizeof node->b));
    uint64_t at_ms = statement_step(get) ? (uint64_t)statement_int(get, 0) : 0;
    statement_reset(get);
    return at_ms;
}
