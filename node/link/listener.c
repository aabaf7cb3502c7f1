#include "node/link/listener.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <sodium.h>

#include "node/incident.h"
#include "node/link/congestion.h"
#include "node/link/door.h"
#include "node/link/guard.h"
#include "node/link/monitor.h"
#include "node/link/opening.h"
#include "node/link/small.h"
#include "node/link/traffic.h"
#include "node/local_time.h"
#include "node/log.h"
#include "replication/base/check.h"
#include "replication/wire/message.h"

enum { CHANNELS = 2, CUTS_PER_TICK = 64 };

/* One of the two connections of an inbound link. */
struct line {
    bool is_open;
    struct route route;
    int fd;
};

/* Two connections that belong together, and their session once the control connection is there. */
struct inbound {
    struct listener *listener;
    struct inbound *next;
    uint8_t key[CURVE_KEY_SIZE];
    uint8_t number[8];
    struct line lines[CHANNELS];
    struct small small;
    bool has_asked; /* for the bulk connection */
    struct session *session;
    uint64_t since_ms;
};

struct listener {
    struct listener_options options;
    struct socket *socket;
    struct monitor *monitor;
    struct drain_item *socket_item, *monitor_item;
    struct inbound *first;
    struct guard *guard;
    struct doors *doors; /* NULL: one key */
    bool has_knocked;    /* a handshake failed: the next connection to go is that one */
    unsigned garbled; /* handshakes, since the last tick */
    char bound[ENDPOINT_MAX];
    int spares[LISTENER_SPARES]; /* descriptors kept for a moment when there are none; -1: given up */
    bool is_starved;
};

/* --- inbound links -----------------------------------------------------------------------------------------
 */

static struct inbound *inbound_find(struct listener *listener, const struct route *route,
                                    enum channel *channel_out)
{
    for (struct inbound *inbound = listener->first; inbound != NULL; inbound = inbound->next) {
        for (int channel = 0; channel < CHANNELS; channel++) {
            struct line *line = &inbound->lines[channel];
            if (line->is_open && memcmp(line->route.b, route->b, ROUTE_SIZE) == 0) {
                *channel_out = (enum channel)channel;
                return inbound;
            }
        }
    }
    return NULL;
}

static struct inbound *inbound_find_number(struct listener *listener, const uint8_t key[CURVE_KEY_SIZE],
                                           const uint8_t number[8])
{
    for (struct inbound *inbound = listener->first; inbound != NULL; inbound = inbound->next) {
        if (memcmp(inbound->key, key, CURVE_KEY_SIZE) == 0 && memcmp(inbound->number, number, 8) == 0) {
            return inbound;
        }
    }
    return NULL;
}

/* Unlinks and frees it, cutting its connections. Its session knows nothing of it any more. */
static void inbound_drop(struct inbound *inbound)
{
    struct inbound **at = &inbound->listener->first;

    while (*at != inbound) {
        CHECK(*at != NULL);
        at = &(*at)->next;
    }
    *at = inbound->next;
    for (int channel = 0; channel < CHANNELS; channel++) {
        if (inbound->lines[channel].is_open) {
            socket_shutdown(inbound->lines[channel].fd);
        }
    }
    free(inbound);
}

/* Drops one whose session is over or never was. */
static void inbound_end(struct inbound *inbound, enum status why)
{
    if (inbound->session != NULL) {
        session_end(inbound->session, why); /* the wire's `over` drops it */
    } else {
        inbound_drop(inbound);
    }
}

/* The bulk connection, please: only the other side can make it. */
static void bulk_ask(struct inbound *inbound)
{
    struct opening opening = {.channel = CHANNEL_BULK};
    uint8_t packet[OPENING_SIZE];

    memcpy(opening.number, inbound->number, sizeof opening.number);
    opening_encode(&opening, packet);
    inbound->has_asked = socket_send(inbound->listener->socket, &inbound->lines[CHANNEL_CONTROL].route,
                                     bytes_of(packet, sizeof packet)) == S_OK;
}

