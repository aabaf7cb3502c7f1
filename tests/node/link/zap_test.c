/* Listener, dialer, door and monitor together over loopback: the border of the ZeroMQ library. */
#include "tests/kit/kit.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "node/link/monitor.h"
#include "node/link/socket.h"
#include "node/link/zap.h"

enum { TURNS = 2000, TURN_MS = 5 };

struct door {
    struct socket_context *context;
    struct zap *zap;
    struct socket *listener;
    struct curve_pair own, guest;
    char bound[ENDPOINT_MAX];
    bool lets_everybody_in;
    int asked;
};

static bool admit(void *ctx, const uint8_t key[CURVE_KEY_SIZE])
{
    struct door *door = ctx;

    door->asked++;
    return door->lets_everybody_in || memcmp(key, door->guest.public_key, CURVE_KEY_SIZE) == 0;
}

static int door_open(void **state)
{
    struct door *door = calloc(1, sizeof *door);
    struct report report = {0};

    crypto_box_keypair(door->own.public_key, door->own.secret_key);
    crypto_box_keypair(door->guest.public_key, door->guest.secret_key);
    door->context = socket_context_new();
    door->zap = zap_open(door->context, admit, door, &report);
    assert_non_null(door->zap);
    door->listener = socket_listener_new(door->context, &door->own, &report);
    assert_non_null(door->listener);
    *state = door;
    return 0;
}

static int door_close(void **state)
{
    struct door *door = *state;

    socket_close(door->listener);
    zap_close(door->zap);
    socket_context_free(door->context);
    free(door);
    return 0;
}

/* Waits for a monitor event of `kind` while serving the door; the other kinds are passed over. */
static bool wait_event(struct door *door, struct monitor *monitor, enum monitor_kind kind)
{
    struct monitor_event event;

    for (int i = 0; i < TURNS; i++) {
        while (zap_take(door->zap)) {
        }
        while (monitor_take(monitor, &event)) {
            if (event.kind == kind) {
                return true;
            }
        }
        poll(NULL, 0, TURN_MS);
    }
    return false;
}

static bool wait_packet(struct door *door, struct socket *socket, struct packet *packet)
{
    for (int i = 0; i < TURNS; i++) {
        while (zap_take(door->zap)) {
        }
        if (socket_receive(socket, packet)) {
            return true;
        }
        poll(NULL, 0, TURN_MS);
    }
    return false;
}

static void test_the_self_test_finds_a_closed_door(void **state)
{
    struct door *door = *state;
    struct report report = {0};

    assert_int_equal(zap_prove(door->zap, door->context, door->listener, door->own.public_key, &report),
                     S_OK);
    assert_true(door->asked >= 1);
}

static void test_the_self_test_finds_an_open_door(void **state)
{
    struct door *door = *state;
    struct report report = {0};

    door->lets_everybody_in = true;
    assert_int_equal(zap_prove(door->zap, door->context, door->listener, door->own.public_key, &report),
                     S_DENIED);
    assert_string_not_equal(report.text, "");
}

static void test_packets_go_both_ways_and_carry_the_key(void **state)
{
    struct door *door = *state;
    struct report report = {0};
    struct packet packet;

    assert_int_equal(socket_bind(door->listener, "tcp://127.0.0.1:*", door->bound, &report), S_OK);
    struct socket *dialer = socket_dialer_new(door->context, &door->guest, door->own.public_key, &report);
    struct monitor *monitor = monitor_open(door->context, dialer);
    assert_int_equal(socket_connect(dialer, door->bound, &report), S_OK);
    assert_true(wait_event(door, monitor, MONITOR_UP));
    assert_int_equal(socket_send(dialer, NULL, bytes_text("hello")), S_OK);
    assert_true(wait_packet(door, door->listener, &packet));
    assert_true(bytes_equal(packet.body, bytes_text("hello")));
    assert_memory_equal(packet.key, door->guest.public_key, CURVE_KEY_SIZE);
    assert_true(packet.fd > 2);
    assert_int_equal(socket_send(door->listener, &packet.route, bytes_text("welcome")), S_OK);
    struct packet back;
    assert_true(wait_packet(door, dialer, &back));
    assert_true(bytes_equal(back.body, bytes_text("welcome")));

    /* Cut at the listener: the dialer sees it, and the route is gone. */
    socket_shutdown(packet.fd);
    assert_true(wait_event(door, monitor, MONITOR_DOWN));
    for (int i = 0; i < TURNS && socket_send(door->listener, &packet.route, bytes_text("x")) == S_OK; i++) {
        poll(NULL, 0, TURN_MS);
    }
    assert_int_equal(socket_send(door->listener, &packet.route, bytes_text("x")), S_UNREACHABLE);
    monitor_close(monitor);
    socket_close(dialer);
}

