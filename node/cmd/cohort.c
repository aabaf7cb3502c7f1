#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "node/cmd/command.h"
#include "node/cmd/problem.h"
#include "node/cmd/table.h"
#include "node/input.h"
#include "node/learn/attempt/due.h"
#include "node/learn/cohort/progress.h"
#include "node/learn/csv.h"
#include "node/local_time.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

enum { LIST_PAGE = 1000, LINE_MAX_SIZE = 4096 };

static struct cohorts cohorts_of(const struct command_context *context)
{
    return (struct cohorts){
        .store = context->store, .federation = context->federation, .now_ms = (int64_t)local_time_now()};
}

/* Enrolments and completions become events and figures at once; inside a node they would within seconds. */
static enum status figures_tell(struct command_context *context, enum status status)
{
    enum status told = status == S_OK || status == S_PARTIAL ? due_tell_all(context->store, context->federation, &context->report) : S_OK;

    return told == S_OK ? status : told;
}

/* --- people as words, lines or a column of a file --------------------------------------------------------- */

struct people {
    struct buffer text;
    struct bytes *ids;
    size_t count;
};

static void people_release(struct people *people)
{
    buffer_release(&people->text);
    free(people->ids);
}

/* The first field of a line, bare or in quotes, which are taken off in place; as person export writes it. */
static struct bytes first_field(char *line)
{
    size_t size = 0;

    if (line[0] != '"') {
        return csv_unguard(text_trim(bytes_of(line, strcspn(line, ",;\t\r\n"))));
    }
    for (size_t at = 1; line[at]; at++) {
        if (line[at] == '"' && line[++at] != '"') {
            break;
        }
        line[size++] = line[at];
    }
    return csv_unguard(text_trim(bytes_of(line, size)));
}

static bool is_heading(struct bytes field)
{
    return (field.size == 2 && strncasecmp((const char *)field.data, "id", 2) == 0) ||
           (field.size == 6 && strncasecmp((const char *)field.data, "person", 6) == 0);
}

/* Each line's first field; a first line "id", "person" or with such a first column is a heading. */
static enum status lines_read(struct command_context *context, FILE *in, struct people *people)
{
    char line[LINE_MAX_SIZE];
    bool is_first = true;

    while (fgets(line, sizeof line, in)) {
        if (!strchr(line, '\n')) { /* only the first field is of interest */
            for (int c = getc(in); c != EOF && c != '\n'; c = getc(in)) {
            }
        }
        struct bytes id = first_field(line + (is_first && strncmp(line, "\xef\xbb\xbf", 3) == 0 ? 3 : 0));
        bool is_left_out = id.size == 0 || (is_first && is_heading(id));
        is_first = false;
        if (is_left_out) {
            continue;
        }
        if (people->count == COHORT_LIST_MAX) {
            return report_set(&context->report, S_TOO_LARGE, "more than %d people in one list", COHORT_LIST_MAX);
        }
        buffer_append(&people->text, id.data, id.size);
        buffer_append_u8(&people->text, '\0');
        people->count++;
    }
    return S_OK;
}

/* The words behind the first `skip` of them, and the lines of --file. */
static enum status people_read(struct command_context *context, int skip, const char *file, struct people *people)
{
    enum status status = S_OK;

    memset(people, 0, sizeof *people);
    for (int i = skip; i < context->argc; i++) {
        buffer_append(&people->text, context->argv[i], strlen(context->argv[i]) + 1);
        people->count++;
    }
    if (file) {
        FILE *in = strcmp(file, "-") == 0 ? context->in : input_stream(file, &context->report);
        if (!in) {
            return context->report.status;
        }
        status = lines_read(context, in, people);
        if (in != context->in) {
            fclose(in);
        }
    }
    if (status == S_OK && people->count == 0) {
        return report_set(&context->report, S_USAGE, "whom? say their ids, or --file FILE with one in each line");
    }
    people->ids = calloc(people->count + 1, sizeof *people->ids);
    CHECK(people->ids);
    for (size_t i = 0, at = 0; i < people->count; i++) {
        people->ids[i] = bytes_text((const char *)people->text.data + at);
        at += people->ids[i].size + 1;
    }
    return status;
}

