#include "node/stats/plausible.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/store/stream/stream.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

struct looking {
    const struct plausible_bounds *bounds;
    struct implausible *out;
    size_t count;
    char latest[8]; /* months after this one are to come */
};

static int64_t clamp(__int128 number)
{
    return number > INT64_MAX ? INT64_MAX : (int64_t)number;
}

/* Figures are other nodes' numbers: wide, so that no sum of them comes out small. */
static void doubt_of(struct looking *looking, enum implausible_kind kind, const char *node, const char *period, __int128 figure, __int128 bound)
{
    if (looking->count == IMPLAUSIBLE_MAX) {
        return;
    }
    struct implausible *item = &looking->out[looking->count++];
    *item = (struct implausible){.kind = kind, .figure = clamp(figure), .bound = clamp(bound)};
    snprintf(item->node, sizeof item->node, "%s", node);
    snprintf(item->period, sizeof item->period, "%.7s", period);
}

static void doubt(struct looking *looking, enum implausible_kind kind, const struct stats_row *row, __int128 figure, __int128 bound)
{
    doubt_of(looking, kind, row->by[0], kind != IMPLAUSIBLE_PEOPLE ? row->by[1] : "", figure, bound);
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

/* Of all lives of a node together nothing is less than nobody; in one life alone a count may be, where an earlier one is taken back. */
static void negative_look(struct looking *looking, const struct stats_row *row)
{
    int64_t lowest = 0;

    for (int i = 0; i < METRIC_COUNT; i++) {
        lowest = row->number[i] < lowest ? row->number[i] : lowest;
    }
    if (lowest < 0) {
        doubt(looking, IMPLAUSIBLE_NEGATIVE, row, lowest, 0);
    }
}

static void month_look(struct looking *looking, const struct stats_result *nodes, const struct stats_row *row)
{
    static const enum metric events[] = {METRIC_ENROLLED, METRIC_STARTED,   METRIC_ACTIVE,  METRIC_COMPLETED,
                                         METRIC_DROPPED,  METRIC_CERTIFIED, METRIC_ATTENDED};
    int64_t people = people_of(nodes, row->by[0]);
    __int128 done = (__int128)row->number[METRIC_COMPLETED] + row->number[METRIC_CERTIFIED], all = 0;
    __int128 each = people > 0 ? people : 1, bound = each * looking->bounds->completions;
    __int128 minutes = row->number[METRIC_MINUTES] / 100;

    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        all += row->number[events[i]];
    }
    if (looking->bounds->completions > 0 && done > bound) {
        doubt(looking, IMPLAUSIBLE_COMPLETIONS, row, done, bound);
    } else if (looking->bounds->completions > 0) {
        __int128 most = row->number[METRIC_SCORE] > all ? row->number[METRIC_SCORE] : all;
        if (most > bound * PLAUSIBLE_EVENTS) {
            doubt(looking, IMPLAUSIBLE_EVENTS, row, most, bound * PLAUSIBLE_EVENTS);
        }
    }
    if (minutes > each * PLAUSIBLE_MINUTES) {
        doubt(looking, IMPLAUSIBLE_MINUTES, row, minutes, each * PLAUSIBLE_MINUTES);
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
        negative_look(looking, &months->rows[i]);
    }
}

/* A life of a node begins a stream on each topic, and all but the living one are counted in that by and by (replication/stream/adoption.h). */
static void streams_look(struct looking *looking, struct store *store, const struct roster *roster)
{
    struct db *db = store_read_begin(store);
    struct stream_head head, last = {.seq = 0};
    int64_t count = 0;

    for (bool more = true; more; last = head) {
        more = stream_next(db, last.seq > 0 ? &last.stream : NULL, &head);
        bool is_same = more && last.seq > 0 && head.stream.topic == last.stream.topic && id_equal(&head.stream.node, &last.stream.node);
        const struct roster_node *node = is_same || count <= PLAUSIBLE_STREAMS ? NULL : roster_find(roster, &last.stream.node);
        if (node != NULL) {
            doubt_of(looking, IMPLAUSIBLE_STREAMS, node->name, "", count, PLAUSIBLE_STREAMS);
        }
        count = is_same ? count + 1 : 1;
    }
    store_read_end(store, db);
}

static void nodes_look(struct looking *looking, const struct roster *roster)
{
    const struct roster_node *top;
    size_t count = roster_room_largest(roster, &top);

    if (count > PLAUSIBLE_NODES) {
        doubt_of(looking, IMPLAUSIBLE_NODES, top->name, "", (__int128)count, PLAUSIBLE_NODES);
    }
}

/* The last month that has come, here or anywhere. */
static void latest_month(int64_t now_ms, char latest[8])
{
    int64_t latest_ms = now_ms + (int64_t)31 * 24 * 3600 * 1000; /* clocks and zones differ */

    timestamp_period(latest_ms < TIMESTAMP_MS_MAX ? latest_ms : TIMESTAMP_MS_MAX, latest);
}

