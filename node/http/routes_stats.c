/* routes_stats.c: the federation's figures, as JSON and as a page. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node/http/figures.h"
#include "node/http/page.h"
#include "node/http/routes.h"
#include "node/http/visitor.h"
#include "node/local_time.h"
#include "node/stats/document.h"
#include "node/store/stream/roster.h"
#include "node/store/stream/stream.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

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
static bool result_get(struct exchange *exchange, const struct stats_request *request, struct stats_result *result_out)
{
    const struct http_context *context = exchange->context;
    struct report report = {.status = S_OK};
    struct roster *roster;

    struct db *db = store_read_begin(context->store);
    enum status status = roster_load(db, context->federation, &roster, &report);
    store_read_end(context->store, db);
    if (status == S_OK) {
        status = stats_query(context->store, roster, request, result_out, &report);
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

/* Of the streams that figures come from: the results, and the roster with whose figures are set aside. */
static struct vector_digest streams_digest(struct store *store)
{
    struct db *db = store_read_begin(store);
    struct stream_head head;
    struct vector vector;

    vector_init(&vector);
    for (bool more = stream_next(db, NULL, &head); more; more = stream_next(db, &head.stream, &head)) {
        if (head.stream.topic == TOPIC_ROSTER || head.stream.topic == TOPIC_RESULTS) {
            vector_merge_head(&vector, &head);
        }
    }
    struct vector_digest digest = vector_digest_of(&vector);
    vector_release(&vector);
    store_read_end(store, db);
    return digest;
}

/* All that an answer depends on, beside the streams and the time. */
static void key_make(const struct stats_request *request, struct buffer *key)
{
    buffer_append_u8(key, request->is_published);
    buffer_append(key, &request->disclosure_min, sizeof request->disclosure_min);
    buffer_append(key, &request->late_after_h, sizeof request->late_after_h);
    buffer_append_u8(key, (uint8_t)request->by_count);
    for (size_t i = 0; i < request->by_count; i++) {
        buffer_append_u8(key, (uint8_t)request->by[i]);
    }
    for (int i = 0; i < DIMENSION_COUNT; i++) {
        buffer_append_u8(key, request->only[i] != NULL);
        buffer_append(key, request->only[i] ? request->only[i] : "", request->only[i] ? strlen(request->only[i]) + 1 : 0);
    }
}

/* Appends the document of CONTRACT for the query; false after a problem was answered. */
static bool document_get(struct exchange *exchange, const char *by, struct buffer *text)
{
    const struct http_context *context = exchange->context;
    uint64_t began_ms = local_time_monotonic();
    struct stats_request request;
    struct stats_result result;
    struct buffer key;

    if (!request_read(exchange, by, &request)) {
        return false;
    }
    buffer_init(&key);
    key_make(&request, &key);
    struct vector_digest digest = streams_digest(context->store);
    bool is_there = figures_find(context->figures, buffer_bytes(&key), &digest, began_ms, text);
    if (!is_there && result_get(exchange, &request, &result)) {
        (void)stats_document_dump(&result, context->federation->name, text_add, text);
        stats_release(&result);
        figures_keep(context->figures, buffer_bytes(&key), &digest, began_ms, local_time_monotonic(), buffer_bytes(text));
        is_there = true;
    }
    buffer_release(&key);
    return is_there;
}

void stats_route_handle(struct exchange *exchange)
{
    struct buffer text;

    buffer_init(&text);
    if (document_get(exchange, exchange_query(exchange, "by"), &text)) {
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
    struct buffer text;
    struct page page;

    buffer_init(&text);
    if (!document_get(exchange, "centre,country", &text)) {
        return;
    }
    json_t *document = json_loadb((const char *)text.data, text.size, 0, NULL);
    CHECK(document);
    buffer_release(&text);
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
