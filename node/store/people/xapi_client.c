#include "node/store/people/xapi_client.h"

#include <stdio.h>
#include <string.h>

#include "node/store/connection.h"
#include "replication/base/check.h"

/* --- keys --- */

static void key_read(struct statement *statement, struct xapi_key *key)
{
    statement_take_text(statement, 0, key->key, sizeof key->key);
    statement_take_text(statement, 1, key->name, sizeof key->name);
    (void)statement_take_raw(statement, 2, key->secret, sizeof key->secret);
    key->rights = (unsigned)statement_int(statement, 3);
    key->made_ms = statement_int(statement, 4);
}

bool xapi_key_find(struct db *db, struct bytes key, struct xapi_key *key_out)
{
    struct statement *statement = db_statement(db, STATEMENT_xapi_key_find);

    statement_bind_text(statement, 1, key);
    bool is_found = statement_step(statement);
    if (is_found) {
        key_read(statement, key_out);
    }
    statement_reset(statement);
    return is_found;
}

size_t xapi_key_list(struct db *db, struct xapi_key *out, size_t max)
{
    struct statement *statement = db_statement(db, STATEMENT_xapi_key_list);
    size_t count = 0;

    while (statement_step(statement)) {
        if (count < max) {
            key_read(statement, &out[count]);
        }
        count++;
    }
    statement_reset(statement);
    return count;
}

enum status xapi_key_insert(struct db *db, const struct xapi_key *key, bool *is_new_out)
{
    struct statement *statement = db_statement(db, STATEMENT_xapi_key_insert);

    statement_bind_string(statement, 1, key->key);
    statement_bind_string(statement, 2, key->name);
    statement_bind_blob(statement, 3, bytes_of(key->secret, sizeof key->secret));
    statement_bind_int(statement, 4, key->rights);
    statement_bind_int(statement, 5, key->made_ms);
    enum status status = statement_run(statement);
    *is_new_out = status == S_OK && db_changes(db) > 0;
    return status;
}

enum status xapi_key_delete(struct db *db, struct bytes key, int64_t *count_out)
{
    struct statement *statement = db_statement(db, STATEMENT_xapi_key_delete);

    statement_bind_text(statement, 1, key);
    enum status status = statement_run(statement);
    *count_out = db_changes(db);
    return status;
}

/* --- sessions --- */

static struct bytes text_keep(struct buffer *texts, struct bytes text)
{
    size_t at = texts->size;

    buffer_append(texts, text.data, text.size);
    return bytes_of(texts->data + at, text.size);
}

static void session_texts_read(struct statement *statement, struct buffer *texts,
                               struct xapi_session *session)
{
    struct bytes person = statement_blob(statement, 4), activity = statement_blob(statement, 6),
                 details = statement_blob(statement, 13);

    buffer_clear(texts);
    buffer_reserve(texts, person.size + activity.size + details.size + 1);
    session->person = text_keep(texts, person);
    session->activity = text_keep(texts, activity);
    session->details = text_keep(texts, details);
}

bool xapi_session_get(struct db *db, int64_t row, struct buffer *texts, struct xapi_session *session_out)
{
    struct statement *statement = db_statement(db, STATEMENT_xapi_session_get);

    statement_bind_int(statement, 1, row);
    bool is_found = statement_step(statement);
    if (is_found) {
        session_out->row = statement_int(statement, 0);
        (void)statement_take_raw(statement, 1, session_out->uuid, sizeof session_out->uuid);
        (void)statement_take_raw(statement, 2, session_out->secret, sizeof session_out->secret);
        session_out->launch = statement_int(statement, 3);
        (void)statement_take_raw(statement, 5, session_out->registration, sizeof session_out->registration);
        session_out->said = (unsigned)statement_int(statement, 7);
        session_out->was_fetched = statement_int(statement, 8) != 0;
        session_out->initialized_ms = statement_int(statement, 9);
        session_out->last_ms = statement_int(statement, 10);
        session_out->expires_ms = statement_int(statement, 11);
        session_out->volume = statement_int(statement, 12);
        session_texts_read(statement, texts, session_out);
    }
    statement_reset(statement);
    return is_found;
}

