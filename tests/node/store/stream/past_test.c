/* Which closed streams of this node are over. The store is the hub's, which speaks about node 1 below it as
 * about itself. */
#include "node/store/stream/past.h"

#include <string.h>

#include "node/store/stream/alarm.h"
#include "tests/kit/federation.h"
#include "tests/kit/kit.h"
#include "tests/node/store/desk.h"

enum status property_put(struct db *db, const char *name,
                         struct bytes value); /* engine.h knows another struct federation than the kit */

/* The machine on which it runs (-Wl,--wrap); other files of this room run on the real one. */
static uint8_t machine;
static bool is_played;

void __real_machine_print(const char *data_dir, struct id *print_out);
void __wrap_machine_print(const char *data_dir, struct id *print_out);
void __wrap_machine_print(const char *data_dir, struct id *print_out)
{
    if (!is_played) {
        __real_machine_print(data_dir, print_out);
        return;
    }
    *print_out = (struct id){{machine}};
}

static const uint64_t now_ms = 1800000000000ULL;

struct fixture {
    struct desk *desk;
    struct federation federation;
    struct roster *roster;
    struct id drawn;
    hlc settled;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    is_played = true;
    fixture->desk = desk_open();
    federation_make(&fixture->federation, 2);
    fixture->roster = roster_new(&fixture->federation.id, fixture->federation.authority.sign_public);
    federation_enter(&fixture->federation, fixture->roster, 0, FEDERATION_AUTHORITY, NODE_HUB);
    federation_enter(&fixture->federation, fixture->roster, 1, 0, NODE_NATIONAL);
    fixture->desk->identity = fixture->federation.nodes[0];
    fixture->desk->federation = fixture->federation.id;
    desk_reopen(fixture->desk);
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

static enum status note_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;

    return past_note(db, &fixture->federation.nodes[1].node, &fixture->drawn);
}

static void note(struct fixture *fixture, uint8_t incarnation)
{
    fixture->drawn = (struct id){{incarnation, 7}};
    assert_int_equal(store_write_wait(fixture->desk->store, note_run, fixture), S_OK);
}

static bool is_over(struct fixture *fixture, uint8_t incarnation, uint64_t at_ms)
{
    struct stream_head head = {
        .stream = {fixture->federation.nodes[1].node, {{incarnation, 7}}, TOPIC_RESULTS},
        .seq = 1,
        .count = 1,
        .stamp = at_ms << 16};
    struct db *db = store_read_begin(fixture->desk->store);
    bool is = past_is_over(db, &head, now_ms);

    store_read_end(fixture->desk->store, db);
    return is;
}

static void what_this_database_drew_is_over_and_what_came_is_not(void **state)
{
    struct fixture *fixture = *state;

    note(fixture, 1);
    assert_true(is_over(fixture, 1, now_ms));
    assert_false(is_over(fixture, 2, now_ms));
    assert_false(is_over(fixture, 2, now_ms + PAST_QUIET_MS)); /* somebody's clock is ahead */
    for (int i = 0; i < PAST_KEPT_MAX - 1; i++) {
        note(fixture, (uint8_t)(100 + i));
    }
    assert_true(is_over(fixture, 1, now_ms));
    note(fixture, 99);
    assert_false(is_over(fixture, 1, now_ms)); /* forgotten: it waits until it was quiet */
    assert_true(is_over(fixture, 99, now_ms));
}

static void what_was_quiet_for_long_is_over(void **state)
{
    struct fixture *fixture = *state;

    note(fixture, 1);
    assert_true(is_over(fixture, 2, now_ms - PAST_QUIET_MS));
    assert_false(is_over(fixture, 2, now_ms - PAST_QUIET_MS + 1));
    assert_true(
        past_is_left((now_ms - PAST_LEASE_MS) << 16, now_ms)); /* long before its own machine leaves it */
    assert_false(past_is_left((now_ms - PAST_LEASE_MS + 1) << 16, now_ms));
    assert_false(past_is_left((now_ms + 5) << 16, now_ms));
}

static enum status settle_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;

    return alarm_settle(db, &fixture->federation.nodes[1].node, fixture->settled);
}

/* People may say so while both machines live (tests/sim: seed 17700173). */
static void what_somebody_above_settled_may_go_on(void **state)
{
    struct fixture *fixture = *state;

    note(fixture, 1);
    fixture->settled = (now_ms - 5) << 16;
    assert_int_equal(store_write_wait(fixture->desk->store, settle_run, fixture), S_OK);
    assert_false(is_over(fixture, 2, now_ms - 5));
}

static enum status before_run(struct db *db, void *arg)
{
    (void)arg;
    struct id incarnation = {{42}};
    return property_put(db, "incarnation", bytes_of(incarnation.b, sizeof incarnation.b));
}

static void a_database_of_before_takes_all_for_its_own(void **state)
{
    struct fixture *fixture = *state;

    assert_false(is_over(fixture, 2, now_ms));
    assert_int_equal(store_write_wait(fixture->desk->store, before_run, NULL), S_OK);
    assert_true(is_over(fixture, 2, now_ms));
    note(fixture, 1);
    assert_false(is_over(fixture, 2, now_ms)); /* what comes from now on is looked at */
}

static void on_another_machine_nothing_of_before_is_over(void **state)
{
    struct fixture *fixture = *state;

    machine = 1;
    note(fixture, 1);
    note(fixture, 2);
    assert_true(is_over(fixture, 1, now_ms) && is_over(fixture, 2, now_ms));
    machine = 2; /* a copy: the original may go on in 2, and adopt 1 */
    note(fixture, 3);
    assert_false(is_over(fixture, 1, now_ms) || is_over(fixture, 2, now_ms));
    note(fixture, 4);
    assert_true(is_over(fixture, 3, now_ms) && is_over(fixture, 4, now_ms));
}

static enum status move_run(struct db *db, void *arg)
{
    (void)arg;
    return past_move(db, now_ms);
}

static hlc moved(struct fixture *fixture)
{
    struct db *db = store_read_begin(fixture->desk->store);
    hlc stamp = past_moved(db);

    store_read_end(fixture->desk->store, db);
    return stamp;
}

static void where_a_backup_is_restored_what_was_drawn_before_is_over(void **state)
{
    struct fixture *fixture = *state;

    machine = 1;
    note(fixture, 1);
    assert_int_equal(moved(fixture), 0);
    machine = 2;
    assert_int_equal(store_write_wait(fixture->desk->store, move_run, NULL), S_OK);
    note(fixture, 2);
    assert_true(is_over(fixture, 1, now_ms));
    assert_int_equal(moved(fixture), now_ms << 16);
}

KIT_TESTS()
{
#define PAST_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        PAST_TEST(what_this_database_drew_is_over_and_what_came_is_not),
        PAST_TEST(what_was_quiet_for_long_is_over),
        PAST_TEST(what_somebody_above_settled_may_go_on),
        PAST_TEST(a_database_of_before_takes_all_for_its_own),
        PAST_TEST(on_another_machine_nothing_of_before_is_over),
        PAST_TEST(where_a_backup_is_restored_what_was_drawn_before_is_over),
    };
    return KIT_RUN(tests);
}
