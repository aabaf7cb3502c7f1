#include "node/shortfall.h"

#include <errno.h>
#include <unistd.h>

#include "node/draft.h"
#include "tests/kit/kit.h"

static void the_first_read_that_failed_is_remembered_until_the_watch_ends(void **state)
{
    struct shortfall outer, inner;
    (void)state;

    shortfall_note(S_IO); /* nobody watches */
    assert_int_equal(shortfall_status(), S_OK);
    shortfall_begin(&outer);
    shortfall_note(S_OK);
    shortfall_note(S_BUSY);
    shortfall_note(S_IO);
    assert_int_equal(shortfall_status(), S_BUSY);
    shortfall_begin(&inner); /* a command that a request runs answers for itself */
    assert_int_equal(shortfall_status(), S_OK);
    shortfall_note(S_CORRUPT);
    assert_int_equal(shortfall_end(&inner), S_CORRUPT);
    assert_int_equal(shortfall_end(&outer), S_BUSY);
    assert_int_equal(shortfall_status(), S_OK);
}

static void a_file_of_which_a_part_could_not_be_read_gets_no_name(void **state)
{
    struct shortfall watch;
    struct draft draft;
    char dir[256], path[300];
    (void)state;

    kit_scratch_make(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/file", dir);
    shortfall_begin(&watch);
    assert_true(draft_open(&draft, path));
    shortfall_note(S_IO);
    assert_false(draft_publish(&draft, true));
    assert_int_equal(errno, EIO);
    draft_close(&draft);
    shortfall_end(&watch);
    assert_int_not_equal(access(path, F_OK), 0);
    kit_scratch_remove(dir);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_read_that_failed_is_remembered_until_the_watch_ends),
        cmocka_unit_test(a_file_of_which_a_part_could_not_be_read_gets_no_name),
    };
    return KIT_RUN(tests);
}
