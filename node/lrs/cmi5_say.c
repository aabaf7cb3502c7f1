/* What the LMS says and writes for cmi5 (sections 9.3, 10 and 11). */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "node/lrs/cmi5.h"
#include "node/lrs/document.h"
#include "node/lrs/format.h"
#include "replication/base/check.h"

#define EXTENSION "https://w3id.org/xapi/cmi5/context/extensions/"

static const char *const modes[] = {"Normal", "Browse", "Review"};

static json_t *text_json(struct bytes text)
{
    return json_stringn((const char *)text.data, text.size);
}

struct bytes cmi5_publisher(const struct lrs_session *session)
{
    return session->publisher.size ? session->publisher : session->activity;
}

/* {"contextActivities":{"grouping":[publisher]},"extensions":{session id}} */
static json_t *template_json(const struct lrs_session *session)
{
    char uuid[LRS_UUID_TEXT_SIZE];

    lrs_uuid_text(session->session, uuid);
    return json_pack("{s:{s:[{s:s, s:o}]}, s:{s:s}}", "contextActivities", "grouping", "objectType",
                     "Activity", "id", text_json(cmi5_publisher(session)), "extensions", CMI5_SESSION, uuid);
}

/* --- statements --- */

static const char *verb_iri(enum lrs_said verb, const char **display_out)
{
    static const struct {
        enum lrs_said said;
        const char *iri, *display;
    } verbs[] = {
        {LRS_SAID_LAUNCHED, "http://adlnet.gov/expapi/verbs/launched", "launched"},
        {LRS_SAID_ABANDONED, "https://w3id.org/xapi/adl/verbs/abandoned", "abandoned"},
        {LRS_SAID_WAIVED, "https://w3id.org/xapi/adl/verbs/waived", "waived"},
        {LRS_SAID_SATISFIED, CMI5_VERB_SATISFIED, "satisfied"},
    };

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (verbs[i].said == verb) {
            *display_out = verbs[i].display;
            return verbs[i].iri;
        }
    }
    CHECK_NEVER("a verb of the LMS");
    return NULL;
}

static void launch_extensions(const struct lrs_session *session, json_t *extensions)
{
    json_object_set_new(extensions, EXTENSION "launchmode", json_string(modes[session->mode]));
    json_object_set_new(extensions, EXTENSION "launchurl", text_json(session->launch_url));
    json_object_set_new(extensions, EXTENSION "moveon", text_json(session->move_on));
    if (session->launch_parameters.size) {
        json_object_set_new(extensions, EXTENSION "launchparameters", text_json(session->launch_parameters));
    }
    if (session->mastery >= 0) {
        json_object_set_new(extensions, EXTENSION "masteryscore", json_real(session->mastery));
    }
}

static json_t *context_json(const struct lrs_session *session, const struct cmi5_word *word)
{
    json_t *context = template_json(session), *activities = json_object_get(context, "contextActivities");
    char registration[LRS_UUID_TEXT_SIZE];

    lrs_uuid_text(session->registration, registration);
    json_object_set_new(context, "registration", json_string(registration));
    json_object_set_new(activities, "category", json_pack("[{s:s}]", "id", CMI5_CATEGORY));
    if (word->verb == LRS_SAID_WAIVED) {
        json_array_append_new(json_object_get(activities, "category"),
                              json_pack("{s:s}", "id", CMI5_CATEGORY_MOVEON));
    }
    if (word->satisfied && word->satisfied->publisher.size) {
        json_array_append_new(json_object_get(activities, "grouping"),
                              json_pack("{s:s, s:o}", "objectType", "Activity", "id", text_json(word->satisfied->publisher)));
    }
    if (word->verb == LRS_SAID_LAUNCHED) {
        launch_extensions(session, json_object_get(context, "extensions"));
    }
    return context;
}

static json_t *result_json(const struct cmi5_word *word)
{
    char duration[FORMAT_DURATION_SIZE];

    if (word->verb == LRS_SAID_ABANDONED) {
        format_duration_write(word->duration_ms, duration);
        return json_pack("{s:s}", "duration", duration);
    }
    if (word->verb == LRS_SAID_WAIVED) {
        return json_pack("{s:b, s:b, s:{s:s}}", "success", 1, "completion", 1, "extensions",
                         "https://w3id.org/xapi/cmi5/result/extensions/reason", word->reason);
    }
    return NULL;
}

