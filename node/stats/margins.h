/* margins.h: what a table withholds because of the coarser tables over the same people.
 *
 * Who may see one published table may see them all: the year beside its months, one gender beside the total,
 * countries beside their centres. What one table withholds must not come back by subtracting another from a
 * third. So a published table is a part of one that is decided as a whole: by the asked dimensions and those
 * that are filtered. And all tables coarser than that one (without some of its dimensions, years for months,
 * countries for centres) are decided first, from the total on, each by this rule for every group of rows that
 * make up one cell of a coarser table:
 *   - none of the group is withheld, or at least two counts that stand for `min` people;
 *   - that cell is withheld: at least one count of the group is withheld, too.
 * Then audit.h looks at all groups together. What is decided depends on the dimensions and the figures alone,
 * so every query decides the same for the same table.
 *
 * Limit: a table that is not coarser than the other (courses by gender, courses by country) is not looked at,
 * and of more than MARGINS_TABLES_MAX tables only those of up to two dimensions are. The source: linked
 * tables, Willenborg and de Waal 2001, chapter 6. */
#ifndef QANAT_NODE_STATS_MARGINS_H
#define QANAT_NODE_STATS_MARGINS_H

#include "node/stats/group.h"

enum {
    MARGINS_TABLES_MAX = 96,
    MARGINS_WIDER = 5 /* so many times the rows that were asked for may have to be looked at */
};

/* How cells must be grouped for margins_apply(): nothing filtered, by all that `request` groups and filters
 * by and what that determines. */
void margins_request(const struct stats_request *request, struct stats_request *wide_out);

/* Marks in result->rows what is withheld. `wide` holds the groups of `wide_request`. */
void margins_apply(struct stats_result *result, const struct stats_request *wide_request,
                   struct group_table *wide, int min);

#endif
