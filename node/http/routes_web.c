/* routes_web.c: the face of the node: the built files under /app/, and the pages that load them. A page also
 * says in plain HTML what it is about, for browsers without scripts and for curl. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "node/http/page.h"
#include "node/http/routes.h"
#include "node/web/web.h"
#include "replication/base/check.h"

enum { POLICY_MAX = 1024 };

void web_file_handle(struct exchange *exchange)
{
    const struct web_file *file = web_file_find(exchange->path);
    char *copy = file ? malloc(file->size + 1) : NULL;

    if (!copy) {
        exchange_problem(exchange, MHD_HTTP_NOT_FOUND,
                         "There is no such file in this version; load the page again.\n");
        return;
    }
    memcpy(copy, file->data, file->size);
    exchange->is_immutable = true;
    if (file->is_gzip) {
        exchange_header_add(exchange, "Content-Encoding", "gzip");
    }
    /* A sandboxed page has an opaque origin; modules and fonts are asked for across origins then. There is no
     * secret in them. */
    exchange_header_add(exchange, "Access-Control-Allow-Origin", "*");
    exchange_answer(exchange, MHD_HTTP_OK, web_media_type(file->name), copy, file->size);
}

bool origin_is_asked(struct exchange *exchange, const char *url)
{
    const char *host = exchange_header(exchange, "Host"), *authority = strstr(url, "://");
    size_t size = authority ? strcspn(authority + 3, "/") : 0;

    return host && size > 0 && strlen(host) == size && strncasecmp(host, authority + 3, size) == 0;
}

/* Behind a proxy: who comes by the public address stays there. */
static const char *public_origin(struct exchange *exchange, const char *address)
{
    const struct config *config = exchange->context->config;

    if (!*config->public_content ||
        (!origin_is_asked(exchange, config->public_url) && !origin_is_asked(exchange, config->public_content))) {
        return NULL;
    }
    return address == config->content ? config->public_content : address == config->http ? config->public_url : NULL;
}

void origin_write(struct exchange *exchange, const char *address, char *out, size_t size)
{
    const char *url = public_origin(exchange, address);

    if (url) {
        int length = (int)strlen(url);
        snprintf(out, size, "%.*s", url[length - 1] == '/' ? length - 1 : length, url);
        return;
    }
    const char *host = exchange_header(exchange, "Host");
    const char *port = strrchr(address, ':');
    const char *colon = host ? strrchr(host, ':') : NULL;

    *out = '\0';
    if (host && port && !strpbrk(host, " ;,'\"<>\\")) {
        int length = colon && !strchr(colon, ']') ? (int)(colon - host) : (int)strlen(host);
        snprintf(out, size, "http://%.*s%s", length, host, port);
    }
}

/* What a page of this origin may load: its own files, and course content in a frame. */
static void page_policy_set(struct exchange *exchange)
{
    char content[CONFIG_TEXT_MAX];
    char *policy = arena_alloc(&exchange->arena, POLICY_MAX);

    origin_write(exchange, exchange->context->config->content, content, sizeof content);
    CHECK(policy);
    snprintf(policy, POLICY_MAX,
             "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
             "connect-src 'self'; "
             "frame-src 'self' %s; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
             content);
    exchange->policy = policy;
}

void web_page_answer(struct exchange *exchange, struct page *page)
{
    size_t size;
    char *html = page_take(page, &size);

    page_policy_set(exchange);
    exchange_answer(exchange, MHD_HTTP_OK, "text/html; charset=utf-8", html, size);
}

/* A page that says little without a program. */
static void face_answer(struct exchange *exchange, const char *entry, const char *text)
{
    const char *node = exchange->context->config->name;
    struct page page;

    page_begin_face(&page, *node ? node : "Qanat", entry);
    page_line(&page, "p", text);
    page_markup(&page, "<p><a href=\"/courses\">The courses that are here</a></p>\n");
    web_page_answer(exchange, &page);
}

void learner_page_handle(struct exchange *exchange)
{
    face_answer(exchange, "learner",
                "Courses of this node, to learn without a link. Signing in and learning need a browser with "
                "JavaScript.");
}

void teach_page_handle(struct exchange *exchange)
{
    face_answer(exchange, "teach",
                "Cohorts of this node. To run one needs a browser with JavaScript, or the commands of `qanat "
                "cohort`.");
}

void web_player_answer(struct exchange *exchange)
{
    char main_origin[CONFIG_TEXT_MAX];
    char *policy = arena_alloc(&exchange->arena, POLICY_MAX);
    struct page page;
    size_t size;

    CHECK(policy);
    if (strcmp(exchange->path, "player.html") != 0) {
        exchange_problem(exchange, MHD_HTTP_NOT_FOUND, "There is nothing at '%s'.\n", exchange->path);
        return;
    }
    origin_write(exchange, exchange->context->config->http, main_origin, sizeof main_origin);
    bool is_apart = *exchange->context->config->content;
    snprintf(policy, POLICY_MAX,
             "sandbox allow-scripts allow-forms allow-popups allow-modals allow-downloads%s; base-uri "
             "'none'; frame-ancestors 'self' %s",
             is_apart ? " allow-same-origin" : "", main_origin);
    exchange->policy = policy;
    page_begin_player(&page);
    char *html = page_take(&page, &size);
    exchange_answer(exchange, MHD_HTTP_OK, "text/html; charset=utf-8", html, size);
}
