/* libcurl's multi interface driven by libuv: curl says which sockets and which moment it waits for, the loop
 * says when they came. */
#include "node/link/mirror/http.h"

#include <arpa/inet.h>
#define CURL_DISABLE_TYPECHECK /* done by macros that cannot call through a pointer */
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/library.h"
#include "replication/base/check.h"

/* What is called of libcurl: loaded and begun at the first transfer, who uses no mirror pays nothing for it.
 */
#define CURL_FUNCTIONS(of)                                                                                   \
    of(curl_easy_cleanup) of(curl_easy_getinfo) of(curl_easy_init) of(curl_easy_pause) of(curl_easy_setopt)  \
        of(curl_easy_strerror) of(curl_global_init) of(curl_multi_add_handle) of(curl_multi_assign)          \
            of(curl_multi_cleanup) of(curl_multi_info_read) of(curl_multi_init) of(curl_multi_remove_handle) \
                of(curl_multi_setopt) of(curl_multi_socket_action) of(curl_slist_append)                     \
                    of(curl_slist_free_all)
LIBRARY_OF(CURL_FUNCTIONS, "libcurl.so.4");

struct mirror_http {
    uv_loop_t *loop;
    CURLM *multi; /* NULL: none yet, or hung up */
    uv_timer_t timer;
    struct mirror_get *first;
    bool is_timer_closed;
    size_t polls; /* handles that are not closed yet */
    bool is_freed;
};

struct mirror_get {
    struct mirror_get *next;
    struct mirror_http *http;
    CURL *easy;
    struct curl_slist *headers;
    const struct mirror_taker *taker;
    void *ctx;
    uint64_t from, total; /* as the answer says */
    size_t header_size;
    bool has_begun, is_stopped, is_local, is_paced;
    char error[CURL_ERROR_SIZE];
};

/* One socket of libcurl in the loop. */
struct socket_poll {
    uv_poll_t poll;
    struct mirror_http *http;
    curl_socket_t fd;
};

/* --- where a connection may lead
 * ------------------------------------------------------------------------------ */

static bool is_loopback4(const uint8_t b[4])
{
    return b[0] == 127 || b[0] == 0;
}

static bool is_refused4(const uint8_t b[4], bool is_local)
{
    return (b[0] == 169 && b[1] == 254) || b[0] >= 224 || (is_loopback4(b) && !is_local);
}

static bool is_refused6(const struct in6_addr *address, bool is_local)
{
    if (IN6_IS_ADDR_V4MAPPED(address) || IN6_IS_ADDR_V4COMPAT(address)) {
        return is_refused4(address->s6_addr + 12, is_local);
    }
    return IN6_IS_ADDR_LINKLOCAL(address) || IN6_IS_ADDR_MULTICAST(address) ||
           IN6_IS_ADDR_UNSPECIFIED(address) || (IN6_IS_ADDR_LOOPBACK(address) && !is_local);
}

/* Asked for each connection, so also behind a name and behind a redirect. */
static curl_socket_t on_open(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
    const struct mirror_get *get = ctx;
    bool is_refused = true;
    (void)purpose;

    if (address->family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, &address->addr, sizeof v4);
        is_refused = is_refused4((const uint8_t *)&v4.sin_addr, get->is_local);
    } else if (address->family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, &address->addr, sizeof v6);
        is_refused = is_refused6(&v6.sin6_addr, get->is_local);
    }
    if (is_refused) {
        return CURL_SOCKET_BAD;
    }
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd >= 0 && get->is_paced) {
        int size = MIRROR_HTTP_SLOW_BUFFER;
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    }
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* --- what comes
 * ------------------------------------------------------------------------------------------------- */

/* "bytes 100-199/1000" */
static void range_read(struct mirror_get *get, const char *text)
{
    unsigned long long from, to, total;

    if (sscanf(text, " bytes %llu-%llu/%llu", &from, &to, &total) == 3 && from <= to && to < total) {
        get->from = from;
        get->total = total;
    } else {
        get->total = 0;
        get->from = UINT64_MAX; /* not what was asked for, whatever it is */
    }
}

