/* sync.c: `qanat sync`: come in step now. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "node/cmd/alone.h"
#include "node/cmd/command.h"
#include "node/cmd/progress.h"
#include "node/cmd/sync_plan.h"
#include "node/cmd/table.h"
#include "replication/base/check.h"

enum { TIMEOUT_S = 600, TIMEOUT_S_MAX = 7 * 24 * 3600 };

/* --- the result
 * ---------------------------------------------------------------------------------------------------- */

static const char *result_word(const struct sync_result *result)
{
    if (result->status == S_OK) {
        return "in_step";
    }
    if (result->is_waiting) {
        return "waiting"; /* as status says it */
    }
    return result->status == S_UNREACHABLE ? "offline" : "behind";
}

static void result_print_json(struct command_context *context, const struct sync_result *result)
{
    json_t *names = json_array();

    for (size_t i = 0; i < result->peers; i++) {
        json_array_append_new(names, json_string(result->names[i]));
    }
    table_print_json(context->out,
                     json_pack("{s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f}", "state", result_word(result),
                               "peers", names, "frames_in", (json_int_t)result->frames_in, "frames_out",
                               (json_int_t)result->frames_out, "bytes_in", (json_int_t)result->bytes_in,
                               "bytes_out", (json_int_t)result->bytes_out, "lack_cells",
                               (json_int_t)result->lack_cells, "lack_objects",
                               (json_int_t)result->lack_objects, "held_bytes", (json_int_t)result->held_bytes,
                               "seconds", (double)result->ms / 1000));
}

static void result_print(struct command_context *context, const struct sync_result *result)
{
    if (context->is_json) {
        result_print_json(context, result);
        return;
    }
    if (result->status != S_OK) {
        return; /* the report says it */
    }
    if (result->peers == 0) {
        fprintf(context->out, "in step: no node above, and nobody is connected\n");
        return;
    }
    fprintf(context->out, "in step with ");
    for (size_t i = 0; i < result->peers; i++) {
        fprintf(context->out, "%s%s", i > 0 ? ", " : "", result->names[i]);
    }
    fprintf(context->out, ": %llu bytes in, %llu bytes out, %.1f s\n", (unsigned long long)result->bytes_in,
            (unsigned long long)result->bytes_out, (double)result->ms / 1000);
    if (result->held_bytes > 0) {
        fprintf(context->err, "%.1f MB of courses that are wanted here wait for a window that is for them: see qanat window list\n",
                (double)result->held_bytes / 1e6);
    }
}

static enum status sync_run(struct command_context *context)
{
    long timeout_s = TIMEOUT_S;
    const char *peer = command_option(context, "peer");
    bool is_plan = command_flag(context, "plan");

    bool is_now = command_flag(context, "now");
    enum status status = command_number(context, "timeout", 1, TIMEOUT_S_MAX, &timeout_s);
    if (status == S_OK && is_plan) {
        return sync_plan_run(context, peer);
    }
    if (status == S_OK) {
        status = command_words(context, 0, 0);
    }
    if (status != S_OK) {
        return status;
    }
    struct sync_request request = {.peer = peer, .timeout_ms = (uint32_t)timeout_s * 1000, .is_now = is_now};
    struct sync_result *result = calloc(1, sizeof *result);
    CHECK(result);
    struct progress *progress = progress_start(progress_left_wanted, context->store, context->err, context->is_err_tty);
    if (context->app) {
        app_sync(context->app, &request, result);
    } else {
        status = alone_sync(context, &request, result);
    }
    progress_stop(progress);
    if (status == S_OK) {
        if (result->status != S_NOT_FOUND && result->status != S_USAGE) { /* nobody of that name: there is nothing to tell */
            result_print(context, result);
        }
        status = result->status;
        context->report = result->report;
    }
    free(result);
    return status;
}

const struct command sync_commands[] = {
    {"sync", NEEDS_WRITE, "[--peer NAME] [--now] [--timeout SECONDS] | --plan [--peer NAME] "
     "[--rate BITS] [--price P]",
     "come in step with the node above, now",
     "Ends with 0 only when both sides were found equal and nothing is left to move: courses that are wanted here came and were checked, and\n"
     "what was published here was taken up. 69 when the peer is out of reach; 75 when it is still moving after --timeout (600 s), the peer is\n"
     "busy, or courses are left that the node above does not hold yet. In a window that is for results alone courses are not waited for: how\n"
     "much of them is held back is told beside. Works with and without a running node. A hub has no node\n"
     "above: it waits for those connected to it. Where nobody is, one that was promoted just now calls the hub before it, and one that was\n"
     "started just now (or for this sync alone) somebody whom it was in step with before: it may be of a backup, and another one the hub.\n"
     "Outside its windows and while paused it leaves with 75 and says when the next window opens; --now goes all the same, for this one "
     "exchange. --plan only\n"
     "says what would move, how long it takes at --rate bits a second, what it costs at --price for a megabyte "
     "(10^6 bytes), and what\n"
     "the next window has no room for, course by course. Where some windows are metered, only those cost. It is the most that\n"
     "can come: files travel compressed, and of those that changed the difference.\n\n"
     "  qanat sync --dir /var/lib/qanat\n"
     "  qanat sync --dir /var/lib/qanat --peer \"Hub Shenzhen\"",
     sync_run},
    {0},
};
