#include "node/store/stream/roster.h"

#include <stdio.h>
#include <string.h>

#include "node/incident.h"
#include "node/log.h"
#include "node/store/stream/crowd.h"
#include "node/store/stream/own.h"
#include "node/store/stream/proved.h"
#include "replication/trust/statement.h"
#include "tests/kit/kit.h"
#include "tests/node/store/desk.h"

struct fixture {
    struct desk *desk;
    struct federation federation;
    struct identity authority;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);
    uint8_t seed[IDENTITY_SEED_SIZE] = {1};

    fixture->desk = desk_open();
    identity_derive(&fixture->authority, seed);
    fixture->federation.id = fixture->desk->federation;
    strcpy(fixture->federation.name, "Test");
    memcpy(fixture->federation.authority_public, fixture->authority.sign_public, SIGN_PUBLIC_SIZE);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    desk_close(fixture->desk);
    test_free(fixture);
    return 0;
}

struct put {
    struct bytes content;
    const char *key;
};

static enum status put_run(struct db *db, void *arg)
{
    struct put *put = arg;
    struct buffer value;

    buffer_init(&value);
    cell_value_register(&value, 77, put->content);
    enum status status = own_cell_put(db, TOPIC_ROSTER, bytes_text(put->key), buffer_bytes(&value));
    buffer_release(&value);
    return status;
}

static void put(struct fixture *fixture, const char *key, struct bytes content)
{
    struct put request = {content, key};
    assert_int_equal(store_write_wait(fixture->desk->store, put_run, &request), S_OK);
}

static struct roster *load(struct fixture *fixture)
{
    struct roster *roster = NULL;
    struct db *db = store_read_begin(fixture->desk->store);

    assert_int_equal(roster_load(db, &fixture->federation, &roster, NULL), S_OK);
    store_read_end(fixture->desk->store, db);
    return roster;
}

static void the_roster_is_what_the_roster_cells_state(void **state)
{
    struct fixture *fixture = *state;
    struct roster_node hub = {.kind = NODE_HUB, .name = "Hub", .admitted_ms = 1};
    struct signer signer = {.node = {{0}}};
    struct buffer statement;

    struct roster *roster = load(fixture);
    assert_int_equal(roster_count(roster), 0);
    roster_free(roster);
    hub.node = fixture->desk->identity.node;
    memcpy(hub.sign_public, fixture->desk->identity.sign_public, SIGN_PUBLIC_SIZE);
    memcpy(hub.curve_public, fixture->desk->identity.curve_public, CURVE_PUBLIC_SIZE);
    memcpy(signer.sign_secret, fixture->authority.sign_secret, SIGN_SECRET_SIZE);
    buffer_init(&statement);
    assert_int_equal(statement_admit(&fixture->federation.id, &hub, &signer, &statement), S_OK);
    put(fixture, "admit\x1fhub", buffer_bytes(&statement));
    statement.data[statement.size - 1] ^= 1;
    put(fixture,
        "admit\x1f"
        "forged",
        buffer_bytes(&statement)); /* does not hold: left out */
    put(fixture, "admit\x1fnonsense", bytes_text("nonsense"));
    roster = load(fixture);
    assert_int_equal(roster_count(roster), 1);
    struct report report;
    report_clear(&report);
    assert_string_equal(roster_member(roster, "Hub", &report)->name, "Hub");
    assert_int_equal(report.status, S_OK);
    assert_null(roster_member(roster, "Hbu", &report));
    assert_int_equal(report.status, S_NOT_FOUND);
    assert_non_null(strstr(report.text, "'Hbu'"));
    roster_free(roster);
    buffer_release(&statement);
}

/* Of what `incident` counted since the last call. */
static uint64_t counted(enum incident incident)
{
    uint64_t counts[INCIDENT_COUNT];

    return incident_pending(counts) ? (incident_subtract(counts), counts[incident]) : 0;
}

