/* Batches on their way in: staged byte for byte, then folded into the stream in one transaction when the
 * certificate has come. */
#include <stdlib.h>
#include <string.h>

#include "node/incident.h"
#include "node/log.h"
#include "node/store/connection.h"
#include "node/store/engine.h"
#include "node/store/stream/adopt.h"
#include "node/store/stream/adopt_draft.h"
#include "node/store/stream/adopted.h"
#include "node/store/stream/alarm.h"
#include "node/store/stream/cell.h"
#include "node/store/stream/head.h"
#include "node/store/stream/known.h"
#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "replication/base/check.h"
#include "replication/stream/apply.h"
#include "replication/wire/batch.h"
#include "replication/wire/frame.h"
#include "replication/wire/message.h"

enum { DECODED_SIZE_MAX = 65 * 1024 * 1024 }; /* one body of BODY_SIZE_MAX, its cells spelled out, and itself unpacked */

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

static enum status staging_drop(struct db *db, int64_t stream)
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
    struct frame frame;

    *body_out = statement_blob(row, 2);
    if (statement_int(row, 3) == 0) {
        return S_OK;
    }
    enum status status = frame_decode(*body_out, arena, &frame);
    if (status != S_OK || (int64_t)frame.body.size != statement_int(row, 3)) {
        return S_CORRUPT;
    }
    *body_out = frame.body;
    return S_OK;
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

/* One delta being folded. `said`: adoptions that its cells speak of. `draft`: the changes of a stream of this node that is
 * counted in another (adopt.h), NULL for any other stream. */
struct fold {
    struct db *db;
    struct head_row row;
    struct cell_rows rows;
    struct stream_apply apply;
    struct arena arena; /* of one body */
    struct adoption *said; /* owned */
    size_t said_count, said_capacity;
    struct adopt_draft *draft;
};

static void fold_hear(struct fold *fold, const struct cell *cell)
{
    struct adoption entries[ADOPTION_PAGE_MAX];
    unsigned page;
    size_t count;

    if (!adoption_key_parse(cell->key, &page) || adoption_decode(cell->value, entries, &count) != S_OK) {
        return;
    }
    if (fold->said_count + count > fold->said_capacity) {
        fold->said_capacity = 2 * fold->said_capacity + ADOPTION_PAGE_MAX;
        fold->said = reallocarray(fold->said, fold->said_capacity, sizeof *fold->said);
        CHECK(fold->said);
    }
    memcpy(fold->said + fold->said_count, entries, count * sizeof *entries);
    fold->said_count += count;
}

static enum status fold_put(void *ctx, const struct cell *cell, struct cell *old_out, bool *found_out)
{
    struct fold *fold = ctx;
    enum status status = cell_row_put(&fold->rows, cell, old_out, found_out);

    if (status == S_OK && fold->draft) {
        adopt_draft_add(fold->draft, cell->key, *found_out ? old_out->value : bytes_of(NULL, 0), cell->value);
    }
    return status;
}

static enum status fold_cells(struct fold *fold, const struct batch *batch)
{
    enum status status = S_OK;

    for (size_t i = 0; i < batch->count && status == S_OK; i++) {
        status = stream_apply_cell(&fold->apply, &batch->cells[i]);
        fold_hear(fold, &batch->cells[i]);
    }
    return status;
}

/* Folds the staged bodies, in their order; *seq_out is the last seq they cover. */
static enum status fold_staged(struct fold *fold, uint64_t *seq_out)
{
    uint64_t seq = fold->row.certificate.head.seq;
    enum status status = S_OK;
    bool has_more = true;

    while (has_more && status == S_OK) {
        struct statement *after = db_statement(fold->db, STATEMENT_staging_after);
        statement_bind_int(after, 1, fold->row.number);
        statement_bind_int(after, 2, (int64_t)seq);
        has_more = statement_step(after);
        if (has_more) {
            struct batch batch;
            struct bytes body;
            arena_clear(&fold->arena);
            status = (uint64_t)statement_int(after, 0) == seq ? S_OK : S_STALE;
            status = status == S_OK && (uint64_t)statement_int(after, 1) <= seq ? S_CORRUPT : status;
            seq = (uint64_t)statement_int(after, 1);
            if (status == S_OK) {
                status = body_unpack(after, &fold->arena, &body);
            }
            if (status == S_OK) {
                status = batch_decode(body, &fold->arena, &batch);
            }
            if (status == S_OK) {
                status = fold_cells(fold, &batch);
            }
        }
        statement_reset(after);
    }
    *seq_out = seq;
    return status == S_OK ? db_status(fold->db) : status;
}

static enum status fold_run(struct fold *fold, const struct batch *last)
{
    uint64_t seq;
    enum status status = fold_staged(fold, &seq);

    if (status == S_OK) {
        status = last->after_seq == seq ? fold_cells(fold, last) : S_STALE;
    }
    if (status == S_OK) {
        status = stream_apply_finish(&fold->apply, &last->certificate);
    }
    if (status == S_OK) {
        status = head_put(fold->db, fold->row.number, &last->certificate, &fold->apply.state);
    }
    return status == S_OK ? staging_drop(fold->db, fold->row.number) : status;
}

/* The cells of a stream that begins go behind all others, where pages fill up: many streams are staged at once and end in any order, and
 * rows put between those of others would leave pages half empty. */
