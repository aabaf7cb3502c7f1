#include "node/stats/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "node/stats/disclosure.h"
#include "node/stats/group.h"
#include "node/stats/margins.h"
#include "node/store/stream/quarantine.h"
#include "node/store/stream/stream.h"
#include "replication/base/check.h"

#define X(name, text) text,
static const char *const dimension_words[] = {DIMENSION_LIST(X)};
#undef X

#define TEXTS_MAX ((size_t)1 << 30)

const char *dimension_text(enum dimension dimension)
{
    CHECK((unsigned)dimension < DIMENSION_COUNT);
    return dimension_words[dimension];
}

static bool dimension_find(struct bytes text, enum dimension *dimension_out)
{
    for (int i = 0; i < DIMENSION_COUNT; i++) {
        if (bytes_equal(bytes_text(dimension_words[i]), text)) {
            *dimension_out = (enum dimension)i;
            return true;
        }
    }
    return false;
}

enum status stats_parse_by(const char *text, struct stats_request *request, struct report *report)
{
    bool is_taken[DIMENSION_COUNT] = {false};

    request->by_count = 0;
    while (*text) {
        struct bytes word = bytes_of(text, strcspn(text, ","));
        enum dimension dimension;
        if (!dimension_find(word, &dimension)) {
            return report_set(report, S_USAGE,
                              "'%.*s' is no dimension: centre, node, country, region, course, lang, version, "
                              "cohort, role, gender, period",
                              (int)word.size, word.data);
        }
        if (is_taken[dimension]) {
            return report_set(report, S_USAGE, "'%s' is there twice", dimension_words[dimension]);
        }
        is_taken[dimension] = true;
        request->by[request->by_count++] = dimension;
        text += word.size;
        text += *text == ',';
    }
    return S_OK;
}

/* --- reading
 * ------------------------------------------------------------------------------------------------ */

struct reading {
    const struct roster *roster;
    const struct id *self;
    struct group_table *table;
    struct group_table *wide; /* published: what the table is a part of, where that is another one; else NULL */
    struct quarantine_list aside;
    struct id node; /* whose place is known */
    bool has_place;
    bool is_aside; /* its figures do not count */
    struct place place;
};

/* Of a node that stood below this one and went elsewhere: what is held here of it grows old, and it is counted there. */
static bool is_elsewhere(const struct reading *reading, const struct id *node)
{
    const struct roster_node *self = roster_find(reading->roster, reading->self);

    return self && !self->is_revoked && roster_find(reading->roster, node) && !roster_may_hold(reading->roster, reading->self, node, TOPIC_RESULTS);
}

static enum status cell_read(void *ctx, const struct stream_head *head, const struct cell *cell)
{
    struct reading *reading = ctx;

    if (!reading->has_place || !id_equal(&reading->node, &head->stream.node)) {
        reading->node = head->stream.node;
        place_find(reading->roster, &reading->node, &reading->place);
        reading->has_place = true;
        reading->is_aside = quarantine_find(&reading->aside, &reading->node) != NULL || is_elsewhere(reading, &reading->node);
    }
    if (reading->is_aside) {
        return S_OK;
    }
    enum status status = group_table_add(reading->table, &reading->place, cell->key, cell->value);
    return status == S_OK && reading->wide ? group_table_add(reading->wide, &reading->place, cell->key, cell->value) : status;
}

/* --- rows
 * --------------------------------------------------------------------------------------------------- */

static void row_fill(struct stats_row *row, const struct group *group)
{
    memcpy(row->by, group->by, sizeof row->by);
    for (int i = 0; i < METRIC_COUNT; i++) {
        row->number[i] = group_number(group, (enum metric)i);
        row->is_withheld[i] = group->is_withheld[i];
        row->is_suppressed = row->is_suppressed || row->is_withheld[i];
    }
    row->number[METRIC_PEOPLE] = llround(people_estimate(&group->people, &row->people_error));
    if (group->scores && group->scores->n > 0) {
        row->number[METRIC_SCORE] = (int64_t)group->scores->n;
        histogram_median(group->scores, &row->score_median);
        row->score_mean = (double)group->number[METRIC_SCORE_SUM] / 100.0 / (double)group->scores->n;
    }
}

static void rows_make(struct stats_result *result, struct group_table *table)
{
    const struct group *const *groups = group_table_sorted(table);

    result->count = group_table_count(table);
    result->rows = calloc(result->count + 1, sizeof *result->rows);
    CHECK(result->rows);
    for (size_t i = 0; i < result->count; i++) {
        row_fill(&result->rows[i], groups[i]);
    }
    result->unreadable = group_table_unreadable(table);
}

/* Without a filter, and with the places that are determined, a table is a part of itself: it is folded, and held, once. */
static bool is_wide_itself(const struct stats_request *request, const struct stats_request *wide)
{
    bool has_filter = false;

    for (int i = 0; i < DIMENSION_COUNT; i++) {
        has_filter = has_filter || request->only[i];
    }
    return !has_filter && wide->by_count == request->by_count;
}

/* Under disclosure control. The table is not needed any more once its rows are made. */
static void rows_protect(struct stats_result *result, const struct stats_request *wide, struct reading *reading)
{
    if (reading->wide) {
        group_table_free(reading->table);
        reading->table = reading->wide;
        reading->wide = NULL;
    }
    margins_apply(result, wide, reading->table, result->request.disclosure_min);
    disclosure_apply(result, result->request.disclosure_min);
}

enum status stats_query(struct store *store, const struct roster *roster, const struct stats_request *request,
                        struct stats_result *result_out, struct report *report)
{
    struct reading reading = {.roster = roster, .self = request->self};
    struct stats_request wide;

    memset(result_out, 0, sizeof *result_out);
    result_out->request = *request;
    arena_init(&result_out->texts, TEXTS_MAX);
    reading.table = group_table_new(&result_out->request, &result_out->texts);
    if (request->is_published) {
        margins_request(request, &wide);
        reading.wide = is_wide_itself(request, &wide) ? NULL : group_table_new(&wide, &result_out->texts);
    }
    struct db *db = store_read_begin(store);
    enum status status = quarantine_load(db, roster, &reading.aside);
    if (status == S_OK) {
        status = stream_cells_each(db, TOPIC_RESULTS, cell_read, &reading);
    }
    const struct coverage_request coverage = {roster, request->self, request->now_ms, request->late_after_h, request->heard_since_ms, &reading.aside};
    coverage_read(db, &coverage, &result_out->coverage);
    status = status == S_OK ? db_status(db) : status;
    store_read_end(store, db);
    if (status == S_OK) {
        rows_make(result_out, reading.table);
        if (request->is_published) {
            rows_protect(result_out, &wide, &reading);
        }
    }
    group_table_free(reading.table);
    group_table_free(reading.wide);
    quarantine_free(&reading.aside);
    if (status == S_TOO_LARGE) {
        return report_set(report, status,
                          "over %zu rows: group by fewer dimensions, or keep one period or course only",
                          request->rows_max ? request->rows_max : STATS_ROWS_MAX);
    }
    return status == S_OK ? S_OK
                          : report_set(report, status, "the figures cannot be read: %s", status_text(status));
}

void stats_release(struct stats_result *result)
{
    free(result->rows);
    coverage_release(&result->coverage);
    arena_release(&result->texts);
    memset(result, 0, sizeof *result);
}
