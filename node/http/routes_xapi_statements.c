/* routes_xapi_statements.c: /xapi/statements. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "node/http/xapi.h"
#include "node/lrs/batch.h"
#include "node/lrs/index.h"
#include "node/lrs/query.h"
#include "replication/base/check.h"
#include "replication/base/percent.h"

/* --- storing --- */

struct storing {
    struct batch batch;
    struct multipart *parts;
};

static void storing_free(void *work)
{
    struct storing *storing = work;

    lrs_batch_close(&storing->batch);
    free(storing->parts);
    free(storing);
}

static bool is_type(const char *media_type, const char *type)
{
    size_t size = strlen(type);

    return media_type && strncasecmp(media_type, type, size) == 0 &&
           (media_type[size] == '\0' || strchr("; \t", media_type[size]));
}

/* The JSON of the request and, with multipart, its parts; false after a report. */
static enum status body_read(struct xapi *xapi, struct storing *storing, struct bytes *json_out)
{
    char boundary[MULTIPART_BOUNDARY_MAX + 1];

    if (is_type(xapi->media_type, "application/json")) {
        *json_out = xapi->body;
        return S_OK;
    }
    if (!is_type(xapi->media_type, "multipart/mixed") || xapi->is_alternate) {
        return report_set(
            &xapi->report, S_INVALID,
            "statements come as application/json, or as multipart/mixed with their attachments");
    }
    if (!multipart_boundary(xapi->media_type, boundary)) {
        return report_set(&xapi->report, S_INVALID, "the Content-Type multipart/mixed lacks its boundary");
    }
    storing->parts = calloc(1, sizeof *storing->parts);
    CHECK(storing->parts);
    enum status status = multipart_parse(xapi->body, boundary, storing->parts, &xapi->report);
    if (status != S_OK) {
        return status;
    }
    struct bytes type = storing->parts->parts[0].media_type;
    if (type.size < 16 || strncasecmp((const char *)type.data, "application/json", 16) != 0 ||
        (type.size > 16 && !strchr("; \t", type.data[16]))) {
        return report_set(&xapi->report, S_INVALID, "the first part must be application/json");
    }
    *json_out = storing->parts->parts[0].body;
    return S_OK;
}

static enum status store_run(struct db *db, void *arg)
{
    struct xapi *xapi = arg;
    struct storing *storing = xapi->work;

    return lrs_batch_store(&storing->batch, db, xapi->now_ms, &xapi->report);
}

/* 204 where nothing of a POST was new: xAPI 1.0.3 part 3 section 2.1.2 leaves that or 409. */
static void stored_answer(struct xapi *xapi, enum status status)
{
    const struct storing *storing = xapi->work;
    char text[LRS_UUID_TEXT_SIZE + 2];
    bool is_any_new = storing->batch.count == 0;
    struct buffer body;

    if (status != S_OK) {
        xapi_fail(xapi, status);
        return;
    }
    for (size_t i = 0; i < storing->batch.count; i++) {
        is_any_new = is_any_new || storing->batch.items[i].is_new;
    }
    if (xapi->method == METHOD_PUT || (!is_any_new && xapi->version == LRS_1_0_3)) {
        exchange_answer_empty(xapi->exchange, MHD_HTTP_NO_CONTENT);
        return;
    }
    buffer_init(&body);
    buffer_append_u8(&body, '[');
    for (size_t i = 0; i < storing->batch.count; i++) {
        text[0] = '"';
        lrs_uuid_text(storing->batch.items[i].id, text + 1);
        text[LRS_UUID_TEXT_SIZE] = '"';
        buffer_append(&body, i ? "," : "", i > 0);
        buffer_append(&body, text, LRS_UUID_TEXT_SIZE + 1);
    }
    buffer_append_u8(&body, ']');
    xapi_answer_buffer(xapi, "application/json", &body);
}

