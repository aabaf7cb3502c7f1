/* figure.h: what is counted, and under which key.
 *
 * A figure is one cell of the results topic. Its key is segments joined by KEY_SEPARATOR:
 *
 *     r / course / lang / version / cohort / role / gender / period / metric
 *
 * The node that recorded it is not in the key: the stream says it. Course to cohort are empty where they have
 * no meaning (registered) or are not known. The period is a month, "2026-10". Metrics that this version does
 * not know are stored and relayed, and left out of its statistics. */
#ifndef QANAT_NODE_STORE_STREAM_FIGURE_H
#define QANAT_NODE_STORE_STREAM_FIGURE_H

#include <stdbool.h>

#include "replication/crdt/cell.h"

/* In the byte order of their names, so that cells are written in key order. */
#define METRIC_LIST(X)                                                                                       \
    X(ACTIVE, "active")                                                                                      \
    X(ATTENDED, "attended")                                                                                  \
    X(CERTIFIED, "certified")                                                                                \
    X(COMPLETED, "completed")                                                                                \
    X(DROPPED, "dropped")                                                                                    \
    X(ENROLLED, "enrolled")                                                                                  \
    X(MINUTES, "minutes")       /* sum, hundredths of a minute */                                            \
    X(PEOPLE, "people")         /* distinct people with an event: CELL_PEOPLE */                             \
    X(REGISTERED, "registered") /* people by the month of their registration */                              \
    X(REVOKED, "revoked")                                                                                    \
    X(SCORE, "score")         /* CELL_SCORES: scores rounded half up to 0-100 */                             \
    X(SCORE_OUT, "score_out") /* CELL_SCORES: those of them that were corrected since: they do not count */  \
    X(SCORE_SUM, "score_sum") /* sum, hundredths of a point: makes the mean exact */                         \
    X(STARTED, "started")

enum metric {
#define X(name, text) METRIC_##name,
    METRIC_LIST(X)
#undef X
    METRIC_COUNT
};

/* Dimensions that the key carries, in its order. */
enum figure_part {
    PART_COURSE,
    PART_LANG,
    PART_VERSION,
    PART_COHORT,
    PART_ROLE,
    PART_GENDER,
    PART_PERIOD,
    PART_COUNT
};

struct figure {
    struct bytes part[PART_COUNT];
    enum metric metric;
};

const char *metric_text(enum metric metric);

/* True for metrics whose cell is one number (CELL_COUNT or CELL_SUM). */
bool metric_is_number(enum metric metric);

/* The kind of cell that holds `metric`. */
enum cell_kind metric_cell_kind(enum metric metric);

/* Writes the key up to and with the separator before the metric; parts must not hold control characters. */
void figure_prefix(const struct bytes part[PART_COUNT], struct buffer *out);

/* Reads a key; false when it is none of ours or of a metric we do not know. Parts are borrowed from `key`. */
bool figure_parse(struct bytes key, struct figure *figure_out);

#endif
