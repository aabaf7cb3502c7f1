/* turn.h: nodes of the simulation change their keys (replication/trust/rekey.h): the part of node/app_turn.h, and of the people who
 * ask and admit. Private to tests/sim.
 *
 * A node asks (REKEY), people at the node above admit it (GRANT; for the hub the authority does), and when that is heard and everybody who
 * may hold its results acknowledged its closed streams, it begins a fresh incarnation under the new key and says CLOSE, in one
 * commit. Key files are no part of the database: restores leave them, a crash before that commit is durable takes the change back. */
#ifndef QANAT_TESTS_SIM_TURN_H
#define QANAT_TESTS_SIM_TURN_H

#include "replication/trust/identity.h"
#include "tests/sim/job.h"

enum { TURNS_MAX = IDENTITY_FORMER_MAX }; /* so that somebody who was away for all of it still finds a door */

struct world;
struct node;

struct turn {
    struct identity present; /* node.key, and node.key.former */
    struct identity next;    /* node.key.next */
    struct identity before;  /* while a CLOSE is not durable */
    struct identity history[TURNS_MAX + 1]; /* those of each turn, up to `count` */
    bool has_next, is_closing;
    bool is_restored;  /* the database is an older one: its people look which key is still good */
    bool is_queued;    /* a job of it waits */
    bool is_too_large; /* more streams than one CLOSE names */
    int said;          /* since it started, in which state (enum turn_state), what waits for an answer, -1: nothing */
    struct id said_in; /* and in which incarnation */
    bool is_said_early; /* before the node heard of its own keys, which nobody may ask with: people ask again */
    unsigned count;
};

void turn_init(struct world *world, struct node *node);

/* Somebody asks for new keys, or admits some. */
void turn_draw(struct world *world);

/* What is due at this node, after a commit: said again, closed; when the faults have stopped, its people admit what is asked for. */
void turn_look(struct world *world, struct node *node);

/* It starts: a CLOSE that became durable holds, another one was never said. With a database that was put back, and keys that nobody
 * heard of, it begins with those before (those of the backup). */
void turn_start(struct world *world, struct node *node);

/* Jobs of the kinds ASK, GRANT, WAIT and CLOSE. */
void turn_run(struct world *world, struct node *node, struct job *job);
/* The disk is full: the next look may try again (a real node looks at each start, and when its roster changes). */
void turn_refused(struct node *node, const struct job *job);
void turn_acknowledge(struct world *world, struct node *node, const struct job *job);

/* Do their keys fit: does the listener know one of the dialler's, and the dialler one of the listener's? */
bool turn_keys_fit(const struct node *dialler, const struct node *listener);

/* Does `by` know the present keys of `about`? */
bool turn_is_known(const struct node *by, const struct node *about);

/* Has the writer changed to a key that, as `by` knows it, was admitted in vain (by the former hub, after the paper was written)? Until it is admitted anew,
 * nothing but its roster streams is taken there. */
bool turn_is_void(const struct node *by, const struct id *writer);

/* People look again which keys everybody knows. */
void turn_end(struct world *world);

/* A CLOSE names an end of the stream that was lost (`floor_seq`: what is left of it by the truth), and nobody has it: what there is below it
 * goes no further, nor does what it adopted. */
bool turn_is_cut_off(struct world *world, const struct stream_id *stream, uint64_t floor_seq);

/* At rest: nobody waits for a key, and everybody knows the keys of everybody. */
bool turn_is_settled(struct world *world, const char **why_out);

#endif
