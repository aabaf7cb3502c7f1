/* What is written of a change of keys: asked, admitted, closed. */
#include "node/store/stream/rotation.h"

#include <string.h>

#include "node/store/stream/adopt.h"
#include "node/store/stream/adopt.h"
#include "node/store/stream/adopted.h"
#include "node/store/stream/expel.h"
#include "node/store/stream/held.h"
#include "node/store/stream/own.h"
#include "node/store/stream/roster.h"
#include "node/store/stream/stream.h"
#include "replication/trust/roster_keys.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_turn.h"
#include "tests/kit/stream_writer.h"

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

/* Who is waited for; zero: nobody. */
static struct id awaited(struct kit_turn *turn)
{
    struct roster *roster;
    struct id node = {{0}};
    struct db *db = store_read_begin(turn->kit.store);

    assert_int_equal(roster_load(db, &turn->kit.federation, &roster, NULL), S_OK);
    store_read_end(turn->kit.store, db);
    const struct roster_node *found = rotation_awaited(turn->kit.store, roster, &turn->next.node);
    node = found ? found->node : node;
    roster_free(roster);
    return node;
}

static bool is_in_living_roster(struct kit_turn *turn)
{
    struct stream_id stream = {.node = turn->next.node, .topic = TOPIC_ROSTER};
    struct certificate certificate;
    struct db *db = store_read_begin(turn->kit.store);
    bool is_there = own_living(turn->kit.store, &stream.incarnation) && stream_find(db, &stream, &certificate);

    store_read_end(turn->kit.store, db);
    return is_there;
}

/* A machine that was built anew does not know what a former hub holds of it, and what the CLOSE does not name is lost (simulator seed 45100214).
 * `turn` is one that waits for it, in a life that said nothing of the roster yet. */
static void wait_for_former_hub(struct kit_turn *turn, struct id *hub_out)
{
    struct report report = {.status = S_OK};
    struct rotation rotation;

    kit_turn_open(turn);
    kit_turn_join_hub(turn, hub_out);
    kit_turn_demote_hub(turn, hub_out);
    kit_turn_ask(turn);
    kit_turn_grant(turn);
    assert_int_equal(store_write_wait(turn->kit.store, renew_run, NULL), S_OK);
    assert_false(is_in_living_roster(turn));
    rotation = rotation_of(turn, &report);
    assert_int_equal(store_write_wait(turn->kit.store, rotation_wait, &rotation), S_OK);
    assert_true(is_in_living_roster(turn)); /* something of which the former hub can say that it holds it */
    uint64_t generation = store_generation(turn->kit.store);
    assert_int_equal(store_write_wait(turn->kit.store, rotation_wait, &rotation), S_OK);
    assert_true(store_generation(turn->kit.store) <= generation + 1);
    assert_int_equal(kit_turn_state(turn), ROTATION_GRANTED);
    assert_false(is_safe(turn));
    struct id waited = awaited(turn);
    assert_true(id_equal(&waited, hub_out));
}

static void it_waits_until_a_former_hub_gave_back_what_it_holds(void **state)
{
    static const struct id nobody;
    struct held held = {.stream = {.topic = TOPIC_ROSTER}, .seq = 1};
    struct kit_turn turn;
    (void)state;

    wait_for_former_hub(&turn, &held.holder);
    held.stream.node = turn.next.node;
    assert_true(own_living(turn.kit.store, &held.stream.incarnation));
    assert_int_equal(store_write_wait(turn.kit.store, held_run, &held), S_OK);
    struct id waited = awaited(&turn);
    assert_true(id_equal(&waited, &nobody) && is_safe(&turn));
    kit_turn_close(&turn);
}

static void a_former_hub_that_is_revoked_is_not_waited_for(void **state)
{
    static const struct id nobody;
    struct kit_turn turn;
    struct id hub;
    (void)state;

    wait_for_former_hub(&turn, &hub);
    kit_store_reopen(&turn.kit);
    struct id waited = awaited(&turn); /* a node that is stopped knows it, too */
    assert_true(id_equal(&waited, &hub));
    kit_turn_revoke(&turn, &hub);
    waited = awaited(&turn);
    assert_true(id_equal(&waited, &nobody) && is_safe(&turn));
    kit_turn_close(&turn);
}

