/* course.c: `qanat course`: the rows of all its subcommands, and those that change rows. */
#include "node/cmd/course.h"

#include <string.h>

#include "node/cmd/table.h"
#include "node/learn/course/course_choose.h"
#include "node/learn/vocabulary.h"
#include "node/store/course/cohort.h"
#include "node/store/stream/roster.h"
#include "replication/base/check.h"

/* --- what changes rows
 * ---------------------------------------------------------------------------------------- */

/* One command as a job on the writer thread. */
struct course_task {
    struct course_desk *desk;
    struct subscription subscription;
    bool is_all;    /* unsubscribe --all */
    bool is_newest; /* pin --newest */
    const char *cohort; /* pin --cohort, or NULL */
    int64_t count;  /* subscriptions deleted */
    json_t *rows;   /* versions that were meant, as they are afterwards */
};

static struct course_ref task_ref(const struct course_task *task)
{
    return (struct course_ref){
        .course = task->desk->context->argv[0], .lang = task->desk->lang, .version = task->desk->version};
}

static void task_add(struct course_task *task, struct db *db, int64_t id)
{
    struct course_row row;

    if (course_row_get(db, id, &row)) {
        json_array_append_new(task->rows, course_row_json(task->desk, db, &row));
    }
}

/* Prints a line for each version that was meant, ending in its state, or all as JSON. */
static void task_print(const struct course_task *task, const char *what)
{
    struct command_context *context = task->desk->context;
    size_t index;
    json_t *row;

    if (context->is_json) {
        table_print_json(context->out, json_incref(task->rows));
        return;
    }
    json_array_foreach(task->rows, index, row)
    {
        fprintf(context->out, "%s %s version %s: %s%s\n", json_string_value(json_object_get(row, "course")),
                json_string_value(json_object_get(row, "lang")),
                json_string_value(json_object_get(row, "version")), what,
                json_string_value(json_object_get(row, "state")));
    }
}

/* Opens the desk, runs `job` and prints. Between `min` and `max` words name the course. */
static enum status task_run(struct course_task *task, store_job *job, int min, const char *what)
{
    struct command_context *context = task->desk->context;
    enum status status = command_words(context, min, 1);

    if (status != S_OK) {
        return status;
    }
    task->rows = json_array();
    status = store_write_wait(context->store, job, task);
    if (status != S_OK) {
        report_set(&context->report, status, "nothing was changed: %s", status_text(status));
    } else {
        task_print(task, what);
    }
    json_decref(task->rows);
    return status == S_OK ? S_OK : context->report.status;
}

static enum status publish_job(struct db *db, void *arg)
{
    struct course_task *task = arg;
    const struct course_ref ref = task_ref(task);
    struct buffer ids;
    enum status status;
    int64_t id;

    buffer_init(&ids);
    status = course_publish_ref(&task->desk->courses, db, &ref, &ids);
    if (status == S_NOT_FOUND) {
        report_set(&task->desk->context->report, status,
                   "no such version of \"%s\" was imported here: see qanat course list", ref.course);
    }
    for (size_t at = 0; at < ids.size && status == S_OK; at += sizeof id) {
        memcpy(&id, ids.data + at, sizeof id);
        task_add(task, db, id);
    }
    buffer_release(&ids);
    return status;
}

static enum status run_publish(struct command_context *context)
{
    struct course_desk desk;
    struct course_task task = {.desk = &desk};
    enum status status = course_desk_open(&desk, context);

    status = status == S_OK ? task_run(&task, publish_job, 1, "in the catalogue, ") : status;
    course_desk_close(&desk);
    return status;
}

static enum status pin_row(struct course_task *task, struct db *db, const struct course_row *row)
{
    int64_t count;

    if (!task->cohort) {
        return task->is_newest ? course_unpin(db, row->course, row->lang) : course_pin(db, row);
    }
    if (!task->is_newest) {
        return cohort_pin(db, task->cohort, row);
    }
    enum status status = cohort_unpin(db, task->cohort, row->course, row->lang, &count);
    return status == S_OK && count == 0
               ? report_set(&task->desk->context->report, S_NOT_FOUND, "cohort \"%s\" stays with no version of \"%s\"",
                            task->cohort, row->course)
               : status;
}

