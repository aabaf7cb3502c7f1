#include "node/store/people/duplicate.h"

#include <stdio.h>

bool duplicate_find(struct db *db, struct bytes id, struct duplicate *duplicate_out)
{
    struct statement *statement = db_statement(db, STATEMENT_duplicate_find);

    statement_bind_text(statement, 1, id);
    bool is_found = statement_step(statement);
    if (is_found) {
        duplicate_out->row = statement_int(statement, 0);
        duplicate_out->gender = (int)statement_int(statement, 1);
        duplicate_out->role = (int)statement_int(statement, 2);
        duplicate_out->registered_ms = statement_int(statement, 3);
        duplicate_out->merged_into = statement_int(statement, 4);
        statement_take_text(statement, 5, duplicate_out->kept, sizeof duplicate_out->kept);
    }
    statement_reset(statement);
    return is_found;
}

size_t duplicate_list(struct db *db, int64_t kept, duplicate_visit *visit, void *ctx)
{
    struct statement *statement = db_statement(db, STATEMENT_duplicate_list);
    size_t count = 0;

    statement_bind_int(statement, 1, kept);
    while (statement_step(statement)) {
        visit(ctx, statement_int(statement, 0), statement_blob(statement, 1), statement_blob(statement, 2));
        count++;
    }
    statement_reset(statement);
    return count;
}

enum status duplicate_set(struct db *db, int64_t row, int64_t kept)
{
    struct statement *statement = db_statement(db, STATEMENT_duplicate_set);

    person_changed();
    statement_bind_int(statement, 1, row);
    statement_bind_int(statement, 2, kept);
    return statement_run(statement);
}
