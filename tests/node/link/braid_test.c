#include "node/link/braid.h"

#include <string.h>

#include "node/link/pair.h"
#include "replication/wire/frame.h"
#include "replication/wire/message.h"
#include "tests/kit/kit.h"

enum { MSS = 1400, PIECE = 20000, NOW = 50000, FD = 100, SEALED = PIECE + 42 };

/* The kernel, and what was put on which line. */
static struct traffic_state lines[OPENING_LINES_MAX];
static unsigned moved[OPENING_LINES_MAX];
static enum status answer;
static uint8_t bytes[64 * 1024];

static bool look(int fd, struct traffic_state *out)
{
    *out = lines[fd - FD];
    return true;
}

static enum status put(void *ctx, unsigned line, struct bytes packet)
{
    (void)ctx;
    (void)packet;
    moved[line] += answer == S_OK;
    return answer;
}

/* How many were wanted, and how often. */
static unsigned asked, askings;

static void want(void *ctx, unsigned count)
{
    (void)ctx;
    asked = count;
    askings++;
}

static struct braid_wire wire = {.put = put, .want = want};

static struct bytes frame_of(uint8_t type, size_t size)
{
    bytes[0] = WIRE_VERSION;
    bytes[1] = type;
    return bytes_of(bytes, size);
}

static struct bytes piece(void)
{
    return frame_of(MESSAGE_PIECES, PIECE);
}

/* A link whose control and bulk connections stand, of 12 segments and 150 ms. */
static void begin(struct braid *braid)
{
    memset(moved, 0, sizeof moved);
    answer = S_OK;
    for (unsigned i = 0; i < OPENING_LINES_MAX; i++) {
        lines[i] = (struct traffic_state){.acked = 5000, .window = 12 * MSS, .rtt_us = 150000, .rtt_least_us = 149000};
    }
    braid_init(braid, look);
    braid_up(braid, CHANNEL_CONTROL, FD, false);
    braid_up(braid, CHANNEL_BULK, FD + CHANNEL_BULK, false);
    wire.is_able = true;
    asked = askings = 0;
}

static enum status send_at(struct braid *braid, uint64_t now_ms)
{
    return braid_send(braid, CHANNEL_BULK, piece(), &wire, now_ms);
}

static void fill(struct braid *braid, uint64_t now_ms)
{
    for (int i = 0; i < 100 && send_at(braid, now_ms) == S_OK; i++) {
    }
    assert_int_equal(send_at(braid, now_ms), S_BUSY);
}

static void all_up(struct braid *braid, unsigned count)
{
    for (unsigned i = BRAID_FIRST; i < BRAID_FIRST + count; i++) {
        braid_up(braid, i, FD + (int)i, false);
    }
}

/* So many of five hundred segments are lost in half a second while all is full. */
static void lose(struct braid *braid, uint32_t lost, uint64_t *now_ms)
{
    fill(braid, *now_ms);
    lines[CHANNEL_BULK].segments += 500;
    lines[CHANNEL_BULK].repeated += lost;
    *now_ms += 500;
    fill(braid, *now_ms);
}

static void one_connection_is_given_what_it_may_have_under_way(void **state)
{
    struct braid braid;
    (void)state;

    begin(&braid);
    assert_int_equal(send_at(&braid, NOW), S_OK);
    assert_int_equal(send_at(&braid, NOW), S_OK); /* 20,042 of 21,000 bytes */
    assert_int_equal(send_at(&braid, NOW), S_BUSY);
    lines[CHANNEL_BULK].acked += 20000;
    assert_int_equal(send_at(&braid, NOW), S_OK); /* 20,084 */
    assert_int_equal(send_at(&braid, NOW), S_BUSY);
    lines[CHANNEL_BULK].acked += 3 * SEALED; /* more than it was given: heartbeats; they are no room for later */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(send_at(&braid, NOW), S_OK);
    }
    assert_int_equal(send_at(&braid, NOW), S_BUSY);
    assert_int_equal(moved[CHANNEL_BULK], 5);
    assert_int_equal(braid.wanted, 0);
}

