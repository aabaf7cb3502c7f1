/* routes_cohort.c: cohorts for those who run them.
 *
 * /api/v1/cohorts                   GET: all, or those one trains; POST: a new one
 * /api/v1/cohorts/ID                GET, PUT, DELETE
 * /api/v1/cohorts/ID/members        POST {"people":[ids],"trainer"?}, DELETE {"people":[ids]}
 * /api/v1/cohorts/ID/attendance     GET; POST {"session","people":[ids],"minutes"?,"at"?,"absent"?}
 * /api/v1/cohorts/ID/completions    POST {"person","reason","score"?}, DELETE {"person"}
 * /api/v1/cohorts/ID/progress       GET ?after=&limit=, or ?format=csv */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/http/routes.h"
#include "node/http/visitor.h"
#include "node/learn/cohort/progress.h"
#include "node/local_time.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

enum { PROGRESS_PAGE_DEFAULT = 100 };

static struct cohorts cohorts_of(struct exchange *exchange)
{
    return (struct cohorts){.store = exchange->context->store,
                            .federation = exchange->context->federation,
                            .now_ms = (int64_t)local_time_now()};
}

/* --- who may -------------------------------------------------------------------------------------------- */

/* The cohort of the path, when the visitor may run it; false after a problem was answered. */
static bool cohort_open(struct exchange *exchange, const char *name, struct cohort_row *row_out)
{
    const struct signin *signin = exchange_require(exchange, ROLE_LEARNER);
    struct report report = {.status = S_OK};

    if (!signin) {
        return false;
    }
    struct db *db = store_read_begin(exchange->context->store);
    enum status status = cohort_get(db, name, row_out, &report);
    bool may_run = status == S_OK && cohort_may_run(db, signin->person, signin->role, row_out);
    store_read_end(exchange->context->store, db);
    if (status != S_OK && signin->role >= ROLE_FACILITATOR) {
        exchange_fail(exchange, status, &report);
    } else if (!may_run) {
        exchange_problem(exchange, MHD_HTTP_FORBIDDEN, "You do not run this cohort.");
    }
    return may_run;
}

/* May the visitor make a cohort of this course? */
static bool may_make(struct exchange *exchange, const struct signin *signin, const char *course)
{
    struct db *db = store_read_begin(exchange->context->store);
    bool may = cohort_may_train(db, signin->person, signin->role, course);

    store_read_end(exchange->context->store, db);
    if (!may) {
        exchange_problem(exchange, MHD_HTTP_FORBIDDEN,
                         "Facilitators make cohorts, and whoever finished a training of trainers for the course.");
    }
    return may;
}

/* --- bodies --------------------------------------------------------------------------------------------- */

#define COHORT_MEMBERS "title course lang version trains starts~ ends~" /* of the body that makes or changes one */

static const char *text_get(json_t *body, const char *name)
{
    return json_string_value(json_object_get(body, name));
}

/* A day of the body; -1 when it is not said, 0 for null; false when it is none. */
static bool day_get(json_t *body, const char *name, int64_t *ms_out)
{
    json_t *member = json_object_get(body, name);

    *ms_out = json_is_null(member) ? 0 : -1;
    return !json_is_string(member) || timestamp_parse(bytes_text(json_string_value(member)), ms_out);
}

/* "people": the ids, in the arena; false after 400 was answered. */
static bool people_get(struct exchange *exchange, json_t *body, struct cohort_people *people_out)
{
    json_t *list = json_object_get(body, "people");
    size_t count = json_array_size(list);
    struct bytes *ids = count && count <= COHORT_LIST_MAX ? arena_alloc(&exchange->arena, count * sizeof *ids) : NULL;

    for (size_t i = 0; ids && i < count; i++) {
        ids[i] = bytes_text(json_string_value(json_array_get(list, i)));
    }
    if (!ids) {
        exchange_refuse(exchange, MHD_HTTP_BAD_REQUEST, "bad_request", "Say \"people\": a list of 1 to %d ids.",
                        COHORT_LIST_MAX);
    }
    *people_out = (struct cohort_people){ids, count};
    return ids != NULL;
}

static void outcome_answer(struct exchange *exchange, enum status status, const struct cohort_outcome *outcome,
                           const struct report *report)
{
    if (status != S_OK && status != S_PARTIAL) {
        exchange_fail(exchange, status, report);
        return;
    }
    route_answer_json(exchange, json_pack("{s:I,s:I,s:I,s:o}", "changed", (json_int_t)outcome->changed, "unchanged",
                                          (json_int_t)outcome->unchanged, "refused",
                                          (json_int_t)outcome->refusals.total, "reasons",
                                          refusals_json(&outcome->refusals)));
}

