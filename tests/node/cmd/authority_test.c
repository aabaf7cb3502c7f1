/* `qanat authority`: shown, handed on by a paper that is signed in turns, held to; and what is refused. */
#include <string.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_authority.h"

static void shown(struct kit_command *kit, int generation, int threshold, size_t keys)
{
    assert_int_equal(kit_command(kit, "authority show --json"), EXIT_DONE);
    json_t *document = kit_document(kit);
    assert_int_equal(json_integer_value(json_object_get(document, "generation")), generation);
    assert_int_equal(json_integer_value(json_object_get(document, "threshold")), threshold);
    assert_int_equal(json_array_size(json_object_get(document, "keys")), keys);
    json_decref(document);
}

static void a_paper_that_is_signed_in_turns_hands_the_authority_on(void **state)
{
    struct kit_command *kit = *state;
    char a[65], b[65];

    shown(kit, 0, 1, 1);
    kit_key_make(kit, "a", a);
    kit_key_make(kit, "b", b);
    assert_int_equal(kit_say(kit, "authority propose --keys %s,%s --threshold 2 --key %s/authority.key --out %s/paper", a, b, kit->dir, kit->scratch),
                     EXIT_DONE);
    shown(kit, 0, 1, 1);
    assert_int_equal(kit_say(kit, "authority publish %s/paper", kit->scratch), EXIT_PROBLEM); /* nobody took it */
    assert_non_null(strstr(kit->err, "lacks signatures"));
    assert_int_equal(kit_say(kit, "authority sign %s/paper --key %s/a.key", kit->scratch, kit->scratch), EXIT_DONE);
    assert_non_null(strstr(kit->out, "generation 1 of the authority: 2 of 2 keys; it keeps 1 statements"));
    assert_int_equal(kit_say(kit, "authority publish %s/paper", kit->scratch), EXIT_PROBLEM);
    assert_int_equal(kit_say(kit, "authority sign %s/paper --key %s/b.key", kit->scratch, kit->scratch), EXIT_DONE);
    assert_int_equal(kit_say(kit, "authority show %s/paper", kit->scratch), EXIT_DONE);
    assert_non_null(strstr(kit->out, "signed by 1, needed 1; taken by 2, needed 2"));
    assert_int_equal(kit_say(kit, "authority publish %s/paper", kit->scratch), EXIT_DONE);
    shown(kit, 1, 2, 2);
    assert_int_equal(kit_say(kit, "authority publish %s/paper", kit->scratch), EXIT_DONE); /* again, no harm */
    assert_int_equal(kit_command(kit, "status"), EXIT_DONE);
    assert_int_equal(kit_command(kit, "audit list"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "qanat authority publish"));
}

static void the_former_key_says_nothing_more(void **state)
{
    struct kit_command *kit = *state;

    kit_member_make(kit, "north", "national");
    kit_hand_on(kit);
    shown(kit, 1, 2, 3);
    assert_int_equal(kit_say(kit, "authority revoke north --key %s/authority.key", kit->dir), EXIT_PROBLEM);
    assert_non_null(strstr(kit->err, "none of the federation's present authority"));
    assert_int_equal(kit_say(kit, "authority revoke north --key %s/a.key", kit->scratch), EXIT_PROBLEM);
    assert_non_null(strstr(kit->err, "signed by 1 of the 2 keys"));
    assert_int_equal(kit_say(kit, "authority revoke north --key %s/a.key --key %s/c.key", kit->scratch, kit->scratch), EXIT_DONE);
    assert_int_equal(kit_command(kit, "peer list"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "revoked"));
    assert_int_equal(kit_say(kit, "authority revoke north --key %s/a.key --key %s/c.key", kit->scratch, kit->scratch), EXIT_PROBLEM);
    assert_int_equal(kit_say(kit, "authority revoke nobody --key %s/a.key --key %s/c.key", kit->scratch, kit->scratch), EXIT_PROBLEM);
}

