#include "node/lrs/cmi5.h"

#include <string.h>

#include "node/lrs/format.h"
#include "node/lrs/index.h"
#include "node/lrs/rule.h"

/* What each statement that cmi5 defines for an AU must and may bring. */
static const struct verb {
    const char *id;
    enum lrs_said said;
    bool needs_duration, has_success, success, has_completion, may_score;
} verbs[] = {
    {"http://adlnet.gov/expapi/verbs/initialized", LRS_SAID_INITIALIZED, false, false, false, false, false},
    {"http://adlnet.gov/expapi/verbs/completed", LRS_SAID_COMPLETED, true, false, false, true, false},
    {"http://adlnet.gov/expapi/verbs/passed", LRS_SAID_PASSED, true, true, true, false, true},
    {"http://adlnet.gov/expapi/verbs/failed", LRS_SAID_FAILED, true, true, false, false, true},
    {"http://adlnet.gov/expapi/verbs/terminated", LRS_SAID_TERMINATED, true, false, false, false, false},
};

static enum status refuse(struct report *report, const char *what)
{
    return report_set(report, S_DENIED, "this session may not say so: %s", what);
}

static const struct verb *verb_find(const struct tree *statement)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (tree_is_text(tree_find(tree_find(statement, "verb"), "id"), verbs[i].id)) {
            return &verbs[i];
        }
    }
    return NULL;
}

/* An activity stands in this list of its contextActivities. */
static bool has_activity(const struct tree *statement, const char *list_name, struct bytes id)
{
    const struct tree *list = tree_find(tree_find(tree_find(statement, "context"), "contextActivities"), list_name);

    for (const struct tree *activity = list ? list->first : NULL; activity; activity = activity->next) {
        if (bytes_equal(tree_text(activity, "id"), id)) {
            return true;
        }
    }
    return false;
}

static bool has_category(const struct tree *statement, const char *id)
{
    return has_activity(statement, "category", bytes_text(id));
}

/* --- every session --- */

static bool is_own_actor(const struct lrs *lrs, const struct lrs_session *session, const struct tree *actor)
{
    const struct tree *account = tree_find(actor, "account");

    return account && !tree_is_text(tree_find(actor, "objectType"), "Group") &&
           bytes_equal(tree_text(account, "homePage"), bytes_text(lrs->home)) &&
           bytes_equal(tree_text(account, "name"), session->person);
}

static enum status common_check(const struct lrs *lrs, const struct lrs_session *session,
                                const struct tree *statement, struct report *report)
{
    const struct tree *registration = tree_find(tree_find(statement, "context"), "registration");
    uint8_t uuid[LRS_UUID_SIZE];

    if (!is_own_actor(lrs, session, tree_find(statement, "actor"))) {
        return refuse(report, "the actor is not the one of the launch");
    }
    if (registration && (!lrs_uuid_parse(registration->text, uuid) ||
                         memcmp(uuid, session->registration, sizeof uuid) != 0)) {
        return refuse(report, "the registration is not the one of the launch");
    }
    if (tree_is_text(tree_find(tree_find(statement, "verb"), "id"), RULE_VOIDED)) {
        return refuse(report, "content may not void statements");
    }
    return S_OK;
}

/* --- cmi5 --- */

static bool is_utc(struct bytes time)
{
    static const char *const ends[] = {"Z", "z", "+00:00"};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t size = strlen(ends[i]);
        if (time.size >= size && memcmp(time.data + time.size - size, ends[i], size) == 0) {
            return true;
        }
    }
    return false;
}

/* The context that every statement of an AU carries, and its time. */
static enum status context_check(const struct lrs_session *session, const struct tree *statement,
                                 bool is_defined, struct report *report)
{
    const struct tree *context = tree_find(statement, "context");
    const struct tree *id = tree_find(tree_find(context, "extensions"), CMI5_SESSION);
    char text[LRS_UUID_TEXT_SIZE];

    lrs_uuid_text(session->session, text);
    if (!tree_find(context, "registration")) {
        return refuse(report, "the registration is missing");
    }
    if (!is_utc(tree_text(statement, "timestamp"))) {
        return refuse(report, "its timestamp is not in UTC");
    }
    if (!is_defined && has_category(statement, CMI5_CATEGORY_MOVEON)) {
        return refuse(report, "the category moveon goes with the category cmi5 only");
    }
    if (!id || !tree_is_text(id, text)) {
        return refuse(report, "the session id is missing, or is another session's");
    }
    if (is_defined && !has_activity(statement, "grouping", cmi5_publisher(session))) {
        return refuse(report, "the activity of the publisher, which the context template groups it by, is missing");
    }
    return S_OK;
}

