/* Built with a session that takes any other state of a stream for a newer one. */
#include "tests/kit/kit.h"
#include "tests/sim/mutants.h"

static void a_vector_overwritten_instead_of_merged_is_noticed(void **state)
{
    (void)state;
    assert_true(mutant_hunt(MUTANT_OVERWRITE, "vector overwritten") > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vector_overwritten_instead_of_merged_is_noticed),
    };
    return KIT_RUN(tests);
}
