/* routes_course.c: /course/ID/LANG/VERSION/PATH serves the files of a held version ("current" as VERSION: the one in force); /blob/HASH serves
 * a content of published versions for good, to caches and to other nodes; the list of courses as a page and as JSON. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "node/http/course_answer.h"
#include "node/http/page.h"
#include "node/http/routes.h"
#include "node/http/server.h"
#include "node/http/visitor.h"
#include "node/learn/attempt/registration.h"
#include "node/learn/course/course_choose.h"
#include "node/learn/search.h"
#include "node/store/course/course_item.h"
#include "replication/base/percent.h"

enum { ADDRESS_MAX = 3 * EXCHANGE_PATH_MAX, COURSES_KNOWN_MAX = 2000 };

/* "ID/LANG/VERSION/PATH" taken apart in place; false when a part is missing. */
static bool path_split(char *text, struct course_ref *ref, const char **path_out)
{
    char *parts[3] = {text, NULL, NULL};

    for (int i = 1; i <= 3; i++) {
        char *slash = strchr(parts[i - 1], '/');
        if (!slash || slash == parts[i - 1]) {
            return false;
        }
        *slash = '\0';
        if (i < 3) {
            parts[i] = slash + 1;
        } else {
            *path_out = slash + 1;
        }
    }
    *ref = (struct course_ref){parts[0], parts[1], strcmp(parts[2], "current") == 0 ? "" : parts[2]};
    return true;
}

/* Answers with a redirection to the entry as a relative reference (RFC 3986): what may not stand in one is percent-encoded; its query stays. */
static void redirect(struct exchange *exchange, struct bytes entry)
{
    struct buffer location;

    buffer_init(&location);
    percent_append(&location, entry, PERCENT_UNRESERVED "/?=&;%+#!,@()'*$");
    buffer_append_u8(&location, '\0');
    exchange_header_add(exchange, MHD_HTTP_HEADER_LOCATION, "%s", (const char *)location.data);
    exchange_problem(exchange, MHD_HTTP_FOUND, "The course starts at '%s'.\n", (const char *)location.data);
    buffer_release(&location);
}

/* Where a version starts: answers with a redirection to its entry page. */
static void entry_answer(struct exchange *exchange, struct db *db, const struct course_ref *ref, struct report *report)
{
    struct buffer encoding;
    struct manifest manifest;
    struct course_row row;
    struct arena arena;

    buffer_init(&encoding);
    arena_init(&arena, 2 * (size_t)MANIFEST_SIZE_MAX);
    enum status status = course_resolve(db, ref, true, &row, report);
    if (status == S_OK) {
        status = course_manifest_load(exchange->context->blobs, &row, &arena, &encoding, &manifest, report);
    }
    if (status == S_OK && manifest.entry.size > 0) {
        redirect(exchange, manifest.entry);
    } else {
        exchange_problem(exchange, MHD_HTTP_NOT_FOUND, "%s\n", status == S_OK ? "This course has no first page." : report->text);
    }
    arena_release(&arena);
    buffer_release(&encoding);
}

static void blob_answer(struct exchange *exchange, const struct course_file *file)
{
    char hex[HASH_HEX_SIZE];

    hash_hex(&file->hash, hex);
    snprintf(exchange->etag, sizeof exchange->etag, "\"%s\"", hex);
    snprintf(exchange->file_type, sizeof exchange->file_type, "%s", file->media_type);
    exchange->code = MHD_HTTP_OK;
    exchange->media_type = exchange->file_type;
    exchange->file = file->fd;
    exchange->file_size = file->size;
    exchange->is_immutable = true;
    exchange->is_sandboxed = exchange_is_main(exchange);
}

/* What is looked for, and what was found. */
struct look {
    struct course_ref ref;
    char root[EXCHANGE_PATH_MAX + 8]; /* the same as text: of addresses on the shelf */
    const char *path;
    struct shelf_now now;
    int64_t course;
    struct course_file file;
    struct report report;
};

/* In the database: the version (on the shelf, perhaps), and what the path is in it. */
static enum status file_look(struct exchange *exchange, struct look *look)
{
    struct shelf *shelf = exchange->origin->shelf;
    struct db *db = store_read_begin(exchange->context->store);
    enum status status = S_OK;
    struct course_row row;

