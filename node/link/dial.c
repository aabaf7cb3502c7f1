#include "node/link/dial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "node/link/congestion.h"
#include "node/link/monitor.h"
#include "node/link/network.h"
#include "node/link/opening.h"
#include "node/link/resolve.h"
#include "node/link/small.h"
#include "node/local_time.h"
#include "node/log.h"
#include "replication/base/check.h"
#include "replication/schedule/backoff.h"
#include "replication/wire/message.h"

enum {
    CHANNELS = 2,
    HOLD_LOOK_MS = 60 * 1000,
    MET_LOOK_MS = 1000,
    SMALL_CELLS_MAX = 2048, /* more to come than this: the bulk connection is made without being asked for, */
    SMALL_WAIT_LOOKS = 3,   /* as when so many looks found less than that, and nothing came */
};

/* One of the two connections. The bulk one is made when there is something large to move: little or nothing
 * new costs one handshake. */
struct line {
    struct dial *dial;
    enum channel channel;
    struct socket *socket;
    struct monitor *monitor;
    struct drain_item *socket_item, *monitor_item;
    int fd; /* of the connection once it is there, else -1; the library's */
    bool is_up;
};

struct dial {
    const struct dial_options *options;
    struct id remote;
    char endpoint[ENDPOINT_MAX], other[ENDPOINT_MAX]; /* now; and in the next attempt, unless empty */
    char address[ENDPOINT_MAX];                       /* of the endpoint, in this attempt */
    struct resolve *resolve;                          /* its name is being looked up; else NULL */
    enum dial_state state;
    uint8_t number[8]; /* of the openings, drawn for each attempt */
    struct line lines[CHANNELS];
    struct small small;
    unsigned idle_looks; /* looks since something came, while the two sides differ */
    struct session *session;
    struct backoff backoff;
    uv_timer_t timer; /* the next attempt, or the end of this one */
    bool is_deferred;
    bool is_held; /* outside every window */
    size_t own_at; /* which of our keys: 0 the present ones, then those of before, for a peer that was away since */
    uint8_t remote_key[CURVE_PUBLIC_SIZE]; /* that this attempt trusts in */
    uint32_t failures;
    char error[PEER_ERROR_MAX];
};

static void dial_attempt(struct dial *dial);

static void dial_name(const struct dial *dial, char out[NODE_NAME_MAX + 1])
{
    const struct roster_node *node = roster_find(members_roster(dial->options->members), &dial->remote);

    snprintf(out, NODE_NAME_MAX + 1, "%s", node != NULL ? node->name : "?");
}

/* --- connections
 * ------------------------------------------------------------------------------------------------- */

static void line_close(struct line *line)
{
    if (line->socket_item != NULL) {
        drain_remove(line->socket_item);
    }
    if (line->monitor_item != NULL) {
        drain_remove(line->monitor_item);
    }
    monitor_close(line->monitor);
    socket_close(line->socket);
    *line = (struct line){.dial = line->dial, .channel = line->channel, .fd = -1};
}

static void lines_close(struct dial *dial)
{
    resolve_cancel(dial->resolve);
    dial->resolve = NULL;
    for (int channel = 0; channel < CHANNELS; channel++) {
        line_close(&dial->lines[channel]);
    }
}

static void on_timer(uv_timer_t *timer);

static void dial_wait(struct dial *dial, uint64_t wait_ms)
{
    dial->state = DIAL_WAITING;
    uv_update_time(dial->options->loop);
    uv_timer_start(&dial->timer, on_timer, wait_ms, 0);
}

