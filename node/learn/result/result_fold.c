#include "node/learn/result/result_fold.h"

#include <stdlib.h>
#include <string.h>

#include "node/learn/result/event_tally.h"
#include "node/learn/result/tally.h"
#include "node/store/course/edition.h"
#include "node/store/people/person.h"
#include "node/store/stream/known.h"
#include "replication/base/check.h"

enum {
    PEOPLE_SLOTS = 64 * 1024, /* direct-mapped: 4 MiB */
    PERSON_ID_CACHED = 39,    /* longer ids are looked up each time */
    EDITION_SLOTS = 512,
};

struct person_slot {
    int64_t row; /* 0: free */
    int gender, role;
    uint8_t size;
    uint8_t id[PERSON_ID_CACHED];
};

struct edition_slot {
    bool is_used;
    char course[COURSE_ID_MAX + 1];
    char lang[LANG_MAX + 1];
    char cohort[COHORT_MAX + 1];
    struct edition edition;
};

struct result_fold {
    struct tally *tally;
    uint64_t generation; /* person_generation() of what is in people */
    struct person_slot people[PEOPLE_SLOTS];
    struct edition_slot editions[EDITION_SLOTS]; /* of one batch */
    uint32_t order[BATCH_ROWS_MAX];
    int64_t last_row;
    bool is_known; /* of the job */
    bool has_recovered;
    struct known counted[KNOWN_EACH_MAX]; /* the first of the batch */
    size_t counted_count;                 /* all */
    uint64_t counted_sum;                 /* of their hashes: whatever their order */
};

struct result_fold *result_fold_new(void)
{
    struct result_fold *fold = calloc(1, sizeof *fold);

    CHECK(fold);
    fold->tally = tally_new();
    return fold;
}

void result_fold_free(struct result_fold *fold)
{
    if (fold) {
        tally_free(fold->tally);
        free(fold);
    }
}

/* --- who, and in which edition
 * ------------------------------------------------------------------------------ */

/* Fills row, gender and role; false when there is no such person. */
static bool person_resolve(struct result_fold *fold, struct db *db, const struct result_row *row,
                           struct person *person)
{
    struct person_slot *slot = &fold->people[row->person_hash % PEOPLE_SLOTS];

    if (slot->row && slot->size == row->person.size && memcmp(slot->id, row->person.data, slot->size) == 0) {
        person->row = slot->row;
        person->gender = slot->gender;
        person->role = slot->role;
        return true;
    }
    if (!person_find_dims(db, row->person, person)) {
        return false;
    }
    if (row->person.size <= PERSON_ID_CACHED) {
        slot->row = person->row;
        slot->gender = person->gender;
        slot->role = person->role;
        slot->size = (uint8_t)row->person.size;
        memcpy(slot->id, row->person.data, row->person.size);
    }
    return true;
}

static bool is_text(const char *text, struct bytes bytes)
{
    return strncmp(text, (const char *)bytes.data, bytes.size) == 0 && text[bytes.size] == '\0';
}

static const struct edition *edition_resolve(struct result_fold *fold, struct db *db,
                                             const struct result_row *row)
{
    size_t at = 5381;

    for (size_t i = 0; i < row->course.size; i++) {
        at = at * 33 + row->course.data[i];
    }
    for (size_t i = 0; i < row->lang.size; i++) {
        at = at * 33 + row->lang.data[i];
    }
    for (size_t i = 0; i < row->cohort.size; i++) {
        at = at * 33 + row->cohort.data[i];
    }
    struct edition_slot *slot = &fold->editions[at % EDITION_SLOTS];
    if (!slot->is_used || !is_text(slot->course, row->course) || !is_text(slot->lang, row->lang) ||
        !is_text(slot->cohort, row->cohort)) {
        edition_find(db, row->course, row->lang, row->cohort, &slot->edition);
        memcpy(slot->course, row->course.data, row->course.size);
        slot->course[row->course.size] = '\0';
        memcpy(slot->lang, row->lang.data, row->lang.size);
        slot->lang[row->lang.size] = '\0';
        memcpy(slot->cohort, row->cohort.data, row->cohort.size);
        slot->cohort[row->cohort.size] = '\0';
        slot->is_used = true;
    }
    return &slot->edition;
}

