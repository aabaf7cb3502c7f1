/* expulsion.h: a node of the simulation is put out: what its revocation names is kept, everywhere the same. Private to tests/sim. */
#ifndef QANAT_TESTS_SIM_EXPULSION_H
#define QANAT_TESTS_SIM_EXPULSION_H

#include "tests/sim/job.h"
#include "tests/sim/world.h"

/* Writes the statement into the job: it names what `by` holds of `about` now, as the store's expel.h does. */
void expulsion_write(struct world *world, struct node *by, struct node *about, struct job *job);

/* Drops what the roster of `node` does not leave of revoked writers. */
void expulsion_trim(struct world *world, struct node *node);

/* At rest: nobody holds more of a revoked writer than where it ends, and who may hold it holds exactly that, when it is anywhere. */
bool expulsion_is_settled(struct world *world, const char **why_out);

#endif
