#include "node/store/stream/roster.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "node/incident.h"
#include "node/log.h"
#include "node/store/stream/beyond.h"
#include "node/store/stream/cell.h"
#include "node/store/stream/own.h"
#include "node/store/stream/proved.h"
#include "node/store/stream/quarantine.h"
#include "node/store/stream/stream.h"
#include "replication/base/arena.h"
#include "replication/base/check.h"
#include "replication/crdt/cell.h"
#include "replication/stream/fork.h"
#include "replication/trust/mirror.h"
#include "replication/trust/statement.h"

enum { CARRY_BYTES_MAX = 64 * 1024 * 1024 };

/* False for what alarm.h, quarantine.h and mirror.h read, and for kinds of a newer version. */
static bool statement_of(const struct cell *cell, struct bytes *statement_out)
{
    struct id node;
    bool is_settle;
    hlc stamp;

    return !fork_key_parse(cell->key, &node, &is_settle) && !quarantine_is_key(cell->key) &&
           !mirror_key_is(cell->key) && cell_value_get_register(cell->value, &stamp, statement_out);
}

/* What a process finds at its first reading was told by the one that took it. */
static atomic_bool has_read;

struct reading {
    struct roster *roster;
    struct id writer;    /* whose cells are being read */
    unsigned refused;    /* of them, for the first time */
    struct report first; /* why */
    bool is_news;        /* not the first reading of this process */
    struct beyond beyond;
};

/* One line for each writer, however much it said. */
static void refused_tell(struct reading *reading)
{
    char writer[ID_HEX_SIZE];

    if (reading->refused > 0 && reading->is_news) {
        id_hex(&reading->writer, writer);
        incident_add_of(incident_of_message(reading->first.status), &reading->writer, reading->refused);
        log_event(LOG_WARNING, "statement_refused", "from=%s count=%u status=\"%s\" text=\"%s\"", writer, reading->refused,
                  status_text(reading->first.status), reading->first.text);
    }
    reading->refused = 0;
}

/* What was judged before is not judged, nor told, again. */
static enum status statement_add(void *ctx, const struct stream_head *head, const struct cell *cell)
{
    struct reading *reading = ctx;
    struct roster *roster = reading->roster;
    struct report report = {.status = S_OK};
    struct bytes statement;

    if (!statement_of(cell, &statement)) {
        beyond_note_word(&reading->beyond, roster_federation(roster), &head->stream.node, cell, !reading->is_news);
        return S_OK;
    }
    enum proved proved = proved_find(roster_federation(roster), statement);
    if (proved == PROVED_FALSE) {
        return S_OK;
    }
    enum status status = proved == PROVED_SOUND ? roster_add_proved(roster, statement, &report) : roster_add(roster, statement, &report);
    if (proved == PROVED_UNKNOWN) {
        proved_put(roster_federation(roster), statement, status == S_OK || status == S_TOO_LARGE); /* there may be room another time */
    }
    if (proved == PROVED_UNKNOWN && status == S_OK && reading->is_news) {
        beyond_note_statement(&reading->beyond, statement);
    }
    if (proved == PROVED_UNKNOWN && status != S_OK && status != S_VERSION) { /* what a later version says is kept, and read by that */
        if (!id_equal(&reading->writer, &head->stream.node)) {
            refused_tell(reading);
            reading->writer = head->stream.node;
        }
        reading->first = reading->refused++ == 0 ? report : reading->first;
    }
    return S_OK;
}

/* One line for each member. */
static void beyond_tell(struct reading *reading)
{
    struct id who;

    while (beyond_next(&reading->beyond, reading->roster, &who)) {
        if (!id_equal(&reading->writer, &who)) {
            refused_tell(reading);
            reading->writer = who;
        }
        reading->refused++;
        report_set(&reading->first, S_DENIED, "It has no right to say that: without effect.");
    }
    refused_tell(reading);
}

enum status roster_load(struct db *db, const struct federation *federation, struct roster **roster_out,
                        struct report *report)
{
    struct roster *roster = roster_new(&federation->id, federation->authority_public);
    struct reading reading = {.roster = roster, .is_news = atomic_load(&has_read)};

    beyond_init(&reading.beyond);
    roster_anchor(roster, &federation->anchor);
    enum status status = stream_cells_each(db, TOPIC_ROSTER, statement_add, &reading);

    refused_tell(&reading);
    beyond_tell(&reading);
    beyond_release(&reading.beyond);
    atomic_store(&has_read, true);
    *roster_out = NULL;
    if (status != S_OK) {
        roster_free(roster);
        return report_set(
            report, status, "cannot read the roster of \"%s\": %s%s", federation->name, status_text(status),
            status == S_CORRUPT ? ": with the node stopped, qanat scrub --repair builds the database anew"
                                : "");
    }
    roster_settle(roster);
    *roster_out = roster;
    return S_OK;
}

const struct roster_node *roster_member(const struct roster *roster, const char *name, struct report *report)
{
    const struct roster_node *node = roster_find_name(roster, name);

    if (node == NULL) {
        report_set(report, S_NOT_FOUND, "there is no node '%s' in the roster: see qanat peer list", name);
    }
    return node;
}

enum status roster_statement_put(struct db *db, struct bytes statement, uint64_t at_ms)
{
    struct buffer key, value;

    buffer_init(&key), buffer_init(&value);
    enum status status = statement_cell_key(statement, &key);
    if (status == S_OK) {
        cell_value_register(&value, hlc_tick(0, at_ms), statement);
        status = own_cell_put(db, TOPIC_ROSTER, buffer_bytes(&key), buffer_bytes(&value));
    }
    buffer_release(&key), buffer_release(&value);
    return status;
}

/* --- a stream that rotted --- */

struct carry {
    struct roster *roster; /* judges statements */
    struct arena arena;
    struct cell *cells;
    size_t count, capacity;
};

static enum status cell_copy(void *ctx, const struct cell *cell)
{
    struct carry *carry = ctx;
    struct bytes statement;

    if (statement_of(cell, &statement) && roster_add(carry->roster, statement, NULL) != S_OK) {
        return S_OK;
    }
    if (carry->count == carry->capacity) {
        carry->capacity = carry->capacity ? 2 * carry->capacity : 64;
        carry->cells = reallocarray(carry->cells, carry->capacity, sizeof *carry->cells);
        CHECK(carry->cells);
    }
    struct cell *copy = &carry->cells[carry->count];
    *copy = (struct cell){cell->seq, arena_copy(&carry->arena, cell->key),
                          arena_copy(&carry->arena, cell->value)};
    if (!copy->key.data || !copy->value.data) {
        return S_TOO_LARGE;
    }
    carry->count++;
    return S_OK;
}

enum status roster_carry(struct db *db, const struct federation *federation, int64_t number)
{
    struct carry carry = {.roster = roster_new(&federation->id, federation->authority_public)};
    struct bytes held;

    roster_anchor(carry.roster, &federation->anchor);
    arena_init(&carry.arena, CARRY_BYTES_MAX);
    enum status status = cell_rows_glean(db, number, cell_copy, &carry);
    for (size_t i = 0; i < carry.count && status == S_OK; i++) {
        status = own_cell_get(db, TOPIC_ROSTER, carry.cells[i].key, &held);
        if (status == S_NOT_FOUND) {
            status = own_cell_put(db, TOPIC_ROSTER, carry.cells[i].key, carry.cells[i].value);
        }
    }
    arena_release(&carry.arena);
    free(carry.cells);
    roster_free(carry.roster);
    return status;
}