static void outcome_print(struct command_context *context, const struct cohort_outcome *outcome, const char *what)
{
    if (context->is_json) {
        table_print_json(context->out, json_pack("{s:I,s:I,s:I,s:o}", "changed", (json_int_t)outcome->changed,
                                                 "unchanged", (json_int_t)outcome->unchanged, "refused",
                                                 (json_int_t)outcome->refusals.total, "reasons",
                                                 refusals_json(&outcome->refusals)));
        return;
    }
    refusals_print(&outcome->refusals, context->err);
    fprintf(context->out, "%llu %s, %llu unchanged, %llu refused\n", (unsigned long long)outcome->changed, what,
            (unsigned long long)outcome->unchanged, (unsigned long long)outcome->refusals.total);
}

/* --- the cohort ------------------------------------------------------------------------------------------- */

/* A day of an option; false after a report. */
static bool day_read(struct command_context *context, const char *name, int64_t *ms_out)
{
    const char *text = command_option(context, name);

    *ms_out = -1;
    if (text && !timestamp_parse(bytes_text(text), ms_out)) {
        report_set(&context->report, S_USAGE, "--%s '%s': write the day as 2026-10-05", name, text);
        return false;
    }
    return true;
}

static enum status put(struct command_context *context, bool must_be_new)
{
    struct cohorts cohorts = cohorts_of(context);
    struct cohort_wish wish = {.title = command_option(context, "title"),
                               .course = command_option(context, "course"),
                               .lang = command_option(context, "lang"),
                               .trains = command_option(context, "trains"),
                               .version = command_option(context, "version")};

    if (!day_read(context, "starts", &wish.starts_ms) || !day_read(context, "ends", &wish.ends_ms)) {
        return context->report.status;
    }
    enum status status = command_words(context, 1, 1);
    if (status == S_OK && must_be_new && !wish.course) {
        status = report_set(&context->report, S_USAGE, "say --course ID: what the cohort takes");
    }
    if (status == S_OK) {
        wish.cohort = context->argv[0];
        status = cohort_put(&cohorts, &wish, must_be_new, &context->report);
    }
    if (status == S_OK && context->is_json) {
        table_print_json(context->out, json_pack("{s:s,s:b}", "cohort", wish.cohort, "new", must_be_new));
    } else if (status == S_OK) {
        fprintf(context->out, must_be_new ? "made the cohort '%s'\n" : "changed the cohort '%s'\n", wish.cohort);
    }
    return status;
}

static enum status run_new(struct command_context *context)
{
    return put(context, true);
}

static enum status run_set(struct command_context *context)
{
    return put(context, false);
}

static enum status run_remove(struct command_context *context)
{
    struct cohorts cohorts = cohorts_of(context);
    enum status status = command_words(context, 1, 1);

    if (status == S_OK) {
        status = cohort_remove(&cohorts, context->argv[0], &context->report);
    }
    if (status == S_OK && context->is_json) {
        table_print_json(context->out, json_pack("{s:s}", "removed", context->argv[0]));
    } else if (status == S_OK) {
        fprintf(context->out, "removed the cohort '%s'; what was counted stays counted\n", context->argv[0]);
    }
    return status;
}

/* --- members and attendance ------------------------------------------------------------------------------- */

static enum status members(struct command_context *context, bool is_leaving)
{
    struct cohorts cohorts = cohorts_of(context);
    const char *file = command_option(context, "file");
    bool as_trainers = !is_leaving && command_flag(context, "trainer");
    struct cohort_outcome outcome;
    struct people people = {.count = 0};
    enum status status = command_words(context, 1, COHORT_LIST_MAX);

