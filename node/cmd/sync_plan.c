/* sync_plan.c: `qanat sync --plan`: what the next exchange moves, takes and costs. */
#include "node/cmd/sync_plan.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "node/cmd/table.h"
#include "node/local_time.h"
#include "node/status.h"
#include "node/store/course/course.h"
#include "node/store/operation/hours.h"
#include "node/store/stream/roster.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

enum { PLAN_RATE = 1000000, PLAN_RATE_MAX = 1000000000 };

struct plan {
    struct hours hours;
    const char *only; /* a peer's name, or NULL: all */
    long rate;        /* bits a second */
    double price;     /* for 10^6 bytes; 0: not asked */
    uint64_t now_ms;
    struct id uplink;       /* course files come from there */
    uint64_t content_bytes; /* of them that are wanted */
};

static json_int_t lack_of(const json_t *peer, const char *side, const char *what)
{
    return json_integer_value(json_object_get(json_object_get(peer, side), what));
}

/* Adds what moving `cells` cells takes, and `content` bytes of courses; returns its bytes. */
static json_int_t plan_add(json_t *row, const char *key, json_int_t cells, uint64_t content, uint64_t rate)
{
    json_int_t bytes = (json_int_t)(content + status_cells_bytes((uint64_t)cells));

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

/* Is any window of this peer's metered? Then the others cost nothing. */
static bool has_metered(const struct plan *plan, const struct id *peer)
{
    for (size_t i = 0; peer && i < plan->hours.count; i++) {
        if (plan->hours.lines[i].row.window.is_metered &&
            hours_applies(&plan->hours, &plan->hours.lines[i], peer)) {
            return true;
        }
    }
    return false;
}

static void plan_cost(json_t *row, const struct plan *plan, const struct id *peer, json_int_t bytes,
                      bool is_metered)
{
    if (plan->price > 0) {
        bool is_paid = is_metered || !has_metered(plan, peer);

        json_object_set_new(row, "cost", json_real(is_paid ? (double)bytes / 1e6 * plan->price : 0));
    }
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

    bool has_id = hex && sodium_hex2bin(id.b, sizeof id.b, hex, strlen(hex), NULL, &size, NULL) == 0 &&
                  size == sizeof id.b;
    uint64_t content = has_id && id_equal(&id, &plan->uplink) ? plan->content_bytes : 0;
    bool has_room = has_id && hours_room(&plan->hours, &id, content > 0 ? WINDOW_COURSES : WINDOW_RESULTS, plan->now_ms, (uint64_t)plan->rate, &room);
    uint64_t lacking = (uint64_t)lack_of(peer, "we_lack", "bytes"); /* what the last session saw; more may be wanted since */
    json_int_t bytes = plan_add(row, "down", lack_of(peer, "we_lack", "cells"), lacking > content ? lacking : content, room.rate_bits);
    json_int_t course_room = -1;
    bytes += plan_add(row, "up", lack_of(peer, "they_lack", "cells"), 0, room.rate_bits);
    plan_cost(row, plan, has_id ? &id : NULL, bytes, room.is_metered);
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
    if (is_limited && content > 0) {
        course_room = (json_int_t)room.bytes - (bytes - (json_int_t)content);
    }
    json_object_set_new(row, "room_for_courses", json_integer(course_room));
    return row;
}

/* Versions on their way, in the order in which they come, as far as `room` bytes go (below 0: any number). */
static json_t *plan_courses(struct db *db, json_int_t room)
{
    json_t *courses = json_array();
    struct course_row row;
    struct buffer ids;
    int64_t id;

    buffer_init(&ids);
    (void)course_row_list_in_state(db, COURSE_FETCHING, &ids);
    for (size_t at = 0; at < ids.size; at += sizeof id) {
        uint64_t count, bytes;

        memcpy(&id, ids.data + at, sizeof id);
        if (!course_row_get(db, id, &row)) {
            continue;
        }
        course_member_missing(db, id, &count, &bytes);
        bytes = row.is_listed ? bytes : row.size;
        bool fits = room < 0 || (json_int_t)bytes <= room;
        room = room >= 0 && fits ? room - (json_int_t)bytes : room;
        json_array_append_new(courses,
                              json_pack("{s:s, s:s, s:s, s:I, s:b}", "course", row.course, "lang", row.lang,
                                        "version", row.version, "bytes", (json_int_t)bytes, "fits", fits));
    }
    buffer_release(&ids);
    return courses;
}

static enum status plan_rows(struct command_context *context, struct plan *plan, json_t *rows)
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
    if (plan->only && json_array_size(rows) == 0) {
        return report_set(&context->report, S_NOT_FOUND, "there is no peer '%s' here: see qanat peer list", plan->only);
    }
    return S_OK;
}

