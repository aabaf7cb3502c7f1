#include "node/http/http.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "tests/kit/kit.h"

/* A port of this machine that is listened on, by somebody who would share it with any process of this user. */
static int taken_port(char address[64])
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    snprintf(address, 64, "127.0.0.1:%u", (unsigned)ntohs(at.sin_port));
    return fd;
}

static void a_port_is_shared_with_nobody(void **state)
{
    struct config config;
    struct http_context context = {.config = &config};
    struct report report;
    struct http *http = NULL;
    uv_loop_t loop;
    char address[64];
    (void)state;

    config_init(&config);
    config.http[0] = config.content[0] = '\0';
    assert_int_equal(uv_loop_init(&loop), 0);
    int fd = taken_port(address);
    report_clear(&report);
    assert_int_equal(config_set(&config, "content", address, &report), S_OK);
    assert_int_equal(http_open(&loop, &context, &http, &report), S_BUSY);
    assert_non_null(strstr(report.text, address));
    uv_run(&loop, UV_RUN_DEFAULT);
    close(fd);
    assert_int_equal(uv_loop_close(&loop), 0);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_port_is_shared_with_nobody),
    };
    return KIT_RUN(tests);
}
