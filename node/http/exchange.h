/* exchange.h: one request and its answer, and the tables of routes.
 *
 * A handler fills the answer and returns; the memory of the body passes to the exchange. */
#ifndef QANAT_NODE_HTTP_EXCHANGE_H
#define QANAT_NODE_HTTP_EXCHANGE_H

#include <microhttpd.h>

#include "node/http/http.h"
#include "replication/package/media_type.h"

enum { EXCHANGE_PATH_MAX = 2048 };

struct route;

struct exchange {
    struct http_context *context;
    struct MHD_Connection *connection;
    const struct route *route;
    char path[EXCHANGE_PATH_MAX];    /* what follows the route's prefix, percent-decoded */

    unsigned code;                   /* of the answer; 0: none yet */
    const char *media_type;
    char *body;                      /* malloc'ed; freed with the exchange */
    size_t body_size;
    int file;                        /* answer with this file instead of `body`; -1: none. Closed by the server */
    uint64_t file_size;
    char etag[HASH_HEX_SIZE + 2];    /* quoted, or "" */
    char file_type[MEDIA_TYPE_MAX + 1];       /* memory for media_type */
    char location[EXCHANGE_PATH_MAX];         /* of a redirection, or "" */
    bool is_immutable;               /* may be cached for ever */
    bool is_sandboxed;               /* course content on the main origin: gets an opaque origin */
};

struct route {
    const char *prefix;              /* "/healthz", or "/course/" for everything below it */
    bool is_slow;                    /* runs in the thread pool */
    void (*handle)(struct exchange *exchange);
};

/* The tables, each ended by a row without a prefix. */
extern const struct route main_routes[];
extern const struct route content_routes[];

/* Answers with `text` (malloc'ed, passes over) of the given type. */
void exchange_answer(struct exchange *exchange, unsigned code, const char *media_type, char *text, size_t size);

/* A short plain answer: what is wrong, and what to do. */
void exchange_problem(struct exchange *exchange, unsigned code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The value of a query parameter, or NULL. */
const char *exchange_query(struct exchange *exchange, const char *name);

/* Sends the answer: headers, one Range (RFC 9110 section 14), If-None-Match. Called by the server. */
enum MHD_Result exchange_send(struct exchange *exchange);

#endif
