/* window.c: `qanat window` and `qanat sync pause|resume`: when this node talks to its peers. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "node/cmd/command.h"
#include "node/cmd/table.h"
#include "node/local_time.h"
#include "node/store/operation/hours.h"
#include "node/store/stream/roster.h"
#include "node/timestamp.h"

enum { QUOTA_COURSES_MIN = 1200000 }; /* the largest content that moves at once (MEMBER_WHOLE_MAX), with what the line adds, and results */

/* --- list
 * -------------------------------------------------------------------------------------------------------- */

static const char *line_state(const struct hours *hours, const struct hours_line *line, uint64_t now_ms)
{
    if (hours->is_paused) {
        return "paused";
    }
    if (hours_line_is_open(line, now_ms)) {
        return "open";
    }
    return hours_line_left(line, now_ms) == 0 ? "spent" : "closed";
}

/* "1.2G" of "1.2G of 3G". */
static void bytes_text_of(uint64_t bytes, char out[24])
{
    static const struct {
        uint64_t size;
        const char *unit;
    } units[] = {{1000000000000ULL, "T"}, {1000000000ULL, "G"}, {1000000ULL, "M"}, {1000ULL, "k"}};

    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (bytes >= units[i].size) {
            snprintf(out, 24, "%.3g%s", (double)(bytes / (units[i].size / 1000)) / 1000, units[i].unit);
            return;
        }
    }
    snprintf(out, 24, "%llu", (unsigned long long)bytes);
}

static void line_quota(json_t *row, const struct hours_line *line, uint64_t now_ms)
{
    uint64_t quota = line->row.window.quota_bytes, left = hours_line_left(line, now_ms);
    char used_text[24], quota_text[24];

    if (quota == 0) {
        json_object_set_new(row, "quota_bytes", json_null());
        json_object_set_new(row, "used_bytes", json_null());
        json_object_set_new(row, "quota", json_null());
        return;
    }
    uint64_t used = left == quota ? 0 : line->used_bytes;
    bytes_text_of(used, used_text);
    bytes_text_of(quota, quota_text);
    json_object_set_new(row, "quota_bytes", json_integer((json_int_t)quota));
    json_object_set_new(row, "used_bytes", json_integer((json_int_t)used));
    json_object_set_new(row, "quota", json_sprintf("%s of %s", used_text, quota_text));
}

static json_t *line_json(const struct hours *hours, const struct hours_line *line,
                         const struct roster *roster)
{
    const struct roster_node *peer = line->row.is_for_all ? NULL : roster_find(roster, &line->row.peer);
    uint64_t now_ms = local_time_now();
    char text[WINDOW_TEXT_MAX], next[LOCAL_TIME_SIZE], iso[TIMESTAMP_TEXT_SIZE];
    const char *state = line_state(hours, line, now_ms);
    uint64_t next_ms =
        strcmp(state, "open") == 0 || hours->is_paused ? WINDOW_NEVER : hours_line_next(line, now_ms);

    window_format(&line->row.window, text);
    json_t *row = json_pack("{s:I, s:s, s:s, s:s, s:n, s:s}", "number", (json_int_t)line->row.id, "window",
                            text, "peer",
                            line->row.is_for_all ? "all"
                            : peer               ? peer->name
                                                 : "?",
                            "state", state, "next_window", "opens", strcmp(state, "open") == 0 ? "now" : "-");
    if (next_ms <= TIMESTAMP_MS_MAX) {
        local_time_text(next_ms, now_ms, next);
        timestamp_format((int64_t)(next_ms / 1000 * 1000), iso);
        json_object_set_new(row, "next_window", json_string(iso));
        json_object_set_new(row, "opens", json_string(next));
    }
    line_quota(row, line, now_ms);
    return row;
}

static enum status window_list_run(struct command_context *context)
{
    static const struct table_column columns[] = {{"number", "NO", true},    {"window", "WINDOW", false},
                                                  {"peer", "PEER", false},   {"state", "STATE", false},
                                                  {"opens", "OPENS", false}, {"quota", "SPENT", true}};
    struct hours hours;
    struct roster *roster;

