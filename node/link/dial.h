/* dial.h: one node that this node dials: two connections, a session over them, and own timers between
 * attempts.
 *
 * The library never reconnects by itself: after a failure the next attempt comes after a delay with full
 * jitter (replication/schedule/backoff.h), or when the other said so (RETRY). Outside every transfer window
 * it waits without a byte. One long session, never one per exchange. Loop thread only. */
#ifndef QANAT_NODE_LINK_DIAL_H
#define QANAT_NODE_LINK_DIAL_H

#include "node/link/drain.h"
#include "node/link/gate.h"
#include "node/link/sessions.h"
#include "node/link/socket.h"

struct dial;

struct dial_options {
    struct socket_context *context;
    struct drain *drain;
    struct sessions *sessions;
    struct members *members;
    struct gate *gate;
    const struct curve_pair *own;
    const struct curve_pair *former; /* of before: tried in turns where the present one is refused */
    size_t former_count;
    uv_loop_t *loop;
    uint32_t retry_min_ms, retry_max_ms;
};

enum dial_state {
    DIAL_WAITING,    /* for the next attempt */
    DIAL_CONNECTING, /* sockets are on their way */
    DIAL_OPEN,       /* a session is there */
    DIAL_STOPPED,
};

/* Begins to dial `remote` at `endpoint` (tcp://HOST:PORT) at once; where `other` is another address ("": none), each attempt
 * after a failure takes turns. `options` and what it points to outlive the dial. Never NULL. */
struct dial *dial_start(const struct dial_options *options, const struct id *remote, const char *endpoint, const char *other);

/* The next attempt now, without waiting. */
void dial_now(struct dial *dial);

/* This machine's addresses changed: what runs from one that is gone ends and begins anew; what waits tries now. */
void dial_network(struct dial *dial);

/* Once a second, and when windows changed: stops what is on its way when they closed, goes on when they
 * opened; makes the bulk connection where nothing comes over control. */
void dial_look(struct dial *dial);

/* Ends its session and makes no more attempts. */
void dial_stop(struct dial *dial);

/* True after dial_stop() once its session was reaped: dial_free() may follow. */
bool dial_has_ended(const struct dial *dial);

/* After dial_stop() and when its session was reaped. Memory goes when the loop has run. */
void dial_free(struct dial *dial);

enum dial_state dial_state(const struct dial *dial);
const struct id *dial_remote(const struct dial *dial);

/* The other said RETRY, or no window is open, and the time has not come. */
bool dial_is_deferred(const struct dial *dial);

/* Attempts that failed since it began; why the last one did, "" when it did not. */
uint32_t dial_failures(const struct dial *dial);
const char *dial_error(const struct dial *dial);

#endif
