/* Objects in: the view's wants are asked for in their order, a bounded number at a time, put together from
 * pieces and handed over only when they are whole and their hash is their name.
 *
 * The wants are gone through in passes. What the other lacks (ABSENT) is passed over until the next pass, and
 * a pass in which nothing came is not repeated until the other greets, or our wants change: no hot loop. */
#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/peer/activity.h"
#include "replication/peer/fetch.h"

enum { WANTS_SCANNED_MAX = 1024, WANTS_PER_LOOK = 16, PASS_PAUSE = 4 };

struct fetch *fetch_find(struct peer *peer, const struct hash *object)
{
    return fetch_find_in(&peer->objects_in, object);
}

void objects_in_clear(struct peer *peer)
{
    fetch_leave_all(&peer->objects_in);
    peer->objects_in.is_passing = false;
}

/* --- passes --- */

/* A number over the first wants, to see whether they changed; 0 when there are none. */
static uint64_t wants_check(const struct peer *peer)
{
    struct wanted *wanted = calloc(WANTS_SCANNED_MAX, sizeof *wanted);
    uint64_t check = 0;

    CHECK(wanted);
    size_t count = peer->view->ops->wanted_scan(peer->view->ctx, 0, WANTS_SCANNED_MAX, wanted);
    for (size_t i = 0; i < count; i++) {
        uint64_t part;
        memcpy(&part, wanted[i].object.b, sizeof part);
        check += part | 1;
    }
    free(wanted);
    return check;
}

static void pass_begin(struct peer *peer)
{
    struct objects_in *in = &peer->objects_in;

    in->is_passing = true;
    in->is_woken = false;
    in->skip = 0;
    in->pass_found = 0;
    in->pass_absent = 0;
    in->pass_elsewhere = 0;
    in->next_pass_ms = UINT64_MAX;
    in->wants_check = wants_check(peer);
    offer_pass_begin(peer);
}

/* Whatever made the wants shift under the pass makes another worth while: at once when nothing was absent,
 * later when something was. So does a greeting, at once. */
static void pass_end(struct peer *peer)
{
    struct objects_in *in = &peer->objects_in;
    uint64_t check = wants_check(peer);
    bool has_shifted = in->pass_found > 0 || check != in->wants_check;

    in->is_passing = false;
    in->wants_check = check;
    offer_pass_end(peer);
    if (check != 0 && in->pass_elsewhere > 0) {
        in->next_pass_ms = peer->now_ms + ELSEWHERE_MS;
    } else if (check == 0 || (!has_shifted && !in->is_woken)) {
        in->next_pass_ms = UINT64_MAX;
    } else if (in->pass_absent == 0 || in->is_woken) {
        in->next_pass_ms = peer->now_ms;
    } else {
        in->next_pass_ms = peer->now_ms + PASS_PAUSE * (uint64_t)peer->options.retry_ms;
    }
    in->is_woken = false;
}

void objects_in_wake(struct peer *peer)
{
    if (peer->objects_in.is_passing) {
        peer->objects_in.is_woken = peer->objects_in.skip > 0; /* before that nothing was asked in vain */
    } else if (peer->now_ms >= peer->objects_in.paused_ms) {
        pass_begin(peer);
    }
}

/* A pass that began behind objects_in_continue() would wait for the next event, whenever that is: the next step begins it, at once. */
void objects_in_wake_late(struct peer *peer)
{
    struct objects_in *in = &peer->objects_in;

    if (in->is_passing) {
        objects_in_wake(peer);
    } else if (peer->now_ms >= in->paused_ms) {
        in->next_pass_ms = peer->now_ms;
    }
}

void objects_in_on_change(struct peer *peer)
{
    struct objects_in *in = &peer->objects_in;

    if (!in->is_passing && in->next_pass_ms == UINT64_MAX && wants_check(peer) != in->wants_check) {
        pass_begin(peer);
    }
}