static enum status wire_send(void *ctx, enum channel channel, struct bytes frame)
{
    struct inbound *inbound = ctx;
    bool has_bulk = inbound->lines[CHANNEL_BULK].is_open || inbound->has_asked;
    bool is_small =
        channel == CHANNEL_BULK && small_may(&inbound->small, frame.size, has_bulk, local_time_monotonic());
    struct line *line = &inbound->lines[is_small ? CHANNEL_CONTROL : channel];

    if (channel == CHANNEL_BULK && !is_small && !has_bulk) {
        bulk_ask(inbound);
    }
    if (!line->is_open) {
        return S_BUSY; /* the bulk connection is still on its way */
    }
    enum status status = socket_send(inbound->listener->socket, &line->route, frame);
    if (status == S_OK && is_small) {
        small_sent(&inbound->small, frame.size);
    }
    return status;
}

static void wire_over(void *ctx, uint32_t after_ms, enum status why)
{
    struct inbound *inbound = ctx;
    struct message message = {.type = MESSAGE_RETRY, .retry = {.after_ms = after_ms}};
    struct buffer frame;

    (void)why;
    if (after_ms > 0 && inbound->lines[CHANNEL_CONTROL].is_open) {
        buffer_init(&frame);
        if (message_encode(&message, &frame) == S_OK) {
            wire_send(inbound, CHANNEL_CONTROL, buffer_bytes(&frame));
        }
        buffer_release(&frame);
        inbound->session = NULL;
        inbound->since_ms = 0; /* dropped at the next tick, when this has left */
        return;
    }
    inbound_drop(inbound);
}

/* --- what comes in
 * --------------------------------------------------------------------------------------------- */

/* No session now: says when to come back. */
static void answer_retry(struct listener *listener, struct inbound *inbound, const struct packet *packet,
                         uint32_t after_ms)
{
    struct message message = {.type = MESSAGE_RETRY, .retry = {.after_ms = after_ms}};
    struct buffer frame;

    inbound->since_ms = 0; /* dropped at the next tick, when the answer has left */
    buffer_init(&frame);
    if (message_encode(&message, &frame) == S_OK) {
        socket_send(listener->socket, &packet->route, buffer_bytes(&frame));
    }
    buffer_release(&frame);
    incident_add(INCIDENT_SESSIONS, 1);
    log_event(LOG_WARNING, "session_deferred", "sessions=%zu retry_ms=%u",
              sessions_count(listener->options.sessions), after_ms);
}

/* True when the new link with `remote` may take the place of a session that is there. When both dial each
 * other at once, the one of the greater id stays. */
static bool session_replace(struct listener *listener, const struct id *remote)
{
    struct session *session = sessions_find(listener->options.sessions, remote);
    bool is_inbound = false;

    if (session == NULL) {
        return true;
    }
    for (struct inbound *inbound = listener->first; inbound != NULL; inbound = inbound->next) {
        is_inbound = is_inbound || inbound->session == session;
    }
    if (!is_inbound && id_compare(remote, &listener->options.self) < 0) {
        return false;
    }
    session_end(session, S_STALE);
    return true;
}

static void control_opened(struct listener *listener, struct inbound *inbound,
                           const struct roster_node *remote, const struct packet *packet)
{
    struct session_wire wire = {.send = wire_send, .over = wire_over, .ctx = inbound};

    gate_refresh(listener->options.gate);
    if (!gate_is_open(listener->options.gate, &remote->node)) {
        answer_retry(listener, inbound, packet, gate_retry_ms(listener->options.gate, &remote->node));
        return;
    }
    if (!session_replace(listener, &remote->node)) {
        inbound_drop(inbound);
        return;
    }
    sessions_reap(listener->options.sessions);
    if (sessions_jobs_left(listener->options.sessions, &remote->node) > LISTENER_JOBS_LEFT_MAX) {
        answer_retry(listener, inbound, packet, LISTENER_LEFT_MS);
        return;
    }
    log_event(LOG_INFO, "peer_connected", "peer=\"%s\"", remote->name);
    inbound->session = sessions_open(listener->options.sessions, &remote->node, &wire);
    if (inbound->session == NULL) {
        /* A hub with no room: spread out. */
        answer_retry(listener, inbound, packet, LISTENER_RETRY_MS + randombytes_uniform(LISTENER_RETRY_MS));
    }
}

