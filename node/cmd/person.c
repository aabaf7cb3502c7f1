#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node/cmd/command.h"
#include "node/cmd/oneroster.h"
#include "node/cmd/problem.h"
#include "node/cmd/table.h"
#include "node/input.h"
#include "node/learn/csv.h"
#include "node/learn/person/duplicate.h"
#include "node/learn/person/person.h"
#include "node/learn/result/enrol.h"
#include "node/learn/search.h"
#include "node/learn/vocabulary.h"
#include "node/store/people/person_search.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

enum { PAGE = 500, LIST_DEFAULT = 100, LIMIT_MAX = 1000 * 1000 };

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    int64_t ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    return ms < 0 ? 0 : ms > TIMESTAMP_MS_MAX ? TIMESTAMP_MS_MAX : ms; /* a clock beyond the years that can be written stands at their end */
}

static void column_warn(void *ctx, const char *column)
{
    struct command_context *context = ctx;
    fprintf(context->err, "qanat %s: the column \"%s\" is ignored\n", context->command->name, column);
}

/* --- import and add
 * ----------------------------------------------------------------------------------------- */

static void outcome_print(struct command_context *context, const struct person_outcome *outcome,
                          bool is_dry_run)
{
    if (context->is_json) {
        table_print_json(context->out,
                         json_pack("{s:b,s:I,s:I,s:I,s:I,s:o}", "dry_run", is_dry_run, "added",
                                   (json_int_t)outcome->added, "updated", (json_int_t)outcome->updated,
                                   "unchanged", (json_int_t)outcome->unchanged, "refused",
                                   (json_int_t)outcome->refusals.total, "reasons",
                                   refusals_json(&outcome->refusals)));
        return;
    }
    refusals_print(&outcome->refusals, context->err);
    fprintf(context->out, "%s%llu added, %llu updated, %llu unchanged, %llu refused\n",
            is_dry_run ? "nothing written; it would be: " : "", (unsigned long long)outcome->added,
            (unsigned long long)outcome->updated, (unsigned long long)outcome->unchanged,
            (unsigned long long)outcome->refusals.total);
}

static enum status import_from(struct command_context *context, FILE *in, bool is_dry_run, bool is_one)
{
    struct person_import import = {.store = context->store,
                                   .in = in,
                                   .now_ms = now_ms(),
                                   .is_dry_run = is_dry_run,
                                   .is_one = is_one,
                                   .warn = column_warn,
                                   .ctx = context};
    struct person_outcome outcome;

    person_outcome_init(&outcome);
    enum status status = person_import(&import, &outcome, &context->report);
    if (status == S_OK || status == S_PARTIAL || outcome.added || outcome.updated || outcome.unchanged) {
        outcome_print(context, &outcome, is_dry_run);
    }
    person_outcome_release(&outcome);
    return status;
}

static enum status run_import(struct command_context *context)
{
    bool is_dry_run = command_flag(context, "dry-run");
    const char *id_column = command_option(context, "id");
    enum status status = command_words(context, 1, 1);

    if (status != S_OK) {
        return status;
    }
    if (strcmp(context->argv[0], "-") == 0) {
        return import_from(context, context->in, is_dry_run, false);
    }
    if (oneroster_is_meant(context->argv[0])) {
        return oneroster_command(context, context->argv[0], id_column, is_dry_run);
    }
    FILE *in = input_stream(context->argv[0], &context->report);
    if (!in) {
        return context->report.status;
    }
    status = import_from(context, in, is_dry_run, false);
    fclose(in);
    return status;
}

/* `person add` is an import of one row: the same rules, the same words. */
static enum status run_add(struct command_context *context)
{
    static const char *const columns[] = {"id", "name", "gender", "role", "institution", "lang", "password"};
    enum { COLUMNS = sizeof columns / sizeof *columns };
    const char *values[COLUMNS];

