#include "tests/sim/world.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/peer/trace.h"

/* --- frames --- */

static void frame_push(struct world *world, int at, int side, const struct effect *effect)
{
    const struct link *link = &world->links[at];
    uint64_t delay = 1 + link->delay_ms / 2 + world_draw(world, link->delay_ms + 1);
    struct sim_event event = {.kind = SIM_FRAME, .link = at, .side = 1 - side, .epoch = link->epoch};

    if (world->is_safety && world_chance(world, 20)) {
        delay *= 10; /* overtaken by all others */
    }
    event.at_ms = world->now_ms + delay;
    if (event.at_ms < link->clog_ms) {
        event.at_ms = link->clog_ms;
    }
    struct buffer said;
    buffer_init(&said);
    buffer_append(&said, effect->bytes.data, effect->bytes.size);
    if (world->nodes[link->ends[side]].is_modern && world->is_safety) {
        frame_modernise(world, &said);
    }
    event.channel = (int)effect->channel;
    event.size = said.size;
    event.data = said.data; /* the event's from here on */
    queue_push(&world->queue, &event);
}

static void frame_send(struct world *world, int at, int side, const struct effect *effect)
{
    const struct link *link = &world->links[at];

    world->result.frames++;
    world->result.bytes += effect->bytes.size;
    if (effect->bytes.size > FRAME_SIZE_MAX) {
        world_fail(world, "a frame of %zu bytes", effect->bytes.size);
    }
    if ((world->is_safety && world_chance(world, link->loss)) || link->is_deaf[1 - side]) {
        world->result.lost++;
        return;
    }
    frame_push(world, at, side, effect);
    if (world->is_safety && world_chance(world, link->twice)) {
        frame_push(world, at, side, effect);
    }
}

/* --- effects --- */

static void job_of_effect(struct world *world, int at, int side, const struct effect *effect)
{
    struct link *link = &world->links[at];
    struct node *node = &world->nodes[link->ends[side]];
    struct job job = {.stream = effect->stream,
                      .after_seq = effect->after_seq,
                      .object = effect->object,
                      .link = at,
                      .side = side,
                      .epoch = link->epoch,
                      .ticket = effect->ticket};

    switch (effect->kind) {
    case EFFECT_STAGE:
        job.kind = JOB_STAGE;
        job.held.seq = effect->seq;
        break;
    case EFFECT_APPLY:
        job.kind = JOB_APPLY;
        break;
    case EFFECT_UNSTAGE:
        job.kind = JOB_UNSTAGE;
        break;
    case EFFECT_OBJECT:
        job.kind = JOB_OBJECT;
        job.is_unassayed = effect->is_unassayed;
        break;
    case EFFECT_DEMAND:
        if (!effect->is_below) {
            return; /* courses of these nodes are wanted by all above them anyway */
        }
        job.kind = JOB_DEMAND;
        break;
    case EFFECT_HELD:
        job.kind = JOB_HELD;
        job.held = (struct held){effect->stream, effect->seq, effect->at_ms, effect->holder};
        break;
    case EFFECT_SEND:
    case EFFECT_PROGRESS:
    case EFFECT_FORK:
    case EFFECT_REFUSED:
    case EFFECT_CLOSE:
        return;
    }
    if (effect->bytes.size > 0) {
        job.data = malloc(effect->bytes.size);
        CHECK(job.data);
        job.size = effect->bytes.size;
        memcpy(job.data, effect->bytes.data, job.size);
    }
    node_queue(world, node, &job);
}

static void fork_take(struct world *world, struct node *node, const struct effect *effect)
{
    if (effect->status == S_STALE) {
        world_fail(world, "node %d forgot what it wrote (seq %llu)", node->index,
                   (unsigned long long)effect->seq);
    } else if (!node->has_tampered) { /* who altered its own copy finds that the honest one contradicts it */
        world_fail(world, "a fork at node %d, seq %llu", node->index, (unsigned long long)effect->seq);
    }
}

