/* `qanat sync --plan`, as a person types it; what it says of real peers is seen in tests/system/window.sh. */
#include <string.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

static void rate_and_price_are_numbers(void **state)
{
    struct kit_command kit;
    (void)state;

    kit_command_open(&kit);
    kit_command_says(&kit, "sync --plan --rate fast", EXIT_WRONG_USAGE, "--rate 'fast'");
    kit_command_says(&kit, "sync --plan --price free", EXIT_WRONG_USAGE, "--price 'free'");
    kit_command_says(&kit, "sync --plan --price -1", EXIT_WRONG_USAGE, "--price '-1'");
    kit_command_says(&kit, "sync --plan more", EXIT_WRONG_USAGE, "more");
    kit_command_says(&kit, "sync --plan --rate 64000 --price 0.02 --json", EXIT_DONE, "\"rate\": 64000");
    kit_command_says(&kit, "sync --plan --json", EXIT_DONE, "\"courses\": []");
    kit_command_says(&kit, "sync --plan --peer Nobody", EXIT_PROBLEM, "'Nobody'");
    kit_command_says(&kit, "sync --peer Nobody --json", EXIT_PROBLEM, "'Nobody'");
    assert_string_equal(kit.out, "");
    kit_command_says(&kit, "sync --plan", EXIT_DONE, "Estimated at 1000000 bit/s");
    kit_command_close(&kit);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rate_and_price_are_numbers)};
    return KIT_RUN(tests);
}