static void test_a_stranger_is_refused_and_learns_it(void **state)
{
    struct door *door = *state;
    struct report report = {0};
    struct curve_pair stranger;
    struct packet packet;

    crypto_box_keypair(stranger.public_key, stranger.secret_key);
    assert_int_equal(socket_bind(door->listener, "tcp://127.0.0.1:*", door->bound, &report), S_OK);
    struct socket *dialer = socket_dialer_new(door->context, &stranger, door->own.public_key, &report);
    struct monitor *monitor = monitor_open(door->context, dialer);
    assert_int_equal(socket_connect(dialer, door->bound, &report), S_OK);
    assert_true(wait_event(door, monitor, MONITOR_REFUSED));
    assert_int_equal(zap_refused(door->zap), 1);
    assert_int_equal(socket_send(dialer, NULL, bytes_text("hello")), S_BUSY);
    assert_false(socket_receive(door->listener, &packet));
    monitor_close(monitor);
    socket_close(dialer);
}

static void test_an_impostor_of_the_listener_gets_no_connection(void **state)
{
    struct door *door = *state;
    struct report report = {0};

    assert_int_equal(socket_bind(door->listener, "tcp://127.0.0.1:*", door->bound, &report), S_OK);
    struct socket *dialer = socket_dialer_new(door->context, &door->guest, door->guest.public_key, &report);
    struct monitor *monitor = monitor_open(door->context, dialer);
    assert_int_equal(socket_connect(dialer, door->bound, &report), S_OK);
    assert_true(wait_event(door, monitor, MONITOR_DOWN));
    assert_int_equal(door->asked, 0);
    monitor_close(monitor);
    socket_close(dialer);
}

/* The library itself binds no names. */
static void test_a_name_of_this_machine_is_listened_on(void **state)
{
    struct door *door = *state;
    struct report report = {0};

    assert_int_equal(socket_bind(door->listener, "tcp://localhost:*", door->bound, &report), S_OK);
    assert_memory_equal(door->bound, "tcp://127.0.0.1:", strlen("tcp://127.0.0.1:"));
}

static void test_addresses_that_are_no_tcp_are_refused(void **state)
{
    struct door *door = *state;
    struct report report = {0}, elsewhere = {0};

    assert_int_equal(socket_bind(door->listener, "ipc:///tmp/x", door->bound, &report), S_INVALID);
    assert_int_equal(socket_bind(door->listener, "tcp://nowhere.invalid:7700", door->bound, &elsewhere), S_INVALID);
    assert_non_null(strstr(elsewhere.text, "no address of this machine"));
    struct socket *dialer = socket_dialer_new(door->context, &door->guest, door->own.public_key, &report);
    assert_int_equal(socket_connect(dialer, "inproc://x", &report), S_INVALID);
    assert_int_equal(socket_connect(dialer, "tcp://nonsense", &report), S_INVALID);
    socket_close(dialer);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_self_test_finds_a_closed_door, door_open, door_close),
        cmocka_unit_test_setup_teardown(test_the_self_test_finds_an_open_door, door_open, door_close),
        cmocka_unit_test_setup_teardown(test_packets_go_both_ways_and_carry_the_key, door_open, door_close),
        cmocka_unit_test_setup_teardown(test_a_stranger_is_refused_and_learns_it, door_open, door_close),
        cmocka_unit_test_setup_teardown(test_an_impostor_of_the_listener_gets_no_connection, door_open,
                                        door_close),
        cmocka_unit_test_setup_teardown(test_a_name_of_this_machine_is_listened_on, door_open, door_close),
        cmocka_unit_test_setup_teardown(test_addresses_that_are_no_tcp_are_refused, door_open, door_close),
    };

    return KIT_RUN(tests);
}
