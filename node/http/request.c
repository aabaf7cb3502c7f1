/* request.c: one request from its first line to its answer: which route, the body, quick, slow (in the thread pool) or waiting for a write. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "node/http/events.h"
#include "node/http/names.h"
#include "node/http/server.h"
#include "node/http/upload.h"
#include "node/http/visitor.h"
#include "node/http/xapi.h"
#include "node/local_time.h"
#include "node/shortfall.h"
#include "replication/base/check.h"

enum { QUERY_DIGITS_MAX = 18, GIVE_BACK_FROM_MS = 200 };

/* A slow request in the thread pool while its connection is suspended. */
struct slow_work {
    uv_work_t work;
    struct exchange *exchange;
    enum pool_line line;
};

/* Players join an endpoint that ends with a slash and a path that begins with one: /xapi//statements is /xapi/statements. */
static const char *url_plain(const char *url, char out[EXCHANGE_PATH_MAX])
{
    static const char doubled[] = "/xapi//", absolute[] = "http://";

    if (strncasecmp(url, absolute, sizeof absolute - 1) == 0) { /* as a proxy is asked: RFC 9112, 3.2.2 */
        url = strchr(url + sizeof absolute - 1, '/');
        url = url ? url : "/";
    }
    if (strncmp(url, doubled, sizeof doubled - 1) != 0 || strlen(url) >= EXCHANGE_PATH_MAX) {
        return url;
    }
    snprintf(out, EXCHANGE_PATH_MAX, "/xapi/%s", url + sizeof doubled - 1);
    return out;
}

/* What stands behind the prefix, or NULL when the route is not meant. A slash at the end of a page's address is nothing. */
static const char *route_rest(const struct route *route, const char *url)
{
    size_t length = strlen(route->prefix);
    bool is_tree = length > 1 && route->prefix[length - 1] == '/';

    if (strncmp(url, route->prefix, length) != 0) {
        return NULL;
    }
    url += length;
    if (is_tree || *url == '\0') {
        return url;
    }
    return length > 1 && strcmp(url, "/") == 0 ? "" : NULL;
}

static const struct route *route_find(const struct route *routes, const char *url)
{
    for (const struct route *route = routes; route->prefix; route++) {
        if (route_rest(route, url)) {
            return route;
        }
    }
    return NULL;
}

static enum method method_parse(const char *text)
{
    static const struct {
        const char *text;
        enum method method;
    } methods[] = {{"GET", METHOD_GET}, {"HEAD", METHOD_HEAD},     {"POST", METHOD_POST},
                   {"PUT", METHOD_PUT}, {"DELETE", METHOD_DELETE}, {"OPTIONS", METHOD_OPTIONS}};

    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (strcmp(text, methods[i].text) == 0) {
            return methods[i].method;
        }
    }
    return METHOD_NONE;
}

/* --- slow requests --- */

static void slow_run(uv_work_t *work)
{
    struct slow_work *slow = work->data;
    uint64_t began_ms = local_time_monotonic();

    exchange_handle(slow->exchange, NULL, S_OK);
    if (slow->line != POOL_SHORT && local_time_monotonic() - began_ms >= GIVE_BACK_FROM_MS) {
        (void)malloc_trim(0); /* figures take a hundred megabytes: they go back to the system, not to the next who asks */
    }
}

static void slow_start(struct exchange *exchange, enum pool_line line);

static void slow_done(uv_work_t *work, int status)
{
    struct slow_work *slow = work->data;
    struct exchange *exchange = slow->exchange;
    struct http *http = exchange->origin->http;

    enum pool_line line = slow->line;
    (void)status;

    free(slow);
    CHECK(exchange->code);
    MHD_resume_connection(exchange->connection);
    origin_poke(exchange->origin);
    struct exchange *next = pool_leave(&http->pool, line, &line);
    if (next) {
        slow_start(next, line);
    }
}

static void slow_start(struct exchange *exchange, enum pool_line line)
{
    struct slow_work *slow = calloc(1, sizeof *slow);

    CHECK(slow);
    slow->work.data = slow;
    slow->exchange = exchange;
    slow->line = line;
    uv_queue_work(exchange->origin->http->loop, &slow->work, slow_run, slow_done);
}

static enum MHD_Result slow_begin(struct exchange *exchange)
{
    enum pool_line line = exchange_line(exchange);
    struct exchange *ousted;

