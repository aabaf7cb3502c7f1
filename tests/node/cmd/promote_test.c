/* `qanat promote` and `qanat demote`: who stands where afterwards. */
#include <string.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_authority.h"

static int setup(void **state)
{
    static struct kit_command kit;

    kit_command_open(&kit);
    kit_member_make(&kit, "north", "national");
    kit_member_make(&kit, "south", "national");
    kit_member_make(&kit, "east", "training");
    *state = &kit;
    return 0;
}

static int teardown(void **state)
{
    kit_command_close(*state);
    return 0;
}

static void stands(struct kit_command *kit, const char *name, const char *kind, const char *parent)
{
    json_t *row;
    size_t index;

    assert_int_equal(kit_command(kit, "peer list --json"), EXIT_DONE);
    json_t *document = kit_document(kit);
    json_array_foreach(json_object_get(document, "peers"), index, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "name")), name) == 0) {
            assert_string_equal(json_string_value(json_object_get(row, "kind")), kind);
            assert_string_equal(json_string_value(json_object_get(row, "parent")), parent);
            json_decref(document);
            return;
        }
    }
    fail_msg("no '%s' in the list", name);
}

static void the_nodes_below_the_former_hub_move_below_the_new_one(void **state)
{
    struct kit_command *kit = *state;

    stands(kit, "south", "national", "hub");
    assert_int_equal(kit_say(kit, "promote north --key %s/authority.key --endpoint tcp://0.0.0.0:7", kit->dir), EXIT_WRONG_USAGE);
    stands(kit, "north", "national", "hub");
    assert_int_equal(kit_say(kit, "promote north --key %s/authority.key --endpoint tcp://127.0.0.1:7", kit->dir), EXIT_DONE);
    assert_non_null(strstr(kit->err, "2 nodes move"));
    stands(kit, "north", "hub", "");
    stands(kit, "south", "national", "north");
    stands(kit, "east", "training", "north");
    assert_int_equal(kit_command(kit, "status --json"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "\"kind\": \"hub\"")); /* still */
    assert_int_equal(kit_say(kit, "demote hub --kind training --key %s/authority.key", kit->dir), EXIT_DONE);
    assert_int_equal(kit_command(kit, "status --json"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "\"kind\": \"training\""));
    assert_int_equal(kit_say(kit, "demote hub --kind training --key %s/authority.key", kit->dir), EXIT_PROBLEM);
    assert_int_equal(kit_say(kit, "demote north --kind training --key %s/authority.key", kit->dir), EXIT_PROBLEM);
}

static void next_year_another_is_the_hub(void **state)
{
    struct kit_command *kit = *state;

    kit_member_make(kit, "school", "campus");
    assert_int_equal(kit_say(kit, "promote north --key %s/authority.key --endpoint tcp://127.0.0.1:7 --old-hub national", kit->dir), EXIT_DONE);
    assert_int_equal(kit_say(kit, "promote south --key %s/authority.key --endpoint tcp://127.0.0.1:8 --old-hub national", kit->dir), EXIT_DONE);
    stands(kit, "south", "hub", "");
    stands(kit, "north", "national", "south");
    stands(kit, "east", "training", "south");
    stands(kit, "school", "campus", "hub"); /* its own campus stays */
    assert_int_equal(kit_say(kit, "promote south --key %s/authority.key", kit->dir), EXIT_PROBLEM);
    assert_non_null(strstr(kit->err, "is the hub already"));
}

static void with_several_keys_it_is_a_paper_until_enough_signed(void **state)
{
    struct kit_command *kit = *state;

    kit_hand_on(kit);
    assert_int_equal(kit_say(kit, "promote north --key %s/a.key --endpoint tcp://127.0.0.1:7", kit->scratch), EXIT_PROBLEM);
    stands(kit, "north", "national", "hub");
    assert_int_equal(kit_say(kit, "promote north --key %s/a.key --endpoint tcp://127.0.0.1:7 --out %s/paper", kit->scratch, kit->scratch), EXIT_DONE);
    assert_int_equal(kit_say(kit, "authority publish %s/paper", kit->scratch), EXIT_PROBLEM);
    assert_int_equal(kit_say(kit, "authority sign %s/paper --key %s/c.key", kit->scratch, kit->scratch), EXIT_DONE);
    assert_int_equal(kit_say(kit, "authority publish %s/paper", kit->scratch), EXIT_DONE);
    stands(kit, "north", "hub", "");
    stands(kit, "south", "national", "north");
}

static void a_lost_hub_stands_below_without_an_address(void **state)
{
    struct kit_command *kit = *state;

    assert_int_equal(kit_say(kit, "promote north --key %s/authority.key --endpoint tcp://127.0.0.1:7 --old-hub lost", kit->dir), EXIT_DONE);
    assert_non_null(strstr(kit->err, "late"));
    stands(kit, "south", "national", "north");
    assert_int_equal(kit_command(kit, "status --json"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "\"kind\": \"national\""));
    assert_int_equal(kit_say(kit, "promote south --key %s/authority.key --endpoint tcp://127.0.0.1:8 --old-hub national", kit->dir), EXIT_DONE);
    stands(kit, "east", "training", "south");
}

static void a_revocation_by_the_former_hub_stays(void **state)
{
    struct kit_command *kit = *state;

    assert_int_equal(kit_command(kit, "peer revoke south"), EXIT_DONE);
    assert_int_equal(kit_say(kit, "promote north --key %s/authority.key --endpoint tcp://127.0.0.1:7 --old-hub national", kit->dir), EXIT_DONE);
    assert_int_equal(kit_command(kit, "peer list --json"), EXIT_DONE);
    stands(kit, "south", "national", "hub");
    assert_int_equal(kit_command(kit, "peer list"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "revoked"));
}

static void what_cannot_be_is_refused(void **state)
{
    struct kit_command *kit = *state;

    assert_int_equal(kit_command(kit, "promote north"), EXIT_WRONG_USAGE);
    assert_int_equal(kit_say(kit, "promote nobody --key %s/authority.key", kit->dir), EXIT_PROBLEM);
    assert_int_equal(kit_say(kit, "promote hub --key %s/authority.key", kit->dir), EXIT_PROBLEM);
    assert_int_equal(kit_say(kit, "promote north --key %s/authority.key", kit->dir), EXIT_PROBLEM); /* no address */
    assert_non_null(strstr(kit->err, "--endpoint"));
    assert_int_equal(kit_say(kit, "promote north --key %s/authority.key --endpoint nonsense", kit->dir), EXIT_WRONG_USAGE);
    assert_int_equal(kit_say(kit, "promote north --key %s/authority.key --endpoint tcp://127.0.0.1:7 --old-hub king", kit->dir), EXIT_WRONG_USAGE);
    assert_int_equal(kit_say(kit, "promote north --key %s/node.key", kit->dir), EXIT_PROBLEM);
    assert_int_equal(kit_say(kit, "demote north --key %s/authority.key", kit->dir), EXIT_WRONG_USAGE);
    stands(kit, "north", "national", "hub");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_nodes_below_the_former_hub_move_below_the_new_one, setup, teardown),
        cmocka_unit_test_setup_teardown(next_year_another_is_the_hub, setup, teardown),
        cmocka_unit_test_setup_teardown(with_several_keys_it_is_a_paper_until_enough_signed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lost_hub_stands_below_without_an_address, setup, teardown),
        cmocka_unit_test_setup_teardown(a_revocation_by_the_former_hub_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_is_refused, setup, teardown),
    };
    return KIT_RUN(tests);
}
