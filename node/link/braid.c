#include "node/link/braid.h"

#include <string.h>

#include "node/link/pair.h"
#include "replication/base/check.h"
#include "replication/wire/frame.h"
#include "replication/wire/message.h"

enum {
    HEAD_CURVE = 33, /* the name of the command, its number, the seal and a byte of flags */
    HEAD_SHORT = 2,
    HEAD_LONG = 9, /* ZeroMQ's, of more than 255 bytes */
};

void braid_init(struct braid *braid, braid_look *look)
{
    *braid = (struct braid){.look = look};
}

void braid_up(struct braid *braid, unsigned line, int fd, bool is_steady)
{
    struct traffic_state state;
    struct braid_line *at = &braid->lines[line];

    CHECK(line < OPENING_LINES_MAX);
    *at = (struct braid_line){.is_open = true, .is_steady = is_steady, .fd = fd};
    if (braid->look(fd, &state)) {
        at->base = state.acked + state.waiting;
    }
    braid->window.since_ms = 0;
}

void braid_down(struct braid *braid, unsigned line)
{
    CHECK(line < OPENING_LINES_MAX);
    braid->lines[line].is_open = false;
    braid->window.since_ms = 0;
}

void braid_count(struct braid *braid, unsigned line, size_t size)
{
    size_t sealed = size + HEAD_CURVE;

    braid->lines[line].sent += sealed + (sealed > UINT8_MAX ? HEAD_LONG : HEAD_SHORT);
}

void braid_heard(struct braid *braid, uint64_t now_ms)
{
    braid->used_ms = now_ms;
}

bool braid_has_rested(const struct braid *braid, uint64_t now_ms)
{
    return now_ms - braid->used_ms >= BRAID_REST_MS;
}

void braid_rest(struct braid *braid)
{
    braid->wanted = 0;
    braid->window.since_ms = 0;
}

/* Bytes that it was given and that have not arrived. What libzmq says of itself is in what TCP carried, and not in what was given. */
static uint64_t line_waiting(struct braid_line *line, const struct traffic_state *state)
{
    uint64_t arrived = state->acked > line->base ? state->acked - line->base : 0;

    if (arrived > line->sent) {
        line->base += arrived - line->sent;
        arrived = line->sent;
    }
    uint64_t waiting = line->sent - arrived;
    return waiting > state->waiting ? waiting : state->waiting;
}

static bool is_among(const struct braid *braid, unsigned line, unsigned first)
{
    return braid->lines[line].is_open && (line == first || line >= BRAID_FIRST);
}

/* The one with room that is done soonest; OPENING_LINES_MAX: none has room. */
static unsigned line_choose(struct braid *braid, unsigned first)
{
    unsigned best = OPENING_LINES_MAX;
    uint64_t least = UINT64_MAX;

    for (unsigned i = 0; i < OPENING_LINES_MAX; i++) {
        struct traffic_state state;
        if (!is_among(braid, i, first) || !braid->look(braid->lines[i].fd, &state) || state.window == 0) {
            continue;
        }
        uint64_t waiting = line_waiting(&braid->lines[i], &state);
        uint64_t turns = waiting * 1000 / state.window; /* thousandths of what it may have under way */
        if (turns < BRAID_ROOM && turns < least) {
            least = turns;
            best = i;
        }
    }
    return best;
}

static unsigned count_open(const struct braid *braid)
{
    unsigned count = 0;

    for (unsigned i = BRAID_FIRST; i < OPENING_LINES_MAX; i++) {
        count += braid->lines[i].is_open;
    }
    return count;
}

/* What all of them sent, and sent again. */
static struct braid_window window_now(const struct braid *braid, unsigned first, uint64_t now_ms)
{
    struct braid_window now = {.since_ms = now_ms};

    for (unsigned i = 0; i < OPENING_LINES_MAX; i++) {
        struct traffic_state state;
        if (is_among(braid, i, first) && braid->look(braid->lines[i].fd, &state)) {
            now.segments += state.segments;
            now.repeated += state.repeated;
        }
    }
    return now;
}

