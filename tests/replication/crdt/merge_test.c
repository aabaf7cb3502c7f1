/* Merging is folding done by the writer: whatever was folded side by side gives the same answer merged. */
#include "replication/crdt/merge.h"

#include <string.h>

#include "replication/crdt/fold.h"
#include "tests/kit/kit.h"

enum { ROUNDS = 300 };

static const struct stream_id stream = {.node = {{1}}, .incarnation = {{2}}, .topic = TOPIC_RESULTS};

/* A value of a kind that can be merged, drawn; `stamp` makes registers differ. */
static void value_draw(struct kit_random *random, enum cell_kind kind, struct buffer *out)
{
    struct histogram histogram;
    struct people people;

    buffer_clear(out);
    if (kind == CELL_COUNT || kind == CELL_SUM) {
        cell_value_number(out, kind, (int64_t)kit_random_below(random, 2000) - 1000);
    } else if (kind == CELL_REGISTER) {
        cell_value_register(out, kit_random_u64(random) >> 8, bytes_text(kit_random_below(random, 2) ? "a" : "bc"));
    } else if (kind == CELL_PEOPLE) {
        people_init(&people);
        for (uint64_t left = kit_random_below(random, 500); left > 0; left--) {
            people_add(&people, kit_random_below(random, 3) ? kit_random_u64(random) : left);
        }
        people_encode(&people, out);
        people_release(&people);
    } else {
        histogram_init(&histogram, kind);
        for (uint64_t left = kit_random_below(random, 20); left > 0; left--) {
            histogram_add(&histogram, kit_random_below(random, SCORE_MAX + 1), 1 + kit_random_below(random, 3));
        }
        assert_int_equal(histogram_encode(&histogram, out), S_OK);
        histogram_release(&histogram);
    }
}

static const enum cell_kind kinds[] = {CELL_COUNT, CELL_SUM, CELL_SCORES, CELL_DURATIONS, CELL_PEOPLE, CELL_REGISTER};

/* The fold of `count` values, as one value's bytes where the kind has one form. */
static void folded(const struct buffer *values, size_t count, enum cell_kind kind, struct buffer *out)
{
    struct fold fold;
    int64_t number;

    buffer_clear(out);
    fold_init(&fold, UINT64_MAX);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(fold_add(&fold, &stream, buffer_bytes(&values[i])), S_OK);
    }
    if (kind == CELL_COUNT || kind == CELL_SUM) {
        assert_int_equal(fold_number(&fold, kind, &number), S_OK);
        cell_value_number(out, kind, number);
    } else if (kind == CELL_PEOPLE) {
        people_encode(fold.people, out);
    } else if (kind == CELL_REGISTER) {
        const struct register_entry *winner = register_fold_winner(fold.registers);
        cell_value_register(out, winner->stamp, winner->content);
    } else {
        histogram_encode(kind == CELL_SCORES ? fold.scores : fold.durations, out);
    }
    fold_release(&fold);
}

static void merged_counts_for_what_two_count_for_side_by_side(void **state)
{
    struct kit_random random;
    struct buffer values[2], merged, expected;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    buffer_init(&values[0]), buffer_init(&values[1]), buffer_init(&merged), buffer_init(&expected);
    for (int i = 0; i < ROUNDS; i++) {
        enum cell_kind kind = kinds[i % (int)(sizeof kinds / sizeof *kinds)];
        value_draw(&random, kind, &values[0]);
        value_draw(&random, kind, &values[1]);
        assert_int_equal(cell_value_merge(buffer_bytes(&values[0]), buffer_bytes(&values[1]), &merged), S_OK);
        folded(values, 2, kind, &expected);
        assert_true(bytes_equal(buffer_bytes(&merged), buffer_bytes(&expected)));
        assert_int_equal(cell_value_merge(bytes_of(NULL, 0), buffer_bytes(&values[1]), &merged), S_OK);
        folded(values + 1, 1, kind, &expected);
        assert_true(bytes_equal(buffer_bytes(&merged), buffer_bytes(&expected)));
    }
    buffer_release(&values[0]), buffer_release(&values[1]), buffer_release(&merged), buffer_release(&expected);
}

/* base + from, then from grows to from + more: the same as base + from + more. */
static void a_difference_brings_a_merged_value_to_the_later_state(void **state)
{
    struct kit_random random;
    struct buffer base, from, more, to, held, got, expected;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    buffer_init(&base), buffer_init(&from), buffer_init(&more), buffer_init(&to), buffer_init(&held), buffer_init(&got),
        buffer_init(&expected);
    for (int i = 0; i < ROUNDS; i++) {
        enum cell_kind kind = kinds[i % (int)(sizeof kinds / sizeof *kinds)];
        value_draw(&random, kind, &base);
        value_draw(&random, kind, &from);
        value_draw(&random, kind, &more);
        assert_int_equal(cell_value_merge(buffer_bytes(&from), buffer_bytes(&more), &to), S_OK);
        assert_int_equal(cell_value_merge(buffer_bytes(&base), buffer_bytes(&from), &held), S_OK);
        assert_int_equal(cell_value_advance(buffer_bytes(&held), buffer_bytes(&from), buffer_bytes(&to), &got), S_OK);
        assert_int_equal(cell_value_merge(buffer_bytes(&base), buffer_bytes(&to), &expected), S_OK);
        assert_true(bytes_equal(buffer_bytes(&got), buffer_bytes(&expected)));
    }
    buffer_release(&base), buffer_release(&from), buffer_release(&more), buffer_release(&to), buffer_release(&held),
        buffer_release(&got), buffer_release(&expected);
}