    switch (pool_enter(&exchange->origin->http->pool, exchange, line, &ousted)) {
    case POOL_STARTS:
        MHD_suspend_connection(exchange->connection);
        slow_start(exchange, line);
        return MHD_YES;
    case POOL_WAITS:
        MHD_suspend_connection(exchange->connection);
        if (ousted) {
            exchange_busy(ousted);
            MHD_resume_connection(ousted->connection);
            origin_poke(ousted->origin);
        }
        return MHD_YES;
    case POOL_IS_FULL:
        break;
    }
    exchange_busy(exchange);
    return exchange_send(exchange);
}

/* --- writes --- */

static void write_done(void *arg, enum status status)
{
    struct exchange *exchange = arg;

    CHECK(exchange->is_waiting);
    exchange->origin->http->writing--;
    exchange->is_waiting = false;
    exchange_handle(exchange, exchange->then, status);
    if (!exchange->is_waiting) {
        CHECK(exchange->code);
        MHD_resume_connection(exchange->connection);
        origin_poke(exchange->origin);
    }
}

static enum status write_run(struct db *db, void *arg)
{
    struct exchange *exchange = arg;
    return exchange->job(db, exchange->job_arg);
}

void exchange_write(struct exchange *exchange, store_job *job, void *arg, exchange_then *then)
{
    CHECK(!exchange->is_waiting && !exchange_is_slow(exchange));
    if (shortfall_status() != S_OK) { /* nothing is written on the strength of a part */
        exchange_fail(exchange, shortfall_status(), NULL);
        return;
    }
    exchange->is_waiting = true;
    exchange->job = job;
    exchange->job_arg = arg;
    exchange->then = then;
    exchange->origin->http->writing++;
    store_write(exchange->context->store, write_run, exchange, write_done);
}

/* --- requests --- */

static struct exchange *exchange_new(struct http_origin *origin, struct MHD_Connection *connection, const char *url, const char *method)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);

    CHECK(exchange);
    exchange->origin = origin;
    exchange->context = origin->http->context;
    exchange->connection = connection;
    exchange->file = -1;
    exchange->route = route_find(origin->routes, url);
    exchange->method = method_parse(method);
    exchange->is_api = strncmp(url, "/api/", 5) == 0;
    buffer_init(&exchange->body_in);
    arena_init(&exchange->arena, EXCHANGE_MEMORY_MAX);
    return exchange;
}

static size_t body_max(const struct exchange *exchange)
{
    if (!exchange->route || !exchange->route->methods) {
        return 0;
    }
    return exchange->route->body_max ? exchange->route->body_max : EXCHANGE_BODY_MAX;
}

static void too_large_answer(struct exchange *exchange)
{
    exchange_problem(exchange, MHD_HTTP_CONTENT_TOO_LARGE, "At most %zu bytes can be sent here.\n", body_max(exchange));
}

/* Whose memory the body takes, now that so much of it came. Where a route takes large ones of nobody but who is signed in, SHARES after an answer. */
static enum caller_share body_share(struct exchange *exchange)
{
    const struct caller *caller = exchange->caller;
    bool is_large = exchange->body_seen > EXCHANGE_BODY_MAX;

    if (caller && caller->held > 0 && caller->share != SHARE_SMALL) {
        return caller->share; /* looked at before */
    }
    if (exchange->route->is_open ? is_large && xapi_is_of_client(exchange) : exchange_session(exchange) != NULL) {
        return SHARE_SIGNED_IN;
    }
    if (!is_large) {
        return SHARE_SMALL;
    }
    return exchange->route->is_open || exchange_require(exchange, ROLE_LEARNER) ? SHARE_OPEN : SHARES;
}

/* The answer stands before the body came to its end: what came of it is of no use. */
static void body_drop(struct exchange *exchange)
{
    caller_let_go(exchange->caller);
    buffer_release(&exchange->body_in);
    buffer_init(&exchange->body_in);
}

static void body_keep(struct exchange *exchange, const char *upload, size_t size)
{
    enum caller_share share = body_share(exchange);

    if (share != SHARES && caller_hold(exchange->caller, share, size)) {
        buffer_append(&exchange->body_in, upload, size);
        return;
    }
    if (!exchange->code) {
        exchange_busy(exchange);
    }
    body_drop(exchange);
}

