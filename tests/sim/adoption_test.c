/* Adoptions that are broken on purpose. Built with a plan that waits for no acknowledgement. */
#include "tests/kit/kit.h"
#include "tests/sim/mutants.h"

static void adopting_before_all_acknowledged_is_noticed(void **state)
{
    (void)state;
    assert_true(mutant_hunt(MUTANT_EARLY_ADOPTION, "adopted before it was acknowledged") > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adopting_before_all_acknowledged_is_noticed),
    };
    return KIT_RUN(tests);
}
