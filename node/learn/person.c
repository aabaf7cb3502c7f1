#include "node/learn/person.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "node/learn/password.h"
#include "node/learn/person_row.h"
#include "node/learn/search.h"
#include "node/learn/tally.h"
#include "node/learn/vocabulary.h"
#include "node/lrs/lrs.h"
#include "node/store/cohort_row.h"
#include "node/store/credential.h"
#include "node/store/duplicate.h"
#include "node/store/event.h"
#include "node/store/known.h"
#include "node/store/person_search.h"
#include "node/store/launch.h"
#include "node/store/registration.h"
#include "node/store/signin.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

enum { ROWS_MAX = 2000, ARENA_MAX = 16 * 1024 * 1024, SEEN_FIRST = 4096 };

/* Ids seen in this file, by a keyed hash, with the line they were on. */
struct seen {
    struct seen_id {
        uint64_t hash;
        uint64_t line; /* 0: free */
    } * slots;
    size_t slot_count, count;
    uint8_t key[crypto_shorthash_KEYBYTES];
};

struct person_batch {
    const struct person_import *import;
    struct person_outcome *outcome;
    struct csv *csv;
    struct csv_column columns[PERSON_FIELD_COUNT];
    struct seen seen;
    struct arena arena;
    struct person_row rows[ROWS_MAX];
    size_t count;
    struct password_task tasks[ROWS_MAX];
    uint64_t added, updated, unchanged, existing; /* of this batch, until it is durable */
    struct tally *tally;
    struct buffer texts;
    struct known counted[ROWS_MAX]; /* registered by this batch */
    size_t counted_count;
    bool has_recovered;
};

void person_outcome_init(struct person_outcome *outcome)
{
    memset(outcome, 0, sizeof *outcome);
    refusals_init(&outcome->refusals, PERSON_EXAMPLES_MAX);
}

void person_outcome_release(struct person_outcome *outcome)
{
    refusals_release(&outcome->refusals);
}

/* --- the same person twice in a file
 * ------------------------------------------------------------------------ */

static void seen_init(struct seen *seen)
{
    seen->slot_count = SEEN_FIRST;
    seen->count = 0;
    seen->slots = calloc(seen->slot_count, sizeof *seen->slots);
    CHECK(seen->slots);
    randombytes_buf(seen->key, sizeof seen->key);
}

static struct seen_id *seen_slot(struct seen *seen, uint64_t hash)
{
    size_t at = hash & (seen->slot_count - 1);

    while (seen->slots[at].line && seen->slots[at].hash != hash) {
        at = (at + 1) & (seen->slot_count - 1);
    }
    return &seen->slots[at];
}

static void seen_grow(struct seen *seen)
{
    struct seen_id *old = seen->slots;
    size_t old_count = seen->slot_count;

    seen->slot_count *= 2;
    seen->slots = calloc(seen->slot_count, sizeof *seen->slots);
    CHECK(seen->slots);
    for (size_t i = 0; i < old_count; i++) {
        if (old[i].line) {
            *seen_slot(seen, old[i].hash) = old[i];
        }
    }
    free(old);
}

/* The line that had this id before, or 0: then `line` is kept. */
static uint64_t seen_add(struct seen *seen, struct bytes id, uint64_t line)
{
    uint64_t hash;

    crypto_shorthash((uint8_t *)&hash, id.data, id.size, seen->key);
    struct seen_id *slot = seen_slot(seen, hash);
    if (slot->line) {
        return slot->line;
    }
    if (seen->count * 2 >= seen->slot_count) {
        seen_grow(seen);
        slot = seen_slot(seen, hash);
    }
    slot->hash = hash;
    slot->line = line;
    seen->count++;
    return 0;
}

/* --- figures
 * ------------------------------------------------------------------------------------------------ */

static void registered_add(struct tally *tally, const struct person *person, int64_t change)
{
    struct bytes part[PART_COUNT];
    char period[PERIOD_SIZE];

    timestamp_period(person->registered_ms, period);
    for (int i = 0; i < PART_COUNT; i++) {
        part[i] = bytes_of("", 0);
    }
    part[PART_ROLE] = bytes_text(role_text((enum role)person->role));
    part[PART_GENDER] = bytes_text(gender_text((enum gender)person->gender));
    part[PART_PERIOD] = bytes_text(period);
    tally_add(tally_group(tally, part), METRIC_REGISTERED, change);
}

/* --- one batch
 * ---------------------------------------------------------------------------------------------- */

