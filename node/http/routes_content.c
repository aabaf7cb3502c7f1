/* routes_content.c: /c/TOKEN/PATH on the content origin: the files of the version that one launch opened, and
 * nothing else.
 *
 * The token is the right to read, and to say this launch's state; there is no cookie, and the API is
 * elsewhere. A package may run scripts, but not navigate the window around it, be framed by others, speak to
 * other servers by script, or leave a service worker behind. What below TOKEN begins with .qanat/ is ours:
 * the player, and the state of a page that closes. */
#include <stdio.h>
#include <string.h>

#include "node/http/course_answer.h"
#include "node/http/routes.h"
#include "node/http/server.h"
#include "node/learn/attempt/launch.h"
#include "node/local_time.h"

enum { HOST_MAX = 256, POLICY_SIZE = 2048 };

/* Host and port of the pages and API, as this browser writes them; "" when they cannot be known. */
static void main_host_write(struct exchange *exchange, char *out, size_t size)
{
    const char *host = exchange_header(exchange, MHD_HTTP_HEADER_HOST);
    const char *port = strrchr(exchange->context->config->http, ':');
    const char *colon = host ? strrchr(host, ':') : NULL;

    *out = '\0';
    if (origin_is_asked(exchange, exchange->context->config->public_content)) {
        const char *url = strstr(exchange->context->config->public_url, "://");
        snprintf(out, size, "%.*s", url ? (int)strcspn(url + 3, "/") : 0, url ? url + 3 : "");
    } else if (host && port &&
               strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.:[]_") ==
                   strlen(host)) {
        int length = colon && !strchr(colon, ']') ? (int)(colon - host) : (int)strlen(host);
        snprintf(out, size, "%.*s%s", length, host, port);
    }
}

static void policy_write(struct exchange *exchange)
{
    char host[HOST_MAX], *policy = arena_alloc(&exchange->arena, POLICY_SIZE);

    exchange->policy = "sandbox";
    main_host_write(exchange, host, sizeof host);
    if (policy && *host) {
        snprintf(
            policy, POLICY_SIZE,
            "sandbox allow-scripts allow-same-origin allow-forms allow-popups allow-modals allow-downloads; "
            "frame-ancestors 'self' http://%s https://%s; connect-src 'self' data: blob: http://%s/xapi/ "
            "https://%s/xapi/; "
            "form-action 'self'; worker-src 'self' blob:; object-src 'self'",
            host, host, host, host);
        exchange->policy = policy;
    }
}

static void closed_answer(struct exchange *exchange)
{
    exchange_problem(exchange, MHD_HTTP_FORBIDDEN,
                     "This course is not open any more: open it again from its page.\n");
}

/* The right and the file, in the database: which version the launch under this token opened (on the shelf,
 * perhaps), and what `path` is in it. */
static enum status file_look(struct exchange *exchange, const char *path, const struct shelf_now *now,
                             int64_t *course_out, struct course_file *file_out)
{
    struct shelf *shelf = exchange->origin->shelf;
    bool is_open = shelf_find_root(shelf, exchange->path, now, course_out);
    struct db *db = store_read_begin(exchange->context->store);
    struct launch_row launch;
    enum status status = S_DENIED;

    if (!is_open && launch_token_find(db, exchange->path, now->wall_ms, 0, &launch)) {
        is_open = true;
        *course_out = launch.course;
        shelf_put_root(shelf, exchange->path, now, launch.course, launch.expires_ms);
    }
    if (is_open) {
        status = course_file_find(db, *course_out, bytes_text(path), file_out);
    }
    store_read_end(exchange->context->store, db);
    return status;
}

/* The file at `path` becomes the answer. S_DENIED, S_NOT_FOUND, S_CORRUPT, S_BUSY. */
static enum status file_take(struct exchange *exchange, const char *path)
{
    const struct shelf_now now = course_answer_now(exchange);
    struct course_file found;
    enum status status;
    int64_t course;

    exchange->cache = "private, max-age=3600, immutable";
    if (course_answer_shelved(exchange, exchange->path, path, &now, &status)) {
        return status;
    }
    status = file_look(exchange, path, &now, &course, &found);
    return status == S_OK ? course_answer_found(exchange, course, path, &now, &found) : status;
}

/* The hot path of a class that opens a page. */
static void file_answer(struct exchange *exchange, const char *path)
{
    char index[EXCHANGE_PATH_MAX + 16];

    if (*path == '\0' || path[strlen(path) - 1] == '/') {
        snprintf(index, sizeof index, "%sindex.html", path);
        path = index;
    }
    enum status status = file_take(exchange, path);
    exchange->cache = status == S_OK ? exchange->cache : NULL;
    if (status == S_DENIED) {
        closed_answer(exchange);
    } else if (status != S_OK && !course_answer_trouble(exchange, status, path)) {
        exchange_problem(exchange, MHD_HTTP_NOT_FOUND, "The course has no file '%s'.\n", path);
    }
}

/* The path behind the token, which is cut off; NULL when there is none. */
static const char *token_cut(char *path)
{
    char *slash = strchr(path, '/');

    if (!slash) {
        return NULL;
    }
    *slash = '\0';
    return slash + 1;
}

static bool launch_find(struct exchange *exchange, int64_t grace_ms, struct launch_row *launch)
{
    struct db *db = store_read_begin(exchange->context->store);
    bool is_found = launch_token_find(db, exchange->path, (int64_t)local_time_now(), grace_ms, launch);

    store_read_end(exchange->context->store, db);
    return is_found;
}

static void only_read(struct exchange *exchange)
{
    exchange_header_add(exchange, "Allow", "GET, HEAD");
    exchange_problem(exchange, MHD_HTTP_METHOD_NOT_ALLOWED, "Course files can only be read.\n");
}

/* What below the token is ours: the player, and the state of a page that closes. */
static void own_answer(struct exchange *exchange, const char *path)
{
    bool is_state = strcmp(path, ".qanat/state") == 0;
    struct launch_row launch;

    if (!launch_find(exchange, is_state ? LAUNCH_GRACE_MS : 0, &launch)) {
        closed_answer(exchange);
    } else if (is_state && exchange->method == METHOD_POST) {
        launch_commit_handle(exchange, launch.id, 0);
    } else if (exchange->method == METHOD_POST) {
        only_read(exchange);
    } else {
        memmove(exchange->path, path + 7, strlen(path + 7) + 1);
        web_player_answer(exchange);
    }
}

void content_route_handle(struct exchange *exchange)
{
    const char *path = token_cut(exchange->path);

    policy_write(exchange);
    if (!path) {
        closed_answer(exchange);
    } else if (exchange_header(exchange, "Service-Worker")) {
        exchange_problem(exchange, MHD_HTTP_FORBIDDEN, "A course cannot install a service worker.\n");
    } else if (strncmp(path, ".qanat/", 7) == 0) {
        own_answer(exchange, path);
    } else if (exchange->method == METHOD_POST) {
        only_read(exchange);
    } else {
        file_answer(exchange, path);
    }
}
