#include "node/badge/issue.h"

#include <stdio.h>
#include <string.h>

#include "node/badge/status_list.h"
#include "node/learn/attempt/registration.h"
#include "node/learn/result/result_fold.h"
#include "node/store/course/course.h"
#include "node/store/course/edition.h"
#include "node/store/people/cohort_row.h"
#include "node/store/people/credential.h"
#include "node/store/people/person.h"
#include "node/store/stream/own.h"
#include "node/store/stream/revocation.h"
#include "node/store/stream/roster.h"
#include "node/timestamp.h"
#include "replication/base/check.h"
#include "replication/package/manifest.h"

enum { EVENT_ID_SIZE = 16 + HASH_HEX_SIZE };

void issue_outcome_init(struct issue_outcome *outcome)
{
    memset(outcome, 0, sizeof *outcome);
}

void issue_outcome_release(struct issue_outcome *outcome)
{
    buffer_release(&outcome->uuid);
    buffer_release(&outcome->document);
}

void credential_list_name(const struct config *config, const struct id *list, char out[CREDENTIAL_LIST_MAX])
{
    char uuid[UUID_TEXT_SIZE];

    uuid_format(list, uuid);
    int length = *config->public_url
                     ? snprintf(out, CREDENTIAL_LIST_MAX, "%s/verify/status/%s", config->public_url, uuid)
                     : CREDENTIAL_LIST_MAX;
    if (length >= CREDENTIAL_LIST_MAX) {
        urn_uuid_format(list, out);
    }
}

/* --- the event ------------------------------------------------------------------------------------------ */

/* What happened, as a row of a results file. */
struct badge_event {
    const struct federation *federation;
    enum event_kind kind;
    const char *uuid;
    struct bytes subject; /* the person's own id, also where `person` is one that was merged into it */
    struct bytes person, course, lang, version, cohort;
    int64_t at_ms;
};

/* Follows from who got which certificate for what, and not from its number: when this database was put back to an older state and the
 * certificate is issued again, it is the same event. */
static void event_id(struct db *db, const struct badge_event *event, char out[EVENT_ID_SIZE])
{
    const struct federation *federation = event->federation;
    const struct bytes texts[] = {event->subject, event->course, event->cohort};
    char hex[HASH_HEX_SIZE];
    struct buffer text;

    buffer_init(&text);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        buffer_append_varint(&text, texts[i].size);
        buffer_append(&text, texts[i].data, texts[i].size);
    }
    buffer_append_varint(&text, (uint64_t)credential_number(db, bytes_text(event->uuid)));
    struct hash hash = hash_of(bytes_of(federation->secret, sizeof federation->secret), buffer_bytes(&text));
    buffer_release(&text);
    hash_hex(&hash, hex);
    int size = snprintf(out, EVENT_ID_SIZE, "%s-%s", event_kind_text(event->kind), hex);
    CHECK(size > 0 && size < EVENT_ID_SIZE);
}

/* Records the event and folds it into the figures, within the running job. */
static enum status event_record(struct db *db, const struct badge_event *event, struct report *report)
{
    char id[EVENT_ID_SIZE], at[TIMESTAMP_TEXT_SIZE];
    struct bytes field[FIELD_COUNT];
    struct refusals refusals;
    struct result_batch batch;
    struct result_keys keys;
    struct result_fold_job job = {.fold = result_fold_new(), .batch = &batch};
    enum status status = S_INVALID;

    event_id(db, event, id);
    timestamp_format(event->at_ms / 1000 * 1000, at);
    for (int i = 0; i < FIELD_COUNT; i++) {
        field[i] = bytes_of("", 0);
    }
    field[FIELD_EVENT_ID] = bytes_text(id);
    field[FIELD_PERSON] = event->person;
    field[FIELD_COURSE] = event->course;
    field[FIELD_KIND] = bytes_text(event_kind_text(event->kind));
    field[FIELD_AT] = bytes_text(at);
    field[FIELD_COHORT] = event->cohort;
    field[FIELD_LANG] = event->lang;
    field[FIELD_VERSION] = event->version;
    refusals_init(&refusals, 1);
    result_keys_init(&keys, event->federation);
    result_batch_init(&batch, &keys);
    if (result_row_add(&batch, 1, field, &refusals)) {
        status = result_fold_run(db, &job);
    } else {
        for (int i = 0; i < REFUSAL_COUNT; i++) {
            if (refusals.reason[i].count) {
                report_set(report, S_INVALID, "%s", refusals.reason[i].examples[0].text);
            }
        }
    }
    /* The same id with other content: of somebody erased who came back, for whom it was counted before. */
    if (status == S_OK && batch.rows[0].fate == FATE_REFUSED && batch.rows[0].refusal != REFUSAL_CONTENT) {
        status = report_set(report, S_INVALID, "%s", refusal_advice(batch.rows[0].refusal));
    }
    result_batch_release(&batch);
    result_fold_free(job.fold);
    refusals_release(&refusals);
    sodium_memzero(&keys, sizeof keys);
    return status;
}

