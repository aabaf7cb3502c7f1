/* backup.c: `qanat backup`, `qanat restore`, `qanat scrub`: keeping a node, putting it back, repairing it. */
#include "node/cmd/command.h"

#include <stdlib.h>
#include <string.h>

#include "node/app.h"
#include "node/care/backup.h"
#include "node/care/inspect.h"
#include "node/care/restore.h"
#include "node/care/scrub.h"
#include "node/cmd/finding_print.h"
#include "node/cmd/table.h"
#include "node/json.h"
#include "node/local_time.h"

static void backup_print(struct command_context *context, const char *path, const struct backup_outcome *outcome)
{
    if (context->is_json) {
        table_print_json(context->out, json_pack("{s:o, s:I, s:I, s:I, s:I, s:I}", "file", json_file_name(path), "bytes", (json_int_t)outcome->size,
                                                 "database_bytes", (json_int_t)outcome->database_size, "contents",
                                                 (json_int_t)outcome->contents, "content_bytes", (json_int_t)outcome->contents_size,
                                                 "left_out", (json_int_t)outcome->left_out));
    } else {
        fprintf(context->out, "%s: %.1f MB, the database and %llu contents of courses\n", path, (double)outcome->size / 1e6,
                (unsigned long long)outcome->contents);
    }
    fprintf(context->err, "It holds this node's key and people's records: keep it as the node itself.\n");
    if (outcome->has_authority) {
        fprintf(context->err, "The federation's authority.key is not in it: keep that offline, apart.\n");
    }
}

static enum status backup_run(struct command_context *context)
{
    bool accepts_damage = command_flag(context, "damaged");
    struct backup_outcome outcome;
    enum status status = command_words(context, 1, 1);

    if (status != S_OK) {
        return status;
    }
    const struct backup_request request = {.dir = context->dir, .path = context->argv[0], .store = context->store,
                                           .name = context->config->name, .kind = context->config->kind,
                                           .now_ms = local_time_now(), .accepts_damage = accepts_damage};
    status = backup_write(&request, &outcome, &context->report);
    if (status != S_OK) {
        return status;
    }
    backup_print(context, context->argv[0], &outcome);
    if (outcome.left_out) {
        return report_set(&context->report, S_PARTIAL,
                          "%llu contents of courses are damaged or gone here and not in \"%s\": qanat scrub --repair fetches them again; then back up again",
                          (unsigned long long)outcome.left_out, context->argv[0]);
    }
    return S_OK;
}

static void restore_print(struct command_context *context, const struct restore_outcome *outcome, const struct findings *findings)
{
    if (context->is_json) {
        json_t *document = json_pack("{s:s, s:o, s:s, s:I, s:I, s:I, s:I}", "node", outcome->node, "dir", json_file_name(context->dir), "written",
                                     outcome->written, "streams", (json_int_t)outcome->streams, "cells", (json_int_t)outcome->cells,
                                     "contents", (json_int_t)outcome->contents, "lacking", (json_int_t)outcome->lacking);
        json_object_set(document, "findings", findings->rows);
        table_print_json(context->out, document);
    } else {
        fprintf(context->out, "%s as of %s lives in %s: %llu cells of %llu streams, %llu contents of courses\n", outcome->node,
                outcome->written, context->dir, (unsigned long long)outcome->cells, (unsigned long long)outcome->streams,
                (unsigned long long)outcome->contents);
    }
    if (outcome->lacking) {
        fprintf(context->err, "%llu contents of courses were not in the backup: they are fetched again.\n", (unsigned long long)outcome->lacking);
    }
    fprintf(context->err,
            "The node that was backed up must not run any more: this one is it.\n"
            "Next: qanat run, then qanat sync: what was synced after the backup comes back from peers.\n"
            "Without a link: qanat bundle export for the node above, then import the one it makes for this node.\n");
}

static enum status restore_run_command(struct command_context *context)
{
    bool accepts_damage = command_flag(context, "damaged");
    struct restore_outcome outcome;
    struct findings findings;
    enum status status = command_words(context, 1, 1);

    if (status != S_OK) {
        return status;
    }
    findings_init(&findings);
    status = restore_run(context->dir, context->argv[0], accepts_damage, &findings, &outcome, &context->report);
    if (status == S_OK) {
        restore_print(context, &outcome, &findings);
    }
    findings_release(&findings);
    return status;
}

/* Without --repair: what `qanat verify` says. */
static enum status scrub_look(struct command_context *context)
{
    struct findings findings;
    struct inspection inspection;

    findings_init(&findings);
    inspect_begin(&inspection, context->dir, context->store, &findings);
    inspect_pages(&inspection);
    inspect_streams(&inspection);
    inspect_blobs(&inspection);
    inspect_end(&inspection);
    enum status status = findings_print(context, &findings, json_pack("{s:o, s:b}", "dir", json_file_name(context->dir), "repaired", 0));
    findings_release(&findings);
    return status;
}