    if (status == S_OK) {
        status = people_read(context, 1, file, &people);
    }
    if (status != S_OK) {
        people_release(&people);
        return status;
    }
    const struct cohort_people list = {people.ids, people.count};
    cohort_outcome_init(&outcome);
    if (is_leaving) {
        status = cohort_drop(&cohorts, context->argv[0], &list, &outcome, &context->report);
    } else {
        status = cohort_add(&cohorts, context->argv[0], as_trainers, &list, &outcome,
                            &context->report);
    }
    if (status == S_OK || status == S_PARTIAL) {
        outcome_print(context, &outcome, is_leaving ? "left" : "added");
    }
    cohort_outcome_release(&outcome);
    people_release(&people);
    return figures_tell(context, status);
}

static enum status run_add(struct command_context *context)
{
    return members(context, false);
}

static enum status run_drop(struct command_context *context)
{
    return members(context, true);
}

static enum status run_attend(struct command_context *context)
{
    struct cohorts cohorts = cohorts_of(context);
    const char *file = command_option(context, "file"), *minutes = command_option(context, "minutes");
    struct cohort_attendance attendance = {.minutes = -1, .was_there = !command_flag(context, "absent")};
    struct cohort_outcome outcome;
    struct people people = {.count = 0};

    if (!day_read(context, "at", &attendance.at_ms)) {
        return context->report.status;
    }
    attendance.at_ms = attendance.at_ms < 0 ? 0 : attendance.at_ms;
    if (minutes && !decimal_parse(bytes_text(minutes), 24 * 60, &attendance.minutes)) {
        return report_set(&context->report, S_USAGE, "--minutes '%s' is no number from 0 to 1440", minutes);
    }
    enum status status = command_words(context, 2, COHORT_LIST_MAX);
    if (status == S_OK) {
        status = people_read(context, 2, file, &people);
    }
    if (status == S_OK) {
        const struct cohort_people list = {people.ids, people.count};
        attendance.cohort = context->argv[0];
        attendance.session = bytes_text(context->argv[1]);
        cohort_outcome_init(&outcome);
        status = cohort_attend(&cohorts, &attendance, &list, &outcome, &context->report);
        if (status == S_OK || status == S_PARTIAL) {
            outcome_print(context, &outcome, attendance.was_there ? "attended" : "taken off the list");
        }
        cohort_outcome_release(&outcome);
    }
    people_release(&people);
    return status;
}

static enum status run_complete(struct command_context *context)
{
    struct cohorts cohorts = cohorts_of(context);
    const char *reason = command_option(context, "reason"), *score = command_option(context, "score");
    struct cohort_completion completion = {.reason = bytes_text(reason ? reason : ""),
                                           .score = -1,
                                           .is_undo = command_flag(context, "undo")};

    if (score && !decimal_parse(bytes_text(score), 100, &completion.score)) {
        return report_set(&context->report, S_USAGE, "--score '%s' is no number from 0 to 100", score);
    }
    enum status status = command_words(context, 2, 2);
    if (status == S_OK && !reason && !completion.is_undo) {
        status = report_set(&context->report, S_USAGE, "say --reason TEXT: why it counts as completed");
    }
    if (status == S_OK) {
        completion.cohort = context->argv[0];
        completion.person = bytes_text(context->argv[1]);
        status = cohort_complete(&cohorts, &completion, &context->report);
    }
    if (status == S_OK) {
        status = figures_tell(context, status);
    }
    if (status == S_OK && context->is_json) {
        table_print_json(context->out, json_pack("{s:s,s:s,s:b}", "cohort", completion.cohort, "person",
                                                 context->argv[1], "completed", !completion.is_undo));
    } else if (status == S_OK) {
        fprintf(context->out, completion.is_undo ? "'%s' counts as before in '%s'\n" : "'%s' completed '%s', by hand\n",
                context->argv[1], completion.cohort);
    }
    return status;
}

/* --- looking ---------------------------------------------------------------------------------------------- */

static void list_take(void *ctx, const struct cohort_row *row)
{
    struct buffer *rows = ctx;

    buffer_append(rows, row, sizeof *row);
}

