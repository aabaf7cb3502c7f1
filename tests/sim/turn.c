#include "tests/sim/turn.h"

#include <string.h>

#include "replication/base/check.h"
#include "replication/stream/adoption.h"
#include "replication/trust/roster_keys.h"
#include "tests/sim/turn_write.h"
#include "tests/sim/writes.h"

void turn_init(struct world *world, struct node *node)
{
    node->turn.present = world->federation->nodes[node->index];
    node->identity = &node->turn.present;
    node->turn.history[0] = node->turn.present;
}

/* --- what people do --- */

static void keys_ask(struct world *world, struct node *node)
{
    uint8_t seed[IDENTITY_SEED_SIZE];
    struct turn *turn = &node->turn;

    if (!turn->has_next) {
        for (size_t i = 0; i < sizeof seed; i++) {
            seed[i] = (uint8_t)kit_random_below(&world->fault_random, 256);
        }
        identity_derive(&turn->next, seed);
        turn->next.node = node->identity->node;
        turn->has_next = true;
        world_trace(world, "node %d wants new keys", node->index);
    }
    node_queue(world, node, &(struct job){.kind = JOB_ASK, .link = -1});
}

/* Nobody above a hub brings back what it forgot, so its people let a change be when its database was put back (node/README.md). */
static bool is_let_be(const struct node *node)
{
    return node->parent == FEDERATION_AUTHORITY && node->was_restored;
}

/* Does its roster know the key it signs with, as the present one or as the one before a change that is not closed? */
static bool may_sign(const struct node *node)
{
    const struct roster_node *self = roster_find(node->roster, &node->identity->node);
    const uint8_t *key = node->identity->sign_public;
    const struct roster_key *before = self && self->former_count > 0 ? &self->former[self->former_count - 1] : NULL;

    return self && (memcmp(self->sign_public, key, SIGN_PUBLIC_SIZE) == 0 ||
                    (before && before->closing.size == 0 && memcmp(before->sign_public, key, SIGN_PUBLIC_SIZE) == 0));
}

bool turn_is_void(const struct node *by, const struct id *writer)
{
    const struct world *world = by->world;
    struct bytes closing;
    bool is_void = false;

    for (unsigned i = 0; by->roster && i < world->node_count; i++) {
        const struct node *about = &world->nodes[i];
        is_void = is_void || (id_equal(&about->identity->node, writer) && roster_key_in_vain(by->roster, writer, about->identity->sign_public, &closing));
    }
    return is_void;
}

/* What the former hub admitted after the paper was written counts no more, also when the change is closed: it is said anew at the new one
 * (replication/trust/README.md). People ask on the phone where it is not known how the change stands: the others see there that their key was admitted
 * in vain, and is not used yet. */
static bool may_admit_anew(struct node *by, struct node *about, const uint8_t key[SIGN_PUBLIC_SIZE])
{
    enum key_vain vain = turn_vain(by, about, key);
    bool is_used = memcmp(key, about->identity->sign_public, SIGN_PUBLIC_SIZE) == 0;
    bool is_unused = !is_used && about->is_up && !about->turn.is_closing && turn_vain(about, about, key) == KEY_VAIN_UNKNOWN;

    return vain == KEY_VAIN_NOT || vain == KEY_VAIN_NAMED || (vain == KEY_VAIN_UNKNOWN && is_unused);
}

/* True when the people at `by` see the key that those at `about` read out, and may admit it. */
static bool may_grant(struct node *by, struct node *about)
{
    const struct id *id = &about->identity->node;
    struct bytes asked = roster_rekey_asked(by->roster, id);
    bool may = by == about ? about->parent == FEDERATION_AUTHORITY : roster_may_grant(by->roster, &by->identity->node, id);
    struct statement statement;

    if (asked.size == 0 || !may || is_let_be(about) || (by->world->handover.is_said && !may_sign(by))) {
        return false;
    }
    statement_read(asked, &statement);
    const uint8_t *key = statement.admitted.sign_public;
    bool is_used = by->world->handover.is_said && by->parent == FEDERATION_AUTHORITY && memcmp(key, about->identity->sign_public, SIGN_PUBLIC_SIZE) == 0;
    bool is_next = about->turn.has_next && memcmp(key, about->turn.next.sign_public, SIGN_PUBLIC_SIZE) == 0;
    return (is_used || is_next) && may_admit_anew(by, about, key);
}

