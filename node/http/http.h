/* http.h: the node's web server: libmicrohttpd inside the libuv loop, one daemon per origin.
 *
 * Requests are answered on the loop thread when that is quick; what reads much (statistics) runs in the thread pool while its connection
 * is suspended. The course-content origin has no cookies and no API. Nothing here knows SQL or ZeroMQ: facts come from learn, stats and status. */
#ifndef QANAT_NODE_HTTP_HTTP_H
#define QANAT_NODE_HTTP_HTTP_H

#include <stdbool.h>
#include <stdio.h>
#include <uv.h>

#include "node/blob/blob.h"
#include "node/config.h"
#include "node/dir.h"
#include "node/learn/account/throttle.h"
#include "node/learn/attempt/attempts.h"
#include "node/lrs/lrs.h"
#include "node/store/store.h"

enum {
    HTTP_CONNECTIONS_MAX = 4096,     /* open connections of one origin */
    HTTP_CONNECTIONS_PER_IP = 2560,  /* a whole school may stand behind one address */
    HTTP_WAITING_SHARE = 8,          /* connections of one origin that wait for their callers: so small a part of the descriptors at most */
    HTTP_TIMEOUT_S = 30,             /* a silent connection is closed */
    HTTP_MEMORY_PER_CONNECTION = 32 * 1024,
    /* Bytes of request bodies in memory, all together (caller.h): of anybody on the main address and on the other one, and of who is signed in. */
    HTTP_SMALL_BODIES_MAX = 24 * 1024 * 1024,
    HTTP_OPEN_BODIES_MAX = 32 * 1024 * 1024,
    HTTP_CONTENT_BODIES_MAX = 12 * 1024 * 1024,
    HTTP_SIGNED_IN_BODIES_MAX = 192 * 1024 * 1024,
    HTTP_DROPPED_MAX = 16 * 1024 * 1024, /* of a body that is for nobody: so much is read and dropped before the answer */
};

/* What handlers may use; borrowed for the server's life. */
struct http_context {
    struct store *store;
    struct blobs *blobs;
    const struct config *config;
    const struct federation *federation;
    const struct identity *identity;
    const char *dir;
    int (*run_command)(void *ctx, const char *who, int argc, char **argv, FILE *streams[3]); /* on the calling thread; gives its exit code */
    void *run_ctx;
    const struct attempts *attempts;
    struct lrs lrs;                  /* the record store, and who listens to it */
    struct throttle *throttle;       /* of passwords that were tried; made by http_open() */
    struct figures *figures;         /* that are kept (figures.h); the same */
    bool is_ready;                   /* /readyz answers 200 */
};

struct http;

/* Listens on config->http and config->content (each may be empty: then nothing listens there). */
enum status http_open(uv_loop_t *loop, struct http_context *context, struct http **http_out, struct report *report);

/* From now on requests are turned away; http_is_idle() once none is under way (the loop and store_drain() must run for that). */
void http_stop(struct http *http);
bool http_is_idle(const struct http *http);

/* When it is idle: stops listening and frees everything once the loop has run again. */
void http_close(struct http *http);

#endif
