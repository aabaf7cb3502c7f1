/* What is written of a change of keys: asked, admitted, closed. */
#include "node/store/stream/rotation.h"

#include <string.h>

#include "node/store/stream/adopt.h"
#include "node/store/stream/held.h"
#include "node/store/stream/own.h"
#include "node/store/stream/roster.h"
#include "node/store/stream/stream.h"
#include "replication/trust/roster_keys.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_turn.h"

static struct rotation rotation_of(struct kit_turn *turn, struct report *report)
{
    return (struct rotation){.federation = &turn->kit.federation,
                             .identity = &turn->kit.identity,
                             .next = &turn->next,
                             .node = turn->next.node,
                             .now_ms = 7000,
                             .report = report};
}

static enum status close_under_next(struct kit_turn *turn)
{
    struct report report = {.status = S_OK};
    struct rotation rotation = rotation_of(turn, &report);

    store_set_identity(turn->kit.store, &turn->next, &turn->kit.federation.id);
    enum status status = store_write_wait(turn->kit.store, rotation_close, &rotation);
    if (status != S_OK) {
        store_set_identity(turn->kit.store, &turn->kit.identity, &turn->kit.federation.id);
    }
    return status;
}

static void the_steps_follow_each_other(void **state)
{
    struct kit_turn turn;
    int present;
    (void)state;

    kit_turn_open(&turn);
    assert_int_equal(kit_turn_state(&turn), ROTATION_NONE);
    assert_int_equal(close_under_next(&turn), S_STALE);
    kit_turn_ask(&turn);
    assert_int_equal(kit_turn_state(&turn), ROTATION_ASKED);
    assert_int_equal(close_under_next(&turn), S_STALE);
    kit_turn_grant(&turn);
    assert_int_equal(kit_turn_state(&turn), ROTATION_GRANTED);
    assert_false(rotation_is_done(turn.kit.store, &turn.next));
    assert_int_equal(close_under_next(&turn), S_OK);
    assert_int_equal(kit_turn_state(&turn), ROTATION_CLOSED);
    assert_true(rotation_is_done(turn.kit.store, &turn.next));
    assert_int_equal(kit_turn_streams(&turn, &present),
                     2);          /* roster and results of before, good up to their ends */
    assert_int_equal(present, 1); /* the roster's of the new key, with the CLOSE */
    assert_int_equal(close_under_next(&turn), S_STALE);
    kit_turn_close(&turn);
}

static void asking_again_says_the_same(void **state)
{
    struct kit_turn turn;
    struct id before, after;
    struct roster *roster = NULL;
    (void)state, (void)roster;

    kit_turn_open(&turn);
    kit_turn_ask(&turn);
    assert_true(own_living(turn.kit.store, &before));
    uint64_t generation = store_generation(turn.kit.store);
    kit_turn_ask(&turn);
    assert_true(own_living(turn.kit.store, &after) && id_equal(&before, &after));
    assert_true(store_generation(turn.kit.store) <= generation + 1);
    assert_int_equal(kit_turn_state(&turn), ROTATION_ASKED);
    kit_turn_close(&turn);
}

static bool is_safe(struct kit_turn *turn)
{
    struct roster *roster;
    struct db *db = store_read_begin(turn->kit.store);

    assert_int_equal(roster_load(db, &turn->kit.federation, &roster, NULL), S_OK);
    store_read_end(turn->kit.store, db);
    bool is_safe = rotation_is_safe(turn->kit.store, roster, &turn->next.node);
    roster_free(roster);
    return is_safe;
}

static enum status held_run(struct db *db, void *arg)
{
    return held_put(db, arg);
}

static enum status renew_run(struct db *db, void *arg)
{
    (void)arg;
    return own_renew(db);
}