/* Decodes and hands over to the writer; false after an answer. */
static bool store_begin(struct xapi *xapi)
{
    static const char *const put_names[] = {"statementId", NULL}, *const post_names[] = {NULL};
    bool is_put = xapi->method == METHOD_PUT, has_id = false;
    struct storing *storing = calloc(1, sizeof *storing);
    uint8_t id[LRS_UUID_SIZE];
    struct bytes json;

    CHECK(storing);
    lrs_batch_open(&storing->batch, xapi->lrs, &xapi->client, xapi->version);
    storing->batch.is_old = xapi->is_old;
    xapi->work = storing;
    xapi->work_free = storing_free;
    if (!xapi_params_check(xapi, is_put ? put_names : post_names) ||
        !xapi_param_uuid(xapi, "statementId", id, &has_id) || !xapi_may(xapi, LRS_WRITE)) {
        return false;
    }
    if (is_put && !has_id) {
        xapi_problem(xapi, MHD_HTTP_BAD_REQUEST, "The parameter 'statementId' is missing.");
        return false;
    }
    enum status status = body_read(xapi, storing, &json);
    if (status == S_OK) {
        status = lrs_batch_decode(&storing->batch, json, storing->parts, is_put ? id : NULL, &xapi->report);
    }
    if (status != S_OK) {
        xapi_fail(xapi, status);
        return false;
    }
    return true;
}

/* --- asking --- */

static const char *const query_names[] = {
    "statementId",        "voidedStatementId", "agent",  "verb",  "activity", "registration",
    "related_activities", "related_agents",    "since",  "until", "limit",    "format",
    "attachments",        "ascending",         "cursor", NULL};

static bool format_read(struct xapi *xapi, struct query *query)
{
    const char *format = xapi_param(xapi, "format");

    query->render.format = RENDER_EXACT;
    if (!format || strcmp(format, "exact") == 0) {
        return true;
    }
    if (strcmp(format, "ids") == 0) {
        query->render.format = RENDER_IDS;
    } else if (strcmp(format, "canonical") == 0) {
        query->render.format = RENDER_CANONICAL;
    } else {
        xapi_problem(xapi, MHD_HTTP_BAD_REQUEST, "The parameter 'format' must be ids, exact or canonical.");
        return false;
    }
    return true;
}

/* statementId or voidedStatementId, which stand alone but for format and attachments. */
static bool single_read(struct xapi *xapi, struct query *query)
{
    bool has_id, has_voided;

    if (!xapi_param_uuid(xapi, "statementId", query->id, &has_id) ||
        !xapi_param_uuid(xapi, "voidedStatementId", query->id, &has_voided)) {
        return false;
    }
    query->is_single = has_id || has_voided;
    query->is_voided = has_voided;
    if (has_id && has_voided) {
        xapi_problem(xapi, MHD_HTTP_BAD_REQUEST, "statementId and voidedStatementId exclude each other.");
        return false;
    }
    for (const char *const *name = query_names; *name && query->is_single; name++) {
        bool may_stand =
            strstr(*name, "tatementId") || strcmp(*name, "format") == 0 || strcmp(*name, "attachments") == 0;
        if (!may_stand && xapi_param(xapi, *name)) {
            xapi_problem(xapi, MHD_HTTP_BAD_REQUEST,
                         "Beside the id of a statement only format and attachments may stand.");
            return false;
        }
    }
    return true;
}

/* The filters, the rarest first. */
static bool filters_read(struct xapi *xapi, struct query *query)
{
    uint8_t registration[LRS_UUID_SIZE];
    bool has_registration, is_related_activity, is_related_agent;
    struct bytes verb = {NULL, 0}, activity = {NULL, 0};
    struct tree *agent;

    if (!xapi_param_uuid(xapi, "registration", registration, &has_registration) ||
        !xapi_param_agent(xapi, "agent", false, &agent) || !xapi_param_iri(xapi, "verb", false, &verb) ||
        !xapi_param_iri(xapi, "activity", false, &activity) ||
        !xapi_param_boolean(xapi, "related_activities", &is_related_activity) ||
        !xapi_param_boolean(xapi, "related_agents", &is_related_agent)) {
        return false;
    }
    if (has_registration) {
        query_filter(query,
                     index_term(xapi->lrs, INDEX_REGISTRATION, bytes_of(registration, sizeof registration)));
    }
    if (agent) {
        query_filter(query,
                     index_agent(xapi->lrs, is_related_agent ? INDEX_RELATED_AGENT : INDEX_AGENT, agent));
    }
    if (activity.data) {
        query_filter(
            query,
            index_term(xapi->lrs, is_related_activity ? INDEX_RELATED_ACTIVITY : INDEX_ACTIVITY, activity));
    }
    if (verb.data) {
        query_filter(query, index_term(xapi->lrs, INDEX_VERB, verb));
    }
    return true;
}

