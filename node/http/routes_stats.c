/* routes_stats.c: the federation's figures, as JSON and as a page. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node/http/page.h"
#include "node/http/routes.h"
#include "node/http/visitor.h"
#include "node/stats/document.h"
#include "node/store/stream/roster.h"
#include "node/timestamp.h"

/* Figures before disclosure control are for who looks after this node: signed in as such, or at this machine. */
static bool sees_figures_whole(struct exchange *exchange)
{
    const struct signin *signin = exchange_session(exchange);
    return (signin && signin->role >= ROLE_MANAGER) || exchange_is_from_here(exchange);
}

/* Fills `request` from the query; false after a problem was answered. */
static bool request_read(struct exchange *exchange, const char *by, struct stats_request *request)
{
    const struct http_context *context = exchange->context;
    struct report report = {.status = S_OK};
    struct timespec now;

    memset(request, 0, sizeof *request);
    if (by && *by && stats_parse_by(by, request, &report) != S_OK) {
        exchange_problem(exchange, MHD_HTTP_BAD_REQUEST, "%s\n", report.text);
        return false;
    }
    for (int i = 0; i < DIMENSION_COUNT; i++) {
        request->only[i] = exchange_query(exchange, dimension_text((enum dimension)i));
    }
    const char *period = request->only[DIMENSION_PERIOD];
    if (period && !period_is_valid(bytes_text(period))) {
        exchange_problem(exchange, MHD_HTTP_BAD_REQUEST, "period is a month, 2026-10, or a year, 2026.\n");
        return false;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    request->is_published = exchange_query_is_on(exchange, "published") || !sees_figures_whole(exchange);
    request->disclosure_min = context->config->disclosure_min;
    request->late_after_h = context->config->late_after_h;
    request->now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    request->self = &context->identity->node;
    request->rows_max = STATS_ROWS_MAX_SHARED;
    return true;
}

/* The figures of the query, to be released; false after a problem was answered. */
static bool result_get(struct exchange *exchange, const char *by, struct stats_result *result_out)
{
    const struct http_context *context = exchange->context;
    struct report report = {.status = S_OK};
    struct stats_request request;
    struct roster *roster;

    if (!request_read(exchange, by, &request)) {
        return false;
    }
    struct db *db = store_read_begin(context->store);
    enum status status = roster_load(db, context->federation, &roster, &report);
    store_read_end(context->store, db);
    if (status == S_OK) {
        status = stats_query(context->store, roster, &request, result_out, &report);
        if (status != S_OK) {
            stats_release(result_out);
        }
        roster_free(roster);
    }
    if (status != S_OK) {
        exchange_problem(exchange, status == S_TOO_LARGE ? MHD_HTTP_BAD_REQUEST : MHD_HTTP_INTERNAL_SERVER_ERROR, "%s\n",
                         report.status != S_OK ? report.text : status_text(status));
    }
    return status == S_OK;
}

static int text_add(const char *text, size_t size, void *buffer)
{
    buffer_append(buffer, text, size);
    return 0;
}

/* The document of CONTRACT. */
void stats_route_handle(struct exchange *exchange)
{
    struct stats_result result;
    struct buffer text;

    if (result_get(exchange, exchange_query(exchange, "by"), &result)) {
        buffer_init(&text);
        (void)stats_document_dump(&result, exchange->context->federation->name, text_add, &text);
        stats_release(&result);
        exchange_answer(exchange, MHD_HTTP_OK, "application/json", (char *)text.data, text.size);
    }
}

/* "21 centres are expected, 19 report; late: ..." */
static void coverage_write(struct page *page, json_t *coverage)
{
    char text[160];
    size_t index;
    json_t *late;

    snprintf(text, sizeof text, "%lld of %lld centres and campuses report.",
             (long long)json_integer_value(json_object_get(coverage, "reporting")),
             (long long)json_integer_value(json_object_get(coverage, "expected")));
    page_line(page, "p", text);
    json_array_foreach(json_object_get(coverage, "quarantined"), index, late) {
        page_markup(page, "<p><strong>In quarantine, not in these figures:</strong> <bdi>");
        page_text(page, json_string_value(json_object_get(late, "node")));
        page_markup(page, "</bdi></p>\n");
    }
    if (json_array_size(json_object_get(coverage, "late")) == 0) {
        return;
    }
    page_markup(page, "<p>Late:</p>\n<ul>\n");
    json_array_foreach(json_object_get(coverage, "late"), index, late) {
        const char *heard = json_string_value(json_object_get(late, "last_heard"));
        page_markup(page, "<li><bdi>");
        page_text(page, json_string_value(json_object_get(late, "node")));
        page_markup(page, "</bdi>, ");
        page_text(page, heard ? "last heard " : "never heard");
        page_text(page, heard ? heard : "");
        page_markup(page, "</li>\n");
    }
    page_markup(page, "</ul>\n");
}

void stats_page_handle(struct exchange *exchange)
{
    static const struct page_column columns[] = {
        {"by.centre", "Centre"},      {"by.country", "Country"},    {"registered", "Registered"}, {"enrolled", "Enrolled"},
        {"started", "Started"},       {"completed", "Completed"},   {"certified", "Certified"},   {"dropped", "Dropped"},
        {"attended", "Attended"},     {"minutes", "Minutes"},       {"score.mean", "Mean score"}, {"people.estimate", "People"},
        {0}};
    struct stats_result result;
    struct page page;

    if (!result_get(exchange, "centre,country", &result)) {
        return;
    }
    json_t *document = stats_document(&result, exchange->context->federation->name);
    stats_release(&result);
    page_begin_face(&page, "Figures", "hub");
    page_markup(&page, "<p>As of ");
    page_line(&page, "time", json_string_value(json_object_get(document, "as_of")));
    page_markup(&page, "</p>\n");
    coverage_write(&page, json_object_get(document, "coverage"));
    page_table(&page, columns, json_object_get(document, "rows"));
    page_markup(&page, "<p>Any other cut: <code>/api/v1/stats?by=course,gender&amp;period=2026</code></p>\n");
    json_decref(document);
    web_page_answer(exchange, &page);
}
