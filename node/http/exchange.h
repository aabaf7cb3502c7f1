/* exchange.h: one request and its answer, and the tables of routes.
 *
 * A handler fills the answer and returns; the memory of the body passes to the exchange. The body of the request is here when the handler runs. A
 * handler on the loop thread that must write calls exchange_write() and returns: it goes on when the write is durable. */
#ifndef QANAT_NODE_HTTP_EXCHANGE_H
#define QANAT_NODE_HTTP_EXCHANGE_H

#include <microhttpd.h>

#include "node/http/http.h"
#include "node/http/pool.h"
#include "node/learn/account/signin.h"
#include "replication/base/arena.h"
#include "replication/package/media_type.h"

enum {
    EXCHANGE_PATH_MAX = 2048,
    EXCHANGE_HEADERS_MAX = 16,           /* of an answer, beside the usual ones */
    EXCHANGE_BODY_MAX = 64 * 1024,       /* of a request, where the route says nothing */
    EXCHANGE_MEMORY_MAX = 32 * 1024 * 1024, /* of the exchange's arena */
};

enum method {
    METHOD_NONE = 0,
    METHOD_GET = 1,
    METHOD_HEAD = 2,
    METHOD_POST = 4,
    METHOD_PUT = 8,
    METHOD_DELETE = 16,
    METHOD_OPTIONS = 32,
};
enum { METHODS_READ = METHOD_GET | METHOD_HEAD };

struct route;
struct shelf_file;

/* Goes on after a write, on the loop thread: `status` is S_OK when it is durable. */
typedef void exchange_then(struct exchange *exchange, enum status status);

struct exchange {
    struct http_context *context;
    struct MHD_Connection *connection;
    struct caller *caller;           /* how it keeps to its time (caller.h) */
    const struct route *route;
    enum method method;
    char path[EXCHANGE_PATH_MAX];    /* what follows the route's prefix, percent-decoded */
    struct buffer body_in;           /* of the request */
    struct arena arena;              /* what lives as long as the exchange */
    bool has_session_been_read;      /* see exchange_session() */
    struct signin signin;

    unsigned code;                   /* of the answer; 0: none yet */
    const char *media_type;          /* NULL: an answer without a body */
    char *body;                      /* malloc'ed; freed with the exchange */
    size_t body_size;
    struct MHD_Response *response;   /* answer with this instead; it passes over */
    int file;                        /* answer with this file instead of `body`; -1: none. Closed by the server */
    struct shelf_file *shelved;      /* answer with this instead of a file: one of the shelf (shelf.h) */
    uint64_t file_size;
    char etag[HASH_HEX_SIZE + 2];    /* quoted, or "" */
    char file_type[MEDIA_TYPE_MAX + 1];       /* memory for media_type */
    bool is_api; /* problems are told as JSON */
    bool is_immutable;               /* may be cached for ever */
    const char *cache;               /* Cache-Control instead of the usual one */
    bool is_private;                 /* of one person: kept by no cache */
    bool is_sandboxed;               /* course content on the main origin: gets an opaque origin */
    const char *policy;              /* Content-Security-Policy instead of the usual one */
    size_t header_count;
    struct {
        const char *name;            /* a literal */
        char *value;                 /* malloc'ed */
    } headers[EXCHANGE_HEADERS_MAX];

    struct events_stream *stream;    /* when it is one: events.h */
    struct upload *upload;           /* when its body is one */
    struct http_origin *origin;      /* of the server */
    struct exchange *next; uint64_t turn; /* waiting for a thread: pool.h */
    size_t body_seen; bool is_too_large;
    bool is_cut;                     /* a NUL stood in its address: what came behind it was not seen */
    bool is_waiting;                 /* a write is under way: */
    store_job *job; void *job_arg;
    exchange_then *then;
    void *then_arg;                  /* the handler's own, for `then` */
};