/* The attempt failed: the next one after a delay. */
static void dial_fail(struct dial *dial, const char *error)
{
    char name[NODE_NAME_MAX + 1];
    uint64_t random;

    lines_close(dial);
    dial->failures++;
    snprintf(dial->error, sizeof dial->error, "%s", error);
    randombytes_buf(&random, sizeof random);
    uint32_t wait_ms = backoff_next(&dial->backoff, random);
    dial_name(dial, name);
    log_event(LOG_INFO, "peer_unreachable", "peer=\"%s\" endpoint=%s error=\"%s\" retry_ms=%u", name,
              dial->endpoint, error, wait_ms);
    sessions_note_failure(dial->options->sessions, &dial->remote, dial->endpoint, error);
    if (dial->other[0] != '\0') {
        char swap[ENDPOINT_MAX];
        memcpy(swap, dial->endpoint, sizeof swap);
        memcpy(dial->endpoint, dial->other, sizeof dial->endpoint);
        memcpy(dial->other, swap, sizeof dial->other);
    }
    dial_wait(dial, wait_ms);
}

/* True while the other side's call is the connection: that is no failure, and it is looked at again soon. */
static bool dial_is_met(struct dial *dial)
{
    if (dial->session != NULL || sessions_find(dial->options->sessions, &dial->remote) == NULL) {
        return false;
    }
    lines_close(dial);
    backoff_reset(&dial->backoff);
    dial->error[0] = '\0';
    dial_wait(dial, MET_LOOK_MS);
    return true;
}

/* True outside every window: nothing is sent, and it is looked at again each minute, for clocks jump. */
static bool dial_hold(struct dial *dial)
{
    struct hours_answer answer;
    char name[NODE_NAME_MAX + 1], text[HOURS_TEXT_MAX];

    if (gate_is_open(dial->options->gate, &dial->remote)) {
        dial->is_held = false;
        return false;
    }
    gate_ask(dial->options->gate, &dial->remote, &answer);
    hours_text(&answer, local_time_now(), text);
    snprintf(dial->error, sizeof dial->error, "%s", text);
    if (!dial->is_held) {
        dial_name(dial, name);
        log_event(LOG_INFO, "window_closed", "peer=\"%s\" reason=\"%s\"", name, text);
    }
    dial->is_held = true;
    dial->is_deferred = true;
    lines_close(dial);
    uint32_t wait_ms = gate_retry_ms(dial->options->gate, &dial->remote);
    dial_wait(dial, wait_ms < HOLD_LOOK_MS ? wait_ms : HOLD_LOOK_MS);
    return true;
}

/* --- the session
 * -------------------------------------------------------------------------------------------------- */

static bool line_open(struct line *line, struct report *report);

/* Makes the bulk connection, once. */
static enum status bulk_need(struct dial *dial)
{
    struct line *line = &dial->lines[CHANNEL_BULK];
    struct report report = {.status = S_OK};

    if (line->socket == NULL && !line_open(line, &report)) {
        return S_UNREACHABLE;
    }
    return line->is_up ? S_OK : S_BUSY;
}

static enum status wire_send(void *ctx, enum channel channel, struct bytes frame)
{
    struct dial *dial = ctx;
    bool is_small =
        channel == CHANNEL_BULK &&
        small_may(&dial->small, frame.size, dial->lines[CHANNEL_BULK].socket != NULL, local_time_monotonic());
    enum status status = channel == CHANNEL_BULK && !is_small ? bulk_need(dial) : S_OK;

    if (status == S_OK) {
        status = socket_send(dial->lines[is_small ? CHANNEL_CONTROL : channel].socket, NULL, frame);
    }
    if (status == S_OK && is_small) {
        small_sent(&dial->small, frame.size);
    }
    return status;
}

static void wire_over(void *ctx, uint32_t after_ms, enum status why)
{
    struct dial *dial = ctx;
    bool has_held = session_progress(dial->session)->rounds > 0;

    dial->own_at = 0;
    dial->session = NULL;
    lines_close(dial);
    if (dial->state == DIAL_STOPPED) {
        return;
    }
    if (has_held) {
        backoff_reset(&dial->backoff);
    }
    if (dial_hold(dial)) {
        return;
    }
    if (after_ms > 0) {
        dial->is_deferred = true;
        snprintf(dial->error, sizeof dial->error, "asked to come back in %u s", after_ms / 1000);
        dial_wait(dial, after_ms);
    } else {
        dial_fail(dial, why == S_OK ? "the session was closed" : status_text(why));
    }
}

