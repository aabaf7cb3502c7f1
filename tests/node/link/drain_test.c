#include "tests/kit/kit.h"

#include <string.h>

#include <zmq.h>

#include "node/link/drain.h"

enum { MESSAGES = 5 * DRAIN_BUDGET };

/* Two sockets in one process; what one sends the loop must bring to the other without anybody polling. */
struct pair {
    uv_loop_t loop;
    uv_timer_t guard;
    void *context, *left, *right;
    struct drain *drain;
    struct drain_item *item;
    int taken, flushed, to_send;
    int burn_ms;              /* each packet takes so long */
    int since_flush, in_a_row; /* taken since, and at most, between two flushes */
};

static bool take(void *ctx)
{
    struct pair *pair = ctx;
    char byte;

    if (zmq_recv(pair->right, &byte, 1, ZMQ_DONTWAIT) < 0) {
        return false;
    }
    pair->taken++;
    pair->since_flush++;
    pair->in_a_row = pair->since_flush > pair->in_a_row ? pair->since_flush : pair->in_a_row;
    for (uint64_t end = uv_hrtime() + (uint64_t)pair->burn_ms * 1000000; uv_hrtime() < end;) {
    }
    if (pair->taken == MESSAGES) {
        uv_stop(&pair->loop);
    }
    return true;
}

/* Sends from inside the loop, as sessions do: this may eat the other socket's edge. */
static void flush(void *ctx)
{
    struct pair *pair = ctx;

    pair->flushed++;
    pair->since_flush = 0;
    for (int i = 0; i < 10 && pair->to_send > 0; i++) {
        if (zmq_send(pair->left, "x", 1, ZMQ_DONTWAIT) < 0) {
            break;
        }
        pair->to_send--;
    }
}

static void on_guard(uv_timer_t *guard)
{
    uv_stop(guard->loop);
}

static int pair_open(void **state)
{
    struct pair *pair = test_calloc(1, sizeof *pair);

    pair->context = zmq_ctx_new();
    pair->left = zmq_socket(pair->context, ZMQ_DEALER);
    pair->right = zmq_socket(pair->context, ZMQ_DEALER);
    assert_int_equal(zmq_bind(pair->right, "inproc://pair"), 0);
    assert_int_equal(zmq_connect(pair->left, "inproc://pair"), 0);
    uv_loop_init(&pair->loop);
    uv_timer_init(&pair->loop, &pair->guard);
    uv_timer_start(&pair->guard, on_guard, 20000, 0);
    pair->drain = drain_new(&pair->loop, flush, pair);
    pair->item = drain_add(pair->drain, pair->right, take, pair);
    *state = pair;
    return 0;
}

static int pair_close(void **state)
{
    struct pair *pair = *state;

    if (pair->item != NULL) {
        drain_remove(pair->item);
    }
    drain_free(pair->drain);
    uv_close((uv_handle_t *)&pair->guard, NULL);
    uv_run(&pair->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&pair->loop), 0);
    zmq_close(pair->left);
    zmq_close(pair->right);
    zmq_ctx_term(pair->context);
    test_free(pair);
    return 0;
}

static void test_what_waits_before_the_loop_starts_is_taken_at_once(void **state)
{
    struct pair *pair = *state;

    for (int i = 0; i < MESSAGES; i++) {
        assert_int_equal(zmq_send(pair->left, "x", 1, ZMQ_DONTWAIT), 1);
    }
    uv_run(&pair->loop, UV_RUN_DEFAULT);
    assert_int_equal(pair->taken, MESSAGES);
}

static void test_packets_that_take_long_give_way(void **state)
{
    struct pair *pair = *state;

    pair->burn_ms = 1;
    for (int i = 0; i < MESSAGES; i++) {
        assert_int_equal(zmq_send(pair->left, "x", 1, ZMQ_DONTWAIT), 1);
    }
    uv_run(&pair->loop, UV_RUN_DEFAULT);
    assert_int_equal(pair->taken, MESSAGES);
    assert_true(pair->in_a_row <= DRAIN_BURST_MS);
}

static void test_sends_from_inside_the_loop_never_leave_it_asleep(void **state)
{
    struct pair *pair = *state;

    pair->to_send = MESSAGES;
    uv_run(&pair->loop, UV_RUN_DEFAULT);
    assert_int_equal(pair->taken, MESSAGES);
    assert_true(pair->flushed >= MESSAGES / 10);
}

static void test_a_removed_socket_is_left_alone(void **state)
{
    struct pair *pair = *state;

    drain_remove(pair->item);
    pair->item = NULL;
    assert_int_equal(zmq_send(pair->left, "x", 1, ZMQ_DONTWAIT), 1);
    uv_run(&pair->loop, UV_RUN_NOWAIT);
    assert_int_equal(pair->taken, 0);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_waits_before_the_loop_starts_is_taken_at_once, pair_open,
                                        pair_close),
        cmocka_unit_test_setup_teardown(test_packets_that_take_long_give_way, pair_open, pair_close),
        cmocka_unit_test_setup_teardown(test_sends_from_inside_the_loop_never_leave_it_asleep, pair_open,
                                        pair_close),
        cmocka_unit_test_setup_teardown(test_a_removed_socket_is_left_alone, pair_open, pair_close),
    };

    return KIT_RUN(tests);
}