    if (!shelf_find_root(shelf, look->root, &look->now, &look->course)) {
        status = course_resolve(db, &look->ref, true, &row, &look->report);
        if (status == S_OK) {
            look->course = row.id;
            shelf_put_root(shelf, look->root, &look->now, row.id, INT64_MAX);
        }
    }
    if (status == S_OK) {
        status = course_file_find(db, look->course, bytes_text(look->path), &look->file);
        if (status == S_NOT_FOUND) {
            report_set(&look->report, status, "course \"%s\" has no file \"%s\"", look->ref.course, look->path);
        }
    }
    store_read_end(exchange->context->store, db);
    return status;
}

static void course_file_answer(struct exchange *exchange, struct look *look)
{
    enum status status;

    exchange->is_immutable = *look->ref.version != '\0';
    exchange->is_sandboxed = exchange_is_main(exchange);
    if (!course_answer_shelved(exchange, look->root, look->path, &look->now, &status)) {
        status = file_look(exchange, look);
        status = status == S_OK ? course_answer_found(exchange, look->course, look->path, &look->now, &look->file) : status;
    }
    if (status == S_OK) {
        return;
    }
    exchange->is_immutable = exchange->is_sandboxed = false;
    if (!course_answer_trouble(exchange, status, look->path)) {
        exchange_problem(exchange, MHD_HTTP_NOT_FOUND, "%s\n", look->report.status != S_OK ? look->report.text : status_text(status));
    }
}

void course_route_handle(struct exchange *exchange)
{
    struct look look = {.now = course_answer_now(exchange), .path = "", .report = {.status = S_OK}};

    if (!path_split(exchange->path, &look.ref, &look.path)) {
        exchange_problem(exchange, MHD_HTTP_NOT_FOUND, "Course files are at /course/ID/LANGUAGE/VERSION/PATH.\n");
    } else if (!*look.path) {
        struct db *db = store_read_begin(exchange->context->store);
        entry_answer(exchange, db, &look.ref, &look.report);
        store_read_end(exchange->context->store, db);
    } else {
        snprintf(look.root, sizeof look.root, "%s/%s/%s", look.ref.course, look.ref.lang, look.ref.version);
        course_file_answer(exchange, &look);
    }
}

/* 64 hex digits and nothing else. */
static bool hash_read(const char *text, struct hash *hash_out)
{
    size_t size;

    return strlen(text) == 2 * sizeof hash_out->b &&
           sodium_hex2bin(hash_out->b, sizeof hash_out->b, text, 2 * sizeof hash_out->b, NULL, &size, NULL) == 0 &&
           size == sizeof hash_out->b;
}

void blob_route_handle(struct exchange *exchange)
{
    struct course_file file;
    struct hash hash;

    if (!hash_read(exchange->path, &hash)) {
        exchange_problem(exchange, MHD_HTTP_NOT_FOUND, "Contents are at /blob/HASH, 64 digits of BLAKE2b-256.\n");
        return;
    }
    struct db *db = store_read_begin(exchange->context->store);
    enum status status = course_blob_open(exchange->context->blobs, db, &hash, &file);
    store_read_end(exchange->context->store, db);
    if (status == S_OK) {
        blob_answer(exchange, &file);
    } else {
        exchange_problem(exchange, status == S_CORRUPT ? MHD_HTTP_INTERNAL_SERVER_ERROR : MHD_HTTP_NOT_FOUND,
                         "No published course here has this content.\n");
    }
}

/* --- lists ---------------------------------------------------------------------------------------------------- */

/* What the asking person has of the course. */
static void registration_add(json_t *object, struct db *db, const struct signin *signin, const char *course)
{
    struct registration_row row;

    if (signin && registration_find_current(db, signin->person, bytes_text(course), &row)) {
        json_object_set_new(object, "status", json_string(registration_status_text(row.status)));
        json_object_set_new(object, "progress", json_real((double)row.progress / 10000.0));
    } else {
        json_object_set_new(object, "status", json_null());
        json_object_set_new(object, "progress", json_null());
    }
}

static json_t *row_json(const struct course_row *row, const char *origin)
{
    char address[ADDRESS_MAX];

    snprintf(address, sizeof address, "%s/course/%s/%s/%s/", origin, row->course, row->lang, row->version);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:I, s:I, s:s, s:s, s:s}", "course", row->course, "lang", row->lang, "version",
                     row->version, "title", row->title, "series", row->series, "state", course_state_name(row->state),
                     "current", row->is_current, "bytes", (json_int_t)row->size, "files", (json_int_t)row->member_count,
                     "url",
                     address, "format", package_format_name(row->format), "localises", row->localises);
}

