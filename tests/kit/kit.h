/* kit.h: what all tests share: cmocka with its headers in order, a seeded random source, scratch directories. */
#ifndef QANAT_TESTS_KIT_KIT_H
#define QANAT_TESTS_KIT_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A file of tests: what follows is the body of a function that returns KIT_RUN. The program it is linked into
 * is its room's (room.c), which runs each file in a process of its own. */
struct kit_tests {
    const char *path;
    int (*run)(void);
    struct kit_tests *next;
};
#define KIT_TESTS()                                                                                          \
    static int kit_tests_run(void);                                                                          \
    __attribute__((constructor)) static void kit_tests_found(void)                                           \
    {                                                                                                        \
        static struct kit_tests kit_tests_here = {__FILE__, kit_tests_run, NULL};                            \
        kit_tests_enter(&kit_tests_here);                                                                    \
    }                                                                                                        \
    static int kit_tests_run(void)

void kit_tests_enter(struct kit_tests *file);

/* Runs `tests` (an array of struct CMUnitTest) after sodium_init(). */
#define KIT_RUN(tests) (kit_setup(), cmocka_run_group_tests(tests, NULL, NULL))

void kit_setup(void);

/* SplitMix64: the same seed gives the same numbers everywhere. */
struct kit_random {
    uint64_t state;
};

void kit_random_seed(struct kit_random *random, uint64_t seed);
uint64_t kit_random_u64(struct kit_random *random);

/* Uniform in 0..bound-1; bound > 0. */
uint64_t kit_random_below(struct kit_random *random, uint64_t bound);

/* The seed for fresh cases: QANAT_SEED from the environment, else from the system; printed so that a failure can be repeated. */
uint64_t kit_fresh_seed(void);

/* A new empty directory, removed with everything in it by kit_scratch_remove(). */
void kit_scratch_make(char *path_out, size_t size);
void kit_scratch_remove(const char *path);

#endif
