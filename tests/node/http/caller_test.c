#include "node/http/caller.h"

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
    struct caller *one = caller_new(&callers, slow[0], 1000), *two = caller_new(&callers, fast[0], 1000),
                  *three = caller_new(&callers, busy[0], 1000);
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
    slow = caller_new(&callers, ends[0][0], now);
    steady = caller_new(&callers, ends[1][0], now);
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

static void the_longest_idle_one_makes_room(void **state)
{
    struct callers callers = {.first = NULL};
    static struct caller *many[HTTP_IDLE_MAX + 2];
    int served[2], idlest[2], other[2];
    (void)state;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, served) | socketpair(AF_UNIX, SOCK_STREAM, 0, idlest) |
                         socketpair(AF_UNIX, SOCK_STREAM, 0, other),
                     0);
    struct caller *first = caller_new(&callers, served[0], 1);
    caller_enter(first, CALLER_SERVED, 1);
    struct caller *second = caller_new(&callers, idlest[0], 2);
    for (unsigned i = 0; i < HTTP_IDLE_MAX - 1; i++) {
        many[i] = caller_new(&callers, other[0], 3 + i);
    }
    assert_int_equal(callers.idle, HTTP_IDLE_MAX);
    assert_true(is_open(idlest[1]));
    struct caller *last = caller_new(&callers, other[0], 9999);
    assert_false(is_open(idlest[1]));
    assert_true(is_open(served[1]));
    assert_true(is_open(other[1]));
    assert_int_equal(callers.idle, HTTP_IDLE_MAX);
    caller_free(second);
    assert_int_equal(callers.idle, HTTP_IDLE_MAX);
    caller_free(first);
    caller_free(last);
    for (unsigned i = 0; i < HTTP_IDLE_MAX - 1; i++) {
        caller_free(many[i]);
    }
    assert_int_equal(callers.idle, 0);
    assert_null(callers.first);
    for (int i = 0; i < 2; i++) {
        close(served[i]);
        close(idlest[i]);
        close(other[i]);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_that_does_not_end_loses_its_place),
        cmocka_unit_test(the_longest_idle_one_makes_room),
        cmocka_unit_test(a_body_that_trickles_loses_its_place),
    };
    return KIT_RUN(tests);
}