static void handle_opening(struct listener *listener, const struct packet *packet,
                           const struct opening *opening, const struct roster_node *remote)
{
    struct inbound *inbound = inbound_find_number(listener, packet->key, opening->number);

    if (inbound == NULL) {
        inbound = calloc(1, sizeof *inbound);
        CHECK(inbound != NULL);
        inbound->listener = listener;
        inbound->since_ms = local_time_monotonic();
        small_init(&inbound->small, inbound->since_ms);
        memcpy(inbound->key, packet->key, CURVE_KEY_SIZE);
        memcpy(inbound->number, opening->number, sizeof opening->number);
        inbound->next = listener->first;
        listener->first = inbound;
    }
    struct line *line = &inbound->lines[opening->channel];
    if (line->is_open) {
        incident_add(INCIDENT_FRAMES, 1);
        log_event(LOG_WARNING, "packet_refused", "peer=\"%s\" reason=\"opened twice\"", remote->name);
        socket_shutdown(packet->fd); /* said twice */
        return;
    }
    *line = (struct line){.is_open = true, .route = packet->route, .fd = packet->fd};
    if (opening->channel == CHANNEL_BULK) {
        (void)congestion_gather(packet->fd);
    } else {
        (void)congestion_converse(packet->fd);
        control_opened(listener, inbound, remote, packet);
    }
}

static void handle_packet(struct listener *listener, const struct packet *packet)
{
    const struct roster_node *remote = members_find_key(listener->options.members, packet->key);
    struct opening opening;
    enum channel channel;

    if (remote == NULL) {
        if (admit_receive(listener->options.admit, listener->socket, packet)) {
            return;
        }
        if (!members_gave_up(listener->options.members, packet->key)) { /* else it changed them in this very session, or a thief goes on */
            incident_add(INCIDENT_STRANGERS, 1);
            log_event(LOG_WARNING, "stranger_cut", "reason=\"neither a member nor a join\"");
        }
        socket_shutdown(packet->fd);
        return;
    }
    struct inbound *inbound = inbound_find(listener, &packet->route, &channel);
    if (inbound == NULL && opening_decode(packet->body, &opening)) {
        handle_opening(listener, packet, &opening, remote);
    } else if (inbound == NULL || memcmp(inbound->key, packet->key, CURVE_KEY_SIZE) != 0) {
        incident_add(INCIDENT_FRAMES, 1);
        log_event(LOG_WARNING, "packet_refused", "peer=\"%s\" reason=\"no opening, or of another connection\"", remote->name);
        socket_shutdown(packet->fd);
    } else if (inbound->session != NULL) {
        session_receive(inbound->session, channel, packet->body);
    }
}

static bool listener_take(void *ctx)
{
    struct listener *listener = ctx;
    struct packet packet;

    if (!socket_receive(listener->socket, &packet)) {
        return false;
    }
    guard_packet(listener->guard, packet.fd, packet.body.size);
    handle_packet(listener, &packet);
    return true;
}

static void connection_accepted(struct listener *listener, int fd)
{
    uint8_t address[GUARD_ADDRESS_SIZE];

    (void)congestion_choose(fd);
    traffic_address(fd, address);
    int cut = guard_accept(listener->guard, fd, address, local_time_monotonic());
    if (listener->is_starved) {
        incident_add(INCIDENT_CONNECTIONS, 1);
        socket_shutdown(fd);
    }
    if (cut >= 0 && !(listener->is_starved && cut == fd)) {
        incident_add(INCIDENT_CONNECTIONS, 1);
        log_event(LOG_WARNING, "connections_cut", "count=1 reason=\"too many at once\"");
        socket_shutdown(cut);
    }
}

