#include "node/store/operation/incident_row.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/store/engine.h"
#include "replication/base/check.h"

enum { NAME_OF_SIZE = 80 };

static const char of[] = " of "; /* between a name and a member's id, in the name of a row */

struct flush {
    uint64_t counts[INCIDENT_COUNT];
    struct incident_of counts_of[INCIDENT_MEMBERS_MAX];
    size_t count_of;
};

static atomic_bool is_under_way;

static enum status row_add(struct db *db, const char *name, uint64_t count)
{
    struct statement *add = db_statement(db, STATEMENT_incident_add);

    statement_bind_string(add, 1, name);
    statement_bind_int(add, 2, (int64_t)count);
    statement_bind_int(add, 3, (int64_t)engine_wall_ms());
    return statement_run(add);
}

/* By members, and none but the latest. */
static enum status flush_of(struct db *db, const struct flush *flush)
{
    enum status status = S_OK;

    for (size_t i = 0; i < flush->count_of && status == S_OK; i++) {
        const struct incident_of *item = &flush->counts_of[i];
        char name[NAME_OF_SIZE], node[ID_HEX_SIZE];
        id_hex(&item->node, node);
        snprintf(name, sizeof name, "%s%s%s", incident_name(item->incident), of, node);
        status = row_add(db, name, item->count);
    }
    if (status == S_OK && flush->count_of > 0) {
        struct statement *prune = db_statement(db, STATEMENT_incident_prune);
        statement_bind_int(prune, 1, INCIDENT_MEMBERS_MAX);
        status = statement_run(prune);
    }
    return status;
}

static enum status flush_run(struct db *db, void *arg)
{
    const struct flush *flush = arg;
    enum status status = S_OK;

    for (int i = 0; i < INCIDENT_COUNT && status == S_OK; i++) {
        if (flush->counts[i]) {
            status = row_add(db, incident_name((enum incident)i), flush->counts[i]);
        }
    }
    return status == S_OK ? flush_of(db, flush) : status;
}

static void flush_done(void *arg, enum status status)
{
    struct flush *flush = arg;

    if (status == S_OK) {
        incident_subtract_of(flush->counts_of, flush->count_of);
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
    flush->count_of = incident_pending_of(flush->counts_of);
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

/* False for a name of another version. */
static bool name_parse(struct bytes name, enum incident *incident_out)
{
    for (int i = 0; i < INCIDENT_COUNT; i++) {
        if (bytes_equal(name, bytes_text(incident_name((enum incident)i)))) {
            *incident_out = (enum incident)i;
            return true;
        }
    }
    return false;
}

void incident_load(struct db *db, struct incident_row rows_out[INCIDENT_COUNT])
{
    struct statement *list = db_statement(db, STATEMENT_incident_list);
    uint64_t pending[INCIDENT_COUNT];
    enum incident incident;

    memset(rows_out, 0, INCIDENT_COUNT * sizeof *rows_out);
    while (statement_step(list)) {
        if (name_parse(statement_blob(list, 0), &incident)) {
            rows_out[incident].count += (uint64_t)statement_int(list, 1);
            rows_out[incident].last_ms = (uint64_t)statement_int(list, 2);
        }
    }
    statement_reset(list);
    (void)incident_pending(pending);
    for (int i = 0; i < INCIDENT_COUNT; i++) {
        rows_out[i].count += pending[i];
    }
}

/* --- by members --- */

/* The name, " of " and the id. */
static bool name_of_parse(struct bytes name, struct incident_of_row *out)
{
    const size_t tail = sizeof of - 1 + ID_HEX_SIZE - 1;
    char hex[ID_HEX_SIZE] = "";

    if (name.size <= tail || memcmp(name.data + name.size - tail, of, sizeof of - 1) != 0 ||
        !name_parse(bytes_of(name.data, name.size - tail), &out->incident)) {
        return false;
    }
    memcpy(hex, name.data + name.size - (ID_HEX_SIZE - 1), ID_HEX_SIZE - 1);
    return hex_decode(hex, out->node.b, sizeof out->node.b);
}

/* Where what is refused of that member stands in the list, which has room for it. */
static struct incident_of_row *place_of(struct incident_of_row *rows, size_t *count, enum incident incident, const struct id *node)
{
    size_t at = 0;

    while (at < *count && (rows[at].incident != incident || !id_equal(&rows[at].node, node))) {
        at++;
    }
    if (at == *count) {
        rows[(*count)++] = (struct incident_of_row){.incident = incident, .node = *node};
    }
    return &rows[at];
}

size_t incident_load_of(struct db *db, struct incident_of_row rows_out[INCIDENT_OF_ROWS_MAX])
{
    struct statement *list = db_statement(db, STATEMENT_incident_list);
    struct incident_of pending[INCIDENT_MEMBERS_MAX];
    size_t count = 0;

    while (count < INCIDENT_MEMBERS_MAX && statement_step(list)) {
        struct incident_of_row row;
        if (name_of_parse(statement_blob(list, 0), &row)) {
            row.count = (uint64_t)statement_int(list, 1);
            row.last_ms = (uint64_t)statement_int(list, 2);
            rows_out[count++] = row;
        }
    }
    statement_reset(list);
    size_t pending_count = incident_pending_of(pending);
    for (size_t i = 0; i < pending_count; i++) {
        place_of(rows_out, &count, pending[i].incident, &pending[i].node)->count += pending[i].count;
    }
    return count;
}
