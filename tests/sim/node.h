/* node.h: one node of the simulation: its store, its roster, what waits for its disk, what its machine does. Private to tests/sim. */
#ifndef QANAT_TESTS_SIM_NODE_H
#define QANAT_TESTS_SIM_NODE_H

#include "replication/peer/peer.h"
#include "tests/kit/memory_store.h"
#include "tests/sim/faults.h"
#include "tests/sim/job.h"
#include "tests/sim/turn.h"

enum { INCARNATIONS_MAX = 128 };

struct world;

struct node {
    struct world *world;
    int index, parent;
    enum node_kind kind;
    const struct identity *identity; /* the keys of today: those of `turn` */
    struct turn turn;
    bool is_admitted, is_up, is_revoked, is_subscriber, was_restored;
    bool has_twin; /* two machines are this node (clone.h), or an earlier life of it came back that nobody told of the new hub (handover.h) */
    bool is_put_back; /* after the handover, and it did not start since */
    bool is_of_before; /* the second of these */
    bool is_condemned; /* its revocation waits for a commit */
    bool has_settled; /* acted on what people say of the other one, since it started */
    bool is_anew_resting; /* it could not begin anew: not before more of its own came (node/link/keeper.h waits for hours) */
    bool is_copy, is_gone; /* the second of them; it was thrown away, and has no store any more */
    uint64_t life; /* counts starts: events of an earlier one are void */
    struct memory_store *store;
    struct memory_store *backup; /* NULL: none */
    struct roster *roster;
    struct id living; /* zero: none drawn yet */
    hlc living_drawn, living_since; /* when it was, and when it counts as begun */
    struct id incarnations[INCARNATIONS_MAX];
    unsigned incarnation_count;
    struct buffer welcome; /* statements given at admission: size (4), bytes */
    struct job *jobs;      /* owned, PENDING_JOBS_MAX at most */
    size_t job_count, job_capacity;
    bool is_commit_set;
    bool is_adopting; /* a job is queued */
    bool owes_welcome; /* rebuilt: what it was told goes into its own roster stream, as with every join */
    struct stream_id tampered;
    bool has_tampered;
    int64_t skew_ms; /* of its clock; `clock`: its last stamp */
    hlc clock;
    enum disk disk;
    enum breaks breaks;
    bool is_modern;  /* of a later version: writes kinds and says fields that nobody knows */
    bool has_denied; /* an adoption was refused: of kinds that it does not know itself */
};

void node_start(struct world *world, struct node *node);
void node_crash(struct world *world, struct node *node, bool is_power_cut);
void node_restore(struct world *world, struct node *node);
void node_commit(struct world *world, struct node *node);
struct view node_view(struct node *node);
/* Queues a job and sets the commit. The job's data is taken over. */
void node_queue(struct world *world, struct node *node, const struct job *job);
/* The parent (NULL for the hub, which writes its own) signs; the child starts when that is durable. */
void node_admit(struct world *world, struct node *child);
void node_revoke(struct world *world, struct node *node);
struct stream_id node_stream(struct world *world, struct node *node, enum topic topic);

#endif
