/* status.c: `qanat status`: one honest sentence, then the peers. */
#include "node/cmd/command.h"

#include <string.h>
#include <time.h>

#include "node/cmd/forward.h"
#include "node/cmd/table.h"
#include "node/status.h"

enum { MEMBERS_TOLD_MAX = 8 }; /* of whom something was refused; the document has them all */

/* ": 3 strangers, 1 frames; last 2026-..." and the end of the line. */
static void counts_print(struct command_context *context, json_t *counts, const char *last)
{
    const char *name, *separator = ": ";
    json_t *count;

    json_object_foreach(counts, name, count) {
        if (json_is_integer(count) && json_integer_value(count) > 0 && strcmp(name, "total") != 0) {
            fprintf(context->out, "%s%lld %s", separator, (long long)json_integer_value(count), name);
            separator = ", ";
        }
    }
    fprintf(context->out, "%s%s\n", last ? "; last " : "", last ? last : "");
}

/* "refused: 3 strangers, 1 frames; last 2026-..."; nothing while nothing was. */
static void incidents_print(struct command_context *context, const char *group, json_t *counts)
{
    if (json_integer_value(json_object_get(counts, "total")) > 0) {
        fputs(group, context->out);
        counts_print(context, counts, json_string_value(json_object_get(counts, "last")));
    }
}

/* "  of rogue: 2 frames; last 2026-...", of those of whom it was most. */
static void members_print(struct command_context *context, json_t *members)
{
    json_t *member;
    size_t at;

    json_array_foreach(members, at, member) {
        if (at < MEMBERS_TOLD_MAX) {
            fprintf(context->out, "  of %s", json_string_value(json_object_get(member, "node")));
            counts_print(context, json_object_get(member, "counts"), json_string_value(json_object_get(member, "last")));
        }
    }
    if (json_array_size(members) > MEMBERS_TOLD_MAX) {
        fprintf(context->out, "  and of %zu more: qanat status --json\n", json_array_size(members) - MEMBERS_TOLD_MAX);
    }
}

static void status_print(struct command_context *context, json_t *document)
{
    static const struct table_column columns[] = {
        {"node", "PEER", false},          {"state", "STATE", false},          {"last_success", "LAST IN STEP", false},
        {"we_lack.cells", "TO COME", true}, {"they_lack.cells", "TO GO", true}, {"error", "ERROR", false}};
    json_t *peers = json_object_get(document, "peers");
    const char *receipt = json_string_value(json_object_get(json_object_get(document, "receipts"), "hub"));

    fprintf(context->out, "%s\n", json_string_value(json_object_get(document, "sentence")));
    if (receipt) {
        fprintf(context->out, "the hub has your results up to %s\n", receipt);
    }
    incidents_print(context, "refused", json_object_get(document, "refused"));
    members_print(context, json_object_get(document, "refused_of"));
    incidents_print(context, "repaired", json_object_get(document, "repaired"));
    if (json_array_size(peers)) {
        fputc('\n', context->out);
        table_print(context->out, context->is_tty, columns, sizeof columns / sizeof *columns, peers);
    }
}

static enum status status_run(struct command_context *context)
{
    struct timespec now;
    json_t *document;

    enum status status = command_words(context, 0, 0);
    if (status != S_OK) {
        return status;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    struct status_request request = {
        .store = context->store, .config = context->config, .federation = context->federation,
        .identity = context->identity, .dir = context->dir, .is_running = context->app || command_node_runs(context->dir),
        .now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000};
    status = status_document(&request, &document, &context->report);
    if (status != S_OK) {
        return status;
    }
    if (context->is_json) {
        table_print_json(context->out, document);
        return S_OK;
    }
    status_print(context, document);
    json_decref(document);
    return S_OK;
}

const struct command status_commands[] = {
    {"status", NEEDS_READ, "[--json]", "one sentence on how this node stands, then its peers",
     "The first line is the whole truth in short: in step, behind, waiting, offline or degraded, with whom and since when.\n"
     "In step is said only when both sides were compared and nothing was written since. What was refused (strangers, damaged or forged messages)\n"
     "and what was repaired is counted since the node was made; the journal has each case. Members of whom something was refused are named where it was\n"
     "their session or their signature: at least so much was theirs.",
     status_run},
    {0},
};
