#include "replication/package/density.h"
#include "tests/kit/kit.h"

static uint8_t content[300000];

static void fill(unsigned values)
{
    struct kit_random random;

    kit_random_seed(&random, values);
    for (size_t i = 0; i < sizeof content; i++) {
        content[i] = (uint8_t)kit_random_below(&random, values);
    }
}

static void film_is_dense_at_every_size(void **state)
{
    (void)state;
    fill(256);
    for (size_t size = DENSITY_FROM; size < sizeof content; size += size / 3) {
        assert_true(density_is_high(bytes_of(content, size)));
    }
}

static void small_contents_are_never_dense(void **state)
{
    (void)state;
    fill(256);
    assert_false(density_is_high(bytes_of(content, 0)));
    assert_false(density_is_high(bytes_of(content, DENSITY_FROM - 1)));
    assert_true(density_is_high(bytes_of(content, DENSITY_FROM)));
}

static void what_can_be_compressed_by_a_tenth_is_not(void **state)
{
    (void)state;
    fill(180); /* 7.5 of 8 bits */
    assert_false(density_is_high(bytes_of(content, sizeof content)));
    fill(64);
    assert_false(density_is_high(bytes_of(content, sizeof content)));
    fill(1);
    assert_false(density_is_high(bytes_of(content, sizeof content)));
}

static void text_behind_film_is_seen(void **state)
{
    (void)state;
    fill(256);
    for (size_t i = sizeof content / 2; i < sizeof content; i++) {
        content[i] = (uint8_t)('a' + content[i] % 26);
    }
    assert_false(density_is_high(bytes_of(content, sizeof content)));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(film_is_dense_at_every_size),
        cmocka_unit_test(small_contents_are_never_dense),
        cmocka_unit_test(what_can_be_compressed_by_a_tenth_is_not),
        cmocka_unit_test(text_behind_film_is_seen),
    };
    return KIT_RUN(tests);
}