static enum status begin_run(struct db *db, void *arg)
{
    return own_incarnation(db, arg);
}

/* A CLOSE of before ends the results of the first incarnation `further` than they are here; the hub was heard of since another one began, and holds
 * nothing of the first. */
static bool is_safe_below_an_end(uint64_t further)
{
    struct held held = {.stream = {.topic = TOPIC_RESULTS}, .seq = 1};
    struct kit_turn turn;
    struct stream_end end = {.stream = {.topic = TOPIC_RESULTS}};
    struct close_terms terms = {.turn = 1, .ends = &end, .end_count = 1, .has_kept = true, .at_ms = 7000};
    struct certificate certificate;
    struct signer signer = {0};

    kit_turn_open(&turn);
    kit_turn_join_hub(&turn, &held.holder);
    kit_turn_ask(&turn);
    kit_turn_grant(&turn);
    held.stream.node = end.stream.node = terms.node = signer.node = turn.next.node;
    memcpy(signer.sign_secret, turn.next.sign_secret, sizeof signer.sign_secret);
    assert_true(own_living(turn.kit.store, &end.stream.incarnation));
    struct db *db = store_read_begin(turn.kit.store);
    assert_true(stream_find(db, &end.stream, &certificate));
    store_read_end(turn.kit.store, db);
    end.seq = certificate.head.seq + further, end.digest = certificate.head.digest;
    kit_turn_close_say(&turn, &terms, &signer);
    assert_int_equal(kit_turn_state(&turn), ROTATION_CLOSED);
    store_set_identity(turn.kit.store, &turn.next, &turn.kit.federation.id);
    assert_int_equal(store_write_wait(turn.kit.store, renew_run, NULL), S_OK);
    assert_int_equal(store_write_wait(turn.kit.store, begin_run, &held.stream.incarnation), S_OK);
    assert_false(is_safe(&turn)); /* not heard of */
    assert_int_equal(store_write_wait(turn.kit.store, held_run, &held), S_OK);
    bool is_it = is_safe(&turn);
    kit_turn_close(&turn);
    return is_it;
}

/* Nobody takes it anew, so nobody acknowledges it: a node in whose hands that is left could never change its keys again. */
static void what_is_left_below_a_lost_end_stands_in_nobodys_way(void **state)
{
    (void)state;
    assert_false(is_safe_below_an_end(0)); /* the end itself is taken, and waited for */
    assert_true(is_safe_below_an_end(1));
}

