/* course_read.c: `qanat course list|show|export|verify`: what reads only, also beside a running node. */
#include <string.h>

#include "node/cmd/course.h"
#include "node/cmd/problem.h"
#include "node/cmd/screen.h"
#include "node/cmd/table.h"
#include "node/json.h"
#include "node/learn/course/course_choose.h"
#include "node/learn/course/course_file.h"
#include "node/learn/course/course_source.h"
#include "node/learn/original/export.h"
#include "node/store/course/cohort.h"
#include "node/store/stream/roster.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

enum status course_desk_open(struct course_desk *desk, struct command_context *context)
{
    enum status status;

    memset(desk, 0, sizeof *desk);
    desk->context = context;
    desk->lang = command_option(context, "lang");
    desk->version = command_option(context, "version");
    const char *empty = desk->lang && !*desk->lang ? "lang" : desk->version && !*desk->version ? "version" : NULL;
    desk->lang = desk->lang ? desk->lang : "";
    if (strlen(desk->lang) <= LANG_MAX) {
        snprintf(desk->lang_text, sizeof desk->lang_text, "%s", desk->lang);
        lang_normalise(desk->lang_text);
        desk->lang = desk->lang_text;
    }
    desk->version = desk->version ? desk->version : "";
    if (empty) { /* a variable of a script that was not set would mean another version than it should */
        return report_set(&context->report, S_USAGE, "--%s: nothing is said; leave it out, or say which", empty);
    }
    status = blobs_open(context->dir, context->store, &desk->blobs, &context->report);
    if (status == S_OK) {
        courses_init(&desk->courses, context->store, desk->blobs, context->identity, context->federation,
                     context->config);
    }
    return status;
}

void course_desk_close(struct course_desk *desk)
{
    roster_free(desk->roster);
    blobs_close(desk->blobs);
}

/* The publisher's name in the roster, else its id. */
static json_t *publisher_json(struct course_desk *desk, struct db *db, const struct id *publisher)
{
    const struct roster_node *node;
    char hex[ID_HEX_SIZE];

    if (!desk->roster && desk->context->federation) {
        (void)roster_load(db, desk->context->federation, &desk->roster, NULL);
    }
    node = desk->roster ? roster_find(desk->roster, publisher) : NULL;
    id_hex(publisher, hex);
    return json_string(node ? node->name : hex);
}

/* What a translation was made from, and how far that has moved on; null for an original. */
static json_t *source_json(struct db *db, const struct course_row *row)
{
    struct course_standing standing;

    course_standing_get(db, row, &standing);
    if (!standing.is_translation) {
        return json_null();
    }
    return json_pack("{s:s, s:s, s:s, s:s, s:b, s:o}", "course", standing.course, "lang", row->source_lang,
                     "version", row->source_version, "newest", standing.newest, "is_behind",
                     standing.is_behind, "behind",
                     standing.is_counted ? json_integer((json_int_t)standing.members) : json_null());
}

/* Cohorts that stay with this version. */
static json_t *cohorts_json(struct db *db, const struct course_row *row)
{
    json_t *names = json_array();
    struct buffer list;

    buffer_init(&list);
    cohort_list(db, row, &list);
    for (size_t at = 0; at < list.size; at += strlen((const char *)list.data + at) + 1) {
        json_array_append_new(names, json_string((const char *)list.data + at));
    }
    buffer_release(&list);
    return names;
}

/* "this localisation is 3 members behind its source (en version 2, made from 1)"; "" when it is not behind.
 */
static void standing_text(json_t *row, char *out, size_t size)
{
    json_t *source = json_object_get(row, "source"), *behind = json_object_get(source, "behind");

    out[0] = '\0';
    if (!json_is_true(json_object_get(source, "is_behind"))) {
        return;
    }
    int used = json_is_integer(behind) ? snprintf(out, size, "%lld member%s behind its source",
                                                  (long long)json_integer_value(behind),
                                                  json_integer_value(behind) == 1 ? "" : "s")
                                       : snprintf(out, size, "behind its source");
    snprintf(out + used, size - (size_t)used, " (made from %s %s, now %s)",
             json_string_value(json_object_get(source, "lang")),
             json_string_value(json_object_get(source, "version")),
             json_string_value(json_object_get(source, "newest")));
}

