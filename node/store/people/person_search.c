#include "node/store/people/person_search.h"

#include "node/store/engine.h"

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

bool person_search_renewal(struct db *db, int64_t *after_out)
{
    uint8_t bytes[8];

    if (!property_get(db, "renew", bytes, sizeof bytes)) {
        return false;
    }
    *after_out = 0;
    for (unsigned i = 0; i < sizeof bytes; i++) {
        *after_out |= (int64_t)bytes[i] << (8 * i);
    }
    return true;
}

enum status person_search_renewal_set(struct db *db, int64_t after)
{
    uint8_t bytes[8];

    for (unsigned i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)((uint64_t)after >> (8 * i));
    }
    return property_put(db, "renew", bytes_of(bytes, sizeof bytes));
}

enum status person_search_renewal_end(struct db *db)
{
    struct statement *drop = db_statement(db, STATEMENT_property_drop);

    statement_bind_string(drop, 1, "renew");
    return statement_run(drop);
}

void person_rows_after(struct db *db, int64_t after, size_t max, struct buffer *rows)
{
    struct statement *statement = db_statement(db, STATEMENT_person_rows_after);

    statement_bind_int(statement, 1, after);
    statement_bind_int(statement, 2, (int64_t)max);
    while (statement_step(statement)) {
        int64_t row = statement_int(statement, 0);
        buffer_append(rows, &row, sizeof row);
    }
    statement_reset(statement);
}
