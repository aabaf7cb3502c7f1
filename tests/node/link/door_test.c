/* One port, two doors: who failed at the first comes to the second. Loopback; every address of 127/8 is a
 * caller of its own. */
#include "node/link/door.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/kit/kit.h"

struct fixture {
    struct doors *doors;
    int fds[DOORS_MAX];
    size_t count;
    uint16_t port;
};

static uint16_t port_find(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(bind(fd, (struct sockaddr *)&address, size) == 0 &&
                getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    close(fd);
    return ntohs(address.sin_port);
}

static void fixture_open(struct fixture *fixture, size_t count)
{
    struct report report = {.status = S_OK};
    char endpoint[64];

    fixture->port = port_find();
    fixture->count = count;
    snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%u", (unsigned)fixture->port);
    fixture->doors = doors_open(endpoint, count, &report);
    if (!fixture->doors) {
        fail_msg("%s", report.text);
    }
    for (size_t i = 0; i < count; i++) {
        fixture->fds[i] = doors_take(fixture->doors, i);
    }
}

static void fixture_close(struct fixture *fixture)
{
    for (size_t i = 0; i < fixture->count; i++) {
        close(fixture->fds[i]);
    }
    doors_close(fixture->doors);
}

static void address_of(uint8_t out[GUARD_ADDRESS_SIZE], uint8_t last)
{
    memset(out, 0, GUARD_ADDRESS_SIZE);
    out[10] = out[11] = 0xff;
    out[12] = 127;
    out[15] = last;
}

/* Calls from 127.0.0.<last>; at which door it arrived. */
static size_t call(struct fixture *fixture, uint8_t last)
{
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000000U + last)};
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(fixture->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct pollfd polls[DOORS_MAX];
    size_t found = DOORS_MAX;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof from), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    for (size_t i = 0; i < fixture->count; i++) {
        polls[i] = (struct pollfd){.fd = fixture->fds[i], .events = POLLIN};
    }
    assert_int_equal(poll(polls, fixture->count, 5000), 1);
    for (size_t i = 0; i < fixture->count; i++) {
        if (polls[i].revents & POLLIN) {
            found = i;
            close(accept(fixture->fds[i], NULL, NULL));
        }
    }
    close(fd);
    return found;
}

static void who_failed_comes_to_the_next_door(void **state)
{
    struct fixture fixture;
    uint8_t one[GUARD_ADDRESS_SIZE], two[GUARD_ADDRESS_SIZE];
    (void)state;

    fixture_open(&fixture, 3);
    address_of(one, 2), address_of(two, 3);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(call(&fixture, 2), 0);
    }
    doors_knock(fixture.doors, one, 1000);
    assert_int_equal(doors_of(fixture.doors, one), 1);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(call(&fixture, 2), 1);
        assert_int_equal(call(&fixture, 3), 0); /* others are not concerned */
    }
    doors_knock(fixture.doors, one, 2000);
    doors_knock(fixture.doors, two, 2000);
    assert_int_equal(call(&fixture, 2), 2);
    assert_int_equal(call(&fixture, 3), 1);
    doors_knock(fixture.doors, one, 3000); /* and round */
    assert_int_equal(call(&fixture, 2), 0);
    assert_int_equal(call(&fixture, 3), 1);
    fixture_close(&fixture);
}

static void a_caller_is_forgotten_after_a_while(void **state)
{
    struct fixture fixture;
    uint8_t one[GUARD_ADDRESS_SIZE];
    (void)state;

    fixture_open(&fixture, 2);
    address_of(one, 2);
    doors_knock(fixture.doors, one, 1000);
    doors_tick(fixture.doors, 1000 + DOOR_KNOCK_MS);
    assert_int_equal(call(&fixture, 2), 1);
    doors_tick(fixture.doors, 1001 + DOOR_KNOCK_MS);
    assert_int_equal(call(&fixture, 2), 0);
    fixture_close(&fixture);
}

static void the_latest_callers_are_remembered_and_no_more(void **state)
{
    struct fixture fixture;
    uint8_t address[GUARD_ADDRESS_SIZE];
    (void)state;

    fixture_open(&fixture, 2);
    for (unsigned i = 0; i < DOOR_CALLERS_MAX; i++) { /* every other one of IPv6: the longest program */
        address_of(address, (uint8_t)(2 + i));
        address[0] = i % 2 ? 0xfd : 0;
        doors_knock(fixture.doors, address, 1000 + i);
    }
    assert_int_equal(call(&fixture, 2), 1);
    assert_int_equal(call(&fixture, 2 + DOOR_CALLERS_MAX - 2), 1);
    address_of(address, 200);
    doors_knock(fixture.doors, address, 5000);
    assert_int_equal(call(&fixture, 200), 1);
    assert_int_equal(call(&fixture, 2), 0); /* the oldest went */
    fixture_close(&fixture);
}

static void a_port_that_is_taken_is_not_shared(void **state)
{
    struct fixture fixture;
    struct report report = {.status = S_OK};
    char endpoint[64];
    (void)state;

    fixture_open(&fixture, 2);
    snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%u", (unsigned)fixture.port);
    assert_null(doors_open(endpoint, 2, &report));
    assert_int_equal(report.status, S_BUSY);
    fixture_close(&fixture);
    assert_null(doors_open("tcp://no-number:7700", 2, &report));
    assert_null(doors_open("tcp://127.0.0.1:*", 2, &report));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_failed_comes_to_the_next_door),
        cmocka_unit_test(a_caller_is_forgotten_after_a_while),
        cmocka_unit_test(the_latest_callers_are_remembered_and_no_more),
        cmocka_unit_test(a_port_that_is_taken_is_not_shared),
    };
    return KIT_RUN(tests);
}
