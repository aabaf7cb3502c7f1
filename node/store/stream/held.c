#include "node/store/stream/held.h"

#include <string.h>

#include "node/store/connection.h"
#include "node/store/stream/adopted.h"
#include "node/store/stream/head.h"
#include "replication/base/limits.h"

uint64_t held_find_seq(struct db *db, const struct stream_id *stream, const struct id *holder)
{
    struct statement *get = db_statement(db, STATEMENT_held_get);
    uint8_t id[STREAM_ID_SIZE];

    stream_id_encode(stream, id);
    statement_bind_blob(get, 1, bytes_of(id, sizeof id));
    statement_bind_blob(get, 2, bytes_of(holder->b, sizeof holder->b));
    uint64_t seq = statement_step(get) ? (uint64_t)statement_int(get, 0) : 0;
    statement_reset(get);
    if (seq > SEQ_MAX) {
        db_fail(db, S_CORRUPT);
        seq = 0;
    }
    return seq;
}

uint64_t held_lacking(struct db *db, const struct stream_head *head, const struct id *holder)
{
    uint64_t seq = held_find_seq(db, &head->stream, holder), lacking = head->seq > seq ? head->seq - seq : 0;

    return lacking < head->count ? lacking : head->count;
}

enum status held_drop(struct db *db, const struct stream_id *stream)
{
    struct statement *drop = db_statement(db, STATEMENT_held_drop);
    uint8_t id[STREAM_ID_SIZE];

    stream_id_encode(stream, id);
    statement_bind_blob(drop, 1, bytes_of(id, sizeof id));
    return statement_run(drop);
}

enum status held_drop_one(struct db *db, const struct stream_id *stream, const struct id *holder)
{
    struct statement *drop = db_statement(db, STATEMENT_held_drop_one);
    uint8_t id[STREAM_ID_SIZE];

    stream_id_encode(stream, id);
    statement_bind_blob(drop, 1, bytes_of(id, sizeof id));
    statement_bind_blob(drop, 2, bytes_of(holder->b, sizeof holder->b));
    return statement_run(drop);
}

/* Does the holder speak of more streams of that writer than there can be, none of which is known here? */
static bool is_beyond_belief(struct db *db, const struct held *held)
{
    uint8_t first[STREAM_ID_SIZE], last[STREAM_ID_SIZE];
    struct stream_id stream = held->stream;
    struct head_row row;

    if (head_find(db, &held->stream, &row)) {
        return false;
    }
    struct statement *crowd = db_statement(db, STATEMENT_held_crowd);
    memset(stream.incarnation.b, 0, sizeof stream.incarnation.b);
    stream_id_encode(&stream, first);
    memset(stream.incarnation.b, 0xff, sizeof stream.incarnation.b);
    stream_id_encode(&stream, last);
    statement_bind_blob(crowd, 1, bytes_of(first, sizeof first));
    statement_bind_blob(crowd, 2, bytes_of(last, sizeof last));
    statement_bind_blob(crowd, 3, bytes_of(held->holder.b, sizeof held->holder.b));
    statement_bind_int(crowd, 4, HELD_UNKNOWN_MAX);
    bool is_crowded = statement_step(crowd) && statement_int(crowd, 0) >= HELD_UNKNOWN_MAX;
    statement_reset(crowd);
    return is_crowded && held_find_seq(db, &held->stream, &held->holder) == 0;
}

enum status held_put(struct db *db, const struct held *held)
{
    uint8_t stream[STREAM_ID_SIZE];

    if (held->seq > SEQ_MAX || held->at_ms > INT64_MAX) {
        return S_INVALID;
    }
    if (is_beyond_belief(db, held)) {
        return db_status(db);
    }
    if (adoption_covers(held->seq, adopted_seq(db, &held->stream))) {
        return db_status(db); /* what is counted in a later stream needs no receipt */
    }
    struct statement *put = db_statement(db, STATEMENT_held_put);
    stream_id_encode(&held->stream, stream);
    statement_bind_blob(put, 1, bytes_of(stream, sizeof stream));
    statement_bind_blob(put, 2, bytes_of(held->holder.b, sizeof held->holder.b));
    statement_bind_int(put, 3, (int64_t)held->seq);
    statement_bind_int(put, 4, (int64_t)held->at_ms);
    return statement_run(put);
}

/* Are the stream and holder of this row behind those that were asked for? A damaged tree may lead back, and round for
 * ever. */
static bool is_behind(struct bytes stream, const struct id *holder, struct statement *row)
{
    int order = bytes_compare(stream, statement_blob(row, 0));

    return order < 0 || (order == 0 && (!holder || memcmp(holder->b, statement_blob(row, 1).data, sizeof holder->b) < 0));
}

bool held_next(struct db *db, const struct stream_id *stream, const struct id *holder, struct held *held_out)
{
    struct statement *next = db_statement(db, STATEMENT_held_after);
    uint8_t id[STREAM_ID_SIZE];

    if (stream) {
        stream_id_encode(stream, id);
    }
    statement_bind_blob(next, 1, bytes_of(id, stream ? sizeof id : 0));
    statement_bind_blob(next, 2, holder ? bytes_of(holder->b, sizeof holder->b) : bytes_of(NULL, 0));
    bool is_found = statement_step(next);
    bool is_shaped = is_found && statement_blob(next, 0).size == STREAM_ID_SIZE &&
                     statement_blob(next, 1).size == sizeof held_out->holder.b &&
                     (uint64_t)statement_int(next, 2) <= SEQ_MAX &&
                     is_behind(bytes_of(id, stream ? sizeof id : 0), holder, next);
    if (is_found && !(is_shaped && stream_id_decode(statement_blob(next, 0).data, &held_out->stream))) {
        db_fail(db, S_CORRUPT);
        is_found = false;
    }
    if (is_found) {
        memcpy(held_out->holder.b, statement_blob(next, 1).data, sizeof held_out->holder.b);
        held_out->seq = (uint64_t)statement_int(next, 2);
        held_out->at_ms = (uint64_t)statement_int(next, 3);
    }
    statement_reset(next);
    return is_found;
}
