/* Objects out: what the other asked for is sent in the order of asking, many small objects or a part of a
 * large one to a frame.
 *
 * What we lack is answered ABSENT and remembered, so that a greeting can wake the other when it has come; it
 * is also demanded, so that the driver gets it: from above for a node below us, from below for any other. */
#include <string.h>

#include "replication/base/check.h"
#include "replication/package/density.h"
#include "replication/peer/activity.h"
#include "replication/peer/short_name.h"

enum { NEWS_MANY = 32, NEWS_PATIENCE = 8, AHEAD_MAX = 256 * 1024 };

static bool hash_listed(const struct hash *list, size_t count, const struct hash *object)
{
    for (size_t i = 0; i < count; i++) {
        if (hash_equal(&list[i], object)) {
            return true;
        }
    }
    return false;
}

void objects_out_clear(struct peer *peer)
{
    peer->objects_out.count = 0;
    peer->objects_out.offset = 0;
    peer->objects_out.absent_count = 0;
}

void objects_out_release(struct peer *peer)
{
    for (size_t i = 0; i < PLAIN_FRAMES_PER_STEP; i++) {
        buffer_release(&peer->objects_out.frames[i]);
    }
}

static void demand(struct peer *peer, const struct hash *object)
{
    struct effect *effect = effect_add(peer, EFFECT_DEMAND);

    effect->object = *object;
    effect->is_below = roster_is_above(peer->view->roster, &peer->options.self, &peer->options.remote);
}

static void absent_note(struct peer *peer, const struct hash *object)
{
    struct objects_out *out = &peer->objects_out;

    offer_on_shared(peer);
    size_t at = 0;
    while (at < out->absent_count && !hash_equal(&out->absent[at].object, object)) {
        at++;
    }
    if (at < out->absent_count) {
        out->absent[at].is_told = false; /* it asks again: it is told again */
    } else if (at < ABSENT_MAX) {
        out->demanded_ms = out->absent_count == 0 ? peer->now_ms : out->demanded_ms;
        out->absent[out->absent_count++] = (struct absent){.object = *object};
    }
    if (at < ABSENT_MAX) { /* and demanded again: a full disk may have refused that */
        demand(peer, object);
    }
}

uint64_t objects_out_deadline(const struct peer *peer)
{
    return peer->objects_out.absent_count > 0 ? peer->objects_out.demanded_ms + DEMAND_AGAIN_MS : UINT64_MAX;
}

/* Who asked may not ask again until it is told that it came. */
void objects_out_demand(struct peer *peer)
{
    struct objects_out *out = &peer->objects_out;
    uint64_t size;

    if (peer->now_ms < objects_out_deadline(peer)) {
        return;
    }
    for (size_t i = 0; i < out->absent_count; i++) {
        const struct absent *absent = &out->absent[i];
        if (!absent->is_told && !peer->view->ops->object_find(peer->view->ctx, &absent->object, &size)) {
            demand(peer, &absent->object);
        }
    }
    out->demanded_ms = peer->now_ms;
}

bool objects_out_is_queued(const struct peer *peer, const struct hash *object)
{
    return hash_listed(peer->objects_out.items, peer->objects_out.count, object);
}

void objects_out_on_ask(struct peer *peer, const struct hashes_message *message)
{
    struct objects_out *out = &peer->objects_out;
    struct message answer = {.type = MESSAGE_ABSENT, .hashes.ask = message->ask};
    struct hash *absent = arena_alloc(&peer->arena, FETCHES_MAX * sizeof *absent);
    uint64_t size;

    for (size_t i = 0; absent && i < message->count && i < FETCHES_MAX; i++) {
        const struct hash *object = &message->hashes[i];
        if (!peer->view->ops->object_find(peer->view->ctx, object, &size) || size > MEMBER_WHOLE_MAX) {
            absent[answer.hashes.count++] = *object;
            absent_note(peer, object);
        } else if (out->count < SERVED_MAX && !hash_listed(out->items, out->count, object)) {
            out->items[out->count++] = *object;
        }
    }
    if (answer.hashes.count > 0) {
        answer.hashes.hashes = absent;
        effect_send(peer, &answer);
    }
}

static void served_drop(struct objects_out *out, size_t count)
{
    CHECK(count <= out->count);
    memmove(out->items, out->items + count, (out->count - count) * sizeof *out->items);
    out->count -= count;
    out->offset = 0;
}

