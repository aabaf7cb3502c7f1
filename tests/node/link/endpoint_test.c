#include "tests/kit/kit.h"

#include <stdio.h>
#include <string.h>

#include "node/link/endpoint.h"

static enum status public_of(const char *listen, const char *advertise, char out[ENDPOINT_MAX])
{
    struct report report = {.status = S_OK};
    struct config config;

    config_init(&config);
    snprintf(config.listen, sizeof config.listen, "%s", listen);
    snprintf(config.advertise, sizeof config.advertise, "%s", advertise);
    return endpoint_public(&config, out, &report);
}

static void test_what_is_advertised_goes_before_what_is_listened_on(void **state)
{
    char out[ENDPOINT_MAX];

    (void)state;
    assert_int_equal(public_of("tcp://0.0.0.0:7700", "tcp://hub.example.org:7701", out), S_OK);
    assert_string_equal(out, "tcp://hub.example.org:7701");
    assert_int_equal(public_of("tcp://192.0.2.7:7700", "", out), S_OK);
    assert_string_equal(out, "tcp://192.0.2.7:7700");
}

static void test_a_wildcard_becomes_an_address_that_can_be_dialled(void **state)
{
    static const char *const wildcards[] = {"tcp://0.0.0.0:7700", "tcp://*:7700", "tcp://[::]:7700"};
    char out[ENDPOINT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof wildcards / sizeof *wildcards; i++) {
        assert_int_equal(public_of(wildcards[i], "", out), S_OK);
        assert_memory_equal(out, "tcp://", 6);
        assert_null(strstr(out, "0.0.0.0"));
        assert_null(strchr(out, '*'));
        assert_non_null(strstr(out, ":7700"));
    }
}

static void test_a_node_that_only_dials_has_none(void **state)
{
    char out[ENDPOINT_MAX] = "x";

    (void)state;
    assert_int_equal(public_of("", "", out), S_OK);
    assert_string_equal(out, "");
}

static void test_anything_but_tcp_and_a_port_is_refused(void **state)
{
    char out[ENDPOINT_MAX], longest[CONFIG_TEXT_MAX];

    (void)state;
    assert_int_equal(public_of("ipc:///tmp/x", "", out), S_INVALID);
    assert_int_equal(public_of("tcp://", "", out), S_INVALID);
    assert_int_equal(public_of("tcp://host", "", out), S_INVALID);
    memset(longest, 'a', sizeof longest);
    snprintf(longest, sizeof longest, "tcp://%0*d:7700", ENDPOINT_MAX, 1);
    assert_int_equal(public_of(longest, "", out), S_TOO_LARGE);
}

static void test_what_others_can_dial_has_a_host_and_a_port(void **state)
{
    static const char *const good[] = {"tcp://10.0.0.1:7700", "tcp://hub.example.org:443", "tcp://[::1]:80", "tcp://h:65535"};
    static const char *const bad[] = {"", "tcp://", "tcp://h", "tcp://h:0", "tcp://h:*", "tcp://h:65536",
                                      "tcp://0.0.0.0:7", "tcp://*:7", "tcp://[::]:7", "udp://h:7", "h:7"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(endpoint_is_dialable(good[i]));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(endpoint_is_dialable(bad[i]));
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_advertised_goes_before_what_is_listened_on),
        cmocka_unit_test(test_a_wildcard_becomes_an_address_that_can_be_dialled),
        cmocka_unit_test(test_a_node_that_only_dials_has_none),
        cmocka_unit_test(test_anything_but_tcp_and_a_port_is_refused),
        cmocka_unit_test(test_what_others_can_dial_has_a_host_and_a_port),
    };

    return KIT_RUN(tests);
}