static enum status score_check(const struct lrs_session *session, const struct verb *verb,
                               const struct tree *result, struct report *report)
{
    const struct tree *score = tree_find(result, "score"), *scaled = tree_find(score, "scaled");

    if (score && !verb->may_score) {
        return refuse(report, "a score goes with passed and failed only");
    }
    if (tree_find(score, "raw") && !(tree_find(score, "min") && tree_find(score, "max"))) {
        return refuse(report, "a raw score comes with min and max");
    }
    if (session->mastery >= 0 && verb->may_score && scaled) {
        bool is_mastered = tree_number(scaled) >= session->mastery;
        if (is_mastered != verb->success) {
            return refuse(report, verb->success ? "the score is below the mastery score"
                                                : "the score reaches the mastery score");
        }
    }
    return S_OK;
}

/* Passed and failed say which mastery score they go by: that of the launch, if it has one. */
static enum status mastery_check(const struct lrs_session *session, const struct verb *verb, const struct tree *statement,
                                 struct report *report)
{
    const struct tree *said = tree_find(tree_find(tree_find(statement, "context"), "extensions"), CMI5_MASTERY);

    if (session->mastery >= 0 && verb->may_score && !(said && said->type == TREE_NUMBER && tree_number(said) == session->mastery)) {
        return refuse(report, "its mastery score is missing, or is not the one of the launch");
    }
    return S_OK;
}

static enum status result_check(const struct lrs_session *session, const struct verb *verb,
                                const struct tree *statement, struct report *report)
{
    const struct tree *result = tree_find(statement, "result");
    const struct tree *success = tree_find(result, "success"), *completion = tree_find(result, "completion");

    if (verb->needs_duration && !tree_find(result, "duration")) {
        return refuse(report, "the duration is missing");
    }
    if ((success != NULL) != verb->has_success ||
        (success && (success->type == TREE_TRUE) != verb->success)) {
        return refuse(report, "result.success stands with passed (true) and failed (false) only");
    }
    if ((completion != NULL) != verb->has_completion || (completion && completion->type != TREE_TRUE)) {
        return refuse(report, "result.completion stands with completed only, and is true");
    }
    if (has_category(statement, CMI5_CATEGORY_MOVEON) != (verb->has_success || verb->has_completion)) {
        return refuse(report,
                      "the category moveon stands with completed, passed and failed, and with those only");
    }
    enum status status = mastery_check(session, verb, statement, report);
    return status == S_OK ? score_check(session, verb, result, report) : status;
}

/* Its place among what was said before, in this session and in earlier ones of the registration. */
static enum status order_check(const struct lrs_session *session, const struct verb *verb,
                               struct report *report)
{
    unsigned all = session->said | session->said_before;

    if (session->said & verb->said) {
        return refuse(report, "it was said in this session before");
    }
    if (verb->said == LRS_SAID_COMPLETED && all & LRS_SAID_COMPLETED) {
        return refuse(report, "completed was said in this registration before");
    }
    if (verb->may_score && all & LRS_SAID_PASSED) {
        return refuse(report, "passed was said in this registration before");
    }
    if (verb->said == LRS_SAID_PASSED && session->said & LRS_SAID_FAILED) {
        return refuse(report, "failed was said in this session before");
    }
    if ((verb->has_success || verb->has_completion) && session->mode != LRS_NORMAL) {
        return refuse(report, "in the modes Browse and Review nothing is completed, passed or failed");
    }
    return S_OK;
}

static enum status defined_check(const struct lrs_session *session, const struct verb *verb,
                                 const struct tree *statement, struct report *report)
{
    const struct tree *object = tree_find(statement, "object");

    if (!rule_is_activity(object) || !bytes_equal(tree_text(object, "id"), session->activity)) {
        return refuse(report, "the object is not the activity of the launch");
    }
    enum status status = result_check(session, verb, statement, report);
    return status == S_OK ? order_check(session, verb, report) : status;
}

enum status cmi5_check(const struct lrs *lrs, struct lrs_session *session, const struct tree *statement,
                       int64_t now_ms, struct report *report)
{
    enum status status = common_check(lrs, session, statement, report);
    bool is_defined = has_category(statement, CMI5_CATEGORY);
    const struct verb *verb = verb_find(statement);

    if (status != S_OK || !session->is_cmi5) {
        return status;
    }
    if (session->said & (LRS_SAID_TERMINATED | LRS_SAID_ABANDONED)) {
        return refuse(report, "the session has ended");
    }
    if (!(session->said & LRS_SAID_INITIALIZED) &&
        !(is_defined && verb && verb->said == LRS_SAID_INITIALIZED)) {
        return refuse(report, "initialized comes first");
    }
    if (is_defined && !verb) {
        return refuse(report, "its verb is none that cmi5 gives to content");
    }
    status = context_check(session, statement, is_defined, report);
    if (status == S_OK && is_defined) {
        status = defined_check(session, verb, statement, report);
    }
    if (status == S_OK) {
        session->said |= is_defined ? (unsigned)verb->said : 0;
        session->initialized_ms =
            is_defined && verb->said == LRS_SAID_INITIALIZED ? now_ms : session->initialized_ms;
        session->last_ms = now_ms;
    }
    return status;
}
