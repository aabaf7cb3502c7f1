#include "node/http/http.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "node/http/events.h"
#include "node/http/figures.h"
#include "node/http/routes.h"
#include "node/http/server.h"
#include "node/http/shelf.h"
#include "node/http/upload.h"
#include "node/local_time.h"
#include "node/log.h"
#include "replication/base/check.h"

static void origin_run(struct http_origin *origin);

static void on_timer(uv_timer_t *timer)
{
    origin_run(timer->data);
}

static void on_tidy(uv_timer_t *timer)
{
    struct http_origin *origin = timer->data;

    if (!shelf_tidy(origin->shelf, local_time_monotonic())) {
        uv_timer_stop(timer);
    }
}

/* The timer runs only while something stands on the shelf: an idle node sleeps. */
static void shelf_watch(struct http_origin *origin)
{
    if (shelf_size(origin->shelf) > 0 && !uv_is_active((uv_handle_t *)&origin->tidy)) {
        uv_timer_start(&origin->tidy, on_tidy, SHELF_TIDY_MS, SHELF_TIDY_MS);
    }
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    origin_run(poll->data);
}

static void origin_run(struct http_origin *origin)
{
    MHD_UNSIGNED_LONG_LONG wait_ms;

    if (!origin->daemon) {
        return;
    }
    callers_look(&origin->callers, local_time_monotonic());
    MHD_run(origin->daemon);
    if (MHD_get_timeout(origin->daemon, &wait_ms) == MHD_YES) {
        uv_timer_start(&origin->timer, on_timer, wait_ms, 0);
    } else {
        uv_timer_stop(&origin->timer);
    }
    shelf_watch(origin);
}

void origin_poke(struct http_origin *origin)
{
    if (origin->daemon) {
        uv_timer_start(&origin->timer, on_timer, 0, 0);
    }
}

static void http_free_when_idle(struct http *http)
{
    if (http->is_closing && http->open_handles == 0) {
        throttle_free(http->context->throttle);
        http->context->throttle = NULL;
        figures_free(http->context->figures);
        http->context->figures = NULL;
        uploads_free(http->uploads);
        free(http);
    }
}

/* --- opening and closing
 * ---------------------------------------------------------------------------------------- */

/* Splits ADDRESS:PORT (the address may stand in brackets) and resolves it. */
static enum status address_resolve(const char *text, struct sockaddr_storage *address_out,
                                   struct report *report)
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

static void on_events_closed(void *ctx)
{
    struct http *http = ctx;

    http->open_handles--;
    http_free_when_idle(http);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct http *http = ((struct http_origin *)handle->data)->http;

    http->open_handles--;
    http_free_when_idle(http);
}

static void origin_watch(struct http_origin *origin)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(origin->daemon, MHD_DAEMON_INFO_EPOLL_FD);

    CHECK(info && info->epoll_fd >= 0);
    origin->shelf = shelf_new(SHELF_SIZE_MAX);
    uv_poll_init(origin->http->loop, &origin->poll, info->epoll_fd);
    uv_timer_init(origin->http->loop, &origin->timer);
    uv_timer_init(origin->http->loop, &origin->tidy);
    origin->poll.data = origin->timer.data = origin->tidy.data = origin;
    origin->http->open_handles += 3;
    uv_poll_start(&origin->poll, UV_READABLE, on_poll);
    origin_run(origin);
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **caller, enum MHD_ConnectionNotificationCode code)
{
    struct http_origin *origin = cls;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    if (code == MHD_CONNECTION_NOTIFY_STARTED && info) {
        const union MHD_ConnectionInfo *from = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        *caller = caller_new(&origin->callers, info->connect_fd, from ? from->client_addr : NULL, local_time_monotonic());
    } else if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        caller_free(*caller);
        *caller = NULL;
    }
}

/* A NUL would cut the address short: one that holds it stays as it came, which is nothing's address. */
static size_t on_unescape(void *ctx, struct MHD_Connection *connection, char *text)
{
    (void)ctx, (void)connection;
    return strstr(text, "%00") ? strlen(text) : MHD_http_unescape(text);
}