static void keys_grant(struct world *world, struct node *by, struct node *about)
{
    if (may_grant(by, about)) {
        node_queue(world, by, &(struct job){.kind = JOB_GRANT, .link = -1, .about = (unsigned)about->index});
    }
}

static struct node *node_draw(struct world *world)
{
    struct node *node = &world->nodes[kit_random_below(&world->fault_random, world->node_count)];

    return node->is_up && !node->is_revoked ? node : NULL;
}

void turn_draw(struct world *world)
{
    struct node *node = node_draw(world), *by = node_draw(world);

    if (node && !node->has_twin && node->turn.count < TURNS_MAX && kit_random_below(&world->fault_random, 3) == 0) {
        world->has_turns = true;
        keys_ask(world, node);
    }
    for (unsigned i = 0; by && i < world->node_count; i++) {
        keys_grant(world, by, &world->nodes[i]);
    }
}

/* --- what the node does --- */

/* Its roster has heard of the keys it has; with a database that was put back it may have that before it. */
static bool knows_itself(const struct node *node)
{
    const struct roster_node *self = roster_find(node->roster, &node->identity->node);

    return self && memcmp(self->sign_public, node->identity->sign_public, SIGN_PUBLIC_SIZE) == 0;
}

/* It was said in this state, in this incarnation, and not to somebody who could not take it yet. */
static bool is_said(struct node *node, enum turn_state state)
{
    const struct turn *turn = &node->turn;

    return turn->said == (int)state && id_equal(&turn->said_in, &node->living) && !(turn->is_said_early && knows_itself(node)) &&
           !(state == TURN_GRANTED && turn_sign_is_due(node));
}

void turn_look(struct world *world, struct node *node)
{
    struct turn *turn = &node->turn;
    enum turn_state state = turn->has_next ? turn_state(node) : TURN_NONE;

    for (unsigned i = 0; world->has_turns && !world->is_safety && i < world->node_count; i++) {
        keys_grant(world, node, &world->nodes[i]);
    }
    if (turn->is_queued || node->is_revoked || !turn->has_next || node->disk == DISK_FULL) {
        return;
    }
    if (state == TURN_GRANTED && turn_is_safe(node) && !turn->is_too_large && !is_let_be(node)) {
        turn->is_queued = true;
        node_queue(world, node, &(struct job){.kind = JOB_CLOSE, .link = -1});
    } else if (!is_said(node, state) && (state != TURN_NONE || !world->is_safety)) {
        turn->is_queued = true;
        node_queue(world, node, &(struct job){.kind = state == TURN_NONE ? JOB_ASK : JOB_WAIT, .link = -1});
    }
}

/* The new keys in the place of the present ones, which become those of before. */
static struct identity keys_shifted(const struct turn *turn)
{
    struct identity keys = turn->next;

    memcpy(keys.former[0].curve_public, turn->present.curve_public, CURVE_PUBLIC_SIZE);
    keys.former_count = 1;
    for (size_t i = 0; i < turn->present.former_count && keys.former_count < IDENTITY_FORMER_MAX; i++) {
        keys.former[keys.former_count++] = turn->present.former[i];
    }
    return keys;
}

/* In the commit in which it says CLOSE everything behind it is signed with the new key. */
static enum status close_run(struct world *world, struct node *node)
{
    struct turn *turn = &node->turn;

    if (turn_state(node) != TURN_GRANTED || !turn_is_safe(node) || is_let_be(node)) {
        return S_STALE;
    }
    truth_before_close(world, node);
    turn->before = turn->present;
    turn->present = keys_shifted(turn);
    turn->is_closing = true;
    enum status status = turn_close(world, node);
    if (status != S_OK) {
        turn->present = turn->before;
        turn->is_closing = false;
        turn->is_too_large = status == S_TOO_LARGE;
    }
    return status;
}

static void close_end(struct world *world, struct node *node)
{
    struct turn *turn = &node->turn;

    turn->is_closing = turn->has_next = false;
    turn->history[++turn->count] = turn->present;
    if (node->parent == FEDERATION_AUTHORITY) { /* node/README.md: a new backup. One of before that knows nobody could not be told of the new key by anybody */
        memory_store_free(node->backup);
        node->backup = NULL;
    }
    world->result.turns++;
    world_trace(world, "node %d has new keys", node->index);
}

/* How many changes of the node's keys are closed, as `by` knows it. */
static unsigned closed_count(const struct node *by, const struct node *about)
{
    const struct roster_node *member = by->roster ? roster_find(by->roster, &about->identity->node) : NULL;
    unsigned count = 0;

    while (member && count < member->former_count && member->former[count].closing.size > 0) {
        count++;
    }
    return count;
}

