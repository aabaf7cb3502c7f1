#include "node/http/visitor.h"

#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "node/http/names.h"
#include "node/json.h"
#include "node/local_time.h"
#include "replication/base/check.h"

enum { SESSION_COOKIES_MAX = 8 };

/* Cookies of a host are shared by its ports, and a course's script may set one of our name for a deeper path, which
 * browsers send first: the last one that is a sign-in counts, for ours has the path "/". */
static void session_read(struct exchange *exchange)
{
    static const char name[] = VISITOR_COOKIE "=";
    const char *at = exchange_header(exchange, MHD_HTTP_HEADER_COOKIE);
    char token[SIGNIN_TOKEN_SIZE];
    struct signin found;

    for (int tries = 0; at && *at && tries < SESSION_COOKIES_MAX; at = strchr(at, ';')) {
        at += strspn(at, "; ");
        size_t size = strncmp(at, name, sizeof name - 1) == 0 ? strcspn(at + sizeof name - 1, "; ") : 0;
        if (size == 0 || size >= sizeof token) {
            continue;
        }
        memcpy(token, at + sizeof name - 1, size);
        token[size] = '\0';
        tries++;
        memset(&found, 0, sizeof found);
        signin_find(exchange->context->store, token, (int64_t)local_time_now(), &found);
        if (found.person) {
            exchange->signin = found;
        }
    }
    sodium_memzero(token, sizeof token);
}

const struct signin *exchange_session(struct exchange *exchange)
{
    if (!exchange->has_session_been_read) {
        exchange->has_session_been_read = true;
        exchange->is_private = true;
        session_read(exchange);
    }
    return exchange->signin.person ? &exchange->signin : NULL;
}

const struct signin *exchange_require(struct exchange *exchange, enum role role)
{
    const struct signin *signin = exchange_session(exchange);

    if (!signin) {
        exchange_refuse(exchange, MHD_HTTP_UNAUTHORIZED, "not_signed_in", "Sign in first.");
        return NULL;
    }
    if (signin->role < role) {
        exchange_refuse(exchange, MHD_HTTP_FORBIDDEN, "not_allowed", "Only a %s may do this.",
                        role_text(role));
        return NULL;
    }
    return signin;
}

/* "http://HOST" or "https://HOST", where HOST is what was asked for: a proxy before this node may speak TLS.
 */
static bool origin_is_own(struct exchange *exchange, const char *origin)
{
    const char *host = exchange_header(exchange, MHD_HTTP_HEADER_HOST);

    if (strncasecmp(origin, "http://", 7) == 0) {
        origin += 7;
    } else if (strncasecmp(origin, "https://", 8) == 0) {
        origin += 8;
    } else {
        return false;
    }
    return host && strcasecmp(origin, host) == 0;
}

static bool token_is_given(struct exchange *exchange, const struct signin *signin)
{
    const char *given = exchange_header(exchange, VISITOR_CSRF_HEADER);

    if (!given) {
        given = exchange_query(exchange, "csrf");
    }
    return given && strlen(given) == sizeof signin->csrf - 1 &&
           sodium_memcmp(given, signin->csrf, sizeof signin->csrf - 1) == 0;
}

bool visitor_is_genuine(struct exchange *exchange)
{
    const char *origin = exchange_header(exchange, "Origin");
    const char *site = exchange_header(exchange, "Sec-Fetch-Site");

    if (exchange->method & (METHODS_READ | METHOD_OPTIONS)) {
        return true;
    }
    if (origin ? !origin_is_own(exchange, origin)
               : site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0) {
        exchange_refuse(exchange, MHD_HTTP_FORBIDDEN, "other_origin",
                        "Only this node's own pages may do this.");
        return false;
    }
    const struct signin *signin = exchange_session(exchange);
    if (signin && !token_is_given(exchange, signin)) {
        exchange_refuse(exchange, MHD_HTTP_FORBIDDEN, "csrf",
                        "The header " VISITOR_CSRF_HEADER
                        " must hold the token that GET /api/v1/session tells.");
        return false;
    }
    return true;
}

/* --- this machine
 * ----------------------------------------------------------------------------------------------- */

static bool host_is_here(const char *host)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i]);
        if (strncasecmp(host, names[i], length) == 0 && (host[length] == '\0' || host[length] == ':')) {
            return true;
        }
    }
    return false;
}

