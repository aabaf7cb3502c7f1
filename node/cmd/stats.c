#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node/cmd/command.h"
#include "node/cmd/table.h"
#include "node/json.h"
#include "node/learn/csv.h"
#include "node/stats/document.h"
#include "node/store/stream/roster.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

/* The figures of a row, as columns; the dimensions come in front. */
static const struct table_column figures[] = {
    {"registered", "REGISTERED", true}, {"enrolled", "ENROLLED", true},      {"started", "STARTED", true},
    {"active", "ACTIVE", true},         {"completed", "COMPLETED", true},    {"certified", "CERTIFIED", true},
    {"revoked", "REVOKED", true},       {"dropped", "DROPPED", true},        {"attended", "ATTENDED", true},
    {"minutes", "MINUTES", true},       {"score.n", "SCORES", true},         {"score.mean", "MEAN", true},
    {"score.median", "MEDIAN", true},   {"people.estimate", "PEOPLE", true},
};

enum { FIGURES = sizeof figures / sizeof *figures, KEY_SIZE = 32 };

enum format { FORMAT_TABLE, FORMAT_CSV, FORMAT_JSON };

/* The dimensions asked for, as columns. */
struct columns {
    struct table_column column[DIMENSION_COUNT + FIGURES];
    char key[DIMENSION_COUNT][KEY_SIZE];
    char title[DIMENSION_COUNT][KEY_SIZE];
    size_t count;
};

static void columns_make(struct columns *columns, const struct stats_request *request)
{
    columns->count = request->by_count;
    for (size_t i = 0; i < request->by_count; i++) {
        const char *name = dimension_text(request->by[i]);
        snprintf(columns->key[i], KEY_SIZE, "by.%s", name);
        for (size_t k = 0; k <= strlen(name); k++) {
            columns->title[i][k] = (char)(name[k] >= 'a' && name[k] <= 'z' ? name[k] - 'a' + 'A' : name[k]);
        }
        columns->column[i] = (struct table_column){.key = columns->key[i], .title = columns->title[i]};
    }
    memcpy(columns->column + columns->count, figures, sizeof figures);
    columns->count += FIGURES;
}

/* --- CSV
 * ---------------------------------------------------------------------------------------------------- */

/* What somebody else's node named is shown on a terminal as often as it is saved. */
static void text_write(FILE *out, json_t *value, bool is_first)
{
    char *text = strdup(json_string_value(value));

    CHECK(text);
    utf8_disarm_line(text);
    csv_write_field(out, bytes_text(text), is_first);
    free(text);
}

/* Numbers as JSON writes them, nothing for null. */
static void field_write(FILE *out, json_t *value, bool is_first)
{
    char number[KEY_SIZE] = "";

    if (json_is_string(value)) {
        text_write(out, value, is_first);
        return;
    }
    if (json_is_integer(value)) {
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    } else if (json_is_real(value)) {
        snprintf(number, sizeof number, "%.12g", json_real_value(value));
    } else if (json_is_boolean(value)) {
        snprintf(number, sizeof number, "%s", json_is_true(value) ? "true" : "false");
    }
    fprintf(out, "%s%s", is_first ? "" : ",", number);
}

static void csv_print(FILE *out, const struct stats_result *result)
{
    const struct stats_request *request = &result->request;

    for (size_t i = 0; i < request->by_count; i++) {
        fprintf(out, "%s,", dimension_text(request->by[i]));
    }
    fputs("registered,enrolled,started,active,completed,certified,revoked,dropped,attended,minutes,score_n,"
          "score_mean,"
          "score_median,people,people_error,suppressed\n",
          out);
    for (size_t at = 0; at < result->count; at++) {
        json_t *row = stats_row_document(&result->rows[at], request);
        for (size_t i = 0; i < request->by_count; i++) {
            field_write(out, json_object_get(json_object_get(row, "by"), dimension_text(request->by[i])),
                        i == 0);
        }
        for (size_t i = 0; i < FIGURES; i++) {
            field_write(out, json_member(row, figures[i].key), request->by_count == 0 && i == 0);
        }
        field_write(out, json_member(row, "people.error"), false);
        field_write(out, json_object_get(row, "suppressed"), false);
        putc('\n', out);
        json_decref(row);
    }
}

/* --- table
 * -------------------------------------------------------------------------------------------------- */

static void coverage_print(FILE *err, const struct stats_result *result)
{
    char heard[TIMESTAMP_TEXT_SIZE];

    fprintf(err, "%zu of %zu centres and campuses reporting", result->coverage.reporting,
            result->coverage.expected);
    for (size_t i = 0; i < result->coverage.late_count; i++) {
        const struct coverage_late *late = &result->coverage.late[i];
        fprintf(err, "%s %s", i == 0 ? "; late:" : ",", late->node);
        if (late->last_heard_ms > 0 && late->last_heard_ms <= TIMESTAMP_MS_MAX) {
            timestamp_format(late->last_heard_ms / 1000 * 1000, heard);
            fprintf(err, " (last heard %.10s)", heard);
        } else {
            fprintf(err, " (never heard)");
        }
    }
    for (size_t i = 0; i < result->coverage.aside_count; i++) {
        const struct coverage_aside *aside = &result->coverage.aside[i];
        fprintf(err, "%s %s (by %s)", i == 0 ? "; in quarantine, not in these figures:" : ",", aside->node, aside->by);
    }
    fputc('\n', err);
    if (result->unreadable) {
        fprintf(err,
                "%llu cells are of a kind that this version cannot read: they are not in these figures\n",
                (unsigned long long)result->unreadable);
    }
}

