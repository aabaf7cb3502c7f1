/* bundle.c: `qanat bundle export|import`: a sync by USB stick. */
#include "node/cmd/alone.h"
#include "node/cmd/command.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <jansson.h>

#include "node/bundle/minisign.h"
#include "node/bundle/volume.h"
#include "node/cmd/problem.h"
#include "node/cmd/screen.h"
#include "node/cmd/table.h"
#include "node/json.h"
#include "node/local_time.h"
#include "node/store/stream/roster.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

/* "700M", "4G", "512KiB", "1000000": letters alone count in thousands, as sticks are sold. */
static enum status size_take(struct command_context *context, const char *name, uint64_t *size_out)
{
    static const struct {
        const char *suffix;
        uint64_t unit;
    } units[] = {{"", 1},
                 {"K", 1000},
                 {"M", 1000000},
                 {"G", 1000000000},
                 {"KiB", 1ULL << 10},
                 {"MiB", 1ULL << 20},
                 {"GiB", 1ULL << 30}};
    const char *text = command_option(context, name);
    char *end;

    if (!text) {
        return S_OK;
    }
    unsigned long long number = *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : 0;
    for (size_t i = 0; number > 0 && i < sizeof units / sizeof *units; i++) {
        if (strcasecmp(end, units[i].suffix) == 0 && number <= INT64_MAX / units[i].unit) {
            *size_out = number * units[i].unit;
            return S_OK;
        }
    }
    return report_set(&context->report, S_USAGE, "--%s '%s': say a size like 700M, 4G or 512MiB", name, text);
}

/* Opens what both need; blobs_close(courses->blobs) after S_OK. */
static enum status node_open(struct command_context *context, struct courses *courses,
                             struct bundle_node *node)
{
    struct blobs *blobs;
    enum status status = blobs_open(context->dir, context->store, &blobs, &context->report);

    if (status == S_OK) {
        courses_init(courses, context->store, blobs, context->identity, context->federation, context->config);
        *node = (struct bundle_node){context->store, courses, context->identity, context->federation, context->dir};
    }
    return status;
}

/* --- export --- */

static void exported_print(struct command_context *context, const struct bundle_order *order,
                           const struct bundle_exported *exported)
{
    const struct bundle_counts *counts = &exported->counts;

    if (context->is_json) {
        table_print_json(
            context->out,
            json_pack("{s:o, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:{s:I, s:I}}", "file", json_file_name(order->path),
                      "for", order->target, "volumes", (json_int_t)exported->volumes, "kept_volumes",
                      (json_int_t)exported->kept, "removed_volumes", (json_int_t)exported->dropped, "bytes", (json_int_t)exported->size, "streams",
                      (json_int_t)counts->streams, "cells", (json_int_t)counts->cells, "receipts",
                      (json_int_t)counts->receipts, "objects", (json_int_t)counts->objects, "object_bytes",
                      (json_int_t)exported->object_bytes, "left_out", "objects",
                      (json_int_t)counts->left_objects, "bytes", (json_int_t)counts->left_bytes));
        return;
    }
    fprintf(context->out,
            "%s for %s: %llu bytes; %llu cells of %llu streams, %llu receipts, %llu objects of courses\n",
            order->path, order->target, (unsigned long long)exported->size, (unsigned long long)counts->cells,
            (unsigned long long)counts->streams, (unsigned long long)counts->receipts,
            (unsigned long long)counts->objects);
    if (exported->volumes + exported->kept > 1) {
        fprintf(context->out, "in %u volumes, %u of them as they were: %s, %s.2, ...\n",
                exported->volumes + exported->kept, exported->kept, order->path, order->path);
    }
    if (exported->dropped > 0) {
        fprintf(context->out, "removed, of a former bundle of that name: %u volumes from %s.%u on\n", exported->dropped, order->path,
                exported->volumes + exported->kept + 1);
    }
    if (counts->left_objects > 0) {
        fprintf(context->out, "left out for want of room: %llu objects, %llu bytes\n",
                (unsigned long long)counts->left_objects, (unsigned long long)counts->left_bytes);
    }
}

