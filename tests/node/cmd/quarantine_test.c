/* `qanat peer quarantine` and `peer release` at a hub with one campus; figures across nodes: tests/system/quarantine.sh. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

static int setup(void **state)
{
    static struct kit_command hub;
    char invite[400];

    memset(&hub, 0, sizeof hub);
    kit_command_open(&hub);
    snprintf(invite, sizeof invite, "invite --name islet --kind campus --file %s/invitation", hub.scratch);
    assert_int_equal(kit_command(&hub, invite), 0);
    *state = &hub;
    return 0;
}

static int teardown(void **state)
{
    kit_command_close(*state);
    return 0;
}

/* The first entry of the list `name` in what was printed, or NULL. Borrowed from *document_out. */
static json_t *first_of(struct kit_command *hub, const char *object, const char *name, json_t **document_out)
{
    *document_out = json_loads(hub->out, 0, NULL);
    assert_non_null(*document_out);
    return json_array_get(json_object_get(*object ? json_object_get(*document_out, object) : *document_out, name), 0);
}

static void it_is_said_everywhere_and_ends(void **state)
{
    struct kit_command *hub = *state;
    json_t *document;

    assert_int_equal(kit_command(hub, "peer quarantine islet --reason odd"), 0);
    assert_int_equal(kit_command(hub, "status --json"), 0);
    json_t *entry = first_of(hub, "", "quarantined", &document);
    assert_string_equal(json_string_value(json_object_get(entry, "node")), "islet");
    assert_string_equal(json_string_value(json_object_get(entry, "reason")), "odd");
    assert_non_null(strstr(hub->out, "in quarantine: islet"));
    json_decref(document);
    assert_int_equal(kit_command(hub, "stats --json"), 0);
    entry = first_of(hub, "coverage", "quarantined", &document);
    assert_string_equal(json_string_value(json_object_get(entry, "node")), "islet");
    json_decref(document);
    assert_int_equal(kit_command(hub, "peer list"), 0);
    assert_non_null(strstr(hub->out, "in quarantine"));
    assert_int_equal(kit_command(hub, "peer release islet"), 0);
    assert_int_equal(kit_command(hub, "stats --json"), 0);
    assert_null(first_of(hub, "coverage", "quarantined", &document));
    json_decref(document);
    assert_int_equal(kit_command(hub, "audit list"), 0);
    assert_non_null(strstr(hub->out, "peer quarantine islet"));
}

static void what_makes_no_sense_is_refused(void **state)
{
    struct kit_command *hub = *state;

    assert_int_equal(kit_command(hub, "peer quarantine nobody"), 1);
    assert_non_null(strstr(hub->err, "'nobody'"));
    assert_int_equal(kit_command(hub, "peer quarantine hub"), 1); /* itself */
    assert_int_equal(kit_command(hub, "peer release islet"), 1);
    assert_non_null(strstr(hub->err, "not in quarantine"));
    assert_int_equal(kit_command(hub, "peer release hub"), 1); /* nobody is above a hub: it is not to be sent to others */
    assert_non_null(strstr(hub->err, "not in quarantine"));
    assert_int_equal(kit_command(hub, "peer quarantine islet"), 0);
    assert_int_equal(kit_command(hub, "peer quarantine islet"), 1);
    assert_non_null(strstr(hub->err, "already"));
    assert_int_equal(kit_command(hub, "peer quarantine"), 2);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_is_said_everywhere_and_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(what_makes_no_sense_is_refused, setup, teardown),
    };
    return KIT_RUN(tests);
}
