/* solve.h: which unknown counts follow from sums of them that are known.
 *
 * Each sum that is published is an equation with coefficients 0 and 1. An unknown follows from all of them
 * together when each solution has it alike, that is: when it is 0 in each vector that the equations turn into
 * 0. One vector drawn at random among those decides for all unknowns at once (but for one chance in two
 * thousand million, and then on the careful side). It is found by elimination modulo the prime 2^31 - 1:
 *
 *   1. an unknown that stands in one equation only can always make up for what the others do: both go, again
 * and again; an equation with one unknown determines it;
 *   2. of the matrix A of the rest, with D random and diagonal, S = A D A^T is as wide as there are
 * equations, however many unknowns there are; S y = A r is solved for a random r;
 *   3. z = r - D A^T y is such a vector, and any can come out.
 *
 * The source: Saunders, Kaltofen, "On Wiedemann's method of solving sparse linear systems", 1991 (the
 * preconditioner). Randomness comes from a fixed seed: what is decided depends on the figures alone. */
#ifndef QANAT_NODE_STATS_SOLVE_H
#define QANAT_NODE_STATS_SOLVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SOLVE_EQUATIONS_MAX = 512 }; /* that are left after step 1 */

/* Unknowns and the equations in which they stand: those of unknown u are equation[first[u]] to
 * equation[first[u + 1] - 1], each once, below `equation_count`. All borrowed. */
struct equations {
    const uint32_t *equation, *first;
    size_t unknown_count, equation_count;
};

/* Writes one number for each unknown into `vector_out`: 0 exactly where it follows from the equations; and a
 * sum of unknowns follows from them exactly where their numbers add up to 0 (solve_sum()). False over
 * SOLVE_EQUATIONS_MAX. */
bool solve(const struct equations *equations, uint32_t *vector_out);

/* Adds a number of a vector to a sum of others. */
uint32_t solve_sum(uint32_t sum, uint32_t number);

#endif
