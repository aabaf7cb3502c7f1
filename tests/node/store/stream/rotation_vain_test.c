/* A key that a hub before admitted, which had not heard of the handover. */
#include "node/store/stream/rotation_vain.h"

#include <string.h>

#include "node/store/stream/own.h"
#include "node/store/stream/roster.h"
#include "node/store/stream/rotation.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_turn.h"

static enum status renew_run(struct db *db, void *arg)
{
    (void)arg;
    return own_renew(db);
}

static enum status begin_run(struct db *db, void *arg)
{
    return own_incarnation(db, arg);
}

static enum status grant_check(struct kit_turn *turn, bool is_unused, const char *expected)
{
    struct report report = {.status = S_OK};
    struct roster *roster;
    struct db *db = store_read_begin(turn->kit.store);

    assert_int_equal(roster_load(db, &turn->kit.federation, &roster, NULL), S_OK);
    enum status status = rotation_vain_check(db, roster, &turn->next.node, is_unused, &report);
    store_read_end(turn->kit.store, db);
    roster_free(roster);
    assert_true(status == S_OK || strstr(report.text, expected));
    return status;
}

struct came_back {
    const struct federation *federation;
    struct stream_id stream;
};

static enum status amend_run(struct db *db, void *arg)
{
    struct came_back *came = arg;

    return rotation_vain_amend(db, came->federation, &came->stream);
}

/* A hub before admitted the next key, and had not heard that another stands above now. */
static void admit_in_vain(struct kit_turn *turn)
{
    struct id second;

    kit_turn_open(turn);
    kit_turn_join_hub(turn, &second);
    kit_turn_demote_hub(turn, &second);
    kit_turn_ask(turn);
    assert_int_equal(grant_check(turn, false, ""), S_OK);
    kit_turn_grant_in_vain(turn);
    assert_int_equal(kit_turn_state(turn), ROTATION_ASKED);
}

/* The node closes on that word, and names nothing of what is held here: that would be lost if the key were admitted anew (simulator seed 46001686). */
static void close_in_vain(struct kit_turn *turn, struct came_back *came, bool has_kept)
{
    struct close_terms terms = {.turn = 1, .has_kept = has_kept, .at_ms = 7000};
    struct signer signer = {0};

    admit_in_vain(turn);
    terms.node = signer.node = turn->next.node;
    *came = (struct came_back){&turn->kit.federation, {.node = turn->next.node, .topic = TOPIC_RESULTS}};
    assert_true(own_living(turn->kit.store, &came->stream.incarnation));
    memcpy(signer.sign_secret, turn->next.sign_secret, sizeof signer.sign_secret);
    kit_turn_close_say(turn, &terms, &signer);
    store_set_identity(turn->kit.store, &turn->next, &turn->kit.federation.id);
    assert_int_equal(store_write_wait(turn->kit.store, renew_run, NULL), S_OK);
    struct id living;
    assert_int_equal(store_write_wait(turn->kit.store, begin_run, &living), S_OK);
}

static void whether_it_is_used_is_asked_before_it_is_admitted_anew(void **state)
{
    struct kit_turn turn;
    (void)state;

    admit_in_vain(&turn);
    assert_int_equal(grant_check(&turn, false, "--unused"), S_STALE);
    assert_int_equal(grant_check(&turn, true, ""), S_OK);
    kit_turn_grant(&turn);
    assert_int_equal(grant_check(&turn, false, ""), S_OK); /* nothing is asked any more */
    assert_int_equal(kit_turn_state(&turn), ROTATION_GRANTED);
    kit_turn_close(&turn);
}

static void what_came_back_is_named_before_it_is_admitted_anew(void **state)
{
    struct came_back came;
    struct kit_turn turn;
    int present;
    (void)state;

    close_in_vain(&turn, &came, true);
    assert_int_equal(grant_check(&turn, false, "would be lost"), S_STALE);
    assert_int_equal(grant_check(&turn, true, "would be lost"), S_STALE); /* whatever people say */
    assert_int_equal(store_write_wait(turn.kit.store, amend_run, &came), S_OK);
    assert_int_equal(grant_check(&turn, false, ""), S_OK);
    uint64_t generation = store_generation(turn.kit.store);
    assert_int_equal(store_write_wait(turn.kit.store, amend_run, &came), S_OK); /* it is said once */
    assert_true(store_generation(turn.kit.store) <= generation + 1);
    kit_turn_grant(&turn);
    assert_int_equal(kit_turn_state(&turn), ROTATION_CLOSED);
    (void)kit_turn_streams(&turn, &present);
    assert_true(present >= 1); /* and each of before is good */
    kit_turn_close(&turn);
}

/* With more statements than one CLOSE lists stamps decide: an earlier one would make something void. People let it join anew. */
static void a_close_without_a_list_is_not_amended(void **state)
{
    struct came_back came;
    struct kit_turn turn;
    (void)state;

    close_in_vain(&turn, &came, false);
    assert_int_equal(store_write_wait(turn.kit.store, amend_run, &came), S_OK);
    assert_int_equal(grant_check(&turn, false, "--replaces"), S_STALE);
    kit_turn_close(&turn);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whether_it_is_used_is_asked_before_it_is_admitted_anew),
        cmocka_unit_test(what_came_back_is_named_before_it_is_admitted_anew),
        cmocka_unit_test(a_close_without_a_list_is_not_amended),
    };
    return KIT_RUN(tests);
}
