/* sync.c: `qanat sync`: come in step now. */
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/app.h"
#include "node/cmd/command.h"
#include "node/cmd/table.h"
#include "node/local_time.h"
#include "node/status.h"
#include "node/store/hours.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

enum { TIMEOUT_S = 600, TIMEOUT_S_MAX = 7 * 24 * 3600, CELL_BYTES = 4, PLAN_RATE = 1000000 };

static enum status number_take(struct command_context *context, const char *name, long max, long *number)
{
    const char *text = command_option(context, name);
    char *end;

    if (!text) {
        return S_OK;
    }
    *number = strtol(text, &end, 10);
    if (end == text || *end || *number < 1 || *number > max) {
        return report_set(&context->report, S_USAGE, "--%s '%s': a number from 1 to %ld", name, text, max);
    }
    return S_OK;
}

/* --- without a running node: the same loop, for one exchange
 * ---------------------------------------------------- */

static enum status sync_alone(struct command_context *context, const struct sync_request *request,
                              struct sync_result *result)
{
    struct app *app;
    struct app_options options = {
        .dir = context->dir,
        .config = context->config,
        .identity = context->identity,
        .federation = context->federation,
        .store = context->store,
    };

    enum status status = app_open(&options, &app, &context->report);
    if (status != S_OK) {
        return status;
    }
    app_sync_once(app, request, result);
    app_run(app);
    if (app_close(app) != S_OK) {
        fflush(NULL);
        _exit(command_exit_code(result->status));
    }
    return S_OK;
}

/* --- the result
 * ---------------------------------------------------------------------------------------------------- */

static const char *result_word(const struct sync_result *result)
{
    if (result->status == S_OK) {
        return "in_step";
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
                     json_pack("{s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:f}", "state", result_word(result),
                               "peers", names, "frames_in", (json_int_t)result->frames_in, "frames_out",
                               (json_int_t)result->frames_out, "bytes_in", (json_int_t)result->bytes_in,
                               "bytes_out", (json_int_t)result->bytes_out, "lack_cells",
                               (json_int_t)result->lack_cells, "lack_objects",
                               (json_int_t)result->lack_objects, "seconds", (double)result->ms / 1000));
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
}

/* --- the plan
 * -------------------------------------------------------------------------------------------------------- */

struct plan {
    struct hours hours;
    const char *only; /* a peer's name, or NULL: all */
    long rate;        /* bits a second */
    uint64_t now_ms;
};

/* Adds what moving `lack` takes; returns its bytes. */
static json_int_t plan_add(json_t *row, const char *key, const json_t *lack, uint64_t rate)
{
    json_int_t cells = json_integer_value(json_object_get(lack, "cells"));
    json_int_t bytes = json_integer_value(json_object_get(lack, "bytes"));

    if (bytes == 0) {
        bytes = cells * CELL_BYTES;
    }
    json_object_set_new(row, key,
                        json_pack("{s:I, s:I, s:f}", "cells", cells, "bytes", bytes, "minutes",
                                  (double)bytes * 8 / (double)rate / 60));
    return bytes;
}

static json_t *plan_time(uint64_t ms)
{
    char text[TIMESTAMP_TEXT_SIZE];

    if (ms > TIMESTAMP_MS_MAX) {
        return json_null();
    }
    timestamp_format((int64_t)(ms / 1000 * 1000), text);
    return json_string(text);
}

/* One peer of the status document: what moves, and what the next window has no room for. */
static json_t *plan_row(const struct plan *plan, const json_t *peer)
{
    const char *name = json_string_value(json_object_get(peer, "node"));
    const char *hex = json_string_value(json_object_get(peer, "id"));
    struct hours_room room = {.rate_bits = (uint64_t)plan->rate};
    json_t *row = json_pack("{s:s}", "node", name ? name : "?");
    struct id id;
    size_t size;

    bool has_room = hex && sodium_hex2bin(id.b, sizeof id.b, hex, strlen(hex), NULL, &size, NULL) == 0 &&
                    size == sizeof id.b &&
                    hours_room(&plan->hours, &id, plan->now_ms, (uint64_t)plan->rate, &room);
    json_int_t bytes = plan_add(row, "down", json_object_get(peer, "we_lack"), room.rate_bits);
    bytes += plan_add(row, "up", json_object_get(peer, "they_lack"), room.rate_bits);
    if (!has_room) {
        json_object_set_new(row, "window", json_null());
        json_object_set_new(row, "will_not_fit_bytes",
                            plan->hours.is_paused ? json_integer(bytes) : json_integer(0));
        return row;
    }
    bool is_limited = room.bytes != HOURS_NO_LIMIT;
    json_object_set_new(row, "window",
                        json_pack("{s:o, s:o, s:o, s:I}", "opens", plan_time(room.opens_ms), "closes",
                                  plan_time(room.closes_ms), "bytes",
                                  is_limited ? json_integer((json_int_t)room.bytes) : json_null(), "rate",
                                  (json_int_t)room.rate_bits));
    json_object_set_new(
        row, "will_not_fit_bytes",
        json_integer(is_limited && (uint64_t)bytes > room.bytes ? bytes - (json_int_t)room.bytes : 0));
    return row;
}