uint32_t objects_in_wanted_count(struct peer *peer)
{
    struct wanted wanted[64];
    uint32_t count = 0;
    uint64_t bytes = 0;
    size_t got;

    do {
        got = peer->view->ops->wanted_scan(peer->view->ctx, count, sizeof wanted / sizeof *wanted, wanted);
        for (size_t i = 0; i < got; i++) {
            bytes += wanted[i].size;
        }
        count += (uint32_t)got;
    } while (got == sizeof wanted / sizeof *wanted && count < WANTS_SCANNED_MAX);
    peer->progress.we_lack_objects = count;
    peer->progress.we_lack_bytes = bytes;
    return count;
}

/* --- asking --- */

static bool is_fast(const struct peer *peer)
{
    return peer->objects_in.came_pace >= ASKED_FAST_PACE;
}

/* Before anything came: what little is under way and has bases here comes as patches, most of the time, and is so many bytes less. */
static uint64_t asked_spared(const struct peer *peer)
{
    const struct objects_in *in = &peer->objects_in;
    uint64_t spared = 0;

    for (size_t i = 0; i < in->count && in->came_pace == 0; i++) {
        const struct fetch *fetch = &in->items[i];
        spared += fetch->base_count > 0 && fetch->size < CHUNK_SIZE_MIN ? fetch->size - fetch->size / PATCHED_SHARE : 0;
    }
    return spared;
}

/* Under way may be as many bytes as the other has credit for, or as the line brings while a lost packet is told and sent again with all that
 * waits behind it, and the rest of one object. */
static uint64_t asked_max(const struct peer *peer)
{
    uint64_t carried = peer->objects_in.came_pace * (ASKED_LINE_MS / ASKED_MS);
    uint64_t most = carried < ASKED_MAX ? carried : ASKED_MAX;

    return (most > peer->options.credit_bytes ? most : peer->options.credit_bytes) + asked_spared(peer);
}

/* On a fast line several objects are asked for in one message. */
static bool is_ask_due(const struct peer *peer)
{
    return !is_fast(peer) || peer->objects_in.asked_bytes <= asked_max(peer) / 4 * 3;
}

static void pace_note(struct peer *peer, size_t size)
{
    struct objects_in *in = &peer->objects_in;
    uint64_t waited = peer->now_ms - in->came_ms;

    in->came_bytes += size;
    if (waited >= ASKED_MS) {
        in->came_pace = in->came_bytes * ASKED_MS / waited;
        in->came_bytes = 0;
        in->came_ms = peer->now_ms;
    }
}

_Static_assert((size_t)RISKED_MAX >= MEMBER_WHOLE_MAX, "with nothing under way the largest object can be asked for");

/* What has come waits for the disk while more is under way. What a kill would lose counts with the next one's whole size, where the line is fast: one that
 * is slow brings it when the one before has long been placed, and must not wait for an order meanwhile. */
static bool fetch_fits(const struct peer *peer, uint64_t size)
{
    const struct objects_in *in = &peer->objects_in;
    uint64_t risked = in->asked_bytes + in->unplaced_bytes + (is_fast(peer) ? size : 1);

    return in->count < FETCHES_MAX && in->asked_bytes < asked_max(peer) && in->storing_bytes < STORING_MAX &&
           risked <= RISKED_MAX + asked_spared(peer);
}

static struct fetch *fetch_add(struct peer *peer, const struct wanted *wanted)
{
    struct objects_in *in = &peer->objects_in;
    struct fetch *fetch = &in->items[in->count++];
    const struct view *view = peer->view;

    memset(fetch, 0, sizeof *fetch);
    fetch->object = wanted->object;
    fetch->size = (uint32_t)wanted->size;
    if (view->ops->bases_scan) {
        fetch->base_count = view->ops->bases_scan(view->ctx, &fetch->object, BASES_MAX, fetch->bases);
    }
    in->asked_bytes += fetch->size;
    fetch->due_ms = offer_due_ms(peer, in->asked_bytes);
    return fetch;
}

