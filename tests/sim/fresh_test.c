/* Seeds that nobody has run before, several thousand in each run of make check, on all processors. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kit/kit.h"
#include "tests/sim/sim.h"

#ifdef WITH_SANITIZER
enum { SEEDS = 200 }; /* each costs ten times as much */
#else
enum { SEEDS = 5000 };
#endif

enum { PROCESSES_MAX = 8 };

/* Runs every `stride`th seed from `first` on; how many broke an invariant, 100 at most. */
static int seeds_run(uint64_t first, uint64_t count, uint64_t stride)
{
    int broken = 0;

    for (uint64_t i = 0; i < count && broken < 100; i += stride) {
        struct sim_options options = {.seed = first + i, .steps = SIM_STEPS_MIN};
        struct sim_result result = sim_run(&options);
        if (!result.is_ok || result.steps < SIM_STEPS_MIN) {
            printf("# seed %llu: %s\n# repeat with: tests/sim/sim --seeds %llu --steps %d --trace\n",
                   (unsigned long long)(first + i), result.violation, (unsigned long long)(first + i),
                   SIM_STEPS_MIN);
            broken++;
        }
    }
    fflush(stdout);
    return broken;
}

static void fresh_seeds_hold(void **state)
{
    const char *asked = getenv("QANAT_SIM_SEEDS");
    uint64_t first = kit_fresh_seed(), count = asked ? strtoull(asked, NULL, 10) : SEEDS;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int stride = processors < 1 ? 1 : processors > PROCESSES_MAX ? PROCESSES_MAX : (int)processors;
    pid_t children[PROCESSES_MAX];
    (void)state;

    fflush(stdout);
    for (int i = 0; i < stride; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            _exit(seeds_run(first + (uint64_t)i, count - (uint64_t)i, (uint64_t)stride));
        }
    }
    for (int i = 0; i < stride; i++) {
        int status = -1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fresh_seeds_hold),
    };
    return KIT_RUN(tests);
}
