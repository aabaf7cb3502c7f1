#include "node/learn/attempt/xapi.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "node/learn/attempt/satisfied.h"
#include "node/store/people/person.h"
#include "replication/base/check.h"

#define VERB "http://adlnet.gov/expapi/verbs/"

/* --- the session
 * ------------------------------------------------------------------------------------------------ */

static struct bytes keep(struct launch_open *open, struct bytes text)
{
    struct bytes copy = arena_copy(open->arena, text);

    CHECK(copy.data); /* some KiB of an arena of megabytes */
    return copy;
}

static struct bytes detail_of(struct launch_open *open, json_t *details, const char *name)
{
    const char *text = json_string_value(json_object_get(details, name));
    return text ? keep(open, bytes_text(text)) : bytes_of("", 0);
}

bool xapi_is_tincan(const struct course_item *item)
{
    json_t *details = item->details.size ? json_loadb((const char *)item->details.data, item->details.size, 0, NULL) : NULL;
    bool is_tincan = json_string_length(json_object_get(details, "activityId")) > 0;

    json_decref(details);
    return is_tincan;
}

struct naming {
    struct launch_open *open;
    struct lrs_session *session;
};

static void person_name(void *ctx, const struct person *person)
{
    struct naming *naming = ctx;

    naming->session->person = keep(naming->open, person->id);
    naming->session->name = keep(naming->open, person->name);
    naming->session->lang = keep(naming->open, person->lang);
}

/* Texts that this node makes: the actor and the activity of the item. */
static void texts_make(struct launch_open *open, struct lrs_session *session)
{
    struct buffer text;

    buffer_init(&text);
    lrs_actor_write(open->attempts->lrs, session->person, session->name, &text);
    open->actor = keep(open, buffer_bytes(&text));
    buffer_clear(&text);
    lrs_activity_write(bytes_text(open->version_row.course), open->opened.id, &text);
    open->activity = session->activity = session->activity.size ? session->activity : keep(open, buffer_bytes(&text));
    buffer_clear(&text);
    lrs_activity_write(bytes_text(open->version_row.course), bytes_of("", 0), &text);
    session->course = session->course.size ? session->course : keep(open, buffer_bytes(&text));
    buffer_clear(&text);
    buffer_append(&text, open->base.data, open->base.size);
    buffer_append(&text, open->token, strlen(open->token));
    buffer_append_u8(&text, '/');
    buffer_append(&text, open->opened.entry.data, open->opened.entry.size);
    session->launch_url = keep(open, buffer_bytes(&text));
    buffer_release(&text);
}

static void cmi5_fill(struct launch_open *open, struct lrs_session *session)
{
    json_t *details = json_loadb((const char *)open->opened.details.data, open->opened.details.size, 0, NULL);
    json_t *mastery = json_object_get(details, "masteryScore");

    session->is_cmi5 = true;
    session->publisher = open->opened.id;
    session->course = detail_of(open, details, "course");
    session->move_on = detail_of(open, details, "moveOn");
    session->move_on = session->move_on.size ? session->move_on : bytes_text("NotApplicable");
    session->launch_method = detail_of(open, details, "launchMethod");
    session->launch_method = session->launch_method.size ? session->launch_method : bytes_text("AnyWindow");
    session->launch_parameters = detail_of(open, details, "launchParameters");
    session->entitlement_key = detail_of(open, details, "entitlementKey");
    session->return_url = open->return_url;
    session->mastery = json_is_number(mastery) ? json_number_value(mastery) : -1;
    json_decref(details);
}

/* What is made for Tin Can calls itself by the name in its package, whoever plays it. */
static void tincan_fill(struct launch_open *open, struct lrs_session *session)
{
    json_t *details = json_loadb((const char *)open->opened.details.data, open->opened.details.size, 0, NULL);

    session->activity = detail_of(open, details, "activityId");
    json_decref(details);
}

static bool speaks_xapi(const struct launch_open *open)
{
    return open->row.runtime == RUNTIME_CMI5 || open->row.runtime == RUNTIME_H5P || open->row.runtime == RUNTIME_TINCAN;
}