/* Reads rows until the batch is full; S_NOT_FOUND at the end of the file. */
static enum status batch_read(struct person_batch *batch)
{
    struct refusals *refusals = &batch->outcome->refusals;
    struct bytes field[PERSON_FIELD_COUNT];
    struct csv_record record;

    arena_clear(&batch->arena);
    batch->count = 0;
    while (batch->count < ROWS_MAX) {
        enum status status = csv_next(batch->csv, &record);
        if (status == S_INVALID) {
            refusals_add(refusals, REFUSAL_ROW, record.line, "column %zu: %s", record.column,
                         csv_fault_text(record.fault));
            continue;
        }
        if (status != S_OK) {
            return status;
        }
        for (int i = 0; i < PERSON_FIELD_COUNT; i++) {
            field[i] = csv_field(&record, &batch->columns[i]);
        }
        struct person_row *row = &batch->rows[batch->count];
        if (!person_row_read(field, record.line, batch->import->now_ms, &batch->arena, row, refusals)) {
            continue;
        }
        uint64_t before = seen_add(&batch->seen, row->person.id, record.line);
        if (before) {
            refusals_add(refusals, REFUSAL_REPEATED, record.line, "id '%.*s' is on line %llu already",
                         row->person.id.size > 64 ? 64 : (int)row->person.id.size, row->person.id.data,
                         (unsigned long long)before);
            continue;
        }
        batch->count++;
    }
    return S_OK;
}

/* Hashes the passwords of the batch, off the writer thread. A password that fits the stored hash keeps it. */
static enum status batch_hash(struct person_batch *batch, struct report *report)
{
    struct db *db = store_read_begin(batch->import->store);
    size_t count = 0;

    for (size_t i = 0; i < batch->count; i++) {
        struct person stored;
        if (batch->rows[i].password.size == 0) {
            continue;
        }
        struct password_task *task = &batch->tasks[count++];
        memset(task, 0, sizeof *task);
        task->password = batch->rows[i].password;
        if (person_find(db, batch->rows[i].person.id, &batch->texts, &stored) &&
            stored.password.size < sizeof task->stored) {
            memcpy(task->stored, stored.password.data, stored.password.size);
        }
    }
    store_read_end(batch->import->store, db);
    if (!password_hash_all(batch->tasks, count)) {
        return report_set(report, S_NO_MEMORY, "there is too little memory to hash passwords");
    }
    for (size_t i = 0, task = 0; i < batch->count; i++) {
        struct person_row *row = &batch->rows[i];
        if (row->password.size) {
            sodium_memzero((void *)(uintptr_t)row->password.data, row->password.size);
            row->person.password = bytes_text(batch->tasks[task++].hash);
        }
    }
    return S_OK;
}

/* What is stored, changed by what the row says. True when anything differs. */
static bool person_differs(struct person_row *row, const struct person *stored)
{
    struct person *person = &row->person;

    person->row = stored->row;
    if (!row->has_registered) {
        person->registered_ms = stored->registered_ms;
    }
    if (person->password.size == 0) {
        person->password = stored->password;
    }
    if (person->lang.size == 0) {
        person->lang = stored->lang;
    }
    return !bytes_equal(person->name, stored->name) || person->gender != stored->gender ||
           person->role != stored->role || !bytes_equal(person->institution, stored->institution) ||
           person->registered_ms != stored->registered_ms ||
           !bytes_equal(person->password, stored->password) || !bytes_equal(person->lang, stored->lang);
}

/* --- the index
 * ---------------------------------------------------------------------------------------------- */

static void duplicate_take(void *ctx, int64_t row, struct bytes id, struct bytes name)
{
    (void)row;
    search_fold(id, ctx);
    search_fold(name, ctx);
}

enum status person_index(struct db *db, const struct person *person)
{
    struct buffer text;

    buffer_init(&text);
    search_fold(person->id, &text);
    search_fold(person->name, &text);
    (void)duplicate_list(db, person->row, duplicate_take, &text);
    enum status status = person_search_put(db, person->row, buffer_bytes(&text));
    buffer_release(&text);
    return status;
}

static enum status person_store(struct db *db, struct person *person)
{
    enum status status = person->row ? person_update(db, person) : person_insert(db, person);

    if (!person->row) {
        person->row = db_last_id(db);
    }
    return status == S_OK ? person_index(db, person) : status;
}

/* A newcomer; one who was registered before this node's data was lost is registered no more than once. */
static enum status person_join(struct person_batch *batch, struct db *db, struct person_row *row)
{
    struct known known = {.fingerprint = known_fingerprint(known_hash(db, row->person.id))};
    int64_t subject, count;
    enum status status = person_store(db, &row->person);

