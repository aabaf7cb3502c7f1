/* When a node begins anew, because what its copy adopted too would count twice for ever. Beside clone.c, so that the linker can put the real
 * store's answers in the place of memory_store_doubled() and memory_store_settle(): it does so where who calls stands in another file only. */
#include "tests/sim/clone.h"
#include "tests/sim/world.h"

static bool plan_has(const struct adopt_plan *plan, const struct id *incarnation)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (id_equal(&plan->items[i].stream.incarnation, incarnation)) {
            return true;
        }
    }
    return false;
}

uint64_t clone_spare(struct node *node, enum topic topic)
{
    struct id streams[2];
    bool is_doubled = topic == TOPIC_RESULTS && node->has_twin && memory_store_doubled(node->store, &node->identity->node, streams);

    return is_doubled ? ADOPT_SPARE_ALL : node->world->spare;
}

bool clone_beginning_is_due(struct node *node)
{
    struct id streams[2];

    if (!node->has_twin || !memory_store_doubled(node->store, &node->identity->node, streams)) {
        return false;
    }
    struct view view = node_view(node);
    return adopt_is_beginning_due(&view, &node->identity->node, streams);
}

bool clone_settling_is_due(struct node *node)
{
    struct id streams[2];

    return node->has_twin && !node->has_settled && clone_is_settled(node->world, node) && !id_is_none(&node->living) &&
           memory_store_doubled(node->store, &node->identity->node, streams);
}

bool clone_anew_is_due(struct node *node, struct adopt_plan *plan)
{
    struct id streams[2];

    if (!node->has_twin || node->is_anew_resting || !memory_store_doubled(node->store, &node->identity->node, streams)) {
        return false;
    }
    struct view view = node_view(node);
    adopt_plan_anew(&view, &node->identity->node, plan);
    return plan_has(plan, &streams[0]) && plan_has(plan, &streams[1]);
}

enum status memory_store_settle(struct memory_store *store, const struct stream_id *living)
{
    return store && living ? S_OK : S_INVALID;
}
