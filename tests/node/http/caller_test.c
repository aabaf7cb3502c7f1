#include "node/http/caller.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/kit/kit.h"

static bool is_open(int fd)
{
    char byte;

    return recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) != 0; /* 0: the other end is shut */
}

static void a_head_that_does_not_end_loses_its_place(void **state)
{
    struct callers callers = {.first = NULL};
    int slow[2], fast[2], busy[2];
    (void)state;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, slow) | socketpair(AF_UNIX, SOCK_STREAM, 0, fast) |
                         socketpair(AF_UNIX, SOCK_STREAM, 0, busy),
                     0);
    struct caller *one = caller_new(&callers, slow[0], NULL, 1000), *two = caller_new(&callers, fast[0], NULL, 1000),
                  *three = caller_new(&callers, busy[0], NULL, 1000);
    caller_enter(two, CALLER_SERVED, 1000);
    caller_enter(two, CALLER_HEAD, 50 * 1000);
    caller_enter(three, CALLER_SERVED, 1000);
    assert_int_equal(callers_look(&callers, 1000 + HTTP_HEAD_MS), 0);
    assert_true(is_open(slow[1]));
    assert_int_equal(callers_look(&callers, 1001 + HTTP_HEAD_MS), 0); /* looked just now */
    assert_int_equal(callers_look(&callers, 1000 + HTTP_HEAD_MS + HTTP_LOOK_MS), 1);
    assert_false(is_open(slow[1]));
    assert_true(is_open(fast[1]));
    assert_true(is_open(busy[1]));
    caller_free(two); /* from the middle, the end and the beginning */
    caller_free(one);
    caller_enter(three, CALLER_HEAD, 200 * 1000);
    assert_int_equal(callers_look(&callers, 200 * 1000 + HTTP_HEAD_MS + 1), 1);
    caller_free(three);
    caller_free(NULL);
    assert_null(callers.first);
    for (int i = 0; i < 2; i++) {
        close(slow[i]);
        close(fast[i]);
        close(busy[i]);
    }
}

static void a_body_that_trickles_loses_its_place(void **state)
{
    struct callers callers = {.first = NULL};
    int ends[2][2];
    struct caller *slow, *steady;
    uint64_t now = 1000;
    (void)state;

    for (int i = 0; i < 2; i++) {
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends[i]), 0);
    }
    slow = caller_new(&callers, ends[0][0], NULL, now);
    steady = caller_new(&callers, ends[1][0], NULL, now);
    caller_enter(slow, CALLER_BODY, now);
    caller_enter(steady, CALLER_BODY, now);
    caller_take(steady, HTTP_BODY_MIN);
    caller_take(slow, HTTP_BODY_MIN);
    assert_int_equal(callers_look(&callers, now += HTTP_BODY_MS + 1), 0);
    caller_take(steady, HTTP_BODY_MIN);
    caller_take(slow, HTTP_BODY_MIN - 1);
    assert_int_equal(callers_look(&callers, now += HTTP_BODY_MS), 0); /* its time is not over yet */
    assert_int_equal(callers_look(&callers, now += HTTP_LOOK_MS), 1);
    assert_false(is_open(ends[0][1]));
    assert_true(is_open(ends[1][1]));
    caller_enter(steady, CALLER_SERVED, now); /* the body is here: what follows takes as long as it takes */
    caller_enter(slow, CALLER_SERVED, now);
    assert_int_equal(callers_look(&callers, now + 100 * HTTP_BODY_MS), 0);
    caller_enter(NULL, CALLER_BODY, now);
    caller_take(NULL, 1);
    caller_free(slow);
    caller_free(steady);
    for (int i = 0; i < 2; i++) {
        close(ends[i][0]);
        close(ends[i][1]);
    }
}

/* --- too many
 * ------------------------------------------------------------------------------------------------------ */

enum { ENDS = 6 };

static struct sockaddr_in6 address_of(const char *text)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6};

    assert_int_equal(inet_pton(AF_INET6, text, &address.sin6_addr), 1);
    return address;
}