    if (status == S_OK && batch->has_recovered && known_net(db, KNOWN_PERSON, known.fingerprint, &subject, &count) > 0) {
        return known_claim(db, KNOWN_PERSON, known.fingerprint, row->person.row);
    }
    registered_add(batch->tally, &row->person, 1);
    known.subject = row->person.row;
    batch->counted[batch->counted_count++] = known;
    return status;
}

static enum status row_put(struct person_batch *batch, struct db *db, struct person_row *row)
{
    struct person stored;

    if (!person_find(db, row->person.id, &batch->texts, &stored)) {
        batch->added++;
        return batch->import->is_dry_run ? S_OK : person_join(batch, db, row);
    }
    if (!bytes_equal(stored.id, row->person.id)) {
        batch->unchanged++; /* merged into another one, whose own row decides */
        return S_OK;
    }
    if (batch->import->is_only_new) {
        batch->existing++;
        return S_OK;
    }
    if (!person_differs(row, &stored)) {
        batch->unchanged++;
        return S_OK;
    }
    batch->updated++;
    registered_add(batch->tally, &stored, -1);
    registered_add(batch->tally, &row->person, 1);
    if (batch->import->is_dry_run) {
        return S_OK;
    }
    if (!bytes_equal(row->person.password, stored.password) &&
        signin_row_delete_of(db, stored.row, NULL) != S_OK) {
        return db_status(db); /* whoever knew the old one is out */
    }
    return person_store(db, &row->person);
}

static enum status batch_put(struct db *db, void *arg)
{
    struct person_batch *batch = arg;
    enum status status = S_OK;

    batch->added = batch->updated = batch->unchanged = batch->existing = 0;
    tally_clear(batch->tally);
    batch->counted_count = 0;
    batch->has_recovered = known_has_recovered(db);
    for (size_t i = 0; i < batch->count && status == S_OK; i++) {
        status = row_put(batch, db, &batch->rows[i]);
    }
    if (status == S_OK && !batch->import->is_dry_run) {
        status = tally_flush(batch->tally, db);
    }
    if (status == S_OK) {
        status = known_publish(db, KNOWN_PERSON, 1, batch->counted, batch->counted_count);
    }
    return status;
}

static enum status batch_finish(struct person_batch *batch, struct report *report)
{
    enum status status = S_OK;

    if (batch->import->is_dry_run) {
        struct db *db = store_read_begin(batch->import->store);
        status = batch_put(db, batch);
        store_read_end(batch->import->store, db);
    } else {
        status = batch_hash(batch, report);
        if (status == S_OK) {
            status = store_write_wait(batch->import->store, batch_put, batch);
        }
    }
    if (status != S_OK) {
        return report_set(report, status, "people from line %llu on could not be stored: %s",
                          (unsigned long long)batch->rows[0].line, status_text(status));
    }
    batch->outcome->added += batch->added;
    batch->outcome->updated += batch->updated;
    batch->outcome->unchanged += batch->unchanged;
    for (uint64_t i = 0; i < batch->existing; i++) {
        refusals_add(&batch->outcome->refusals, REFUSAL_EXISTS, batch->rows[0].line,
                     "one of the lines from here on");
    }
    return S_OK;
}

static enum status batch_all(struct person_batch *batch, struct report *report)
{
    enum status status = csv_header(batch->csv, batch->columns, PERSON_FIELD_COUNT, batch->import->warn,
                                    batch->import->ctx, report);

    while (status == S_OK) {
        enum status end = batch_read(batch);
        if (batch->count) {
            status = batch_finish(batch, report);
        }
        if (status == S_OK && end == S_IO) {
            status = report_set(report, S_IO, "the file could not be read to its end");
        }
        if (end != S_OK) {
            break;
        }
    }
    return status;
}

enum status person_import(const struct person_import *import, struct person_outcome *outcome,
                          struct report *report)
{
    struct person_batch *batch = calloc(1, sizeof *batch);

    CHECK(batch);
    batch->import = import;
    batch->outcome = outcome;
    batch->csv = csv_new(import->in);
    batch->tally = tally_new();
    seen_init(&batch->seen);
    arena_init(&batch->arena, ARENA_MAX);
    person_columns(batch->columns);
    enum status status = batch_all(batch, report);
    csv_free(batch->csv);
    tally_free(batch->tally);
    free(batch->seen.slots);
    arena_release(&batch->arena);
    buffer_release(&batch->texts);
    free(batch);
    if (status == S_OK && outcome->refusals.total) {
        return report_set(report, S_PARTIAL, "%llu rows were refused: repair them and import the file again",
                          (unsigned long long)outcome->refusals.total);
    }
    return status;
}

