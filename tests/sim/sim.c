#include "tests/sim/sim.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/peer/bounds.h"
#include "tests/sim/thrifty.h"
#include "tests/sim/world.h"

enum {
    STEPS_DRAWN_MAX = 600,
    ACTION_MS = 150,      /* mean time between actions */
    EVENTS_MAX = 2000000, /* of a whole run: more is a livelock */
    LOOK_MS = 1000,       /* how often convergence is looked for */
};

static void action_set(struct world *world)
{
    struct sim_event event = {.kind = SIM_ACTION,
                              .at_ms = world->now_ms + 1 + world_draw(world, 2 * ACTION_MS)};

    queue_push(&world->queue, &event);
}

static void event_take(struct world *world, const struct sim_event *event)
{
    uint64_t stamp[4] = {event->at_ms, (uint64_t)event->kind, (uint64_t)event->link, (uint64_t)event->node};
    struct node *node = &world->nodes[event->node];

    world->now_ms = event->at_ms;
    world_hash(world, stamp, sizeof stamp);
    switch (event->kind) {
    case SIM_FRAME:
    case SIM_TICK:
    case SIM_LINK_OPEN:
        network_take(world, event);
        break;
    case SIM_COMMIT:
        if (node->is_up && node->life == event->epoch) {
            node_commit(world, node);
        }
        break;
    case SIM_START:
        if (!node->is_up && node->life == event->epoch) {
            node_start(world, node);
        }
        break;
    case SIM_ACTION:
        if (world->is_safety) {
            action_draw(world);
            fault_draw(world);
            action_set(world);
        }
        break;
    }
}

static bool is_failed(const struct world *world)
{
    return world->result.violation[0] != '\0';
}

/* One event; false when there is none before `until_ms`. */
static bool event_next(struct world *world, uint64_t until_ms)
{
    struct sim_event event;

    if (world->queue.count == 0 || world->queue.items[0].at_ms > until_ms ||
        !queue_pop(&world->queue, &event)) {
        return false;
    }
    event_take(world, &event);
    free(event.data);
    return true;
}

/* Steps are what happens to nodes: frames that arrive, actions, crashes, commits; a tick is none. */
static void safety_run(struct world *world)
{
    unsigned drawn = SIM_STEPS_MIN + (unsigned)world_draw(world, STEPS_DRAWN_MAX - SIM_STEPS_MIN);
    uint64_t wanted = world->options.steps ? world->options.steps : drawn;

    node_admit(world, &world->nodes[0]);
    action_set(world);
    while (world->result.steps < wanted && !is_failed(world)) {
        bool is_step = world->queue.count > 0 && world->queue.items[0].kind != SIM_TICK;
        bool is_more = event_next(world, UINT64_MAX);
        CHECK(is_more); /* the next action is always set */
        world->result.steps += is_step;
    }
}

/* What the inviter forgot in a restore is said again. */
static void statements_repeat(struct world *world, struct node *node)
{
    const struct roster_node *member;

    if (node->index == 0 || node->parent < 0 || !node->is_admitted || node != world_find(world, &node->identity->node)) {
        return;
    }
    member = roster_find(world->nodes[node->parent].roster, &node->identity->node);
    if (!member) {
        node_admit(world, node);
    }
    if (node->is_revoked && (!member || !member->is_revoked)) {
        node_revoke(world, node);
    }
}

/* Everything that was broken is mended; nobody does anything new. */
static void faults_stop(struct world *world)
{
    world_trace(world, "the faults stop");
    world->is_safety = false;
    faults_end(world);
    for (unsigned i = 0; i < world->node_count; i++) {
        struct node *node = &world->nodes[i];
        if (node->is_admitted && !node->is_up && !node->is_gone) {
            node_start(world, node);
        }
        if (node->has_tampered) {
            truth_before_forget(world, node, &node->tampered);
            memory_store_forget(node->store, &node->tampered);
            memory_store_flush(node->store);
        }
    }
    for (unsigned i = 0; i < world->node_count; i++) {
        statements_repeat(world, &world->nodes[i]);
    }
    turn_end(world);
    for (unsigned i = 0; i < world->link_count; i++) {
        if (world->links[i].is_cut || world->has_byzantine) {
            world->links[i].is_cut = false;
            link_close(world, (int)i, 0);
        }
    }
}

static void liveness_run(struct world *world)
{
    uint64_t stop_ms = world->now_ms, look_ms = world->now_ms;
    uint64_t events = 0;

    while (!is_failed(world) && world->now_ms < stop_ms + LIVENESS_MS) {
        look_ms += LOOK_MS;
        while (!is_failed(world) && event_next(world, look_ms)) {
            if (++events == EVENTS_MAX) {
                world_fail(world, "a livelock");
            }
        }
        world->now_ms = look_ms;
        if (truth_is_converged(world)) {
            break;
        }
    }
    world->result.rest_ms = world->now_ms - stop_ms;
    truth_check_rest(world);
}

/* What is said when all is said: receipts that are still on their way, what is gone and is demanded once more, and then nothing. */
static void silence_check(struct world *world)
{
    uint64_t settled_ms = world->now_ms + 30 * RETRY_MS + DEMAND_AGAIN_MS;

    while (!is_failed(world) && event_next(world, settled_ms)) {
    }
    world->now_ms = settled_ms;
    uint64_t frames = world->result.frames;
    while (!is_failed(world) && event_next(world, settled_ms + REST_MS)) {
    }
    if (world->result.frames != frames) {
        world_fail(world, "%llu frames are said about nothing",
                   (unsigned long long)(world->result.frames - frames));
    }
}

/* After an hour of silence somebody records a result: it travels over the sessions that are there. */
static void awakening_check(struct world *world)
{
    struct node *node = &world->nodes[kit_random_below(&world->fault_random, world->node_count)];
    struct job job = {.kind = JOB_RESULTS, .link = -1, .draw = world->options.seed};
    uint64_t closes = world->closes, stop_ms = world->now_ms + LIVENESS_MS;

    if (is_failed(world) || !node->is_up || node->is_revoked) {
        return;
    }
    world->now_ms += REST_MS;
    stop_ms += REST_MS;
    node_queue(world, node, &job);
    while (!is_failed(world) && event_next(world, stop_ms) && world->closes == closes) {
    }
    if (world->closes != closes) {
        world_fail(world, "a session is closed because it was quiet");
    }
    world->now_ms = stop_ms;
    truth_check_rest(world);
}

struct sim_result sim_run(const struct sim_options *options)
{
    struct world *world = malloc(sizeof *world);

    CHECK(world);
    thrifty_is_off = options->is_plain;
    world_init(world, options);
    safety_run(world);
    faults_stop(world);
    liveness_run(world);
    if (!is_failed(world)) {
        silence_check(world);
        truth_check_rest(world);
        if (world->has_byzantine) { /* then all connections are new */
            truth_check_receipts(world);
        }
        if (!options->is_plain) {
            awakening_check(world);
        }
    }
    struct sim_result result = world->result;
    result.is_ok = result.violation[0] == '\0';
    world_release(world);
    free(world);
    return result;
}