    for (int i = 0; i < COLUMNS; i++) {
        values[i] = command_option(context, columns[i]);
    }
    enum status status = command_words(context, 0, 0);
    if (status == S_OK && (!values[0] || !values[1])) {
        status = report_set(&context->report, S_USAGE, "say at least --id ID and --name NAME");
    }
    if (status != S_OK) {
        return status;
    }
    char *text = NULL;
    size_t size = 0;
    FILE *row = open_memstream(&text, &size);
    CHECK(row);
    for (int i = 0; i < COLUMNS; i++) {
        if (values[i]) { /* what is not said stays as it is */
            csv_write_field(row, bytes_text(columns[i]), i == 0);
        }
    }
    putc('\n', row);
    for (int i = 0; i < COLUMNS; i++) {
        if (values[i]) {
            csv_write_field(row, bytes_text(values[i]), i == 0);
        }
    }
    fclose(row);
    FILE *in = fmemopen(text, size, "r");
    CHECK(in);
    status = import_from(context, in, false, true);
    fclose(in);
    free(text);
    return status;
}

/* --- list and export
 * ---------------------------------------------------------------------------------------- */

struct listing {
    json_t *rows;       /* list */
    FILE *out;          /* export */
    struct buffer last; /* id of the last one seen */
    size_t max, count;
};

/* An empty text of the database may have no bytes at all. */
static json_t *text_of(struct bytes text)
{
    return text.size ? json_stringn((const char *)text.data, text.size) : json_string("");
}

static enum status list_visit(void *ctx, const struct person *person)
{
    struct listing *listing = ctx;
    char registered[TIMESTAMP_TEXT_SIZE];

    timestamp_format(person->registered_ms, registered);
    buffer_clear(&listing->last);
    buffer_append(&listing->last, person->id.data, person->id.size);
    json_t *row = json_pack("{s:o,s:o,s:s,s:s,s:o,s:s,s:o,s:b}", "id", text_of(person->id), "name",
                            text_of(person->name), "gender", gender_text((enum gender)person->gender), "role",
                            role_text((enum role)person->role), "institution", text_of(person->institution),
                            "registered", registered, "lang", text_of(person->lang), "password",
                            person->password.size > 0);
    CHECK(row);
    json_array_append_new(listing->rows, row);
    return ++listing->count < listing->max ? S_OK : S_PARTIAL;
}

static enum status export_visit(void *ctx, const struct person *person)
{
    struct listing *listing = ctx;
    char registered[TIMESTAMP_TEXT_SIZE];

    timestamp_format(person->registered_ms, registered);
    buffer_clear(&listing->last);
    buffer_append(&listing->last, person->id.data, person->id.size);
    csv_write_field(listing->out, person->id, true);
    csv_write_field(listing->out, person->name, false);
    csv_write_field(listing->out, bytes_text(gender_text((enum gender)person->gender)), false);
    csv_write_field(listing->out, bytes_text(role_text((enum role)person->role)), false);
    csv_write_field(listing->out, person->institution, false);
    csv_write_field(listing->out, bytes_text(registered), false);
    csv_write_field(listing->out, person->lang, false);
    putc('\n', listing->out);
    return S_OK;
}

/* Visits people page by page: each page is a read of its own, so that a long export does not hold the
 * database. */
static void people_visit(struct store *store, struct listing *listing, person_visit *visit)
{
    size_t seen = PAGE;

    while (seen == PAGE && listing->count < listing->max) {
        struct db *db = store_read_begin(store);
        struct buffer after = listing->last;
        buffer_init(&listing->last); /* the page borrows the old one while visits write the new one */
        seen = person_page(db, after.size ? buffer_bytes(&after) : bytes_of("", 0), PAGE, visit, listing);
        store_read_end(store, db);
        buffer_release(&after);
    }
    buffer_release(&listing->last);
}

static enum status listing_options(struct command_context *context, struct listing *listing)
{
    long limit = LIST_DEFAULT;
    enum status status = command_number(context, "limit", 1, LIMIT_MAX, &limit);

    listing->max = (size_t)limit;
    return status;
}