    enum status status = command_words(context, 0, 0);
    if (status != S_OK) {
        return status;
    }
    struct db *db = store_read_begin(context->store);
    status = roster_load(db, context->federation, &roster, &context->report);
    if (status == S_OK) {
        hours_load(db, local_time_now(), &hours);
    }
    store_read_end(context->store, db);
    if (status != S_OK) {
        return status;
    }
    json_t *rows = json_array();
    for (size_t i = 0; i < hours.count; i++) {
        json_array_append_new(rows, line_json(&hours, &hours.lines[i], roster));
    }
    roster_free(roster);
    if (context->is_json) {
        table_print_json(context->out, json_pack("{s:o, s:b}", "windows", rows, "paused", hours.is_paused));
        return S_OK;
    }
    if (hours.count > 0) {
        table_print(context->out, context->is_tty, columns, sizeof columns / sizeof *columns, rows);
    } else {
        fprintf(context->err, "No window: this node talks to its peers at any time.\n");
    }
    if (hours.is_paused) {
        fprintf(context->err, "Sync is paused: qanat sync resume goes on.\n");
    }
    json_decref(rows);
    return S_OK;
}

/* --- add and remove
 * --------------------------------------------------------------------------------------------- */

struct change {
    const struct id *peer;
    struct window window;
    int64_t id;
    bool is_paused;
};

static enum status add_run(struct db *db, void *arg)
{
    struct change *change = arg;

    return window_row_add(db, change->peer, &change->window, &change->id);
}

static enum status remove_run(struct db *db, void *arg)
{
    return window_row_remove(db, ((struct change *)arg)->id);
}

static enum status peer_find(struct command_context *context, const char *name, struct id *out)
{
    struct roster *roster;
    enum status status = command_roster(context, &roster);

    if (status != S_OK) {
        return status;
    }
    const struct roster_node *node = roster_member(roster, name, &context->report);
    if (!node) {
        status = S_NOT_FOUND;
    } else if (id_equal(&node->node, &context->identity->node)) {
        status = report_set(&context->report, S_USAGE, "'%s' is this node itself", name);
    } else {
        *out = node->node;
    }
    roster_free(roster);
    return status;
}

/* The words of a window, in quotes or not, as one text. */
static enum status words_join(struct command_context *context, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (int i = 0; i < context->argc; i++) {
        int length = snprintf(out + used, size - used, "%s%s", i > 0 ? " " : "", context->argv[i]);
        if (length < 0 || (size_t)length >= size - used) {
            return report_set(&context->report, S_USAGE, "'%.40s...' is too long for a window",
                              context->argv[0]);
        }
        used += (size_t)length;
    }
    return S_OK;
}

/* A content that would not come within what is left of a quota is not asked for. */
static void quota_warn(const struct command_context *context, const struct window *window)
{
    if ((window->classes & WINDOW_COURSES) && window->quota_bytes > 0 && window->quota_bytes < QUOTA_COURSES_MIN) {
        fprintf(context->err,
                "warning: a part of a course takes up to 1.1 MB and is not asked for when the quota has less left: with less than 1.2M,\n"
                "large courses may never come. Say for results, or a larger quota for a longer period (per month)\n");
    }
}

static enum status window_add_run(struct command_context *context)
{
    const char *name = command_option(context, "peer");
    char text[512], canonical[WINDOW_TEXT_MAX];
    struct report report;
    struct change change = {0};
    struct id peer;

    enum status status = command_words(context, 1, 16);
    if (status == S_OK) {
        status = words_join(context, text, sizeof text);
    }
    if (status != S_OK) {
        return status;
    }
    report_clear(&report);
    if (window_parse(text, &change.window, &report) != S_OK) {
        return report_set(&context->report, S_USAGE, "%s", report.text);
    }
    if (name) {
        status = peer_find(context, name, &peer);
        change.peer = &peer;
    }
    if (status != S_OK) {
        return status;
    }
    window_format(&change.window, canonical);
    status = store_write_wait(context->store, add_run, &change);
    if (status == S_EXISTS) {
        return report_set(&context->report, S_EXISTS,
                          "the window '%s' is there already: see qanat window list", canonical);
    }
    if (status == S_TOO_LARGE) {
        return report_set(&context->report, status, "there are %d windows already: remove one first",
                          WINDOWS_MAX);
    }
    if (status != S_OK) {
        return report_set(&context->report, status, "the window could not be written: %s",
                          status_text(status));
    }
    quota_warn(context, &change.window);
    if (context->is_json) {
        table_print_json(context->out,
                         json_pack("{s:I, s:s}", "number", (json_int_t)change.id, "window", canonical));
    } else {
        fprintf(context->out, "window %lld: %s\n", (long long)change.id, canonical);
    }
    return S_OK;
}

