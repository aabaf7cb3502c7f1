#include "node/bundle/recipients.h"

#include <string.h>

/* May it hold every results stream of the list? */
static bool is_entitled(const struct roster *roster, const struct roster_node *node,
                        const struct buffer *streams)
{
    struct selected_stream selected;

    if (node->is_revoked) {
        return false;
    }
    for (size_t at = 0; at < streams->size; at += sizeof selected) {
        memcpy(&selected, streams->data + at, sizeof selected);
        if (selected.stream.topic == TOPIC_RESULTS &&
            !roster_may_hold(roster, &node->node, &selected.stream.node, TOPIC_RESULTS)) {
            return false;
        }
    }
    return true;
}

static size_t add(const struct roster *roster, const struct roster_node *node, const struct buffer *streams,
                  const struct roster_node **nodes, size_t count)
{
    if (!node || count == ENVELOPE_RECIPIENTS_MAX || !is_entitled(roster, node, streams)) {
        return count;
    }
    for (size_t i = 0; i < count; i++) {
        if (nodes[i] == node) {
            return count;
        }
    }
    nodes[count] = node;
    return count + 1;
}

size_t recipients_find(const struct roster *roster, const struct id *from, const struct id *target,
                       const struct buffer *streams,
                       const struct roster_node *nodes_out[ENVELOPE_RECIPIENTS_MAX])
{
    const struct id *ends[] = {target, from};
    size_t count = add(roster, roster_find(roster, target), streams, nodes_out, 0);

    for (size_t end = 0; end < sizeof ends / sizeof *ends; end++) {
        const struct roster_node *above = roster_uplink(roster, ends[end]);

        for (int level = 0; above && level < ROSTER_DEPTH_MAX; level++) {
            count = add(roster, above, streams, nodes_out, count);
            above = roster_uplink(roster, &above->node);
        }
    }
    for (size_t i = 0; i < roster_count(roster); i++) {
        const struct roster_node *node = roster_at(roster, i);

        if (node->kind == NODE_HUB) {
            count = add(roster, node, streams, nodes_out, count);
        }
    }
    return count;
}
