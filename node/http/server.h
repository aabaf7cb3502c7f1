/* server.h: what http.c (listening) and request.c (one request) share of the server. */
#ifndef QANAT_NODE_HTTP_SERVER_H
#define QANAT_NODE_HTTP_SERVER_H

#include "node/http/caller.h"
#include "node/http/exchange.h"
#include "node/http/pool.h"

/* One listening daemon in the loop. Its epoll descriptor is edge-triggered: after each MHD_run() the daemon
 * says when it wants to run again, which may be at once. */
struct http_origin {
    struct http *http;
    const struct route *routes;
    struct MHD_Daemon *daemon;
    uv_poll_t poll;
    uv_timer_t timer;
    struct callers callers;
    struct shelf *shelf; /* small files that are being read: shelf.h */
    uv_timer_t tidy;     /* of it, while something stands there */
};

struct http {
    struct http_context *context;
    uv_loop_t *loop;
    struct http_origin main;
    struct http_origin content;
    struct pool pool;   /* slow requests, and those before them */
    unsigned writing;   /* requests whose write is under way */
    struct events *events; /* NULL where no pages are served */
    struct uploads *uploads;
    unsigned open_handles;
    bool is_stopping; /* what comes now is turned away */
    bool is_closing;
};

/* Lets the daemon run soon, after this step of the loop. */
void origin_poke(struct http_origin *origin);

/* The callbacks of the daemon (request.c); `cls` is the origin. on_uri() sees an address before anything is made of it. */
void *on_uri(void *cls, const char *uri, struct MHD_Connection *connection);
enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                           const char *version, const char *upload, size_t *upload_size, void **state);
void on_request_end(void *cls, struct MHD_Connection *connection, void **state,
                    enum MHD_RequestTerminationCode code);

#endif
