#include "replication/wire/batch.h"
#include "tests/kit/kit.h"

#include <string.h>

#include "replication/wire/batch_format.h"
#include "tests/replication/wire/batches.h"
#include "tests/replication/wire/samples.h"

static struct arena made, arena;
static struct buffer out;

static int begin(void **state)
{
    (void)state;
    arena_init(&made, 64 * 1024 * 1024);
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

static void round_trip(const struct batch *batch)
{
    struct batch back;

    buffer_clear(&out);
    arena_clear(&arena);
    assert_int_equal(batch_encode(batch, &out), S_OK);
    assert_int_equal(batch_decode(buffer_bytes(&out), &arena, &back), S_OK);
    batches_assert_equal(&back, batch);
}

static struct cell cell_of(uint64_t seq, struct bytes key, struct bytes value)
{
    struct cell cell = {.seq = seq, .key = key, .value = value};
    return cell;
}

/* One cell alone, behind seq 0 and without certificate. */
static enum status encode_one(struct cell cell)
{
    struct batch batch = {.cells = &cell, .count = 1};

    batch.stream.topic = TOPIC_RESULTS;
    buffer_clear(&out);
    return batch_encode(&batch, &out);
}

static void result_cells_come_back(void **state)
{
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, 1);
    struct batch batch = batches_results(&random, 5000, &made);
    round_trip(&batch);
    assert_true(out.size < 5000 * 8);
}

static void cells_as_odd_as_the_format_allows_come_back(void **state)
{
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    for (size_t round = 0; round < 200; round++) {
        arena_clear(&made);
        struct batch batch = batches_odd(&random, kit_random_below(&random, 60), 2000, &made);
        batch.has_certificate = kit_random_below(&random, 2);
        round_trip(&batch);
    }
}

static void keys_of_every_shape_come_back(void **state)
{
    static uint8_t longest[CELL_KEY_MAX], separators[CELL_KEY_MAX];
    struct cell cells[] = {
        cell_of(1, bytes_text("\x1f"), bytes_text("\6x")),
        cell_of(2,
                bytes_text("a\x1f"
                           "b\x1f"
                           "c\x1f"
                           "d\x1f"
                           "e\x1f"
                           "f\x1f"
                           "g\x1f"
                           "h\x1f"
                           "i\x1f"
                           "j\x1f"
                           "k\x1f"
                           "l\x1f"
                           "m\x1f"
                           "n\x1f"
                           "o\x1f"
                           "p"),
                bytes_text("\6x")), /* 16 segments */
        cell_of(3, bytes_text("\x1f\x1f\x1f\x1f\x1f\x1f\x1f\x1f\x1f\x1f\x1f\x1f\x1f\x1f\x1f\x1f"),
                bytes_text("\6x")), /* 17, empty */
        cell_of(4, bytes_of(longest, sizeof longest), bytes_text("\6x")),
        cell_of(5, bytes_of(separators, sizeof separators), bytes_text("\6x")),
        cell_of(6, bytes_of("\0", 1), bytes_text("\6x")),
        cell_of(7, bytes_text("no separator"), bytes_text("\6x")),
        cell_of(SEQ_MAX, bytes_text("last\x1f"), bytes_text("\6x")),
    };
    struct batch batch = {.cells = cells, .count = sizeof cells / sizeof *cells};
    (void)state;

    memset(longest, 'k', sizeof longest);
    memset(separators, KEY_SEPARATOR, sizeof separators);
    batch.stream.topic = TOPIC_CATALOGUE;
    round_trip(&batch);
}

static void numbers_come_back_in_the_very_form_they_had(void **state)
{
    static const char *const values[] = {
        "\1\x80\x01",
        "\2\x80\x01",
        "\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        "\1\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        "\1\x81\x81",
        "\1\x7f",
        ("\2\x7f"
         "tail"),
        "\1",
        "\3\x05",
        "\xff",
        "\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
    };
    struct cell cells[16];
    size_t count = sizeof values / sizeof *values;
    struct batch batch = {.cells = cells};
    (void)state;

    for (size_t i = 0; i < count; i++) {
        cells[i] = cell_of(i + 1, bytes_text("k"), bytes_text(values[i]));
    }
    cells[count] = cell_of(count + 1, bytes_text("k"), bytes_of("\1\0", 2));
    count++;
    cells[count] = cell_of(count + 1, bytes_text("k"), bytes_of("\1\x80\0", 3)); /* zero in two bytes */
    count++;
    cells[count] = cell_of(count + 1, bytes_text("k"), bytes_of("\0\5", 2)); /* kind 0 */
    count++;
    batch.count = count;
    batch.stream.topic = TOPIC_RESULTS;
    round_trip(&batch);
}

static void an_empty_batch_carries_its_certificate(void **state)
{
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, 2);
    struct batch batch = batches_results(&random, 0, &made);
    batch.after_seq = batch.certificate.head.seq = 99;
    round_trip(&batch);
    batch.certificate.head.seq = 98;
    assert_int_equal(batch_encode(&batch, &out), S_INVALID);
}

