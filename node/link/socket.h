/* socket.h: ZeroMQ behind a border: CURVE sockets of one context that carry whole packets.
 *
 * Only ROUTER (the listener) and DEALER (dialers) over tcp, every option set here. Nothing blocks: a send
 * that cannot go now is S_BUSY. A peer is known by the CURVE key on the payload frame, never by a routing id.
 * A packet is exactly one frame of at most PACKET_SIZE_MAX bytes; a peer that sends anything else loses its
 * connection. All calls on one thread: the loop's. */
#ifndef QANAT_NODE_LINK_SOCKET_H
#define QANAT_NODE_LINK_SOCKET_H

#include <stdbool.h>

#include "replication/base/status.h"
#include "replication/trust/identity.h"

enum {
    PACKET_SIZE_MAX = 64 * 1024, /* ZMQ_MAXMSGSIZE: holds for strangers too */
    SOCKET_QUEUE_MAX = 64,       /* high-water mark of each connection, packets */
    SOCKET_QUIET_S = 30,         /* after so long without a word the kernel asks whether the other end is there, */
    SOCKET_PROBE_S = 15,         /* so often; */
    SOCKET_DEAD_MS = 120 * 1000, /* of what gets no answer for so long the connection is gone */
    ROUTE_SIZE = 5, /* what a ROUTER assigns: a zero and a number */
    CURVE_KEY_SIZE = 32,
};

#define SOCKET_DOMAIN "qanat" /* the ZAP domain of every listener */

struct socket_context;
struct socket;

/* One connection of a listener. */
struct route {
    uint8_t b[ROUTE_SIZE];
};

/* A CURVE key pair, raw bytes. */
struct curve_pair {
    uint8_t public_key[CURVE_KEY_SIZE];
    uint8_t secret_key[CURVE_KEY_SIZE];
};

struct packet {
    struct route route;          /* listener only */
    uint8_t key[CURVE_KEY_SIZE]; /* listener only: who proved to hold it */
    int fd;                      /* of the connection, for socket_shutdown() */
    struct bytes body;           /* borrowed until the next socket_receive() on this socket */
};

/* One context per process. Never NULL. */
struct socket_context *socket_context_new(void);
/* After all its sockets were closed. */
void socket_context_free(struct socket_context *context);
/* The library's own context, for zap.c and monitor.c. */
void *socket_context_raw(struct socket_context *context);

/* A ROUTER that demands CURVE and ZAP; open zap.h first. NULL with a report when the library refuses. */
struct socket *socket_listener_new(struct socket_context *context, const struct curve_pair *own,
                                   struct report *report);

/* Binds to tcp://ADDR:PORT (port * or 0: any); tells the address it got. S_INVALID, S_BUSY (in use) with a
 * report. */
enum status socket_bind(struct socket *socket, const char *endpoint, char bound_out[ENDPOINT_MAX],
                        struct report *report);
/* As socket_bind(), on a descriptor that listens already, with the secret of another key pair (NULL: its own). The socket takes `fd`. */
enum status socket_bind_door(struct socket *socket, int fd, const char *endpoint, const struct curve_pair *key, struct report *report);

void socket_unbind(struct socket *socket, const char *bound);

/* A DEALER for a listener whose key must be `server_key`; not yet connected, so that a monitor sees
 * everything. NULL with a report. */
struct socket *socket_dialer_new(struct socket_context *context, const struct curve_pair *own,
                                 const uint8_t server_key[CURVE_KEY_SIZE], struct report *report);

/* Sets out to tcp://HOST:PORT, once: a dialer never tries again by itself. S_INVALID with a report. */
enum status socket_connect(struct socket *socket, const char *endpoint, struct report *report);

void socket_close(struct socket *socket);

/* Sends one packet (`route`: listener only). S_OK; S_BUSY: not now; S_UNREACHABLE: the connection is gone. */
enum status socket_send(struct socket *socket, const struct route *route, struct bytes body);

/* Takes the next packet; false when none waits. Malformed packets are dropped together with their connection.
 */
bool socket_receive(struct socket *socket, struct packet *out);

/* The library's own socket, for drain.h and monitor.h. */
void *socket_raw(struct socket *socket);

/* Ends one connection at once, both directions. */
void socket_shutdown(int fd);

/* Packets that were dropped with their connection. */
uint64_t socket_malformed(const struct socket *socket);

#endif