/* Sums forget what is taken out of them; who was counted and what was said last stay, for they count once however often they are said. */
static void what_was_merged_is_taken_out_again(void **state)
{
    struct kit_random random;
    struct buffer base, more, held, got;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    buffer_init(&base), buffer_init(&more), buffer_init(&held), buffer_init(&got);
    for (int i = 0; i < ROUNDS; i++) {
        enum cell_kind kind = kinds[i % (int)(sizeof kinds / sizeof *kinds)];
        bool is_summed = kind != CELL_PEOPLE && kind != CELL_REGISTER;
        value_draw(&random, kind, &base);
        value_draw(&random, kind, &more);
        assert_int_equal(cell_value_merge(buffer_bytes(&base), buffer_bytes(&more), &held), S_OK);
        assert_int_equal(cell_value_advance(buffer_bytes(&held), buffer_bytes(&more), bytes_of(NULL, 0), &got), S_OK);
        assert_true(bytes_equal(buffer_bytes(&got), buffer_bytes(is_summed ? &base : &held)));
    }
    value_draw(&random, CELL_COUNT, &more);
    assert_int_equal(cell_value_advance(bytes_of(NULL, 0), buffer_bytes(&more), bytes_of(NULL, 0), &got), S_DENIED);
    assert_int_equal(cell_value_advance(bytes_text("\x02\x02"), buffer_bytes(&more), bytes_of(NULL, 0), &got), S_DENIED);
    buffer_release(&base), buffer_release(&more), buffer_release(&held), buffer_release(&got);
}

static enum status merge_texts(const char *old, size_t old_size, const char *more, size_t more_size)
{
    struct buffer out;

    buffer_init(&out);
    enum status status = cell_value_merge(bytes_of(old, old_size), bytes_of(more, more_size), &out);
    buffer_release(&out);
    return status;
}

static void what_cannot_be_merged_is_said(void **state)
{
    (void)state;
    assert_int_equal(merge_texts("\x01\x02", 2, "\x02\x02", 2), S_DENIED); /* two kinds */
    assert_int_equal(merge_texts("", 0, "\x07zz", 3), S_DENIED);           /* an element has its stream's dot */
    assert_int_equal(merge_texts("", 0, "\x08", 1), S_DENIED);
    assert_int_equal(merge_texts("", 0, "\x0a", 1), S_DENIED);
    assert_int_equal(merge_texts("", 0, "\xf0z", 2), S_DENIED); /* of a later version */
    assert_int_equal(merge_texts("", 0, "", 0), S_DENIED);
    assert_int_equal(merge_texts("", 0, "\x01", 1), S_INVALID);
    assert_int_equal(merge_texts("", 0, "\x03\xff\xff", 3), S_INVALID);
    assert_int_equal(merge_texts("", 0, "\x05\xff\xff", 3), S_INVALID);
    assert_int_equal(merge_texts("", 0, "\x06\x01", 2), S_INVALID);
}

static void a_sum_past_int64_is_an_error_and_a_histogram_never_shrinks(void **state)
{
    struct buffer a, b, out;
    struct histogram histogram;
    (void)state;

    buffer_init(&a), buffer_init(&b), buffer_init(&out);
    cell_value_number(&a, CELL_COUNT, INT64_MAX);
    cell_value_number(&b, CELL_COUNT, 1);
    assert_int_equal(cell_value_merge(buffer_bytes(&a), buffer_bytes(&b), &out), S_TOO_LARGE);
    buffer_clear(&b);
    cell_value_number(&b, CELL_COUNT, 0);
    assert_int_equal(cell_value_merge(buffer_bytes(&a), buffer_bytes(&b), &out), S_OK);
    buffer_clear(&a), buffer_clear(&b);
    histogram_init(&histogram, CELL_SCORES);
    histogram_add(&histogram, 7, 1);
    histogram_encode(&histogram, &b);
    histogram_add(&histogram, 7, 1);
    histogram_encode(&histogram, &a);
    histogram_release(&histogram);
    assert_int_equal(cell_value_advance(bytes_of(NULL, 0), buffer_bytes(&a), buffer_bytes(&b), &out), S_INVALID);
    assert_int_equal(cell_value_advance(bytes_of(NULL, 0), buffer_bytes(&b), buffer_bytes(&a), &out), S_OK);
    assert_true(bytes_equal(buffer_bytes(&out), buffer_bytes(&b)));
    buffer_release(&a), buffer_release(&b), buffer_release(&out);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merged_counts_for_what_two_count_for_side_by_side),
        cmocka_unit_test(a_difference_brings_a_merged_value_to_the_later_state),
        cmocka_unit_test(what_was_merged_is_taken_out_again),
        cmocka_unit_test(what_cannot_be_merged_is_said),
        cmocka_unit_test(a_sum_past_int64_is_an_error_and_a_histogram_never_shrinks),
    };
    return KIT_RUN(tests);
}
