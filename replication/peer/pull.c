/* Pulling streams: WANT names streams and the seq from which on they are missing; BATCH frames bring the
 * cells, the last one of each stream with its certificate.
 *
 * A batch counts only when it starts exactly where the stream stands here, so doubles and strays fall away.
 * Everything but the last batch is staged; the last one is applied with what was staged, in one transaction.
 * Bulk bytes are granted back when they are durable. When all pulls are done a new round shows whether more
 * has come. */
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/peer/activity.h"
#include "replication/stream/adoption.h"
#include "replication/trust/roster_end.h"
#include "replication/trust/roster_keys.h"
#include "replication/wire/batch.h"

/* --- the list of pulls --- */

static size_t pull_lower_bound(const struct pulls *pulls, const struct stream_id *stream)
{
    size_t low = 0, high = pulls->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (stream_id_compare(&pulls->items[middle].stream, stream) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct pull *pull_find(struct peer *peer, const struct stream_id *stream)
{
    struct pulls *pulls = &peer->in.pulls;
    size_t at = pull_lower_bound(pulls, stream);

    return at < pulls->count && stream_id_compare(&pulls->items[at].stream, stream) == 0 ? &pulls->items[at]
                                                                                         : NULL;
}

/* NULL when the list is full. */
static struct pull *pull_add(struct peer *peer, const struct stream_id *stream)
{
    struct pulls *pulls = &peer->in.pulls;
    size_t at = pull_lower_bound(pulls, stream);

    if (pulls->count == PULLS_MAX) {
        return NULL;
    }
    if (pulls->count == pulls->capacity) {
        size_t capacity = pulls->capacity ? 2 * pulls->capacity : 16;
        struct pull *items = reallocarray(pulls->items, capacity, sizeof *items);
        CHECK(items);
        pulls->items = items;
        pulls->capacity = capacity;
    }
    memmove(pulls->items + at + 1, pulls->items + at, (pulls->count - at) * sizeof *pulls->items);
    memset(&pulls->items[at], 0, sizeof pulls->items[at]);
    pulls->items[at].stream = *stream;
    pulls->count++;
    return &pulls->items[at];
}

static void pull_remove(struct peer *peer, struct pull *pull)
{
    struct pulls *pulls = &peer->in.pulls;
    size_t at = (size_t)(pull - pulls->items);

    CHECK(at < pulls->count);
    memmove(pull, pull + 1, (pulls->count - at - 1) * sizeof *pull);
    pulls->count--;
}

void pull_clear(struct peer *peer)
{
    peer->in.pulls.count = 0;
    peer->in.stalls = 0;
    peer->in.is_want_due = false;
}

bool pull_is_busy(const struct peer *peer)
{
    return peer->in.pulls.count > 0;
}

bool pull_is_of(const struct peer *peer, const struct id *writer)
{
    const struct pulls *pulls = &peer->in.pulls;
    bool is_found = false;

    for (int topic = TOPIC_ROSTER + 1; topic <= TOPIC_LAST && !is_found; topic++) {
        size_t at = pull_lower_bound(pulls, &(struct stream_id){.node = *writer, .topic = (enum topic)topic});
        is_found = at < pulls->count && (int)pulls->items[at].stream.topic == topic && id_equal(&pulls->items[at].stream.node, writer);
    }
    return is_found;
}

/* --- what is held here --- */

static uint64_t seq_held(const struct peer *peer, const struct stream_id *stream)
{
    const struct view *view = peer->view;
    struct certificate certificate;

    return view->ops->stream_find(view->ctx, stream, &certificate) ? certificate.head.seq : 0;
}

/* Only what is further replaces what is held: a version vector is merged by maximum. */
static bool seq_is_newer(uint64_t theirs, uint64_t ours)
{
    return theirs > ours;
}

/* Where a pull goes on: behind what is stored or durably staged. */
static uint64_t seq_reached(const struct peer *peer, const struct stream_id *stream)
{
    const struct view *view = peer->view;
    uint64_t held = seq_held(peer, stream);
    uint64_t staged = view->ops->staged_seq(view->ctx, stream);

    return staged > held ? staged : held;
}

/* What is counted in a later stream of its writer is not needed any more. */
static bool is_covered(const struct peer *peer, const struct stream_id *stream, uint64_t seq)
{
    return adoption_covers(seq, peer->view->ops->adopted_seq(peer->view->ctx, stream));
}

/* --- noting --- */

void pull_note(struct peer *peer, const struct vector_entry *entry, const struct vector_entry *own)
{
    bool is_ahead = !own || seq_is_newer(entry->seq, own->seq);
    bool is_contrary =
        own && entry->seq == own->seq && memcmp(entry->check, own->check, sizeof own->check) != 0;
    bool is_living = stream_is_living(peer, &entry->stream);

    if ((!is_ahead && !is_contrary) || is_covered(peer, &entry->stream, entry->seq) ||
        !roster_may_take_seq(peer->view->roster, &entry->stream, entry->seq) ||
        roster_is_before_end(peer->view->roster, &entry->stream, entry->seq)) {
        return;
    }
    struct pull *pull = pull_find(peer, &entry->stream);
    if (pull) {
        pull->target_seq = entry->seq > pull->target_seq ? entry->seq : pull->target_seq;
        return;
    }
    pull = pull_add(peer, &entry->stream);
    if (!pull) {
        return; /* the next round brings it */
    }
    pull->target_seq = entry->seq;
    pull->is_probe = is_contrary || is_living;
    pull->after_seq = pull->is_probe ? entry->seq : seq_reached(peer, &entry->stream);
    peer->in.is_want_due = true;
}

/* --- asking --- */

/* Streams of the roster first and alone: they say what else may be held. */
static bool pull_is_due(const struct peer *peer, const struct pull *pull)
{
    return pull->stream.topic == peer->in.pulls.items[0].stream.topic ||
           peer->in.pulls.items[0].stream.topic != TOPIC_ROSTER;
}

/* Sets where a pull goes on; false when it came by another way meanwhile. */
static bool pull_refresh(const struct peer *peer, struct pull *pull)
{
    if (pull->is_probe || pull->pending > 0) {
        return true;
    }
    pull->after_seq = seq_reached(peer, &pull->stream);
    return seq_is_newer(pull->target_seq, seq_held(peer, &pull->stream)) &&
           !is_covered(peer, &pull->stream, pull->target_seq);
}

/* Fills `wants` from the front of the list; drops what is not needed any more on the way. */
static size_t wants_choose(struct peer *peer, struct want *wants)
{
    struct pulls *pulls = &peer->in.pulls;
    size_t kept = 0, count = 0;

    for (size_t i = 0; i < pulls->count; i++) {
        struct pull pull = pulls->items[i];
        bool is_due =
            count < WANTS_PER_MESSAGE && !pull.is_applying && !pull.has_failed && pull_is_due(peer, &pull);
        pull.is_asked = false;
        if (is_due && !pull_refresh(peer, &pull)) {
            continue;
        }
        if (is_due) {
            wants[count++] = (struct want){pull.stream, pull.after_seq};
            pull.is_asked = true;
        }
        pulls->items[kept++] = pull;
    }
    pulls->count = kept;
    return count;
}

static void want_send(struct peer *peer)
{
    struct message message = {.type = MESSAGE_WANT};
    struct want *wants = arena_alloc(&peer->arena, WANTS_PER_MESSAGE * sizeof *wants);

    peer->in.is_want_due = false;
    message.want.count = wants ? wants_choose(peer, wants) : 0;
    if (message.want.count == 0) {
        return;
    }
    message.want.wants = wants;
    message.want.credit = peer->options.credit_bytes;
    peer->in.credit_due = 0;
    effect_send(peer, &message);
}

static void credit_send(struct peer *peer)
{
    struct message message = {.type = MESSAGE_CREDIT};
    bool is_worth = peer->in.credit_due >= peer->options.credit_bytes / 4 || peer->in.pending_count == 0;

    if (peer->in.credit_due == 0 || !is_worth) {
        return;
    }
    message.credit = peer->in.credit_due;
    peer->in.credit_due = 0;
    if (pull_is_busy(peer)) { /* nobody needs credit for nothing */
        effect_send(peer, &message);
    }
}

static bool any_under_way(const struct peer *peer)
{
    for (size_t i = 0; i < peer->in.pulls.count; i++) {
        if (peer->in.pulls.items[i].is_asked || peer->in.pulls.items[i].pending > 0) {
            return true;
        }
    }
    return false;
}

void pull_continue(struct peer *peer)
{
    if (pull_is_busy(peer) && (peer->in.is_want_due || !any_under_way(peer))) {
        want_send(peer);
        if (!pull_is_busy(peer)) { /* all of it came by another way */
            greet_start(peer);
        } else if (peer->state == PEER_MOVING) {
            round_enter(peer, PEER_MOVING);
        }
    }
    credit_send(peer);
}

/* No batch for a while: ask again from where we are; after some of that, compare anew. */
void pull_on_timer(struct peer *peer)
{
    struct inbound *in = &peer->in;

    if (in->pending_count > 0) { /* it is the disk we wait for, not the other */
        round_enter(peer, PEER_MOVING);
        return;
    }
    in->stalls++;
    if (in->stalls > STALLS_MAX) {
        pull_clear(peer);
        peer->round.futile++;
        greet_start(peer);
        return;
    }
    in->is_want_due = true;
    round_enter(peer, PEER_MOVING);
}

/* --- batches --- */

static void pull_moved(struct peer *peer)
{
    peer->in.stalls = 0;
    peer->round.futile = 0;
    if (peer->state == PEER_MOVING) {
        round_enter(peer, PEER_MOVING);
    }
}

static void pull_finish(struct peer *peer, struct pull *pull)
{
    pull_remove(peer, pull);
    if (!pull_is_busy(peer) && peer->state != PEER_GREETING) {
        greet_start(peer);
    }
}

static void pending_add(struct peer *peer, struct pull *pull, const struct effect *effect, uint64_t stamp_ms,
                        uint32_t cost)
{
    CHECK(peer->in.pending_count < PENDING_MAX);
    peer->in.pending[peer->in.pending_count++] = (struct pending){
        .ticket = effect->ticket, .stream = pull->stream, .seq = effect->seq, .stamp_ms = stamp_ms,
        .cost = cost, .size = (uint32_t)effect->bytes.size, .is_apply = effect->kind == EFFECT_APPLY};
    pull->pending++;
}

static bool has_room(const struct peer *peer, size_t size)
{
    for (size_t i = 0; i < peer->in.pending_count; i++) {
        size += peer->in.pending[i].size;
    }
    return size <= PENDING_SIZE_MAX;
}

/* Everything under way is settled: what was dropped for want of room is asked for again, from what is durable. */
static void overfull_end(struct peer *peer)
{
    struct pulls *pulls = &peer->in.pulls;

    peer->in.is_overfull = false;
    for (size_t i = 0; i < pulls->count; i++) {
        if (pulls->items[i].has_failed && pulls->items[i].pending == 0) {
            pulls->items[i].has_failed = false;
            peer->in.is_want_due = true;
        }
    }
}

static void contradiction_report(struct peer *peer, struct pull *pull, const struct certificate *theirs, enum status status)
{
    uint8_t *proof = arena_alloc(&peer->arena, CERTIFICATE_SIZE);
    struct effect *effect = effect_add(peer, EFFECT_FORK);

    effect->stream = pull->stream;
    effect->seq = theirs->head.seq;
    effect->status = status;
    if (proof) {
        certificate_encode(theirs, proof);
        effect->bytes = bytes_of(proof, CERTIFICATE_SIZE);
    }
    if (status == S_STALE) { /* who forgot goes on under another incarnation, and may then pull this one */
        stream_freeze_living(peer, &pull->stream);
    } else {
        stream_freeze(peer, &pull->stream, UINT64_MAX);
    }
    pull_finish(peer, pull);
}

/* A certificate that was asked for because the vectors contradict each other. */
static void probe_take(struct peer *peer, struct pull *pull, const struct certificate *theirs)
{
    struct certificate own;
    const struct view *view = peer->view;
    bool has_own = view->ops->stream_find(view->ctx, &pull->stream, &own);

    if (has_own && certificate_is_fork(&own, theirs)) {
        contradiction_report(peer, pull, theirs, S_FORKED);
    } else if (stream_is_living(peer, &pull->stream) && theirs->head.seq > (has_own ? own.head.seq : 0)) {
        contradiction_report(peer, pull, theirs, S_STALE);
    } else {
        pull_finish(peer, pull); /* one of us has moved on: the next round tells */
    }
}

/* The batch fails a check that an honest peer's would pass. */
static void batch_refuse(struct peer *peer, struct pull *pull, enum status status, const char *text)
{
    struct stream_id stream = pull->stream;

    effect_add(peer, EFFECT_UNSTAGE)->stream = stream;
    pull->drops++;
    pull->is_asked = false;
    if (pull->drops >= DROPS_MAX) {
        stream_freeze(peer, &stream, peer->now_ms + BACKOFF_MS);
        pull_finish(peer, pull);
    } else {
        peer->in.is_want_due = true;
    }
    effect_refuse(peer, MESSAGE_BATCH, &stream, status, text);
}

/* Another stream of the roster is on its way, or came or was put off in this round: it may bring the key that this one's writer signs
 * with now (trust/rekey.h), through several turns. Whatever cannot be checked yet waits for the next round. So does the first one of all: it
 * may have moved on since the other said what it holds, with a key that is told in what it got meanwhile. */
static bool is_roster_coming(const struct peer *peer, const struct pull *pull)
{
    bool is_coming = peer->in.is_roster_moving || !peer->in.has_doubted;

    for (size_t i = 0; i < peer->in.pulls.count; i++) {
        const struct pull *other = &peer->in.pulls.items[i];
        is_coming = is_coming || (other != pull && other->stream.topic == TOPIC_ROSTER);
    }
    return is_coming;
}

/* What is staged of the stream goes, and the pull ends; the next round begins at what is held. */
static bool batch_leave(struct peer *peer, struct pull *pull)
{
    effect_add(peer, EFFECT_UNSTAGE)->stream = pull->stream;
    pull_finish(peer, pull);
    return false;
}

/* False when the batch was turned away for its certificate. */
static bool certificate_take(struct peer *peer, struct pull *pull, const struct batch *batch)
{
    enum status status = key_news_check(&peer->in.key_news, peer->view->roster, &batch->certificate);

    if (status == S_OK) {
        return true;
    }
    if (status == S_STALE) { /* who brings it may not know yet */
        struct effect *effect = effect_add(peer, EFFECT_REFUSED);
        effect->status = status;
        effect->stream = batch->stream;
        effect->bytes = bytes_text("signed with a key that its writer gave up");
    } else if (!is_roster_coming(peer, pull)) {
        batch_refuse(peer, pull, S_BAD_SIGNATURE, "a certificate its writer did not sign");
        return false;
    } else {
        peer->in.is_roster_moving = peer->in.has_doubted = true;
    }
    return batch_leave(peer, pull);
}

static void batch_hand_over(struct peer *peer, struct pull *pull, const struct batch *batch,
                            struct bytes body, uint32_t cost)
{
    struct effect *effect = effect_add(peer, batch->has_certificate ? EFFECT_APPLY : EFFECT_STAGE);

    effect->stream = pull->stream;
    effect->after_seq = batch->after_seq;
    effect->seq = batch->has_certificate ? batch->certificate.head.seq : batch->cells[batch->count - 1].seq;
    effect->bytes = body;
    effect_ticket(peer, effect);
    pending_add(peer, pull, effect, batch->has_certificate ? hlc_wall_ms(batch->certificate.head.stamp) : 0,
                cost);
    pull->after_seq = effect->seq;
    pull->is_applying = batch->has_certificate;
    pull_moved(peer);
}

/* The other has less than was staged of what somebody had: its writer went back to a backup, perhaps, and nobody will ever certify the rest. */
static bool is_short_of_staged(const struct peer *peer, const struct pull *pull, const struct batch *batch)
{
    return batch->has_certificate && !pull->is_applying && pull->pending == 0 && batch->certificate.head.seq < pull->after_seq &&
           seq_is_newer(batch->certificate.head.seq, seq_held(peer, &pull->stream));
}

/* True when the batch was handed over: its credit comes back when it is durable. */
static bool batch_take(struct peer *peer, struct pull *pull, const struct batch *batch, struct bytes body,
                       uint32_t cost)
{
    if (!stream_may_come(peer, &batch->stream) || /* the roster changed since we asked; or not how a revocation left it: the other may not know yet */
        (batch->has_certificate && !roster_may_take(peer->view->roster, &batch->certificate.head))) {
        return batch_leave(peer, pull);
    }
    if (batch->has_certificate && !certificate_take(peer, pull, batch)) {
        return false;
    } else if (pull->is_probe) {
        if (batch->has_certificate) {
            probe_take(peer, pull, &batch->certificate);
        }
        return false;
    }
    if (is_short_of_staged(peer, pull, batch)) {
        return batch_leave(peer, pull);
    }
    if (pull->is_applying || pull->has_failed || batch->after_seq != pull->after_seq ||
        peer->in.pending_count == PENDING_MAX) {
        return false; /* a double, or a stray */
    }
    if (batch->has_certificate && is_covered(peer, &batch->stream, batch->certificate.head.seq)) {
        return batch_leave(peer, pull);
    }
    if (!batch->has_certificate && batch->count == 0) {
        batch_refuse(peer, pull, S_INVALID, "a batch without cells and certificate");
        return false;
    }
    if (batch->has_certificate && !seq_is_newer(batch->certificate.head.seq, seq_held(peer, &pull->stream))) {
        pull_finish(peer, pull); /* it came by another way meanwhile, or the other has it no more */
        return false;
    }
    if (!has_room(peer, body.size)) {
        pull->has_failed = peer->in.is_overfull = true;
        pull->is_asked = false;
        return false;
    }
    batch_hand_over(peer, pull, batch, body, cost);
    return true;
}

void pull_on_batch(struct peer *peer, struct bytes body, size_t frame_size)
{
    uint32_t cost = bulk_cost(frame_size);
    struct batch batch;
    enum status status = batch_decode(body, &peer->arena, &batch);

    if (status != S_OK) {
        peer->in.credit_due += cost;
        effect_refuse(peer, MESSAGE_BATCH, NULL, status, "a batch that cannot be read");
        return;
    }
    struct pull *pull = pull_find(peer, &batch.stream);
    if (pull && batch.stream.topic == TOPIC_ROSTER) {
        key_news_note(&peer->in.key_news, &batch.stream, batch.cells, batch.count);
    }
    if (!pull || !batch_take(peer, pull, &batch, body, cost)) {
        peer->in.credit_due += cost;
    }
}

/* --- durable --- */

static bool pending_take(struct peer *peer, uint64_t ticket, struct pending *out)
{
    struct inbound *in = &peer->in;

    for (size_t i = 0; i < in->pending_count; i++) {
        if (in->pending[i].ticket == ticket) {
            *out = in->pending[i];
            memmove(in->pending + i, in->pending + i + 1, (in->pending_count - i - 1) * sizeof *in->pending);
            in->pending_count--;
            return true;
        }
    }
    return false;
}

/* A batch could not be kept: go on from what is durable, or give the stream up. */
static void durable_failed(struct peer *peer, struct pull *pull, enum status status)
{
    if (status == S_NO_SPACE || status == S_IO || status == S_CORRUPT || status == S_NO_MEMORY) {
        effect_close(peer, BACKOFF_MS); /* our own trouble: nothing more can be taken for a while */
        return;
    }
    pull->is_applying = false;
    pull->has_failed = true;
    pull->is_asked = false;
    if (status != S_STALE && status != S_BUSY) {
        batch_refuse(peer, pull, status,
                     status == S_TOO_LARGE ? "more cells without their certificate than are kept" : "cells that do not add up to the certificate");
    }
}

static void durable_take(struct peer *peer, const struct peer_event *event, const struct pending *settled)
{
    peer->in.credit_due += settled->cost;
    if (event->status == S_OK && settled->is_apply) {
        objects_in_on_change(peer);
        receipt_note(peer, &settled->stream, settled->seq);
        peer->in.is_roster_moving |= settled->stream.topic == TOPIC_ROSTER;
        peer->in.has_doubted = peer->in.has_doubted && settled->stream.topic != TOPIC_ROSTER;
    }
    struct pull *pull = pull_find(peer, &settled->stream);
    if (!pull || pull->pending == 0) {
        return; /* given up meanwhile */
    }
    pull->pending--;
    pull_moved(peer);
    if (event->status == S_OK && settled->is_apply) {
        pull_finish(peer, pull);
        return;
    }
    if (event->status != S_OK) {
        durable_failed(peer, pull, event->status);
        pull = pull_find(peer, &settled->stream);
    }
    if (pull && pull->has_failed && pull->pending == 0) {
        pull->has_failed = false;
        peer->in.is_want_due = true;
    }
}

void pull_on_durable(struct peer *peer, const struct peer_event *event)
{
    struct pending pending;

    if (!pending_take(peer, event->ticket, &pending)) {
        return; /* of an earlier life of this session */
    }
    durable_take(peer, event, &pending);
    if (peer->in.is_overfull && peer->in.pending_count == 0) {
        overfull_end(peer);
    }
}