static void effects_take(struct world *world, int at, int side, const struct effects *effects)
{
    struct node *node = &world->nodes[world->links[at].ends[side]];
    uint64_t close_after = UINT64_MAX;
    char line[TRACE_LINE_MAX];

    for (size_t i = 0; i < effects->count; i++) {
        const struct effect *effect = &effects->items[i];
        if (world->options.trace && effect->kind != EFFECT_PROGRESS) {
            trace_effect(effect, line, sizeof line);
            world_trace(world, "%d/%d %s", node->index, world->links[at].ends[1 - side], line);
        }
        if (effect->kind == EFFECT_SEND) {
            frame_send(world, at, side, effect);
        } else if (effect->kind == EFFECT_FORK) {
            fork_take(world, node, effect);
        } else if (effect->kind == EFFECT_REFUSED && !world->has_byzantine &&
                   world->options.mutant == MUTANT_NONE && effect->status != S_BAD_DIGEST &&
                   !(world->has_turns && effect->status == S_STALE) && /* who brings it has not heard of the new key */
                   !(effect->status == S_BAD_SIGNATURE && turn_is_void(node, &effect->stream.node))) {
            world_fail(world, "node %d refused an honest peer: %.*s", node->index, (int)effect->bytes.size,
                       (const char *)effect->bytes.data);
        } else if (effect->kind == EFFECT_CLOSE) {
            close_after = effect->after_ms;
        } else {
            job_of_effect(world, at, side, effect);
        }
    }
    if (close_after != UINT64_MAX) {
        link_close(world, at, close_after);
    }
}

void session_step(struct world *world, int at, int side, const struct peer_event *event)
{
    struct link *link = &world->links[at];
    struct session *session = &link->sessions[side];
    struct node *node = &world->nodes[link->ends[side]];
    struct view view = node_view(node);
    struct peer_event timed = *event;
    char line[TRACE_LINE_MAX];

    CHECK(link->is_up && session->peer);
    timed.now_ms = world->now_ms;
    timed.wall_ms = node_wall_ms(world, node);
    if (world->options.trace && event->kind != EVENT_FRAME) {
        trace_event(&timed, line, sizeof line);
        world_trace(world, "%d/%d -- %s", node->index, link->ends[1 - side], line);
    }
    struct effects effects = peer_step(session->peer, &view, &timed);
    uint64_t epoch = link->epoch;
    uint64_t deadline = effects.deadline_ms;
    effects_take(world, at, side, &effects);
    if (link->epoch != epoch || !link->is_up || deadline == UINT64_MAX) {
        return;
    }
    deadline = deadline > world->now_ms ? deadline : world->now_ms;
    if (deadline < session->tick_ms) {
        session->tick_ms = deadline;
        queue_push(&world->queue,
                   &(struct sim_event){
                       .kind = SIM_TICK, .at_ms = deadline, .link = at, .side = side, .epoch = link->epoch});
    }
}

/* What could not be stored is heard again, as node/link/session.c does it. */
static void session_tell(struct world *world, int at, int side)
{
    struct link *link = &world->links[at];

    if (link->is_up && link->sessions[side].is_untold && world->nodes[link->ends[side]].disk != DISK_FULL) {
        link->sessions[side].is_untold = false;
        session_step(world, at, side, &(struct peer_event){.kind = EVENT_CLOSED});
        session_step(world, at, side, &(struct peer_event){.kind = EVENT_OPEN});
    }
}

void node_changed(struct world *world, struct node *node)
{
    for (unsigned i = 0; i < world->link_count; i++) {
        struct link *link = &world->links[i];
        for (int side = 0; side < 2; side++) {
            if (link->is_up && link->ends[side] == node->index) {
                session_step(world, (int)i, side, &(struct peer_event){.kind = EVENT_CHANGED});
                session_tell(world, (int)i, side);
            }
        }
    }
}

/* --- connections --- */

static bool end_is_ready(const struct world *world, const struct link *link, int side)
{
    const struct node *node = &world->nodes[link->ends[side]];
    const struct node *other = &world->nodes[link->ends[1 - side]];

    const struct roster_node *member = node->is_up ? roster_find(node->roster, &other->identity->node) : NULL;

    return member && !member->is_revoked;
}

