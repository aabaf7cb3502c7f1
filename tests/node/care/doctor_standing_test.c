#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "node/care/doctor.h"
#include "node/software.h"
#include "node/store/engine.h"
#include "node/store/operation/peer_status.h"
#include "node/store/operation/window.h"
#include "node/store/stream/roster.h"
#include "node/store/stream/rotation.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_roster.h"
#include "tests/kit/kit_store.h"
#include "tests/kit/kit_turn.h"

enum { HOUR_MS = 3600 * 1000 };

static struct kit_store kit;
static struct findings findings;
static struct inspection inspection;
static struct doctor doctor;
static struct id ids[2];

static int setup(void **state)
{
    static const struct kit_member nodes[] = {{"hub", NODE_HUB, -1, "CN", ""}, {"centre", NODE_NATIONAL, 0, "EG", ""}};
    (void)state;

    kit_store_open(&kit);
    findings_init(&findings);
    inspection = (struct inspection){.dir = kit.dir, .findings = &findings, .store = kit.store, .has_identity = true};
    config_init(&inspection.config);
    inspection.roster = kit_roster_new(nodes, 2, ids);
    inspection.identity.node = ids[1];
    doctor = (struct doctor){.inspection = &inspection, .is_running = true, .now_ms = 1000ULL * HOUR_MS};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    roster_free(inspection.roster);
    findings_release(&findings);
    kit_store_close(&kit);
    return 0;
}

static enum status put_run(struct db *db, void *arg)
{
    return peer_status_put(db, arg);
}

static void peer_put(uint64_t success_ms, uint64_t attempt_ms, const char *error)
{
    struct peer_status peer = {.node = ids[0], .last_success_ms = success_ms, .last_attempt_ms = attempt_ms};

    snprintf(peer.error, sizeof peer.error, "%s", error);
    assert_int_equal(store_write_wait(kit.store, put_run, &peer), S_OK);
}

static void another_version_of_a_peer_is_told(void **state)
{
    struct peer_status peer = {.node = ids[0]};
    (void)state;

    assert_int_equal(store_write_wait(kit.store, put_run, &peer), S_OK);
    doctor_versions(&doctor); /* it does not say: a version from before */
    peer.software = software_number();
    assert_int_equal(store_write_wait(kit.store, put_run, &peer), S_OK);
    doctor_versions(&doctor);
    assert_int_equal(findings.total, 0);
    peer.software = software_number() - 1;
    assert_int_equal(store_write_wait(kit.store, put_run, &peer), S_OK);
    doctor_versions(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_PEER_OLDER), 1);
    peer.software = software_number() + 1;
    assert_int_equal(store_write_wait(kit.store, put_run, &peer), S_OK);
    doctor_versions(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_PEER_NEWER), 1);
}

static enum status pause_run(struct db *db, void *arg)
{
    (void)arg;
    return window_pause_put(db, true);
}

static enum status resume_run(struct db *db, void *arg)
{
    (void)arg;
    return window_pause_put(db, false);
}

static enum status window_run(struct db *db, void *arg)
{
    struct report report = {.status = S_OK};
    struct window window;
    int64_t number;

    assert_int_equal(window_parse(arg, &window, &report), S_OK);
    return window_row_add(db, NULL, &window, &number);
}

static void a_failure_is_told_also_behind_a_clock_that_was_ahead(void **state)
{
    (void)state;
    peer_put(doctor.now_ms + 24 * HOUR_MS, doctor.now_ms + 23 * HOUR_MS, ""); /* in step, tomorrow */
    doctor_sync(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_SYNC_FAILED), 0);
    peer_put(doctor.now_ms + 24 * HOUR_MS, doctor.now_ms + 23 * HOUR_MS, "out of reach");
    doctor_sync(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_SYNC_FAILED), 1);
}