json_t *course_row_json(struct course_desk *desk, struct db *db, const struct course_row *row)
{
    char manifest[HASH_HEX_SIZE];
    json_t *object;

    hash_hex(&row->manifest, manifest);
    object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "course", row->course, "lang",
                       row->lang, "version", row->version, "title", row->title, "series", row->series,
                       "localises", row->localises, "format", package_format_name(row->format), "state",
                       course_state_name(row->state), "publisher", publisher_json(desk, db, &row->publisher));
    CHECK(object);
    json_object_set_new(object, "current", json_boolean(row->is_current));
    json_object_set_new(object, "pinned", json_boolean(row->is_pinned));
    json_object_set_new(object, "withdrawn", json_boolean(row->is_withdrawn));
    json_object_set_new(object, "files", json_integer((json_int_t)row->member_count));
    json_object_set_new(object, "bytes", json_integer((json_int_t)row->size));
    json_object_set_new(object, "missing", json_integer((json_int_t)row->missing));
    json_object_set_new(object, "published", json_time(row->published_ms));
    json_object_set_new(object, "manifest", json_string(manifest));
    json_object_set_new(object, "problem", row->problem[0] ? json_string(row->problem) : json_null());
    json_object_set_new(object, "source", source_json(db, row));
    json_object_set_new(object, "cohorts", cohorts_json(db, row));
    return object;
}

enum status course_desk_find(struct course_desk *desk, struct db *db, bool must_be_held,
                             struct course_row *row_out)
{
    const struct course_ref ref = {
        .course = desk->context->argv[0], .lang = desk->lang, .version = desk->version};

    return course_resolve(db, &ref, must_be_held, row_out, &desk->context->report);
}

/* --- list
 * --------------------------------------------------------------------------------------------------- */

/* Rows of the list: `is_all` also what is only known. */
static json_t *list_json(struct course_desk *desk, struct db *db, const char *course, bool is_all)
{
    json_t *rows = json_array();
    struct course_row row;
    struct buffer ids;

    buffer_init(&ids);
    (void)(course ? course_row_list_of(db, bytes_text(course), &ids) : course_row_list(db, &ids));
    for (size_t at = 0; course_row_next(db, &ids, &at, &row);) {
        if ((desk->lang[0] && strcmp(desk->lang, row.lang) != 0) ||
            (desk->version[0] && strcmp(desk->version, row.version) != 0)) {
            continue;
        }
        if (row.state != COURSE_CATALOGUED || (is_all && !row.is_withdrawn)) {
            json_array_append_new(rows, course_row_json(desk, db, &row));
        }
    }
    buffer_release(&ids);
    return rows;
}

/* What a person sees beside the state: the current one, a pin, what is missing. */
static void add_marks(json_t *rows)
{
    size_t index;
    json_t *row;

    json_array_foreach(rows, index, row)
    {
        const char *problem = json_string_value(json_object_get(row, "problem"));
        char text[512], standing[256];

        standing_text(row, standing, sizeof standing);
        snprintf(text, sizeof text, "%s%s%s%s%s%s%s%s",
                 json_is_true(json_object_get(row, "current")) ? "current " : "",
                 json_is_true(json_object_get(row, "pinned")) ? "pinned " : "",
                 json_is_true(json_object_get(row, "withdrawn")) ? "withdrawn " : "",
                 json_integer_value(json_object_get(row, "missing")) > 0 ? "incomplete " : "",
                 json_array_size(json_object_get(row, "cohorts")) > 0 ? "cohort " : "", standing,
                 standing[0] && problem ? ", " : "", problem ? problem : "");
        json_object_set_new(row, "marks", json_string(text));
    }
}

/* Which versions were asked for: " of \"iot\" in language 'fr'"; "" for all. */
static const char *asked_text(const struct course_desk *desk, char out[REPORT_TEXT_MAX / 2])
{
    const char *course = desk->context->argc > 0 ? desk->context->argv[0] : "";
    bool has_lang = desk->lang[0], has_version = desk->version[0];

    snprintf(out, REPORT_TEXT_MAX / 2, "%s%s%s%s%s%s%s%s%s", has_version ? " '" : "", desk->version, has_version ? "'" : "", *course ? " of \"" : "", course,
             *course ? "\"" : "", has_lang ? " in language '" : "", desk->lang, has_lang ? "'" : "");
    return out;
}

enum status course_run_list(struct command_context *context)
{
    static const struct table_column columns[] = {
        {"course", "COURSE", false},   {"lang", "LANG", false},
        {"version", "VERSION", false}, {"state", "STATE", false},
        {"marks", "", false},          {"files", "FILES", true},
        {"bytes", "BYTES", true},      {"publisher", "PUBLISHER", false},
        {"title", "TITLE", false},
    };
    bool is_all = command_flag(context, "available");
    char asked[REPORT_TEXT_MAX / 2];
    struct course_desk desk;
    enum status status = course_desk_open(&desk, context);

