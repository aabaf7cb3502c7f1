#include <stdio.h>
#include <string.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

static void a_key_is_added_listed_and_removed(void **state)
{
    struct kit_command *kit = *state;
    char key[64] = "", words[128];

    assert_int_equal(kit_command(kit, "xapi key list"), EXIT_DONE);
    assert_non_null(strstr(kit->err, "No program has a key yet"));
    assert_int_equal(kit_command(kit, "xapi key add --name 'Flight simulator' --rights write"), EXIT_DONE);
    assert_int_equal(sscanf(kit->out, "key %63s", key), 1);
    assert_non_null(strstr(kit->out, "secret  "));
    assert_int_equal(kit_command(kit, "xapi key list --json"), EXIT_DONE);
    assert_non_null(strstr(kit->out, key));
    assert_non_null(strstr(kit->out, "\"rights\": \"write\""));
    assert_null(strstr(kit->out, "secret"));
    snprintf(words, sizeof words, "xapi key remove %s", key);
    assert_int_equal(kit_command(kit, words), EXIT_DONE);
    assert_int_equal(kit_command(kit, words), EXIT_PROBLEM);
    assert_non_null(strstr(kit->err, key));
}

static void wrong_words_are_named(void **state)
{
    struct kit_command *kit = *state;

    assert_int_equal(kit_command(kit, "xapi key"), EXIT_WRONG_USAGE);
    assert_int_equal(kit_command(kit, "xapi key show"), EXIT_WRONG_USAGE);
    assert_int_equal(kit_command(kit, "xapi key add"), EXIT_WRONG_USAGE);
    assert_int_equal(kit_command(kit, "xapi key add --name N --rights some"), EXIT_WRONG_USAGE);
    assert_non_null(strstr(kit->err, "some"));
    assert_int_equal(kit_command(kit, "xapi key remove"), EXIT_WRONG_USAGE);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_is_added_listed_and_removed, kit_command_setup, kit_command_teardown),
        cmocka_unit_test_setup_teardown(wrong_words_are_named, kit_command_setup, kit_command_teardown),
    };
    return KIT_RUN(tests);
}
