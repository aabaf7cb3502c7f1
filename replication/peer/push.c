/* Serving streams: what the other WANTs is read from the view as it stands and sent in seq order, as far as
 * its credit goes.
 *
 * Nothing is remembered but the list of wants: each new WANT replaces it, so a lost, doubled or late one does
 * no harm. The last batch of a stream carries the certificate of the state it leads to; cells written
 * meanwhile simply come along.
 *
 * Who forgot gets its own earlier streams back from the other. Until it has them, its living stream of results may count
 * what those count too: it waits, and goes out corrected in the end. A node between it and the other lets its results wait
 * likewise. So whoever above acknowledges the living stream has given back everything that it held: on that rests what
 * a change of keys names (node/store/stream/rotation.h). */
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/peer/activity.h"
#include "replication/wire/batch.h"

bool push_is_busy(const struct peer *peer)
{
    return peer->out.next < peer->out.count;
}

/* What the other still lacks of the wants under way, for status and plan. */
static void push_measure(struct peer *peer)
{
    const struct vector *vector = &peer->shared.vector; /* as last compared: near enough */

    peer->progress.they_lack_streams = peer->out.count - peer->out.next;
    peer->progress.they_lack_cells = 0;
    for (size_t i = peer->out.next; i < peer->out.count; i++) {
        const struct vector_entry *own = vector_find(vector, &peer->out.streams[i].stream);
        if (own && own->seq > peer->out.streams[i].after_seq) {
            peer->progress.they_lack_cells += own->seq - peer->out.streams[i].after_seq;
        }
    }
}

void push_on_want(struct peer *peer, const struct want_message *message)
{
    struct outbound *out = &peer->out;
    size_t count = message->count < WANTS_MAX ? message->count : WANTS_MAX;
    struct served_stream *streams = reallocarray(out->streams, count + 1, sizeof *streams);

    CHECK(streams);
    out->streams = streams;
    out->count = 0;
    out->next = 0;
    for (size_t i = 0; i < count; i++) {
        if (stream_may_go(peer, &message->wants[i].stream)) {
            out->streams[out->count++] =
                (struct served_stream){message->wants[i].stream, message->wants[i].after_seq, false};
        }
    }
    out->credit_cap = message->credit < CREDIT_MAX ? message->credit : CREDIT_MAX;
    out->credit = out->credit_cap;
    push_measure(peer);
    peer->round.futile = 0;
    if (peer->state == PEER_MOVING || peer->state == PEER_IN_STEP) {
        round_enter(peer, PEER_MOVING);
    }
}

void push_on_credit(struct peer *peer, uint64_t credit)
{
    struct outbound *out = &peer->out;
    uint64_t room = out->credit_cap - out->credit;

    CHECK(out->credit <= out->credit_cap);
    out->credit += credit < room ? credit : room;
    peer->round.futile = 0;
    if (peer->state == PEER_MOVING) {
        round_enter(peer, PEER_MOVING);
    }
}

/* How many cells to read for one frame: somewhat more than fitted the last time. */
static size_t scan_size(const struct peer *peer)
{
    size_t size = peer->out.cells_guess + peer->out.cells_guess / 4;

    if (size < SCAN_CELLS_MIN) {
        return SCAN_CELLS_MIN;
    }
    return size > SCAN_CELLS_MAX ? SCAN_CELLS_MAX : size;
}

/* A little that is all of a stream goes beside control: before it are no objects that the other asked for earlier, and no part of it is under
 * way that it could overtake. On a rate it keeps its place. */
static enum channel batch_channel(const struct peer *peer, const struct served_stream *served, bool is_last)
{
    bool has_rate = peer->options.rate_kbit > 0 || peer->progress.remote_rate_kbit > 0;
    bool is_little = peer->frame.size <= PUSH_LITTLE_SIZE && peer->out.count <= PUSH_LITTLE_STREAMS;

    return is_last && is_little && !served->has_begun && !has_rate ? CHANNEL_CONTROL : CHANNEL_BULK;
}

/* Sends one frame of the stream; true when that was its last. */
static bool stream_send(struct peer *peer, struct served_stream *served)
{
    const struct view *view = peer->view;
    struct batch batch = {.stream = served->stream, .after_seq = served->after_seq};
    size_t size = scan_size(peer), taken = 0;
    struct cell *cells = arena_alloc(&peer->scan, size * sizeof *cells);

    if (!cells || !view->ops->stream_find(view->ctx, &served->stream, &batch.certificate)) {
        return true; /* gone: the other will ask in another round */
    }
    if (batch.after_seq > batch.certificate.head.seq) {
        batch.after_seq = batch.certificate.head.seq;
    }
    batch.cells = cells;
    batch.count =
        view->ops->cells_scan(view->ctx, &served->stream, batch.after_seq, size, &peer->scan, cells);
    CHECK(batch.count <= size);
    batch.has_certificate = batch.count < size;
    buffer_clear(&peer->frame);
    enum status status = batch_frame(&batch, &peer->out.cells_guess, &peer->frame, &taken);
    if (status != S_OK || (taken == 0 && batch.count > 0)) {
        return true; /* a cell that fits no frame cannot be stored anywhere */
    }
    bool is_last = batch.has_certificate && taken == batch.count;
    effect_send_frame(peer, batch_channel(peer, served, is_last), buffer_bytes(&peer->frame));
    served->has_begun = true;
    uint32_t cost = bulk_cost(peer->frame.size);
    peer->out.credit -= cost < peer->out.credit ? cost : peer->out.credit;
    if (taken > 0) {
        served->after_seq = cells[taken - 1].seq;
    }
    return is_last;
}

static bool is_held_back(const struct peer *peer, const struct served_stream *served)
{
    const struct id *writer = &served->stream.node;
    bool may_wait = id_equal(writer, &peer->options.self)
                        ? stream_is_living(peer, &served->stream)
                        : roster_is_above(peer->view->roster, &peer->options.remote, &peer->options.self);

    return served->stream.topic == TOPIC_RESULTS && may_wait && pull_is_of(peer, writer);
}

/* The next stream that may go out comes first; false when all that are left wait. */
static bool push_choose(struct peer *peer)
{
    struct outbound *out = &peer->out;

    for (size_t i = out->next; i < out->count; i++) {
        if (!is_held_back(peer, &out->streams[i])) {
            struct served_stream chosen = out->streams[i];
            memmove(&out->streams[out->next + 1], &out->streams[out->next], (i - out->next) * sizeof chosen);
            out->streams[out->next] = chosen;
            return true;
        }
    }
    return false;
}

unsigned push_continue(struct peer *peer, unsigned frames)
{
    struct outbound *out = &peer->out;
    unsigned sent = 0;
    bool may_send = push_choose(peer);

    while (may_send && sent < frames && out->credit >= FRAME_SIZE_MAX) {
        arena_clear(&peer->scan);
        if (stream_send(peer, &out->streams[out->next])) {
            out->next++;
            may_send = push_choose(peer);
        }
        sent++;
    }
    arena_clear(&peer->scan);
    if (sent > 0) {
        push_measure(peer);
        if (peer->state == PEER_MOVING && !pull_is_busy(peer)) {
            round_enter(peer, PEER_MOVING);
        }
    }
    if (may_send && out->credit >= FRAME_SIZE_MAX) {
        peer->has_more = true;
    }
    return sent;
}