/* What one frame takes from the queue. */
struct parcel {
    struct piece pieces[PIECES_MAX];
    size_t count;
    size_t bytes;
    bool is_dense;   /* all of it */
    size_t done;     /* objects that end in this frame */
    uint32_t offset; /* where the first one that does not end goes on */
    struct hash gone[16];
    size_t gone_count;
};

/* Does what was read ahead begin at `offset` of the object, or before? */
static bool ahead_has(const struct objects_out *out, const struct hash *object, uint32_t offset)
{
    return out->ahead.data.size > 0 && hash_equal(&out->ahead.object, object) && offset >= out->ahead.offset &&
           offset - out->ahead.offset < out->ahead.data.size;
}

/* A part of an object, and what the other frames of this step will take of it with the same read; NULL when it cannot
 * be read. */
static const uint8_t *part_read(struct peer *peer, const struct hash *object, uint32_t size, uint32_t offset, size_t part)
{
    struct objects_out *out = &peer->objects_out;

    if (ahead_has(out, object, offset) && part <= out->ahead.data.size - (offset - out->ahead.offset)) {
        return out->ahead.data.data + (offset - out->ahead.offset);
    }
    size_t left = size - offset;
    size_t ahead = PLAIN_FRAMES_PER_STEP * part < AHEAD_MAX ? PLAIN_FRAMES_PER_STEP * part : AHEAD_MAX;
    size_t want = ahead > part ? ahead : part;
    want = want < left ? want : left;
    uint8_t *data = arena_alloc(&peer->scan, want + 1);
    if (!data || peer->view->ops->object_read(peer->view->ctx, object, offset, data, want) != want) {
        return NULL;
    }
    out->ahead.object = *object;
    out->ahead.size = size;
    out->ahead.offset = offset;
    out->ahead.data = bytes_of(data, want);
    out->ahead.is_dense = density_is_high(out->ahead.data);
    return data;
}

/* The size of an object that is held. */
static bool part_find(struct peer *peer, const struct hash *object, uint32_t offset, uint64_t *size_out)
{
    if (ahead_has(&peer->objects_out, object, offset)) {
        *size_out = peer->objects_out.ahead.size;
        return true;
    }
    return peer->view->ops->object_find(peer->view->ctx, object, size_out) && *size_out <= MEMBER_WHOLE_MAX;
}

/* Adds the next part of items[parcel->done]; false when the parcel is full. */
static bool parcel_add(struct peer *peer, struct parcel *parcel, size_t budget)
{
    struct objects_out *out = &peer->objects_out;
    const struct hash *object = &out->items[parcel->done];
    struct piece *piece = &parcel->pieces[parcel->count];
    size_t used = parcel->bytes + (parcel->count + 1) * PIECE_COST_MAX;
    size_t room = used < budget ? (budget - used) / BLOCK_SIZE * BLOCK_SIZE : 0;
    uint64_t size = 0;
    bool is_held = part_find(peer, object, parcel->offset, &size);

    if (is_held && room == 0 && (size > 0 || parcel->count > 0)) {
        return false;
    }
    size_t left = is_held && size > parcel->offset ? (size_t)size - parcel->offset : 0;
    size_t part = left < room ? left : room;
    const uint8_t *data = is_held && part > 0 ? part_read(peer, object, (uint32_t)size, parcel->offset, part) : NULL;
    if (!is_held || (!data && part > 0)) {
        if (parcel->gone_count == sizeof parcel->gone / sizeof *parcel->gone) {
            return false;
        }
        parcel->gone[parcel->gone_count++] = *object;
        parcel->offset = 0;
        parcel->done++;
        return true;
    }
    *piece = (struct piece){*object, (uint32_t)size, parcel->offset, bytes_of(data, part)};
    parcel->is_dense = (parcel->is_dense || parcel->count == 0) && part > 0 && peer->objects_out.ahead.is_dense;
    parcel->count++;
    parcel->bytes += part;
    bool is_whole = part == left;
    parcel->offset = is_whole ? 0 : parcel->offset + (uint32_t)part;
    parcel->done += is_whole;
    return is_whole;
}

static void parcel_fill(struct peer *peer, struct parcel *parcel, size_t budget)
{
    memset(parcel, 0, sizeof *parcel);
    parcel->offset = peer->objects_out.offset;
    while (parcel->done < peer->objects_out.count && parcel->count < PIECES_MAX && parcel->bytes <= budget) {
        if (!parcel_add(peer, parcel, budget)) {
            break;
        }
    }
}

