/* http.h: GET over HTTP and HTTPS inside the libuv loop: the border of libcurl, which no other file
 * sees.
 *
 * What arrives is handed over as it comes; its taker may pause it, and the socket then fills up and the
 * server waits. Only http and https, MIRROR_HTTP_REDIRECTS_MAX redirects, no credentials, no cookies, no
 * proxy but a configured one; link-local addresses are never called, loopback only for an address that names
 * it itself. Loop thread only. */
#ifndef QANAT_NODE_LINK_MIRROR_HTTP_H
#define QANAT_NODE_LINK_MIRROR_HTTP_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "replication/base/status.h"

enum {
    MIRROR_HTTP_REDIRECTS_MAX = 3,
    MIRROR_HTTP_CONNECT_MS = 10 * 1000,
    MIRROR_HTTP_HEADER_MAX = 64 * 1024,  /* of one answer: more is no web server */
    MIRROR_HTTP_SLOW_BUFFER = 64 * 1024, /* the socket's buffer when a rate is kept: little comes unasked */
};

struct mirror_http;
struct mirror_get;

enum mirror_taken {
    MIRROR_TAKEN,
    MIRROR_WAIT, /* the same again after mirror_get_resume() */
    MIRROR_STOP, /* no more of this one: done() follows with S_DENIED */
};

/* All are called from the loop, never from within a function of this header except mirror_get_resume(). Bytes
 * of headers, either way, are told by `cost`. */
struct mirror_taker {
    /* The answer's headers are in: `from` is where its body begins, `total` the size of the whole content, 0
     * when it was not said. False: done() follows with S_DENIED. */
    bool (*begun)(void *ctx, long code, uint64_t from, uint64_t total);
    enum mirror_taken (*data)(void *ctx, const uint8_t *data, size_t size);
    void (*cost)(void *ctx, size_t size);
    /* It is over and the handle is gone. S_OK: the answer was complete and its code 200 or 206; S_NOT_FOUND:
     * 404 or 410; S_DENIED: stopped by the taker; S_BUSY: 429 or 503; S_UNREACHABLE for everything else, with
     * `error` saying what. */
    void (*done)(void *ctx, enum status status, const char *error);
};

struct mirror_request {
    const char *url;
    uint64_t from, size; /* the part that is asked for; `size` 0: all of it */
    const char *proxy;   /* "": none */
    bool is_local;       /* may lead to this machine */
    bool is_paced;       /* keeps a rate: small buffers */
    const struct mirror_taker *taker;
    void *ctx;
};

/* Never NULL. */
struct mirror_http *mirror_http_new(uv_loop_t *loop);

/* NULL with a report when it cannot even begin: no libcurl on this machine (S_IO), no memory, no such
 * protocol in this libcurl. */
struct mirror_get *mirror_get_start(struct mirror_http *http, const struct mirror_request *request,
                                    struct report *report);

/* What waited is handed over now, while this runs. */
void mirror_get_resume(struct mirror_get *get);

/* Ends it without done(). Not from within its taker. */
void mirror_get_stop(struct mirror_get *get);

/* Closes the connections that are kept for later. No transfer may be under way. */
void mirror_http_hang_up(struct mirror_http *http);

/* Stops everything, without done(); memory goes when the loop has run. */
void mirror_http_free(struct mirror_http *http);

#endif
