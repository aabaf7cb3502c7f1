/* session.h: drives one struct peer: frames, timers and completions in, effects out.
 *
 * A session knows no socket: it sends through its wire and is told what came. Effects that write become jobs
 * of the store; what is reported back as durable was committed. Steps never nest. A session that is over does
 * nothing more, and is freed by its owner (link.h) once its jobs are done. Loop thread only. */
#ifndef QANAT_NODE_LINK_SESSION_H
#define QANAT_NODE_LINK_SESSION_H

#include <uv.h>

#include "node/link/content.h"
#include "node/link/gate.h"
#include "node/link/members.h"
#include "node/store/operation/peer_status.h"
#include "replication/peer/peer.h"

enum {
    SESSION_CREDIT = 512 * 1024, /* bulk bytes a peer may have under way to us */
    SESSION_RETRY_MS =
        20 * 1000, /* repeat an unanswered exchange; a satellite's round trip many times over */
    SESSION_NEAR_MS = 5 * 1000,
    SESSION_SILENCE_MS = 5 * 60 * 1000, /* while an answer is due; a dead link is found by the kernel */
};

struct assay;
struct mirrors;

/* What all sessions of a node share. */
struct session_context {
    uv_loop_t *loop;
    struct store *store;
    struct members *members;
    struct gate *gate;                  /* rate and quota of its window */
    const struct link_content *content; /* NULL: no course content here */
    struct sessions *sessions;          /* NULL: this one is alone */
    struct mirrors *mirrors;            /* NULL: none */
    struct assay *assay;                /* NULL: the core looks at every hash itself */
    struct id self;
    struct id federation;
    /* Something a person may see moved: state, counters, the end. */
    void (*on_progress)(void *ctx);
    void *ctx;
};

/* How frames leave. `send`: S_OK, S_BUSY (kept and tried again at the next flush), S_UNREACHABLE (the session
 * is over). */
struct session_wire {
    enum status (*send)(void *ctx, enum channel channel, struct bytes frame);
    /* The session is over: let go of the sockets; come back after `after_ms` (0: as usual). Called once, from
     * session_reap(). */
    void (*over)(void *ctx, uint32_t after_ms, enum status why);
    void *ctx;
    const unsigned *more; /* connections more that contents are spread over (braid.h): then each frame goes alone; NULL: none */
};

struct session;
struct sessions;

/* Starts with EVENT_OPEN. `context` and what `wire` points to outlive the session. Never NULL. */
struct session *session_open(const struct session_context *context, const struct id *remote,
                             const struct session_wire *wire);

/* A frame came over the connection `line`; a little bulk may come over control. */
void session_receive(struct session *session, enum channel line, struct bytes frame);

/* The store or the roster changed. */
void session_changed(struct session *session);

/* One step for an event without anything to it. */
void session_poke(struct session *session, enum peer_event_kind kind);

/* When in step: greets anew, to hear that the other is still there and still agrees. Otherwise a round is
 * under way already. */
void session_greet(struct session *session);

/* Sends what waits, and handles what came and waits for the rate of the window. */
void session_flush(struct session *session);

/* Ends it cleanly: what is staged stays; the other is told to come back after `after_ms`. */
void session_defer(struct session *session, uint32_t after_ms);

/* Ends it: S_DENIED, S_UNREACHABLE, ... */
void session_end(struct session *session, enum status why);

/* Tells the wire that it is over, when it is. True when it can be freed: no job of it is under way any more.
 */
bool session_reap(struct session *session);
void session_free(struct session *session);

const struct session_context *session_context_of(const struct session *session);
const struct id *session_remote(const struct session *session);
const struct peer_progress *session_progress(const struct session *session);

/* Did the other side say in HELLO that it knows this (ABILITY_...)? NULL: no session, so nobody said it. */
static inline bool session_is_able(const struct session *session, uint32_t ability)
{
    return session && (session_progress(session)->remote_abilities & ability) != 0;
}

bool session_is_over(const struct session *session);

/* For what the core says of objects (replication/peer/peer.h). */
const struct peer *session_peer(const struct session *session);

/* Has it brought any object in the last SESSION_NEAR_MS, or began then? */
bool session_is_bringing(const struct session *session);

/* Jobs handed to the store and not yet reported. */
size_t session_jobs(const struct session *session);

/* Updates the row of this peer with what happened since the last call; false when nothing is worth writing
 * yet. */
bool session_report(struct session *session, struct peer_status *row);

#endif
