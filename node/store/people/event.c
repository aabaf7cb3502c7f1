#include "node/store/people/event.h"

#include <string.h>

#include "node/store/connection.h"

bool event_course_is_known(struct db *db, struct bytes course)
{
    struct statement *statement = db_statement(db, STATEMENT_event_course_find);

    statement_bind_text(statement, 1, course);
    return statement_has_row(statement);
}

int64_t event_last(struct db *db)
{
    struct statement *statement = db_statement(db, STATEMENT_event_last);
    int64_t last = statement_step(statement) ? statement_int(statement, 0) : 0;

    statement_reset(statement);
    return last;
}

bool event_cohort_is_known(struct db *db, struct bytes course, struct bytes cohort)
{
    struct statement *statement = db_statement(db, STATEMENT_event_cohort_find);

    statement_bind_text(statement, 1, course);
    statement_bind_text(statement, 2, cohort);
    bool is_known = statement_step(statement);
    statement_reset(statement);
    return is_known;
}

int64_t event_group_last(struct db *db)
{
    struct statement *statement = db_statement(db, STATEMENT_event_group_last);
    int64_t last = statement_step(statement) ? statement_int(statement, 0) : 0;

    statement_reset(statement);
    return last;
}

static void group_bind(struct statement *statement, const struct event_group *group)
{
    statement_bind_text(statement, 1, group->course);
    statement_bind_text(statement, 2, group->lang);
    statement_bind_text(statement, 3, group->version);
    statement_bind_text(statement, 4, group->cohort);
    statement_bind_int(statement, 5, group->role);
    statement_bind_int(statement, 6, group->gender);
}

enum status event_group_get(struct db *db, const struct event_group *group, int64_t *row_out)
{
    struct statement *statement = db_statement(db, STATEMENT_event_group_find);

    group_bind(statement, group);
    bool is_found = statement_step(statement);
    *row_out = is_found ? statement_int(statement, 0) : 0;
    statement_reset(statement);
    if (is_found || db_status(db) != S_OK) {
        return db_status(db);
    }
    statement = db_statement(db, STATEMENT_event_group_insert);
    group_bind(statement, group);
    enum status status = statement_run(statement);
    *row_out = db_last_id(db);
    return status;
}

/* True when the stored event `row` has exactly this id, or has lost its id with its person. */
static bool is_same_id(struct db *db, int64_t row, struct bytes id)
{
    struct statement *statement = db_statement(db, STATEMENT_event_text);

    statement_bind_int(statement, 1, row);
    bool is_same = false;
    if (statement_step(statement)) {
        struct bytes stored = statement_blob(statement, 0);
        is_same = stored.size == 0 || bytes_equal(stored, id);
    }
    statement_reset(statement);
    return is_same;
}

/* Claims the place of `hash`: true when it was free; otherwise what is there. */
static bool key_claim(struct db *db, int64_t hash, int64_t content, int64_t *row_io, int64_t *content_out)
{
    struct statement *statement = db_statement(db, STATEMENT_event_key_insert);

    statement_bind_int(statement, 1, hash);
    statement_bind_int(statement, 2, *row_io);
    statement_bind_int(statement, 3, content);
    if (statement_run(statement) != S_OK || db_changes(db) > 0) {
        return true;
    }
    statement = db_statement(db, STATEMENT_event_key_find);
    statement_bind_int(statement, 1, hash);
    bool is_found = statement_step(statement);
    if (!is_found) { /* taken a moment ago, gone now: a damaged tree */
        db_fail(db, S_CORRUPT);
    }
    *row_io = is_found ? statement_int(statement, 0) : 0;
    *content_out = is_found ? statement_int(statement, 1) : 0;
    statement_reset(statement);
    return false;
}

static enum status event_insert(struct db *db, const struct event *event, int64_t row)
{
    struct statement *statement = db_statement(db, STATEMENT_event_insert);

    statement_bind_int(statement, 1, row);
    statement_bind_text(statement, 2, event->id);
    statement_bind_int(statement, 3, event->person);
    statement_bind_int(statement, 4, event->group);
    statement_bind_int(statement, 5, event->kind);
    statement_bind_int(statement, 6, event->at_ms);
    statement_bind_int_unless(statement, 7, event->score, EVENT_NO_SCORE);
    statement_bind_int(statement, 8, event->minutes);
    return statement_run(statement);
}

enum status event_put(struct db *db, const struct event *event, int64_t row, enum event_outcome *outcome_out)
{
    int64_t content = 0;

    for (uint64_t hash = event->hash;; hash++) {
        int64_t at = row;
        bool is_free = key_claim(db, (int64_t)hash, (int64_t)event->content, &at, &content);
        if (db_status(db) != S_OK) {
            return db_status(db);
        }
        if (is_free) {
            *outcome_out = EVENT_STORED;
            return event_insert(db, event, row);
        }
        if (content == (int64_t)event->content) {
            *outcome_out = EVENT_DUPLICATE;
            return S_OK;
        }
        if (is_same_id(db, at, event->id)) {
            *outcome_out = EVENT_OTHER_CONTENT;
            return S_OK;
        }
    }
}

