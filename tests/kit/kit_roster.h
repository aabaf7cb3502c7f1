/* kit_roster.h: a roster from a few lines, for tests that do not care about keys. */
#ifndef QANAT_TESTS_KIT_KIT_ROSTER_H
#define QANAT_TESTS_KIT_KIT_ROSTER_H

#include "replication/trust/roster.h"

struct kit_member {
    const char *name;
    enum node_kind kind;
    int parent; /* index of the node above, -1: none */
    const char *country, *region;
};

/* Admits `nodes` in their order, each by the one above it; ids_out gets their ids. The caller frees the
 * roster. */
struct roster *kit_roster_new(const struct kit_member *nodes, size_t count, struct id *ids_out);

#endif
