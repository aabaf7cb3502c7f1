#include "replication/crdt/fold.h"
#include "tests/kit/kit.h"

#include <string.h>

enum { NOW_MS = 1000000, CELLS = 40, VALUE_ROOM = 64 };

/* A cell of one of many streams, with a small value of any kind. */
struct sample {
    struct stream_id stream;
    uint8_t raw[VALUE_ROOM];
    size_t size;
};

static struct stream_id stream_of(uint8_t node)
{
    struct stream_id stream = {.node = {{node}}, .incarnation = {{1}}, .topic = TOPIC_RESULTS};
    return stream;
}

static enum status fold_add_bytes(struct fold *fold, uint8_t node, const void *data, size_t size)
{
    struct stream_id stream = stream_of(node);
    return fold_add(fold, &stream, bytes_of(data, size));
}

static enum status fold_add_number(struct fold *fold, uint8_t node, enum cell_kind kind, int64_t number)
{
    struct buffer value;

    buffer_init(&value);
    cell_value_number(&value, kind, number);
    enum status status = fold_add_bytes(fold, node, value.data, value.size);
    buffer_release(&value);
    return status;
}

static void counts_and_sums_add_up_over_streams(void **state)
{
    struct fold fold;
    int64_t number;
    (void)state;

    fold_init(&fold, NOW_MS);
    assert_int_equal(fold_number(&fold, CELL_COUNT, &number), S_NOT_FOUND);
    fold_add_number(&fold, 1, CELL_COUNT, 40);
    fold_add_number(&fold, 2, CELL_COUNT, 2);
    fold_add_number(&fold, 2, CELL_SUM, -7);
    assert_int_equal(fold_number(&fold, CELL_COUNT, &number), S_OK);
    assert_int_equal(number, 42);
    assert_int_equal(fold_number(&fold, CELL_SUM, &number), S_OK);
    assert_int_equal(number, -7);
    assert_int_equal(fold.cells[CELL_COUNT], 2);
    fold_release(&fold);
}

static void an_overflow_is_an_error_at_the_end_not_a_wrap_on_the_way(void **state)
{
    struct fold fold;
    int64_t number;
    (void)state;

    fold_init(&fold, NOW_MS);
    fold_add_number(&fold, 1, CELL_SUM, INT64_MAX);
    assert_int_equal(fold_number(&fold, CELL_SUM, &number), S_OK);
    fold_add_number(&fold, 2, CELL_SUM, 1);
    assert_int_equal(fold_number(&fold, CELL_SUM, &number), S_TOO_LARGE);
    fold_add_number(&fold, 3, CELL_SUM, -1);
    assert_int_equal(fold_number(&fold, CELL_SUM, &number), S_OK);
    assert_true(number == INT64_MAX);
    fold_add_number(&fold, 4, CELL_COUNT, INT64_MIN);
    assert_int_equal(fold_number(&fold, CELL_COUNT, &number), S_OK);
    fold_add_number(&fold, 5, CELL_COUNT, -1);
    assert_int_equal(fold_number(&fold, CELL_COUNT, &number), S_TOO_LARGE);
    fold_release(&fold);
}

static void suppressed_and_missing_reach_the_reader_and_are_not_0(void **state)
{
    struct fold fold;
    int64_t number;
    (void)state;

    fold_init(&fold, NOW_MS);
    assert_int_equal(fold_add_bytes(&fold, 1, "\x08", 1), S_OK);
    assert_true(fold_is_suppressed(&fold));
    assert_false(fold_is_missing(&fold));
    assert_int_equal(fold_number(&fold, CELL_COUNT, &number), S_NOT_FOUND);
    fold_add_number(&fold, 2, CELL_COUNT, 12);
    assert_int_equal(fold_add_bytes(&fold, 3, "\x09", 1), S_OK);
    assert_true(fold_is_suppressed(&fold));
    assert_true(fold_is_missing(&fold));
    assert_int_equal(fold_number(&fold, CELL_COUNT, &number), S_OK);
    assert_int_equal(number, 12);
    fold_release(&fold);
}

static void unknown_kinds_and_malformed_values_are_counted(void **state)
{
    struct fold fold;
    int64_t number;
    (void)state;

    fold_init(&fold, NOW_MS);
    assert_int_equal(fold_add_bytes(&fold, 1, "\x0b what a later version says", 24), S_OK);
    assert_int_equal(fold_add_bytes(&fold, 1, "\x00", 1), S_OK);
    assert_int_equal(fold_add_bytes(&fold, 1, "\xff", 1), S_OK);
    assert_int_equal(fold.cells[0], 3);
    assert_int_equal(fold_add_bytes(&fold, 1, "", 0), S_INVALID);
    for (uint8_t kind = CELL_KIND_FIRST; kind <= CELL_ELEMENT; kind++) {
        uint8_t raw[3] = {kind, 0xff, 0xff};
        assert_int_equal(fold_add_bytes(&fold, 1, raw, sizeof raw), S_INVALID);
        assert_int_equal(fold.cells[kind], 0);
    }
    assert_int_equal(fold.malformed, 1 + CELL_ELEMENT);
    assert_int_equal(fold_number(&fold, CELL_COUNT, &number), S_NOT_FOUND);
    fold_release(&fold);
}

