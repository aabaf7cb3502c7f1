/* sim.h: a whole federation in one process: real sessions, stores in memory, virtual time, a hostile network
 * and failing machines.
 *
 * A run is a function of its options: the same seed gives the same events, frame by frame. First the safety
 * phase, in which everything goes wrong; then the faults stop and the federation must come to rest within
 * LIVENESS_MS of virtual time. Invariants: truth.h. */
#ifndef QANAT_TESTS_SIM_SIM_H
#define QANAT_TESTS_SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum {
    SIM_NODES_MIN = 3,
    SIM_NODES_USUAL = 9, /* drawn up to here; every eighth seed has more */
    SIM_NODES_MAX = 17,
    SIM_STEPS_MIN = 200,
};

/* Ways to be broken on purpose, in the simulated node; bugs of the core are planted by planted.sh, and two of
 * them need something around them. */
enum sim_mutant {
    MUTANT_NONE,
    MUTANT_EARLY_ACK,  /* acknowledges before it is durable */
    MUTANT_ADDED_CELL, /* adds what comes to what is there */
    MUTANT_REUSED_SEQ, /* writes on under the old incarnation after a restore */
    MUTANT_UNCHECKED,  /* nothing but a dishonest relay in every run, for what does not check */
    MUTANT_OVERWRITE,  /* nothing but a store that replaces whatever comes, for what takes any state for newer
                        */
    MUTANT_BESIDE,     /* counts what was adopted beside what adopted it */
    MUTANT_SPLIT,      /* certifies the adopted values before the sentence that says so */
    MUTANT_UNSAID,     /* does not take over what an adopted stream had adopted */
};

struct sim_options {
    uint64_t seed;
    unsigned nodes; /* SIM_NODES_MIN to SIM_NODES_MAX; 0: drawn */
    unsigned steps; /* actions and frames of the safety phase, at least SIM_STEPS_MIN; 0: drawn */
    enum sim_mutant mutant;
    unsigned faults; /* which kinds (faults.h); 0: drawn */
    bool is_plain;   /* as seeds.txt: none of these, and compressed as hard as the core asks for (thrifty.h) */
    bool is_keyless; /* seeds.txt: drawn without changes of keys */
    FILE *trace; /* a line for each event and effect; may be NULL */
};

struct sim_result {
    bool is_ok;
    char violation[256]; /* the first invariant broken, or "" */
    uint64_t trace_hash; /* over every event: equal for equal options */
    unsigned nodes;
    uint64_t steps;   /* of the safety phase */
    uint64_t rest_ms; /* virtual time from the last fault to rest */
    uint64_t frames, bytes, lost, crashes, restores, writes, objects;
    uint64_t adopted; /* closed streams counted in a living one */
    uint64_t healed;  /* of these, found longer later */
    uint64_t losses;  /* machines gone with their disks */
    uint64_t turns;   /* changes of keys */
    uint64_t handovers; /* another became the hub */
    uint64_t yielded; /* adoptions given up again */
    uint64_t clones;  /* machines copied, both living */
    uint64_t gone, anew; /* copies thrown away; nodes that began anew because something counted twice */
};

struct sim_result sim_run(const struct sim_options *options);

#endif
