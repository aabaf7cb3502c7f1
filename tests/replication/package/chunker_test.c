#include "replication/package/chunker.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/limits.h"
#include "tests/kit/kit.h"

enum { SAMPLE_SIZE = 20 * 1024 * 1024, CUTS_MAX = SAMPLE_SIZE / CHUNK_SIZE_MIN + 2, INSERT_SIZE = 1000 };

static uint8_t *sample; /* with room for an insertion */

struct cuts {
    struct hash hash[CUTS_MAX];
    size_t size[CUTS_MAX];
    size_t count;
};

static void cut_all(struct bytes data, struct cuts *cuts)
{
    cuts->count = 0;
    while (data.size) {
        struct bytes chunk;
        size_t size = chunker_cut(data);
        assert_true(bytes_take(&data, size, &chunk));
        assert_true(cuts->count < CUTS_MAX);
        cuts->hash[cuts->count] = hash_of(bytes_of(NULL, 0), chunk);
        cuts->size[cuts->count++] = size;
    }
}

static void sizes_stay_within_their_bounds_and_near_the_mean(void **state)
{
    static struct cuts cuts;
    (void)state;

    cut_all(bytes_of(sample, SAMPLE_SIZE), &cuts);
    for (size_t i = 0; i < cuts.count; i++) {
        assert_true(cuts.size[i] <= CHUNK_SIZE_MAX);
        assert_true(cuts.size[i] > CHUNK_SIZE_MIN || i + 1 == cuts.count);
    }
    size_t mean = SAMPLE_SIZE / cuts.count;
    assert_in_range(mean, CHUNK_SIZE_MEAN * 8 / 10, CHUNK_SIZE_MEAN * 12 / 10);
}

static size_t count_new(const struct cuts *before, const struct cuts *after)
{
    size_t count = 0;

    for (size_t i = 0; i < after->count; i++) {
        bool is_known = false;
        for (size_t j = 0; j < before->count && !is_known; j++) {
            is_known = hash_equal(&after->hash[i], &before->hash[j]);
        }
        count += !is_known;
    }
    return count;
}

static void an_insertion_moves_only_the_chunks_near_it(void **state)
{
    static struct cuts before, after;
    static const size_t places[] = {0, 5 * 1024 * 1024, 12345678, SAMPLE_SIZE};
    uint8_t *changed = malloc(SAMPLE_SIZE + INSERT_SIZE);
    (void)state;

    assert_non_null(changed);
    cut_all(bytes_of(sample, SAMPLE_SIZE), &before);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        memcpy(changed, sample, places[i]);
        memset(changed + places[i], 0x5a, INSERT_SIZE);
        memcpy(changed + places[i] + INSERT_SIZE, sample + places[i], SAMPLE_SIZE - places[i]);
        cut_all(bytes_of(changed, SAMPLE_SIZE + INSERT_SIZE), &after);
        assert_in_range(count_new(&before, &after), 1, 6);
    }
    free(changed);
}

static void short_and_uniform_input_is_cut_at_the_limits(void **state)
{
    uint8_t *zeros = calloc(1, 2 * CHUNK_SIZE_MAX);
    (void)state;

    assert_non_null(zeros);
    assert_int_equal(chunker_cut(bytes_of(NULL, 0)), 0);
    assert_int_equal(chunker_cut(bytes_of(sample, 1)), 1);
    assert_int_equal(chunker_cut(bytes_of(sample, CHUNK_SIZE_MIN)), CHUNK_SIZE_MIN);
    size_t size = chunker_cut(bytes_of(zeros, 2 * CHUNK_SIZE_MAX));
    assert_in_range(size, CHUNK_SIZE_MIN + 1, CHUNK_SIZE_MAX);
    free(zeros);
}

static void more_input_does_not_move_a_cut(void **state)
{
    (void)state;
    size_t size = chunker_cut(bytes_of(sample, CHUNK_SIZE_MAX));
    assert_int_equal(chunker_cut(bytes_of(sample, SAMPLE_SIZE)), size);
    assert_int_equal(chunker_cut(bytes_of(sample, size)), size);
}

/* The cuts are part of the format: they may never change. The numbers come from another implementation
 * (Python). */
static void the_first_cuts_are_those_of_the_format(void **state)
{
    static struct cuts cuts;
    (void)state;

    cut_all(bytes_of(sample, SAMPLE_SIZE), &cuts);
    assert_int_equal(cuts.size[0], 264562);
    assert_int_equal(cuts.size[1], 269572);
    assert_int_equal(cuts.size[2], 293713);
}

static int setup(void **state)
{
    struct kit_random random;
    (void)state;

    sample = malloc(SAMPLE_SIZE);
    kit_random_seed(&random, 20);
    for (size_t i = 0; sample && i < SAMPLE_SIZE; i += 8) {
        uint64_t number = kit_random_u64(&random);
        for (size_t b = 0; b < 8; b++) {
            sample[i + b] = (uint8_t)(number >> (8 * b));
        }
    }
    return sample ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    free(sample);
    return 0;
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_stay_within_their_bounds_and_near_the_mean),
        cmocka_unit_test(an_insertion_moves_only_the_chunks_near_it),
        cmocka_unit_test(short_and_uniform_input_is_cut_at_the_limits),
        cmocka_unit_test(more_input_does_not_move_a_cut),
        cmocka_unit_test(the_first_cuts_are_those_of_the_format),
    };
    kit_setup();
    return cmocka_run_group_tests(tests, setup, teardown);
}
