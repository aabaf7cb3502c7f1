/* Batches on their way in: staged byte for byte, until the certificate comes and they are folded in (delta.h). */
#include "node/incident.h"
#include "node/log.h"
#include "node/store/connection.h"
#include "node/store/engine.h"
#include "node/store/stream/head.h"
#include "node/store/stream/staging.h"
#include "node/store/stream/stream.h"
#include "replication/wire/frame.h"
#include "replication/wire/message.h"

static uint64_t staged_last(struct db *db, int64_t stream)
{
    struct statement *last = db_statement(db, STATEMENT_staging_last);
    uint64_t seq = 0;

    statement_bind_int(last, 1, stream);
    if (statement_step(last)) {
        seq = (uint64_t)statement_int(last, 0);
    }
    statement_reset(last);
    if (seq > SEQ_MAX) {
        db_fail(db, S_CORRUPT);
        seq = 0;
    }
    return seq;
}

uint64_t stream_staged_seq(struct db *db, const struct stream_id *stream)
{
    struct head_row row;

    return head_find(db, stream, &row) ? staged_last(db, row.number) : 0;
}

/* The seq above which the next batch must start. */
static uint64_t staged_or_stored(struct db *db, const struct head_row *row)
{
    uint64_t staged = staged_last(db, row->number);
    return staged ? staged : row->certificate.head.seq;
}

/* --- room: certificates may never come ---------------------------------------------------------------------------- */

enum status staging_drop(struct db *db, int64_t stream)
{
    struct statement *drop = db_statement(db, STATEMENT_staging_drop);

    statement_bind_int(drop, 1, stream);
    return statement_run(drop);
}

/* Drops what is staged of it, and its row when nothing else is known of it. */
static enum status staging_give_up(struct db *db, int64_t stream)
{
    struct head_row row;
    enum status status = staging_drop(db, stream);

    if (status == S_OK && head_get(db, stream, &row) && !row.certificate.head.seq) {
        struct statement *drop = db_statement(db, STATEMENT_stream_drop);
        statement_bind_int(drop, 1, stream);
        status = statement_run(drop);
    }
    return status;
}

static int64_t number_query(struct db *db, enum statement_name name)
{
    struct statement *statement = db_statement(db, name);
    int64_t number = statement_step(statement) ? statement_int(statement, 0) : 0;

    statement_reset(statement);
    return number;
}

/* Makes room for a batch of `size` bytes: what was staged first goes first, and with it `stream` itself. S_TOO_LARGE when that was it. */
static enum status staging_make_room(struct db *db, int64_t stream, size_t size)
{
    const struct store *store = db_store(db);
    uint64_t max = (uint64_t)(store && store->staged_mib ? store->staged_mib : STAGED_MIB) << 20;
    enum status status = S_OK;

    while (status == S_OK && (uint64_t)number_query(db, STATEMENT_staging_size) + size + STAGED_ROW_SIZE > max) {
        int64_t oldest = number_query(db, STATEMENT_staging_oldest);
        if (db_status(db) != S_OK) {
            return db_status(db);
        }
        incident_add(INCIDENT_STAGED, 1);
        log_event(LOG_WARNING, "staging_dropped", "limit_mib=%llu reason=\"cells without their certificate took too much room\"",
                  (unsigned long long)max >> 20);
        if (oldest == 0 || oldest == stream) {
            return S_TOO_LARGE;
        }
        status = staging_give_up(db, oldest);
    }
    return status;
}

/* A body that was a small frame on the wire is kept as one: else a peer would have a megabyte written for a few hundred bytes. */
static bool body_pack(struct bytes body, struct buffer *out)
{
    return body.size > FRAME_SIZE_MAX && frame_encode(MESSAGE_BATCH, body, out) == S_OK;
}

static enum status body_unpack(struct statement *row, struct arena *arena, struct bytes *body_out)
{
    struct bytes kept = statement_blob(row, 2);
    struct frame frame;

    if (statement_int(row, 3) == 0) {
        *body_out = arena_copy(arena, kept);
        return body_out->data ? S_OK : S_TOO_LARGE;
    }
    enum status status = frame_decode(kept, arena, &frame);
    if (status != S_OK || (int64_t)frame.body.size != statement_int(row, 3)) {
        return S_CORRUPT;
    }
    *body_out = frame.body;
    return S_OK;
}

enum status staging_next(struct db *db, int64_t stream, uint64_t after_seq, struct arena *arena, struct bytes *body_out, uint64_t *seq_out)
{
    struct statement *after = db_statement(db, STATEMENT_staging_after);
    enum status status = S_NOT_FOUND;

    statement_bind_int(after, 1, stream);
    statement_bind_int(after, 2, (int64_t)after_seq);
    if (statement_step(after)) {
        *seq_out = (uint64_t)statement_int(after, 1);
        status = (uint64_t)statement_int(after, 0) == after_seq ? S_OK : S_STALE;
        status = status == S_OK && *seq_out <= after_seq ? S_CORRUPT : status;
        status = status == S_OK ? body_unpack(after, arena, body_out) : status;
    }
    statement_reset(after);
    return status == S_NOT_FOUND && db_status(db) != S_OK ? db_status(db) : status;
}

static enum status body_add(struct db *db, const struct head_row *row, uint64_t after_seq, uint64_t seq, struct bytes body)
{
    struct buffer packed;

    buffer_init(&packed);
    bool is_packed = body_pack(body, &packed);
    struct bytes kept = is_packed ? buffer_bytes(&packed) : body;
    enum status status = staging_make_room(db, row->number, kept.size);
    if (status == S_OK) {
        struct statement *add = db_statement(db, STATEMENT_staging_add);
        statement_bind_int(add, 1, row->number);
        statement_bind_int(add, 2, (int64_t)after_seq);
        statement_bind_int(add, 3, (int64_t)seq);
        statement_bind_blob(add, 4, kept);
        statement_bind_int(add, 5, is_packed ? (int64_t)body.size : 0);
        status = statement_run(add);
    }
    buffer_release(&packed);
    return status;
}

enum status stream_stage(struct db *db, const struct stream_id *stream, uint64_t after_seq, uint64_t seq,
                         struct bytes body)
{
    struct head_row row;
    enum status status = head_make(db, stream, &row);

    if (status != S_OK) {
        return status;
    }
    if (seq <= after_seq || seq > SEQ_MAX) {
        return S_INVALID;
    }
    if (after_seq != staged_or_stored(db, &row)) {
        return S_STALE;
    }
    return body_add(db, &row, after_seq, seq, body);
}

enum status stream_unstage(struct db *db, const struct stream_id *stream)
{
    struct head_row row;

    return head_find(db, stream, &row) ? staging_give_up(db, row.number) : db_status(db);
}