static enum status run_export(struct command_context *context)
{
    struct bundle_order order = {.target = command_option(context, "for"),
                                 .is_whole = command_flag(context, "whole"),
                                 .is_resumed = command_flag(context, "resume"),
                                 .created_ms = local_time_now()};
    struct bundle_exported exported;
    struct bundle_node node;
    struct courses courses;
    enum status status = size_take(context, "max", &order.size_max);

    if (status == S_OK) {
        status = size_take(context, "volume", &order.volume_max);
    }
    if (status == S_OK) {
        status = command_words(context, 1, 1);
    }
    if (status == S_OK && !order.target) {
        status = report_set(&context->report, S_USAGE, "say which node it is for: --for NAME");
    }
    if (status == S_OK) {
        status = node_open(context, &courses, &node);
    }
    if (status != S_OK) {
        return status;
    }
    order.path = context->argv[0];
    status = bundle_export(&node, &order, &exported, &context->report);
    if (status == S_OK) {
        exported_print(context, &order, &exported);
    }
    blobs_close(courses.blobs);
    return status;
}

/* --- import --- */

static json_t *imported_json(const struct bundle_imported *imported)
{
    char created[TIMESTAMP_TEXT_SIZE] = "";

    if (imported->head.created_ms <= (uint64_t)TIMESTAMP_MS_MAX) {
        timestamp_format((int64_t)imported->head.created_ms, created);
    }
    json_t *document =
        json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I}", "from", imported->from, "for", imported->target,
                  "created", created, "streams", (json_int_t)imported->streams, "cells",
                  (json_int_t)imported->cells, "receipts", (json_int_t)imported->receipts, "objects",
                  (json_int_t)imported->objects, "object_bytes", (json_int_t)imported->object_bytes);
    CHECK(document);
    json_object_set_new(document, "known",
                        json_pack("{s:I, s:I}", "streams", (json_int_t)imported->known_streams, "objects",
                                  (json_int_t)imported->known_objects));
    json_object_set_new(document, "skipped",
                        json_pack("{s:I, s:I}", "streams", (json_int_t)imported->skipped_streams, "objects",
                                  (json_int_t)imported->skipped_objects));
    json_object_set_new(document, "gaps", json_integer((json_int_t)imported->gaps));
    json_object_set_new(document, "refused", json_integer((json_int_t)imported->refused));
    json_object_set_new(document, "problem",
                        imported->problem[0] ? json_string(imported->problem) : json_null());
    json_object_set_new(document, "waiting", imported->waiting[0] ? json_string(imported->waiting) : json_null());
    return document;
}

static void imported_print(struct command_context *context, const struct bundle_imported *imported)
{
    fprintf(context->out,
            "from %s: %llu cells of %llu streams, %llu receipts, %llu objects (%llu bytes) taken\n",
            imported->from, (unsigned long long)imported->cells, (unsigned long long)imported->streams,
            (unsigned long long)imported->receipts, (unsigned long long)imported->objects,
            (unsigned long long)imported->object_bytes);
    if (imported->known_streams + imported->known_objects > 0) {
        fprintf(context->out, "here already: %llu streams, %llu objects\n",
                (unsigned long long)imported->known_streams, (unsigned long long)imported->known_objects);
    }
    if (imported->skipped_streams + imported->skipped_objects > 0) {
        fprintf(context->out,
                "skipped: %llu streams that are not this node's to hold, %llu objects of courses that "
                "nothing here waits for: not subscribed, or no room yet (qanat course list)\n",
                (unsigned long long)imported->skipped_streams, (unsigned long long)imported->skipped_objects);
    }
    if (imported->gaps > 0) {
        fprintf(context->out, "%llu streams go on from a state that is not here\n",
                (unsigned long long)imported->gaps);
    }
    if (!imported->is_for_us) {
        fprintf(context->err, "note: this bundle is for %s; carry it on\n", imported->target);
    }
}

