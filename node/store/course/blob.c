#include "node/store/course/blob.h"

#include <string.h>

#include "node/store/connection.h"

static bool take_hash(struct statement *statement, int column, struct hash *out)
{
    struct bytes value = statement_blob(statement, column);

    if (value.size != sizeof out->b) {
        return false;
    }
    memcpy(out->b, value.data, sizeof out->b);
    return true;
}

static struct bytes hash_bytes(const struct hash *hash)
{
    return bytes_of(hash->b, sizeof hash->b);
}

bool blob_row_find(struct db *db, const struct hash *hash, struct blob_row *row_out)
{
    struct statement *get = db_statement(db, STATEMENT_blob_get);
    bool is_found;

    statement_bind_blob(get, 1, hash_bytes(hash));
    is_found = statement_step(get);
    if (is_found) {
        row_out->id = statement_int(get, 0);
        row_out->hash = *hash;
        row_out->size = (uint64_t)statement_int(get, 1);
        row_out->is_whole = statement_int(get, 2) != 0;
    }
    statement_reset(get);
    return is_found;
}

bool blob_row_is_whole(struct db *db, const struct hash *hash)
{
    struct blob_row row;

    return blob_row_find(db, hash, &row) && row.is_whole;
}

bool blob_row_get(struct db *db, int64_t id, struct blob_row *row_out)
{
    struct statement *get = db_statement(db, STATEMENT_blob_get_by_id);
    bool is_found;

    statement_bind_int(get, 1, id);
    is_found = statement_step(get) && take_hash(get, 0, &row_out->hash);
    if (is_found) {
        row_out->id = id;
        row_out->size = (uint64_t)statement_int(get, 1);
        row_out->is_whole = statement_int(get, 2) != 0;
    }
    statement_reset(get);
    return is_found;
}

/* One step of a walk over the rows. */
static bool row_step(struct db *db, struct statement *next, int64_t after, struct blob_row *row_out)
{
    bool is_found;

    statement_bind_int(next, 1, after);
    is_found = statement_step(next) && take_hash(next, 1, &row_out->hash);
    if (is_found) {
        row_out->id = statement_int(next, 0);
        row_out->size = (uint64_t)statement_int(next, 2);
        row_out->is_whole = statement_int(next, 3) != 0;
    }
    if (is_found && row_out->id <= after) { /* a damaged tree leads back */
        db_fail(db, S_CORRUPT);
        is_found = false;
    }
    statement_reset(next);
    return is_found;
}

bool blob_row_next(struct db *db, int64_t after, struct blob_row *row_out)
{
    return row_step(db, db_statement(db, STATEMENT_blob_after), after, row_out);
}

bool blob_row_next_unfinished(struct db *db, int64_t after, struct blob_row *row_out)
{
    return row_step(db, db_statement(db, STATEMENT_blob_unfinished_after), after, row_out);
}

bool blob_row_next_complete(struct db *db, int64_t after, struct blob_row *row_out)
{
    return row_step(db, db_statement(db, STATEMENT_blob_complete_after), after, row_out);
}

enum status blob_row_insert(struct db *db, const struct hash *hash, uint64_t size, bool is_whole,
                            int64_t *id_out)
{
    struct statement *insert = db_statement(db, STATEMENT_blob_insert);
    enum status status;

    statement_bind_blob(insert, 1, hash_bytes(hash));
    statement_bind_int(insert, 2, (int64_t)size);
    statement_bind_int(insert, 3, is_whole);
    status = statement_run(insert);
    *id_out = status == S_OK ? db_last_id(db) : 0;
    return status;
}

enum status blob_row_set_whole(struct db *db, int64_t id, bool is_whole)
{
    struct statement *set = db_statement(db, is_whole ? STATEMENT_blob_set_whole : STATEMENT_blob_set_lost);

    statement_bind_int(set, 1, id);
    return statement_run(set);
}

enum status blob_row_delete(struct db *db, int64_t id)
{
    struct statement *delete = db_statement(db, STATEMENT_blob_delete);

    statement_bind_int(delete, 1, id);
    return statement_run(delete);
}

enum status blob_row_insert_chunks(struct db *db, int64_t id, const struct chunk *chunks, size_t count,
                                   bool is_held)
{
    uint64_t start = 0;
    enum status status = S_OK;

    for (size_t i = 0; i < count && status == S_OK; i++) {
        struct statement *insert = db_statement(db, STATEMENT_blob_chunk_insert);

        statement_bind_int(insert, 1, id);
        statement_bind_int(insert, 2, (int64_t)i);
        statement_bind_blob(insert, 3, hash_bytes(&chunks[i].hash));
        statement_bind_int(insert, 4, (int64_t)start);
        statement_bind_int(insert, 5, chunks[i].size);
        statement_bind_int(insert, 6, is_held);
        status = statement_run(insert);
        start += chunks[i].size;
    }
    return status;
}

enum status blob_row_set_chunk_held(struct db *db, int64_t id, int64_t number, bool is_held)
{
    struct statement *set = db_statement(db, STATEMENT_blob_chunk_set_held);