/* Asks for these, those with bases by naming them. */
static void ask_send(struct peer *peer, struct fetch *const *fetches, size_t count)
{
    struct message message = {.type = MESSAGE_ASK, .hashes.ask = ++peer->objects_in.asks};
    const struct fetch *with_bases[FETCHES_MAX];
    struct hash hashes[FETCHES_MAX];
    size_t patched = 0, asked = 0;

    message.hashes.hashes = hashes;
    for (size_t i = 0; i < count; i++) {
        fetches[i]->ask = message.hashes.ask;
        if (fetches[i]->base_count > 0) {
            with_bases[patched++] = fetches[i];
        } else {
            hashes[message.hashes.count++] = fetches[i]->object;
        }
    }
    while (asked < patched) {
        size_t sent = patches_ask(peer, with_bases + asked, patched - asked);
        if (sent == 0) {
            break; /* no memory left in this step: the timer asks again */
        }
        asked += sent;
    }
    if (message.hashes.count > 0) {
        effect_send(peer, &message);
    }
    peer->progress.asks = peer->objects_in.asks;
    if (count > 0) {
        peer->objects_in.timer_ms = peer->now_ms + round_wait_ms(peer, peer->objects_in.attempts);
    }
}

/* Asks anew for everything that has not come whole. */
static void ask_again(struct peer *peer)
{
    struct fetch *fetches[FETCHES_MAX];
    size_t count = 0;

    for (size_t i = 0; i < peer->objects_in.count; i++) {
        if (peer->objects_in.items[i].ticket == 0) {
            fetches[count++] = &peer->objects_in.items[i];
        }
    }
    ask_send(peer, fetches, count);
}

/* Each object comes over one session: what another has asked for is left to it, and looked at again soon. */
static bool is_elsewhere(const struct peer *peer, const struct wanted *wanted)
{
    const struct view *view = peer->view;

    return view->ops->is_elsewhere && view->ops->is_elsewhere(view->ctx, wanted);
}

/* What becomes of the next want. */
enum asking {
    ASKING_ASK,
    ASKING_SKIP, /* not now, and perhaps not here */
    ASKING_STOP, /* nothing more fits for now, */
    ASKING_LAST, /* or into this pass */
};

static enum asking ask_judge(struct peer *peer, const struct wanted *wanted)
{
    struct objects_in *in = &peer->objects_in;

    if (wanted->size > MEMBER_WHOLE_MAX || fetch_find(peer, &wanted->object)) {
        return ASKING_SKIP;
    }
    if (offer_is_lacked(peer, &wanted->object)) {
        in->pass_absent++; /* it will tell */
        return ASKING_SKIP;
    }
    if (is_elsewhere(peer, wanted)) {
        in->pass_elsewhere++;
        return ASKING_SKIP;
    }
    if (offer_is_full(peer)) {
        return ASKING_LAST;
    }
    bool fits = fetch_fits(peer, wanted->size);
    in->stopped_size = fits ? 0 : (uint32_t)wanted->size;
    return fits ? ASKING_ASK : ASKING_STOP;
}

/* The view may say already what was stored though its ticket was not told yet: what is wanted moved up, and as many would be passed over until the next
 * pass, a film have holes until then. So the pass looks again at as many as are being stored; what is still under way it knows. Not where something was
 * absent, which it would ask for again. */
static size_t skip_sure(const struct objects_in *in)
{
    size_t skip = in->skip;

    for (size_t i = 0; i < in->count && in->pass_absent == 0 && in->pass_elsewhere == 0; i++) {
        skip -= skip > 0 && in->items[i].ticket != 0;
    }
    return skip;
}