static void event_take(struct statement *statement, int64_t row, struct event *event_out)
{
    event_out->row = row;
    event_out->person = statement_int(statement, 1);
    event_out->group = statement_int(statement, 2);
    event_out->kind = (int)statement_int(statement, 3);
    event_out->at_ms = statement_int(statement, 4);
    event_out->score = statement_int_or(statement, 5, EVENT_NO_SCORE);
    event_out->minutes = statement_int(statement, 6);
}

/* Reads the row into `event_out` when it has exactly this id. */
static bool event_read(struct db *db, int64_t row, struct bytes id, struct event *event_out)
{
    struct statement *statement = db_statement(db, STATEMENT_event_get);

    statement_bind_int(statement, 1, row);
    bool is_found = statement_step(statement) && bytes_equal(statement_blob(statement, 0), id);
    if (is_found) {
        event_take(statement, row, event_out);
        event_out->id = id;
    }
    statement_reset(statement);
    return is_found;
}

bool event_at(struct db *db, int64_t row, struct event *event_out)
{
    struct statement *statement = db_statement(db, STATEMENT_event_get);

    *event_out = (struct event){.row = 0};
    statement_bind_int(statement, 1, row);
    bool is_found = statement_step(statement);
    if (is_found) {
        event_take(statement, row, event_out);
    }
    statement_reset(statement);
    return is_found;
}

bool event_id_read(struct db *db, int64_t row, char *out, size_t size)
{
    struct statement *statement = db_statement(db, STATEMENT_event_get);

    statement_bind_int(statement, 1, row);
    struct bytes id = statement_step(statement) ? statement_blob(statement, 0) : bytes_of(NULL, 0);
    bool is_found = id.size > 0 && id.size < size;
    if (is_found) {
        memcpy(out, id.data, id.size);
        out[id.size] = '\0';
    }
    statement_reset(statement);
    return is_found;
}

bool event_find(struct db *db, struct bytes id, uint64_t hash, struct event *event_out)
{
    for (;; hash++) {
        struct statement *statement = db_statement(db, STATEMENT_event_key_find);
        statement_bind_int(statement, 1, (int64_t)hash);
        bool is_taken = statement_step(statement);
        int64_t row = is_taken ? statement_int(statement, 0) : 0;
        int64_t content = is_taken ? statement_int(statement, 1) : 0;
        statement_reset(statement);
        if (!is_taken) {
            return false;
        }
        if (event_read(db, row, id, event_out)) {
            event_out->hash = hash;
            event_out->content = (uint64_t)content;
            return true;
        }
    }
}

static struct event_group group_take(struct statement *statement, int column)
{
    return (struct event_group){.course = statement_blob(statement, column),
                                .lang = statement_blob(statement, column + 1),
                                .version = statement_blob(statement, column + 2),
                                .cohort = statement_blob(statement, column + 3),
                                .role = (int)statement_int(statement, column + 4),
                                .gender = (int)statement_int(statement, column + 5)};
}

bool event_group_find(struct db *db, int64_t row, event_group_take *take, void *ctx)
{
    struct statement *statement = db_statement(db, STATEMENT_event_group_get);

    statement_bind_int(statement, 1, row);
    bool is_found = statement_step(statement);
    if (is_found) {
        const struct event_group group = group_take(statement, 0);
        take(ctx, &group);
    }
    statement_reset(statement);
    return is_found;
}

enum status event_group_list(struct db *db, event_group_visit *visit, void *ctx)
{
    struct statement *statement = db_statement(db, STATEMENT_event_group_list);

    while (statement_step(statement)) {
        const struct event_group group = group_take(statement, 1);
        visit(ctx, statement_int(statement, 0), &group);
    }
    statement_reset(statement);
    return db_status(db);
}

enum status event_revise(struct db *db, int64_t row, const struct event *event)
{
    struct statement *statement = db_statement(db, STATEMENT_event_revise);

    statement_bind_int(statement, 1, row);
    statement_bind_int(statement, 2, event->kind);
    statement_bind_int(statement, 3, event->at_ms);
    statement_bind_int_unless(statement, 4, event->score, EVENT_NO_SCORE);
    statement_bind_int(statement, 5, event->minutes);
    if (statement_run(statement) != S_OK) {
        return db_status(db);
    }
    statement = db_statement(db, STATEMENT_event_key_revise);
    statement_bind_int(statement, 1, (int64_t)event->hash);
    statement_bind_int(statement, 2, row);
    statement_bind_int(statement, 3, (int64_t)event->content);
    return statement_run(statement);
}

enum status event_forget(struct db *db, int64_t person, int64_t *count_out)
{
    struct statement *statement = db_statement(db, STATEMENT_event_forget);

    statement_bind_int(statement, 1, person);
    enum status status = statement_run(statement);
    *count_out = db_changes(db);
    return status;
}
