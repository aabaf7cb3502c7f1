#include "node/link/socket.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <sodium.h>
#include <zmq.h>

#include "node/incident.h"
#include "node/link/resolve.h"
#include "node/log.h"
#include "replication/base/check.h"

enum {
    OPTION_ZAP_ENFORCE_DOMAIN = 93, /* ZMQ_ZAP_ENFORCE_DOMAIN: in the library, not in its stable header */
    PARTS_MAX = 64,                 /* frames of one malformed packet that are thrown away per call */
    CONTEXT_END_S = 2,
    KEY_HEX_SIZE = 2 * CURVE_KEY_SIZE,
};

struct socket_context {
    void *raw;
};

struct socket {
    void *raw;
    zmq_msg_t body;
    bool is_listener;
    uint64_t malformed;
};

struct socket_context *socket_context_new(void)
{
    struct socket_context *context = calloc(1, sizeof *context);
    sigset_t all, before;

    CHECK(context != NULL);
    /* The library's threads inherit this mask: signals are the loop's affair. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    context->raw = zmq_ctx_new();
    CHECK(context->raw != NULL);
    zmq_ctx_set(context->raw, ZMQ_IO_THREADS, 1);
    zmq_ctx_set(context->raw, ZMQ_BLOCKY, 0);
    zmq_ctx_set(context->raw, ZMQ_MAX_MSGSZ, PACKET_SIZE_MAX);
    void *first = zmq_socket(context->raw, ZMQ_DEALER); /* starts the threads */
    if (first != NULL) {
        zmq_close(first);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return context;
}

static void *context_end(void *raw)
{
    zmq_ctx_term(raw);
    return NULL;
}

void socket_context_free(struct socket_context *context)
{
    struct timespec end;
    pthread_t thread;

    if (context == NULL) {
        return;
    }
    /* 4.3.4 was seen to wait here for ever, with every socket closed, once in some fifty ends: never let it
     * hold up the process. */
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += CONTEXT_END_S;
    if (pthread_create(&thread, NULL, context_end, context->raw) == 0 &&
        pthread_timedjoin_np(thread, NULL, &end) != 0) {
        pthread_detach(thread);
    }
    free(context);
}

void *socket_context_raw(struct socket_context *context)
{
    return context->raw;
}

static int option_int(void *raw, int option, int value)
{
    return zmq_setsockopt(raw, option, &value, sizeof value);
}

/* By the kernel, not by ZMQ_HEARTBEAT_IVL: libzmq 4.3 aborts when the timer of one finds a connection that the other end closed while it was not being read, as
 * its queue was full. */
static int liveness(void *raw)
{
    return option_int(raw, ZMQ_TCP_KEEPALIVE, 1) | option_int(raw, ZMQ_TCP_KEEPALIVE_IDLE, SOCKET_QUIET_S) |
           option_int(raw, ZMQ_TCP_KEEPALIVE_INTVL, SOCKET_PROBE_S) |
           option_int(raw, ZMQ_TCP_KEEPALIVE_CNT, SOCKET_DEAD_MS / 1000 / SOCKET_PROBE_S) | option_int(raw, ZMQ_TCP_MAXRT, SOCKET_DEAD_MS);
}

/* What both kinds share; 0, or not 0 when the library refused one. */
static int options_common(void *raw, const struct curve_pair *own)
{
    int64_t size_max = PACKET_SIZE_MAX;
    int bad = 0;

    bad |= zmq_setsockopt(raw, ZMQ_MAXMSGSIZE, &size_max, sizeof size_max);
    bad |= option_int(raw, ZMQ_LINGER, 0);
    bad |= option_int(raw, ZMQ_IMMEDIATE, 1);
    bad |= option_int(raw, ZMQ_IPV6, 1);
    bad |= option_int(raw, ZMQ_SNDHWM, SOCKET_QUEUE_MAX);
    bad |= option_int(raw, ZMQ_RCVHWM, SOCKET_QUEUE_MAX);
    bad |= option_int(raw, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
    bad |= liveness(raw);
    bad |= zmq_setsockopt(raw, ZMQ_CURVE_PUBLICKEY, own->public_key, CURVE_KEY_SIZE);
    bad |= zmq_setsockopt(raw, ZMQ_CURVE_SECRETKEY, own->secret_key, CURVE_KEY_SIZE);
    return bad;
}

static struct socket *socket_wrap(void *raw, bool is_listener)
{
    struct socket *socket = calloc(1, sizeof *socket);

    CHECK(socket != NULL);
    socket->raw = raw;
    socket->is_listener = is_listener;
    zmq_msg_init(&socket->body);
    return socket;
}

struct socket *socket_listener_new(struct socket_context *context, const struct curve_pair *own,
                                   struct report *report)
{
    void *raw = zmq_socket(context->raw, ZMQ_ROUTER);
    int bad = raw == NULL;

    if (!bad) {
        bad |= options_common(raw, own);
        bad |= option_int(raw, ZMQ_CURVE_SERVER, 1);
        bad |= option_int(raw, ZMQ_ROUTER_MANDATORY, 1);
        bad |= option_int(raw, ZMQ_BACKLOG, 512);
        bad |= option_int(raw, OPTION_ZAP_ENFORCE_DOMAIN, 1);
        bad |= zmq_setsockopt(raw, ZMQ_ZAP_DOMAIN, SOCKET_DOMAIN, strlen(SOCKET_DOMAIN));
    }
    if (bad) {
        report_set(report, S_INTERNAL, "the ZeroMQ library refused an option of the listener: %s",
                   zmq_strerror(zmq_errno()));
        if (raw != NULL) {
            zmq_close(raw);
        }
        return NULL;
    }
    return socket_wrap(raw, true);
}

/* 0, or why not. */
static int address_bind(struct socket *socket, const char *endpoint)
{
    /* Both families only where that is meant: else addresses would show as ::ffff:a.b.c.d. */
    option_int(socket->raw, ZMQ_IPV6,
               strncmp(endpoint, "tcp://[", 7) == 0 || strncmp(endpoint, "tcp://*", 7) == 0);
    return zmq_bind(socket->raw, endpoint) == 0 ? 0 : zmq_errno();
}

/* The library binds addresses and interfaces, no host names: the first of the name's addresses that is ours, of IPv4 before IPv6. */
static int name_bind(struct socket *socket, const char *endpoint)
{
    struct resolved found;
    struct report report = {0};
    int error = ENODEV;

    if (resolve_now(endpoint, &found, &report) != S_OK) {
        return error;
    }
    for (int is_v6 = 0; is_v6 < 2; is_v6++) {
        for (size_t i = 0; i < found.count; i++) {
            if ((found.address[i][6] == '[') == (is_v6 == 1) && (error = address_bind(socket, found.address[i])) == 0) {
                return 0;
            }
        }
    }
    return error;
}

enum status socket_bind(struct socket *socket, const char *endpoint, char bound_out[ENDPOINT_MAX],
                        struct report *report)
{
    size_t size = ENDPOINT_MAX;

    CHECK(socket->is_listener);
    if (strncmp(endpoint, "tcp://", 6) != 0) {
        return report_set(report, S_INVALID, "listen address '%s' must be tcp://ADDR:PORT", endpoint);
    }
    int error = address_bind(socket, endpoint);
    if (error == ENODEV && resolve_is_name(endpoint)) {
        error = name_bind(socket, endpoint);
    }
    if (error != 0) {
        return report_set(report, error == EADDRINUSE ? S_BUSY : S_INVALID,
                          "cannot listen on '%s': %s; choose another in qanat.conf, or with --set listen=tcp://ADDRESS:PORT",
                          endpoint, error == ENODEV ? "no address of this machine" : zmq_strerror(error));
    }
    if (zmq_getsockopt(socket->raw, ZMQ_LAST_ENDPOINT, bound_out, &size) != 0) {
        return report_set(report, S_INTERNAL, "the ZeroMQ library does not say where '%s' was bound",
                          endpoint);
    }
    return S_OK;
}

enum status socket_bind_door(struct socket *socket, int fd, const char *endpoint, const struct curve_pair *key, struct report *report)
{
    char bound[ENDPOINT_MAX];
    uint8_t secret[CURVE_KEY_SIZE];
    size_t size = sizeof secret;

    if (zmq_getsockopt(socket->raw, ZMQ_CURVE_SECRETKEY, secret, &size) != 0 || option_int(socket->raw, ZMQ_USE_FD, fd) != 0 ||
        (key != NULL && zmq_setsockopt(socket->raw, ZMQ_CURVE_SECRETKEY, key->secret_key, CURVE_KEY_SIZE) != 0)) {
        return report_set(report, S_INTERNAL, "the ZeroMQ library refused an option of the listener: %s", zmq_strerror(zmq_errno()));
    }
    enum status status = socket_bind(socket, endpoint, bound, report);
    option_int(socket->raw, ZMQ_USE_FD, -1);
    if (key != NULL) { /* the options of a bind are those of its moment */
        zmq_setsockopt(socket->raw, ZMQ_CURVE_SECRETKEY, secret, CURVE_KEY_SIZE);
    }
    sodium_memzero(secret, sizeof secret);
    return status;
}

void socket_unbind(struct socket *socket, const char *bound)
{
    zmq_unbind(socket->raw, bound);
}

struct socket *socket_dialer_new(struct socket_context *context, const struct curve_pair *own,
                                 const uint8_t server_key[CURVE_KEY_SIZE], struct report *report)
{
    void *raw = zmq_socket(context->raw, ZMQ_DEALER);
    int bad = raw == NULL;

    if (!bad) {
        bad |= options_common(raw, own);
        bad |= option_int(raw, ZMQ_RECONNECT_IVL, -1);
        bad |= zmq_setsockopt(raw, ZMQ_CURVE_SERVERKEY, server_key, CURVE_KEY_SIZE);
    }
    if (bad) {
        report_set(report, S_INTERNAL, "the ZeroMQ library refused an option: %s", zmq_strerror(zmq_errno()));
        if (raw != NULL) {
            zmq_close(raw);
        }
        return NULL;
    }
    return socket_wrap(raw, false);
}

enum status socket_connect(struct socket *socket, const char *endpoint, struct report *report)
{
    CHECK(!socket->is_listener);
    if (strncmp(endpoint, "tcp://", 6) != 0) {
        return report_set(report, S_INVALID, "address '%s' must be tcp://HOST:PORT", endpoint);
    }
    if (zmq_connect(socket->raw, endpoint) != 0) {
        return report_set(report, S_INVALID, "address '%s' cannot be used: %s", endpoint,
                          zmq_strerror(zmq_errno()));
    }
    return S_OK;
}

void socket_close(struct socket *socket)
{
    if (socket != NULL) {
        zmq_msg_close(&socket->body);
        zmq_close(socket->raw);
        free(socket);
    }
}

static enum status send_status(int error)
{
    if (error == EAGAIN || error == EINTR) {
        return S_BUSY;
    }
    return S_UNREACHABLE;
}

enum status socket_send(struct socket *socket, const struct route *route, struct bytes body)
{
    CHECK(body.size <= PACKET_SIZE_MAX);
    CHECK(socket->is_listener == (route != NULL));
    if (route != NULL && zmq_send(socket->raw, route->b, ROUTE_SIZE, ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0) {
        return send_status(zmq_errno());
    }
    if (zmq_send(socket->raw, body.data, body.size, ZMQ_DONTWAIT) < 0) {
        /* A ROUTER that took the first part takes the second. */
        CHECK(route == NULL || zmq_errno() != EAGAIN);
        return send_status(zmq_errno());
    }
    return S_OK;
}

/* The key that the ZAP handler vouched for. */
static bool message_key(zmq_msg_t *message, uint8_t key_out[CURVE_KEY_SIZE])
{
    const char *user = zmq_msg_gets(message, "User-Id");

    return user != NULL && strlen(user) == KEY_HEX_SIZE && hex_decode(user, key_out, CURVE_KEY_SIZE);
}

/* Throws the rest of a packet away, and its connection. */
static void drop_rest(struct socket *socket)
{
    socket->malformed++;
    incident_add(INCIDENT_FRAMES, 1);
    log_event(LOG_WARNING, "packet_refused", "reason=\"not one frame of at most %d bytes\"", PACKET_SIZE_MAX);
    socket_shutdown(zmq_msg_get(&socket->body, ZMQ_SRCFD));
    for (int i = 0; i < PARTS_MAX && zmq_msg_more(&socket->body); i++) {
        if (zmq_msg_recv(&socket->body, socket->raw, ZMQ_DONTWAIT) < 0) {
            break;
        }
    }
}

/* The route frame of a listener; false when nothing waits. A route of the wrong shape is left all zero. */
static bool receive_route(struct socket *socket, struct route *route_out)
{
    memset(route_out, 0, sizeof *route_out);
    if (zmq_msg_recv(&socket->body, socket->raw, ZMQ_DONTWAIT) < 0) {
        return false;
    }
    if (zmq_msg_size(&socket->body) == ROUTE_SIZE && zmq_msg_more(&socket->body)) {
        memcpy(route_out->b, zmq_msg_data(&socket->body), ROUTE_SIZE);
    }
    return true;
}

/* True when the body just received is one that may be handed on. */
static bool packet_accept(struct socket *socket, struct packet *out, bool is_route_good)
{
    if (!is_route_good || zmq_msg_more(&socket->body)) {
        return false;
    }
    if (socket->is_listener && !message_key(&socket->body, out->key)) {
        return false;
    }
    out->fd = zmq_msg_get(&socket->body, ZMQ_SRCFD);
    out->body = bytes_of(zmq_msg_data(&socket->body), zmq_msg_size(&socket->body));
    return true;
}

bool socket_receive(struct socket *socket, struct packet *out)
{
    static const struct route none;

    for (int i = 0; i < PARTS_MAX; i++) {
        bool is_route_good = true;
        memset(out, 0, sizeof *out);
        if (socket->is_listener) {
            if (!receive_route(socket, &out->route)) {
                return false;
            }
            is_route_good = memcmp(out->route.b, none.b, ROUTE_SIZE) != 0 && out->route.b[0] == 0;
            if (!zmq_msg_more(&socket->body)) {
                continue;
            }
        }
        if (zmq_msg_recv(&socket->body, socket->raw, ZMQ_DONTWAIT) < 0) {
            return false;
        }
        if (packet_accept(socket, out, is_route_good)) {
            return true;
        }
        drop_rest(socket);
    }
    return false;
}

void *socket_raw(struct socket *socket)
{
    return socket->raw;
}

void socket_shutdown(int fd)
{
    int domain = 0;
    socklen_t size = sizeof domain;

    /* Never a descriptor that is no network connection, whatever the library said. */
    if (fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
        (domain == AF_INET || domain == AF_INET6)) {
        shutdown(fd, SHUT_RDWR);
    }
}

uint64_t socket_malformed(const struct socket *socket)
{
    return socket->malformed;
}
