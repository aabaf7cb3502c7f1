#include "tests/kit/kit.h"

#include <ftw.h>
#include <locale.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef WITH_SANITIZER
/* fontconfig keeps tables for the life of the process: nobody's leak. Asked for by the sanitizer at the end. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\n";
}

/* ZeroMQ, libuv and glib hand over by means that a build of our own code does not see. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "ignore_noninstrumented_modules=1";
}
#endif

void kit_setup(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    if (sodium_init() < 0) {
        abort();
    }
}

void kit_random_seed(struct kit_random *random, uint64_t seed)
{
    random->state = seed;
}

uint64_t kit_random_u64(struct kit_random *random)
{
    uint64_t z = (random->state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

uint64_t kit_random_below(struct kit_random *random, uint64_t bound)
{
    return kit_random_u64(random) % bound;
}

uint64_t kit_fresh_seed(void)
{
    const char *given = getenv("QANAT_SEED");
    uint64_t seed;

    if (given) {
        seed = strtoull(given, NULL, 10);
    } else {
        randombytes_buf(&seed, sizeof seed);
    }
    printf("# QANAT_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

void kit_scratch_make(char *path_out, size_t size)
{
    const char *base = getenv("TMPDIR");
    snprintf(path_out, size, "%s/qanat-test-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(path_out)) {
        abort();
    }
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
    (void)stat, (void)type, (void)ftw;
    return remove(path);
}

void kit_scratch_remove(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
