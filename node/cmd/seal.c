/* seal.c: `qanat seal`: fixes the figures of a period; afterwards shows what was restated. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node/cmd/command.h"
#include "node/cmd/screen.h"
#include "node/cmd/table.h"
#include "node/stats/document.h"
#include "node/stats/restatement.h"
#include "node/store/stream/roster.h"
#include "node/store/stream/seal.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

static const char seal_dimensions[] = "centre,course,lang,version,role,gender";

struct sealing {
    struct bytes period;
    struct bytes document;
};

static enum status seal_run(struct db *db, void *arg)
{
    const struct sealing *sealing = arg;
    return seal_put(db, sealing->period, sealing->document);
}

/* The first moment behind the period; false for a period that has none. */
static bool period_end(const char *period, char out[TIMESTAMP_TEXT_SIZE], int64_t *ms_out)
{
    int year = atoi(period), month = strlen(period) > 4 ? atoi(period + 5) : 12;
    char day[3 * 12]; /* three numbers */

    snprintf(day, sizeof day, "%04d-%02d-01", year + (month == 12), month % 12 + 1);
    if (!timestamp_parse(bytes_text(day), ms_out)) {
        return false;
    }
    timestamp_format(*ms_out, out);
    return true;
}

/* The figures of the period as they stand now. */
static enum status document_read(struct command_context *context, const char *period, json_t **document_out)
{
    struct stats_request request = {.late_after_h = context->config->late_after_h,
                                    .self = &context->identity->node};
    struct stats_result result;
    struct roster *roster;
    struct timespec now;
    char end[TIMESTAMP_TEXT_SIZE];

    clock_gettime(CLOCK_REALTIME, &now);
    (void)period_end(period, end, &request.heard_since_ms);
    request.now_ms = (int64_t)now.tv_sec * 1000;
    request.only[DIMENSION_PERIOD] = period;
    enum status status = command_roster(context, &roster);
    if (status != S_OK) {
        return status;
    }
    status = stats_parse_by(seal_dimensions, &request, &context->report);
    CHECK(status == S_OK);
    status = stats_query(context->store, roster, &request, &result, &context->report);
    if (status == S_OK) {
        *document_out = stats_document(&result, context->federation->name);
    }
    stats_release(&result);
    roster_free(roster);
    return status;
}

/* A period can be sealed once it is over, by UTC. */
static enum status period_check(struct command_context *context, const char *period)
{
    char current[PERIOD_SIZE];
    struct timespec now;

    if (!period_is_valid(bytes_text(period))) {
        return report_set(&context->report, S_USAGE, "'%s' is no period: a month, 2026-10, or a year, 2026",
                          period);
    }
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t ms = (int64_t)now.tv_sec * 1000;
    if (ms < 0 || ms > TIMESTAMP_MS_MAX) {
        return report_set(&context->report, S_STALE, "the clock of this machine is not set");
    }
    timestamp_period(ms, current);
    if (strncmp(period, current, strlen(period)) >= 0) {
        return report_set(&context->report, S_INVALID, "'%s' is not over yet: it can be sealed afterwards",
                          period);
    }
    return S_OK;
}

static json_t *sealed_read(struct command_context *context, const char *period)
{
    struct buffer text = {0};
    json_t *document = NULL;

    struct db *db = store_read_begin(context->store);
    if (seal_get(db, bytes_text(period), &text)) {
        document = json_loadb((const char *)text.data, text.size, 0, NULL);
    }
    store_read_end(context->store, db);
    buffer_release(&text);
    return document;
}

/* S_EXISTS: somebody else sealed it meanwhile. */
static enum status period_seal(struct command_context *context, const char *period, json_t *document)
{
    char *text = json_dumps(document, JSON_COMPACT);
    CHECK(text);
    struct sealing sealing = {.period = bytes_text(period), .document = bytes_text(text)};
    enum status status = store_write_wait(context->store, seal_run, &sealing);

    free(text);
    return status == S_OK || status == S_EXISTS ? status : report_set(&context->report, status, "'%s' could not be sealed: %s", period, status_text(status));
}

/* Numbers of a table have one decimal; two that differ in the next one would look alike here. */
static void number_spell(json_t *entry, const char *key)
{
    json_t *number = json_object_get(entry, key);

    if (json_is_real(number)) {
        char text[32];
        snprintf(text, sizeof text, "%.12g", json_real_value(number));
        json_object_set_new(entry, key, json_string(text));
    }
}

/* Those that were last heard before the period was over, or never, when it was sealed: their figures may lack its end. Seals of earlier versions know it of
 * those alone who were late. */
static json_t *unheard_find(json_t *coverage, int64_t end_ms)
{
    json_t *list = json_array(), *known = json_object_get(coverage, "unheard"), *late;
    size_t at;

    json_array_foreach(known ? known : json_object_get(coverage, "late"), at, late)
    {
        const char *heard = json_string_value(json_object_get(late, "last_heard"));
        int64_t heard_ms = 0;
        if (!heard || !timestamp_parse(bytes_text(heard), &heard_ms) || heard_ms < end_ms) {
            json_array_append(list, json_object_get(late, "node"));
        }
    }
    return list;
}

