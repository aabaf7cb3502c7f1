#include "replication/wire/terms.h"
#include "tests/kit/kit.h"

#include <stdio.h>
#include <string.h>

enum { ROWS = 3000, ARENA_SIZE = 4 * 1024 * 1024 };

static struct buffer out;
static struct arena arena;
static struct cuts cuts;
static char texts_room[ROWS][24];
static struct bytes texts[ROWS];

static int begin(void **state)
{
    (void)state;
    buffer_init(&out);
    arena_init(&arena, ARENA_SIZE);
    return 0;
}

static int end(void **state)
{
    (void)state;
    buffer_release(&out);
    arena_release(&arena);
    return 0;
}

static void set_text(size_t i, const char *format, unsigned number)
{
    int size = snprintf(texts_room[i], sizeof texts_room[i], format, number);
    texts[i] = bytes_of(texts_room[i], (size_t)size);
}

static void put(size_t rows)
{
    struct terms_work work;

    buffer_clear(&out);
    cuts.count = 0;
    terms_work_init(&work, rows);
    terms_put(&out, texts, rows, &work, &cuts);
    terms_work_release(&work);
}

static void round_trip(size_t rows, enum terms_mode mode)
{
    struct terms terms;
    struct bytes text, in;
    size_t budget = ARENA_SIZE;

    put(rows);
    arena_clear(&arena);
    in = buffer_bytes(&out);
    assert_int_equal(terms_take(&in, rows, &arena, &budget, &terms), S_OK);
    assert_int_equal(in.size, 0);
    assert_int_equal(terms.mode, mode);
    for (size_t i = 0; i < rows; i++) {
        assert_true(terms_next(&terms, &text));
        assert_true(bytes_equal(text, texts[i]));
    }
    assert_false(terms_next(&terms, &text));
}

static void one_text_for_all_rows_is_kept_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        texts[i] = bytes_text("same");
    }
    round_trip(ROWS, TERMS_CONSTANT);
    assert_int_equal(out.size, 6);
    texts[0] = bytes_text("");
    round_trip(1, TERMS_CONSTANT);
    put(0);
    assert_int_equal(out.size, 0);
}

static void texts_that_cycle_go_out_as_differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        set_text(i, "metric.%02u", (unsigned)(i % 50));
    }
    round_trip(ROWS, TERMS_DELTAS);
}

static void texts_in_no_order_go_out_as_indices(void **state)
{
    static const unsigned numbers[] = {0, 49};
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, 4);
    for (size_t i = 0; i < ROWS; i++) {
        set_text(i, "%02u", numbers[kit_random_below(&random, 2)]);
    }
    round_trip(ROWS, TERMS_IDS);
}

static void more_than_256_texts_take_two_planes(void **state)
{
    (void)state;
    for (unsigned distinct = 255; distinct <= 258; distinct++) {
        for (size_t i = 0; i < ROWS; i++) {
            set_text(i, "%04u", (unsigned)i % distinct);
        }
        round_trip(ROWS, TERMS_DELTAS);
    }
    struct kit_random random;
    kit_random_seed(&random, 5);
    for (size_t i = 0; i < ROWS; i++) {
        set_text(i, "%04u", (unsigned)kit_random_below(&random, 700) & ~3U);
    }
    put(ROWS);
    round_trip(ROWS, (enum terms_mode)out.data[0]);
    assert_true(out.data[0] == TERMS_IDS || out.data[0] == TERMS_DELTAS);
}

static void texts_that_mostly_differ_go_out_plain_and_share_prefixes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        set_text(i, "person-%08u", (unsigned)i);
    }
    round_trip(ROWS, TERMS_PLAIN);
    assert_true(out.size < ROWS * 5);
}

/* Texts whose FNV-1a falls on one slot, found by search: the column falls back to plain instead of taking
 * quadratic time. */
static void texts_chosen_to_collide_go_out_plain(void **state)
{
    enum { DISTINCT = 200, SLOTS = 1024 };
    size_t found = 0;
    (void)state;

    for (unsigned number = 0; found < DISTINCT; number++) {
        set_text(found, "%07u", number);
        uint64_t hash = 0xcbf29ce484222325ULL;
        for (size_t i = 0; i < texts[found].size; i++) {
            hash = (hash ^ texts[found].data[i]) * 0x100000001b3ULL;
        }
        found += ((hash ^ hash >> 32) & (SLOTS - 1)) == 0;
    }
    for (size_t i = DISTINCT; i < SLOTS / 2; i++) {
        texts[i] = texts[i % DISTINCT];
    }
    round_trip(SLOTS / 2, TERMS_PLAIN);
}

