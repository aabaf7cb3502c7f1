#include "node/link/dial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "node/link/monitor.h"
#include "node/link/opening.h"
#include "node/log.h"
#include "replication/base/check.h"
#include "replication/schedule/backoff.h"

enum { CHANNELS = 2 };

/* One of the two connections. */
struct line {
    struct dial *dial;
    enum channel channel;
    struct socket *socket;
    struct monitor *monitor;
    struct drain_item *socket_item, *monitor_item;
    bool is_up;
};

struct dial {
    const struct dial_options *options;
    struct id remote;
    char endpoint[ENDPOINT_MAX];
    enum dial_state state;
    struct line lines[CHANNELS];
    struct session *session;
    struct backoff backoff;
    uv_timer_t timer;         /* the next attempt, or the end of this one */
    bool is_deferred;
    uint32_t failures;
    char error[PEER_ERROR_MAX];
};

static void dial_attempt(struct dial *dial);

static void dial_name(const struct dial *dial, char out[NODE_NAME_MAX + 1])
{
    const struct roster_node *node = roster_find(members_roster(dial->options->members), &dial->remote);

    snprintf(out, NODE_NAME_MAX + 1, "%s", node != NULL ? node->name : "?");
}

/* --- connections ------------------------------------------------------------------------------------------------- */

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
    *line = (struct line){.dial = line->dial, .channel = line->channel};
}

static void lines_close(struct dial *dial)
{
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
    log_event(LOG_INFO, "peer_unreachable", "peer=\"%s\" endpoint=%s error=\"%s\" retry_ms=%u", name, dial->endpoint, error,
              wait_ms);
    sessions_note_failure(dial->options->sessions, &dial->remote, dial->endpoint, error);
    dial_wait(dial, wait_ms);
}

/* --- the session -------------------------------------------------------------------------------------------------- */

static enum status wire_send(void *ctx, enum channel channel, struct bytes frame)
{
    struct dial *dial = ctx;

    return socket_send(dial->lines[channel].socket, NULL, frame);
}

static void wire_over(void *ctx, uint32_t after_ms, enum status why)
{
    struct dial *dial = ctx;
    bool has_held = session_progress(dial->session)->rounds > 0;

    dial->session = NULL;
    lines_close(dial);
    if (dial->state == DIAL_STOPPED) {
        return;
    }
    if (has_held) {
        backoff_reset(&dial->backoff);
    }
    if (after_ms > 0) {
        dial->is_deferred = true;
        snprintf(dial->error, sizeof dial->error, "asked to come back in %u s", after_ms / 1000);
        dial_wait(dial, after_ms);
    } else {
        dial_fail(dial, why == S_OK ? "the session was closed" : status_text(why));
    }
}

/* Both connections are up: say which is which, and begin. */
static void dial_begin(struct dial *dial)
{
    struct session_wire wire = {.send = wire_send, .over = wire_over, .ctx = dial};
    struct opening opening;
    uint8_t packet[OPENING_SIZE];
    char name[NODE_NAME_MAX + 1];

    if (sessions_find(dial->options->sessions, &dial->remote) != NULL) {
        dial_fail(dial, "a session from the other side is there");
        return;
    }
    randombytes_buf(opening.number, sizeof opening.number);
    for (int channel = 0; channel < CHANNELS; channel++) {
        opening.channel = (enum channel)channel;
        opening_encode(&opening, packet);
        if (socket_send(dial->lines[channel].socket, NULL, bytes_of(packet, sizeof packet)) != S_OK) {
            dial_fail(dial, "the connection broke");
            return;
        }
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

static bool line_take(void *ctx)
{
    struct line *line = ctx;
    struct packet packet;

    if (!socket_receive(line->socket, &packet)) {
        return false;
    }
    if (line->dial->session != NULL) {
        session_receive(line->dial->session, line->channel, packet.body);
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
        line->is_up = true;
        if (dial->state == DIAL_CONNECTING && dial->lines[CHANNEL_CONTROL].is_up && dial->lines[CHANNEL_BULK].is_up) {
            dial_begin(dial);
        }
        break;
    case MONITOR_REFUSED:
        line_down(line, "refused: this node is not, or no more, in the roster there");
        break;
    case MONITOR_DOWN:
        line_down(line, "out of reach");
        break;
    case MONITOR_ACCEPTED:
    case MONITOR_CONNECTED:
        break;
    }
    return line->socket != NULL;
}

/* --- attempts ------------------------------------------------------------------------------------------------------- */

static bool line_open(struct line *line, const struct roster_node *remote, struct report *report)
{
    const struct dial_options *options = line->dial->options;

    line->socket = socket_dialer_new(options->context, options->own, remote->curve_public, report);
    if (line->socket == NULL) {
        return false;
    }
    line->monitor = monitor_open(options->context, line->socket);
    if (socket_connect(line->socket, line->dial->endpoint, report) != S_OK) {
        return false;
    }
    line->socket_item = drain_add(options->drain, socket_raw(line->socket), line_take, line);
    line->monitor_item = drain_add(options->drain, monitor_raw(line->monitor), line_take_event, line);
    return true;
}

static void dial_attempt(struct dial *dial)
{
    struct report report = {.status = S_OK};
    const struct roster_node *remote = roster_find(members_roster(dial->options->members), &dial->remote);

    if (remote == NULL || remote->is_revoked) {
        dial_fail(dial, "not in the roster, or revoked");
        return;
    }
    dial->state = DIAL_CONNECTING;
    dial->is_deferred = false;
    uv_update_time(dial->options->loop);
    uv_timer_start(&dial->timer, on_timer, HANDSHAKE_MS, 0);
    for (int channel = 0; channel < CHANNELS; channel++) {
        if (!line_open(&dial->lines[channel], remote, &report)) {
            dial_fail(dial, report.text);
            return;
        }
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

struct dial *dial_start(const struct dial_options *options, const struct id *remote, const char *endpoint)
{
    struct dial *dial = calloc(1, sizeof *dial);

    CHECK(dial != NULL);
    dial->options = options;
    dial->remote = *remote;
    snprintf(dial->endpoint, sizeof dial->endpoint, "%s", endpoint);
    for (int channel = 0; channel < CHANNELS; channel++) {
        dial->lines[channel] = (struct line){.dial = dial, .channel = (enum channel)channel};
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
        dial_wait(dial, 0);
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
