#include "node/link/resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "replication/base/check.h"

enum { SCHEME_SIZE = 6 /* tcp:// */, PORT_SIZE = 8 };

static const char any_port[] = "0"; /* where a port is asked for with no name: those found are not used */
static const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};

struct resolve {
    uv_getaddrinfo_t request;
    resolve_done *done; /* NULL: cancelled */
    void *ctx;
    char port[PORT_SIZE];
};

/* Takes HOST and PORT out of tcp://HOST:PORT; false for what has no such form. */
static bool endpoint_split(const char *endpoint, char host[ENDPOINT_MAX], char port[PORT_SIZE])
{
    const char *colon = strrchr(endpoint, ':');
    size_t size = strlen(endpoint);

    if (strncmp(endpoint, "tcp://", SCHEME_SIZE) != 0 || size >= ENDPOINT_MAX ||
        colon <= endpoint + SCHEME_SIZE || size - (size_t)(colon - endpoint) > PORT_SIZE) {
        return false;
    }
    snprintf(host, ENDPOINT_MAX, "%.*s", (int)(colon - endpoint) - SCHEME_SIZE, endpoint + SCHEME_SIZE);
    snprintf(port, PORT_SIZE, "%s", colon + 1);
    return true;
}

bool resolve_is_name(const char *endpoint)
{
    char host[ENDPOINT_MAX], port[PORT_SIZE];
    struct in_addr address;

    return endpoint_split(endpoint, host, port) && !strpbrk(host, "[]:*/ ") &&
           inet_pton(AF_INET, host, &address) != 1;
}

/* This machine, whether or not its files say so (RFC 6761, 6.3): asked for by a port without a name. */
static bool is_localhost(const char *host)
{
    return strcasecmp(host, "localhost") == 0;
}

static void found_take(const struct addrinfo *found, const char *port, struct resolved *out)
{
    char text[INET6_ADDRSTRLEN];

    out->count = 0;
    for (; found && out->count < RESOLVE_MAX; found = found->ai_next) {
        bool is_v6 = found->ai_family == AF_INET6;
        const void *address =
            is_v6 ? (const void *)&((const struct sockaddr_in6 *)(const void *)found->ai_addr)->sin6_addr
                  : (const void *)&((const struct sockaddr_in *)(const void *)found->ai_addr)->sin_addr;
        if ((is_v6 || found->ai_family == AF_INET) &&
            inet_ntop(found->ai_family, address, text, sizeof text)) {
            snprintf(out->address[out->count++], ENDPOINT_MAX, is_v6 ? "tcp://[%s]:%s" : "tcp://%s:%s", text,
                     port);
        }
    }
}

enum status resolve_now(const char *endpoint, struct resolved *out, struct report *report)
{
    char host[ENDPOINT_MAX], port[PORT_SIZE];
    struct addrinfo *found;

    out->count = 0;
    if (!resolve_is_name(endpoint)) {
        out->count = 1;
        snprintf(out->address[0], sizeof out->address[0], "%s", endpoint);
        return S_OK;
    }
    CHECK(endpoint_split(endpoint, host, port));
    bool is_here = is_localhost(host);
    int rc = getaddrinfo(is_here ? NULL : host, is_here ? any_port : NULL, &hints, &found);
    if (rc == 0) {
        found_take(found, port, out);
        freeaddrinfo(found);
    }
    if (rc != 0 || out->count == 0) {
        return report_set(report, S_UNREACHABLE, "no address is known for '%s': %s", host,
                          rc ? gai_strerror(rc) : "none of TCP");
    }
    return S_OK;
}

static void on_found(uv_getaddrinfo_t *request, int rc, struct addrinfo *found)
{
    struct resolve *resolve = request->data;
    struct resolved out = {.count = 0};
    char error[128];

    if (rc == 0) {
        found_take(found, resolve->port, &out);
    }
    uv_freeaddrinfo(found);
    if (resolve->done) {
        snprintf(error, sizeof error, "no address is known for this name: %s",
                 rc ? uv_strerror(rc) : "none of TCP");
        resolve->done(resolve->ctx, &out, out.count > 0 ? NULL : error);
    }
    free(resolve);
}

struct resolve *resolve_start(uv_loop_t *loop, const char *endpoint, resolve_done *done, void *ctx)
{
    char host[ENDPOINT_MAX];
    struct resolve *resolve = calloc(1, sizeof *resolve);

    CHECK(resolve);
    resolve->done = done;
    resolve->ctx = ctx;
    resolve->request.data = resolve;
    bool is_split = endpoint_split(endpoint, host, resolve->port);
    bool is_here = is_split && is_localhost(host);
    if (!is_split || uv_getaddrinfo(loop, &resolve->request, on_found, is_here ? NULL : host, is_here ? any_port : NULL, &hints) != 0) {
        free(resolve);
        return NULL;
    }
    return resolve;
}

void resolve_cancel(struct resolve *resolve)
{
    if (resolve) {
        resolve->done = NULL;
        (void)uv_cancel((uv_req_t *)&resolve->request); /* one that runs already ends by itself */
    }
}