static int64_t row_find(struct statement *statement)
{
    int64_t row = statement_step(statement) ? statement_int(statement, 0) : 0;

    statement_reset(statement);
    return row;
}

int64_t xapi_session_by_token(struct db *db, const uint8_t token[XAPI_HASH_SIZE])
{
    struct statement *statement = db_statement(db, STATEMENT_xapi_session_find_token);

    statement_bind_blob(statement, 1, bytes_of(token, XAPI_HASH_SIZE));
    return row_find(statement);
}

int64_t xapi_session_by_uuid(struct db *db, const uint8_t uuid[16])
{
    struct statement *statement = db_statement(db, STATEMENT_xapi_session_find_uuid);

    statement_bind_blob(statement, 1, bytes_of(uuid, 16));
    return row_find(statement);
}

int64_t xapi_session_newest(struct db *db, const uint8_t registration[16], struct bytes activity)
{
    struct statement *statement = db_statement(db, STATEMENT_xapi_session_newest);

    statement_bind_blob(statement, 1, bytes_of(registration, 16));
    statement_bind_text(statement, 2, activity);
    return row_find(statement);
}

int64_t xapi_session_living(struct db *db, const uint8_t registration[16], int64_t before, int64_t now_ms)
{
    struct statement *statement = db_statement(db, STATEMENT_xapi_session_living);

    statement_bind_blob(statement, 1, bytes_of(registration, 16));
    statement_bind_int(statement, 2, before);
    statement_bind_int(statement, 3, now_ms);
    return row_find(statement);
}

unsigned xapi_session_said(struct db *db, const struct xapi_session *session)
{
    struct statement *statement = db_statement(db, STATEMENT_xapi_session_said);
    unsigned said = 0;

    statement_bind_blob(statement, 1, bytes_of(session->registration, sizeof session->registration));
    statement_bind_text(statement, 2, session->activity);
    statement_bind_int(statement, 3, session->row);
    while (statement_step(statement)) {
        said |= (unsigned)statement_int(statement, 0);
    }
    statement_reset(statement);
    return said;
}

enum status xapi_session_insert(struct db *db, const struct xapi_session *session, int64_t *row_out)
{
    struct statement *statement = db_statement(db, STATEMENT_xapi_session_insert);

    statement_bind_blob(statement, 1, bytes_of(session->uuid, sizeof session->uuid));
    statement_bind_blob(statement, 2, bytes_of(session->token, sizeof session->token));
    statement_bind_blob(statement, 3, bytes_of(session->secret, sizeof session->secret));
    statement_bind_int(statement, 4, session->launch);
    statement_bind_text(statement, 5, session->person);
    statement_bind_blob(statement, 6, bytes_of(session->registration, sizeof session->registration));
    statement_bind_text(statement, 7, session->activity);
    statement_bind_int(statement, 8, session->said);
    statement_bind_int(statement, 9, session->was_fetched);
    statement_bind_int(statement, 10, session->initialized_ms);
    statement_bind_int(statement, 11, session->last_ms);
    statement_bind_int(statement, 12, session->expires_ms);
    statement_bind_blob(statement, 13, session->details);
    enum status status = statement_run(statement);
    *row_out = db_last_id(db);
    return status;
}

enum status xapi_session_update(struct db *db, const struct xapi_session *session)
{
    struct statement *statement = db_statement(db, STATEMENT_xapi_session_update);

    statement_bind_int(statement, 1, session->row);
    statement_bind_int(statement, 2, session->said);
    statement_bind_int(statement, 3, session->was_fetched);
    statement_bind_int(statement, 4, session->initialized_ms);
    statement_bind_int(statement, 5, session->last_ms);
    statement_bind_int(statement, 6, session->expires_ms);
    statement_bind_int(statement, 7, session->volume);
    statement_bind_blob(statement, 8, bytes_of(session->secret, sizeof session->secret));
    return statement_run(statement);
}

enum status xapi_session_delete_person(struct db *db, struct bytes person)
{
    db_set_erasing(db, true);
    struct statement *statement = db_statement(db, STATEMENT_xapi_session_delete_person);
    statement_bind_text(statement, 1, person);
    return statement_run(statement);
}
