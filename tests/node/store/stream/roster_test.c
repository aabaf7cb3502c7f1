#include "node/store/stream/roster.h"

#include <stdio.h>
#include <string.h>

#include "node/incident.h"
#include "node/log.h"
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
    };

    log_set_level(LOG_ERROR); /* refusals are logged as warnings */
    return KIT_RUN(tests);
}
