#include "replication/crdt/cell.h"
#include "tests/kit/kit.h"

#include <string.h>

static void sizes_and_seq_hold_at_their_edges(void **state)
{
    static uint8_t room[CELL_VALUE_MAX + 1];
    struct cell cell = {.seq = 1, .key = bytes_of(room, 1), .value = bytes_of(room, 1)};
    (void)state;

    assert_int_equal(cell_check(&cell), S_OK);
    cell.key.size = CELL_KEY_MAX;
    cell.value.size = CELL_VALUE_MAX;
    cell.seq = SEQ_MAX;
    assert_int_equal(cell_check(&cell), S_OK);
    cell.key.size = CELL_KEY_MAX + 1;
    assert_int_equal(cell_check(&cell), S_TOO_LARGE);
    cell.key.size = 0;
    assert_int_equal(cell_check(&cell), S_INVALID);
    cell.key.size = 1;
    cell.value.size = CELL_VALUE_MAX + 1;
    assert_int_equal(cell_check(&cell), S_TOO_LARGE);
    cell.value.size = 0;
    assert_int_equal(cell_check(&cell), S_INVALID);
    cell.value.size = 1;
    cell.seq = SEQ_MAX + 1;
    assert_int_equal(cell_check(&cell), S_TOO_LARGE);
    cell.seq = 0;
    assert_int_equal(cell_check(&cell), S_INVALID);
}

static void segments_come_back_empty_ones_included(void **state)
{
    const struct bytes segments[] = {bytes_text("r"), bytes_text(""), bytes_text("en"), bytes_text("")};
    struct bytes back[4];
    struct buffer key;
    (void)state;

    buffer_init(&key);
    assert_int_equal(cell_key_join(segments, 4, &key), S_OK);
    assert_true(bytes_equal(buffer_bytes(&key), bytes_text("r\x1f\x1f"
                                                           "en\x1f")));
    assert_int_equal(cell_key_split(buffer_bytes(&key), back, 4), 4);
    for (size_t i = 0; i < 4; i++) {
        assert_true(bytes_equal(back[i], segments[i]));
    }
    assert_int_equal(cell_key_split(buffer_bytes(&key), back, 3), 0);
    buffer_release(&key);
}

static void a_separator_inside_a_segment_is_refused(void **state)
{
    const struct bytes segments[] = {bytes_text("a"), bytes_text("b\x1f")};
    struct buffer key;
    (void)state;

    buffer_init(&key);
    assert_int_equal(cell_key_join(segments, 2, &key), S_INVALID);
    buffer_release(&key);
}

static void the_number_of_segments_and_the_key_size_are_bounded(void **state)
{
    static char room[CELL_KEY_MAX];
    struct bytes segments[KEY_SEGMENTS_MAX + 1];
    struct buffer key;
    (void)state;

    buffer_init(&key);
    memset(room, 'x', sizeof room);
    for (size_t i = 0; i <= KEY_SEGMENTS_MAX; i++) {
        segments[i] = bytes_text("s");
    }
    assert_int_equal(cell_key_join(segments, KEY_SEGMENTS_MAX, &key), S_OK);
    assert_int_equal(cell_key_join(segments, KEY_SEGMENTS_MAX + 1, &key), S_INVALID);
    assert_int_equal(cell_key_join(segments, 0, &key), S_INVALID);
    segments[1] = bytes_of(room, CELL_KEY_MAX - 2);
    assert_int_equal(cell_key_join(segments, 2, &key), S_OK);
    assert_int_equal(key.size, CELL_KEY_MAX);
    segments[1].size++;
    assert_int_equal(cell_key_join(segments, 2, &key), S_TOO_LARGE);
    segments[0] = bytes_of(room, 0);
    assert_int_equal(cell_key_join(segments, 1, &key), S_INVALID);
    buffer_release(&key);
}

static void numbers_come_back(void **state)
{
    static const int64_t numbers[] = {0, 1, -1, 63, 64, INT64_MAX, INT64_MIN};
    struct buffer value;
    (void)state;

    buffer_init(&value);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        int64_t back;
        buffer_clear(&value);
        cell_value_number(&value, i % 2 ? CELL_SUM : CELL_COUNT, numbers[i]);
        assert_true(cell_value_get_number(buffer_bytes(&value), &back));
        assert_int_equal(back, numbers[i]);
        buffer_append_u8(&value, 0);
        assert_false(cell_value_get_number(buffer_bytes(&value), &back));
    }
    buffer_release(&value);
}

static void malformed_numbers_are_refused(void **state)
{
    int64_t number;
    (void)state;

    assert_false(cell_value_get_number(bytes_of(NULL, 0), &number));
    assert_false(cell_value_get_number(bytes_of("\x01", 1), &number));
    assert_false(cell_value_get_number(bytes_of("\x01\x80", 2), &number));
    assert_false(cell_value_get_number(bytes_of("\x03\x02", 2), &number));
}

static void a_register_comes_back(void **state)
{
    struct buffer value;
    struct bytes content;
    hlc stamp;
    (void)state;

    buffer_init(&value);
    cell_value_register(&value, 0x0102030405060708, bytes_text("content"));
    assert_int_equal(value.data[1], 8);
    assert_true(cell_value_get_register(buffer_bytes(&value), &stamp, &content));
    assert_int_equal(stamp, 0x0102030405060708);
    assert_true(bytes_equal(content, bytes_text("content")));
    assert_true(cell_value_get_register(bytes_of(value.data, 9), &stamp, &content));
    assert_int_equal(content.size, 0);
    assert_false(cell_value_get_register(bytes_of(value.data, 8), &stamp, &content));
    value.data[0] = CELL_COUNT;
    assert_false(cell_value_get_register(buffer_bytes(&value), &stamp, &content));
    buffer_release(&value);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_and_seq_hold_at_their_edges),
        cmocka_unit_test(segments_come_back_empty_ones_included),
        cmocka_unit_test(a_separator_inside_a_segment_is_refused),
        cmocka_unit_test(the_number_of_segments_and_the_key_size_are_bounded),
        cmocka_unit_test(numbers_come_back),
        cmocka_unit_test(malformed_numbers_are_refused),
        cmocka_unit_test(a_register_comes_back),
    };
    return KIT_RUN(tests);
}
