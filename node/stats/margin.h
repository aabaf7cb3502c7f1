/* margin.h: one published table as margins.h decides about it: its rows, and how they make up those of a
 * coarser one. */
#ifndef QANAT_NODE_STATS_MARGIN_H
#define QANAT_NODE_STATS_MARGIN_H

#include "node/stats/disclosure.h"
#include "replication/crdt/people.h"

enum { MARGIN_YEAR = DIMENSION_COUNT, MARGIN_COLUMNS, MARGIN_NO_ROW = UINT32_MAX };

struct margin_row {
    uint32_t code[MARGIN_COLUMNS]; /* the rank of the text in its column */
    int64_t number[DISCLOSURE_COUNTS];
    bool is_hidden[DISCLOSURE_COUNTS];
    bool is_primary[DISCLOSURE_COUNTS]; /* hidden for its own sake, and not to protect another */
    bool is_exposed[DISCLOSURE_COUNTS]; /* a coarser table publishes this very count */
    bool is_whole;                      /* hidden with all that belongs to it */
    struct people people;
};

struct margin {
    unsigned columns;
    struct margin_row *rows; /* in the order of their codes */
    size_t count;
};

/* A coarser table beside one: which of its rows each row of the other is a part of, or MARGIN_NO_ROW. */
struct margin_coarser {
    const struct margin *table;
    uint32_t *parents; /* owned by whoever made the list */
};

#endif
