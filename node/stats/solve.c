#include "node/stats/solve.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

enum { TRIES_MAX = 4, NOWHERE = UINT32_MAX };

#define PRIME 0x7fffffffu /* 2^31 - 1 */

/* What becomes of an unknown in step 1. */
enum fate {
    FATE_CORE,  /* left for the elimination */
    FATE_ZERO,  /* alone in an equation: determined */
    FATE_LATER, /* made up for at the end, from the equation in which it was alone to be left */
};

struct solving {
    const struct equations *given;
    uint32_t *row, *row_first;   /* the unknowns of each equation */
    uint32_t *degree, *size;     /* equations left of an unknown, unknowns left of an equation */
    bool *is_gone;               /* equations */
    enum fate *fate;             /* unknowns */
    uint32_t *pivot, *pivot_row; /* in the order in which they were taken */
    size_t pivot_count;
    uint32_t *queue; /* unknowns to look at, then equations, which begin at unknown_count */
    size_t queue_count;
    uint32_t *core; /* the place of an equation in the matrix */
    size_t core_count;
    uint64_t random;
};

static uint32_t reduce(uint64_t number)
{
    number = (number & PRIME) + (number >> 31);
    number = (number & PRIME) + (number >> 31);
    return number == PRIME ? 0 : (uint32_t)number;
}

static uint32_t times(uint32_t a, uint32_t b)
{
    return reduce((uint64_t)a * b);
}

static uint32_t minus(uint32_t a)
{
    return a ? PRIME - a : 0;
}

static uint32_t inverse(uint32_t a)
{
    uint32_t result = 1;

    CHECK(a);
    for (uint32_t exponent = PRIME - 2; exponent; exponent >>= 1) { /* Fermat */
        result = exponent & 1 ? times(result, a) : result;
        a = times(a, a);
    }
    return result;
}

uint32_t solve_sum(uint32_t sum, uint32_t number)
{
    return reduce((uint64_t)sum + number);
}

/* splitmix64; never 0 */
static uint32_t draw(struct solving *solving)
{
    uint64_t z = solving->random += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return 1 + (uint32_t)((z ^ (z >> 31)) % (PRIME - 1));
}

static void *room(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);

    CHECK(memory);
    return memory;
}

/* --- step 1
 * ---------------------------------------------------------------------------------------------------------
 */

static void rows_make(struct solving *solving)
{
    const struct equations *given = solving->given;
    size_t all = given->first[given->unknown_count];

    for (size_t i = 0; i < all; i++) {
        CHECK(given->equation[i] < given->equation_count);
        solving->size[given->equation[i]]++;
    }
    for (size_t e = 0; e < given->equation_count; e++) {
        solving->row_first[e + 1] = solving->row_first[e] + solving->size[e];
    }
    memset(solving->size, 0, given->equation_count * sizeof *solving->size);
    for (size_t u = 0; u < given->unknown_count; u++) {
        for (uint32_t i = given->first[u]; i < given->first[u + 1]; i++) {
            uint32_t e = given->equation[i];
            solving->row[solving->row_first[e] + solving->size[e]++] = (uint32_t)u;
        }
        solving->degree[u] = given->first[u + 1] - given->first[u];
    }
}

static void unknown_leaves(struct solving *solving, uint32_t unknown, enum fate fate)
{
    const struct equations *given = solving->given;

    solving->fate[unknown] = fate;
    for (uint32_t i = given->first[unknown]; i < given->first[unknown + 1]; i++) {
        uint32_t e = given->equation[i];
        if (--solving->size[e] == 1 && !solving->is_gone[e]) {
            solving->queue[solving->queue_count++] = (uint32_t)given->unknown_count + e;
        }
    }
}

static void equation_leaves(struct solving *solving, uint32_t equation)
{
    solving->is_gone[equation] = true;
    for (uint32_t i = solving->row_first[equation]; i < solving->row_first[equation + 1]; i++) {
        uint32_t u = solving->row[i];
        if (--solving->degree[u] == 1 && solving->fate[u] == FATE_CORE) {
            solving->queue[solving->queue_count++] = u;
        }
    }
}

/* The equation that is left of an unknown, the unknown that is left of an equation. */
static uint32_t equation_left(const struct solving *solving, uint32_t unknown)
{
    const struct equations *given = solving->given;

    for (uint32_t i = given->first[unknown]; i < given->first[unknown + 1]; i++) {
        if (!solving->is_gone[given->equation[i]]) {
            return given->equation[i];
        }
    }
    return NOWHERE;
}