/* A connection is up: says which one it is. */
static bool line_say_opening(struct line *line)
{
    struct opening opening = {.channel = line->channel};
    uint8_t packet[OPENING_SIZE];

    memcpy(opening.number, line->dial->number, sizeof opening.number);
    opening_encode(&opening, packet);
    line->is_up = socket_send(line->socket, NULL, bytes_of(packet, sizeof packet)) == S_OK;
    return line->is_up;
}

/* The control connection is up: begin. */
static void dial_begin(struct dial *dial)
{
    struct session_wire wire = {.send = wire_send, .over = wire_over, .ctx = dial};
    char name[NODE_NAME_MAX + 1];

    if (dial_is_met(dial)) {
        return;
    }
    if (!line_say_opening(&dial->lines[CHANNEL_CONTROL])) {
        dial_fail(dial, "the connection broke");
        return;
    }
    uv_timer_stop(&dial->timer);
    dial->state = DIAL_OPEN;
    dial->error[0] = '\0';
    dial_name(dial, name);
    log_event(LOG_INFO, "peer_connected", "peer=\"%s\" endpoint=%s", name, dial->endpoint);
    dial->session = sessions_open(dial->options->sessions, &dial->remote, &wire);
    if (dial->session == NULL) {
        dial_fail(dial, "too many sessions here");
    }
}

/* Do the two sides differ, or objects move? Then something will flow one way or the other. */
static bool is_moving(const struct session *session)
{
    switch (session_progress(session)->state) {
    case PEER_COMPARING:
    case PEER_MOVING:
        return !session_is_over(session);
    case PEER_CLOSED:
    case PEER_GREETING:
    case PEER_IN_STEP:
        return false;
    }
    return false;
}

/* Will more come than may cross control? The other side asks for the bulk connection when it finds so; to
 * foresee it saves a round trip. */
static bool needs_bulk(const struct session *session)
{
    const struct peer_progress *progress = session_progress(session);

    return is_moving(session) &&
           (progress->we_lack_cells > SMALL_CELLS_MAX || progress->we_lack_bytes > SMALL_BULK_MAX);
}

static void bulk_make(struct dial *dial)
{
    if (bulk_need(dial) == S_UNREACHABLE) {
        session_end(dial->session, S_UNREACHABLE);
    }
}

static bool line_take(void *ctx)
{
    struct line *line = ctx;
    struct packet packet;
    struct opening asked;

    if (!socket_receive(line->socket, &packet)) {
        return false;
    }
    struct dial *dial = line->dial;
    dial->idle_looks = 0;
    if (dial->session == NULL) {
        return true;
    }
    if (opening_decode(packet.body, &asked)) {
        bulk_make(dial);
        return true;
    }
    session_receive(dial->session, line->channel, packet.body);
    if (needs_bulk(dial->session)) {
        bulk_make(dial);
    }
    return true;
}

static void line_down(struct line *line, const char *error)
{
    struct dial *dial = line->dial;

    if (dial->session != NULL) {
        session_end(dial->session, S_UNREACHABLE);
    } else if (dial->state == DIAL_CONNECTING) {
        dial_fail(dial, error);
    }
}

static bool line_take_event(void *ctx)
{
    struct line *line = ctx;
    struct dial *dial = line->dial;
    struct monitor_event event;

    if (!monitor_take(line->monitor, &event)) {
        return false;
    }
    switch (event.kind) {
    case MONITOR_UP:
        if (line->channel == CHANNEL_CONTROL && dial->state == DIAL_CONNECTING) {
            dial_begin(dial);
        } else if (line->channel == CHANNEL_BULK && !line_say_opening(line)) {
            line_down(line, "the connection broke");
        }
        break;
    case MONITOR_REFUSED:
        dial->own_at = dial->session == NULL ? (dial->own_at + 1) % (dial->options->former_count + 1) : 0;
        line_down(line, PEER_ERROR_REFUSED);
        break;
    case MONITOR_DOWN:
        line_down(line, "out of reach");
        break;
    case MONITOR_CONNECTED:
        line->fd = event.fd;
        (void)congestion_choose(event.fd);
        (void)(line->channel == CHANNEL_BULK ? congestion_gather(event.fd) : congestion_converse(event.fd));
        break;
    case MONITOR_ACCEPTED:
    case MONITOR_STARVED:
        break;
    }
    return line->socket != NULL;
}

