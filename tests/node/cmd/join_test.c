/* `qanat join` from a file. Joining over the link: tests/system/federation.sh. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/dir.h"
#include "node/store/store.h"
#include "node/store/stream/roster.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

/* A hub with an invitation for the campus "islet", and a directory beside it for the newcomer. */
struct joining {
    struct kit_command hub, islet;
    char join[400];
};

static int setup(void **state)
{
    static struct joining joining;
    char invite[400];

    memset(&joining, 0, sizeof joining);
    kit_command_open(&joining.hub);
    snprintf(joining.islet.dir, sizeof joining.islet.dir, "%.200s/islet", joining.hub.scratch);
    snprintf(invite, sizeof invite, "invite --name islet --kind campus --file %s/invitation", joining.hub.scratch);
    snprintf(joining.join, sizeof joining.join, "join --file %s/invitation --json", joining.hub.scratch);
    assert_int_equal(kit_command(&joining.hub, invite), 0);
    *state = &joining;
    return 0;
}

static int teardown(void **state)
{
    struct joining *joining = *state;

    free(joining->islet.out);
    free(joining->islet.err);
    kit_command_close(&joining->hub);
    return 0;
}

/* The node's id as the directory's key has it. */
static struct id id_of(const char *dir)
{
    struct report report = {.status = S_OK};
    struct identity identity;

    assert_int_equal(dir_load_identity(dir, &identity, &report), S_OK);
    struct id id = identity.node;
    identity_clear(&identity);
    return id;
}

static void a_file_that_cannot_be_written_admits_nobody(void **state)
{
    struct joining *joining = *state;
    char words[400];

    char over[400];
    snprintf(over, sizeof over, "invite --name reef --kind campus --file %s/invitation", joining->hub.scratch);
    kit_command_says(&joining->hub, over, 1, "is there already"); /* islet's */
    kit_command_says(&joining->hub, "invite --name reef --kind campus --file /nonexistent/invitation", 1,
                     "cannot write \"/nonexistent/invitation\": No such file");
    snprintf(words, sizeof words, "invite --name reef --kind campus --file %.200s", joining->hub.scratch);
    kit_command_says(&joining->hub, words, 1, "Is a directory");
    snprintf(words, sizeof words, "invite --name reef --kind campus --file %.200s/second", joining->hub.scratch);
    kit_command_says(&joining->hub, words, 0, "makes one node, 'reef'"); /* the name is free */
}

static void a_kind_that_is_none_is_told_with_all_that_are(void **state)
{
    struct joining *joining = *state;
    char words[400];

    kit_command_says(&joining->hub, "invite --name reef --kind hup", 2, "'hup' is no kind of node: --kind hub|national|training|regional|campus");
    kit_command_says(&joining->hub, "invite --name reef", 2, "say what it is: --kind hub|national|training|regional|campus");
    snprintf(words, sizeof words, "invite --name reef --kind hub --file %.200s/second", joining->hub.scratch);
    kit_command_says(&joining->hub, words, 0, "makes one node, 'reef'");
}

static void a_file_makes_the_node_and_serves_once(void **state)
{
    struct joining *joining = *state;

    assert_int_equal(kit_command(&joining->islet, joining->join), 0);
    json_t *said = json_loads(joining->islet.out, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(said, "node")), "islet");
    assert_string_equal(json_string_value(json_object_get(said, "federation")), "Test");
    json_decref(said);
    assert_int_equal(kit_command(&joining->islet, joining->join), 1);
    assert_non_null(strstr(joining->islet.err, "a member of 'Test' already"));
}

static void a_directory_made_by_init_takes_the_keys_of_the_file(void **state)
{
    struct joining *joining = *state;

    assert_int_equal(kit_command(&joining->islet, "init --name islet --kind campus --country KE"), 0);
    struct id drawn = id_of(joining->islet.dir);
    assert_int_equal(kit_command(&joining->islet, joining->join), 0);
    struct id given = id_of(joining->islet.dir);
    assert_false(id_equal(&drawn, &given));
    assert_int_equal(kit_command(&joining->islet, "status --json"), 0);
    assert_non_null(strstr(joining->islet.out, "\"islet\""));
}

static void an_invitation_for_another_name_changes_nothing(void **state)
{
    struct joining *joining = *state;

    assert_int_equal(kit_command(&joining->islet, "init --name atoll --kind campus"), 0);
    struct id drawn = id_of(joining->islet.dir);
    assert_int_equal(kit_command(&joining->islet, joining->join), 1);
    assert_non_null(strstr(joining->islet.err, "for the campus 'islet'"));
    struct id kept = id_of(joining->islet.dir);
    assert_true(id_equal(&drawn, &kept));
}