/* A piece of the body; what is too much, or for nobody, is dropped, and the connection when it does not end. */
static enum MHD_Result body_take(struct exchange *exchange, const char *upload, size_t size)
{
    if (exchange->upload) {
        upload_take(exchange, upload, size);
        return MHD_YES;
    }
    exchange->body_seen += size;
    if (exchange->body_seen > body_max(exchange) && !exchange->is_too_large) {
        exchange->is_too_large = true;
        body_drop(exchange);
    }
    if (exchange->code || exchange->is_too_large) { /* the answer stands */
        return exchange->body_seen > HTTP_DROPPED_MAX ? MHD_NO : MHD_YES;
    }
    body_keep(exchange, upload, size);
    return MHD_YES;
}

static bool method_is_taken(const struct exchange *exchange)
{
    return exchange->method & (exchange->route->methods | (exchange->route->is_written_only ? 0 : METHODS_READ));
}

static void methods_write(const struct exchange *exchange, char *out, size_t size)
{
    unsigned methods = exchange->route->methods;
    const char *begin = exchange->route->is_written_only ? "" : ", GET, HEAD";
    char list[64];

    snprintf(list, sizeof list, "%s%s%s%s%s", begin, methods & METHOD_POST ? ", POST" : "", methods & METHOD_PUT ? ", PUT" : "",
             methods & METHOD_DELETE ? ", DELETE" : "", methods & METHOD_OPTIONS ? ", OPTIONS" : "");
    snprintf(out, size, "%s", list + strlen(", "));
}

/* Headers that a request may hold once. */
struct once {
    int hosts, codings;
    const char *length;
    bool has_two_lengths;
};

static enum MHD_Result once_take(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct once *once = cls;

    (void)kind;
    once->hosts += strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0;
    once->codings += strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0;
    if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
        once->has_two_lengths = once->has_two_lengths || (once->length && value && strcmp(once->length, value) != 0);
        once->length = value ? value : "";
    }
    return MHD_YES;
}

/* An address that goes on behind its end, more than one name of the machine, or more than one end of the body: whoever stands before this node
 * may go by the other one (RFC 9112, 3.2 and 6.3). NULL: none of these. */
static const char *ambiguity_of(const struct exchange *exchange)
{
    struct once once = {.hosts = 0};

    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, once_take, &once);
    if (exchange->is_cut) {
        return "An address holds no NUL.";
    }
    if (once.hosts > 1) {
        return "A request names one Host.";
    }
    if (once.has_two_lengths || (once.length && once.codings > 0) || once.codings > 1) {
        return "A body has one length: either Content-Length, or it comes chunked.";
    }
    return NULL;
}

/* What a request of an API may not say behind "?". */
struct asking {
    const struct route *route;
    enum { ASKED_WELL, ASKED_UNKNOWN, ASKED_TWICE, ASKED_ODD } fault;
    const char *name; /* the last one looked at, the one at fault; of this kind */
    char kind;
    char seen[NAMES_MAX + 2]; /* names before it, with a space between two */
};

/* May a parameter of this kind ('#', '?', or none) be that? */
static bool value_fits(char kind, const char *value)
{
    const size_t size = strlen(value);

    switch (kind) {
    case '#':
        return size > 0 && size <= QUERY_DIGITS_MAX && strspn(value, "0123456789") == size;
    case '?':
        return size == 0 || strcmp(value, "0") == 0 || strcmp(value, "1") == 0 || strcmp(value, "false") == 0 || strcmp(value, "true") == 0;
    default:
        return true;
    }
}

static enum MHD_Result asked_take(void *cls, enum MHD_ValueKind source, const char *name, const char *value)
{
    struct asking *asking = cls;
    const size_t used = strlen(asking->seen);
    const char *rest = strcmp(name, "csrf") == 0 ? "" : names_find(name, asking->route->query);

    (void)source;
    asking->name = name;
    asking->kind = rest ? *rest : '\0';
    if (!rest) {
        asking->fault = ASKED_UNKNOWN;
    } else if (names_find(name, asking->seen)) {
        asking->fault = ASKED_TWICE;
    } else if (!value_fits(asking->kind, value ? value : "")) {
        asking->fault = ASKED_ODD;
    } else {
        CHECK(used + strlen(name) + 1 < sizeof asking->seen);
        snprintf(asking->seen + used, sizeof asking->seen - used, "%s%s", used ? " " : "", name);
    }
    return asking->fault == ASKED_WELL ? MHD_YES : MHD_NO;
}

