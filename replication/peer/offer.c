/* Offers: what nodes of which neither is above the other tell each other of objects that one asked for and the other lacks, so that both need not
 * fetch them from afar (replication/schedule/share.h says who fetches which).
 *
 *   A says offer                    I understand these
 *   A says ask x, y
 *   B says absent x, y              and keeps that A asked
 *   B says offer, coming x          another session of B has asked for x
 *   B says offer, have x            it came: A asks once more, and gets it
 *
 * A keeps what B said it lacks, at most LACKS_MAX, and asks for no more while that is full. What B announced and does not bring in its time shuns it:
 * from then on nothing is left to it in this session. An offer of what was never asked for is overlooked, so nothing here grows with what the other says. */
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/peer/activity.h"

static uint64_t key_of(const struct hash *object)
{
    uint64_t key;

    memcpy(&key, object->b, sizeof key);
    return key;
}

bool offer_is_near(const struct peer *peer)
{
    const struct roster *roster = peer->view->roster;

    return !roster_is_above(roster, &peer->options.remote, &peer->options.self) &&
           !roster_is_above(roster, &peer->options.self, &peer->options.remote);
}

bool peer_hears_offers(const struct peer *peer)
{
    return peer->offers.is_heard;
}

/* --- what the other lacks --- */

static struct lack *lack_find(const struct peer *peer, const struct hash *object)
{
    const uint64_t key = key_of(object);

    for (size_t i = 0; i < peer->offers.count; i++) {
        if (peer->offers.lacks[i].key == key) {
            return &peer->offers.lacks[i];
        }
    }
    return NULL;
}

static void lack_remove(struct peer *peer, struct lack *lack)
{
    struct offers *offers = &peer->offers;

    CHECK(offers->count > 0);
    *lack = offers->lacks[--offers->count];
}

bool offer_is_lacked(struct peer *peer, const struct hash *object)
{
    struct lack *lack = lack_find(peer, object);

    if (lack) {
        lack->pass = peer->offers.pass;
    }
    return lack != NULL;
}

bool offer_is_full(const struct peer *peer)
{
    return peer->offers.count >= LACKS_MAX;
}

void offer_note_absent(struct peer *peer, const struct fetch *fetch)
{
    struct offers *offers = &peer->offers;

    if (!offers->is_heard || offer_is_full(peer) || lack_find(peer, &fetch->object)) {
        return;
    }
    if (!offers->lacks) {
        offers->lacks = calloc(LACKS_MAX, sizeof *offers->lacks);
        CHECK(offers->lacks);
    }
    offers->lacks[offers->count++] = (struct lack){.key = key_of(&fetch->object), .size = fetch->size, .pass = offers->pass};
}

void offer_pass_begin(struct peer *peer)
{
    peer->offers.pass++;
}

/* What the pass did not meet is wanted no more. */
void offer_pass_end(struct peer *peer)
{
    for (size_t i = 0; i < peer->offers.count;) {
        if (peer->offers.lacks[i].pass == peer->offers.pass) {
            i++;
        } else {
            lack_remove(peer, &peer->offers.lacks[i]);
        }
    }
}

void offer_forget(struct peer *peer)
{
    peer->offers.count = 0;
}

/* --- saying --- */

static void offer_send(struct peer *peer, const struct offer_message *offer)
{
    struct message message = {.type = MESSAGE_OFFER, .offer = *offer};

    effect_send(peer, &message);
}

void offer_greet(struct peer *peer)
{
    if (!peer->offers.is_heard && offer_is_near(peer)) {
        offer_send(peer, &(struct offer_message){0});
    }
}

/* The columns of an offer under way. */
struct telling {
    struct hash columns[3][ASKS_MAX];
    size_t counts[3];
    size_t total;
};

static void tell_add(struct telling *telling, int column, const struct hash *object)
{
    telling->columns[column][telling->counts[column]++] = *object;
    telling->total++;
}

/* One object that the other asked for; true when it has it now, as far as we are concerned. */
static bool tell_one(struct peer *peer, struct absent *absent, bool is_coming, struct telling *telling)
{
    const bool is_looked_at = peer->offers.is_found_due || (absent->is_told && !is_coming);
    uint64_t size;

    if (is_looked_at && peer->view->ops->object_find(peer->view->ctx, &absent->object, &size)) {
        tell_add(telling, 0, &absent->object);
        return true;
    }
    if (is_coming != absent->is_told) {
        tell_add(telling, is_coming ? 1 : 2, &absent->object);
    }
    absent->is_told = is_coming;
    return false;
}

