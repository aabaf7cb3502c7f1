/* monitor.h: what happens to the connections of one socket: up, refused, down, and the descriptors of new
 * ones.
 *
 * A libzmq socket monitor, read from the loop. A dialer learns from it that it was turned away (rather than
 * out of reach); a listener, which strangers have connected and not yet said who they are. */
#ifndef QANAT_NODE_LINK_MONITOR_H
#define QANAT_NODE_LINK_MONITOR_H

#include "node/link/socket.h"

enum monitor_kind {
    MONITOR_ACCEPTED,  /* listener: a TCP connection came in (fd) */
    MONITOR_CONNECTED, /* dialer: TCP is up, the handshake begins */
    MONITOR_UP,        /* the handshake is done */
    MONITOR_REFUSED,   /* the handshake was refused: wrong or unknown key */
    MONITOR_STARVED,   /* listener: a connection waits that could not be taken: no descriptor is left */
    MONITOR_DOWN,      /* the connection is gone (fd, possibly closed by now) or could not be made */
};

struct monitor_event {
    enum monitor_kind kind;
    int fd;
    bool is_told; /* DOWN: in the handshake the other hung up, or took too long. Else, where there was none that ended, what came was none of ours */
};

struct monitor;

/* Open it before socket_connect(), or events are missed. Never NULL. */
struct monitor *monitor_open(struct socket_context *context, struct socket *socket);

/* Before socket_close(). */
void monitor_close(struct monitor *monitor);

/* The next event; false when none waits. */
bool monitor_take(struct monitor *monitor, struct monitor_event *event_out);

/* For drain.h. */
void *monitor_raw(struct monitor *monitor);

#endif