static enum status pin_job(struct db *db, void *arg)
{
    struct course_task *task = arg;
    const struct course_ref ref = task_ref(task);
    struct course_row row;
    enum status status = course_resolve(db, &ref, false, &row, &task->desk->context->report);

    if (status == S_OK) {
        status = pin_row(task, db, &row);
    }
    if (status == S_OK) {
        status = course_refresh(&task->desk->courses, db);
    }
    if (status == S_OK && task->is_newest) {
        (void)course_row_current(db, bytes_text(row.course), bytes_text(row.lang), &row);
    }
    if (status == S_OK) {
        task_add(task, db, row.id);
    }
    return status;
}

static enum status run_pin(struct command_context *context)
{
    struct course_desk desk;
    struct course_task task = {.desk = &desk, .is_newest = command_flag(context, "newest"),
                               .cohort = command_option(context, "cohort")};
    enum status status = course_desk_open(&desk, context);

    if (status == S_OK && !task.is_newest && !desk.version[0]) {
        status = report_set(&context->report, S_USAGE,
                            "say which version: --version V, or --newest to follow the newest again");
    }
    if (status == S_OK && task.is_newest && desk.version[0]) {
        status = report_set(&context->report, S_USAGE, "--newest and --version: say one of them");
    }
    if (status == S_OK && task.cohort &&
        catalogue_id_check(bytes_text(task.cohort), COHORT_NAME_MAX) != S_OK) {
        status = report_set(&context->report, S_USAGE, "--cohort: a name of 1 to %d bytes", COHORT_NAME_MAX);
    }
    status = status == S_OK ? task_run(&task, pin_job, 1, task.is_newest ? "follows the newest, " : "pinned, ")
                            : status;
    course_desk_close(&desk);
    return status;
}

static enum status rollback_job(struct db *db, void *arg)
{
    struct course_task *task = arg;
    const struct course_ref ref = {
        .course = task->desk->context->argv[0], .lang = task->desk->lang, .version = ""};
    struct course_row current, row;
    enum status status = course_resolve(db, &ref, true, &current, &task->desk->context->report);

    if (status == S_OK) {
        status = course_rollback(db, &current, &row);
        if (status == S_NOT_FOUND) {
            report_set(&task->desk->context->report, status,
                       "no version of \"%s\" %s older than %s is held here", current.course, current.lang,
                       current.version);
        }
    }
    if (status == S_OK) {
        task_add(task, db, row.id);
    }
    return status;
}

static enum status run_rollback(struct command_context *context)
{
    struct course_desk desk;
    struct course_task task = {.desk = &desk};
    enum status status = course_desk_open(&desk, context);

    status = status == S_OK ? task_run(&task, rollback_job, 1, "current again, pinned, ") : status;
    course_desk_close(&desk);
    return status;
}

static enum status remove_job(struct db *db, void *arg)
{
    struct course_task *task = arg;
    struct courses *courses = &task->desk->courses;
    const struct course_ref ref = task_ref(task);
    struct course_wishes *wishes;
    struct buffer names;
    struct course_row row, bare;
    enum status status = course_resolve(db, &ref, false, &row, &task->desk->context->report);

    if (status != S_OK) {
        return status;
    }
    buffer_init(&names);
    if (cohort_list(db, &row, &names) > 0) {
        status = report_set(&task->desk->context->report, S_DENIED,
                            "cohort \"%s\" stays with version %s: qanat course pin --newest --cohort first",
                            (const char *)names.data, row.version);
    }
    buffer_release(&names);
    if (status != S_OK) {
        return status;
    }
    wishes = course_wishes_load(courses, db);
    bare = row;
    bare.is_pinned = bare.is_asked = false;
    if (!id_equal(&row.publisher, &courses->self) && course_is_wished(wishes, db, &bare)) {
        status =
            report_set(&task->desk->context->report, S_DENIED,
                       "a subscription wants \"%s\" and would fetch it again: qanat course unsubscribe first",
                       row.course);
    }
    course_wishes_free(wishes);
    if (status == S_OK) {
        json_array_append_new(task->rows, course_row_json(task->desk, db, &row));
        status = course_remove(courses, db, &row);
    }
    return status == S_OK ? course_refresh(courses, db) : status;
}

