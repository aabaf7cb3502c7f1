#include "tests/sim/clone.h"

#include <string.h>

#include "replication/base/check.h"
#include "replication/stream/adoption.h"
#include "tests/sim/adoptions.h"
#include "tests/sim/world.h"
#include "tests/sim/writes.h"

/* May this machine be copied? A relay, too: those below go on with the one they know. */
static bool may_copy(const struct node *node)
{
    return node->index > 0 && node->is_up && !node->is_condemned && !node->has_twin && !node->owes_welcome && node->store && !node->has_tampered &&
           !node->turn.has_next && !node->turn.is_closing;
}

static void clone_make(struct world *world, struct node *node)
{
    struct node *twin = &world->nodes[world->node_count];

    if (clone_is_of_all(world)) {
        node_crash(world, node, true);
    }
    memset(twin, 0, sizeof *twin);
    twin->world = world;
    twin->index = (int)world->node_count++;
    twin->parent = node->parent;
    twin->kind = node->kind;
    twin->turn = node->turn;
    twin->identity = &twin->turn.present;
    twin->is_subscriber = node->is_subscriber;
    twin->is_modern = node->is_modern;
    twin->is_admitted = twin->has_twin = node->has_twin = twin->is_copy = true;
    twin->skew_ms = node->skew_ms;
    buffer_init(&twin->welcome);
    buffer_append(&twin->welcome, node->welcome.data, node->welcome.size);
    twin->store = memory_store_copy(node->store);
    world_trace(world, "node %d is copied: node %d", node->index, twin->index);
    world_link(world, twin->index, twin->parent);
    world->result.clones++;
    node_start(world, twin);
}

/* The copy is thrown away with its disk: what it alone knew is gone, and people say that one machine is left. */
static void clone_lose(struct world *world, struct node *copy)
{
    world_trace(world, "node %d, a copy, is thrown away", copy->index);
    truth_after_revocation(world, copy);
    node_crash(world, copy, true);
    copy->life++; /* it does not start again */
    memory_store_free(copy->store);
    memory_store_free(copy->backup);
    copy->store = copy->backup = NULL;
    copy->is_gone = world->has_lost_disk = true;
    world->result.gone++;
    for (unsigned i = 0; i < world->node_count; i++) {
        struct node *node = &world->nodes[i];
        if (node->is_up && id_equal(&node->identity->node, &copy->identity->node)) {
            node->has_settled = false;
            adoptions_look(world, node);
        }
    }
}

bool clone_is_of_all(const struct world *world)
{
    return world->options.seed % 4 == 3;
}

bool clone_is_hasty(const struct world *world)
{
    return (world->options.faults & FAULT_HASTY) != 0;
}

static bool is_copy_gone(const struct world *world, const struct node *node)
{
    for (unsigned i = 0; i < world->node_count; i++) {
        if (world->nodes[i].is_gone && id_equal(&world->nodes[i].identity->node, &node->identity->node)) {
            return true;
        }
    }
    return false;
}

bool clone_is_over(const struct world *world, const struct node *node)
{
    return world->options.seed / 4 % 2 == 1 && is_copy_gone(world, node);
}

bool clone_is_settled(const struct world *world, const struct node *node)
{
    return clone_is_hasty(world) || handover_is_settled(node) || (is_copy_gone(world, node) && !clone_is_over(world, node));
}

void clone_draw(struct world *world)
{
    struct node *node = &world->nodes[kit_random_below(&world->fault_random, world->node_count)];

    if (node->is_copy) {
        if (node->is_up && !node->has_tampered && !clone_is_hasty(world) && kit_random_below(&world->fault_random, 2) == 0) {
            clone_lose(world, node);
        }
    } else if (world->result.clones < CLONES_MAX && world->node_count < SIM_NODES_MAX && world->link_count < LINKS_MAX &&
               kit_random_below(&world->fault_random, 4) == 0 && may_copy(node)) {
        clone_make(world, node);
    }
}

/* --- what counts twice --- */

bool memory_store_doubled(struct memory_store *store, const struct id *node, struct id streams_out[2])
{
    (void)store, (void)node, (void)streams_out;
    return false;
}

void clone_settle(struct world *world, struct node *node, struct job *job)
{
    const struct stream_id living = {node->identity->node, node->living, TOPIC_RESULTS};
    uint64_t before = node_seq(node, &living);

    if (!clone_settling_is_due(node)) {
        return;
    }
    node->has_settled = true;
    job->status = memory_store_settle(node->store, &living);
    if (node_seq(node, &living) > before) {
        world_trace(world, "node %d gives up what another machine adopted too: people say that is gone", node->index);
        truth_adopted(world, node, &living, before);
        world->result.yielded++;
    }
}

void clone_anew(struct world *world, struct node *node, struct job *job)
{
    const struct id before = node->living;
    struct adopt_plan plan;

    if (!clone_anew_is_due(node, &plan)) {
        return;
    }
    memset(&node->living, 0, sizeof node->living);
    const struct stream_id living = node_stream(world, node, TOPIC_RESULTS);
    job->status = memory_store_adopt(node->store, &plan, node->identity, node_stamp(world, node));
    if (job->status == S_OK) {
        world_trace(world, "node %d begins anew in .%02x with %zu streams: something counted twice", node->index, living.incarnation.b[0], plan.count);
        truth_adopted(world, node, &living, 0);
        world->result.anew++;
    } else {
        node->living = before;
        node->incarnation_count--;
        node->is_anew_resting = true;
    }
}

void clone_begin(struct world *world, struct node *node)
{
    const struct adoption hole = adoption_hole();
    struct buffer key, value;

    if (!clone_beginning_is_due(node)) {
        return;
    }
    const struct stream_id stream = node_stream(world, node, TOPIC_RESULTS);
    buffer_init(&key);
    buffer_init(&value);
    adoption_key(0, &key);
    adoption_encode(&hole, 1, &value);
    const struct memory_cell cell = {buffer_bytes(&key), buffer_bytes(&value)};
    memory_store_write(node->store, &stream, &cell, 1, node->identity, node_stamp(world, node));
    truth_adopted(world, node, &stream, 0);
    world_trace(world, "node %d begins .%02x: something counts twice", node->index, node->living.b[0]);
    buffer_release(&key);
    buffer_release(&value);
}

void clone_displaced(struct world *world, struct node *node, enum topic topic)
{
    const struct stream_id living = {node->identity->node, node->living, topic};

    node->is_anew_resting = false;
    node->has_settled = node->has_settled && !node->is_of_before; /* the alarm stands, and people say so again */
    if (memory_store_is_instant() && memory_store_adopted_seq(node->store, &living) > 0) {
        world_trace(world, "node %d leaves .%02x: another stream adopted it", node->index, node->living.b[0]);
        memset(&node->living, 0, sizeof node->living);
    }
}