static void every_kind_finds_its_part(void **state)
{
    struct fold fold;
    double value, error;
    (void)state;

    fold_init(&fold, NOW_MS);
    assert_int_equal(fold_add_bytes(&fold, 1, "\x03\x50\x02", 3), S_OK);
    assert_int_equal(fold_add_bytes(&fold, 2, "\x03\x5a\x02", 3), S_OK);
    assert_true(histogram_mean(fold.scores, &value));
    assert_true(value == 85);
    assert_int_equal(fold_add_bytes(&fold, 1, "\x04\x3c\x01", 3), S_OK);
    assert_true(histogram_median(fold.durations, &value));
    assert_true(value == 60);
    assert_int_equal(fold_add_bytes(&fold, 1, "\x05\x00person-1", 10), S_OK);
    assert_int_equal(fold_add_bytes(&fold, 2, "\x05\x00person-1", 10), S_OK);
    assert_true(people_estimate(fold.people, &error) == 1);
    assert_int_equal(fold_add_bytes(&fold, 1, "\x06\x01\0\0\0\0\0\0\0name", 13), S_OK);
    assert_true(bytes_equal(register_fold_winner(fold.registers)->content, bytes_text("name")));
    assert_int_equal(fold_add_bytes(&fold, 1, "\x07\x01x\x01\x00", 5), S_OK);
    assert_true(set_fold_has(fold.elements, bytes_text("x")));
    fold_release(&fold);
}

static void a_full_histogram_is_an_error_not_a_wrap(void **state)
{
    static const uint8_t full[] = {3, 7, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};
    struct fold fold;
    double mean;
    (void)state;

    fold_init(&fold, NOW_MS);
    assert_int_equal(fold_add_bytes(&fold, 1, full, sizeof full), S_OK);
    assert_int_equal(fold_add_bytes(&fold, 2, full, sizeof full), S_TOO_LARGE);
    assert_false(histogram_mean(fold.scores, &mean));
    fold_release(&fold);
}

static void sample_draw(struct kit_random *random, struct sample *sample)
{
    uint8_t kind = (uint8_t)kit_random_below(random, CELL_KIND_LAST + 2);

    sample->stream = stream_of((uint8_t)kit_random_below(random, 8));
    memset(sample->raw, 0, sizeof sample->raw);
    sample->raw[0] = kind;
    for (size_t i = 1; i < 10; i++) {
        sample->raw[i] = (uint8_t)kit_random_below(random, 4);
    }
    switch (kind) {
    case CELL_SCORES:
    case CELL_DURATIONS:
        sample->size = 3;
        sample->raw[2]++;
        break;
    case CELL_PEOPLE:
        sample->size = 10;
        sample->raw[1] = 0;
        break;
    case CELL_REGISTER:
        sample->size = 10;
        break;
    case CELL_ELEMENT:
        sample->size = 5;
        sample->raw[1] = 1;
        sample->raw[4] = 0;
        break;
    default:
        sample->size = 2;
    }
}

static void folds_assert_equal(const struct fold *a, const struct fold *b)
{
    double left, right, error;

    assert_memory_equal(a->cells, b->cells, sizeof a->cells);
    assert_int_equal(a->malformed, b->malformed);
    assert_true(a->count == b->count && a->sum == b->sum);
    if (a->cells[CELL_SCORES]) {
        assert_memory_equal(a->scores->counts, b->scores->counts, SCORE_BUCKETS * sizeof(uint64_t));
    }
    if (a->cells[CELL_DURATIONS]) {
        assert_true(histogram_mean(a->durations, &left));
        assert_true(histogram_mean(b->durations, &right));
        assert_true(left == right);
    }
    if (a->cells[CELL_PEOPLE]) {
        assert_true(people_estimate(a->people, &error) == people_estimate(b->people, &error));
    }
    if (a->cells[CELL_REGISTER]) {
        assert_true(bytes_equal(register_fold_winner(a->registers)->content,
                                register_fold_winner(b->registers)->content));
        assert_int_equal(a->registers->count, b->registers->count);
    }
    if (a->cells[CELL_ELEMENT]) {
        assert_int_equal(a->elements->count, b->elements->count);
    }
}

static void neither_order_nor_grouping_matters(void **state)
{
    struct kit_random random;
    struct sample samples[CELLS];
    struct fold whole, parts[3];
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    for (unsigned trial = 0; trial < 200; trial++) {
        fold_init(&whole, NOW_MS);
        for (size_t i = 0; i < 3; i++) {
            fold_init(&parts[i], NOW_MS);
        }
        for (size_t i = 0; i < CELLS; i++) {
            sample_draw(&random, &samples[i]);
            fold_add(&whole, &samples[i].stream, bytes_of(samples[i].raw, samples[i].size));
        }
        for (size_t i = CELLS; i > 0; i--) {
            const struct sample *sample = &samples[i - 1];
            fold_add(&parts[kit_random_below(&random, 3)], &sample->stream,
                     bytes_of(sample->raw, sample->size));
        }
        assert_int_equal(fold_merge(&parts[1], &parts[2]), S_OK);
        assert_int_equal(fold_merge(&parts[0], &parts[1]), S_OK);
        folds_assert_equal(&whole, &parts[0]);
        fold_release(&whole);
        for (size_t i = 0; i < 3; i++) {
            fold_release(&parts[i]);
        }
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_and_sums_add_up_over_streams),
        cmocka_unit_test(an_overflow_is_an_error_at_the_end_not_a_wrap_on_the_way),
        cmocka_unit_test(suppressed_and_missing_reach_the_reader_and_are_not_0),
        cmocka_unit_test(unknown_kinds_and_malformed_values_are_counted),
        cmocka_unit_test(every_kind_finds_its_part),
        cmocka_unit_test(a_full_histogram_is_an_error_not_a_wrap),
        cmocka_unit_test(neither_order_nor_grouping_matters),
    };
    return KIT_RUN(tests);
}