/* --- erasing
 * ------------------------------------------------------------------------------------------------ */

struct erasure {
    struct bytes id;
    int64_t events;
    struct buffer rows; /* int64_t: the person, and those merged into it */
    struct buffer ids;  /* theirs, each with its NUL */
};

/* The registered figure of a person follows a change by one. Of one who was merged it did at the merge. */
enum status person_registered(struct db *db, const struct person *person, int64_t change)
{
    struct tally *tally = tally_new();

    struct known known = {.fingerprint = known_fingerprint(known_hash(db, person->id)), .subject = change > 0 ? person->row : 0};

    CHECK(change == 1 || change == -1);
    registered_add(tally, person, change);
    enum status status = tally_flush(tally, db);
    tally_free(tally);
    return status == S_OK ? known_publish(db, KNOWN_PERSON, (int)change, &known, 1) : status;
}

static void erasure_note(void *ctx, int64_t row, struct bytes id, struct bytes name)
{
    struct erasure *erasure = ctx;
    (void)name;

    buffer_append(&erasure->rows, &row, sizeof row);
    buffer_append(&erasure->ids, id.data, id.size);
    buffer_append_u8(&erasure->ids, 0);
}

/* Everything that hangs on one row, and the row. */
static enum status row_erase(struct erasure *erasure, struct db *db, int64_t row)
{
    int64_t events = 0;
    enum status status = event_forget(db, row, &events);

    erasure->events += events;
    if (status == S_OK) {
        status = signin_row_delete_of(db, row, NULL);
    }
    if (status == S_OK) {
        status = launch_row_delete_of(db, row);
    }
    if (status == S_OK) {
        status = registration_row_delete_of(db, row);
    }
    if (status == S_OK) {
        status = credential_forget(db, row);
    }
    if (status == S_OK) {
        status = cohort_forget(db, row);
    }
    if (status == S_OK) {
        status = person_search_delete(db, row);
    }
    return status == S_OK ? person_delete(db, row) : status;
}

/* What they and others said of them over xAPI. */
static enum status statements_erase(const struct erasure *erasure, struct db *db)
{
    enum status status = S_OK;
    int64_t statements;
    struct lrs lrs;

    if (!lrs_load(&lrs, db)) {
        return S_OK;
    }
    for (size_t at = 0; at < erasure->ids.size && status == S_OK;) {
        struct bytes id = bytes_text((const char *)erasure->ids.data + at);
        status = lrs_person_erase(&lrs, db, id, &statements);
        at += id.size + 1;
    }
    return status;
}

static enum status erasure_run(struct db *db, void *arg)
{
    struct erasure *erasure = arg;
    struct person person;
    struct buffer texts;

    buffer_init(&texts);
    buffer_clear(&erasure->rows);
    buffer_clear(&erasure->ids);
    erasure->events = 0;
    if (!person_find(db, erasure->id, &texts, &person)) {
        buffer_release(&texts);
        return S_NOT_FOUND;
    }
    erasure_note(erasure, person.row, person.id, person.name);
    (void)duplicate_list(db, person.row, erasure_note, erasure);
    enum status status = person_registered(db, &person, -1);
    for (size_t at = 0; at < erasure->rows.size && status == S_OK; at += sizeof(int64_t)) {
        int64_t row;
        memcpy(&row, erasure->rows.data + at, sizeof row);
        status = row_erase(erasure, db, row);
    }
    if (status == S_OK) {
        status = statements_erase(erasure, db);
    }
    if (status == S_OK) {
        status = person_search_squeeze(db);
    }
    buffer_release(&texts);
    return status;
}

enum status person_erase(struct store *store, struct bytes id, int64_t *events_out, struct report *report)
{
    struct erasure erasure = {.id = id};
    enum status status = store_write_wait(store, erasure_run, &erasure);

    buffer_release(&erasure.rows);
    buffer_release(&erasure.ids);
    if (status == S_NOT_FOUND) {
        return report_set(report, status, "there is no person '%.*s' here", (int)id.size, id.data);
    }
    if (status != S_OK) {
        return report_set(report, status, "person '%.*s' could not be erased: %s", (int)id.size, id.data,
                          status_text(status));
    }
    *events_out = erasure.events;
    if (store_forget_copies(store) != S_OK) {
        return report_set(report, S_IO, "person '%.*s' is erased here, but a copy of the database from before an upgrade could not be removed: "
                          "delete qanat.db.schema-* in the data directory", (int)id.size, id.data);
    }
    return S_OK;
}