/* A database that was put back begins another incarnation: what peers hold of those before may be more, also of one that is not here at all. */
static void it_waits_while_a_peer_may_hold_more(void **state)
{
    struct report report = {.status = S_OK};
    struct held held = {.stream = {.topic = TOPIC_RESULTS}, .seq = 1};
    struct kit_turn turn;
    (void)state;

    kit_turn_open(&turn);
    kit_turn_join_hub(&turn, &held.holder);
    kit_turn_ask(&turn);
    kit_turn_grant(&turn);
    struct rotation rotation = rotation_of(&turn, &report);
    assert_int_equal(store_write_wait(turn.kit.store, rotation_wait, &rotation), S_OK);
    assert_int_equal(kit_turn_state(&turn), ROTATION_GRANTED);
    assert_false(is_safe(&turn)); /* nothing is closed here, and nobody was heard of */
    held.stream.node = turn.next.node;
    assert_true(own_living(turn.kit.store, &held.stream.incarnation));
    assert_int_equal(store_write_wait(turn.kit.store, held_run, &held), S_OK);
    assert_true(is_safe(&turn));
    struct held closed = held; /* of what is closed now, the other holds 2: one more than is here */
    closed.seq = 3;
    assert_int_equal(store_write_wait(turn.kit.store, renew_run, NULL), S_OK);
    assert_int_equal(store_write_wait(turn.kit.store, rotation_wait, &rotation), S_OK);
    assert_true(own_living(turn.kit.store, &held.stream.incarnation));
    assert_false(is_safe(&turn));
    assert_int_equal(store_write_wait(turn.kit.store, held_run, &held), S_OK);
    assert_int_equal(store_write_wait(turn.kit.store, held_run, &closed), S_OK);
    assert_false(is_safe(&turn));
    kit_turn_close(&turn);
}

/* The roster stream of the first incarnation goes into the living one. */
static enum status adopt_roster_run(struct db *db, void *arg)
{
    struct stream_id *old = arg;
    struct adopt_plan plan = {.living = *old, .count = 1};
    struct certificate certificate;

    assert_int_equal(own_incarnation(db, &plan.living.incarnation), S_OK);
    assert_true(stream_find(db, old, &certificate));
    plan.items[0] = (struct adopt_choice){*old, certificate.head.seq, certificate.head.count};
    return adopt_run(db, &plan);
}

/* A backup of before, put back later, holds it for itself. */
static void what_was_adopted_is_named_too(void **state)
{
    struct kit_turn turn;
    struct stream_id old = {.topic = TOPIC_ROSTER};
    struct roster *roster;
    (void)state;

    kit_turn_open(&turn);
    old.node = turn.next.node;
    assert_true(own_living(turn.kit.store, &old.incarnation));
    assert_int_equal(store_write_wait(turn.kit.store, renew_run, NULL), S_OK);
    kit_turn_ask(&turn);
    assert_int_equal(store_write_wait(turn.kit.store, adopt_roster_run, &old), S_OK);
    kit_turn_grant(&turn);
    assert_int_equal(close_under_next(&turn), S_OK);
    struct db *db = store_read_begin(turn.kit.store);
    assert_int_equal(roster_load(db, &turn.kit.federation, &roster, NULL), S_OK);
    store_read_end(turn.kit.store, db);
    assert_true(roster_is_of_former_key(roster, &old));
    roster_free(roster);
    kit_turn_close(&turn);
}

static void only_who_stands_above_admits(void **state)
{
    struct report report = {.status = S_OK};
    struct kit_turn turn;
    (void)state;

    kit_turn_open(&turn);
    struct rotation rotation = rotation_of(&turn, &report);
    assert_int_equal(store_write_wait(turn.kit.store, rotation_grant, &rotation), S_NOT_FOUND);
    kit_turn_ask(&turn);
    assert_int_equal(store_write_wait(turn.kit.store, rotation_grant, &rotation), S_DENIED); /* itself */
    assert_int_equal(kit_turn_state(&turn), ROTATION_ASKED);
    kit_turn_close(&turn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_steps_follow_each_other),
        cmocka_unit_test(asking_again_says_the_same),
        cmocka_unit_test(it_waits_while_a_peer_may_hold_more),
        cmocka_unit_test(what_was_adopted_is_named_too),
        cmocka_unit_test(only_who_stands_above_admits),
    };
    return KIT_RUN(tests);
}
