#include "node/learn/person/duplicate.h"

#include "node/learn/person/person.h"
#include "node/store/people/duplicate.h"
#include "node/store/people/person_search.h"
#include "node/store/people/registration.h"
#include "node/store/people/signin.h"
#include "node/store/stream/known.h"

struct merge_job {
    struct bytes kept, merged;
    struct report *report;
};

#define TEXT(bytes) (int)(bytes).size, (const char *)(bytes).data

static enum status unknown(struct merge_job *job, struct bytes id)
{
    return report_set(job->report, S_NOT_FOUND, "there is no person '%.*s' here", TEXT(id));
}

/* May `merged` be merged into `kept`? */
static enum status merge_check(struct merge_job *job, struct db *db, struct duplicate *kept,
                               struct duplicate *merged)
{
    if (!duplicate_find(db, job->kept, kept)) {
        return unknown(job, job->kept);
    }
    if (!duplicate_find(db, job->merged, merged)) {
        return unknown(job, job->merged);
    }
    if (kept->row == merged->row) {
        return report_set(job->report, S_INVALID, "'%.*s' cannot be merged into itself", TEXT(job->kept));
    }
    if (merged->merged_into) {
        return report_set(job->report, S_EXISTS, "'%.*s' is merged into '%s' already", TEXT(job->merged),
                          merged->kept);
    }
    if (kept->merged_into) {
        return report_set(job->report, S_DENIED, "'%.*s' was itself merged: merge into '%s'", TEXT(job->kept),
                          kept->kept);
    }
    return S_OK;
}

static void ignore(void *ctx, int64_t row, struct bytes id, struct bytes name)
{
    (void)ctx;
    (void)row;
    (void)id;
    (void)name;
}

/* The kept person's entry in the index, anew. */
static enum status index_renew(struct db *db, struct bytes id)
{
    struct person person;
    struct buffer texts;

    buffer_init(&texts);
    enum status status = person_find(db, id, &texts, &person) ? person_index(db, &person) : S_NOT_FOUND;
    buffer_release(&texts);
    return status;
}

/* Under the id of the one who is merged, which counts once or not at all by that: so a merge that is lost with the database is known when it comes back.
 * Programs before took whoever was merged off under no id: those come back the same way. */
static enum status figure_move(struct db *db, struct bytes id, const struct duplicate *duplicate, int64_t change)
{
    uint64_t fingerprint = known_fingerprint(known_hash(db, id));
    int64_t subject, count;

    if (known_is_left(db, KNOWN_PERSON, fingerprint)) {
        return S_OK; /* this node was a copy of another, which counts them */
    }
    bool is_of_before = change > 0 && known_net(db, KNOWN_PERSON, fingerprint, &subject, &count) > 0;
    const struct person person = {.row = is_of_before ? 0 : duplicate->row,
                                  .id = is_of_before ? bytes_text("") : id,
                                  .gender = duplicate->gender,
                                  .role = duplicate->role,
                                  .registered_ms = duplicate->registered_ms};
    return person_registered(db, &person, change);
}

/* In a course where both are registered, one human being counts once: figures follow (attempt/due.h). */
static enum status registrations_renew(struct db *db, int64_t kept, int64_t merged)
{
    enum status status = registration_row_set_due_of(db, merged);

    return status == S_OK ? registration_row_set_due_of(db, kept) : status;
}

static enum status merge_run(struct db *db, void *arg)
{
    struct merge_job *job = arg;
    struct duplicate kept, merged;
    enum status status = merge_check(job, db, &kept, &merged);

    if (status == S_OK && duplicate_list(db, merged.row, ignore, NULL) > 0) {
        status = report_set(job->report, S_INVALID,
                            "others were merged into '%.*s': merge those into '%.*s' instead",
                            TEXT(job->merged), TEXT(job->kept));
    }
    if (status == S_OK) {
        status = signin_row_delete_of(db, merged.row, NULL);
    }
    if (status == S_OK) {
        status = person_search_delete(db, merged.row);
    }
    if (status == S_OK) {
        status = duplicate_set(db, merged.row, kept.row);
    }
    if (status == S_OK) {
        status = figure_move(db, job->merged, &merged, -1);
    }
    if (status == S_OK) {
        status = registrations_renew(db, kept.row, merged.row);
    }
    return status == S_OK ? index_renew(db, job->kept) : status;
}

static enum status part_run(struct db *db, void *arg)
{
    struct merge_job *job = arg;
    struct duplicate merged;

    if (!duplicate_find(db, job->merged, &merged)) {
        return unknown(job, job->merged);
    }
    if (!merged.merged_into) {
        return report_set(job->report, S_NOT_FOUND, "'%.*s' was not merged into anybody", TEXT(job->merged));
    }
    enum status status = duplicate_set(db, merged.row, 0);
    if (status == S_OK) {
        status = figure_move(db, job->merged, &merged, 1);
    }
    if (status == S_OK) {
        status = registrations_renew(db, merged.merged_into, merged.row);
    }
    if (status == S_OK) {
        status = index_renew(db, job->merged);
    }
    return status == S_OK ? index_renew(db, bytes_text(merged.kept)) : status;
}

static enum status run(struct store *store, store_job *job, struct merge_job *arg)
{
    enum status status = store_write_wait(store, job, arg);

    return status == S_OK
               ? S_OK
               : report_set(arg->report, status, "it could not be stored: %s", status_text(status));
}

enum status duplicate_merge(struct store *store, struct bytes kept, struct bytes merged,
                            struct report *report)
{
    struct merge_job job = {.kept = kept, .merged = merged, .report = report};

    return run(store, merge_run, &job);
}

enum status duplicate_part(struct store *store, struct bytes merged, struct report *report)
{
    struct merge_job job = {.merged = merged, .report = report};

    return run(store, part_run, &job);
}