static void imported_add(struct bundle_imported *sum, const struct bundle_imported *one)
{
    uint64_t *sums[] = {&sum->streams,       &sum->cells,           &sum->receipts,
                        &sum->objects,       &sum->object_bytes,    &sum->known_streams,
                        &sum->known_objects, &sum->skipped_streams, &sum->skipped_objects,
                        &sum->gaps,          &sum->refused};
    const uint64_t parts[] = {one->streams,       one->cells,           one->receipts,
                              one->objects,       one->object_bytes,    one->known_streams,
                              one->known_objects, one->skipped_streams, one->skipped_objects,
                              one->gaps,          one->refused};
    struct bundle_imported before = *sum;

    if (sum->from[0] == '\0') {
        *sum = *one;
        return;
    }
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
        *sums[i] += parts[i];
    }
    if (before.problem[0] == '\0') {
        memcpy(sum->problem, one->problem, sizeof sum->problem);
    }
    if (sum->waiting[0] == '\0') {
        memcpy(sum->waiting, one->waiting, sizeof sum->waiting);
    }
}

/* The volumes that go on from the first, as far as they are here and good; each can be read by itself, so it does not matter when their names were
 * exchanged. *sum is what was taken, also when a later one is bad; *last_out the number of the last that was looked at. */
static enum status volumes_import(const struct bundle_node *node, const char *path, struct bundle_imported *sum, unsigned *last_out,
                                  struct report *report)
{
    struct bundle_imported one;
    char volume[DIR_PATH_MAX];
    enum status status = bundle_import(node, path, &one, report), worst = status;
    bool has_last = false;

    memset(sum, 0, sizeof *sum);
    *last_out = 1;
    for (unsigned number = 2; status == S_OK || status == S_PARTIAL; number++) {
        imported_add(sum, &one);
        worst = status == S_PARTIAL ? status : worst;
        has_last = has_last || one.counts.is_last;
        if ((number == 2 && one.counts.volume != 1) || !volume_path(path, number, volume)) {
            break; /* somebody gave one of the later ones */
        }
        if (access(volume, F_OK) != 0) {
            if (!has_last) {
                worst = report_set(report, S_PARTIAL, "\"%s\" is missing: the bundle goes on there", volume);
            }
            break;
        }
        *last_out = number;
        status = bundle_import(node, volume, &one, report);
        worst = status == S_OK ? worst : status;
    }
    if (status != S_OK && status != S_PARTIAL && one.from[0] != '\0') {
        imported_add(sum, &one); /* it went away while it was taken */
    }
    return worst;
}

/* FILE and the volumes behind it. *is_taken_out: something of it was, and *imported says what. */
static enum status file_import(const struct bundle_node *node, const char *path, struct bundle_imported *imported, unsigned *last_out, bool *is_taken_out,
                               struct report *report)
{
    enum status status = volumes_import(node, path, imported, last_out, report);

    *is_taken_out = status == S_OK || status == S_PARTIAL || imported->from[0] != '\0'; /* volumes before a bad one were taken */
    if (status == S_OK && imported->waiting[0] != '\0') { /* a link would go on by itself; of a stick somebody has to know */
        status = report_set(report, S_NO_SPACE, "not taken, the rest was: %s", imported->waiting);
    }
    return status;
}

static enum status one_import(struct command_context *context, const struct bundle_node *node)
{
    struct bundle_imported imported;
    unsigned last;
    bool is_taken;
    enum status status = file_import(node, context->argv[0], &imported, &last, &is_taken, &context->report);

    if (is_taken && context->is_json) {
        table_print_json(context->out, imported_json(&imported));
    } else if (is_taken) {
        imported_print(context, &imported);
    }
    return status;
}

