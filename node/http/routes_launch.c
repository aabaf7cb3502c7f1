/* routes_launch.c: a learner opens an item, commits what the content says, ends it. The writes run on the
 * writer thread while the connection waits: an answer follows a durable commit. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "node/http/routes.h"
#include "node/http/visitor.h"
#include "node/learn/attempt/launch.h"
#include "node/local_time.h"
#include "node/timestamp.h"
#include "replication/base/check.h"
#include "replication/base/percent.h"

enum { URL_MAX = COURSE_ENTRY_MAX + 1024, CONTENT_ORIGIN_MAX = CONFIG_TEXT_MAX };

static void *exchange_alloc(struct exchange *exchange, size_t size)
{
    void *memory = arena_alloc(&exchange->arena, size);

    CHECK(memory); /* a few KiB of an arena of megabytes */
    memset(memory, 0, size);
    return memory;
}

/* A text member of the body, copied into the arena; empty when there is none. */
static struct bytes text_keep(struct exchange *exchange, json_t *body, const char *name)
{
    json_t *member = json_object_get(body, name);
    struct bytes text = bytes_of("", 0);

    if (json_is_string(member)) {
        text = arena_copy(&exchange->arena, bytes_of(json_string_value(member), json_string_length(member)));
    }
    return text.data ? text : bytes_of("", 0);
}

/* --- opening
 * ---------------------------------------------------------------------------------------------------- */

struct opening {
    struct launch_open open;
    struct exchange *exchange;
    char origin[CONTENT_ORIGIN_MAX], main_origin[CONTENT_ORIGIN_MAX];
    char base[CONTENT_ORIGIN_MAX + 8], return_url[URL_MAX];
};

static json_t *json_of(struct bytes text)
{
    json_t *value = text.size ? json_loadb((const char *)text.data, text.size, JSON_DECODE_ANY, NULL) : NULL;
    return value ? value : json_null();
}

static json_t *text_json(struct bytes text)
{
    return json_stringn(text.size ? (const char *)text.data : "", text.size);
}

/* Appends NAME=VALUE of a query. */
static void query_append(struct buffer *url, const char *name, struct bytes value)
{
    buffer_append(url, name, strlen(name));
    percent_append(url, value, PERCENT_UNRESERVED);
}

/* Appends an address of a package: what RFC 3986 does not allow in one is percent-encoded (spaces, other scripts, a "%" that encodes
 * nothing), the rest stays. */
static void address_append(struct buffer *url, struct bytes address)
{
    percent_append(url, address, PERCENT_UNRESERVED ":/?#[]@!$&'()*+,;=%");
}

static bool leads_outside(struct bytes entry)
{
    const char *text = (const char *)entry.data;

    return (entry.size > 7 && strncasecmp(text, "http://", 7) == 0) || (entry.size > 8 && strncasecmp(text, "https://", 8) == 0) ||
           (entry.size > 2 && text[0] == '/' && text[1] == '/');
}

/* What content is told in its address: where the record store is, how it comes by its right to it, who learns, and as what. */
static void xapi_query(const struct opening *opening, const char *right, const char *text, const char *activity, struct buffer *url)
{
    const struct launch_open *open = &opening->open;
    char endpoint[URL_MAX], uuid[LRS_UUID_TEXT_SIZE];

    buffer_append_u8(url, memchr(url->data, '?', url->size) ? '&' : '?');
    snprintf(endpoint, sizeof endpoint, "%s/xapi/", opening->main_origin);
    query_append(url, "endpoint=", bytes_text(endpoint));
    query_append(url, right, bytes_text(text));
    query_append(url, "&actor=", open->actor);
    lrs_uuid_text(open->registration.uuid, uuid);
    query_append(url, "&registration=", bytes_text(uuid));
    query_append(url, activity, open->activity);
}

/* cmi5 section 8.1. */
static void cmi5_query(const struct opening *opening, struct buffer *url)
{
    char text[URL_MAX];

    snprintf(text, sizeof text, "%s/xapi/cmi5/fetch/%s", opening->main_origin, opening->open.fetch);
    xapi_query(opening, "&fetch=", text, "&activityId=", url);
}

/* "Tin Can launch" by Rustici Software: the same for what was made before cmi5, which is authorized at once. */
static void tincan_query(const struct opening *opening, struct buffer *url)
{
    char text[URL_MAX];

    snprintf(text, sizeof text, "Basic %s", opening->open.authorization);
    xapi_query(opening, "&auth=", text, "&activity_id=", url);
}