static void what_is_no_piece_keeps_its_connection_and_its_order(void **state)
{
    struct braid braid;
    (void)state;

    begin(&braid);
    all_up(&braid, BRAID_MORE_MAX);
    for (unsigned i = 0; i < 50; i++) {
        assert_int_equal(braid_send(&braid, CHANNEL_BULK, frame_of(i % 2 ? MESSAGE_BATCH : MESSAGE_PATCHES, PIECE), &wire, NOW), S_OK);
    }
    assert_int_equal(moved[CHANNEL_BULK], 50);
}

static void who_needs_no_braid_has_none(void **state)
{
    struct braid braid;
    uint64_t now = NOW;
    (void)state;

    for (int why = 0; why < 3; why++) {
        begin(&braid);
        all_up(&braid, 1);
        wire.is_able = why != 0;
        lines[CHANNEL_BULK].rtt_least_us = why == 1 ? BRAID_RTT_MIN_US - 1 : BRAID_RTT_MIN_US;
        if (why == 2) {
            braid_up(&braid, CHANNEL_BULK, FD + CHANNEL_BULK, true); /* by BBR */
        }
        for (unsigned i = 0; i < 100; i++) {
            lines[CHANNEL_BULK].repeated++;
            assert_int_equal(send_at(&braid, now += 100), S_OK);
        }
        assert_int_equal(moved[CHANNEL_BULK], 100);
        assert_int_equal(braid.wanted, 0);
    }
}

static void loss_without_a_queue_wants_some_more_and_then_all(void **state)
{
    struct braid braid;
    uint64_t now = NOW;
    (void)state;

    begin(&braid);
    lose(&braid, BRAID_LOSSES_MIN - 1, &now);
    assert_int_equal(braid.wanted, 0);
    begin(&braid);
    lose(&braid, BRAID_LOSSES_MIN, &now);
    assert_int_equal(braid.wanted, BRAID_SOME);
    assert_true(askings == 1 && asked == BRAID_SOME);
    lose(&braid, 2, &now);
    assert_int_equal(braid.wanted, BRAID_SOME); /* they do not stand yet, */
    assert_int_equal(askings, 1);               /* and are asked for once */
    all_up(&braid, BRAID_SOME);
    lose(&braid, 2, &now);
    assert_int_equal(braid.wanted, BRAID_MORE_MAX);
    assert_true(askings == 2 && asked == BRAID_MORE_MAX);
    for (unsigned i = BRAID_FIRST; i < BRAID_FIRST + BRAID_SOME; i++) {
        assert_int_equal(moved[i], 2); /* each is filled */
    }
    assert_int_equal(moved[BRAID_FIRST + BRAID_SOME], 0);
    begin(&braid);
    lose(&braid, 3, &now); /* one in 166 */
    assert_int_equal(braid.wanted, BRAID_MORE_MAX);
}

static void a_full_line_wants_no_more(void **state)
{
    struct braid braid;
    uint64_t now = NOW;
    (void)state;

    begin(&braid);
    lines[CHANNEL_BULK].rtt_us = lines[CHANNEL_BULK].rtt_least_us * 3 / 2 + BRAID_QUIET_US + 1; /* packets wait in it */
    lose(&braid, 50, &now);
    assert_int_equal(braid.wanted, 0);
    lines[CHANNEL_BULK].rtt_us--;
    lose(&braid, 49, &now); /* and most are lost then */
    assert_int_equal(braid.wanted, 0);
    lose(&braid, 1, &now);
    assert_int_equal(braid.wanted, BRAID_MORE_MAX);
    begin(&braid);
    fill(&braid, now);
    now += BRAID_WINDOW_MS + 1; /* another window of time, */
    fill(&braid, now);
    lines[CHANNEL_BULK].segments += BRAID_LOSSES_MIN * BRAID_LOSS_SHARE + 1; /* and little is lost */
    lines[CHANNEL_BULK].repeated += BRAID_LOSSES_MIN;
    fill(&braid, now += 500);
    assert_int_equal(braid.wanted, 0);
    lines[CHANNEL_BULK].segments--; /* but not too little */
    fill(&braid, now);
    assert_int_equal(braid.wanted, BRAID_SOME);
}