bool turn_is_known(const struct node *by, const struct node *about)
{
    return closed_count(by, about) == about->turn.count;
}

/* The same, with the next one, where it is known to be closed with keys that were admitted in vain. */
static unsigned heard_count(const struct node *by, const struct node *about)
{
    unsigned count = closed_count(by, about);
    struct bytes closing;

    return count + (by->roster && count < about->turn.count &&
                    roster_key_in_vain(by->roster, &about->identity->node, about->turn.history[count + 1].sign_public, &closing) && closing.size > 0);
}

/* The keys of the latest change of which anybody has heard; the next ones wait again. */
static void keys_choose(struct world *world, struct node *node)
{
    struct turn *turn = &node->turn;
    unsigned known = 0;

    for (unsigned i = 0; i < world->node_count; i++) {
        unsigned count = heard_count(&world->nodes[i], node);
        known = count > known ? count : known;
    }
    if (known < turn->count) {
        world_trace(world, "node %d goes back to its keys number %u of %u", node->index, known, turn->count);
        turn->next = turn->history[known + 1];
        turn->has_next = true;
        turn->count = known;
        turn->present = turn->history[known];
        turn->said = -1;
    }
}

void turn_end(struct world *world)
{
    for (unsigned i = 0; i < world->node_count && world->has_turns; i++) {
        if (world->nodes[i].is_up) {
            keys_choose(world, &world->nodes[i]);
            turn_look(world, &world->nodes[i]);
        }
    }
}

void turn_start(struct world *world, struct node *node)
{
    struct turn *turn = &node->turn;

    turn->is_queued = false;
    turn->said = -1;
    if (!turn->is_closing) {
        if (turn->is_restored) {
            turn->is_restored = false;
            keys_choose(world, node);
        }
        return;
    }
    if (turn_state(node) == TURN_CLOSED) {
        close_end(world, node);
    } else {
        turn->present = turn->before;
        turn->is_closing = false;
    }
}

void turn_run(struct world *world, struct node *node, struct job *job)
{
    struct node *about = &world->nodes[job->about];

    if (job->kind != JOB_GRANT) {
        node->turn.is_queued = false;
    }
    job->status = S_STALE;
    if (job->kind == JOB_ASK && node->turn.has_next && !node->turn.is_closing) {
        job->status = turn_ask(world, node);
    } else if (job->kind == JOB_GRANT && may_grant(node, about)) {
        job->status = turn_grant(world, node, about);
    } else if (job->kind == JOB_WAIT && node->turn.has_next) {
        job->status = turn_wait(world, node);
    } else if (job->kind == JOB_CLOSE && node->turn.has_next && !node->turn.is_closing) {
        job->status = close_run(world, node);
    }
    if (job->kind == JOB_ASK || job->kind == JOB_WAIT) {
        bool is_late = job->kind == JOB_ASK && job->status != S_OK; /* it was granted meanwhile, in the same commit: that wants another word */
        node->turn.said = (int)(is_late ? TURN_NONE : turn_state(node));
        node->turn.said_in = node->living;
        node->turn.is_said_early = !knows_itself(node);
    }
    job->stream = (struct stream_id){node->identity->node, node->living, TOPIC_ROSTER};
}

void turn_refused(struct node *node, const struct job *job)
{
    node->turn.is_queued = node->turn.is_queued && (job->kind < JOB_ASK || job->kind == JOB_GRANT);
}

void turn_acknowledge(struct world *world, struct node *node, const struct job *job)
{
    if (job->kind == JOB_CLOSE) {
        close_end(world, node);
        links_of_node(world, node, false); /* everything that used the keys of before is closed, and opened again */
        links_of_node(world, node, true);
    }
}

/* --- who gets in --- */

static bool is_key_of(const struct identity *identity, const uint8_t key[CURVE_PUBLIC_SIZE])
{
    bool is_it = memcmp(identity->curve_public, key, CURVE_PUBLIC_SIZE) == 0;

    for (size_t i = 0; i < identity->former_count; i++) {
        is_it = is_it || memcmp(identity->former[i].curve_public, key, CURVE_PUBLIC_SIZE) == 0;
    }
    return is_it;
}

static bool is_let_in(const struct node *dialler, const struct node *listener)
{
    const struct identity *keys = dialler->identity;
    const struct roster_node *found = roster_find_curve(listener->roster, keys->curve_public);

    for (size_t i = 0; !found && i < keys->former_count; i++) {
        found = roster_find_curve(listener->roster, keys->former[i].curve_public);
    }
    return found && id_equal(&found->node, &keys->node);
}

