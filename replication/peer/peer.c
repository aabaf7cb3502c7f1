/* The states of a session, and what holds in each:
 *
 *   CLOSED     no timer runs and nothing is sent.
 *   GREETING   our HELLO of round.number is unanswered (round.answered < round.number); a timer repeats it.
 *   COMPARING  the digests differ and the entries that tell where have not all come; a timer starts another
 * round. MOVING     the comparison is over. Pulls are noted, or the other is expected to pull; a timer asks
 * again, or greets. IN_STEP    at the last HELLO both digests were equal and no pull is noted. No timer; a
 * change starts another round.
 *
 * Pulls, serving and objects go on in whichever of these but CLOSED: a frame is taken for what it says, in
 * any state, and what it says is checked against the view. So no order of frames can wedge a session; the
 * worst that a stray does is another round. */
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/peer/activity.h"
#include "replication/peer/fetch.h"
#include "replication/peer/short_name.h"

static void *array_new(size_t count, size_t size)
{
    void *items = malloc(count * size);

    CHECK(items);
    return items;
}

struct peer *peer_new(const struct peer_options *options)
{
    struct peer *peer = calloc(1, sizeof *peer);

    CHECK(peer);
    CHECK(options->retry_ms > 0 && options->idle_ms >= 3 * options->retry_ms);
    CHECK(options->credit_bytes >= CREDIT_MIN && options->credit_bytes <= CREDIT_MAX);
    CHECK(!id_equal(&options->self, &options->remote));
    peer->options = *options;
    peer->state = PEER_CLOSED;
    arena_init(&peer->arena, STEP_ARENA_MAX);
    arena_init(&peer->scan, STEP_ARENA_MAX);
    buffer_init(&peer->frame);
    key_news_init(&peer->in.key_news);
    vector_init(&peer->shared.vector);
    vector_init(&peer->confirmed);
    peer->in.pending = array_new(PENDING_MAX, sizeof *peer->in.pending);
    peer->in.frozen = array_new(FROZEN_MAX, sizeof *peer->in.frozen);
    peer->in.receipts = array_new(RECEIPTS_MAX, sizeof *peer->in.receipts);
    peer->objects_in.items = array_new(FETCHES_MAX, sizeof *peer->objects_in.items);
    peer->objects_out.items = array_new(SERVED_MAX, sizeof *peer->objects_out.items);
    peer->objects_out.absent = array_new(ABSENT_MAX, sizeof *peer->objects_out.absent);
    peer->patches_out.items = array_new(SERVED_PATCHED_MAX, sizeof *peer->patches_out.items);
    peer->patches_out.sent = array_new(1, sizeof *peer->patches_out.sent);
    peer->objects_out.budget = BUDGET_MIN;
    patches_out_clear(peer);
    peer->is_leader = id_compare(&options->self, &options->remote) < 0;
    peer->round.number = peer->round.answered = options->session & UINT16_MAX;
    peer->round.timer_ms = peer->change_ms = UINT64_MAX;
    peer->objects_in.next_pass_ms = UINT64_MAX;
    return peer;
}

void peer_free(struct peer *peer)
{
    if (!peer) {
        return;
    }
    fetch_release(&peer->objects_in);
    objects_out_release(peer);
    free(peer->objects_out.items);
    free(peer->objects_out.absent);
    free(peer->offers.lacks);
    free(peer->patches_out.items);
    free(peer->patches_out.sent);
    free(peer->in.pending);
    free(peer->in.frozen);
    free(peer->in.receipts);
    free(peer->in.pulls.items);
    free(peer->out.streams);
    free(peer->effects);
    vector_release(&peer->shared.vector);
    vector_release(&peer->confirmed);
    buffer_release(&peer->frame);
    key_news_release(&peer->in.key_news);
    arena_release(&peer->scan);
    arena_release(&peer->arena);
    free(peer);
}

