#include "node/stats/document.h"

#include <inttypes.h>

#include "node/timestamp.h"
#include "replication/base/check.h"

/* The counts of a row, in the order in which they are shown. */
static const enum metric shown[] = {METRIC_REGISTERED, METRIC_ENROLLED,  METRIC_STARTED,
                                    METRIC_ACTIVE,     METRIC_COMPLETED, METRIC_CERTIFIED,
                                    METRIC_REVOKED,    METRIC_DROPPED,   METRIC_ATTENDED};

static json_t *count_of(const struct stats_row *row, enum metric metric)
{
    return row->is_withheld[metric] ? json_null() : json_integer(row->number[metric]);
}

static json_t *minutes_of(const struct stats_row *row)
{
    int64_t hundredths = row->number[METRIC_MINUTES];

    if (row->is_withheld[METRIC_MINUTES]) {
        return json_null();
    }
    return hundredths % 100 ? json_real((double)hundredths / 100.0) : json_integer(hundredths / 100);
}

static json_t *score_of(const struct stats_row *row)
{
    bool has_values = row->number[METRIC_SCORE] > 0 && !row->is_withheld[METRIC_SCORE];
    json_t *mean =
        has_values && !row->is_withheld[METRIC_SCORE_SUM] ? json_real(row->score_mean) : json_null();
    json_t *median = has_values ? json_real(row->score_median) : json_null();

    return json_pack("{s:o,s:o,s:o}", "n", count_of(row, METRIC_SCORE), "mean", mean, "median", median);
}

static json_t *people_of(const struct stats_row *row)
{
    bool is_withheld = row->is_withheld[METRIC_PEOPLE];

    return json_pack("{s:o,s:o}", "estimate", count_of(row, METRIC_PEOPLE), "error",
                     is_withheld ? json_null() : json_real(row->people_error));
}

static json_t *row_document(const struct stats_row *row, const struct stats_request *request)
{
    json_t *document = json_object(), *by = json_object();

    for (size_t i = 0; i < request->by_count; i++) {
        json_object_set_new(by, dimension_text(request->by[i]), json_string(row->by[i]));
    }
    json_object_set_new(document, "by", by);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        json_object_set_new(document, metric_text(shown[i]), count_of(row, shown[i]));
    }
    json_object_set_new(document, "minutes", minutes_of(row));
    json_object_set_new(document, "score", score_of(row));
    json_object_set_new(document, "people", people_of(row));
    json_object_set_new(document, "suppressed", json_boolean(row->is_suppressed));
    return document;
}

/* A moment, or null for never and for a clock that was far off. */
static json_t *moment_of(int64_t ms)
{
    char text[TIMESTAMP_TEXT_SIZE];

    if (ms <= 0 || ms > TIMESTAMP_MS_MAX) {
        return json_null();
    }
    timestamp_format(ms / 1000 * 1000, text);
    return json_string(text);
}

static json_t *late_document(const struct coverage_late *late, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list, json_pack("{s:s,s:o}", "node", late[i].node, "last_heard", moment_of(late[i].last_heard_ms)));
    }
    return list;
}

static json_t *coverage_document(const struct stats_result *result)
{
    const struct coverage *coverage = &result->coverage;
    json_t *aside = json_array();

    for (size_t i = 0; i < coverage->aside_count; i++) {
        const struct coverage_aside *entry = &coverage->aside[i];
        json_array_append_new(aside, json_pack("{s:s,s:s,s:s,s:o,s:s}", "node", entry->node, "centre", entry->centre, "by", entry->by, "since",
                                               moment_of(entry->since_ms), "reason", entry->reason));
    }
    json_t *document = json_pack("{s:I,s:I,s:o,s:o}", "expected", (json_int_t)coverage->expected, "reporting", (json_int_t)coverage->reporting, "late",
                                 late_document(coverage->late, coverage->late_count), "quarantined", aside);
    CHECK(document);
    if (result->request.heard_since_ms > 0) {
        json_object_set_new(document, "unheard", late_document(coverage->unheard, coverage->unheard_count));
    }
    return document;
}

json_t *stats_document(const struct stats_result *result, const char *federation)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < result->count; i++) {
        json_array_append_new(rows, row_document(&result->rows[i], &result->request));
    }
    json_t *document =
        json_pack("{s:s,s:o,s:o,s:o}", "federation", federation, "as_of", moment_of(result->request.now_ms),
                  "coverage", coverage_document(result), "rows", rows);
    CHECK(document);
    return document;
}
