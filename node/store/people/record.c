#include "node/store/people/record.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "node/store/connection.h"
#include "node/store/engine.h"
#include "replication/base/check.h"

static bool record_read(struct statement *statement, struct buffer *body, struct record *record_out)
{
    bool is_found = statement_step(statement) && statement_take_raw(statement, 1, record_out->uuid, RECORD_UUID_SIZE);

    if (is_found) {
        struct bytes text = statement_blob(statement, 3);
        record_out->id = statement_int(statement, 0);
        record_out->is_voided = statement_int(statement, 2) != 0;
        buffer_clear(body);
        buffer_append(body, text.data, text.size);
        record_out->body = buffer_bytes(body);
    }
    statement_reset(statement);
    return is_found;
}

bool record_find(struct db *db, const uint8_t uuid[RECORD_UUID_SIZE], struct buffer *body,
                 struct record *record_out)
{
    struct statement *statement = db_statement(db, STATEMENT_record_find);

    statement_bind_blob(statement, 1, bytes_of(uuid, RECORD_UUID_SIZE));
    return record_read(statement, body, record_out);
}

bool record_get(struct db *db, int64_t id, struct buffer *body, struct record *record_out)
{
    struct statement *statement = db_statement(db, STATEMENT_record_get);

    statement_bind_int(statement, 1, id);
    return record_read(statement, body, record_out);
}

int64_t record_count(struct db *db)
{
    struct statement *statement = db_statement(db, STATEMENT_record_count);
    int64_t count = statement_step(statement) ? statement_int(statement, 0) : 0;

    statement_reset(statement);
    return count;
}

struct statement *record_page_begin(struct db *db, int64_t above, int64_t below, bool is_ascending)
{
    struct statement *statement =
        db_statement(db, is_ascending ? STATEMENT_record_page_up : STATEMENT_record_page_down);

    statement_bind_int(statement, 1, above);
    statement_bind_int(statement, 2, below);
    return statement;
}

bool record_page_next(struct statement *statement, int64_t *id_out)
{
    if (!statement_step(statement)) {
        return false;
    }
    *id_out = statement_int(statement, 0);
    return true;
}

size_t record_references(struct db *db, const uint8_t target[RECORD_UUID_SIZE], int64_t after, size_t max,
                         struct record_reference *out)
{
    struct statement *statement = db_statement(db, STATEMENT_record_reference_list);
    size_t count = 0;

    statement_bind_blob(statement, 1, bytes_of(target, RECORD_UUID_SIZE));
    statement_bind_int(statement, 2, after);
    while (count < max && statement_step(statement)) {
        out[count].id = statement_int(statement, 0);
        out[count++].is_voiding = statement_int(statement, 1) != 0;
    }
    statement_reset(statement);
    return count;
}

bool record_attachment_find(struct db *db, struct bytes sha2, record_attachment_visit *visit, void *ctx)
{
    struct statement *statement = db_statement(db, STATEMENT_xapi_attachment_find);

    statement_bind_text(statement, 1, sha2);
    bool is_found = statement_step(statement);
    if (is_found) {
        visit(ctx, statement_blob(statement, 0), statement_blob(statement, 1));
    }
    statement_reset(statement);
    return is_found;
}

bool record_activity_find(struct db *db, uint64_t activity, int64_t *last_out, struct buffer *definition)
{
    struct statement *statement = db_statement(db, STATEMENT_xapi_activity_find);

    statement_bind_int(statement, 1, (int64_t)activity);
    bool is_found = statement_step(statement);
    if (is_found) {
        struct bytes body = statement_blob(statement, 1);
        *last_out = statement_int(statement, 0);
        if (definition) {
            buffer_append(definition, body.data, body.size);
        }
    }
    statement_reset(statement);
    return is_found;
}

void record_names(struct db *db, uint64_t agent, record_name_visit *visit, void *ctx)
{
    struct statement *statement = db_statement(db, STATEMENT_xapi_name_list);

    statement_bind_int(statement, 1, (int64_t)agent);
    while (statement_step(statement)) {
        visit(ctx, statement_blob(statement, 0));
    }
    statement_reset(statement);
}

bool record_place_get(struct db *db, struct record_place *place_out)
{
    return property_get(db, "lrs", place_out, sizeof *place_out);
}

/* --- writing --- */

enum status record_place_make(struct db *db, const char *home)
{
    struct record_place place;

    if (record_place_get(db, &place)) {
        return S_OK;
    }
    memset(&place, 0, sizeof place);
    randombytes_buf(place.key, sizeof place.key);
    snprintf(place.home, sizeof place.home, "%s", home);
    return property_put(db, "lrs", bytes_of(&place, sizeof place));
}