/* Where the item opens: in the package, or outside: a link of a cartridge, a unit of cmi5 on another server. */
static json_t *url_json(const struct opening *opening)
{
    struct bytes entry = opening->open.opened.entry;
    const uint8_t *fragment = entry.size ? memchr(entry.data, '#', entry.size) : NULL;
    size_t size = fragment ? (size_t)(fragment - entry.data) : entry.size;
    char base[URL_MAX];
    struct buffer url;

    buffer_init(&url);
    if (!leads_outside(entry)) {
        int length = snprintf(base, sizeof base, "%s/c/%s/", opening->origin, opening->open.token);
        CHECK(length > 0 && (size_t)length < sizeof base);
        buffer_append(&url, base, (size_t)length);
    }
    address_append(&url, bytes_of(entry.data, size));
    if (opening->open.row.runtime == RUNTIME_CMI5 && !leads_outside(entry)) { /* who learns here is nobody's business elsewhere */
        cmi5_query(opening, &url);
    } else if (*opening->open.authorization && !leads_outside(entry)) {
        tincan_query(opening, &url);
    }
    address_append(&url, bytes_of(entry.data + size, entry.size - size));
    json_t *json = json_stringn((const char *)url.data, url.size);
    buffer_release(&url);
    return json;
}

/* Percent, and exact: a hundredth of it is never more than what is needed, for the player compares with that. */
static json_t *mastery_json(const struct course_item *item)
{
    double mastery = cmi_mastery(item->mastery_percent, item->details), percent = mastery * 100;

    if (mastery < 0 || percent == (double)item->mastery_percent) {
        return mastery < 0 ? json_null() : json_integer(item->mastery_percent);
    }
    while (percent / 100 > mastery) {
        percent = nextafter(percent, 0);
    }
    return json_real(percent);
}

static json_t *opening_json(const struct opening *opening, const struct signin *signin)
{
    const struct launch_open *open = &opening->open;
    char id[32], uuid[LRS_UUID_TEXT_SIZE], bridge[URL_MAX];

    snprintf(id, sizeof id, "%lld", (long long)open->row.id);
    snprintf(bridge, sizeof bridge, "%s/c/%s/.qanat/player.html", opening->origin, open->token);
    lrs_uuid_text(open->registration.uuid, uuid);
    json_t *document =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s}", "launch", id, "runtime",
                  launch_runtime_text(open->row.runtime), "course", open->version_row.course, "lang",
                  open->version_row.lang, "version", open->version_row.version, "title",
                  open->version_row.title, "url", url_json(opening), "bridge", bridge);
    json_object_set_new(document, "base", json_sprintf("%s/c/%s/", opening->origin, open->token));
    json_object_set_new(document, "isolated", json_boolean(!opening->exchange->context->config->content_windows));
    json_object_set_new(document, "item", text_json(open->opened.id));
    json_object_set_new(document, "item_title", text_json(open->opened.title));
    json_object_set_new(document, "kind", text_json(open->opened.kind));
    json_object_set_new(document, "details", json_of(open->opened.details));
    json_object_set_new(document, "state", json_of(open->state));
    json_object_set_new(document, "attempt", json_integer(open->row.attempt));
    json_object_set_new(document, "seconds_before", json_integer(open->seconds_before));
    json_object_set_new(document, "mastery", mastery_json(&open->opened));
    json_object_set_new(document, "learner", json_pack("{s:s, s:s}", "id", signin->id, "name", signin->name));
    json_object_set_new(document, "registration", json_string(uuid));
    if (open->activities.size > 0) {
        json_object_set_new(document, "sequencing",
                            json_pack("{s:o, s:o}", "activities", json_of(open->activities), "state",
                                      json_of(open->tree)));
    }
    json_object_set_new(document, "actor", json_of(open->actor));
    json_object_set_new(document, "activity", open->activity.size ? text_json(open->activity) : json_null());
    return document;
}

static void opened_answer(struct exchange *exchange, enum status status)
{
    struct opening *opening = exchange->job_arg;

    if (status != S_OK) {
        exchange_fail(exchange, status, &opening->open.report);
        return;
    }
    route_answer_json(exchange, opening_json(opening, &exchange->signin));
    exchange->code = exchange->code == MHD_HTTP_OK ? MHD_HTTP_CREATED : exchange->code;
}

