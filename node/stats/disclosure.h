/* disclosure.h: what may be published without telling anything about single people.
 *
 * Counts of people from 1 to min - 1 are withheld (primary suppression). A row about fewer than `min` people
 * is withheld whole. Because totals are published elsewhere, a single withheld count could be got back by
 * subtraction: in every line of the table (all rows that differ in one dimension only) the smallest further
 * count is withheld too, until what is withheld there stands for at least two counts and `min` people
 * (complementary suppression; Willenborg and de Waal 2001). Zero is published: it is nobody.
 *
 * Limit: this protects one table with its own margins. Tables of other dimensions over the same people can be
 * combined; publish few. */
#ifndef QANAT_NODE_STATS_DISCLOSURE_H
#define QANAT_NODE_STATS_DISCLOSURE_H

#include "node/stats/stats.h"

/* Marks in result->rows what is withheld. */
void disclosure_apply(struct stats_result *result, int min);

#endif
