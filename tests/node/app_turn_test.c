/* The moment at which a node begins to use its next keys, and a kill between any two steps of it. */
#include "node/app_turn.h"

#include <string.h>
#include <unistd.h>

#include "node/care/doctor.h"
#include "node/store/stream/own.h"
#include "node/store/stream/roster.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_turn.h"

static struct app_turn turn_of(struct kit_turn *turn)
{
    return (struct app_turn){turn->kit.dir, turn->kit.store, &turn->kit.federation, &turn->kit.identity};
}

static bool has_key(struct kit_turn *turn, const uint8_t key[SIGN_PUBLIC_SIZE])
{
    struct identity identity;

    assert_int_equal(dir_load_identity(turn->kit.dir, &identity, NULL), S_OK);
    return memcmp(identity.sign_public, key, SIGN_PUBLIC_SIZE) == 0 &&
           id_equal(&identity.node, &turn->next.node);
}

static bool is_there(struct kit_turn *turn, const char *name)
{
    char path[DIR_PATH_MAX];

    assert_int_equal(dir_path(turn->kit.dir, name, path), S_OK);
    return access(path, F_OK) == 0;
}

static void expect_taken(struct kit_turn *turn, const uint8_t before[CURVE_PUBLIC_SIZE])
{
    assert_true(has_key(turn, turn->next.sign_public));
    assert_false(is_there(turn, "node.key.next"));
    assert_memory_equal(turn->kit.identity.sign_public, turn->next.sign_public, SIGN_PUBLIC_SIZE);
    assert_int_equal(turn->kit.identity.former_count, 1);
    assert_memory_equal(turn->kit.identity.former[0].curve_public, before, CURVE_PUBLIC_SIZE);
    struct identity former; /* made of the seed that was kept */
    identity_derive(&former, turn->kit.identity.former[0].seed);
    assert_memory_equal(former.curve_public, before, CURVE_PUBLIC_SIZE);
    assert_int_equal(kit_turn_state(turn), ROTATION_CLOSED);
}

static void nothing_happens_before_somebody_admits_it(void **state)
{
    struct kit_turn turn;
    bool is_taken;
    (void)state;

    kit_turn_open(&turn);
    struct app_turn app = turn_of(&turn);
    assert_false(app_turn_is_due(&app));
    assert_int_equal(app_turn_take(&app, &is_taken, NULL), S_OK);
    assert_false(is_taken);
    kit_turn_ask(&turn);
    assert_false(app_turn_is_due(&app));
    assert_int_equal(app_turn_take(&app, &is_taken, NULL), S_OK);
    assert_true(!is_taken && is_there(&turn, "node.key.next") && !is_there(&turn, "node.key.former"));
    kit_turn_close(&turn);
}

static void the_keys_change_when_it_is_admitted(void **state)
{
    struct kit_turn turn;
    uint8_t before[CURVE_PUBLIC_SIZE];
    bool is_taken;
    (void)state;

    kit_turn_open(&turn);
    memcpy(before, turn.kit.identity.curve_public, sizeof before);
    kit_turn_ask(&turn);
    kit_turn_grant(&turn);
    struct app_turn app = turn_of(&turn);
    assert_true(app_turn_is_due(&app));
    assert_int_equal(app_turn_take(&app, &is_taken, NULL), S_OK);
    assert_true(is_taken);
    expect_taken(&turn, before);
    assert_false(app_turn_is_due(&app));
    kit_turn_close(&turn);
}

/* The transaction with the CLOSE is there, the files are as before. */
static void a_kill_before_the_files_changed_is_gone_on_from(void **state)
{
    struct kit_turn turn;
    uint8_t before[CURVE_PUBLIC_SIZE];
    bool is_taken;
    (void)state;

    kit_turn_open(&turn);
    memcpy(before, turn.kit.identity.curve_public, sizeof before);
    kit_turn_ask(&turn);
    kit_turn_grant(&turn);
    struct rotation rotation = {.federation = &turn.kit.federation,
                                .identity = &turn.kit.identity,
                                .next = &turn.next,
                                .now_ms = 7000};
    assert_int_equal(dir_keep_former(turn.kit.dir, &turn.kit.identity, NULL), S_OK);
    store_set_identity(turn.kit.store, &turn.next, &turn.kit.federation.id);
    assert_int_equal(store_write_wait(turn.kit.store, rotation_close, &rotation), S_OK);
    kit_store_reopen(&turn.kit); /* with the keys of node.key */
    assert_false(has_key(&turn, turn.next.sign_public));
    struct app_turn app = turn_of(&turn);
    assert_int_equal(app_turn_take(&app, &is_taken, NULL), S_OK);
    assert_true(is_taken);
    expect_taken(&turn, before);
    kit_turn_close(&turn);
}