/* --- the list and one cohort ---------------------------------------------------------------------------- */

static void row_keep(void *ctx, const struct cohort_row *row)
{
    buffer_append(ctx, row, sizeof *row);
}

static void list_answer(struct exchange *exchange, const struct signin *signin)
{
    json_t *list = json_array();
    struct cohort_row row;
    struct buffer rows;

    buffer_init(&rows);
    struct db *db = store_read_begin(exchange->context->store);
    if (signin->role >= ROLE_MANAGER) {
        const char *after = exchange_query(exchange, "after");
        (void)cohort_row_page(db, bytes_text(after ? after : ""), PROGRESS_PAGE_MAX, row_keep, &rows);
    } else {
        (void)cohort_row_of_person(db, signin->person, true, row_keep, &rows);
    }
    for (size_t at = 0; at < rows.size; at += sizeof row) {
        memcpy(&row, rows.data + at, sizeof row);
        json_array_append_new(list, cohort_json(db, &row));
    }
    store_read_end(exchange->context->store, db);
    buffer_release(&rows);
    exchange->is_private = true;
    route_answer_json(exchange, json_pack("{s:o}", "cohorts", list));
}

static void one_answer(struct exchange *exchange, const char *name)
{
    struct report report = {.status = S_OK};
    struct cohort_row row;
    json_t *document = NULL;
    struct db *db = store_read_begin(exchange->context->store);
    enum status status = cohort_get(db, name, &row, &report);

    if (status == S_OK) {
        document = cohort_json(db, &row);
        json_object_set_new(document, "sessions", cohort_sessions_json(db, &row, false));
    }
    store_read_end(exchange->context->store, db);
    exchange->is_private = true;
    if (document) {
        route_answer_json(exchange, document);
    } else {
        exchange_fail(exchange, status, &report);
    }
}

/* Makes or changes one; whoever makes one that is no manager trains it. */
static void put_answer(struct exchange *exchange, json_t *body, const char *name, const struct signin *maker)
{
    struct cohorts cohorts = cohorts_of(exchange);
    struct report report = {.status = S_OK};
    struct cohort_wish wish = {.cohort = name,
                               .title = text_get(body, "title"),
                               .course = text_get(body, "course"),
                               .lang = text_get(body, "lang"),
                               .trains = text_get(body, "trains"),
                               .version = text_get(body, "version")};
    struct cohort_outcome outcome;

    if (!day_get(body, "starts", &wish.starts_ms) || !day_get(body, "ends", &wish.ends_ms)) {
        exchange_refuse(exchange, MHD_HTTP_BAD_REQUEST, "bad_request", "Write days as 2026-10-05.");
        return;
    }
    enum status status = cohort_put(&cohorts, &wish, maker != NULL, &report);
    if (status == S_OK && maker && maker->role < ROLE_MANAGER) {
        const struct bytes id = bytes_text(maker->id);
        const struct cohort_people people = {&id, 1};
        cohort_outcome_init(&outcome);
        status = cohort_add(&cohorts, name, true, &people, &outcome, &report);
        cohort_outcome_release(&outcome);
    }
    if (status == S_OK) {
        one_answer(exchange, name);
    } else {
        exchange_fail(exchange, status, &report);
    }
}

void cohorts_route_handle(struct exchange *exchange)
{
    const struct signin *signin = exchange_require(exchange, ROLE_LEARNER);

    if (!signin) {
        return;
    }
    if (exchange->method != METHOD_POST) {
        list_answer(exchange, signin);
        return;
    }
    json_t *body = exchange_body_json(exchange, "cohort " COHORT_MEMBERS);
    if (!body) {
        return;
    }
    const char *name = text_get(body, "cohort"), *course = text_get(body, "course");
    if (!name || !course) {
        exchange_refuse(exchange, MHD_HTTP_BAD_REQUEST, "bad_request", "Say cohort and course.");
    } else if (may_make(exchange, signin, course)) {
        put_answer(exchange, body, name, signin);
    }
    json_decref(body);
}

static void remove_answer(struct exchange *exchange, const char *name)
{
    struct cohorts cohorts = cohorts_of(exchange);
    struct report report = {.status = S_OK};
    enum status status = cohort_remove(&cohorts, name, &report);

    if (status == S_OK) {
        exchange_answer_empty(exchange, MHD_HTTP_NO_CONTENT);
    } else {
        exchange_fail(exchange, status, &report);
    }
}

/* --- below one cohort ----------------------------------------------------------------------------------- */