static void a_handover_written_before_an_admission_does_not_put_it_out(void **state)
{
    struct kit_command *kit = *state;
    char a[65];

    kit_key_make(kit, "a", a);
    kit_member_make(kit, "north", "national");
    assert_int_equal(kit_say(kit, "authority propose --keys %s --threshold 1 --key %s/authority.key --key %s/a.key --out %s/paper", a, kit->dir,
                             kit->scratch, kit->scratch),
                     EXIT_DONE);
    assert_int_equal(kit_say(kit, "promote north --key %s/authority.key --endpoint tcp://127.0.0.1:7", kit->dir), EXIT_DONE);
    assert_int_equal(kit_say(kit, "authority publish %s/paper", kit->scratch), EXIT_DONE); /* all are members still: by what it keeps */
    shown(kit, 1, 1, 1);
}

static void the_anchor_is_the_present_statement_or_a_named_one(void **state)
{
    struct kit_command *kit = *state;

    assert_int_equal(kit_command(kit, "authority trust"), EXIT_PROBLEM);
    assert_non_null(strstr(kit->err, "never handed on"));
    kit_hand_on(kit);
    assert_int_equal(kit_command(kit, "authority trust 00000000"), EXIT_PROBLEM);
    assert_int_equal(kit_command(kit, "authority trust"), EXIT_DONE);
    assert_int_equal(kit_command(kit, "authority show --json"), EXIT_DONE);
    json_t *document = kit_document(kit);
    assert_string_equal(json_string_value(json_object_get(document, "anchor")), json_string_value(json_object_get(document, "statement")));
    json_decref(document);
    shown(kit, 1, 2, 3);
    kit_member_make(kit, "late", "national"); /* a token with the anchor */
    assert_int_equal(kit_command(kit, "authority trust --founding-key"), EXIT_DONE);
    assert_int_equal(kit_command(kit, "authority trust --founding-key --json"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "\"founding_key\": true"));
    shown(kit, 1, 2, 3);
}

static void what_is_missing_is_named(void **state)
{
    struct kit_command *kit = *state;

    assert_int_equal(kit_command(kit, "authority propose --keys 12 --threshold 1"), EXIT_WRONG_USAGE);
    assert_int_equal(kit_say(kit, "authority propose --keys 12 --threshold 1 --key %s/authority.key", kit->dir), EXIT_WRONG_USAGE);
    assert_int_equal(kit_say(kit, "authority propose --threshold 1 --key %s/authority.key", kit->dir), EXIT_WRONG_USAGE);
    assert_int_equal(kit_say(kit, "authority propose --keys %064d --threshold 2 --key %s/authority.key", 1, kit->dir), EXIT_WRONG_USAGE);
    assert_int_equal(kit_say(kit, "authority propose --keys , --threshold 1 --key %s/authority.key", kit->dir), EXIT_WRONG_USAGE);
    assert_int_equal(kit_say(kit, "authority sign %s/none --key %s/authority.key", kit->scratch, kit->dir), EXIT_PROBLEM);
    assert_int_equal(kit_say(kit, "authority sign %s/none", kit->scratch), EXIT_WRONG_USAGE);
    assert_int_equal(kit_say(kit, "authority publish %s/none", kit->scratch), EXIT_PROBLEM);
    assert_int_equal(kit_command(kit, "authority publish"), EXIT_WRONG_USAGE);
    assert_int_equal(kit_command(kit, "authority new-key"), EXIT_WRONG_USAGE);
    assert_int_equal(kit_say(kit, "authority new-key %s/authority.key", kit->dir), EXIT_PROBLEM); /* never overwritten */
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_paper_that_is_signed_in_turns_hands_the_authority_on, kit_command_setup, kit_command_teardown),
        cmocka_unit_test_setup_teardown(the_former_key_says_nothing_more, kit_command_setup, kit_command_teardown),
        cmocka_unit_test_setup_teardown(a_handover_written_before_an_admission_does_not_put_it_out, kit_command_setup, kit_command_teardown),
        cmocka_unit_test_setup_teardown(the_anchor_is_the_present_statement_or_a_named_one, kit_command_setup, kit_command_teardown),
        cmocka_unit_test_setup_teardown(what_is_missing_is_named, kit_command_setup, kit_command_teardown),
    };
    return KIT_RUN(tests);
}