static bool is_listed(const struct hash *list, size_t count, const struct hash *object)
{
    for (size_t i = 0; i < count; i++) {
        if (hash_equal(&list[i], object)) {
            return true;
        }
    }
    return false;
}

static void offer_tell(struct peer *peer)
{
    struct objects_out *out = &peer->objects_out;
    const struct view_ops *ops = peer->view->ops;
    struct telling *telling = arena_alloc(&peer->arena, sizeof *telling);
    struct hash *coming = arena_alloc(&peer->arena, COMING_MAX * sizeof *coming);

    if (!telling || !coming) {
        return;
    }
    telling->total = telling->counts[0] = telling->counts[1] = telling->counts[2] = 0;
    size_t count = ops->coming_scan ? ops->coming_scan(peer->view->ctx, COMING_MAX, coming) : 0;
    for (size_t i = 0; i < out->absent_count && telling->total < ASKS_MAX;) {
        if (tell_one(peer, &out->absent[i], is_listed(coming, count, &out->absent[i].object), telling)) {
            out->absent[i] = out->absent[--out->absent_count];
        } else {
            i++;
        }
    }
    peer->offers.is_tell_due = telling->total == ASKS_MAX;
    peer->offers.is_found_due = peer->offers.is_found_due && peer->offers.is_tell_due;
    peer->offers.tell_ms = peer->now_ms + OFFER_PAUSE_MS;
    if (telling->total > 0) {
        struct offer_message offer = {telling->columns[0], telling->counts[0], telling->counts[1], telling->counts[2]};
        memmove(telling->columns[0] + offer.have_count, telling->columns[1], offer.coming_count * sizeof(struct hash));
        memmove(telling->columns[0] + offer.have_count + offer.coming_count, telling->columns[2], offer.dropped_count * sizeof(struct hash));
        offer_send(peer, &offer);
    }
}

void offer_on_shared(struct peer *peer)
{
    peer->offers.is_tell_due = true;
}

void offer_on_change(struct peer *peer)
{
    peer->offers.is_tell_due = peer->offers.is_found_due = true;
}

/* --- hearing --- */

static bool take_have(struct peer *peer, const struct hash *object)
{
    struct objects_out *out = &peer->objects_out;
    struct lack *lack = lack_find(peer, object);

    for (size_t i = 0; i < out->absent_count; i++) {
        if (hash_equal(&out->absent[i].object, object)) { /* it needs it from us no more */
            out->absent[i] = out->absent[--out->absent_count];
            break;
        }
    }
    if (!lack) {
        return false;
    }
    if (lack->is_coming) {
        peer->offers.moved_ms = peer->now_ms;
    }
    lack_remove(peer, lack);
    return true;
}

void offer_on_offer(struct peer *peer, const struct offer_message *offer)
{
    struct offers *offers = &peer->offers;
    bool is_news = false;

    if (!offer_is_near(peer)) {
        return;
    }
    if (!offers->is_heard) {
        offers->is_heard = true;
        offer_send(peer, &(struct offer_message){0});
    }
    for (size_t i = 0; i < offer->have_count; i++) {
        is_news = take_have(peer, &offer->hashes[i]) || is_news;
    }
    for (size_t i = 0; i < offer->coming_count + offer->dropped_count; i++) {
        struct lack *lack = lack_find(peer, &offer->hashes[offer->have_count + i]);
        if (lack) {
            lack->since_ms = lack->is_coming ? lack->since_ms : peer->now_ms;
            lack->is_coming = i < offer->coming_count;
            offers->is_waiting = offers->is_waiting || (lack->is_coming && !offers->is_shunned);
        }
    }
    if (is_news) {
        objects_in_wake(peer);
    }
}

/* --- patience --- */

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

uint64_t offer_due_ms(const struct peer *peer, uint64_t size)
{
    return peer->now_ms + OFFER_PATIENCE_MS + size / OFFER_BYTES_PER_MS;
}

static bool lack_is_overdue(const struct peer *peer, const struct lack *lack)
{
    const uint64_t from = later(lack->since_ms, peer->offers.moved_ms);

    return lack->is_coming && (peer->now_ms >= from + OFFER_PATIENCE_MS + lack->size / OFFER_BYTES_PER_MS ||
                               peer->now_ms >= lack->since_ms + OFFER_MAX_MS);
}

