/* `qanat promote` and `qanat demote`: who stands where afterwards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_authority.h"

static uint64_t behind_ms; /* so far is this machine's clock behind */

uint64_t __real_local_time_now(void);
uint64_t __wrap_local_time_now(void);
uint64_t __wrap_local_time_now(void)
{
    return __real_local_time_now() - behind_ms;
}

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
    behind_ms = 0;
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

/* The one that was revoked, of those with this name. */
static void former_stands(struct kit_command *kit, const char *name, const char *parent)
{
    char begin[32];
    json_t *row;
    size_t index, found = 0;

    snprintf(begin, sizeof begin, "%s~", name);
    assert_int_equal(kit_command(kit, "peer list --json"), EXIT_DONE);
    json_t *document = kit_document(kit);
    json_array_foreach(json_object_get(document, "peers"), index, row)
    {
        if (strncmp(json_string_value(json_object_get(row, "name")), begin, strlen(begin)) == 0) {
            assert_string_equal(json_string_value(json_object_get(row, "parent")), parent);
            assert_string_equal(json_string_value(json_object_get(row, "state")), "revoked");
            found++;
        }
    }
    json_decref(document);
    assert_int_equal(found, 1);
}

static void the_nodes_below_the_former_hub_move_below_the_new_one(void **state)
{
    struct kit_command *kit = *state;

    stands(kit, "south", "national", "hub");
    assert_int_equal(kit_say(kit, "promote north --key %s/authority.key --endpoint tcp://0.0.0.0:7", kit->dir), EXIT_WRONG_USAGE);
    stands(kit, "north", "national", "hub");
    assert_int_equal(kit_say(kit, "promote north --key %s/authority.key", kit->dir), EXIT_PROBLEM);
    assert_non_null(strstr(kit->err, "or --endpoint none where sticks alone go there"));
    assert_int_equal(kit_say(kit, "promote north --key %s/authority.key --endpoint none", kit->dir), EXIT_DONE);
    assert_non_null(strstr(kit->err, "2 nodes move"));
    stands(kit, "north", "hub", "");
    stands(kit, "south", "national", "north");
    stands(kit, "east", "training", "north");
    assert_int_equal(kit_command(kit, "status --json"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "\"kind\": \"hub\"")); /* still */
    assert_int_equal(kit_command(kit, "invite --moves south"), EXIT_PROBLEM); /* a token for that would be refused when it joins */
    assert_non_null(strstr(kit->err, "the authority put 'south' where it is"));
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

static void a_clock_that_is_behind_changes_nothing_about_it(void **state)
{
    struct kit_command *kit = *state;

    assert_int_equal(kit_say(kit, "promote north --key %s/authority.key --endpoint tcp://127.0.0.1:7 --old-hub national", kit->dir), EXIT_DONE);
    behind_ms = 3600 * 1000;
    assert_int_equal(kit_say(kit, "promote south --key %s/authority.key --endpoint tcp://127.0.0.1:8", kit->dir), EXIT_DONE);
    stands(kit, "south", "hub", "");
    stands(kit, "north", "hub", "south");
    stands(kit, "east", "training", "south");
    assert_int_equal(kit_say(kit, "demote north --kind national --key %s/authority.key", kit->dir), EXIT_DONE);
    stands(kit, "north", "national", "south");
}

/* The school was admitted at west after what this machine's clock shows now. */
static void who_is_revoked_by_a_clock_that_is_behind_takes_nobody_along(void **state)
{
    struct kit_command *kit = *state, west = {.out = NULL};

    kit_member_make(kit, "west", "national");
    memcpy(west.scratch, kit->scratch, sizeof west.scratch);
    snprintf(west.dir, sizeof west.dir, "%.200s/west", kit->scratch);
    assert_int_equal(kit_say(&west, "join --file %s/west.invitation", kit->scratch), EXIT_DONE);
    kit_member_make(&west, "school", "campus");
    assert_int_equal(kit_say(&west, "bundle export --for hub %s/stick", kit->scratch), EXIT_DONE);
    assert_int_equal(kit_say(kit, "bundle import %s/stick", kit->scratch), EXIT_DONE);
    stands(kit, "school", "campus", "west");
    behind_ms = 3600 * 1000;
    assert_int_equal(kit_say(kit, "authority revoke west --key %s/authority.key", kit->dir), EXIT_DONE);
    behind_ms = 0;
    stands(kit, "school", "campus", "west");
    free(west.out);
    free(west.err);
}

/* Its figures would be those of the one that follows no more where the two stand below different nodes. */
static void whose_place_was_taken_goes_where_who_took_it_goes(void **state)
{
    struct kit_command *kit = *state;
    const char *const lost[] = {"north", "south"};

    for (int i = 0; i < 2; i++) {
        assert_int_equal(kit_say(kit, "invite --replaces %s --file %s/new-%s.invitation", lost[i], kit->scratch, lost[i]), EXIT_DONE);
    }
    assert_int_equal(kit_say(kit, "promote north --key %s/authority.key --endpoint tcp://127.0.0.1:7 --old-hub national", kit->dir), EXIT_DONE);
    assert_non_null(strstr(kit->err, "2 nodes move")); /* south and east */
    for (int i = 0; i < 2; i++) {
        former_stands(kit, lost[i], "north");
    }
    assert_int_equal(kit_say(kit, "promote south --key %s/authority.key --endpoint tcp://127.0.0.1:8 --old-hub national", kit->dir), EXIT_DONE);
    former_stands(kit, "north", "north");
    former_stands(kit, "south", "south");
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

/* By stick, from one directory to the other: both stand in `kit->scratch`. */
static void carry(struct kit_command *from, struct kit_command *to, const char *name)
{
    if (kit_say(from, "bundle export --for %s %s/stick", name, from->scratch) != EXIT_DONE) {
        fail_msg("%s", from->err);
    }
    if (kit_say(to, "bundle import %s/stick", from->scratch) != EXIT_DONE) {
        fail_msg("%s", to->err);
    }
    assert_int_equal(kit_say(to, "sync resume"), EXIT_DONE); /* whoever opens the store next changes the keys */
    char path[400];
    snprintf(path, sizeof path, "%s/stick", from->scratch);
    assert_int_equal(remove(path), 0);
}

static void key_is(struct kit_command *kit, const char *name, const char *begin)
{
    json_t *row;
    size_t index;
    bool is_found = false;

    assert_int_equal(kit_say(kit, "key show %s --json", name), EXIT_DONE);
    json_t *document = kit_document(kit);
    json_array_foreach(json_object_get(document, "keys"), index, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "state")), "present") == 0) {
            is_found = true;
            assert_memory_equal(json_string_value(json_object_get(row, "key")), begin, 64);
        }
    }
    json_decref(document);
    assert_true(is_found);
}