/* The learner's own page says it, too: the registration that the certificate is for, if there is one. */
static enum status registration_note(struct db *db, int64_t person, struct bytes course, struct bytes cohort,
                                     int64_t certified_ms)
{
    struct registration_row row;

    return registration_row_find(db, person, course, cohort, &row)
               ? registration_certify(db, row.id, certified_ms)
               : db_status(db);
}

/* --- issuing -------------------------------------------------------------------------------------------- */

struct issue_job {
    const struct issuer *issuer;
    const struct issue_request *request;
    struct issue_outcome *outcome;
    struct report *report;
    char issuer_name[NODE_NAME_MAX + 1];
    struct buffer texts; /* of the person */
    struct person person;
    char course[COURSE_ID_MAX + 1], lang[LANG_MAX + 1], version[VERSION_MAX + 1],
        title[CREDENTIAL_TEXT_MAX + 1];
    char name[CREDENTIAL_TEXT_MAX + 1];
    char list_name[CREDENTIAL_LIST_MAX];
    struct id list;
};

static bool text_copy(struct bytes text, size_t size, char *out)
{
    if (text.size >= size || (text.size && memchr(text.data, '\0', text.size))) {
        return false;
    }
    memcpy(out, text.data, text.size);
    out[text.size] = '\0';
    return true;
}

/* Language, version and title: as asked for, else as the course is taught here. */
static enum status course_resolve_here(struct issue_job *job, struct db *db)
{
    const struct issue_request *request = job->request;
    struct course_row row;
    struct edition edition;

    if (!text_copy(request->course, sizeof job->course, job->course) ||
        !text_copy(bytes_text(request->lang ? request->lang : ""), sizeof job->lang, job->lang)) {
        return report_set(job->report, S_INVALID, "the course or the language is too long a text");
    }
    if (*job->lang && lang_check(bytes_text(job->lang)) != S_OK) {
        return report_set(job->report, S_INVALID, "'%s' is no language: write it as ar, en or zh-Hans", job->lang);
    }
    edition_find(db, request->course, bytes_text(job->lang), request->cohort, &edition);
    job->outcome->is_known_course = edition.is_known;
    if (!*job->lang) {
        memcpy(job->lang, edition.lang, sizeof job->lang);
    }
    memcpy(job->version, edition.version, sizeof job->version);
    const char *title = request->title;
    if (!title && course_row_current(db, request->course, bytes_text(job->lang), &row) && *row.title) {
        title = row.title;
    }
    if (!text_copy(bytes_text(title ? title : job->course), sizeof job->title, job->title)) {
        return report_set(job->report, S_INVALID, "a title has at most %d bytes", CREDENTIAL_TEXT_MAX);
    }
    return S_OK;
}

/* The list of the living incarnation that has room: what an old backup gave away was in another list. */
static enum status place_choose(struct issue_job *job, struct db *db, int64_t *index_out)
{
    struct id incarnation;
    enum status status = own_incarnation(db, &incarnation);

    *index_out = STATUS_LIST_BITS;
    for (uint32_t number = 0; status == S_OK && *index_out >= STATUS_LIST_BITS; number++) {
        struct buffer text;
        buffer_init(&text);
        buffer_append(&text, job->issuer->identity->node.b, sizeof(struct id));
        buffer_append(&text, incarnation.b, sizeof incarnation.b);
        buffer_append_u32(&text, number);
        struct hash hash = hash_of(bytes_text("qanat status list"), buffer_bytes(&text));
        buffer_release(&text);
        memcpy(job->list.b, hash.b, sizeof job->list.b);
        uuid_mark(&job->list, 8);
        *index_out = credential_list_next(db, &job->list);
        status = db_status(db);
    }
    credential_list_name(job->issuer->config, &job->list, job->list_name);
    return status;
}

