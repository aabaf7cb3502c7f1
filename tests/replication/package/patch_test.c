#include "replication/package/patch.h"

#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"

static uint8_t *noise(size_t size, uint64_t seed)
{
    struct kit_random random;
    uint8_t *data = malloc(size + 8);

    kit_random_seed(&random, seed);
    for (size_t i = 0; i < size; i++) {
        data[i] = (uint8_t)kit_random_u64(&random);
    }
    return data;
}

static void a_changed_megabyte_costs_what_changed(void **state)
{
    uint8_t *base = noise(CHUNK_SIZE_MAX, 1), *content = malloc(PATCH_CONTENT_MAX), *other = noise(1000, 2);
    uint8_t *out = malloc(PATCH_CONTENT_MAX), *back = malloc(PATCH_CONTENT_MAX);
    (void)state;

    memcpy(content, base, PATCH_CONTENT_MAX);
    memmove(content + 400000, content + 399000, 100000); /* shifted */
    memcpy(content + 399000, other, 1000);               /* something new in front of it */
    size_t size = patch_encode(bytes_of(base, CHUNK_SIZE_MAX), bytes_of(content, PATCH_CONTENT_MAX), PATCH_EDIT, out,
                               PATCH_CONTENT_MAX);
    assert_true(size > 1000 && size < 1300);
    assert_int_equal(
        patch_decode(bytes_of(base, CHUNK_SIZE_MAX), bytes_of(out, size), back, PATCH_CONTENT_MAX), S_OK);
    assert_memory_equal(back, content, PATCH_CONTENT_MAX);
    free(base), free(content), free(other), free(out), free(back);
}

static void both_sizes_work_at_their_edge(void **state)
{
    uint8_t *base = noise(PATCH_BASE_MAX, 3), *out = malloc(PATCH_CONTENT_MAX),
            *back = malloc(PATCH_CONTENT_MAX);
    (void)state;

    /* The content is the first half: two MiB away from the end of the base. */
    uint8_t *content = memcpy(malloc(PATCH_CONTENT_MAX), base, PATCH_CONTENT_MAX);
    size_t size = patch_encode(bytes_of(base, PATCH_BASE_MAX), bytes_of(content, PATCH_CONTENT_MAX), PATCH_EDIT, out,
                               PATCH_CONTENT_MAX);
    free(content);
    assert_true(size > 0 && size < 400);
    assert_int_equal(
        patch_decode(bytes_of(base, PATCH_BASE_MAX), bytes_of(out, size), back, PATCH_CONTENT_MAX), S_OK);
    assert_memory_equal(back, base, PATCH_CONTENT_MAX);
    assert_int_equal(patch_decode(bytes_of(base, PATCH_BASE_MAX + 1), bytes_of(out, size), back, 1),
                     S_TOO_LARGE);
    assert_int_equal(patch_decode(bytes_of(base, 1), bytes_of(out, size), back, PATCH_CONTENT_MAX + 1),
                     S_TOO_LARGE);
    free(base), free(out), free(back);
}

static void what_does_not_fit_is_said(void **state)
{
    uint8_t *content = noise(5000, 4), out[6000];
    (void)state;

    assert_int_equal(patch_encode(bytes_of(NULL, 0), bytes_of(content, 5000), PATCH_EDIT, out, 4000), 0);
    assert_true(patch_encode(bytes_of(NULL, 0), bytes_of(content, 5000), PATCH_EDIT, out, sizeof out) > 5000);
    free(content);
}

/* Known bytes, then new ones, then known ones again. */
static void as_much_as_fits_is_found_wherever_the_news_lie(void **state)
{
    uint8_t *base = noise(CHUNK_SIZE_MAX, 6), *content = malloc(PATCH_CONTENT_MAX), *other = noise(100000, 7);
    uint8_t *out = malloc(PATCH_CONTENT_MAX);
    (void)state;

    memcpy(content, base, PATCH_CONTENT_MAX);
    memcpy(content + 400000, other, 100000);
    struct bytes prefix = bytes_of(base, CHUNK_SIZE_MAX);
    size_t fits = patch_fit(prefix, bytes_of(content, PATCH_CONTENT_MAX), PATCH_EDIT, 30000);
    assert_true(fits > 410000 && fits <= 430000);
    size_t size = patch_encode(prefix, bytes_of(content, fits), PATCH_EDIT, out, PATCH_CONTENT_MAX);
    assert_true(size > 10000 && size <= 30000);
    assert_int_equal(patch_fit(prefix, bytes_of(content, 300000), PATCH_EDIT, 30000), 300000);
    assert_int_equal(patch_fit(bytes_of(NULL, 0), bytes_of(other, 100000), PATCH_EDIT, 1000), 0);
    free(base), free(content), free(other), free(out);
}

static void a_patch_of_another_base_or_size_or_with_a_tail_gives_nothing(void **state)
{
    uint8_t *base = noise(5000, 5), content[4000], out[6000], back[6000];
    (void)state;

    memcpy(content, base + 100, sizeof content);
    size_t size = patch_encode(bytes_of(base, 5000), bytes_of(content, 4000), PATCH_EDIT, out, sizeof out);
    assert_true(size > 0 && size < 100);
    assert_int_equal(patch_decode(bytes_of(base, 5000), bytes_of(out, size), back, 3999), S_INVALID);
    assert_int_equal(patch_decode(bytes_of(base, 5000), bytes_of(out, size), back, 4001), S_INVALID);
    assert_int_equal(patch_decode(bytes_of(base, 5000), bytes_of(out, size - 1), back, 4000), S_INVALID);
    out[size] = 0;
    assert_int_equal(patch_decode(bytes_of(base, 5000), bytes_of(out, size + 1), back, 4000), S_INVALID);
    assert_int_equal(patch_decode(bytes_of(base, 10), bytes_of(out, size), back, 4000), S_INVALID);
    assert_int_equal(patch_decode(bytes_of(base, 5000), bytes_of("no patch", 8), back, 4000), S_INVALID);
    assert_int_equal(patch_decode(bytes_of(base, 5000), bytes_of("", 0), back, 0), S_INVALID);
    free(base);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_changed_megabyte_costs_what_changed),
        cmocka_unit_test(both_sizes_work_at_their_edge),
        cmocka_unit_test(what_does_not_fit_is_said),
        cmocka_unit_test(as_much_as_fits_is_found_wherever_the_news_lie),
        cmocka_unit_test(a_patch_of_another_base_or_size_or_with_a_tail_gives_nothing),
    };
    return KIT_RUN(tests);
}
