#include "node/link/together.h"

#include <string.h>

#include "replication/wire/frame.h"
#include "replication/wire/message.h"
#include "tests/kit/kit.h"

static uint8_t frames[TOGETHER_SIZE_MAX + 1];

/* A frame of `size` bytes, of a type that is no bulk. */
static struct bytes frame_of(size_t size)
{
    memset(frames, 7, sizeof frames);
    frames[0] = WIRE_VERSION;
    frames[1] = MESSAGE_HELLO;
    return bytes_of(frames, size);
}

static void several_frames_come_back_in_their_order(void **state)
{
    static const size_t sizes[] = {2, 51, 127, 128, 400};
    struct together together = {0};
    struct bytes packet, back[TOGETHER_FRAMES_MAX];
    (void)state;

    for (size_t i = 0; i < 5; i++) {
        assert_true(together_add(&together, frame_of(sizes[i])));
    }
    assert_true(together_take(&together, &packet));
    assert_int_equal(packet.size, 1 + 2 + 51 + 127 + 128 + 400 + 3 + 4);
    assert_true(together_is(packet));
    assert_int_equal(together_split(packet, back), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_true(bytes_equal(back[i], frame_of(sizes[i])));
    }
    assert_false(together_take(&together, &packet));
}

static void a_frame_that_is_alone_is_the_packet(void **state)
{
    struct together together = {0};
    struct bytes packet;
    (void)state;

    for (size_t size = 2; size <= 300; size += 149) {
        assert_true(together_add(&together, frame_of(size)));
        assert_true(together_take(&together, &packet));
        assert_true(bytes_equal(packet, frame_of(size)));
        assert_false(together_is(packet));
    }
}

/* The other side would take such a packet for a lie, and end the session. */
static void bulk_that_crosses_control_goes_alone(void **state)
{
    static const uint8_t types[] = {MESSAGE_BATCH, MESSAGE_PIECES, MESSAGE_PATCHES};
    struct together together = {0};
    struct bytes packet;
    (void)state;

    assert_true(together_add(&together, frame_of(20)));
    for (size_t i = 0; i < sizeof types; i++) {
        const uint8_t bulk[] = {WIRE_VERSION, types[i], 1};
        assert_false(together_add(&together, bytes_of(bulk, sizeof bulk)));
    }
    assert_true(together_take(&together, &packet));
    assert_true(bytes_equal(packet, frame_of(20)));
}

static void what_does_not_fit_is_left_to_another_packet(void **state)
{
    struct together together = {0};
    struct bytes packet, back[TOGETHER_FRAMES_MAX];
    (void)state;

    assert_false(together_add(&together, frame_of(TOGETHER_SIZE_MAX - 2)));
    assert_false(together_add(&together, bytes_of(NULL, 0)));
    assert_true(together_add(&together, frame_of(TOGETHER_SIZE_MAX - 2 - 1 - 3)));
    assert_false(together_add(&together, frame_of(2)));
    assert_true(together_take(&together, &packet));
    for (size_t i = 0; i < TOGETHER_FRAMES_MAX; i++) {
        assert_true(together_add(&together, frame_of(2)));
    }
    assert_false(together_add(&together, frame_of(2)));
    assert_true(together_take(&together, &packet));
    assert_int_equal(together_split(packet, back), TOGETHER_FRAMES_MAX);
}

static void what_others_make_is_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
    } bad[] = {
        {"", 0},
        {"\1\2\1\1", 4},         /* a frame */
        {"\0\2\1\1\2\1\1", 7},   /* an opening */
        {"\2", 1},               /* nothing */
        {"\2\2\1\1", 4},         /* one alone */
        {"\2\2\1\1\3\1\1", 7},   /* cut */
        {"\2\2\1\1\0", 5},       /* an empty one */
        {"\2\2\1\1\2\1\x09", 7}, /* bulk: pieces */
        {"\2\2\1\1\2\2\1", 7},   /* not a frame: such a packet again */
        {"\2\2\1\1\x82\0\1\1", 8}, /* a size that is not the shortest */
        {"\2\2\1\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 14},
    };
    uint8_t many[1 + 3 * (TOGETHER_FRAMES_MAX + 1)];
    struct bytes back[TOGETHER_FRAMES_MAX];
    (void)state;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(together_split(bytes_of(bad[i].bytes, bad[i].size), back), 0);
    }
    many[0] = TOGETHER;
    for (size_t i = 0; i <= TOGETHER_FRAMES_MAX; i++) {
        memcpy(many + 1 + 3 * i, "\2\1\1", 3);
    }
    assert_int_equal(together_split(bytes_of(many, sizeof many), back), 0);
    assert_int_equal(together_split(bytes_of(many, sizeof many - 3), back), TOGETHER_FRAMES_MAX);
    frames[0] = TOGETHER;
    assert_int_equal(together_split(bytes_of(frames, TOGETHER_SIZE_MAX + 1), back), 0);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_frames_come_back_in_their_order),
        cmocka_unit_test(a_frame_that_is_alone_is_the_packet),
        cmocka_unit_test(bulk_that_crosses_control_goes_alone),
        cmocka_unit_test(what_does_not_fit_is_left_to_another_packet),
        cmocka_unit_test(what_others_make_is_refused),
    };

    return KIT_RUN(tests);
}
