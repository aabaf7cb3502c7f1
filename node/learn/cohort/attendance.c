#include <string.h>

#include "node/learn/attempt/fact.h"
#include "node/learn/cohort/cohort.h"
#include "node/store/course/edition.h"
#include "node/store/people/person.h"
#include "node/timestamp.h"

#define TEXT(bytes) (int)((bytes).size > 128 ? 128 : (bytes).size), (const char *)(bytes).data

struct attend_job {
    const struct cohorts *cohorts;
    const struct cohort_attendance *attendance;
    const struct bytes *ids;
    size_t count;
    struct cohort_outcome *outcome;
    struct report *report;
    /* of the running job */
    struct cohort_row cohort;
    struct cohort_session session;
    bool is_corrected; /* the session was known, with another time or length */
    struct edition edition;
    struct facts *facts;
};

/* What the event is about: this session of this cohort, and this person. */
static void attended_id(const struct attend_job *job, struct bytes person, char out[FACT_ID_SIZE])
{
    const struct bytes texts[] = {bytes_text(job->cohort.cohort), job->session.session, person};
    struct buffer about;

    buffer_init(&about);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        buffer_append_varint(&about, texts[i].size);
        buffer_append(&about, texts[i].data, texts[i].size);
    }
    fact_id(job->facts, EVENT_ATTENDED, buffer_bytes(&about), out);
    buffer_release(&about);
}

/* `id` is filled by attended_id(). */
static struct fact attended_fact(const struct attend_job *job, const struct person *person, const char *id)
{
    return (struct fact){.id = id,
                         .person = person->row,
                         .person_id = person->id,
                         .dims = {.course = bytes_text(job->cohort.course),
                                  .lang = bytes_text(job->edition.lang),
                                  .version = bytes_text(job->edition.version),
                                  .cohort = bytes_text(job->cohort.cohort),
                                  .role = person->role,
                                  .gender = person->gender},
                         .kind = EVENT_ATTENDED,
                         .at_ms = job->session.at_ms,
                         .score = EVENT_NO_SCORE,
                         .minutes = job->session.minutes,
                         .is_decided = true};
}

static enum status fact_tell(struct attend_job *job, struct db *db, const struct person *person)
{
    char id[FACT_ID_SIZE];

    attended_id(job, person->id, id);
    const struct fact fact = attended_fact(job, person, id);
    return job->attendance->was_there ? fact_put(job->facts, db, &fact) : fact_drop(job->facts, db, &fact);
}

static enum status one_attend(struct attend_job *job, struct db *db, size_t at)
{
    struct bytes id = job->ids[at];
    struct person person;
    struct buffer texts;
    bool is_trainer, is_change = false;
    enum status status = S_OK;

    buffer_init(&texts);
    if (!person_find(db, id, &texts, &person)) {
        refusals_add(&job->outcome->refusals, REFUSAL_PERSON, at + 1, "person '%.*s'", TEXT(id));
    } else if (!cohort_member_find(db, job->cohort.id, person.row, &is_trainer)) {
        refusals_add(&job->outcome->refusals, REFUSAL_MEMBER, at + 1, "person '%.*s'", TEXT(id));
    } else {
        status = attendance_set(db, job->session.id, person.row, job->attendance->was_there, &is_change);
        if (status == S_OK && is_change && !is_trainer) {
            status = fact_tell(job, db, &person);
        }
        is_change = is_change || (job->is_corrected && job->attendance->was_there);
        job->outcome->changed += is_change;
        job->outcome->unchanged += !is_change;
    }
    buffer_release(&texts);
    return status == S_OK ? db_status(db) : status;
}

/* Finds or makes the session, with what was said of it. */
static enum status session_open(struct attend_job *job, struct db *db)
{
    const struct cohort_attendance *wish = job->attendance;
    bool is_known = cohort_session_find(db, job->cohort.id, wish->session, &job->session);
    const struct cohort_session before = job->session;

    if (!is_known) {
        job->session = (struct cohort_session){.session = wish->session};
        if (!timestamp_parse(wish->session, &job->session.at_ms)) {
            job->session.at_ms = job->cohorts->now_ms;
        }
    }
    job->session.at_ms = wish->at_ms ? wish->at_ms : job->session.at_ms;
    job->session.minutes = wish->minutes >= 0 ? wish->minutes : job->session.minutes;
    job->is_corrected = is_known && (before.at_ms != job->session.at_ms || before.minutes != job->session.minutes);
    enum status status = cohort_session_put(db, job->cohort.id, &job->session);
    if (status == S_OK && !cohort_session_find(db, job->cohort.id, wish->session, &job->session)) {
        status = S_INTERNAL;
    }
    return status;
}

/* --- a session that was otherwise: figures of all who were there follow -------------------------------------- */

struct correction {
    struct attend_job *job;
    struct db *db;
    enum status status;
};

static void one_correct(void *ctx, struct bytes id)
{
    struct correction *correction = ctx;
    struct person person;
    struct buffer texts;
    char fact[FACT_ID_SIZE];

    buffer_init(&texts);
    if (correction->status == S_OK && person_find(correction->db, id, &texts, &person)) { /* merged: whom it means now */
        attended_id(correction->job, id, fact);
        const struct fact said = attended_fact(correction->job, &person, fact);
        correction->status = fact_correct(correction->job->facts, correction->db, &said);
    }
    buffer_release(&texts);
}

static enum status session_correct(struct attend_job *job, struct db *db)
{
    struct correction correction = {job, db, S_OK};

    attendance_list(db, job->session.id, one_correct, &correction);
    return correction.status == S_OK ? db_status(db) : correction.status;
}

static enum status attend_run(struct db *db, void *arg)
{
    struct attend_job *job = arg;
    enum status status = cohort_get(db, job->attendance->cohort, &job->cohort, job->report);

    if (status != S_OK) {
        return status;
    }
    cohort_outcome_release(job->outcome);
    cohort_outcome_init(job->outcome);
    edition_find(db, bytes_text(job->cohort.course), bytes_text(job->cohort.lang),
                 bytes_text(job->cohort.cohort), &job->edition);
    job->facts = facts_new(job->cohorts->federation);
    status = session_open(job, db);
    if (status == S_OK && job->is_corrected) {
        status = session_correct(job, db);
    }
    for (size_t i = 0; i < job->count && status == S_OK; i++) {
        status = one_attend(job, db, i);
    }
    if (status == S_OK) {
        status = facts_flush(job->facts, db);
    }
    facts_free(job->facts);
    return status;
}

enum status cohort_attend(const struct cohorts *cohorts, const struct cohort_attendance *attendance,
                          const struct cohort_people *people, struct cohort_outcome *outcome,
                          struct report *report)
{
    struct attend_job job = {.cohorts = cohorts,
                             .attendance = attendance,
                             .ids = people->ids,
                             .count = people->count,
                             .outcome = outcome,
                             .report = report};

    if (!text_is_name(attendance->session, COHORT_SESSION_MAX)) {
        return report_set(report, S_INVALID, "a session has a name of 1 to %d bytes, for example its day",
                          COHORT_SESSION_MAX);
    }
    enum status status = store_write_wait(cohorts->store, attend_run, &job);
    if (status != S_OK) {
        return report_set(report, status, "the attendance could not be stored: %s", status_text(status));
    }
    return outcome->refusals.total
               ? report_set(report, S_PARTIAL, "%llu people were refused: the reasons stand above",
                            (unsigned long long)outcome->refusals.total)
               : S_OK;
}
