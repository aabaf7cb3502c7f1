#include "replication/stream/expand.h"

#include <stddef.h>
#include <string.h>

enum { BLOCKS = 32, WORDS = 16, SEED_WORDS = 8 };

_Static_assert(BLOCKS *WORDS * 2 == EXPAND_LANES, "two lanes a word");

#define ROTATE(x, n) (((x) << (n)) | ((x) >> (32 - (n))))
#define ROTATE_16(x) ROTATE(x, 16)
#define ROTATE_8(x)  ROTATE(x, 8)

#define QUARTER(a, b, c, d, rotate_16, rotate_8)                                                             \
    (a) += (b), (d) ^= (a), (d) = rotate_16(d), (c) += (d), (b) ^= (c), (b) = ROTATE(b, 12), (a) += (b),     \
                            (d) ^= (a), (d) = rotate_8(d), (c) += (d), (b) ^= (c), (b) = ROTATE(b, 7)

#define DOUBLE_ROUND(x, r16, r8)                                                                             \
    QUARTER((x)[0], (x)[4], (x)[8], (x)[12], r16, r8), QUARTER((x)[1], (x)[5], (x)[9], (x)[13], r16, r8),    \
        QUARTER((x)[2], (x)[6], (x)[10], (x)[14], r16, r8),                                                  \
        QUARTER((x)[3], (x)[7], (x)[11], (x)[15], r16, r8),                                                  \
        QUARTER((x)[0], (x)[5], (x)[10], (x)[15], r16, r8),                                                  \
        QUARTER((x)[1], (x)[6], (x)[11], (x)[12], r16, r8),                                                  \
        QUARTER((x)[2], (x)[7], (x)[8], (x)[13], r16, r8), QUARTER((x)[3], (x)[4], (x)[9], (x)[14], r16, r8)

/* The counters of the blocks that are computed together. */
static const uint32_t steps[8] = {0, 1, 2, 3, 4, 5, 6, 7};

/* A function that computes all blocks, `width` at a time in the elements of `vector`: one body for each
 * vector unit. */
#define EXPAND_DEFINE(name, vector, width, rotate_16, rotate_8, attribute)                                   \
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
                DOUBLE_ROUND(x, rotate_16, rotate_8);                                                        \
            }                                                                                                \
            x[12] += counter;                                                                                \
            for (size_t i = 0; i < WORDS; i++) {                                                             \
                x[i] += input[i];                                                                            \
                memcpy(out + 4 * (BLOCKS * i + block), &x[i], sizeof x[i]);                                  \
            }                                                                                                \
        }                                                                                                    \
    }

typedef uint32_t words_of_4 __attribute__((vector_size(16)));
EXPAND_DEFINE(expand_by_4, words_of_4, 4, ROTATE_16, ROTATE_8, )

#ifdef __x86_64__
typedef uint32_t words_of_8 __attribute__((vector_size(32)));
typedef uint8_t bytes_of_8 __attribute__((vector_size(32)));

/* AVX2 moves whole bytes within words in one instruction where a rotation takes three. */
#define WORD_BYTES(i, a, b, c, d) 4 * (i) + (a), 4 * (i) + (b), 4 * (i) + (c), 4 * (i) + (d)
#define BYTES_MOVE(x, a, b, c, d)                                                                            \
    ((words_of_8)__builtin_shufflevector(                                                                    \
        (bytes_of_8)(x), (bytes_of_8)(x), WORD_BYTES(0, a, b, c, d), WORD_BYTES(1, a, b, c, d),              \
        WORD_BYTES(2, a, b, c, d), WORD_BYTES(3, a, b, c, d), WORD_BYTES(4, a, b, c, d),                     \
        WORD_BYTES(5, a, b, c, d), WORD_BYTES(6, a, b, c, d), WORD_BYTES(7, a, b, c, d)))
#define BYTES_MOVE_16(x) BYTES_MOVE(x, 2, 3, 0, 1)
#define BYTES_MOVE_8(x)  BYTES_MOVE(x, 3, 0, 1, 2)
EXPAND_DEFINE(expand_by_8, words_of_8, 8, BYTES_MOVE_16, BYTES_MOVE_8, __attribute__((target("avx2"))))
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

/* On a machine that stores the high half of a word first, the halves have landed in the wrong order. */
static void halves_order(uint16_t lanes[EXPAND_LANES])
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    for (size_t i = 0; i < EXPAND_LANES; i += 2) {
        uint16_t high = lanes[i];
        lanes[i] = lanes[i + 1];
        lanes[i + 1] = high;
    }
#else
    (void)lanes;
#endif
}

void expand_seed_portable(const uint8_t seed[EXPAND_SEED_SIZE], uint16_t lanes_out[EXPAND_LANES])
{
    uint32_t input[WORDS];

    input_load(seed, input);
    expand_by_4(input, (uint8_t *)lanes_out);
    halves_order(lanes_out);
}

void expand_seed(const uint8_t seed[EXPAND_SEED_SIZE], uint16_t lanes_out[EXPAND_LANES])
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2")) {
        uint32_t input[WORDS];
        input_load(seed, input);
        expand_by_8(input, (uint8_t *)lanes_out);
        return;
    }
#endif
    expand_seed_portable(seed, lanes_out);
}