/* All cohorts, or those of a person. */
static json_t *list_make(struct command_context *context)
{
    json_t *list = json_array();
    struct cohort_row row = {.id = 0};
    struct buffer rows;
    size_t seen = LIST_PAGE;

    CHECK(list);
    buffer_init(&rows);
    struct db *db = store_read_begin(context->store);
    while (seen == LIST_PAGE) {
        buffer_clear(&rows);
        seen = cohort_row_page(db, bytes_text(row.cohort), LIST_PAGE, list_take, &rows);
        for (size_t at = 0; at < rows.size; at += sizeof row) {
            memcpy(&row, rows.data + at, sizeof row);
            json_array_append_new(list, cohort_json(db, &row));
        }
    }
    store_read_end(context->store, db);
    buffer_release(&rows);
    return list;
}

static enum status run_list(struct command_context *context)
{
    static const struct table_column columns[] = {
        {"cohort", "COHORT", false},   {"title", "TITLE", false},   {"course", "COURSE", false},
        {"lang", "LANG", false},       {"version", "VERSION", false}, {"starts", "STARTS", false},
        {"ends", "ENDS", false},       {"learners", "LEARNERS", true}, {"trainers", "TRAINERS", true}};
    enum status status = command_words(context, 0, 0);

    if (status != S_OK) {
        return status;
    }
    json_t *list = list_make(context);
    if (context->is_json) {
        table_print_json(context->out, json_pack("{s:o}", "cohorts", list));
    } else {
        table_print(context->out, context->is_tty, columns, sizeof columns / sizeof *columns, list);
        if (json_array_size(list) == 0) {
            problem_none(context, "No cohort is here yet: qanat cohort new makes one.");
        }
        json_decref(list);
    }
    return S_OK;
}

static enum status run_show(struct command_context *context)
{
    static const struct table_column columns[] = {{"session", "SESSION", false},
                                                  {"at", "AT", false},
                                                  {"minutes", "MINUTES", true},
                                                  {"attended", "ATTENDED", true}};
    struct cohort_row row;
    json_t *document = NULL;
    enum status status = command_words(context, 1, 1);

    if (status != S_OK) {
        return status;
    }
    struct db *db = store_read_begin(context->store);
    status = cohort_get(db, context->argv[0], &row, &context->report);
    if (status == S_OK) {
        document = cohort_json(db, &row);
        json_object_set_new(document, "sessions", cohort_sessions_json(db, &row, true));
    }
    store_read_end(context->store, db);
    if (status == S_OK && context->is_json) {
        table_print_json(context->out, document);
    } else if (status == S_OK) {
        fprintf(context->out, "%s: %s\n  course %s%s%s, %lld learners, %lld trainers\n", row.cohort, row.title,
                row.course, *row.lang ? ", " : "", row.lang,
                (long long)json_integer_value(json_object_get(document, "learners")),
                (long long)json_integer_value(json_object_get(document, "trainers")));
        table_print(context->out, context->is_tty, columns, sizeof columns / sizeof *columns,
                    json_object_get(document, "sessions"));
        json_decref(document);
    }
    return status;
}

static enum status progress_print(struct command_context *context, const struct cohort_row *row, const char *format)
{
    static const struct table_column columns[] = {
        {"person", "PERSON", false},      {"name", "NAME", false},        {"status", "STATUS", false},
        {"progress", "PROGRESS", true},   {"score", "SCORE", true},       {"minutes", "MINUTES", true},
        {"attended", "ATTENDED", true},   {"completed", "COMPLETED", false}, {"reason", "BY HAND", false}};
    json_t *rows = json_array();
    int64_t after = 0;
    size_t seen = PROGRESS_PAGE_MAX;

    if (strcmp(format, "csv") == 0) {
        json_decref(rows);
        cohort_progress_csv(context->store, row, context->out);
        return S_OK;
    }
    while (seen == PROGRESS_PAGE_MAX) {
        struct db *db = store_read_begin(context->store);
        json_t *page = cohort_progress_json(db, row, PROGRESS_PAGE_MAX, &after);
        store_read_end(context->store, db);
        seen = json_array_size(page);
        json_array_extend(rows, page);
        json_decref(page);
    }
    if (strcmp(format, "json") == 0) {
        table_print_json(context->out, json_pack("{s:s,s:o}", "cohort", row->cohort, "people", rows));
    } else {
        table_print(context->out, context->is_tty, columns, sizeof columns / sizeof *columns, rows);
        json_decref(rows);
    }
    return S_OK;
}

