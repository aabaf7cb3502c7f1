#include "node/link/dial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "node/link/braid.h"
#include "node/link/congestion.h"
#include "node/link/door.h"
#include "node/link/lane.h"
#include "node/link/line.h"
#include "node/link/network.h"
#include "node/link/opening.h"
#include "node/link/resolve.h"
#include "node/local_time.h"
#include "node/log.h"
#include "replication/base/check.h"
#include "replication/schedule/backoff.h"
#include "replication/wire/message.h"

enum {
    HOLD_LOOK_MS = 60 * 1000,
    MET_LOOK_MS = 1000,
    KNOCK_MS = 200,       /* it takes note of a failure, and another door opens */
    SMALL_WAIT_LOOKS = 3, /* so many found that the two sides differ, and nothing came: the bulk connection is made without being asked for */
};

struct dial {
    const struct dial_options *options;
    struct id remote;
    char endpoint[ENDPOINT_MAX], other[ENDPOINT_MAX]; /* now; and in the next attempt, unless empty */
    char address[ENDPOINT_MAX];                       /* of the endpoint, in this attempt */
    struct resolve *resolve;                          /* its name is being looked up; else NULL */
    enum dial_state state;
    uint8_t number[8]; /* of the openings, drawn for each attempt */
    struct line_owner owner;
    struct line lines[OPENING_LINES_MAX]; /* control; bulk, made when there is something large to move; more of that (braid.h) */
    struct lane lane;
    struct braid braid;
    unsigned idle_looks; /* looks since something came, while the two sides differ */
    struct session *session;
    struct backoff backoff;
    uv_timer_t timer; /* the next attempt, or the end of this one */
    bool is_deferred;
    bool is_held; /* outside every window */
    size_t own_at; /* which of our keys: 0 the present ones, then those of before, for a peer that was away since */
    uint8_t remote_key[CURVE_PUBLIC_SIZE]; /* that this attempt trusts in */
    uint32_t failures, knocks;             /* knocks: of these, in a row, those that another door may follow at once */
    char error[PEER_ERROR_MAX];
};

static void dial_attempt(struct dial *dial);

/* --- connections
 * ------------------------------------------------------------------------------------------------- */

