/* What a handover keeps, and that nobody is put out of the federation by oversight. */
#include "node/cmd/authority_propose.h"

#include <stdio.h>
#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_authority.h"

/* SCRATCH/paper: the founding key hands on to itself and keeps nothing. */
static void careless_write(struct kit_command *kit)
{
    struct authority_keys keys = {0};
    struct federation federation;
    struct report report = {0};
    struct buffer out;
    char path[400];

    assert_int_equal(dir_load_federation(kit->dir, &federation, &report), S_OK);
    snprintf(path, sizeof path, "%s/authority.key", kit->dir);
    assert_int_equal(authority_keys_load(&keys, path, &report), S_OK);
    const struct authority_terms terms = {.generation = 1, .threshold = 1, .predecessor = authority_genesis(federation.authority_public),
                                          .keys = bytes_of(keys.public_keys, SIGN_PUBLIC_SIZE), .at_ms = 1};
    struct paper *paper = paper_new(&federation.id);
    buffer_init(&out);
    assert_int_equal(statement_authority(&federation.id, &terms, &keys.signers[0], &out), S_OK);
    assert_int_equal(paper_add(paper, buffer_bytes(&out)), S_OK);
    snprintf(path, sizeof path, "%s/paper", kit->scratch);
    assert_int_equal(paper_save(paper, path, &report), S_OK);
    buffer_release(&out);
    paper_free(paper);
}

static void a_handover_that_would_put_members_out_is_refused(void **state)
{
    struct kit_command *kit = *state;

    kit_member_make(kit, "north", "national");
    careless_write(kit);
    assert_int_equal(kit_say(kit, "authority publish %s/paper", kit->scratch), EXIT_PROBLEM);
    assert_non_null(strstr(kit->err, "would put 2 nodes out"));
    assert_int_equal(kit_command(kit, "peer list"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "north"));
    assert_int_equal(kit_say(kit, "authority publish %s/paper --anyway", kit->scratch), EXIT_DONE);
    assert_int_equal(kit_command(kit, "peer list --json"), EXIT_DONE);
    assert_null(strstr(kit->out, "north"));
}

static void what_the_authority_said_stays_through_two_handovers(void **state)
{
    struct kit_command *kit = *state;
    char d[65];

    kit_member_make(kit, "north", "national");
    kit_member_make(kit, "south", "national");
    assert_int_equal(kit_say(kit, "promote north --key %s/authority.key --endpoint tcp://127.0.0.1:7 --old-hub national", kit->dir), EXIT_DONE);
    assert_int_equal(kit_say(kit, "authority revoke south --key %s/authority.key", kit->dir), EXIT_DONE);
    kit_hand_on(kit);
    kit_key_make(kit, "d", d);
    assert_int_equal(kit_say(kit, "authority propose --keys %s,%s --threshold 1 --key %s/a.key", d, d, kit->scratch), EXIT_WRONG_USAGE);
    assert_non_null(strstr(kit->err, "twice"));
    assert_int_equal(kit_say(kit, "authority propose --keys %s --threshold 1 --key %s/a.key --key %s/b.key --key %s/d.key", d, kit->scratch,
                             kit->scratch, kit->scratch),
                     EXIT_DONE);
    assert_int_equal(kit_command(kit, "authority show"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "generation 2: 1 of 1 keys"));
    assert_int_equal(kit_command(kit, "peer list"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "revoked"));
    assert_int_equal(kit_command(kit, "status --json"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "\"kind\": \"national\""));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_handover_that_would_put_members_out_is_refused, kit_command_setup, kit_command_teardown),
        cmocka_unit_test_setup_teardown(what_the_authority_said_stays_through_two_handovers, kit_command_setup, kit_command_teardown),
    };
    return KIT_RUN(tests);
}
