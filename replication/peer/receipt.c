/* Receipts: what is durably held where, for the writers to see.
 *
 * Three sources, none of which makes chatter: streams that became durable here are told to the side they came
 * from when it wrote them or stands above their writer (HELD); equal digests say that the other holds all we
 * do, without a word; and what hubs and the nodes above a writer hold is passed down to nodes below, when the
 * check in the HELLOs shows that they do not know it yet.
 *
 * A fourth one speaks of streams of the roster. A node that changes its keys waits for whoever may hold results of it that it forgot; a
 * former hub may, by a right of before, and is sent no more of them, so it never says that it holds the living ones. When the other has all
 * that it holds of such a node, it says that it holds the node's roster stream, which everybody may (HELD). That is passed down like the rest. A version
 * before this one neither says so nor passes it. */
#include <string.h>

#include "replication/base/check.h"
#include "replication/peer/activity.h"

static bool is_concerned(const struct peer *peer, const struct id *node, const struct id *writer)
{
    return id_equal(node, writer) || roster_is_above(peer->view->roster, node, writer);
}

void receipt_note(struct peer *peer, const struct stream_id *stream, uint64_t seq)
{
    struct inbound *in = &peer->in;

    if (stream->topic == TOPIC_ROSTER || in->receipt_count == RECEIPTS_MAX ||
        !(is_concerned(peer, &peer->options.remote, &stream->node) || legacy_is_taken(peer, stream))) {
        return;
    }
    if (in->receipt_count == 0) {
        in->receipts_ms = peer->now_ms + RECEIPTS_MS;
    }
    in->receipts[in->receipt_count++] = (struct held){*stream, seq, peer->wall_ms, peer->options.self};
}

static void held_send(struct peer *peer, const struct held *held, size_t count)
{
    struct message message = {.type = MESSAGE_HELD};

    for (size_t at = 0; at < count; at += HELD_PER_MESSAGE) {
        message.held.held = held + at;
        message.held.count = count - at < HELD_PER_MESSAGE ? count - at : HELD_PER_MESSAGE;
        effect_send(peer, &message);
    }
}

static void held_report(struct peer *peer, const struct held *held)
{
    struct effect *effect = effect_add(peer, EFFECT_HELD);

    effect->stream = held->stream;
    effect->holder = held->holder;
    effect->seq = held->seq;
    effect->at_ms = held->at_ms;
}

/* A former hub says that it gave all that it held of a node whose roster stream it holds. */
static bool is_of_former_hub(const struct peer *peer, const struct held *held)
{
    return held->stream.topic == TOPIC_ROSTER && roster_was_hub(peer->view->roster, &held->holder);
}

/* Believed are the holder itself, and the nodes above us for what others hold. Wanted is what is said of us and of those below us,
 * and of what is held by a right of before: it need not be offered again. */
void receipt_on_held(struct peer *peer, const struct held_message *message)
{
    const struct roster *roster = peer->view->roster;
    bool is_from_above = roster_is_above(roster, &peer->options.remote, &peer->options.self);

    for (size_t i = 0; i < message->count; i++) {
        const struct held *held = &message->held[i];
        bool is_first_hand = id_equal(&held->holder, &peer->options.remote);
        if ((is_first_hand || is_from_above) && roster_find(roster, &held->holder) &&
            (is_concerned(peer, &peer->options.self, &held->stream.node) || (is_first_hand && legacy_is_kept(peer, &held->stream)) ||
             (is_first_hand && is_of_former_hub(peer, held)))) {
            held_report(peer, held);
        }
    }
}

/* Whose receipts are passed down: the hubs' for people to see, and those of all nodes above the writer, who must have
 * been heard of before a closed stream is adopted (adopt.h). And what former hubs say when they gave all they had. */
static bool is_passed(const struct peer *peer, const struct held *held)
{
    const struct roster_node *holder = roster_find(peer->view->roster, &held->holder);

    if (held->stream.topic == TOPIC_ROSTER) {
        return is_of_former_hub(peer, held);
    }
    return holder && !holder->is_revoked && (holder->kind == NODE_HUB || roster_is_above(peer->view->roster, &holder->node, &held->stream.node));
}

