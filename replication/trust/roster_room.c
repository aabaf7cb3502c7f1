#include "replication/trust/roster_room.h"

#include <stdlib.h>

#include "replication/base/check.h"

const struct roster_node *roster_room_top(const struct roster *roster, const struct id *node)
{
    const struct roster_node *below = NULL, *at = roster_find(roster, node);

    for (int step = 0; step <= ROSTER_DEPTH_MAX && at; step++) {
        const struct roster_node *above = at->kind == NODE_HUB || roster_was_hub(roster, &at->node) ? NULL : roster_uplink(roster, &at->node);
        below = above ? at : below;
        at = above;
    }
    return below;
}

/* How many nodes are counted for each member, by its place in the roster; the caller frees it. Those that are counted for nobody: *free_out. */
static size_t *tops_count(const struct roster *roster, size_t *free_out)
{
    size_t count = roster_count(roster), *counts = calloc(count + 1, sizeof *counts);

    CHECK(counts);
    *free_out = 0;
    for (size_t i = 0; i < count; i++) {
        const struct roster_node *top = roster_room_top(roster, &roster_at(roster, i)->node);
        if (top) {
            counts[top - roster_at(roster, 0)]++;
        } else {
            (*free_out)++;
        }
    }
    return counts;
}

enum status roster_room_check(const struct roster *roster, const struct id *parent, size_t underway, struct report *report)
{
    const struct roster_node *own = roster_room_top(roster, parent);
    size_t taken, *counts = tops_count(roster, &taken);

    for (size_t i = 0; i < roster_count(roster); i++) {
        bool is_own = roster_at(roster, i) == own;
        taken += is_own || counts[i] < ROSTER_ROOM_SHARE ? counts[i] : ROSTER_ROOM_SHARE;
    }
    free(counts);
    if (taken >= NODES_MAX || underway >= NODES_MAX - taken) {
        return report_set(report, S_TOO_LARGE, "the federation has its %d nodes, revoked ones included: there is no room for one more",
                          NODES_MAX);
    }
    return S_OK;
}

size_t roster_room_largest(const struct roster *roster, const struct roster_node **top_out)
{
    size_t rest, largest = 0, *counts = tops_count(roster, &rest);

    *top_out = NULL;
    for (size_t i = 0; i < roster_count(roster); i++) {
        if (counts[i] > largest) {
            largest = counts[i];
            *top_out = roster_at(roster, i);
        }
    }
    free(counts);
    return largest;
}