/* A connection is gone: so is its link. */
static void connection_gone(struct listener *listener, int fd)
{
    uint8_t address[GUARD_ADDRESS_SIZE];

    if (listener->has_knocked && listener->doors != NULL && guard_address(listener->guard, fd, address)) {
        doors_knock(listener->doors, address, local_time_monotonic());
    }
    listener->has_knocked = false;
    guard_gone(listener->guard, fd);
    for (struct inbound *inbound = listener->first; inbound != NULL; inbound = inbound->next) {
        for (int channel = 0; channel < CHANNELS; channel++) {
            struct line *line = &inbound->lines[channel];
            if (line->is_open && line->fd == fd) {
                line->is_open = false; /* the descriptor is not ours any more */
                inbound_end(inbound, S_UNREACHABLE);
                return;
            }
        }
    }
}

static void spares_give_back(struct listener *listener)
{
    for (int i = 0; i < LISTENER_SPARES; i++) {
        if (listener->spares[i] >= 0) {
            close(listener->spares[i]);
            listener->spares[i] = -1;
        }
    }
}

/* No descriptor is left: libzmq would try to take the waiting connection again and again, and serve nobody meanwhile. It
 * gets ours, and whoever comes is turned away. (To stop listening is no way: the numbers of descriptors are used again,
 * and a listener must not be taken for a connection that is cut.) */
static void spares_give(struct listener *listener)
{
    if (!listener->is_starved) {
        incident_add(INCIDENT_CONNECTIONS, 1);
        log_event(LOG_ERROR, "descriptors_short", "effect=\"connections are turned away\" advice=\"raise LimitNOFILE\"");
    }
    listener->is_starved = true;
    spares_give_back(listener);
}