bool plausible_is_over(const struct implausible *item, int64_t now_ms)
{
    char latest[8];

    latest_month(now_ms, latest);
    return item->kind == IMPLAUSIBLE_FUTURE && strcmp(item->period, latest) <= 0;
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
    latest_month(request->now_ms, looking.latest);
    enum status status = stats_query(store, roster, &by_node, &nodes, &ignored);
    if (status == S_OK) {
        status = stats_query(store, roster, &by_month, &months, &ignored);
        if (status == S_OK) {
            rows_look(&looking, &nodes, &months);
        }
        stats_release(&months);
    }
    stats_release(&nodes);
    streams_look(&looking, store, roster);
    nodes_look(&looking, roster);
    return looking.count;
}

void plausible_text(const struct implausible *item, char out[IMPLAUSIBLE_TEXT_MAX])
{
    long long figure = item->figure, bound = item->bound;

    switch (item->kind) {
    case IMPLAUSIBLE_COMPLETIONS:
        snprintf(out, IMPLAUSIBLE_TEXT_MAX, "%lld completions in %s, more than the bound of %lld for its people", figure, item->period, bound);
        return;
    case IMPLAUSIBLE_PEOPLE:
        snprintf(out, IMPLAUSIBLE_TEXT_MAX, "%lld people, more than the bound of %lld", figure, bound);
        return;
    case IMPLAUSIBLE_FUTURE:
        snprintf(out, IMPLAUSIBLE_TEXT_MAX, "%lld events in %s, a month to come", figure, item->period);
        return;
    case IMPLAUSIBLE_EVENTS:
        snprintf(out, IMPLAUSIBLE_TEXT_MAX, "%lld events or scores in %s, more than the bound of %lld for its people", figure, item->period, bound);
        return;
    case IMPLAUSIBLE_MINUTES:
        snprintf(out, IMPLAUSIBLE_TEXT_MAX, "%lld minutes in %s, more than the %lld that the month has for its people", figure, item->period, bound);
        return;
    case IMPLAUSIBLE_NEGATIVE:
        snprintf(out, IMPLAUSIBLE_TEXT_MAX, "a count of %lld in %s, less than nobody", figure, item->period);
        return;
    case IMPLAUSIBLE_STREAMS:
        snprintf(out, IMPLAUSIBLE_TEXT_MAX, "%lld lives side by side, more than %lld: it begins anew each time, or makes them up", figure, bound);
        return;
    case IMPLAUSIBLE_NODES:
        snprintf(out, IMPLAUSIBLE_TEXT_MAX, "%lld nodes with those below it, more than %lld: it admits them without end", figure, bound);
        return;
    }
    snprintf(out, IMPLAUSIBLE_TEXT_MAX, "%lld, of a kind that this version does not know", figure); /* of a damaged row */
}

struct implausible plausible_of(const struct doubt *doubt)
{
    struct implausible item = {.kind = (enum implausible_kind)doubt->kind, .figure = doubt->figure, .bound = doubt->bound};

    snprintf(item.node, sizeof item.node, "%s", doubt->node);
    snprintf(item.period, sizeof item.period, "%s", doubt->period);
    return item;
}

/* --- stored --------------------------------------------------------------------------------------------- */

struct noting {
    struct doubt doubts[DOUBTS_MAX], before[DOUBTS_MAX];
    size_t count, before_count;
};

static enum status note_run(struct db *db, void *arg)
{
    const struct noting *noting = arg;

    return doubt_replace(db, noting->doubts, noting->count);
}

/* Everything that was found stood there already, and nothing else. */
static bool is_known(const struct noting *noting)
{
    size_t known = 0;

    for (size_t i = 0; i < noting->count; i++) {
        for (size_t j = 0; j < noting->before_count; j++) {
            const struct doubt *now = &noting->doubts[i], *before = &noting->before[j];
            known += doubt_is_same(now, before) && now->figure == before->figure && now->bound == before->bound;
        }
    }
    return known == noting->count && known == noting->before_count;
}

enum status plausible_note(struct store *store, const struct roster *roster, const struct stats_request *request,
                           const struct plausible_bounds *bounds)
{
    struct implausible *found = calloc(IMPLAUSIBLE_MAX, sizeof *found);
    struct noting *noting = calloc(1, sizeof *noting);

    CHECK(found && noting);
    noting->count = plausible_look(store, roster, request, bounds, found);
    for (size_t i = 0; i < noting->count; i++) {
        struct doubt *doubt = &noting->doubts[i];
        *doubt = (struct doubt){.kind = (int)found[i].kind, .figure = found[i].figure, .bound = found[i].bound, .since_ms = request->now_ms};
        snprintf(doubt->node, sizeof doubt->node, "%s", found[i].node);
        snprintf(doubt->period, sizeof doubt->period, "%s", found[i].period);
    }
    struct db *db = store_read_begin(store);
    noting->before_count = doubt_list(db, noting->before);
    store_read_end(store, db);
    enum status status = is_known(noting) ? S_OK : store_write_wait(store, note_run, noting);
    free(noting);
    free(found);
    return status;
}