static enum status run_remove(struct command_context *context)
{
    struct course_desk desk;
    struct course_task task = {.desk = &desk};
    enum status status = course_desk_open(&desk, context);

    status = status == S_OK ? task_run(&task, remove_job, 1, "removed; it was ") : status;
    if (status == S_OK) {
        status = store_write_wait(context->store, blobs_sweep, desk.blobs);
    }
    course_desk_close(&desk);
    return status;
}

/* --- subscriptions
 * ------------------------------------------------------------------------------------------ */

static bool word_take(const char *what, const char *word, size_t size, char *out, struct report *report)
{
    char fault[TEXT_FAULT_SIZE];

    if (word && *word && !text_check_name(what, bytes_text(word), size - 1, fault)) {
        report_set(report, S_USAGE, "%s", fault);
        return false;
    }
    snprintf(out, size, "%s", word ? word : "");
    return true;
}

/* What the words and options name. */
static enum status take_subscription(struct course_task *task, struct report *report)
{
    struct command_context *context = task->desk->context;
    struct subscription *one = &task->subscription;
    const char *series = command_option(context, "series"), *publisher = command_option(context, "publisher");
    enum status status;

    task->is_all = command_flag(context, "all");
    one->has_all_versions = command_flag(context, "all-versions");
    status = command_words(context, 0, 1);
    if (status != S_OK) {
        return status;
    }
    if (!word_take("the course", context->argc > 0 ? context->argv[0] : NULL, sizeof one->course, one->course, report) ||
        !word_take("--series", series, sizeof one->series, one->series, report) ||
        !word_take("--lang", task->desk->lang, sizeof one->lang, one->lang, report) ||
        !word_take("--publisher", publisher, sizeof one->publisher, one->publisher, report)) {
        return S_USAGE;
    }
    if (one->lang[0] && lang_check_said(bytes_text(one->lang)) != S_OK) {
        return report_set(report, S_USAGE, "--lang '%s': write a language as ar, en or zh-Hans", one->lang);
    }
    if (!one->course[0] && !one->series[0] && !one->lang[0] && !one->publisher[0] && !task->is_all) {
        return report_set(report, S_USAGE,
                          "say what: a course's ID, --series S, --lang L, --publisher NAME, or --all");
    }
    if (task->is_all && (one->course[0] || one->series[0] || one->lang[0] || one->publisher[0])) {
        return report_set(report, S_USAGE, "--all is every course there is: leave it out, or what else was named");
    }
    return S_OK;
}

/* Adds every version that is wanted or held and matches what was said, so that the person sees what it did.
 */
static void add_meant(struct course_task *task, struct db *db)
{
    const struct subscription *one = &task->subscription;
    const struct roster_node *publisher = *one->publisher ? roster_find_name(task->desk->roster, one->publisher) : NULL;
    struct course_row row;
    struct buffer ids;
    int64_t id;

    buffer_init(&ids);
    (void)course_row_list(db, &ids);
    for (size_t at = 0; at < ids.size; at += sizeof id) {
        memcpy(&id, ids.data + at, sizeof id);
        if (course_row_get(db, id, &row) && row.state != COURSE_CATALOGUED && row.state != COURSE_IMPORTED &&
            (!one->course[0] || strcmp(one->course, row.course) == 0) &&
            (!one->series[0] || strcmp(one->series, row.series) == 0) &&
            (!one->publisher[0] || (publisher && id_equal(&publisher->node, &row.publisher))) &&
            (!one->lang[0] || strcmp(one->lang, row.lang) == 0)) {
            task_add(task, db, id);
        }
    }
    buffer_release(&ids);
}

static enum status subscribe_job(struct db *db, void *arg)
{
    struct course_task *task = arg;
    enum status status = subscription_put(db, &task->subscription);