/* --- attempts
 * ------------------------------------------------------------------------------------------------------- */

/* The key by which it is known; where it was admitted a new one and did not give up the one before, each in turns. */
static const uint8_t *remote_key(const struct dial *dial, const struct roster_node *remote)
{
    const struct roster_key *before = remote->former_count > 0 ? &remote->former[remote->former_count - 1] : NULL;

    return before != NULL && before->closing.size == 0 && dial->failures % 2 == 0 ? before->curve_public : remote->curve_public;
}

static bool line_open(struct line *line, struct report *report)
{
    const struct dial_options *options = line->dial->options;
    const struct roster_node *remote = roster_find(members_roster(options->members), &line->dial->remote);

    if (remote == NULL || remote->is_revoked) {
        report_set(report, S_DENIED, "not in the roster, or revoked");
        return false;
    }
    const struct curve_pair *own = line->dial->own_at > 0 ? &options->former[line->dial->own_at - 1] : options->own;
    memcpy(line->dial->remote_key, remote_key(line->dial, remote), CURVE_PUBLIC_SIZE);
    line->socket = socket_dialer_new(options->context, own, line->dial->remote_key, report);
    if (line->socket == NULL) {
        return false;
    }
    line->monitor = monitor_open(options->context, line->socket);
    if (socket_connect(line->socket, line->dial->address, report) != S_OK) {
        return false;
    }
    line->socket_item = drain_add(options->drain, socket_raw(line->socket), line_take, line);
    line->monitor_item = drain_add(options->drain, monitor_raw(line->monitor), line_take_event, line);
    return true;
}

static void dial_connect(struct dial *dial)
{
    struct report report = {.status = S_OK};

    if (!line_open(&dial->lines[CHANNEL_CONTROL], &report)) {
        dial_fail(dial, report.text);
    }
}

/* A name may have several addresses: each attempt takes the next. */
static void on_resolved(void *ctx, const struct resolved *found, const char *error)
{
    struct dial *dial = ctx;
    uint32_t turn = dial->other[0] != '\0' ? dial->failures / 2 : dial->failures;

    dial->resolve = NULL;
    if (error != NULL) {
        dial_fail(dial, error);
        return;
    }
    memcpy(dial->address, found->address[turn % found->count], sizeof dial->address);
    dial_connect(dial);
}

