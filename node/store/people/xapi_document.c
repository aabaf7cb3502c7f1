#include "node/store/people/xapi_document.h"

#include <stdio.h>
#include <string.h>

#include "node/store/connection.h"

static void key_bind(struct statement *statement, const struct xapi_document_key *key)
{
    statement_bind_int(statement, 1, key->kind);
    statement_bind_text(statement, 2, key->agent);
    statement_bind_text(statement, 3, key->activity);
    statement_bind_blob(statement, 4, key->registration);
}

/* Moves a text into `texts`, which has room for it. */
static struct bytes text_keep(struct buffer *texts, struct bytes text)
{
    size_t at = texts->size;

    buffer_append(texts, text.data, text.size);
    return bytes_of(texts->data + at, text.size);
}

bool xapi_document_find(struct db *db, const struct xapi_document_key *key, struct buffer *texts,
                        struct xapi_document *document_out)
{
    struct statement *statement = db_statement(db, STATEMENT_xapi_document_find);

    key_bind(statement, key);
    statement_bind_text(statement, 5, key->name);
    bool is_found = statement_step(statement);
    if (is_found) {
        struct bytes media_type = statement_blob(statement, 1), body = statement_blob(statement, 4);
        document_out->row = statement_int(statement, 0);
        statement_take_text(statement, 2, document_out->etag, sizeof document_out->etag);
        document_out->updated_ms = statement_int(statement, 3);
        buffer_clear(texts);
        buffer_reserve(texts, media_type.size + body.size + 1);
        document_out->media_type = text_keep(texts, media_type);
        document_out->body = text_keep(texts, body);
    }
    statement_reset(statement);
    return is_found;
}

void xapi_document_list(struct db *db, const struct xapi_document_key *key, int64_t since_ms,
                        xapi_document_visit *visit, void *ctx)
{
    struct statement *statement = db_statement(db, STATEMENT_xapi_document_list);

    key_bind(statement, key);
    statement_bind_int(statement, 5, key->registration.size > 0);
    statement_bind_int(statement, 6, since_ms);
    while (statement_step(statement)) {
        visit(ctx, statement_int(statement, 0), statement_blob(statement, 1));
    }
    statement_reset(statement);
}

enum status xapi_document_put(struct db *db, const struct xapi_document_key *key,
                              const struct xapi_document *document)
{
    db_set_erasing(db, true);
    struct statement *statement = db_statement(db, STATEMENT_xapi_document_put);
    key_bind(statement, key);
    statement_bind_text(statement, 5, key->name);
    statement_bind_text(statement, 6, document->media_type);
    statement_bind_string(statement, 7, document->etag);
    statement_bind_int(statement, 8, document->updated_ms);
    statement_bind_blob(statement, 9, document->body);
    return statement_run(statement);
}

enum status xapi_document_delete(struct db *db, int64_t row)
{
    db_set_erasing(db, true);
    struct statement *statement = db_statement(db, STATEMENT_xapi_document_delete);
    statement_bind_int(statement, 1, row);
    return statement_run(statement);
}

enum status xapi_document_delete_agent(struct db *db, struct bytes agent)
{
    static const enum xapi_kind kinds[] = {XAPI_STATE, XAPI_AGENT_PROFILE};
    struct buffer rows;
    int64_t row;

    buffer_init(&rows);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct statement *list = db_statement(db, STATEMENT_xapi_document_list_agent);
        statement_bind_int(list, 1, kinds[i]);
        statement_bind_text(list, 2, agent);
        while (statement_step(list)) {
            row = statement_int(list, 0);
            buffer_append(&rows, &row, sizeof row);
        }
        statement_reset(list);
    }
    enum status status = db_status(db);
    for (size_t at = 0; at < rows.size && status == S_OK; at += sizeof row) {
        memcpy(&row, rows.data + at, sizeof row);
        status = xapi_document_delete(db, row);
    }
    buffer_release(&rows);
    return status;
}
