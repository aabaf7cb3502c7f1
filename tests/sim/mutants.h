/* mutants.h: runs broken variants until the simulator notices. */
#ifndef QANAT_TESTS_SIM_MUTANTS_H
#define QANAT_TESTS_SIM_MUTANTS_H

#include "tests/sim/sim.h"

enum { MUTANT_SEEDS_MAX = 300 };

/* The number of seeds it took, 0 when none of MUTANT_SEEDS_MAX showed it. Says what was noticed as a TAP
 * comment. */
unsigned mutant_hunt(enum sim_mutant mutant, const char *name);

#endif
