/* What follows from sums, and what does not. */
#include "node/stats/solve.h"

#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"

enum { UNKNOWNS = 9, EQUATIONS = 8, ENTRIES = UNKNOWNS * EQUATIONS };

/* Equations as bits: bit u of equation e says that unknown u is in it. */
static void columns_make(const unsigned *rows, size_t equation_count, size_t unknown_count,
                         uint32_t *equation, uint32_t *first)
{
    uint32_t at = 0;

    for (size_t u = 0; u < unknown_count; u++) {
        first[u] = at;
        for (size_t e = 0; e < equation_count; e++) {
            if (rows[e] >> u & 1) {
                equation[at++] = (uint32_t)e;
            }
        }
    }
    first[unknown_count] = at;
}

static void solve_bits(const unsigned *rows, size_t equation_count, size_t unknown_count, uint32_t *vector)
{
    uint32_t equation[ENTRIES], first[UNKNOWNS + 1];
    struct equations equations = {equation, first, unknown_count, equation_count};

    columns_make(rows, equation_count, unknown_count, equation, first);
    assert_true(solve(&equations, vector));
}

static void a_difference_of_sums_gives_an_unknown_away(void **state)
{
    /* a + b + c = 15, a + b = 12; d + e = 7 */
    static const unsigned rows[] = {7, 3, 24};
    uint32_t z[UNKNOWNS];
    (void)state;

    solve_bits(rows, 3, 5, z);
    assert_int_not_equal(z[0], 0);
    assert_int_not_equal(z[1], 0);
    assert_int_equal(z[2], 0);
    assert_int_not_equal(z[3], 0);
    assert_int_not_equal(z[4], 0);
    assert_int_equal(solve_sum(z[0], z[1]), 0); /* and so is each sum that follows */
    assert_int_equal(solve_sum(z[3], z[4]), 0);
    assert_int_not_equal(solve_sum(z[0], z[3]), 0);
}

static void an_odd_ring_is_solved_and_an_even_one_is_not(void **state)
{
    static const unsigned odd[] = {3, 6, 5}, even[] = {3, 6, 12, 9};
    uint32_t z[UNKNOWNS];
    (void)state;

    solve_bits(odd, 3, 3, z);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(z[i], 0);
    }
    solve_bits(even, 4, 4, z);
    for (int i = 0; i < 4; i++) {
        assert_int_not_equal(z[i], 0);
    }
}

static void nothing_known_and_nothing_unknown_are_solved(void **state)
{
    uint32_t z[UNKNOWNS] = {0};
    (void)state;

    solve_bits(NULL, 0, 3, z);
    assert_int_not_equal(z[2], 0);
    solve_bits(NULL, 0, 0, z);
}

/* --- by another way: fractions
 * -------------------------------------------------------------------------------------- */

/* Exact elimination: every entry an integer, rows made smaller by their divisors. */
static int64_t divisor(int64_t a, int64_t b)
{
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

static void row_shorten(int64_t *row, size_t width)
{
    int64_t by = 0;

    for (size_t i = 0; i < width; i++) {
        by = divisor(by, row[i]);
    }
    for (size_t i = 0; i < width && by > 1; i++) {
        row[i] /= by;
    }
}

static size_t rank_of(int64_t rows[][UNKNOWNS], size_t count, size_t width)
{
    size_t rank = 0;

    for (size_t column = 0; column < width && rank < count; column++) {
        size_t found = rank;
        while (found < count && rows[found][column] == 0) {
            found++;
        }
        if (found == count) {
            continue;
        }
        for (size_t i = 0; i < width; i++) {
            int64_t kept = rows[rank][i];
            rows[rank][i] = rows[found][i];
            rows[found][i] = kept;
        }
        for (size_t other = rank + 1; other < count; other++) {
            int64_t a = rows[rank][column], b = rows[other][column];
            for (size_t i = 0; i < width; i++) {
                rows[other][i] = rows[other][i] * a - rows[rank][i] * b;
            }
            row_shorten(rows[other], width);
        }
        rank++;
    }
    return rank;
}

/* A sum follows when it adds no rank. */
static bool follows(const unsigned *bits, size_t count, size_t width, unsigned sum)
{
    int64_t rows[EQUATIONS + 1][UNKNOWNS], again[EQUATIONS + 1][UNKNOWNS];

    for (size_t e = 0; e <= count; e++) {
        for (size_t u = 0; u < width; u++) {
            rows[e][u] = again[e][u] = (e < count ? bits[e] : sum) >> u & 1;
        }
    }
    return rank_of(rows, count, width) == rank_of(again, count + 1, width);
}

static void whatever_is_known_the_same_follows_as_by_fractions(void **state)
{
    struct kit_random random;
    size_t followed = 0;
    (void)state;

    kit_random_seed(&random, 20);
    for (int round = 0; round < 4000; round++) {
        size_t unknowns = 1 + kit_random_below(&random, UNKNOWNS),
               count = kit_random_below(&random, EQUATIONS + 1);
        unsigned rows[EQUATIONS], all = (1u << unknowns) - 1;
        uint32_t z[UNKNOWNS];
        for (size_t e = 0; e < count; e++) {
            rows[e] = (unsigned)kit_random_u64(&random) & all &
                      (round % 2 ? (unsigned)kit_random_u64(&random) : all);
        }
        solve_bits(rows, count, unknowns, z);
        for (int i = 0; i < 12; i++) {
            unsigned sum = i < (int)unknowns ? 1u << i : (unsigned)kit_random_u64(&random) & all;
            uint32_t number = 0;
            for (size_t u = 0; u < unknowns; u++) {
                number = sum >> u & 1 ? solve_sum(number, z[u]) : number;
            }
            assert_int_equal(number == 0, follows(rows, count, unknowns, sum));
            followed += number == 0;
        }
    }
    assert_true(followed > 1000);
}

/* Pairs in a ring with a chord each: nothing peels off. */
static bool ring_is_solved(size_t count)
{
    uint32_t *equation = malloc(3 * count * sizeof *equation), *first = malloc((count + 1) * sizeof *first);
    uint32_t *z = malloc(count * sizeof *z);
    struct equations equations = {equation, first, count, count};

    assert_true(equation && first && z);
    for (size_t u = 0; u < count; u++) {
        first[u] = (uint32_t)(3 * u);
        equation[3 * u] = (uint32_t)u;
        equation[3 * u + 1] = (uint32_t)((u + 1) % count);
        equation[3 * u + 2] = (uint32_t)((u + 7) % count);
    }
    first[count] = (uint32_t)(3 * count);
    bool is_solved = solve(&equations, z);
    free(equation);
    free(first);
    free(z);
    return is_solved;
}

static void too_many_equations_are_left_alone(void **state)
{
    (void)state;

    assert_true(ring_is_solved(SOLVE_EQUATIONS_MAX));
    assert_false(ring_is_solved(SOLVE_EQUATIONS_MAX + 1));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_difference_of_sums_gives_an_unknown_away),
        cmocka_unit_test(an_odd_ring_is_solved_and_an_even_one_is_not),
        cmocka_unit_test(nothing_known_and_nothing_unknown_are_solved),
        cmocka_unit_test(whatever_is_known_the_same_follows_as_by_fractions),
        cmocka_unit_test(too_many_equations_are_left_alone),
    };
    return KIT_RUN(tests);
}
