#include "replication/crdt/people.h"
#include "tests/kit/kit.h"

#include <math.h>
#include <string.h>

static const uint8_t secret[PEOPLE_SECRET_SIZE] = "federation test";

/* A well-mixed hash for person `number`. */
static uint64_t hash_of_number(uint64_t number)
{
    return people_hash(secret, bytes_of(&number, sizeof number));
}

static void people_add_range(struct people *people, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i++) {
        people_add(people, hash_of_number(i));
    }
}

static void people_assert_equal(const struct people *a, const struct people *b)
{
    struct buffer left, right;

    buffer_init(&left);
    buffer_init(&right);
    people_encode(a, &left);
    people_encode(b, &right);
    assert_true(bytes_equal(buffer_bytes(&left), buffer_bytes(&right)));
    buffer_release(&left);
    buffer_release(&right);
}

static void the_hash_is_siphash_2_4(void **state)
{
    uint8_t key[PEOPLE_SECRET_SIZE], text[15];
    (void)state;

    for (uint8_t i = 0; i < 16; i++) {
        key[i] = i;
    }
    memcpy(text, key, sizeof text);
    /* Aumasson and Bernstein 2012, appendix A */
    assert_int_equal(people_hash(key, bytes_of(text, sizeof text)), 0xa129ca6149be45e5);
}

static void the_count_is_exact_while_it_is_a_list(void **state)
{
    struct people people;
    double error;
    (void)state;

    people_init(&people);
    assert_true(people_estimate(&people, &error) == 0);
    for (uint64_t i = 0; i < PEOPLE_LIST_MAX; i++) {
        assert_true(people_add(&people, hash_of_number(i)));
        assert_false(people_add(&people, hash_of_number(i / 2)));
        assert_true(people_estimate(&people, &error) == (double)(i + 1));
        assert_true(error == 0);
    }
    assert_null(people.registers);
    people_add(&people, hash_of_number(PEOPLE_LIST_MAX));
    assert_non_null(people.registers);
    assert_true(people_estimate(&people, &error) > PEOPLE_LIST_MAX * 0.9);
    assert_true(error > 0);
    people_release(&people);
}

static void the_dense_form_takes_over_where_it_is_smaller(void **state)
{
    struct people people;
    struct buffer list, dense;
    (void)state;

    people_init(&people);
    buffer_init(&list);
    buffer_init(&dense);
    people_add_range(&people, 0, PEOPLE_LIST_MAX);
    people_encode(&people, &list);
    people_add_range(&people, PEOPLE_LIST_MAX, PEOPLE_LIST_MAX + 1);
    people_encode(&people, &dense);
    assert_true(dense.size <= list.size);
    assert_true(list.size - 8 < dense.size);
    assert_int_equal(dense.size, 2 + PEOPLE_DENSE_SIZE);
    people_release(&people);
    buffer_release(&list);
    buffer_release(&dense);
}

static void estimates_keep_their_promised_error(void **state)
{
    static const uint64_t sizes[] = {400, 1000, 3000, 10000, 30000, 100000, 300000};
    struct people people;
    double error, square = 0;
    uint64_t next = 0;
    (void)state;

    people_init(&people);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        people_add_range(&people, next, sizes[i]);
        next = sizes[i];
        double off = people_estimate(&people, &error) / (double)sizes[i] - 1;
        assert_true(fabs(off) < 4 * error);
        square += off * off;
    }
    assert_true(error > 0.016 && error < 0.0165);
    assert_true(sqrt(square / 7) < 2 * error);
    people_release(&people);
}

/* Three overlapping sets of up to `max` people each. */
static void draw(struct kit_random *random, struct people sets[3], uint64_t max)
{
    for (size_t i = 0; i < 3; i++) {
        people_init(&sets[i]);
        uint64_t from = kit_random_below(random, max);
        people_add_range(&sets[i], from, from + kit_random_below(random, max));
    }
}

static void merging_obeys_the_laws(void **state)
{
    struct kit_random random;
    struct people sets[3], left, right;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    for (unsigned trial = 0; trial < 120; trial++) {
        draw(&random, sets, trial % 3 ? 400 : 1500);
        people_init(&left);
        people_init(&right);
        people_merge(&left, &sets[0]);
        people_merge(&left, &sets[1]);
        people_merge(&left, &sets[2]);
        people_merge(&sets[1], &sets[2]); /* another grouping, another order */
        people_merge(&right, &sets[1]);
        people_merge(&right, &sets[0]);
        people_assert_equal(&left, &right);
        people_merge(&left, &right);
        people_merge(&left, &sets[2]);
        people_merge(&left, &left);
        people_assert_equal(&left, &right);
        for (size_t i = 0; i < 3; i++) {
            people_release(&sets[i]);
        }
        people_release(&left);
        people_release(&right);
    }
}

