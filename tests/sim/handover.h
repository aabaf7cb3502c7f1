/* handover.h: another node becomes the hub (FAULT_HANDOVER): what node/cmd/promote.c and the people who hold the authority do. Private to tests/sim.
 *
 * Once in a world a centre directly below the hub is promoted by a paper that is written down at it: it becomes the hub; those below the former
 * hub go below it, and dial it. The former hub stays a hub beside it and is demoted later, or it is a centre at once, or it is a centre at once and
 * its machine is gone: rebuilt from the new hub's roster. People keep the paper: a new hub that forgot it (a backup, a lost disk, a commit that never
 * was) is told again.
 *
 * To the truth all of it holds from the moment at which the paper is written: what is checked while it travels is checked by the rights of before or those
 * of now, at rest by those of now.
 *
 * Over the store in memory, which keeps nothing of what was adopted, no former hub goes back to a database of before its handover. */
#ifndef QANAT_TESTS_SIM_HANDOVER_H
#define QANAT_TESTS_SIM_HANDOVER_H

#include "replication/base/bytes.h"
#include "replication/trust/roster.h"
#include "tests/sim/job.h"
#include "tests/sim/sim.h"

struct world;
struct node;

enum handover_way { HANDOVER_BESIDE, HANDOVER_AT_ONCE, HANDOVER_LOST, HANDOVER_WAYS };

struct handover {
    int node, old;       /* the new hub, and the one before */
    enum handover_way way;
    bool is_drawn;       /* somebody was chosen */
    bool is_said;        /* the paper is written */
    bool is_demotion_due; /* of who stayed a hub beside */
    bool is_queued;      /* a job of it waits at the new hub */
    struct buffer paper; /* size (4), statement */
    int parents[SIM_NODES_MAX]; /* before, and the next */
    enum node_kind kinds[SIM_NODES_MAX];
};

void handover_release(struct world *world);

/* Somebody is chosen, or who stayed a hub is demoted. */
void handover_draw(struct world *world);

/* The node started: what waited for its commit does so no more. A former hub whose database is one of before its handover waits for nobody and may take
 * over what a later life of it took over (replication/trust/README.md): it counts twice until people settle it, and is held against the truth at rest. */
void handover_start(struct world *world, struct node *node);

/* People settle what an earlier life counts too. */
bool handover_is_settled(const struct node *node);

/* Does `at` know of the new hub, when that matters to `about`: the former one, over a store that cannot give anything up? True when nothing changed. */
bool handover_is_heard(const struct world *world, const struct node *at, const struct node *about);

/* What is due at this node, after a commit: the paper is said again when it was forgotten. */
void handover_look(struct world *world, struct node *node);

/* The job HANDOVER. */
void handover_run(struct world *world, struct node *node, struct job *job);
void handover_refused(struct world *world, const struct job *job);

/* Who is the hub now. */
struct node *handover_hub(struct world *world);

/* Does `by` know of it that `about` stands below `by`? What it signs about others counts for nothing. */
bool handover_stands_above(const struct world *world, const struct node *by, const struct node *about);

/* Could `holder` hold the stream by the rights of before? False when nothing changed. */
bool handover_might_hold(const struct world *world, const struct node *holder, const struct stream_id *stream);

#endif
