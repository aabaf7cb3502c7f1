/* Errands over a pretended link: who is called, when a call ends, who comes next. */
#include "node/link/errand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/local_time.h"
#include "node/store/operation/peer_status.h"
#include "node/store/stream/own.h"
#include "replication/crdt/cell.h"
#include "replication/trust/statement.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

enum { CHILDREN = 3 };

/* The pretended link: one row a child. */
struct desk {
    struct kit_store kit;
    struct members *members;
    struct errands *errands;
    struct errand_host host;
    struct link_peer peers[CHILDREN];
    unsigned dialed, retired;
};

static struct link_peer *peer_of(struct desk *desk, const struct id *node)
{
    for (int i = 0; i < CHILDREN; i++) {
        if (id_equal(&desk->peers[i].node, node)) {
            return &desk->peers[i];
        }
    }
    return NULL;
}

static bool host_dial(void *ctx, const struct id *node)
{
    struct desk *desk = ctx;

    desk->dialed++;
    peer_of(desk, node)->is_dialed = true;
    return true;
}

static void host_retire(void *ctx, const struct id *node)
{
    struct desk *desk = ctx;

    desk->retired++;
    peer_of(desk, node)->is_dialed = false;
    peer_of(desk, node)->is_connected = false;
}

static void host_look(void *ctx, const struct id *node, struct link_peer *out)
{
    const struct link_peer *peer = peer_of(ctx, node);

    *out = peer ? *peer : (struct link_peer){.error = ""};
}

struct child_cell {
    struct buffer key, value;
};

static enum status cell_put(struct db *db, void *arg)
{
    struct child_cell *cell = arg;
    return own_cell_put(db, TOPIC_ROSTER, buffer_bytes(&cell->key), buffer_bytes(&cell->value));
}

/* A child with an address that the authority (the kit's key is its own) put below this node. */
static void child_make(struct desk *desk, int i)
{
    uint8_t seed[IDENTITY_SEED_SIZE] = {(uint8_t)(i + 1)};
    struct signer authority = {{{0}}, {0}, 0};
    struct identity identity;
    struct child_cell cell;
    struct buffer statement;

    identity_derive(&identity, seed);
    struct roster_node node = {.node = identity.node, .parent = desk->kit.identity.node, .kind = NODE_NATIONAL, .admitted_ms = 1000};
    snprintf(node.name, sizeof node.name, "child-%d", i);
    snprintf(node.endpoint, sizeof node.endpoint, "tcp://127.0.0.1:%d", 10 + i);
    memcpy(node.sign_public, identity.sign_public, sizeof node.sign_public);
    memcpy(node.curve_public, identity.curve_public, sizeof node.curve_public);
    memcpy(authority.sign_secret, desk->kit.identity.sign_secret, sizeof authority.sign_secret);
    buffer_init(&statement);
    buffer_init(&cell.key);
    buffer_init(&cell.value);
    assert_int_equal(statement_admit(&desk->kit.federation.id, &node, &authority, &statement), S_OK);
    assert_int_equal(statement_cell_key(buffer_bytes(&statement), &cell.key), S_OK);
    cell_value_register(&cell.value, hlc_tick(0, 1000), buffer_bytes(&statement));
    assert_int_equal(store_write_wait(desk->kit.store, cell_put, &cell), S_OK);
    desk->peers[i] = (struct link_peer){.node = identity.node, .error = ""};
    buffer_release(&statement);
    buffer_release(&cell.key);
    buffer_release(&cell.value);
}

static int setup(void **state)
{
    static struct desk desk;
    struct report report = {0};

    memset(&desk, 0, sizeof desk);
    kit_store_open(&desk.kit);
    for (int i = 0; i < CHILDREN; i++) {
        child_make(&desk, i);
    }
    desk.members = members_open(desk.kit.store, &desk.kit.federation, &report);
    assert_non_null(desk.members);
    desk.host = (struct errand_host){host_dial, host_retire, host_look, &desk};
    desk.errands = errands_new(desk.kit.store, desk.members, &desk.kit.identity.node, &desk.host);
    *state = &desk;
    return 0;
}

static int teardown(void **state)
{
    struct desk *desk = *state;

    errands_free(desk->errands);
    members_close(desk->members);
    kit_store_close(&desk->kit);
    return 0;
}

static void ticks(struct desk *desk, int count, uint64_t from_ms)
{
    for (int i = 0; i < count; i++) {
        errands_tick(desk->errands, from_ms + (uint64_t)i);
    }
}

static enum status heard_put(struct db *db, void *arg)
{
    return peer_status_put(db, arg);
}

static void whoever_was_put_below_is_called_once_each(void **state)
{
    struct desk *desk = *state;

    ticks(desk, 6, 1);
    assert_int_equal(desk->dialed, CHILDREN);
    assert_int_equal(errands_count(desk->errands), CHILDREN);
}

static void met_put(struct desk *desk, int child, uint64_t met_ms, uint64_t tried_ms)
{
    struct peer_status met = {.node = desk->peers[child].node, .last_success_ms = met_ms, .last_attempt_ms = tried_ms};

    assert_int_equal(store_write_wait(desk->kit.store, heard_put, &met), S_OK);
}

/* The one that was met last, which may have been the hub; not who never was, nor who was in step since. */
static void who_was_met_before_is_waited_for(void **state)
{
    struct desk *desk = *state;
    struct id due;

    assert_false(errands_due(desk->errands, &due));
    met_put(desk, 0, 998, 0);
    met_put(desk, 1, 999, 0);
    met_put(desk, 2, local_time_now(), 0);
    assert_true(errands_due(desk->errands, &due));
    assert_true(id_equal(&due, &desk->peers[1].node));
    ticks(desk, 6, 1);
    assert_true(errands_due(desk->errands, &due)); /* it is called, and has not answered */
}

