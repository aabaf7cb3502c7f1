#include "node/store/people/credential.h"

#include <string.h>

#include "node/store/people/event.h"

static void row_read(struct statement *s, struct credential_row *row)
{
    struct bytes list = statement_blob(s, 8);

    *row = (struct credential_row){
        .id = statement_int(s, 0),
        .credential = statement_blob(s, 1),
        .person = statement_int(s, 2),
        .course = statement_blob(s, 3),
        .lang = statement_blob(s, 4),
        .version = statement_blob(s, 5),
        .cohort = statement_blob(s, 6),
        .issued_ms = statement_int(s, 7),
        .list_index = statement_int(s, 9),
        .document = statement_blob(s, 10),
        .revoked_ms = statement_int(s, 11),
        .reason = statement_blob(s, 12),
        .person_id = statement_blob(s, 13),
    };
    if (list.size == sizeof row->list.b) {
        memcpy(row->list.b, list.data, list.size);
    }
}

bool credential_find(struct db *db, struct bytes credential, credential_visit *visit, void *ctx)
{
    struct statement *s = db_statement(db, STATEMENT_credential_find);
    struct credential_row row;

    statement_bind_text(s, 1, credential);
    bool is_found = statement_step(s);
    if (is_found) {
        row_read(s, &row);
        visit(ctx, &row);
    }
    statement_reset(s);
    return is_found;
}

size_t credential_page(struct db *db, int64_t before, int64_t person, size_t max, credential_visit *visit,
                       void *ctx)
{
    struct statement *s = db_statement(db, person ? STATEMENT_credential_page_of : STATEMENT_credential_page);
    struct credential_row row;
    size_t count = 0;

    statement_bind_int(s, 1, before);
    statement_bind_int(s, 2, (int64_t)max);
    if (person) {
        statement_bind_int(s, 3, person);
    }
    while (statement_step(s)) {
        row_read(s, &row);
        visit(ctx, &row);
        count++;
    }
    statement_reset(s);
    return count;
}

int64_t credential_number(struct db *db, struct bytes credential)
{
    struct statement *s = db_statement(db, STATEMENT_credential_number);

    statement_bind_text(s, 1, credential);
    int64_t number = statement_step(s) ? statement_int(s, 0) : 0;
    statement_reset(s);
    return number;
}

bool credential_standing(struct db *db, int64_t person, struct bytes course, struct bytes cohort,
                         struct buffer *out)
{
    struct statement *s = db_statement(db, STATEMENT_credential_standing);

    statement_bind_int(s, 1, person);
    statement_bind_text(s, 2, course);
    statement_bind_text(s, 3, cohort);
    bool is_found = statement_step(s);
    if (is_found) {
        struct bytes credential = statement_blob(s, 0);
        buffer_clear(out);
        buffer_append(out, credential.data, credential.size);
    }
    statement_reset(s);
    return is_found;
}

int64_t credential_count_of(struct db *db, int64_t person, struct bytes course)
{
    struct statement *s = db_statement(db, STATEMENT_credential_count_of);

    statement_bind_int(s, 1, person);
    statement_bind_text(s, 2, course);
    int64_t count = statement_step(s) ? statement_int(s, 0) : 0;
    statement_reset(s);
    return count;
}

int64_t credential_list_next(struct db *db, const struct id *list)
{
    struct statement *s = db_statement(db, STATEMENT_credential_list_next);

    statement_bind_blob(s, 1, bytes_of(list->b, sizeof list->b));
    int64_t next = statement_step(s) ? statement_int(s, 0) : 0;
    statement_reset(s);
    return next;
}

bool credential_completion(struct db *db, int64_t person, struct bytes course, int64_t *at_ms_out,
                           int64_t *score_out)
{
    struct statement *s = db_statement(db, STATEMENT_credential_completion);

    statement_bind_int(s, 1, person);
    statement_bind_text(s, 2, course);
    bool is_found = statement_step(s);
    if (is_found) {
        *at_ms_out = statement_int(s, 0);
        *score_out = statement_int_or(s, 1, EVENT_NO_SCORE);
    }
    statement_reset(s);
    return is_found;
}

enum status credential_insert(struct db *db, const struct credential_row *row)
{
    struct statement *s = db_statement(db, STATEMENT_credential_insert);

    statement_bind_text(s, 1, row->credential);
    statement_bind_int(s, 2, row->person);
    statement_bind_text(s, 3, row->course);
    statement_bind_text(s, 4, row->lang);
    statement_bind_text(s, 5, row->version);
    statement_bind_text(s, 6, row->cohort);
    statement_bind_int(s, 7, row->issued_ms);
    statement_bind_blob(s, 8, bytes_of(row->list.b, sizeof row->list.b));
    statement_bind_int(s, 9, row->list_index);
    statement_bind_text(s, 10, row->document);
    return statement_run(s);
}

enum status credential_revoke_row(struct db *db, int64_t id, int64_t at_ms, struct bytes reason)
{
    struct statement *s = db_statement(db, STATEMENT_credential_revoke);

    statement_bind_int(s, 1, id);
    statement_bind_int(s, 2, at_ms);
    statement_bind_text(s, 3, reason);
    return statement_run(s);
}

enum status credential_forget(struct db *db, int64_t person)
{
    struct statement *s = db_statement(db, STATEMENT_credential_forget);

    statement_bind_int(s, 1, person);
    return statement_run(s);
}
