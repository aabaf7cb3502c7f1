/* stats.h: the federation's figures, as far as this node may hold them, grouped by any dimensions.
 *
 * Cells of all streams and incarnations of the results topic are folded per group: numbers and histograms add
 * up, sketches of people are united. So sums over rows equal the totals, and "people" is distinct people in
 * each row, which must not be summed. A query is one pass over the cells: about a second for a million;
 * memory is the groups. */
#ifndef QANAT_NODE_STATS_STATS_H
#define QANAT_NODE_STATS_STATS_H

#include "node/stats/coverage.h"
#include "node/store/store.h"
#include "node/store/stream/figure.h"
#include "replication/base/arena.h"
#include "replication/trust/roster.h"

/* Centre: the recording node, or for a campus the nearest node above that is none. Node: the recording node
 * itself. */
#define DIMENSION_LIST(X)                                                                                    \
    X(CENTRE, "centre")                                                                                      \
    X(NODE, "node")                                                                                          \
    X(COUNTRY, "country")                                                                                    \
    X(REGION, "region")                                                                                      \
    X(COURSE, "course")                                                                                      \
    X(LANG, "lang")                                                                                          \
    X(VERSION, "version")                                                                                    \
    X(COHORT, "cohort")                                                                                      \
    X(ROLE, "role")                                                                                          \
    X(GENDER, "gender")                                                                                      \
    X(PERIOD, "period")

enum dimension {
#define X(name, text) DIMENSION_##name,
    DIMENSION_LIST(X)
#undef X
    DIMENSION_COUNT
};

enum {
    STATS_ROWS_MAX = 500000,
    STATS_ROWS_MAX_SHARED = 20000
}; /* in a command of its own; in a process that others need */

struct stats_request {
    enum dimension by[DIMENSION_COUNT]; /* each at most once */
    size_t by_count;                    /* 0: one row, the total */
    const char *only[DIMENSION_COUNT];  /* NULL: all; a period may be a year, "2026" */
    bool is_published;                  /* under disclosure control */
    int disclosure_min;                 /* counts of people below this are withheld then */
    int late_after_h;
    int64_t heard_since_ms; /* who was not heard since is told, too; 0: nobody asks */
    size_t rows_max; /* 0: STATS_ROWS_MAX */
    int64_t now_ms;
    const struct id *self;
};

struct stats_row {
    const char *by[DIMENSION_COUNT]; /* in the order of request.by */
    int64_t
        number[METRIC_COUNT]; /* minutes and score_sum in hundredths; people: the estimate; score: how many */
    bool is_withheld[METRIC_COUNT];  /* not to be shown: null */
    bool is_suppressed;              /* something of this row is withheld, here or at its source */
    double score_mean, score_median; /* when number[METRIC_SCORE] > 0 */
    double people_error;             /* relative standard error; 0: exact */
};

struct stats_result {
    struct stats_request request;
    struct stats_row *rows; /* sorted by the texts of `by` */
    size_t count;
    uint64_t unreadable; /* cells that this version cannot read: not in the figures */
    struct coverage coverage;
    struct arena texts;
};

const char *dimension_text(enum dimension dimension);

/* Reads "centre,gender" into request->by; S_USAGE names what is no dimension or twice. */
enum status stats_parse_by(const char *text, struct stats_request *request, struct report *report);

/* Takes a snapshot and folds it. S_TOO_LARGE over request->rows_max rows. *result_out is released by the
 * caller, also after an error. */
enum status stats_query(struct store *store, const struct roster *roster, const struct stats_request *request,
                        struct stats_result *result_out, struct report *report);

void stats_release(struct stats_result *result);

#endif
