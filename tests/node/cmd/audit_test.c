#include <string.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

static void what_was_changed_is_noted_and_what_was_read_is_not(void **state)
{
    struct kit_command *kit = *state;

    assert_int_equal(kit_command(kit, "window add always"), EXIT_DONE);
    assert_int_equal(kit_command(kit, "window list"), EXIT_DONE);
    assert_int_equal(kit_command(kit, "window remove 99"), EXIT_PROBLEM);
    assert_int_equal(kit_command(kit, "audit list"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "exit 0  qanat window add always\n"));
    assert_non_null(strstr(kit->out, "exit 1  qanat window remove 99\n"));
    assert_null(strstr(kit->out, "window list"));
    assert_int_equal(kit_command(kit, "audit list --limit 1 --json"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "\"remove\""));
    assert_null(strstr(kit->out, "always"));
}

static void no_password_stands_in_the_log(void **state)
{
    struct kit_command *kit = *state;

    kit_command(kit, "person add --id amina --name Amina --password longsecret");
    kit_command(kit, "person add --id badr --name Badr --password=longsecret");
    assert_int_equal(kit_command(kit, "audit list"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "--id amina"));
    assert_non_null(strstr(kit->out, "--id badr"));
    assert_null(strstr(kit->out, "secret"));
    assert_null(strstr(kit->out, "--dir"));
}

static void a_wrong_limit_is_named(void **state)
{
    struct kit_command *kit = *state;

    assert_int_equal(kit_command(kit, "audit list --limit none"), EXIT_WRONG_USAGE);
    assert_int_equal(kit_command(kit, "audit list --limit 0"), EXIT_WRONG_USAGE);
    assert_int_equal(kit_command(kit, "audit list --limit 10001"), EXIT_WRONG_USAGE);
    assert_non_null(strstr(kit->err, "'10001'"));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_changed_is_noted_and_what_was_read_is_not, kit_command_setup, kit_command_teardown),
        cmocka_unit_test_setup_teardown(no_password_stands_in_the_log, kit_command_setup, kit_command_teardown),
        cmocka_unit_test_setup_teardown(a_wrong_limit_is_named, kit_command_setup, kit_command_teardown),
    };
    return KIT_RUN(tests);
}
