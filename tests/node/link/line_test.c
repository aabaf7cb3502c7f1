/* A line and a listener over loopback, in one loop. */
#include "node/link/line.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sodium.h>

#include "node/link/guard.h"
#include "node/link/opening.h"
#include "node/link/zap.h"
#include "tests/kit/kit.h"

enum { TURNS_MAX = 4000, TURN_MS = 5 };

struct end {
    uv_loop_t loop;
    uv_timer_t tick;
    struct drain *drain;
    struct socket_context *context;
    struct zap *zap;
    struct drain_item *zap_item, *listener_item;
    struct socket *listener;
    struct curve_pair own, guest;
    char bound[ENDPOINT_MAX];
    struct line_owner owner;
    struct line line;
    struct opening opening; /* that the listener heard */
    bool was_opened, is_over, has_connected;
};

static bool admit(void *ctx, const uint8_t key[CURVE_KEY_SIZE])
{
    struct end *end = ctx;

    return memcmp(key, end->guest.public_key, CURVE_KEY_SIZE) == 0;
}

/* The listener answers each opening by the same. */
static bool listener_take(void *ctx)
{
    struct end *end = ctx;
    struct packet packet;

    if (!socket_receive(end->listener, &packet)) {
        return false;
    }
    end->was_opened = opening_decode(packet.body, &end->opening);
    struct route route = packet.route;
    assert_int_equal(socket_send(end->listener, &route, packet.body), S_OK);
    return true;
}

static void on_packet(void *ctx, struct line *line, const struct packet *packet)
{
    struct end *end = ctx;
    struct opening opening;

    assert_true(line->is_up);
    assert_true(opening_decode(packet->body, &opening));
    end->is_over = true;
    line_close(line); /* while it is told */
}

static void on_event(void *ctx, struct line *line, const struct monitor_event *event)
{
    static const uint8_t number[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct end *end = ctx;

    switch (event->kind) {
    case MONITOR_CONNECTED:
        end->has_connected = line->fd >= 0;
        break;
    case MONITOR_UP:
        assert_true(line_say_opening(line, number));
        break;
    case MONITOR_DOWN:
        end->is_over = true;
        line_close(line);
        break;
    case MONITOR_REFUSED:
    case MONITOR_ACCEPTED:
    case MONITOR_STARVED:
        fail();
    }
}

static void on_flush(void *ctx)
{
    (void)ctx;
}

static void on_tick(uv_timer_t *tick)
{
    (void)tick;
}

static int end_open(void **state)
{
    struct end *end = test_calloc(1, sizeof *end);
    struct report report = {.status = S_OK};

    uv_loop_init(&end->loop);
    uv_timer_init(&end->loop, &end->tick);
    uv_timer_start(&end->tick, on_tick, TURN_MS, TURN_MS);
    crypto_box_keypair(end->own.public_key, end->own.secret_key);
    crypto_box_keypair(end->guest.public_key, end->guest.secret_key);
    end->context = socket_context_new();
    end->drain = drain_new(&end->loop, on_flush, end);
    end->zap = zap_open(end->context, admit, end, &report);
    assert_non_null(end->zap);
    end->listener = socket_listener_new(end->context, &end->own, &report);
    assert_non_null(end->listener);
    assert_int_equal(socket_bind(end->listener, "tcp://127.0.0.1:*", end->bound, &report), S_OK);
    end->zap_item = drain_add(end->drain, zap_raw(end->zap), zap_take, end->zap);
    end->listener_item = drain_add(end->drain, socket_raw(end->listener), listener_take, end);
    end->owner = (struct line_owner){.packet = on_packet, .event = on_event, .ctx = end};
    line_init(&end->line, 5, &end->owner);
    *state = end;
    return 0;
}

static int end_close(void **state)
{
    struct end *end = *state;

    line_close(&end->line);
    drain_remove(end->listener_item);
    drain_remove(end->zap_item);
    socket_close(end->listener);
    zap_close(end->zap);
    drain_free(end->drain);
    uv_close((uv_handle_t *)&end->tick, NULL);
    uv_run(&end->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&end->loop), 0);
    socket_context_free(end->context);
    test_free(end);
    return 0;
}

