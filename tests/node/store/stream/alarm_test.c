/* A proof that two machines write with one key: raised once, read by who checks it, settled from above. Node 2 below node 1
 * below the hub; the store is node 1's. */
#include "node/store/stream/alarm.h"

#include <string.h>

#include "tests/kit/federation.h"
#include "tests/kit/kit.h"
#include "tests/node/store/desk.h"

struct fixture {
    struct desk *desk;
    struct federation federation;
    struct roster *roster;
    uint8_t incarnation;
    int writer;
    uint64_t base_ms;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    fixture->desk = desk_open();
    federation_make(&fixture->federation, 3);
    fixture->roster = roster_new(&fixture->federation.id, fixture->federation.authority.sign_public);
    federation_enter(&fixture->federation, fixture->roster, 0, FEDERATION_AUTHORITY, NODE_HUB);
    federation_enter(&fixture->federation, fixture->roster, 1, 0, NODE_NATIONAL);
    federation_enter(&fixture->federation, fixture->roster, 2, 1, NODE_CAMPUS);
    fixture->desk->identity = fixture->federation.nodes[1];
    fixture->desk->federation = fixture->federation.id;
    desk_reopen(fixture->desk);
    fixture->writer = 2;
    fixture->base_ms = 1000000;
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    roster_free(fixture->roster);
    desk_close(fixture->desk);
    test_free(fixture);
    return 0;
}

static struct certificate state_of(struct fixture *fixture, uint8_t incarnation, uint64_t seq, uint64_t at_ms)
{
    const struct identity *by = &fixture->federation.nodes[fixture->writer];
    struct stream_head head = {.stream = {by->node, {{incarnation}}, TOPIC_RESULTS},
                               .seq = seq, .count = 1, .digest = {{(uint8_t)seq}}, .stamp = (fixture->base_ms + at_ms) << 16};
    return certificate_sign(&fixture->federation.id, &head, by->sign_secret);
}

static enum status raise_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    struct fork fork = {FORK_TURNS, {state_of(fixture, 1, 5, 1), state_of(fixture, 2, 3, 2), state_of(fixture, 1, 6, 3)}};

    return alarm_raise(db, &fork);
}

static enum status forged_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    struct fork fork = {FORK_TURNS, {state_of(fixture, 1, 5, 1), state_of(fixture, 2, 3, 2), state_of(fixture, 1, 6, 3)}};

    fork.certificates[1].signature[7] ^= 1;
    return alarm_raise(db, &fork);
}

static enum status settle_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;

    return alarm_settle(db, &fixture->federation.nodes[fixture->writer].node, (fixture->base_ms + 3) << 16);
}

static size_t alarms(struct fixture *fixture, struct alarm *alarms_out)
{
    struct db *db = store_read_begin(fixture->desk->store);
    size_t count = alarm_list(db, &fixture->federation.id, fixture->roster, alarms_out);

    store_read_end(fixture->desk->store, db);
    return count;
}

static void an_alarm_is_raised_read_and_settled(void **state)
{
    struct fixture *fixture = *state;
    static struct alarm found[ALARMS_MAX];

    assert_int_equal(alarms(fixture, found), 0);
    assert_int_equal(store_write_wait(fixture->desk->store, raise_run, fixture), S_OK);
    assert_int_equal(alarms(fixture, found), 1);
    assert_true(id_equal(&found[0].node, &fixture->federation.nodes[2].node));
    assert_true(id_equal(&found[0].reporter, &fixture->federation.nodes[1].node));
    assert_true(found[0].at_ms == fixture->base_ms + 3);
    assert_int_equal(store_write_wait(fixture->desk->store, settle_run, fixture), S_OK);
    assert_int_equal(alarms(fixture, found), 0);
    fixture->base_ms += 5;
    assert_int_equal(store_write_wait(fixture->desk->store, raise_run, fixture), S_OK);
    assert_int_equal(alarms(fixture, found), 0); /* of the same ten minutes: nothing is written */
    fixture->base_ms += ALARM_REPEAT_MS;
    assert_int_equal(store_write_wait(fixture->desk->store, raise_run, fixture), S_OK);
    assert_int_equal(alarms(fixture, found), 1);
}

static void a_forged_proof_and_a_settlement_from_beside_count_for_nothing(void **state)
{
    struct fixture *fixture = *state;
    static struct alarm found[ALARMS_MAX];

    assert_int_equal(store_write_wait(fixture->desk->store, forged_run, fixture), S_OK);
    assert_int_equal(alarms(fixture, found), 0);
    fixture->writer = 0; /* node 1 is not above the hub */
    assert_int_equal(store_write_wait(fixture->desk->store, raise_run, fixture), S_OK);
    assert_int_equal(alarms(fixture, found), 1);
    assert_int_equal(store_write_wait(fixture->desk->store, settle_run, fixture), S_OK);
    assert_int_equal(alarms(fixture, found), 1);
}

static enum status settle_many_run(struct db *db, void *arg)
{
    struct id node = {.b = {0xff}};
    enum status status = S_OK;
    (void)arg;

    for (unsigned i = 0; i < ALARMS_MAX && status == S_OK; i++) {
        node.b[1] = (uint8_t)i;
        status = alarm_settle(db, &node, 1);
    }
    return status;
}

static void what_is_settled_and_was_never_proven_takes_no_room_from_proofs(void **state)
{
    struct fixture *fixture = *state;
    static struct alarm found[ALARMS_MAX];

    fixture->desk->identity = fixture->federation.nodes[0]; /* the hub stands above everybody */
    desk_shut(fixture->desk);
    desk_reopen(fixture->desk);
    assert_int_equal(store_write_wait(fixture->desk->store, settle_many_run, NULL), S_OK);
    assert_int_equal(store_write_wait(fixture->desk->store, raise_run, fixture), S_OK);
    assert_int_equal(alarms(fixture, found), 1);
    assert_true(id_equal(&found[0].node, &fixture->federation.nodes[2].node));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_alarm_is_raised_read_and_settled, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_settled_and_was_never_proven_takes_no_room_from_proofs, setup, teardown),
        cmocka_unit_test_setup_teardown(a_forged_proof_and_a_settlement_from_beside_count_for_nothing, setup, teardown),
    };
    return KIT_RUN(tests);
}
