#include "replication/stream/expand.h"
#include "tests/kit/kit.h"

#include <sodium.h>
#include <string.h>

/* One plain ChaCha block (RFC 8439, 2.3) with as many rounds as asked: the yardstick. */
static uint32_t rotate(uint32_t x, unsigned n)
{
    return x << n | x >> (32 - n);
}

static void quarter(uint32_t x[16], size_t a, size_t b, size_t c, size_t d)
{
    x[a] += x[b], x[d] = rotate(x[d] ^ x[a], 16);
    x[c] += x[d], x[b] = rotate(x[b] ^ x[c], 12);
    x[a] += x[b], x[d] = rotate(x[d] ^ x[a], 8);
    x[c] += x[d], x[b] = rotate(x[b] ^ x[c], 7);
}

static void plain_block(const uint8_t seed[32], uint32_t counter, unsigned rounds, uint32_t out[16])
{
    uint32_t start[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}, x[16];

    for (size_t i = 0; i < 32; i++) {
        start[4 + i / 4] |= (uint32_t)seed[i] << (8 * (i % 4));
    }
    start[12] = counter;
    memcpy(x, start, sizeof x);
    for (unsigned round = 0; round < rounds; round += 2) {
        for (size_t i = 0; i < 4; i++) {
            quarter(x, i, 4 + i, 8 + i, 12 + i);
        }
        for (size_t i = 0; i < 4; i++) {
            quarter(x, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
        }
    }
    for (size_t i = 0; i < 16; i++) {
        out[i] = x[i] + start[i];
    }
}

static void the_yardstick_with_20_rounds_is_libsodiums(void **state)
{
    static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
    uint8_t seed[32], stream[3 * 64];
    uint32_t block[16];
    (void)state;

    memset(seed, 0xa5, sizeof seed);
    crypto_stream_chacha20(stream, sizeof stream, nonce, seed);
    for (uint32_t counter = 0; counter < 3; counter++) {
        plain_block(seed, counter, 20, block);
        for (size_t i = 0; i < 64; i++) {
            assert_int_equal(stream[64 * counter + i], (uint8_t)(block[i / 4] >> (8 * (i % 4))));
        }
    }
}

static void an_element_is_32_blocks_word_by_word_on_any_processor(void **state)
{
    struct kit_random random;
    uint8_t seed[EXPAND_SEED_SIZE];
    uint16_t lanes[EXPAND_LANES], portable[EXPAND_LANES];
    uint32_t block[16];
    (void)state;

    kit_random_seed(&random, 1);
    for (unsigned trial = 0; trial < 20; trial++) {
        for (size_t i = 0; i < sizeof seed; i++) {
            seed[i] = (uint8_t)kit_random_u64(&random);
        }
        expand_seed(seed, lanes);
        expand_seed_portable(seed, portable);
        assert_memory_equal(lanes, portable, sizeof lanes);
        for (uint32_t counter = 0; counter < 32; counter++) {
            plain_block(seed, counter, EXPAND_ROUNDS, block);
            for (size_t word = 0; word < 16; word++) {
                assert_int_equal(lanes[2 * (32 * word + counter)], (uint16_t)block[word]);
                assert_int_equal(lanes[2 * (32 * word + counter) + 1], (uint16_t)(block[word] >> 16));
            }
        }
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_yardstick_with_20_rounds_is_libsodiums),
        cmocka_unit_test(an_element_is_32_blocks_word_by_word_on_any_processor),
    };
    return KIT_RUN(tests);
}
