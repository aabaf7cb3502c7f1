/* What writers know of what the hub has. */
#include "tests/sim/truth.h"

#include "tests/sim/turn.h"
#include "tests/sim/world.h"
#include "tests/sim/writes.h"

static uint64_t receipt_at(struct node *node, const struct stream_id *stream, const struct id *holder)
{
    struct view view = node_view(node);
    struct held held[256];
    size_t count = view.ops->held_scan(view.ctx, &node->identity->node, 256, held);
    uint64_t seq = 0;

    for (size_t i = 0; i < count; i++) {
        bool is_it = stream_id_compare(&held[i].stream, stream) == 0 && id_equal(&held[i].holder, holder);
        seq = is_it && held[i].seq > seq ? held[i].seq : seq;
    }
    return seq;
}

void truth_check_receipts(struct world *world)
{
    struct node *hub = &world->nodes[0];

    for (size_t i = 0; i < world->truth.count; i++) {
        const struct stream_id *stream = &world->truth.streams[i].stream;
        struct node *writer = world_find(world, &stream->node);
        if (stream->topic != TOPIC_RESULTS || writer == hub || !writer->is_up || writer->is_revoked ||
            turn_is_cut_off(world, stream, world->truth.streams[i].floor_seq)) { /* not compared, so nobody tells of it */
            continue;
        }
        uint64_t held = node_seq(hub, stream);
        if (receipt_at(writer, stream, &hub->identity->node) < held) {
            world_fail(world, "node %d does not know that the hub has its results", writer->index);
        }
    }
}