static json_t *object_json(const struct lrs_session *session, const struct cmi5_word *word)
{
    json_t *object = json_pack("{s:s, s:o}", "objectType", "Activity", "id",
                               text_json(word->satisfied ? word->satisfied->activity : session->activity));

    if (word->satisfied) {
        json_object_set_new(object, "definition",
                            json_pack("{s:s}", "type",
                                      word->satisfied->is_course ? "https://w3id.org/xapi/cmi5/activitytype/course"
                                                      : "https://w3id.org/xapi/cmi5/activitytype/block"));
    }
    return object;
}

static json_t *actor_json(const struct lrs *lrs, const struct lrs_session *session)
{
    struct buffer text;

    buffer_init(&text);
    lrs_actor_write(lrs, session->person, session->name, &text);
    json_t *actor = json_loadb((const char *)text.data, text.size, 0, NULL);
    buffer_release(&text);
    return actor;
}

enum status cmi5_say(const struct lrs *lrs, struct db *db, struct lrs_session *session,
                     const struct cmi5_word *word)
{
    char time[FORMAT_TIME_SIZE];
    const char *display, *iri = verb_iri(word->verb, &display);
    json_t *result = result_json(word);
    struct report report = {.status = S_OK};

    format_time_write(session->now_ms, time);
    json_t *statement =
        json_pack("{s:o, s:{s:s, s:{s:s}}, s:o, s:o, s:s}", "actor", actor_json(lrs, session), "verb", "id",
                  iri, "display", "en", display, "object", object_json(session, word), "context",
                  context_json(session, word), "timestamp", time);
    if (result) {
        json_object_set_new(statement, "result", result);
    }
    char *text = statement ? json_dumps(statement, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
    json_decref(statement);
    if (!text) {
        return S_INVALID; /* a text of the caller that is no UTF-8 */
    }
    enum status status = lrs_statement_say(lrs, db, NULL, bytes_text(text), &report);
    free(text);
    session->said |= (unsigned)word->verb;
    return status;
}

/* --- documents --- */

static json_t *launch_data_json(const struct lrs_session *session)
{
    json_t *data = json_pack("{s:o, s:s, s:o}", "contextTemplate", template_json(session), "launchMode",
                             modes[session->mode], "moveOn", text_json(session->move_on));

    if (session->launch_method.size) {
        json_object_set_new(data, "launchMethod", text_json(session->launch_method));
    }
    if (session->launch_parameters.size) {
        json_object_set_new(data, "launchParameters", text_json(session->launch_parameters));
    }
    if (session->mastery >= 0) {
        json_object_set_new(data, "masteryScore", json_real(session->mastery));
    }
    if (session->return_url.size) {
        json_object_set_new(data, "returnURL", text_json(session->return_url));
    }
    if (session->entitlement_key.size) {
        json_object_set_new(data, "entitlementKey",
                            json_pack("{s:o}", "courseStructure", text_json(session->entitlement_key)));
    }
    return data;
}

static enum status document_write(struct db *db, const struct xapi_document_key *key, json_t *document,
                                  int64_t now_ms)
{
    char *text = document ? json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;

    json_decref(document);
    if (!text) {
        return S_INVALID;
    }
    enum status status = document_store(db, key, bytes_text("application/json"), bytes_text(text), now_ms);
    free(text);
    return status;
}

enum status cmi5_documents(const struct lrs *lrs, struct db *db, const struct lrs_session *session)
{
    struct xapi_document_key key = {
        .kind = XAPI_STATE, .activity = session->activity, .name = bytes_text(CMI5_LAUNCH_DATA)};
    struct xapi_document document;
    struct buffer agent, texts;

    buffer_init(&agent);
    buffer_init(&texts);
    document_account(lrs, session->person, &agent);
    key.agent = buffer_bytes(&agent);
    key.registration = bytes_of(session->registration, sizeof session->registration);
    enum status status = document_write(db, &key, launch_data_json(session), session->now_ms);
    key = (struct xapi_document_key){
        .kind = XAPI_AGENT_PROFILE, .agent = buffer_bytes(&agent), .name = bytes_text(CMI5_PREFERENCES)};
    if (status == S_OK && session->lang.size && !xapi_document_find(db, &key, &texts, &document)) {
        status = document_write(
            db, &key,
            json_pack("{s:o, s:s}", "languagePreference", text_json(session->lang), "audioPreference", "on"),
            session->now_ms);
    }
    buffer_release(&texts);
    buffer_release(&agent);
    return status;
}