/* What a shell makes of `stick*` names signatures beside their files, and volumes that an earlier word led to: lasts[i] is the last of word i. */
static bool word_goes_without_saying(const struct command_context *context, const unsigned *lasts, int word)
{
    const char *path = context->argv[word], *dot = strrchr(path, '.');
    char volume[DIR_PATH_MAX];

    for (int i = 0; dot && i < context->argc; i++) {
        const char *other = context->argv[i];
        if (strcmp(dot, ".minisig") == 0 && strncmp(other, path, (size_t)(dot - path)) == 0 && strlen(other) == (size_t)(dot - path)) {
            return true;
        }
        for (unsigned number = 2; i < word && number <= lasts[i]; number++) {
            if (volume_path(other, number, volume) && strcmp(volume, path) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* A refusal is worse than want of room, that is worse than a while to wait. */
static int badness(enum status status)
{
    switch (command_exit_code(status)) {
    case EXIT_DONE:
        return 0;
    case EXIT_TRY_AGAIN:
        return 1;
    case EXIT_NO_SPACE:
        return 2;
    default: /* a number, no enum */
        return 3;
    }
}

/* One of several: a row of JSON, or what was taken on stdout and what was not on stderr. */
static void word_tell(struct command_context *context, const char *path, const struct bundle_imported *imported, const struct report *report, json_t *rows)
{
    if (context->is_json) {
        json_t *row = imported ? imported_json(imported) : json_object();
        json_object_set_new(row, "file", json_string(path));
        json_object_set_new(row, "exit", json_integer(command_exit_code(report->status)));
        json_object_set_new(row, "error", report->status != S_OK ? json_string(report->text) : json_null());
        json_array_append_new(rows, row);
    } else if (imported) {
        screen_line(context->out, path);
        fputs(": ", context->out);
        imported_print(context, imported);
        problem_hand_on(context->out);
    }
    if (report->status != S_OK) {
        screen_line(context->err, path);
        fputs(": ", context->err);
        screen_line(context->err, report->text);
        fputc('\n', context->err);
    }
}

/* Several files under way. */
struct several {
    struct command_context *context;
    const struct bundle_node *node;
    unsigned *lasts; /* of each word: the last volume that was looked at */
    bool *is_early;  /* of each word: it goes on from what another one may bring */
    json_t *rows;
    enum status worst;
    unsigned count, failed;
};

static void word_import(struct several *several, int word, bool may_wait)
{
    const char *path = several->context->argv[word];
    struct report report = {.status = S_OK};
    struct bundle_imported imported;
    bool is_taken;
    enum status status = file_import(several->node, path, &imported, &several->lasts[word], &is_taken, &report);

    several->is_early[word] = may_wait && status == S_PARTIAL && imported.gaps > 0;
    if (several->is_early[word]) {
        return;
    }
    report_set(&report, status, "%s", status_text(status)); /* where nothing else was said */
    word_tell(several->context, path, is_taken ? &imported : NULL, &report, several->rows);
    several->worst = badness(status) > badness(several->worst) ? status : several->worst;
    several->failed += status != S_OK;
    several->count++;
}

/* Each by itself: one that is bad keeps nothing of another away. What was made later may stand before what it goes on from: it is taken again at the end. */
static enum status several_import(struct command_context *context, const struct bundle_node *node)
{
    size_t words = (size_t)context->argc;
    struct several several = {.context = context, .node = node, .lasts = calloc(words, sizeof(unsigned)), .is_early = calloc(words, sizeof(bool))};

    several.rows = json_array();
    CHECK(several.lasts && several.is_early && several.rows);
    for (int i = 0; i < context->argc; i++) {
        if (!word_goes_without_saying(context, several.lasts, i)) {
            word_import(&several, i, true);
        }
    }
    for (int i = 0; i < context->argc; i++) {
        if (several.is_early[i]) {
            word_import(&several, i, false);
        }
    }
    if (context->is_json) {
        table_print_json(context->out, json_pack("{s:O}", "bundles", several.rows));
    }
    json_decref(several.rows);
    free(several.is_early);
    free(several.lasts);
    return several.failed ? report_set(&context->report, several.worst, "%u of %u bundles could not be taken whole: why is said of each", several.failed,
                                       several.count)
                          : S_OK;
}

static enum status run_import(struct command_context *context)
{
    struct bundle_node node;
    struct courses courses;
    enum status status = command_words(context, 1, INT_MAX);

    if (status == S_OK) {
        status = node_open(context, &courses, &node);
    }
    if (status != S_OK) {
        return status;
    }
    const bool is_several = context->argc > 1;
    status = is_several ? several_import(context, &node) : one_import(context, &node);
    blobs_close(courses.blobs);
    bool is_taken = status == S_OK || status == S_NO_SPACE || is_several;
    if (is_taken && !context->app) { /* else the running node does it */
        enum status tended = alone_tend(context);
        status = status == S_OK ? tended : status;
    }
    return status;
}

/* --- key --- */

static enum status run_key(struct command_context *context)
{
    const char *name = command_option(context, "of");
    char text[MINISIGN_TEXT_MAX], comment[MINISIGN_COMMENT_MAX + 1];
    struct roster *roster = NULL;
    enum status status = command_words(context, 0, 0);

    if (status != S_OK) {
        return status;
    }
    status = command_roster(context, &roster);
    if (status != S_OK) {
        return status;
    }
    const struct roster_node *node =
        name ? roster_member(roster, name, &context->report) : roster_find(roster, &context->identity->node);
    if (!node) {
        status = report_set(&context->report, S_NOT_FOUND, "this node is not in the roster yet: qanat sync first");
    } else {
        snprintf(comment, sizeof comment, "minisign public key of the qanat node %s%s", node->name,
                 node->is_revoked ? ", which was revoked" : "");
        minisign_key(&node->node, node->sign_public, comment, text);
        const char *line = strchr(text, '\n') + 1; /* behind the comment */
        if (context->is_json) {
            table_print_json(context->out, json_pack("{s:s, s:s%}", "node", node->name, "key", line, strcspn(line, "\n")));
        } else {
            fputs(text, context->out);
        }
    }
    roster_free(roster);
    return status;
}

const struct command bundle_commands[] = {
    {"bundle export", NEEDS_READ, "--for NAME FILE [--max SIZE] [--volume SIZE] [--resume] [--whole]",
     "write what another node lacks to a file, for a USB stick",
     "Roster, figures and catalogue that the node may hold, beyond what it is known to have; receipts; and "
     "the courses "
     "held here. The file is signed\n"
     "and appears only when it is complete. With --max, what does not fit is left out and counted. "
     "--whole "
     "takes everything, also\n"
     "what the node had before: after it lost its disk. With --volume it goes on in FILE.2, FILE.3 and so "
     "on; "
     "--resume keeps the volumes that are complete\n"
     "and makes the rest. What the node said in its last bundle that it holds is not carried again, and what "
     "it "
     "subscribed comes first. Results are\n"
     "sealed: only the node and those above it can read them. FILE.minisig beside it is for minisign -V, "
     "with "
     "the key of qanat bundle key.\n\n"
     "  qanat bundle export --dir /var/lib/qanat --for \"Campus Aswan\" /media/stick/aswan.qanat --max 4G",
     run_export},
    {"bundle import", NEEDS_WRITE, "FILE...", "take in bundles that came by stick",
     "The whole file is verified before anything is taken: one that was cut short, altered or made by a "
     "stranger "
     "changes nothing. Every part is\n"
     "then checked as if it had come over a link. Importing twice does no harm; a bundle for another node "
     "gives what "
     "this one may hold.\n"
     "Courses are taken when they are subscribed here: subscribe, then import again. Volumes beside FILE "
     "follow "
     "by themselves.\n"
     "Of several files each is taken and told by itself (--json: a row of \"bundles\" for each), in the order they are named, and one that "
     "goes on from what a later one brings once more behind that; the exit code is that of the worst.\n\n"
     "  qanat bundle import --dir /var/lib/qanat /media/stick/aswan.qanat",
     run_import},
    {"bundle key", NEEDS_READ, "[--of NAME]", "print a node's public key for minisign",
     "This node's, or that of another in the roster. With it anybody can tell who made a bundle, and that it "
     "is "
     "whole.\n\n"
     "  qanat bundle key --dir /var/lib/qanat --of \"Hub Shenzhen\" >hub.pub\n"
     "  minisign -V -p hub.pub -m /media/stick/aswan.qanat",
     run_key},
    {0},
};