/* "'islet' is in quarantine since ..., by 'hub' (odd): ..." */
static void aside_print(struct command_context *context, json_t *list, bool is_release)
{
    json_t *entry;
    size_t at;

    json_array_foreach(list, at, entry)
    {
        const char *since = json_string_value(json_object_get(entry, "since")), *reason = json_string_value(json_object_get(entry, "reason"));

        fputc('\'', context->out);
        screen_line(context->out, json_string_value(json_object_get(entry, "node")));
        fprintf(context->out, is_release ? "' was in quarantine when this was sealed" : "' is in quarantine since %.10s", since ? since : "a day unknown");
        if (reason && *reason) {
            fputs(" (", context->out);
            screen_line(context->out, reason);
            fputc(')', context->out);
        }
        fputs(is_release ? ": its figures count again\n" : ": its figures are left out until it is released\n", context->out);
    }
}

/* Alters `list`: it is not shown in another way afterwards. The causes stand last, when there are any. */
static void restatements_print(struct command_context *context, json_t *list)
{
    static const struct table_column columns[] = {
        {"by.centre", "CENTRE", false},   {"by.course", "COURSE", false}, {"by.lang", "LANG", false},
        {"by.version", "VERSION", false}, {"by.role", "ROLE", false},     {"by.gender", "GENDER", false},
        {"figure", "FIGURE", false},      {"sealed", "SEALED", true},     {"now", "NOW", true},
        {"cause", "CAUSE", false},
    };
    json_t *entry;
    size_t index;
    bool has_cause = false;

    json_array_foreach(list, index, entry)
    {
        number_spell(entry, "sealed");
        number_spell(entry, "now");
        has_cause = has_cause || json_is_string(json_object_get(entry, "cause"));
    }
    table_print(context->out, context->is_tty, columns, sizeof columns / sizeof *columns - !has_cause, list);
}

/* Says what is sealed, over whom it speaks, and what changed since. */
static void seal_print(struct command_context *context, const char *period, json_t *sealed, json_t *now, json_t *list)
{
    char end[TIMESTAMP_TEXT_SIZE] = "";
    int64_t end_ms = 0;
    bool has_end = period_end(period, end, &end_ms);
    json_t *coverage = json_object_get(sealed, "coverage");
    size_t aside = json_array_size(json_object_get(coverage, "quarantined"));
    const char *as_of = json_string_value(json_object_get(sealed, "as_of"));
    char aside_text[64] = "", unheard_text[64] = "";
    json_t *set_aside = restatements_aside(now, sealed), *released = restatements_aside(sealed, now), *unheard = unheard_find(coverage, end_ms);

    if (context->is_json) {
        table_print_json(context->out,
                         json_pack("{s:s,s:o,s:O,s:O,s:O,s:o,s:o,s:o}", "period", period, "period_end", has_end ? json_string(end) : json_null(), "sealed_at",
                                   json_object_get(sealed, "as_of"), "coverage", coverage, "restatements", list, "unheard_since_end", unheard,
                                   "quarantined_since", set_aside, "released_since", released));
        return;
    }
    if (json_array_size(unheard) > 0) {
        snprintf(unheard_text, sizeof unheard_text, ", %zu not heard since the period ended", json_array_size(unheard));
    }
    if (aside > 0) {
        snprintf(aside_text, sizeof aside_text, ", %zu in quarantine", aside);
    }
    fprintf(context->out,
            "%s is sealed as of %s: %lld of %lld centres and campuses reporting at that moment, %zu late%s%s; %zu figures restated\n",
            period, as_of ? as_of : "?",
            (long long)json_integer_value(json_object_get(coverage, "reporting")),
            (long long)json_integer_value(json_object_get(coverage, "expected")),
            json_array_size(json_object_get(coverage, "late")), unheard_text, aside_text, json_array_size(list));
    aside_print(context, set_aside, false);
    aside_print(context, released, true);
    if (json_array_size(list)) {
        restatements_print(context, list);
    }
    json_decref(unheard);
    json_decref(released);
    json_decref(set_aside);
}

static enum status run_seal(struct command_context *context)
{
    json_t *now = NULL;
    enum status status = command_words(context, 1, 1);

    if (status == S_OK) {
        status = period_check(context, context->argv[0]);
    }
    if (status == S_OK) {
        status = document_read(context, context->argv[0], &now);
    }
    if (status != S_OK) {
        return status;
    }
    json_t *sealed = sealed_read(context, context->argv[0]);
    if (!sealed) {
        status = period_seal(context, context->argv[0], now);
        sealed = status == S_EXISTS ? sealed_read(context, context->argv[0]) : json_incref(now);
        status = status == S_EXISTS && sealed ? S_OK : status;
    }
    if (status == S_OK) {
        json_t *list = restatements_find(sealed, now);
        restatements_explain(list, sealed, now);
        seal_print(context, context->argv[0], sealed, now, list);
        json_decref(list);
    }
    json_decref(sealed);
    json_decref(now);
    return status;
}

const struct command seal_commands[] = {
    {"seal", NEEDS_WRITE, "PERIOD", "fix the figures of a period that is over, and show what changed since",
     "Records the figures of a month (2026-10) or a year (2026) as they stand, with their coverage: how many "
     "centres had\n"
     "reported. The coverage is that of the moment when it is sealed; who was last heard before the period ended is told beside it.\n"
     "Sealing again changes nothing: it lists what was restated since, figure by figure, and whether a quarantine or its end is the cause.\n\n"
     "  qanat seal --dir D 2026-10\n",
     run_seal},
    {NULL, NEEDS_NOTHING, NULL, NULL, NULL, NULL},
};