static void ask_more(struct peer *peer)
{
    struct objects_in *in = &peer->objects_in;
    struct fetch *fetches[FETCHES_MAX];
    struct wanted wanted[WANTS_PER_LOOK];
    enum asking asking = ASKING_SKIP;
    size_t count = 0, got = 0, used = 0;

    in->skip = skip_sure(in);
    do {
        got = peer->view->ops->wanted_scan(peer->view->ctx, in->skip, sizeof wanted / sizeof *wanted, wanted);
        for (used = 0; used < got && count < FETCHES_MAX; used++) {
            asking = ask_judge(peer, &wanted[used]);
            if (asking == ASKING_STOP || asking == ASKING_LAST) {
                break;
            }
            if (asking == ASKING_ASK) {
                fetches[count++] = fetch_add(peer, &wanted[used]);
            }
        }
        in->skip += used;
    } while (got > 0 && used == got && in->pass_elsewhere < WANTS_SCANNED_MAX);
    if (count > 0) {
        offer_greet(peer);
    }
    ask_send(peer, fetches, count);
    if ((got == 0 || asking == ASKING_LAST || in->pass_elsewhere >= WANTS_SCANNED_MAX) && in->count == 0) {
        pass_end(peer);
    }
}

void objects_in_restart(struct peer *peer, struct fetch *fetch)
{
    CHECK(fetch->ticket == 0);
    free(fetch->data);
    fetch->data = NULL;
    fetch->blocks_left = 0;
    memset(fetch->blocks, 0, sizeof fetch->blocks);
    fetch->base_count = 0;
    fetch->is_patched = false;
    struct fetch *again = fetch;
    ask_send(peer, &again, 1);
}

/* Streams go first. What little of them comes after the first comparison of the session need not be waited for. */
static bool may_ask(const struct peer *peer)
{
    return peer->has_compared && (!pull_is_busy(peer) || pull_cells(peer) <= PULL_LITTLE_CELLS);
}

bool objects_in_is_waiting(const struct peer *peer)
{
    for (size_t i = 0; i < peer->objects_in.count; i++) {
        if (peer->objects_in.items[i].ticket == 0) {
            return true;
        }
    }
    return false;
}

bool objects_in_is_moving(const struct peer *peer)
{
    const struct objects_in *in = &peer->objects_in;
    bool is_left_to_others = in->pass_elsewhere > 0 && in->next_pass_ms != UINT64_MAX;

    return in->count > 0 || in->is_passing || is_left_to_others || in->next_pass_ms <= peer->now_ms;
}

void objects_in_continue(struct peer *peer)
{
    struct objects_in *in = &peer->objects_in;

    if (objects_in_is_waiting(peer) && peer->now_ms >= in->timer_ms) {
        in->attempts++;
        ask_again(peer);
    }
    if (!in->is_passing && peer->now_ms >= in->next_pass_ms) {
        pass_begin(peer);
    }
    if (in->is_passing && may_ask(peer) && in->count <= FETCHES_MAX / 2 && is_ask_due(peer) && fetch_fits(peer, in->stopped_size)) {
        ask_more(peer);
    }
}

uint64_t objects_in_deadline(const struct peer *peer)
{
    const struct objects_in *in = &peer->objects_in;
    uint64_t deadline = objects_in_is_waiting(peer) ? in->timer_ms : UINT64_MAX;

    if (!in->is_passing && in->next_pass_ms < deadline) {
        deadline = in->next_pass_ms;
    }
    return deadline;
}

/* --- pieces --- */

static void object_refuse(struct peer *peer, struct fetch *fetch, enum status status, const char *text)
{
    struct hash object = fetch->object;
    size_t at = peer->effect_count;

    fetch_remove(&peer->objects_in, fetch);
    peer->objects_in.pass_absent++; /* not again in this pass */
    effect_refuse(peer, MESSAGE_PIECES, NULL, status, text);
    peer->effects[at].object = object;
}

/* What came is not what its name says: asked for once more without bases, or not any more. */
static void fetch_fail(struct peer *peer, struct fetch *fetch)
{
    if (fetch->base_count > 0 || fetch->is_patched) {
        objects_in_restart(peer, fetch);
    } else {
        object_refuse(peer, fetch, S_BAD_DIGEST, "an object whose content is not what its name says");
    }
}

