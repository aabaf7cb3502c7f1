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

/* One learner of each of two versions: only the version tells their rows apart, only the second decimal their
 * minutes. */
static void a_restatement_names_the_version_and_both_figures_exactly(void **state)
{
    struct kit_command kit;
    (void)state;

    kit_command_open(&kit);
    kit.in = "id,name\np1,A\n";
    assert_int_equal(kit_command(&kit, "person import -"), EXIT_DONE);
    kit.in = "event_id,person,course,kind,at,score,minutes,version\n1,p1,dmu,completed,2020-10-01,60.25,2.32,"
             "v-one\n"
             "2,p1,dmu,completed,2020-10-01,70,5,v-two\n";
    kit_command(&kit, "result import -");
    assert_int_equal(kit_command(&kit, "seal 2020-10"), EXIT_DONE);
    kit.in = "event_id,person,course,kind,at,score,minutes,version\n3,p1,dmu,active,2020-10-02,,0.01,v-one\n"
             "4,p1,dmu,attended,2020-10-02,91,,v-one\n";
    kit_command(&kit, "result import -");
    assert_int_equal(kit_command(&kit, "seal 2020-10"), EXIT_DONE);
    assert_non_null(
        strstr(kit.out, "6 figures restated")); /* active, attended, minutes, scores, their mean and median */
    assert_non_null(strstr(kit.out, "v-one"));
    assert_null(strstr(kit.out, "v-two"));
    assert_non_null(strstr(kit.out, "2.32 "));
    assert_non_null(strstr(kit.out, "2.33\n"));
    assert_non_null(strstr(kit.out, "60.25 75.625\n"));
    assert_int_equal(kit_command(&kit, "seal 2020-10 --json"), EXIT_DONE);
    assert_non_null(strstr(kit.out, "\"now\": 75.625"));
    kit_command_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restatement_names_the_version_and_both_figures_exactly),
        cmocka_unit_test(a_sealed_period_shows_what_was_restated),
    };
    return KIT_RUN(tests);
}
