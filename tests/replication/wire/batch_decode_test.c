#include "replication/wire/batch.h"
#include "tests/kit/kit.h"

#include <string.h>

#include "replication/wire/batch_format.h"
#include "replication/wire/terms.h"
#include "tests/replication/wire/batches.h"

static struct arena made, arena;
static struct buffer out;

static int begin(void **state)
{
    (void)state;
    arena_init(&made, 8 * 1024 * 1024);
    arena_init(&arena, BATCH_ARENA_SIZE);
    buffer_init(&out);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_release(&made);
    arena_release(&arena);
    buffer_release(&out);
    return 0;
}

static enum status decode(struct bytes body)
{
    struct batch back;
    arena_clear(&arena);
    return batch_decode(body, &arena, &back);
}

static void every_prefix_and_any_more_is_refused(void **state)
{
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    for (size_t round = 0; round < 20; round++) {
        arena_clear(&made);
        buffer_clear(&out);
        struct batch batch = batches_odd(&random, kit_random_below(&random, 12), 40, &made);
        batch.has_certificate = round % 2;
        assert_int_equal(batch_encode(&batch, &out), S_OK);
        for (size_t size = 0; size < out.size; size++) {
            assert_int_equal(decode(bytes_of(out.data, size)), S_INVALID);
        }
        buffer_append_u8(&out, 0);
        assert_int_equal(decode(buffer_bytes(&out)), S_INVALID);
    }
}

static void flipped_bytes_never_crash_nor_pass_the_arena(void **state)
{
    struct kit_random random;
    struct buffer bent;
    (void)state;

    buffer_init(&bent);
    kit_random_seed(&random, kit_fresh_seed());
    for (size_t round = 0; round < 30000; round++) {
        if (round % 300 == 0) {
            arena_clear(&made);
            buffer_clear(&out);
            size_t count = kit_random_below(&random, 100);
            struct batch batch = round % 600 ? batches_results(&random, count, &made)
                                             : batches_odd(&random, count, 300, &made);
            assert_int_equal(batch_encode(&batch, &out), S_OK);
        }
        buffer_clear(&bent);
        buffer_append(&bent, out.data, out.size);
        for (uint64_t flips = 1 + kit_random_below(&random, 4); flips > 0; flips--) {
            bent.data[kit_random_below(&random, bent.size)] = (uint8_t)kit_random_u64(&random);
        }
        (void)decode(buffer_bytes(&bent));
        assert_true(arena.used <= arena.size_max);
    }
    buffer_release(&bent);
}

/* A head without certificate, up to and with the count of rows. */
static void head(uint64_t after_seq, uint64_t count)
{
    struct stream_id stream = {.topic = TOPIC_RESULTS};
    uint8_t raw[STREAM_ID_SIZE];

    stream_id_encode(&stream, raw);
    buffer_clear(&out);
    buffer_append_u8(&out, BATCH_VERSION);
    buffer_append(&out, raw, sizeof raw);
    buffer_append_u8(&out, 0);
    buffer_append_varint(&out, after_seq);
    buffer_append_varint(&out, count);
}

/* A constant column. */
static void constant(int64_t value)
{
    buffer_append_varint(&out, zigzag_encode(value));
    buffer_append_u8(&out, 0);
}

/* One row by its parts: gap of its seq, segments, a constant key, class, number or size, and the bytes
 * behind. */
static enum status one_row(int64_t gap, int64_t segments, const char *key, int64_t class, int64_t number,
                           const char *rest)
{
    constant(gap);
    constant(segments);
    buffer_append_u8(&out, 0);
    buffer_append_varint(&out, strlen(key));
    buffer_append(&out, key, strlen(key));
    constant(class);
    constant(number);
    buffer_append(&out, rest, strlen(rest));
    return decode(buffer_bytes(&out));
}

static void the_head_is_checked(void **state)
{
    (void)state;
    head(0, 0);
    assert_int_equal(decode(buffer_bytes(&out)), S_OK);
    out.data[0] = BATCH_VERSION + 1;
    assert_int_equal(decode(buffer_bytes(&out)), S_VERSION);
    head(0, 0);
    out.data[1] = 200; /* topic */
    assert_int_equal(decode(buffer_bytes(&out)), S_INVALID);
    head(0, 0);
    out.data[1 + STREAM_ID_SIZE] = 2; /* flags */
    assert_int_equal(decode(buffer_bytes(&out)), S_INVALID);
    head(SEQ_MAX + 1, 0);
    assert_int_equal(decode(buffer_bytes(&out)), S_INVALID);
    head(0, BATCH_CELLS_MAX + 1);
    assert_int_equal(decode(buffer_bytes(&out)), S_TOO_LARGE);
}

