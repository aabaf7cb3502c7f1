#include "replication/wire/message.h"
#include "tests/kit/kit.h"

#include <string.h>

#include "schema/wire/messages.pb-c.h"
#include "tests/replication/wire/bodies.h"

static uint64_t numbers[2 * BUCKETS_MAX];
static uint32_t buckets[2 * BUCKETS_MAX];

/* A valid vector of `count` entries; the topic byte of each stream is what it is filled with. */
static Qanat__Wire__Vector vector_of(size_t count)
{
    Qanat__Wire__Vector wire = QANAT__WIRE__VECTOR__INIT;

    memset(numbers, 0, sizeof numbers);
    memset(buckets, 0, sizeof buckets);
    wire.streams = bodies_fill(0, TOPIC_RESULTS, count * STREAM_ID_SIZE);
    wire.checks = bodies_fill(1, 'c', count * VECTOR_CHECK_SIZE);
    wire.seqs = numbers;
    wire.n_seqs = count;
    return wire;
}

static enum status decode(const Qanat__Wire__Vector *wire)
{
    struct message back;
    return bodies_decode(MESSAGE_VECTOR, &wire->base, &back);
}

static void columns_of_a_vector_have_one_length(void **state)
{
    (void)state;
    Qanat__Wire__Vector wire = vector_of(0);
    assert_int_equal(decode(&wire), S_OK);
    wire = vector_of(3);
    assert_int_equal(decode(&wire), S_OK);
    wire.n_seqs = 2;
    assert_int_equal(decode(&wire), S_INVALID);
    wire = vector_of(3);
    wire.streams.len--;
    assert_int_equal(decode(&wire), S_INVALID);
    wire = vector_of(3);
    wire.streams.len -= STREAM_ID_SIZE;
    assert_int_equal(decode(&wire), S_INVALID);
    wire = vector_of(3);
    wire.checks.len += VECTOR_CHECK_SIZE;
    assert_int_equal(decode(&wire), S_INVALID);
}

static void entries_of_a_vector_are_in_range(void **state)
{
    (void)state;
    Qanat__Wire__Vector wire = vector_of(3);
    numbers[2] = SEQ_MAX;
    assert_int_equal(decode(&wire), S_OK);
    numbers[2] = SEQ_MAX + 1;
    assert_int_equal(decode(&wire), S_INVALID);
    wire = vector_of(3);
    wire.streams.data[STREAM_ID_SIZE] = TOPIC_RELAYED_LAST + 1;
    assert_int_equal(decode(&wire), S_INVALID);
    wire.streams.data[STREAM_ID_SIZE] = 0;
    assert_int_equal(decode(&wire), S_INVALID);
}

static void a_vector_at_its_maximum_passes_and_one_more_entry_does_not(void **state)
{
    (void)state;
    Qanat__Wire__Vector wire = vector_of(VECTOR_ENTRIES_MAX);
    assert_int_equal(decode(&wire), S_OK);
    wire = vector_of(VECTOR_ENTRIES_MAX + 1);
    assert_int_equal(decode(&wire), S_TOO_LARGE);
    struct message message = {.type = MESSAGE_VECTOR, .vector.count = VECTOR_ENTRIES_MAX + 1};
    assert_int_equal(bodies_encode(&message), S_TOO_LARGE);
}

static void buckets_of_a_vector_are_a_power_of_two_and_cover_only_themselves(void **state)
{
    (void)state;
    Qanat__Wire__Vector wire = vector_of(0);
    wire.buckets = buckets;
    wire.n_buckets = 1;
    assert_int_equal(decode(&wire), S_INVALID); /* covered, but no buckets */
    wire.bucket_count = 3;
    assert_int_equal(decode(&wire), S_INVALID);
    wire.bucket_count = 4;
    buckets[0] = 3;
    assert_int_equal(decode(&wire), S_OK);
    buckets[0] = 4;
    assert_int_equal(decode(&wire), S_INVALID);
    wire.bucket_count = BUCKETS_MAX;
    wire.n_buckets = BUCKETS_MAX;
    assert_int_equal(decode(&wire), S_OK);
    wire.n_buckets = BUCKETS_MAX + 1;
    assert_int_equal(decode(&wire), S_TOO_LARGE);
    wire.n_buckets = 1;
    wire.bucket_count = 2 * BUCKETS_MAX;
    assert_int_equal(decode(&wire), S_TOO_LARGE);
}

static void bucket_digests_are_a_power_of_two_up_to_the_maximum(void **state)
{
    static const size_t counts[] = {
        1, 2, 1024, BUCKETS_MAX, 0, 3, BUCKETS_MAX - 1, BUCKETS_MAX + 1, 2 * BUCKETS_MAX};
    Qanat__Wire__Buckets wire = QANAT__WIRE__BUCKETS__INIT;
    (void)state;

    wire.digests = numbers;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        enum status expected = counts[i] > BUCKETS_MAX ? S_TOO_LARGE : i < 4 ? S_OK : S_INVALID;
        struct message back,
            message = {.type = MESSAGE_BUCKETS, .buckets = {.digests = numbers, .count = counts[i]}};
        wire.n_digests = counts[i];
        assert_int_equal(bodies_decode(MESSAGE_BUCKETS, &wire.base, &back), expected);
        assert_int_equal(bodies_encode(&message), expected);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_of_a_vector_have_one_length),
        cmocka_unit_test(entries_of_a_vector_are_in_range),
        cmocka_unit_test(a_vector_at_its_maximum_passes_and_one_more_entry_does_not),
        cmocka_unit_test(buckets_of_a_vector_are_a_power_of_two_and_cover_only_themselves),
        cmocka_unit_test_teardown(bucket_digests_are_a_power_of_two_up_to_the_maximum, bodies_end),
    };
    return KIT_RUN(tests);
}