static struct caller *call(struct callers *callers, int fd, const char *from, uint64_t now_ms)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6};

    if (from) {
        address = address_of(from);
    }
    return caller_new(callers, fd, (const struct sockaddr *)&address, now_ms);
}

static void ends_open(int ends[ENDS][2])
{
    for (int i = 0; i < ENDS; i++) {
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends[i]), 0);
    }
}

static void ends_close(struct callers *callers, int ends[ENDS][2])
{
    while (callers->first) {
        caller_free(callers->first);
    }
    assert_int_equal(callers->waiting, 0);
    for (int share = 0; share < SHARES; share++) {
        assert_int_equal(callers->held[share], 0);
    }
    for (int i = 0; i < ENDS; i++) {
        close(ends[i][0]);
        close(ends[i][1]);
    }
}

/* Two of one network in a head and in an answer that it takes slowly, one of another: whoever comes finds a place. */
static void for_one_too_many_the_longest_of_the_greediest_address_goes(void **state)
{
    struct callers callers = {.waiting_max = 4};
    int ends[ENDS][2];
    (void)state;

    ends_open(ends);
    struct caller *served = call(&callers, ends[0][0], "2001:db8:0:1::1", 1);
    caller_enter(served, CALLER_SERVED, 1);
    (void)call(&callers, ends[1][0], "2001:db8:0:2::1", 2);
    struct caller *slow = call(&callers, ends[2][0], "2001:db8:0:1::2", 3);
    caller_enter(slow, CALLER_BODY, 3);
    struct caller *reader = call(&callers, ends[3][0], "2001:db8:0:1::3", 3);
    caller_enter(reader, CALLER_TAKES, 4);
    (void)call(&callers, ends[4][0], "2001:db8:0:2::2", 5);
    assert_int_equal(callers.waiting, 4);
    (void)call(&callers, ends[5][0], "2001:db8:0:3::1", 6); /* of two networks with as many the one that is there for longest goes */
    assert_false(is_open(ends[1][1]));
    (void)call(&callers, ends[5][0], "2001:db8:0:3::1", 7);
    assert_false(is_open(ends[2][1]));
    for (int i = 3; i < ENDS; i++) {
        assert_true(is_open(ends[i][1]));
    }
    assert_true(is_open(ends[0][1])); /* who waits for this node is let be */
    assert_int_equal(callers.waiting, 4);
    ends_close(&callers, ends);
}

/* Who has a network of IPv6 has as many addresses as he likes. */
static void a_network_is_one_address(void **state)
{
    struct callers callers = {.first = NULL};
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x0a000001)};
    int ends[ENDS][2];
    (void)state;

    ends_open(ends);
    struct caller *one = call(&callers, ends[0][0], "2001:db8:0:1::1", 1), *same = call(&callers, ends[1][0], "2001:db8:0:1:ffff::2", 1),
                  *mapped = call(&callers, ends[2][0], "::ffff:10.0.0.1", 1), *other = call(&callers, ends[3][0], "::ffff:10.0.0.2", 1);
    assert_memory_equal(one->address, same->address, CALLER_ADDRESS_SIZE);
    assert_memory_not_equal(mapped->address, other->address, CALLER_ADDRESS_SIZE);
    struct caller *plain = caller_new(&callers, ends[4][0], (const struct sockaddr *)&v4, 1);
    v4.sin_addr.s_addr = htonl(0x0a000002);
    assert_memory_not_equal(plain->address, caller_new(&callers, ends[5][0], (const struct sockaddr *)&v4, 1)->address, CALLER_ADDRESS_SIZE);
    ends_close(&callers, ends);
}

