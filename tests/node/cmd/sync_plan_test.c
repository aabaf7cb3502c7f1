/* `qanat sync --plan`, as a person types it; what it says of real peers is seen in tests/system/window.sh. */
#include <string.h>

#include "node/cmd/command.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_command.h"

static void expect(struct kit_command *kit, const char *words, int code, const char *said)
{
    assert_int_equal(kit_command(kit, words), code);
    if (!strstr(kit->out, said) && !strstr(kit->err, said)) {
        fail_msg("'%s' is missing in: %s%s", said, kit->out, kit->err);
    }
}

static void rate_and_price_are_numbers(void **state)
{
    struct kit_command kit;
    (void)state;

    kit_command_open(&kit);
    expect(&kit, "sync --plan --rate fast", EXIT_WRONG_USAGE, "--rate 'fast'");
    expect(&kit, "sync --plan --price free", EXIT_WRONG_USAGE, "--price 'free'");
    expect(&kit, "sync --plan --price -1", EXIT_WRONG_USAGE, "--price '-1'");
    expect(&kit, "sync --plan more", EXIT_WRONG_USAGE, "more");
    expect(&kit, "sync --plan --rate 64000 --price 0.02 --json", EXIT_DONE, "\"rate\": 64000");
    expect(&kit, "sync --plan --json", EXIT_DONE, "\"courses\": []");
    expect(&kit, "sync --plan --peer Nobody", EXIT_PROBLEM, "'Nobody'");
    expect(&kit, "sync --plan", EXIT_DONE, "Estimated at 1000000 bit/s");
    kit_command_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rate_and_price_are_numbers)};
    return KIT_RUN(tests);
}