bool exchange_is_from_here(struct exchange *exchange)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const char *host = exchange_header(exchange, MHD_HTTP_HEADER_HOST);

    if (!info || !host || !host_is_here(host)) {
        return false; /* another name that leads here may be another site's trick */
    }
    if (info->client_addr->sa_family == AF_INET) {
        const struct sockaddr_in *address = (const struct sockaddr_in *)(const void *)info->client_addr;
        return ntohl(address->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    if (info->client_addr->sa_family == AF_INET6) {
        const struct sockaddr_in6 *address = (const struct sockaddr_in6 *)(const void *)info->client_addr;
        return IN6_IS_ADDR_LOOPBACK(&address->sin6_addr);
    }
    return false;
}

/* --- the cookie and the body
 * ------------------------------------------------------------------------------------- */

void visitor_cookie_set(struct exchange *exchange, const char *token, bool is_kept)
{
    char age[40] = "";

    if (is_kept) {
        snprintf(age, sizeof age, "; Max-Age=%lld", (long long)(SIGNIN_KEPT_MS / 1000));
    }
    exchange_header_add(exchange, "Set-Cookie", VISITOR_COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict%s",
                        token, age);
}

void visitor_cookie_drop(struct exchange *exchange)
{
    exchange_header_add(exchange, "Set-Cookie",
                        VISITOR_COOKIE "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
}

static bool type_is(const char *type, const char *wanted)
{
    size_t length = strlen(wanted);

    return type && strncasecmp(type, wanted, length) == 0 &&
           (type[length] == '\0' || strchr("; \t", type[length]));
}

static bool is_text_list(json_t *value)
{
    bool is_list = json_is_array(value);
    json_t *element;
    size_t i;

    json_array_foreach(value, i, element)
    {
        is_list = is_list && json_is_string(element);
    }
    return is_list;
}

/* NULL, or what a member of this kind is, where `value` is not that. */
static const char *member_fault(char kind, json_t *value)
{
    switch (kind) {
    case '#':
        return json_is_number(value) ? NULL : "a number";
    case '?':
        return json_is_boolean(value) ? NULL : "true or false";
    case '[':
        return is_text_list(value) ? NULL : "a list of texts";
    case '~':
        return json_is_string(value) || json_is_null(value) ? NULL : "a text or null";
    default:
        return json_is_string(value) ? NULL : "a text";
    }
}

static bool members_check(struct exchange *exchange, json_t *document, const char *members)
{
    char names[2 * NAMES_MAX];
    const char *name;
    json_t *value;

    json_object_foreach(document, name, value)
    {
        const char *rest = names_find(name, members);
        const char *wanted = rest ? member_fault(*rest, value) : NULL;
        if (!rest) {
            names_list(members, names);
            exchange_refuse(exchange, MHD_HTTP_BAD_REQUEST, "bad_request", "There is no member '%.64s' here, but: %s.", name, names);
        } else if (wanted) {
            exchange_refuse(exchange, MHD_HTTP_BAD_REQUEST, "bad_request", "The member '%.64s' must be %s.", name, wanted);
        }
        if (!rest || wanted) {
            return false;
        }
    }
    return true;
}

/* `members` NULL: any. */
static json_t *body_read(struct exchange *exchange, const char *members)
{
    struct bytes body = exchange_body(exchange);
    json_error_t error;

    if (body.size == 0) {
        exchange_refuse(exchange, MHD_HTTP_BAD_REQUEST, "bad_json", "The body is no JSON object: it is empty.");
        return NULL;
    }
    json_t *document = json_read(body, JSON_REJECT_DUPLICATES, JSON_VALUES_MAX, &error);
    if (!json_is_object(document)) {
        exchange_refuse(exchange, MHD_HTTP_BAD_REQUEST, "bad_json", "The body is no JSON object: %s.",
                        document ? "it is another value" : error.text);
        json_decref(document);
        return NULL;
    }
    if (members && !members_check(exchange, document, members)) {
        json_decref(document);
        return NULL;
    }
    return document;
}

static json_t *type_refuse(struct exchange *exchange)
{
    exchange_refuse(exchange, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "not_json", "Send Content-Type: application/json.");
    return NULL;
}

json_t *exchange_body_json(struct exchange *exchange, const char *members)
{
    const char *type = exchange_header(exchange, MHD_HTTP_HEADER_CONTENT_TYPE);

    return type_is(type, "application/json") ? body_read(exchange, members) : type_refuse(exchange);
}

json_t *exchange_body_said(struct exchange *exchange)
{
    const char *type = exchange_header(exchange, MHD_HTTP_HEADER_CONTENT_TYPE);

    return type_is(type, "application/json") || type_is(type, "text/plain") ? body_read(exchange, NULL) : type_refuse(exchange);
}
