#include "node/status.h"
#include "node/incident.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

#include <string.h>

static void times_are_said_as_people_say_them(void **state)
{
    static const struct {
        uint64_t ago_s;
        const char *text;
    } cases[] = {{0, "0 s ago"},           {59, "59 s ago"},          {60, "1 min ago"},
                 {3599, "59 min ago"},     {3600, "1 h ago"},         {48 * 3600 - 1, "47 h ago"},
                 {48 * 3600, "2 days ago"}};
    char text[48];
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        status_ago(1700000000000 - cases[i].ago_s * 1000, 1700000000000, text, sizeof text);
        assert_string_equal(text, cases[i].text);
    }
    status_ago(0, 1700000000000, text, sizeof text);
    assert_string_equal(text, "never");
    status_ago(1700000009000, 1700000000000, text, sizeof text); /* a clock that jumped back */
    assert_string_equal(text, "0 s ago");
    status_ago(1700000000000 + 24ULL * 3600 * 1000, 1700000000000, text, sizeof text); /* by one that was a day ahead */
    assert_string_equal(text, "at a time to come (a clock was wrong)");
}

static void a_lone_hub_has_the_whole_document(void **state)
{
    static const char *const members[] = {"node", "kind", "state", "federation", "peers", "storage", "receipts", "refused", "repaired", "running", "sentence"};
    struct kit_command kit;
    (void)state;

    kit_command_open(&kit);
    assert_int_equal(kit_command(&kit, "status --json"), 0);
    json_t *document = json_loads(kit.out, 0, NULL);
    assert_non_null(document);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        assert_non_null(json_object_get(document, members[i]));
    }
    assert_string_equal(json_string_value(json_object_get(document, "state")), "in_step");
    assert_true(json_is_false(json_object_get(document, "running")));
    assert_int_equal(json_array_size(json_object_get(document, "peers")), 0);
    json_decref(document);
    kit_command_close(&kit);
}

static void a_hub_lacks_nothing_of_its_own(void **state)
{
    struct kit_command kit;
    (void)state;

    kit_command_open(&kit);
    assert_int_equal(kit_command(&kit, "person add --id p1 --name A"), 0);
    assert_int_equal(kit_command(&kit, "enrol --person p1 --course c"), 0);
    assert_int_equal(kit_command(&kit, "status --json"), 0);
    json_t *document = json_loads(kit.out, 0, NULL);
    json_t *receipts = json_object_get(document, "receipts");
    assert_true(json_is_null(json_object_get(receipts, "hub")));
    assert_int_equal(json_integer_value(json_object_get(receipts, "hub_lacks")), 0);
    json_decref(document);
    kit_command_close(&kit);
}

static void a_member_that_joined_by_a_file_is_no_nobody(void **state)
{
    struct kit_command kit;
    char invite[400];
    (void)state;

    kit_command_open(&kit);
    kit_command_says(&kit, "status", 0, "in step: nobody has joined below yet");
    snprintf(invite, sizeof invite, "invite --name islet --kind campus --file %s/invitation", kit.scratch);
    assert_int_equal(kit_command(&kit, invite), 0);
    kit_command_says(&kit, "status", 0, "in step: nothing was heard yet from below; admitted there: 1");
    assert_int_equal(kit_command(&kit, "peer revoke islet"), 0);
    kit_command_says(&kit, "status", 0, "in step: nobody has joined below yet");
    kit_command_close(&kit);
}

static void refusals_and_repairs_are_counted_and_said(void **state)
{
    struct kit_command kit;
    (void)state;

    kit_command_open(&kit);
    assert_int_equal(kit_command(&kit, "status"), 0);
    assert_null(strstr(kit.out, "refused:"));
    incident_add(INCIDENT_STRANGERS, 3);
    incident_add_of(INCIDENT_SIGNATURES, &id_none, 1);
    incident_add(INCIDENT_SCRUBS, 2);
    assert_int_equal(kit_command(&kit, "status"), 0);
    assert_non_null(strstr(kit.out, "refused: 3 strangers, 1 signatures"));
    assert_non_null(strstr(kit.out, "\n  of 00000000000000000000000000000000: 1 signatures\n")); /* a node that the roster does not know */
    assert_non_null(strstr(kit.out, "repaired: 2 scrubs"));
    assert_int_equal(kit_command(&kit, "sync pause"), 0); /* a command that writes keeps them */
    assert_int_equal(kit_command(&kit, "status --json"), 0);
    json_t *document = json_loads(kit.out, 0, NULL);
    json_t *refused = json_object_get(document, "refused"), *repaired = json_object_get(document, "repaired");
    assert_int_equal(json_integer_value(json_object_get(refused, "strangers")), 3);
    assert_int_equal(json_integer_value(json_object_get(refused, "total")), 4);
    assert_int_equal(json_integer_value(json_object_get(refused, "joins")), 0);
    assert_true(json_is_string(json_object_get(refused, "last")));
    assert_int_equal(json_integer_value(json_object_get(repaired, "total")), 2);
    json_decref(document);
    kit_command_close(&kit);
}

/* The sentence has its limit: what has no room is cut, and it stays a text. */
static void many_nodes_in_quarantine_with_long_names_are_told(void **state)
{
    struct kit_command kit;
    char words[400];
    (void)state;

    kit_command_open(&kit);
    for (int i = 0; i < 9; i++) {
        const char *name = "\xd8\xac\xd8\xa7\xd9\x85\xd8\xb9\xd8\xa9-\xd8\xb9\xd9\x8a\xd9\x86-\xd8\xb4\xd9\x85\xd8\xb3";
        snprintf(words, sizeof words, "invite --name %.*s%s-%s%d --kind campus --file %s/invitation%d", i % 2, "x", name, name, i, kit.scratch, i);
        assert_int_equal(kit_command(&kit, words), 0);
        snprintf(words, sizeof words, "peer quarantine %.*s%s-%s%d", i % 2, "x", name, name, i);
        assert_int_equal(kit_command(&kit, words), 0);
        assert_int_equal(kit_command(&kit, "status --json"), 0);
        json_t *document = json_loads(kit.out, 0, NULL);
        assert_int_equal(json_array_size(json_object_get(document, "quarantined")), i + 1);
        assert_true(json_string_length(json_object_get(document, "sentence")) > 50);
        json_decref(document);
    }
    kit_command_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_said_as_people_say_them),
        cmocka_unit_test(a_lone_hub_has_the_whole_document),
        cmocka_unit_test(a_hub_lacks_nothing_of_its_own),
        cmocka_unit_test(a_member_that_joined_by_a_file_is_no_nobody),
        cmocka_unit_test(refusals_and_repairs_are_counted_and_said),
        cmocka_unit_test(many_nodes_in_quarantine_with_long_names_are_told),
    };
    return KIT_RUN(tests);
}
