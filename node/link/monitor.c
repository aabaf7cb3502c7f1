#include "node/link/monitor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "replication/base/check.h"

/* Never ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL. It is also sent for a message of a connection that is up and cannot be deciphered, after errno was set to say so
 * and before it is looked at (libzmq 4.3, curve_mechanism_base_t::decode); sending it makes EAGAIN of that, and the library goes on as if it were out of
 * room: it reads nothing more, does not hang up, and aborts the process when the other hangs up and a timer sends something. */
enum {
    EVENTS = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_CONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
             ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED | ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_ACCEPT_FAILED,
    EVENT_SIZE = 6, /* number (16 bits) and value (32 bits) */
    SKIPPED_MAX = 64,
};

struct monitor {
    void *raw;
    void *watched;
    bool is_told; /* why the next connection to go does: the library says both at once */
};

struct monitor *monitor_open(struct socket_context *context, struct socket *socket)
{
    struct monitor *monitor = calloc(1, sizeof *monitor);
    char address[64];
    int linger = 0;

    CHECK(monitor != NULL);
    monitor->watched = socket_raw(socket);
    snprintf(address, sizeof address, "inproc://monitor-%p", monitor->watched);
    CHECK(zmq_socket_monitor(monitor->watched, address, EVENTS) == 0);
    monitor->raw = zmq_socket(socket_context_raw(context), ZMQ_PAIR);
    CHECK(monitor->raw != NULL);
    zmq_setsockopt(monitor->raw, ZMQ_LINGER, &linger, sizeof linger);
    CHECK(zmq_connect(monitor->raw, address) == 0);
    return monitor;
}

void monitor_close(struct monitor *monitor)
{
    if (monitor != NULL) {
        zmq_socket_monitor(monitor->watched, NULL, 0);
        zmq_close(monitor->raw);
        free(monitor);
    }
}

/* False for events that say nothing new, or nothing yet. */
static bool event_of(struct monitor *monitor, uint16_t number, uint32_t value, struct monitor_event *out)
{
    out->fd = -1;
    out->is_told = false;
    if (number == ZMQ_EVENT_ACCEPTED) {
        out->kind = MONITOR_ACCEPTED;
        out->fd = (int)value;
    } else if (number == ZMQ_EVENT_CONNECTED) {
        out->kind = MONITOR_CONNECTED;
        out->fd = (int)value;
    } else if (number == ZMQ_EVENT_ACCEPT_FAILED) {
        out->kind = MONITOR_STARVED;
    } else if (number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
        out->kind = MONITOR_UP;
    } else if (number == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
        out->kind = MONITOR_REFUSED;
    } else if (number == ZMQ_EVENT_DISCONNECTED) {
        out->kind = MONITOR_DOWN;
        out->fd = (int)value;
        out->is_told = monitor->is_told;
        monitor->is_told = false;
    } else if (number == ZMQ_EVENT_CLOSED || number == ZMQ_EVENT_CONNECT_RETRIED) {
        out->kind = MONITOR_DOWN;
    } else {
        monitor->is_told = number == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;
        return false;
    }
    return true;
}

bool monitor_take(struct monitor *monitor, struct monitor_event *event_out)
{
    for (int i = 0; i < SKIPPED_MAX; i++) {
        uint8_t head[EVENT_SIZE];
        uint16_t number;
        uint32_t value;
        int more = 1;
        size_t size = sizeof more;
        int got = zmq_recv(monitor->raw, head, sizeof head, ZMQ_DONTWAIT);
        if (got < 0) {
            return false;
        }
        memcpy(&number, head, sizeof number);
        memcpy(&value, head + sizeof number, sizeof value);
        zmq_getsockopt(monitor->raw, ZMQ_RCVMORE, &more, &size);
        if (more) {
            char address[ENDPOINT_MAX];
            zmq_recv(monitor->raw, address, sizeof address, ZMQ_DONTWAIT);
        }
        if (got == EVENT_SIZE && event_of(monitor, number, value, event_out)) {
            return true;
        }
    }
    return false;
}

void *monitor_raw(struct monitor *monitor)
{
    return monitor->raw;
}