static void what_was_refused_is_told_once_however_often_the_roster_is_read(void **state)
{
    struct fixture *fixture = *state;
    struct roster_node hub = {.kind = NODE_HUB, .name = "Hub", .admitted_ms = 5};
    struct signer signer = {.node = {{0}}};
    struct buffer statement;

    hub.node = fixture->desk->identity.node;
    memcpy(hub.sign_public, fixture->desk->identity.sign_public, SIGN_PUBLIC_SIZE);
    memcpy(hub.curve_public, fixture->desk->identity.curve_public, CURVE_PUBLIC_SIZE);
    memcpy(signer.sign_secret, fixture->authority.sign_secret, SIGN_SECRET_SIZE);
    buffer_init(&statement);
    assert_int_equal(statement_admit(&fixture->federation.id, &hub, &signer, &statement), S_OK);
    roster_free(load(fixture)); /* what is there at the first reading was told before */
    statement.data[statement.size - 1] ^= 2;
    put(fixture, "admit\x1f" "broken", buffer_bytes(&statement));
    statement.data[statement.size - 1] ^= 3;
    put(fixture, "admit\x1f" "forged", buffer_bytes(&statement));
    (void)counted(INCIDENT_SIGNATURES);
    for (int i = 0; i < 3; i++) {
        struct roster *roster = load(fixture);
        assert_int_equal(roster_count(roster), 0);
        roster_free(roster);
        assert_int_equal(counted(INCIDENT_SIGNATURES), i == 0 ? 2 : 0);
    }
    proved_put(&fixture->federation.id, buffer_bytes(&statement), true); /* what was judged is not judged again */
    struct roster *believed = load(fixture);
    assert_non_null(roster_find_name(believed, "Hub"));
    roster_free(believed);
    statement.data[statement.size - 1] ^= 1; /* the same, signed: another one */
    put(fixture, "admit\x1f" "forged", buffer_bytes(&statement));
    for (int i = 0; i < 3; i++) {
        struct roster *roster = load(fixture);
        assert_non_null(roster_find_name(roster, "Hub"));
        roster_free(roster);
        assert_int_equal(counted(INCIDENT_SIGNATURES), 0);
    }
    buffer_release(&statement);
}

enum { FLOOD = ROSTER_IDLE_MAX + 64, FLOOD_AT_ONCE = 8192 };

struct flood {
    struct id federation;
    struct bytes statement; /* of a revocation; `changes` are the bytes that name whom */
    uint8_t *changes;
    uint32_t first;
};

/* Whether they are signed is said to have been looked at before: here it would take seconds. */
static enum status flood_run(struct db *db, void *arg)
{
    struct flood *flood = arg;
    struct buffer value;
    enum status status = S_OK;
    char key[32];

    buffer_init(&value);
    for (uint32_t i = flood->first; i < flood->first + FLOOD_AT_ONCE && i < FLOOD && status == S_OK; i++) {
        memcpy(flood->changes, &i, sizeof i);
        proved_put(&flood->federation, flood->statement, true);
        snprintf(key, sizeof key, "0\x1f%06u", (unsigned)i); /* read before what the hub says */
        buffer_clear(&value);
        cell_value_register(&value, 77, flood->statement);
        status = own_cell_put(db, TOPIC_ROSTER, bytes_text(key), buffer_bytes(&value));
    }
    buffer_release(&value);
    return status;
}

static struct roster_node member_of(const struct identity *identity, const char *name, enum node_kind kind, const struct id *parent)
{
    struct roster_node node = {.node = identity->node, .kind = kind, .parent = *parent, .admitted_ms = 5};

    snprintf(node.name, sizeof node.name, "%s", name);
    memcpy(node.sign_public, identity->sign_public, sizeof node.sign_public);
    memcpy(node.curve_public, identity->curve_public, sizeof node.curve_public);
    return node;
}

static void admit(struct fixture *fixture, const struct roster_node *node, const struct identity *by, const char *key)
{
    struct signer signer = {.node = by == &fixture->authority ? id_none : by->node};
    struct buffer statement;

    memcpy(signer.sign_secret, by->sign_secret, SIGN_SECRET_SIZE);
    buffer_init(&statement);
    assert_int_equal(statement_admit(&fixture->federation.id, node, &signer, &statement), S_OK);
    put(fixture, key, buffer_bytes(&statement));
    buffer_release(&statement);
}

