#include "node/store/operation/incident_row.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "node/store/engine.h"
#include "replication/base/check.h"

struct flush {
    uint64_t counts[INCIDENT_COUNT];
};

static atomic_bool is_under_way;

static enum status flush_run(struct db *db, void *arg)
{
    const struct flush *flush = arg;
    enum status status = S_OK;

    for (int i = 0; i < INCIDENT_COUNT && status == S_OK; i++) {
        if (flush->counts[i]) {
            struct statement *add = db_statement(db, STATEMENT_incident_add);
            statement_bind_string(add, 1, incident_name((enum incident)i));
            statement_bind_int(add, 2, (int64_t)flush->counts[i]);
            statement_bind_int(add, 3, (int64_t)engine_wall_ms());
            status = statement_run(add);
        }
    }
    return status;
}

static void flush_done(void *arg, enum status status)
{
    struct flush *flush = arg;

    if (status == S_OK) {
        incident_subtract(flush->counts);
    }
    free(flush);
    atomic_store(&is_under_way, false);
}

/* NULL when there is nothing to do. */
static struct flush *flush_new(void)
{
    struct flush *flush;

    if (atomic_exchange(&is_under_way, true)) {
        return NULL;
    }
    flush = calloc(1, sizeof *flush);
    CHECK(flush);
    if (!incident_pending(flush->counts)) {
        free(flush);
        atomic_store(&is_under_way, false);
        return NULL;
    }
    return flush;
}

void incident_flush(struct store *store)
{
    struct flush *flush = flush_new();

    if (flush) {
        store_write(store, flush_run, flush, flush_done);
    }
}

void incident_flush_wait(struct store *store)
{
    struct flush *flush = flush_new();

    if (flush) {
        flush_done(flush, store_write_wait(store, flush_run, flush));
    }
}

static void row_take(struct incident_row rows[INCIDENT_COUNT], struct statement *list)
{
    struct bytes name = statement_blob(list, 0);

    for (int i = 0; i < INCIDENT_COUNT; i++) {
        if (bytes_equal(name, bytes_text(incident_name((enum incident)i)))) {
            rows[i].count += (uint64_t)statement_int(list, 1);
            rows[i].last_ms = (uint64_t)statement_int(list, 2);
        }
    }
}

void incident_load(struct db *db, struct incident_row rows_out[INCIDENT_COUNT])
{
    struct statement *list = db_statement(db, STATEMENT_incident_list);
    uint64_t pending[INCIDENT_COUNT];

    memset(rows_out, 0, INCIDENT_COUNT * sizeof *rows_out);
    while (statement_step(list)) {
        row_take(rows_out, list);
    }
    statement_reset(list);
    (void)incident_pending(pending);
    for (int i = 0; i < INCIDENT_COUNT; i++) {
        rows_out[i].count += pending[i];
    }
}