/* Compressible content fills a frame with more than its size: the budget grows while frames come out half
 * empty. */
static bool parcel_send(struct peer *peer, struct parcel *parcel, struct buffer *frame)
{
    struct objects_out *out = &peer->objects_out;
    struct message message = {.type = MESSAGE_PIECES};

    for (;;) {
        parcel_fill(peer, parcel, out->budget);
        message.pieces.pieces = parcel->pieces;
        message.pieces.count = parcel->count;
        message.pieces.is_dense = parcel->is_dense;
        message.pieces.has_short_names =
            short_name_may(peer, &parcel->pieces[0].object, sizeof *parcel->pieces, parcel->count);
        buffer_clear(frame);
        if (parcel->count == 0 || message_encode(&message, frame) == S_OK) {
            break;
        }
        if (out->budget <= BUDGET_MIN) {
            return false; /* cannot be: so much fits uncompressed */
        }
        out->budget = BUDGET_MIN;
    }
    if (parcel->count > 0) {
        peer->patches_out.told_ms = peer->now_ms;
        effect_send_kept(peer, CHANNEL_BULK, buffer_bytes(frame));
        if (frame->size < FRAME_SIZE_MAX / 2 && parcel->bytes >= out->budget / 2) {
            out->budget = out->budget * 3 / 2 < BUDGET_MAX ? out->budget * 3 / 2 : BUDGET_MAX;
        }
    }
    return true;
}

unsigned objects_out_continue(struct peer *peer, unsigned frames)
{
    struct objects_out *out = &peer->objects_out;
    struct parcel *parcel = frames && out->count ? arena_alloc(&peer->arena, sizeof *parcel) : NULL;
    unsigned sent = 0;

    CHECK(frames <= PLAIN_FRAMES_PER_STEP);
    if (out->count == 0) {
        objects_out_release(peer);
        return 0;
    }
    arena_clear(&peer->scan);
    out->ahead.data = bytes_of(NULL, 0);
    for (; parcel && out->count > 0 && sent < frames; sent++) {
        if (!parcel_send(peer, parcel, &out->frames[sent])) {
            objects_out_clear(peer);
            break;
        }
        if (parcel->gone_count > 0) {
            struct message answer = {.type = MESSAGE_ABSENT};
            answer.hashes.hashes = parcel->gone;
            answer.hashes.count = parcel->gone_count;
            effect_send(peer, &answer);
        }
        served_drop(out, parcel->done);
        out->offset = parcel->offset;
    }
    out->ahead.data = bytes_of(NULL, 0);
    arena_clear(&peer->scan);
    if (out->count > 0) {
        peer->has_more = true;
    }
    return sent;
}

static size_t absent_found(struct peer *peer)
{
    struct objects_out *out = &peer->objects_out;
    uint64_t size;
    size_t found = 0;

    for (size_t i = 0; i < out->absent_count; i++) {
        found += peer->view->ops->object_find(peer->view->ctx, &out->absent[i].object, &size);
    }
    return found;
}

/* Not for each object: when all have come, when many have, or after some time. A millisecond passes for each that was looked for before all are
 * looked for again: changes are many while objects come. */
bool objects_out_has_news(struct peer *peer)
{
    struct objects_out *out = &peer->objects_out;

    if (peer_hears_offers(peer) || out->absent_count == 0) {
        out->news_ms = UINT64_MAX;
        return false;
    }
    if (peer->now_ms < out->look_ms) {
        out->news_ms = out->look_ms;
        return false;
    }
    size_t found = absent_found(peer);
    uint64_t waited = peer->now_ms - out->told_ms, retry_ms = peer->options.retry_ms;
    bool is_news = found > 0 && (found == out->absent_count || (found >= NEWS_MANY && waited >= retry_ms) || waited >= NEWS_PATIENCE * retry_ms);
    out->look_ms = peer->now_ms + out->absent_count;
    out->news_ms = found > 0 ? peer->now_ms + retry_ms : UINT64_MAX;
    if (is_news) {
        out->absent_count = 0; /* it will ask again, and be told again */
        out->told_ms = peer->now_ms;
    }
    return is_news;
}

uint64_t objects_out_news_ms(const struct peer *peer)
{
    return peer->objects_out.news_ms;
}