    if (status == S_OK) {
        status = command_words(context, 0, 1);
    }
    if (status == S_OK) {
        struct db *db = store_read_begin(context->store);
        json_t *rows = list_json(&desk, db, context->argc > 0 ? context->argv[0] : NULL, is_all);

        store_read_end(context->store, db);
        if (context->is_json) {
            table_print_json(context->out, rows);
        } else {
            add_marks(rows);
            table_print(context->out, context->is_tty, columns, sizeof columns / sizeof *columns, rows);
            if (json_array_size(rows) == 0) {
                problem_none(context, "No version%s is here%s.", asked_text(&desk, asked), is_all ? " or in the catalogue" : "");
            }
            json_decref(rows);
        }
    }
    course_desk_close(&desk);
    return status;
}

/* --- show
 * --------------------------------------------------------------------------------------------------- */

static json_t *text_json(struct bytes text)
{
    return json_stringn((const char *)text.data, text.size);
}

static json_t *items_json(const struct manifest *manifest)
{
    json_t *items = json_array();

    for (size_t i = 0; i < manifest->item_count; i++) {
        const struct course_item *item = &manifest->items[i];
        json_t *object = json_pack("{s:o, s:o, s:o, s:o, s:I}", "id", text_json(item->id), "title",
                                   text_json(item->title), "entry", text_json(item->entry), "kind",
                                   text_json(item->kind), "depth", (json_int_t)item->depth);

        json_object_set_new(object, "mastery",
                            item->mastery_percent >= 0 ? json_integer(item->mastery_percent) : json_null());
        json_array_append_new(items, object);
    }
    return items;
}

/* Adds what the manifest says, when it is here. */
static void add_manifest(struct course_desk *desk, const struct course_row *row, json_t *object)
{
    struct manifest manifest;
    struct buffer encoding;
    struct arena arena;
    char sha[HASH_HEX_SIZE];

    if (!course_is_held(row) || course_manifest_load(desk->blobs, row, &arena, &encoding, &manifest,
                                                     &desk->context->report) != S_OK) {
        return;
    }
    hash_hex(&manifest.original_hash, sha);
    json_object_set_new(object, "entry", text_json(manifest.entry));
    json_object_set_new(object, "mastery",
                        manifest.mastery_percent >= 0 ? json_integer(manifest.mastery_percent) : json_null());
    json_object_set_new(object, "archive_sha256",
                        manifest.original_size > 0 ? json_string(sha) : json_null());
    json_object_set_new(object, "items", items_json(&manifest));
    buffer_release(&encoding);
    arena_release(&arena);
}

static void print_items(FILE *out, json_t *items)
{
    size_t index;
    json_t *item;

    json_array_foreach(items, index, item)
    {
        json_t *mastery = json_object_get(item, "mastery");

        fprintf(out, "  %*s", 2 * (int)json_integer_value(json_object_get(item, "depth")), "");
        screen_line(out, json_string_value(json_object_get(item, "title")));
        if (json_string_length(json_object_get(item, "entry")) > 0) {
            fputs("  [", out);
            screen_line(out, json_string_value(json_object_get(item, "entry")));
            fputc(']', out);
        }
        if (json_is_integer(mastery)) {
            fprintf(out, "  (%d %% needed)", (int)json_integer_value(mastery));
        }
        fputc('\n', out);
    }
}

static void print_version(FILE *out, json_t *object)
{
    static const char *const keys[] = {
        "course",  "lang",    "version",   "title",     "series",  "localises", "format",
        "state",   "problem", "publisher", "published", "files",   "bytes",     "missing",
        "current", "pinned",  "withdrawn", "entry",     "mastery", "manifest",  "archive_sha256"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        json_t *value = json_object_get(object, keys[i]);

        if (json_is_string(value) && json_string_length(value) > 0) {
            fprintf(out, "%-15s ", keys[i]);
            screen_line(out, json_string_value(value));
            fputc('\n', out);
        } else if (json_is_integer(value)) {
            fprintf(out, "%-15s %lld\n", keys[i], (long long)json_integer_value(value));
        } else if (json_is_boolean(value)) {
            fprintf(out, "%-15s %s\n", keys[i], json_is_true(value) ? "yes" : "no");
        }
    }
    char standing[256];
    size_t index;
    json_t *cohort;
    standing_text(object, standing, sizeof standing);
    if (standing[0]) {
        fprintf(out, "%-15s this localisation is %s\n", "source", standing);
    }
    json_array_foreach(json_object_get(object, "cohorts"), index, cohort)
    {
        fprintf(out, "%-15s %s stays with it\n", "cohort", json_string_value(cohort));
    }
    print_items(out, json_object_get(object, "items"));
}