static void a_member_in_step_has_no_finding(void **state)
{
    (void)state;
    peer_put(doctor.now_ms - HOUR_MS, doctor.now_ms - HOUR_MS, "");
    doctor_roster(&doctor);
    doctor_sync(&doctor);
    assert_int_equal(findings.total, 0);
}

static void a_node_outside_the_roster_is_told(void **state)
{
    (void)state;
    memset(&inspection.identity.node, 1, sizeof inspection.identity.node);
    doctor_roster(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_ROSTER_ABSENT), 1);
}

static void never_late_and_failed_are_told_apart(void **state)
{
    (void)state;
    doctor_sync(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_SYNC_NEVER), 1);
    peer_put(doctor.now_ms - 49ULL * HOUR_MS, doctor.now_ms - 49ULL * HOUR_MS, "");
    doctor_sync(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_SYNC_LATE), 1);
    peer_put(doctor.now_ms - HOUR_MS, doctor.now_ms, "out of reach");
    doctor_sync(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_SYNC_FAILED), 1);
    peer_put(doctor.now_ms - HOUR_MS, doctor.now_ms, PEER_ERROR_REFUSED);
    doctor_sync(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_HANDSHAKE_REFUSED), 1);
    peer_put(doctor.now_ms - HOUR_MS, doctor.now_ms, PEER_ERROR_KEY);
    doctor_sync(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_UPLINK_KEY), 1);
}

static void next_put(const struct id *node)
{
    uint8_t seed[IDENTITY_SEED_SIZE] = {7};
    struct report report = {.status = S_OK};
    struct identity next;

    identity_derive(&next, seed);
    next.node = *node;
    assert_int_equal(dir_save_next_identity(kit.dir, &next, &report), S_OK);
}

/* A backup of while the key was changed was restored. */
static void a_next_key_that_others_may_know_is_told(void **state)
{
    (void)state;
    peer_put(doctor.now_ms - HOUR_MS, doctor.now_ms, PEER_ERROR_REFUSED);
    next_put(&ids[0]); /* it was becoming another node */
    doctor_sync(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_KEY_BEFORE), 0);
    next_put(&ids[1]);
    doctor_sync(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_KEY_BEFORE), 1);
    assert_int_equal(findings_count(&findings, FINDING_HANDSHAKE_REFUSED), 2);
    peer_put(doctor.now_ms - HOUR_MS, doctor.now_ms, "out of reach");
    doctor_sync(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_KEY_BEFORE), 1);
}

static enum status bundle_run(struct db *db, void *at_ms)
{
    struct statement *put = db_statement(db, STATEMENT_inventory_put);

    statement_bind_blob(put, 1, bytes_of(ids[0].b, sizeof ids[0].b));
    statement_bind_int(put, 2, *(int64_t *)at_ms);
    statement_bind_blob(put, 3, bytes_text("x"));
    statement_bind_int(put, 4, 1);
    statement_bind_int(put, 5, 0);
    return statement_run(put);
}

static void who_lives_by_stick_needs_no_way_up(void **state)
{
    int64_t at_ms = (int64_t)(doctor.now_ms - HOUR_MS);
    (void)state;

    assert_int_equal(store_write_wait(kit.store, bundle_run, &at_ms), S_OK);
    doctor_sync(&doctor);
    doctor_uplink(&doctor);
    assert_int_equal(findings.total, 0);
    at_ms = (int64_t)(doctor.now_ms - 49ULL * HOUR_MS);
    assert_int_equal(store_write_wait(kit.store, bundle_run, &at_ms), S_OK);
    doctor_sync(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_STICK_LATE), 1);
    assert_int_equal(findings.total, 1);
}

