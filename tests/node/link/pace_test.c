/* Two windows on one session: the slower one holds for what is sent. */
#include "node/link/pace.h"

#include <string.h>

#include "replication/wire/frame.h"
#include "replication/wire/message.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

static const struct id peer = {{1}};

struct desk {
    struct kit_store kit;
    uv_loop_t loop;
    struct gate *gate;
    struct pace pace;
};

static int setup(void **state)
{
    static struct desk desk;

    kit_store_open(&desk.kit);
    assert_int_equal(uv_loop_init(&desk.loop), 0);
    desk.gate = gate_new(&desk.loop, desk.kit.store);
    pace_init(&desk.pace, desk.gate, &peer);
    *state = &desk;
    return 0;
}

static int teardown(void **state)
{
    struct desk *desk = *state;

    gate_stop(desk->gate);
    while (!gate_is_idle(desk->gate)) {
        store_drain(desk->kit.store);
    }
    gate_free(desk->gate);
    uv_run(&desk->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&desk->loop), 0);
    kit_store_close(&desk->kit);
    return 0;
}

static enum status add_run(struct db *db, void *text)
{
    struct window window;
    int64_t id;

    assert_int_equal(window_parse(text, &window, NULL), S_OK);
    return window_row_add(db, &peer, &window, &id);
}

static void window_put(struct desk *desk, char *text)
{
    assert_int_equal(store_write_wait(desk->kit.store, add_run, text), S_OK);
    assert_true(gate_refresh(desk->gate));
}

/* So many bytes of a batch of results, or of contents. */
static struct bytes frame_of_type(enum message_type type, size_t size)
{
    static uint8_t frame[2 * FRAME_SIZE_MAX];

    frame[0] = WIRE_VERSION;
    frame[1] = (uint8_t)type;
    return bytes_of(frame, size < 2 ? 2 : size);
}

static struct bytes frame_of(size_t size)
{
    return frame_of_type(MESSAGE_BATCH, size);
}

static void without_rates_nothing_waits(void **state)
{
    struct desk *desk = *state;

    assert_int_equal(pace_ours(&desk->pace), 0);
    for (int i = 0; i < 1000; i++) {
        assert_true(pace_may_send(&desk->pace, frame_of(1)));
        pace_sent(&desk->pace, frame_of(FRAME_SIZE_MAX));
    }
}

static void what_the_other_takes_holds_back_what_is_sent(void **state)
{
    struct desk *desk = *state;

    pace_set_theirs(&desk->pace, 64);
    assert_true(pace_may_send(&desk->pace, frame_of(1)));
    pace_sent(&desk->pace, frame_of(2 * FRAME_SIZE_MAX));
    assert_false(pace_may_send(&desk->pace, frame_of(1)));
    assert_true(pace_may_take(&desk->pace, frame_of(1))); /* what it sends is its own affair */
    pace_set_theirs(&desk->pace, 64);        /* said again: what is owed stays owed */
    assert_false(pace_may_send(&desk->pace, frame_of(1)));
    pace_set_theirs(&desk->pace, 0);
    assert_true(pace_may_send(&desk->pace, frame_of(1)));
}

static void our_own_window_is_told_and_kept_both_ways(void **state)
{
    struct desk *desk = *state;
    struct peer_options options = {.credit_bytes = 512 * 1024, .retry_ms = 20000, .idle_ms = 300000};

    window_put(desk, (char[]){"always rate 64k"});
    assert_int_equal(pace_ours(&desk->pace), 64);
    pace_fit(&desk->pace, &options);
    assert_int_equal(options.rate_kbit, 64);
    assert_int_equal(options.credit_bytes, 64000 / 8 * PACE_CREDIT_S);
    pace_taken(&desk->pace, frame_of(2 * FRAME_SIZE_MAX));
    assert_false(pace_may_take(&desk->pace, frame_of(1)));
    assert_false(pace_may_send(&desk->pace, frame_of(1)));
}

