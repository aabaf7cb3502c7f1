#include "node/learn/cohort/progress.h"

#include <string.h>

#include "node/learn/attempt/registration.h"
#include "node/learn/csv.h"
#include "node/timestamp.h"
#include "replication/base/check.h"

static json_t *text_json(struct bytes text)
{
    return text.size ? json_stringn((const char *)text.data, text.size) : json_string("");
}

/* A day or a moment, without seconds that say nothing. */
static json_t *time_json(int64_t ms)
{
    char text[TIMESTAMP_TEXT_SIZE];

    if (ms <= 0 || ms > TIMESTAMP_MS_MAX) {
        return json_null();
    }
    timestamp_format(ms / 1000 * 1000, text);
    return json_string(text);
}

static json_t *day_json(int64_t ms)
{
    char text[TIMESTAMP_TEXT_SIZE];

    if (ms <= 0 || ms > TIMESTAMP_MS_MAX) {
        return json_null();
    }
    timestamp_format(ms, text);
    return json_stringn(text, 10);
}

json_t *cohort_json(struct db *db, const struct cohort_row *row)
{
    struct cohort_version versions[2];
    int64_t learners, trainers;
    size_t count =
        cohort_find(db, bytes_text(row->cohort), bytes_text(row->course), bytes_text(row->lang), versions);

    cohort_member_counts(db, row->id, &learners, &trainers);
    json_t *document = json_pack(
        "{s:s,s:s,s:s,s:s,s:o,s:s,s:o,s:o,s:I,s:I}", "cohort", row->cohort, "title", row->title, "course",
        row->course, "lang", row->lang, "version", count ? json_string(versions[0].version) : json_null(),
        "trains", row->trains, "starts", day_json(row->starts_ms), "ends", day_json(row->ends_ms), "learners",
        (json_int_t)learners, "trainers", (json_int_t)trainers);
    CHECK(document);
    return document;
}

/* --- sessions ------------------------------------------------------------------------------------------- */

struct sessions {
    json_t *list;
    struct buffer ids;
};

static void session_take(void *ctx, const struct cohort_session *session)
{
    struct sessions *sessions = ctx;
    json_t *entry = json_pack("{s:o,s:o,s:f,s:I}", "session", text_json(session->session), "at",
                              time_json(session->at_ms), "minutes", (double)session->minutes / 100,
                              "attended", (json_int_t)session->attended);

    CHECK(entry);
    json_array_append_new(sessions->list, entry);
    buffer_append(&sessions->ids, &session->id, sizeof session->id);
}

static void attendance_take(void *ctx, struct bytes person)
{
    json_array_append_new(ctx, text_json(person));
}

json_t *cohort_sessions_json(struct db *db, const struct cohort_row *row, bool has_people)
{
    struct sessions sessions = {.list = json_array()};
    int64_t id;

    cohort_session_list(db, row->id, session_take, &sessions);
    for (size_t i = 0; has_people && i < json_array_size(sessions.list); i++) {
        json_t *people = json_array();
        memcpy(&id, sessions.ids.data + i * sizeof id, sizeof id);
        attendance_list(db, id, attendance_take, people);
        json_object_set_new(json_array_get(sessions.list, i), "people", people);
    }
    buffer_release(&sessions.ids);
    return sessions.list;
}

/* --- the table ------------------------------------------------------------------------------------------ */

struct table {
    json_t *rows; /* or */
    FILE *out;
    int64_t last;
};

static const char *status_of(const struct cohort_member *member)
{
    return member->is_trainer   ? "trainer"
           : member->status < 0 ? "enrolled"
                                : registration_status_text(member->status);
}

static void json_take(void *ctx, const struct cohort_member *member)
{
    struct table *table = ctx;
    json_t *row =
        json_pack("{s:o,s:o,s:b,s:s,s:f,s:o,s:f,s:I,s:o,s:o,s:b,s:o}", "person", text_json(member->id),
                  "name", text_json(member->name), "trainer", member->is_trainer, "status", status_of(member),
                  "progress", (double)member->progress / 10000, "score",
                  member->score < 0 ? json_null() : json_real((double)member->score / 100), "minutes",
                  (double)member->seconds / 60, "attended", (json_int_t)member->attended, "completed",
                  time_json(member->completed_ms), "certified", time_json(member->certified_ms), "by_hand",
                  member->mark_status >= 0, "reason", text_json(member->mark_reason));

    CHECK(row);
    json_array_append_new(table->rows, row);
    table->last = member->person;
}

json_t *cohort_progress_json(struct db *db, const struct cohort_row *row, size_t max, int64_t *after)
{
    struct table table = {.rows = json_array(), .last = *after};

    CHECK(table.rows);
    cohort_member_page(db, row, *after, max < PROGRESS_PAGE_MAX ? max : PROGRESS_PAGE_MAX, json_take, &table);
    *after = table.last;
    return table.rows;
}

static void csv_number(FILE *out, double value, const char *format)
{
    char text[32];

    snprintf(text, sizeof text, format, value);
    csv_write_field(out, bytes_text(text), false);
}

static void csv_time(FILE *out, int64_t ms)
{
    char text[TIMESTAMP_TEXT_SIZE] = "";

    if (ms > 0 && ms <= TIMESTAMP_MS_MAX) {
        timestamp_format(ms / 1000 * 1000, text);
    }
    csv_write_field(out, bytes_text(text), false);
}

static void csv_take(void *ctx, const struct cohort_member *member)
{
    struct table *table = ctx;
    FILE *out = table->out;

    csv_write_field(out, member->id, true);
    csv_write_field(out, member->name, false);
    csv_write_field(out, bytes_text(status_of(member)), false);
    csv_number(out, (double)member->progress / 100, "%.0f");
    if (member->score < 0) {
        csv_write_field(out, bytes_of("", 0), false);
    } else {
        csv_number(out, (double)member->score / 100, "%.2f");
    }
    csv_number(out, (double)member->seconds / 60, "%.0f");
    csv_number(out, (double)member->attended, "%.0f");
    csv_time(out, member->completed_ms);
    csv_time(out, member->certified_ms);
    csv_write_field(out, member->mark_reason, false);
    putc('\n', out);
    table->last = member->person;
}

void cohort_progress_csv(struct store *store, const struct cohort_row *row, FILE *out)
{
    struct table table = {.out = out};
    size_t seen = PROGRESS_PAGE_MAX;

    fputs("person,name,status,percent,score,minutes,attended,completed,certified,by_hand\n", out);
    while (seen == PROGRESS_PAGE_MAX) {
        struct db *db = store_read_begin(store);
        seen = cohort_member_page(db, row, table.last, PROGRESS_PAGE_MAX, csv_take, &table);
        store_read_end(store, db);
    }
}
