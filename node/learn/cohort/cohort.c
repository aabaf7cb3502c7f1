#include "node/learn/cohort/cohort.h"

#include <stdio.h>
#include <string.h>

#include "node/learn/course/course_choose.h"
#include "replication/package/manifest.h"

struct put_job {
    const struct cohorts *cohorts;
    const struct cohort_wish *wish;
    bool must_be_new;
    struct report *report;
};

enum status cohort_get(struct db *db, const char *cohort, struct cohort_row *row_out, struct report *report)
{
    return cohort_row_find(db, bytes_text(cohort), row_out)
               ? S_OK
               : report_set(report, S_NOT_FOUND, "there is no cohort '%.128s' here: see qanat cohort list",
                            cohort);
}

/* Takes a text over when it was said; `is_name` texts may not be empty. */
static bool text_take(const char *what, const char *text, size_t size, bool is_name, char *out, struct report *report)
{
    char fault[TEXT_FAULT_SIZE];

    if (!text) {
        return true;
    }
    if ((is_name || *text) && !text_check_name(what, bytes_text(text), size - 1, fault)) {
        report_set(report, S_INVALID, "%s", fault);
        return false;
    }
    snprintf(out, size, "%s", text);
    return true;
}

static enum status wish_apply(struct put_job *job, struct cohort_row *row)
{
    const struct cohort_wish *wish = job->wish;

    if (wish->lang && *wish->lang && lang_check_said(bytes_text(wish->lang)) != S_OK) {
        return report_set(job->report, S_INVALID, "'%.64s' is no language: write it as ar, en or zh-Hans", wish->lang);
    }
    if (!text_take("the cohort's name", wish->cohort, sizeof row->cohort, true, row->cohort, job->report) ||
        !text_take("the cohort's title", wish->title, sizeof row->title, true, row->title, job->report) ||
        !text_take("the cohort's course", wish->course, sizeof row->course, true, row->course, job->report) ||
        !text_take("the cohort's language", wish->lang, sizeof row->lang, false, row->lang, job->report) ||
        !text_take("the course that it trains for", wish->trains, sizeof row->trains, false, row->trains, job->report)) {
        return S_INVALID;
    }
    if (!*row->course) {
        return report_set(job->report, S_INVALID, "which course does the cohort '%s' take? say its id",
                          row->cohort);
    }
    if (!*row->title) {
        snprintf(row->title, sizeof row->title, "%s", row->cohort);
    }
    row->starts_ms = wish->starts_ms >= 0 ? wish->starts_ms : row->starts_ms;
    row->ends_ms = wish->ends_ms >= 0 ? wish->ends_ms : row->ends_ms;
    if (row->starts_ms && row->ends_ms && row->ends_ms < row->starts_ms) {
        return report_set(job->report, S_INVALID, "the cohort '%s' would end before it starts", row->cohort);
    }
    return S_OK;
}

/* The cohort stays with the version that was wanted. */
static enum status version_pin(struct put_job *job, struct db *db, const struct cohort_row *row)
{
    const struct course_ref ref = {.course = row->course, .lang = row->lang, .version = job->wish->version};
    struct course_row course;

    if (!job->wish->version) {
        return S_OK;
    }
    enum status status = course_resolve(db, &ref, false, &course, job->report);
    return status == S_OK ? cohort_pin(db, row->cohort, &course) : status;
}

static enum status put_run(struct db *db, void *arg)
{
    struct put_job *job = arg;
    struct cohort_row row = {.id = 0, .created_ms = job->cohorts->now_ms};
    bool is_known = cohort_row_find(db, bytes_text(job->wish->cohort), &row);
    char course[COURSE_ID_MAX + 1];
    int64_t learners, trainers;

    if (is_known && job->must_be_new) {
        return report_set(job->report, S_EXISTS,
                          "there is a cohort '%s' already: qanat cohort set changes it", row.cohort);
    }
    if (!is_known && !job->must_be_new) {
        return cohort_get(db, job->wish->cohort, &row, job->report);
    }
    snprintf(course, sizeof course, "%s", row.course);
    enum status status = wish_apply(job, &row);
    if (status == S_OK && is_known && strcmp(course, row.course) != 0) {
        cohort_member_counts(db, row.id, &learners, &trainers);
        if (learners) {
            return report_set(job->report, S_INVALID,
                              "the cohort '%s' has members who take '%s': make another cohort", row.cohort,
                              course);
        }
    }
    if (status == S_OK) {
        status = cohort_row_put(db, &row);
    }
    return status == S_OK ? version_pin(job, db, &row) : status;
}

enum status cohort_put(const struct cohorts *cohorts, const struct cohort_wish *wish, bool must_be_new,
                       struct report *report)
{
    struct put_job job = {.cohorts = cohorts, .wish = wish, .must_be_new = must_be_new, .report = report};
    enum status status = store_write_wait(cohorts->store, put_run, &job);

    return status == S_OK ? S_OK
                          : report_set(report, status, "the cohort '%s' could not be stored: %s",
                                       wish->cohort, status_text(status));
}

struct remove_job {
    const char *cohort;
    struct report *report;
};

static enum status remove_run(struct db *db, void *arg)
{
    struct remove_job *job = arg;
    struct cohort_row row;
    enum status status = cohort_get(db, job->cohort, &row, job->report);

    return status == S_OK ? cohort_row_delete(db, row.id) : status;
}

enum status cohort_remove(const struct cohorts *cohorts, const char *cohort, struct report *report)
{
    struct remove_job job = {.cohort = cohort, .report = report};
    enum status status = store_write_wait(cohorts->store, remove_run, &job);

    return status == S_OK ? S_OK
                          : report_set(report, status, "the cohort '%s' could not be removed: %s", cohort,
                                       status_text(status));
}

bool cohort_may_train(struct db *db, int64_t person, enum role role, const char *course)
{
    return role >= ROLE_FACILITATOR || cohort_is_trained(db, person, bytes_text(course));
}

bool cohort_may_run(struct db *db, int64_t person, enum role role, const struct cohort_row *cohort)
{
    bool is_trainer = false;

    return role >= ROLE_MANAGER || (cohort_member_find(db, cohort->id, person, &is_trainer) && is_trainer);
}