static void members_answer(struct exchange *exchange, json_t *body, const char *name)
{
    struct cohorts cohorts = cohorts_of(exchange);
    struct report report = {.status = S_OK};
    struct cohort_outcome outcome;
    enum status status;
    struct cohort_people people;

    if (!people_get(exchange, body, &people)) {
        return;
    }
    cohort_outcome_init(&outcome);
    if (exchange->method == METHOD_DELETE) {
        status = cohort_drop(&cohorts, name, &people, &outcome, &report);
    } else {
        bool as_trainers = json_is_true(json_object_get(body, "trainer"));
        status = cohort_add(&cohorts, name, as_trainers, &people, &outcome, &report);
    }
    outcome_answer(exchange, status, &outcome, &report);
    cohort_outcome_release(&outcome);
}

static void attendance_answer(struct exchange *exchange, json_t *body, const char *name)
{
    struct cohorts cohorts = cohorts_of(exchange);
    const char *session = text_get(body, "session");
    json_t *minutes = json_object_get(body, "minutes");
    struct cohort_attendance attendance = {.cohort = name,
                                           .session = bytes_text(session ? session : ""),
                                           .minutes = -1,
                                           .was_there = !json_is_true(json_object_get(body, "absent"))};
    struct report report = {.status = S_OK};
    struct cohort_outcome outcome;
    struct cohort_people people;

    if (!day_get(body, "at", &attendance.at_ms) ||
        (minutes && !(json_number_value(minutes) >= 0 && json_number_value(minutes) <= 24 * 60))) {
        exchange_refuse(exchange, MHD_HTTP_BAD_REQUEST, "bad_request",
                        "Write at as 2026-10-05T09:00, minutes as a number up to 1440.");
        return;
    }
    attendance.at_ms = attendance.at_ms < 0 ? 0 : attendance.at_ms;
    if (minutes) {
        attendance.minutes = (int64_t)(json_number_value(minutes) * 100 + 0.5);
    }
    if (!people_get(exchange, body, &people)) {
        return;
    }
    cohort_outcome_init(&outcome);
    enum status status = cohort_attend(&cohorts, &attendance, &people, &outcome, &report);
    outcome_answer(exchange, status, &outcome, &report);
    cohort_outcome_release(&outcome);
}

static void completions_answer(struct exchange *exchange, json_t *body, const char *name, const struct signin *signin)
{
    struct cohorts cohorts = cohorts_of(exchange);
    const char *person = text_get(body, "person"), *reason = text_get(body, "reason");
    json_t *score = json_object_get(body, "score");
    struct report report = {.status = S_OK};
    const struct cohort_completion completion = {
        .cohort = name,
        .person = bytes_text(person ? person : ""),
        .reason = bytes_text(reason ? reason : ""),
        .score = json_is_number(score) && json_number_value(score) <= 100 ? (int64_t)(json_number_value(score) * 100 + 0.5) : -1,
        .by = signin->person,
        .is_undo = exchange->method == METHOD_DELETE};

    if (json_is_number(score) && (json_number_value(score) < 0 || json_number_value(score) > 100)) {
        exchange_refuse(exchange, MHD_HTTP_BAD_REQUEST, "bad_request", "A score is a number from 0 to 100.");
        return;
    }
    enum status status = cohort_complete(&cohorts, &completion, &report);
    if (status == S_OK) {
        exchange_answer_empty(exchange, MHD_HTTP_NO_CONTENT);
    } else {
        exchange_fail(exchange, status, &report);
    }
}

/* The cohort's id as part of a file's name: what may not stand in one everywhere is "_". */
static void file_name_of(const struct cohort_row *row, char out[COHORT_NAME_MAX + 1])
{
    snprintf(out, COHORT_NAME_MAX + 1, "%s", row->cohort);
    for (char *at = out; *at; at++) {
        *at = isalnum((unsigned char)*at) || strchr("._-", *at) ? *at : '_';
    }
}

static void progress_csv_answer(struct exchange *exchange, const struct cohort_row *row)
{
    char *text = NULL, name[COHORT_NAME_MAX + 1];
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    CHECK(out);
    fputs("\xef\xbb\xbf", out); /* a byte order mark: spreadsheets take what has none for the script of their own country */
    cohort_progress_csv(exchange->context->store, row, out);
    CHECK(!ferror(out) && fclose(out) == 0);
    file_name_of(row, name);
    exchange_header_add(exchange, "Content-Disposition", "attachment; filename=\"progress-%s.csv\"", name);
    exchange_answer(exchange, MHD_HTTP_OK, "text/csv; charset=utf-8", text, size);
}

