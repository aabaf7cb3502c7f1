/* routes_xapi_documents.c: /xapi/activities/state, /xapi/activities/profile, /xapi/agents/profile. */
#include <string.h>

#include "node/http/xapi.h"
#include "node/lrs/document.h"
#include "node/lrs/index.h"

/* What names the documents of each kind. */
static const char *const names[][6] = {
    [XAPI_STATE] = {"activityId", "agent", "registration", "stateId", "since", NULL},
    [XAPI_ACTIVITY_PROFILE] = {"activityId", "profileId", "since", NULL},
    [XAPI_AGENT_PROFILE] = {"agent", "profileId", "since", NULL},
};

struct asked {
    struct document_request request;
    struct buffer agent;
    uint8_t registration[LRS_UUID_SIZE];
    bool has_since;
    int64_t since_ms;
};

static void asked_free(void *work)
{
    struct asked *asked = work;

    buffer_release(&asked->agent);
}

static bool id_read(struct xapi *xapi, struct asked *asked)
{
    const char *name = asked->request.key.kind == XAPI_STATE ? "stateId" : "profileId",
               *value = xapi_param(xapi, name);
    bool is_list = !value && (xapi->method & METHODS_READ ||
                              (xapi->method == METHOD_DELETE && asked->request.key.kind == XAPI_STATE));

    if ((!value && !is_list) || (value && (!*value || strlen(value) > DOCUMENT_NAME_MAX))) {
        exchange_problem(xapi->exchange, MHD_HTTP_BAD_REQUEST,
                         "The parameter '%s' must be there, with 1 to %d bytes.\n", name, DOCUMENT_NAME_MAX);
        return false;
    }
    if (value) {
        asked->request.key.name = bytes_text(value);
    }
    if (asked->has_since && (xapi->method & ~(unsigned)METHODS_READ || (value && xapi->version == LRS_2_0))) {
        xapi_problem(xapi, MHD_HTTP_BAD_REQUEST,
                     "The parameter 'since' goes with a question for many documents.");
        return false;
    }
    return true;
}

/* cmi5, 4.2 and 11: what a unit asks for that is not of its learner is denied, and so is what is of nobody. To others it is a parameter that is missing. */
static bool agent_is_said(struct xapi *xapi, enum xapi_kind kind)
{
    const bool is_denied = kind != XAPI_ACTIVITY_PROFILE && xapi->client.is_session && xapi->client.session.is_cmi5 && !xapi_param(xapi, "agent");

    if (is_denied) {
        xapi_problem(xapi, MHD_HTTP_FORBIDDEN, "A unit of cmi5 says whose document it means: the parameter 'agent' is missing.");
    }
    return !is_denied;
}

static bool asked_read(struct xapi *xapi, struct asked *asked)
{
    struct xapi_document_key *key = &asked->request.key;
    bool has_registration;
    struct tree *agent;

    if (!agent_is_said(xapi, key->kind) || !xapi_params_check(xapi, names[key->kind]) ||
        !xapi_param_iri(xapi, "activityId", key->kind != XAPI_AGENT_PROFILE, &key->activity) ||
        !xapi_param_agent(xapi, "agent", key->kind != XAPI_ACTIVITY_PROFILE, &agent) ||
        !xapi_param_uuid(xapi, "registration", asked->registration, &has_registration) ||
        !xapi_param_time(xapi, "since", &asked->since_ms, &asked->has_since) || !id_read(xapi, asked)) {
        return false;
    }
    if (agent) {
        index_identifier(agent, &asked->agent);
        key->agent = buffer_bytes(&asked->agent);
    }
    if (has_registration) {
        key->registration = bytes_of(asked->registration, sizeof asked->registration);
    }
    return true;
}

/* --- reading --- */