static void a_kill_after_the_old_keys_were_kept_keeps_them_once(void **state)
{
    struct kit_turn turn;
    uint8_t before[CURVE_PUBLIC_SIZE];
    bool is_taken;
    (void)state;

    kit_turn_open(&turn);
    memcpy(before, turn.kit.identity.curve_public, sizeof before);
    kit_turn_ask(&turn);
    kit_turn_grant(&turn);
    assert_int_equal(dir_keep_former(turn.kit.dir, &turn.kit.identity, NULL), S_OK);
    kit_store_reopen(&turn.kit);
    struct app_turn app = turn_of(&turn);
    assert_int_equal(app_turn_take(&app, &is_taken, NULL), S_OK);
    expect_taken(&turn, before);
    kit_turn_close(&turn);
}

static enum status life_run(struct db *db, void *arg)
{
    struct buffer value;

    (void)arg;
    buffer_init(&value);
    cell_value_number(&value, CELL_COUNT, 1);
    enum status status = own_renew(db);
    status = status == S_OK ? own_cell_put(db, TOPIC_RESULTS, bytes_text("k"), buffer_bytes(&value)) : status;
    buffer_release(&value);
    return status;
}

/* One CLOSE can name STATEMENT_ENDS_MAX streams; of the first life there are two. */
static void more_streams_than_one_close_names_are_waited_for(void **state)
{
    struct findings findings;
    struct kit_turn turn;
    bool is_taken;
    (void)state;

    kit_turn_open(&turn);
    kit_turn_ask(&turn);
    kit_turn_grant(&turn);
    struct app_turn app = turn_of(&turn);
    for (int i = 2; i < STATEMENT_ENDS_MAX; i++) {
        assert_int_equal(store_write_wait(turn.kit.store, life_run, NULL), S_OK);
    }
    assert_true(app_turn_is_due(&app));
    assert_int_equal(store_write_wait(turn.kit.store, life_run, NULL), S_OK);
    assert_false(app_turn_is_due(&app)); /* a running node is not stopped for nothing */
    assert_int_equal(app_turn_take(&app, &is_taken, NULL), S_OK);
    assert_false(is_taken);
    findings_init(&findings);
    struct inspection inspection = {.dir = turn.kit.dir, .findings = &findings, .store = turn.kit.store, .has_identity = true};
    struct doctor doctor = {.inspection = &inspection};
    inspection.identity = turn.kit.identity;
    struct db *db = store_read_begin(turn.kit.store);
    assert_int_equal(roster_load(db, &turn.kit.federation, &inspection.roster, NULL), S_OK);
    store_read_end(turn.kit.store, db);
    doctor_keys(&doctor);
    assert_int_equal(findings_count(&findings, FINDING_KEY_WAITS), 1);
    roster_free(inspection.roster);
    findings_release(&findings);
    kit_turn_close(&turn);
}

static void what_could_not_be_made_rests_twice_as_long_each_time(void **state)
{
    struct app_turn_rest rest = {0};
    (void)state;

    app_turn_tried(&rest, false, 1000);
    assert_int_equal(rest.until_ms, 1000 + TURN_REST_FIRST_MS);
    app_turn_tried(&rest, false, 1000);
    assert_int_equal(rest.until_ms, 1000 + 2 * TURN_REST_FIRST_MS);
    for (int i = 0; i < 100; i++) {
        app_turn_tried(&rest, false, 1000);
    }
    assert_int_equal(rest.until_ms, 1000 + TURN_REST_MOST_MS);
    app_turn_tried(&rest, true, 1000);
    assert_int_equal(rest.until_ms, 0);
    app_turn_tried(&rest, false, 5);
    assert_int_equal(rest.until_ms, 5 + TURN_REST_FIRST_MS);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_happens_before_somebody_admits_it),
        cmocka_unit_test(the_keys_change_when_it_is_admitted),
        cmocka_unit_test(a_kill_before_the_files_changed_is_gone_on_from),
        cmocka_unit_test(a_kill_after_the_old_keys_were_kept_keeps_them_once),
        cmocka_unit_test(more_streams_than_one_close_names_are_waited_for),
        cmocka_unit_test(what_could_not_be_made_rests_twice_as_long_each_time),
    };
    return KIT_RUN(tests);
}