static size_t on_header(char *data, size_t unit, size_t count, void *ctx)
{
    static const char range[] = "content-range:";
    struct mirror_get *get = ctx;
    size_t size = unit * count;
    char line[128];

    get->header_size += size;
    if (get->header_size > MIRROR_HTTP_HEADER_MAX) {
        return 0;
    }
    get->taker->cost(get->ctx, size);
    if (size > 5 && memcmp(data, "HTTP/", 5) == 0) { /* another answer begins, after a redirect */
        get->from = 0;
        get->total = 0;
    }
    snprintf(line, sizeof line, "%.*s", (int)(size < sizeof line ? size : sizeof line - 1), data);
    if (strncasecmp(line, range, sizeof range - 1) == 0) {
        range_read(get, line + sizeof range - 1);
    }
    return size;
}

static bool get_begin(struct mirror_get *get)
{
    curl_off_t length = -1;
    long code = 0;

    get->has_begun = true;
    lib.curl_easy_getinfo(get->easy, CURLINFO_RESPONSE_CODE, &code);
    lib.curl_easy_getinfo(get->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (code == 200) {
        get->from = 0;
        get->total = length > 0 ? (uint64_t)length : 0;
    }
    return (code == 200 || code == 206) && get->taker->begun(get->ctx, code, get->from, get->total);
}

static size_t on_data(char *data, size_t unit, size_t count, void *ctx)
{
    struct mirror_get *get = ctx;
    size_t size = unit * count;

    if (!get->has_begun && !get_begin(get)) {
        get->is_stopped = true;
    }
    if (get->is_stopped) {
        return CURL_WRITEFUNC_ERROR;
    }
    switch (get->taker->data(get->ctx, (const uint8_t *)data, size)) {
    case MIRROR_TAKEN:
        return size;
    case MIRROR_WAIT:
        return CURL_WRITEFUNC_PAUSE;
    case MIRROR_STOP:
        break;
    }
    get->is_stopped = true;
    return CURL_WRITEFUNC_ERROR;
}

/* --- its end
 * ---------------------------------------------------------------------------------------------------- */

static void get_remove(struct mirror_get *get)
{
    struct mirror_get **at = &get->http->first;

    while (*at != get) {
        at = &(*at)->next;
    }
    *at = get->next;
    lib.curl_multi_remove_handle(get->http->multi, get->easy);
    lib.curl_easy_cleanup(get->easy);
    lib.curl_slist_free_all(get->headers);
}

static enum status get_judge(const struct mirror_get *get, CURLcode result, long code, char *error,
                             size_t size)
{
    if (code == 404 || code == 410) {
        return S_NOT_FOUND;
    }
    if (code >= 300 && (result == CURLE_OK || get->is_stopped)) {
        snprintf(error, size, "it answers %ld", code);
        return code == 429 || code == 503 ? S_BUSY : S_UNREACHABLE;
    }
    if (get->is_stopped) {
        return S_DENIED;
    }
    if (result != CURLE_OK) {
        snprintf(error, size, "%s", get->error[0] ? get->error : lib.curl_easy_strerror(result));
        return S_UNREACHABLE;
    }
    return S_OK;
}

static void get_finish(struct mirror_get *get, CURLcode result)
{
    const struct mirror_taker *taker = get->taker;
    void *ctx = get->ctx;
    char error[CURL_ERROR_SIZE] = "";
    long code = 0, sent = 0;

    lib.curl_easy_getinfo(get->easy, CURLINFO_RESPONSE_CODE, &code);
    lib.curl_easy_getinfo(get->easy, CURLINFO_REQUEST_SIZE, &sent);
    taker->cost(ctx, sent > 0 ? (size_t)sent : 0);
    enum status status = get_judge(get, result, code, error, sizeof error);
    if (status == S_OK && !get->has_begun && !get_begin(get)) { /* an answer without a body */
        status = S_DENIED;
    }
    get_remove(get);
    free(get);
    taker->done(ctx, status, error);
}

/* Transfers that ended; what they start by that is taken care of here too. */
static void multi_reap(struct mirror_http *http)
{
    CURLMsg *message;
    int left;

    while (http->multi && (message = lib.curl_multi_info_read(http->multi, &left)) != NULL) {
        struct mirror_get *get = NULL;
        if (message->msg == CURLMSG_DONE) {
            CURLcode result = message->data.result;
            lib.curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&get);
            get_finish(get, result);
        }
    }
}

