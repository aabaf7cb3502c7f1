/* group.h: cells fall into groups and are folded there. Pure: the cells come from wherever the caller reads
 * them. */
#ifndef QANAT_NODE_STATS_GROUP_H
#define QANAT_NODE_STATS_GROUP_H

#include "node/stats/place.h"
#include "node/stats/stats.h"
#include "replication/crdt/histogram.h"
#include "replication/crdt/people.h"

/* What is folded so far under one combination of texts. */
struct group {
    const char *by[DIMENSION_COUNT];
    uint64_t hash;
    __int128 number[METRIC_COUNT];  /* wide: no federation overflows it */
    bool is_withheld[METRIC_COUNT]; /* a cell says suppressed or missing */
    struct histogram *scores;       /* NULL: none yet; owned */
    struct histogram *scores_out;   /* corrected since; the same */
    struct people people;
};

struct group_table;

/* Groups as `request` asks; texts are kept in `texts`. Never NULL. */
struct group_table *group_table_new(const struct stats_request *request, struct arena *texts);
void group_table_free(struct group_table *table);

/* Folds one cell of a node that stands at `place`. What is filtered out or not ours changes nothing.
 * S_TOO_LARGE over the rows that were asked for. */
enum status group_table_add(struct group_table *table, const struct place *place, struct bytes key,
                            struct bytes value);

size_t group_table_count(const struct group_table *table);

/* In the order of their texts; borrowed. A table without dimensions has exactly one group. */
const struct group *const *group_table_sorted(struct group_table *table);

/* What a group comes to, or the nearest number that there is. */
int64_t group_number(const struct group *group, enum metric metric);

/* Cells that could not be read. */
uint64_t group_table_unreadable(const struct group_table *table);

#endif