static void who_lost_the_link_and_lives_by_stick_since_is_not_late(void **state)
{
    int64_t at_ms = (int64_t)(doctor.now_ms - HOUR_MS);
    (void)state;

    peer_put(doctor.now_ms - 900ULL * HOUR_MS, doctor.now_ms - 900ULL * HOUR_MS, "");
    assert_int_equal(store_write_wait(kit.store, bundle_run, &at_ms), S_OK);
    doctor_sync(&doctor);
    assert_int_equal(findings.total, 0);
    at_ms = (int64_t)(doctor.now_ms - 901ULL * HOUR_MS);
    assert_int_equal(store_write_wait(kit.store, bundle_run, &at_ms), S_OK);
    doctor_sync(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_SYNC_LATE), 1);
}

static void windows_that_are_missed_or_never_open_are_told(void **state)
{
    (void)state;
    doctor_schedule(&doctor);
    assert_int_equal(findings.total, 0); /* no windows: always open */
    assert_int_equal(store_write_wait(kit.store, pause_run, NULL), S_OK);
    doctor_schedule(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_SYNC_PAUSED), 1);
    assert_int_equal(findings.total, 1);
    assert_int_equal(store_write_wait(kit.store, resume_run, NULL), S_OK);
    assert_int_equal(store_write_wait(kit.store, window_run, "daily 22:00-23:00"), S_OK);
    peer_put(doctor.now_ms - 2ULL * HOUR_MS, doctor.now_ms, "");
    doctor_schedule(&doctor);
    size_t before = findings_count(&findings, FINDING_WINDOW_MISSED);
    peer_put(doctor.now_ms - 72ULL * HOUR_MS, doctor.now_ms, "");
    doctor_schedule(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_WINDOW_MISSED), before + 1);
    assert_int_equal(findings_count(&findings, FINDING_WINDOW_NEVER), 0);
}

static void a_first_hub_answers_to_nobody(void **state)
{
    (void)state;
    inspection.identity.node = ids[0];
    doctor.is_running = false;
    doctor_sync(&doctor);
    assert_int_equal(findings.total, 1);
    assert_int_equal(findings_count(&findings, FINDING_NODE_STOPPED), 1);
}

static void a_member_that_knows_no_way_up_is_told(void **state)
{
    (void)state;
    doctor_uplink(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_UPLINK_UNSET), 1);
}

/* --- a key that waits ------------------------------------------------------------------------------------------ */

static enum status wait_run(struct db *db, void *arg)
{
    return rotation_wait(db, arg);
}

/* What the doctor says of its keys is in `findings`. */
static void keys_look(struct kit_turn *turn)
{
    struct inspection look = {.dir = turn->kit.dir, .findings = &findings, .store = turn->kit.store, .has_identity = true};
    struct doctor doctor_of = {.inspection = &look, .is_running = true};
    struct db *db = store_read_begin(turn->kit.store);

    assert_int_equal(roster_load(db, &turn->kit.federation, &look.roster, NULL), S_OK);
    store_read_end(turn->kit.store, db);
    look.identity = turn->kit.identity;
    doctor_keys(&doctor_of);
    roster_free(look.roster);
}

static void wait_must_say(struct kit_turn *turn, const char *expected)
{
    keys_look(turn);
    assert_int_equal(findings_count(&findings, FINDING_KEY_WAITS), 1);
    const char *cause = json_string_value(json_object_get(json_array_get(findings.rows, 0), "cause"));
    assert_non_null(strstr(cause, expected));
    findings_release(&findings);
    findings_init(&findings);
}

/* `told`: how many findings of keys that node.key.next lacks. */
static void loss_is_told(struct kit_turn *turn, size_t told)
{
    keys_look(turn);
    assert_int_equal(findings_count(&findings, FINDING_KEY_LOST), told);
    findings_release(&findings);
    findings_init(&findings);
}

