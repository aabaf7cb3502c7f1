/* A node that is to become another one gives up no result that nobody else holds. The way up there: tests/system/forget.sh. */
#include "node/cmd/farewell.h"

#include <stdlib.h>
#include <string.h>

#include "node/learn/attempt/due.h"
#include "node/learn/attempt/registration.h"
#include "node/store/stream/held.h"
#include "node/store/stream/stream.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

/* A hub that does not listen, and a campus below it, joined by file. */
struct parting {
    struct kit_command hub, islet;
    struct config config;
    struct identity identity;
    struct federation federation;
    struct id hub_node;
};

static int setup(void **state)
{
    static struct parting parting;
    struct report report = {.status = S_OK};

    memset(&parting, 0, sizeof parting);
    kit_command_open(&parting.hub);
    kit_command_campus(&parting.hub, &parting.islet, "islet");
    config_init(&parting.config);
    assert_int_equal(dir_load_identity(parting.hub.dir, &parting.identity, &report), S_OK);
    parting.hub_node = parting.identity.node;
    assert_int_equal(dir_load_identity(parting.islet.dir, &parting.identity, &report), S_OK);
    assert_int_equal(dir_load_federation(parting.islet.dir, &parting.federation, &report), S_OK);
    *state = &parting;
    return 0;
}

static int teardown(void **state)
{
    struct parting *parting = *state;

    identity_clear(&parting->identity);
    free(parting->islet.out);
    free(parting->islet.err);
    kit_command_close(&parting->hub);
    return 0;
}

static void farewell_is(struct parting *parting, enum status wanted, const char *said)
{
    struct command_context context = {.dir = parting->islet.dir, .report = {.status = S_OK}};

    assert_int_equal(farewell_say(&context, &parting->config, &parting->identity, &parting->federation, 1000), wanted);
    assert_non_null(strstr(context.report.text, said));
}

static enum status hear_run(struct db *db, void *arg)
{
    const struct parting *parting = arg;
    struct stream_id at = {.node = parting->identity.node, .topic = TOPIC_RESULTS};
    struct stream_head head;
    enum status status = S_OK;

    while (status == S_OK && stream_next(db, &at, &head) && head.stream.topic == TOPIC_RESULTS && id_equal(&head.stream.node, &parting->identity.node)) {
        struct held held = {.stream = head.stream, .seq = head.seq, .at_ms = 1000, .holder = parting->hub_node};
        at = head.stream;
        status = held_put(db, &held);
    }
    return status;
}

static void what_nobody_above_holds_keeps_the_key(void **state)
{
    struct parting *parting = *state;
    struct store_options options = {0};
    struct report report = {.status = S_OK};
    struct store *store;

    farewell_is(parting, S_OK, ""); /* nothing was recorded yet */
    assert_int_equal(kit_command(&parting->islet, "person add --id p1 --name Amina"), 0);
    farewell_is(parting, S_BUSY, "cells of results that were recorded here are not held by the node above");
    assert_int_equal(store_open(parting->islet.dir, &options, &store, &report), S_OK);
    assert_int_equal(store_write_wait(store, hear_run, parting), S_OK);
    store_close(store);
    farewell_is(parting, S_OK, "");
    assert_int_equal(kit_command(&parting->islet, "person add --id p2 --name Bela"), 0);
    farewell_is(parting, S_BUSY, "count nowhere");
}

static enum status enrol_run(struct db *db, void *arg)
{
    const struct registration_wish wish = {.person = *(const int64_t *)arg, .course = bytes_text("soil"), .now_ms = 1000};
    struct registration_row row;

    return registration_open(db, &wish, &row);
}

/* A browser's work that no figure has yet: the node was killed, or copied, before it told. The other machine tells the same facts, of the same node. */
static void what_was_not_told_is_told_under_the_key_that_goes(void **state)
{
    struct parting *parting = *state;
    struct command_context context = {.dir = parting->islet.dir, .report = {.status = S_OK}};
    struct store_options options = {0};
    struct report report = {.status = S_OK};
    struct store *store;
    int64_t person = 1;

    assert_int_equal(kit_command(&parting->islet, "person add --id p1 --name Amina"), 0);
    for (uint32_t timeout_ms = 0; timeout_ms < 2; timeout_ms++) { /* with --leave-results, and without */
        assert_int_equal(store_open(parting->islet.dir, &options, &store, &report), S_OK);
        store_set_identity(store, &parting->identity, &parting->federation.id);
        assert_int_equal(store_write_wait(store, hear_run, parting), S_OK);
        assert_int_equal(store_write_wait(store, enrol_run, &person), S_OK);
        assert_true(due_is_any(store));
        store_close(store);
        assert_int_equal(farewell_say(&context, &parting->config, &parting->identity, &parting->federation, timeout_ms), timeout_ms ? S_BUSY : S_OK);
        assert_int_equal(store_open(parting->islet.dir, &options, &store, &report), S_OK);
        assert_false(due_is_any(store));
        store_close(store);
        assert_int_equal(kit_command(&parting->islet, "person add --id p2 --name Bela"), 0);
        person = 2;
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_not_told_is_told_under_the_key_that_goes, setup, teardown),
        cmocka_unit_test_setup_teardown(what_nobody_above_holds_keeps_the_key, setup, teardown),
    };
    return KIT_RUN(tests);
}