/* Of one school a film that runs is let be while a browser keeps a connection that it does not use. */
static void an_idle_one_goes_before_one_that_takes_its_answer(void **state)
{
    struct callers callers = {.waiting_max = 3};
    int ends[ENDS][2];
    (void)state;

    ends_open(ends);
    caller_enter(call(&callers, ends[0][0], NULL, 1), CALLER_TAKES, 2);
    (void)call(&callers, ends[1][0], NULL, 1000);
    (void)call(&callers, ends[2][0], NULL, 1001 + HTTP_IDLE_MS);
    (void)call(&callers, ends[3][0], NULL, 1001 + HTTP_IDLE_MS);
    assert_false(is_open(ends[1][1]));
    assert_true(is_open(ends[0][1]));
    (void)call(&callers, ends[4][0], NULL, 1002 + HTTP_IDLE_MS); /* who has just come is not idle */
    assert_false(is_open(ends[0][1]));
    assert_true(is_open(ends[2][1]) && is_open(ends[3][1]));
    ends_close(&callers, ends);
}

static void the_longest_idle_one_makes_room(void **state)
{
    struct callers callers = {.first = NULL};
    int ends[ENDS][2];
    (void)state;

    ends_open(ends);
    caller_enter(call(&callers, ends[0][0], NULL, 1), CALLER_SERVED, 1);
    (void)call(&callers, ends[1][0], NULL, 2);
    for (unsigned i = 0; i < HTTP_WAITING_MAX - 1; i++) {
        (void)call(&callers, ends[2][0], NULL, 3 + i);
    }
    assert_int_equal(callers.waiting, HTTP_WAITING_MAX);
    assert_true(is_open(ends[1][1]));
    (void)call(&callers, ends[2][0], NULL, 9999);
    assert_false(is_open(ends[1][1]));
    assert_true(is_open(ends[0][1]));
    assert_true(is_open(ends[2][1]));
    assert_int_equal(callers.waiting, HTTP_WAITING_MAX);
    ends_close(&callers, ends);
}

/* Whoever sends almost all of many bodies keeps those of others out of no share, and out of that one no longer than until they come. */
static void bodies_that_never_end_make_room(void **state)
{
    struct callers callers = {.held_max = {[SHARE_SMALL] = 10, [SHARE_OPEN] = 100}};
    struct caller *of[ENDS];
    int ends[ENDS][2];
    (void)state;

    ends_open(ends);
    for (int i = 0; i < ENDS; i++) {
        of[i] = call(&callers, ends[i][0], i < 3 ? "2001:db8:0:1::1" : "2001:db8:0:2::1", (uint64_t)i + 1);
        caller_enter(of[i], CALLER_BODY, (uint64_t)i + 1);
    }
    for (int i = 0; i < 3; i++) {
        assert_true(caller_hold(of[i], SHARE_OPEN, 30));
    }
    assert_true(caller_hold(of[3], SHARE_SMALL, 10));
    assert_true(caller_hold(of[3], SHARE_OPEN, 1)); /* grown: all of it is now of the other share */
    assert_int_equal(callers.held[SHARE_SMALL], 0);
    assert_int_equal(callers.held[SHARE_OPEN], 101 - 30);
    assert_false(is_open(ends[0][1]));
    assert_false(caller_hold(of[0], SHARE_OPEN, 1));
    assert_int_equal(callers.held[SHARE_OPEN], 101 - 30);
    caller_enter(of[1], CALLER_SERVED, 9); /* they are here, and wait for this node */
    caller_enter(of[2], CALLER_SERVED, 9);
    assert_false(caller_hold(of[4], SHARE_OPEN, 50));
    assert_false(is_open(ends[3][1]));
    assert_true(is_open(ends[1][1]));
    caller_let_go(of[1]);
    assert_true(caller_hold(of[4], SHARE_OPEN, 50));
    assert_true(is_open(ends[4][1]));
    assert_true(caller_hold(NULL, SHARE_OPEN, 1));
    ends_close(&callers, ends);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_that_does_not_end_loses_its_place),
        cmocka_unit_test(for_one_too_many_the_longest_of_the_greediest_address_goes),
        cmocka_unit_test(a_network_is_one_address),
        cmocka_unit_test(an_idle_one_goes_before_one_that_takes_its_answer),
        cmocka_unit_test(the_longest_idle_one_makes_room),
        cmocka_unit_test(bodies_that_never_end_make_room),
        cmocka_unit_test(a_body_that_trickles_loses_its_place),
    };
    return KIT_RUN(tests);
}