static uint32_t unknown_left(const struct solving *solving, uint32_t equation)
{
    for (uint32_t i = solving->row_first[equation]; i < solving->row_first[equation + 1]; i++) {
        if (solving->fate[solving->row[i]] == FATE_CORE) {
            return solving->row[i];
        }
    }
    return NOWHERE;
}

static void equation_alone(struct solving *solving, uint32_t equation)
{
    uint32_t unknown = solving->is_gone[equation] ? NOWHERE : unknown_left(solving, equation);

    if (unknown != NOWHERE) {
        unknown_leaves(solving, unknown, FATE_ZERO);
        equation_leaves(solving, equation);
    }
}

static void unknown_alone(struct solving *solving, uint32_t unknown)
{
    uint32_t equation = solving->fate[unknown] == FATE_CORE ? equation_left(solving, unknown) : NOWHERE;

    if (equation != NOWHERE) {
        solving->pivot[solving->pivot_count] = unknown;
        solving->pivot_row[solving->pivot_count++] = equation;
        equation_leaves(solving, equation);
        unknown_leaves(solving, unknown, FATE_LATER);
    }
}

/* Equations with one unknown first: those in which it stands alone would make it up otherwise. */
static void peel(struct solving *solving)
{
    size_t unknown_count = solving->given->unknown_count, equation_count = solving->given->equation_count;

    for (size_t e = 0; e < equation_count; e++) {
        if (solving->size[e] == 1) {
            solving->queue[solving->queue_count++] = (uint32_t)(unknown_count + e);
        }
    }
    for (size_t u = 0; u < unknown_count; u++) {
        if (solving->degree[u] == 1) {
            solving->queue[solving->queue_count++] = (uint32_t)u;
        }
    }
    for (size_t i = 0; i < solving->queue_count; i++) {
        uint32_t what = solving->queue[i];
        if (what >= unknown_count) {
            equation_alone(solving, what - (uint32_t)unknown_count);
        } else {
            unknown_alone(solving, what);
        }
    }
    for (size_t e = 0; e < equation_count; e++) {
        bool is_core = !solving->is_gone[e] && solving->size[e] > 0;
        solving->core[e] = is_core ? (uint32_t)solving->core_count++ : NOWHERE;
    }
}

/* --- steps 2 and 3
 * --------------------------------------------------------------------------------------------------- */

/* The equations left of an unknown, as places in the matrix; how many. */
static size_t places_of(const struct solving *solving, size_t unknown, uint32_t *places)
{
    const struct equations *given = solving->given;
    size_t count = 0;

    for (uint32_t i = given->first[unknown]; i < given->first[unknown + 1]; i++) {
        uint32_t place = solving->core[given->equation[i]];
        if (place != NOWHERE) {
            places[count++] = place;
        }
    }
    return count;
}

/* S, and A r behind it in each row. */
static void matrix_fill(struct solving *solving, uint32_t *matrix, uint32_t *places, const uint32_t *scale,
                        const uint32_t *r)
{
    size_t width = solving->core_count + 1;

    for (size_t u = 0; u < solving->given->unknown_count; u++) {
        size_t count = solving->fate[u] == FATE_CORE ? places_of(solving, u, places) : 0;
        for (size_t i = 0; i < count; i++) {
            uint32_t *line = matrix + places[i] * width;
            for (size_t k = 0; k < count; k++) {
                line[places[k]] = solve_sum(line[places[k]], scale[u]);
            }
            line[width - 1] = solve_sum(line[width - 1], r[u]);
        }
    }
}

static void lines_swap(uint32_t *a, uint32_t *b, size_t width)
{
    for (size_t i = 0; i < width; i++) {
        uint32_t kept = a[i];
        a[i] = b[i];
        b[i] = kept;
    }
}

static void line_clear(uint32_t *line, const uint32_t *by, size_t from, size_t width)
{
    uint64_t factor = minus(line[from]);

    for (size_t i = from; i < width; i++) {
        line[i] = reduce(line[i] + factor * by[i]);
    }
}

/* To echelon form: the line of each column, or NOWHERE. False when there is no solution: D was drawn badly.
 */
