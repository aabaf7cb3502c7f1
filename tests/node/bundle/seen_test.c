#include "node/bundle/seen.h"

#include "tests/kit/kit.h"

static void each_object_is_new_once(void **state)
{
    struct seen seen = {.slots = NULL};
    struct kit_random random;
    struct hash hash;
    (void)state;

    for (int pass = 0; pass < 2; pass++) {
        kit_random_seed(&random, 1);
        for (int i = 0; i < 5000; i++) {
            for (size_t at = 0; at < sizeof hash.b; at++) {
                hash.b[at] = (uint8_t)kit_random_u64(&random);
            }
            assert_true(seen_has(&seen, &hash) == (pass == 1));
            assert_true(seen_add(&seen, &hash) == (pass == 0));
        }
    }
    assert_int_equal(seen.count, 5000);
    seen_release(&seen);
    assert_int_equal(seen.count, 0);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_object_is_new_once)};
    return KIT_RUN(tests);
}
