#include "replication/stream/expand.h"

#include <stddef.h>
#include <string.h>

enum { BLOCKS = 32, WORDS = 16, SEED_WORDS = 8 };

_Static_assert(BLOCKS *WORDS * 2 == EXPAND_LANES, "two lanes a word");

#define ROTATE(x, n) (((x) << (n)) | ((x) >> (32 - (n))))

#define QUARTER(a, b, c, d)                                                                                  \
    (a) += (b), (d) ^= (a), (d) = ROTATE(d, 16), (c) += (d), (b) ^= (c), (b) = ROTATE(b, 12), (a) += (b),    \
                            (d) ^= (a), (d) = ROTATE(d, 8), (c) += (d), (b) ^= (c), (b) = ROTATE(b, 7)

#define DOUBLE_ROUND(x)                                                                                      \
    QUARTER((x)[0], (x)[4], (x)[8], (x)[12]), QUARTER((x)[1], (x)[5], (x)[9], (x)[13]),                      \
        QUARTER((x)[2], (x)[6], (x)[10], (x)[14]), QUARTER((x)[3], (x)[7], (x)[11], (x)[15]),                \
        QUARTER((x)[0], (x)[5], (x)[10], (x)[15]), QUARTER((x)[1], (x)[6], (x)[11], (x)[12]),                \
        QUARTER((x)[2], (x)[7], (x)[8], (x)[13]), QUARTER((x)[3], (x)[4], (x)[9], (x)[14])

/* The counters of the blocks that are computed together. */
static const uint32_t steps[8] = {0, 1, 2, 3, 4, 5, 6, 7};

/* A function that computes all blocks, `width` at a time in the elements of `vector`: one body for each
 * vector unit. */
#define EXPAND_DEFINE(name, vector, width, attribute)                                                        \
    attribute static void name(const uint32_t input[WORDS], uint8_t out[4 * BLOCKS * WORDS])                 \
    {                                                                                                        \
        for (uint32_t block = 0; block < BLOCKS; block += (width)) {                                         \
            vector x[WORDS], counter;                                                                        \
            memcpy(&counter, steps, sizeof counter);                                                         \
            counter += block;                                                                                \
            for (size_t i = 0; i < WORDS; i++) {                                                             \
                x[i] = (vector){0} + input[i];                                                               \
            }                                                                                                \
            x[12] += counter;                                                                                \
            for (unsigned round = 0; round < EXPAND_ROUNDS; round += 2) {                                    \
                DOUBLE_ROUND(x);                                                                             \
            }                                                                                                \
            x[12] += counter;                                                                                \
            for (size_t i = 0; i < WORDS; i++) {                                                             \
                x[i] += input[i];                                                                            \
                memcpy(out + 4 * (BLOCKS * i + block), &x[i], sizeof x[i]);                                  \
            }                                                                                                \
        }                                                                                                    \
    }

typedef uint32_t words_of_4 __attribute__((vector_size(16)));
EXPAND_DEFINE(expand_by_4, words_of_4, 4, )

#ifdef __x86_64__
typedef uint32_t words_of_8 __attribute__((vector_size(32)));
EXPAND_DEFINE(expand_by_8, words_of_8, 8, __attribute__((target("avx2"))))
#endif

/* The constant, the key (the seed), counter and nonce: RFC 8439, 2.3, with a 64-bit counter that fits its
 * first word. */
static void input_load(const uint8_t seed[EXPAND_SEED_SIZE], uint32_t input[WORDS])
{
    static const uint32_t constant[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

    memset(input, 0, WORDS * sizeof *input);
    memcpy(input, constant, sizeof constant);
    for (size_t i = 0; i < SEED_WORDS; i++) {
        const uint8_t *raw = seed + 4 * i;
        input[4 + i] =
            (uint32_t)raw[0] | (uint32_t)raw[1] << 8 | (uint32_t)raw[2] << 16 | (uint32_t)raw[3] << 24;
    }
}

void expand_seed(const uint8_t seed[EXPAND_SEED_SIZE], uint16_t lanes_out[EXPAND_LANES])
{
    uint32_t input[WORDS];

    input_load(seed, input);
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2")) {
        expand_by_8(input, (uint8_t *)lanes_out);
    } else {
        expand_by_4(input, (uint8_t *)lanes_out);
    }
#else
    expand_by_4(input, (uint8_t *)lanes_out);
#endif
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    for (size_t i = 0; i < EXPAND_LANES; i += 2) {
        uint16_t high = lanes_out[i];
        lanes_out[i] = lanes_out[i + 1];
        lanes_out[i + 1] = high;
    }
#endif
}
