/* Whose word sets a node aside, and whose lifts it. A hub, a centre below it, a campus below that, and another centre; the store is
 * the centre's, words of others are written into streams of theirs. */
#include "node/store/stream/quarantine.h"

#include <stdio.h>
#include <string.h>

#include "tests/kit/federation.h"
#include "tests/kit/kit.h"
#include "tests/node/store/desk.h"

enum { HUB, CENTRE, CAMPUS, OTHER, WHO_COUNT };

struct fixture {
    struct desk *desk;
    struct federation federation;
    struct roster *roster;
    int about;
    bool is_on;
    uint64_t at_ms;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    fixture->desk = desk_open();
    federation_make(&fixture->federation, WHO_COUNT);
    fixture->roster = roster_new(&fixture->federation.id, fixture->federation.authority.sign_public);
    federation_enter(&fixture->federation, fixture->roster, HUB, FEDERATION_AUTHORITY, NODE_HUB);
    federation_enter(&fixture->federation, fixture->roster, CENTRE, HUB, NODE_NATIONAL);
    federation_enter(&fixture->federation, fixture->roster, CAMPUS, CENTRE, NODE_CAMPUS);
    federation_enter(&fixture->federation, fixture->roster, OTHER, HUB, NODE_NATIONAL);
    fixture->about = CAMPUS;
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

static enum status put_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;

    return quarantine_put(db, &fixture->federation.nodes[fixture->about].node, fixture->is_on, "why", fixture->at_ms);
}

/* `who` says it: the store signs as that node from here on, so its words go into a stream of its own. */
static void say(struct fixture *fixture, int who, bool is_on, uint64_t at_ms)
{
    fixture->desk->identity = fixture->federation.nodes[who];
    fixture->desk->federation = fixture->federation.id;
    fixture->is_on = is_on;
    fixture->at_ms = at_ms;
    desk_shut(fixture->desk);
    desk_reopen(fixture->desk);
    assert_int_equal(store_write_wait(fixture->desk->store, put_run, fixture), S_OK);
}

/* Who set node `about` aside; -1: nobody. */
static int aside(struct fixture *fixture)
{
    struct db *db = store_read_begin(fixture->desk->store);
    struct quarantine_list list;
    int by = -1;

    assert_int_equal(quarantine_load(db, fixture->roster, &list), S_OK);
    store_read_end(fixture->desk->store, db);
    const struct quarantine *found = quarantine_find(&list, &fixture->federation.nodes[fixture->about].node);
    for (int who = 0; found && who < WHO_COUNT; who++) {
        by = id_equal(&found->by, &fixture->federation.nodes[who].node) ? who : by;
    }
    assert_true(!found || strcmp(found->reason, "why") == 0);
    quarantine_free(&list);
    return by;
}

static void a_node_above_sets_aside_and_releases(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(aside(fixture), -1);
    say(fixture, CENTRE, true, 1000);
    assert_int_equal(aside(fixture), CENTRE);
    say(fixture, CENTRE, false, 2000);
    assert_int_equal(aside(fixture), -1);
    say(fixture, CENTRE, true, 500); /* its clock went back: the later word counts all the same */
    assert_int_equal(aside(fixture), CENTRE);
}

static void words_from_beside_and_below_count_for_nothing(void **state)
{
    struct fixture *fixture = *state;

    say(fixture, OTHER, true, 1000);
    say(fixture, CAMPUS, true, 1000); /* about itself */
    assert_int_equal(aside(fixture), -1);
    say(fixture, CENTRE, true, 1000);
    say(fixture, OTHER, false, 9000);
    say(fixture, CAMPUS, false, 9000);
    assert_int_equal(aside(fixture), CENTRE);
    fixture->about = HUB;
    say(fixture, CENTRE, true, 1000);
    assert_int_equal(aside(fixture), -1);
}

static void a_hub_lifts_what_a_centre_said_and_not_the_other_way(void **state)
{
    struct fixture *fixture = *state;

    say(fixture, CENTRE, true, 1000);
    say(fixture, HUB, false, 2000);
    assert_int_equal(aside(fixture), -1);
    say(fixture, HUB, true, 3000);
    say(fixture, CENTRE, false, 4000);
    assert_int_equal(aside(fixture), HUB);
}

