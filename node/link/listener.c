#include "node/link/listener.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <sodium.h>

#include "node/incident.h"
#include "node/link/arrival.h"
#include "node/link/braid.h"
#include "node/link/congestion.h"
#include "node/link/door.h"
#include "node/link/lane.h"
#include "node/link/opening.h"
#include "node/link/traffic.h"
#include "node/local_time.h"
#include "node/log.h"
#include "replication/base/check.h"
#include "replication/wire/message.h"

enum { DESCRIPTORS_WANTED = 8 * SESSIONS_MAX };

/* One of the connections of an inbound link. */
struct line {
    bool is_open;
    struct route route;
    int fd;
};

/* Connections that belong together, and their session once the control connection is there. */
struct inbound {
    struct listener *listener;
    struct inbound *next;
    uint8_t key[CURVE_KEY_SIZE];
    uint8_t number[8];
    struct line lines[OPENING_LINES_MAX];
    struct lane lane;
    struct braid braid;
    bool has_asked; /* for the bulk connection */
    struct session *session;
    uint64_t since_ms;
};

struct listener {
    struct listener_options options;
    struct socket *socket;
    struct drain_item *socket_item;
    struct inbound *first;
    int more; /* connections for contents beyond two a link */
    struct arrivals *arrivals;
    struct doors *doors; /* NULL: one key */
    char bound[ENDPOINT_MAX];
};

/* --- inbound links --- */

static struct inbound *inbound_find(struct listener *listener, const struct route *route, unsigned *line_out)
{
    for (struct inbound *inbound = listener->first; inbound != NULL; inbound = inbound->next) {
        for (unsigned i = 0; i < OPENING_LINES_MAX; i++) {
            const struct line *line = &inbound->lines[i];
            if (line->is_open && memcmp(line->route.b, route->b, ROUTE_SIZE) == 0) {
                *line_out = i;
                return inbound;
            }
        }
    }
    return NULL;
}

static struct inbound *inbound_find_number(struct listener *listener, const uint8_t key[CURVE_KEY_SIZE], const uint8_t number[8])
{
    for (struct inbound *inbound = listener->first; inbound != NULL; inbound = inbound->next) {
        if (memcmp(inbound->key, key, CURVE_KEY_SIZE) == 0 && memcmp(inbound->number, number, 8) == 0) {
            return inbound;
        }
    }
    return NULL;
}

/* Of all links together. */
static void more_count(struct inbound *inbound, unsigned line, int step)
{
    inbound->listener->more += line >= BRAID_FIRST ? step : 0;
}

