#include "node/stats/disclosure.h"
#include "tests/kit/kit.h"

#include <stdio.h>
#include <string.h>

enum { MIN = 10, ROWS = 64 };

/* A table of enrolments; people equal enrolments. */
static void table_make(struct stats_result *result, struct stats_row *rows, const int64_t *counts,
                       size_t wide, size_t high)
{
    static char names[16][4];

    memset(result, 0, sizeof *result);
    memset(rows, 0, ROWS * sizeof *rows);
    for (int i = 0; i < 16; i++) {
        snprintf(names[i], sizeof names[i], "%c", 'a' + i);
    }
    result->rows = rows;
    result->count = wide * high;
    result->request.by_count = 2;
    for (size_t y = 0; y < high; y++) {
        for (size_t x = 0; x < wide; x++) {
            struct stats_row *row = &rows[y * wide + x];
            row->by[0] = names[y];
            row->by[1] = names[x];
            row->number[METRIC_ENROLLED] = row->number[METRIC_PEOPLE] = counts[y * wide + x];
        }
    }
}

static bool is_hidden(const struct stats_result *result, size_t row)
{
    return result->rows[row].is_withheld[METRIC_ENROLLED];
}

static void small_counts_are_withheld_and_zero_is_not(void **state)
{
    static const int64_t counts[] = {0, 9, 10, 1, 500, 0};
    static struct stats_row rows[ROWS];
    struct stats_result result;
    (void)state;

    table_make(&result, rows, counts, 6, 1);
    disclosure_apply(&result, MIN);
    assert_false(is_hidden(&result, 0));
    assert_true(is_hidden(&result, 1));
    assert_false(is_hidden(&result, 2)); /* 9 and 1 protect each other: ten people */
    assert_true(is_hidden(&result, 3));
    assert_false(is_hidden(&result, 4));
    assert_true(rows[1].is_suppressed);
    assert_false(rows[4].is_suppressed);
}

static void one_withheld_count_takes_the_smallest_other_along(void **state)
{
    static const int64_t counts[] = {40, 3, 20, 30};
    static struct stats_row rows[ROWS];
    struct stats_result result;
    (void)state;

    table_make(&result, rows, counts, 4, 1);
    disclosure_apply(&result, MIN);
    assert_true(is_hidden(&result, 1));
    assert_true(is_hidden(&result, 2));
    assert_false(is_hidden(&result, 0));
    assert_false(is_hidden(&result, 3));
}

/* Withheld counts of every line stand for two or more counts and MIN people, so no total gives one away. */
static void no_line_gives_a_count_away(const struct stats_result *result, size_t wide, size_t high)
{
    for (size_t line = 0; line < wide + high; line++) {
        size_t withheld = 0, open = 0;
        int64_t sum = 0;
        for (size_t i = 0; i < wide * high; i++) {
            if ((line < high && i / wide != line) || (line >= high && i % wide != line - high)) {
                continue;
            }
            withheld += is_hidden(result, i) && result->rows[i].number[METRIC_ENROLLED] != 0;
            sum += is_hidden(result, i) ? result->rows[i].number[METRIC_ENROLLED] : 0;
            open += !is_hidden(result, i) && result->rows[i].number[METRIC_ENROLLED] != 0;
        }
        assert_true(withheld == 0 || open == 0 || (withheld > 1 && sum >= MIN));
    }
}

static void random_tables_protect_all_their_lines(void **state)
{
    static struct stats_row rows[ROWS];
    struct kit_random random;
    struct stats_result result;
    int64_t counts[ROWS];
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    for (int round = 0; round < 300; round++) {
        size_t wide = 1 + kit_random_below(&random, 8), high = 1 + kit_random_below(&random, 8);
        for (size_t i = 0; i < wide * high; i++) {
            counts[i] = (int64_t)kit_random_below(&random, 3) * (int64_t)kit_random_below(&random, 40);
        }
        table_make(&result, rows, counts, wide, high);
        disclosure_apply(&result, MIN);
        no_line_gives_a_count_away(&result, wide, high);
        for (size_t i = 0; i < wide * high; i++) {
            assert_true(counts[i] == 0 || counts[i] >= MIN || is_hidden(&result, i));
            assert_true(counts[i] != 0 || !is_hidden(&result, i));
        }
    }
}

static void a_small_figure_of_a_large_row_is_withheld_alone(void **state)
{
    static const int64_t counts[] = {500, 600};
    static struct stats_row rows[ROWS];
    struct stats_result result;
    (void)state;

    table_make(&result, rows, counts, 2, 1);
    rows[0].number[METRIC_DROPPED] = 2;
    rows[1].number[METRIC_DROPPED] = 50;
    disclosure_apply(&result, MIN);
    assert_false(rows[0].is_withheld[METRIC_ENROLLED]);
    assert_true(rows[0].is_withheld[METRIC_DROPPED]);
    assert_true(rows[1].is_withheld[METRIC_DROPPED]);
    assert_true(rows[0].is_suppressed);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_counts_are_withheld_and_zero_is_not),
        cmocka_unit_test(one_withheld_count_takes_the_smallest_other_along),
        cmocka_unit_test(random_tables_protect_all_their_lines),
        cmocka_unit_test(a_small_figure_of_a_large_row_is_withheld_alone),
    };
    return KIT_RUN(tests);
}