/* The same for all credentials of one person here, and nothing about them. */
static void subject_derive(const struct issue_job *job, struct id *subject_out)
{
    const struct federation *federation = job->issuer->federation;
    struct buffer text;

    buffer_init(&text);
    buffer_append(&text, job->issuer->identity->node.b, sizeof(struct id));
    buffer_append(&text, job->person.id.data, job->person.id.size);
    struct hash hash = hash_of(bytes_of(federation->secret, sizeof federation->secret), buffer_bytes(&text));
    buffer_release(&text);
    memcpy(subject_out->b, hash.b, sizeof subject_out->b);
    uuid_mark(subject_out, 8);
}

/* Did the person complete the course, with which score, and was it somebody who said so? The registration knows before the event is
 * recorded. */
static bool completion_find(const struct issue_job *job, struct db *db, struct credential *out)
{
    const struct issue_request *request = job->request;
    struct registration_row row;
    int64_t completed_ms;

    if ((registration_row_find(db, job->person.row, request->course, request->cohort, &row) ||
         registration_row_find_latest(db, job->person.row, request->course, &row)) &&
        row.mark_status == REGISTRATION_COMPLETED) {
        out->is_attested = true;
    }
    if (registration_row_find(db, job->person.row, request->course, request->cohort, &row) &&
        row.status == REGISTRATION_COMPLETED) {
        out->score = row.score;
        return true;
    }
    return credential_completion(db, job->person.row, request->course, &completed_ms, &out->score);
}

/* A name that nobody gave a cohort would be a figure that nobody can place. Lists of results bring cohorts, too. */
static enum status cohort_check(const struct issue_job *job, struct db *db)
{
    const struct bytes course = job->request->course, cohort = job->request->cohort;
    struct registration_row registration;
    struct cohort_row row;

    if (cohort.size == 0 || registration_row_find(db, job->person.row, course, cohort, &registration) ||
        event_cohort_is_known(db, course, cohort)) {
        return S_OK;
    }
    if (!cohort_row_find(db, cohort, &row)) {
        return report_set(job->report, S_NOT_FOUND, "there is no cohort '%.*s' here: see qanat cohort list", (int)cohort.size, cohort.data);
    }
    return bytes_equal(bytes_text(row.course), course)
               ? S_OK
               : report_set(job->report, S_INVALID, "the cohort '%s' takes the course '%s'", row.cohort, row.course);
}

/* Fills what the document says, all but its place in the list. */
static enum status credential_fill(struct issue_job *job, struct db *db, struct credential *out)
{
    const struct issue_request *request = job->request;
    if (!text_copy(job->person.name, sizeof job->name, job->name)) {
        return report_set(job->report, S_INVALID, "the name of '%.*s' is too long a text",
                          (int)request->person.size, request->person.data);
    }
    *out = (struct credential){.person = job->name,
                               .course = job->course,
                               .lang = job->lang,
                               .version = job->version,
                               .title = job->title,
                               .issuer_name = job->issuer_name,
                               .issued_ms = request->now_ms,
                               .expires_ms = request->expires_ms,
                               .score = SCORE_NONE,
                               .list = job->list_name};
    job->outcome->has_completed = completion_find(job, db, out);
    out->is_attested = out->is_attested || !job->outcome->has_completed;
    out->score = request->score != SCORE_NONE ? request->score : out->score;
    randombytes_buf(out->uuid.b, sizeof out->uuid.b);
    uuid_mark(&out->uuid, 4);
    subject_derive(job, &out->subject);
    return S_OK;
}

static enum status row_store(struct issue_job *job, struct db *db, const struct credential *credential)
{
    const struct issue_request *request = job->request;
    json_t *document = NULL;
    char uuid[UUID_TEXT_SIZE];