static void line_run(struct end *end, const char *address)
{
    struct line_way way = {end->context, end->drain, &end->guest, end->own.public_key, address};
    struct report report = {.status = S_OK};

    assert_true(line_open(&end->line, &way, &report));
    for (int i = 0; i < TURNS_MAX && !end->is_over; i++) {
        uv_run(&end->loop, UV_RUN_ONCE);
    }
    assert_true(end->is_over);
    assert_null(end->line.socket);
    assert_int_equal(end->line.fd, -1);
    assert_int_equal(end->line.number, 5);
}

static void a_line_says_which_it_is_and_closes_while_it_is_told(void **state)
{
    struct end *end = *state;

    line_run(end, end->bound);
    assert_true(end->has_connected);
    assert_true(end->was_opened);
    assert_int_equal(end->opening.line, 5);
    assert_int_equal(end->opening.number[7], 8);
}

static void a_line_to_nowhere_ends(void **state)
{
    struct end *end = *state;

    line_run(end, "tcp://127.0.0.1:1");
    assert_false(end->was_opened);
}

static void an_address_that_is_none_is_told(void **state)
{
    struct end *end = *state;
    struct line_way way = {end->context, end->drain, &end->guest, end->own.public_key, "tcp://nowhere"};
    struct report report = {.status = S_OK};

    assert_false(line_open(&end->line, &way, &report));
    assert_string_not_equal(report.text, "");
}

/* A connection over which `size` bytes came, that were read, and became no packet. */
static int flooded(size_t size)
{
    static char bytes[64 * 1024];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int door = socket(AF_INET, SOCK_STREAM, 0), out = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(door, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(door, 1), 0);
    assert_int_equal(getsockname(door, (struct sockaddr *)&address, &length), 0);
    assert_int_equal(connect(out, (struct sockaddr *)&address, sizeof address), 0);
    int in = accept(door, NULL, NULL);
    assert_true(in >= 0);
    for (size_t came = 0; came < size; came += sizeof bytes) {
        assert_int_equal(send(out, bytes, sizeof bytes, 0), sizeof bytes);
        assert_int_equal(recv(in, bytes, sizeof bytes, MSG_WAITALL), sizeof bytes);
    }
    close(door);
    close(out);
    return in;
}

static void a_message_without_an_end_is_seen_before_it_fills_the_memory(void **state)
{
    const struct id remote = {{1}};
    struct line lines[2];
    (void)state;

    line_init(&lines[0], 0, NULL);
    line_init(&lines[1], 1, NULL);
    assert_false(lines_are_choked(lines, 2, &remote)); /* closed */
    lines[1].fd = flooded(GUARD_BACKLOG_BYTES - 64 * 1024);
    assert_false(lines_are_choked(lines, 2, &remote)); /* so much may wait */
    close(lines[1].fd);
    lines[1] = (struct line){.fd = flooded(GUARD_BACKLOG_BYTES + 128 * 1024)};
    assert_true(lines_are_choked(lines, 2, &remote));
    lines[1].accounted = 256 * 1024; /* of it arrived */
    assert_false(lines_are_choked(lines, 2, &remote));
    close(lines[1].fd);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_line_says_which_it_is_and_closes_while_it_is_told, end_open, end_close),
        cmocka_unit_test(a_message_without_an_end_is_seen_before_it_fills_the_memory),
        cmocka_unit_test_setup_teardown(a_line_to_nowhere_ends, end_open, end_close),
        cmocka_unit_test_setup_teardown(an_address_that_is_none_is_told, end_open, end_close),
    };

    return KIT_RUN(tests);
}