    statement_bind_int(set, 1, id);
    statement_bind_int(set, 2, number);
    statement_bind_int(set, 3, is_held);
    return statement_run(set);
}

enum status blob_row_set_all_held(struct db *db, int64_t id, bool is_held)
{
    struct statement *set = db_statement(db, STATEMENT_blob_chunk_set_all_held);

    statement_bind_int(set, 1, id);
    statement_bind_int(set, 2, is_held);
    return statement_run(set);
}

bool blob_row_lacks_chunk(struct db *db, int64_t id)
{
    struct statement *any = db_statement(db, STATEMENT_blob_chunk_any_missing);

    statement_bind_int(any, 1, id);
    return statement_has_row(any);
}

bool chunk_row_next(struct db *db, int64_t blob, int64_t after, struct chunk_row *row_out)
{
    struct statement *next = db_statement(db, STATEMENT_blob_chunk_next);
    bool is_found;

    statement_bind_int(next, 1, blob);
    statement_bind_int(next, 2, after);
    is_found = statement_step(next) && take_hash(next, 1, &row_out->hash);
    if (is_found) {
        row_out->blob = blob;
        row_out->number = statement_int(next, 0);
        row_out->start = (uint64_t)statement_int(next, 2);
        row_out->size = (uint32_t)statement_int(next, 3);
        row_out->is_held = statement_int(next, 4) != 0;
    }
    if (is_found && row_out->number <= after) { /* a damaged tree leads back */
        db_fail(db, S_CORRUPT);
        is_found = false;
    }
    statement_reset(next);
    return is_found;
}

bool chunk_row_find_missing(struct db *db, const struct hash *hash, struct chunk_row *row_out)
{
    struct statement *missing = db_statement(db, STATEMENT_blob_chunk_missing);
    bool is_found;

    statement_bind_blob(missing, 1, hash_bytes(hash));
    is_found = statement_step(missing);
    if (is_found) {
        row_out->blob = statement_int(missing, 0);
        row_out->number = statement_int(missing, 1);
        row_out->hash = *hash;
        row_out->start = (uint64_t)statement_int(missing, 2);
        row_out->size = (uint32_t)statement_int(missing, 3);
        row_out->is_held = false;
    }
    statement_reset(missing);
    return is_found;
}

bool chunk_row_find_held(struct db *db, const struct hash *hash, struct chunk_row *row_out,
                         struct blob_row *blob_out)
{
    struct statement *held = db_statement(db, STATEMENT_blob_chunk_held);
    bool is_found;

    statement_bind_blob(held, 1, hash_bytes(hash));
    is_found = statement_step(held) && take_hash(held, 4, &blob_out->hash);
    if (is_found) {
        row_out->blob = blob_out->id = statement_int(held, 0);
        row_out->number = statement_int(held, 1);
        row_out->hash = *hash;
        row_out->start = (uint64_t)statement_int(held, 2);
        row_out->size = (uint32_t)statement_int(held, 3);
        row_out->is_held = true;
        blob_out->size = (uint64_t)statement_int(held, 5);
        blob_out->is_whole = statement_int(held, 6) != 0;
    }
    statement_reset(held);
    return is_found;
}

enum status stray_row_insert(struct db *db, const struct hash *hash)
{
    struct statement *insert = db_statement(db, STATEMENT_blob_stray_insert);

    statement_bind_blob(insert, 1, hash_bytes(hash));
    return statement_run(insert);
}

enum status stray_row_delete(struct db *db, const struct hash *hash)
{
    struct statement *delete = db_statement(db, STATEMENT_blob_stray_delete);

    statement_bind_blob(delete, 1, hash_bytes(hash));
    return statement_run(delete);
}

bool stray_row_next(struct db *db, const struct hash *after, struct hash *hash_out)
{
    struct statement *next = db_statement(db, STATEMENT_blob_stray_next);

    statement_bind_blob(next, 1, after ? hash_bytes(after) : bytes_of(NULL, 0));
    bool is_found = statement_step(next) && take_hash(next, 0, hash_out);
    if (is_found && after && memcmp(hash_out->b, after->b, sizeof after->b) <= 0) {
        db_fail(db, S_CORRUPT);
        is_found = false;
    }
    statement_reset(next);
    return is_found;
}

void blob_row_totals(struct db *db, uint64_t *count_out, uint64_t *size_out)
{
    struct statement *totals = db_statement(db, STATEMENT_blob_totals);

    *count_out = *size_out = 0;
    if (statement_step(totals)) {
        *count_out = (uint64_t)statement_int(totals, 0);
        *size_out = (uint64_t)statement_int(totals, 1);
    }
    statement_reset(totals);
}

uint64_t blob_row_weight(struct db *db)
{
    struct statement *weight = db_statement(db, STATEMENT_blob_weight);
    uint64_t size = statement_step(weight) ? (uint64_t)statement_int(weight, 0) : 0;

    statement_reset(weight);
    return size;
}
