/* queue.h: what will happen, in order of virtual time; equal times in order of insertion. */
#ifndef QANAT_TESTS_SIM_QUEUE_H
#define QANAT_TESTS_SIM_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sim_event_kind { SIM_FRAME, SIM_TICK, SIM_COMMIT, SIM_LINK_OPEN, SIM_START, SIM_ACTION };

struct sim_event {
    uint64_t at_ms;
    uint64_t order; /* set by queue_push() */
    enum sim_event_kind kind;
    int link, side; /* FRAME (side: who gets it), TICK, LINK_OPEN */
    int node;       /* COMMIT, START */
    uint64_t epoch; /* of the link, or life of the node */
    int channel;
    uint8_t *data; /* FRAME: owned */
    size_t size;
};

struct queue {
    struct sim_event *items; /* a binary heap */
    size_t count, capacity;
    uint64_t pushed;
};

void queue_release(struct queue *queue);
void queue_push(struct queue *queue, const struct sim_event *event);
bool queue_pop(struct queue *queue, struct sim_event *event_out);

#endif