static void sizes_hold_at_their_edges(void **state)
{
    static uint8_t room[CELL_VALUE_MAX + 1];
    (void)state;

    memset(room, 6, sizeof room);
    assert_int_equal(encode_one(cell_of(1, bytes_of(room, CELL_KEY_MAX), bytes_of(room, CELL_VALUE_MAX))),
                     S_OK);
    assert_int_equal(encode_one(cell_of(1, bytes_of(room, CELL_KEY_MAX + 1), bytes_of(room, 1))), S_INVALID);
    assert_int_equal(encode_one(cell_of(1, bytes_of(room, 1), bytes_of(room, CELL_VALUE_MAX + 1))),
                     S_INVALID);
    assert_int_equal(encode_one(cell_of(1, bytes_of(room, 0), bytes_of(room, 1))), S_INVALID);
    assert_int_equal(encode_one(cell_of(1, bytes_of(room, 1), bytes_of(room, 0))), S_INVALID);
    assert_int_equal(encode_one(cell_of(0, bytes_of(room, 1), bytes_of(room, 1))), S_INVALID);
    assert_int_equal(encode_one(cell_of(SEQ_MAX, bytes_of(room, 1), bytes_of(room, 1))), S_OK);
    assert_int_equal(encode_one(cell_of(SEQ_MAX + 1, bytes_of(room, 1), bytes_of(room, 1))), S_INVALID);
    assert_int_equal(out.size, 0);
}

static void rows_out_of_order_are_refused(void **state)
{
    struct cell cells[] = {cell_of(2, bytes_text("a"), bytes_text("\6")),
                           cell_of(2, bytes_text("b"), bytes_text("\6"))};
    struct batch batch = {.cells = cells, .count = 2};
    (void)state;

    assert_int_equal(batch_encode(&batch, &out), S_INVALID);
    cells[1].seq = 1;
    assert_int_equal(batch_encode(&batch, &out), S_INVALID);
    cells[1].seq = 3;
    batch.stream.topic = TOPIC_RESULTS;
    assert_int_equal(batch_encode(&batch, &out), S_OK);
    batch.after_seq = 2;
    assert_int_equal(batch_encode(&batch, &out), S_INVALID);
}

static void the_most_cells_come_back_and_one_more_is_too_large(void **state)
{
    static struct cell cells[BATCH_CELLS_MAX + 1];
    struct batch batch = {.cells = cells, .count = BATCH_CELLS_MAX};
    (void)state;

    for (size_t i = 0; i <= BATCH_CELLS_MAX; i++) {
        cells[i] = cell_of(i + 1, arena_copy(&made, bytes_of(&i, 3)), bytes_of("\1\x02", 2));
    }
    batch.stream.topic = TOPIC_RESULTS;
    round_trip(&batch);
    batch.count++;
    assert_int_equal(batch_encode(&batch, &out), S_TOO_LARGE);
}

/* What an encoder makes, a decoder with BATCH_ARENA_SIZE takes: the row that would pass the cost is refused
 * where it is made. */
static void the_cost_of_decoding_is_bounded_where_a_batch_is_made(void **state)
{
    static uint8_t key[CELL_KEY_MAX];
    static struct cell cells[BATCH_CELLS_MAX];
    struct batch batch = {.cells = cells};
    (void)state;

    memset(key, 'k', sizeof key);
    for (size_t i = 0; i < BATCH_CELLS_MAX; i++) {
        cells[i] = cell_of(i + 1, bytes_of(key, sizeof key), bytes_of("\1\x02", 2));
    }
    batch.stream.topic = TOPIC_RESULTS;
    batch.count = BATCH_COST_MAX / batch_row_cost(sizeof key, 2, 1);
    round_trip(&batch);
    batch.count++;
    assert_int_equal(batch_encode(&batch, &out), S_TOO_LARGE);
}

static void a_body_over_its_limit_is_too_large(void **state)
{
    static uint8_t value[CELL_VALUE_MAX] = {6};
    struct cell cells[65];
    struct batch batch = {.cells = cells, .count = 63};
    (void)state;

    for (size_t i = 0; i < 65; i++) {
        cells[i] = cell_of(i + 1, bytes_text("k"), bytes_of(value, sizeof value));
    }
    batch.stream.topic = TOPIC_RESULTS;
    round_trip(&batch);
    batch.count = 64;
    assert_int_equal(batch_encode(&batch, &out), S_TOO_LARGE);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(result_cells_come_back, begin, end),
        cmocka_unit_test_setup_teardown(cells_as_odd_as_the_format_allows_come_back, begin, end),
        cmocka_unit_test_setup_teardown(keys_of_every_shape_come_back, begin, end),
        cmocka_unit_test_setup_teardown(numbers_come_back_in_the_very_form_they_had, begin, end),
        cmocka_unit_test_setup_teardown(an_empty_batch_carries_its_certificate, begin, end),
        cmocka_unit_test_setup_teardown(sizes_hold_at_their_edges, begin, end),
        cmocka_unit_test_setup_teardown(rows_out_of_order_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(the_most_cells_come_back_and_one_more_is_too_large, begin, end),
        cmocka_unit_test_setup_teardown(the_cost_of_decoding_is_bounded_where_a_batch_is_made, begin, end),
        cmocka_unit_test_setup_teardown(a_body_over_its_limit_is_too_large, begin, end),
    };
    return KIT_RUN(tests);
}