/* --- one event
 * ---------------------------------------------------------------------------------------------- */

enum metric result_metric(enum event_kind kind)
{
    switch (kind) {
    case EVENT_ENROLLED:
        return METRIC_ENROLLED;
    case EVENT_STARTED:
        return METRIC_STARTED;
    case EVENT_ACTIVE:
        return METRIC_ACTIVE;
    case EVENT_COMPLETED:
        return METRIC_COMPLETED;
    case EVENT_DROPPED:
        return METRIC_DROPPED;
    case EVENT_CERTIFIED:
        return METRIC_CERTIFIED;
    case EVENT_REVOKED:
        return METRIC_REVOKED;
    case EVENT_ATTENDED:
        return METRIC_ATTENDED;
    case EVENT_KIND_COUNT:
        break;
    }
    CHECK(false);
    return METRIC_ENROLLED;
}

static void event_count(struct tally_group *group, const struct result_row *row)
{
    tally_add(group, result_metric(row->kind), 1);
    tally_person(group, row->person_hash);
    if (row->minutes) {
        tally_add(group, METRIC_MINUTES, row->minutes);
    }
    if (row->score != EVENT_NO_SCORE) {
        tally_score(group, row->score);
    }
}

/* The tally's group of an event, with the number of its event_group row in the note. */
static enum status group_resolve(struct result_fold *fold, struct db *db, const struct result_row *row,
                                 const struct event_group *dims, struct tally_group **group_out)
{
    *group_out = event_tally_group(fold->tally, dims, row->at_ms);
    int64_t *note = tally_note(*group_out);
    return *note ? S_OK : event_group_get(db, dims, note);
}

static void row_refuse(struct result_row *row, enum refusal reason)
{
    row->fate = FATE_REFUSED;
    row->refusal = reason;
}

/* Counted before this node's data was lost: its figures came back, now its id is known again. */
static bool is_recovered(struct result_fold *fold, struct db *db, const struct result_row *row)
{
    uint64_t fingerprint = known_fingerprint(row->hash);
    int64_t subject, count;

    return known_net(db, KNOWN_EVENT, fingerprint, &subject, &count) > 0 &&
           known_claim(db, KNOWN_EVENT, fingerprint, fold->last_row) == S_OK;
}

static void counted_note(struct result_fold *fold, const struct result_row *row)
{
    if (fold->counted_count < KNOWN_EACH_MAX) {
        fold->counted[fold->counted_count] = (struct known){known_fingerprint(row->hash), fold->last_row, 0};
    }
    fold->counted_count++;
    fold->counted_sum += row->hash;
}

static enum status row_fold(struct result_fold *fold, struct db *db, struct result_row *row)
{
    struct event event = {.id = row->id,
                          .kind = (int)row->kind,
                          .at_ms = row->at_ms,
                          .score = row->score,
                          .minutes = row->minutes,
                          .hash = row->hash,
                          .content = row->content};
    struct tally_group *group;
    struct person person;
    enum event_outcome outcome = EVENT_STORED;

    if (!person_resolve(fold, db, row, &person)) {
        row_refuse(row, REFUSAL_PERSON);
        return db_status(db);
    }
    if (!dims_are_known(person.role, person.gender)) {
        return S_CORRUPT; /* rather no figure than a wrong one */
    }
    const struct edition *edition = edition_resolve(fold, db, row);
    struct event_group dims = {
        .course = row->course, .cohort = row->cohort, .role = person.role, .gender = person.gender};
    dims.lang = row->lang.size ? row->lang : bytes_text(edition->lang);
    dims.version = row->version.size ? row->version : bytes_text(edition->version);
    enum status status = group_resolve(fold, db, row, &dims, &group);
    if (status != S_OK) {
        return status;
    }
    event.person = person.row;
    event.group = *tally_note(group);
    status = event_put(db, &event, fold->last_row + 1, &outcome);
    if (status != S_OK) {
        return status;
    }
    switch (outcome) {
    case EVENT_STORED:
        fold->last_row++;
        row->fate = FATE_DURABLE;
        row->is_new_course = !edition->is_known;
        if (fold->has_recovered && is_recovered(fold, db, row)) {
            row->fate = FATE_DUPLICATE;
        } else if (!fold->is_known) {
            event_count(group, row);
            counted_note(fold, row);
        }
        break;
    case EVENT_DUPLICATE:
        row->fate = FATE_DUPLICATE;
        break;
    case EVENT_OTHER_CONTENT:
        row_refuse(row, REFUSAL_CONTENT);
        break;
    }
    return S_OK;
}