/* More is there than goes: is it loss that keeps it, and is the line not full? Then more connections are wanted. */
static void starving_judge(struct braid *braid, unsigned first, const struct traffic_state *own, uint64_t now_ms)
{
    struct braid_window now = window_now(braid, first, now_ms), *window = &braid->window;
    bool is_queued = own->rtt_us > own->rtt_least_us + own->rtt_least_us / 2 + BRAID_QUIET_US;

    if (window->since_ms == 0 || now_ms - window->since_ms > BRAID_WINDOW_MS) {
        *window = now;
    }
    *(is_queued ? &window->lost_queued : &window->lost_quiet) += now.repeated - window->repeated;
    window->repeated = now.repeated;
    uint32_t lost = window->lost_quiet, sent = now.segments - window->segments;
    bool is_much = (uint64_t)lost * BRAID_LOSS_MUCH >= sent;
    bool is_lossy = lost >= BRAID_LOSSES_MIN && lost >= window->lost_queued && (uint64_t)lost * BRAID_LOSS_SHARE >= sent;
    if (is_lossy && count_open(braid) >= braid->wanted && now_ms - window->since_ms >= BRAID_WINDOW_MIN_MS) {
        braid->wanted = braid->wanted < BRAID_SOME && !is_much ? BRAID_SOME : BRAID_MORE_MAX;
        braid->used_ms = now_ms;
        *window = now;
    }
}

static bool is_pieces(struct bytes frame)
{
    return frame.size > 1 && frame.data[0] == WIRE_VERSION && frame.data[1] == MESSAGE_PIECES;
}

/* The frames of a packet that may go any way; 0: it is another one. */
static size_t packet_split(struct bytes packet, struct bytes frames_out[2])
{
    frames_out[0] = packet;
    if (pair_is(packet)) {
        return pair_split(packet, frames_out) && is_pieces(frames_out[0]) && is_pieces(frames_out[1]) ? 2 : 0;
    }
    return is_pieces(packet) ? 1 : 0;
}

static enum status line_put(struct braid *braid, unsigned line, struct bytes packet, const struct braid_wire *wire, uint64_t now_ms)
{
    enum status status = wire->put(wire->ctx, line, packet);

    if (status == S_OK) {
        braid_count(braid, line, packet.size);
        braid->used_ms = line >= BRAID_FIRST ? now_ms : braid->used_ms;
    }
    return status;
}

static enum status packet_send(struct braid *braid, unsigned first, struct bytes packet, const struct braid_wire *wire, uint64_t now_ms)
{
    const struct braid_line *own = &braid->lines[first];
    struct traffic_state state;
    struct bytes frames[2];
    size_t count = wire->is_able && own->is_open && !own->is_steady ? packet_split(packet, frames) : 0;

    if (count == 0 || !braid->look(own->fd, &state) || state.rtt_least_us < BRAID_RTT_MIN_US) {
        return line_put(braid, first, packet, wire, now_ms);
    }
    unsigned line = line_choose(braid, first);
    if (line == OPENING_LINES_MAX) {
        starving_judge(braid, first, &state, now_ms);
        return S_BUSY;
    }
    if (count == 2 && !braid->wanted) {
        return line_put(braid, line, packet, wire, now_ms);
    }
    enum status status = line_put(braid, line, frames[0], wire, now_ms);
    if (count == 2 && status == S_OK) {
        unsigned other = line_choose(braid, first); /* the second may not stay behind: both count as sent */
        status = line_put(braid, other < OPENING_LINES_MAX ? other : line, frames[1], wire, now_ms);
    }
    return status;
}

enum status braid_send(struct braid *braid, unsigned first, struct bytes packet, const struct braid_wire *wire, uint64_t now_ms)
{
    const unsigned wanted = braid->wanted;
    enum status status = packet_send(braid, first, packet, wire, now_ms);

    if (status == S_BUSY && wire->gate) {
        gate_wake(wire->gate, BRAID_LOOK_MS);
    }
    if (braid->wanted > wanted) {
        wire->want(wire->ctx, braid->wanted);
    }
    return status;
}
