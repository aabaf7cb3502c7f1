/* listener.h: the listening side: which connection belongs to which session, and who may say what.
 *
 * Every packet is judged by its CURVE key at the time it is handled: a member that is not revoked may talk in
 * a session; the holder of an open invitation may ask to join; anybody else loses the connection. Outside its
 * transfer windows a member is told when to come back. */
#ifndef QANAT_NODE_LINK_LISTENER_H
#define QANAT_NODE_LINK_LISTENER_H

#include "node/link/admit.h"
#include "node/link/drain.h"
#include "node/link/gate.h"
#include "node/link/sessions.h"
#include "node/link/socket.h"

enum {
    LISTENER_JOBS_LEFT_MAX = 16,   /* of a peer's sessions that are over, before it gets another one: */
    LISTENER_LEFT_MS = 1000,       /* until then it is told to come back so soon */
    LISTENER_RETRY_MS = 60 * 1000, /* what a full hub says: come back after 1 to 2 times this */
    LISTENER_MORE_MAX = 1024, /* connections for contents beyond two a link (braid.h), of all links together */
    LISTENER_LONELY_MS =
        2 * HANDSHAKE_MS, /* a bulk connection whose control connection never came is dropped after this */
    LISTENER_LONELY_MAX = 8, /* such links of one member */
};

struct listener;

struct listener_options {
    struct socket_context *context;
    struct drain *drain;
    struct sessions *sessions;
    struct members *members;
    struct gate *gate;
    struct admit *admit;
    const struct curve_pair *own;
    const struct curve_pair *former; /* of before: doors for those who know no other (door.h) */
    size_t former_count;
    struct id self;
};

/* Makes the socket; the door (zap.h) must be open. NULL with a report. */
struct listener *listener_open(const struct listener_options *options, struct report *report);

/* The socket, for zap_prove(). */
struct socket *listener_socket(struct listener *listener);

/* Starts to take connections. */
enum status listener_bind(struct listener *listener, const char *endpoint, struct report *report);

/* Where it listens: tcp://ADDR:PORT. */
const char *listener_bound(const struct listener *listener);

/* Once a second. */
void listener_tick(struct listener *listener);

/* After its sessions were reaped. */
void listener_close(struct listener *listener);

#endif