static void the_quickest_with_room_comes_first_and_one_that_stands_holds_up_none(void **state)
{
    struct braid braid;
    (void)state;

    begin(&braid);
    all_up(&braid, 2);
    lines[BRAID_FIRST + 1].window = 60 * MSS;
    fill(&braid, NOW);
    assert_int_equal(moved[CHANNEL_CONTROL], 0);
    assert_int_equal(moved[CHANNEL_BULK], 2);
    assert_int_equal(moved[BRAID_FIRST], 2);
    assert_int_equal(moved[BRAID_FIRST + 1], 6); /* 105,000 bytes */
    lines[BRAID_FIRST].acked += 2 * SEALED;
    assert_int_equal(send_at(&braid, NOW), S_OK);
    assert_int_equal(moved[BRAID_FIRST], 3);
    braid_down(&braid, BRAID_FIRST);
    assert_int_equal(send_at(&braid, NOW), S_BUSY);
}

static void two_in_one_packet_part_where_there_is_a_braid(void **state)
{
    uint8_t other[PIECE] = {WIRE_VERSION, MESSAGE_PIECES};
    struct pair pair = {.packet = NULL};
    struct bytes packet;
    struct braid braid;
    (void)state;

    begin(&braid);
    assert_true(pair_wait(&pair, piece()));
    assert_true(pair_join(&pair, bytes_of(other, sizeof other), &packet));
    assert_int_equal(braid_send(&braid, CHANNEL_BULK, packet, &wire, NOW), S_OK);
    assert_int_equal(moved[CHANNEL_BULK], 1);
    begin(&braid);
    braid.wanted = BRAID_SOME;
    all_up(&braid, 1);
    assert_int_equal(braid_send(&braid, CHANNEL_BULK, packet, &wire, NOW), S_OK);
    assert_int_equal(moved[CHANNEL_BULK], 1);
    assert_int_equal(moved[BRAID_FIRST], 1);
    other[1] = MESSAGE_BATCH;
    assert_true(pair_wait(&pair, bytes_of(other, sizeof other)));
    assert_true(pair_join(&pair, piece(), &packet));
    assert_int_equal(braid_send(&braid, CHANNEL_BULK, packet, &wire, NOW), S_OK);
    assert_int_equal(moved[CHANNEL_BULK], 2); /* whole */
    pair_release(&pair);
}

static void what_could_not_leave_counts_for_nothing(void **state)
{
    static const enum status why[] = {S_BUSY, S_UNREACHABLE};
    struct braid braid;
    (void)state;

    begin(&braid);
    for (size_t i = 0; i < 2; i++) {
        answer = why[i];
        for (int k = 0; k < 10; k++) {
            assert_int_equal(send_at(&braid, NOW), why[i]);
        }
    }
    answer = S_OK;
    assert_int_equal(braid.lines[CHANNEL_BULK].sent, 0);
    fill(&braid, NOW);
    assert_int_equal(moved[CHANNEL_BULK], 2);
}

static void a_rest_is_half_a_minute_without_any_of_them(void **state)
{
    struct braid braid;
    uint64_t now = NOW;
    (void)state;

    begin(&braid);
    lose(&braid, 2, &now);
    assert_int_equal(braid.wanted, BRAID_SOME);
    assert_false(braid_has_rested(&braid, now + BRAID_REST_MS - 1)); /* they are on their way */
    all_up(&braid, BRAID_SOME);
    assert_true(braid_has_rested(&braid, now + BRAID_REST_MS));
    assert_int_equal(send_at(&braid, now + 1), S_OK);
    assert_false(braid_has_rested(&braid, now + BRAID_REST_MS));
    braid_heard(&braid, now + 2);
    assert_false(braid_has_rested(&braid, now + 1 + BRAID_REST_MS));
    braid_rest(&braid);
    assert_int_equal(braid.wanted, 0);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_connection_is_given_what_it_may_have_under_way),
        cmocka_unit_test(what_is_no_piece_keeps_its_connection_and_its_order),
        cmocka_unit_test(who_needs_no_braid_has_none),
        cmocka_unit_test(loss_without_a_queue_wants_some_more_and_then_all),
        cmocka_unit_test(a_full_line_wants_no_more),
        cmocka_unit_test(the_quickest_with_room_comes_first_and_one_that_stands_holds_up_none),
        cmocka_unit_test(two_in_one_packet_part_where_there_is_a_braid),
        cmocka_unit_test(what_could_not_leave_counts_for_nothing),
        cmocka_unit_test(a_rest_is_half_a_minute_without_any_of_them),
    };

    return KIT_RUN(tests);
}
