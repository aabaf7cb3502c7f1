/* A hub, two centres; the founding key promotes the first at its own machine, while the second, which has not heard of that, hands the authority on. */
#include "node/store/stream/unheard.h"

#include <string.h>

#include "node/store/stream/own.h"
#include "replication/crdt/cell.h"
#include "replication/trust/authority.h"
#include "tests/kit/kit.h"
#include "tests/kit/presidency.h"
#include "tests/node/store/desk.h"

enum { HUB, EAST, WEST, WHO_COUNT, PRESIDENT = 20, DAY_MS = 24 * 3600 * 1000 };

#define NOW_MS (1000ULL * DAY_MS)

struct fixture {
    struct desk *desk;
    struct federation fed;
    struct roster *roster;
    struct buffer statement;
    struct hash kept[WHO_COUNT];
};

static enum status put_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    struct buffer key, value;

    buffer_init(&key), buffer_init(&value);
    enum status status = statement_cell_key(buffer_bytes(&fixture->statement), &key);
    cell_value_register(&value, 1, buffer_bytes(&fixture->statement));
    if (status == S_OK) {
        status = own_cell_put(db, TOPIC_ROSTER, buffer_bytes(&key), buffer_bytes(&value));
    }
    buffer_release(&key), buffer_release(&value);
    return status;
}

/* The statement at hand is said at node `at`, and everybody heard of it. */
static struct hash say(struct fixture *fixture, int at)
{
    const struct federation *fed = &fixture->fed;
    struct statement said;

    if (!id_equal(&fixture->desk->identity.node, &fed->nodes[at].node)) {
        desk_shut(fixture->desk);
        fixture->desk->identity = fed->nodes[at];
        fixture->desk->federation = fed->id;
        desk_reopen(fixture->desk);
    }
    assert_int_equal(store_write_wait(fixture->desk->store, put_run, fixture), S_OK);
    assert_int_equal(roster_add(fixture->roster, buffer_bytes(&fixture->statement), NULL), S_OK);
    statement_read(buffer_bytes(&fixture->statement), &said);
    return said.hash;
}

static struct hash admit(struct fixture *fixture, int who, int parent, enum node_kind kind, uint64_t at_ms, int president)
{
    struct roster_node node = federation_node(&fixture->fed, who, parent, kind);
    struct signer by = presidency_signer(&fixture->fed, president, president == FEDERATION_AUTHORITY ? 0 : 1);

    node.admitted_ms = at_ms;
    memset(node.consent, 0, sizeof node.consent);
    buffer_clear(&fixture->statement);
    assert_int_equal(statement_admit(&fixture->fed.id, &node, &by, &fixture->statement), S_OK);
    return say(fixture, president == FEDERATION_AUTHORITY && at_ms > NOW_MS - 3 * DAY_MS ? EAST : WEST);
}

/* East is promoted in vain, three days ago at most. */
static int setup(void **state)
{
    static const int president[] = {PRESIDENT};
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    fixture->desk = desk_open();
    buffer_init(&fixture->statement);
    federation_make(&fixture->fed, 4711);
    fixture->roster = roster_new(&fixture->fed.id, fixture->fed.authority.sign_public);
    fixture->kept[0] = admit(fixture, HUB, FEDERATION_AUTHORITY, NODE_HUB, NOW_MS - 20ULL * DAY_MS, FEDERATION_AUTHORITY);
    fixture->kept[1] = admit(fixture, EAST, HUB, NODE_NATIONAL, NOW_MS - 10ULL * DAY_MS, FEDERATION_AUTHORITY);
    fixture->kept[2] = admit(fixture, WEST, HUB, NODE_NATIONAL, NOW_MS - 10ULL * DAY_MS, FEDERATION_AUTHORITY);
    presidency_write(&fixture->fed,
                     &(struct presidency){1, authority_genesis(fixture->fed.authority.sign_public), 1, president, 1, fixture->kept, 3, NOW_MS - DAY_MS},
                     FEDERATION_AUTHORITY, &fixture->statement);
    struct hash handover = say(fixture, WEST);
    struct signer taker = presidency_signer(&fixture->fed, PRESIDENT, 0);
    buffer_clear(&fixture->statement);
    assert_int_equal(statement_cosign(&fixture->fed.id, &handover, NOW_MS - DAY_MS, &taker, &fixture->statement), S_OK);
    say(fixture, WEST);
    assert_int_equal(roster_authority(fixture->roster)->generation, 1);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    roster_free(fixture->roster);
    buffer_release(&fixture->statement);
    desk_close(fixture->desk);
    test_free(fixture);
    return 0;
}

static size_t find(struct fixture *fixture, int self, uint64_t now_ms, struct unheard out[UNHEARD_MAX])
{
    struct db *db = store_read_begin(fixture->desk->store);
    size_t count = unheard_find(db, fixture->roster, &fixture->fed.nodes[self].node, now_ms, out);

    store_read_end(fixture->desk->store, db);
    return count;
}