/* Where descriptors are few, connections that wait for their callers leave some to peers and commands. */
static void callers_bound(struct http *http)
{
    struct callers *callers[] = {&http->main.callers, &http->content.callers};
    struct rlimit limit;

    for (size_t i = 0; i < 2; i++) {
        bool has_few = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur / HTTP_WAITING_SHARE < HTTP_WAITING_MAX;
        callers[i]->waiting_max = has_few ? (unsigned)(limit.rlim_cur / HTTP_WAITING_SHARE) : HTTP_WAITING_MAX;
        for (int share = 0; share < SHARES; share++) {
            callers[i]->held_max[share] = HTTP_CONTENT_BODIES_MAX;
        }
    }
    http->main.callers.held_max[SHARE_SMALL] = HTTP_SMALL_BODIES_MAX;
    http->main.callers.held_max[SHARE_OPEN] = HTTP_OPEN_BODIES_MAX;
    http->main.callers.held_max[SHARE_SIGNED_IN] = HTTP_SIGNED_IN_BODIES_MAX;
}

static enum status origin_open(struct http_origin *origin, const char *address, struct report *report)
{
    struct sockaddr_storage resolved = {0};
    enum status status = address_resolve(address, &resolved, report);

    if (status != S_OK) {
        return status;
    }
    /* Not MHD_OPTION_LISTENING_ADDRESS_REUSE: it means SO_REUSEPORT, and another process of this user would then share the port unseen and take a part
     * of the requests. Without it the library sets SO_REUSEADDR alone, which is what a restart needs. */
    unsigned flags =
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (resolved.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0u);
    origin->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, origin, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&resolved,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)HTTP_CONNECTIONS_PER_IP, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_TIMEOUT_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_MEMORY_PER_CONNECTION,
        MHD_OPTION_NOTIFY_COMPLETED, on_request_end, NULL, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, NULL,
        MHD_OPTION_URI_LOG_CALLBACK, on_uri, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, origin, MHD_OPTION_END);
    if (!origin->daemon) {
        return report_set(report, S_BUSY, "pages cannot be served on '%s': is the port taken?", address);
    }
    origin_watch(origin);
    log_event(LOG_INFO, "http_listening", "address=%s", address);
    return S_OK;
}

static void origin_close(struct http_origin *origin)
{
    if (!origin->daemon) {
        return;
    }
    uv_poll_stop(&origin->poll);
    uv_close((uv_handle_t *)&origin->poll, on_handle_closed);
    uv_close((uv_handle_t *)&origin->timer, on_handle_closed);
    uv_close((uv_handle_t *)&origin->tidy, on_handle_closed);
    MHD_stop_daemon(origin->daemon);
    origin->daemon = NULL;
    shelf_free(origin->shelf);
}

enum status http_open(uv_loop_t *loop, struct http_context *context, struct http **http_out,
                      struct report *report)
{
    struct http *http = calloc(1, sizeof *http);
    enum status status = S_OK;

    CHECK(http);
    http->context = context;
    http->loop = loop;
    context->throttle = throttle_new();
    context->figures = figures_new();
    http->uploads = uploads_new(context);
    http->main.http = http->content.http = http;
    http->main.routes = main_routes;
    http->content.routes = content_routes;
    callers_bound(http);
    if (*context->config->http) {
        status = origin_open(&http->main, context->config->http, report);
    }
    if (status == S_OK && *context->config->http) {
        http->events = events_open(loop, context, &admin_events);
        http->open_handles++;
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

void http_stop(struct http *http)
{
    http->is_stopping = true;
    uploads_stop(http->uploads);
    if (http->events) {
        events_stop(http->events);
    }
}

bool http_is_idle(const struct http *http)
{
    return pool_is_idle(&http->pool) && http->writing == 0 && uploads_is_idle(http->uploads) &&
           (!http->events || events_is_idle(http->events));
}

void http_close(struct http *http)
{
    CHECK(!http->is_closing && http_is_idle(http));
    http->is_closing = true;
    origin_close(&http->content);
    origin_close(&http->main);
    if (http->events) {
        events_close(http->events, on_events_closed, http);
        http->events = NULL;
    }
    http_free_when_idle(http);
}
