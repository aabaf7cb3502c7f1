#include "node/cmd/oneroster.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "node/cmd/table.h"
#include "node/learn/attempt/due.h"
#include "node/learn/oneroster/oneroster.h"
#include "node/learn/oneroster/oneroster_export.h"
#include "node/local_time.h"

static bool is_folder(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool has_zip_name(const char *path)
{
    const size_t size = strlen(path);

    return size > 4 && strcasecmp(path + size - 4, ".zip") == 0;
}

bool oneroster_is_meant(const char *path)
{
    char begin[2] = {0, 0};
    struct stat info;

    if (is_folder(path) || has_zip_name(path)) {
        return true;
    }
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode)) {
        return false; /* a pipe is read once */
    }
    FILE *in = fopen(path, "re");
    const size_t size = in ? fread(begin, 1, sizeof begin, in) : 0;
    if (in) {
        fclose(in);
    }
    return size == 2 && begin[0] == 'P' && begin[1] == 'K';
}

/* The column in the spelling of csv.h; NULL for one that is none. */
static const char *column_of(const char *word)
{
    static const char *const columns[] = {"username", "sourcedid", "identifier", "email"};

    for (size_t i = 0; word && i < sizeof columns / sizeof *columns; i++) {
        if (strcasecmp(columns[i], word) == 0) {
            return columns[i];
        }
    }
    return word ? NULL : columns[0];
}

static void outcome_print(struct command_context *context, const struct oneroster_outcome *outcome,
                          bool is_dry_run)
{
    const struct person_outcome *people = &outcome->people;

    if (context->is_json) {
        table_print_json(
            context->out,
            json_pack("{s:b,s:I,s:I,s:I,s:I,s:I,s:o,s:{s:I,s:I},s:{s:I,s:I},s:o}", "dry_run", is_dry_run,
                      "added", (json_int_t)people->added, "updated", (json_int_t)people->updated, "unchanged",
                      (json_int_t)people->unchanged, "left_out", (json_int_t)outcome->left_out, "refused",
                      (json_int_t)(people->refusals.total + outcome->refusals.total), "reasons",
                      refusals_json(&people->refusals), "cohorts", "changed",
                      (json_int_t)outcome->cohorts_added, "unchanged", (json_int_t)outcome->cohorts_unchanged,
                      "members", "changed", (json_int_t)outcome->members_changed, "unchanged",
                      (json_int_t)outcome->members_unchanged, "other_reasons",
                      refusals_json(&outcome->refusals)));
        return;
    }
    refusals_print(&people->refusals, context->err);
    refusals_print(&outcome->refusals, context->err);
    fprintf(context->out,
            "%s%llu added, %llu updated, %llu unchanged, %llu left out, %llu refused; %llu cohorts and %llu "
            "members "
            "changed\n",
            is_dry_run ? "nothing written; it would be: " : "", (unsigned long long)people->added,
            (unsigned long long)people->updated, (unsigned long long)people->unchanged,
            (unsigned long long)outcome->left_out,
            (unsigned long long)(people->refusals.total + outcome->refusals.total),
            (unsigned long long)outcome->cohorts_added, (unsigned long long)outcome->members_changed);
}

enum status oneroster_command(struct command_context *context, const char *path, const char *id_column,
                              bool is_dry_run)
{
    const struct oneroster_import import = {.store = context->store,
                                            .federation = context->federation,
                                            .path = path,
                                            .node_dir = context->dir,
                                            .id_column = column_of(id_column),
                                            .now_ms = (int64_t)local_time_now(),
                                            .is_dry_run = is_dry_run};
    struct oneroster_outcome outcome;

    if (!import.id_column) {
        return report_set(&context->report, S_USAGE,
                          "--id is username, sourcedId, identifier or email, not '%s'", id_column);
    }
    oneroster_outcome_init(&outcome);
    enum status status = oneroster_import(&import, &outcome, &context->report);
    if (status == S_OK || status == S_PARTIAL) {
        outcome_print(context, &outcome, is_dry_run);
        enum status told = is_dry_run ? S_OK : due_tell_all(context->store, context->federation, &context->report);
        status = told == S_OK ? status : told;
    }
    oneroster_outcome_release(&outcome);
    return status;
}

enum status oneroster_export_command(struct command_context *context, const char *path, const char *version)
{
    const bool is_old = version && strcmp(version, "1.1") == 0;
    const struct oneroster_export export = {.store = context->store,
                                            .node = context->config->name,
                                            .path = path,
                                            .is_zip = has_zip_name(path) && !is_folder(path),
                                            .node_dir = context->dir,
                                            .now_ms = (int64_t)local_time_now(),
                                            .version = is_old ? ONEROSTER_1_1 : ONEROSTER_1_2};

    if (version && !is_old && strcmp(version, "1.2") != 0) {
        return report_set(&context->report, S_USAGE, "--oneroster-version is 1.1 or 1.2, not '%s'", version);
    }
    return oneroster_export(&export, &context->report);
}