static void who_was_promoted_where_the_handover_had_not_heard_of_it_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct unheard unheard[UNHEARD_MAX];
    char text[UNHEARD_TEXT_MAX];

    assert_int_equal(find(fixture, EAST, NOW_MS, unheard), 0);
    admit(fixture, EAST, FEDERATION_AUTHORITY, NODE_HUB, NOW_MS - 2ULL * DAY_MS, FEDERATION_AUTHORITY);
    assert_int_equal(find(fixture, EAST, NOW_MS, unheard), 1);
    assert_string_equal(unheard[0].name, "node-1");
    assert_true(unheard[0].is_ours);
    unheard_text(fixture->roster, unheard, text);
    assert_string_equal(text, "to be a hub below nobody");
    unheard_holds_text(fixture->roster, unheard, text);
    assert_string_equal(text, "it is a national below node-0");
    assert_int_equal(find(fixture, WEST, NOW_MS, unheard), 1); /* everybody sees it, whose affair it is */
    assert_false(unheard[0].is_ours);
}

static void it_ends_when_it_is_said_anew_or_something_else_is_said_or_a_month_went_by(void **state)
{
    struct fixture *fixture = *state;
    struct unheard unheard[UNHEARD_MAX];

    admit(fixture, EAST, FEDERATION_AUTHORITY, NODE_HUB, NOW_MS - 2ULL * DAY_MS, FEDERATION_AUTHORITY);
    admit(fixture, WEST, EAST, NODE_NATIONAL, NOW_MS - 2ULL * DAY_MS, FEDERATION_AUTHORITY);
    assert_int_equal(find(fixture, EAST, NOW_MS, unheard), 2);
    assert_int_equal(find(fixture, EAST, NOW_MS + 29ULL * DAY_MS, unheard), 0);
    admit(fixture, EAST, FEDERATION_AUTHORITY, NODE_HUB, NOW_MS, PRESIDENT);
    assert_int_equal(find(fixture, EAST, NOW_MS, unheard), 1);
    admit(fixture, WEST, HUB, NODE_TRAINING, NOW_MS, PRESIDENT);
    assert_int_equal(find(fixture, EAST, NOW_MS, unheard), 0);
}

static void what_was_replaced_before_or_says_what_holds_or_revokes(void **state)
{
    struct fixture *fixture = *state;
    struct unheard unheard[UNHEARD_MAX];
    char text[UNHEARD_TEXT_MAX];

    admit(fixture, EAST, HUB, NODE_REGIONAL, NOW_MS - 15ULL * DAY_MS, FEDERATION_AUTHORITY); /* before the one that was kept */
    admit(fixture, EAST, HUB, NODE_NATIONAL, NOW_MS - 2ULL * DAY_MS, FEDERATION_AUTHORITY);  /* with another address, perhaps */
    assert_int_equal(roster_authority(fixture->roster)->left_count, 2);
    assert_int_equal(find(fixture, EAST, NOW_MS, unheard), 0);
    federation_revoke(&fixture->fed, WEST, NOW_MS - 2ULL * DAY_MS, FEDERATION_AUTHORITY, &fixture->statement);
    say(fixture, EAST);
    assert_int_equal(find(fixture, HUB, NOW_MS, unheard), 1);
    unheard_text(fixture->roster, unheard, text);
    assert_string_equal(text, "to be revoked");
}

static struct unheard_late late(struct fixture *fixture, uint64_t now_ms)
{
    struct db *db = store_read_begin(fixture->desk->store);
    struct unheard_late found = unheard_late(db, fixture->roster, now_ms);

    store_read_end(fixture->desk->store, db);
    return found;
}

static void a_former_president_is_told_of_as_long_as_they_go_on(void **state)
{
    struct fixture *fixture = *state;
    const uint64_t said_ms = NOW_MS - DAY_MS / 2;

    admit(fixture, EAST, HUB, NODE_TRAINING, NOW_MS - 2ULL * DAY_MS, FEDERATION_AUTHORITY); /* before the handover */
    assert_int_equal(late(fixture, NOW_MS).count, 0);
    admit(fixture, EAST, HUB, NODE_REGIONAL, said_ms, FEDERATION_AUTHORITY);
    admit(fixture, WEST, HUB, NODE_REGIONAL, NOW_MS + 1000ULL * DAY_MS, FEDERATION_AUTHORITY); /* a stamp that would never end */
    assert_int_equal(roster_authority(fixture->roster)->late_count, 2);
    assert_int_equal(late(fixture, NOW_MS).count, 1);
    assert_int_equal(late(fixture, NOW_MS).last_ms, said_ms);
    assert_int_equal(late(fixture, said_ms + UNHEARD_TOLD_DAYS * (uint64_t)DAY_MS).count, 1);
    assert_int_equal(late(fixture, said_ms + UNHEARD_TOLD_DAYS * (uint64_t)DAY_MS + 1).count, 0);
    admit(fixture, EAST, HUB, NODE_CAMPUS, NOW_MS + 40ULL * DAY_MS, FEDERATION_AUTHORITY); /* again */
    assert_int_equal(late(fixture, NOW_MS + 41ULL * DAY_MS).count, 1);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_was_promoted_where_the_handover_had_not_heard_of_it_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(it_ends_when_it_is_said_anew_or_something_else_is_said_or_a_month_went_by, setup, teardown),
        cmocka_unit_test_setup_teardown(a_former_president_is_told_of_as_long_as_they_go_on, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_replaced_before_or_says_what_holds_or_revokes, setup, teardown),
    };
    return KIT_RUN(tests);
}