/* A machine that was built anew, or went back to a backup, has the present keys, and may not have heard of them. */
static void who_has_not_heard_of_its_own_keys_is_told_so(void **state)
{
    struct report report = {.status = S_OK};
    struct kit_turn turn;
    struct identity later, other;
    uint8_t seed[IDENTITY_SEED_SIZE] = {7};
    (void)state;

    kit_turn_open(&turn);
    identity_derive(&other, seed);
    other.node = turn.kit.identity.node;
    later = other;
    later.former_count = 1;
    memcpy(later.former[0].curve_public, turn.kit.identity.curve_public, CURVE_PUBLIC_SIZE);
    struct rotation rotation = rotation_of(&turn, &report);
    rotation.identity = &later;
    assert_int_equal(store_write_wait(turn.kit.store, rotation_ask, &rotation), S_STALE);
    assert_non_null(strstr(report.text, "not heard of it yet"));
    report = (struct report){.status = S_OK};
    rotation.identity = &other; /* somebody else's, or one of before */
    assert_int_equal(store_write_wait(turn.kit.store, rotation_ask, &rotation), S_STALE);
    assert_non_null(strstr(report.text, "another key"));
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

static enum status begun_early_run(struct db *db, void *arg)
{
    (void)arg;
    return own_begin_after(db, (hlc)500 << 16);
}

struct delivery {
    struct stream_writer writer;
    const struct id *federation;
    struct buffer body;
};

static enum status apply_run(struct db *db, void *arg)
{
    struct delivery *delivery = arg;

    return stream_apply_body(db, delivery->federation, &delivery->writer.head.stream, buffer_bytes(&delivery->body));
}

static uint64_t foreign_cells(struct kit_turn *turn)
{
    struct db *db = store_read_begin(turn->kit.store);
    uint64_t cells = rotation_foreign(db, &turn->kit.identity.node);

    store_read_end(turn->kit.store, db);
    return cells;
}

/* Written with this node's key since it lives, and not by it. */
static void what_a_copy_wrote_is_told_and_kept_when_people_say_so(void **state)
{
    struct kit_turn turn;
    struct delivery delivery = {.federation = &turn.kit.federation.id};
    struct stream_writer *writer = &delivery.writer;
    (void)state;

    kit_turn_open(&turn);
    assert_int_equal(store_write_wait(turn.kit.store, begun_early_run, NULL), S_OK);
    stream_writer_init(writer, delivery.federation, 1, TOPIC_RESULTS);
    writer->identity = turn.kit.identity;
    writer->head.stream.node = turn.kit.identity.node;
    writer->key = lthash_key(delivery.federation, &writer->head.stream);
    stream_writer_put_number(writer, "a", 1), stream_writer_put_number(writer, "b", 1);
    struct certificate certificate = stream_writer_certify(writer);
    buffer_init(&delivery.body);
    stream_writer_body(writer, 0, certificate.head.seq, &certificate, &delivery.body);
    assert_int_equal(foreign_cells(&turn), 0);
    assert_int_equal(store_write_wait(turn.kit.store, apply_run, &delivery), S_OK);
    assert_int_equal(foreign_cells(&turn), 2);
    assert_int_equal(store_write_wait(turn.kit.store, rotation_keep, NULL), S_OK);
    assert_int_equal(foreign_cells(&turn), 0);
    kit_turn_ask(&turn), kit_turn_grant(&turn);
    assert_int_equal(close_under_next(&turn), S_OK);
    struct db *db = store_read_begin(turn.kit.store);
    struct roster *roster;
    assert_int_equal(roster_load(db, &turn.kit.federation, &roster, NULL), S_OK);
    store_read_end(turn.kit.store, db);
    assert_true(roster_is_of_former_key(roster, &writer->head.stream)); /* it is named */
    roster_free(roster);
    buffer_release(&delivery.body);
    stream_writer_release(writer);
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

/* What is found when what its keys do not leave is dropped. */
struct look {
    struct roster *roster;
    size_t trimmed;
    enum status found; /* the cell that was recorded, in the living stream */
};

static enum status look_run(struct db *db, void *arg)
{
    struct look *look = arg;
    struct bytes value;
    enum status status = expel_trim(db, look->roster, &look->trimmed);

    look->found = status == S_OK ? own_cell_get(db, TOPIC_RESULTS, bytes_text("k"), &value) : status;
    return status;
}

/* The new key says so, as on the machine that took it; then the roster knows. */
static struct roster *close_elsewhere(struct kit_turn *turn, struct close_terms *terms)
{
    struct signer signer = {.node = turn->next.node};
    struct roster *roster;

    terms->node = turn->next.node;
    memcpy(signer.sign_secret, turn->next.sign_secret, sizeof signer.sign_secret);
    kit_turn_close_say(turn, terms, &signer);
    struct db *db = store_read_begin(turn->kit.store);
    assert_int_equal(roster_load(db, &turn->kit.federation, &roster, NULL), S_OK);
    store_read_end(turn->kit.store, db);
    return roster;
}

/* A backup of before a change of keys was restored and recorded on; then the newer key was put beside it. */
static void what_was_recorded_after_the_key_was_given_up_elsewhere_counts_under_the_new_one(void **state)
{
    struct close_terms terms = {.turn = 1, .at_ms = 7000};
    struct look look = {0};
    struct kit_turn turn;
    struct id before, after;
    (void)state;

    kit_turn_open(&turn);
    kit_turn_ask(&turn);
    kit_turn_grant(&turn);
    look.roster = close_elsewhere(&turn, &terms);
    assert_int_equal(store_write_wait(turn.kit.store, look_run, &look), S_OK);
    assert_int_equal(look.trimmed, 1); /* the roster stream of the old key: results wait for the new one */
    assert_int_equal(look.found, S_OK);
    assert_true(own_living(turn.kit.store, &before));
    store_set_identity(turn.kit.store, &turn.next, &turn.kit.federation.id);
    assert_int_equal(store_write_wait(turn.kit.store, look_run, &look), S_OK);
    assert_true(own_living(turn.kit.store, &after) && !id_equal(&before, &after));
    assert_int_equal(look.trimmed, 1);
    assert_int_equal(look.found, S_OK);
    roster_free(look.roster);
    kit_turn_close(&turn);
}

/* A stream of the old key that counted another one, which the CLOSE names, while it is not named itself: of a backup from before the change. */
struct spoken {
    struct stream_head of;
    uint64_t adopted;
};

static enum status speak_run(struct db *db, void *arg)
{
    struct spoken *spoken = arg;
    struct adopt_plan plan = {.count = 1, .is_anew = true};
    struct certificate certificate;
    enum status status = own_incarnation(db, &spoken->of.stream.incarnation);

    if (status != S_OK || !stream_find(db, &spoken->of.stream, &certificate)) {
        return status == S_OK ? S_NOT_FOUND : status;
    }
    spoken->of = certificate.head;
    plan.living = spoken->of.stream;
    plan.items[0] = (struct adopt_choice){spoken->of.stream, spoken->of.seq, spoken->of.count};
    return adopt_run(db, &plan);
}

static enum status said_run(struct db *db, void *arg)
{
    struct spoken *spoken = arg;

    spoken->adopted = adopted_seq(db, &spoken->of.stream);
    return db_status(db);
}

static void what_a_dropped_stream_counted_counts_for_itself_again(void **state)
{
    struct spoken spoken = {.adopted = 0};
    struct stream_end end;
    struct close_terms terms = {.turn = 1, .at_ms = 7000, .ends = &end, .end_count = 1};
    struct look look = {0};
    struct kit_turn turn;
    (void)state;

    kit_turn_open(&turn);
    kit_turn_ask(&turn);
    kit_turn_grant(&turn);
    spoken.of.stream = (struct stream_id){.node = turn.kit.identity.node, .topic = TOPIC_ROSTER};
    assert_int_equal(store_write_wait(turn.kit.store, speak_run, &spoken), S_OK);
    assert_int_equal(store_write_wait(turn.kit.store, said_run, &spoken), S_OK);
    assert_int_equal(spoken.adopted, spoken.of.seq);
    end = (struct stream_end){spoken.of.stream, spoken.of.seq, spoken.of.digest};
    look.roster = close_elsewhere(&turn, &terms);
    store_set_identity(turn.kit.store, &turn.next, &turn.kit.federation.id);
    assert_int_equal(store_write_wait(turn.kit.store, look_run, &look), S_OK);
    assert_true(look.trimmed > 0);
    assert_int_equal(store_write_wait(turn.kit.store, said_run, &spoken), S_OK);
    assert_int_equal(spoken.adopted, 0);
    roster_free(look.roster);
    kit_turn_close(&turn);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_recorded_after_the_key_was_given_up_elsewhere_counts_under_the_new_one),
        cmocka_unit_test(what_a_dropped_stream_counted_counts_for_itself_again),
        cmocka_unit_test(the_steps_follow_each_other),
        cmocka_unit_test(asking_again_says_the_same),
        cmocka_unit_test(it_waits_while_a_peer_may_hold_more),
        cmocka_unit_test(it_waits_until_a_former_hub_gave_back_what_it_holds),
        cmocka_unit_test(a_former_hub_that_is_revoked_is_not_waited_for),
        cmocka_unit_test(what_is_left_below_a_lost_end_stands_in_nobodys_way),
        cmocka_unit_test(who_has_not_heard_of_its_own_keys_is_told_so),
        cmocka_unit_test(what_was_adopted_is_named_too),
        cmocka_unit_test(only_who_stands_above_admits),
        cmocka_unit_test(what_a_copy_wrote_is_told_and_kept_when_people_say_so),
    };
    return KIT_RUN(tests);
}