const struct peer_progress *peer_progress(const struct peer *peer)
{
    return &peer->progress;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* --- events --- */

static void open_take(struct peer *peer)
{
    CHECK(peer->state == PEER_CLOSED);
    vector_clear(&peer->confirmed); /* what was said of it before may not have been stored */
    peer->given_check = 0;
    if (peer->was_open) { /* nor what was passed down: another life, so that the other looks at the check again (greet.c) */
        peer->options.session += SESSION_LIVES;
    }
    peer->was_open = true;
    peer->heard_ms = peer->now_ms;
    peer->generation = peer->view->ops->generation(peer->view->ctx);
    peer->roster_version = roster_version(peer->view->roster);
    objects_in_wake(peer);
    greet_start(peer);
}

static void message_take(struct peer *peer, const struct message *message, size_t frame_size)
{
    switch (message->type) {
    case MESSAGE_HELLO:
        greet_on_hello(peer, &message->hello);
        break;
    case MESSAGE_VECTOR:
        compare_on_vector(peer, &message->vector);
        break;
    case MESSAGE_BUCKETS:
        compare_on_buckets(peer, &message->buckets);
        break;
    case MESSAGE_WANT:
        push_on_want(peer, &message->want);
        break;
    case MESSAGE_BATCH:
        pull_on_batch(peer, message->batch_body, frame_size);
        break;
    case MESSAGE_CREDIT:
        push_on_credit(peer, message->credit);
        break;
    case MESSAGE_HELD:
        receipt_on_held(peer, &message->held);
        break;
    case MESSAGE_ASK:
        peer->progress.asked++;
        patches_out_on_ask(peer, &message->hashes);
        break;
    case MESSAGE_PIECES:
        objects_in_on_pieces(peer, short_name_pieces(peer, &message->pieces));
        break;
    case MESSAGE_ASK_FROM:
        peer->progress.asked++;
        patches_out_on_ask_from(peer, &message->ask_from);
        break;
    case MESSAGE_PATCHES:
        patches_in_on_patches(peer, short_name_patches(peer, &message->patches));
        break;
    case MESSAGE_ABSENT:
        objects_in_on_absent(peer, &message->hashes);
        break;
    case MESSAGE_OFFER:
        offer_on_offer(peer, &message->offer);
        break;
    case MESSAGE_RETRY:
        effect_close(peer, (uint32_t)least(message->retry.after_ms, RETRY_AFTER_MAX_MS));
        break;
    case MESSAGE_REFUSE: /* for the other side's log; ours has the same from our own checks */
    case MESSAGE_JOIN:   /* the driver's affair, before a session */
    case MESSAGE_WELCOME:
    case MESSAGE_BUNDLE:
        break;
    }
}

static void frame_take(struct peer *peer, struct bytes frame)
{
    struct message message;
    enum status status =
        frame.size <= FRAME_SIZE_MAX ? message_decode(frame, &peer->arena, &message) : S_TOO_LARGE;

    peer->heard_ms = peer->now_ms;
    peer->progress.frames_in++;
    peer->progress.bytes_in += frame.size;
    if (status == S_OK) {
        message_take(peer, &message, frame.size);
    } else if (status != S_VERSION) { /* what a later version says beside what we know is its own affair */
        effect_refuse(peer, 0, NULL, status, "a frame that cannot be read");
    }
}

/* Comparing takes longer with many streams, so changes are gathered longer. A look that was put off for the sake of objects waits for no change. */
static void change_note(struct peer *peer)
{
    bool is_first = peer->now_ms - peer->round.hello_ms >= CHANGE_QUIET_MS;
    uint64_t due = peer->now_ms + (is_first ? CHANGE_FIRST_MS : CHANGE_MS) + peer->shared.vector.count / STREAMS_PER_CHANGE_MS;

    peer->change_ms = least(peer->change_ms, due);
}

static void event_take(struct peer *peer, const struct peer_event *event)
{
    switch (event->kind) {
    case EVENT_OPEN:
        open_take(peer);
        break;
    case EVENT_FRAME:
        frame_take(peer, event->frame);
        break;
    case EVENT_DURABLE:
        if (!objects_in_on_durable(peer, event)) {
            pull_on_durable(peer, event);
        }
        break;
    case EVENT_PLACED:
        fetch_place(&peer->objects_in, event->ticket);
        break;
    case EVENT_CHANGED:
        change_note(peer);
        break;
    case EVENT_SHARED:
        offer_on_shared(peer);
        break;
    case EVENT_TICK:
        break;
    case EVENT_CLOSED:
        round_enter(peer, PEER_CLOSED);
        break;
    }
}

/* --- time and changes --- */

static void changes_look(struct peer *peer)
{
    uint64_t generation = peer->view->ops->generation(peer->view->ctx);
    uint64_t version = roster_version(peer->view->roster);

    if (generation != peer->generation || version != peer->roster_version) {
        peer->generation = generation;
        peer->roster_version = version;
        change_note(peer);
    }
    if (streams_thaw(peer)) {
        peer->change_ms = peer->now_ms;
    }
    if (peer->now_ms >= peer->change_ms) {
        peer->change_ms = UINT64_MAX;
        greet_on_change(peer);
        objects_in_on_change(peer);
        offer_on_change(peer);
        receipt_on_change(peer);
    }
}

static void timer_fire(struct peer *peer)
{
    switch (peer->state) {
    case PEER_CLOSED:
    case PEER_IN_STEP:
        break;
    case PEER_GREETING:
    case PEER_COMPARING:
        greet_on_timer(peer);
        break;
    case PEER_MOVING:
        if (pull_is_busy(peer)) {
            pull_on_timer(peer);
        } else {
            peer->round.futile++;
            greet_start(peer);
        }
        break;
    }
}

static bool is_waiting(const struct peer *peer)
{
    return peer->state != PEER_IN_STEP || objects_in_is_waiting(peer);
}

static uint64_t idle_deadline(const struct peer *peer)
{
    return is_waiting(peer) ? peer->heard_ms + peer->options.idle_ms : UINT64_MAX;
}

/* Everything that does not depend on which event it was. */
static void step_continue(struct peer *peer)
{
    const struct roster_node *remote = roster_find(peer->view->roster, &peer->options.remote);

    if (!remote || remote->is_revoked) {
        effect_close(peer, BACKOFF_MS);
        return;
    }
    changes_look(peer);
    if (peer->now_ms >= idle_deadline(peer)) {
        effect_close(peer, peer->options.retry_ms);
        return;
    }
    if (peer->now_ms >= peer->round.timer_ms) {
        timer_fire(peer);
    }
    pull_continue(peer);
    objects_in_continue(peer);
    receipt_continue(peer);
    legacy_continue(peer);
    offer_continue(peer);
    objects_out_demand(peer);
    unsigned sent = push_continue(peer, FRAMES_PER_STEP);
    sent += patches_out_continue(peer, FRAMES_PER_STEP - sent);
    objects_out_continue(peer, sent > 0 ? FRAMES_PER_STEP - sent : PLAIN_FRAMES_PER_STEP);
}

/* --- progress and the result --- */

static bool objects_are_moving(const struct peer *peer)
{
    return objects_in_is_moving(peer) || peer->objects_out.count > 0 || peer->patches_out.count > 0;
}

uint64_t pull_cells(const struct peer *peer)
{
    uint64_t count = 0;

    for (size_t i = 0; i < peer->in.pulls.count; i++) {
        const struct pull *pull = &peer->in.pulls.items[i];
        count += pull->target_seq > pull->after_seq ? pull->target_seq - pull->after_seq : 0;
    }
    return count;
}

static void progress_measure(struct peer *peer)
{
    struct peer_progress *progress = &peer->progress;
    struct peer_progress *said = &peer->said;

    progress->state = peer->state == PEER_IN_STEP && objects_are_moving(peer) ? PEER_MOVING : peer->state;
    progress->we_lack_streams = peer->in.pulls.count;
    progress->we_lack_cells = pull_cells(peer);
    bool is_same = progress->state == said->state && progress->we_lack_streams == said->we_lack_streams &&
                   progress->we_lack_cells == said->we_lack_cells &&
                   progress->we_lack_objects == said->we_lack_objects &&
                   progress->they_lack_streams == said->they_lack_streams &&
                   progress->they_lack_cells == said->they_lack_cells &&
                   progress->they_lack_objects == said->they_lack_objects && progress->rounds == said->rounds;
    if (!is_same) {
        *said = *progress;
        effect_add(peer, EFFECT_PROGRESS);
    }
}

static uint64_t step_deadline(const struct peer *peer)
{
    if (peer->state == PEER_CLOSED) {
        return UINT64_MAX;
    }
    if (peer->has_more) {
        return peer->now_ms;
    }
    uint64_t deadline = least(peer->round.timer_ms, peer->change_ms);
    deadline = least(least(deadline, idle_deadline(peer)), objects_in_deadline(peer));
    deadline = least(least(deadline, offer_deadline(peer)), streams_thaw_ms(peer));
    deadline = least(deadline, legacy_deadline(peer));
    return least(deadline, least(receipt_deadline(peer), objects_out_deadline(peer)));
}

static void step_begin(struct peer *peer, const struct view *view, const struct peer_event *event)
{
    arena_clear(&peer->arena);
    peer->effect_count = 0;
    peer->has_more = false;
    peer->view = view;
    peer->now_ms = event->now_ms;
    peer->wall_ms = event->wall_ms;
    if (!is_waiting(peer)) { /* silence counts from the step in which an answer begins to be waited for */
        peer->heard_ms = event->now_ms;
    }
    if (peer->state == PEER_CLOSED) { /* what the last effects borrowed may go now */
        objects_in_clear(peer);
        objects_out_clear(peer);
        offer_forget(peer);
        patches_out_clear(peer);
        pull_clear(peer);
        peer->in.pending_count = 0;
        peer->out.count = peer->out.next = 0;
    }
}

struct effects peer_step(struct peer *peer, const struct view *view, const struct peer_event *event)
{
    CHECK(view->ops && view->roster);
    step_begin(peer, view, event);
    if (peer->state != PEER_CLOSED || event->kind == EVENT_OPEN) {
        event_take(peer, event);
    }
    if (peer->state != PEER_CLOSED) {
        step_continue(peer);
    }
    progress_measure(peer);
    peer->view = NULL;
    return (struct effects){peer->effects, peer->effect_count, step_deadline(peer)};
}

void peer_set_rate(struct peer *peer, uint32_t rate_kbit)
{
    peer->options.rate_kbit = rate_kbit;
}