/* Takes them back, as far as that goes; with all of them connections are welcome again. */
static void spares_take(struct listener *listener)
{
    bool has_all = true;

    for (int i = 0; i < LISTENER_SPARES; i++) {
        if (listener->spares[i] < 0) {
            listener->spares[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        }
        has_all = has_all && listener->spares[i] >= 0;
    }
    listener->is_starved = listener->is_starved && !has_all;
}

static bool listener_take_event(void *ctx)
{
    struct listener *listener = ctx;
    struct monitor_event event;

    if (!monitor_take(listener->monitor, &event)) {
        return false;
    }
    if (event.kind == MONITOR_REFUSED && event.is_garbled) {
        incident_add(INCIDENT_HANDSHAKES, 1);
        listener->garbled++;
        listener->has_knocked = true;
    } else if (event.kind == MONITOR_ACCEPTED) {
        connection_accepted(listener, event.fd);
    } else if (event.kind == MONITOR_STARVED) {
        spares_give(listener);
    } else if (event.kind == MONITOR_DOWN && event.fd >= 0) {
        connection_gone(listener, event.fd);
    }
    return true;
}

static void guard_tick(struct listener *listener)
{
    if (listener->garbled > 0) {
        log_event(LOG_WARNING, "handshakes_refused", "count=%u reason=\"another protocol, or broken\"", listener->garbled);
        listener->garbled = 0;
    }
    int cuts[CUTS_PER_TICK];
    size_t count = guard_look(listener->guard, traffic_received, local_time_monotonic(), cuts, CUTS_PER_TICK);

    for (size_t i = 0; i < count; i++) {
        socket_shutdown(cuts[i]);
    }
    if (count > 0) {
        incident_add(INCIDENT_CONNECTIONS, count);
        log_event(LOG_WARNING, "connections_cut",
                  "count=%zu reason=\"sent too much, or was silent too long\"", count);
    }
}

void listener_tick(struct listener *listener)
{
    uint64_t now = local_time_monotonic();
    struct inbound *next;

    guard_tick(listener);
    if (listener->doors != NULL) {
        doors_tick(listener->doors, now);
    }
    spares_take(listener);
    for (struct inbound *inbound = listener->first; inbound != NULL; inbound = next) {
        next = inbound->next;
        if (inbound->session == NULL && now - inbound->since_ms > LISTENER_LONELY_MS) {
            inbound_drop(inbound);
        }
    }
}

/* --- the life of a listener
 * ------------------------------------------------------------------------------------- */

enum { DESCRIPTORS_WANTED = 8 * SESSIONS_MAX };

/* Every session has two descriptors, and strangers take some before they are turned away. */
static void raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < DESCRIPTORS_WANTED) {
        limit.rlim_cur = limit.rlim_max < DESCRIPTORS_WANTED ? limit.rlim_max : DESCRIPTORS_WANTED;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

struct listener *listener_open(const struct listener_options *options, struct report *report)
{
    struct socket *socket = socket_listener_new(options->context, options->own, report);

    raise_descriptors();
    if (socket == NULL) {
        return NULL;
    }
    struct listener *listener = calloc(1, sizeof *listener);
    CHECK(listener != NULL);
    listener->options = *options;
    listener->socket = socket;
    listener->guard = guard_new();
    memset(listener->spares, -1, sizeof listener->spares);
    spares_take(listener);
    return listener;
}

struct socket *listener_socket(struct listener *listener)
{
    return listener->socket;
}

/* One door for each key that this node had (door.h). S_NOT_FOUND: it had one. */
static enum status doors_bind(struct listener *listener, const char *endpoint)
{
    const struct listener_options *options = &listener->options;
    struct report report = {.status = S_OK};
    enum status status = S_OK;

    if (options->former_count == 0) {
        return S_NOT_FOUND;
    }
    listener->doors = doors_open(endpoint, options->former_count + 1, &report);
    for (size_t i = 0; listener->doors != NULL && i <= options->former_count && status == S_OK; i++) {
        status = socket_bind_door(listener->socket, doors_take(listener->doors, i), endpoint, i > 0 ? &options->former[i - 1] : NULL, &report);
    }
    if (report.status != S_OK) {
        log_event(LOG_WARNING, "doors_closed", "error=\"%s\" effect=\"who knows only a former key of this node cannot call it\"", report.text);
        return report.status;
    }
    snprintf(listener->bound, sizeof listener->bound, "%s", endpoint);
    return S_OK;
}

enum status listener_bind(struct listener *listener, const char *endpoint, struct report *report)
{
    listener->monitor = monitor_open(listener->options.context, listener->socket);
    enum status status = doors_bind(listener, endpoint);
    if (status != S_OK) {
        status = socket_bind(listener->socket, endpoint, listener->bound, report);
    }
    if (status != S_OK) {
        return status;
    }
    /* The monitor first: descriptors are used again, and their end must be seen before the next one speaks.
     */
    listener->monitor_item =
        drain_add(listener->options.drain, monitor_raw(listener->monitor), listener_take_event, listener);
    listener->socket_item =
        drain_add(listener->options.drain, socket_raw(listener->socket), listener_take, listener);
    return S_OK;
}

const char *listener_bound(const struct listener *listener)
{
    return listener->bound;
}

void listener_close(struct listener *listener)
{
    if (listener == NULL) {
        return;
    }
    if (listener->socket_item != NULL) {
        drain_remove(listener->monitor_item);
        drain_remove(listener->socket_item);
    }
    while (listener->first != NULL) {
        CHECK(listener->first->session == NULL);
        inbound_drop(listener->first);
    }
    monitor_close(listener->monitor);
    socket_close(listener->socket);
    guard_free(listener->guard);
    doors_close(listener->doors);
    spares_give_back(listener);
    free(listener);
}
