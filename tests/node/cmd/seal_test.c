#include <string.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

static void a_sealed_period_shows_what_was_restated(void **state)
{
    struct kit_command kit;
    (void)state;

    kit_command_open(&kit);
    kit.in = "id,name\np1,A\n";
    assert_int_equal(kit_command(&kit, "person import -"), EXIT_DONE);
    kit.in = "event_id,person,course,kind,at\n1,p1,dmu,enrolled,2020-10-01\n";
    kit_command(&kit, "result import -");
    assert_int_equal(kit_command(&kit, "seal 2020-10"), EXIT_DONE);
    assert_non_null(strstr(kit.out, "2020-10 is sealed"));
    assert_non_null(strstr(kit.out, "0 figures restated"));
    kit.in = "event_id,person,course,kind,at\n2,p1,dmu,completed,2020-10-09\n";
    kit_command(&kit, "result import -");
    assert_int_equal(kit_command(&kit, "seal 2020-10"), EXIT_DONE);
    assert_non_null(strstr(kit.out, "1 figures restated"));
    assert_non_null(strstr(kit.out, "completed"));
    assert_int_equal(kit_command(&kit, "seal 2020-10 --json"), EXIT_DONE);
    assert_non_null(strstr(kit.out, "\"restatements\""));
    assert_int_equal(kit_command(&kit, "seal 2020"), EXIT_DONE);
    assert_int_equal(kit_command(&kit, "seal 2099-12"), EXIT_PROBLEM);
    assert_non_null(strstr(kit.err, "not over yet"));
    assert_int_equal(kit_command(&kit, "seal october"), EXIT_WRONG_USAGE);
    kit_command_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sealed_period_shows_what_was_restated),
    };
    return KIT_RUN(tests);
}