/* A whole number that is not negative; false after 400. */
static bool number_read(struct xapi *xapi, const char *name, int64_t *out)
{
    const char *value = xapi_param(xapi, name);

    if (!value) {
        return true;
    }
    size_t digits = strspn(value, "0123456789");
    if (digits == 0 || digits > 18 || value[digits]) {
        exchange_problem(xapi->exchange, MHD_HTTP_BAD_REQUEST, "The parameter '%s' must be a whole number.\n",
                         name);
        return false;
    }
    *out = strtoll(value, NULL, 10);
    return true;
}

static bool range_read(struct xapi *xapi, struct query *query)
{
    int64_t since, until, limit = 0, cursor = -1;
    bool has_since, has_until;

    if (!xapi_param_time(xapi, "since", &since, &has_since) ||
        !xapi_param_time(xapi, "until", &until, &has_until) || !number_read(xapi, "limit", &limit) ||
        !number_read(xapi, "cursor", &cursor) ||
        !xapi_param_boolean(xapi, "ascending", &query->is_ascending)) {
        return false;
    }
    query->limit = limit > QUERY_PAGE_MAX ? QUERY_PAGE_MAX : (size_t)limit;
    if (has_since) {
        query_since(query, since);
    }
    if (has_until) {
        query_until(query, until);
    }
    if (cursor >= 0 && query->is_ascending) {
        query->above = cursor > query->above ? cursor : query->above;
    } else if (cursor >= 0) {
        query->below = cursor < query->below ? cursor : query->below;
    }
    return true;
}

/* The same question, behind what was answered. */
static void more_write(struct xapi *xapi, int64_t next, struct buffer *out)
{
    char cursor[32];

    buffer_append(out, "/xapi/statements?", 17);
    for (const char *const *name = query_names; *name; name++) {
        const char *value = strcmp(*name, "cursor") == 0 ? NULL : xapi_param(xapi, *name);
        if (value) {
            buffer_append(out, *name, strlen(*name));
            buffer_append_u8(out, '=');
            percent_append(out, bytes_text(value), PERCENT_UNRESERVED);
            buffer_append_u8(out, '&');
        }
    }
    snprintf(cursor, sizeof cursor, "cursor=%lld", (long long)next);
    buffer_append(out, cursor, strlen(cursor) + 1);
}

static void result_answer(struct xapi *xapi, struct query_result *result)
{
    if (result->count > 0) {
        xapi_answer_time(xapi, result->last_ms);
    }
    if (*result->boundary) {
        snprintf(xapi->exchange->file_type, sizeof xapi->exchange->file_type, "multipart/mixed; boundary=%s",
                 result->boundary);
        xapi_answer_buffer(xapi, xapi->exchange->file_type, &result->body);
    } else {
        xapi_answer_buffer(xapi, "application/json", &result->body);
    }
}

static void query_answer(struct xapi *xapi)
{
    struct store *store = xapi->exchange->context->store;
    struct query_result result;
    struct buffer more;
    struct query query;

    query_init(&query, xapi->lrs, &xapi->client);
    query.render.accept_language = xapi_header(xapi, "Accept-Language");
    if (!xapi_params_check(xapi, query_names) || !single_read(xapi, &query) || !format_read(xapi, &query) ||
        !xapi_param_boolean(xapi, "attachments", &query.has_attachments) || !filters_read(xapi, &query) ||
        !range_read(xapi, &query) || !xapi_may(xapi, LRS_READ)) {
        return;
    }
    buffer_init(&more);
    struct db *db = store_read_begin(store);
    enum status status = query_run(&query, db, &result);
    if (status == S_OK) {
        if (result.next) {
            more_write(xapi, result.next, &more);
        }
        status = query_end(&query, db, more.size ? (const char *)more.data : "", &result);
    }
    store_read_end(store, db);
    if (status == S_OK) {
        result_answer(xapi, &result);
    } else {
        xapi_fail(xapi, status);
    }
    buffer_release(&result.body);
    buffer_release(&more);
}

void xapi_statements_handle(struct xapi *xapi)
{
    if (xapi->method & METHODS_READ) {
        query_answer(xapi);
    } else if (store_begin(xapi)) {
        xapi_write(xapi, store_run, stored_answer);
        return;
    }
    xapi_close(xapi);
}
