#include "node/store/disk/page_seal.h"

#include <string.h>

#include "tests/kit/kit.h"

static void page_fill(struct kit_random *random, uint8_t page[PAGE_SIZE], uint32_t number)
{
    for (int i = 0; i < PAGE_SIZE; i++) {
        page[i] = (uint8_t)kit_random_below(random, 256);
    }
    page_seal(page, number);
}

static void bit_flip(uint8_t page[PAGE_SIZE], uint64_t bit)
{
    page[bit / 8] = (uint8_t)(page[bit / 8] ^ 1 << bit % 8);
}

static void any_single_bit_is_put_back(void **state)
{
    uint8_t page[PAGE_SIZE], damaged[PAGE_SIZE];
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    page_fill(&random, page, 7);
    assert_int_equal(page_look(page, 7), PAGE_SOUND);
    for (uint64_t bit = 0; bit < 8 * PAGE_SIZE; bit += bit % 8 == 7 ? 1 + 8 * kit_random_below(&random, 20) : 1) {
        memcpy(damaged, page, PAGE_SIZE);
        bit_flip(damaged, bit);
        assert_int_equal(page_look(damaged, 7), PAGE_MENDED);
        assert_memory_equal(damaged, page, PAGE_SIZE);
    }
}

static void more_bits_are_found_and_nothing_is_changed(void **state)
{
    enum { TRIES = 3000 };
    uint8_t page[PAGE_SIZE], damaged[PAGE_SIZE], before[PAGE_SIZE];
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    page_fill(&random, page, 1);
    for (int i = 0; i < TRIES; i++) {
        memcpy(damaged, page, PAGE_SIZE);
        for (uint64_t bits = 2 + kit_random_below(&random, 5); bits > 0; bits--) {
            bit_flip(damaged, kit_random_below(&random, 8 * PAGE_SIZE));
        }
        memcpy(before, damaged, PAGE_SIZE);
        bool is_same = memcmp(damaged, page, PAGE_SIZE) == 0;
        enum page_state found = page_look(damaged, 1);
        if (found == PAGE_MENDED) { /* bits that fell on each other left one */
            assert_memory_equal(damaged, page, PAGE_SIZE);
        } else {
            assert_int_equal(found, is_same ? PAGE_SOUND : PAGE_ROTTEN);
            assert_memory_equal(damaged, before, PAGE_SIZE);
        }
    }
}

static void a_page_in_anothers_place_and_a_zeroed_half_are_found(void **state)
{
    uint8_t page[PAGE_SIZE];
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    page_fill(&random, page, 3);
    assert_int_equal(page_look(page, 4), PAGE_ROTTEN);
    memset(page, 0, PAGE_SIZE / 2);
    assert_int_equal(page_look(page, 3), PAGE_ROTTEN);
}

static void a_page_without_a_seal_is_believed(void **state)
{
    uint8_t page[PAGE_SIZE];
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    page_fill(&random, page, 3);
    memset(page + PAGE_SIZE - PAGE_SEAL_SIZE, 0, PAGE_SEAL_SIZE);
    assert_int_equal(page_look(page, 3), PAGE_UNSEALED);
    memset(page, 0, PAGE_SIZE); /* a page that was never written */
    assert_int_equal(page_look(page, 9), PAGE_UNSEALED);
}

/* A file of today has to be read by every later version. */
static void the_sum_stays_what_it_is(void **state)
{
    static const uint8_t expected[PAGE_SEAL_SIZE] = {0xf1, 0xae, 0x41, 0x0e, 0x6c, 0x2a, 0x83, 0x47};
    uint8_t page[PAGE_SIZE];
    (void)state;

    for (int i = 0; i < PAGE_SIZE; i++) {
        page[i] = (uint8_t)i;
    }
    page_seal(page, 1);
    assert_memory_equal(page + PAGE_SIZE - PAGE_SEAL_SIZE, expected, PAGE_SEAL_SIZE);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_single_bit_is_put_back),
        cmocka_unit_test(more_bits_are_found_and_nothing_is_changed),
        cmocka_unit_test(a_page_in_anothers_place_and_a_zeroed_half_are_found),
        cmocka_unit_test(a_page_without_a_seal_is_believed),
        cmocka_unit_test(the_sum_stays_what_it_is),
    };
    return KIT_RUN(tests);
}
