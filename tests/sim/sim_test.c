#include "tests/sim/sim.h"

#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"
#include "tests/sim/faults.h"
#include "tests/sim/mutants.h"

#ifdef WITH_SANITIZER
enum { KEY_SEEDS = 20, HANDOVER_SEEDS = 20, SEED_STRIDE = 8 }; /* each costs ten times as much */
#else
enum { KEY_SEEDS = 120, HANDOVER_SEEDS = 120, SEED_STRIDE = 1 };
#endif

/* As it was when it failed: other faults, frames of other sizes, or other steps would tell another story. A line "faulty SEED STEPS" is of
 * those that have faults, from before nodes changed their keys; "keyed SEED STEPS" has all there are,
 * "drawn" those that the seed draws. */
static void seed_must_hold(const char *line)
{
    bool is_faulty = strncmp(line, "faulty ", 7) == 0, is_keyed = strncmp(line, "keyed ", 6) == 0, is_drawn = strncmp(line, "drawn ", 6) == 0;
    char *end;
    uint64_t seed = strtoull(line + (is_faulty ? 7 : is_keyed || is_drawn ? 6 : 0), &end, 10);
    struct sim_options options = {.seed = seed,
                                  .steps = (unsigned)strtoul(end, NULL, 10),
                                  .is_plain = !is_faulty && !is_keyed && !is_drawn,
                                  .is_keyless = is_faulty,
                                  .faults = is_keyed ? FAULTS_ALL : 0};
    struct sim_result result = sim_run(&options);

    if (!result.is_ok) {
        printf("# %s: %s\n# repeat with: tests/sim/sim --seeds %llu --steps %u %s --trace\n", line, result.violation,
               (unsigned long long)seed, options.steps, is_faulty ? "--keyless" : is_keyed ? "--faults 127" : is_drawn ? "" : "--plain");
    }
    assert_true(result.is_ok);
    assert_true(result.steps >= SIM_STEPS_MIN);
}

static void seeds_that_once_failed_hold(void **state)
{
    char path[1024], line[64];
    unsigned count = 0;
    (void)state;

    snprintf(path, sizeof path, "%s/tests/sim/seeds.txt", getenv("QANAT_SRC") ? getenv("QANAT_SRC") : ".");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        if (line[0] != '#' && line[0] != '\n') {
            if (count % SEED_STRIDE == 0) {
                seed_must_hold(line);
            }
            count++;
        }
    }
    fclose(file);
    assert_true(count > 0);
}

static void the_same_seed_gives_the_same_trace(void **state)
{
    struct sim_options options = {.seed = 4};
    (void)state;

    struct sim_result first = sim_run(&options);
    struct sim_result second = sim_run(&options);
    assert_true(first.trace_hash == second.trace_hash && first.frames == second.frames);
    options.seed = 5;
    struct sim_result other = sim_run(&options);
    assert_true(other.trace_hash != first.trace_hash);
}

static void the_smallest_and_the_largest_federation_hold(void **state)
{
    (void)state;
    for (unsigned nodes = SIM_NODES_MIN; nodes <= SIM_NODES_MAX; nodes += SIM_NODES_MAX - SIM_NODES_MIN) {
        struct sim_options options = {.seed = 1, .nodes = nodes, .steps = SIM_STEPS_MIN};
        struct sim_result result = sim_run(&options);
        assert_true(result.is_ok && result.nodes == nodes);
    }
}

/* Nothing else goes wrong than changes of keys: the same seeds each time. */
static void who_changes_its_keys_loses_nothing(void **state)
{
    uint64_t turns = 0;
    (void)state;

    for (uint64_t seed = 1; seed <= KEY_SEEDS; seed++) {
        struct sim_options options = {.seed = seed, .faults = FAULT_KEYS};
        struct sim_result result = sim_run(&options);
        if (!result.is_ok) {
            printf("# %s\n# repeat with: tests/sim/sim --seeds %llu --faults %d --trace\n", result.violation, (unsigned long long)seed, FAULT_KEYS);
        }
        assert_true(result.is_ok);
        turns += result.turns;
    }
    assert_true(turns > KEY_SEEDS);
}

static uint64_t handover_must_hold(uint64_t seed, unsigned faults)
{
    struct sim_options options = {.seed = seed, .faults = faults};
    struct sim_result result = sim_run(&options);

    if (!result.is_ok) {
        printf("# %s\n# repeat with: tests/sim/sim --seeds %llu --faults %u --trace\n", result.violation, (unsigned long long)seed, faults);
    }
    assert_true(result.is_ok);
    return result.handovers;
}

