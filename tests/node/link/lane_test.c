#include "node/link/lane.h"

#include <sys/socket.h>
#include <unistd.h>

#include "node/link/traffic.h"
#include "tests/kit/kit.h"

enum { LARGE = 32 * 1024 };

/* Asks, and lets it leave. */
static enum lane_way leave(struct lane *lane, enum channel channel, size_t size, const struct lane_link *link)
{
    struct lane_choice choice = lane_choose(lane, channel, size, link);

    if (choice.way != LANE_WAIT) {
        lane_sent(lane, &choice, size, link, -1);
    }
    return choice.way;
}

static void bulk_begins_on_the_connection_that_stands(void **state)
{
    struct lane_link link = {.second = LANE_NONE, .acked = 7000, .now_ms = 1000};
    struct lane lane;
    (void)state;

    lane_init(&lane, link.now_ms);
    assert_true(lane_choose(&lane, CHANNEL_BULK, 100, &link).is_little);
    assert_int_equal(leave(&lane, CHANNEL_BULK, LARGE, &link), LANE_FIRST);
    link.second = LANE_COMING;
    assert_int_equal(leave(&lane, CHANNEL_CONTROL, 50, &link), LANE_FIRST);
    for (size_t led = LARGE; led + LARGE <= LANE_LEAD_MAX; led += LARGE) {
        assert_int_equal(leave(&lane, CHANNEL_BULK, LARGE, &link), LANE_FIRST);
    }
    assert_int_equal(leave(&lane, CHANNEL_BULK, 1, &link), LANE_WAIT);
    link.acked += LARGE; /* what has arrived is before nothing any more */
    assert_int_equal(leave(&lane, CHANNEL_BULK, LARGE, &link), LANE_FIRST);
    assert_int_equal(leave(&lane, CHANNEL_BULK, 1, &link), LANE_WAIT);
    link.second = LANE_STANDS;
    assert_int_equal(leave(&lane, CHANNEL_BULK, LARGE, &link), LANE_FIRST); /* it stays, in order, */
    assert_int_equal(leave(&lane, CHANNEL_CONTROL, 50, &link), LANE_SECOND); /* and nothing is before control */
}

static void control_comes_back_when_bulk_has_arrived(void **state)
{
    struct lane_link link = {.second = LANE_NONE, .now_ms = 1000};
    struct lane lane;
    (void)state;

    lane_init(&lane, link.now_ms);
    leave(&lane, CHANNEL_BULK, LARGE, &link);
    link.second = LANE_STANDS;
    link.now_ms += SMALL_REST_MS - 1;
    assert_int_equal(leave(&lane, CHANNEL_CONTROL, 50, &link), LANE_SECOND);
    link.now_ms++;
    link.is_sending = true;
    assert_int_equal(leave(&lane, CHANNEL_CONTROL, 50, &link), LANE_SECOND);
    link.is_sending = false;
    assert_int_equal(leave(&lane, CHANNEL_CONTROL, 50, &link), LANE_FIRST);
    assert_int_equal(leave(&lane, CHANNEL_BULK, 50, &link), LANE_FIRST);
    assert_int_equal(leave(&lane, CHANNEL_BULK, LARGE, &link), LANE_FIRST);
    assert_int_equal(leave(&lane, CHANNEL_CONTROL, 50, &link), LANE_SECOND);
}

static void where_the_second_stands_first_each_has_its_own(void **state)
{
    struct lane_link link = {.second = LANE_STANDS, .now_ms = 1000};
    struct lane lane;
    (void)state;

    lane_init(&lane, link.now_ms);
    assert_int_equal(leave(&lane, CHANNEL_BULK, LARGE, &link), LANE_SECOND);
    assert_int_equal(leave(&lane, CHANNEL_CONTROL, 50, &link), LANE_FIRST);
}

static void on_a_rate_bulk_waits_for_its_own_connection(void **state)
{
    struct lane_link link = {.second = LANE_NONE, .is_paced = true, .now_ms = 1000};
    struct lane lane;
    (void)state;

    lane_init(&lane, link.now_ms);
    assert_int_equal(leave(&lane, CHANNEL_BULK, LARGE, &link), LANE_WAIT);
    link.second = LANE_STANDS;
    assert_int_equal(leave(&lane, CHANNEL_BULK, LARGE, &link), LANE_SECOND);
    lane_init(&lane, link.now_ms); /* a rate that begins later: the other would hold up control with bulk */
    link = (struct lane_link){.second = LANE_NONE, .now_ms = 1000};
    leave(&lane, CHANNEL_BULK, LARGE, &link);
    link = (struct lane_link){.second = LANE_STANDS, .is_paced = true, .now_ms = 1000};
    assert_int_equal(leave(&lane, CHANNEL_CONTROL, 50, &link), LANE_FIRST);
}

static void a_connection_is_sending_until_all_was_taken(void **state)
{
    char bytes[100] = "";
    int fds[2];
    (void)state;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    assert_false(traffic_is_sending(fds[0]));
    assert_int_equal(write(fds[0], bytes, sizeof bytes), sizeof bytes);
    assert_true(traffic_is_sending(fds[0]));
    assert_int_equal(read(fds[1], bytes, sizeof bytes), sizeof bytes);
    assert_false(traffic_is_sending(fds[0]));
    close(fds[0]);
    close(fds[1]);
    assert_false(traffic_is_sending(fds[0])); /* gone */
    assert_false(traffic_is_sending(-1));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bulk_begins_on_the_connection_that_stands),
        cmocka_unit_test(control_comes_back_when_bulk_has_arrived),
        cmocka_unit_test(where_the_second_stands_first_each_has_its_own),
        cmocka_unit_test(on_a_rate_bulk_waits_for_its_own_connection),
        cmocka_unit_test(a_connection_is_sending_until_all_was_taken),
    };
    return KIT_RUN(tests);
}