/* --- the batch
 * ---------------------------------------------------------------------------------------------- */

static int order_compare(const void *a, const void *b, void *arg)
{
    const struct result_row *rows = arg, *left = &rows[*(const uint32_t *)a],
                            *right = &rows[*(const uint32_t *)b];
    int64_t left_key = (int64_t)left->hash,
            right_key = (int64_t)right->hash; /* as the database orders them */

    if (left_key != right_key) {
        return left_key < right_key ? -1 : 1;
    }
    return left < right ? -1 : 1; /* the first row of an id wins */
}

/* All of a large batch was counted before: it is stored, and counts no more. */
static enum status batch_forgo(struct result_fold *fold, struct db *db, struct result_batch *batch, const struct known *known)
{
    tally_clear(fold->tally);
    for (size_t i = 0; i < batch->count; i++) {
        batch->rows[i].fate = batch->rows[i].fate == FATE_DURABLE ? FATE_DUPLICATE : batch->rows[i].fate;
    }
    return known_claim(db, KNOWN_BATCH, known->fingerprint, known->subject);
}

/* Publishes what was counted. `first` is the row of the first event that was stored. */
static enum status counted_publish(struct result_fold *fold, struct db *db, struct result_fold_job *job, int64_t first)
{
    if (fold->counted_count <= KNOWN_EACH_MAX) {
        return known_publish(db, KNOWN_EVENT, 1, fold->counted, fold->counted_count);
    }
    bool is_whole = fold->last_row - first + 1 == (int64_t)fold->counted_count;
    struct known known = {.fingerprint = known_fingerprint(fold->counted_sum * 0x9e3779b97f4a7c15u + fold->counted_count),
                          .subject = is_whole ? first : 0,
                          .count = (int64_t)fold->counted_count};
    int64_t subject, count;
    if (fold->has_recovered && !job->is_new && known_net(db, KNOWN_BATCH, known.fingerprint, &subject, &count) > 0 &&
        count == known.count) {
        return batch_forgo(fold, db, job->batch, &known);
    }
    if (fold->has_recovered && !job->is_new && known_has_lost_batch(db)) {
        return S_DENIED; /* the same events in other company, or others: not to be known */
    }
    return known_publish(db, KNOWN_BATCH, 1, &known, 1);
}

enum status result_fold_run(struct db *db, void *arg)
{
    struct result_fold_job *job = arg;
    struct result_fold *fold = job->fold;
    struct result_batch *batch = job->batch;
    enum status status = S_OK;

    if (fold->generation != person_generation()) {
        memset(fold->people, 0, sizeof fold->people);
        fold->generation = person_generation();
    }
    memset(fold->editions, 0, sizeof fold->editions);
    tally_clear(fold->tally);
    fold->is_known = job->is_known;
    for (uint32_t i = 0; i < batch->count; i++) {
        fold->order[i] = i;
    }
    qsort_r(fold->order, batch->count, sizeof *fold->order, order_compare, batch->rows);
    fold->last_row = event_last(db);
    int64_t first = fold->last_row + 1;
    fold->has_recovered = known_has_recovered(db);
    fold->counted_count = 0;
    fold->counted_sum = 0;
    for (size_t i = 0; i < batch->count && status == S_OK; i++) {
        status = row_fold(fold, db, &batch->rows[fold->order[i]]);
    }
    if (status == S_OK) {
        status = counted_publish(fold, db, job, first);
    }
    return status == S_OK ? tally_flush(fold->tally, db) : status;
}
