#include "node/stats/disclosure.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"

const enum metric disclosure_counts[DISCLOSURE_COUNTS] = {METRIC_ACTIVE,  METRIC_ATTENDED, METRIC_CERTIFIED, METRIC_COMPLETED,
                                                          METRIC_DROPPED, METRIC_ENROLLED, METRIC_PEOPLE,    METRIC_REGISTERED,
                                                          METRIC_REVOKED, METRIC_SCORE,    METRIC_STARTED};

/* Rows in an order in which the rows of one line stand side by side. */
struct line_order {
    size_t count;
    size_t by_count, varying; /* the dimension in which a line varies */
};

/* How many people a row is about: the most that any of its counts says. */
static int64_t row_population(const struct stats_row *row)
{
    int64_t most = row->number[METRIC_PEOPLE];

    return row->number[METRIC_REGISTERED] > most ? row->number[METRIC_REGISTERED] : most;
}

static void row_withhold(struct stats_row *row)
{
    for (int i = 0; i < METRIC_COUNT; i++) {
        row->is_withheld[i] = true;
    }
}

int64_t disclosure_sum(int64_t a, int64_t b)
{
    int64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? (a < 0 ? INT64_MIN : INT64_MAX) : sum;
}

void disclosure_withhold(struct stats_row *row, const bool is_hidden[DISCLOSURE_COUNTS], bool is_whole)
{
    if (is_whole) {
        row_withhold(row);
    }
    for (int k = 0; k < DISCLOSURE_COUNTS; k++) {
        row->is_withheld[disclosure_counts[k]] = row->is_withheld[disclosure_counts[k]] || is_hidden[k];
    }
}

static void primary_apply(struct stats_result *result, int min)
{
    for (size_t i = 0; i < result->count; i++) {
        struct stats_row *row = &result->rows[i];
        int64_t population = row_population(row);
        if (population > 0 && population < min) {
            row_withhold(row);
        }
        for (int k = 0; k < DISCLOSURE_COUNTS; k++) {
            int64_t number = row->number[disclosure_counts[k]];
            if (number != 0 && number < min) {
                row->is_withheld[disclosure_counts[k]] = true;
            }
        }
    }
}

/* Orders by all dimensions but the varying one. */
static int line_compare(const struct line_order *order, const struct stats_row *left,
                        const struct stats_row *right)
{
    for (size_t i = 0; i < order->by_count; i++) {
        int result = i == order->varying ? 0 : strcmp(left->by[i], right->by[i]);
        if (result) {
            return result;
        }
    }
    return 0;
}

static int row_compare(const void *a, const void *b, void *arg)
{
    const struct stats_row *left = *(const struct stats_row *const *)a,
                           *right = *(const struct stats_row *const *)b;
    int result = line_compare(arg, left, right);

    return result ? result : (left > right) - (left < right);
}

/* Withholds the smallest further count of one line where what is withheld would not protect itself; true when
 * it did. */
static bool line_protect(struct stats_row **rows, size_t count, enum metric metric, int min)
{
    struct stats_row *smallest = NULL;
    size_t withheld = 0;
    int64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        int64_t number = rows[i]->number[metric];
        if (rows[i]->is_withheld[metric]) {
            withheld += number != 0;
            sum = disclosure_sum(sum, number);
        } else if (number != 0 && (!smallest || number < smallest->number[metric])) {
            smallest = rows[i];
        }
    }
    if (withheld == 0 || (withheld > 1 && sum >= min) || !smallest) {
        return false;
    }
    smallest->is_withheld[metric] = true;
    return true;
}

/* One pass over all lines in one direction; true when anything was withheld. */
static bool lines_protect(struct stats_row **rows, struct line_order *order, int min)
{
    bool has_changed = false;

    qsort_r(rows, order->count, sizeof *rows, row_compare, order);
    for (size_t start = 0, end; start < order->count; start = end) {
        for (end = start + 1; end < order->count && line_compare(order, rows[start], rows[end]) == 0; end++) {
        }
        for (int k = 0; k < DISCLOSURE_COUNTS; k++) {
            while (line_protect(rows + start, end - start, disclosure_counts[k], min)) {
                has_changed = true;
            }
        }
    }
    return has_changed;
}

/* What goes with a withheld count: sums and shapes over the same people. */
static void row_finish(struct stats_row *row)
{
    if (row->is_withheld[METRIC_PEOPLE] || row->is_withheld[METRIC_SCORE]) {
        row->is_withheld[METRIC_SCORE] = row->is_withheld[METRIC_SCORE_SUM] = true;
    }
    row->is_withheld[METRIC_MINUTES] = row->is_withheld[METRIC_MINUTES] || row->is_withheld[METRIC_PEOPLE];
    for (int i = 0; i < METRIC_COUNT; i++) {
        row->is_suppressed = row->is_suppressed || row->is_withheld[i];
    }
}

void disclosure_apply(struct stats_result *result, int min)
{
    struct line_order order = {.count = result->count, .by_count = result->request.by_count};
    struct stats_row **rows = malloc((result->count + 1) * sizeof *rows);
    bool has_changed = true;

    CHECK(rows);
    primary_apply(result, min);
    for (size_t i = 0; i < result->count; i++) {
        rows[i] = &result->rows[i];
    }
    while (has_changed) { /* each round withholds at least one more count: it ends */
        has_changed = false;
        for (order.varying = 0; order.varying < order.by_count; order.varying++) {
            has_changed = lines_protect(rows, &order, min) || has_changed;
        }
    }
    for (size_t i = 0; i < result->count; i++) {
        row_finish(&result->rows[i]);
    }
    free(rows);
}
