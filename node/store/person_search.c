#include "node/store/person_search.h"

size_t person_search(struct db *db, struct bytes query, size_t max, person_visit *visit, void *ctx)
{
    struct statement *statement = db_statement(db, STATEMENT_person_search);
    size_t count = 0;

    statement_bind_text(statement, 1, query);
    statement_bind_int(statement, 2, (int64_t)max);
    while (statement_step(statement)) {
        struct person person;
        person_read(statement, &person);
        count++;
        if (visit(ctx, &person) != S_OK) {
            break;
        }
    }
    statement_reset(statement);
    return count;
}

enum status person_search_put(struct db *db, int64_t row, struct bytes text)
{
    struct statement *statement;
    enum status status = person_search_delete(db, row);

    if (status != S_OK) {
        return status;
    }
    statement = db_statement(db, STATEMENT_person_search_put);
    statement_bind_int(statement, 1, row);
    statement_bind_text(statement, 2, text);
    return statement_run(statement);
}

enum status person_search_delete(struct db *db, int64_t row)
{
    struct statement *statement = db_statement(db, STATEMENT_person_search_delete);

    statement_bind_int(statement, 1, row);
    return statement_run(statement);
}

enum status person_search_squeeze(struct db *db)
{
    return statement_run(db_statement(db, STATEMENT_person_search_optimize));
}