/* Its connection is gone, or cut. */
static void line_end(struct inbound *inbound, unsigned line)
{
    inbound->lines[line].is_open = false;
    more_count(inbound, line, -1);
    arrivals_forget(inbound->listener->arrivals, &inbound->lines[line].route);
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
    for (unsigned i = 0; i < OPENING_LINES_MAX; i++) {
        if (inbound->lines[i].is_open) {
            socket_shutdown(inbound->lines[i].fd);
            line_end(inbound, i);
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

static enum status line_put(void *ctx, unsigned line, struct bytes packet)
{
    struct inbound *inbound = ctx;
    enum status status = socket_send(inbound->listener->socket, &inbound->lines[line].route, packet);

    if (status == S_UNREACHABLE && inbound->lines[line].is_open) {
        line_end(inbound, line); /* and its descriptor perhaps another's */
    }
    return status;
}

/* Another connection, please: only the other side can make it. Of those beyond two all up to it. */
static bool line_ask(struct inbound *inbound, unsigned line)
{
    struct opening opening = {.line = line};
    uint8_t packet[OPENING_SIZE];

    memcpy(opening.number, inbound->number, sizeof opening.number);
    opening_encode(&opening, packet);
    bool is_sent = line_put(inbound, CHANNEL_CONTROL, bytes_of(packet, sizeof packet)) == S_OK;
    if (is_sent) {
        braid_count(&inbound->braid, CHANNEL_CONTROL, OPENING_SIZE);
    }
    return is_sent;
}

static void braid_ask(void *ctx, unsigned count)
{
    (void)line_ask(ctx, BRAID_FIRST + count - 1);
}

static enum status bulk_send(struct inbound *inbound, unsigned line, struct bytes packet)
{
    const struct braid_wire wire = {.put = line_put, .want = braid_ask, .ctx = inbound, .is_able = session_is_able(inbound->session, ABILITY_BRAID),
                                    .gate = inbound->listener->options.gate};

    return braid_send(&inbound->braid, line, packet, &wire, local_time_monotonic());
}

static enum lane_second second_of(const struct inbound *inbound)
{
    return inbound->lines[CHANNEL_BULK].is_open ? LANE_STANDS : inbound->has_asked ? LANE_COMING : LANE_NONE;
}

static enum status wire_send(void *ctx, enum channel channel, struct bytes frame)
{
    struct inbound *inbound = ctx;
    const struct line *first = &inbound->lines[CHANNEL_CONTROL];
    struct lane_link link = lane_look(&inbound->lane, second_of(inbound), first->fd, inbound->session);
    struct lane_choice choice = lane_choose(&inbound->lane, channel, frame.size, &link);

    if (channel == CHANNEL_BULK && !choice.is_little && link.second == LANE_NONE) {
        inbound->has_asked = line_ask(inbound, CHANNEL_BULK);
    }
    unsigned line = choice.way == LANE_SECOND ? CHANNEL_BULK : CHANNEL_CONTROL;
    if (choice.way == LANE_WAIT || !inbound->lines[line].is_open) {
        return S_BUSY; /* it is still on its way */
    }
    if (channel == CHANNEL_BULK && !choice.is_little && !choice.is_leading) {
        return bulk_send(inbound, line, frame);
    }
    enum status status = line_put(inbound, line, frame);
    if (status == S_OK) {
        braid_count(&inbound->braid, line, frame.size);
        lane_sent(&inbound->lane, &choice, frame.size, &link, first->fd);
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

/* --- what comes in --- */

/* No session now: says when to come back. */
static void answer_retry(struct listener *listener, struct inbound *inbound, const struct packet *packet, uint32_t after_ms)
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
    log_event(LOG_WARNING, "session_deferred", "sessions=%zu retry_ms=%u", sessions_count(listener->options.sessions), after_ms);
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

static void control_opened(struct listener *listener, struct inbound *inbound, const struct roster_node *remote, const struct packet *packet)
{
    struct session_wire wire = {.send = wire_send, .over = wire_over, .ctx = inbound, .more = &inbound->braid.wanted};

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

/* One of those beyond two: taken while there is room for it, and answered; else it is cut, and done without. */
static void more_opened(struct listener *listener, struct inbound *inbound, const struct packet *packet, unsigned line, const struct roster_node *remote)
{
    if (inbound == NULL || inbound->session == NULL || inbound->lines[line].is_open || listener->more >= LISTENER_MORE_MAX) {
        incident_add_of(INCIDENT_CONNECTIONS, &remote->node, 1);
        log_event(LOG_WARNING, "connections_cut", "count=1 reason=\"one more for contents, and no room for it\"");
        (void)arrivals_cut(listener->arrivals, packet);
        return;
    }
    inbound->lines[line] = (struct line){.is_open = true, .route = packet->route, .fd = packet->fd};
    more_count(inbound, line, 1);
    (void)congestion_gather(packet->fd);
    braid_up(&inbound->braid, line, packet->fd, congestion_is_steady(packet->fd));
    braid_count(&inbound->braid, line, packet->body.size);
    (void)line_put(inbound, line, packet->body);
}

/* What came over one of them. */
static void more_take(struct inbound *inbound, unsigned line, const struct packet *packet)
{
    struct opening opening;

    if (!opening_decode(packet->body, &opening)) {
        session_receive(inbound->session, CHANNEL_BULK, packet->body);
        return;
    }
    braid_down(&inbound->braid, line); /* let go: the answer is the last that leaves there */
    braid_rest(&inbound->braid);
    if (line_put(inbound, line, packet->body) != S_UNREACHABLE) {
        line_end(inbound, line);
    }
}

/* A member's links that wait for a session: one more than LISTENER_LONELY_MAX, and the oldest (last in the list) goes. */
static void lonely_bound(struct listener *listener, const struct roster_node *remote, const uint8_t key[CURVE_KEY_SIZE])
{
    struct inbound *oldest = NULL;
    size_t count = 0;

    for (struct inbound *inbound = listener->first; inbound != NULL; inbound = inbound->next) {
        bool is_lonely = inbound->session == NULL && memcmp(inbound->key, key, CURVE_KEY_SIZE) == 0;
        count += is_lonely;
        oldest = is_lonely ? inbound : oldest;
    }
    if (count >= LISTENER_LONELY_MAX) {
        incident_add_of(INCIDENT_CONNECTIONS, &remote->node, 1);
        log_event(LOG_WARNING, "connections_cut", "count=1 peer=\"%s\" reason=\"too many without a session\"", remote->name);
        inbound_drop(oldest);
    }
}

static void handle_opening(struct listener *listener, const struct packet *packet, const struct opening *opening, const struct roster_node *remote)
{
    struct inbound *inbound = inbound_find_number(listener, packet->key, opening->number);

    if (opening->line >= BRAID_FIRST) {
        more_opened(listener, inbound, packet, opening->line, remote);
        return;
    }
    if (inbound == NULL) {
        lonely_bound(listener, remote, packet->key);
        inbound = calloc(1, sizeof *inbound);
        CHECK(inbound != NULL);
        inbound->listener = listener;
        inbound->since_ms = local_time_monotonic();
        lane_init(&inbound->lane, inbound->since_ms);
        braid_init(&inbound->braid, traffic_look);
        memcpy(inbound->key, packet->key, CURVE_KEY_SIZE);
        memcpy(inbound->number, opening->number, sizeof opening->number);
        inbound->next = listener->first;
        listener->first = inbound;
    }
    struct line *line = &inbound->lines[opening->line];
    if (line->is_open) {
        incident_add_of(INCIDENT_FRAMES, &remote->node, 1);
        log_event(LOG_WARNING, "packet_refused", "peer=\"%s\" reason=\"opened twice\"", remote->name);
        (void)arrivals_cut(listener->arrivals, packet); /* said twice */
        return;
    }
    *line = (struct line){.is_open = true, .route = packet->route, .fd = packet->fd};
    braid_up(&inbound->braid, opening->line, packet->fd, congestion_is_steady(packet->fd));
    if (opening->line == CHANNEL_BULK) {
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
    unsigned line;

    if (remote == NULL) {
        if (admit_receive(listener->options.admit, listener->socket, packet)) {
            return;
        }
        bool is_told = !arrivals_cut(listener->arrivals, packet);
        if (!is_told && !members_gave_up(listener->options.members, packet->key)) { /* else it changed them in this very session, or a thief goes on */
            incident_add(INCIDENT_STRANGERS, 1);
            log_event(LOG_WARNING, "stranger_cut", "reason=\"neither a member nor a join\"");
        }
        return;
    }
    struct inbound *inbound = inbound_find(listener, &packet->route, &line);
    if (inbound == NULL && opening_decode(packet->body, &opening)) {
        handle_opening(listener, packet, &opening, remote);
    } else if (inbound == NULL || memcmp(inbound->key, packet->key, CURVE_KEY_SIZE) != 0) {
        if (arrivals_cut(listener->arrivals, packet)) { /* else it was on its way when its link ended */
            incident_add_of(INCIDENT_FRAMES, &remote->node, 1);
            log_event(LOG_WARNING, "packet_refused", "peer=\"%s\" reason=\"no opening, or of another connection\"", remote->name);
        }
    } else if (inbound->session != NULL && line >= BRAID_FIRST) {
        more_take(inbound, line, packet);
    } else if (inbound->session != NULL) {
        session_receive(inbound->session, (enum channel)line, packet->body);
    }
}

/* Its link is gone, too. */
static void connection_gone(void *ctx, int fd)
{
    struct listener *listener = ctx;

    for (struct inbound *inbound = listener->first; inbound != NULL; inbound = inbound->next) {
        for (unsigned i = 0; i < OPENING_LINES_MAX; i++) {
            if (inbound->lines[i].is_open && inbound->lines[i].fd == fd) {
                line_end(inbound, i); /* the descriptor is not ours any more */
                inbound_end(inbound, S_UNREACHABLE);
                return;
            }
        }
    }
}

static bool listener_take(void *ctx)
{
    struct listener *listener = ctx;
    struct packet packet;

    if (!socket_receive(listener->socket, &packet)) {
        return false;
    }
    arrivals_hear(listener->arrivals);
    if (arrivals_packet(listener->arrivals, &packet)) {
        handle_packet(listener, &packet);
    }
    return true;
}

void listener_tick(struct listener *listener)
{
    uint64_t now = local_time_monotonic();
    struct inbound *next;

    arrivals_tick(listener->arrivals);
    if (listener->doors != NULL) {
        doors_tick(listener->doors, now);
    }
    for (struct inbound *inbound = listener->first; inbound != NULL; inbound = next) {
        next = inbound->next;
        if (inbound->session == NULL && now - inbound->since_ms > LISTENER_LONELY_MS) {
            inbound_drop(inbound);
        }
    }
}

/* --- the life of a listener --- */

/* Every session has two descriptors, and strangers take some before they are turned away. Returns how many there are. */
static size_t raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return DESCRIPTORS_WANTED;
    }
    if (limit.rlim_cur < DESCRIPTORS_WANTED) {
        limit.rlim_cur = limit.rlim_max < DESCRIPTORS_WANTED ? limit.rlim_max : DESCRIPTORS_WANTED;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    return limit.rlim_cur;
}

struct listener *listener_open(const struct listener_options *options, struct report *report)
{
    struct socket *socket = socket_listener_new(options->context, options->own, report);

    size_t descriptors = raise_descriptors();
    if (socket == NULL) {
        return NULL;
    }
    struct listener *listener = calloc(1, sizeof *listener);
    CHECK(listener != NULL);
    listener->options = *options;
    listener->socket = socket;
    listener->arrivals = arrivals_new(connection_gone, listener, descriptors);
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
    arrivals_watch(listener->arrivals, listener->options.context, listener->socket);
    enum status status = doors_bind(listener, endpoint);
    status = status == S_OK ? S_OK : socket_bind(listener->socket, endpoint, listener->bound, report);
    if (status != S_OK) {
        return status;
    }
    arrivals_doors(listener->arrivals, listener->doors);
    arrivals_add(listener->arrivals, listener->options.drain);
    listener->socket_item = drain_add(listener->options.drain, socket_raw(listener->socket), listener_take, listener);
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
        drain_remove(listener->socket_item);
    }
    while (listener->first != NULL) {
        CHECK(listener->first->session == NULL);
        inbound_drop(listener->first);
    }
    arrivals_free(listener->arrivals);
    socket_close(listener->socket);
    doors_close(listener->doors);
    free(listener);
}