static void every_prefix_is_refused(void **state)
{
    struct terms terms;
    (void)state;

    for (size_t mode = 0; mode < 3; mode++) {
        for (size_t i = 0; i < 40; i++) {
            set_text(i, "text-%02u", mode == 0 ? 0 : mode == 1 ? (unsigned)i % 7 : (unsigned)i);
        }
        put(40);
        for (size_t size = 0; size < out.size; size++) {
            struct bytes in = bytes_of(out.data, size);
            size_t budget = ARENA_SIZE;
            arena_clear(&arena);
            assert_int_equal(terms_take(&in, 40, &arena, &budget, &terms), S_INVALID);
        }
    }
}

static enum status take(const char *bytes, size_t size, size_t rows, size_t budget, struct terms *terms)
{
    struct bytes in = bytes_of(bytes, size);
    arena_clear(&arena);
    return terms_take(&in, rows, &arena, &budget, terms);
}

static void malformed_columns_are_refused(void **state)
{
    struct terms terms;
    struct bytes text;
    (void)state;

    assert_int_equal(take("\4", 1, 1, 100, &terms), S_INVALID);           /* no such mode */
    assert_int_equal(take("\0\x81\x04", 3, 1, 1000, &terms), S_INVALID);  /* constant of 513 bytes */
    assert_int_equal(take("\2\0", 2, 3, 100, &terms), S_INVALID);         /* no texts */
    assert_int_equal(take("\2\4", 2, 3, 100, &terms), S_INVALID);         /* more texts than rows */
    assert_int_equal(take("\1\2\0\2\0x", 6, 1, 100, &terms), S_INVALID);  /* shares a byte with nothing */
    assert_int_equal(take("\1\1\0\2\0x", 6, 1, 100, &terms), S_INVALID);  /* shares minus one byte */
    assert_int_equal(take("\1\0\0\2\0xy", 7, 1, 0, &terms), S_TOO_LARGE); /* over the budget */
    assert_int_equal(take("\2\1\0\0\2\0x\0\1", 9, 2, 100, &terms), S_OK);
    assert_true(terms_next(&terms, &text));
    assert_false(terms_next(&terms, &text)); /* index 1 of 1 text */
}

/* Front coding could unfold two bytes to 512 each: the budget is what bounds it. */
static void front_coding_cannot_be_made_a_bomb(void **state)
{
    struct terms terms;
    (void)state;

    buffer_clear(&out);
    buffer_append_u8(&out, TERMS_PLAIN);
    buffer_append_varint(&out, 0); /* shared: 0, then 512 each */
    buffer_append_u8(&out, 2);
    for (int plane = 0; plane < 2; plane++) {
        for (size_t i = 0; i < TERM_ROWS_MAX; i++) {
            buffer_append_u8(&out, (uint8_t)(i == 0 ? 0 : plane * 2));
        }
    }
    buffer_append_varint(&out, 0); /* further: 512, then 0 */
    buffer_append_u8(&out, 2);
    for (int plane = 0; plane < 2; plane++) {
        for (size_t i = 0; i < TERM_ROWS_MAX; i++) {
            buffer_append_u8(&out, (uint8_t)(i == 0 ? plane * 2 : 0));
        }
    }
    for (size_t i = 0; i < TERM_SIZE_MAX; i++) {
        buffer_append_u8(&out, 'x');
    }
    assert_int_equal(take((const char *)out.data, out.size, TERM_ROWS_MAX, 1 << 20, &terms), S_TOO_LARGE);
    assert_int_equal(arena.used, 0);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_text_for_all_rows_is_kept_once, begin, end),
        cmocka_unit_test_setup_teardown(texts_that_cycle_go_out_as_differences, begin, end),
        cmocka_unit_test_setup_teardown(texts_in_no_order_go_out_as_indices, begin, end),
        cmocka_unit_test_setup_teardown(more_than_256_texts_take_two_planes, begin, end),
        cmocka_unit_test_setup_teardown(texts_that_mostly_differ_go_out_plain_and_share_prefixes, begin, end),
        cmocka_unit_test_setup_teardown(texts_chosen_to_collide_go_out_plain, begin, end),
        cmocka_unit_test_setup_teardown(every_prefix_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(malformed_columns_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(front_coding_cannot_be_made_a_bomb, begin, end),
    };
    return KIT_RUN(tests);
}