void launches_route_handle(struct exchange *exchange)
{
    const struct signin *signin = exchange_require(exchange, ROLE_LEARNER);
    json_t *body = NULL;

    if (!signin || !(body = exchange_body_json(exchange, "course lang version item cohort restart? sequencing?"))) {
        return;
    }
    struct opening *opening = exchange_alloc(exchange, sizeof *opening);
    opening->open = (struct launch_open){.attempts = exchange->context->attempts,
                                         .arena = &exchange->arena,
                                         .person = signin->person,
                                         .course = text_keep(exchange, body, "course"),
                                         .lang = text_keep(exchange, body, "lang"),
                                         .version = text_keep(exchange, body, "version"),
                                         .item = text_keep(exchange, body, "item"),
                                         .cohort = text_keep(exchange, body, "cohort"),
                                         .is_fresh = json_is_true(json_object_get(body, "restart")),
                                         .is_course = json_is_true(json_object_get(body, "sequencing")),
                                         .now_ms = (int64_t)local_time_now()};
    opening->exchange = exchange;
    json_decref(body);
    origin_write(exchange, exchange->context->config->content, opening->origin, sizeof opening->origin);
    if (*opening->origin == '\0') {
        exchange_refuse(exchange, MHD_HTTP_CONFLICT, "no_content_origin",
                        "This node has no address of its own for course content: set the option content, and "
                        "start it again.");
        return;
    }
    origin_write(exchange, exchange->context->config->http, opening->main_origin,
                 sizeof opening->main_origin);
    snprintf(opening->base, sizeof opening->base, "%s/c/", opening->origin);
    snprintf(opening->return_url, sizeof opening->return_url, "%s/", opening->main_origin);
    opening->open.base = bytes_text(opening->base);
    opening->open.return_url = bytes_text(opening->return_url);
    exchange_write(exchange, launch_open_run, &opening->open, opened_answer);
}

/* --- committing
 * ------------------------------------------------------------------------------------------------- */

static const char *answer_text(const struct launch_row *row)
{
    if (row->success != CMI_UNKNOWN) {
        return row->success == CMI_YES ? "passed" : "failed";
    }
    return row->completion == CMI_YES ? "completed" : "started";
}

static void committed_answer(struct exchange *exchange, enum status status)
{
    const struct launch_commit *commit = exchange->job_arg;

    if (status == S_NOT_FOUND) {
        exchange_refuse(exchange, MHD_HTTP_NOT_FOUND, "no_launch", "There is no such launch of yours.");
        return;
    }
    if (status != S_OK) {
        exchange_fail(exchange, status, NULL);
        return;
    }
    if (commit->person == 0) {
        exchange_answer_empty(exchange, MHD_HTTP_NO_CONTENT);
        return;
    }
    const struct launch_row *row = &commit->row;
    route_answer_json(
        exchange,
        json_pack("{s:I, s:b, s:s, s:o, s:o}", "seq", (json_int_t)row->seq, "stale", commit->is_stale,
                  "status", answer_text(row), "score",
                  row->score == EVENT_NO_SCORE ? json_null() : json_real((double)row->score / 100.0),
                  "registration", registration_json(&commit->registration)));
}

static void commit_begin(struct exchange *exchange, const struct launch_commit *commit)
{
    struct launch_commit *job = exchange_alloc(exchange, sizeof *job);

    *job = *commit;
    exchange_write(exchange, launch_commit_run, job, committed_answer);
}

/* A part of the body as text, in the arena; empty for none. */
static struct bytes json_keep(struct exchange *exchange, json_t *kept)
{
    struct bytes copy = bytes_of("", 0);

    if (!kept || json_is_null(kept)) {
        return copy;
    }
    char *text = json_dumps(kept, JSON_COMPACT | JSON_ENCODE_ANY);
    CHECK(text);
    copy = arena_copy(&exchange->arena, bytes_text(text));
    free(text);
    CHECK(copy.data);
    return copy;
}

/* What is handed on: the data model, or what a player keeps for itself. */
static struct bytes state_of(struct exchange *exchange, json_t *body)
{
    json_t *cmi = json_object_get(body, "cmi");
    return json_keep(exchange, cmi ? cmi : json_object_get(body, "state"));
}

void launch_commit_handle(struct exchange *exchange, int64_t launch, int64_t person)
{
    json_t *body = exchange_body_said(exchange);
    int64_t at_ms = 0;

    if (!body) {
        return;
    }
    json_int_t seq = json_integer_value(json_object_get(body, "seq"));
    const char *at = json_string_value(json_object_get(body, "at"));
    if (seq < 1 || (at && !timestamp_parse(bytes_text(at), &at_ms))) {
        json_decref(body);
        exchange_refuse(exchange, MHD_HTTP_BAD_REQUEST, "bad_commit",
                        "A commit has a number \"seq\" from 1 on; \"at\" is a time as 2026-10-05T12:30:00Z.");
        return;
    }
    struct launch_commit commit = {.launch = launch,
                                   .person = person,
                                   .seq = seq,
                                   .state = state_of(exchange, body),
                                   .at_ms = at_ms,
                                   .now_ms = (int64_t)local_time_now(),
                                   .is_end = json_is_true(json_object_get(body, "end"))};
    json_t *sequencing = json_object_get(body, "sequencing");
    if (json_is_object(sequencing)) {
        commit.tree = json_keep(exchange, json_object_get(sequencing, "state"));
        cmi_read(sequencing, &commit.rollup);
        commit.course_attempt = json_integer_value(json_object_get(sequencing, "attempt"));
    }
    json_t *work = json_object_get(body, "work");
    commit.work = json_is_boolean(work) && commit.tree.size == 0 ? (json_is_true(work) ? CMI_YES : CMI_NO) : CMI_UNKNOWN;
    commit.lrs = &exchange->context->lrs;
    commit.statements = json_keep(exchange, json_object_get(body, "statement"));
    cmi_read(body, &commit.result);
    json_decref(body);
    commit_begin(exchange, &commit);
}

