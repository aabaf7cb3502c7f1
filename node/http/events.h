/* events.h: documents told anew whenever they change, as server-sent events (HTML standard, section 9.2).
 *
 * A page asks once for the documents it shows; each comes at once, and again when it is another: `event: NAME`, `data:` its JSON.
 * A document is made once for all streams, in the thread pool, and only while somebody looks: each EVENTS_TICK_MS, those that depend
 * on the database alone only after a commit, or after EVENTS_STALE_MS. A stream keeps no backlog: who reads slowly gets the newest
 * document when it can. The right to look is asked again with every heartbeat, so a stream ends after its sign-in.
 *
 * At most EVENTS_STREAMS_MAX streams; the next is told to poll (503). All on the loop thread but `make`. */
#ifndef QANAT_NODE_HTTP_EVENTS_H
#define QANAT_NODE_HTTP_EVENTS_H

#include "node/http/exchange.h"

enum {
    EVENTS_STREAMS_MAX = 64,
    EVENTS_TICK_MS = 1000,
    EVENTS_STALE_MS = 10 * 1000,
    EVENTS_HEARTBEAT_MS = 10 * 1000,     /* event "beat": finds out who is gone, here and there, and keeps proxies from closing */
    EVENTS_DOCUMENT_MAX = 256 * 1024,    /* a larger one is said to have changed, by `null`: ask for it */
    EVENTS_DOCUMENTS_MAX = 16,
};

/* What can be watched; the numbers of documents are bits. */
struct events_source {
    const char *const *names; /* ended by NULL */
    unsigned is_live;         /* those that change without a commit */
    /* On a thread of the pool: the JSON text (malloc'ed, at most one document), NULL when it cannot be had now. */
    char *(*make)(struct http_context *context, size_t index, size_t *size_out);
    /* May who asks look at `wanted`? Answers nothing. */
    bool (*may)(struct exchange *exchange, unsigned wanted);
};

struct events;
struct events_stream;

struct events *events_open(uv_loop_t *loop, struct http_context *context, const struct events_source *source);

/* Handler, on the loop thread: the stream of `wanted` becomes the answer, or 503. */
void events_answer(struct events *events, struct exchange *exchange, unsigned wanted);

/* The exchange of a stream ends (request.c). */
void events_stream_end(struct events_stream *stream);

/* Streams end as soon as their connections run; when it is idle it may be closed, which frees it once the loop has run. */
void events_stop(struct events *events);
bool events_is_idle(const struct events *events);
void events_close(struct events *events, void (*closed)(void *ctx), void *ctx);

/* Appends one event, its data on as many lines as it has. For tests, too. */
void events_format(struct buffer *out, const char *name, const char *data, size_t size);

#endif
