/* libmicrohttpd through the functions that load it; the options of MHD_start_daemon are as many as the caller likes. */
#include <microhttpd.h>
#include <string.h>

#include "tests/kit/kit.h"

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *data, size_t *size, void **request)
{
    (void)context, (void)connection, (void)url, (void)method, (void)version, (void)data, (void)size, (void)request;
    return MHD_NO;
}

static void a_server_begins_with_its_options(void **state)
{
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, NULL, MHD_OPTION_CONNECTION_LIMIT, 7u,
                                                 MHD_OPTION_CONNECTION_TIMEOUT, 3u, MHD_OPTION_END);
    MHD_UNSIGNED_LONG_LONG wait = 0;
    (void)state;

    assert_non_null(daemon);
    assert_true(MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port > 0);
    assert_true(MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd > 0);
    assert_int_equal(MHD_run(daemon), MHD_YES);
    assert_int_equal(MHD_get_timeout(daemon, &wait), MHD_NO); /* nobody is connected: no hurry */
    MHD_stop_daemon(daemon);

    /* An option that it does not know is heard of, too: it was handed over. */
    assert_null(MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, NULL, (enum MHD_OPTION)9999, MHD_OPTION_END));
}

static void an_answer_and_an_address_are_made(void **state)
{
    static char page[] = "page";
    char text[] = "a%20b%2Fc";
    (void)state;

    struct MHD_Response *response = MHD_create_response_from_buffer(4, page, MHD_RESPMEM_PERSISTENT);
    assert_non_null(response);
    assert_int_equal(MHD_add_response_header(response, "Content-Type", "text/plain"), MHD_YES);
    assert_int_equal(MHD_add_response_header(response, "Two\r\nLines", "no"), MHD_NO);
    MHD_destroy_response(response);
    assert_int_equal(MHD_http_unescape(text), 5);
    assert_string_equal(text, "a b/c");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_begins_with_its_options),
        cmocka_unit_test(an_answer_and_an_address_are_made),
    };
    return KIT_RUN(tests);
}
