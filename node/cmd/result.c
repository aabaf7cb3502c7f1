#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "node/cmd/command.h"
#include "node/cmd/progress.h"
#include "node/cmd/table.h"
#include "node/input.h"
#include "node/learn/result/result.h"

struct talk {
    struct command_context *context;
    json_t *warnings;
    FILE *in;
    struct progress_state state; /* of a file, for who reads no terminal */
};

static void column_warn(void *ctx, const char *column)
{
    struct talk *talk = ctx;
    json_array_append_new(talk->warnings, json_sprintf("the column \"%s\" is ignored", column));
}

/* Looks how much of the file is left to be read; of what is no file nobody knows. */
static bool file_look(struct talk *talk)
{
    struct stat info;
    struct timespec now;
    off_t at = ftello(talk->in);

    if (at < 0 || fileno(talk->in) < 0 || fstat(fileno(talk->in), &info) != 0 || !S_ISREG(info.st_mode) || info.st_size < at) {
        return false;
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    progress_look(&talk->state, (uint64_t)(info.st_size - at), (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
    return true;
}

static void progress_print(void *ctx, uint64_t rows)
{
    struct talk *talk = ctx;
    char text[PROGRESS_LINE_MAX];

    if (talk->context->is_err_tty) {
        fprintf(talk->context->err, "\r%llu rows ", (unsigned long long)rows);
    } else if (file_look(talk) && progress_is_due(&talk->state) && progress_text(&talk->state, text)) {
        fprintf(talk->context->err, "%s\n", text);
    }
}

static void courses_warn(struct talk *talk, const struct result_outcome *outcome)
{
    for (size_t i = 0; i < outcome->course_count; i++) {
        json_array_append_new(
            talk->warnings,
            json_sprintf("no package of course '%s' is known here: %llu events counted all the same",
                         outcome->courses[i].course, (unsigned long long)outcome->courses[i].events));
    }
    if (outcome->other_events) {
        json_array_append_new(talk->warnings,
                              json_sprintf("and %llu events of further courses without a package here",
                                           (unsigned long long)outcome->other_events));
    }
}

static void outcome_print(struct talk *talk, const struct result_outcome *outcome)
{
    struct command_context *context = talk->context;
    json_t *warning;
    size_t index;

    courses_warn(talk, outcome);
    if (context->is_json) {
        table_print_json(context->out,
                         json_pack("{s:I,s:I,s:I,s:o,s:O}", "durable", (json_int_t)outcome->durable,
                                   "duplicate", (json_int_t)outcome->duplicate, "refused",
                                   (json_int_t)outcome->refusals.total, "reasons",
                                   refusals_json(&outcome->refusals), "warnings", talk->warnings));
        return;
    }
    if (context->is_err_tty) {
        fputc('\r', context->err);
    }
    json_array_foreach(talk->warnings, index, warning)
    {
        fprintf(context->err, "warning: %s\n", json_string_value(warning));
    }
    refusals_print(&outcome->refusals, context->err);
    fprintf(context->out, "%llu durable, %llu duplicate, %llu refused\n",
            (unsigned long long)outcome->durable, (unsigned long long)outcome->duplicate,
            (unsigned long long)outcome->refusals.total);
}

static enum status import_from(struct command_context *context, FILE *in, bool is_known, bool is_new)
{
    struct talk talk = {.context = context, .warnings = json_array(), .in = in, .state = {.is_local = true}};
    struct result_import import = {.store = context->store,
                                   .federation = context->federation,
                                   .in = in,
                                   .is_known = is_known,
                                   .is_new = is_new,
                                   .warn = column_warn,
                                   .progress = progress_print,
                                   .ctx = &talk};
    struct result_outcome outcome;

    result_outcome_init(&outcome);
    (void)file_look(&talk);
    enum status status = result_import(&import, &outcome, &context->report);
    if (status == S_OK || status == S_PARTIAL || outcome.durable || outcome.duplicate) {
        outcome_print(&talk, &outcome);
    }
    result_outcome_release(&outcome);
    json_decref(talk.warnings);
    return status;
}

static enum status run_import(struct command_context *context)
{
    bool is_known = command_flag(context, "after-restore");
    bool is_new = command_flag(context, "new");
    enum status status = command_words(context, 1, 1);

    if (status != S_OK) {
        return status;
    }
    if (is_known && is_new) {
        return report_set(&context->report, S_USAGE, "--after-restore and --new say the opposite");
    }
    if (strcmp(context->argv[0], "-") == 0) {
        return import_from(context, context->in, is_known, is_new);
    }
    FILE *in = input_stream(context->argv[0], &context->report);
    if (!in) {
        return context->report.status;
    }
    status = import_from(context, in, is_known, is_new);
    fclose(in);
    return status;
}

const struct command result_commands[] = {
    {"result import", NEEDS_WRITE, "FILE.csv|FILE.jsonl|- [--after-restore|--new]", "record what learners did, each event once",
     "CSV columns, or keys of one JSON object per line: event_id, person, course, kind, at; score (0-100), "
     "minutes, cohort,\n"
     "lang and version when you have them. kind: enrolled, started, active, completed, dropped, certified, "
     "revoked,\n"
     "attended. at: 2026-10-05T12:30:00Z; without an offset it is UTC. Scores and minutes are kept to two "
     "decimals.\n"
     "A score counts in the mean whatever kind of event it stands at: leave it empty where it is none, or where another event of the person tells it too.\n"
     "An event is known by its id: the same file again changes nothing, so after a power cut just import it "
     "again. What\n"
     "is counted as durable is on disk. People must be known (qanat person import); a course without a "
     "package here is\n"
     "counted with a warning. Exit 1 when a row was refused.\n"
     "After an older database was put back, or a lost machine was replaced, import the same files again: figures recorded since come back\n"
     "from peers with fingerprints of what they counted, and whatever is in both counts once, whichever came first. Of imports of\n"
     "more than 4,096 new events only all together is known again: where that does not match, say --after-restore (they were counted\n"
     "before: only their ids are stored) or --new.\n\n"
     "  qanat result import --dir D october.csv\n",
     run_import},
    {NULL, NEEDS_NOTHING, NULL, NULL, NULL, NULL},
};
