#include "node/store/stream/seal.h"

bool seal_get(struct db *db, struct bytes period, struct buffer *out)
{
    struct statement *statement = db_statement(db, STATEMENT_seal_get);

    statement_bind_text(statement, 1, period);
    bool is_found = statement_step(statement);
    if (is_found) {
        struct bytes document = statement_blob(statement, 0);
        buffer_append(out, document.data, document.size);
    }
    statement_reset(statement);
    return is_found;
}

enum status seal_put(struct db *db, struct bytes period, struct bytes document)
{
    struct buffer before = {0};
    bool is_sealed = seal_get(db, period, &before);

    buffer_release(&before);
    if (is_sealed) {
        return S_EXISTS;
    }
    struct statement *statement = db_statement(db, STATEMENT_seal_put);
    statement_bind_text(statement, 1, period);
    statement_bind_text(statement, 2, document);
    return statement_run(statement);
}
