/* adopt.h: which closed streams of this node are to be counted in its living one now, and why not yet.
 *
 * What an adoption is: stream/adoption.h. It is safe when no later state of a closed stream can come to light, so: all
 * who may hold this node's results (the nodes above it, the hubs) said that they hold the living stream, which proves
 * that they were heard of since it was begun, and that they hold every closed stream exactly as far as it is held here.
 * Streams of the roster need no such proof: their values are idempotent (rule 2 there). One whose values are idempotent
 * and that comes back longer than it was adopted is adopted again, whole.
 *
 * An adoption sends the adopted cells once more, so a large stream is adopted only when that is worth it: its cells are
 * at most twice those of the living stream and all smaller ones together, and ADOPT_SPARE_CELLS. So the streams of a
 * node grow like a geometric row: their number stays logarithmic in its cells, their cells below twice the different
 * keys, and each cell is sent again a logarithmic number of times in its life, not at every restart.
 *
 * A function of the view; the driver carries the plan out in one transaction of the store, which looks again. */
#ifndef QANAT_PEER_ADOPT_H
#define QANAT_PEER_ADOPT_H

#include "replication/peer/view.h"

enum { ADOPT_STREAMS_MAX = 64, ADOPT_HOLDERS_MAX = 64, ADOPT_SPARE_CELLS = 256 };

struct adopt_choice {
    struct stream_id stream;
    uint64_t seq, count;
};

struct adopt_plan {
    struct stream_id living;
    struct adopt_choice items[ADOPT_STREAMS_MAX]; /* the smallest first */
    size_t count;
    size_t closed;     /* streams of earlier incarnations that are still counted for themselves */
    size_t unheard;    /* of these: not acknowledged by all who may hold them */
    size_t foreign;    /* of these: certified after the living incarnation began: another machine writes as this node */
    size_t short_ones; /* held further than they were adopted: the difference is not counted where values are summed */
    bool is_displaced; /* another stream adopted the living one: it must not be written on */
};

/* `spare`: ADOPT_SPARE_CELLS, another number in tests. */
void adopt_plan_make(const struct view *view, const struct id *self, enum topic topic, uint64_t spare,
                     struct adopt_plan *plan_out);

/* True when all who may hold this node's results said that they hold the living stream of them. Before that they gave back what they
 * held of the closed ones (push.c), so those are of before, whatever clocks said meanwhile: the driver lets the living incarnation begin
 * (view->living_since) no earlier than the stamps of what comes back until then. */
bool adopt_is_heard(const struct view *view, const struct id *self);

#endif
