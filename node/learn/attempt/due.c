#include "node/learn/attempt/due.h"

#include <string.h>

#include "node/learn/attempt/fact.h"
#include "node/learn/attempt/registration.h"
#include "node/learn/result/enrol.h"
#include "node/store/people/person.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

enum { MONTHS_MAX = 600 };

/* Time spent in one month. */
struct month {
    char period[PERIOD_SIZE];
    int64_t first_ms;
    struct share time; /* its parts: by launch */
};

struct telling {
    struct facts *facts;
    struct db *db;
    const struct federation *federation;
    struct registration_row row;
    struct person person;
    struct buffer texts;  /* of the person */
    struct buffer months; /* struct month */
};

bool due_is_any(struct store *store)
{
    struct buffer ids;
    struct db *db = store_read_begin(store);

    buffer_init(&ids);
    registration_row_list_due(db, 1, &ids);
    store_read_end(store, db);
    bool is_any = ids.size > 0;
    buffer_release(&ids);
    return is_any;
}

static void launch_add(void *ctx, const struct launch_row *row)
{
    struct telling *telling = ctx;
    char period[PERIOD_SIZE];
    size_t count = telling->months.size / sizeof(struct month), i = 0;

    timestamp_period(row->created_ms, period);
    struct month *months = (struct month *)(void *)telling->months.data;
    while (i < count && strcmp(months[i].period, period) != 0) {
        i++;
    }
    if (i == count) {
        struct month month = {.first_ms = row->created_ms};
        if (count == MONTHS_MAX) {
            return;
        }
        memcpy(month.period, period, sizeof month.period);
        buffer_append(&telling->months, &month, sizeof month);
        months = (struct month *)(void *)telling->months.data;
    }
    share_add_time(&months[i].time, (uint32_t)row->token.b[0] | (uint32_t)row->token.b[1] << 8 | (uint32_t)row->token.b[2] << 16, row->seconds);
    months[i].first_ms = row->created_ms < months[i].first_ms ? row->created_ms : months[i].first_ms;
}

/* --- facts ---------------------------------------------------------------------------------------------- */

/* What a registration's facts are named by: who, and what. Versions before took its UUID. */
struct names {
    char id[FACT_ID_SIZE], id_before[FACT_ID_SIZE];
};

/* `period`: of a month's fact, or empty. */
static void names_make(struct telling *telling, enum event_kind kind, struct bytes period, struct names *names)
{
    const struct bytes texts[] = {telling->person.id, bytes_text(telling->row.course), bytes_text(telling->row.cohort), period};
    struct buffer about;

    buffer_init(&about);
    buffer_append(&about, telling->row.uuid, sizeof telling->row.uuid);
    buffer_append(&about, period.data, period.size);
    fact_id(telling->facts, kind, buffer_bytes(&about), names->id_before);
    buffer_clear(&about);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        buffer_append_varint(&about, texts[i].size);
        buffer_append(&about, texts[i].data, texts[i].size);
    }
    fact_id(telling->facts, kind, buffer_bytes(&about), names->id);
    buffer_release(&about);
}

static struct fact fact_of(struct telling *telling, enum event_kind kind, int64_t at_ms, const char *id)
{
    return (struct fact){.id = id,
                         .person = telling->person.row,
                         .person_id = telling->person.id,
                         .dims = {.course = bytes_text(telling->row.course),
                                  .lang = bytes_text(telling->row.lang),
                                  .version = bytes_text(telling->row.version),
                                  .cohort = bytes_text(telling->row.cohort),
                                  .role = telling->person.role,
                                  .gender = telling->person.gender},
                         .kind = kind,
                         .at_ms = at_ms,
                         .score = EVENT_NO_SCORE};
}

/* The same event as `qanat enrol` makes: whoever comes first. */
static enum status enrolled_tell(struct telling *telling, bool is_true)
{
    struct enrolment enrolment = {.person = telling->person.id,
                                  .course = bytes_text(telling->row.course),
                                  .cohort = bytes_text(telling->row.cohort)};
    char id[ENROL_ID_SIZE];

    enrol_id(telling->federation, &enrolment, id);
    struct fact fact = fact_of(telling, EVENT_ENROLLED, telling->row.created_ms, id);
    fact.is_lasting = true;
    return is_true ? fact_put(telling->facts, telling->db, &fact) : fact_drop(telling->facts, telling->db, &fact);
}

/* True since `at_ms`, or not (0). `is_decided`: by somebody. */
static enum status moment_tell(struct telling *telling, enum event_kind kind, int64_t at_ms, int64_t score, bool is_decided)
{
    struct names names;

    names_make(telling, kind, bytes_of("", 0), &names);
    struct fact fact = fact_of(telling, kind, at_ms, names.id);
    fact.id_before = names.id_before;
    fact.score = score;
    fact.is_decided = is_decided;
    return at_ms != 0 ? fact_put(telling->facts, telling->db, &fact) : fact_drop(telling->facts, telling->db, &fact);
}

static enum status month_tell(struct telling *telling, const struct month *month)
{
    struct names names;

    names_make(telling, EVENT_ACTIVE, bytes_of(month->period, PERIOD_SIZE), &names);
    struct fact fact = fact_of(telling, EVENT_ACTIVE, month->first_ms, names.id);
    fact.id_before = names.id_before;
    fact.time = &month->time;
    return fact_put(telling->facts, telling->db, &fact);
}

static enum status months_tell(struct telling *telling)
{
    buffer_clear(&telling->months);
    enum status status = launch_row_sum(telling->db, telling->row.id, launch_add, telling);
    const struct month *months = (const struct month *)(const void *)telling->months.data;

