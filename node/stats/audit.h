/* audit.h: withholds more of a table until no count that must not be known follows from the others.
 *
 * The rules of margins.h look at one group of rows at a time. Who solves everything that is published as one
 * system of equations may know more: when all that is withheld beside *female* and *male* is 15, of them 12
 * learners, and only one such row is no learner, that row is 3. The unknowns are the withheld rows of the
 * table; each published row of a coarser table says what some of them come to. While a count that is withheld
 * for its own sake, in this table or in a coarser one, follows from all of them (solve.h), a row near it is
 * withheld beside it: one that shares as many coarser rows as possible, the smallest of those. Zeros are
 * known to everybody.
 *
 * What follows already from the coarser tables, when nothing of this one is published (its missing rows tell
 * that some are zero), cannot be mended here and is left. Bounded: tables with more than AUDIT_ROWS_MAX rows
 * that are not zero, or with more than SOLVE_EQUATIONS_MAX equations that depend on each other, are not
 * audited. */
#ifndef QANAT_NODE_STATS_AUDIT_H
#define QANAT_NODE_STATS_AUDIT_H

#include "node/stats/margin.h"

enum { AUDIT_ROWS_MAX = 20000 };

struct audit;

/* Over a table and all the coarser ones that are decided; borrowed until audit_free(). Never NULL. */
struct audit *audit_new(struct margin *table, const struct margin_coarser *coarser, size_t coarser_count);
void audit_free(struct audit *audit);

/* Looks at the `k`-th count; true when more of it was withheld (the rules of margins.h have to hold again
 * then). */
bool audit_protect(struct audit *audit, int k);

#endif