static void a_call_ends_when_the_other_is_in_step(void **state)
{
    struct desk *desk = *state;

    ticks(desk, 6, 1);
    desk->peers[1].is_connected = true;
    desk->peers[1].progress.state = PEER_MOVING;
    ticks(desk, 1, 10);
    assert_int_equal(desk->retired, 0);
    desk->peers[1].progress.state = PEER_IN_STEP;
    desk->peers[1].progress.rounds = 1;
    ticks(desk, 1, 11);
    assert_int_equal(desk->retired, 1);
    assert_int_equal(errands_count(desk->errands), CHILDREN - 1);
}

static void who_cannot_be_reached_makes_room_and_is_called_again_later(void **state)
{
    struct desk *desk = *state;

    ticks(desk, 6, 1);
    for (int i = 0; i < CHILDREN; i++) {
        desk->peers[i].failures = ERRAND_FAILURES_MAX;
    }
    ticks(desk, 1, 10);
    assert_int_equal(desk->retired, CHILDREN);
    assert_int_equal(errands_count(desk->errands), 0);
    ticks(desk, 6, 11);
    assert_int_equal(desk->dialed, CHILDREN); /* all had a turn: a rest */
    ticks(desk, 6, 11 + 2 * ERRAND_REST_MS);
    assert_int_equal(desk->dialed, 2 * CHILDREN);
    for (int i = 0; i < CHILDREN; i++) {
        desk->peers[i].failures = 2 * ERRAND_FAILURES_MAX;
    }
    ticks(desk, 6, 20 + 2 * ERRAND_REST_MS);
    assert_int_equal(desk->dialed, 2 * CHILDREN);
    errands_wake(desk->errands); /* the roster changed: no rest */
    ticks(desk, 6, 30 + 2 * ERRAND_REST_MS);
    assert_int_equal(desk->dialed, 3 * CHILDREN);
}

static void who_was_heard_of_since_is_left_alone(void **state)
{
    struct desk *desk = *state;

    met_put(desk, 0, local_time_now(), 0);
    desk->peers[2].is_connected = true; /* by its own call */
    ticks(desk, 6, 1);
    assert_int_equal(desk->dialed, 1);
    assert_true(desk->peers[1].is_dialed);
}

/* Its database was put back, perhaps, to one of before it was followed by another hub, which nobody tells it. */
static void a_hub_that_was_started_calls_whom_it_knew_and_less_often_by_and_by(void **state)
{
    struct desk *desk = *state;
    struct id due;
    uint64_t now_ms = 1;

    met_put(desk, 0, 2000, 0); /* after it was put here */
    met_put(desk, 1, local_time_now(), 0);
    desk->peers[2].is_connected = true;
    assert_true(errands_due(desk->errands, &due));
    assert_true(id_equal(&due, &desk->peers[0].node));
    for (int pass = 1; pass <= 8; pass++, now_ms += 2 * ERRAND_REST_MS) {
        ticks(desk, 6, now_ms);
        desk->peers[0].failures += ERRAND_FAILURES_MAX;
        ticks(desk, 1, now_ms + 10);
    }
    assert_int_equal(desk->dialed, 3); /* behind 1, 2, 4 rests: until then it may come by itself */
    met_put(desk, 0, local_time_now() + 3600 * 1000, 0); /* by a clock that was ahead */
    assert_true(errands_due(desk->errands, &due));
    met_put(desk, 0, local_time_now(), 0);
    assert_false(errands_due(desk->errands, &due));
}

static void who_does_not_answer_makes_room_for_the_next_who_is_due(void **state)
{
    struct desk *desk = *state;
    struct id due;

    met_put(desk, 0, 2000, 2000);
    met_put(desk, 1, 2001, 3000);
    assert_true(errands_due(desk->errands, &due));
    assert_true(id_equal(&due, &desk->peers[0].node));
    met_put(desk, 0, 2000, 4000);
    assert_true(errands_due(desk->errands, &due));
    assert_true(id_equal(&due, &desk->peers[1].node)); /* that was tried first */
}

static void a_parting_waits_for_one_more_round(void **state)
{
    struct desk *desk = *state;

    errands_tick(desk->errands, 1); /* the first child */
    for (int i = 0; i < CHILDREN; i++) {
        desk->peers[i].is_connected = desk->peers[i].is_dialed = true;
        desk->peers[i].progress.state = PEER_IN_STEP;
        desk->peers[i].progress.rounds = 5;
    }
    errands_part(desk->errands, &desk->peers[2].node);
    unsigned retired = desk->retired;
    ticks(desk, 3, 2);
    assert_true(desk->peers[2].is_dialed);
    desk->peers[2].progress.rounds = 6;
    ticks(desk, 1, 9);
    assert_false(desk->peers[2].is_dialed);
    assert_true(desk->retired > retired);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whoever_was_put_below_is_called_once_each, setup, teardown),
        cmocka_unit_test_setup_teardown(who_was_met_before_is_waited_for, setup, teardown),
        cmocka_unit_test_setup_teardown(a_call_ends_when_the_other_is_in_step, setup, teardown),
        cmocka_unit_test_setup_teardown(who_cannot_be_reached_makes_room_and_is_called_again_later, setup, teardown),
        cmocka_unit_test_setup_teardown(who_was_heard_of_since_is_left_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(a_hub_that_was_started_calls_whom_it_knew_and_less_often_by_and_by, setup, teardown),
        cmocka_unit_test_setup_teardown(who_does_not_answer_makes_room_for_the_next_who_is_due, setup, teardown),
        cmocka_unit_test_setup_teardown(a_parting_waits_for_one_more_round, setup, teardown),
    };
    return KIT_RUN(tests);
}