/* "12" or "12/state". */
static bool path_read(const char *path, int64_t *launch_out, bool *is_state_out)
{
    char *end;

    *launch_out = *path >= '1' && *path <= '9' ? strtoll(path, &end, 10) : 0;
    if (*launch_out <= 0 || end - path > 18) {
        return false;
    }
    *is_state_out = strcmp(end, "/state") == 0;
    return *end == '\0' || *is_state_out;
}

/* DELETE: the end, without a further word. */
static void launch_end(struct exchange *exchange, int64_t launch, int64_t person)
{
    struct launch_commit commit = {
        .launch = launch, .person = person, .now_ms = (int64_t)local_time_now(), .is_end = true};

    commit.lrs = &exchange->context->lrs;
    commit.result = (struct cmi_result){.score = CMI_NONE, .progress = CMI_NONE, .seconds = CMI_NONE};
    commit_begin(exchange, &commit);
}

void launch_route_handle(struct exchange *exchange)
{
    const struct signin *signin = exchange_require(exchange, ROLE_LEARNER);
    bool is_state = false;
    int64_t launch;

    if (!signin) {
        return;
    }
    if (!path_read(exchange->path, &launch, &is_state)) {
        exchange_refuse(exchange, MHD_HTTP_NOT_FOUND, "no_launch", "There is no such launch of yours.");
    } else if (is_state && exchange->method & (METHOD_PUT | METHOD_POST)) {
        launch_commit_handle(exchange, launch, signin->person);
    } else if (!is_state && exchange->method == METHOD_DELETE) {
        launch_end(exchange, launch, signin->person);
    } else {
        exchange_header_add(exchange, "Allow", "%s", is_state ? "PUT, POST" : "DELETE");
        exchange_refuse(exchange, MHD_HTTP_METHOD_NOT_ALLOWED, "method_not_allowed",
                        "PUT or POST /api/v1/launches/ID/state, or DELETE /api/v1/launches/ID.");
    }
}

/* --- cmi5's fetch address
 * ---------------------------------------------------------------------------------------- */

struct fetching {
    char token[LRS_TOKEN_SIZE];
    char authorization[LRS_AUTHORIZATION_SIZE];
    int64_t now_ms;
};

static enum status fetch_run(struct db *db, void *arg)
{
    struct fetching *fetching = arg;
    return lrs_session_fetch(db, fetching->token, fetching->now_ms, fetching->authorization);
}

/* cmi5 section 8.2.3: problems are told with 200, too. */
static void fetched_answer(struct exchange *exchange, enum status status)
{
    const struct fetching *fetching = exchange->job_arg;

    exchange->is_private = true;
    if (status == S_OK) {
        route_answer_json(exchange, json_pack("{s:s}", "auth-token", fetching->authorization));
    } else {
        bool was_fetched = status == S_EXISTS;
        route_answer_json(
            exchange,
            json_pack("{s:s, s:s}", "error-code", was_fetched ? "1" : "3", "error-text",
                      was_fetched ? "The authorization was fetched before." : "This launch is not open."));
    }
}

void cmi5_fetch_route_handle(struct exchange *exchange)
{
    struct fetching *fetching = exchange_alloc(exchange, sizeof *fetching);

    exchange_header_add(exchange, "Access-Control-Allow-Origin", "*");
    if (exchange->method == METHOD_OPTIONS) {
        exchange_header_add(exchange, "Access-Control-Allow-Methods", "POST, OPTIONS");
        exchange_header_add(exchange, "Access-Control-Allow-Headers", "Content-Type, Authorization");
        exchange_answer_empty(exchange, MHD_HTTP_NO_CONTENT);
    } else if (strlen(exchange->path) >= sizeof fetching->token) {
        exchange->job_arg = fetching;
        fetched_answer(exchange, S_NOT_FOUND);
    } else {
        strcpy(fetching->token, exchange->path);
        fetching->now_ms = (int64_t)local_time_now();
        exchange_write(exchange, fetch_run, fetching, fetched_answer);
    }
}