static void fetch_complete(struct peer *peer, struct fetch *fetch)
{
    struct bytes data = bytes_of(fetch->data, fetch->size);
    bool is_unassayed = peer->options.has_assay && fetch->size >= ASSAY_FROM;

    if (!is_unassayed) {
        struct hash hash = hash_of(bytes_of(NULL, 0), data);
        if (!hash_equal(&hash, &fetch->object)) {
            fetch_fail(peer, fetch);
            return;
        }
    }
    struct effect *effect = effect_add(peer, EFFECT_OBJECT);
    effect->object = fetch->object;
    effect->bytes = data; /* stays until it is durable */
    effect->is_unassayed = is_unassayed;
    fetch_hand_over(&peer->objects_in, fetch, effect_ticket(peer, effect));
}

/* The driver looked, and did not store it. */
static void fetch_return(struct peer *peer, struct fetch *fetch)
{
    fetch_take_back(&peer->objects_in, fetch);
    fetch_fail(peer, fetch);
}

void objects_in_on_pieces(struct peer *peer, const struct pieces_message *message)
{
    struct objects_in *in = &peer->objects_in;

    for (size_t i = 0; i < message->count && peer->state != PEER_CLOSED; i++) {
        const struct piece *piece = &message->pieces[i];
        struct fetch *fetch = fetch_find(peer, &piece->object);
        if (!fetch || fetch->ticket != 0) {
            continue; /* not asked for, or a double */
        }
        if (!fetch_may_take(fetch, piece)) {
            object_refuse(peer, fetch, S_INVALID, "a piece outside its object");
            continue;
        }
        if (!fetch_has_room(in, fetch, piece)) {
            continue;
        }
        fetch_open(in, fetch, piece);
        fetch_fill(fetch, piece);
        pace_note(peer, piece->data.size);
        in->attempts = 0;
        in->timer_ms = peer->now_ms + round_wait_ms(peer, 0);
        if (fetch->blocks_left == 0) {
            fetch_complete(peer, fetch);
        }
    }
}

void objects_in_on_absent(struct peer *peer, const struct hashes_message *message)
{
    for (size_t i = 0; i < message->count; i++) {
        struct fetch *fetch = fetch_find(peer, &message->hashes[i]);
        bool is_late =
            fetch && message->ask != 0 && message->ask != fetch->ask; /* since then it was asked for anew */
        if (fetch && fetch->ticket == 0 && !is_late) {
            offer_note_absent(peer, fetch);
            fetch_remove(&peer->objects_in, fetch);
            peer->objects_in.pass_absent++;
            peer->objects_in.attempts = 0;
        }
    }
}

static void fetch_stored(struct peer *peer, const struct fetch *fetch)
{
    struct peer_progress *progress = &peer->progress;
    struct objects_in *in = &peer->objects_in;

    in->pass_found++;
    in->skip -= in->skip > 0; /* it is no want any more: those behind it moved up */
    progress->we_lack_objects -= progress->we_lack_objects > 0;
    progress->we_lack_bytes -= fetch->size < progress->we_lack_bytes ? fetch->size : progress->we_lack_bytes;
}

bool objects_in_on_durable(struct peer *peer, const struct peer_event *event)
{
    struct objects_in *in = &peer->objects_in;

    for (size_t i = 0; i < in->count; i++) {
        if (in->items[i].ticket != event->ticket) {
            continue;
        }
        if (event->status == S_BAD_DIGEST) {
            fetch_return(peer, &in->items[i]);
            return true;
        }
        if (event->status == S_OK || event->status == S_EXISTS) {
            fetch_stored(peer, &in->items[i]);
        } else {
            in->is_passing = false; /* our own trouble: no objects for a while, results go on */
            in->next_pass_ms = in->paused_ms = peer->now_ms + BACKOFF_MS;
        }
        fetch_remove(&peer->objects_in, &in->items[i]);
        return true;
    }
    return fetch_drop_left(in, event->ticket);
}

bool peer_is_fetching(const struct peer *peer, const struct hash *object)
{
    return fetch_find((struct peer *)peer, object) != NULL;
}

uint64_t peer_asked_bytes(const struct peer *peer)
{
    return peer->objects_in.asked_bytes;
}