enum { LIST_COLUMNS = 6 };
static const struct table_column list_columns[LIST_COLUMNS] = {{"id", "ID", false},
                                                               {"name", "NAME", false},
                                                               {"gender", "GENDER", false},
                                                               {"role", "ROLE", false},
                                                               {"institution", "INSTITUTION", false},
                                                               {"registered", "REGISTERED", false}};

static enum status run_list(struct command_context *context)
{
    struct listing listing = {.rows = json_array()};
    enum status status = listing_options(context, &listing);

    if (status == S_OK) {
        status = command_words(context, 0, 0);
    }
    if (status != S_OK) {
        json_decref(listing.rows);
        return status;
    }
    people_visit(context->store, &listing, list_visit);
    struct db *db = store_read_begin(context->store);
    int64_t total = person_count(db);
    store_read_end(context->store, db);
    if (context->is_json) {
        table_print_json(context->out,
                         json_pack("{s:I,s:o}", "total", (json_int_t)total, "people", listing.rows));
        return S_OK;
    }
    table_print(context->out, context->is_tty, list_columns, LIST_COLUMNS, listing.rows);
    json_decref(listing.rows);
    if (total == 0) {
        problem_none(context, "Nobody is registered here yet: qanat person add, or person import.");
    }
    if ((int64_t)listing.count < total) {
        fprintf(context->err, "%zu of %lld people; --limit N shows more, person export all\n", listing.count,
                (long long)total);
    }
    return S_OK;
}

static enum status export_end(struct command_context *context, FILE *out, struct draft *draft)
{
    int error;
    enum status status = problem_close(context, out, draft, &error);

    return status == S_OK ? S_OK
                          : report_set(&context->report, status, "'%s' could not be written whole: %s", context->argv[0], strerror(error));
}

static enum status run_export(struct command_context *context)
{
    struct listing listing = {.out = context->out, .max = SIZE_MAX};
    struct draft draft;
    const char *folder = command_option(context, "oneroster"), *version = command_option(context, "oneroster-version");
    enum status status = command_words(context, 0, folder ? 0 : 1);

    if (status != S_OK) {
        return status;
    }
    if (folder) {
        return oneroster_export_command(context, folder, version);
    }
    if (version) {
        return report_set(&context->report, S_USAGE, "--oneroster-version goes with --oneroster DIR|FILE.zip");
    }
    if (context->argc == 1 && strcmp(context->argv[0], "-") != 0) {
        listing.out = problem_open(context, context->argv[0], 0600, &draft);
        if (!listing.out) {
            return context->report.status;
        }
    }
    if (context->is_json && listing.out == context->out) {
        listing.rows = json_array();
        people_visit(context->store, &listing, list_visit);
        table_print_json(context->out, json_pack("{s:o}", "people", listing.rows));
        return S_OK;
    }
    fputs("id,name,gender,role,institution,registered,lang\n", listing.out);
    people_visit(context->store, &listing, export_visit);
    return export_end(context, listing.out, &draft);
}

/* --- erase and enrol
 * ---------------------------------------------------------------------------------------- */

static enum status run_erase(struct command_context *context)
{
    int64_t events = 0;
    enum status status = command_words(context, 1, 1);

    if (status == S_OK) {
        status = person_erase(context->store, context->federation, bytes_text(context->argv[0]), &events, &context->report);
    }
    if (status != S_OK) {
        return status;
    }
    if (context->is_json) {
        table_print_json(context->out,
                         json_pack("{s:s,s:I}", "erased", context->argv[0], "events", (json_int_t)events));
    } else {
        fprintf(context->out, "erased '%s'; %lld events stay counted without a name\n", context->argv[0],
                (long long)events);
    }
    return S_OK;
}

static enum status run_enrol(struct command_context *context)
{
    const char *person = command_option(context, "person"), *course = command_option(context, "course");
    const char *cohort = command_option(context, "cohort");
    bool is_new = false, is_known = false;
    enum status status = command_words(context, 0, 0);