/* What holders other than `teller` hold of `node` and those below it: what `teller` holds itself, equal digests say. */
static struct held *receipts_list(struct peer *peer, const struct id *node, const struct id *teller,
                                  size_t *count_out)
{
    struct held *held = arena_alloc(&peer->arena, RECEIPTS_MAX * sizeof *held);
    size_t count = held ? peer->view->ops->held_scan(peer->view->ctx, node, RECEIPTS_MAX, held) : 0;
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (!id_equal(&held[i].holder, teller) && is_passed(peer, &held[i])) {
            held[kept++] = held[i];
        }
    }
    *count_out = kept;
    return held;
}

static uint32_t receipts_check(const struct held *held, size_t count)
{
    uint8_t packed[STREAM_ID_SIZE + 8 + 16];
    uint32_t check = 0;

    for (size_t i = 0; i < count; i++) {
        stream_id_encode(&held[i].stream, packed);
        for (unsigned byte = 0; byte < 8; byte++) {
            packed[STREAM_ID_SIZE + byte] = (uint8_t)(held[i].seq >> (8 * byte));
        }
        memcpy(packed + STREAM_ID_SIZE + 8, held[i].holder.b, 16);
        struct hash hash = hash_of(bytes_of(NULL, 0), bytes_of(packed, sizeof packed));
        uint32_t part;
        memcpy(&part, hash.b, sizeof part);
        check += part;
    }
    return check;
}

uint32_t receipt_known_check(struct peer *peer)
{
    const struct id *self = &peer->options.self, *remote = &peer->options.remote;
    size_t count;

    if (!roster_is_above(peer->view->roster, remote, self)) {
        return 0; /* nobody passes anything down to us here */
    }
    struct held *held = receipts_list(peer, self, remote, &count);
    return receipts_check(held, count);
}

/* What left the vector is counted in a later stream as a rule, and its receipts are dropped. When that is taken back (stream/adoption.h: two machines
 * gave it up) it is compared again, under the same seq, and must be told again, over the same session. */
void receipt_on_compared(struct peer *peer, const struct vector *vector)
{
    struct vector *confirmed = &peer->confirmed;
    size_t kept = 0, at = 0;

    for (size_t i = 0; i < confirmed->count; i++) { /* both are sorted */
        const struct stream_id *stream = &confirmed->entries[i].stream;
        while (at < vector->count && stream_id_compare(&vector->entries[at].stream, stream) < 0) {
            at++;
        }
        if (at < vector->count && stream_id_compare(&vector->entries[at].stream, stream) == 0) {
            confirmed->entries[kept++] = confirmed->entries[i];
        }
    }
    confirmed->count = kept;
}

static bool is_hub(const struct peer *peer, const struct id *node)
{
    const struct roster_node *member = roster_find(peer->view->roster, node);

    return member && member->kind == NODE_HUB;
}

/* The other holds what we hold: a receipt for our own streams, and for those below us when it stands above
 * us or is a hub: all below one hub hear of another through it. Each seq is reported once in a session, unless the stream was away meanwhile. */
static void equality_report(struct peer *peer)
{
    const struct vector *vector = &shared_get(peer)->vector;
    const struct id *self = &peer->options.self;
    bool is_for_those_below = is_hub(peer, &peer->options.remote) || roster_is_above(peer->view->roster, &peer->options.remote, self);
    size_t said = 0;

    for (size_t i = 0; i < vector->count && said < RECEIPTS_MAX; i++) {
        const struct vector_entry *entry = &vector->entries[i];
        const struct vector_entry *known = vector_find(&peer->confirmed, &entry->stream);
        bool is_told = entry->stream.topic == TOPIC_ROSTER || (known && known->seq >= entry->seq);
        bool is_ours = id_equal(self, &entry->stream.node) ||
                       (is_for_those_below && is_concerned(peer, self, &entry->stream.node));
        if (!is_told && is_ours) {
            struct held held = {entry->stream, entry->seq, peer->wall_ms, peer->options.remote};
            held_report(peer, &held);
            vector_merge_entry(&peer->confirmed, entry);
            said++;
        }
    }
}

