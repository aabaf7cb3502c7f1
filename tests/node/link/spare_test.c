#include "node/link/spare.h"

#include <sys/resource.h>
#include <unistd.h>

#include "tests/kit/kit.h"

static void what_is_kept_is_there_when_nothing_is(void **state)
{
    struct rlimit before, none;
    struct spare spare;
    int others[SPARE_MAX], count = 0;
    (void)state;

    spare_init(&spare);
    assert_false(spare.is_starved);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){.rlim_cur = (rlim_t)spare.fds[SPARE_MAX - 1] + 1, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    assert_int_equal(dup(0), -1); /* none is left */
    spare_give(&spare);
    assert_true(spare.is_starved);
    for (int fd = dup(0); fd >= 0 && count < SPARE_MAX; fd = dup(0)) {
        others[count++] = fd;
    }
    assert_int_equal(count, SPARE_MAX);
    spare_take(&spare);
    assert_true(spare.is_starved); /* they are not to be had back yet */
    while (count > 0) {
        close(others[--count]);
        spare_take(&spare);
        assert_int_equal(spare.is_starved, count > 0);
    }
    assert_int_equal(dup(0), -1);
    spare_release(&spare);
    setrlimit(RLIMIT_NOFILE, &before);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_is_there_when_nothing_is),
    };

    return KIT_RUN(tests);
}
