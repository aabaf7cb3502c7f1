/* routes_xapi.c: /xapi/..., the learning record store over HTTP (xAPI 1.0.3 part 3, IEEE 9274.1.1
 * section 4.1): which resource, CORS, about, agents, activities. */
#include <string.h>

#include "node/http/routes.h"
#include "node/http/xapi.h"
#include "node/lrs/render.h"
#include "node/store/people/xapi_document.h"

/* Quick on the loop thread: single documents, small statements. In the pool: searches, and what takes long to
 * read. */
bool xapi_route_is_slow(const struct exchange *exchange)
{
    static const char statements[] = "/xapi/statements";
    bool is_query = (exchange->method & METHODS_READ ||
                     MHD_lookup_connection_value(exchange->connection, MHD_GET_ARGUMENT_KIND, "method")) &&
                    strncmp(exchange->route->prefix, statements, sizeof statements - 1) == 0;

    return is_query || exchange->body_in.size > XAPI_LOOP_BODY_MAX;
}

/* Content comes from another origin, or from an opaque one, and shows an authorization that no browser adds
 * by itself: every origin may ask, none brings cookies. */
static void cors_add(struct exchange *exchange)
{
    exchange_header_add(exchange, "Access-Control-Allow-Origin", "*");
    exchange_header_add(
        exchange, "Access-Control-Expose-Headers",
        "ETag, Last-Modified, Content-Length, X-Experience-API-Version, X-Experience-API-Consistent-Through");
}

/* True when the request was a preflight, which is answered. */
static bool preflight_answer(struct exchange *exchange)
{
    cors_add(exchange);
    if (exchange->method != METHOD_OPTIONS) {
        return false;
    }
    exchange_header_add(exchange, "Access-Control-Allow-Methods", "GET, HEAD, PUT, POST, DELETE, OPTIONS");
    exchange_header_add(
        exchange, "Access-Control-Allow-Headers",
        "Authorization, Content-Type, Content-Length, Accept, Accept-Language, If-Match, If-None-Match, "
        "X-Experience-API-Version");
    exchange_header_add(exchange, "Access-Control-Max-Age", "86400");
    exchange_answer_empty(exchange, MHD_HTTP_NO_CONTENT);
    return true;
}

void xapi_statements_route_handle(struct exchange *exchange)
{
    if (!preflight_answer(exchange)) {
        struct xapi *xapi = xapi_open(exchange, METHODS_READ | METHOD_PUT | METHOD_POST);
        if (xapi) {
            xapi_statements_handle(xapi);
        }
    }
}

static void documents_route_handle(struct exchange *exchange, enum xapi_kind kind)
{
    if (!preflight_answer(exchange)) {
        struct xapi *xapi = xapi_open(exchange, METHODS_READ | METHOD_PUT | METHOD_POST | METHOD_DELETE);
        if (xapi) {
            xapi_documents_handle(xapi, (int)kind);
        }
    }
}

void xapi_state_route_handle(struct exchange *exchange)
{
    documents_route_handle(exchange, XAPI_STATE);
}

void xapi_activity_profile_route_handle(struct exchange *exchange)
{
    documents_route_handle(exchange, XAPI_ACTIVITY_PROFILE);
}

void xapi_agent_profile_route_handle(struct exchange *exchange)
{
    documents_route_handle(exchange, XAPI_AGENT_PROFILE);
}

/* --- about --- */

void xapi_about_route_handle(struct exchange *exchange)
{
    static const char both[] = "{\"version\":[\"1.0.3\",\"2.0.0\"]}", old[] = "{\"version\":[\"1.0.3\"]}";
    const char *version = exchange_header(exchange, "X-Experience-API-Version");

    if (preflight_answer(exchange)) {
        return;
    }
    bool is_old =
        version && strncmp(version, "1.0", 3) == 0; /* 1.0.3 knows no versions but 0.9, 0.95 and 1.0.x */
    const char *about = is_old ? old : both;
    exchange_header_add(exchange, "X-Experience-API-Version", "%s", is_old ? "1.0.3" : "2.0.0");
    if (!(exchange->method & METHODS_READ)) {
        exchange_header_add(exchange, "Allow", "GET, HEAD, OPTIONS");
        exchange_problem(exchange, MHD_HTTP_METHOD_NOT_ALLOWED, "About can only be read.\n");
        return;
    }
    exchange_answer(exchange, MHD_HTTP_OK, "application/json", strdup(about), strlen(about));
}

/* --- agents and activities --- */

static void agents_answer(struct xapi *xapi)
{
    static const char *const names[] = {"agent", NULL};
    struct render render = {.lrs = xapi->lrs};
    struct buffer body;
    struct tree *agent;

    if (!xapi_params_check(xapi, names) || !xapi_param_agent(xapi, "agent", true, &agent) ||
        !xapi_may(xapi, LRS_READ)) {
        return;
    }
    buffer_init(&body);
    render.db = store_read_begin(xapi->exchange->context->store);
    render_person(&render, agent, &body);
    store_read_end(xapi->exchange->context->store, render.db);
    xapi_answer_buffer(xapi, "application/json", &body);
}

static void activities_answer(struct xapi *xapi)
{
    static const char *const names[] = {"activityId", NULL};
    struct render render = {.lrs = xapi->lrs};
    struct buffer body;
    struct bytes activity;

    if (!xapi_params_check(xapi, names) || !xapi_param_iri(xapi, "activityId", true, &activity) ||
        !xapi_may(xapi, LRS_READ)) {
        return;
    }
    buffer_init(&body);
    render.db = store_read_begin(xapi->exchange->context->store);
    render_activity(&render, activity, &body);
    store_read_end(xapi->exchange->context->store, render.db);
    xapi_answer_buffer(xapi, "application/json", &body);
}

static void read_route_handle(struct exchange *exchange, void (*answer)(struct xapi *xapi))
{
    if (!preflight_answer(exchange)) {
        struct xapi *xapi = xapi_open(exchange, METHODS_READ);
        if (xapi) {
            answer(xapi);
            xapi_close(xapi);
        }
    }
}

void xapi_agents_route_handle(struct exchange *exchange)
{
    read_route_handle(exchange, agents_answer);
}

void xapi_activities_route_handle(struct exchange *exchange)
{
    read_route_handle(exchange, activities_answer);
}
