#include "replication/stream/vector.h"
#include "tests/kit/kit.h"

#include <string.h>

enum { STREAMS = 40, HEADS = 200 };

static struct stream_head head_of(uint64_t number, uint64_t seq)
{
    struct stream_head head = {
        .stream = {.node = {{(uint8_t)(number / 8)}}, .incarnation = {{(uint8_t)(number % 8)}}},
        .seq = seq,
    };
    head.stream.topic = (enum topic)(TOPIC_FIRST + number % TOPIC_LAST);
    head.digest.b[0] = (uint8_t)seq;
    return head;
}

static void heads_draw(struct kit_random *random, struct stream_head heads[HEADS])
{
    for (size_t i = 0; i < HEADS; i++) {
        heads[i] = head_of(kit_random_below(random, STREAMS), kit_random_below(random, 50));
        heads[i].digest.b[1] = (uint8_t)kit_random_below(random, 2); /* now and then a fork */
    }
}

static void heads_shuffle(struct kit_random *random, struct stream_head heads[HEADS])
{
    for (size_t i = HEADS - 1; i > 0; i--) {
        size_t j = kit_random_below(random, i + 1);
        struct stream_head head = heads[i];
        heads[i] = heads[j];
        heads[j] = head;
    }
}

static void vectors_assert_equal(const struct vector *a, const struct vector *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        assert_int_equal(stream_id_compare(&a->entries[i].stream, &b->entries[i].stream), 0);
        assert_int_equal(a->entries[i].seq, b->entries[i].seq);
        assert_memory_equal(a->entries[i].check, b->entries[i].check, VECTOR_CHECK_SIZE);
    }
    struct vector_digest a_digest = vector_digest_of(a), b_digest = vector_digest_of(b);
    assert_true(vector_digest_equal(&a_digest, &b_digest));
}

static void merge_into(struct vector *vector, const struct vector *other)
{
    for (size_t i = 0; i < other->count; i++) {
        vector_merge_entry(vector, &other->entries[i]);
    }
}

static void merging_takes_the_greater_seq(void **state)
{
    struct vector vector;
    struct stream_head head = head_of(3, 7);
    (void)state;

    vector_init(&vector);
    vector_merge_head(&vector, &head);
    head = head_of(3, 5);
    vector_merge_head(&vector, &head);
    assert_int_equal(vector_find(&vector, &head.stream)->seq, 7);
    assert_int_equal(vector_find(&vector, &head.stream)->check[0], 7);
    head = head_of(3, 8);
    vector_merge_head(&vector, &head);
    assert_int_equal(vector_find(&vector, &head.stream)->seq, 8);
    assert_int_equal(vector_find(&vector, &head.stream)->check[0], 8);
    assert_int_equal(vector.count, 1);
    vector_release(&vector);
}

static void nothing_held_leaves_no_entry(void **state)
{
    struct vector vector;
    struct stream_head head = head_of(3, 0);
    (void)state;

    vector_init(&vector);
    vector_merge_head(&vector, &head);
    assert_int_equal(vector.count, 0);
    assert_null(vector_find(&vector, &head.stream));
    vector_release(&vector);
}

static void any_order_and_any_repetition_give_one_vector(void **state)
{
    struct kit_random random;
    struct stream_head heads[HEADS];
    struct vector first, second;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    vector_init(&first);
    vector_init(&second);
    for (unsigned trial = 0; trial < 50; trial++) {
        vector_clear(&first);
        vector_clear(&second);
        heads_draw(&random, heads);
        for (size_t i = 0; i < HEADS; i++) {
            vector_merge_head(&first, &heads[i]);
        }
        heads_shuffle(&random, heads);
        for (size_t i = 0; i < HEADS; i++) {
            vector_merge_head(&second, &heads[i]);
            vector_merge_head(&second, &heads[kit_random_below(&random, i + 1)]);
        }
        vectors_assert_equal(&first, &second);
        merge_into(&second, &first);
        vectors_assert_equal(&first, &second);
    }
    vector_release(&first);
    vector_release(&second);
}

static void any_grouping_gives_one_vector(void **state)
{
    struct kit_random random;
    struct stream_head heads[HEADS];
    struct vector parts[3], left, right;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    heads_draw(&random, heads);
    vector_init(&left);
    vector_init(&right);
    for (size_t p = 0; p < 3; p++) {
        vector_init(&parts[p]);
        for (size_t i = p; i < HEADS; i += 3) {
            vector_merge_head(&parts[p], &heads[i]);
        }
    }
    merge_into(&left, &parts[0]); /* (0 1) 2 */
    merge_into(&left, &parts[1]);
    merge_into(&left, &parts[2]);
    merge_into(&right, &parts[1]); /* 0 (1 2) */
    merge_into(&right, &parts[2]);
    merge_into(&right, &parts[0]);
    vectors_assert_equal(&left, &right);
    for (size_t p = 0; p < 3; p++) {
        vector_release(&parts[p]);
    }
    vector_release(&left);
    vector_release(&right);
}

static void the_digest_notices_seq_and_state(void **state)
{
    struct vector a, b;
    struct stream_head head = head_of(1, 5);
    (void)state;

    vector_init(&a);
    vector_init(&b);
    vector_merge_head(&a, &head);
    head.digest.b[0] ^= 0x80;
    vector_merge_head(&b, &head);
    struct vector_digest a_digest = vector_digest_of(&a), b_digest = vector_digest_of(&b);
    assert_false(vector_digest_equal(&a_digest, &b_digest));
    vector_clear(&b);
    head = head_of(1, 6);
    head.digest.b[0] = 5;
    vector_merge_head(&b, &head);
    b_digest = vector_digest_of(&b);
    assert_false(vector_digest_equal(&a_digest, &b_digest));
    vector_release(&a);
    vector_release(&b);
}

static void only_the_bucket_of_a_changed_stream_differs(void **state)
{
    enum { BUCKETS = 16 };
    struct vector vector;
    uint64_t before[BUCKETS], after[BUCKETS];
    (void)state;

    vector_init(&vector);
    for (uint64_t i = 0; i < STREAMS; i++) {
        struct stream_head head = head_of(i, 10 + i);
        vector_merge_head(&vector, &head);
    }
    vector_bucket_digests(&vector, BUCKETS, before);
    struct stream_head changed = head_of(17, 100);
    vector_merge_head(&vector, &changed);
    vector_bucket_digests(&vector, BUCKETS, after);
    uint32_t bucket = vector_bucket_of(&changed.stream, BUCKETS);
    for (uint32_t i = 0; i < BUCKETS; i++) {
        assert_int_equal(before[i] != after[i], i == bucket);
    }
    assert_int_equal(vector_bucket_of(&changed.stream, 1), 0);
    vector_release(&vector);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merging_takes_the_greater_seq),
        cmocka_unit_test(nothing_held_leaves_no_entry),
        cmocka_unit_test(any_order_and_any_repetition_give_one_vector),
        cmocka_unit_test(any_grouping_gives_one_vector),
        cmocka_unit_test(the_digest_notices_seq_and_state),
        cmocka_unit_test(only_the_bucket_of_a_changed_stream_differs),
    };
    return KIT_RUN(tests);
}