static void a_revoked_node_has_no_say(void **state)
{
    struct fixture *fixture = *state;
    struct buffer statement;

    say(fixture, CENTRE, true, 1000);
    buffer_init(&statement);
    federation_revoke(&fixture->federation, CENTRE, 500, HUB, &statement);
    assert_int_equal(roster_add(fixture->roster, buffer_bytes(&statement), NULL), S_OK);
    buffer_release(&statement);
    assert_int_equal(aside(fixture), -1);
}

static void what_counts_no_more_is_known_until_it_is_taken_back(void **state)
{
    struct fixture *fixture = *state;
    const struct id *other = &fixture->federation.nodes[OTHER].node, *campus = &fixture->federation.nodes[CAMPUS].node;

    say(fixture, OTHER, true, 1000); /* it stood above once */
    assert_int_equal(aside(fixture), -1);
    struct db *db = store_read_begin(fixture->desk->store);
    assert_true(quarantine_is_said(db, other, campus));
    assert_false(quarantine_is_said(db, &fixture->federation.nodes[CENTRE].node, campus));
    store_read_end(fixture->desk->store, db);
    say(fixture, OTHER, false, 2000);
    db = store_read_begin(fixture->desk->store);
    assert_false(quarantine_is_said(db, other, campus));
    store_read_end(fixture->desk->store, db);
}

static void reasons_have_a_limit(void **state)
{
    struct fixture *fixture = *state;
    char reason[STATEMENT_REASON_MAX + 2];

    memset(reason, 'x', sizeof reason - 1);
    reason[sizeof reason - 1] = '\0';
    assert_int_equal(quarantine_put(NULL, &fixture->federation.nodes[CAMPUS].node, true, reason, 1), S_TOO_LARGE);
    assert_int_equal(quarantine_put(NULL, &fixture->federation.nodes[CAMPUS].node, true, "\xff", 1), S_INVALID);
}

/* --- limits --------------------------------------------------------------------------------------------- */

/* About nodes 0, 1, 2, ...: a hub may say something about any. */
struct crowd {
    size_t from, to;
    bool is_on;
};

static struct id crowd_node(size_t index)
{
    struct id node = {{0}};

    memcpy(node.b, &index, sizeof index);
    return node;
}

static enum status crowd_put(struct db *db, void *arg)
{
    const struct crowd *crowd = arg;
    enum status status = S_OK;

    for (size_t i = crowd->from; i < crowd->to && status == S_OK; i++) {
        struct id node = crowd_node(i);
        status = quarantine_put(db, &node, crowd->is_on, "", 1000);
    }
    return status;
}

/* The hub says something about the nodes `from` up to and without `to`. */
static void crowd_say(struct fixture *fixture, size_t from, size_t to, bool is_on)
{
    struct crowd crowd = {from, to, is_on};

    fixture->desk->identity = fixture->federation.nodes[HUB];
    fixture->desk->federation = fixture->federation.id;
    desk_shut(fixture->desk);
    desk_reopen(fixture->desk);
    assert_int_equal(store_write_wait(fixture->desk->store, crowd_put, &crowd), S_OK);
}

static size_t listed(struct fixture *fixture)
{
    struct db *db = store_read_begin(fixture->desk->store);
    struct quarantine_list list;

    assert_int_equal(quarantine_load(db, fixture->roster, &list), S_OK);
    store_read_end(fixture->desk->store, db);
    size_t count = list.count;
    quarantine_free(&list);
    return count;
}

/* Is there room for a word of the hub about node `index`? What stands comes with the answer, whichever it is. */
static enum status room(struct fixture *fixture, size_t index, bool is_on)
{
    struct db *db = store_read_begin(fixture->desk->store);
    const struct quarantine_wish wish = {.by = fixture->federation.nodes[HUB].node, .node = crowd_node(index), .is_on = is_on};
    struct quarantine_list list;
    enum status status = quarantine_room(db, fixture->roster, &wish, &list);

    store_read_end(fixture->desk->store, db);
    assert_int_equal(list.count, listed(fixture));
    quarantine_free(&list);
    return status;
}

static void one_node_too_many_is_not_set_aside(void **state)
{
    struct fixture *fixture = *state;

    crowd_say(fixture, 0, QUARANTINES_MAX - 1, true);
    assert_int_equal(room(fixture, QUARANTINES_MAX - 1, true), S_OK);
    crowd_say(fixture, QUARANTINES_MAX - 1, QUARANTINES_MAX, true);
    assert_int_equal(listed(fixture), QUARANTINES_MAX);
    assert_int_equal(room(fixture, QUARANTINES_MAX, true), S_TOO_LARGE);
    assert_int_equal(room(fixture, 0, true), S_OK); /* it is there already: the word is another, the number the same */
    assert_int_equal(room(fixture, 0, false), S_OK);
}

