/* clone.h: a machine is copied, and both live: one node, one key, two data directories (FAULT_CLONES). Private to tests/sim.
 *
 * Only over the real store, which keeps what it adopted and gives up what another machine adopted too (node/store/stream/adopt.h). The copy is
 * a further struct node with the same identity, beside the same node above; those below a relay stay with the original. What the federation counts
 * of such a node may be too much or too little for a while, until both have heard of each other; it is held against what was recorded at rest. */
#ifndef QANAT_TESTS_SIM_CLONE_H
#define QANAT_TESTS_SIM_CLONE_H

#include "replication/peer/adopt.h"

struct job;
struct memory_store;
struct node;
struct world;

enum { CLONES_MAX = 2 }; /* in one world */

/* Copies a machine, or throws a copy away for good, now and then. In a quarter of the seeds the copy is one of the whole machine, taken while that was
 * switched off: both take themselves for the one that wrote what is closed. Else it knows that it is on another machine. Where it was asked for
 * (FAULT_HASTY) people say that one is left although both live, and no copy is lost. */
void clone_draw(struct world *world);
bool clone_is_hasty(const struct world *world);
bool clone_is_of_all(const struct world *world);

/* Do people say that only one machine of the node is left? */
bool clone_is_settled(const struct world *world, const struct node *node);
/* A copy was thrown away, and that was long ago: in half of the seeds, where people say nothing. All is over then (node/store/stream/past.h). */
bool clone_is_over(const struct world *world, const struct node *node);
/* People say so, and this machine has not acted on it since it started. */
bool clone_settling_is_due(struct node *node);
void clone_settle(struct world *world, struct node *node, struct job *job);
/* Over the real store: gives up in the living stream what two machines count. */
enum status memory_store_settle(struct memory_store *store, const struct stream_id *living);

/* True when what two machines of the node adopted counts twice at it, and it may begin anew (replication/peer/adopt.h). */
bool clone_anew_is_due(struct node *node, struct adopt_plan *plan_out);
/* How many cells more than usual are adopted: all, where something counts twice. */
uint64_t clone_spare(struct node *node, enum topic topic);
/* True when it is to begin another living stream of results, so that what it may be the one to give up is given up. */
bool clone_beginning_is_due(struct node *node);
void clone_begin(struct world *world, struct node *node);
void clone_anew(struct world *world, struct node *node, struct job *job);

/* Two incarnations of `node` that both count something; false: there are none. Over the real store; in memory there are no copies. */
bool memory_store_doubled(struct memory_store *store, const struct id *node, struct id streams_out[2]);

/* After a stream of its own came to `node`: does it say that the living one of `topic` is counted in it? Then nothing more is written in that. */
void clone_displaced(struct world *world, struct node *node, enum topic topic);

#endif