static void lines_close(struct dial *dial)
{
    resolve_cancel(dial->resolve);
    dial->resolve = NULL;
    for (unsigned i = 0; i < OPENING_LINES_MAX; i++) {
        line_close(&dial->lines[i]);
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
    bool is_knock = strcmp(error, PEER_ERROR_KEY) == 0 && dial->knocks < DOORS_MAX;
    uint32_t wait_ms = is_knock ? KNOCK_MS : backoff_next(&dial->backoff, random);
    dial->knocks += is_knock;
    members_name(dial->options->members, &dial->remote, name);
    log_event(LOG_INFO, "peer_unreachable", "peer=\"%s\" endpoint=%s error=\"%s\" retry_ms=%u", name, dial->endpoint, error, wait_ms);
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
        members_name(dial->options->members, &dial->remote, name);
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

static bool dial_open(struct dial *dial, unsigned line, struct report *report);

/* Makes the bulk connection, once. */
static enum status bulk_need(struct dial *dial)
{
    const struct line *line = &dial->lines[CHANNEL_BULK];
    struct report report = {.status = S_OK};

    if (line->socket == NULL && !dial_open(dial, CHANNEL_BULK, &report)) {
        return S_UNREACHABLE;
    }
    return line->is_up ? S_OK : S_BUSY;
}

/* More connections for contents, up to so many; one that cannot be made is done without. */
static void braid_make(void *ctx, unsigned count)
{
    struct dial *dial = ctx;
    struct report report = {.status = S_OK};
    bool is_new = false;

    for (unsigned i = BRAID_FIRST; i < OPENING_LINES_MAX && i < BRAID_FIRST + count; i++) {
        is_new = is_new || dial->lines[i].socket == NULL;
        if (dial->lines[i].socket == NULL && !dial_open(dial, i, &report)) {
            line_close(&dial->lines[i]);
        }
    }
    if (is_new) { /* who asks again and again for those that are there fills no journal */
        log_event(LOG_INFO, "braid_made", "endpoint=%s connections=%u", dial->endpoint, count);
    }
}

/* After a rest they are let go; each stays until the other side has said so, too. */
static void braid_leave(struct dial *dial)
{
    bool has_rested = braid_has_rested(&dial->braid, local_time_monotonic());

    for (unsigned i = BRAID_FIRST; i < OPENING_LINES_MAX && has_rested; i++) {
        if (dial->braid.lines[i].is_open) {
            braid_down(&dial->braid, i);
            braid_rest(&dial->braid);
            log_event(LOG_DEBUG, "braid_left", "endpoint=%s connection=%u", dial->endpoint, i);
            dial->lines[i].is_left = true;
            (void)line_say_opening(&dial->lines[i], dial->number);
        }
    }
}

static enum status line_put(void *ctx, unsigned line, struct bytes packet)
{
    struct dial *dial = ctx;

    return socket_send(dial->lines[line].socket, NULL, packet);
}

static enum status bulk_send(struct dial *dial, enum channel line, struct bytes packet)
{
    const struct braid_wire wire = {
        .put = line_put, .want = braid_make, .ctx = dial, .is_able = session_is_able(dial->session, ABILITY_BRAID), .gate = dial->options->gate};

    return braid_send(&dial->braid, line, packet, &wire, local_time_monotonic());
}

static enum lane_second second_of(const struct line *bulk)
{
    return bulk->is_up ? LANE_STANDS : bulk->socket != NULL ? LANE_COMING : LANE_NONE;
}

static enum status wire_send(void *ctx, enum channel channel, struct bytes frame)
{
    struct dial *dial = ctx;
    int first = dial->lines[CHANNEL_CONTROL].fd;
    struct lane_link link = lane_look(&dial->lane, second_of(&dial->lines[CHANNEL_BULK]), first, dial->session);
    struct lane_choice choice = lane_choose(&dial->lane, channel, frame.size, &link);

    if (channel == CHANNEL_BULK && !choice.is_little && bulk_need(dial) == S_UNREACHABLE) {
        return S_UNREACHABLE;
    }
    if (choice.way == LANE_WAIT) {
        return S_BUSY;
    }
    enum channel line = choice.way == LANE_SECOND ? CHANNEL_BULK : CHANNEL_CONTROL;
    if (channel == CHANNEL_BULK && !choice.is_little && !choice.is_leading) {
        return bulk_send(dial, line, frame);
    }
    enum status status = line_put(dial, line, frame);
    if (status == S_OK) {
        braid_count(&dial->braid, line, frame.size);
        lane_sent(&dial->lane, &choice, frame.size, &link, first);
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

/* A connection is up: says which one it is. Those beyond the two stand when that was answered. */
static bool dial_say_opening(struct dial *dial, struct line *line)
{
    if (line->number >= BRAID_FIRST) {
        return line_say_opening(line, dial->number);
    }
    braid_up(&dial->braid, line->number, line->fd, congestion_is_steady(line->fd));
    braid_count(&dial->braid, line->number, OPENING_SIZE);
    return line_say_opening(line, dial->number);
}

/* The control connection is up: begin. */
static void dial_begin(struct dial *dial)
{
    struct session_wire wire = {.send = wire_send, .over = wire_over, .ctx = dial, .more = &dial->braid.wanted};
    char name[NODE_NAME_MAX + 1];

    if (dial_is_met(dial)) {
        return;
    }
    if (!dial_say_opening(dial, &dial->lines[CHANNEL_CONTROL])) {
        dial_fail(dial, "the connection broke");
        return;
    }
    uv_timer_stop(&dial->timer);
    dial->state = DIAL_OPEN;
    dial->knocks = 0;
    dial->error[0] = '\0';
    members_name(dial->options->members, &dial->remote, name);
    log_event(LOG_INFO, "peer_connected", "peer=\"%s\" endpoint=%s", name, dial->endpoint);
    dial->session = sessions_open(dial->options->sessions, &dial->remote, &wire);
    if (dial->session == NULL) {
        dial_fail(dial, "too many sessions here");
    }
}

static void bulk_make(struct dial *dial)
{
    if (bulk_need(dial) == S_UNREACHABLE) {
        session_end(dial->session, S_UNREACHABLE);
    }
}

/* On one of the others an opening is an answer: it stands; or, where it was let go, that nothing more comes. */
static void more_take(struct dial *dial, struct line *line, const struct packet *packet)
{
    struct opening answer;

    braid_heard(&dial->braid, local_time_monotonic());
    if (!opening_decode(packet->body, &answer)) {
        session_receive(dial->session, CHANNEL_BULK, packet->body);
    } else if (!line->is_left) {
        braid_up(&dial->braid, line->number, line->fd, congestion_is_steady(line->fd));
    } else {
        line_close(line);
    }
}

static void line_packet(void *ctx, struct line *line, const struct packet *packet)
{
    struct dial *dial = ctx;
    struct opening asked;

    dial->idle_looks = 0;
    if (dial->session == NULL) {
        return;
    }
    if (line->number >= BRAID_FIRST) {
        more_take(dial, line, packet);
        return;
    }
    if (opening_decode(packet->body, &asked)) {
        if (asked.line >= BRAID_FIRST) {
            braid_make(dial, asked.line + 1 - BRAID_FIRST);
        } else {
            bulk_make(dial);
        }
        return;
    }
    session_receive(dial->session, (enum channel)line->number, packet->body);
    if (lane_foresees(dial->session)) {
        bulk_make(dial);
    }
}

static void line_down(struct dial *dial, struct line *line, const char *error)
{
    if (line->number >= BRAID_FIRST && !dial->braid.lines[line->number].is_open) {
        line_close(line); /* nothing has crossed it */
    } else if (dial->session != NULL) {
        session_end(dial->session, S_UNREACHABLE);
    } else if (dial->state == DIAL_CONNECTING) {
        dial_fail(dial, error);
    }
}

static void line_event(void *ctx, struct line *line, const struct monitor_event *event)
{
    struct dial *dial = ctx;

    switch (event->kind) {
    case MONITOR_UP:
        if (line->number == CHANNEL_CONTROL && dial->state == DIAL_CONNECTING) {
            dial_begin(dial);
        } else if (line->number != CHANNEL_CONTROL && !dial_say_opening(dial, line)) {
            line_down(dial, line, "the connection broke");
        }
        break;
    case MONITOR_REFUSED:
        dial->own_at = dial->session == NULL ? (dial->own_at + 1) % (dial->options->former_count + 1) : 0;
        line_down(dial, line, PEER_ERROR_REFUSED);
        break;
    case MONITOR_DOWN:
        line_down(dial, line, line->fd >= 0 && !line->is_up ? PEER_ERROR_KEY : "out of reach");
        break;
    case MONITOR_CONNECTED:
        (void)congestion_choose(event->fd);
        (void)(line->number != CHANNEL_CONTROL ? congestion_gather(event->fd) : congestion_converse(event->fd));
        break;
    case MONITOR_ACCEPTED:
    case MONITOR_STARVED:
        break;
    }
}

/* --- attempts
 * ------------------------------------------------------------------------------------------------------- */

/* Which attempt at this address it is. */
static uint32_t turn_of(const struct dial *dial)
{
    return dial->other[0] != '\0' ? dial->failures / 2 : dial->failures;
}

static bool dial_open(struct dial *dial, unsigned line, struct report *report)
{
    const struct dial_options *options = dial->options;
    const struct roster_node *remote = roster_find(members_roster(options->members), &dial->remote);

    if (remote == NULL || remote->is_revoked) {
        report_set(report, S_DENIED, "not in the roster, or revoked");
        return false;
    }
    memcpy(dial->remote_key, door_key(remote, turn_of(dial)), CURVE_PUBLIC_SIZE);
    const struct curve_pair *own = dial->own_at > 0 ? &options->former[dial->own_at - 1] : options->own;
    struct line_way way = {options->context, options->drain, own, dial->remote_key, dial->address};
    return line_open(&dial->lines[line], &way, report);
}

static void dial_connect(struct dial *dial)
{
    struct report report = {.status = S_OK};

    if (!dial_open(dial, CHANNEL_CONTROL, &report)) {
        dial_fail(dial, report.text);
    }
}

/* A name may have several addresses: each attempt takes the next. */
static void on_resolved(void *ctx, const struct resolved *found, const char *error)
{
    struct dial *dial = ctx;
    uint32_t turn = turn_of(dial);

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
    lane_init(&dial->lane, local_time_monotonic());
    braid_init(&dial->braid, traffic_look);
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
    dial->owner = (struct line_owner){.packet = line_packet, .event = line_event, .ctx = dial};
    for (unsigned i = 0; i < OPENING_LINES_MAX; i++) {
        line_init(&dial->lines[i], i, &dial->owner);
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
        dial->knocks = 0;
        dial->is_deferred = false;
        dial_wait(dial, 0);
    }
}

static bool is_key_good(const struct dial *dial)
{
    const struct roster_node *node = members_find_key(dial->options->members, dial->remote_key);

    return node != NULL && id_equal(&node->node, &dial->remote);
}

void dial_network(struct dial *dial)
{
    bool is_stranded = network_is_stranded(dial->lines[CHANNEL_CONTROL].fd) || network_is_stranded(dial->lines[CHANNEL_BULK].fd);

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
    braid_leave(dial);
    if (lines_are_choked(dial->lines, OPENING_LINES_MAX, &dial->remote)) {
        line_down(dial, &dial->lines[CHANNEL_CONTROL], "it sends a message without an end");
    } else if (dial->state == DIAL_OPEN && dial->session != NULL && !is_key_good(dial)) {
        session_end(dial->session, S_STALE); /* it gave up the key by which we know that it is it */
    } else if (dial->state == DIAL_CONNECTING) {
        dial_hold(dial);
    } else if (dial->state == DIAL_WAITING && dial->is_held && gate_is_open(dial->options->gate, &dial->remote)) {
        dial_now(dial);
    } else if (dial->state == DIAL_OPEN && dial->session != NULL && lane_is_moving(dial->session) &&
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
