/* A machine knows itself again, and a copied data directory is not taken for the one it was copied from. */
#include "node/store/stream/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/kit/kit.h"

static struct id print_of(const char *dir)
{
    struct id print;

    machine_print(dir, &print);
    return print;
}

static void a_directory_is_known_again_wherever_it_is_moved(void **state)
{
    char dir[256], before[300], after[300];
    (void)state;

    kit_scratch_make(dir, sizeof dir);
    snprintf(before, sizeof before, "%s/a", dir);
    snprintf(after, sizeof after, "%s/b", dir);
    assert_int_equal(mkdir(before, 0700), 0);
    struct id first = print_of(before), second = print_of(before);
    assert_true(id_equal(&first, &second));
    assert_int_equal(rename(before, after), 0);
    second = print_of(after);
    assert_true(id_equal(&first, &second));
    assert_int_equal(mkdir(before, 0700), 0);
    second = print_of(before);
    assert_false(id_equal(&first, &second)); /* another one in its place */
    second = print_of("/nowhere/at/all");
    assert_false(id_equal(&first, &second));
    kit_scratch_remove(dir);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_directory_is_known_again_wherever_it_is_moved)};
    return KIT_RUN(tests);
}
