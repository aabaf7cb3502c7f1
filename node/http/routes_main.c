/* routes_main.c: the pages and API of this node. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node/http/exchange.h"
#include "node/http/metrics.h"
#include "node/http/page.h"
#include "node/http/routes.h"
#include "node/lrs/batch.h"
#include "node/status.h"
#include "schema/openapi.h"

static void text_answer(struct exchange *exchange, unsigned code, const char *media_type, const char *text)
{
    char *copy = strdup(text);

    if (copy) {
        exchange_answer(exchange, code, media_type, copy, strlen(text));
    } else {
        exchange_problem(exchange, MHD_HTTP_INTERNAL_SERVER_ERROR, "Out of memory.\n");
    }
}

void route_answer_json(struct exchange *exchange, json_t *document)
{
    char *text = json_dumps(document, JSON_INDENT(2) | JSON_REAL_PRECISION(12));

    json_decref(document);
    if (text) {
        exchange_answer(exchange, MHD_HTTP_OK, "application/json", text, strlen(text));
    } else {
        exchange_problem(exchange, MHD_HTTP_INTERNAL_SERVER_ERROR, "Out of memory.\n");
    }
}

static void openapi_handle(struct exchange *exchange)
{
    text_answer(exchange, MHD_HTTP_OK, "application/json", openapi_text);
}

static void health_handle(struct exchange *exchange)
{
    text_answer(exchange, MHD_HTTP_OK, "text/plain; charset=utf-8", "ok\n");
}

static void ready_handle(struct exchange *exchange)
{
    if (exchange->context->is_ready) {
        text_answer(exchange, MHD_HTTP_OK, "text/plain; charset=utf-8", "ready\n");
    } else {
        exchange_problem(exchange, MHD_HTTP_SERVICE_UNAVAILABLE, "starting\n");
    }
}

/* The status document; NULL after a problem was answered. */
static json_t *status_get(struct exchange *exchange)
{
    const struct http_context *context = exchange->context;
    struct report report = {.status = S_OK};
    struct timespec now;
    json_t *document;

    clock_gettime(CLOCK_REALTIME, &now);
    struct status_request request = {.store = context->store,
                                     .config = context->config,
                                     .federation = context->federation,
                                     .identity = context->identity,
                                     .dir = context->dir,
                                     .is_running = true,
                                     .now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000};
    if (status_document(&request, &document, &report) != S_OK) {
        exchange_problem(exchange, MHD_HTTP_INTERNAL_SERVER_ERROR, "%s\n", report.text);
        return NULL;
    }
    return document;
}

static void status_handle(struct exchange *exchange)
{
    json_t *document = status_get(exchange);

    if (document) {
        route_answer_json(exchange, document);
    }
}