enum status xapi_session_open(struct db *db, struct launch_open *open)
{
    struct lrs_session session = {.launch = open->row.id, .mastery = -1, .now_ms = open->now_ms};
    struct naming naming = {open, &session};

    if (!open->attempts->lrs || !speaks_xapi(open)) {
        return S_OK;
    }
    memcpy(session.registration, open->registration.uuid, sizeof session.registration);
    if (!person_row_visit(db, open->person, person_name, &naming)) {
        return S_NOT_FOUND;
    }
    if (open->row.runtime == RUNTIME_CMI5) {
        cmi5_fill(open, &session);
    } else if (open->row.runtime == RUNTIME_TINCAN) {
        tincan_fill(open, &session);
    }
    texts_make(open, &session);
    enum status status = session.is_cmi5 ? satisfied_before(db, open, &session) : S_OK;
    status = status != S_OK ? status : lrs_session_open(open->attempts->lrs, db, &session, open->fetch);
    open->row.session = session.row;
    if (status == S_OK && open->row.runtime == RUNTIME_TINCAN) { /* it knows no fetching: the authorization stands in its address */
        status = lrs_session_fetch(db, open->fetch, open->now_ms, open->authorization);
    }
    return status == S_OK ? launch_row_update(db, &open->row) : status;
}

/* --- statements that a player hands over
 * -------------------------------------------------------------------------- */

/* A player knows neither who learns nor what the content is called here: that is the session's. Parts of the
 * content keep their names. */
static void statement_own(const struct lrs *lrs, const struct lrs_session *session, json_t *statement)
{
    json_t *activities = json_object_get(json_object_get(statement, "context"), "contextActivities");
    json_t *object = json_object_get(statement, "object");
    struct buffer actor;

    buffer_init(&actor);
    lrs_actor_write(lrs, session->person, session->name, &actor);
    json_object_set_new(statement, "actor", json_loadb((const char *)actor.data, actor.size, 0, NULL));
    buffer_release(&actor);
    if (object && !json_object_get(activities, "parent")) {
        json_object_set_new(object, "id",
                            json_stringn((const char *)session->activity.data, session->activity.size));
    }
}

static enum status statement_take(const struct lrs *lrs, struct db *db, const struct lrs_session *session,
                                  json_t *statement)
{
    struct report report = {.status = S_OK};

    statement_own(lrs, session, statement);
    char *text = json_dumps(statement, JSON_COMPACT);

    if (!text) {
        return S_OK;
    }
    enum status status = lrs_statement_say(lrs, db, session, bytes_text(text), &report);
    free(text);
    return status == S_INVALID || status == S_DENIED || status == S_EXISTS ? S_OK : status;
}

enum status xapi_statements_take(const struct lrs *lrs, struct db *db, const struct launch_row *row,
                                 struct bytes json)
{
    struct lrs_session session;
    struct buffer texts;
    enum status status = S_OK;
    json_t *said = json.size ? json_loadb((const char *)json.data, json.size, 0, NULL) : NULL;

    buffer_init(&texts);
    if (said && lrs && row->session > 0 && lrs_session_find(db, row->session, &texts, &session)) {
        size_t index;
        json_t *one;
        json_array_foreach(said, index, one)
        {
            status = status == S_OK ? statement_take(lrs, db, &session, one) : status;
        }
        if (json_is_object(said)) {
            status = statement_take(lrs, db, &session, said);
        }
    }
    buffer_release(&texts);
    json_decref(said);
    return status;
}

enum status xapi_session_end(const struct lrs *lrs, struct db *db, const struct launch_row *row, int64_t now_ms)
{
    struct lrs_session session;
    struct buffer texts;

    buffer_init(&texts);
    enum status status = S_OK;
    if (row->completed_ms > 0 && lrs_session_find(db, row->session, &texts, &session) && session.is_cmi5) { /* what was said by no statement */
        session.now_ms = now_ms;
        status = satisfied_say(lrs, db, &session, row);
    }
    buffer_release(&texts);
    return status == S_OK ? lrs_session_end(lrs, db, row->session, now_ms) : status;
}

/* --- what they say of the launch
 * ---------------------------------------------------------------------------------- */

static bool verb_is(const struct lrs_event *event, const char *verb)
{
    return bytes_equal(event->verb, bytes_text(verb));
}

