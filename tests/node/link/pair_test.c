#include "node/link/pair.h"

#include <string.h>

#include "node/link/socket.h"
#include "replication/wire/frame.h"
#include "replication/wire/message.h"
#include "tests/kit/kit.h"

enum { CURVE_COST_MAX = 64 }; /* of one packet, as ZeroMQ counts it against its limit */

_Static_assert(PAIR_SIZE_MAX + CURVE_COST_MAX <= PACKET_SIZE_MAX, "a packet of two frames is taken");

static uint8_t memory[2][FRAME_SIZE_MAX + 1];

/* A frame of contents. */
static struct bytes frame_of(size_t which, size_t size)
{
    memset(memory[which], (int)(which + 7), sizeof memory[which]);
    memory[which][0] = WIRE_VERSION;
    memory[which][1] = MESSAGE_PIECES;
    return bytes_of(memory[which], size);
}

static void two_frames_come_back_in_their_order(void **state)
{
    static const size_t sizes[][2] = {{PAIR_FRAME_MIN, PAIR_FRAME_MIN},
                                      {31775, 31775},
                                      {FRAME_SIZE_MAX, PAIR_SIZE_MAX - 4 - FRAME_SIZE_MAX},
                                      {PAIR_FRAME_MIN, FRAME_SIZE_MAX}};
    struct pair pair = {.packet = NULL};
    struct bytes packet, back[2];
    (void)state;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct bytes first = frame_of(0, sizes[i][0]), second = frame_of(1, sizes[i][1]);

        assert_false(pair_join(&pair, second, &packet));
        assert_true(pair_wait(&pair, first));
        assert_false(pair_wait(&pair, second));
        assert_true(pair_join(&pair, second, &packet));
        assert_true(packet.size <= PAIR_SIZE_MAX);
        assert_true(pair_is(packet));
        assert_true(pair_split(packet, back));
        assert_true(bytes_equal(back[0], first));
        assert_true(bytes_equal(back[1], second));
        assert_false(pair_take(&pair, &packet));
    }
    pair_release(&pair);
}

static void what_does_not_fit_or_is_small_goes_alone(void **state)
{
    struct pair pair = {.packet = NULL};
    struct bytes packet;
    (void)state;

    assert_false(pair_wait(&pair, frame_of(0, PAIR_FRAME_MIN - 1)));
    assert_true(pair_wait(&pair, frame_of(0, FRAME_SIZE_MAX)));
    assert_false(pair_join(&pair, frame_of(1, PAIR_FRAME_MIN - 1), &packet));
    assert_false(pair_join(&pair, frame_of(1, PAIR_SIZE_MAX - 4 - FRAME_SIZE_MAX + 1), &packet));
    assert_true(pair_take(&pair, &packet));
    assert_true(bytes_equal(packet, frame_of(0, FRAME_SIZE_MAX)));
    assert_false(pair_is(packet));
    assert_false(pair_take(&pair, &packet));
    pair_release(&pair);
}

static void what_others_make_is_refused(void **state)
{
    struct pair pair = {.packet = NULL};
    struct bytes packet, back[2];
    uint8_t *made;
    (void)state;

    pair_wait(&pair, frame_of(0, PAIR_FRAME_MIN));
    assert_true(pair_join(&pair, frame_of(1, PAIR_FRAME_MIN), &packet));
    made = pair.packet;
    assert_true(pair_split(packet, back));
    for (size_t size = 0; size < packet.size; size += size < 8 ? 1 : 1000) { /* cut */
        assert_false(pair_split(bytes_of(made, size), back));
    }
    for (size_t at = 0; at <= 5; at++) { /* another kind, size, version or message */
        made[at] ^= 0x41;
        assert_false(pair_split(packet, back));
        made[at] ^= 0x41;
    }
    made[4 + PAIR_FRAME_MIN] ^= 1;
    assert_false(pair_split(packet, back));
    made[4 + PAIR_FRAME_MIN] ^= 1;
    made[4 + PAIR_FRAME_MIN + 1] = MESSAGE_HELLO;
    assert_false(pair_split(packet, back));
    assert_false(pair_split(bytes_of(made, PAIR_SIZE_MAX + 1), back)); /* not looked at further */
    pair_release(&pair);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_frames_come_back_in_their_order),
        cmocka_unit_test(what_does_not_fit_or_is_small_goes_alone),
        cmocka_unit_test(what_others_make_is_refused),
    };

    return KIT_RUN(tests);
}
