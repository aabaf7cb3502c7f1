#include "tests/sim/queue.h"

#include <stdlib.h>

#include "replication/base/check.h"

static bool is_before(const struct sim_event *a, const struct sim_event *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

void queue_release(struct queue *queue)
{
    for (size_t i = 0; i < queue->count; i++) {
        free(queue->items[i].data);
    }
    free(queue->items);
    *queue = (struct queue){0};
}

void queue_push(struct queue *queue, const struct sim_event *event)
{
    if (queue->count == queue->capacity) {
        queue->capacity = queue->capacity ? 2 * queue->capacity : 256;
        queue->items = reallocarray(queue->items, queue->capacity, sizeof *queue->items);
        CHECK(queue->items);
    }
    struct sim_event added = *event;
    added.order = queue->pushed++;
    size_t at = queue->count++;
    while (at > 0 && is_before(&added, &queue->items[(at - 1) / 2])) {
        queue->items[at] = queue->items[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    queue->items[at] = added;
}

bool queue_pop(struct queue *queue, struct sim_event *event_out)
{
    if (queue->count == 0) {
        return false;
    }
    *event_out = queue->items[0];
    struct sim_event last = queue->items[--queue->count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= queue->count) {
            break;
        }
        if (child + 1 < queue->count && is_before(&queue->items[child + 1], &queue->items[child])) {
            child++;
        }
        if (!is_before(&queue->items[child], &last)) {
            break;
        }
        queue->items[at] = queue->items[child];
        at = child;
    }
    queue->items[at] = last;
    return true;
}
