/* routes_learn.c: what a learner sees of courses: one course with its items and how far one came, and one's
 * own courses. */
#include <stdlib.h>
#include <string.h>

#include "node/http/routes.h"
#include "node/http/visitor.h"
#include "node/learn/attempt/activity_tree.h"
#include "node/learn/attempt/launch.h"
#include "node/learn/attempt/registration.h"
#include "node/learn/course/course_choose.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

static json_t *score_json(int64_t score)
{
    return score < 0 ? json_null() : json_real((double)score / 100.0);
}

static json_t *time_json(int64_t ms)
{
    char text[TIMESTAMP_TEXT_SIZE];

    if (ms <= 0 || ms > TIMESTAMP_MS_MAX) {
        return json_null();
    }
    timestamp_format(ms / 1000 * 1000, text);
    return json_string(text);
}

json_t *registration_json(const struct registration_row *row)
{
    if (!row) {
        return json_null();
    }
    return json_pack("{s:s, s:s, s:o, s:f, s:f, s:o, s:o, s:o, s:b}", "status",
                     registration_status_text(row->status), "cohort", row->cohort, "score",
                     score_json(row->score), "progress", (double)row->progress / 10000.0, "minutes",
                     (double)row->seconds / 60.0, "enrolled", time_json(row->created_ms), "completed",
                     time_json(row->completed_ms), "certified", time_json(row->certified_ms), "by_hand",
                     row->mark_status != REGISTRATION_NO_MARK);
}

static json_t *text_json(struct bytes text)
{
    return json_stringn(text.size ? (const char *)text.data : "", text.size);
}

/* --- one course
 * ------------------------------------------------------------------------------------------------- */

static const char *item_status(const struct item_sum *sum)
{
    if (sum->success != CMI_UNKNOWN && !sum->is_done) {
        return "failed";
    }
    if (sum->is_done) {
        return sum->success == CMI_YES ? "passed" : "completed";
    }
    return sum->launch_count ? "started" : "not_started";
}

static json_t *item_json(const struct item_sum *sum)
{
    const struct course_item *item = &sum->item;

    return json_pack("{s:o, s:o, s:i, s:o, s:o, s:o, s:s, s:o, s:f, s:f}", "id", text_json(item->id), "title",
                     text_json(item->title), "depth", (int)item->depth, "kind", text_json(item->kind),
                     "entry", text_json(item->entry), "mastery",
                     item->mastery_percent >= 0 ? json_integer(item->mastery_percent) : json_null(), "status",
                     item_status(sum), "score", score_json(sum->score), "progress",
                     sum->is_done ? 1.0 : (double)sum->progress / 10000.0, "minutes",
                     (double)sum->seconds / 60.0);
}

/* The current version in each language. */
static json_t *languages_json(struct db *db, const char *course)
{
    json_t *languages = json_array();
    struct course_row row;
    struct buffer ids;

    buffer_init(&ids);
    course_row_list_of(db, bytes_text(course), &ids);
    for (size_t at = 0; course_row_next(db, &ids, &at, &row);) {
        if (row.is_current && !row.is_withdrawn) {
            json_array_append_new(languages,
                                  json_pack("{s:s, s:s, s:s, s:I}", "lang", row.lang, "version", row.version,
                                            "title", row.title, "size", (json_int_t)row.size));
        }
    }
    buffer_release(&ids);
    return languages;
}

static enum status page_json(struct exchange *exchange, struct db *db, const struct course_row *row,
                             json_t **document_out)
{
    const struct signin *signin = exchange_session(exchange);
    struct registration_row registration;
    struct item_sums sums;
    bool is_registered =
        signin && registration_find_current(db, signin->person, bytes_text(row->course), &registration);
    enum status status = item_sums_load(db, row->id, is_registered ? registration.id : 0, &sums);
    json_t *items = json_array();
    const struct item_sum *next = NULL;

    for (size_t i = 0; i < sums.count && status == S_OK; i++) {
        json_array_append_new(items, item_json(&sums.items[i]));
    }
    next = status == S_OK ? item_sums_next(&sums) : NULL;
    *document_out =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o}", "course", row->course,
                  "lang", row->lang, "version", row->version, "title", row->title, "series", row->series,
                  "format", package_format_name(row->format), "localises", row->localises, "size",
                  (json_int_t)row->size, "languages", languages_json(db, row->course), "items", items, "next",
                  next ? text_json(next->item.id) : json_null(), "registration",
                  registration_json(is_registered ? &registration : NULL));
    json_object_set_new(*document_out, "sequenced", json_boolean(activity_tree_is_in(&sums)));
    item_sums_release(&sums);
    CHECK(*document_out);
    return status;
}