static void each_field_of_a_row_is_checked(void **state)
{
    static char longest[TERM_SIZE_MAX + 2];
    (void)state;

    memset(longest, 'k', TERM_SIZE_MAX + 1);
    head(5, 1), assert_int_equal(one_row(0, 1, "k", CELL_COUNT, -7, ""), S_OK);
    head(5, 1), assert_int_equal(one_row(0, 0, "k", CLASS_OTHER, 2, "\6x"), S_OK);
    head(5, 1), assert_int_equal(one_row(-1, 1, "k", CELL_COUNT, 0, ""), S_INVALID);
    head(SEQ_MAX - 1, 1), assert_int_equal(one_row(0, 1, "k", CELL_COUNT, 0, ""), S_OK);
    head(SEQ_MAX - 1, 1), assert_int_equal(one_row(1, 1, "k", CELL_COUNT, 0, ""), S_INVALID);
    head(SEQ_MAX, 1), assert_int_equal(one_row(0, 1, "k", CELL_COUNT, 0, ""), S_INVALID);
    head(0, 1), assert_int_equal(one_row(INT64_MAX, 1, "k", CELL_COUNT, 0, ""), S_INVALID);
    head(0, 1), assert_int_equal(one_row(0, -1, "k", CELL_COUNT, 0, ""), S_INVALID);
    head(0, 1), assert_int_equal(one_row(0, KEY_SEGMENTS_MAX + 1, "k", CELL_COUNT, 0, ""), S_INVALID);
    head(0, 1), assert_int_equal(one_row(0, 1, "", CELL_COUNT, 0, ""), S_INVALID);
    head(0, 1), assert_int_equal(one_row(0, 1, longest + 1, CELL_COUNT, 0, ""), S_OK);
    head(0, 1), assert_int_equal(one_row(0, 1, longest, CELL_COUNT, 0, ""), S_INVALID);
    head(0, 1), assert_int_equal(one_row(0, 1, "k", CELL_SCORES, 0, ""), S_INVALID);
    head(0, 1), assert_int_equal(one_row(0, 1, "k", -1, 0, ""), S_INVALID);
    head(0, 1), assert_int_equal(one_row(0, 1, "k", CLASS_OTHER, 0, ""), S_INVALID);
    head(0, 1), assert_int_equal(one_row(0, 1, "k", CLASS_OTHER, -1, "x"), S_INVALID);
    head(0, 1), assert_int_equal(one_row(0, 1, "k", CLASS_OTHER, CELL_VALUE_MAX + 1, "x"), S_INVALID);
    head(0, 1), assert_int_equal(one_row(0, 1, "k", CLASS_OTHER, 2, "xyz"), S_INVALID);
}

/* A key over the limit from segments within it. */
static void segments_that_add_up_to_too_long_a_key_are_refused(void **state)
{
    static char half[TERM_SIZE_MAX];
    (void)state;

    memset(half, 'k', sizeof half);
    for (size_t second = 255; second <= 256; second++) {
        head(0, 1);
        constant(0);
        constant(2);
        buffer_append_u8(&out, 0);
        buffer_append_varint(&out, 256);
        buffer_append(&out, half, 256);
        buffer_append_u8(&out, 0);
        buffer_append_varint(&out, second);
        buffer_append(&out, half, second);
        constant(CELL_COUNT);
        constant(1);
        assert_int_equal(decode(buffer_bytes(&out)), second == 255 ? S_OK : S_INVALID);
    }
}

/* 600 bytes that would unfold to 65,536 keys of 512 bytes. */
static void a_small_body_cannot_unfold_without_bound(void **state)
{
    static char key[TERM_SIZE_MAX + 1];
    (void)state;

    memset(key, 'k', TERM_SIZE_MAX);
    head(0, BATCH_CELLS_MAX);
    assert_int_equal(one_row(0, 1, key, CELL_COUNT, 0, ""), S_TOO_LARGE);
    assert_true(arena.used <= BATCH_ARENA_SIZE);
    assert_true(out.size < 600);
}

static void a_certificate_below_the_last_row_is_refused(void **state)
{
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, 3);
    struct batch batch = batches_results(&random, 10, &made);
    assert_int_equal(batch_encode(&batch, &out), S_OK);
    assert_int_equal(decode(buffer_bytes(&out)), S_OK);
    out.data[1 + STREAM_ID_SIZE + 1] = 9; /* the certificate opens with its seq, little-endian */
    assert_int_equal(decode(buffer_bytes(&out)), S_INVALID);
}

static void a_body_over_its_limit_is_too_large(void **state)
{
    static uint8_t body[BODY_SIZE_MAX + 1] = {BATCH_VERSION};
    (void)state;

    assert_int_equal(decode(bytes_of(body, sizeof body)), S_TOO_LARGE);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_prefix_and_any_more_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(flipped_bytes_never_crash_nor_pass_the_arena, begin, end),
        cmocka_unit_test_setup_teardown(the_head_is_checked, begin, end),
        cmocka_unit_test_setup_teardown(each_field_of_a_row_is_checked, begin, end),
        cmocka_unit_test_setup_teardown(segments_that_add_up_to_too_long_a_key_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_small_body_cannot_unfold_without_bound, begin, end),
        cmocka_unit_test_setup_teardown(a_certificate_below_the_last_row_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_body_over_its_limit_is_too_large, begin, end),
    };
    return KIT_RUN(tests);
}