static enum status window_remove_run(struct command_context *context)
{
    struct change change = {0};
    char *end;

    enum status status = command_words(context, 1, 1);
    if (status != S_OK) {
        return status;
    }
    change.id = strtoll(context->argv[0], &end, 10);
    if (context->argv[0][strspn(context->argv[0], "0123456789")] || end == context->argv[0] || *end || change.id < 1) {
        return report_set(&context->report, S_USAGE, "'%s' is no number of a window: see qanat window list",
                          context->argv[0]);
    }
    status = store_write_wait(context->store, remove_run, &change);
    if (status == S_NOT_FOUND) {
        return report_set(&context->report, status, "there is no window %s: see qanat window list",
                          context->argv[0]);
    }
    return status;
}

/* --- the pause
 * ----------------------------------------------------------------------------------------------------- */

static enum status pause_run(struct db *db, void *arg)
{
    return window_pause_put(db, ((struct change *)arg)->is_paused);
}

static enum status pause_put(struct command_context *context, bool is_paused)
{
    struct change change = {.is_paused = is_paused};

    enum status status = command_words(context, 0, 0);
    if (status == S_OK) {
        status = store_write_wait(context->store, pause_run, &change);
    }
    if (status == S_OK) {
        fprintf(context->err,
                is_paused
                    ? "Paused: nothing is sent or taken, whatever the windows say, until qanat sync resume.\n"
                    : "Resumed: this node talks to its peers as its windows say.\n");
    }
    return status;
}

static enum status sync_pause_run(struct command_context *context)
{
    return pause_put(context, true);
}

static enum status sync_resume_run(struct command_context *context)
{
    return pause_put(context, false);
}

const struct command window_commands[] = {
    {"window list", NEEDS_READ, "[--json]",
     "when this node talks to its peers, and what was spent of each quota",
     "One line for each window: its number, what it says, for whom, whether it is open now, when it opens "
     "next (local time), and\n"
     "how much of its quota is spent in this period. Without any window the node talks at any time.",
     window_list_run},
    {"window add", NEEDS_WRITE,
     "\"[DAYS] HOURS [rate N] [quota N [per window|day|month]] [metered] [for results|courses]\" [--peer "
     "NAME]",
     "say when, how fast and how much this node may talk to its peers",
     "With one window or more the node talks only inside them: outside it opens no connection, ends those "
     "that are there, and tells\n"
     "a peer that calls when to come back. Hours are local time and may run past midnight; a window belongs "
     "to the day it opens.\n"
     "Rates are bits a second in both directions together, quotas are bytes (k M G T are powers of 1,000); a "
     "quota that is spent\n"
     "closes the window until its next period. Windows add up. Those with --peer hold for that node, instead "
     "of those for all.\n"
     "\"for results\" keeps course files out; \"for courses\" lets results pass too, they are small.\n\n"
     "  qanat window add --dir /var/lib/qanat \"mon-fri 22:00-06:00 rate 2M quota 1G\"\n"
     "  qanat window add --dir /var/lib/qanat \"sat,sun 00:00-24:00 quota 3G per month metered for "
     "results\"\n"
     "  qanat window add --dir /var/lib/qanat always --peer \"Sister Campus\"",
     window_add_run},
    {"window remove", NEEDS_WRITE, "NUMBER", "remove a window by its number in window list",
     "When the last one is gone the node talks at any time again.\n\n"
     "  qanat window remove --dir /var/lib/qanat 2",
     window_remove_run},
    {"sync pause", NEEDS_WRITE, "", "stop talking to all peers until sync resume",
     "Sessions end cleanly; what has arrived stays. A restart does not end the pause. qanat sync --now makes "
     "one exchange all the\n"
     "same.",
     sync_pause_run},
    {"sync resume", NEEDS_WRITE, "", "talk to the peers again, as the windows say",
     "Ends what qanat sync pause began.", sync_resume_run},
    {0},
};