    for (size_t i = 0; i < telling->months.size / sizeof *months && status == S_OK; i++) {
        status = month_tell(telling, &months[i]);
    }
    return status;
}

static void person_keep(void *ctx, const struct person *person)
{
    struct telling *telling = ctx;

    telling->person = *person;
    buffer_clear(&telling->texts);
    buffer_append(&telling->texts, person->id.data, person->id.size);
    telling->person.id = buffer_bytes(&telling->texts);
}

/* --- one human being under two ids
 * ------------------------------------------------------------------------------ */

/* What is told of a registration: of the first of its twins what is true of any, of the others nothing but
 * their minutes. */
struct truth {
    bool is_first;
    int64_t started_ms, completed_ms, score;
};

static void truth_add(struct truth *truth, const struct registration_row *row)
{
    if (row->started_ms && (!truth->started_ms || row->started_ms < truth->started_ms)) {
        truth->started_ms = row->started_ms;
    }
    if (row->completed_ms) {
        truth->score = !truth->completed_ms || row->score > truth->score ? row->score : truth->score;
        truth->completed_ms = truth->completed_ms && truth->completed_ms < row->completed_ms
                                  ? truth->completed_ms
                                  : row->completed_ms;
    }
}

static enum status truth_find(struct telling *telling, struct truth *truth)
{
    struct registration_row *row = &telling->row, twin;
    struct person kept;
    struct buffer ids;
    int64_t id;

    *truth = (struct truth){.is_first = true, .score = EVENT_NO_SCORE};
    truth_add(truth, row);
    if (!person_find_dims(telling->db, telling->person.id, &kept)) {
        return db_status(telling->db);
    }
    buffer_init(&ids);
    enum status status = registration_row_list_twins(telling->db, kept.row, row, &ids);
    for (size_t at = 0; at < ids.size && ids.size > sizeof id && status == S_OK; at += sizeof id) {
        memcpy(&id, ids.data + at, sizeof id);
        if (at == 0 && id != row->id) { /* the first tells of this one, too */
            truth->is_first = false;
            status = registration_row_set_due(telling->db, id);
        }
        if (id != row->id && registration_row_get(telling->db, id, &twin)) {
            truth_add(truth, &twin);
        }
    }
    buffer_release(&ids);
    if (!truth->is_first) {
        *truth = (struct truth){.score = EVENT_NO_SCORE};
    }
    return status;
}

static enum status truth_tell(struct telling *telling)
{
    struct truth truth;
    enum status status = truth_find(telling, &truth);
    bool is_decided = !truth.is_first, is_marked = is_decided || telling->row.mark_status != REGISTRATION_NO_MARK ||
                                                   telling->row.mark_score != EVENT_NO_SCORE;

    status = status == S_OK ? enrolled_tell(telling, truth.is_first) : status;
    status = status == S_OK ? moment_tell(telling, EVENT_STARTED, truth.started_ms, EVENT_NO_SCORE, is_decided) : status;
    status = status == S_OK ? months_tell(telling) : status;
    return status == S_OK ? moment_tell(telling, EVENT_COMPLETED, truth.completed_ms, truth.score, is_marked) : status;
}

static enum status registration_tell(struct telling *telling, int64_t id)
{
    struct registration_row *row = &telling->row;

    if (!registration_row_get(telling->db, id, row)) {
        return db_status(telling->db);
    }
    if (person_row_visit(telling->db, row->person, person_keep, telling)) {
        enum status status = truth_tell(telling);
        if (status != S_OK) {
            return status;
        }
    }
    row->is_due = false;
    return registration_row_update(telling->db, row);
}

/* `is_due`: all of them are; else those that are. */
static enum status registrations_tell(struct db *db, const struct federation *federation, struct bytes ids, bool is_due)
{
    struct telling telling = {.db = db, .federation = federation};
    struct registration_row row;
    enum status status = S_OK;
    int64_t id;

    telling.facts = facts_new(federation);
    for (size_t at = 0; at < ids.size && status == S_OK; at += sizeof id) {
        memcpy(&id, ids.data + at, sizeof id);
        if (is_due || (registration_row_get(db, id, &row) && row.is_due)) {
            status = registration_tell(&telling, id);
        }
    }
    if (status == S_OK) {
        status = facts_flush(telling.facts, db);
    }
    buffer_release(&telling.texts);
    buffer_release(&telling.months);
    facts_free(telling.facts);
    return status;
}

enum status due_run(struct db *db, void *arg)
{
    struct due_run *run = arg;
    struct buffer ids;

    buffer_init(&ids);
    enum status status = registration_row_list_due(db, DUE_BATCH, &ids);
    if (status == S_OK) {
        status = registrations_tell(db, run->attempts->federation, buffer_bytes(&ids), true);
    }
    run->told = ids.size / sizeof(int64_t);
    buffer_release(&ids);
    return status;
}

enum status due_tell_of(struct db *db, const struct federation *federation, int64_t person)
{
    struct buffer ids;

    buffer_init(&ids);
    enum status status = registration_row_list_of(db, person, &ids);
    if (status == S_OK) {
        status = registrations_tell(db, federation, buffer_bytes(&ids), false);
    }
    buffer_release(&ids);
    return status;
}

enum status due_tell_all(struct store *store, const struct federation *federation, struct report *report)
{
    const struct attempts attempts = {.store = store, .federation = federation};
    struct due_run run = {.attempts = &attempts};
    enum status status = S_OK;

    while (status == S_OK && due_is_any(store)) {
        status = store_write_wait(store, due_run, &run);
    }
    return status == S_OK ? S_OK : report_set(report, status, "the figures could not follow: %s", status_text(status));
}