/* Another node becomes the hub, and nothing else goes wrong than what always may. */
static void who_follows_a_hub_misses_nothing(void **state)
{
    uint64_t handovers = 0;
    (void)state;

    for (uint64_t seed = 1; seed <= HANDOVER_SEEDS; seed++) {
        handovers += handover_must_hold(seed, FAULT_HANDOVER);
    }
    assert_true(handovers > HANDOVER_SEEDS / 2);
}

/* A session that was stepped for ever; rights that changed in the commit in which something was taken by those of before; a former hub that went back to
 * before the handover; a key that it admitted too late; who lost its disk changed its keys before a former hub gave back what it had acknowledged, three
 * times results and once a catalogue; what was signed with a key that it admitted too late was taken for blame (46003213, the simulator's own); who was built
 * anew from its roster, waited for it alone and changed its keys (46001686); people went back to a key that was closed in vain (47002334, the
 * simulator's own); who meets a former hub that was built anew under another key, and has not heard of the handover, took what it signs for forged
 * (47074604); whom only the machine of the former hub had admitted was let in by nobody any more (47020608, 47090264, the simulator's own);
 * a pass over the wants that nobody went on with where a sibling became the hub above (48010416, 48010840). */
static void handovers_that_broke_something_hold(void **state)
{
    static const uint64_t seeds[] = {123, 868, 911, 47020608, 48010416, 48010840}, lossy[] = {47090264};
    static const uint64_t keyed[] = {163, 45100214, 46002259, 46002303, 46003550, 46003213, 46001686, 47002334, 47074604};
    (void)state;

    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        assert_int_equal(handover_must_hold(seeds[i], FAULT_HANDOVER), 1);
    }
    for (size_t i = 0; i < sizeof lossy / sizeof *lossy; i++) {
        assert_int_equal(handover_must_hold(lossy[i], FAULT_LOSS | FAULT_HANDOVER), 1);
    }
    for (size_t i = 0; i < sizeof keyed / sizeof *keyed; i++) {
        assert_int_equal(handover_must_hold(keyed[i], 127 | FAULT_HANDOVER), 1);
    }
}

static void acknowledging_before_durable_is_noticed(void **state)
{
    (void)state;
    assert_true(mutant_hunt(MUTANT_EARLY_ACK, "acknowledged before durable") > 0);
}

static void adding_a_cell_instead_of_replacing_it_is_noticed(void **state)
{
    (void)state;
    assert_true(mutant_hunt(MUTANT_ADDED_CELL, "cell added") > 0);
}

static void reusing_a_seq_after_a_restore_is_noticed(void **state)
{
    (void)state;
    assert_true(mutant_hunt(MUTANT_REUSED_SEQ, "seq reused") > 0);
}

static void counting_an_adopted_stream_beside_is_noticed(void **state)
{
    (void)state;
    assert_true(mutant_hunt(MUTANT_BESIDE, "adopted and counted beside") > 0);
}

static void certifying_values_before_their_sentence_is_noticed(void **state)
{
    (void)state;
    assert_true(mutant_hunt(MUTANT_SPLIT, "adopted under two certificates") > 0);
}

static void forgetting_what_the_adopted_had_adopted_is_noticed(void **state)
{
    (void)state;
    assert_true(mutant_hunt(MUTANT_UNSAID, "sentences not taken over") > 0);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_that_once_failed_hold),
        cmocka_unit_test(the_same_seed_gives_the_same_trace),
        cmocka_unit_test(the_smallest_and_the_largest_federation_hold),
        cmocka_unit_test(who_changes_its_keys_loses_nothing),
        cmocka_unit_test(who_follows_a_hub_misses_nothing),
        cmocka_unit_test(handovers_that_broke_something_hold),
        cmocka_unit_test(acknowledging_before_durable_is_noticed),
        cmocka_unit_test(adding_a_cell_instead_of_replacing_it_is_noticed),
        cmocka_unit_test(reusing_a_seq_after_a_restore_is_noticed),
        cmocka_unit_test(counting_an_adopted_stream_beside_is_noticed),
        cmocka_unit_test(certifying_values_before_their_sentence_is_noticed),
        cmocka_unit_test(forgetting_what_the_adopted_had_adopted_is_noticed),
    };
    return KIT_RUN(tests);
}
