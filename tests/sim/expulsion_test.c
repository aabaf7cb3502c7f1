/* Revocations that are broken on purpose. Built with a roster that takes any state of a revoked writer's stream. */
#include "tests/kit/kit.h"
#include "tests/sim/mutants.h"

static void taking_more_of_a_revoked_writer_is_noticed(void **state)
{
    (void)state;
    assert_true(mutant_hunt(MUTANT_PAST_END, "taken past the end") > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taking_more_of_a_revoked_writer_is_noticed),
    };
    return KIT_RUN(tests);
}