static void metrics_handle(struct exchange *exchange)
{
    json_t *document = status_get(exchange);
    size_t size;

    if (document) {
        char *text = metrics_text(document, &size);
        json_decref(document);
        exchange_answer(exchange, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", text, size);
    }
}

static void status_page_handle(struct exchange *exchange)
{
    static const struct page_column columns[] = {{"node", "Peer"},
                                                 {"kind", "Kind"},
                                                 {"state", "State"},
                                                 {"last_success", "Last in step"},
                                                 {"we_lack.cells", "Cells to come"},
                                                 {"they_lack.cells", "Cells to go"},
                                                 {"error", "Error"},
                                                 {0}};
    json_t *document = status_get(exchange);
    const char *receipt;
    struct page page;

    if (!document) {
        return;
    }
    page_begin_face(&page, json_string_value(json_object_get(document, "node")), "admin");
    page_line(&page, "p", json_string_value(json_object_get(document, "sentence")));
    receipt = json_string_value(json_object_get(json_object_get(document, "receipts"), "hub"));
    if (receipt) {
        page_markup(&page, "<p>The hub has this node\u2019s results up to ");
        page_line(&page, "time", receipt);
        page_markup(&page, "</p>\n");
    }
    page_line(&page, "h2", "Peers");
    page_table(&page, columns, json_object_get(document, "peers"));
    json_decref(document);
    web_page_answer(exchange, &page);
}

/* A password is hashed, a command is run: what is read there alone is quick. */
static enum pool_line line_of_writing(const struct exchange *exchange)
{
    return exchange->method & (METHOD_POST | METHOD_PUT) ? POOL_WORK : POOL_SHORT;
}

/* All figures are folded. */
static enum pool_line line_of_figures(const struct exchange *exchange)
{
    (void)exchange;
    return POOL_FIGURES;
}

/* The learning record store proves its callers by itself, and says itself which methods it takes. */
#define XAPI_ROUTE(path, handler)                                                                                                          \
    {                                                                                                                                      \
        path, .is_slow_now = xapi_route_is_slow, .handle = handler, .body_max = BATCH_BODY_MAX, .is_open = true,                         \
            .methods = METHOD_PUT | METHOD_POST | METHOD_DELETE | METHOD_OPTIONS                                                           \
    }

const struct route main_routes[] = {
    {"/", .handle = learner_page_handle},
    {"/app/", .handle = web_file_handle},
    {"/learn/", .handle = learner_page_handle},
    {"/play/", .handle = learner_page_handle},
    {"/certificates", .handle = learner_page_handle},
    {"/me", .handle = learner_page_handle},
    {"/signin", .handle = learner_page_handle},
    {"/register", .handle = learner_page_handle},
    {"/teach", .handle = teach_page_handle},
    {"/teach/", .handle = teach_page_handle},
    {"/admin", .is_slow = true, .handle = status_page_handle},
    {"/admin/", .is_slow = true, .handle = status_page_handle},
    {"/healthz", .handle = health_handle},
    {"/readyz", .handle = ready_handle},
    {"/metrics", .is_slow = true, .handle = metrics_handle},
    {"/api/v1/openapi.json", .handle = openapi_handle},
    {"/api/v1/session", .is_slow = true, .line = line_of_writing, .handle = session_route_handle, .methods = METHOD_POST | METHOD_DELETE},
    {"/api/v1/registrations", .is_slow = true, .line = line_of_writing, .handle = registrations_route_handle, .methods = METHOD_POST},
    {"/api/v1/me", .is_slow = true, .handle = me_route_handle, .methods = METHOD_PUT},
    {"/api/v1/me/password", .is_slow = true, .line = line_of_writing, .handle = password_route_handle, .methods = METHOD_PUT,
     .is_written_only = true},
    {"/api/v1/admin/commands", .is_slow = true, .line = line_of_writing, .handle = commands_route_handle, .methods = METHOD_POST,
     .is_written_only = true, .body_max = ADMIN_BODY_MAX},
    {"/api/v1/admin/", .is_slow = true, .line = admin_route_line, .handle = admin_route_handle},
    {"/api/v1/uploads", .handle = uploads_route_handle, .methods = METHOD_POST, .is_upload = true,
     .query = "for id lang title series version localises from dry_run?"},
    {"/api/v1/uploads/", .handle = upload_route_handle},
    {"/api/v1/events", .handle = events_route_handle, .query = "of"},
    {"/api/v1/status", .is_slow = true, .handle = status_handle},
    {"/api/v1/stats", .is_slow = true, .line = line_of_figures, .handle = stats_route_handle,
     .query = "by centre node country region course lang version cohort role gender period published?"},
    {"/api/v1/me/courses", .is_slow = true, .handle = my_courses_route_handle},
    {"/api/v1/launches", .handle = launches_route_handle, .methods = METHOD_POST, .is_written_only = true},
    {"/api/v1/launches/", .handle = launch_route_handle, .methods = METHOD_PUT | METHOD_POST | METHOD_DELETE, .is_written_only = true,
     .body_max = LAUNCH_BODY_MAX},
    {"/api/v1/courses/", .is_slow = true, .handle = course_page_route_handle, .query = "lang version"},
    {"/api/v1/courses", .is_slow = true, .handle = courses_route_handle, .query = "lang series q available?"},
    {"/courses", .is_slow = true, .handle = courses_page_handle},
    {"/hub", .is_slow = true, .line = line_of_figures, .handle = stats_page_handle},
    {"/verify", .is_slow = true, .handle = verify_page_handle, .methods = METHOD_POST, .body_max = VERIFY_BODY_MAX, .is_open = true},
    {"/verify/status/", .is_slow = true, .handle = verify_status_handle},
    {"/verify/", .is_slow = true, .handle = verify_number_handle},
    {"/api/v1/verify", .is_slow = true, .handle = verify_api_handle, .methods = METHOD_POST, .body_max = VERIFY_BODY_MAX, .is_open = true,
     .query = "c"},
    {"/api/v1/me/credentials", .is_slow = true, .handle = my_credentials_handle},
    {"/api/v1/me/credentials/", .is_slow = true, .handle = credential_file_handle, .query = "lang"},
    {"/api/v1/cohorts", .is_slow = true, .handle = cohorts_route_handle, .methods = METHOD_POST,
     .query = "after"},
    {"/api/v1/cohorts/", .is_slow = true, .handle = cohort_route_handle,
     .methods = METHOD_POST | METHOD_PUT | METHOD_DELETE, .body_max = COHORT_BODY_MAX, .query = "after# limit# format"},
    {"/api/v1/people", .is_slow = true, .handle = people_route_handle, .query = "q id after limit#"},
    {"/api/v1/people/import", .is_slow = true, .line = line_of_writing, .handle = people_import_handle, .methods = METHOD_POST,
     .is_written_only = true, .body_max = PEOPLE_BODY_MAX, .query = "dry_run?"},
    {"/api/v1/credentials", .is_slow = true, .handle = credentials_route_handle, .methods = METHOD_POST,
     .query = "person"},
    {"/api/v1/credentials/", .is_slow = true, .handle = credential_route_handle, .methods = METHOD_DELETE, .is_written_only = true},
    {"/course/", .handle = course_route_handle},
    {"/blob/", .handle = blob_route_handle},
    {"/xapi/cmi5/fetch/", .handle = cmi5_fetch_route_handle, .methods = METHOD_POST | METHOD_OPTIONS, .is_written_only = true,
     .is_open = true},
    XAPI_ROUTE("/xapi/statements", xapi_statements_route_handle),
    XAPI_ROUTE("/xapi/activities/state", xapi_state_route_handle),
    XAPI_ROUTE("/xapi/activities/profile", xapi_activity_profile_route_handle),
    XAPI_ROUTE("/xapi/activities", xapi_activities_route_handle),
    XAPI_ROUTE("/xapi/agents/profile", xapi_agent_profile_route_handle),
    XAPI_ROUTE("/xapi/agents", xapi_agents_route_handle),
    XAPI_ROUTE("/xapi/about", xapi_about_route_handle),
    {.prefix = NULL},
};

/* No cookies, no API: course files alone. */
const struct route content_routes[] = {
    {"/c/", .handle = content_route_handle, .methods = METHOD_POST, .body_max = LAUNCH_BODY_MAX, .is_open = true},
    {"/course/", .handle = course_route_handle},
    {"/blob/", .handle = blob_route_handle},
    {"/app/", .handle = web_file_handle},
    {"/healthz", .handle = health_handle},
    {.prefix = NULL},
};