static void dial_attempt(struct dial *dial)
{
    if (dial_hold(dial) || dial_is_met(dial)) {
        return;
    }
    dial->state = DIAL_CONNECTING;
    dial->is_deferred = false;
    small_init(&dial->small, local_time_monotonic());
    randombytes_buf(dial->number, sizeof dial->number);
    uv_update_time(dial->options->loop);
    uv_timer_start(&dial->timer, on_timer, HANDSHAKE_MS, 0);
    if (resolve_is_name(dial->endpoint)) {
        dial->resolve = resolve_start(dial->options->loop, dial->endpoint, on_resolved, dial);
    }
    if (dial->resolve == NULL) {
        memcpy(dial->address, dial->endpoint, sizeof dial->address);
        dial_connect(dial);
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct dial *dial = timer->data;

    if (dial->state == DIAL_WAITING) {
        dial_attempt(dial);
    } else if (dial->state == DIAL_CONNECTING) {
        dial_fail(dial, "no answer");
    }
}

struct dial *dial_start(const struct dial_options *options, const struct id *remote, const char *endpoint, const char *other)
{
    struct dial *dial = calloc(1, sizeof *dial);

    CHECK(dial != NULL);
    dial->options = options;
    dial->remote = *remote;
    snprintf(dial->endpoint, sizeof dial->endpoint, "%s", endpoint);
    snprintf(dial->other, sizeof dial->other, "%s", strcmp(endpoint, other) == 0 ? "" : other);
    for (int channel = 0; channel < CHANNELS; channel++) {
        dial->lines[channel] = (struct line){.dial = dial, .channel = (enum channel)channel, .fd = -1};
    }
    backoff_init(&dial->backoff, options->retry_min_ms, options->retry_max_ms);
    uv_timer_init(options->loop, &dial->timer);
    dial->timer.data = dial;
    dial_wait(dial, 0);
    return dial;
}

void dial_now(struct dial *dial)
{
    if (dial->state == DIAL_WAITING) {
        backoff_reset(&dial->backoff);
        dial->is_deferred = false;
        dial_wait(dial, 0);
    }
}

static bool is_key_good(const struct dial *dial)
{
    const struct roster_node *node = members_find_key(dial->options->members, dial->remote_key);

    return node != NULL && id_equal(&node->node, &dial->remote);
}

static bool dial_is_stranded(const struct dial *dial)
{
    return network_is_stranded(dial->lines[CHANNEL_CONTROL].fd) || network_is_stranded(dial->lines[CHANNEL_BULK].fd);
}

void dial_network(struct dial *dial)
{
    bool is_stranded = dial_is_stranded(dial);

    switch (dial->state) {
    case DIAL_WAITING:
        if (!dial->is_deferred) {
            dial_now(dial);
        }
        break;
    case DIAL_CONNECTING: /* on its way from an address that may be gone, or to where there was no way */
        if (is_stranded || dial->lines[CHANNEL_CONTROL].fd < 0) {
            lines_close(dial);
            dial_wait(dial, 0);
        }
        break;
    case DIAL_OPEN:
        if (is_stranded && dial->session != NULL) {
            log_event(LOG_INFO, "address_gone", "endpoint=%s", dial->endpoint);
            session_end(dial->session, S_UNREACHABLE);
        }
        break;
    case DIAL_STOPPED:
        break;
    }
}

void dial_look(struct dial *dial)
{
    if (dial->state == DIAL_OPEN && dial->session != NULL && !is_key_good(dial)) {
        session_end(dial->session, S_STALE); /* it gave up the key by which we know that it is it */
    } else if (dial->state == DIAL_CONNECTING) {
        dial_hold(dial);
    } else if (dial->state == DIAL_WAITING && dial->is_held &&
               gate_is_open(dial->options->gate, &dial->remote)) {
        dial_now(dial);
    } else if (dial->state == DIAL_OPEN && dial->session != NULL && is_moving(dial->session) &&
               ++dial->idle_looks == SMALL_WAIT_LOOKS) {
        bulk_make(dial); /* its asking may be lost, or it does not know how to */
    }
}

void dial_stop(struct dial *dial)
{
    dial->state = DIAL_STOPPED;
    uv_timer_stop(&dial->timer);
    if (dial->session != NULL) {
        session_end(dial->session, S_OK);
    } else {
        lines_close(dial);
    }
}

bool dial_has_ended(const struct dial *dial)
{
    return dial->state == DIAL_STOPPED && dial->session == NULL;
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void dial_free(struct dial *dial)
{
    if (dial != NULL) {
        CHECK(dial->state == DIAL_STOPPED && dial->session == NULL);
        uv_close((uv_handle_t *)&dial->timer, on_closed);
    }
}

enum dial_state dial_state(const struct dial *dial)
{
    return dial->state;
}

const struct id *dial_remote(const struct dial *dial)
{
    return &dial->remote;
}

bool dial_is_deferred(const struct dial *dial)
{
    return dial->is_deferred;
}

uint32_t dial_failures(const struct dial *dial)
{
    return dial->failures;
}

const char *dial_error(const struct dial *dial)
{
    return dial->error;
}