/* Which versions are asked for. */
struct choice {
    const char *lang, *series, *query;
    bool is_available; /* only what can be opened now */
};

static struct choice choice_read(struct exchange *exchange)
{
    struct choice choice = {exchange_query(exchange, "lang"), exchange_query(exchange, "series"), exchange_query(exchange, "q"),
                            exchange_query_is_on(exchange, "available")};

    choice.is_available = choice.is_available || (choice.query && *choice.query);
    return choice;
}

static bool is_chosen(const struct choice *choice, const struct course_row *row)
{
    bool is_lang = !choice->lang || !*choice->lang || strcasecmp(choice->lang, row->lang) == 0;
    bool is_series = !choice->series || !*choice->series || strcmp(choice->series, row->series) == 0;

    return !row->is_withdrawn && is_lang && is_series && (!choice->is_available || row->is_current);
}

/* All versions in their order, or those found by the words asked for, the best first. */
static void ids_find(struct db *db, const struct choice *choice, struct buffer *ids)
{
    struct buffer query;

    if (!choice->query || !*choice->query) {
        (void)course_row_list_shown(db, choice->lang ? choice->lang : "", choice->series ? choice->series : "",
                                    choice->is_available ? 0 : COURSES_KNOWN_MAX, ids);
        return;
    }
    buffer_init(&query);
    search_query(bytes_text(choice->query), &query);
    if (query.size) {
        course_search_find(db, buffer_bytes(&query), ids);
    }
    buffer_release(&query);
}

/* {"courses":[...],"more":BOOL} */
static json_t *courses_json(struct exchange *exchange)
{
    const struct signin *signin = exchange_session(exchange);
    struct choice choice = choice_read(exchange);
    json_t *rows = json_array();
    struct course_row row;
    struct buffer ids;
    size_t known = 0;
    char origin[CONFIG_TEXT_MAX];

    origin_write(exchange, exchange->context->config->content, origin, sizeof origin);
    buffer_init(&ids);
    struct db *db = store_read_begin(exchange->context->store);
    ids_find(db, &choice, &ids);
    for (size_t at = 0; course_row_next(db, &ids, &at, &row);) {
        known += row.state == COURSE_CATALOGUED;
        if (is_chosen(&choice, &row)) {
            json_t *object = row_json(&row, origin);
            json_object_set_new(object, "items", json_integer(course_item_count(db, row.id)));
            registration_add(object, db, signin, row.course);
            json_array_append_new(rows, object);
        }
    }
    store_read_end(exchange->context->store, db);
    buffer_release(&ids);
    return json_pack("{s:o, s:b}", "courses", rows, "more", known >= COURSES_KNOWN_MAX);
}

void courses_route_handle(struct exchange *exchange)
{
    route_answer_json(exchange, courses_json(exchange));
}

static void course_line(struct page *page, json_t *row)
{
    bool is_here = json_is_true(json_object_get(row, "current"));

    page_markup(page, "<li><bdi lang=\"");
    page_text(page, json_string_value(json_object_get(row, "lang")));
    page_markup(page, "\">");
    if (is_here) {
        page_markup(page, "<a href=\"");
        page_text(page, json_string_value(json_object_get(row, "url")));
        page_markup(page, "\">");
    }
    page_text(page, json_string_value(json_object_get(row, "title")));
    page_markup(page, is_here ? "</a></bdi> (" : "</bdi> (");
    page_text(page, json_string_value(json_object_get(row, "lang")));
    page_markup(page, ", version ");
    page_text(page, json_string_value(json_object_get(row, "version")));
    page_markup(page, ", ");
    page_text(page, json_string_value(json_object_get(row, "state")));
    page_markup(page, ")</li>\n");
}

void courses_page_handle(struct exchange *exchange)
{
    json_t *answer = courses_json(exchange), *rows = json_object_get(answer, "courses"), *row;
    struct page page;
    size_t index;

    page_begin_face(&page, "Courses", "learner");
    page_markup(&page, json_array_size(rows) ? "<ul>\n" : "<p>No course is known here yet.</p>\n");
    json_array_foreach(rows, index, row) {
        course_line(&page, row);
    }
    page_markup(&page, json_array_size(rows) ? "</ul>\n" : "");
    page_markup(&page, json_is_true(json_object_get(answer, "more")) ? "<p>Not all that are known are listed: ask for a language or a series.</p>\n" : "");
    json_decref(answer);
    web_page_answer(exchange, &page);
}
