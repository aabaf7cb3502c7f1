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

/* What `text` becomes; the same array holds it, so only until the next call. */
static const char *disarmed(const char *text, size_t size, const char *kept)
{
    static uint8_t copy[256];

    assert_true(size < sizeof copy);
    memcpy(copy, text, size);
    copy[utf8_disarm(copy, size, kept)] = '\0';
    return (const char *)copy;
}

static void what_steers_a_terminal_becomes_a_question_mark(void **state)
{
    char line[] = "caf\xc3\xa9\n\xc2\x9bK\xd8\xb9\xd8";
    (void)state;

    for (unsigned c = 0; c < 0x100; c++) { /* every one of a byte, and every one of two that begins with C2 */
        char text[] = {'a', (char)c, 'b', '\0'}, two[] = {'a', (char)0xc2, (char)c, 'b', '\0'}, cut[] = {'a', '?', (char)c, 'b', '\0'};
        bool is_shown = c >= 0x20 && c < 0x7f, is_continuation = c >= 0x80 && c < 0xc0;

        assert_string_equal(disarmed(text, 3, ""), is_shown ? text : "a?b");
        if (is_continuation) {
            assert_string_equal(disarmed(two, 4, ""), c < 0xa0 ? "a?b" : two);
        } else {
            assert_string_equal(disarmed(two, 4, ""), is_shown ? cut : "a??b");
        }
    }
    for (unsigned c = 0x2000; c < 0x2100; c++) { /* the marks that turn directions, and those beside them */
        char text[] = {'a', (char)0xe2, (char)(0x80 | (c >> 6 & 0x3f)), (char)(0x80 | (c & 0x3f)), 'b', '\0'};
        bool is_turning = (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);

        assert_string_equal(disarmed(text, 5, ""), is_turning ? "a?b" : text);
    }
    assert_string_equal(disarmed("a\tb\nc\rd\0e", 9, "\t\n"), "a\tb\nc?d?e");
    assert_string_equal(disarmed("\xe4\xb8x\xed\xa0\x80\xf4\x90\x80\x80", 10, ""), "??x???????"); /* malformed */
    assert_string_equal(disarmed("", 0, ""), "");

    utf8_disarm_line(line);
    assert_string_equal(line, "caf\xc3\xa9??K\xd8\xb9");
}

static void scripts_emoji_and_their_joiners_are_shown_as_they_are(void **state)
{
    static const char *const texts[] = {
        "\xd9\x85\xd8\xaf\xd8\xb1\xd8\xb3 \xe2\x80\x8f\xe2\x80\x8e \xd8\x9c",              /* Arabic with RLM, LRM, ALM */
        "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae\xd9\x88\xd8\xa7\xd9\x87\xd9\x85",              /* Persian with a non-joiner */
        "d\xc3\xa9j\xc3\xa0 vu\xc2\xa0: \xc5\x93uvre",                                          /* French with a no-break space */
        "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x8f\xab \xe4\xb8\xad\xe6\x96\x87 \xd0\x9a\xd0\xb0", /* a teacher: a joiner between two emoji */
        "\xc2\xad\xef\xbb\xbf\xf4\x8f\xbf\xbf",                                                 /* a soft hyphen, a BOM, the last code point */
    };
    (void)state;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_string_equal(disarmed(texts[i], strlen(texts[i]), ""), texts[i]);
        assert_int_equal(utf8_unshown_size(bytes_text(texts[i])), 0);
    }
    assert_int_equal(utf8_unshown_size(bytes_of("", 0)), 0);
}

static void a_character_cut_off_at_the_end_is_told_from_a_whole_one(void **state)
{
    static const char text[] = "ab\xd8\xb9\xe4\xb8\xad\xf0\x9f\x8c\x8d";
    static const size_t whole[] = {0, 1, 2, 2, 4, 4, 4, 7, 7, 7, 7, 11};
    (void)state;

    for (size_t size = 0; size < sizeof whole / sizeof *whole; size++) {
        assert_int_equal(utf8_whole_size(bytes_of(text, size)), whole[size]);
    }
    assert_int_equal(utf8_whole_size(bytes_text("a\x80\x80\x80\x80")), 5); /* not cut: malformed */
    assert_int_equal(utf8_whole_size(bytes_text("\x80")), 1);
    assert_int_equal(utf8_whole_size(bytes_text("a\xff")), 2);
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
        cmocka_unit_test(what_steers_a_terminal_becomes_a_question_mark),
        cmocka_unit_test(scripts_emoji_and_their_joiners_are_shown_as_they_are),
        cmocka_unit_test(a_character_cut_off_at_the_end_is_told_from_a_whole_one),
        cmocka_unit_test(hex_round_trips_and_refuses_other_lengths),
        cmocka_unit_test(only_zeros_are_the_id_of_none),
    };
    return KIT_RUN(tests);
}