static enum status plan_rows(struct command_context *context, const struct plan *plan, json_t *rows)
{
    json_t *document, *peer;
    size_t index;
    struct status_request request = {
        .store = context->store,
        .config = context->config,
        .federation = context->federation,
        .identity = context->identity,
        .dir = context->dir,
        .now_ms = plan->now_ms,
        .is_running = context->app != NULL,
    };

    enum status status = status_document(&request, &document, &context->report);
    if (status != S_OK) {
        return status;
    }
    json_array_foreach(json_object_get(document, "peers"), index, peer)
    {
        const char *name = json_string_value(json_object_get(peer, "node"));
        if (!plan->only || (name && strcmp(name, plan->only) == 0)) {
            json_array_append_new(rows, plan_row(plan, peer));
        }
    }
    json_decref(document);
    return S_OK;
}

static enum status sync_plan(struct command_context *context, const char *only, long rate)
{
    static const struct table_column columns[] = {{"node", "NODE", false},
                                                  {"down.cells", "CELLS IN", true},
                                                  {"down.bytes", "BYTES IN", true},
                                                  {"up.cells", "CELLS OUT", true},
                                                  {"up.bytes", "BYTES OUT", true},
                                                  {"down.minutes", "MIN IN", true},
                                                  {"up.minutes", "MIN OUT", true},
                                                  {"window.opens", "WINDOW", false},
                                                  {"will_not_fit_bytes", "WILL NOT FIT", true}};
    struct plan plan = {.only = only, .rate = rate, .now_ms = local_time_now()};
    json_t *rows = json_array();

    struct db *db = store_read_begin(context->store);
    hours_load(db, plan.now_ms, &plan.hours);
    store_read_end(context->store, db);
    enum status status = plan_rows(context, &plan, rows);
    if (status != S_OK) {
        json_decref(rows);
        return status;
    }
    if (context->is_json) {
        table_print_json(context->out, json_pack("{s:o, s:I}", "peers", rows, "rate", (json_int_t)rate));
        return S_OK;
    }
    table_print(context->out, context->is_tty, columns, sizeof columns / sizeof *columns, rows);
    fprintf(context->err,
            "Estimated at %ld bit/s, or the window's rate when it is lower; say --rate for another.\n", rate);
    json_decref(rows);
    return S_OK;
}

static enum status sync_run(struct command_context *context)
{
    long timeout_s = TIMEOUT_S, rate = PLAN_RATE;
    const char *peer = command_option(context, "peer");
    bool is_plan = command_flag(context, "plan");

    bool is_now = command_flag(context, "now");
    enum status status = number_take(context, "timeout", TIMEOUT_S_MAX, &timeout_s);
    if (status == S_OK) {
        status = number_take(context, "rate", 1000000000, &rate);
    }
    if (status == S_OK) {
        status = command_words(context, 0, 0);
    }
    if (status != S_OK) {
        return status;
    }
    if (is_plan) {
        return sync_plan(context, peer, rate);
    }
    struct sync_request request = {.peer = peer, .timeout_ms = (uint32_t)timeout_s * 1000, .is_now = is_now};
    struct sync_result *result = calloc(1, sizeof *result);
    CHECK(result);
    if (context->app) {
        app_sync(context->app, &request, result);
    } else {
        status = sync_alone(context, &request, result);
    }
    if (status == S_OK) {
        result_print(context, result);
        status = result->status;
        context->report = result->report;
    }
    free(result);
    return status;
}

const struct command sync_commands[] = {
    {"sync", NEEDS_WRITE, "[--peer NAME] [--now] [--timeout SECONDS] | --plan [--peer NAME] [--rate BITS]",
     "come in step with the node above, now",
     "Ends with 0 only when both sides were found equal and nothing is left to move; 69 when the peer is out "
     "of reach, 75 when\n"
     "it is still moving after --timeout (600 s) or the peer is busy. Works with and without a running node. "
     "A hub has no node\n"
     "above: it waits for those connected to it. Outside its windows and while\n"
     "paused it leaves with 75 and says when the next window opens; --now goes all the same, for this one "
     "exchange. --plan only\n"
     "says what would move, how long it takes at --rate bits a second, and what the next window has no room "
     "for.\n\n"
     "  qanat sync --dir /var/lib/qanat\n"
     "  qanat sync --dir /var/lib/qanat --peer \"Hub Shenzhen\"",
     sync_run},
    {0},
};