static void the_same_people_give_the_same_bytes(void **state)
{
    static const uint64_t sizes[] = {0, 1, 50, PEOPLE_LIST_MAX, PEOPLE_LIST_MAX + 1, 2000};
    struct people forward, backward;
    (void)state;

    people_init(&forward);
    people_init(&backward);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        people_clear(&forward);
        people_clear(&backward);
        people_add_range(&forward, 0, sizes[s]);
        for (uint64_t i = sizes[s]; i > 0; i--) {
            people_add(&backward, hash_of_number(i - 1));
            people_add(&backward, hash_of_number(sizes[s] - 1));
        }
        people_assert_equal(&forward, &backward);
    }
    people_release(&forward);
    people_release(&backward);
}

static void a_value_comes_back(void **state)
{
    static const uint64_t sizes[] = {0, 1, PEOPLE_LIST_MAX, 5000};
    struct people people, back;
    struct buffer value;
    (void)state;

    buffer_init(&value);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        people_init(&people);
        people_init(&back);
        people_add_range(&people, 0, sizes[s]);
        buffer_clear(&value);
        people_encode(&people, &value);
        assert_int_equal(people_merge_value(&back, buffer_bytes(&value)), S_OK);
        people_assert_equal(&people, &back);
        assert_int_equal(people_merge_value(&back, buffer_bytes(&value)), S_OK);
        people_assert_equal(&people, &back);
        people_release(&people);
        people_release(&back);
    }
    buffer_release(&value);
}

static void malformed_values_add_nobody(void **state)
{
    static uint8_t raw[2 + 8 * (PEOPLE_LIST_MAX + 1)] = {CELL_PEOPLE};
    struct people people;
    (void)state;

    people_init(&people);
    assert_int_equal(people_merge_value(&people, bytes_of(raw, 0)), S_INVALID);
    assert_int_equal(people_merge_value(&people, bytes_of(raw, 1)), S_INVALID);
    assert_int_equal(people_merge_value(&people, bytes_of(raw, 2 + 7)), S_INVALID);
    assert_int_equal(people_merge_value(&people, bytes_of(raw, 2 + 16)), S_INVALID); /* twice the same */
    for (size_t i = 0; i <= PEOPLE_LIST_MAX; i++) {
        raw[2 + 8 * i + 7] = (uint8_t)(i >> 8);
        raw[2 + 8 * i + 6] = (uint8_t)i;
    }
    assert_int_equal(people_merge_value(&people, bytes_of(raw, sizeof raw)), S_INVALID); /* one too many */
    raw[1] = 1;
    assert_int_equal(people_merge_value(&people, bytes_of(raw, 2 + PEOPLE_DENSE_SIZE - 1)), S_INVALID);
    memset(raw + 2, 0xff, PEOPLE_DENSE_SIZE); /* rank 63 */
    assert_int_equal(people_merge_value(&people, bytes_of(raw, 2 + PEOPLE_DENSE_SIZE)), S_INVALID);
    raw[1] = 2;
    assert_int_equal(people_merge_value(&people, bytes_of(raw, 2 + PEOPLE_DENSE_SIZE)), S_INVALID);
    raw[0] = CELL_SCORES;
    assert_int_equal(people_merge_value(&people, bytes_of(raw, 2)), S_INVALID);
    assert_int_equal(people.count, 0);
    assert_null(people.registers);
    people_release(&people);
}

static void a_forged_sketch_gives_a_finite_number(void **state)
{
    uint8_t raw[2 + PEOPLE_DENSE_SIZE] = {CELL_PEOPLE, 1};
    struct people people;
    double error;
    (void)state;

    people_init(&people);
    assert_int_equal(people_merge_value(&people, bytes_of(raw, sizeof raw)), S_OK);
    assert_true(people_estimate(&people, &error) == 0);
    for (size_t i = 2; i < sizeof raw; i += 3) { /* rank 53 = 110101 everywhere */
        raw[i] = 0x75, raw[i + 1] = 0x5d, raw[i + 2] = 0xd7;
    }
    assert_int_equal(people_merge_value(&people, bytes_of(raw, sizeof raw)), S_OK);
    assert_int_equal(people.registers[3], PEOPLE_RANK_MAX);
    assert_true(people_estimate(&people, &error) == (double)NODES_MAX * PEOPLE_MAX);
    people_release(&people);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hash_is_siphash_2_4),
        cmocka_unit_test(the_count_is_exact_while_it_is_a_list),
        cmocka_unit_test(the_dense_form_takes_over_where_it_is_smaller),
        cmocka_unit_test(estimates_keep_their_promised_error),
        cmocka_unit_test(merging_obeys_the_laws),
        cmocka_unit_test(the_same_people_give_the_same_bytes),
        cmocka_unit_test(a_value_comes_back),
        cmocka_unit_test(malformed_values_add_nobody),
        cmocka_unit_test(a_forged_sketch_gives_a_finite_number),
    };
    return KIT_RUN(tests);
}