static void actions_print(struct command_context *context, const struct scrub_outcome *outcome)
{
    size_t index;
    json_t *row;

    json_array_foreach(outcome->actions, index, row) {
        fprintf(context->out, "%s: %s\n", json_string_value(json_object_get(row, "subject")), json_string_value(json_object_get(row, "action")));
    }
    if (outcome->has_new_incarnation) {
        fprintf(context->err, "The node goes on under a fresh incarnation.\n");
    }
}

/* What a repair found, did and left. */
struct repair {
    struct findings found, left;
    struct scrub_outcome outcome;
};

static enum status repair_run(struct command_context *context, const struct salvage *salvaged, bool drops_own, struct repair *repair)
{
    struct config config = *context->config;

    if (context->app) {
        app_config(context->app, &config);
    }
    const struct scrub_request request = {.dir = context->dir, .store = context->store, .identity = context->identity,
                                          .federation = context->federation, .config = &config, .salvaged = salvaged,
                                          .drops_own = drops_own};
    findings_init(&repair->found);
    findings_init(&repair->left);
    return scrub_repair(&request, &repair->found, &repair->left, &repair->outcome, &context->report);
}

static void repair_release(struct repair *repair)
{
    json_decref(repair->outcome.actions);
    findings_release(&repair->found);
    findings_release(&repair->left);
}

/* In place as far as that goes; then the database is built anew, unless a node is running on it. */
static enum status repair_all(struct command_context *context, bool drops_own, struct repair *repair)
{
    struct salvage salvage;
    enum status status = S_CORRUPT;

    if (context->store) {
        status = repair_run(context, NULL, drops_own, repair);
        bool is_enough = status == S_OK && !findings_count(&repair->left, FINDING_PAGES_DAMAGED);
        if (is_enough || context->app || (status != S_OK && status != S_CORRUPT && status != S_EXISTS)) {
            return status;
        }
        repair_release(repair);
        report_clear(&context->report);
    }
    *repair = (struct repair){0};
    status = command_salvage(context, &salvage);
    return status == S_OK ? repair_run(context, &salvage, drops_own, repair) : status;
}

static enum status scrub_run(struct command_context *context)
{
    bool repairs = command_flag(context, "repair"), drops_own = command_flag(context, "drop-own");
    struct repair repair = {0};
    enum status status = command_words(context, 0, 0);

    if (status != S_OK) {
        return status;
    }
    if (!repairs) {
        return scrub_look(context);
    }
    status = repair_all(context, drops_own, &repair);
    if (status == S_OK) {
        json_t *document = json_pack("{s:o, s:O, s:O, s:b}", "dir", json_file_name(context->dir), "found", repair.found.rows, "repaired",
                                     repair.outcome.actions, "fresh_incarnation", repair.outcome.has_new_incarnation);
        if (!context->is_json) {
            actions_print(context, &repair.outcome);
        }
        status = findings_print(context, &repair.left, document);
    }
    repair_release(&repair);
    return status;
}

const struct command backup_commands[] = {
    {"backup", NEEDS_READ, "FILE [--damaged] [--json]", "write one file from which this node can be restored",
     "Runs beside a running node and shows it as of one moment: the database, the contents of courses, the configuration and the node's key.\n"
     "FILE appears when it is whole and synced; nothing is overwritten, and on a full disk nothing is left (exit 73). A damaged node is\n"
     "refused: repair it first (qanat scrub --repair), or say --damaged. authority.key is never in it.\n\n"
     "  qanat backup --dir /var/lib/qanat /mnt/stick/qanat-$(date +%F).backup",
     backup_run},
    {"restore", NEEDS_NEW_DIR, "FILE [--damaged] [--json]", "make a node again from a backup, in a new directory",
     "Reads and checks every byte before the directory becomes a node; on any fault nothing is left. The restored node is the one that was\n"
     "backed up, which must not run any more. It writes on under a fresh incarnation, so that nothing is counted twice; what was synced\n"
     "after the backup comes back from peers at the next qanat sync. Invitations that were open have to be given anew.\n\n"
     "  qanat restore --dir /var/lib/qanat-new /mnt/stick/qanat-2026-10-31.backup",
     restore_run_command},
    {"scrub", NEEDS_REPAIR, "[--repair [--drop-own]] [--json]", "look for damage as verify does, and repair it from peers",
     "Without --repair it only looks. With it, a damaged stream of another node is forgotten and pulled again from a peer under its writer's\n"
     "signature; damaged contents are fetched again, chunk by chunk; sums and indexes are built anew. Where the database's pages themselves\n"
     "are damaged it is built anew from what can be read (stop the node first); the old one stays as qanat.db.damaged. A damaged stream\n"
     "of this node itself is left for a fresh incarnation; it is forgotten only when a hub has acknowledged all of it, or with --drop-own,\n"
     "when you know that a peer holds it or nothing in it matters. Exit 1 while something is still wrong: each finding says what to do.",
     scrub_run},
    {0},
};
