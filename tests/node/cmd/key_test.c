/* `qanat key`: at a hub, whose keys the authority admits. */
#include <stdio.h>
#include <string.h>

#include "node/cmd/command.h"
#include "node/dir.h"
#include "node/store/stream/roster.h"
#include "replication/trust/rekey.h"
#include "replication/trust/statement.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_authority.h"

/* The states of the hub's keys, joined; and the present one. */
static void keys_are(struct kit_command *kit, const char *states, char key_out[65])
{
    char joined[256] = "";
    json_t *row;
    size_t index;

    assert_int_equal(kit_command(kit, "key show hub --json"), EXIT_DONE);
    json_t *document = kit_document(kit);
    json_array_foreach(json_object_get(document, "keys"), index, row)
    {
        const char *state = json_string_value(json_object_get(row, "state"));
        snprintf(joined + strlen(joined), sizeof joined - strlen(joined), "%s%s", index ? "," : "", state);
        if (strcmp(state, "present") == 0) {
            snprintf(key_out, 65, "%s", json_string_value(json_object_get(row, "key")));
        }
    }
    json_decref(document);
    assert_string_equal(joined, states);
}

static void a_hub_changes_its_keys_with_the_authority(void **state)
{
    struct kit_command *kit = *state;
    char before[65], asked[65], now[65];

    keys_are(kit, "present", before);
    assert_int_equal(kit_command(kit, "key rotate"), EXIT_DONE);
    snprintf(asked, sizeof asked, "%.64s", kit->out);
    assert_non_null(strstr(kit->err, "authority.key"));
    keys_are(kit, "asked for,present", now);
    assert_string_equal(now, before);
    assert_int_equal(kit_command(kit, "key rotate"), EXIT_DONE); /* the same again */
    assert_memory_equal(kit->out, asked, 64);
    assert_int_equal(kit_command(kit, "key admit hub"), EXIT_PROBLEM); /* a node does not admit itself */
    assert_non_null(strstr(kit->err, "authority"));
    assert_int_equal(kit_say(kit, "key admit hub --key %s/authority.key --key-begins 00000000", kit->dir),
                     EXIT_PROBLEM);
    assert_int_equal(kit_say(kit, "key admit hub --key %s/authority.key --key-begins %.7s", kit->dir, asked),
                     EXIT_PROBLEM); /* too few digits */
    assert_int_equal(kit_say(kit, "key admit hub --key %s/authority.key --key-begins %.8s", kit->dir, asked),
                     EXIT_DONE);
    assert_int_equal(kit_command(kit, "sync resume"),
                     EXIT_DONE); /* whoever opens the store next changes them */
    keys_are(kit, "present,given up", now);
    assert_memory_equal(now, asked, 64);
    assert_int_equal(kit_command(kit, "verify"), EXIT_DONE);
    assert_int_equal(kit_command(kit, "audit list --json"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "changed its key"));
}

static void it_changes_them_again(void **state)
{
    struct kit_command *kit = *state;
    char key[65];

    assert_int_equal(kit_command(kit, "key rotate"), EXIT_DONE);
    assert_int_equal(kit_say(kit, "key admit hub --key %s/authority.key", kit->dir), EXIT_DONE);
    assert_int_equal(kit_command(kit, "sync resume"), EXIT_DONE);
    keys_are(kit, "present,given up,given up", key);
}

/* What it admits with its later key counts. */
static void it_goes_on_admitting(void **state)
{
    struct kit_command *kit = *state;

    kit_member_make(kit, "north", "national");
    assert_int_equal(kit_command(kit, "peer list --json"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "north"));
}

static void what_is_not_asked_is_not_admitted(void **state)
{
    struct kit_command *kit = *state;

    assert_int_equal(kit_command(kit, "key admit north"), EXIT_PROBLEM);
    assert_non_null(strstr(kit->err, "asks for no new key"));
    assert_int_equal(kit_command(kit, "key admit nobody"), EXIT_PROBLEM);
    assert_int_equal(kit_command(kit, "key show nobody"), EXIT_PROBLEM);
    assert_int_equal(kit_command(kit, "key admit"), EXIT_WRONG_USAGE);
    assert_int_equal(kit_command(kit, "key rotate now"), EXIT_WRONG_USAGE);
}

static enum status rekey_put(struct db *db, void *arg)
{
    return roster_statement_put(db, buffer_bytes(arg), 1);
}

/* Any member asks for its next key itself, and chooses what stamp that bears. */
static void a_stamp_that_no_clock_shows_is_told_all_the_same(void **state)
{
    struct kit_command *kit = *state;
    struct identity present, next;
    struct federation federation;
    struct report report = {0};
    struct store *store;
    struct signer by = {.generation = 0};
    struct buffer rekey;

    assert_int_equal(dir_load_identity(kit->dir, &present, &report), S_OK);
    assert_int_equal(dir_load_federation(kit->dir, &federation, &report), S_OK);
    identity_derive(&next, (const uint8_t[IDENTITY_SEED_SIZE]){7});
    by.node = present.node;
    memcpy(by.sign_secret, present.sign_secret, sizeof by.sign_secret);
    buffer_init(&rekey);
    const struct rekey_terms terms = {.node = present.node, .turn = 1, .next = &next, .at_ms = UINT64_MAX};
    assert_int_equal(statement_rekey(&federation.id, &terms, &by, &rekey), S_OK);
    assert_int_equal(store_open(kit->dir, &(struct store_options){0}, &store, &report), S_OK);
    store_set_identity(store, &present, &federation.id);
    assert_int_equal(store_write_wait(store, rekey_put, &rekey), S_OK);
    store_close(store);
    buffer_release(&rekey);
    assert_int_equal(kit_command(kit, "key show hub"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "asked for"));
    assert_non_null(strstr(kit->out, "2099-12-31"));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hub_changes_its_keys_with_the_authority),
        cmocka_unit_test(it_changes_them_again),
        cmocka_unit_test(it_goes_on_admitting),
        cmocka_unit_test(what_is_not_asked_is_not_admitted),
    };
    const struct CMUnitTest alone[] = {
        cmocka_unit_test_setup_teardown(a_stamp_that_no_clock_shows_is_told_all_the_same, kit_command_setup, kit_command_teardown),
    };
    int failed = KIT_RUN(alone);
    return failed + cmocka_run_group_tests(tests, kit_command_setup, kit_command_teardown);
}
