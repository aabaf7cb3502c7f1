/* ZeroMQ through the functions that load it: what goes in comes out, and codes and sizes are the library's. */
#include <errno.h>
#include <string.h>
#include <zmq.h>

#include "tests/kit/kit.h"

static void a_message_goes_from_socket_to_socket(void **state)
{
    static const char address[] = "inproc://here";
    void *context = zmq_ctx_new();
    int linger = -1;
    size_t size = sizeof linger;
    char text[8];
    (void)state;

    assert_non_null(context);
    assert_int_equal(zmq_ctx_set(context, ZMQ_IO_THREADS, 1), 0);
    void *from = zmq_socket(context, ZMQ_PAIR), *to = zmq_socket(context, ZMQ_PAIR);
    assert_int_equal(zmq_setsockopt(from, ZMQ_LINGER, &(int){7}, sizeof(int)), 0);
    assert_int_equal(zmq_getsockopt(from, ZMQ_LINGER, &linger, &size), 0);
    assert_int_equal(linger, 7);
    assert_int_equal(zmq_bind(to, address), 0);
    assert_int_equal(zmq_connect(from, address), 0);

    assert_int_equal(zmq_send(from, "first", 5, ZMQ_SNDMORE), 5);
    assert_int_equal(zmq_send(from, "second", 6, 0), 6);
    zmq_pollitem_t item = {.socket = to, .events = ZMQ_POLLIN};
    assert_int_equal(zmq_poll(&item, 1, 1000), 1);
    zmq_msg_t message;
    assert_int_equal(zmq_msg_init(&message), 0);
    assert_int_equal(zmq_msg_recv(&message, to, 0), 5);
    assert_int_equal(zmq_msg_size(&message), 5);
    assert_memory_equal(zmq_msg_data(&message), "first", 5);
    assert_true(zmq_msg_more(&message));
    assert_true(zmq_msg_get(&message, ZMQ_MORE));
    assert_null(zmq_msg_gets(&message, "No-Such-Property"));
    assert_int_equal(zmq_msg_close(&message), 0);
    assert_int_equal(zmq_recv(to, text, sizeof text, 0), 6);
    assert_memory_equal(text, "second", 6);

    assert_int_equal(zmq_recv(to, text, sizeof text, ZMQ_DONTWAIT), -1);
    assert_int_equal(zmq_errno(), EAGAIN);
    assert_string_equal(zmq_strerror(EAGAIN), strerror(EAGAIN));
    assert_int_equal(zmq_unbind(to, address), 0);
    assert_int_equal(zmq_close(from), 0);
    assert_int_equal(zmq_close(to), 0);
    assert_int_equal(zmq_ctx_term(context), 0);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_goes_from_socket_to_socket),
    };
    return KIT_RUN(tests);
}
