/* Whether a connection's own address is still on this machine; news of addresses is for tests/system/links.sh. */
#include "node/link/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/kit/kit.h"

static void an_address_that_is_here_is_not_gone(void **state)
{
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)state;

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof own), 0);
    assert_false(network_is_stranded(fd));
    close(fd);
}

static void an_address_that_was_never_here_is_gone(void **state)
{
    struct sockaddr_in own = {.sin_family = AF_INET};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)state;

    assert_true(fd >= 0);
    inet_pton(AF_INET, "192.0.2.7", &own.sin_addr); /* TEST-NET-1 */
    assert_int_equal(setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof on), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof own), 0);
    assert_true(network_is_stranded(fd));
    close(fd);
}

static void what_is_no_connection_is_not_judged(void **state)
{
    int pair[2];
    (void)state;

    assert_false(network_is_stranded(-1));
    assert_false(network_is_stranded(12345));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_false(network_is_stranded(pair[0]));
    close(pair[0]);
    close(pair[1]);
}

static void never(void *ctx)
{
    (void)ctx;
    fail();
}

static void opening_and_closing_leaves_nothing(void **state)
{
    uv_loop_t loop;
    (void)state;

    assert_int_equal(uv_loop_init(&loop), 0);
    struct network *network = network_open(&loop, never, NULL);
    uv_run(&loop, UV_RUN_NOWAIT);
    network_close(network);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    network_close(NULL);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_that_is_here_is_not_gone),
        cmocka_unit_test(an_address_that_was_never_here_is_gone),
        cmocka_unit_test(what_is_no_connection_is_not_judged),
        cmocka_unit_test(opening_and_closing_leaves_nothing),
    };
    return KIT_RUN(tests);
}