/* "Results at any time, courses at night, slowly and for so much money." */
static void no_more_is_under_way_than_a_quota_has_left(void **state)
{
    struct desk *desk = *state;
    struct peer_options options = {.credit_bytes = 512 * 1024, .retry_ms = 20 * 1000, .idle_ms = 300 * 1000};

    window_put(desk, (char[]){"always quota 1M"});
    pace_fit(&desk->pace, &options);
    assert_int_equal(options.credit_bytes, 512 * 1024);
    gate_count(desk->gate, &peer, WINDOW_RESULTS, 700 * 1000);
    pace_fit(&desk->pace, &options);
    assert_int_equal(options.credit_bytes, gate_left(desk->gate, &peer, WINDOW_RESULTS));
    gate_count(desk->gate, &peer, WINDOW_RESULTS, 250 * 1000);
    pace_fit(&desk->pace, &options);
    assert_int_equal(options.credit_bytes, PACE_CREDIT_MIN);
}

/* Its last part is not sent when it would not fit. */
static void bulk_ends_before_its_quota_does(void **state)
{
    struct desk *desk = *state;
    uint8_t packet[FRAME_SIZE_MAX] = {0};
    size_t sent = 0;

    window_put(desk, (char[]){"always quota 1M"});
    while (pace_may_send(&desk->pace, bytes_of(packet, sizeof packet))) {
        pace_count(&desk->pace, bytes_of(packet, sizeof packet));
        sent += gate_cost(sizeof packet);
    }
    assert_true(sent <= 1000 * 1000 - GATE_RESERVE_MAX && sent + gate_cost(sizeof packet) > 1000 * 1000 - GATE_RESERVE_MAX);
    assert_false(gate_is_open(desk->gate, &peer));
    assert_false(pace_may_send(&desk->pace, bytes_of(packet, 100))); /* the session is about to end */
}

static void each_class_goes_over_the_line_that_is_for_it(void **state)
{
    struct desk *desk = *state;
    struct bytes content = frame_of_type(MESSAGE_PIECES, 2 * FRAME_SIZE_MAX);
    struct hours_answer answer;

    window_put(desk, (char[]){"always for results"});
    window_put(desk, (char[]){"always rate 64k quota 1M for courses"});
    assert_int_equal(pace_ours(&desk->pace), 64); /* the other knows of one rate */
    assert_true(pace_may_send(&desk->pace, content));
    pace_sent(&desk->pace, content);
    assert_false(pace_may_send(&desk->pace, content));
    assert_false(pace_may_take(&desk->pace, content));
    assert_true(pace_may_send(&desk->pace, frame_of(FRAME_SIZE_MAX)));
    assert_true(pace_may_take(&desk->pace, frame_of(FRAME_SIZE_MAX)));
    for (int i = 0; i < 20; i++) { /* more than the quota */
        pace_count(&desk->pace, frame_of(2 * FRAME_SIZE_MAX));
    }
    assert_true(gate_lets_courses(desk->gate, &peer));
    assert_false(pace_is_void(&desk->pace, content));
    content = frame_of_type(MESSAGE_PIECES, 2 * FRAME_SIZE_MAX);
    for (int i = 0; i < 20; i++) {
        pace_count(&desk->pace, content);
    }
    assert_false(gate_lets_courses(desk->gate, &peer));
    assert_true(pace_is_void(&desk->pace, content)); /* not over the line that is for results */
    assert_false(pace_is_void(&desk->pace, frame_of(FRAME_SIZE_MAX)));
    assert_true(gate_take_spent(desk->gate));
    gate_ask(desk->gate, &peer, &answer);
    assert_int_equal(answer.state, HOURS_OPEN);
    assert_int_equal(pace_ours(&desk->pace), 0);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_rates_nothing_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(what_the_other_takes_holds_back_what_is_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(each_class_goes_over_the_line_that_is_for_it, setup, teardown),
        cmocka_unit_test_setup_teardown(no_more_is_under_way_than_a_quota_has_left, setup, teardown),
        cmocka_unit_test_setup_teardown(bulk_ends_before_its_quota_does, setup, teardown),
        cmocka_unit_test_setup_teardown(our_own_window_is_told_and_kept_both_ways, setup, teardown),
    };
    return KIT_RUN(tests);
}
