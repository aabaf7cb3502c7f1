/* One exchange where no node runs. With a peer: tests/system/federation.sh. */
#include "node/cmd/alone.h"

#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

/* A hub that does not listen, and a campus below it, joined by file. */
struct meeting {
    struct kit_command hub, islet;
    struct config config;
    struct identity identity;
    struct federation federation;
    struct store *store;
};

static int setup(void **state)
{
    static struct meeting meeting;
    struct report report = {.status = S_OK};
    struct store_options options = {0};

    memset(&meeting, 0, sizeof meeting);
    kit_command_open(&meeting.hub);
    kit_command_campus(&meeting.hub, &meeting.islet, "islet");
    config_init(&meeting.config);
    assert_int_equal(dir_load_identity(meeting.islet.dir, &meeting.identity, &report), S_OK);
    assert_int_equal(dir_load_federation(meeting.islet.dir, &meeting.federation, &report), S_OK);
    assert_int_equal(store_open(meeting.islet.dir, &options, &meeting.store, &report), S_OK);
    store_set_identity(meeting.store, &meeting.identity, &meeting.federation.id);
    *state = &meeting;
    return 0;
}

static int teardown(void **state)
{
    struct meeting *meeting = *state;

    store_close(meeting->store);
    identity_clear(&meeting->identity);
    free(meeting->islet.out);
    free(meeting->islet.err);
    kit_command_close(&meeting->hub);
    return 0;
}

static void who_has_nobody_to_ask_is_told_and_who_asks_nobody_is_not(void **state)
{
    struct meeting *meeting = *state;
    const struct app_options options = {.dir = meeting->islet.dir,
                                        .config = &meeting->config,
                                        .identity = &meeting->identity,
                                        .federation = &meeting->federation,
                                        .store = meeting->store};
    struct command_context context = {.dir = meeting->islet.dir,
                                      .config = &meeting->config,
                                      .identity = &meeting->identity,
                                      .federation = &meeting->federation,
                                      .store = meeting->store,
                                      .report = {.status = S_OK}};
    const struct sync_request request = {.peer = "hub", .timeout_ms = 1000};
    struct sync_result *result = test_calloc(1, sizeof *result);

    assert_int_equal(alone_exchange(&options, &request, result, &context.report), S_OK);
    assert_int_equal(result->status, S_NOT_FOUND);
    assert_non_null(strstr(result->report.text, "no address is known of 'hub'"));
    test_free(result);
    assert_int_equal(alone_tend(&context), S_OK);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_has_nobody_to_ask_is_told_and_who_asks_nobody_is_not, setup, teardown),
    };
    return KIT_RUN(tests);
}