/* --- libcurl's sockets and its timer in the loop
 * -------------------------------------------------------------- */

static void multi_act(struct mirror_http *http, curl_socket_t fd, int events)
{
    int running;

    if (http->multi) {
        lib.curl_multi_socket_action(http->multi, fd, events, &running);
        multi_reap(http);
    }
}

static void on_timer(uv_timer_t *timer)
{
    multi_act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static int on_multi_timer(CURLM *multi, long wait_ms, void *ctx)
{
    struct mirror_http *http = ctx;
    (void)multi;

    if (wait_ms < 0) {
        uv_timer_stop(&http->timer);
    } else {
        uv_update_time(http->loop);
        uv_timer_start(&http->timer, on_timer, (uint64_t)wait_ms, 0);
    }
    return 0;
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
    struct socket_poll *poll = handle->data;
    int flags = 0;

    flags |= status < 0 ? CURL_CSELECT_ERR : 0;
    flags |= events & UV_READABLE ? CURL_CSELECT_IN : 0;
    flags |= events & UV_WRITABLE ? CURL_CSELECT_OUT : 0;
    multi_act(poll->http, poll->fd, flags);
}

static void http_forget(struct mirror_http *http)
{
    if (http->is_freed && http->polls == 0 && http->is_timer_closed) {
        free(http);
    }
}

static void on_poll_closed(uv_handle_t *handle)
{
    struct socket_poll *poll = handle->data;

    poll->http->polls--;
    http_forget(poll->http);
    free(poll);
}

static struct socket_poll *poll_new(struct mirror_http *http, curl_socket_t fd)
{
    struct socket_poll *poll = calloc(1, sizeof *poll);

    CHECK(poll != NULL);
    *poll = (struct socket_poll){.http = http, .fd = fd};
    CHECK(uv_poll_init_socket(http->loop, &poll->poll, fd) == 0);
    poll->poll.data = poll;
    http->polls++;
    lib.curl_multi_assign(http->multi, fd, poll);
    return poll;
}

static int on_multi_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *socket_ctx)
{
    struct mirror_http *http = ctx;
    struct socket_poll *poll = socket_ctx;
    int events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    (void)easy;

    if (what == CURL_POLL_REMOVE) {
        if (poll) {
            lib.curl_multi_assign(http->multi, fd, NULL);
            uv_poll_stop(&poll->poll);
            uv_close((uv_handle_t *)&poll->poll, on_poll_closed);
        }
        return 0;
    }
    poll = poll ? poll : poll_new(http, fd);
    uv_poll_start(&poll->poll, events, on_poll);
    return 0;
}

/* --- the life
 * --------------------------------------------------------------------------------------------------- */

struct mirror_http *mirror_http_new(uv_loop_t *loop)
{
    struct mirror_http *http = calloc(1, sizeof *http);

    CHECK(http != NULL);
    http->loop = loop;
    uv_timer_init(loop, &http->timer);
    http->timer.data = http;
    return http;
}

static enum status multi_need(struct mirror_http *http, struct report *report)
{
    static bool has_begun;

    enum status status = library_load(&library, report);

