#include "node/http/http.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/http/exchange.h"
#include "node/log.h"
#include "replication/base/check.h"

/* One listening daemon in the loop. Its epoll descriptor is edge-triggered: after each MHD_run() the daemon says when it
 * wants to run again, which may be at once. */
struct origin {
    struct http *http;
    const struct route *routes;
    struct MHD_Daemon *daemon;
    uv_poll_t poll;
    uv_timer_t timer;
};

struct http {
    struct http_context *context;
    uv_loop_t *loop;
    struct origin main;
    struct origin content;
    unsigned running;      /* slow requests in the pool */
    unsigned open_handles;
    bool is_closing;
};

/* A slow request in the thread pool while its connection is suspended. */
struct slow_work {
    uv_work_t work;
    struct origin *origin;
    struct exchange *exchange;
};

static void origin_run(struct origin *origin);

static void on_timer(uv_timer_t *timer)
{
    origin_run(timer->data);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    origin_run(poll->data);
}

static void origin_run(struct origin *origin)
{
    MHD_UNSIGNED_LONG_LONG wait_ms;

    if (!origin->daemon) {
        return;
    }
    MHD_run(origin->daemon);
    if (MHD_get_timeout(origin->daemon, &wait_ms) == MHD_YES) {
        uv_timer_start(&origin->timer, on_timer, wait_ms, 0);
    } else {
        uv_timer_stop(&origin->timer);
    }
}

static const struct route *route_find(const struct route *routes, const char *url)
{
    for (const struct route *route = routes; route->prefix; route++) {
        size_t length = strlen(route->prefix);
        bool is_tree = length > 1 && route->prefix[length - 1] == '/';
        if (is_tree ? strncmp(url, route->prefix, length) == 0 : strcmp(url, route->prefix) == 0) {
            return route;
        }
    }
    return NULL;
}

/* --- slow requests -------------------------------------------------------------------------------------------- */

static void http_free_when_idle(struct http *http)
{
    if (http->is_closing && http->open_handles == 0 && http->running == 0) {
        free(http);
    }
}

static void slow_run(uv_work_t *work)
{
    struct slow_work *slow = work->data;
    slow->exchange->route->handle(slow->exchange);
}

static void slow_done(uv_work_t *work, int status)
{
    struct slow_work *slow = work->data;
    struct origin *origin = slow->origin;
    struct http *http = origin->http;

    (void)status;
    http->running--;
    MHD_resume_connection(slow->exchange->connection);
    free(slow);
    origin_run(origin);
    if (http->is_closing && http->running == 0) {
        MHD_stop_daemon(http->main.daemon);
        http->main.daemon = NULL;
        http_free_when_idle(http);
    }
}

static enum MHD_Result slow_start(struct origin *origin, struct exchange *exchange)
{
    struct slow_work *slow = calloc(1, sizeof *slow);

    CHECK(slow);
    slow->work.data = slow;
    slow->origin = origin;
    slow->exchange = exchange;
    origin->http->running++;
    MHD_suspend_connection(exchange->connection);
    uv_queue_work(origin->http->loop, &slow->work, slow_run, slow_done);
    return MHD_YES;
}

/* --- requests --------------------------------------------------------------------------------------------------- */

static struct exchange *exchange_new(struct origin *origin, struct MHD_Connection *connection)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);

    CHECK(exchange);
    exchange->context = origin->http->context;
    exchange->connection = connection;
    exchange->file = -1;
    return exchange;
}

/* Chooses the handler and runs it, or starts it in the pool. */
static enum MHD_Result exchange_begin(struct origin *origin, struct exchange *exchange, const char *url,
                                      const char *method)
{
    exchange->route = route_find(origin->routes, url);
    if (!exchange->route) {
        exchange_problem(exchange, MHD_HTTP_NOT_FOUND, "There is nothing at '%s'.\n", url);
    } else if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
        exchange_problem(exchange, MHD_HTTP_METHOD_NOT_ALLOWED, "'%s' can only be read.\n", url);
    } else if (strlen(url) >= EXCHANGE_PATH_MAX) {
        exchange_problem(exchange, MHD_HTTP_URI_TOO_LONG, "This address is too long.\n");
    } else if (exchange->route->is_slow && origin->http->running >= HTTP_REQUESTS_RUNNING_MAX) {
        exchange_problem(exchange, MHD_HTTP_SERVICE_UNAVAILABLE, "Busy: try again in a moment.\n");
    } else {
        strcpy(exchange->path, url + strlen(exchange->route->prefix));
        if (exchange->route->is_slow) {
            return slow_start(origin, exchange);
        }
        exchange->route->handle(exchange);
    }
    return exchange_send(exchange);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_size, void **state)
{
    struct origin *origin = cls;
    struct exchange *exchange = *state;

    (void)version, (void)upload;
    if (!exchange) {
        *state = exchange_new(origin, connection);
        return MHD_YES;
    }
    if (*upload_size) {
        *upload_size = 0; /* nothing here takes a body */
        return MHD_YES;
    }
    if (exchange->code) {
        return exchange_send(exchange); /* resumed: the slow handler has answered */
    }
    return exchange_begin(origin, exchange, url, method);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    struct exchange *exchange = *state;

    (void)cls, (void)connection, (void)code;
    if (exchange) {
        if (exchange->file >= 0) {
            close(exchange->file);
        }
        free(exchange->body);
        free(exchange);
        *state = NULL;
    }
}

