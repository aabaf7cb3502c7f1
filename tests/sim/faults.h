/* faults.h: what else goes wrong, beyond lost frames, crashes and backups (actions.h draws those).
 *
 * Each seed has some of the kinds, drawn from a source of their own, so that a seed without them (sim_options.is_plain)
 * runs as it did before there were any; whether keys change is drawn from another one, for the same reason
 * (sim_options.is_keyless). All of it ends with the safety phase; what a lost disk took stays lost. */
#ifndef QANAT_TESTS_SIM_FAULTS_H
#define QANAT_TESTS_SIM_FAULTS_H

#include "replication/base/bytes.h"
#include "replication/crdt/hlc.h"

enum fault_kind {
    FAULT_DEAF = 1,     /* a link carries frames one way only, and stays up */
    FAULT_CLOG = 2,     /* a link holds everything back for seconds, then all of it comes at once */
    FAULT_CLOCKS = 4,   /* clocks stand in 1970 or 2099, or hours off, and jump */
    FAULT_DISK = 8,     /* full for objects or for everything; an fsync that fails; a crash between commit and reply */
    FAULT_LOSS = 16,    /* a machine is gone with its disk: rebuilt from its keys and whatever its neighbours hold */
    FAULT_VERSIONS = 32, /* some nodes are of a later version: kinds, fields and messages that nobody else knows */
    FAULT_KEYS = 64,     /* nodes change their keys (turn.h) */
    FAULT_CLONES = 128,  /* machines are copied (clone.h); over the real store */
    FAULT_HANDOVER = 512 /* another node becomes the hub (handover.h); never drawn by itself */
};
enum { FAULT_KINDS_FIRST = 6, FAULT_KINDS = 8, FAULTS_ALL = (1 << FAULT_KINDS) - 1, FAULT_HASTY = 256 /* never drawn by itself: clone.h */ };

/* What a disk still takes, and what happens to the next commit. */
enum disk { DISK_SOUND, DISK_FULL_FOR_OBJECTS, DISK_FULL, DISK_STATES };
enum breaks { BREAKS_NOTHING, BREAKS_UNSYNCED, BREAKS_UNTOLD };

struct world;
struct node;

void faults_init(struct world *world);
/* One of them, now and then. */
void fault_draw(struct world *world);
void faults_end(struct world *world);

/* The machine is gone; another begins with the old keys and the roster of `from`. */
void node_lose(struct world *world, struct node *node, const struct node *from);

/* Before that: its people know whom they let join. Who did moments ago brings its roster on a stick: nobody else would let it in (47020608 of 512). */
void node_take_sticks(struct world *world, struct node *node);

/* What a rebuilt node was told goes into its roster stream, unless it is there. */
void welcome_queue(struct world *world, struct node *node);

/* What the node's clock says, and a stamp for what it writes, never behind its last. */
uint64_t node_wall_ms(const struct world *world, const struct node *node);
hlc node_stamp(struct world *world, struct node *node);

/* A frame as a later version would have said it: with a field that nobody knows. `frame` is replaced (owned). */
void frame_modernise(struct world *world, struct buffer *frame);

#endif