static void unknown_answer(struct exchange *exchange, const char *name)
{
    char names[2 * NAMES_MAX];

    if (!utf8_is_valid(bytes_text(name))) {
        exchange_problem(exchange, MHD_HTTP_BAD_REQUEST, "A name behind \"?\" is no UTF-8.\n");
        return;
    }
    names_list(exchange->route->query ? exchange->route->query : "", names);
    exchange_problem(exchange, MHD_HTTP_BAD_REQUEST, "There is no parameter '%.64s' here%s%s.\n", name, *names ? ", but: " : "", names);
}

/* A parameter that nobody reads would be believed to have been obeyed: false after an answer. */
static bool query_check(struct exchange *exchange)
{
    struct asking asking = {.route = exchange->route};

    if (exchange->is_api) {
        MHD_get_connection_values(exchange->connection, MHD_GET_ARGUMENT_KIND, asked_take, &asking);
    }
    switch (asking.fault) {
    case ASKED_WELL:
        break;
    case ASKED_UNKNOWN:
        unknown_answer(exchange, asking.name);
        break;
    case ASKED_TWICE:
        exchange_problem(exchange, MHD_HTTP_BAD_REQUEST, "The parameter '%s' stands twice.\n", asking.name);
        break;
    case ASKED_ODD:
        exchange_problem(exchange, MHD_HTTP_BAD_REQUEST, "The parameter '%s' is %s.\n", asking.name,
                         asking.kind == '#' ? "a whole number, of 18 digits at most" : "a switch: 1 or true, 0 or false");
        break;
    }
    return asking.fault == ASKED_WELL;
}

/* A body that was coded (RFC 9110, 8.4) would be taken for what it is not. Without a body there is nothing coded. */
static const char *body_coding(struct exchange *exchange)
{
    const char *coding = exchange_header(exchange, MHD_HTTP_HEADER_CONTENT_ENCODING);

    return coding && strcasecmp(coding, "identity") != 0 && exchange->method & (METHOD_POST | METHOD_PUT) ? coding : NULL;
}

/* What can be refused before any handler; false after an answer. */
static bool request_check(struct exchange *exchange, const char *url)
{
    const char *ambiguity = ambiguity_of(exchange);
    char methods[64];

    if (ambiguity) { /* what follows may be another request, or not: it is not read */
        exchange_header_add(exchange, MHD_HTTP_HEADER_CONNECTION, "close");
        exchange_problem(exchange, MHD_HTTP_BAD_REQUEST, "%s\n", ambiguity);
    } else if (!exchange->route) {
        exchange_problem(exchange, MHD_HTTP_NOT_FOUND, "There is nothing at '%s'.\n", url);
    } else if (!method_is_taken(exchange)) {
        methods_write(exchange, methods, sizeof methods);
        exchange_header_add(exchange, "Allow", "%s", methods);
        exchange_problem(exchange, MHD_HTTP_METHOD_NOT_ALLOWED, "'%s' takes %s.\n", url, methods);
    } else if (body_coding(exchange)) {
        exchange_header_add(exchange, MHD_HTTP_HEADER_ACCEPT_ENCODING, "identity");
        exchange_problem(exchange, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "A body comes as it is, not coded as '%.64s'.\n", body_coding(exchange));
    } else if (strlen(url) >= EXCHANGE_PATH_MAX) {
        exchange_problem(exchange, MHD_HTTP_URI_TOO_LONG, "This address is too long.\n");
    } else if (exchange->is_too_large) {
        too_large_answer(exchange);
    } else if (exchange->origin->http->is_stopping) {
        exchange_problem(exchange, MHD_HTTP_SERVICE_UNAVAILABLE, "This node is stopping.\n");
    } else {
        strcpy(exchange->path, route_rest(exchange->route, url));
        return query_check(exchange) && (exchange->route->is_open || visitor_is_genuine(exchange));
    }
    return false;
}

/* The answer stands before the body came. Whoever asked whether to send it hears it now. Others send first and look afterwards: if the connection closed
 * meanwhile they would see that it broke, and no answer. So what they send is dropped, within bounds, and then they hear it. */
static enum MHD_Result answer_before_body(struct exchange *exchange)
{
    const char *length = exchange_header(exchange, MHD_HTTP_HEADER_CONTENT_LENGTH);
    bool is_asked = exchange_header(exchange, MHD_HTTP_HEADER_EXPECT) != NULL;

    return length && !is_asked && strtoull(length, NULL, 10) <= HTTP_DROPPED_MAX ? MHD_YES : exchange_send(exchange);
}

