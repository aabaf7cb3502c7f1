#include "node/link/congestion.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/kit/kit.h"

static void a_connection_goes_by_bbr_where_the_kernel_has_it(void **state)
{
    char name[16] = "";
    socklen_t size = sizeof name - 1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    (void)state;

    bool is_chosen = congestion_choose(fd);
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &size), 0);
    assert_true(!is_chosen || strcmp(name, "bbr") == 0);
    assert_true(name[0] != '\0');
    close(fd);
    assert_false(congestion_choose(fd)); /* gone */
    assert_false(congestion_choose(-1));
}

static void bulk_fills_its_packets(void **state)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), is_at_once = 1;
    socklen_t size = sizeof is_at_once;
    (void)state;

    assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &is_at_once, size),
                     0); /* as the library does */
    assert_true(congestion_gather(fd));
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &is_at_once, &size), 0);
    assert_int_equal(is_at_once, 0);
    close(fd);
    assert_false(congestion_gather(fd));
}

static void bulk_on_a_connection_that_carried_control_begins_anew(void **state)
{
    char name[16] = "", before[16] = "";
    socklen_t size = sizeof name - 1;
    int fd = socket(AF_INET, SOCK_STREAM, 0), is_at_once = 1;
    (void)state;

    (void)congestion_choose(fd);
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, before, &size), 0);
    assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &is_at_once, sizeof is_at_once), 0);
    assert_true(congestion_begin(fd));
    size = sizeof name - 1;
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &size), 0);
    assert_string_equal(name, before);
    size = sizeof is_at_once;
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &is_at_once, &size), 0);
    assert_int_equal(is_at_once, 0);
    close(fd);
    assert_false(congestion_begin(fd));
    assert_false(congestion_begin(-1));
}

static void a_conversation_is_not_acknowledged_beside_its_answers(void **state)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), is_at_once = 1;
    socklen_t size = sizeof is_at_once;
    (void)state;

    assert_true(congestion_converse(fd));
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &is_at_once, &size), 0);
    assert_int_equal(is_at_once, 0);
    close(fd);
    assert_false(congestion_converse(fd));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_connection_goes_by_bbr_where_the_kernel_has_it),
                                       cmocka_unit_test(bulk_fills_its_packets),
                                       cmocka_unit_test(bulk_on_a_connection_that_carried_control_begins_anew),
                                       cmocka_unit_test(a_conversation_is_not_acknowledged_beside_its_answers)};
    return KIT_RUN(tests);
}
