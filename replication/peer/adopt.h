/* adopt.h: which closed streams of this node are to be counted in its living one now, and why not yet.
 *
 * What an adoption is: stream/adoption.h. It is safe when no later state of a closed stream can come to light, so: all
 * who may hold this node's results (the nodes above it, the hubs) said that they hold the living stream, which proves
 * that they were heard of since it was begun, and that they hold every closed stream exactly as far as it is held here.
 * None is adopted whose last stamp is later than the drawing of the living incarnation: it may be the living one of a copy of this machine,
 * which may adopt this one's at the same time, and then neither would be counted. This way whoever adopts was drawn later than what is
 * adopted was written, so that no two adopt each other, nor more in a ring, whatever clocks say. Where a machine was built anew with its clock
 * behind, what comes back waits for the next incarnation, and counts for itself. Nor is one adopted that may be the living one of a copy although it
 * was quiet since: what that machine adds later would not be counted before this one heard of it, and never when this one is gone by then. The store
 * says which are over (view_ops.is_over): those that this database wrote itself, those that were quiet for long.
 *
 * Streams of the roster need no such proof: their values are idempotent (rule 2 there). One whose values are idempotent
 * and that comes back longer than it was adopted is adopted again, whole.
 *
 * An adoption sends the adopted cells once more, so a large stream is adopted only when that is worth it: its cells are
 * at most twice those of the living stream and all smaller ones together, and ADOPT_SPARE_CELLS. So the streams of a
 * node grow like a geometric row: their number stays logarithmic in its cells, their cells below twice the different
 * keys, and each cell is sent again a logarithmic number of times in its life, not at every restart.
 *
 * Two machines may have adopted the same, and the one that was to give it up is heard no more: then it counts twice. Who is left mends that by
 * beginning anew: in one transaction a fresh incarnation is drawn, and the living one and all that is over are adopted into it, whatever their size;
 * what several of them say is counted in them is taken over once. It is drawn later than all of them were written, so no ring comes of it either.
 *
 * A function of the view; the driver carries the plan out in one transaction of the store, which looks again. */
#ifndef QANAT_PEER_ADOPT_H
#define QANAT_PEER_ADOPT_H

#include "replication/peer/view.h"

enum { ADOPT_STREAMS_MAX = 64, ADOPT_HOLDERS_MAX = 64, ADOPT_SPARE_CELLS = 256 };
#define ADOPT_SPARE_ALL (UINT64_MAX / 2)

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
    size_t cut_off;    /* of these: below an end that a CLOSE names, which nobody has: no peer takes it, so none says that it holds it. It stays as it is */
    size_t foreign;    /* of these: not over, or certified after the living incarnation was drawn: another machine may write as this node */
    size_t short_ones; /* held further than they were adopted: the difference is not counted where values are summed */
    bool is_displaced; /* another stream adopted the living one: it must not be written on */
    bool is_anew;      /* the living one is among the items: all go into one that is drawn when this is carried out */
};

/* `spare`: ADOPT_SPARE_CELLS, another number in tests; ADOPT_SPARE_ALL where a stream must be adopted whatever it costs: it counts something twice, and
 * that can be given up in the living stream only. */
void adopt_plan_make(const struct view *view, const struct id *self, enum topic topic, uint64_t spare,
                     struct adopt_plan *plan_out);

/* The plan of beginning anew, for results: `plan_out->count` is 0 when that is not safe now. */
void adopt_plan_anew(const struct view *view, const struct id *self, struct adopt_plan *plan_out);

/* `doubled` are two streams of this node's results that both count something. True when one of them is this machine's own, and it has no
 * living one of results: it left that (another machine adopted something of the same incarnation), and has recorded nothing since. What it may be
 * the one to give up, it gives up in the next one, so that is begun now and not with the next result. */
bool adopt_is_beginning_due(const struct view *view, const struct id *self, const struct id doubled[2]);

/* One who may hold the results of `self` beside itself. */
bool adopt_is_holder(const struct roster *roster, const struct roster_node *node, const struct id *self);

/* Up to which seq `holder` said to hold `stream`: view_ops.held_seq, or what else answers so. */
typedef uint64_t adopt_held_seq(void *ctx, const struct stream_id *stream, const struct id *holder);

/* Who may hold this node's results and did not say yet that it holds the living stream of them: the first one; NULL: all did. Before they say so they give
 * back what they hold of the closed ones (push.c), so those are of before, whatever clocks said meanwhile: when keys change they are named as this machine's
 * own (trust/rekey.h). Likewise a former hub, which may hold the roster stream of that life, and no results: it says so when all was given that
 * it held of them (receipt.c), or said it of the results while it was a hub. To adopt them that is not enough: above. */
const struct roster_node *adopt_missing(const struct roster *roster, const struct id *self, const struct id *living, adopt_held_seq *held_seq, void *ctx);

#endif
