#include "node/store/people/launch.h"

#include <sodium.h>
#include <string.h>

#include "replication/base/check.h"

static void item_read(struct statement *statement, int column, struct launch_row *row)
{
    statement_take_text(statement, column, row->item, sizeof row->item);
}

/* False when the row is damaged. */
static bool row_read(struct statement *statement, struct launch_row *row)
{
    row->id = statement_int(statement, 0);
    row->registration = statement_int(statement, 2);
    row->person = statement_int(statement, 3);
    row->course = statement_int(statement, 4);
    item_read(statement, 5, row);
    row->attempt = (int)statement_int(statement, 6);
    row->runtime = (int)statement_int(statement, 7);
    row->created_ms = statement_int(statement, 8);
    row->expires_ms = statement_int(statement, 9);
    row->ended_ms = statement_int(statement, 10);
    row->seq = statement_int(statement, 11);
    row->completion = (int)statement_int(statement, 12);
    row->success = (int)statement_int(statement, 13);
    row->score = statement_int_or(statement, 14, EVENT_NO_SCORE);
    row->progress = statement_int(statement, 15);
    row->seconds = statement_int(statement, 16);
    row->completed_ms = statement_int(statement, 17);
    row->session = statement_int(statement, 18);
    return statement_take_raw(statement, 1, row->token.b, sizeof row->token.b);
}

bool launch_row_get(struct db *db, int64_t id, struct launch_row *row_out)
{
    struct statement *statement = db_statement(db, STATEMENT_launch_get);

    statement_bind_int(statement, 1, id);
    bool is_found = statement_step(statement) && row_read(statement, row_out);
    statement_reset(statement);
    return is_found;
}

bool launch_row_find_token(struct db *db, const struct hash *token, struct launch_row *row_out)
{
    struct statement *statement = db_statement(db, STATEMENT_launch_find_token);

    statement_bind_blob(statement, 1, bytes_of(token->b, sizeof token->b));
    bool is_found = statement_step(statement);
    if (is_found) {
        row_out->id = statement_int(statement, 0);
        row_out->course = statement_int(statement, 1);
        row_out->expires_ms = statement_int(statement, 2);
        row_out->ended_ms = statement_int(statement, 3);
    }
    statement_reset(statement);
    return is_found;
}

enum status launch_row_sum(struct db *db, int64_t registration, launch_row_visit *visit, void *ctx)
{
    struct statement *statement = db_statement(db, STATEMENT_launch_sum);
    struct launch_row row;

    memset(&row, 0, sizeof row);
    statement_bind_int(statement, 1, registration);
    while (statement_step(statement)) {
        row.registration = registration;
        item_read(statement, 0, &row);
        row.id = statement_int(statement, 1);
        row.course = statement_int(statement, 2);
        row.attempt = (int)statement_int(statement, 3);
        row.created_ms = statement_int(statement, 4);
        row.completion = (int)statement_int(statement, 5);
        row.success = (int)statement_int(statement, 6);
        row.score = statement_int_or(statement, 7, EVENT_NO_SCORE);
        row.progress = statement_int(statement, 8);
        row.seconds = statement_int(statement, 9);
        row.completed_ms = statement_int(statement, 10);
        (void)statement_take_raw(statement, 11, row.token.b, sizeof row.token.b);
        visit(ctx, &row);
    }
    statement_reset(statement);
    return db_status(db);
}

int launch_row_attempt(struct db *db, int64_t registration, const char *item)
{
    struct statement *statement = db_statement(db, STATEMENT_launch_attempt);

    statement_bind_int(statement, 1, registration);
    statement_bind_string(statement, 2, item);
    int attempt = statement_step(statement) ? (int)statement_int(statement, 0) : 0;
    statement_reset(statement);
    return attempt;
}