    if (status == S_OK && (!person || !course)) {
        status = report_set(&context->report, S_USAGE, "say --person ID and --course ID");
    }
    if (status != S_OK) {
        return status;
    }
    struct enrolment enrolment = {.person = bytes_text(person),
                                  .course = bytes_text(course),
                                  .cohort = bytes_text(cohort ? cohort : ""),
                                  .now_ms = now_ms()};
    status = enrol(context->store, context->federation, &enrolment, &is_new, &is_known, &context->report);
    if (status != S_OK) {
        return status;
    }
    if (is_new && !is_known) {
        fprintf(context->err, "qanat enrol: no package of '%s' is known here: enrolled all the same\n",
                course);
    }
    if (context->is_json) {
        table_print_json(context->out,
                         json_pack("{s:s,s:s,s:b}", "person", person, "course", course, "new", is_new));
    } else {
        fprintf(context->out, is_new ? "enrolled '%s' in '%s'\n" : "'%s' was enrolled in '%s' already\n",
                person, course);
    }
    return S_OK;
}

/* --- search and duplicates
 * ------------------------------------------------------------------------------------- */

static enum status run_search(struct command_context *context)
{
    struct listing listing = {.rows = json_array()};
    struct buffer words, query;
    enum status status = listing_options(context, &listing);

    if (status == S_OK) {
        status = command_words(context, 1, 16);
    }

    buffer_init(&words);
    buffer_init(&query);
    for (int i = 0; status == S_OK && i < context->argc; i++) {
        buffer_append(&words, context->argv[i], strlen(context->argv[i]));
        buffer_append_u8(&words, ' ');
    }
    search_query(buffer_bytes(&words), &query);
    if (status == S_OK && query.size) {
        struct db *db = store_read_begin(context->store);
        (void)person_search(db, buffer_bytes(&query), listing.max, list_visit, &listing);
        store_read_end(context->store, db);
    }
    if (status != S_OK) {
        json_decref(listing.rows);
    } else if (context->is_json) {
        table_print_json(context->out, json_pack("{s:o}", "people", listing.rows));
    } else {
        table_print(context->out, context->is_tty, list_columns, LIST_COLUMNS, listing.rows);
        if (json_array_size(listing.rows) == 0) {
            problem_none(context, "Nobody here goes by '%.*s'.", (int)(words.size - 1), (const char *)words.data);
        }
        json_decref(listing.rows);
    }
    buffer_release(&listing.last);
    buffer_release(&words);
    buffer_release(&query);
    return status;
}

static enum status run_merge(struct command_context *context)
{
    enum status status = command_words(context, 2, 2);

    if (status == S_OK) {
        status = duplicate_merge(context->store, bytes_text(context->argv[0]), bytes_text(context->argv[1]),
                                 &context->report);
    }
    if (status == S_OK && context->is_json) {
        table_print_json(context->out,
                         json_pack("{s:s,s:s}", "kept", context->argv[0], "merged", context->argv[1]));
    } else if (status == S_OK) {
        fprintf(context->out, "'%s' means '%s' from now on; qanat person unmerge %s parts them\n",
                context->argv[1], context->argv[0], context->argv[1]);
    }
    return status;
}

static enum status run_unmerge(struct command_context *context)
{
    enum status status = command_words(context, 1, 1);

    if (status == S_OK) {
        status = duplicate_part(context->store, bytes_text(context->argv[0]), &context->report);
    }
    if (status == S_OK && context->is_json) {
        table_print_json(context->out, json_pack("{s:s}", "parted", context->argv[0]));
    } else if (status == S_OK) {
        fprintf(context->out, "'%s' is a person again\n", context->argv[0]);
    }
    return status;
}

