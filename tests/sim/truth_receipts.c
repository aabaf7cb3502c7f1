/* What writers know of what the hub has. */
#include "tests/sim/truth.h"

#include "tests/sim/turn.h"
#include "tests/sim/world.h"
#include "tests/sim/writes.h"

static uint64_t receipt_at(struct node *node, const struct stream_id *stream, const struct id *holder)
{
    struct view view = node_view(node);

    return view.ops->held_seq(view.ctx, stream, holder); /* held_scan() tells upwards, of one holder */
}

/* What writers know of what one hub has. */
static void hub_check(struct world *world, struct node *hub)
{
    for (size_t i = 0; i < world->truth.count; i++) {
        const struct stream_id *stream = &world->truth.streams[i].stream;
        struct node *writer = world_find(world, &stream->node);
        if (stream->topic != TOPIC_RESULTS || writer == hub || !writer->is_up || writer->is_revoked ||
            turn_is_cut_off(world, stream, world->truth.streams[i].floor_seq)) { /* not compared, so nobody tells of it */
            continue;
        }
        uint64_t held = node_seq(hub, stream);
        if (receipt_at(writer, stream, &hub->identity->node) < held) {
            world_fail(world, "node %d does not know that the hub %d has its results", writer->index, hub->index);
        }
    }
}

void truth_check_receipts(struct world *world)
{
    for (unsigned i = 0; i < world->node_count; i++) {
        if (world->nodes[i].kind == NODE_HUB && world->nodes[i].is_up) {
            hub_check(world, &world->nodes[i]);
        }
    }
}
