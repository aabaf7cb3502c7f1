#include "node/store/people/registration.h"

#include <string.h>

#include "replication/base/check.h"

/* False when the row is damaged. */
static bool row_read(struct statement *statement, struct registration_row *row)
{
    row->id = statement_int(statement, 0);
    row->person = statement_int(statement, 2);
    statement_take_text(statement, 3, row->course, sizeof row->course);
    statement_take_text(statement, 4, row->cohort, sizeof row->cohort);
    statement_take_text(statement, 5, row->lang, sizeof row->lang);
    statement_take_text(statement, 6, row->version, sizeof row->version);
    row->status = (int)statement_int(statement, 7);
    row->progress = statement_int(statement, 8);
    row->score = statement_int_or(statement, 9, EVENT_NO_SCORE);
    row->seconds = statement_int(statement, 10);
    row->created_ms = statement_int(statement, 11);
    row->started_ms = statement_int(statement, 12);
    row->completed_ms = statement_int(statement, 13);
    row->certified_ms = statement_int(statement, 14);
    row->mark_status = (int)statement_int(statement, 15);
    row->mark_score = statement_int_or(statement, 16, EVENT_NO_SCORE);
    statement_take_text(statement, 17, row->mark_reason, sizeof row->mark_reason);
    row->mark_by = statement_int(statement, 18);
    row->marked_ms = statement_int(statement, 19);
    row->is_due = statement_int(statement, 20) != 0;
    return statement_take_raw(statement, 1, row->uuid, sizeof row->uuid);
}

bool registration_row_get(struct db *db, int64_t id, struct registration_row *row_out)
{
    struct statement *statement = db_statement(db, STATEMENT_registration_get);

    statement_bind_int(statement, 1, id);
    bool is_found = statement_step(statement) && row_read(statement, row_out);
    statement_reset(statement);
    return is_found;
}

/* The row whose id `statement` finds. */
static bool row_of(struct db *db, struct statement *statement, struct registration_row *row_out)
{
    int64_t id = statement_step(statement) ? statement_int(statement, 0) : 0;

    statement_reset(statement);
    return id > 0 && registration_row_get(db, id, row_out);
}

bool registration_row_find(struct db *db, int64_t person, struct bytes course, struct bytes cohort,
                           struct registration_row *row_out)
{
    struct statement *statement = db_statement(db, STATEMENT_registration_find);

    statement_bind_int(statement, 1, person);
    statement_bind_text(statement, 2, course);
    statement_bind_text(statement, 3, cohort);
    return row_of(db, statement, row_out);
}

bool registration_row_find_latest(struct db *db, int64_t person, struct bytes course,
                                  struct registration_row *row_out)
{
    struct statement *statement = db_statement(db, STATEMENT_registration_find_latest);

    statement_bind_int(statement, 1, person);
    statement_bind_text(statement, 2, course);
    return row_of(db, statement, row_out);
}

bool registration_row_any(struct db *db, struct bytes course)
{
    struct statement *statement = db_statement(db, STATEMENT_registration_any);

    statement_bind_text(statement, 1, course);
    return statement_has_row(statement);
}

bool registration_row_find_uuid(struct db *db, const uint8_t uuid[REGISTRATION_UUID_SIZE],
                                struct registration_row *row_out)
{
    struct statement *statement = db_statement(db, STATEMENT_registration_find_uuid);

    statement_bind_blob(statement, 1, bytes_of(uuid, REGISTRATION_UUID_SIZE));
    return row_of(db, statement, row_out);
}

static enum status ids_append(struct db *db, struct statement *statement, struct buffer *ids)
{
    while (statement_step(statement)) {
        int64_t id = statement_int(statement, 0);
        buffer_append(ids, &id, sizeof id);
    }
    statement_reset(statement);
    return db_status(db);
}

enum status registration_row_list_of(struct db *db, int64_t person, struct buffer *ids)
{
    struct statement *statement = db_statement(db, STATEMENT_registration_list_of);

