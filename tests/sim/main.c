/* sim: runs seeds of the simulator and says which ones break an invariant. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/kit/kit.h"
#include "tests/sim/sim.h"

static int usage(void)
{
    fprintf(stderr, "usage: sim [--seeds A-B] [--nodes N] [--steps N] [--mutant N] [--first] [--plain] [--keyless] [--faults MASK] [--trace]\n"
                    "Runs the seeds A to B (default 1-100) and prints those that break an invariant, up to "
                    "the first with\n"
                    "--first; --plain leaves out the faults of faults.h, --keyless changes of keys; "
                    "--faults says which; --trace shows each event on stderr. Exit status 1 when one broke.\n");
    return 2;
}

struct totals {
    uint64_t seeds, broken, steps, frames, lost, crashes, restores, losses, turns, handovers, clones, gone, anew, yielded, writes, objects, adopted, healed,
        slowest_ms;
};

static void totals_add(struct totals *totals, uint64_t seed, const struct sim_result *result)
{
    totals->seeds++;
    totals->steps += result->steps;
    totals->frames += result->frames;
    totals->lost += result->lost;
    totals->crashes += result->crashes;
    totals->restores += result->restores;
    totals->losses += result->losses;
    totals->turns += result->turns;
    totals->handovers += result->handovers;
    totals->clones += result->clones;
    totals->gone += result->gone;
    totals->anew += result->anew;
    totals->yielded += result->yielded;
    totals->writes += result->writes;
    totals->objects += result->objects;
    totals->adopted += result->adopted;
    totals->healed += result->healed;
    totals->slowest_ms = result->rest_ms > totals->slowest_ms ? result->rest_ms : totals->slowest_ms;
    if (!result->is_ok) {
        totals->broken++;
        printf("seed %llu, %u nodes: %s\n", (unsigned long long)seed, result->nodes, result->violation);
        fflush(stdout);
    }
}

static void totals_print(const struct totals *totals, clock_t took)
{
    printf("%llu seeds, %llu broken: %llu steps, %llu writes, %llu objects, %llu frames (%llu lost), %llu "
           "crashes, "
           "%llu restores, %llu machines lost, %llu keys changed, %llu hubs replaced, %llu machines copied (%llu thrown away, %llu began anew), "
           "%llu adoptions, %llu healed, %llu given up, slowest rest %llu s, %.1f ms a seed\n",
           (unsigned long long)totals->seeds, (unsigned long long)totals->broken,
           (unsigned long long)totals->steps, (unsigned long long)totals->writes,
           (unsigned long long)totals->objects, (unsigned long long)totals->frames,
           (unsigned long long)totals->lost, (unsigned long long)totals->crashes,
           (unsigned long long)totals->restores, (unsigned long long)totals->losses, (unsigned long long)totals->turns,
           (unsigned long long)totals->handovers, (unsigned long long)totals->clones,
           (unsigned long long)totals->gone, (unsigned long long)totals->anew,
           (unsigned long long)totals->adopted,
           (unsigned long long)totals->healed, (unsigned long long)totals->yielded, (unsigned long long)(totals->slowest_ms / 1000),
           1000.0 * (double)took / CLOCKS_PER_SEC / (double)totals->seeds);
}

int main(int argc, char **argv)
{
    static const struct option known[] = {
        {"seeds", required_argument, NULL, 's'},
        {"nodes", required_argument, NULL, 'n'},
        {"steps", required_argument, NULL, 'p'},
        {"mutant", required_argument, NULL, 'm'},
        {"trace", no_argument, NULL, 't'},
        {"first", no_argument, NULL, 'f'},
        {"plain", no_argument, NULL, 'l'},
        {"keyless", no_argument, NULL, 'k'},
        {"faults", required_argument, NULL, 'a'},
        {NULL, 0, NULL, 0},
    };
    struct sim_options options = {0};
    struct totals totals = {0};
    unsigned long long first = 1, last = 100;
    bool is_first_enough = false;

    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        if (option == 's') {
            int count = sscanf(optarg, "%llu-%llu", &first, &last);
            last = count == 1 ? first : last;
        } else if (option == 'n') {
            options.nodes = (unsigned)strtoul(optarg, NULL, 10);
        } else if (option == 'p') {
            options.steps = (unsigned)strtoul(optarg, NULL, 10);
        } else if (option == 'm') {
            options.mutant = (enum sim_mutant)strtoul(optarg, NULL, 10);
        } else if (option == 'f') {
            is_first_enough = true;
        } else if (option == 'l') {
            options.is_plain = true;
        } else if (option == 'k') {
            options.is_keyless = true;
        } else if (option == 'a') {
            options.faults = (unsigned)strtoul(optarg, NULL, 0);
        } else if (option == 't') {
            options.trace = stderr;
        } else {
            return usage();
        }
    }
    kit_setup();
    clock_t began = clock();
    for (unsigned long long seed = first; seed <= last && !(is_first_enough && totals.broken > 0); seed++) {
        options.seed = seed;
        struct sim_result result = sim_run(&options);
        totals_add(&totals, seed, &result);
    }
    totals_print(&totals, clock() - began);
    return totals.broken > 0;
}
