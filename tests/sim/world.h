/* world.h: the state of one simulated federation. Private to tests/sim. */
#ifndef QANAT_TESTS_SIM_WORLD_H
#define QANAT_TESTS_SIM_WORLD_H

#include "replication/peer/peer.h"
#include "tests/kit/federation.h"
#include "tests/kit/kit.h"
#include "tests/kit/memory_store.h"
#include "tests/sim/faults.h"
#include "tests/sim/handover.h"
#include "tests/sim/job.h"
#include "tests/sim/node.h"
#include "tests/sim/queue.h"
#include "tests/sim/sim.h"
#include "tests/sim/truth.h"

enum {
    LINKS_MAX = 40,
    RETRY_MS = 1000,
    IDLE_MS = 20 * 1000,
    REDIAL_MS = 3 * 1000,
    CREDIT_BYTES = 96 * 1024,
    LIVENESS_MS = 10 * 60 * 1000, /* virtual: faults stop, all is equal so soon */
    REST_MS = 30 * 60 * 1000,     /* and then nobody says a word for so long */
    COURSES_MAX = 32,
    COURSE_OBJECTS_MAX = 4,
    COURSE_PADDING_MAX = 14 * 1024,
    STORE_BYTES_MAX = 1024 * 1024,
    PENDING_JOBS_MAX = 4096,
};

struct session {
    struct peer *peer;
    uint64_t tick_ms; /* the tick that is set; UINT64_MAX: none */
    bool is_untold;   /* a receipt could not be stored */
};

struct link {
    int ends[2];
    bool is_up, is_cut; /* cut: stays down until healed */
    uint64_t epoch;     /* counts connections */
    uint64_t open_ms;   /* when the reopening that is set is due */
    struct session sessions[2];
    unsigned loss, twice, delay_ms; /* per mille, per mille, mean */
    bool is_deaf[2];                /* nothing arrives at this end */
    uint64_t clog_ms;               /* nothing arrives before */
};

struct course {
    int publisher;
    unsigned objects;
    struct hash object[COURSE_OBJECTS_MAX];
    uint32_t size[COURSE_OBJECTS_MAX];
    uint32_t padding; /* bytes beside, in the catalogue: three such courses need a second frame */
};

struct world {
    struct sim_options options;
    struct sim_result result;
    struct kit_random random, fault_random;
    unsigned faults;    /* kinds of this seed */
    bool has_lost_disk; /* objects may be gone for ever */
    uint64_t closes;    /* of links that were up */
    const struct federation *federation;
    struct queue queue;
    struct truth truth;
    uint64_t now_ms;
    struct node nodes[SIM_NODES_MAX];
    unsigned node_count;
    struct link links[LINKS_MAX];
    unsigned link_count;
    struct course courses[COURSES_MAX];
    unsigned course_count;
    bool has_expelled; /* somebody was revoked */
    bool has_turns;    /* somebody asked for new keys */
    bool is_safety; /* faults happen */
    bool has_byzantine;
    bool keeps_certificate; /* the dishonest relay: alters cells and shows the true certificate */
    struct handover handover;
    uint64_t spare; /* cells: how readily closed streams are adopted */
};

/* world.c */
void world_init(struct world *world, const struct sim_options *options);
void world_release(struct world *world);
uint64_t world_draw(struct world *world, uint64_t bound);
/* Two nodes get a link, unless they have one or there are too many. */
void world_link(struct world *world, int a, int b);
/* True with probability `per_mille`/1000. */
bool world_chance(struct world *world, unsigned per_mille);
struct id world_draw_id(struct world *world);
void world_fail(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
void world_hash(struct world *world, const void *data, size_t size);
void world_trace(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool world_may_hold(const struct world *world, const struct node *holder, const struct stream_id *stream);
struct node *world_find(struct world *world, const struct id *id);
void course_object(const struct course *course, unsigned index, struct buffer *out);

/* network.c */
void link_open(struct world *world, int link);
void link_close(struct world *world, int link, uint64_t reopen_after_ms);
void network_take(struct world *world, const struct sim_event *event);
void session_step(struct world *world, int link, int side, const struct peer_event *event);
/* Tells all sessions of the node that something changed. */
void node_changed(struct world *world, struct node *node);
void links_of_node(struct world *world, const struct node *node, bool is_up);

/* actions.c */
void action_draw(struct world *world);

#endif
