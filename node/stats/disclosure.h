/* disclosure.h: what may be published without telling anything about single people.
 *
 * Counts of people from 1 to min - 1 are withheld (primary suppression). A row about fewer than `min` people
 * is withheld whole. Because totals are published elsewhere, a single withheld count could be got back by
 * subtraction: in every line of the table (all rows that differ in one dimension only) the smallest further
 * count is withheld too, until what is withheld there stands for at least two counts and `min` people
 * (complementary suppression; Willenborg and de Waal 2001). Zero is published: it is nobody.
 *
 * This protects one table with its own margins; margins.h makes tables of other dimensions agree with it. */
#ifndef QANAT_NODE_STATS_DISCLOSURE_H
#define QANAT_NODE_STATS_DISCLOSURE_H

#include "node/stats/stats.h"

/* Counts of people or of what they did, each protected as a table of its own. */
enum { DISCLOSURE_COUNTS = 11 };
extern const enum metric disclosure_counts[DISCLOSURE_COUNTS];

/* Withholds these counts; a whole row with all that belongs to it. */
void disclosure_withhold(struct stats_row *row, const bool is_hidden[DISCLOSURE_COUNTS], bool is_whole);

/* The sum, or the greatest number there is: figures are other nodes' numbers. */
int64_t disclosure_sum(int64_t a, int64_t b);

/* Marks in result->rows what is withheld; what is marked already stays so. */
void disclosure_apply(struct stats_result *result, int min);

#endif