/* One bit of node.key.next flips and it is a key still, only another one. */
static void a_new_key_that_was_damaged_is_told(void **state)
{
    struct identity other;
    struct kit_turn turn;
    char path[DIR_PATH_MAX];
    (void)state;

    kit_turn_open(&turn);
    loss_is_told(&turn, 0);
    kit_turn_ask(&turn);
    loss_is_told(&turn, 0);
    identity_derive(&other, (const uint8_t[IDENTITY_SEED_SIZE]){77});
    other.node = turn.kit.identity.node;
    for (int round = 0; round < 2; round++) { /* asked for, and admitted */
        assert_int_equal(dir_save_next_identity(turn.kit.dir, &other, NULL), S_OK);
        loss_is_told(&turn, 1);
        assert_int_equal(dir_path(turn.kit.dir, "node.key.next", path), S_OK);
        assert_int_equal(unlink(path), 0);
        loss_is_told(&turn, 1);
        assert_int_equal(dir_save_next_identity(turn.kit.dir, &turn.next, NULL), S_OK);
        loss_is_told(&turn, 0);
        if (round == 0) {
            kit_turn_grant(&turn);
        }
    }
    kit_turn_close(&turn);
}

static void for_whom_a_key_waits_is_told(void **state)
{
    struct kit_turn turn;
    struct rotation rotation = {.federation = &turn.kit.federation, .identity = &turn.kit.identity, .next = &turn.next, .now_ms = 7000};
    struct id hub;
    (void)state;

    kit_turn_open(&turn);
    kit_turn_ask(&turn);
    kit_turn_grant(&turn);
    assert_int_equal(store_write_wait(turn.kit.store, wait_run, &rotation), S_OK);
    wait_must_say(&turn, "it could not be written");
    kit_turn_join_hub(&turn, &hub);
    wait_must_say(&turn, "'second' may hold results of this node and was not heard of");
    kit_turn_demote_hub(&turn, &hub);
    wait_must_say(&turn, "'second', a hub before,");
    kit_turn_revoke(&turn, &hub);
    wait_must_say(&turn, "it could not be written");
    kit_turn_close(&turn);
}

static void a_key_that_was_admitted_in_vain_is_told(void **state)
{
    struct kit_turn turn;
    struct id hub;
    (void)state;

    kit_turn_open(&turn);
    kit_turn_join_hub(&turn, &hub);
    kit_turn_demote_hub(&turn, &hub);
    kit_turn_ask(&turn);
    kit_turn_grant_in_vain(&turn);
    wait_must_say(&turn, "is not used: admit it at 'the authority': qanat key admit 'hub' --unused");
    turn.kit.identity = turn.next; /* it closed on that word */
    char path[DIR_PATH_MAX];
    assert_int_equal(dir_path(turn.kit.dir, "node.key.next", path), S_OK);
    assert_int_equal(unlink(path), 0);
    wait_must_say(&turn, "nobody else takes what it signs");
    kit_turn_close(&turn);
}

KIT_TESTS()
{
#define DOCTOR_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        DOCTOR_TEST(a_new_key_that_was_damaged_is_told),
        DOCTOR_TEST(for_whom_a_key_waits_is_told),
        DOCTOR_TEST(a_key_that_was_admitted_in_vain_is_told),
        DOCTOR_TEST(a_member_in_step_has_no_finding),
        DOCTOR_TEST(a_failure_is_told_also_behind_a_clock_that_was_ahead),
        DOCTOR_TEST(another_version_of_a_peer_is_told),
        DOCTOR_TEST(a_node_outside_the_roster_is_told),
        DOCTOR_TEST(never_late_and_failed_are_told_apart),
        DOCTOR_TEST(a_next_key_that_others_may_know_is_told),
        DOCTOR_TEST(who_lives_by_stick_needs_no_way_up),
        DOCTOR_TEST(who_lost_the_link_and_lives_by_stick_since_is_not_late),
        DOCTOR_TEST(windows_that_are_missed_or_never_open_are_told),
        DOCTOR_TEST(a_first_hub_answers_to_nobody),
        DOCTOR_TEST(a_member_that_knows_no_way_up_is_told),
    };
    return KIT_RUN(tests);
}