static bool is_waited_for(const struct peer *peer, bool *is_overdue_out)
{
    bool is_waited = false;

    *is_overdue_out = false;
    for (size_t i = 0; i < peer->offers.count; i++) {
        is_waited = is_waited || peer->offers.lacks[i].is_coming;
        *is_overdue_out = *is_overdue_out || lack_is_overdue(peer, &peer->offers.lacks[i]);
    }
    for (size_t i = 0; i < peer->objects_in.count; i++) {
        const struct fetch *fetch = &peer->objects_in.items[i];
        is_waited = is_waited || fetch->ticket == 0;
        *is_overdue_out = *is_overdue_out || (fetch->ticket == 0 && peer->now_ms >= fetch->due_ms);
    }
    return is_waited;
}

/* The other was put above or below this node since it was heard (another hub): it is asked and answers as any of these. */
static void offer_leave(struct peer *peer)
{
    peer->offers.is_heard = peer->offers.is_waiting = false;
    offer_forget(peer);
    objects_in_wake_late(peer);
}

static bool is_above(const struct peer *peer)
{
    return roster_is_above(peer->view->roster, &peer->options.remote, &peer->options.self);
}

/* A look at what is overdue, now and then. Whoever is waited for is looked at: the deadline would stand in the past for ever. The way to nodes above is long,
 * and most of what comes comes by it. One below is not blamed, it may sit at a slow line; but what it was asked for others may bring. */
static void offer_look(struct peer *peer)
{
    struct offers *offers = &peer->offers;
    bool is_near = offer_is_near(peer), is_overdue;

    if (offers->is_shunned || peer->now_ms < offers->look_ms) {
        return;
    }
    if (!is_near && (offers->is_heard || (offers->is_waiting && is_above(peer)))) {
        offer_leave(peer);
    }
    if (is_above(peer)) {
        return;
    }
    offers->look_ms = peer->now_ms + OFFER_LOOK_MS;
    offers->is_waiting = is_waited_for(peer, &is_overdue);
    if (is_overdue) {
        offers->is_shunned = true;
        offers->is_waiting = false;
        if (is_near) {
            effect_refuse(peer, MESSAGE_OFFER, NULL, S_STALE, "objects that it was to bring did not come in their time");
        }
    }
}

void offer_continue(struct peer *peer)
{
    struct offers *offers = &peer->offers;

    offer_look(peer);
    if (offers->is_tell_due && !offers->is_heard) {
        offers->is_tell_due = offers->is_found_due = false;
    }
    if (offers->is_tell_due && peer->now_ms >= offers->tell_ms && peer->state != PEER_CLOSED) {
        offer_tell(peer);
    }
}

uint64_t offer_deadline(const struct peer *peer)
{
    const struct offers *offers = &peer->offers;
    uint64_t deadline = offers->is_waiting ? offers->look_ms : UINT64_MAX;

    return offers->is_tell_due && offers->tell_ms < deadline ? offers->tell_ms : deadline;
}

/* --- what the driver asks --- */

enum share_state peer_share_state(const struct peer *peer, const struct hash *object)
{
    const struct lack *lack = lack_find(peer, object);

    if (lack) {
        return lack->is_coming && !peer->offers.is_shunned ? SHARE_COMING : SHARE_LACKS;
    }
    return offer_is_full(peer) ? SHARE_LATER : SHARE_UNKNOWN;
}

bool peer_was_asked(const struct peer *peer, const struct hash *object)
{
    for (size_t i = 0; i < peer->objects_out.absent_count; i++) {
        if (hash_equal(&peer->objects_out.absent[i].object, object)) {
            return true;
        }
    }
    return false;
}

bool peer_is_shunned(const struct peer *peer)
{
    return peer->offers.is_shunned;
}

bool peer_is_awaited(const struct peer *peer)
{
    return !peer->offers.is_shunned && objects_in_is_waiting(peer);
}

size_t peer_fetches(const struct peer *peer, size_t max, struct hash *objects_out)
{
    size_t count = 0;

    for (size_t i = 0; i < peer->objects_in.count && count < max; i++) {
        objects_out[count++] = peer->objects_in.items[i].object;
    }
    return count;
}
