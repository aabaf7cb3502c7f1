#include "node/store/stream/head.h"

#include <string.h>

#include "node/store/engine.h"
#include "node/store/stream/cell.h"

bool head_row_read(struct db *db, struct statement *row, struct head_row *out)
{
    struct bytes id = statement_blob(row, 1), digest = statement_blob(row, 4),
                 signature = statement_blob(row, 6);
    struct stream_head *head = &out->certificate.head;

    memset(out, 0, sizeof *out);
    out->number = statement_int(row, 0);
    head->seq = (uint64_t)statement_int(row, 2);
    head->count = (uint64_t)statement_int(row, 3);
    head->stamp = (hlc)statement_int(row, 5);
    out->at_ms = (uint64_t)statement_int(row, 7);
    out->adopted = (uint64_t)statement_int(row, 8);
    bool is_good = id.size == STREAM_ID_SIZE && stream_id_decode(id.data, &head->stream) &&
                   cell_stream_is_valid(out->number) && head->seq <= SEQ_MAX && out->adopted <= SEQ_MAX;
    if (is_good && head->seq) {
        is_good = digest.size == sizeof head->digest.b && signature.size == SIGNATURE_SIZE &&
                  head->count > 0 && head->count <= head->seq;
    }
    if (!is_good) {
        db_fail(db, S_CORRUPT);
        return false;
    }
    out->is_beside = head->seq == 0 && head->count > 0 && digest.size == 0 && signature.size == 0;
    head->count = head->seq > 0 ? head->count : 0;
    if (head->seq) {
        memcpy(head->digest.b, digest.data, digest.size);
        memcpy(out->certificate.signature, signature.data, signature.size);
    }
    return true;
}

static bool row_query(struct db *db, enum statement_name name, struct bytes id, struct head_row *row_out)
{
    struct statement *get = db_statement(db, name);

    statement_bind_blob(get, 1, id);
    bool is_found = statement_step(get) && head_row_read(db, get, row_out);
    statement_reset(get);
    return is_found;
}

bool head_find(struct db *db, const struct stream_id *stream, struct head_row *row_out)
{
    uint8_t id[STREAM_ID_SIZE];

    stream_id_encode(stream, id);
    return row_query(db, STATEMENT_stream_get, bytes_of(id, sizeof id), row_out);
}

bool head_get(struct db *db, int64_t number, struct head_row *row_out)
{
    struct statement *get = db_statement(db, STATEMENT_stream_by_number);

    statement_bind_int(get, 1, number);
    bool is_found = statement_step(get) && head_row_read(db, get, row_out);
    statement_reset(get);
    return is_found;
}

bool head_after(struct db *db, struct bytes id, struct head_row *row_out)
{
    uint8_t found[STREAM_ID_SIZE];

    if (!row_query(db, STATEMENT_stream_after, id, row_out)) {
        return false;
    }
    stream_id_encode(&row_out->certificate.head.stream, found);
    if (bytes_compare(bytes_of(found, sizeof found), id) <= 0) { /* a rotten index leads back */
        db_fail(db, S_CORRUPT);
        return false;
    }
    return true;
}

/* The next one behind `stream` of its writer and topic; `get` has what else it asks for. */
static bool row_next(struct db *db, struct statement *get, const struct stream_id *stream, struct head_row *row_out)
{
    struct stream_id last = *stream;
    uint8_t id[STREAM_ID_SIZE], end[STREAM_ID_SIZE];

    memset(last.incarnation.b, 0xff, sizeof last.incarnation.b);
    stream_id_encode(stream, id);
    stream_id_encode(&last, end);
    statement_bind_blob(get, 1, bytes_of(id, sizeof id));
    statement_bind_blob(get, 2, bytes_of(end, sizeof end));
    bool is_found = statement_step(get) && head_row_read(db, get, row_out);
    statement_reset(get);
    if (is_found && stream_id_compare(&row_out->certificate.head.stream, stream) <= 0) { /* a rotten index leads back */
        db_fail(db, S_CORRUPT);
        return false;
    }
    return is_found;
}

bool head_said_after(struct db *db, const struct stream_id *stream, struct head_row *row_out)
{
    return row_next(db, db_statement(db, STATEMENT_stream_said_after), stream, row_out);
}

bool head_between_after(struct db *db, const struct stream_id *stream, hlc from, hlc to, struct head_row *row_out)
{
    struct statement *get = db_statement(db, STATEMENT_stream_between);

    statement_bind_int(get, 3, (int64_t)from);
    statement_bind_int(get, 4, (int64_t)to);
    return row_next(db, get, stream, row_out);
}

enum status head_make(struct db *db, const struct stream_id *stream, struct head_row *row_out)
{
    uint8_t id[STREAM_ID_SIZE];

    if (head_find(db, stream, row_out)) {
        return S_OK;
    }
    if (db_status(db) != S_OK) {
        return db_status(db);
    }
    stream_id_encode(stream, id);
    struct statement *add = db_statement(db, STATEMENT_stream_add);
    statement_bind_blob(add, 1, bytes_of(id, sizeof id));
    enum status status = statement_run(add);
    if (status == S_OK) {
        memset(row_out, 0, sizeof *row_out);
        row_out->number = db_last_id(db);
        row_out->certificate.head.stream = *stream;
        status = cell_stream_is_valid(row_out->number) ? S_OK : S_CORRUPT; /* a damaged row has a number beyond all others */
    }
    return status;
}

enum status head_put(struct db *db, int64_t number, const struct certificate *certificate,
                     const struct lthash *state)
{
    const struct stream_head *head = &certificate->head;
    struct statement *put = db_statement(db, STATEMENT_stream_put);
    uint8_t encoded[LTHASH_SIZE];

    statement_bind_int(put, 1, number);
    statement_bind_int(put, 2, (int64_t)head->seq);
    statement_bind_int(put, 3, (int64_t)head->count);
    statement_bind_blob(put, 4, bytes_of(head->digest.b, sizeof head->digest.b));
    statement_bind_int(put, 5, (int64_t)head->stamp);
    statement_bind_blob(put, 6, bytes_of(certificate->signature, sizeof certificate->signature));
    statement_bind_int(put, 7, (int64_t)engine_wall_ms());
    enum status status = statement_run(put);
    if (status != S_OK) {
        return status;
    }
    lthash_encode(state, encoded);
    put = db_statement(db, STATEMENT_stream_state_put);
    statement_bind_int(put, 1, number);
    statement_bind_blob(put, 2, bytes_of(encoded, sizeof encoded));
    return statement_run(put);
}

enum status head_state(struct db *db, const struct head_row *row, struct lthash *state_out)
{
    enum status status = S_OK;

    lthash_init(state_out);
    if (!row->certificate.head.seq) {
        return S_OK;
    }
    struct statement *get = db_statement(db, STATEMENT_stream_state_get);
    statement_bind_int(get, 1, row->number);
    bool is_found = statement_step(get);
    struct bytes state = is_found ? statement_blob(get, 0) : bytes_of(NULL, 0);
    if (state.size == LTHASH_SIZE) {
        lthash_decode(state_out, state.data);
    } else {
        status = db_status(db) == S_OK ? S_CORRUPT : db_status(db);
    }
    statement_reset(get);
    return status;
}