    if (status == S_TOO_LARGE) {
        return report_set(&task->desk->context->report, status,
                          "there are %d subscriptions already: end some with qanat course unsubscribe, or say them more widely (--series, --lang)",
                          SUBSCRIPTIONS_MAX);
    }
    if (status == S_OK) {
        status = course_refresh(&task->desk->courses, db);
    }
    if (status == S_OK) {
        add_meant(task, db);
    }
    return status;
}

/* A name that nobody has yet is worth a word: it may be mistyped. */
static enum status publisher_look(struct course_task *task)
{
    struct command_context *context = task->desk->context;
    enum status status = command_roster(context, &task->desk->roster);

    if (status == S_OK && !roster_find_name(task->desk->roster, task->subscription.publisher)) {
        fprintf(context->err, "note: no node '%s' is in the roster yet: see qanat peer list\n", task->subscription.publisher);
    }
    return status;
}

static enum status run_subscribe(struct command_context *context)
{
    struct course_desk desk;
    struct course_task task = {.desk = &desk};
    enum status status = course_desk_open(&desk, context);

    if (status == S_OK) {
        status = take_subscription(&task, &context->report);
    }
    if (status == S_OK && *task.subscription.publisher) {
        status = publisher_look(&task);
    }
    status = status == S_OK ? task_run(&task, subscribe_job, 0, "subscribed, ") : status;
    if (status == S_OK && !context->is_json) {
        fputs("subscribed; what is published later comes with the next sync\n", context->err);
    }
    course_desk_close(&desk);
    return status;
}

static enum status unsubscribe_job(struct db *db, void *arg)
{
    struct course_task *task = arg;
    enum status status = task->is_all ? subscription_delete_all(db, &task->count)
                                      : subscription_delete(db, &task->subscription, &task->count);

    if (status == S_OK && task->count == 0) {
        return report_set(&task->desk->context->report, S_NOT_FOUND,
                          "there is no such subscription; say exactly what was subscribed, or --all");
    }
    return status == S_OK ? course_refresh(&task->desk->courses, db) : status;
}

static enum status run_unsubscribe(struct command_context *context)
{
    struct course_desk desk;
    struct course_task task = {.desk = &desk};
    enum status status = course_desk_open(&desk, context);

    if (status == S_OK) {
        status = take_subscription(&task, &context->report);
    }
    status = status == S_OK ? task_run(&task, unsubscribe_job, 0, "") : status;
    if (status == S_OK && !context->is_json) {
        fputs("unsubscribed; what is installed stays until qanat course remove\n", context->err);
    }
    course_desk_close(&desk);
    return status;
}

/* --- the rows
 * ----------------------------------------------------------------------------------------------- */