/* What others hold goes down once in a life of the other's session: when its check differs from ours and we have not just said it. */
static void pass_down(struct peer *peer)
{
    const struct id *self = &peer->options.self, *remote = &peer->options.remote;
    size_t count;

    bool has_news = !vector_digest_equal(&shared_get(peer)->digest, &peer->round.said); /* that must be there before */

    if (peer->state != PEER_IN_STEP || has_news || !roster_is_above(peer->view->roster, self, remote)) {
        return;
    }
    struct held *held = receipts_list(peer, remote, self, &count);
    uint32_t check = receipts_check(held, count);
    if (count > 0 && check != peer->remote_held_check && check != peer->held_check) {
        held_send(peer, held, count);
        peer->held_check = check;
    }
}

/* Does this node change its keys, and is it admitted to? Only then it waits. */
static bool is_changing(const struct roster_node *node)
{
    return !node->is_revoked && node->former_count > 0 && node->former[node->former_count - 1].closing.size == 0;
}

/* The roster streams of those who change their keys and of whom the other has all that is held here. */
static size_t given_list(const struct peer *peer, struct held *held)
{
    const struct view *view = peer->view;
    const struct id *remote = &peer->options.remote;
    struct stream_head head;
    size_t count = 0;

    for (size_t i = 0; i < roster_count(view->roster); i++) {
        const struct roster_node *node = roster_at(view->roster, i);
        struct stream_id after = {.node = node->node, .topic = TOPIC_ROSTER};
        if (!is_changing(node) || !roster_may_hold(view->roster, remote, &node->node, TOPIC_RESULTS) || !legacy_is_given(peer, &node->node)) {
            continue;
        }
        while (count < GIVEN_MAX && view->ops->stream_next(view->ctx, &after, &head) && head.stream.topic == TOPIC_ROSTER &&
               id_equal(&head.stream.node, &node->node)) {
            after = head.stream;
            held[count++] = (struct held){head.stream, head.seq, peer->wall_ms, peer->options.self};
        }
    }
    return count;
}

/* A former hub says who got back all that it held; once, until it is something else. */
static void given_say(struct peer *peer)
{
    if (peer->state != PEER_IN_STEP || !roster_was_hub(peer->view->roster, &peer->options.self)) {
        return;
    }
    struct held *held = arena_alloc(&peer->arena, GIVEN_MAX * sizeof *held);
    size_t count = held ? given_list(peer, held) : 0;
    uint32_t check = receipts_check(held, count);
    if (count > 0 && check != peer->given_check) {
        held_send(peer, held, count);
        peer->given_check = check;
    }
}

/* Equal digests tell the other, but of what it held by a right of before. */
static void receipts_drop_shared(struct inbound *in, const struct peer *peer)
{
    size_t kept = 0;

    for (size_t i = 0; i < in->receipt_count; i++) {
        if (legacy_is_taken(peer, &in->receipts[i].stream)) {
            in->receipts[kept++] = in->receipts[i];
        }
    }
    in->receipt_count = kept;
}

void receipt_on_in_step(struct peer *peer)
{
    receipts_drop_shared(&peer->in, peer);
    equality_report(peer);
    pass_down(peer);
    given_say(peer);
}

void receipt_on_change(struct peer *peer)
{
    pass_down(peer);
    given_say(peer);
}

/* While much is moving, equal digests may be far off. */
void receipt_continue(struct peer *peer)
{
    struct inbound *in = &peer->in;

    if (in->receipt_count >= RECEIPTS_MANY || peer->now_ms >= receipt_deadline(peer)) {
        held_send(peer, in->receipts, in->receipt_count);
        in->receipt_count = 0;
    }
}

uint64_t receipt_deadline(const struct peer *peer)
{
    return peer->in.receipt_count > 0 ? peer->in.receipts_ms : UINT64_MAX;
}