static void one_word_too_many_is_not_said(void **state)
{
    struct fixture *fixture = *state;

    crowd_say(fixture, 0, QUARANTINE_WORDS_MAX - 1, false);
    assert_int_equal(room(fixture, QUARANTINE_WORDS_MAX - 1, true), S_OK);
    crowd_say(fixture, QUARANTINE_WORDS_MAX - 1, QUARANTINE_WORDS_MAX, false);
    assert_int_equal(room(fixture, QUARANTINE_WORDS_MAX, true), S_TOO_LARGE);
    assert_int_equal(room(fixture, QUARANTINE_WORDS_MAX, false), S_TOO_LARGE);
    assert_int_equal(room(fixture, 0, true), S_OK);
}

/* The centre admits nodes below it, as many as may be set aside. Nobody has their keys. */
static void flock_admit(struct fixture *fixture, struct id *ids)
{
    struct signer signer = federation_signer(&fixture->federation, CENTRE);
    struct roster_node node = {.kind = NODE_CAMPUS, .parent = fixture->federation.nodes[CENTRE].node, .admitted_ms = 2000};
    struct buffer statement;

    buffer_init(&statement);
    for (unsigned i = 0; i < QUARANTINES_MAX; i++) {
        snprintf(node.name, sizeof node.name, "flock %u", i);
        memcpy(node.sign_public, &i, sizeof i);
        node.sign_public[SIGN_PUBLIC_SIZE - 1] = node.curve_public[0] = 1;
        node.node = ids[i] = identity_node(node.sign_public);
        buffer_clear(&statement);
        assert_int_equal(statement_admit(&fixture->federation.id, &node, &signer, &statement), S_OK);
        assert_int_equal(roster_add_proved(fixture->roster, buffer_bytes(&statement), NULL), S_OK);
    }
    buffer_release(&statement);
}

static enum status flock_put(struct db *db, void *ids)
{
    enum status status = S_OK;

    for (unsigned i = 0; i < QUARANTINES_MAX && status == S_OK; i++) {
        status = quarantine_put(db, (const struct id *)ids + i, true, "", 1000);
    }
    return status;
}

static enum status last_put(struct db *db, void *node)
{
    return quarantine_put(db, node, true, "", 1000);
}

static void a_centre_takes_no_room_from_a_hub(void **state)
{
    static struct id ids[QUARANTINES_MAX];
    struct fixture *fixture = *state;
    struct quarantine_list list;
    struct id last;

    memset(last.b, 0xff, sizeof last.b); /* behind all of them */
    flock_admit(fixture, ids);
    crowd_say(fixture, 0, 0, true);
    assert_int_equal(store_write_wait(fixture->desk->store, last_put, &last), S_OK);
    fixture->desk->identity = fixture->federation.nodes[CENTRE];
    desk_shut(fixture->desk);
    desk_reopen(fixture->desk);
    assert_int_equal(store_write_wait(fixture->desk->store, flock_put, ids), S_OK);
    struct db *db = store_read_begin(fixture->desk->store);
    assert_int_equal(quarantine_load(db, fixture->roster, &list), S_OK);
    store_read_end(fixture->desk->store, db);
    assert_int_equal(list.count, QUARANTINES_MAX + 1);
    assert_non_null(quarantine_find(&list, &last));
    quarantine_free(&list);
    assert_int_equal(room(fixture, 1, true), S_OK);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_node_above_sets_aside_and_releases, setup, teardown),
        cmocka_unit_test_setup_teardown(words_from_beside_and_below_count_for_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_hub_lifts_what_a_centre_said_and_not_the_other_way, setup, teardown),
        cmocka_unit_test_setup_teardown(a_revoked_node_has_no_say, setup, teardown),
        cmocka_unit_test_setup_teardown(what_counts_no_more_is_known_until_it_is_taken_back, setup, teardown),
        cmocka_unit_test_setup_teardown(reasons_have_a_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(one_node_too_many_is_not_set_aside, setup, teardown),
        cmocka_unit_test_setup_teardown(a_centre_takes_no_room_from_a_hub, setup, teardown),
        cmocka_unit_test_setup_teardown(one_word_too_many_is_not_said, setup, teardown),
    };
    return KIT_RUN(tests);
}