static json_t *row_make(void *ctx, size_t index)
{
    const struct stats_result *result = ctx;

    return stats_row_document(&result->rows[index], &result->request);
}

static void result_print(struct command_context *context, struct stats_result *result, enum format format)
{
    const struct table_rows rows = {result->count, row_make, result};
    struct columns columns;

    switch (format) {
    case FORMAT_JSON:
        (void)stats_document_dump(result, context->federation->name, table_write_json, context->out);
        table_end_json(context->out);
        return;
    case FORMAT_CSV:
        csv_print(context->out, result);
        break;
    case FORMAT_TABLE:
        columns_make(&columns, &result->request);
        table_print_each(context->out, context->is_tty, columns.column, columns.count, &rows);
        break;
    }
    coverage_print(context->err, result);
}

/* --- the command
 * -------------------------------------------------------------------------------------------- */

static enum status format_take(struct command_context *context, enum format *format_out)
{
    const char *text = command_option(context, "format");

    *format_out = context->is_json ? FORMAT_JSON : FORMAT_TABLE;
    if (text && context->is_json && strcmp(text, "json") != 0) {
        return report_set(&context->report, S_USAGE, "--format '%s' and --json: say one of them", text);
    }
    if (!text || strcmp(text, "table") == 0) {
        return S_OK;
    }
    if (strcmp(text, "csv") == 0) {
        *format_out = FORMAT_CSV;
    } else if (strcmp(text, "json") == 0) {
        *format_out = FORMAT_JSON;
    } else {
        return report_set(&context->report, S_USAGE, "--format is table, csv or json");
    }
    return S_OK;
}

static enum status request_take(struct command_context *context, struct stats_request *request)
{
    const char *by = command_option(context, "by");
    struct timespec now;

    memset(request, 0, sizeof *request);
    clock_gettime(CLOCK_REALTIME, &now);
    request->now_ms = (int64_t)now.tv_sec * 1000;
    request->self = &context->identity->node;
    request->is_published = command_flag(context, "published");
    request->disclosure_min = context->config->disclosure_min;
    request->late_after_h = context->config->late_after_h;
    for (int i = 0; i < DIMENSION_COUNT; i++) {
        request->only[i] = command_option(context, dimension_text((enum dimension)i));
    }
    const char *period = request->only[DIMENSION_PERIOD];
    if (period && !period_is_valid(bytes_text(period))) {
        return report_set(&context->report, S_USAGE, "--period is a month, 2026-10, or a year, 2026");
    }
    return by ? stats_parse_by(by, request, &context->report) : S_OK;
}

/* Zeros for a word that was mistyped look like a finding. */
static void nothing_note(FILE *err, const struct stats_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        for (int metric = 0; metric < METRIC_COUNT; metric++) {
            if (result->rows[i].number[metric] != 0 || result->rows[i].is_withheld[metric]) {
                return;
            }
        }
    }
    for (int i = 0; i < DIMENSION_COUNT; i++) {
        if (result->request.only[i]) {
            fprintf(err, "nothing is recorded under %s '%s': is it written so? qanat stats --by %s shows what there is\n",
                    dimension_text((enum dimension)i), result->request.only[i], dimension_text((enum dimension)i));
        }
    }
}

static enum status run_stats(struct command_context *context)
{
    struct stats_request request;
    struct stats_result result;
    struct roster *roster;
    enum format format;

    enum status status = format_take(context, &format);
    if (status == S_OK) {
        status = request_take(context, &request);
    }
    if (status == S_OK) {
        status = command_words(context, 0, 0);
    }
    if (status == S_OK) {
        status = command_roster(context, &roster);
    }
    if (status != S_OK) {
        return status;
    }
    status = stats_query(context->store, roster, &request, &result, &context->report);
    if (status == S_OK) {
        result_print(context, &result, format);
        nothing_note(context->err, &result);
    }
    stats_release(&result);
    roster_free(roster);
    return status;
}

const struct command stats_commands[] = {
    {"stats", NEEDS_READ,
     "[--by DIMENSION,...] [--period 2026-10|2026] [--course ID] [--centre NAME] [--format table|csv|json] "
     "[--published]",
     "figures of all nodes below this one",
     "Dimensions: centre, node, country, region, course, lang, version, cohort, role, gender, period; each "
     "one is also an\n"
     "option that keeps only one value: --gender female. A campus counts under its centre; --by node tells "
     "them apart.\n"
     "Sums over rows equal the totals, but people are distinct people in each row: they must not be added. People are known\n"
     "by their ids: who has the same id at two nodes is one of them.\n"
     "--published withholds counts of fewer people than the option disclosure_min says, and what would give "
     "them away.\n\n"
     "  qanat stats --dir D --by country,gender --period 2026\n",
     run_stats},
    {NULL, NEEDS_NOTHING, NULL, NULL, NULL, NULL},
};