/* It has no right to any of them. */
static void a_member_who_fills_the_roster_keeps_nobody_out_of_it(void **state)
{
    struct fixture *fixture = *state;
    struct identity rogue, late;
    uint8_t seed[IDENTITY_SEED_SIZE] = {7};
    struct buffer statement;

    roster_free(load(fixture)); /* what is there at the first reading was told before */
    identity_derive(&rogue, seed);
    seed[0] = 8;
    identity_derive(&late, seed);
    struct signer signer = {.node = rogue.node};
    memcpy(signer.sign_secret, rogue.sign_secret, SIGN_SECRET_SIZE);
    buffer_init(&statement);
    struct id somebody = {{1, 2, 3, 4, 5, 6, 7, 8}};
    assert_int_equal(statement_revoke(&fixture->federation.id, &somebody, 10, &(struct revoke_terms){.reason = ""}, &signer, &statement), S_OK);
    struct flood flood = {.federation = fixture->federation.id, .statement = buffer_bytes(&statement)};
    flood.changes = memmem(statement.data, statement.size, somebody.b, sizeof somebody.b);
    assert_non_null(flood.changes);
    for (; flood.first < FLOOD; flood.first += FLOOD_AT_ONCE) {
        assert_int_equal(store_write_wait(fixture->desk->store, flood_run, &flood), S_OK);
    }
    const struct identity *hub = &fixture->desk->identity;
    struct roster_node nodes[] = {member_of(hub, "Hub", NODE_HUB, &id_none), member_of(&rogue, "Rogue", NODE_NATIONAL, &hub->node),
                                  member_of(&late, "Late", NODE_NATIONAL, &hub->node)};
    admit(fixture, &nodes[0], &fixture->authority, "admit\x1f" "1");
    admit(fixture, &nodes[1], hub, "admit\x1f" "2");
    admit(fixture, &nodes[2], hub, "admit\x1f" "3");
    (void)counted(INCIDENT_FRAMES);
    struct roster *roster = load(fixture);
    assert_int_equal(roster_count(roster), 3);
    assert_non_null(roster_find_name(roster, "Late"));
    roster_free(roster);
    assert_int_equal(counted(INCIDENT_FRAMES), FLOOD - CROWD_SHARE);
    roster_free(load(fixture));
    assert_int_equal(counted(INCIDENT_FRAMES), 0); /* told once */
    buffer_release(&statement);
}

static enum status said_run(struct db *db, void *arg)
{
    return roster_statement_put(db, *(struct bytes *)arg, 77);
}

static void a_statement_is_put_under_its_key(void **state)
{
    struct fixture *fixture = *state;
    struct roster_node hub = {.kind = NODE_HUB, .name = "Hub", .admitted_ms = 77};
    struct signer signer = {.node = {{0}}};
    struct bytes nonsense = bytes_text("nonsense"), content;
    struct buffer statement;

    memcpy(signer.sign_secret, fixture->authority.sign_secret, sizeof signer.sign_secret);
    hub.node = fixture->desk->identity.node;
    memcpy(hub.sign_public, fixture->desk->identity.sign_public, sizeof hub.sign_public);
    memcpy(hub.curve_public, fixture->desk->identity.curve_public, sizeof hub.curve_public);
    buffer_init(&statement);
    assert_int_equal(statement_admit(&fixture->federation.id, &hub, &signer, &statement), S_OK);
    content = buffer_bytes(&statement);
    assert_int_equal(store_write_wait(fixture->desk->store, said_run, &content), S_OK);
    assert_int_not_equal(store_write_wait(fixture->desk->store, said_run, &nonsense), S_OK);
    struct roster *roster = load(fixture);
    assert_int_equal(roster_count(roster), 1);
    assert_non_null(roster_find_name(roster, "Hub"));
    roster_free(roster);
    buffer_release(&statement);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_roster_is_what_the_roster_cells_state, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_refused_is_told_once_however_often_the_roster_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(a_statement_is_put_under_its_key, setup, teardown),
        cmocka_unit_test_setup_teardown(a_member_who_fills_the_roster_keeps_nobody_out_of_it, setup, teardown),
    };

    log_set_level(LOG_ERROR); /* refusals are logged as warnings */
    return KIT_RUN(tests);
}
