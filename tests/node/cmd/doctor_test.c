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

/* It keeps the node from starting, and status from answering. */
static void a_time_zone_that_nobody_knows_is_named_with_its_line(void **state)
{
    struct kit_hub hub;
    (void)state;

    kit_hub_open(&hub);
    kit_hub_shell(&hub, "printf 'late_after_h = 3\\nlate_after_h = 4\\n# time_zone\\ntime_zone = \"Nowhere/City\"\\n' > hub/qanat.conf");
    assert_int_equal(kit_hub_run(&hub, "status", "--dir", hub.dir, NULL), EXIT_PROBLEM);
    assert_int_equal(kit_hub_run(&hub, "doctor", "--dir", hub.dir, NULL), EXIT_PROBLEM);
    assert_non_null(strstr(hub.out, "config_wrong  qanat.conf"));
    assert_non_null(strstr(hub.out, "config_twice  qanat.conf"));
    assert_non_null(strstr(hub.out, "line 4: option 'time_zone': this machine knows no zone 'Nowhere/City'"));
    assert_int_equal(kit_hub_run(&hub, "doctor", "--dir", hub.dir, "--set", "time_zone=", "--json", NULL), EXIT_PROBLEM); /* the file is judged */
    assert_true(kit_hub_has_finding(&hub, "config_wrong"));
    kit_hub_shell(&hub, "echo 'time_zone = \"\"' > hub/qanat.conf");
    assert_int_equal(kit_hub_run(&hub, "doctor", "--dir", hub.dir, "--json", NULL), EXIT_DONE);
    assert_false(kit_hub_has_finding(&hub, "config_wrong"));
    kit_hub_close(&hub);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(doctor_says_what_it_looked_at_and_fails_only_on_faults),
                                       cmocka_unit_test(a_time_zone_that_nobody_knows_is_named_with_its_line)};
    return KIT_RUN(tests);
}
