#include "node/store/stream/roster.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "node/incident.h"
#include "node/log.h"
#include "node/store/stream/beyond.h"
#include "node/store/stream/cell.h"
#include "node/store/stream/crowd.h"
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

enum {
    CARRY_BYTES_MAX = 64 * 1024 * 1024,
    CROWD_ROUNDS_MAX = 4 * ROSTER_DEPTH_MAX, /* generations of the authority count, too */
};

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

/* What a walk over the cells is for. All are read in one; only where they do not fit (crowd.h) the others follow. */
enum walk {
    WALK_ALL,
    WALK_LOOK, /* what is due in this round? */
    WALK_LEFT, /* what never was is told of */
};

struct reading {
    struct roster *roster;
    struct id writer;    /* whose cells are being read */
    unsigned refused;    /* of them, for the first time */
    struct report first; /* why */
    bool is_news;        /* not the first reading of this process */
    struct beyond beyond;
    enum walk walk;
    struct crowd *crowd; /* NULL: there is room for all */
    size_t at;           /* cells before this one */
    size_t left;         /* of the writer: there was no room for them */
    bool is_full;
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

static void statement_refuse(struct reading *reading, const struct id *writer, const struct report *report)
{
    if (!id_equal(&reading->writer, writer)) {
        refused_tell(reading);
        reading->writer = *writer;
    }
    reading->first = reading->refused++ == 0 ? *report : reading->first;
}

/* What was judged before is not judged, nor told, again. */
static void statement_add(struct reading *reading, const struct id *writer, struct bytes statement)
{
    struct roster *roster = reading->roster;
    struct report report = {.status = S_OK};
    enum proved proved = proved_find(roster_federation(roster), statement);

    if (proved == PROVED_FALSE) {
        return;
    }
    enum status status = proved == PROVED_SOUND ? roster_add_proved(roster, statement, &report) : roster_add(roster, statement, &report);
    reading->is_full = reading->is_full || status == S_TOO_LARGE;
    if (proved != PROVED_UNKNOWN || (status == S_TOO_LARGE && reading->walk == WALK_ALL)) { /* its turn comes */
        return;
    }
    proved_put(roster_federation(roster), statement, status == S_OK || status == S_TOO_LARGE); /* there may be room another time */
    if (status == S_OK && reading->is_news) {
        beyond_note_statement(&reading->beyond, statement);
    }
    if (status != S_OK && status != S_VERSION) { /* what a later version says is kept, and read by that */
        statement_refuse(reading, writer, &report);
    }
}

/* Is it due in this round? */
static void statement_look(struct reading *reading, const struct id *writer, struct bytes statement)
{
    const struct id *federation = roster_federation(reading->roster);
    struct statement said;

    if (!crowd_is_open(reading->crowd, reading->at)) {
        return;
    }
    if (statement_claim(statement, &said) != S_OK) {
        crowd_dismiss(reading->crowd, reading->at);
    } else if (crowd_has_room(reading->crowd, reading->at, &said)) {
        enum proved proved = proved_find(federation, statement);
        bool is_sound = proved == PROVED_SOUND || (proved == PROVED_UNKNOWN && statement_decode(statement, &said, NULL) == S_OK);
        if (is_sound) {
            crowd_admit(reading->crowd, reading->at, writer, statement);
        } else {
            crowd_dismiss(reading->crowd, reading->at);
        }
    }
}

/* Of whom how many were left out is told when that is news. */
static void left_tell(struct reading *reading)
{
    uint8_t word[sizeof reading->writer.b + sizeof reading->left];

    memcpy(word, reading->writer.b, sizeof reading->writer.b);
    memcpy(word + sizeof reading->writer.b, &reading->left, sizeof reading->left);
    if (reading->left > 0 && proved_find(roster_federation(reading->roster), bytes_of(word, sizeof word)) == PROVED_UNKNOWN) {
        proved_put(roster_federation(reading->roster), bytes_of(word, sizeof word), true);
        reading->refused += (unsigned)reading->left;
        report_set(&reading->first, S_TOO_LARGE, "The roster has no room for these statements: too many, or of nobody that is known.");
    }
    reading->left = 0;
}

static void statement_leave(struct reading *reading, const struct id *writer)
{
    if (!id_equal(&reading->writer, writer)) {
        left_tell(reading);
        refused_tell(reading);
        reading->writer = *writer;
    }
    reading->left++;
}

static enum status cell_read(void *ctx, const struct stream_head *head, const struct cell *cell)
{
    struct reading *reading = ctx;
    const struct id *writer = &head->stream.node;
    struct bytes statement;

    if (!statement_of(cell, &statement)) {
        if (reading->walk == WALK_ALL || reading->walk == WALK_LEFT) {
            beyond_note_word(&reading->beyond, roster_federation(reading->roster), writer, cell, !reading->is_news);
        }
        return S_OK;
    }
    switch (reading->walk) {
    case WALK_ALL:
        statement_add(reading, writer, statement);
        return reading->is_full ? S_TOO_LARGE : S_OK;
    case WALK_LOOK:
        statement_look(reading, writer, statement);
        break;
    case WALK_LEFT:
        if (crowd_is_left(reading->crowd, reading->at)) {
            statement_leave(reading, writer);
        }
        break;
    }
    reading->at++;
    return S_OK;
}

static enum status walk(struct reading *reading, struct db *db, enum walk kind)
{
    reading->walk = kind;
    reading->at = 0;
    return stream_cells_each(db, TOPIC_ROSTER, cell_read, reading);
}

/* What is due in a round; false: nothing is any more. */
static bool round_read(struct reading *reading, struct db *db, enum status *status)
{
    struct bytes statement;
    struct id writer;
    bool is_more = false;

    crowd_round(reading->crowd, reading->roster);
    *status = walk(reading, db, WALK_LOOK);
    while (*status == S_OK && crowd_next(reading->crowd, &writer, &statement)) {
        statement_add(reading, &writer, statement);
        is_more = true;
    }
    return is_more;
}

/* There is not room for all: those come first whose signers are known. */
static enum status crowd_read(struct reading *reading, struct db *db, const struct federation *federation)
{
    enum status status = S_OK;

    roster_free(reading->roster);
    reading->roster = roster_new(&federation->id, federation->authority_public);
    roster_anchor(reading->roster, &federation->anchor);
    reading->crowd = crowd_new(&federation->anchor);
    reading->is_full = false;
    for (int round = 0; round < CROWD_ROUNDS_MAX && round_read(reading, db, &status); round++) {
    }
    status = status == S_OK ? walk(reading, db, WALK_LEFT) : status;
    left_tell(reading);
    crowd_free(reading->crowd);
    reading->crowd = NULL;
    return status;
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
    struct reading reading = {.roster = roster_new(&federation->id, federation->authority_public), .is_news = atomic_load(&has_read)};

    beyond_init(&reading.beyond);
    roster_anchor(reading.roster, &federation->anchor);
    enum status status = walk(&reading, db, WALK_ALL);
    if (reading.is_full) {
        status = crowd_read(&reading, db, federation);
    }

    refused_tell(&reading);
    beyond_tell(&reading);
    beyond_release(&reading.beyond);
    atomic_store(&has_read, true);
    *roster_out = NULL;
    if (status != S_OK) {
        roster_free(reading.roster);
        return report_set(
            report, status, "cannot read the roster of \"%s\": %s%s", federation->name, status_text(status),
            status == S_CORRUPT ? ": with the node stopped, qanat scrub --repair builds the database anew"
                                : "");
    }
    roster_settle(reading.roster);
    *roster_out = reading.roster;
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
