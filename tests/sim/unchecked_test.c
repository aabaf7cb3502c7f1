/* Built with a session that does not check certificates. */
#include "tests/kit/kit.h"
#include "tests/sim/mutants.h"

static void an_unchecked_certificate_is_noticed(void **state)
{
    (void)state;
    assert_true(mutant_hunt(MUTANT_UNCHECKED, "certificate not checked") > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unchecked_certificate_is_noticed),
    };
    return KIT_RUN(tests);
}
