#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

/* A port of this machine at which nobody listens now. */
static unsigned port_free(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static void a_node_does_not_call_itself(void **state)
{
    struct kit_command *kit = *state;
    char words[200];

    snprintf(kit->dir, sizeof kit->dir, "%s/listening", kit->scratch); /* others know an address of it */
    snprintf(words, sizeof words, "init --name here --kind hub --listen tcp://127.0.0.1:%u", port_free());
    assert_int_equal(kit_command(kit, words), EXIT_DONE);
    kit_command_says(kit, "sync --peer here --json", EXIT_WRONG_USAGE, "'here' is this node itself");
    assert_string_equal(kit->out, "");
    kit_command_says(kit, "sync --peer there --json", EXIT_PROBLEM, "there is no node 'there' in the roster");
    assert_string_equal(kit->out, "");
}

static void a_hub_that_nobody_may_call_is_not_in_step(void **state)
{
    struct kit_command *kit = *state;

    kit_command_says(kit, "sync", EXIT_DONE, "in step: no node above, and nobody is connected");
    assert_int_equal(kit_command(kit, "sync pause"), EXIT_DONE);
    kit_command_says(kit, "sync", EXIT_TRY_AGAIN, "nobody is connected: sync is paused");
    kit_command_says(kit, "sync --json", EXIT_TRY_AGAIN, "\"waiting\"");
    assert_int_equal(kit_command(kit, "sync resume"), EXIT_DONE);
    assert_int_equal(kit_command(kit, "sync"), EXIT_DONE);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_node_does_not_call_itself, kit_command_setup, kit_command_teardown),
        cmocka_unit_test_setup_teardown(a_hub_that_nobody_may_call_is_not_in_step, kit_command_setup, kit_command_teardown),
    };
    return KIT_RUN(tests);
}
