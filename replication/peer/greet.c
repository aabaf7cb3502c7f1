/* Greeting: HELLO both ways with the digest of the shared vector. Equal digests end the round at once.
 *
 * Who says HELLO gets a HELLO marked as reply, unless its own crossed one that says the same: then each takes
 * the other's as the answer. A reply repeats the session of the asker, so answers to an earlier life are
 * dropped. What decides is always the other's digest beside our present one, whichever of our HELLOs it
 * answers. Both must come to the same: who is in step says nothing more, and who believes that it has to compare would wait
 * for a timer, and tell nothing new of objects meanwhile. So who changed behind its HELLO greets again, and a reply
 * that comes behind a crossing HELLO counts where it says something else. */
#include <string.h>

#include "replication/base/check.h"
#include "replication/peer/activity.h"

/* Deadline arithmetic: the wait doubles with each attempt without an answer. */
uint64_t round_wait_ms(const struct peer *peer, uint32_t doublings)
{
    uint32_t shift = doublings < ATTEMPTS_MAX ? doublings : ATTEMPTS_MAX;

    uint64_t wait_ms = (uint64_t)peer->options.retry_ms << shift;
    uint64_t limit_ms = peer->options.idle_ms / 3; /* the other hears of us before it gives up */

    return wait_ms < limit_ms ? wait_ms : limit_ms;
}

void round_enter(struct peer *peer, enum peer_state state)
{
    struct round *round = &peer->round;

    peer->state = state;
    peer->has_compared = state != PEER_CLOSED && (peer->has_compared || state == PEER_IN_STEP || state == PEER_MOVING);
    switch (state) {
    case PEER_CLOSED:
    case PEER_IN_STEP:
        round->timer_ms = UINT64_MAX;
        break;
    case PEER_GREETING:
    case PEER_COMPARING:
        round->timer_ms = peer->now_ms + round_wait_ms(peer, round->attempts);
        break;
    case PEER_MOVING:
        round->timer_ms =
            peer->now_ms + round_wait_ms(peer, pull_is_busy(peer) ? peer->in.stalls : round->futile + 1);
        break;
    }
}

static void hello_send(struct peer *peer, const struct hello *answered)
{
    const struct shared *shared = shared_get(peer);
    struct message message = {.type = MESSAGE_HELLO};
    struct hello *hello = &message.hello;

    hello->session = answered ? answered->session : peer->options.session;
    hello->round = answered ? answered->round : peer->round.number;
    hello->is_reply = answered != NULL;
    hello->roster_version = shared->roster_version;
    hello->digest = shared->digest;
    hello->stream_count = (uint32_t)shared->vector.count;
    hello->wanted_count = objects_in_wanted_count(peer);
    hello->held_check = receipt_known_check(peer);
    hello->rate_kbit = peer->options.rate_kbit;
    hello->abilities = ABILITY_SHORT_NAMES | peer->options.abilities;
    hello->software = peer->options.software;
    effect_send(peer, &message);
}

/* A new round, or the same again when nothing changed since it was sent: then a late answer still counts. */
void greet_start(struct peer *peer)
{
    const struct shared *shared = shared_get(peer);
    struct round *round = &peer->round;

    if (round->answered == round->number || !vector_digest_equal(&round->said, &shared->digest)) {
        round->number++;
    }
    peer->in.is_roster_moving = peer->in.is_roster_moving && pull_is_busy(peer);
    round->said = shared->digest;
    round->said_roster = shared->roster_version;
    round->hello_ms = peer->now_ms;
    hello_send(peer, NULL);
    round_enter(peer, PEER_GREETING);
}

static void in_step_enter(struct peer *peer)
{
    legacy_keep_pulls(peer);
    key_news_clear(&peer->in.key_news);
    peer->round.attempts = 0;
    peer->round.futile = 0;
    peer->round.said = shared_get(peer)->digest;
    peer->progress.rounds++;
    peer->progress.they_lack_streams = 0;
    peer->progress.they_lack_cells = 0;
    compare_note_common(peer);
    round_enter(peer, pull_is_busy(peer) ? PEER_MOVING : PEER_IN_STEP);
    receipt_on_in_step(peer);
    legacy_on_in_step(peer);
}

