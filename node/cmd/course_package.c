/* course_package.c: `qanat course import`: a package is taken in, and what it holds is said. */
#include <string.h>

#include "node/cmd/course.h"
#include "node/cmd/progress.h"
#include "node/cmd/table.h"
#include "node/learn/course/course_import.h"

static void print_notes(FILE *err, const char *notes)
{
    for (const char *at = notes; *at; at += strcspn(at, "\n") + 1) {
        fprintf(err, "note: %.*s\n", (int)strcspn(at, "\n"), at);
        if (!strchr(at, '\n')) {
            break;
        }
    }
}

/* A word of a command, so that a shell takes it back as it is. */
static void word_print(FILE *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.,:@%+=";

    if (*word && *word != '-' && word[strspn(word, plain)] == '\0') {
        fputs(word, out);
        return;
    }
    fputs(*word == '-' ? "-- '" : "'", out);
    for (; *word; word++) {
        fputs(*word == '\'' ? "'\\''" : (char[]){*word, '\0'}, out);
    }
    fputc('\'', out);
}

static void print_imported(struct command_context *context, const struct course_imported *imported)
{
    const struct course_row *row = &imported->row;
    char manifest[HASH_HEX_SIZE];

    hash_hex(&row->manifest, manifest);
    print_notes(context->err, imported->notes);
    if (context->is_json) {
        table_print_json(context->out,
                         json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:b, s:I, s:I, s:I}", "course",
                                   row->course, "lang", row->lang, "version", row->version, "title",
                                   row->title, "format", package_format_name(row->format), "files",
                                   (json_int_t)row->member_count, "bytes", (json_int_t)row->size, "items",
                                   (json_int_t)imported->item_count, "manifest", manifest, "unchanged",
                                   imported->is_known && imported->restored == 0, "restored",
                                   (json_int_t)imported->restored, "read_ms", (json_int_t)imported->read_ms, "store_ms",
                                   (json_int_t)imported->store_ms));
        return;
    }
    if (imported->is_known && imported->restored > 0) {
        fprintf(context->out, "%s %s: these files are here already as version %s; %zu contents that it had lost are here again\n", row->course,
                row->lang, row->version, imported->restored);
        return;
    }
    if (imported->is_known) {
        fprintf(context->out, "%s %s: these files are here already as version %s; nothing changed\n",
                row->course, row->lang, row->version);
        return;
    }
    fprintf(context->out, "%s %s version %s: \"%s\" (%s), %llu file%s, %llu bytes, %zu item%s; publish it with: qanat course publish ",
            row->course, row->lang, row->version, row->title, package_format_name(row->format),
            (unsigned long long)row->member_count, row->member_count == 1 ? "" : "s", (unsigned long long)row->size,
            imported->item_count, imported->item_count == 1 ? "" : "s");
    word_print(context->out, row->course);
    fputc('\n', context->out);
}

/* A refusal names the package, where a person named a file: an upload has no name here. */
static void name_package(struct command_context *context, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash && slash[1] ? slash + 1 : path;
    char text[REPORT_TEXT_MAX], quoted[REPORT_TEXT_MAX];
    enum status status = context->report.status;

    snprintf(quoted, sizeof quoted, "%.200s\"", name);
    if ((status != S_INVALID && status != S_TOO_LARGE) || strncmp(path, "/proc/", 6) == 0 || strstr(context->report.text, quoted)) {
        return;
    }
    snprintf(text, sizeof text, "%s", context->report.text);
    report_clear(&context->report);
    report_set(&context->report, status, "\"%.200s\": %s", name, text);
}

enum status course_run_import(struct command_context *context)
{
    struct course_import import = {.id = command_option(context, "id"),
                                   .title = command_option(context, "title"),
                                   .series = command_option(context, "series"),
                                   .localises = command_option(context, "localises"),
                                   .from = command_option(context, "from")};
    struct course_imported imported;
    struct course_desk desk;
    enum status status = course_desk_open(&desk, context);

    if (status == S_OK) {
        status = command_words(context, 1, 1);
    }
    import.lang = desk.lang;
    import.version = desk.version;
    if (status == S_OK && (!import.id || !import.lang[0])) {
        status =
            report_set(&context->report, S_USAGE, "say which course and language it is: --id ID --lang TAG");
    }
    if (status == S_OK) {
        struct import_watch watch = {0};
        struct progress *progress = progress_start(progress_left_import, &watch, context->err, context->is_err_tty);

        import.path = context->argv[0];
        import.watch = &watch;
        status = course_import(&desk.courses, &import, &imported, &context->report);
        progress_stop(progress);
        name_package(context, import.path);
    }
    if (status == S_OK) {
        print_imported(context, &imported);
    }
    course_desk_close(&desk);
    return status;
}
