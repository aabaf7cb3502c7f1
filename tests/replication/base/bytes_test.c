#include "replication/base/bytes.h"
#include "tests/kit/kit.h"

#include <string.h>

static void varints_of_every_length_come_back(void **state)
{
    struct buffer buffer;
    (void)state;

    buffer_init(&buffer);
    for (unsigned shift = 0; shift < 64; shift++) {
        uint64_t value = 1ULL << shift, back;
        buffer_clear(&buffer);
        buffer_append_varint(&buffer, value - 1);
        buffer_append_varint(&buffer, value);
        struct bytes in = buffer_bytes(&buffer);
        assert_true(bytes_take_varint(&in, &back));
        assert_int_equal(back, value - 1);
        assert_true(bytes_take_varint(&in, &back));
        assert_int_equal(back, value);
        assert_int_equal(in.size, 0);
    }
    buffer_release(&buffer);
}

static void a_truncated_overlong_or_padded_varint_is_refused(void **state)
{
    static const uint8_t overlong[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02};
    struct bytes in = bytes_of("\x80", 1);
    uint64_t value;
    (void)state;

    assert_false(bytes_take_varint(&in, &value));
    in = bytes_of(overlong, sizeof overlong);
    assert_false(bytes_take_varint(&in, &value));
    in = bytes_of("\x81\x00", 2);
    assert_false(bytes_take_varint(&in, &value));
    in = bytes_of("\x00", 1);
    assert_true(bytes_take_varint(&in, &value));
    assert_int_equal(value, 0);
}

static void zigzag_covers_the_extremes(void **state)
{
    static const int64_t values[] = {0, -1, 1, INT64_MIN, INT64_MAX};
    (void)state;

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        assert_int_equal(zigzag_decode(zigzag_encode(values[i])), values[i]);
    }
    assert_int_equal(zigzag_encode(-1), 1);
}

static void utf8_refuses_what_rfc_3629_refuses(void **state)
{
    (void)state;
    assert_true(utf8_is_valid(bytes_text("h\xc3\xa9llo \xd8\xb9\xd8\xb1 \xe4\xb8\xad \xf0\x9f\x8c\x8d")));
    assert_false(utf8_is_valid(bytes_text("\xc0\xaf")));         /* overlong */
    assert_false(utf8_is_valid(bytes_text("\xed\xa0\x80")));     /* surrogate */
    assert_false(utf8_is_valid(bytes_text("\xf4\x90\x80\x80"))); /* above U+10FFFF */
    assert_false(utf8_is_valid(bytes_text("\xe4\xb8")));         /* cut */
    assert_int_equal(utf8_valid_size(bytes_text("plain ascii \xc3\xa9\xe4\xb8")), 14);
    assert_false(utf8_is_valid(bytes_of("a\0b", 3)));            /* NUL */
}

static void hex_round_trips_and_refuses_other_lengths(void **state)
{
    struct id id;
    char text[ID_HEX_SIZE];
    (void)state;

    assert_true(hex_decode("00112233445566778899aAbBcCdDeEfF", id.b, sizeof id.b));
    id_hex(&id, text);
    assert_string_equal(text, "00112233445566778899aabbccddeeff");
    assert_false(hex_decode("0011", id.b, sizeof id.b));
    assert_false(hex_decode("00112233445566778899aabbccddeeff0", id.b, sizeof id.b));
    assert_false(hex_decode("0g112233445566778899aabbccddeeff", id.b, sizeof id.b));
}

static void only_zeros_are_the_id_of_none(void **state)
{
    struct id id = id_none;
    (void)state;

    assert_true(id_is_none(&id));
    for (size_t i = 0; i < 8 * sizeof id.b; i++) {
        id.b[i / 8] = (uint8_t)(1U << i % 8);
        assert_false(id_is_none(&id));
        id.b[i / 8] = 0;
    }
    assert_true(id_is_none(&id));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(varints_of_every_length_come_back),
        cmocka_unit_test(a_truncated_overlong_or_padded_varint_is_refused),
        cmocka_unit_test(zigzag_covers_the_extremes),
        cmocka_unit_test(utf8_refuses_what_rfc_3629_refuses),
        cmocka_unit_test(hex_round_trips_and_refuses_other_lengths),
        cmocka_unit_test(only_zeros_are_the_id_of_none),
    };
    return KIT_RUN(tests);
}