const struct command course_commands[] = {
    {"course import", NEEDS_WRITE,
     "FILE|FOLDER --id ID --lang TAG [--title T] [--series S] [--localises ID] [--from LANG[@VERSION]] "
     "[--version V]",
     "take in a course package: SCORM, cmi5, Tin Can, Common Cartridge, H5P, EPUB, HTML or Markdown",
     "A .zip, .tar, .tar.gz or a folder. Title, table of contents, first page and mastery score are read "
     "from the package. Files are kept once, by\n"
     "content: a new version or a translation costs only what differs. Without --version, versions are 1, 2, "
     "3 and so on; importing the same\n"
     "files again changes nothing and says so. The version stays here until it is published.\n"
     "A translation remembers what it was made from: --from en@3, or else the current version of the language "
     "that came first. qanat course show\n"
     "then says when that has moved on, and by how many files.\n\n"
     "  qanat course import iot.zip --id iot-basics --lang en --series cloud\n"
     "  qanat course import iot-ar.tar.gz --id iot-basics --lang ar",
     course_run_import},
    {"course publish", NEEDS_WRITE, "ID [--lang TAG] [--version V]",
     "put imported versions into the federation's catalogue",
     "Of each language the version imported last, or the one that --version names. Subscribers fetch it with "
     "their next sync. A published version\n"
     "never changes: import the next one.\n\n"
     "  qanat course publish iot-basics",
     run_publish},
    {"course list", NEEDS_READ, "[ID] [--available] [--lang TAG] [--version V]",
     "courses held or on their way here",
     "With --available also what the catalogue offers and nobody here subscribed. States: imported, "
     "published (own), fetching, waiting (no room),\n"
     "installed, refused, catalogued (offered).\n\n"
     "  qanat course list --available --lang ar",
     course_run_list},
    {"course show", NEEDS_READ, "ID [--lang TAG] [--version V]",
     "one version: where it comes from, its table of contents",
     "The current version unless --version says otherwise.\n\n"
     "  qanat course show iot-basics --lang ar --json",
     course_run_show},
    {"course subscribe", NEEDS_WRITE,
     "[ID] [--series S] [--lang TAG] [--publisher NAME] [--all] [--all-versions]",
     "fetch courses as they are published",
     "By course, series, language, publisher or any of these together; --all takes everything. The newest "
     "version of each language is fetched,\n"
     "with --all-versions the older ones too.\n\n"
     "  qanat course subscribe --series cloud --lang fr",
     run_subscribe},
    {"course unsubscribe", NEEDS_WRITE, "[ID] [--series S] [--lang TAG] [--publisher NAME] [--all]",
     "stop fetching",
     "Say exactly what was subscribed, or --all. What is installed stays.\n\n"
     "  qanat course unsubscribe --series cloud --lang fr",
     run_unsubscribe},
    {"course subscriptions", NEEDS_READ, "[--json]", "what is fetched as it is published",
     "One line for each subscription; an empty column matches anything.\n\n"
     "  qanat course subscriptions --json",
     course_run_subscriptions},
    {"course pin", NEEDS_WRITE, "ID --version V|--newest [--lang TAG] [--cohort C]",
     "stay with one version of a course",
     "The pinned version is served even when newer ones come; one that is not here is fetched. --newest "
     "follows the newest again. With --cohort only\n"
     "that cohort stays with it: its results count for that version, and the version is kept.\n\n"
     "  qanat course pin iot-basics --lang ar --version 2\n"
     "  qanat course pin iot-basics --lang ar --version 2 --cohort autumn-2026",
     run_pin},
    {"course rollback", NEEDS_WRITE, "ID [--lang TAG]", "go back to the version before, and stay there",
     "The older version must still be held here. qanat course pin --newest undoes it.\n\n"
     "  qanat course rollback iot-basics --lang ar",
     run_rollback},
    {"course export", NEEDS_READ, "ID [--to] FOLDER|--original FILE [--lang TAG] [--version V]",
     "write the files of a version to a folder, or the archive it was imported from",
     "Every file is verified while it is copied. --original makes the archive again, byte for byte: its SHA-256 is\n"
     "that of the import, or nothing is written.\n\n"
     "  qanat course export iot-basics --lang ar --to /media/stick/iot-ar\n"
     "  qanat course export iot-basics --lang ar --original iot-ar.zip",
     course_run_export},
    {"course verify", NEEDS_READ, "[ID] [--lang TAG] [--version V]", "hash every file again",
     "Exit code 1 and the names of the files when something is damaged or gone.\n\n"
     "  qanat course verify",
     course_run_verify},
    {"course clean", NEEDS_WRITE, "[--dry-run] [--relayed]",
     "let go of versions and files that nothing here needs any more",
     "Goes: versions of others that newer ones replaced and nobody wants, what was left half fetched, files "
     "without a version. Stays: own versions, current\n"
     "ones, pinned ones, what subscriptions want, and, without --relayed, what nodes below asked for. --dry-run "
     "says what would go and how many\n"
     "bytes that frees, exactly, and changes nothing.\n\n"
     "  qanat course clean --dry-run",
     course_run_clean},
    {"course remove", NEEDS_WRITE, "ID [--lang TAG] [--version V]",
     "let go of a version and of the files that only it needs",
     "An own published version is withdrawn from the catalogue first; others keep what they have "
     "installed.\n\n"
     "  qanat course remove iot-basics --lang ar --version 1",
     run_remove},
    {0},
};