    if (status != S_OK) {
        return status;
    }
    if (!has_begun && lib.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return report_set(report, S_NO_MEMORY, "libcurl could not begin");
    }
    has_begun = true;
    if (!http->multi) {
        http->multi = lib.curl_multi_init();
        CHECK(http->multi != NULL);
        lib.curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, on_multi_socket);
        lib.curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
        lib.curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, on_multi_timer);
        lib.curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    }
    return S_OK;
}

static bool easy_fill(struct mirror_get *get, const struct mirror_request *request)
{
    CURL *easy = get->easy;
    char range[64];
    bool is_set = lib.curl_easy_setopt(easy, CURLOPT_URL, request->url) == CURLE_OK &&
                  lib.curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
                  lib.curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https") == CURLE_OK &&
                  lib.curl_easy_setopt(easy, CURLOPT_PROXY, request->proxy) == CURLE_OK;

    lib.curl_easy_setopt(easy, CURLOPT_PRIVATE, get);
    lib.curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    lib.curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    lib.curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)MIRROR_HTTP_REDIRECTS_MAX);
    lib.curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)MIRROR_HTTP_CONNECT_MS);
    lib.curl_easy_setopt(easy, CURLOPT_USERAGENT, "qanat");
    lib.curl_easy_setopt(easy, CURLOPT_HTTPHEADER, get->headers);
    lib.curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, get->error);
    lib.curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    lib.curl_easy_setopt(easy, CURLOPT_HEADERDATA, get);
    lib.curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data);
    lib.curl_easy_setopt(easy, CURLOPT_WRITEDATA, get);
    lib.curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
    lib.curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, get);
    if (request->size > 0) {
        snprintf(range, sizeof range, "%llu-%llu", (unsigned long long)request->from,
                 (unsigned long long)(request->from + request->size - 1));
        lib.curl_easy_setopt(easy, CURLOPT_RANGE, range);
    }
    return is_set;
}

struct mirror_get *mirror_get_start(struct mirror_http *http, const struct mirror_request *request,
                                    struct report *report)
{
    if (multi_need(http, report) != S_OK) {
        return NULL;
    }
    struct mirror_get *get = calloc(1, sizeof *get);
    CHECK(get != NULL);
    *get = (struct mirror_get){.http = http,
                               .taker = request->taker,
                               .ctx = request->ctx,
                               .is_local = request->is_local || request->proxy[0],
                               .is_paced = request->is_paced};
    get->easy = lib.curl_easy_init();
    get->headers = lib.curl_slist_append(NULL, "Accept: */*");
    if (!get->easy || !easy_fill(get, request)) {
        lib.curl_easy_cleanup(get->easy);
        lib.curl_slist_free_all(get->headers);
        free(get);
        report_set(report, S_UNREACHABLE, "this libcurl cannot ask for it");
        return NULL;
    }
    get->next = http->first;
    http->first = get;
    CHECK(lib.curl_multi_add_handle(http->multi, get->easy) == CURLM_OK);
    return get;
}

void mirror_get_resume(struct mirror_get *get)
{
    lib.curl_easy_pause(get->easy, CURLPAUSE_CONT);
}

void mirror_get_stop(struct mirror_get *get)
{
    get_remove(get);
    free(get);
}

void mirror_http_hang_up(struct mirror_http *http)
{
    CHECK(http->first == NULL);
    if (http->multi) {
        lib.curl_multi_cleanup(http->multi);
        http->multi = NULL;
        uv_timer_stop(&http->timer);
    }
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct mirror_http *http = handle->data;

    http->is_timer_closed = true;
    http_forget(http);
}

void mirror_http_free(struct mirror_http *http)
{
    while (http->first) {
        mirror_get_stop(http->first);
    }
    mirror_http_hang_up(http);
    http->is_freed = true;
    uv_close((uv_handle_t *)&http->timer, on_timer_closed);
}