static bool matrix_solve(uint32_t *matrix, size_t count, uint32_t *line_of, uint32_t *y)
{
    size_t width = count + 1, rank = 0;

    for (size_t column = 0; column < count; column++) {
        size_t found = rank;
        while (found < count && matrix[found * width + column] == 0) {
            found++;
        }
        line_of[column] = found < count ? (uint32_t)rank : NOWHERE;
        if (found == count) {
            continue;
        }
        uint32_t *line = matrix + rank++ * width;
        if (found >= rank) {
            lines_swap(line, matrix + found * width, width);
        }
        uint32_t by = inverse(line[column]);
        for (size_t i = column; i < width; i++) {
            line[i] = times(line[i], by);
        }
        for (size_t other = rank; other < count; other++) {
            if (matrix[other * width + column]) {
                line_clear(matrix + other * width, line, column, width);
            }
        }
    }
    for (size_t line = rank; line < count; line++) {
        if (matrix[line * width + count]) {
            return false;
        }
    }
    for (size_t column = count; column-- > 0;) {
        y[column] = 0;
        if (line_of[column] != NOWHERE) {
            const uint32_t *line = matrix + line_of[column] * width;
            uint32_t sum = line[count];
            for (size_t i = column + 1; i < count; i++) {
                sum = y[i] ? reduce(sum + (uint64_t)minus(line[i]) * y[i]) : sum;
            }
            y[column] = sum;
        }
    }
    return true;
}

static bool core_solve(struct solving *solving, uint32_t *vector)
{
    size_t count = solving->core_count, unknown_count = solving->given->unknown_count;
    uint32_t *matrix = room(count * (count + 1), sizeof *matrix), *places = room(count, sizeof *places);
    uint32_t *line_of = room(count, sizeof *line_of), *y = room(count, sizeof *y);
    uint32_t *scale = room(unknown_count, sizeof *scale);

    for (size_t u = 0; u < unknown_count; u++) {
        vector[u] = solving->fate[u] == FATE_CORE ? draw(solving) : 0;
        scale[u] = draw(solving);
    }
    matrix_fill(solving, matrix, places, scale, vector);
    bool is_solved = matrix_solve(matrix, count, line_of, y);
    for (size_t u = 0; u < unknown_count && is_solved; u++) {
        size_t place_count = solving->fate[u] == FATE_CORE ? places_of(solving, u, places) : 0;
        uint32_t sum = 0;
        for (size_t i = 0; i < place_count; i++) {
            sum = solve_sum(sum, y[places[i]]);
        }
        vector[u] = solve_sum(vector[u], minus(times(scale[u], sum)));
    }
    free(scale);
    free(y);
    free(line_of);
    free(places);
    free(matrix);
    return is_solved;
}

/* From the last one taken to the first: the rest of its equation is known then. */
static void pivots_fill(const struct solving *solving, uint32_t *vector)
{
    for (size_t i = solving->pivot_count; i-- > 0;) {
        uint32_t e = solving->pivot_row[i], sum = 0;
        vector[solving->pivot[i]] = 0;
        for (uint32_t k = solving->row_first[e]; k < solving->row_first[e + 1]; k++) {
            sum = solve_sum(sum, vector[solving->row[k]]);
        }
        vector[solving->pivot[i]] = minus(sum);
    }
}

bool solve(const struct equations *equations, uint32_t *vector_out)
{
    size_t unknowns = equations->unknown_count, count = equations->equation_count;
    struct solving solving = {.given = equations};

    solving.row = room(equations->first[unknowns], sizeof *solving.row);
    solving.row_first = room(count + 1, sizeof *solving.row_first);
    solving.degree = room(unknowns, sizeof *solving.degree);
    solving.size = room(count, sizeof *solving.size);
    solving.is_gone = room(count, sizeof *solving.is_gone);
    solving.fate = room(unknowns, sizeof *solving.fate);
    solving.pivot = room(unknowns, sizeof *solving.pivot);
    solving.pivot_row = room(unknowns, sizeof *solving.pivot_row);
    solving.queue = room(2 * (unknowns + count), sizeof *solving.queue);
    solving.core = room(count, sizeof *solving.core);
    rows_make(&solving);
    peel(&solving);
    bool is_solved = false;
    for (int i = 0; i < TRIES_MAX && !is_solved && solving.core_count <= SOLVE_EQUATIONS_MAX; i++) {
        is_solved = core_solve(&solving, vector_out);
    }
    if (is_solved) {
        pivots_fill(&solving, vector_out);
    }
    free(solving.core);
    free(solving.queue);
    free(solving.pivot_row);
    free(solving.pivot);
    free(solving.fate);
    free(solving.is_gone);
    free(solving.size);
    free(solving.degree);
    free(solving.row_first);
    free(solving.row);
    return is_solved;
}