static enum status run_progress(struct command_context *context)
{
    const char *format = command_option(context, "format");
    struct cohort_row row;
    enum status status = command_words(context, 1, 1);

    if (status == S_OK && format && context->is_json && strcmp(format, "json") != 0) {
        status = report_set(&context->report, S_USAGE, "--format '%s' and --json: say one of them", format);
    }
    format = format ? format : context->is_json ? "json" : "table";
    if (status == S_OK && strcmp(format, "table") != 0 && strcmp(format, "csv") != 0 && strcmp(format, "json") != 0) {
        status = report_set(&context->report, S_USAGE, "--format is table, csv or json, not '%s'", format);
    }
    if (status != S_OK) {
        return status;
    }
    struct db *db = store_read_begin(context->store);
    status = cohort_get(db, context->argv[0], &row, &context->report);
    store_read_end(context->store, db);
    return status == S_OK ? progress_print(context, &row, format) : status;
}

const struct command cohort_commands[] = {
    {"cohort new", NEEDS_WRITE,
     "NAME --course ID [--title T] [--lang TAG] [--version V] [--starts DAY] [--ends DAY] [--trains COURSE]",
     "make a cohort: a group that takes one course together",
     "With --version its members stay with that version. A cohort with --trains COURSE is a training of trainers: who finishes\n"
     "it may run cohorts of COURSE.\n\n"
     "  qanat cohort new autumn --dir D --course running-a-centre-node --starts 2026-10-05 --ends 2026-12-18\n",
     run_new},
    {"cohort set", NEEDS_WRITE,
     "NAME [--title T] [--course ID] [--lang TAG] [--version V] [--starts DAY] [--ends DAY] [--trains COURSE]",
     "change a cohort", "What is not said stays as it is.\n", run_set},
    {"cohort list", NEEDS_READ, "", "show all cohorts", "", run_list},
    {"cohort show", NEEDS_READ, "NAME", "show one cohort with its sessions and who was there (--json)", "", run_show},
    {"cohort add", NEEDS_WRITE, "NAME PERSON... [--file FILE|-] [--trainer]", "add people to a cohort, by id or list",
     "Each learner is enrolled in the course. FILE has an id in each line (or a CSV whose first column it is). The same people\n"
     "again change nothing. --trainer: they run the cohort; a trainer is a facilitator, or finished a training of trainers.\n\n"
     "  qanat cohort add autumn --dir D --file class.csv\n",
     run_add},
    {"cohort drop", NEEDS_WRITE, "NAME PERSON... [--file FILE|-]", "take people out of a cohort",
     "Their enrolment and results stay counted.\n", run_drop},
    {"cohort attend", NEEDS_WRITE,
     "NAME SESSION PERSON... [--file FILE|-] [--minutes N] [--at TIME] [--absent]",
     "say who attended a session on site",
     "A session is made when its name is new; a name like 2026-10-05 is its day. Each learner counts as `attended` once a\n"
     "session, with its minutes; --absent takes that back. The same session with other minutes or another time is a correction: the\n"
     "figures of all who were there follow.\n\n"
     "  qanat cohort attend autumn 2026-10-05 --dir D --file present.txt --minutes 180\n",
     run_attend},
    {"cohort complete", NEEDS_WRITE, "NAME PERSON --reason TEXT [--score N] [--undo]",
     "decide by hand that somebody completed the course",
     "The decision goes before what the course said, and stands with its reason in the progress table. --undo takes it back,\n"
     "and the figures with it.\n",
     run_complete},
    {"cohort progress", NEEDS_READ, "NAME [--format table|csv|json]", "show who is how far",
     "  qanat cohort progress autumn --dir D --format csv > autumn.csv\n", run_progress},
    {"cohort remove", NEEDS_WRITE, "NAME", "let go of a cohort",
     "Members and attendance lists go; what was counted stays counted.\n", run_remove},
    {NULL, NEEDS_NOTHING, NULL, NULL, NULL, NULL},
};