struct route {
    const char *prefix;              /* "/healthz", or "/course/" for everything below it */
    bool is_slow;                    /* runs in the thread pool */
    bool (*is_slow_now)(const struct exchange *exchange); /* where that depends on the request; NULL: it does not */
    enum pool_line (*line)(const struct exchange *exchange); /* in which it waits for a thread; NULL: POOL_SHORT */
    void (*handle)(struct exchange *exchange);
    unsigned methods;                /* enum method; 0: it can only be read */
    bool is_written_only;            /* nothing is read there: GET and HEAD are refused as other methods are */
    size_t body_max;                 /* 0: EXCHANGE_BODY_MAX */
    bool is_upload;                  /* a body by POST goes to disk: upload.h */
    const char *query;               /* of an API: what may stand behind "?": "q limit# dry_run?", a text, a number, a switch; NULL: nothing */
    bool is_open;                    /* proves its callers by itself: neither Origin nor CSRF token are looked at (xAPI) */
};

/* The tables, each ended by a row without a prefix. */
extern const struct route main_routes[];
extern const struct route content_routes[];

/* Did it come to the main address, where people are signed in? Whatever a package brings gets an origin of its own there. */
bool exchange_is_main(const struct exchange *exchange);

/* --- answering --- */

/* Answers with `text` (malloc'ed, passes over) of the given type; without a body: 204, 304. */
void exchange_answer(struct exchange *exchange, unsigned code, const char *media_type, char *text, size_t size);
void exchange_answer_empty(struct exchange *exchange, unsigned code);

/* What is wrong, and what to do: {"error":WORD,"text":...} from an API, plain text elsewhere. exchange_problem() takes the word from the code
 * ("not_found"); exchange_refuse() names it: it is what programs look at. */
void exchange_problem(struct exchange *exchange, unsigned code, const char *format, ...) __attribute__((format(printf, 3, 4)));
void exchange_refuse(struct exchange *exchange, unsigned code, const char *word, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Runs the handler, or `then` of a write that ended with `written`. When a read of the database failed under it, that is the answer (node/shortfall.h). */
void exchange_handle(struct exchange *exchange, exchange_then *then, enum status written);

/* A problem from a status and what was reported with it: 400, 403, 404, 409, 413, 503, 507 or 500; and 503, to be asked again soon. */
void exchange_busy(struct exchange *exchange);
void exchange_fail(struct exchange *exchange, enum status status, const struct report *report);

/* Adds a header to the answer; `name` is a literal. Too many are dropped. */
void exchange_header_add(struct exchange *exchange, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Sends the answer: headers, one Range (RFC 9110 section 14), If-None-Match. Called by the server. */
enum MHD_Result exchange_send(struct exchange *exchange);
/* Lets go what was not sent of an answer, if there is one: another may be made. */
void exchange_answer_drop(struct exchange *exchange);

/* The value of a header, or of a query parameter; NULL when there is none. A switch is on when it stands there, and not as 0 or false. */
const char *exchange_header(struct exchange *exchange, const char *name);
const char *exchange_query(struct exchange *exchange, const char *name);
bool exchange_query_is_on(struct exchange *exchange, const char *name);
uint64_t exchange_query_number(struct exchange *exchange, const char *name, uint64_t otherwise);

struct bytes exchange_body(const struct exchange *exchange);
bool exchange_is_slow(const struct exchange *exchange); /* the handler runs in the thread pool, */
enum pool_line exchange_line(const struct exchange *exchange); /* entered by this line */

enum { EXCHANGE_ADDRESS_SIZE = 64 }; /* of who asks, as a text that stands for it: caller.h */
void exchange_address(struct exchange *exchange, char out[EXCHANGE_ADDRESS_SIZE]);

/* Writing (http.c), from a handler on the loop thread, as its last act: runs `job` on the writer thread, then `then`, which fills the
 * answer. `arg` must live as long as the exchange (its arena). A slow handler calls store_write_wait() instead. */
void exchange_write(struct exchange *exchange, store_job *job, void *arg, exchange_then *then);

#endif