/* cmi5 section 9.3: completion, success and time have a verb each, which says so where the statement is one that cmi5 defines (9.6.2.1): what else a unit
 * says with it is its own business. Other content: by the results of its own activity. */
static void cmi5_apply(const struct lrs_event *event, struct cmi_result *result)
{
    const unsigned said = event->session->said;

    result->completion = verb_is(event, VERB "completed") && said & LRS_SAID_COMPLETED ? CMI_YES : CMI_UNKNOWN;
    result->success = verb_is(event, VERB "passed") && said & LRS_SAID_PASSED   ? CMI_YES
                      : verb_is(event, VERB "failed") && said & LRS_SAID_FAILED ? CMI_NO
                                                                                : CMI_UNKNOWN;
    if (verb_is(event, VERB "terminated") && said & LRS_SAID_TERMINATED && event->duration_ms >= 0) {
        result->seconds = event->duration_ms / 1000 < CMI_SECONDS_MAX ? event->duration_ms / 1000 : CMI_SECONDS_MAX;
    }
}

static void other_apply(const struct lrs_event *event, struct cmi_result *result)
{
    bool is_end =
        verb_is(event, VERB "completed") || verb_is(event, VERB "passed") || verb_is(event, VERB "failed");

    result->completion = (event->has_completion && event->completion) || is_end ? CMI_YES : CMI_UNKNOWN;
    if (event->has_success && is_end) {
        result->success = event->success ? CMI_YES : CMI_NO;
    } else if (!verb_is(event, VERB "completed") && is_end) { /* the verb says it already */
        result->success = verb_is(event, VERB "passed") ? CMI_YES : CMI_NO;
    }
}

static int64_t score_of(const struct lrs_event *event)
{
    double scaled = event->scaled;

    if (!event->has_scaled && event->has_raw && event->has_max &&
        event->max > (event->has_min ? event->min : 0)) {
        double low = event->has_min ? event->min : 0;
        scaled = (event->raw - low) / (event->max - low);
    } else if (!event->has_scaled) {
        return CMI_NONE;
    }
    return scaled < 0 ? 0 : scaled > 1 ? 10000 : (int64_t)(scaled * 10000 + 0.5);
}

static void result_read(const struct lrs_event *event, struct cmi_result *result)
{
    *result = (struct cmi_result){.score = CMI_NONE, .progress = CMI_NONE, .seconds = CMI_NONE};
    if (event->session->is_cmi5) {
        cmi5_apply(event, result);
    } else {
        other_apply(event, result);
    }
    if (result->completion || result->success) {
        result->score = score_of(event);
    }
    if (event->progress >= 0) {
        result->progress = event->progress >= 100 ? 10000 : (int64_t)(event->progress * 100);
    }
}

static bool says_something(const struct cmi_result *result)
{
    return result->completion || result->success || result->score != CMI_NONE ||
           result->progress != CMI_NONE || result->seconds != CMI_NONE;
}

static enum status parts_satisfied(const struct lrs *lrs, struct db *db, const struct lrs_event *event)
{
    struct lrs_session session = *event->session;
    struct launch_row row;

    session.now_ms = event->stored_ms;
    return launch_row_get(db, session.launch, &row) ? satisfied_say(lrs, db, &session, &row) : S_NOT_FOUND;
}

enum status xapi_observe(void *ctx, struct db *db, const struct lrs_event *event)
{
    const struct attempts *attempts = ctx;
    struct launch_said said = {.now_ms = event->stored_ms, .at_ms = event->timestamp_ms};

    if (!event->session || event->session->launch <= 0 || event->session->mode != LRS_NORMAL ||
        !bytes_equal(event->activity, event->session->activity)) {
        return S_OK;
    }
    said.launch = event->session->launch;
    result_read(event, &said.result);
    if (!says_something(&said.result)) {
        return S_OK;
    }
    enum status status = launch_say(db, &said);
    if (status == S_OK && event->session->is_cmi5 && (said.result.completion == CMI_YES || said.result.success == CMI_YES)) {
        status = parts_satisfied(attempts->lrs, db, event);
    }
    return status == S_NOT_FOUND ? S_OK : status; /* its launch was erased */
}