/* Writes the file with one character of `key`'s text changed, when one is named, and with or without the check. */
static void invitation_write(struct joining *joining, const json_t *original, const char *key, bool has_check)
{
    json_t *document = json_deep_copy(original);
    char path[400];

    snprintf(path, sizeof path, "%s/invitation", joining->hub.scratch);
    if (key) {
        char *text = strdup(json_string_value(json_object_get(document, key)));
        size_t at = strlen(text) - 1;
        text[at] = text[at] == '1' ? '2' : '1';
        json_object_set_new(document, key, json_string(text));
        free(text);
    }
    if (!has_check) {
        assert_int_equal(json_object_del(document, "check"), 0);
    }
    assert_int_equal(json_dump_file(document, path, 0), 0);
    json_decref(document);
}

static json_t *invitation_original(const struct joining *joining)
{
    char path[400];

    snprintf(path, sizeof path, "%s/invitation", joining->hub.scratch);
    json_t *document = json_load_file(path, 0, NULL);
    assert_non_null(document);
    return document;
}

static void a_damaged_file_is_told_and_leaves_nothing(void **state)
{
    static const char *const keys[] = {"uplink", "seed", "welcome", "check"};
    struct joining *joining = *state;
    json_t *original = invitation_original(joining);

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (*json_string_value(json_object_get(original, keys[i]))) {
            invitation_write(joining, original, keys[i], true);
            assert_int_equal(kit_command(&joining->islet, joining->join), 1);
            assert_non_null(strstr(joining->islet.err, "damaged on the way"));
            assert_int_equal(access(joining->islet.dir, F_OK), -1);
        }
    }
    invitation_write(joining, original, NULL, true);
    assert_int_equal(kit_command(&joining->islet, joining->join), 0);
    json_decref(original);
}

static void a_file_of_an_earlier_version_has_no_check(void **state)
{
    struct joining *joining = *state;
    json_t *original = invitation_original(joining);

    invitation_write(joining, original, "welcome", false);
    assert_int_equal(kit_command(&joining->islet, joining->join), 1);
    assert_int_equal(access(joining->islet.dir, F_OK), -1); /* what was made for it went again */
    invitation_write(joining, original, NULL, false);
    assert_int_equal(kit_command(&joining->islet, joining->join), 0);
    json_decref(original);
}

/* Whether all but the one that lives were followed, and end at it. */
static bool is_one_chain(const char *dir, const char *name)
{
    struct report report = {.status = S_OK};
    struct store_options options = {0};
    struct federation federation;
    struct roster *roster;
    struct store *store;
    bool is_one = true;

    assert_int_equal(dir_load_federation(dir, &federation, &report), S_OK);
    assert_int_equal(store_open(dir, &options, &store, &report), S_OK);
    struct db *db = store_read_begin(store);
    assert_int_equal(roster_load(db, &federation, &roster, &report), S_OK);
    store_read_end(store, db);
    for (size_t i = 0; i < roster_count(roster); i++) {
        const struct roster_node *node = roster_at(roster, i);
        is_one = is_one && (!node->is_revoked || strcmp(roster_standing(roster, &node->node)->name, name) == 0);
    }
    roster_free(roster);
    store_close(store);
    return is_one;
}

/* Put out by mistake, for the second time: of two that were put out under one name the later is followed, not the first once more. */
static void who_was_put_out_last_is_replaced(void **state)
{
    struct joining *joining = *state;
    char words[400];

    for (int round = 0; round < 3; round++) {
        if (round > 0) {
            assert_int_equal(kit_command(&joining->hub, "peer revoke islet"), 0);
        }
        snprintf(words, sizeof words, "invite --replaces islet --file %s/again%d", joining->hub.scratch, round);
        assert_int_equal(kit_command(&joining->hub, words), 0);
        assert_true(is_one_chain(joining->hub.dir, "islet"));
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_that_cannot_be_written_admits_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(a_kind_that_is_none_is_told_with_all_that_are, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_makes_the_node_and_serves_once, setup, teardown),
        cmocka_unit_test_setup_teardown(a_directory_made_by_init_takes_the_keys_of_the_file, setup, teardown),
        cmocka_unit_test_setup_teardown(a_damaged_file_is_told_and_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_of_an_earlier_version_has_no_check, setup, teardown),
        cmocka_unit_test_setup_teardown(who_was_put_out_last_is_replaced, setup, teardown),
        cmocka_unit_test_setup_teardown(an_invitation_for_another_name_changes_nothing, setup, teardown),
    };
    return KIT_RUN(tests);
}
