#include "node/stats/document.h"

#include <inttypes.h>
#include <string.h>

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

json_t *stats_row_document(const struct stats_row *row, const struct stats_request *request)
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

/* With `rows` (which pass over). */
static json_t *document_of(const struct stats_result *result, const char *federation, json_t *rows)
{
    json_t *document =
        json_pack("{s:s,s:o,s:o,s:o}", "federation", federation, "as_of", moment_of(result->request.now_ms),
                  "coverage", coverage_document(result), "rows", rows);
    CHECK(document);
    return document;
}

json_t *stats_document(const struct stats_result *result, const char *federation)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < result->count; i++) {
        json_array_append_new(rows, stats_row_document(&result->rows[i], &result->request));
    }
    return document_of(result, federation, rows);
}

/* --- row by row --- */

static int text_take(const char *text, size_t size, void *out)
{
    buffer_append(out, text, size);
    return 0;
}

/* The text of `json`, which is released. */
static struct bytes text_of(json_t *json, struct buffer *out)
{
    buffer_clear(out);
    int rc = json_dump_callback(json, text_take, out, DOCUMENT_FLAGS);
    CHECK(rc == 0);
    json_decref(json);
    return buffer_bytes(out);
}

/* A row stands two steps further in than it would alone. A line feed in a text is escaped: each that is there ends a line. */
static int row_dump(struct bytes text, json_dump_callback_t write, void *ctx)
{
    static const char step[] = "    ";
    int rc = 0;

    while (text.size > 0 && rc == 0) {
        const uint8_t *end = memchr(text.data, '\n', text.size);
        size_t size = end ? (size_t)(end + 1 - text.data) : text.size;
        rc = write(step, sizeof step - 1, ctx);
        rc = rc == 0 ? write((const char *)text.data, size, ctx) : rc;
        text = bytes_of(text.data + size, text.size - size);
    }
    return rc;
}

int stats_document_dump(const struct stats_result *result, const char *federation, json_dump_callback_t write, void *ctx)
{
    static const char last[] = "]\n}"; /* behind no rows */
    const size_t last_size = sizeof last - 1;
    struct buffer text;

    buffer_init(&text);
    struct bytes head = text_of(document_of(result, federation, json_array()), &text);
    CHECK(head.size > last_size && memcmp(head.data + head.size - last_size, last, last_size) == 0);
    int rc = write((const char *)head.data, head.size - last_size, ctx);
    for (size_t i = 0; i < result->count && rc == 0; i++) {
        rc = i > 0 ? write(",\n", 2, ctx) : write("\n", 1, ctx);
        rc = rc == 0 ? row_dump(text_of(stats_row_document(&result->rows[i], &result->request), &text), write, ctx) : rc;
    }
    if (rc == 0 && result->count > 0) {
        rc = write("\n  ", 3, ctx);
    }
    buffer_release(&text);
    return rc == 0 ? write(last, last_size, ctx) : rc;
}