static enum status fold_place(struct fold *fold)
{
    struct statement *statement = db_statement(fold->db, STATEMENT_stream_number_after);

    statement_bind_int(statement, 1, fold->row.number);
    bool is_last = !statement_step(statement);
    statement_reset(statement);
    if (is_last || fold->row.certificate.head.seq > 0) {
        return db_status(fold->db);
    }
    int64_t number = fold->row.number;
    statement = db_statement(fold->db, STATEMENT_stream_to_end);
    statement_bind_int(statement, 1, number);
    if (statement_step(statement)) {
        fold->row.number = statement_int(statement, 0);
    }
    statement_reset(statement);
    statement = db_statement(fold->db, STATEMENT_staging_move);
    statement_bind_int(statement, 1, number);
    statement_bind_int(statement, 2, fold->row.number);
    return statement_run(statement);
}

/* The difference is added if it can be: else the stream goes on being held further than it is counted. */
static enum status fold_difference(struct fold *fold, uint64_t from)
{
    const struct stream_head *head = &fold->apply.head;
    enum status status = adopt_difference(fold->db, fold->draft, &head->stream, from, head->seq);

    bool cannot = status == S_DENIED || status == S_INVALID || status == S_EXISTS || status == S_TOO_LARGE;
    return cannot ? S_OK : status;
}

/* Where sentences stood there may be holes now. */
static bool fold_takes_back(const struct fold *fold)
{
    for (size_t i = 0; i < fold->said_count; i++) {
        if (adoption_is_hole(&fold->said[i])) {
            return true;
        }
    }
    return false;
}

/* Adoptions: those that the stream speaks of now, and those that others spoke of before it came. */
static enum status fold_adoptions(struct fold *fold, const struct stream_id *stream)
{
    enum status status = S_OK;

    for (size_t i = 0; i < fold->said_count && status == S_OK; i++) {
        status = adopted_note(fold->db, stream, &fold->said[i]);
    }
    if (status == S_OK && fold->said_count > 0 && !own_is_self(fold->db, &stream->node) && !adopted_may_speak(fold->db, stream)) {
        status = S_DENIED;
    }
    if (status == S_OK) {
        status = adopted_renote(fold->db, stream);
    }
    if (status == S_OK && fold_takes_back(fold)) {
        status = adopted_recount(fold->db, &stream->node, stream->topic);
    }
    if (status == S_OK && own_is_self(fold->db, &stream->node)) {
        status = adopt_yield(fold->db, &stream->node, stream->topic);
        for (size_t i = 0; i < fold->said_count && status == S_OK; i++) {
            own_displaced(fold->db, &fold->said[i].incarnation);
        }
    }
    return status;
}

static enum status fold_begin_and_run(struct fold *fold, const struct id *federation, const struct batch *last)
{
    const struct certificate before = fold->row.certificate;
    const struct stream_head head = before.head;
    struct lthash state;
    enum status status = head_state(fold->db, &fold->row, &state);

    if (status != S_OK) {
        return status;
    }
    if (adoption_covers(last->certificate.head.seq, adopted_seq(fold->db, &head.stream))) {
        return S_STALE;
    }
    if (head.seq > 0 && fold->row.adopted == head.seq && own_is_self(fold->db, &head.stream.node)) {
        fold->draft = adopt_draft_new();
    }
    arena_init(&fold->arena, DECODED_SIZE_MAX);
    cell_rows_init(&fold->rows, fold->db, fold->row.number, head.seq == 0);
    stream_apply_begin(&fold->apply, federation, &head, &state, fold_put, fold);
    status = fold_run(fold, last);
    cell_rows_release(&fold->rows);
    arena_release(&fold->arena);
    if (status == S_OK && fold->draft) {
        status = fold_difference(fold, head.seq);
    }
    if (status == S_OK) {
        status = fold_adoptions(fold, &head.stream);
    }
    if (status == S_OK) {
        status = alarm_look(fold->db, &before, &last->certificate);
    }
    if (status == S_OK && head.stream.topic == TOPIC_RESULTS && own_is_self(fold->db, &head.stream.node)) {
        status = own_note_recovered(fold->db, hlc_wall_ms(last->certificate.head.stamp));
    }
    if (status == S_OK && head.stream.topic == TOPIC_RESULTS &&
        (own_is_self(fold->db, &head.stream.node) || known_follows(fold->db, &head.stream.node))) {
        status = known_recover(fold->db, &head.stream);
    }
    adopt_draft_free(fold->draft);
    free(fold->said);
    return status;
}

enum status stream_apply_body(struct db *db, const struct id *federation, const struct stream_id *stream,
                              struct bytes body)
{
    struct arena arena;
    struct batch last;
    struct fold fold = {.db = db};

    arena_init(&arena, DECODED_SIZE_MAX);
    enum status status = batch_decode(body, &arena, &last);
    if (status == S_OK && (!last.has_certificate || stream_id_compare(&last.stream, stream) != 0)) {
        status = S_INVALID;
    }
    if (status == S_OK) {
        status = head_make(db, stream, &fold.row);
    }
    if (status == S_OK) {
        status = fold_place(&fold);
    }
    if (status == S_OK) {
        status = fold_begin_and_run(&fold, federation, &last);
    }
    arena_release(&arena);
    return status;
}