    statement_bind_int(statement, 1, person);
    return ids_append(db, statement, ids);
}

enum status registration_row_list_in(struct db *db, struct bytes course, struct bytes cohort,
                                     struct buffer *ids)
{
    struct statement *statement = db_statement(db, STATEMENT_registration_list_in);

    statement_bind_text(statement, 1, course);
    statement_bind_text(statement, 2, cohort);
    return ids_append(db, statement, ids);
}

enum status registration_row_list_due(struct db *db, size_t max, struct buffer *ids)
{
    struct statement *statement = db_statement(db, STATEMENT_registration_list_due);

    statement_bind_int(statement, 1, (int64_t)max);
    return ids_append(db, statement, ids);
}

enum status registration_row_list_twins(struct db *db, int64_t kept, const struct registration_row *row,
                                        struct buffer *ids)
{
    struct statement *statement = db_statement(db, STATEMENT_registration_list_twins);

    statement_bind_int(statement, 1, kept);
    statement_bind_string(statement, 2, row->course);
    statement_bind_string(statement, 3, row->cohort);
    return ids_append(db, statement, ids);
}

enum status registration_row_set_due(struct db *db, int64_t id)
{
    struct statement *statement = db_statement(db, STATEMENT_registration_set_due);

    statement_bind_int(statement, 1, id);
    return statement_run(statement);
}

enum status registration_row_set_due_of(struct db *db, int64_t person)
{
    struct statement *statement = db_statement(db, STATEMENT_registration_set_due_of);

    statement_bind_int(statement, 1, person);
    return statement_run(statement);
}

/* Binds lang to is_due but for uuid, person, course and cohort, from `index` on. */
static void row_bind(struct statement *statement, int index, const struct registration_row *row)
{
    statement_bind_string(statement, index, row->lang);
    statement_bind_string(statement, index + 1, row->version);
    statement_bind_int(statement, index + 2, row->status);
    statement_bind_int(statement, index + 3, row->progress);
    statement_bind_int_unless(statement, index + 4, row->score, EVENT_NO_SCORE);
    statement_bind_int(statement, index + 5, row->seconds);
    statement_bind_int(statement, index + 6, row->created_ms);
    statement_bind_int(statement, index + 7, row->started_ms);
    statement_bind_int(statement, index + 8, row->completed_ms);
    statement_bind_int(statement, index + 9, row->certified_ms);
    statement_bind_int(statement, index + 10, row->mark_status);
    statement_bind_int_unless(statement, index + 11, row->mark_score, EVENT_NO_SCORE);
    statement_bind_string(statement, index + 12, row->mark_reason);
    statement_bind_int(statement, index + 13, row->mark_by);
    statement_bind_int(statement, index + 14, row->marked_ms);
    statement_bind_int(statement, index + 15, row->is_due);
}

enum status registration_row_insert(struct db *db, struct registration_row *row)
{
    struct statement *statement = db_statement(db, STATEMENT_registration_insert);

    statement_bind_blob(statement, 1, bytes_of(row->uuid, sizeof row->uuid));
    statement_bind_int(statement, 2, row->person);
    statement_bind_string(statement, 3, row->course);
    statement_bind_string(statement, 4, row->cohort);
    row_bind(statement, 5, row);
    enum status status = statement_run(statement);
    row->id = db_last_id(db);
    return status;
}

enum status registration_row_update(struct db *db, const struct registration_row *row)
{
    struct statement *statement = db_statement(db, STATEMENT_registration_update);

    CHECK(row->id > 0);
    statement_bind_int(statement, 1, row->id);
    row_bind(statement, 2, row);
    return statement_run(statement);
}

enum status registration_row_delete_of(struct db *db, int64_t person)
{
    struct statement *statement = db_statement(db, STATEMENT_registration_delete_of);

    statement_bind_int(statement, 1, person);
    return statement_run(statement);
}