/* The first line and the headers are here. A body that is said to be too long, or that may not come, is not kept. */
static enum MHD_Result request_open(struct exchange *exchange, const char *url)
{
    const char *length = exchange_header(exchange, MHD_HTTP_HEADER_CONTENT_LENGTH);
    const char *coding = exchange_header(exchange, MHD_HTTP_HEADER_TRANSFER_ENCODING);

    if (coding && strcasecmp(coding, "chunked") != 0) { /* it would be read to the end of the connection */
        exchange_problem(exchange, MHD_HTTP_NOT_IMPLEMENTED, "A body comes as it is or chunked, not as '%s'.\n", coding);
        return exchange_send(exchange);
    }
    if (exchange->route && exchange->route->is_upload && exchange->method == METHOD_POST) {
        if (request_check(exchange, url)) {
            upload_begin(exchange);
        }
        return exchange->code ? answer_before_body(exchange) : MHD_YES;
    }
    if (length && strtoull(length, NULL, 10) > (body_max(exchange) ? body_max(exchange) : HTTP_DROPPED_MAX)) {
        if (body_max(exchange) || request_check(exchange, url)) { /* nothing here takes a body: that may be told first */
            too_large_answer(exchange);
        }
        return answer_before_body(exchange);
    }
    if (length && exchange->route && !exchange->route->is_open && strtoull(length, NULL, 10) > EXCHANGE_BODY_MAX &&
        (!request_check(exchange, url) || !exchange_require(exchange, ROLE_LEARNER))) {
        return answer_before_body(exchange); /* a large one of a stranger's would take memory until its handler says the same */
    }
    return MHD_YES;
}

/* All of the request is here: runs the handler, or starts it in the pool. */
static enum MHD_Result request_run(struct exchange *exchange, const char *url)
{
    if (!request_check(exchange, url)) {
        return exchange_send(exchange);
    }
    if (exchange_is_slow(exchange)) {
        return slow_begin(exchange);
    }
    exchange_handle(exchange, NULL, S_OK);
    if (exchange->is_waiting) {
        MHD_suspend_connection(exchange->connection);
        return MHD_YES;
    }
    return exchange_send(exchange);
}

static struct caller *caller_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info ? info->socket_context : NULL;
}

void *on_uri(void *cls, const char *uri, struct MHD_Connection *connection)
{
    struct caller *caller = caller_of(connection);

    (void)cls;
    if (caller) {
        caller->uri_end = uri + strlen(uri);
    }
    return NULL;
}

/* The library hands the address over as a C string, and the version, which stood a space behind it, in the same memory: where it is further
 * away a NUL ended the address before. */
static bool is_cut(const struct caller *caller, const char *version)
{
    const uintptr_t away = caller ? (uintptr_t)version - (uintptr_t)caller->uri_end : 1;

    return away > 1 && away < HTTP_MEMORY_PER_CONNECTION;
}

enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                           const char *version, const char *upload, size_t *upload_size, void **state)
{
    struct exchange *exchange = *state;
    char plain[EXCHANGE_PATH_MAX];

    url = url_plain(url, plain);
    if (!exchange) {
        *state = exchange = exchange_new(cls, connection, url, method);
        exchange->caller = caller_of(connection);
        exchange->is_cut = is_cut(exchange->caller, version);
        caller_enter(exchange->caller, CALLER_BODY, local_time_monotonic());
        return request_open(exchange, url);
    }
    if (*upload_size) {
        size_t size = *upload_size;
        *upload_size = 0;
        caller_take(exchange->caller, size);
        return body_take(exchange, upload, size);
    }
    caller_enter(exchange->caller, CALLER_SERVED, local_time_monotonic());
    if (exchange->code) {
        return exchange_send(exchange); /* resumed: the handler has answered */
    }
    return request_run(exchange, url);
}

void on_request_end(void *cls, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode code)
{
    struct exchange *exchange = *state;

    (void)cls, (void)code;
    caller_enter(caller_of(connection), CALLER_HEAD, local_time_monotonic());
    if (!exchange) {
        return;
    }
    exchange_answer_drop(exchange);
    if (exchange->upload) {
        upload_end(exchange);
    }
    if (exchange->stream) {
        events_stream_end(exchange->stream);
    }
    caller_let_go(exchange->caller);
    buffer_release(&exchange->body_in);
    arena_release(&exchange->arena);
    free(exchange);
    *state = NULL;
}
