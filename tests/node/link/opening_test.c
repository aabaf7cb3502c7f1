#include "tests/kit/kit.h"

#include <string.h>

#include "node/link/opening.h"
#include "replication/wire/frame.h"

static void test_an_opening_comes_back_as_it_was(void **state)
{
    struct opening opening = {.line = CHANNEL_BULK, .number = {1, 2, 3, 4, 5, 6, 7, 255}}, back;
    uint8_t packet[OPENING_SIZE];

    (void)state;
    opening_encode(&opening, packet);
    assert_true(opening_decode(bytes_of(packet, sizeof packet), &back));
    assert_int_equal(back.line, CHANNEL_BULK);
    assert_memory_equal(back.number, opening.number, sizeof opening.number);
}

static void test_frames_and_garbage_are_no_openings(void **state)
{
    struct opening opening = {.line = CHANNEL_CONTROL}, back;
    uint8_t packet[OPENING_SIZE + 1];

    (void)state;
    opening_encode(&opening, packet);
    assert_false(opening_decode(bytes_of(packet, OPENING_SIZE - 1), &back));
    assert_false(opening_decode(bytes_of(packet, OPENING_SIZE + 1), &back));
    packet[1] = OPENING_LINES_MAX - 1;
    assert_true(opening_decode(bytes_of(packet, OPENING_SIZE), &back));
    assert_int_equal(back.line, OPENING_LINES_MAX - 1);
    packet[1] = OPENING_LINES_MAX;
    assert_false(opening_decode(bytes_of(packet, OPENING_SIZE), &back));
    packet[1] = CHANNEL_CONTROL;
    packet[0] = WIRE_VERSION;
    assert_false(opening_decode(bytes_of(packet, OPENING_SIZE), &back));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_opening_comes_back_as_it_was),
        cmocka_unit_test(test_frames_and_garbage_are_no_openings),
    };

    return KIT_RUN(tests);
}
