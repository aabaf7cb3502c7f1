/* What one node adopts of its closed streams, and what it gives up again. */
#include "tests/sim/adoptions.h"

#include <string.h>

#include "tests/sim/clone.h"
#include "tests/sim/world.h"
#include "tests/sim/writes.h"

static bool adoption_is_due(struct node *node, enum topic topic, struct adopt_plan *plan)
{
    struct view view = node_view(node);

    adopt_plan_make(&view, &node->identity->node, topic, clone_spare(node, topic), plan);
    return plan->count > 0;
}

void adoptions_run(struct world *world, struct node *node, struct job *job)
{
    struct adopt_plan plan;

    node->is_adopting = false;
    for (int topic = TOPIC_FIRST; topic <= TOPIC_LAST; topic++) {
        if (!adoption_is_due(node, (enum topic)topic, &plan)) {
            continue;
        }
        uint64_t before = node_seq(node, &plan.living);
        job->status = memory_store_adopt(node->store, &plan, node->identity, node_stamp(world, node));
        if (job->status == S_OK) {
            world_trace(world, "node %d adopts %zu of its %s, .%02x first, in .%02x", node->index, plan.count, topic_name((enum topic)topic),
                        plan.items[0].stream.incarnation.b[0], plan.living.incarnation.b[0]);
            truth_adopted(world, node, &plan.living, before);
            world->result.adopted += plan.count;
            node->has_settled = node->has_settled && !node->is_of_before;
        }
        node->has_denied |= job->status == S_DENIED;
    }
    clone_begin(world, node);
    clone_settle(world, node, job);
    clone_anew(world, node, job);
}

void adoptions_look(struct world *world, struct node *node)
{
    const struct job job = {.kind = JOB_ADOPT, .link = -1};
    struct adopt_plan plan;
    for (int topic = TOPIC_FIRST; topic <= TOPIC_LAST && !node->is_adopting && !node->has_denied; topic++) {
        if (adoption_is_due(node, (enum topic)topic, &plan)) {
            node->is_adopting = true;
            node_queue(world, node, &job);
        } else if (plan.is_displaced) {
            memset(&node->living, 0, sizeof node->living);
        }
    }
    if (!node->is_adopting && (clone_beginning_is_due(node) || clone_settling_is_due(node) || clone_anew_is_due(node, &plan))) {
        node->is_adopting = true;
        node_queue(world, node, &job);
    }
}

/* A stream of its own that is counted in another turns out to be longer. */
static void adopted_apply(struct world *world, struct node *node, struct job *job)
{
    struct stream_id living = node_stream(world, node, job->stream.topic);
    struct memory_author author = {living, node->identity, node_stamp(world, node)};
    uint64_t before = node_seq(node, &living);

    job->status = memory_store_apply_adopted(node->store, &job->stream, job->after_seq,
                                             bytes_of(job->data, job->size), &author);
    if (node_seq(node, &living) > before) {
        world_trace(world, "node %d adopts more of a stream that was longer", node->index);
        truth_adopted(world, node, &living, before);
        world->result.healed++;
    }
}

/* A stream of its own node may show that another machine adopted the same: then something is given up in the living one. */
static void own_apply(struct world *world, struct node *node, struct job *job)
{
    const struct stream_id living = {node->identity->node, node->living, job->stream.topic};
    uint64_t before = node_seq(node, &living);

    job->status = memory_store_apply(node->store, &job->stream, job->after_seq, bytes_of(job->data, job->size));
    if (node_seq(node, &living) > before) {
        world_trace(world, "node %d gives up what another machine adopted too", node->index);
        truth_adopted(world, node, &living, before);
        world->result.yielded++;
    }
}

void adoptions_apply(struct world *world, struct node *node, struct job *job)
{
    if (id_equal(&job->stream.node, &node->identity->node) && memory_store_adopted_seq(node->store, &job->stream) > 0) {
        adopted_apply(world, node, job);
    } else {
        own_apply(world, node, job);
    }
}