bool turn_keys_fit(const struct node *dialler, const struct node *listener)
{
    const struct roster_node *known = roster_find(dialler->roster, &listener->identity->node);
    const struct roster_key *before =
        known && known->former_count > 0 ? &known->former[known->former_count - 1] : NULL;

    if (!known || !is_let_in(dialler, listener)) {
        return false;
    }
    return is_key_of(listener->identity, known->curve_public) ||
           (before && before->closing.size == 0 && is_key_of(listener->identity, before->curve_public));
}

/* --- at rest --- */

static bool is_known(const struct node *node, const struct node *other)
{
    const struct roster_node *member = roster_find(node->roster, &other->identity->node);

    return member && memcmp(member->sign_public, other->identity->sign_public, SIGN_PUBLIC_SIZE) == 0 &&
           memcmp(member->curve_public, other->identity->curve_public, CURVE_PUBLIC_SIZE) == 0 &&
           (member->former_count == 0 || member->former[member->former_count - 1].closing.size > 0);
}

static bool is_end_lost(struct world *world, const struct stream_id *stream, uint64_t floor_seq)
{
    bool is_named = false;

    for (unsigned i = 0; i < world->node_count && world->has_turns; i++) {
        struct node *node = &world->nodes[i];
        if (node->is_gone || node->is_revoked || !node->roster || !roster_is_of_former_key(node->roster, stream)) {
            continue; /* what a revoked one has nobody takes any more */
        }
        if (!roster_is_before_end(node->roster, stream, floor_seq)) {
            return false;
        }
        is_named = true;
        if (!roster_is_before_end(node->roster, stream, node_seq(node, stream)) || memory_store_adopted_seq(node->store, stream) > 0) {
            return false; /* its writer took over what it still had of it: that counts */
        }
    }
    return is_named;
}

/* Does `by`, as far as `node` holds it, say that it adopted `stream`? */
static bool says_adopted(struct node *node, const struct stream_id *by, const struct stream_id *stream)
{
    struct adoption entries[ADOPTION_PAGE_MAX];
    struct bytes value;
    struct buffer key;
    size_t count = 0;
    bool is_said = false;

    buffer_init(&key);
    for (unsigned page = 0; node->store && !is_said; page++) {
        adoption_key(page, &key);
        if (!memory_store_find(node->store, by, buffer_bytes(&key), &value) || adoption_decode(value, entries, &count) != S_OK) {
            break;
        }
        for (size_t i = 0; i < count; i++) {
            is_said = is_said || id_equal(&entries[i].incarnation, &stream->incarnation);
        }
    }
    buffer_release(&key);
    return is_said;
}

bool turn_is_cut_off(struct world *world, const struct stream_id *stream, uint64_t floor_seq)
{
    bool is_lost = is_end_lost(world, stream, floor_seq);

    for (size_t i = 0; i < world->truth.count && world->has_turns && !is_lost; i++) {
        const struct truth_stream *by = &world->truth.streams[i];
        if (by->stream.topic != stream->topic || !id_equal(&by->stream.node, &stream->node) || id_equal(&by->stream.incarnation, &stream->incarnation) ||
            !is_end_lost(world, &by->stream, by->floor_seq)) {
            continue;
        }
        for (unsigned k = 0; k < world->node_count && !is_lost; k++) {
            is_lost = says_adopted(&world->nodes[k], &by->stream, stream);
        }
    }
    return is_lost;
}

bool turn_is_settled(struct world *world, const char **why_out)
{
    for (unsigned i = 0; i < world->node_count && world->has_turns; i++) {
        struct node *node = &world->nodes[i];
        if (!node->is_up || node->is_revoked) {
            continue;
        }
        if (node->turn.has_next && !node->turn.is_too_large && !is_let_be(node)) {
            world_trace(world, "node %u: its change of keys is in state %d, %ssafe", i, (int)turn_state(node), turn_is_safe(node) ? "" : "not ");
            *why_out = "a node waits for its new keys";
            return false;
        }
        for (unsigned j = 0; j < world->node_count; j++) {
            struct node *other = &world->nodes[j];
            if (other->is_up && !other->is_revoked && !other->turn.has_next && !is_known(node, other)) {
                *why_out = "a node does not know the keys of another";
                return false;
            }
        }
    }
    return true;
}