/* What the whole plan needs of the store. */
static enum status plan_load(struct command_context *context, struct plan *plan)
{
    struct roster *roster;
    struct db *db = store_read_begin(context->store);
    enum status status = roster_load(db, context->federation, &roster, &context->report);

    if (status == S_OK) {
        const struct roster_node *above = roster_uplink(roster, &context->identity->node);

        plan->uplink = above ? above->node : (struct id){{0}};
        hours_load(db, plan->now_ms, &plan->hours);
        plan->content_bytes = course_size_left(db);
        roster_free(roster);
    }
    store_read_end(context->store, db);
    return status;
}

static json_t *plan_courses_of(struct command_context *context, const json_t *rows)
{
    json_int_t room = -1;
    size_t index;
    json_t *row;

    json_array_foreach(rows, index, row)
    {
        json_int_t one = json_integer_value(json_object_get(row, "room_for_courses"));
        room = json_object_get(row, "room_for_courses") && one > room ? one : room;
        json_object_del(row, "room_for_courses");
    }
    struct db *db = store_read_begin(context->store);
    json_t *courses = plan_courses(db, room);
    store_read_end(context->store, db);
    return courses;
}

static void plan_print(struct command_context *context, const struct plan *plan, json_t *rows,
                       json_t *courses)
{
    static const struct table_column columns[] = {{"node", "NODE", false},
                                                  {"down.cells", "CELLS IN", true},
                                                  {"down.bytes", "BYTES IN", true},
                                                  {"up.cells", "CELLS OUT", true},
                                                  {"up.bytes", "BYTES OUT", true},
                                                  {"down.minutes", "MIN IN", true},
                                                  {"up.minutes", "MIN OUT", true},
                                                  {"window.opens", "WINDOW", false},
                                                  {"will_not_fit_bytes", "WILL NOT FIT", true},
                                                  {"cost", "COST", true}};
    size_t count = sizeof columns / sizeof *columns - (plan->price > 0 ? 0 : 1), index;
    json_t *course;

    table_print(context->out, context->is_tty, columns, count, rows);
    json_array_foreach(courses, index, course)
    {
        if (!json_is_true(json_object_get(course, "fits"))) {
            fprintf(context->out, "will not fit the next window: %s %s version %s, %lld bytes\n",
                    json_string_value(json_object_get(course, "course")),
                    json_string_value(json_object_get(course, "lang")),
                    json_string_value(json_object_get(course, "version")),
                    (long long)json_integer_value(json_object_get(course, "bytes")));
        }
    }
    fprintf(context->err,
            "Estimated at %ld bit/s, or the window's rate when it is lower; say --rate for another.\n",
            plan->rate);
}

static enum status plan_options(struct command_context *context, struct plan *plan)
{
    const char *rate = command_option(context, "rate"), *price = command_option(context, "price");
    char *end;

    if (rate) {
        plan->rate = strtol(rate, &end, 10);
        if (rate[strspn(rate, "0123456789")] || end == rate || *end || plan->rate < 1 || plan->rate > PLAN_RATE_MAX) {
            return report_set(&context->report, S_USAGE, "--rate '%s': bits a second, from 1 to %d", rate,
                              PLAN_RATE_MAX);
        }
    }
    if (price) {
        plan->price = strtod(price, &end);
        if (price[strspn(price, "0123456789.")] || end == price || *end || !(plan->price > 0 && plan->price < 1e9)) {
            return report_set(&context->report, S_USAGE, "--price '%s': what a megabyte costs, as 0.02",
                              price);
        }
    }
    return command_words(context, 0, 0);
}

enum status sync_plan_run(struct command_context *context, const char *only)
{
    struct plan *plan = calloc(1, sizeof *plan);
    json_t *rows = json_array();

    CHECK(plan);
    plan->only = only;
    plan->rate = PLAN_RATE;
    plan->now_ms = local_time_now();
    enum status status = plan_options(context, plan);
    if (status == S_OK) {
        status = plan_load(context, plan);
    }
    if (status == S_OK) {
        status = plan_rows(context, plan, rows);
    }
    if (status == S_OK) {
        json_t *courses = plan_courses_of(context, rows);

        if (context->is_json) {
            table_print_json(context->out, json_pack("{s:O, s:o, s:I}", "peers", rows, "courses", courses,
                                                     "rate", (json_int_t)plan->rate));
        } else {
            plan_print(context, plan, rows, courses);
            json_decref(courses);
        }
    }
    json_decref(rows);
    free(plan);
    return status;
}
