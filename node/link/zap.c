#include "node/link/zap.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>
#include <zmq.h>

#include "node/incident.h"
#include "node/link/monitor.h"
#include "node/local_time.h"
#include "node/log.h"
#include "replication/base/check.h"

/* Frames of a request as a ROUTER sees them: route, empty, version, request id, domain, address, identity,
 * mechanism, credentials (the key). */
enum {
    FRAME_ROUTE = 0,
    FRAME_VERSION = 2,
    FRAME_REQUEST = 3,
    FRAME_DOMAIN = 4,
    FRAME_MECHANISM = 7,
    FRAME_KEY = 8,
    FRAMES = 9,
    FRAMES_MAX = 16,
    PROVE_STEP_MS = 50,
};

struct zap {
    void *raw;
    zap_admit *admit;
    void *ctx;
    uint64_t refused, told;
    bool is_proving; /* what is refused is our own knock */
};

struct zap *zap_open(struct socket_context *context, zap_admit *admit, void *ctx, struct report *report)
{
    void *raw = zmq_socket(socket_context_raw(context), ZMQ_ROUTER);
    int linger = 0;

    if (raw == NULL || zmq_bind(raw, "inproc://zeromq.zap.01") != 0) {
        report_set(report, S_INTERNAL, "cannot guard the listener (ZAP): %s", zmq_strerror(zmq_errno()));
        if (raw != NULL) {
            zmq_close(raw);
        }
        return NULL;
    }
    zmq_setsockopt(raw, ZMQ_LINGER, &linger, sizeof linger);
    struct zap *zap = calloc(1, sizeof *zap);
    CHECK(zap != NULL);
    zap->raw = raw;
    zap->admit = admit;
    zap->ctx = ctx;
    return zap;
}

void zap_close(struct zap *zap)
{
    if (zap != NULL) {
        zmq_close(zap->raw);
        free(zap);
    }
}

static bool frame_is(zmq_msg_t *frame, const char *text)
{
    return bytes_equal(bytes_of(zmq_msg_data(frame), zmq_msg_size(frame)), bytes_text(text));
}

/* True when the request is well-formed and its key may come in. */
static bool request_is_good(struct zap *zap, zmq_msg_t *frames, size_t count)
{
    return count == FRAMES && frame_is(&frames[FRAME_VERSION], "1.0") &&
           frame_is(&frames[FRAME_DOMAIN], SOCKET_DOMAIN) && frame_is(&frames[FRAME_MECHANISM], "CURVE") &&
           zmq_msg_size(&frames[FRAME_KEY]) == CURVE_KEY_SIZE &&
           zap->admit(zap->ctx, zmq_msg_data(&frames[FRAME_KEY]));
}

static void send_part(void *raw, struct bytes part, bool has_more)
{
    zmq_send(raw, part.data, part.size, ZMQ_DONTWAIT | (has_more ? ZMQ_SNDMORE : 0));
}

static void answer(struct zap *zap, zmq_msg_t *frames, bool is_good)
{
    char user[2 * CURVE_KEY_SIZE + 1] = "";

    if (is_good) {
        sodium_bin2hex(user, sizeof user, zmq_msg_data(&frames[FRAME_KEY]), CURVE_KEY_SIZE);
    } else {
        zap->refused++;
        incident_add(INCIDENT_STRANGERS, !zap->is_proving);
    }
    zmq_msg_t *route = &frames[FRAME_ROUTE];
    zmq_msg_t *request = &frames[FRAME_REQUEST];
    send_part(zap->raw, bytes_of(zmq_msg_data(route), zmq_msg_size(route)), true);
    send_part(zap->raw, bytes_text(""), true);
    send_part(zap->raw, bytes_text("1.0"), true);
    send_part(zap->raw, bytes_of(zmq_msg_data(request), zmq_msg_size(request)), true);
    send_part(zap->raw, bytes_text(is_good ? "200" : "400"), true);
    send_part(zap->raw, bytes_text(is_good ? "" : "not admitted"), true);
    send_part(zap->raw, bytes_text(user), true);
    send_part(zap->raw, bytes_text(""), false);
}

bool zap_take(void *ctx)
{
    struct zap *zap = ctx;
    zmq_msg_t frames[FRAMES_MAX];
    size_t count = 0;
    bool has_more = true;

    while (has_more && count < FRAMES_MAX) {
        zmq_msg_init(&frames[count]);
        if (zmq_msg_recv(&frames[count], zap->raw, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(&frames[count]);
            break;
        }
        has_more = zmq_msg_more(&frames[count]) != 0;
        count++;
    }
    if (count > FRAME_REQUEST) {
        answer(zap, frames, !has_more && request_is_good(zap, frames, count));
    }
    for (size_t i = 0; i < count; i++) {
        zmq_msg_close(&frames[i]);
    }
    return count > 0;
}

void *zap_raw(struct zap *zap)
{
    return zap->raw;
}

void zap_tell(struct zap *zap)
{
    if (zap != NULL && zap->refused > zap->told) {
        log_event(LOG_WARNING, "strangers_refused", "count=%llu reason=\"no member has their key\"",
                  (unsigned long long)(zap->refused - zap->told));
        zap->told = zap->refused;
    }
}

uint64_t zap_refused(const struct zap *zap)
{
    return zap->refused;
}

/* Serves the door until the knocking socket was let in or turned away. */
static enum status knock(struct zap *zap, struct monitor *monitor)
{
    uint64_t end = local_time_monotonic() + ZAP_PROVE_MS;
    struct monitor_event event;

    while (local_time_monotonic() < end) {
        zmq_pollitem_t items[] = {{zap->raw, 0, ZMQ_POLLIN, 0}, {monitor_raw(monitor), 0, ZMQ_POLLIN, 0}};
        zmq_poll(items, 2, PROVE_STEP_MS);
        while (zap_take(zap)) {
        }
        while (monitor_take(monitor, &event)) {
            if (event.kind == MONITOR_UP) {
                return S_DENIED;
            }
            if (event.kind == MONITOR_REFUSED) {
                return S_OK;
            }
        }
    }
    return S_UNREACHABLE;
}

enum status zap_prove(struct zap *zap, struct socket_context *context, struct socket *listener,
                      const uint8_t listener_key[CURVE_KEY_SIZE], struct report *report)
{
    char bound[ENDPOINT_MAX];
    struct curve_pair stranger;
    enum status status = socket_bind(listener, "tcp://127.0.0.1:*", bound, report);

    if (status != S_OK) {
        return status;
    }
    crypto_box_keypair(stranger.public_key, stranger.secret_key);
    uint64_t refused_before = zap->refused;
    struct socket *probe = socket_dialer_new(context, &stranger, listener_key, report);
    if (probe == NULL) {
        socket_unbind(listener, bound);
        return S_INTERNAL;
    }
    struct monitor *monitor = monitor_open(context, probe);
    status = socket_connect(probe, bound, report);
    zap->is_proving = true;
    if (status == S_OK) {
        status = knock(zap, monitor);
    }
    zap->is_proving = false;
    monitor_close(monitor);
    socket_close(probe);
    socket_unbind(listener, bound);
    if (status == S_OK && zap->refused > refused_before) {
        zap->refused = refused_before;
        return S_OK;
    }
    if (status == S_UNREACHABLE) {
        return report_set(report, S_UNREACHABLE,
                          "the self-test of the listener got no answer; is the machine overloaded?");
    }
    return report_set(report, S_DENIED,
                      "the self-test of the listener failed: a stranger's key was let in; refusing to run");
}
