/* place.h: where a recording node stands: its centre, country and region, by the roster.
 *
 * A campus belongs to the nearest node above that is none, and has its country and region unless the roster
 * gives it its own. Other nodes inherit nothing: a regional centre of many countries has none. A region that
 * the roster does not name follows from the country. */
#ifndef QANAT_NODE_STATS_PLACE_H
#define QANAT_NODE_STATS_PLACE_H

#include "replication/trust/roster.h"

struct place {
    char node[NODE_NAME_MAX + 1];
    char centre[NODE_NAME_MAX + 1];
    char country[COUNTRY_SIZE];
    char region[NODE_NAME_MAX + 1];
};

/* A node that the roster does not know is named by the first digits of its id. */
void place_find(const struct roster *roster, const struct id *node, struct place *place_out);

/* The region of an ISO 3166-1 alpha-2 country, in the words that the federation uses; "" for none of them. */
const char *region_of_country(const char *country);

#endif