enum status course_run_show(struct command_context *context)
{
    struct course_desk desk;
    struct course_row row;
    json_t *object = NULL;
    enum status status = course_desk_open(&desk, context);

    if (status == S_OK) {
        status = command_words(context, 1, 1);
    }
    if (status == S_OK) {
        struct db *db = store_read_begin(context->store);

        status = course_desk_find(&desk, db, false, &row);
        object = status == S_OK ? course_row_json(&desk, db, &row) : NULL;
        store_read_end(context->store, db);
    }
    if (status == S_OK) {
        add_manifest(&desk, &row, object);
        if (context->is_json) {
            table_print_json(context->out, object);
        } else {
            print_version(context->out, object);
            json_decref(object);
        }
        status = context->report.status;
    }
    course_desk_close(&desk);
    return status;
}

/* --- export and verify
 * -------------------------------------------------------------------------------------- */

static enum status export_original(struct course_desk *desk, const struct course_row *row, const char *file)
{
    struct command_context *context = desk->context;
    char sha256[HASH_HEX_SIZE];
    struct original original;
    enum status status = original_export(desk->blobs, row, file, &original, &context->report);

    if (status != S_OK) {
        return status;
    }
    hash_hex(&original.sha256, sha256);
    if (context->is_json) {
        table_print_json(context->out, json_pack("{s:s, s:s, s:s, s:o, s:I, s:s}", "course", row->course,
                                                 "lang", row->lang, "version", row->version, "original", json_file_name(file),
                                                 "bytes", (json_int_t)original.size, "sha256", sha256));
    } else {
        fprintf(context->out,
                "%s %s version %s: the archive as it was imported, %llu bytes, sha256 %s, in %s\n",
                row->course, row->lang, row->version, (unsigned long long)original.size, sha256, file);
    }
    return S_OK;
}

static enum status export_files(struct course_desk *desk, const struct course_row *row, const char *to)
{
    struct command_context *context = desk->context;
    struct course_tally tally;
    enum status status = course_export(desk->blobs, row, to, &tally, &context->report);

    if (status == S_OK && context->is_json) {
        table_print_json(context->out,
                         json_pack("{s:s, s:s, s:s, s:o, s:I, s:I}", "course", row->course, "lang", row->lang,
                                   "version", row->version, "to", json_file_name(to), "files", (json_int_t)tally.files,
                                   "bytes", (json_int_t)tally.bytes));
    } else if (status == S_OK) {
        fprintf(context->out, "%s %s version %s: %llu files, %llu bytes, each verified, in %s\n", row->course,
                row->lang, row->version, (unsigned long long)tally.files, (unsigned long long)tally.bytes,
                to);
    }
    return status;
}

enum status course_run_export(struct command_context *context)
{
    const char *to = command_option(context, "to"), *original = command_option(context, "original");
    struct course_desk desk;
    struct course_row row;
    enum status status = course_desk_open(&desk, context);

    if (status == S_OK) {
        status = command_words(context, 1, 2);
    }
    if (status == S_OK && !to && context->argc == 2) {
        to = context->argv[1]; /* ID FOLDER, as cp has it */
    } else if (status == S_OK && context->argc == 2) {
        status = report_set(&context->report, S_USAGE, "'%s' is one word too many: --to says where to", context->argv[1]);
    }
    if (status == S_OK && !to == !original) {
        status = report_set(&context->report, S_USAGE, "say where to: --to FOLDER, or --original FILE");
    }
    if (status == S_OK) {
        struct db *db = store_read_begin(context->store);

        status = course_desk_find(&desk, db, true, &row);
        store_read_end(context->store, db);
    }
    if (status == S_OK) {
        status = original ? export_original(&desk, &row, original) : export_files(&desk, &row, to);
    }
    course_desk_close(&desk);
    return status;
}

static void tell_fault(void *ctx, const struct member *member, enum status found)
{
    struct command_context *context = ctx;

    if (found != S_OK) {
        fprintf(context->err, "%.*s: %s\n", (int)member->path.size, (const char *)member->path.data,
                found == S_NOT_FOUND ? "is gone" : status_text(found));
    }
}

