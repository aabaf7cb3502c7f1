#include "node/store/people/cohort_row.h"

#include <stdio.h>

#include "node/store/people/event.h"

static void row_read(struct statement *s, struct cohort_row *row)
{
    row->id = statement_int(s, 0);
    statement_take_text(s, 1, row->cohort, sizeof row->cohort);
    statement_take_text(s, 2, row->title, sizeof row->title);
    statement_take_text(s, 3, row->course, sizeof row->course);
    statement_take_text(s, 4, row->lang, sizeof row->lang);
    statement_take_text(s, 5, row->trains, sizeof row->trains);
    row->starts_ms = statement_int(s, 6);
    row->ends_ms = statement_int(s, 7);
    row->created_ms = statement_int(s, 8);
}

bool cohort_row_find(struct db *db, struct bytes cohort, struct cohort_row *row_out)
{
    struct statement *s = db_statement(db, STATEMENT_cohort_row_find);

    statement_bind_text(s, 1, cohort);
    bool is_found = statement_step(s);
    if (is_found) {
        row_read(s, row_out);
    }
    statement_reset(s);
    return is_found;
}

/* Visits all rows of a statement that is bound. */
static size_t rows_visit(struct statement *s, cohort_row_visit *visit, void *ctx)
{
    struct cohort_row row;
    size_t count = 0;

    while (statement_step(s)) {
        row_read(s, &row);
        visit(ctx, &row);
        count++;
    }
    statement_reset(s);
    return count;
}

size_t cohort_row_page(struct db *db, struct bytes after, size_t max, cohort_row_visit *visit, void *ctx)
{
    struct statement *s = db_statement(db, STATEMENT_cohort_row_page);

    statement_bind_text(s, 1, after);
    statement_bind_int(s, 2, (int64_t)max);
    return rows_visit(s, visit, ctx);
}

size_t cohort_row_of_person(struct db *db, int64_t person, bool as_trainer, cohort_row_visit *visit, void *ctx)
{
    struct statement *s = db_statement(db, STATEMENT_cohort_of_person);

    statement_bind_int(s, 1, person);
    statement_bind_int(s, 2, as_trainer);
    return rows_visit(s, visit, ctx);
}

enum status cohort_row_put(struct db *db, struct cohort_row *row)
{
    bool is_new = row->id == 0;
    struct statement *s = db_statement(db, is_new ? STATEMENT_cohort_row_insert : STATEMENT_cohort_row_update);

    if (is_new) {
        statement_bind_string(s, 1, row->cohort);
        statement_bind_int(s, 8, row->created_ms);
    } else {
        statement_bind_int(s, 1, row->id);
    }
    statement_bind_string(s, 2, row->title);
    statement_bind_string(s, 3, row->course);
    statement_bind_string(s, 4, row->lang);
    statement_bind_string(s, 5, row->trains);
    statement_bind_int(s, 6, row->starts_ms);
    statement_bind_int(s, 7, row->ends_ms);
    enum status status = statement_run(s);
    if (is_new) {
        row->id = db_last_id(db);
    }
    return status;
}

/* Runs a statement that has one number. */
static enum status number_run(struct db *db, enum statement_name name, int64_t number)
{
    struct statement *s = db_statement(db, name);

    statement_bind_int(s, 1, number);
    return statement_run(s);
}

enum status cohort_row_delete(struct db *db, int64_t cohort)
{
    enum status status = number_run(db, STATEMENT_cohort_member_delete_all, cohort);

    if (status == S_OK) {
        status = number_run(db, STATEMENT_attendance_delete_all, cohort);
    }
    if (status == S_OK) {
        status = number_run(db, STATEMENT_cohort_session_delete_all, cohort);
    }
    return status == S_OK ? number_run(db, STATEMENT_cohort_row_delete, cohort) : status;
}

/* --- members -------------------------------------------------------------------------------------------- */

void cohort_member_counts(struct db *db, int64_t cohort, int64_t *learners_out, int64_t *trainers_out)
{
    struct statement *s = db_statement(db, STATEMENT_cohort_member_counts);

    statement_bind_int(s, 1, cohort);
    bool is_counted = statement_step(s);
    *learners_out = is_counted ? statement_int(s, 0) : 0;
    *trainers_out = is_counted ? statement_int(s, 1) : 0;
    statement_reset(s);
}

bool cohort_member_find(struct db *db, int64_t cohort, int64_t person, bool *is_trainer_out)
{
    struct statement *s = db_statement(db, STATEMENT_cohort_member_find);

    statement_bind_int(s, 1, cohort);
    statement_bind_int(s, 2, person);
    bool is_found = statement_step(s);
    *is_trainer_out = is_found && statement_int(s, 0);
    statement_reset(s);
    return is_found;
}

