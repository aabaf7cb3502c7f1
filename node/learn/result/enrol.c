#include "node/learn/result/enrol.h"

#include <stdio.h>
#include <string.h>

#include "node/learn/attempt/registration.h"
#include "node/store/people/cohort_row.h"
#include "node/store/people/person.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

/* "enrol-" and a keyed hash: the id tells nobody who it is. */
void enrol_id(const struct federation *federation, const struct enrolment *enrolment, char out[ENROL_ID_SIZE])
{
    const struct bytes texts[] = {enrolment->person, enrolment->course, enrolment->cohort};
    struct buffer text;
    char hex[HASH_HEX_SIZE];

    buffer_init(&text);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        buffer_append_varint(&text, texts[i].size);
        buffer_append(&text, texts[i].data, texts[i].size);
    }
    struct hash hash = hash_of(bytes_of(federation->secret, sizeof federation->secret), buffer_bytes(&text));
    buffer_release(&text);
    hash_hex(&hash, hex);
    snprintf(out, ENROL_ID_SIZE, "enrol-%s", hex);
}

/* The enrolment as a row of a results file. */
static bool row_make(const struct federation *federation, const struct enrolment *enrolment,
                     struct result_batch *batch, struct refusals *refusals)
{
    char id[ENROL_ID_SIZE], at[TIMESTAMP_TEXT_SIZE];
    struct bytes field[FIELD_COUNT];

    enrol_id(federation, enrolment, id);
    timestamp_format(enrolment->now_ms / 1000 * 1000, at);
    for (int i = 0; i < FIELD_COUNT; i++) {
        field[i] = bytes_of("", 0);
    }
    field[FIELD_EVENT_ID] = bytes_text(id);
    field[FIELD_PERSON] = enrolment->person;
    field[FIELD_COURSE] = enrolment->course;
    field[FIELD_KIND] = bytes_text(event_kind_text(EVENT_ENROLLED));
    field[FIELD_AT] = bytes_text(at);
    field[FIELD_COHORT] = enrolment->cohort;
    return result_row_add(batch, 1, field, refusals);
}

/* What the outcome of the one row means. */
static enum status outcome_read(const struct enrolment *enrolment, const struct result_outcome *outcome,
                                struct report *report)
{
    if (outcome->refusals.reason[REFUSAL_PERSON].count) {
        return report_set(report, S_NOT_FOUND,
                          "there is no person '%.*s' here: qanat person add, or person import",
                          (int)enrolment->person.size, enrolment->person.data);
    }
    for (int i = 0; i < REFUSAL_COUNT; i++) {
        /* The same enrolment at another moment has the same id and another content: it is the same enrolment.
         */
        if (i != REFUSAL_CONTENT && outcome->refusals.reason[i].count) {
            return report_set(report, S_INVALID, "%s", outcome->refusals.reason[i].examples[0].text);
        }
    }
    return S_OK;
}

/* A cohort that was made here takes one course; any other name is a mere mark. */
static enum status cohort_check(struct store *store, const struct enrolment *enrolment, struct report *report)
{
    struct cohort_row cohort;
    struct db *db = store_read_begin(store);
    bool is_here = enrolment->cohort.size > 0 && cohort_row_find(db, enrolment->cohort, &cohort);

    store_read_end(store, db);
    if (!is_here || bytes_equal(enrolment->course, bytes_text(cohort.course))) {
        return S_OK;
    }
    return report_set(report, S_INVALID, "the cohort '%s' takes '%s': see qanat cohort show", cohort.cohort, cohort.course);
}

/* The row that what the person does there adds up in, and the place in the cohort. */
struct registering {
    const struct enrolment *enrolment;
};

static enum status registering_run(struct db *db, void *arg)
{
    const struct registering *registering = arg;
    const struct enrolment *enrolment = registering->enrolment;
    struct registration_row row;
    struct cohort_row cohort;
    struct person person;
    bool is_trainer;

    if (!person_find_dims(db, enrolment->person, &person)) {
        return db_status(db);
    }
    struct registration_wish wish = {
        .person = person.row, .course = enrolment->course, .cohort = enrolment->cohort, .now_ms = enrolment->now_ms};
    enum status status = registration_open(db, &wish, &row);
    if (status == S_OK && enrolment->cohort.size > 0 && cohort_row_find(db, enrolment->cohort, &cohort) &&
        bytes_equal(enrolment->course, bytes_text(cohort.course)) && !cohort_member_find(db, cohort.id, person.row, &is_trainer)) {
        status = cohort_member_put(db, cohort.id, person.row, false, enrolment->now_ms);
    }
    return status == S_OK ? db_status(db) : status;
}

enum status enrol(struct store *store, const struct federation *federation, const struct enrolment *enrolment,
                  bool *is_new_out, bool *is_known_course_out, struct report *report)
{
    struct result_outcome outcome;
    struct result_batch batch;
    struct result_keys keys;
    enum status status = cohort_check(store, enrolment, report);

    if (status != S_OK) {
        return status;
    }
    result_outcome_init(&outcome);
    result_keys_init(&keys, federation);
    result_batch_init(&batch, &keys);
    if (row_make(federation, enrolment, &batch, &outcome.refusals)) {
        status = result_put(store, &batch, &outcome);
    }
    if (status == S_OK) {
        status = outcome_read(enrolment, &outcome, report);
    } else {
        report_set(report, status, "the enrolment could not be stored: %s", status_text(status));
    }
    if (status == S_OK) {
        struct registering registering = {.enrolment = enrolment};
        status = store_write_wait(store, registering_run, &registering);
    }
    *is_new_out = outcome.durable > 0;
    *is_known_course_out = outcome.course_count == 0;
    result_batch_release(&batch);
    result_outcome_release(&outcome);
    sodium_memzero(&keys, sizeof keys);
    return status;
}