static void open_set(struct world *world, int at, uint64_t after_ms)
{
    struct sim_event event = {.kind = SIM_LINK_OPEN, .link = at, .at_ms = world->now_ms + after_ms};

    world->links[at].open_ms = event.at_ms;
    queue_push(&world->queue, &event);
}

void link_open(struct world *world, int at)
{
    struct link *link = &world->links[at];

    if (link->is_up || link->is_cut || !world->nodes[link->ends[0]].is_up ||
        !world->nodes[link->ends[1]].is_up) {
        return; /* who mends that opens it */
    }
    if (!end_is_ready(world, link, 0) || !end_is_ready(world, link, 1) ||
        (world->has_turns && !turn_keys_fit(&world->nodes[link->ends[0]], &world->nodes[link->ends[1]]))) {
        open_set(world, at, REDIAL_MS);
        return;
    }
    link->is_up = true;
    link->epoch++;
    world_trace(world, "link %d-%d opens", link->ends[0], link->ends[1]);
    for (int side = 0; side < 2; side++) {
        struct peer_options options = {
            .self = world->nodes[link->ends[side]].identity->node,
            .remote = world->nodes[link->ends[1 - side]].identity->node,
            .federation = world->federation->id,
            .session = kit_random_u64(&world->random),
            .credit_bytes = CREDIT_BYTES,
            .retry_ms = RETRY_MS,
            .idle_ms = IDLE_MS,
            .has_assay = true,
        };
        link->sessions[side] = (struct session){peer_new(&options), UINT64_MAX, false};
    }
    uint64_t epoch = link->epoch;
    for (int side = 0; side < 2 && link->is_up && link->epoch == epoch; side++) {
        session_step(world, at, side, &(struct peer_event){.kind = EVENT_OPEN});
    }
}

/* Frames under way are lost with their connection. */
void link_close(struct world *world, int at, uint64_t reopen_after_ms)
{
    struct link *link = &world->links[at];

    if (link->is_up) {
        world_trace(world, "link %d-%d closes", link->ends[0], link->ends[1]);
        for (int side = 0; side < 2; side++) {
            peer_free(link->sessions[side].peer);
            link->sessions[side].peer = NULL;
        }
        link->is_up = false;
        link->epoch++;
        world->closes++;
    }
    open_set(world, at, reopen_after_ms + 1 + world_draw(world, 500));
}

void links_of_node(struct world *world, const struct node *node, bool is_up)
{
    for (unsigned i = 0; i < world->link_count; i++) {
        const struct link *link = &world->links[i];
        if (link->ends[0] != node->index && link->ends[1] != node->index) {
            continue;
        }
        if (is_up) {
            open_set(world, (int)i, 1 + world_draw(world, 100));
        } else {
            link_close(world, (int)i, RETRY_MS);
        }
    }
}

static void frame_take(struct world *world, const struct sim_event *event)
{
    struct link *link = &world->links[event->link];
    struct peer_event frame = {.kind = EVENT_FRAME, .channel = (enum channel)event->channel};
    char line[TRACE_LINE_MAX];
    bool is_stray = link->epoch != event->epoch;

    /* Now and then one comes through from an earlier connection, as it may from a proxy. */
    if (!link->is_up || (is_stray && !(world->is_safety && world_chance(world, 100)))) {
        return;
    }
    world_hash(world, event->data, event->size);
    frame.frame = bytes_of(event->data, event->size);
    if (world->options.trace) {
        trace_frame(frame.frame, line, sizeof line);
        world_trace(world, "%d/%d gets %s", link->ends[event->side], link->ends[1 - event->side], line);
    }
    session_step(world, event->link, event->side, &frame);
}

void network_take(struct world *world, const struct sim_event *event)
{
    struct link *link = &world->links[event->link];

    if (event->kind == SIM_FRAME) {
        frame_take(world, event);
    } else if (event->kind == SIM_LINK_OPEN) {
        if (event->at_ms == link->open_ms) {
            link_open(world, event->link);
        }
    } else if (link->is_up && link->epoch == event->epoch &&
               link->sessions[event->side].tick_ms == event->at_ms) {
        link->sessions[event->side].tick_ms = UINT64_MAX;
        session_step(world, event->link, event->side, &(struct peer_event){.kind = EVENT_TICK});
    }
}
