#include "node/stats/plausible.h"

#include <stdio.h>
#include <string.h>

#include "node/timestamp.h"

struct looking {
    const struct plausible_bounds *bounds;
    struct implausible *out;
    size_t count;
    char latest[8]; /* months after this one are to come */
};

static void doubt(struct looking *looking, enum implausible_kind kind, const struct stats_row *row, int64_t figure, int64_t bound)
{
    if (looking->count == IMPLAUSIBLE_MAX) {
        return;
    }
    struct implausible *item = &looking->out[looking->count++];
    *item = (struct implausible){.kind = kind, .figure = figure, .bound = bound};
    snprintf(item->node, sizeof item->node, "%s", row->by[0]);
    if (kind != IMPLAUSIBLE_PEOPLE) {
        snprintf(item->period, sizeof item->period, "%.7s", row->by[1]);
    }
}

/* How many people a node has: registered there, or seen in its results. */
static int64_t people_of(const struct stats_result *nodes, const char *node)
{
    for (size_t i = 0; i < nodes->count; i++) {
        const struct stats_row *row = &nodes->rows[i];
        if (strcmp(row->by[0], node) == 0) {
            int64_t seen = row->number[METRIC_PEOPLE], registered = row->number[METRIC_REGISTERED];
            return seen > registered ? seen : registered;
        }
    }
    return 0;
}

static void month_look(struct looking *looking, const struct stats_result *nodes, const struct stats_row *row)
{
    static const enum metric events[] = {METRIC_ENROLLED, METRIC_STARTED,   METRIC_ACTIVE,  METRIC_COMPLETED,
                                         METRIC_DROPPED,  METRIC_CERTIFIED, METRIC_ATTENDED};
    int64_t people = people_of(nodes, row->by[0]), done = row->number[METRIC_COMPLETED] + row->number[METRIC_CERTIFIED], all = 0;
    int64_t bound = (people > 0 ? people : 1) * looking->bounds->completions;

    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        all += row->number[events[i]];
    }
    if (looking->bounds->completions > 0 && done > bound) {
        doubt(looking, IMPLAUSIBLE_COMPLETIONS, row, done, bound);
    }
    if (all > 0 && strlen(row->by[1]) == 7 && strcmp(row->by[1], looking->latest) > 0) {
        doubt(looking, IMPLAUSIBLE_FUTURE, row, all, 0);
    }
}

static void rows_look(struct looking *looking, const struct stats_result *nodes, const struct stats_result *months)
{
    for (size_t i = 0; i < nodes->count; i++) {
        int64_t people = people_of(nodes, nodes->rows[i].by[0]);
        if (looking->bounds->people > 0 && people > looking->bounds->people) {
            doubt(looking, IMPLAUSIBLE_PEOPLE, &nodes->rows[i], people, looking->bounds->people);
        }
    }
    for (size_t i = 0; i < months->count; i++) {
        month_look(looking, nodes, &months->rows[i]);
    }
}

size_t plausible_look(struct store *store, const struct roster *roster, const struct stats_request *request,
                      const struct plausible_bounds *bounds, struct implausible out[IMPLAUSIBLE_MAX])
{
    struct looking looking = {.bounds = bounds, .out = out};
    struct stats_request by_node = *request, by_month = *request;
    struct stats_result nodes, months;
    struct report ignored = {.status = S_OK};

    by_node.by[0] = by_month.by[0] = DIMENSION_NODE;
    by_node.by_count = 1;
    by_month.by[1] = DIMENSION_PERIOD;
    by_month.by_count = 2;
    timestamp_period(request->now_ms + (int64_t)31 * 24 * 3600 * 1000, looking.latest); /* clocks and zones differ */
    enum status status = stats_query(store, roster, &by_node, &nodes, &ignored);
    if (status == S_OK) {
        status = stats_query(store, roster, &by_month, &months, &ignored);
        if (status == S_OK) {
            rows_look(&looking, &nodes, &months);
        }
        stats_release(&months);
    }
    stats_release(&nodes);
    return looking.count;
}