/* --- opening and closing ---------------------------------------------------------------------------------------- */

/* Splits ADDRESS:PORT (the address may stand in brackets) and resolves it. */
static enum status address_resolve(const char *text, struct sockaddr_storage *address_out, struct report *report)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *found;
    char host[CONFIG_TEXT_MAX];
    const char *colon = strrchr(text, ':');

    if (!colon || colon[1] == '\0') {
        return report_set(report, S_INVALID, "'%s' is no ADDRESS:PORT to serve pages on", text);
    }
    int length = (int)(colon - text);
    bool is_bracketed = length >= 2 && text[0] == '[' && text[length - 1] == ']';
    snprintf(host, sizeof host, "%.*s", is_bracketed ? length - 2 : length, text + (is_bracketed ? 1 : 0));
    int rc = getaddrinfo(*host && strcmp(host, "*") != 0 ? host : "0.0.0.0", colon + 1, &hints, &found);
    if (rc != 0) {
        return report_set(report, S_INVALID, "'%s' cannot be listened on: %s", text, gai_strerror(rc));
    }
    memcpy(address_out, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return S_OK;
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct http *http = ((struct origin *)handle->data)->http;

    http->open_handles--;
    http_free_when_idle(http);
}

static void origin_watch(struct origin *origin)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(origin->daemon, MHD_DAEMON_INFO_EPOLL_FD);

    CHECK(info && info->epoll_fd >= 0);
    uv_poll_init(origin->http->loop, &origin->poll, info->epoll_fd);
    uv_timer_init(origin->http->loop, &origin->timer);
    origin->poll.data = origin->timer.data = origin;
    origin->http->open_handles += 2;
    uv_poll_start(&origin->poll, UV_READABLE, on_poll);
    origin_run(origin);
}

static enum status origin_open(struct origin *origin, const char *address, struct report *report)
{
    struct sockaddr_storage resolved = {0};
    enum status status = address_resolve(address, &resolved, report);

    if (status != S_OK) {
        return status;
    }
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (resolved.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0u);
    origin->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, origin, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&resolved,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)HTTP_CONNECTIONS_PER_IP, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_TIMEOUT_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_MEMORY_PER_CONNECTION, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_END);
    if (!origin->daemon) {
        return report_set(report, S_BUSY, "pages cannot be served on '%s': is the port taken?", address);
    }
    origin_watch(origin);
    log_event(LOG_INFO, "http_listening", "address=%s", address);
    return S_OK;
}

/* With slow requests under way the daemon is stopped when the last of them is done. */
static void origin_close(struct origin *origin)
{
    if (!origin->daemon) {
        return;
    }
    uv_poll_stop(&origin->poll);
    uv_close((uv_handle_t *)&origin->poll, on_handle_closed);
    uv_close((uv_handle_t *)&origin->timer, on_handle_closed);
    if (origin == &origin->http->main && origin->http->running > 0) {
        MHD_quiesce_daemon(origin->daemon);
        return;
    }
    MHD_stop_daemon(origin->daemon);
    origin->daemon = NULL;
}

enum status http_open(uv_loop_t *loop, struct http_context *context, struct http **http_out, struct report *report)
{
    struct http *http = calloc(1, sizeof *http);
    enum status status = S_OK;

    CHECK(http);
    http->context = context;
    http->loop = loop;
    http->main.http = http->content.http = http;
    http->main.routes = main_routes;
    http->content.routes = content_routes;
    if (*context->config->http) {
        status = origin_open(&http->main, context->config->http, report);
    }
    if (status == S_OK && *context->config->content) {
        status = origin_open(&http->content, context->config->content, report);
    }
    if (status != S_OK) {
        http_close(http);
        return status;
    }
    *http_out = http;
    return S_OK;
}

void http_close(struct http *http)
{
    CHECK(!http->is_closing);
    http->is_closing = true;
    origin_close(&http->content);
    origin_close(&http->main);
    http_free_when_idle(http);
}
