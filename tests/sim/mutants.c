#include "tests/sim/mutants.h"

unsigned mutant_hunt(enum sim_mutant mutant, const char *name)
{
    struct sim_options options = {.mutant = mutant};

    for (unsigned tried = 1; tried <= MUTANT_SEEDS_MAX; tried++) {
        options.seed = tried;
        struct sim_result result = sim_run(&options);
        if (!result.is_ok) {
            printf("# %s: noticed by seed %u: %s\n", name, tried, result.violation);
            return tried;
        }
    }
    return 0;
}