void course_page_route_handle(struct exchange *exchange)
{
    const char *lang = exchange_query(exchange, "lang"), *version = exchange_query(exchange, "version");
    struct course_ref ref = {exchange->path, lang ? lang : "", version ? version : ""};
    struct report report = {.status = S_OK};
    struct course_row row;
    json_t *document = NULL;

    exchange_session(exchange);
    struct db *db = store_read_begin(exchange->context->store);
    enum status status = course_resolve(db, &ref, true, &row, &report);
    if (status == S_USAGE && course_row_current(db, bytes_text(ref.course), bytes_of("", 0), &row)) {
        status = S_OK; /* several languages and none named: the first */
    }
    if (status == S_OK) {
        status = page_json(exchange, db, &row, &document);
    }
    store_read_end(exchange->context->store, db);
    if (status == S_OK) {
        route_answer_json(exchange, document);
        return;
    }
    json_decref(document);
    exchange_fail(exchange, status, &report);
}

/* --- my courses
 * ------------------------------------------------------------------------------------------------- */

/* The version that the person would open: of the last launch's language, else any. */
static bool version_find(struct db *db, const struct registration_row *registration, struct course_row *row)
{
    struct bytes course = bytes_text(registration->course);

    return (*registration->lang && course_row_current(db, course, bytes_text(registration->lang), row)) ||
           course_row_current(db, course, bytes_of("", 0), row);
}

/* What was learned of a course that is here no more: the version that it was, else one of its language, else any. */
static bool version_known(struct db *db, const struct registration_row *registration, struct course_row *row_out)
{
    struct course_row row;
    struct buffer ids;
    int best = 0;

    buffer_init(&ids);
    course_row_list_of(db, bytes_text(registration->course), &ids);
    for (size_t at = 0; course_row_next(db, &ids, &at, &row);) {
        bool is_lang = strcmp(row.lang, registration->lang) == 0;
        int rank = is_lang && strcmp(row.version, registration->version) == 0 ? 3 : is_lang ? 2 : 1;
        if (rank > best) {
            best = rank;
            *row_out = row;
        }
    }
    buffer_release(&ids);
    return best > 0;
}

static json_t *my_course_json(struct db *db, const struct registration_row *registration)
{
    struct course_row row;
    struct registration_row current;
    bool is_here = version_find(db, registration, &row), is_known = is_here || version_known(db, registration, &row);
    bool is_current =
        registration_find_current(db, registration->person, bytes_text(registration->course), &current) && current.id == registration->id;

    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:o}", "course", registration->course, "lang",
                     is_here ? row.lang : registration->lang, "version",
                     is_here ? row.version : registration->version, "title",
                     is_known ? row.title : registration->course, "series", is_known ? row.series : "",
                     "format", is_here ? package_format_name(row.format) : "", "available", is_here,
                     "current", is_current, "registration", registration_json(registration));
}

void my_courses_route_handle(struct exchange *exchange)
{
    const struct signin *signin = exchange_require(exchange, ROLE_LEARNER);
    json_t *courses = json_array();
    struct registration_row registration;
    struct buffer ids;
    int64_t id;

    if (!signin) {
        json_decref(courses);
        return;
    }
    buffer_init(&ids);
    struct db *db = store_read_begin(exchange->context->store);
    registration_row_list_of(db, signin->person, &ids);
    for (size_t at = 0; at + sizeof id <= ids.size; at += sizeof id) {
        memcpy(&id, ids.data + at, sizeof id);
        if (registration_row_get(db, id, &registration)) {
            json_array_append_new(courses, my_course_json(db, &registration));
        }
    }
    store_read_end(exchange->context->store, db);
    buffer_release(&ids);
    route_answer_json(exchange, json_pack("{s:o}", "courses", courses));
}