const struct command person_commands[] = {
    {"person import", NEEDS_WRITE, "FILE.csv|-|DIR|FILE.zip [--dry-run] [--id COLUMN]", "take people from a CSV file, or a OneRoster export",
     "The first line names the columns: id, name; gender, role, institution, password, registered, lang when "
     "you "
     "have them.\n"
     "gender: female, male, other, undisclosed, not_asked (or empty). role: learner (or empty), facilitator, "
     "trainer,\n"
     "manager, administrator. Commas, semicolons and tabs separate; any script; a byte order mark is fine.\n"
     "Of somebody who is here already, what the file has no column for stays as it is.\n"
     "Every good row is taken; the others are listed with their line. The same file again changes nothing.\n"
     "An id is one person in the whole federation where people are counted (qanat stats): two campuses that number theirs\n"
     "1, 2, 3 would be taken for the same people. Use national or mail ids, or put the campus in front: aswan-1.\n"
     "Passwords are hashed by argon2id, about 20 ms each; leave the column out when people sign in "
     "otherwise.\n\n"
     "DIR or FILE.zip is a OneRoster 1.1 or 1.2 export (users.csv, and orgs, demographics, roles, courses, classes,\n"
     "enrollments; in the archive at its top or in one folder): its classes become cohorts. --id says which column of\n"
     "users.csv people sign in with: username (when it is not said), sourcedId, identifier or email. Nobody is erased by\n"
     "a file.\n\n"
     "  qanat person import --dir D people.csv --dry-run\n"
     "  qanat person import --dir D oneroster.zip --id email\n",
     run_import},
    {"person add", NEEDS_WRITE,
     "--id ID --name NAME [--gender G] [--role R] [--institution I] [--lang TAG] [--password P]",
     "add or change one person",
     "The same rules as for person import. Of somebody who is here already, what is not said stays as it is.\n\n"
     "  qanat person add --dir D --id p7 --name 'Amina Sow' --gender "
     "female\n",
     run_add},
    {"person list", NEEDS_READ, "[--limit N]", "show people of this node", "The first 100 by id, or N.\n",
     run_list},
    {"person export", NEEDS_READ, "[FILE.csv] | --oneroster DIR|FILE.zip [--oneroster-version 1.1|1.2]", "write all people as CSV, without passwords",
     "What is exported can be imported again and changes nothing. A text that a spreadsheet would run as a "
     "formula gets an\n"
     "apostrophe in front, which the import takes off.\n\n"
     "--oneroster writes a OneRoster export into the folder DIR, or as one archive FILE.zip (1.2 when it is not said): people,\n"
     "cohorts as classes, and who is in them. Importing it here changes nothing; trainers are teachers in it, so elsewhere they become facilitators.\n\n"
     "  qanat person export --dir D --oneroster roster.zip\n",
     run_export},
    {"person search", NEEDS_READ, "WORD... [--limit N]", "find people by name or id",
     "Each word is the beginning of one in the name or the id, in any script; accents and "
     "the vowel marks of\n"
     "Arabic do not matter.\n\n  qanat person search --dir D amin so\n",
     run_search},
    {"person merge", NEEDS_WRITE, "KEPT MERGED", "say that two are one human being",
     "The id MERGED means KEPT from then on: in files, enrolments and at sign-in (with the password of "
     "KEPT). Nothing is lost:\n"
     "`person unmerge MERGED` parts them again. The registered figure counts one.\n",
     run_merge},
    {"person unmerge", NEEDS_WRITE, "MERGED", "part two people who were merged",
     "Exactly as before the merge.\n", run_unmerge},
    {"person erase", NEEDS_WRITE, "ID", "erase one person",
     "The person's rows, sign-ins, attempts, certificates' documents, xAPI statements and lines in the log of commands go, and no\n"
     "byte of them stays in the data directory. The registered figure goes down by one; the events stay counted without person\n"
     "and event id. A sketch of distinct people cannot forget: it holds a keyed hash only. Backups and the journal are yours to\n"
     "look after.\n",
     run_erase},
    {"enrol", NEEDS_WRITE, "--person ID --course ID [--cohort C]", "enrol one person in one course",
     "Counts an `enrolled` event, once for the same person, course and cohort. In a cohort that was made here (qanat cohort new)\n"
     "the person becomes a member.\n\n"
     "  qanat enrol --dir D --person p7 --course running-a-centre-node\n",
     run_enrol},
    {NULL, NEEDS_NOTHING, NULL, NULL, NULL, NULL},
};