    uuid_format(&credential->uuid, uuid);
    enum status status =
        credential_document(credential, job->issuer->identity, job->issuer->federation, &document);
    if (status != S_OK) {
        return report_set(job->report, status,
                          "the certificate cannot be written: a name or title is no plain text");
    }
    char *text = json_dumps(document, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    CHECK(text);
    json_decref(document);
    const struct credential_row row = {.credential = bytes_text(uuid),
                                       .person = job->person.row,
                                       .course = bytes_text(job->course),
                                       .lang = bytes_text(job->lang),
                                       .version = bytes_text(job->version),
                                       .cohort = request->cohort,
                                       .issued_ms = credential->issued_ms,
                                       .list = job->list,
                                       .list_index = credential->list_index,
                                       .document = bytes_text(text)};
    status = credential_insert(db, &row);
    buffer_append(&job->outcome->uuid, uuid, sizeof uuid);
    buffer_append(&job->outcome->document, text, strlen(text) + 1);
    free(text);
    return status;
}

static void standing_take(void *ctx, const struct credential_row *row)
{
    struct issue_outcome *outcome = ctx;

    buffer_append(&outcome->document, row->document.data, row->document.size);
    buffer_append_u8(&outcome->document, '\0');
}

/* True when one stands already: then the outcome has it. */
static bool standing_find(struct issue_job *job, struct db *db)
{
    struct issue_outcome *outcome = job->outcome;

    if (!credential_standing(db, job->person.row, job->request->course, job->request->cohort,
                             &outcome->uuid)) {
        return false;
    }
    (void)credential_find(db, buffer_bytes(&outcome->uuid), standing_take, outcome);
    buffer_append_u8(&outcome->uuid, '\0');
    return true;
}

static enum status issue_new(struct issue_job *job, struct db *db)
{
    const struct issue_request *request = job->request;
    struct credential credential;
    char uuid[UUID_TEXT_SIZE];

    enum status status = cohort_check(job, db);
    if (status == S_OK) {
        status = course_resolve_here(job, db);
    }
    if (status == S_OK) {
        status = credential_fill(job, db, &credential);
    }
    if (status == S_OK) {
        status = place_choose(job, db, &credential.list_index);
    }
    if (status == S_OK) {
        status = row_store(job, db, &credential);
    }
    if (status == S_OK) {
        status = revocation_list_put(db, &job->list, request->now_ms);
    }
    if (status == S_OK) {
        uuid_format(&credential.uuid, uuid);
        const struct badge_event event = {.federation = job->issuer->federation,
                                          .kind = EVENT_CERTIFIED,
                                          .uuid = uuid,
                                          .subject = job->person.id,
                                          .person = request->person,
                                          .course = request->course,
                                          .lang = bytes_text(job->lang),
                                          .version = bytes_text(job->version),
                                          .cohort = request->cohort,
                                          .at_ms = request->now_ms};
        status = event_record(db, &event, job->report);
    }
    if (status == S_OK) {
        status = registration_note(db, job->person.row, request->course, request->cohort, request->now_ms);
    }
    job->outcome->is_new = status == S_OK;
    return status;
}

static enum status issue_run(struct db *db, void *arg)
{
    struct issue_job *job = arg;

    buffer_clear(&job->outcome->uuid);
    buffer_clear(&job->outcome->document);
    if (!person_find(db, job->request->person, &job->texts, &job->person)) {
        return report_set(job->report, S_NOT_FOUND,
                          "there is no person '%.*s' here: qanat person add, or person import",
                          (int)job->request->person.size, job->request->person.data);
    }
    return standing_find(job, db) ? S_OK : issue_new(job, db);
}

/* The node's name as the roster has it. */
static enum status issuer_name_find(const struct issuer *issuer, char out[NODE_NAME_MAX + 1],
                                    struct report *report)
{
    struct roster *roster;
    struct db *db = store_read_begin(issuer->store);
    enum status status = roster_load(db, issuer->federation, &roster, report);

    store_read_end(issuer->store, db);
    if (status != S_OK) {
        return status;
    }
    const struct roster_node *self = roster_find(roster, &issuer->identity->node);
    snprintf(out, NODE_NAME_MAX + 1, "%s", self ? self->name : issuer->config->name);
    if (self && self->is_revoked) {
        status = report_set(report, S_DENIED, "this node was revoked: what it issues is worth nothing");
    }
    roster_free(roster);
    return status;
}

enum status credential_issue(const struct issuer *issuer, const struct issue_request *request,
                             struct issue_outcome *outcome, struct report *report)
{
    struct issue_job job = {.issuer = issuer, .request = request, .outcome = outcome, .report = report};
    enum status status = issuer_name_find(issuer, job.issuer_name, report);

