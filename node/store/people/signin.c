#include "node/store/people/signin.h"

static struct bytes token_bytes(const struct hash *token)
{
    return bytes_of(token->b, sizeof token->b);
}

bool signin_row_find(struct db *db, const struct hash *token, signin_row_take *take, void *ctx)
{
    struct statement *statement = db_statement(db, STATEMENT_signin_find);

    statement_bind_blob(statement, 1, token_bytes(token));
    bool is_found = statement_step(statement);
    if (is_found) {
        struct signin_row row = {
            .token = *token,
            .person = statement_int(statement, 0),
            .id = statement_blob(statement, 1),
            .name = statement_blob(statement, 2),
            .role = (int)statement_int(statement, 3),
            .lang = statement_blob(statement, 4),
            .created_ms = statement_int(statement, 5),
            .expires_ms = statement_int(statement, 6),
            .is_kept = statement_int(statement, 7) != 0,
        };
        take(ctx, &row);
    }
    statement_reset(statement);
    return is_found;
}

enum status signin_row_insert(struct db *db, const struct signin_row *row)
{
    struct statement *statement = db_statement(db, STATEMENT_signin_insert);

    statement_bind_blob(statement, 1, token_bytes(&row->token));
    statement_bind_int(statement, 2, row->person);
    statement_bind_int(statement, 3, row->created_ms);
    statement_bind_int(statement, 4, row->expires_ms);
    statement_bind_int(statement, 5, row->is_kept);
    return statement_run(statement);
}

enum status signin_row_extend(struct db *db, const struct hash *token, int64_t expires_ms)
{
    struct statement *statement = db_statement(db, STATEMENT_signin_extend);

    statement_bind_blob(statement, 1, token_bytes(token));
    statement_bind_int(statement, 2, expires_ms);
    return statement_run(statement);
}

enum status signin_row_delete(struct db *db, const struct hash *token)
{
    struct statement *statement = db_statement(db, STATEMENT_signin_delete);

    statement_bind_blob(statement, 1, token_bytes(token));
    return statement_run(statement);
}

enum status signin_row_delete_of(struct db *db, int64_t person, const struct hash *except)
{
    struct statement *statement = db_statement(db, STATEMENT_signin_delete_of);

    statement_bind_int(statement, 1, person);
    statement_bind_blob(statement, 2, except ? token_bytes(except) : bytes_of("", 0));
    return statement_run(statement);
}

enum status signin_row_sweep(struct db *db, int64_t now_ms)
{
    struct statement *statement = db_statement(db, STATEMENT_signin_sweep);

    statement_bind_int(statement, 1, now_ms);
    return statement_run(statement);
}
