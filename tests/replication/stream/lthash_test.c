#include "replication/stream/lthash.h"
#include "tests/kit/kit.h"

#include <stdio.h>

static const struct id federation = {{1, 2, 3}};
static const struct stream_id stream = {.node = {{4}}, .incarnation = {{5}}, .topic = TOPIC_RESULTS};

static struct cell cell_of(uint64_t seq, const char *key, const char *value)
{
    struct cell cell = {.seq = seq, .key = bytes_text(key), .value = bytes_text(value)};
    return cell;
}

static struct hash digest_of_one(const struct hash *key, const struct cell *cell)
{
    struct lthash state;
    lthash_init(&state);
    lthash_add(&state, key, cell);
    return lthash_digest(&state);
}

static void the_order_of_adding_does_not_matter(void **state)
{
    enum { COUNT = 50 };
    struct hash key = lthash_key(&federation, &stream);
    char names[COUNT][16];
    struct lthash forward, backward;
    (void)state;

    lthash_init(&forward);
    lthash_init(&backward);
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "key%zu", i);
    }
    for (size_t i = 0; i < COUNT; i++) {
        struct cell there = cell_of(i + 1, names[i], "v");
        struct cell back = cell_of(COUNT - i, names[COUNT - 1 - i], "v");
        lthash_add(&forward, &key, &there);
        lthash_add(&backward, &key, &back);
    }
    assert_memory_equal(&forward, &backward, sizeof forward);
}

static void subtracting_undoes_adding(void **state)
{
    struct hash key = lthash_key(&federation, &stream);
    struct cell first = cell_of(1, "a", "1"), second = cell_of(2, "b", "2");
    struct lthash lthash, empty;
    (void)state;

    lthash_init(&empty);
    lthash_init(&lthash);
    lthash_add(&lthash, &key, &first);
    lthash_add(&lthash, &key, &second);
    lthash_subtract(&lthash, &key, &first);
    lthash_subtract(&lthash, &key, &second);
    assert_memory_equal(&lthash, &empty, sizeof empty);
}

static void seq_key_value_stream_and_federation_all_count(void **state)
{
    struct id other_federation = {{9}};
    struct stream_id other = stream;
    struct hash key = lthash_key(&federation, &stream), foreign = lthash_key(&other_federation, &stream);
    other.topic = TOPIC_CATALOGUE;
    struct hash topic = lthash_key(&federation, &other);
    struct cell cells[] = {
        cell_of(1, "ab", "c"),
        cell_of(2, "ab", "c"),
        cell_of(1, "a", "bc"),
        cell_of(1, "ab", "d"),
    };
    struct hash digests[6];
    (void)state;

    for (size_t i = 0; i < 4; i++) {
        digests[i] = digest_of_one(&key, &cells[i]);
    }
    digests[4] = digest_of_one(&foreign, &cells[0]);
    digests[5] = digest_of_one(&topic, &cells[0]);
    for (size_t i = 0; i < 6; i++) {
        for (size_t j = i + 1; j < 6; j++) {
            assert_false(hash_equal(&digests[i], &digests[j]));
        }
    }
}

static void a_state_comes_back_from_its_bytes(void **state)
{
    struct hash key = lthash_key(&federation, &stream);
    struct cell cell = cell_of(SEQ_MAX, "key", "value");
    struct lthash lthash, back;
    uint8_t raw[LTHASH_SIZE];
    (void)state;

    lthash_init(&lthash);
    lthash_add(&lthash, &key, &cell);
    lthash_encode(&lthash, raw);
    assert_int_equal(raw[0] | raw[1] << 8, lthash.lane[0]);
    lthash_decode(&back, raw);
    assert_memory_equal(&lthash, &back, sizeof back);
}

/* Freezes the format: this digest must never change, or no node could check another's certificates. */
static void the_digest_of_a_known_state_is_the_known_one(void **state)
{
    struct hash key = lthash_key(&federation, &stream);
    struct cell cell = cell_of(1, "key", "value");
    struct hash digest = digest_of_one(&key, &cell);
    char hex[HASH_HEX_SIZE];
    (void)state;

    hash_hex(&digest, hex);
    assert_string_equal(hex, "51d041bb94c20e54ff3b90b41e13c69bbaede23fc855c9807776ace5bb98e6aa");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_of_adding_does_not_matter),
        cmocka_unit_test(subtracting_undoes_adding),
        cmocka_unit_test(seq_key_value_stream_and_federation_all_count),
        cmocka_unit_test(a_state_comes_back_from_its_bytes),
        cmocka_unit_test(the_digest_of_a_known_state_is_the_known_one),
    };
    return KIT_RUN(tests);
}
