#include "tests/kit/kit.h"

#include <string.h>

#include "node/link/outbox.h"

static void test_frames_come_out_in_order_and_are_copies(void **state)
{
    struct outbox outbox;
    struct bytes frame;
    char text[] = "first";

    (void)state;
    outbox_init(&outbox);
    assert_false(outbox_first(&outbox, &frame));
    assert_int_equal(outbox_put(&outbox, bytes_text(text)), S_OK);
    assert_int_equal(outbox_put(&outbox, bytes_text("")), S_OK);
    assert_int_equal(outbox_put(&outbox, bytes_text("third")), S_OK);
    memset(text, 'x', sizeof text - 1);
    assert_true(outbox_first(&outbox, &frame) && bytes_equal(frame, bytes_text("first")));
    outbox_drop_first(&outbox);
    assert_true(outbox_first(&outbox, &frame) && frame.size == 0);
    outbox_drop_first(&outbox);
    assert_true(outbox_first(&outbox, &frame) && bytes_equal(frame, bytes_text("third")));
    outbox_release(&outbox);
    assert_int_equal(outbox.bytes, 0);
}

static void test_the_number_of_frames_is_bounded_and_the_ring_goes_round(void **state)
{
    struct outbox outbox;
    struct bytes frame;

    (void)state;
    outbox_init(&outbox);
    for (int i = 0; i < OUTBOX_FRAMES_MAX; i++) {
        assert_int_equal(outbox_put(&outbox, bytes_of(&i, sizeof i)), S_OK);
    }
    assert_int_equal(outbox_put(&outbox, bytes_text("x")), S_BUSY);
    for (int i = 0; i < 3 * OUTBOX_FRAMES_MAX; i++) {
        int next = i + OUTBOX_FRAMES_MAX;
        assert_true(outbox_first(&outbox, &frame));
        assert_memory_equal(frame.data, &i, sizeof i);
        outbox_drop_first(&outbox);
        assert_int_equal(outbox_put(&outbox, bytes_of(&next, sizeof next)), S_OK);
    }
    outbox_release(&outbox);
}

static void test_the_bytes_are_bounded(void **state)
{
    static uint8_t big[OUTBOX_BYTES_MAX];
    struct outbox outbox;

    (void)state;
    outbox_init(&outbox);
    assert_int_equal(outbox_put(&outbox, bytes_of(big, sizeof big)), S_OK);
    assert_int_equal(outbox_put(&outbox, bytes_text("x")), S_BUSY);
    outbox_drop_first(&outbox);
    assert_int_equal(outbox_put(&outbox, bytes_text("x")), S_OK);
    outbox_release(&outbox);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_come_out_in_order_and_are_copies),
        cmocka_unit_test(test_the_number_of_frames_is_bounded_and_the_ring_goes_round),
        cmocka_unit_test(test_the_bytes_are_bounded),
    };

    return KIT_RUN(tests);
}
