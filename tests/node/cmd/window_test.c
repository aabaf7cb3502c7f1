#include <string.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

static void a_window_is_added_listed_and_removed(void **state)
{
    struct kit_command *kit = *state;

    assert_int_equal(kit_command(kit, "window list"), EXIT_DONE);
    assert_non_null(strstr(kit->err, "at any time"));
    assert_int_equal(kit_command(kit, "window add 'mon-fri 22:00-06:00 rate 2M quota 1G'"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "mon-fri 22:00-06:00 rate 2M quota 1G"));
    assert_null(strstr(kit->err, "warning"));
    assert_int_equal(kit_command(kit, "window add always"), EXIT_DONE);
    assert_int_equal(kit_command(kit, "window add always"), EXIT_PROBLEM);
    assert_non_null(strstr(kit->err, "there already"));
    assert_int_equal(kit_command(kit, "window list --json"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "\"quota_bytes\": 1000000000"));
    assert_non_null(strstr(kit->out, "\"used_bytes\": 0"));
    assert_int_equal(kit_command(kit, "window list"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "0 of 1G"));
    assert_non_null(strstr(kit->out, "now"));
    assert_int_equal(kit_command(kit, "window remove 1"), EXIT_DONE);
    assert_int_equal(kit_command(kit, "window remove 1"), EXIT_PROBLEM);
    assert_int_equal(kit_command(kit, "window remove one"), EXIT_WRONG_USAGE);
}

static void a_quota_that_no_content_fits_into_is_told(void **state)
{
    struct kit_command *kit = *state;

    assert_int_equal(kit_command(kit, "window add 'always quota 1M per day'"), EXIT_DONE);
    assert_non_null(strstr(kit->err, "large courses may never come"));
    assert_int_equal(kit_command(kit, "window add 'always quota 1M per day for results'"), EXIT_DONE);
    assert_null(strstr(kit->err, "warning"));
}

static void a_wrong_word_is_named(void **state)
{
    struct kit_command *kit = *state;

    assert_int_equal(kit_command(kit, "window add 'mon-fry 22:00-06:00'"), EXIT_WRONG_USAGE);
    assert_non_null(strstr(kit->err, "mon-fry"));
    assert_int_equal(kit_command(kit, "window add '22:00-06:00 rate fast'"), EXIT_WRONG_USAGE);
    assert_non_null(strstr(kit->err, "fast"));
    kit_command_says(kit, "window add always --peer hub", EXIT_WRONG_USAGE, "'hub' is this node itself");
    assert_int_equal(kit_command(kit, "window add always --peer Nobody"), EXIT_PROBLEM);
    assert_non_null(strstr(kit->err, "'Nobody'"));
    assert_int_equal(kit_command(kit, "window add"), EXIT_WRONG_USAGE);
}

static void a_pause_is_shown_until_it_ends(void **state)
{
    struct kit_command *kit = *state;

    assert_int_equal(kit_command(kit, "sync pause"), EXIT_DONE);
    assert_int_equal(kit_command(kit, "window list --json"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "\"paused\": true"));
    assert_int_equal(kit_command(kit, "sync resume"), EXIT_DONE);
    assert_int_equal(kit_command(kit, "window list --json"), EXIT_DONE);
    assert_non_null(strstr(kit->out, "\"paused\": false"));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_window_is_added_listed_and_removed, kit_command_setup, kit_command_teardown),
        cmocka_unit_test_setup_teardown(a_quota_that_no_content_fits_into_is_told, kit_command_setup, kit_command_teardown),
        cmocka_unit_test_setup_teardown(a_wrong_word_is_named, kit_command_setup, kit_command_teardown),
        cmocka_unit_test_setup_teardown(a_pause_is_shown_until_it_ends, kit_command_setup, kit_command_teardown),
    };
    return KIT_RUN(tests);
}
