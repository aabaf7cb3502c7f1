/* The connections of a listener over loopback: what is left of one that is gone must not fall on the one that has its descriptor now. Who calls is a process of
 * its own, so that here the lowest descriptor that is free is the next connection's. */
#include "node/link/arrival.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "node/incident.h"
#include "node/link/monitor.h"
#include "node/link/zap.h"
#include "tests/kit/kit.h"

enum { LOOKS_MAX = 5000, LOOK_US = 1000, DESCRIPTORS = 1024 };

struct place {
    struct socket_context *context;
    struct zap *zap;
    struct socket *listener;
    struct arrivals *arrivals;
    struct curve_pair own, guest;
    char bound[ENDPOINT_MAX];
    pid_t visitor;
    int visitor_in;
    int gone_fd;
    unsigned gone;
};

static bool admit(void *ctx, const uint8_t key[CURVE_KEY_SIZE])
{
    struct place *place = ctx;

    return memcmp(key, place->guest.public_key, CURVE_KEY_SIZE) == 0;
}

static void on_gone(void *ctx, int fd)
{
    struct place *place = ctx;

    place->gone_fd = fd;
    place->gone++;
}

/* --- who calls, in the other process --- */

static void wait_for_word(int from)
{
    char word;

    assert_int_equal(read(from, &word, 1), 1);
}

static struct socket *call(const struct curve_pair *own, const uint8_t server_key[CURVE_KEY_SIZE], const char *endpoint, struct socket_context *context)
{
    struct report report = {.status = S_OK};
    struct socket *socket = socket_dialer_new(context, own, server_key, &report);

    assert_non_null(socket);
    assert_int_equal(socket_connect(socket, endpoint, &report), S_OK);
    return socket;
}

/* Once it is let in. */
static void say(struct socket *socket, const char *text)
{
    for (int i = 0; socket_send(socket, NULL, bytes_of(text, strlen(text))) != S_OK; i++) {
        assert_true(i < LOOKS_MAX);
        usleep(LOOK_US);
    }
}

/* Comes, says three things and goes; comes again and says two. Each step waits for a word. */
static void visit(const struct place *place, int from)
{
    char endpoint[ENDPOINT_MAX];

    assert_int_equal(read(from, endpoint, sizeof endpoint), sizeof endpoint);
    struct socket_context *context = socket_context_new();
    struct socket *former = call(&place->guest, place->own.public_key, endpoint, context);
    say(former, "one");
    say(former, "two");
    say(former, "three");
    wait_for_word(from);
    socket_close(former);
    wait_for_word(from);
    struct socket *next = call(&place->guest, place->own.public_key, endpoint, context);
    say(next, "here I am");
    wait_for_word(from);
    say(next, "and stay");
    wait_for_word(from);
    socket_close(next);
    socket_context_free(context);
}

static void word(const struct place *place)
{
    assert_int_equal(write(place->visitor_in, "x", 1), 1);
}

/* --- who listens --- */

static struct place *place_new(void)
{
    struct place *place = calloc(1, sizeof *place);

    assert_int_equal(crypto_box_keypair(place->own.public_key, place->own.secret_key), 0);
    assert_int_equal(crypto_box_keypair(place->guest.public_key, place->guest.secret_key), 0);
    return place;
}

static void place_listen(struct place *place)
{
    struct report report = {.status = S_OK};

    place->context = socket_context_new();
    place->zap = zap_open(place->context, admit, place, &report);
    place->listener = socket_listener_new(place->context, &place->own, &report);
    place->arrivals = arrivals_new(on_gone, place, DESCRIPTORS);
    arrivals_watch(place->arrivals, place->context, place->listener);
    assert_int_equal(socket_bind(place->listener, "tcp://127.0.0.1:*", place->bound, &report), S_OK);
}

