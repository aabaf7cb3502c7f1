#include "node/http/xapi.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "node/local_time.h"
#include "node/lrs/format.h"
#include "node/lrs/old.h"
#include "node/lrs/rule.h"
#include "replication/base/check.h"

/* Form parameters that stand for headers (xAPI 1.0.3 part 3 section 1.3). */
static const char *const form_headers[] = {"Authorization",  "X-Experience-API-Version",
                                           "Content-Type",   "Content-Length",
                                           "If-Match",       "If-None-Match",
                                           "Accept",         "Accept-Encoding",
                                           "Accept-Language"};

enum { FORM_HEADER_COUNT = sizeof form_headers / sizeof *form_headers };

static bool is_form_header(const char *name)
{
    for (size_t i = 0; i < FORM_HEADER_COUNT; i++) {
        if (strcmp(name, form_headers[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* --- answers --- */

static void version_answer(struct exchange *exchange, enum lrs_version version)
{
    exchange_header_add(exchange, "X-Experience-API-Version", "%s", version == LRS_2_0 ? "2.0.0" : "1.0.3");
}

void xapi_problem(struct xapi *xapi, unsigned code, const char *text)
{
    exchange_problem(xapi->exchange, code, "%s\n", text);
}

void xapi_fail(struct xapi *xapi, enum status status)
{
    if (status == S_STALE) {
        xapi_problem(xapi, MHD_HTTP_PRECONDITION_FAILED,
                     xapi->report.status != S_OK ? xapi->report.text : status_text(status));
    } else {
        exchange_fail(xapi->exchange, status, &xapi->report);
    }
}

void xapi_answer_buffer(struct xapi *xapi, const char *media_type, struct buffer *body)
{
    buffer_append_u8(body, 0); /* never an answer without memory */
    exchange_answer(xapi->exchange, MHD_HTTP_OK, media_type, (char *)body->data, body->size - 1);
    buffer_init(body);
}

void xapi_answer_time(struct xapi *xapi, int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm utc;
    char text[40];

    gmtime_r(&seconds, &utc);
    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    exchange_header_add(xapi->exchange, MHD_HTTP_HEADER_LAST_MODIFIED, "%s", text);
}

/* --- opening --- */

static enum MHD_Result param_collect(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct xapi *xapi = cls;

    (void)kind;
    if (xapi->param_count == FORM_PAIRS_MAX || form_find(xapi->params, xapi->param_count, name)) {
        report_set(&xapi->report, S_INVALID, "the parameter '%.64s' stands twice, or there are too many",
                   name);
        return MHD_NO;
    }
    xapi->params[xapi->param_count++] = (struct form_pair){
        .name = name, .value = value ? value : "", .value_size = value ? strlen(value) : 0};
    return MHD_YES;
}

const char *xapi_param(const struct xapi *xapi, const char *name)
{
    const struct form_pair *pair = form_find(xapi->params, xapi->param_count, name);

    return pair ? pair->value : NULL;
}

/* In the alternate syntax the form's value stands for the header, also where a browser added one of its own;
 * Content-Type and Content-Length of the request are those of the form itself. */
const char *xapi_header(const struct xapi *xapi, const char *name)
{
    const char *value = xapi->is_alternate ? xapi_param(xapi, name) : NULL;
    bool is_of_form =
        xapi->is_alternate && (strcmp(name, "Content-Type") == 0 || strcmp(name, "Content-Length") == 0);

    return value || is_of_form ? value : exchange_header(xapi->exchange, name);
}

static bool is_form(struct exchange *exchange)
{
    static const char form[] = "application/x-www-form-urlencoded";
    const char *type = exchange_header(exchange, MHD_HTTP_HEADER_CONTENT_TYPE);

    return type && strncasecmp(type, form, sizeof form - 1) == 0;
}

/* "POST ...?method=PUT" with everything else in a form; false with a report when it is not well made. */
static bool alternate_read(struct xapi *xapi)
{
    const char *method = xapi->params[0].value;
    struct exchange *exchange = xapi->exchange;
    static const char *const names[] = {"GET", "HEAD", "PUT", "POST", "DELETE"};
    static const enum method methods[] = {METHOD_GET, METHOD_HEAD, METHOD_PUT, METHOD_POST, METHOD_DELETE};

    xapi->method = METHOD_NONE;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        xapi->method = strcmp(method, names[i]) == 0 ? methods[i] : xapi->method;
    }
    int count = is_form(exchange) ? form_parse(exchange_body(exchange), &exchange->arena, xapi->params) : -1;
    if (xapi->method == METHOD_NONE || count < 0) {
        report_set(
            &xapi->report, S_INVALID,
            "with ?method= the rest of the request must stand in a form, and nothing else in the address");
        return false;
    }
    xapi->is_alternate = true;
    xapi->param_count = (size_t)count;
    const struct form_pair *content = form_find(xapi->params, xapi->param_count, "content");
    bool has_body = xapi->method == METHOD_PUT || xapi->method == METHOD_POST;
    if (has_body && !content) {
        report_set(&xapi->report, S_INVALID, "with ?method= the body stands in the form parameter 'content'");
        return false;
    }
    xapi->body = content ? bytes_of(content->value, content->value_size) : bytes_of(NULL, 0);
    xapi->media_type = xapi_header(xapi, "Content-Type");
    xapi->media_type = xapi->media_type ? xapi->media_type : "application/json";
    return true;
}

static bool request_read(struct xapi *xapi)
{
    struct exchange *exchange = xapi->exchange;
    const char *version = exchange_header(exchange, "X-Experience-API-Version");

    xapi->method = exchange->method;
    xapi->body = exchange_body(exchange);
    xapi->media_type = exchange_header(exchange, MHD_HTTP_HEADER_CONTENT_TYPE);
    MHD_get_connection_values(exchange->connection, MHD_GET_ARGUMENT_KIND, param_collect, xapi);
    if (xapi->report.status != S_OK) {
        return false;
    }
    bool is_new = version && version[0] == '2';
    if (exchange->method == METHOD_POST && !is_new && form_find(xapi->params, xapi->param_count, "method")) {
        if (xapi->param_count != 1) {
            report_set(&xapi->report, S_INVALID, "beside ?method= nothing may stand in the address");
            return false;
        }
        return alternate_read(xapi);
    }
    return true;
}

/* "1.0", "1.0.N", "2.0", "2.0.N". */
static bool version_read(const char *text, enum lrs_version *out)
{
    if (!text || (strncmp(text, "1.0", 3) != 0 && strncmp(text, "2.0", 3) != 0)) {
        return false;
    }
    *out = text[0] == '2' ? LRS_2_0 : LRS_1_0_3;
    return text[3] == '\0' ||
           (text[3] == '.' && text[4] && strspn(text + 4, "0123456789") == strlen(text + 4));
}

static enum status client_find(struct xapi *xapi)
{
    struct store *store = xapi->exchange->context->store;
    struct db *db = store_read_begin(store);
    enum status status = client_open(xapi->lrs, db, xapi_header(xapi, "Authorization"), xapi->now_ms, &xapi->client);

    store_read_end(store, db);
    return status;
}

static bool client_read(struct xapi *xapi)
{
    enum status status = client_find(xapi);

    if (status != S_OK) {
        exchange_header_add(xapi->exchange, "WWW-Authenticate", "Basic realm=\"xAPI\", charset=\"UTF-8\"");
        xapi_problem(
            xapi, MHD_HTTP_UNAUTHORIZED,
            "xAPI wants the key and secret of a client (qanat xapi key add), or a session's authorization.");
    }
    return status == S_OK;
}

/* RFC 9110, 15.5.6: what is taken is said with it. */
static void method_refuse(struct xapi *xapi, unsigned methods)
{
    exchange_header_add(xapi->exchange, "Allow", "GET, HEAD%s%s%s, OPTIONS", methods & METHOD_PUT ? ", PUT" : "", methods & METHOD_POST ? ", POST" : "",
                        methods & METHOD_DELETE ? ", DELETE" : "");
    xapi_problem(xapi, MHD_HTTP_METHOD_NOT_ALLOWED, "This resource does not take that method.");
}

/* What parameters were called before 1.0. */
static void params_rename(struct xapi *xapi)
{
    static const char *const names[][2] = {{"actor", "agent"}, {"registrationId", "registration"}};

    for (size_t i = 0; i < xapi->param_count; i++) {
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            const bool is_it = strcmp(xapi->params[i].name, names[k][0]) == 0 && !xapi_param(xapi, names[k][1]);
            xapi->params[i].name = is_it ? names[k][1] : xapi->params[i].name;
        }
    }
}

/* Launched content of before 1.0 says so, or nothing (0.9 knew no versions); units of cmi5 are younger. */
static bool old_read(struct xapi *xapi, const char *version)
{
    if ((version && !old_is_version(version)) || client_find(xapi) != S_OK) {
        return false;
    }
    xapi->is_old = xapi->client.is_session && !xapi->client.session.is_cmi5;
    if (xapi->is_old) {
        xapi->version = LRS_1_0_3;
        params_rename(xapi);
    }
    return xapi->is_old;
}

bool xapi_is_of_client(struct exchange *exchange)
{
    struct lrs_client client = {0};
    const char *authorization = exchange_header(exchange, "Authorization");
    struct db *db = authorization ? store_read_begin(exchange->context->store) : NULL;
    bool is_known = db && client_open(&exchange->context->lrs, db, authorization, (int64_t)local_time_now(), &client) == S_OK;

    if (db) {
        client_release(&client);
        store_read_end(exchange->context->store, db);
    }
    return is_known;
}

static bool request_check(struct xapi *xapi, unsigned methods)
{
    struct exchange *exchange = xapi->exchange;
    bool is_read = request_read(xapi);
    const char *version = xapi_header(xapi, "X-Experience-API-Version");
    bool has_version = version_read(version, &xapi->version);

    version_answer(exchange, has_version ? xapi->version : LRS_2_0);
    if (!is_read) {
        xapi_fail(xapi, S_INVALID);
    } else if (!(xapi->method & methods)) {
        method_refuse(xapi, methods);
    } else if (!has_version && old_read(xapi, version)) {
        return true;
    } else if (!has_version) {
        xapi_problem(xapi, MHD_HTTP_BAD_REQUEST,
                     "The header X-Experience-API-Version must be there and say 1.0, 1.0.x, 2.0 or 2.0.x.");
    } else {
        return client_read(xapi);
    }
    return false;
}

struct xapi *xapi_open(struct exchange *exchange, unsigned methods)
{
    struct xapi *xapi = arena_alloc(&exchange->arena, sizeof *xapi);

    CHECK(xapi);
    memset(xapi, 0, sizeof *xapi);
    xapi->exchange = exchange;
    xapi->lrs = &exchange->context->lrs;
    xapi->now_ms = (int64_t)local_time_now();
    exchange->is_private = true;
    if (!request_check(xapi, methods)) {
        xapi_close(xapi);
        return NULL;
    }
    return xapi;
}

/* On every answer about statements, whatever its code: what was stored before now can be asked for now. */
static void consistent_through_add(struct xapi *xapi)
{
    char time[FORMAT_TIME_SIZE];

    if (strcmp(xapi->exchange->route->prefix, "/xapi/statements") == 0) {
        format_time_write((int64_t)local_time_now() + 1,
                          time); /* a batch may reach into the next millisecond */
        exchange_header_add(xapi->exchange, "X-Experience-API-Consistent-Through", "%s", time);
    }
}

void xapi_close(struct xapi *xapi)
{
    consistent_through_add(xapi);
    if (xapi->work && xapi->work_free) {
        xapi->work_free(xapi->work);
    }
    xapi->work = NULL;
    client_release(&xapi->client);
}

/* --- parameters --- */

bool xapi_params_check(struct xapi *xapi, const char *const *names)
{
    for (size_t i = 0; i < xapi->param_count; i++) {
        const char *name = xapi->params[i].name;
        bool is_known = xapi->is_alternate && (is_form_header(name) || strcmp(name, "content") == 0);
        for (const char *const *known = names; *known && !is_known; known++) {
            is_known = strcmp(name, *known) == 0;
        }
        if (!is_known || !utf8_is_valid(bytes_text(xapi->params[i].value))) {
            exchange_problem(xapi->exchange, MHD_HTTP_BAD_REQUEST, "There is no parameter '%.64s' here.\n",
                             name);
            return false;
        }
    }
    return true;
}

static bool param_fault(struct xapi *xapi, const char *name, const char *what)
{
    exchange_problem(xapi->exchange, MHD_HTTP_BAD_REQUEST, "The parameter '%s' %s.\n", name, what);
    return false;
}

bool xapi_param_iri(struct xapi *xapi, const char *name, bool is_required, struct bytes *out)
{
    const char *value = xapi_param(xapi, name);

    if (!value) {
        return !is_required || param_fault(xapi, name, "is missing");
    }
    *out = bytes_text(value);
    return format_is_iri(*out) || param_fault(xapi, name, "must be an IRI");
}

bool xapi_param_uuid(struct xapi *xapi, const char *name, uint8_t out[LRS_UUID_SIZE], bool *is_there_out)
{
    const char *value = xapi_param(xapi, name);

    *is_there_out = value != NULL;
    return !value || lrs_uuid_parse(bytes_text(value), out) || param_fault(xapi, name, "must be a UUID");
}

bool xapi_param_time(struct xapi *xapi, const char *name, int64_t *ms_out, bool *is_there_out)
{
    const char *value = xapi_param(xapi, name);

    *is_there_out = value != NULL;
    return !value || format_time_parse(bytes_text(value), xapi->version, ms_out) ||
           param_fault(xapi, name, "must be a timestamp");
}

bool xapi_param_boolean(struct xapi *xapi, const char *name, bool *out)
{
    const char *value = xapi_param(xapi, name);

    *out = value && strcmp(value, "true") == 0;
    return !value || *out || strcmp(value, "false") == 0 || param_fault(xapi, name, "must be true or false");
}

bool xapi_param_agent(struct xapi *xapi, const char *name, bool is_required, struct tree **out)
{
    const char *value = xapi_param(xapi, name);
    struct rules rules;

    *out = NULL;
    if (!value) {
        return !is_required || param_fault(xapi, name, "is missing");
    }
    if (tree_parse(bytes_text(value), &xapi->exchange->arena, out, NULL) != S_OK) {
        return param_fault(xapi, name, "must be an agent as JSON");
    }
    if (xapi->is_old && old_agent(*out, &xapi->exchange->arena) != S_OK) {
        return param_fault(xapi, name, "is too large");
    }
    rules_init(&rules, xapi->version, &xapi->report);
    if (rule_agent_parameter(&rules, *out)) {
        return true;
    }
    return param_fault(xapi, name, "must be an agent or an identified group as JSON");
}

bool xapi_may(struct xapi *xapi, enum lrs_right right)
{
    if (xapi->client.rights & (unsigned)right) {
        return true;
    }
    xapi_problem(xapi, MHD_HTTP_FORBIDDEN,
                 right == LRS_READ ? "This key may not read." : "This key may not write.");
    return false;
}

/* --- writing --- */

static void written(struct exchange *exchange, enum status status)
{
    struct xapi *xapi = exchange->then_arg;

    xapi->then(xapi, status);
    xapi_close(xapi);
}

void xapi_write(struct xapi *xapi, store_job *job, xapi_then *then)
{
    struct exchange *exchange = xapi->exchange;

    xapi->then = then;
    exchange->then_arg = xapi;
    if (exchange_is_slow(exchange)) {
        written(exchange, store_write_wait(exchange->context->store, job, xapi));
    } else {
        exchange_write(exchange, job, xapi, written);
    }
}
