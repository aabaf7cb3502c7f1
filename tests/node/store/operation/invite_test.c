#include "node/store/operation/invite.h"

#include <string.h>

#include "tests/kit/kit.h"
#include "tests/node/store/desk.h"

static int setup(void **state)
{
    *state = desk_open();
    return 0;
}

static int teardown(void **state)
{
    desk_close(*state);
    return 0;
}

static struct invite invite_of(uint8_t token)
{
    struct invite invite;

    memset(&invite, 0, sizeof invite);
    memset(invite.token, token, sizeof invite.token);
    strcpy(invite.name, "Addis Ababa");
    invite.kind = NODE_CAMPUS;
    strcpy(invite.country, "ET");
    strcpy(invite.region, "Eastern Africa");
    invite.created_ms = 1000;
    invite.expires_ms = 5000;
    return invite;
}

static enum status put_run(struct db *db, void *arg)
{
    return invite_put(db, arg);
}

struct use {
    const struct invite *invite;
    struct id node;
    uint64_t now_ms;
};

static enum status use_run(struct db *db, void *arg)
{
    struct use *use = arg;
    return invite_use(db, use->invite->token, &use->node, use->now_ms);
}

static enum status use(struct desk *desk, const struct invite *invite, uint8_t node, uint64_t now_ms)
{
    struct use request = {.invite = invite, .now_ms = now_ms};

    memset(request.node.b, node, sizeof request.node.b);
    return store_write_wait(desk->store, use_run, &request);
}

static void an_invitation_comes_back_whole_and_only_once(void **state)
{
    struct desk *desk = *state;
    struct invite invite = invite_of(3), found;

    assert_int_equal(store_write_wait(desk->store, put_run, &invite), S_OK);
    assert_int_equal(store_write_wait(desk->store, put_run, &invite), S_EXISTS);
    struct db *db = store_read_begin(desk->store);
    assert_true(invite_find(db, invite.token, &found));
    assert_memory_equal(&found, &invite, sizeof invite);
    assert_true(invite_next(db, NULL, &found));
    assert_false(invite_next(db, found.token, &found));
    store_read_end(desk->store, db);
}

static void it_serves_one_node_however_often_that_asks(void **state)
{
    struct desk *desk = *state;
    struct invite invite = invite_of(3), found;

    store_write_wait(desk->store, put_run, &invite);
    assert_int_equal(use(desk, &invite, 7, 2000), S_OK);
    assert_int_equal(use(desk, &invite, 7, 9000), S_OK); /* the answer was lost on the way */
    assert_int_equal(use(desk, &invite, 8, 2000), S_DENIED);
    struct db *db = store_read_begin(desk->store);
    assert_true(invite_find(db, invite.token, &found));
    assert_true(found.is_used && found.used_by.b[0] == 7);
    store_read_end(desk->store, db);
}

static void an_expired_or_unknown_one_serves_nobody(void **state)
{
    struct desk *desk = *state;
    struct invite invite = invite_of(3), unknown = invite_of(4);

    store_write_wait(desk->store, put_run, &invite);
    assert_true(invite_is_open(&invite, 4999));
    assert_false(invite_is_open(&invite, 5000));
    assert_int_equal(use(desk, &invite, 7, 5000), S_STALE);
    assert_int_equal(use(desk, &unknown, 7, 2000), S_NOT_FOUND);
    assert_int_equal(use(desk, &invite, 7, 4999), S_OK);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_invitation_comes_back_whole_and_only_once, setup, teardown),
        cmocka_unit_test_setup_teardown(it_serves_one_node_however_often_that_asks, setup, teardown),
        cmocka_unit_test_setup_teardown(an_expired_or_unknown_one_serves_nobody, setup, teardown),
    };
    return KIT_RUN(tests);
}