int64_t record_id_free(struct db *db, int64_t now_ms)
{
    for (int64_t ms = now_ms;; ms++) {
        struct statement *statement = db_statement(db, STATEMENT_record_last_below);
        int64_t first = ms << RECORD_TIME_SHIFT, behind = (ms + 1) << RECORD_TIME_SHIFT;
        statement_bind_int(statement, 1, behind);
        int64_t last = statement_step(statement) ? statement_int(statement, 0) : 0;
        statement_reset(statement);
        if (last < first) {
            return first;
        }
        if (last + 1 < behind) {
            return last + 1;
        }
    }
}

enum status record_insert(struct db *db, const struct record *record, bool *is_new_out)
{
    struct statement *statement = db_statement(db, STATEMENT_record_insert);

    statement_bind_int(statement, 1, record->id);
    statement_bind_blob(statement, 2, bytes_of(record->uuid, RECORD_UUID_SIZE));
    statement_bind_int(statement, 3, record->is_voided);
    statement_bind_blob(statement, 4, record->body);
    enum status status = statement_run(statement);
    *is_new_out = status == S_OK && db_changes(db) > 0;
    return status;
}

enum status record_void(struct db *db, int64_t id)
{
    struct statement *statement = db_statement(db, STATEMENT_record_void);

    statement_bind_int(statement, 1, id);
    return statement_run(statement);
}

/* The data of attachments that only `id` used. */
static void attachments_delete(struct db *db, int64_t id)
{
    struct statement *list = db_statement(db, STATEMENT_xapi_attachment_use_list);
    struct buffer names;
    size_t at = 0;

    buffer_init(&names);
    statement_bind_int(list, 1, id);
    while (statement_step(list)) {
        struct bytes sha2 = statement_blob(list, 0);
        buffer_append(&names, sha2.data, sha2.size);
        buffer_append_u8(&names, 0);
    }
    statement_reset(list);
    list = db_statement(db, STATEMENT_xapi_attachment_use_delete);
    statement_bind_int(list, 1, id);
    statement_run(list);
    while (at < names.size) {
        const char *sha2 = (const char *)names.data + at;
        struct statement *drop = db_statement(db, STATEMENT_xapi_attachment_delete_unused);
        statement_bind_string(drop, 1, sha2);
        statement_run(drop);
        at += strlen(sha2) + 1;
    }
    buffer_release(&names);
}

enum status record_delete(struct db *db, int64_t id)
{
    db_set_erasing(db, true);
    attachments_delete(db, id);
    struct statement *statement = db_statement(db, STATEMENT_record_delete);
    statement_bind_int(statement, 1, id);
    return statement_run(statement);
}

enum status record_reference_put(struct db *db, const uint8_t target[RECORD_UUID_SIZE], int64_t id,
                                 bool is_voiding)
{
    struct statement *statement = db_statement(db, STATEMENT_record_reference_insert);

    statement_bind_blob(statement, 1, bytes_of(target, RECORD_UUID_SIZE));
    statement_bind_int(statement, 2, id);
    statement_bind_int(statement, 3, is_voiding);
    return statement_run(statement);
}

enum status record_reference_drop(struct db *db, const uint8_t target[RECORD_UUID_SIZE], int64_t id)
{
    struct statement *statement = db_statement(db, STATEMENT_record_reference_delete);

    statement_bind_blob(statement, 1, bytes_of(target, RECORD_UUID_SIZE));
    statement_bind_int(statement, 2, id);
    return statement_run(statement);
}

enum status record_attachment_put(struct db *db, struct bytes sha2, struct bytes media_type,
                                  struct bytes body)
{
    struct statement *statement = db_statement(db, STATEMENT_xapi_attachment_insert);

    statement_bind_text(statement, 1, sha2);
    statement_bind_text(statement, 2, media_type);
    statement_bind_blob(statement, 3, body);
    return statement_run(statement);
}

enum status record_attachment_use(struct db *db, int64_t id, struct bytes sha2)
{
    struct statement *statement = db_statement(db, STATEMENT_xapi_attachment_use_insert);

    statement_bind_int(statement, 1, id);
    statement_bind_text(statement, 2, sha2);
    return statement_run(statement);
}

enum status record_activity_put(struct db *db, uint64_t activity, int64_t last, struct bytes definition)
{
    struct statement *statement = db_statement(db, STATEMENT_xapi_activity_put);

    statement_bind_int(statement, 1, (int64_t)activity);
    statement_bind_int(statement, 2, last);
    statement_bind_blob(statement, 3, definition);
    return statement_run(statement);
}

enum status record_name_put(struct db *db, uint64_t agent, struct bytes name)
{
    struct statement *statement = db_statement(db, STATEMENT_xapi_name_insert);

    statement_bind_int(statement, 1, (int64_t)agent);
    statement_bind_text(statement, 2, name);
    return statement_run(statement);
}

enum status record_names_drop(struct db *db, uint64_t agent)
{
    struct statement *statement = db_statement(db, STATEMENT_xapi_name_delete);

    db_set_erasing(db, true);
    statement_bind_int(statement, 1, (int64_t)agent);
    return statement_run(statement);
}
