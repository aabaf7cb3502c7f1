/* Fresh seeds over the real store. QANAT_SIM_REAL_SEEDS says how many, QANAT_SEED repeats them. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/kit/kit.h"
#include "tests/sim/sim.h"

#ifdef __SANITIZE_ADDRESS__
enum { SEEDS = 12 };
#else
enum { SEEDS = 60 };
#endif

static void fresh_seeds_hold_over_the_real_store(void **state)
{
    const char *asked = getenv("QANAT_SIM_REAL_SEEDS");
    uint64_t first = kit_fresh_seed(), count = asked ? strtoull(asked, NULL, 10) : SEEDS, broken = 0;
    (void)state;

    for (uint64_t i = 0; i < count; i++) {
        struct sim_options options = {.seed = first + i, .steps = SIM_STEPS_MIN};
        struct sim_result result = sim_run(&options);
        if (!result.is_ok || result.steps < SIM_STEPS_MIN) {
            printf("# seed %llu: %s\n# repeat with: tests/sim/sim_real --seeds %llu --steps %d --trace\n", (unsigned long long)(first + i),
                   result.violation, (unsigned long long)(first + i), SIM_STEPS_MIN);
            broken++;
        }
    }
    assert_int_equal(broken, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fresh_seeds_hold_over_the_real_store),
    };
    return KIT_RUN(tests);
}
