#include "node/learn/attempt/registration.h"
#include "node/learn/cohort/cohort.h"
#include "node/store/people/person.h"

#define TEXT(bytes) (int)((bytes).size > 128 ? 128 : (bytes).size), (const char *)(bytes).data

struct member_job {
    const struct cohorts *cohorts;
    const char *cohort;
    bool as_trainers, is_leaving;
    const struct bytes *ids;
    size_t count;
    struct cohort_outcome *outcome;
    struct report *report;
};

void cohort_outcome_init(struct cohort_outcome *outcome)
{
    outcome->changed = outcome->unchanged = 0;
    refusals_init(&outcome->refusals, COHORT_REFUSALS_SHOWN);
}

void cohort_outcome_release(struct cohort_outcome *outcome)
{
    refusals_release(&outcome->refusals);
}

static void changed(struct cohort_outcome *outcome, bool is_change)
{
    outcome->changed += is_change;
    outcome->unchanged += !is_change;
}

static enum status member_enrol(struct member_job *job, struct db *db, const struct cohort_row *cohort,
                                int64_t person)
{
    const struct registration_wish wish = {.person = person,
                                           .course = bytes_text(cohort->course),
                                           .cohort = bytes_text(cohort->cohort),
                                           .now_ms = job->cohorts->now_ms};
    struct registration_row registration;

    return registration_open(db, &wish, &registration);
}

static enum status one_add(struct member_job *job, struct db *db, const struct cohort_row *cohort, size_t at)
{
    struct bytes id = job->ids[at];
    struct person person;
    bool is_trainer;

    if (!person_find_dims(db, id, &person)) {
        refusals_add(&job->outcome->refusals, REFUSAL_PERSON, at + 1, "person '%.*s'", TEXT(id));
        return db_status(db);
    }
    if (job->as_trainers && !cohort_may_train(db, person.row, (enum role)person.role, cohort->course)) {
        refusals_add(&job->outcome->refusals, REFUSAL_TRAINER, at + 1, "person '%.*s'", TEXT(id));
        return S_OK;
    }
    bool is_member = cohort_member_find(db, cohort->id, person.row, &is_trainer);
    changed(job->outcome, !is_member || is_trainer != job->as_trainers);
    enum status status =
        cohort_member_put(db, cohort->id, person.row, job->as_trainers, job->cohorts->now_ms);
    return status == S_OK && !job->as_trainers ? member_enrol(job, db, cohort, person.row) : status;
}

static enum status one_drop(struct member_job *job, struct db *db, const struct cohort_row *cohort, size_t at)
{
    struct person person;
    bool is_trainer;

    if (!person_find_dims(db, job->ids[at], &person)) {
        refusals_add(&job->outcome->refusals, REFUSAL_PERSON, at + 1, "person '%.*s'", TEXT(job->ids[at]));
        return db_status(db);
    }
    changed(job->outcome, cohort_member_find(db, cohort->id, person.row, &is_trainer));
    return cohort_member_delete(db, cohort->id, person.row);
}

static enum status members_run(struct db *db, void *arg)
{
    struct member_job *job = arg;
    struct cohort_row cohort;
    enum status status = cohort_get(db, job->cohort, &cohort, job->report);

    cohort_outcome_release(job->outcome);
    cohort_outcome_init(job->outcome);
    for (size_t i = 0; i < job->count && status == S_OK; i++) {
        status = job->is_leaving ? one_drop(job, db, &cohort, i) : one_add(job, db, &cohort, i);
    }
    return status;
}

static enum status members_change(struct member_job *job)
{
    enum status status = store_write_wait(job->cohorts->store, members_run, job);

    if (status != S_OK) {
        return report_set(job->report, status, "the members of '%s' could not be stored: %s", job->cohort,
                          status_text(status));
    }
    return job->outcome->refusals.total
               ? report_set(job->report, S_PARTIAL, "%llu people were refused: the reasons stand above",
                            (unsigned long long)job->outcome->refusals.total)
               : S_OK;
}

enum status cohort_add(const struct cohorts *cohorts, const char *cohort, bool as_trainers,
                       const struct cohort_people *people, struct cohort_outcome *outcome,
                       struct report *report)
{
    struct member_job job = {.cohorts = cohorts,
                             .cohort = cohort,
                             .as_trainers = as_trainers,
                             .ids = people->ids,
                             .count = people->count,
                             .outcome = outcome,
                             .report = report};

    return members_change(&job);
}

enum status cohort_drop(const struct cohorts *cohorts, const char *cohort, const struct cohort_people *people,
                        struct cohort_outcome *outcome, struct report *report)
{
    struct member_job job = {.cohorts = cohorts,
                             .cohort = cohort,
                             .is_leaving = true,
                             .ids = people->ids,
                             .count = people->count,
                             .outcome = outcome,
                             .report = report};

    return members_change(&job);
}

/* --- by hand -------------------------------------------------------------------------------------------- */

struct complete_job {
    const struct cohorts *cohorts;
    const struct cohort_completion *completion;
    struct report *report;
};

static enum status complete_run(struct db *db, void *arg)
{
    struct complete_job *job = arg;
    const struct cohort_completion *completion = job->completion;
    struct registration_row registration;
    struct cohort_row cohort;
    struct person person;
    bool is_trainer;
    enum status status = cohort_get(db, completion->cohort, &cohort, job->report);

    if (status != S_OK) {
        return status;
    }
    if (!person_find_dims(db, completion->person, &person) ||
        !cohort_member_find(db, cohort.id, person.row, &is_trainer) || is_trainer) {
        return report_set(job->report, S_NOT_FOUND, "'%.*s' is no learner of the cohort '%s'",
                          TEXT(completion->person), cohort.cohort);
    }
    const struct registration_wish wish = {.person = person.row,
                                           .course = bytes_text(cohort.course),
                                           .cohort = bytes_text(cohort.cohort),
                                           .now_ms = job->cohorts->now_ms};
    status = registration_open(db, &wish, &registration);
    const struct registration_mark mark = {
        .registration = registration.id,
        .status = completion->is_undo ? REGISTRATION_NO_MARK : REGISTRATION_COMPLETED,
        .score = completion->is_undo ? EVENT_NO_SCORE : completion->score,
        .reason = completion->is_undo ? bytes_of("", 0) : completion->reason,
        .by = completion->by,
        .now_ms = job->cohorts->now_ms};
    return status == S_OK ? registration_mark(db, &mark) : status;
}

enum status cohort_complete(const struct cohorts *cohorts, const struct cohort_completion *completion,
                            struct report *report)
{
    struct complete_job job = {.cohorts = cohorts, .completion = completion, .report = report};

    if (!completion->is_undo && !text_is_name(completion->reason, REGISTRATION_REASON_MAX)) {
        return report_set(report, S_INVALID, "say why, in a line of at most %d bytes",
                          REGISTRATION_REASON_MAX);
    }
    enum status status = store_write_wait(cohorts->store, complete_run, &job);
    return status == S_OK
               ? S_OK
               : report_set(report, status, "the completion could not be stored: %s", status_text(status));
}