static int place_open(void **state)
{
    struct place *place = place_new();
    int pipes[2];

    assert_int_equal(pipe(pipes), 0);
    place->visitor = fork();
    assert_true(place->visitor >= 0);
    if (place->visitor == 0) {
        close(pipes[1]);
        visit(place, pipes[0]);
        _exit(0);
    }
    close(pipes[0]);
    place->visitor_in = pipes[1];
    place_listen(place);
    assert_int_equal(write(place->visitor_in, place->bound, sizeof place->bound), sizeof place->bound);
    *state = place;
    return 0;
}

/* Where nobody calls from another process. */
static int place_open_alone(void **state)
{
    struct place *place = place_new();

    place_listen(place);
    *state = place;
    return 0;
}

static int place_close(void **state)
{
    struct place *place = *state;

    int status;

    if (place->visitor > 0) {
        word(place);
        assert_int_equal(waitpid(place->visitor, &status, 0), place->visitor);
        assert_int_equal(status, 0);
        close(place->visitor_in);
    }
    arrivals_free(place->arrivals);
    socket_close(place->listener);
    zap_close(place->zap);
    socket_context_free(place->context);
    free(place);
    return 0;
}

/* One turn of what the loop does. */
static void wait_a_little(struct place *place)
{
    while (zap_take(place->zap)) {
    }
    usleep(LOOK_US);
}

/* Takes the next packet, which says `text`. */
static void take(struct place *place, struct packet *packet, const char *text)
{
    for (int i = 0; !socket_receive(place->listener, packet); i++) {
        assert_true(i < LOOKS_MAX);
        wait_a_little(place);
    }
    assert_int_equal(packet->body.size, strlen(text));
    assert_memory_equal(packet->body.data, text, packet->body.size);
    arrivals_hear(place->arrivals);
}

static void await_descriptor(struct place *place, int fd, bool is_open)
{
    for (int i = 0; (fcntl(fd, F_GETFD) >= 0) != is_open; i++) {
        assert_true(i < LOOKS_MAX);
        wait_a_little(place);
    }
}

static void what_comes_late_cuts_nobody_who_has_the_descriptor_now(void **state)
{
    struct place *place = *state;
    struct packet packet;

    take(place, &packet, "one");
    assert_true(arrivals_packet(place->arrivals, &packet));
    int fd = packet.fd;
    usleep(50 * LOOK_US); /* the others are there, too */
    word(place);
    await_descriptor(place, fd, false);
    word(place);
    await_descriptor(place, fd, true);

    take(place, &packet, "two");
    assert_int_equal(packet.fd, fd);
    assert_int_equal(place->gone, 1);
    assert_int_equal(place->gone_fd, fd);
    assert_true(arrivals_cut(place->arrivals, &packet)); /* told, and yet not cut: the connection has just come */
    arrivals_forget(place->arrivals, &packet.route);
    take(place, &packet, "three");
    assert_false(arrivals_cut(place->arrivals, &packet));

    take(place, &packet, "here I am");
    assert_int_equal(packet.fd, fd);
    assert_true(arrivals_packet(place->arrivals, &packet));
    word(place);
    take(place, &packet, "and stay");
    assert_true(arrivals_cut(place->arrivals, &packet)); /* until it is its own fault */
    assert_false(arrivals_cut(place->arrivals, &packet));
    for (int i = 0; place->gone == 1; i++) {
        assert_true(i < LOOKS_MAX);
        usleep(LOOK_US);
        arrivals_hear(place->arrivals);
    }
    assert_int_equal(place->gone_fd, fd);
    assert_false(arrivals_packet(place->arrivals, &packet));
}

/* Until so many connections are gone. */
static void await_gone(struct place *place, unsigned gone)
{
    for (int i = 0; place->gone < gone; i++) {
        assert_true(i < LOOKS_MAX);
        wait_a_little(place);
        arrivals_hear(place->arrivals);
    }
}

/* How many handshakes were refused since the last look. */
static uint64_t refused_count(void)
{
    uint64_t counts[INCIDENT_COUNT];

    (void)incident_pending(counts);
    incident_subtract(counts);
    return counts[INCIDENT_HANDSHAKES];
}