static void member_read(struct statement *s, struct cohort_member *member)
{
    *member = (struct cohort_member){
        .person = statement_int(s, 0),
        .id = statement_blob(s, 1),
        .name = statement_blob(s, 2),
        .gender = (int)statement_int(s, 3),
        .is_trainer = statement_int(s, 4) != 0,
        .registration = statement_int(s, 5),
        .status = (int)statement_int(s, 6),
        .progress = statement_int(s, 7),
        .score = statement_int_or(s, 8, EVENT_NO_SCORE),
        .seconds = statement_int(s, 9),
        .completed_ms = statement_int(s, 10),
        .certified_ms = statement_int(s, 11),
        .mark_status = (int)statement_int(s, 12),
        .mark_reason = statement_blob(s, 13),
        .attended = statement_int(s, 14),
    };
}

size_t cohort_member_page(struct db *db, const struct cohort_row *cohort, int64_t after, size_t max,
                          cohort_member_visit *visit, void *ctx)
{
    struct statement *s = db_statement(db, STATEMENT_cohort_member_page);
    struct cohort_member member;
    size_t count = 0;

    statement_bind_int(s, 1, cohort->id);
    statement_bind_string(s, 2, cohort->course);
    statement_bind_string(s, 3, cohort->cohort);
    statement_bind_int(s, 4, after);
    statement_bind_int(s, 5, (int64_t)max);
    while (statement_step(s)) {
        member_read(s, &member);
        visit(ctx, &member);
        count++;
    }
    statement_reset(s);
    return count;
}

bool cohort_is_trained(struct db *db, int64_t person, struct bytes course)
{
    struct statement *s = db_statement(db, STATEMENT_cohort_is_trained);

    statement_bind_int(s, 1, person);
    statement_bind_text(s, 2, course);
    return statement_has_row(s);
}

enum status cohort_member_put(struct db *db, int64_t cohort, int64_t person, bool is_trainer, int64_t now_ms)
{
    struct statement *s = db_statement(db, STATEMENT_cohort_member_put);

    statement_bind_int(s, 1, cohort);
    statement_bind_int(s, 2, person);
    statement_bind_int(s, 3, is_trainer);
    statement_bind_int(s, 4, now_ms);
    return statement_run(s);
}

enum status cohort_member_delete(struct db *db, int64_t cohort, int64_t person)
{
    struct statement *s = db_statement(db, STATEMENT_cohort_member_delete);

    statement_bind_int(s, 1, cohort);
    statement_bind_int(s, 2, person);
    return statement_run(s);
}

/* --- sessions ------------------------------------------------------------------------------------------- */

bool cohort_session_find(struct db *db, int64_t cohort, struct bytes session, struct cohort_session *session_out)
{
    struct statement *s = db_statement(db, STATEMENT_cohort_session_find);

    statement_bind_int(s, 1, cohort);
    statement_bind_text(s, 2, session);
    bool is_found = statement_step(s);
    if (is_found) {
        *session_out = (struct cohort_session){.id = statement_int(s, 0),
                                               .at_ms = statement_int(s, 1),
                                               .minutes = statement_int(s, 2),
                                               .session = session};
    }
    statement_reset(s);
    return is_found;
}

size_t cohort_session_list(struct db *db, int64_t cohort, cohort_session_visit *visit, void *ctx)
{
    struct statement *s = db_statement(db, STATEMENT_cohort_session_list);
    size_t count = 0;

    statement_bind_int(s, 1, cohort);
    while (statement_step(s)) {
        const struct cohort_session session = {.id = statement_int(s, 0),
                                               .session = statement_blob(s, 1),
                                               .at_ms = statement_int(s, 2),
                                               .minutes = statement_int(s, 3),
                                               .attended = statement_int(s, 4)};
        visit(ctx, &session);
        count++;
    }
    statement_reset(s);
    return count;
}

size_t attendance_list(struct db *db, int64_t session, attendance_visit *visit, void *ctx)
{
    struct statement *s = db_statement(db, STATEMENT_attendance_list);
    size_t count = 0;

    statement_bind_int(s, 1, session);
    while (statement_step(s)) {
        visit(ctx, statement_blob(s, 0));
        count++;
    }
    statement_reset(s);
    return count;
}

enum status cohort_session_put(struct db *db, int64_t cohort, const struct cohort_session *session)
{
    struct statement *s = db_statement(db, STATEMENT_cohort_session_put);

    statement_bind_int(s, 1, cohort);
    statement_bind_text(s, 2, session->session);
    statement_bind_int(s, 3, session->at_ms);
    statement_bind_int(s, 4, session->minutes);
    return statement_run(s);
}

enum status attendance_set(struct db *db, int64_t session, int64_t person, bool was_there, bool *is_change_out)
{
    struct statement *s = db_statement(db, was_there ? STATEMENT_attendance_put : STATEMENT_attendance_delete);

    statement_bind_int(s, 1, session);
    statement_bind_int(s, 2, person);
    enum status status = statement_run(s);
    *is_change_out = db_changes(db) > 0;
    return status;
}

enum status cohort_forget(struct db *db, int64_t person)
{
    enum status status = number_run(db, STATEMENT_attendance_forget, person);

    return status == S_OK ? number_run(db, STATEMENT_cohort_member_forget, person) : status;
}