/* The other's digest is known: we are in step, or the vectors must be compared. */
static void digest_judge(struct peer *peer, const struct hello *hello)
{
    const struct shared *shared = shared_get(peer);

    peer->progress.they_lack_objects = hello->wanted_count;
    peer->remote_held_check = hello->held_check;
    if (hello->is_reply && !vector_digest_equal(&peer->round.said, &shared->digest)) {
        greet_start(peer); /* we changed meanwhile: the other may believe we are in step, or, when we are, that it has to compare */
        return;
    }
    if (vector_digest_equal(&hello->digest, &shared->digest)) {
        in_step_enter(peer);
        return;
    }
    compare_start(peer);
}

/* What crossed our HELLO was taken for its answer, but the other had changed since it said that, and answers: does this turn what we believe? */
static bool is_turn(struct peer *peer, const struct hello *hello)
{
    const struct round *round = &peer->round;
    bool is_same = vector_digest_equal(&hello->digest, &shared_get(peer)->digest);

    return hello->round == round->answered && round->is_crossed && (is_same ? peer->state == PEER_COMPARING : peer->state == PEER_IN_STEP);
}

static void reply_take(struct peer *peer, const struct hello *hello)
{
    struct round *round = &peer->round;
    bool is_first = hello->round > round->answered && hello->round <= round->number;

    if (hello->session != peer->options.session || (!is_first && !is_turn(peer, hello))) {
        return; /* an answer to another life, or one already had */
    }
    round->answered = hello->round;
    round->is_crossed = false;
    round->attempts = 0;
    digest_judge(peer, hello);
}

void greet_on_hello(struct peer *peer, const struct hello *hello)
{
    struct round *round = &peer->round;

    peer->progress.remote_rate_kbit = hello->rate_kbit;
    peer->progress.remote_abilities = hello->abilities;
    peer->progress.remote_software = hello->software;
    if (hello->is_reply) {
        reply_take(peer, hello);
        return;
    }
    if (hello->session == round->remote_session && hello->round < round->remote_number) {
        return; /* overtaken by a later one */
    }
    if (hello->session != round->remote_session) {
        peer->held_check = peer->given_check = 0; /* what was passed down to another life may not have been stored */
    }
    round->remote_session = hello->session;
    round->remote_number = hello->round;
    const struct shared *shared = shared_get(peer);
    bool is_crossing = peer->state == PEER_GREETING && round->answered < round->number &&
                       vector_digest_equal(&round->said, &shared->digest);
    if (is_crossing) {
        round->answered = round->number;
        round->is_crossed = true;
        round->attempts = 0;
    } else {
        hello_send(peer, hello);
    }
    offer_forget(peer);
    objects_in_wake(peer);
    digest_judge(peer, hello);
}

void greet_on_timer(struct peer *peer)
{
    if (peer->round.attempts < UINT32_MAX) {
        peer->round.attempts++;
    }
    greet_start(peer);
}

/* While streams move only a change of the roster is worth a word: whoever pulls will greet again when it has
 * all. */
static bool digest_is_news(struct peer *peer)
{
    const struct round *round = &peer->round;

    if (pull_is_busy(peer) || push_is_busy(peer)) {
        return roster_version(peer->view->roster) != round->said_roster;
    }
    return !vector_digest_equal(&shared_get(peer)->digest, &round->said);
}

void greet_on_change(struct peer *peer)
{
    switch (peer->state) {
    case PEER_CLOSED:
        return;
    case PEER_GREETING:
    case PEER_COMPARING:
        peer->change_ms = peer->now_ms + CHANGE_MS; /* look again when this round is over */
        return;
    case PEER_MOVING:
    case PEER_IN_STEP:
        break;
    }
    bool has_changed = digest_is_news(peer);
    bool has_objects = objects_out_has_news(peer);
    if (has_changed || has_objects) {
        peer->round.futile = has_changed ? 0 : peer->round.futile;
        if (has_changed && peer->state == PEER_IN_STEP) {
            compare_announce(peer);
        }
        greet_start(peer);
    } else {
        peer->change_ms = objects_out_news_ms(peer);
    }
}
