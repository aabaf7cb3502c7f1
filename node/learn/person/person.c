#include "node/learn/person/person.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "node/learn/person/password.h"
#include "node/learn/person/person_row.h"
#include "node/learn/result/tally.h"
#include "node/learn/search.h"
#include "node/learn/vocabulary.h"
#include "node/store/people/duplicate.h"
#include "node/store/people/event.h"
#include "node/store/people/person_search.h"
#include "node/store/people/signin.h"
#include "node/store/stream/known.h"
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
    uint64_t room;                                /* for so many newcomers */
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
        row->keeps_gender = batch->columns[PERSON_GENDER].index < 0;
        row->keeps_role = batch->columns[PERSON_ROLE].index < 0;
        row->keeps_institution = batch->columns[PERSON_INSTITUTION].index < 0;
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
    person->gender = row->keeps_gender ? stored->gender : person->gender;
    person->role = row->keeps_role ? stored->role : person->role;
    person->institution = row->keeps_institution ? stored->institution : person->institution;
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

static void row_refuse(struct person_row *row, enum refusal why)
{
    row->is_refused = true;
    row->why = why;
}

static enum status row_put(struct person_batch *batch, struct db *db, struct person_row *row)
{
    const struct person_import *import = batch->import;
    struct person stored;
    const bool is_found = person_find(db, row->person.id, &batch->texts, &stored);
    const int highest = is_found && stored.role > row->person.role ? stored.role : row->person.role;

    row->is_refused = false;
    if (import->is_limited && highest > (int)import->role_max) {
        row_refuse(row, REFUSAL_RANK);
        return S_OK;
    }
    if (!is_found && batch->added == batch->room) {
        row_refuse(row, REFUSAL_FULL);
        return S_OK;
    }
    if (!is_found) {
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

/* Of a dry run nothing is stored: what the batches before would have added is taken off here. */
static uint64_t room_of(const struct person_batch *batch, struct db *db)
{
    uint64_t before = batch->import->is_dry_run ? batch->outcome->added : 0;
    uint64_t room = (uint64_t)person_room(db, (int64_t)(before + batch->count));

    return room > before ? room - before : 0;
}

static enum status batch_put(struct db *db, void *arg)
{
    struct person_batch *batch = arg;
    enum status status = S_OK;

    batch->added = batch->updated = batch->unchanged = batch->existing = 0;
    tally_clear(batch->tally);
    batch->counted_count = 0;
    batch->room = room_of(batch, db);
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
    for (size_t i = 0; i < batch->count; i++) {
        if (batch->rows[i].is_refused) {
            refusals_add(&batch->outcome->refusals, batch->rows[i].why, batch->rows[i].line, "\"%.*s\"",
                         (int)batch->rows[i].person.id.size, (const char *)batch->rows[i].person.id.data);
        }
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
    csv_take_short(batch->csv);
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
    if (status == S_OK && outcome->refusals.total && import->is_one) {
        refusals_forget_lines(&outcome->refusals);
        return report_set(report, S_PARTIAL, "it was refused, and nothing changed: say it again, repaired");
    }
    return status == S_OK ? refusals_report(outcome->refusals.total, "repair what is named and import the file again", report) : status;
}

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