/* A broken line, or a member who means harm: after the handshake, what nobody can decipher. Who went on waiting for more would abort when the other hangs up
 * (monitor.c). */
static void a_message_that_cannot_be_deciphered_ends_its_connection_at_once(void **state)
{
    static const uint8_t garbled[] = {0, 20, 7, 'M', 'E', 'S', 'S', 'A', 'G', 'E', 0, 0, 0, 0, 0, 0, 0, 9, 1, 2, 3, 4};
    struct place *place = *state;
    struct report report = {.status = S_OK};
    struct monitor_event event = {.kind = MONITOR_DOWN};
    int fd = -1;

    (void)refused_count();
    struct socket *member = socket_dialer_new(place->context, &place->guest, place->own.public_key, &report);
    struct monitor *monitor = monitor_open(place->context, member);
    assert_int_equal(socket_connect(member, place->bound, &report), S_OK);
    for (int i = 0; event.kind != MONITOR_UP; i++) {
        assert_true(i < LOOKS_MAX);
        wait_a_little(place);
        arrivals_hear(place->arrivals);
        if (monitor_take(monitor, &event) && event.kind == MONITOR_CONNECTED) {
            fd = event.fd;
        }
    }
    assert_int_equal(place->gone, 0);
    usleep(50 * LOOK_US); /* so long that the library looks for commands when it tells of it, which is what changes errno */
    assert_int_equal(write(fd, garbled, sizeof garbled), sizeof garbled);
    await_gone(place, 1);
    assert_int_equal(refused_count(), 0); /* its handshake was good */
    monitor_close(monitor);
    socket_close(member);
}

/* Writes `text`, waits until the listener hung up, or hangs up itself where there is none. */
static void call_plainly(struct place *place, const char *text)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(strrchr(place->bound, ':') + 1))};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    unsigned gone = place->gone;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    if (text != NULL) {
        assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    } else {
        close(fd);
    }
    await_gone(place, gone + 1);
    if (text != NULL) {
        close(fd);
    }
}

static void what_is_no_handshake_is_counted_and_who_only_looks_in_is_not(void **state)
{
    struct place *place = *state;

    (void)refused_count();
    call_plainly(place, NULL);
    assert_int_equal(refused_count(), 0);
    call_plainly(place, "GET / HTTP/1.1\r\nHost: here\r\n\r\n and more than the greeting of a node, which has sixty-four bytes\r\n\r\n");
    assert_int_equal(refused_count(), 1);
}

static void so_many_routes_are_remembered(void **state)
{
    struct arrivals *arrivals = arrivals_new(on_gone, NULL, DESCRIPTORS);
    struct packet packet = {.fd = -1};
    (void)state;

    for (unsigned i = 0; i <= ARRIVAL_LATE_MAX; i++) {
        memcpy(packet.route.b, &i, sizeof i);
        arrivals_forget(arrivals, &packet.route);
        assert_false(arrivals_cut(arrivals, &packet));
    }
    for (unsigned i = 1; i <= ARRIVAL_LATE_MAX; i++) {
        memcpy(packet.route.b, &i, sizeof i);
        assert_false(arrivals_cut(arrivals, &packet));
    }
    memset(packet.route.b, 0, ROUTE_SIZE);
    assert_true(arrivals_cut(arrivals, &packet));
    arrivals_free(arrivals);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_comes_late_cuts_nobody_who_has_the_descriptor_now, place_open, place_close),
        cmocka_unit_test_setup_teardown(a_message_that_cannot_be_deciphered_ends_its_connection_at_once, place_open_alone, place_close),
        cmocka_unit_test_setup_teardown(what_is_no_handshake_is_counted_and_who_only_looks_in_is_not, place_open_alone, place_close),
        cmocka_unit_test(so_many_routes_are_remembered),
    };
    return KIT_RUN(tests);
}