    if (status == S_OK) {
        status = store_write_wait(issuer->store, issue_run, &job);
    }
    buffer_release(&job.texts);
    if (status != S_OK) {
        outcome->is_new = false;
        report_set(report, status, "the certificate could not be stored: %s", status_text(status));
    }
    return status;
}

/* --- revoking ------------------------------------------------------------------------------------------- */

struct revoke_job {
    const struct issuer *issuer;
    char uuid[UUID_TEXT_SIZE];
    const char *reason;
    int64_t now_ms;
    bool is_new;
    int64_t id;
    bool is_revoked;
    int64_t person; /* 0: erased */
    struct revocation revocation;
    struct buffer texts[5]; /* person, course, lang, version, cohort */
    struct report *report;
};

static void revoke_take(void *ctx, const struct credential_row *row)
{
    struct revoke_job *job = ctx;
    const struct bytes texts[] = {row->person_id, row->course, row->lang, row->version, row->cohort};

    job->id = row->id;
    job->is_revoked = row->revoked_ms != 0;
    job->person = row->person;
    job->revocation.list = row->list;
    job->revocation.list_index = (uint32_t)row->list_index;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        buffer_clear(&job->texts[i]);
        buffer_append(&job->texts[i], texts[i].data, texts[i].size);
    }
}

static enum status revoke_run(struct db *db, void *arg)
{
    struct revoke_job *job = arg;

    job->is_new = false;
    if (!credential_find(db, bytes_text(job->uuid), revoke_take, job)) {
        return report_set(job->report, S_NOT_FOUND,
                          "no certificate '%s' was issued here: see qanat credential list", job->uuid);
    }
    if (job->is_revoked) {
        return S_OK;
    }
    job->is_new = true;
    enum status status = credential_revoke_row(db, job->id, job->now_ms, bytes_text(job->reason));
    if (status == S_OK) {
        status = revocation_put(db, &job->revocation);
    }
    if (status == S_OK && job->person) { /* an erased person has no events */
        const struct badge_event event = {.federation = job->issuer->federation,
                                          .kind = EVENT_REVOKED,
                                          .uuid = job->uuid,
                                          .subject = buffer_bytes(&job->texts[0]),
                                          .person = buffer_bytes(&job->texts[0]),
                                          .course = buffer_bytes(&job->texts[1]),
                                          .lang = buffer_bytes(&job->texts[2]),
                                          .version = buffer_bytes(&job->texts[3]),
                                          .cohort = buffer_bytes(&job->texts[4]),
                                          .at_ms = job->now_ms};
        status = event_record(db, &event, job->report);
        if (status == S_OK) {
            status = registration_note(db, job->person, buffer_bytes(&job->texts[1]),
                                       buffer_bytes(&job->texts[4]), 0);
        }
    }
    return status;
}

enum status credential_revoke(const struct issuer *issuer, const char *uuid, const char *reason,
                              int64_t now_ms, bool *is_new_out, struct report *report)
{
    struct revoke_job job = {.issuer = issuer, .reason = reason, .now_ms = now_ms, .report = report};

    if (!uuid_parse(uuid, &job.revocation.credential)) {
        return report_set(report, S_INVALID, "'%s' is no number of a certificate (a UUID)", uuid);
    }
    if (!text_is_name(bytes_text(reason), REVOCATION_REASON_MAX)) {
        return report_set(report, S_INVALID, "a reason is a line of 1 to %d bytes", REVOCATION_REASON_MAX);
    }
    uuid_format(&job.revocation.credential, job.uuid);
    job.revocation.at_ms = now_ms;
    snprintf(job.revocation.reason, sizeof job.revocation.reason, "%s", reason);
    enum status status = store_write_wait(issuer->store, revoke_run, &job);
    for (size_t i = 0; i < sizeof job.texts / sizeof *job.texts; i++) {
        buffer_release(&job.texts[i]);
    }
    *is_new_out = job.is_new;
    if (status != S_OK) {
        report_set(report, status, "the revocation could not be stored: %s", status_text(status));
    }
    return status;
}

/* --- the list for everybody else ------------------------------------------------------------------------ */

struct list_fold {
    const struct id *list;
    uint8_t bits[STATUS_LIST_BYTES];
};

static enum status list_visit(void *ctx, const struct revocation *revocation)
{
    struct list_fold *fold = ctx;

    if (id_equal(&revocation->list, fold->list) && revocation->list_index < STATUS_LIST_BITS) {
        status_list_set(fold->bits, revocation->list_index);
    }
    return S_OK;
}

json_t *credential_status_list(const struct issuer *issuer, const struct id *list, int64_t now_ms)
{
    struct list_fold fold = {.list = list};
    char name[CREDENTIAL_LIST_MAX];
    struct db *db = store_read_begin(issuer->store);

    (void)revocation_each(db, &issuer->identity->node, list_visit, &fold);
    store_read_end(issuer->store, db);
    credential_list_name(issuer->config, list, name);
    return status_list_document(name, fold.bits, issuer->identity, now_ms);
}