static void one_answer(struct xapi *xapi, struct db *db, const struct asked *asked)
{
    struct exchange *exchange = xapi->exchange;
    struct xapi_document document;
    struct buffer texts, body;

    buffer_init(&texts);
    buffer_init(&body);
    if (xapi_document_find(db, &asked->request.key, &texts, &document)) {
        snprintf(exchange->etag, sizeof exchange->etag, "\"%s\"", document.etag);
        exchange->policy = "default-src 'none'; sandbox";
        struct bytes type = arena_copy(&exchange->arena, document.media_type);
        xapi_answer_time(xapi, document.updated_ms);
        buffer_append(&body, document.body.data, document.body.size);
        xapi_answer_buffer(
            xapi, type.data && type.size ? (const char *)type.data : "application/octet-stream", &body);
    } else {
        xapi_problem(xapi, MHD_HTTP_NOT_FOUND, "There is no such document.");
    }
    buffer_release(&texts);
}

static void read_answer(struct xapi *xapi, const struct asked *asked)
{
    struct store *store = xapi->exchange->context->store;
    struct buffer body;

    if (!xapi_may(xapi, LRS_READ)) {
        return;
    }
    enum status status = document_allow(xapi->lrs, &xapi->client, &asked->request.key, false, &xapi->report);
    if (status != S_OK) {
        xapi_fail(xapi, status);
        return;
    }
    struct db *db = store_read_begin(store);
    if (asked->request.key.name.size) {
        one_answer(xapi, db, asked);
    } else {
        buffer_init(&body);
        document_names(db, &asked->request.key, asked->has_since ? asked->since_ms : -1, &body);
        xapi_answer_buffer(xapi, "application/json", &body);
    }
    store_read_end(store, db);
}

/* --- writing --- */

static enum status put_run(struct db *db, void *arg)
{
    struct xapi *xapi = arg;
    struct asked *asked = xapi->work;

    return document_put(xapi->lrs, db, &asked->request, &xapi->report);
}

static enum status delete_run(struct db *db, void *arg)
{
    struct xapi *xapi = arg;
    struct asked *asked = xapi->work;

    return asked->request.key.name.size ? document_delete(xapi->lrs, db, &asked->request, &xapi->report)
                                        : document_delete_all(xapi->lrs, db, &asked->request, &xapi->report);
}

static void written_answer(struct xapi *xapi, enum status status)
{
    if (status == S_OK) {
        exchange_answer_empty(xapi->exchange, MHD_HTTP_NO_CONTENT);
    } else {
        xapi_fail(xapi, status);
    }
}

/* False after an answer. */
static bool write_prepare(struct xapi *xapi, struct asked *asked)
{
    struct document_request *request = &asked->request;
    bool has_body = xapi->method != METHOD_DELETE;

    if (!xapi_may(xapi, LRS_WRITE)) {
        return false;
    }
    if (has_body && xapi->body.size > DOCUMENT_BODY_MAX) {
        exchange_problem(xapi->exchange, MHD_HTTP_CONTENT_TOO_LARGE, "A document has at most %d bytes.\n",
                         DOCUMENT_BODY_MAX);
        return false;
    }
    request->version = xapi->version;
    request->client = &xapi->client;
    request->if_match = xapi_header(xapi, MHD_HTTP_HEADER_IF_MATCH);
    request->if_none_match = xapi_header(xapi, MHD_HTTP_HEADER_IF_NONE_MATCH);
    request->is_merge = xapi->method == METHOD_POST;
    request->media_type = bytes_text(xapi->media_type ? xapi->media_type : "application/octet-stream");
    request->body = xapi->body;
    request->now_ms = xapi->now_ms;
    return true;
}

void xapi_documents_handle(struct xapi *xapi, int kind)
{
    struct asked *asked = arena_alloc(&xapi->exchange->arena, sizeof *asked);

    if (!asked) {
        xapi_fail(xapi, S_NO_MEMORY);
        xapi_close(xapi);
        return;
    }
    memset(asked, 0, sizeof *asked);
    asked->request.key.kind = (enum xapi_kind)kind;
    xapi->work = asked;
    xapi->work_free = asked_free;
    if (!asked_read(xapi, asked)) {
        xapi_close(xapi);
    } else if (xapi->method & METHODS_READ) {
        read_answer(xapi, asked);
        xapi_close(xapi);
    } else if (write_prepare(xapi, asked)) {
        xapi_write(xapi, xapi->method == METHOD_DELETE ? delete_run : put_run, written_answer);
    } else {
        xapi_close(xapi);
    }
}