/* Held versions that are meant: of the course named, or all. */
static void list_held(struct course_desk *desk, struct buffer *held)
{
    struct command_context *context = desk->context;
    struct db *db = store_read_begin(context->store);
    struct course_row row;
    struct buffer ids;

    buffer_init(&ids);
    (void)(context->argc > 0 ? course_row_list_of(db, bytes_text(context->argv[0]), &ids)
                             : course_row_list(db, &ids));
    for (size_t at = 0; course_row_next(db, &ids, &at, &row);) {
        if (course_is_held(&row) &&
            (!desk->lang[0] || strcmp(desk->lang, row.lang) == 0) &&
            (!desk->version[0] || strcmp(desk->version, row.version) == 0)) {
            buffer_append(held, &row, sizeof row);
        }
    }
    store_read_end(context->store, db);
    buffer_release(&ids);
}

static json_t *verify_all(struct course_desk *desk, const struct buffer *held)
{
    const struct course_row *rows = (const struct course_row *)(const void *)held->data;
    json_t *results = json_array();

    for (size_t i = 0; i < held->size / sizeof *rows; i++) {
        struct course_tally tally;
        enum status status =
            course_verify(desk->blobs, &rows[i], tell_fault, desk->context, &tally, &desk->context->report);

        json_array_append_new(results, json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:s}", "course",
                                                 rows[i].course, "lang", rows[i].lang, "version",
                                                 rows[i].version, "files", (json_int_t)tally.files, "bytes",
                                                 (json_int_t)tally.bytes, "faults", (json_int_t)tally.faults,
                                                 "state", status == S_OK ? "intact" : "damaged"));
    }
    return results;
}

enum status course_run_verify(struct command_context *context)
{
    static const struct table_column columns[] = {{"course", "COURSE", false},   {"lang", "LANG", false},
                                                  {"version", "VERSION", false}, {"state", "STATE", false},
                                                  {"files", "FILES", true},      {"bytes", "BYTES", true},
                                                  {"faults", "FAULTS", true}};
    char asked[REPORT_TEXT_MAX / 2];
    struct course_desk desk;
    struct buffer held;
    enum status status = course_desk_open(&desk, context);

    buffer_init(&held);
    if (status == S_OK) {
        status = command_words(context, 0, 1);
    }
    if (status == S_OK) {
        list_held(&desk, &held);
        asked_text(&desk, asked);
        if (held.size == 0 && asked[0]) {
            status = report_set(&context->report, S_NOT_FOUND, "no version%s is held here", asked);
        } else if (held.size == 0) {
            problem_none(context, "No version is held here.");
        }
    }
    if (status == S_OK) {
        json_t *results = verify_all(&desk, &held);

        if (context->is_json) {
            table_print_json(context->out, results);
        } else {
            table_print(context->out, context->is_tty, columns, sizeof columns / sizeof *columns, results);
            json_decref(results);
        }
        status = context->report.status;
    }
    buffer_release(&held);
    course_desk_close(&desk);
    return status;
}

/* --- subscriptions ---------------------------------------------------------------------------------------------- */

enum status course_run_subscriptions(struct command_context *context)
{
    static const struct table_column columns[] = {{"course", "COURSE", false}, {"series", "SERIES", false}, {"lang", "LANG", false},
                                                  {"publisher", "PUBLISHER", false}, {"all_versions", "ALL VERSIONS", false}};
    struct subscription *list = calloc(SUBSCRIPTIONS_MAX, sizeof *list);
    enum status status = command_words(context, 0, 0);

    if (status != S_OK || !list) {
        free(list);
        return status != S_OK ? status : S_NO_MEMORY;
    }
    struct db *db = store_read_begin(context->store);
    size_t count = subscription_list(db, list, SUBSCRIPTIONS_MAX);
    store_read_end(context->store, db);
    json_t *rows = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:s, s:b}", "course", list[i].course, "series", list[i].series, "lang", list[i].lang,
                                              "publisher", list[i].publisher, "all_versions", list[i].has_all_versions));
    }
    free(list);
    if (context->is_json) {
        table_print_json(context->out, json_pack("{s:o}", "subscriptions", rows));
        return S_OK;
    }
    if (count > 0) {
        table_print(context->out, context->is_tty, columns, sizeof columns / sizeof *columns, rows);
    } else {
        fputs("Nothing is subscribed: qanat course subscribe says what is fetched.\n", context->err);
    }
    json_decref(rows);
    return S_OK;
}