static void progress_answer(struct exchange *exchange, const struct cohort_row *row)
{
    const char *format = exchange_query(exchange, "format");
    int64_t after = (int64_t)exchange_query_number(exchange, "after", 0);
    size_t limit = exchange_query_number(exchange, "limit", PROGRESS_PAGE_DEFAULT);

    exchange->is_private = true;
    if (format && strcmp(format, "csv") == 0) {
        progress_csv_answer(exchange, row);
        return;
    }
    limit = limit == 0 || limit > PROGRESS_PAGE_MAX ? PROGRESS_PAGE_MAX : limit;
    struct db *db = store_read_begin(exchange->context->store);
    json_t *members = cohort_progress_json(db, row, limit, &after);
    store_read_end(exchange->context->store, db);
    bool has_more = json_array_size(members) == limit;
    route_answer_json(exchange, json_pack("{s:s,s:o,s:o}", "cohort", row->cohort, "people", members, "next",
                                          has_more ? json_integer(after) : json_null()));
}

static void sessions_answer(struct exchange *exchange, const struct cohort_row *row)
{
    struct db *db = store_read_begin(exchange->context->store);
    json_t *sessions = cohort_sessions_json(db, row, true);

    store_read_end(exchange->context->store, db);
    exchange->is_private = true;
    route_answer_json(exchange, json_pack("{s:o}", "sessions", sessions));
}

/* --- which one ------------------------------------------------------------------------------------------ */

enum part { PART_SELF, PART_MEMBERS, PART_ATTENDANCE, PART_COMPLETIONS, PART_PROGRESS };

/* Splits "NAME/part"; a name may hold slashes of its own. A longer one than cohorts have is cut behind the limit: it names none. */
static enum part path_split(const char *path, char name[COHORT_NAME_MAX + 2])
{
    static const char *const parts[] = {"", "/members", "/attendance", "/completions", "/progress"};
    size_t length = strlen(path);
    enum part part = PART_SELF;

    for (int i = PART_MEMBERS; i <= PART_PROGRESS; i++) {
        size_t tail = strlen(parts[i]);
        if (length > tail && strcmp(path + length - tail, parts[i]) == 0) {
            part = (enum part)i;
            length -= tail;
            break;
        }
    }
    snprintf(name, COHORT_NAME_MAX + 2, "%.*s", (int)length, path);
    return part;
}

/* What a body may say. */
static const char *members_of(enum part part, enum method method)
{
    switch (part) {
    case PART_SELF:
        return COHORT_MEMBERS;
    case PART_MEMBERS:
        return method == METHOD_DELETE ? "people[" : "people[ trainer?";
    case PART_ATTENDANCE:
        return "session people[ minutes# at absent?";
    case PART_COMPLETIONS:
        return method == METHOD_DELETE ? "person" : "person reason score#";
    case PART_PROGRESS:
        break;
    }
    return "";
}

/* What changes something: it has a body, but for DELETE of the cohort itself. */
static void change_handle(struct exchange *exchange, enum part part, const struct cohort_row *row)
{
    const struct signin *signin = exchange_session(exchange);
    json_t *body;

    if (part == PART_SELF && exchange->method == METHOD_DELETE) {
        remove_answer(exchange, row->cohort);
        return;
    }
    if (part == PART_PROGRESS) {
        exchange_header_add(exchange, "Allow", "GET, HEAD");
        exchange_refuse(exchange, MHD_HTTP_METHOD_NOT_ALLOWED, "method_not_allowed", "Progress is only read.");
        return;
    }
    body = exchange_body_json(exchange, members_of(part, exchange->method));
    if (!body) {
        return;
    }
    switch (part) {
    case PART_SELF:
        put_answer(exchange, body, row->cohort, NULL);
        break;
    case PART_MEMBERS:
        members_answer(exchange, body, row->cohort);
        break;
    case PART_ATTENDANCE:
        attendance_answer(exchange, body, row->cohort);
        break;
    case PART_COMPLETIONS:
        completions_answer(exchange, body, row->cohort, signin);
        break;
    case PART_PROGRESS:
        break;
    }
    json_decref(body);
}

void cohort_route_handle(struct exchange *exchange)
{
    char name[COHORT_NAME_MAX + 2];
    enum part part = path_split(exchange->path, name);
    struct cohort_row row;

    if (!cohort_open(exchange, name, &row)) {
        return;
    }
    if (exchange->method != METHOD_GET && exchange->method != METHOD_HEAD) {
        change_handle(exchange, part, &row);
    } else if (part == PART_SELF) {
        one_answer(exchange, name);
    } else if (part == PART_ATTENDANCE) {
        sessions_answer(exchange, &row);
    } else {
        progress_answer(exchange, &row);
    }
}