/* The former hub admitted a centre's new key, and that of the node which takes its place. Both keep them; thrown back to those of before they would be
 * refused by everybody, and whoever stole the former key would be let in again. */
static void keys_that_the_former_hub_admitted_stay(void **state)
{
    static const char *const names[] = {"north", "south"};
    struct kit_command *kit = *state;
    char keys[2][65];

    for (int i = 0; i < 2; i++) {
        struct kit_command node = {0};
        snprintf(node.scratch, sizeof node.scratch, "%s", kit->scratch);
        snprintf(node.dir, sizeof node.dir, "%s/%s", kit->scratch, names[i]);
        assert_int_equal(kit_say(&node, "join --file %s/%s.invitation", kit->scratch, names[i]), EXIT_DONE);
        assert_int_equal(kit_say(&node, "key rotate"), EXIT_DONE);
        snprintf(keys[i], sizeof keys[i], "%.64s", node.out);
        carry(&node, kit, "hub");
        assert_int_equal(kit_say(kit, "key admit %s --key-begins %.8s", names[i], keys[i]), EXIT_DONE);
        carry(kit, &node, names[i]);
        key_is(&node, names[i], keys[i]);
        free(node.out);
        free(node.err);
    }
    assert_int_equal(kit_say(kit, "promote north --key %s/authority.key --endpoint tcp://127.0.0.1:7 --old-hub national", kit->dir), EXIT_DONE);
    stands(kit, "south", "national", "north");
    for (int i = 0; i < 2; i++) {
        key_is(kit, names[i], keys[i]);
    }
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

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_nodes_below_the_former_hub_move_below_the_new_one, setup, teardown),
        cmocka_unit_test_setup_teardown(next_year_another_is_the_hub, setup, teardown),
        cmocka_unit_test_setup_teardown(who_is_revoked_by_a_clock_that_is_behind_takes_nobody_along, setup, teardown),
        cmocka_unit_test_setup_teardown(a_clock_that_is_behind_changes_nothing_about_it, setup, teardown),
        cmocka_unit_test_setup_teardown(whose_place_was_taken_goes_where_who_took_it_goes, setup, teardown),
        cmocka_unit_test_setup_teardown(with_several_keys_it_is_a_paper_until_enough_signed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lost_hub_stands_below_without_an_address, setup, teardown),
        cmocka_unit_test_setup_teardown(a_revocation_by_the_former_hub_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(keys_that_the_former_hub_admitted_stay, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_is_refused, setup, teardown),
    };
    return KIT_RUN(tests);
}
