#include <stdio.h>
#include <string.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_hub.h"

static void doctor_says_what_it_looked_at_and_fails_only_on_faults(void **state)
{
    struct kit_hub hub;
    char dir[200];
    (void)state;

    kit_hub_open(&hub);
    assert_int_equal(kit_hub_run(&hub, "doctor", "--dir", hub.dir, "--json", NULL), EXIT_DONE);
    assert_true(kit_hub_has_finding(&hub, "node_stopped"));
    json_t *document = kit_hub_json(&hub);
    assert_string_equal(json_string_value(json_object_get(document, "kind")), "hub");
    assert_true(json_integer_value(json_object_get(document, "schema")) >= 1);
    assert_true(json_array_size(json_object_get(document, "checked")) >= 8);
    json_decref(document);
    kit_hub_shell(&hub, "chmod 644 hub/node.key");
    assert_int_equal(kit_hub_run(&hub, "doctor", "--dir", hub.dir, NULL), EXIT_PROBLEM);
    assert_non_null(strstr(hub.out, "permissions_open  node.key"));
    kit_hub_shell(&hub, "head -c 9000 /dev/zero > hub/qanat.db; rm -f hub/qanat.db-*");
    assert_int_equal(kit_hub_run(&hub, "doctor", "--dir", hub.dir, "--json", NULL), EXIT_PROBLEM);
    assert_true(kit_hub_has_finding(&hub, "database_unusable"));
    snprintf(dir, sizeof dir, "%s/nothing", hub.scratch);
    assert_int_equal(kit_hub_run(&hub, "doctor", "--dir", dir, NULL), EXIT_PROBLEM);
    kit_hub_close(&hub);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(doctor_says_what_it_looked_at_and_fails_only_on_faults)};
    return KIT_RUN(tests);
}