/* The launch whose state is handed on, 0 when none has one; appends the state to `state_out` unless NULL. */
static int64_t state_find(struct db *db, const struct launch_row *row, struct buffer *state_out)
{
    struct statement *statement = db_statement(db, STATEMENT_launch_state);
    int64_t id = 0;

    statement_bind_int(statement, 1, row->registration);
    statement_bind_string(statement, 2, row->item);
    statement_bind_int(statement, 3, row->attempt);
    if (statement_step(statement)) {
        struct bytes state = statement_blob(statement, 0);
        id = statement_int(statement, 1);
        if (state_out) {
            buffer_append(state_out, state.data, state.size);
        }
    }
    statement_reset(statement);
    return id;
}

int64_t launch_row_state_holder(struct db *db, const struct launch_row *row)
{
    return state_find(db, row, NULL);
}

bool launch_row_state(struct db *db, int64_t registration, const char *item, int attempt, struct buffer *state_out)
{
    struct launch_row row = {.registration = registration, .attempt = attempt};

    CHECK(strlen(item) < sizeof row.item);
    strcpy(row.item, item);
    return state_find(db, &row, state_out) > 0;
}

/* What may change of a launch, in the order of both queries, from parameter `at` on. */
static void changeable_bind(struct statement *statement, int at, const struct launch_row *row)
{
    statement_bind_int(statement, at++, row->expires_ms);
    statement_bind_int(statement, at++, row->ended_ms);
    statement_bind_int(statement, at++, row->seq);
    statement_bind_int(statement, at++, row->completion);
    statement_bind_int(statement, at++, row->success);
    statement_bind_int_unless(statement, at++, row->score, EVENT_NO_SCORE);
    statement_bind_int(statement, at++, row->progress);
    statement_bind_int(statement, at++, row->seconds);
    statement_bind_int(statement, at++, row->completed_ms);
    statement_bind_int(statement, at++, row->session);
}

enum status launch_row_insert(struct db *db, struct launch_row *row)
{
    struct statement *statement = db_statement(db, STATEMENT_launch_insert);

    statement_bind_blob(statement, 1, bytes_of(row->token.b, sizeof row->token.b));
    statement_bind_int(statement, 2, row->registration);
    statement_bind_int(statement, 3, row->person);
    statement_bind_int(statement, 4, row->course);
    statement_bind_string(statement, 5, row->item);
    statement_bind_int(statement, 6, row->attempt);
    statement_bind_int(statement, 7, row->runtime);
    statement_bind_int(statement, 8, row->created_ms);
    changeable_bind(statement, 9, row);
    statement_bind_int(statement, 19, 1 + (int64_t)randombytes_uniform(LAUNCH_GAP_MAX));
    enum status status = statement_run(statement);
    row->id = db_last_id(db);
    return status;
}

enum status launch_row_update(struct db *db, const struct launch_row *row)
{
    struct statement *statement = db_statement(db, STATEMENT_launch_update);

    CHECK(row->id > 0);
    statement_bind_int(statement, 1, row->id);
    changeable_bind(statement, 2, row);
    return statement_run(statement);
}

enum status launch_row_put_state(struct db *db, const struct launch_row *row, struct bytes state)
{
    struct statement *statement = db_statement(db, STATEMENT_launch_put_state);

    statement_bind_int(statement, 1, row->id);
    statement_bind_text(statement, 2, state);
    if (statement_run(statement) != S_OK) {
        return db_status(db);
    }
    statement = db_statement(db, STATEMENT_launch_drop_state);
    statement_bind_int(statement, 1, row->registration);
    statement_bind_string(statement, 2, row->item);
    statement_bind_int(statement, 3, row->attempt);
    statement_bind_int(statement, 4, row->id);
    return statement_run(statement);
}

enum status launch_row_delete_of(struct db *db, int64_t person)
{
    struct statement *statement = db_statement(db, STATEMENT_launch_delete_of);

    statement_bind_int(statement, 1, person);
    return statement_run(statement);
}
