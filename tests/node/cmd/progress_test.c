#include "node/cmd/progress.h"

#include <string.h>

#include "tests/kit/kit.h"

static void rate_and_time_left_are_told(void **state)
{
    struct progress_state progress = {0};
    char text[PROGRESS_LINE_MAX];
    (void)state;

    progress_look(&progress, 0, 1000);
    assert_false(progress_text(&progress, text)); /* nothing is wanted yet */
    progress_look(&progress, 4000000, 1500);
    progress_look(&progress, 3750000, 2500); /* 250 kB in a second */
    for (int i = 1; i <= 5; i++) {
        progress_look(&progress, 3750000 - (uint64_t)i * 250000, 2500 + (uint64_t)i * 1000);
    }
    assert_true(progress_text(&progress, text));
    assert_memory_equal(text, "1.5 of 4.0 MB (37 %), ", 22);
    assert_non_null(strstr(text, "s left"));
    assert_non_null(strstr(text, "2.0 Mbit/s"));
    progress.is_local = true;
    assert_true(progress_text(&progress, text));
    assert_non_null(strstr(text, "0.2 MB/s")); /* 250 kB/s, to one place */
    progress_look(&progress, 0, 20000);
    assert_true(progress_text(&progress, text));
    assert_null(strstr(text, "left"));
}

static void each_tenth_is_told_once(void **state)
{
    struct progress_state progress = {0};
    unsigned told = 0;
    (void)state;

    progress_look(&progress, 10000000, 1);
    for (uint64_t i = 0; i <= 100; i++) {
        progress_look(&progress, 10000000 - i * 100000, 1 + i);
        told += progress_is_due(&progress);
    }
    assert_int_equal(told, 10);
}

static void what_is_small_comes_without_a_word(void **state)
{
    struct progress_state progress = {0};
    char text[PROGRESS_LINE_MAX];
    (void)state;

    progress_look(&progress, PROGRESS_BYTES_MIN - 1, 1);
    progress_look(&progress, 0, 2);
    assert_false(progress_text(&progress, text));
    assert_false(progress_is_due(&progress));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rate_and_time_left_are_told),
        cmocka_unit_test(each_tenth_is_told_once),
        cmocka_unit_test(what_is_small_comes_without_a_word),
    };
    return KIT_RUN(tests);
}
