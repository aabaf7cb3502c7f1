#include "node/store/stream/adopted.h"

#include <string.h>

#include "node/log.h"
#include "node/store/stream/audit.h"
#include "node/store/stream/cell.h"
#include "node/store/stream/head.h"
#include "node/store/stream/held.h"
#include "node/store/stream/own.h"
#include "node/store/stream/speakers.h"

/* What the pages of one stream say about an incarnation. */
static uint64_t pages_seq(struct db *db, int64_t number, const struct id *incarnation)
{
    struct cell_rows rows;
    struct buffer key;
    struct cell cell;
    uint64_t seq = 0;

    cell_rows_init(&rows, db, number, false);
    buffer_init(&key);
    for (unsigned page = 0; page < ADOPTION_PAGES_MAX; page++) {
        adoption_key(page, &key);
        if (cell_row_find(&rows, buffer_bytes(&key), &cell) != S_OK) {
            break;
        }
        uint64_t said = adoption_page_seq(cell.value, incarnation);
        seq = said > seq ? said : seq;
    }
    buffer_release(&key);
    cell_rows_release(&rows);
    return seq;
}

/* The row of a speaker, if it still stands and counts: of the writer and topic of `stream`, and not that itself. */
static bool speaker_get(struct db *db, int64_t number, const struct stream_id *stream, struct head_row *out)
{
    const struct stream_id *at = &out->certificate.head.stream;

    return head_get(db, number, out) && at->topic == stream->topic && id_equal(&at->node, &stream->node) &&
           !id_equal(&at->incarnation, &stream->incarnation) && !adoption_covers(out->certificate.head.seq, out->adopted);
}

/* What the writer's streams of the topic say that are not covered themselves. */
static uint64_t said_seq(struct db *db, const struct stream_id *stream)
{
    size_t count;
    const int64_t *speakers = speakers_find(db, stream, &count);
    struct head_row row;
    uint64_t seq = 0;

    for (size_t i = 0; i < count; i++) {
        uint64_t said = speaker_get(db, speakers[i], stream, &row) ? pages_seq(db, row.number, &stream->incarnation) : 0;
        seq = said > seq ? said : seq;
    }
    return seq;
}

bool adopted_may_speak(struct db *db, const struct stream_id *stream)
{
    size_t count, others = 0;
    const int64_t *speakers = speakers_find(db, stream, &count);
    struct head_row row;

    for (size_t i = 0; i < count; i++) {
        others += speaker_get(db, speakers[i], stream, &row);
    }
    return others < ADOPTED_SPEAKERS_MAX;
}

uint64_t adopted_seq(struct db *db, const struct stream_id *stream)
{
    struct head_row row;

    if (head_find(db, stream, &row) && row.certificate.head.seq > 0) {
        return row.adopted;
    }
    return said_seq(db, stream);
}

static enum status adopted_set(struct db *db, int64_t number, uint64_t seq)
{
    struct statement *adopt = db_statement(db, STATEMENT_stream_adopt);

    statement_bind_int(adopt, 1, number);
    statement_bind_int(adopt, 2, (int64_t)seq);
    return statement_run(adopt);
}

static enum status row_note(struct db *db, const struct head_row *row, uint64_t seq)
{
    const struct stream_head *head = &row->certificate.head;
    enum status status = S_OK;

    if (adoption_covers(head->seq, seq)) {
        status = held_drop(db, &head->stream);
        if (status == S_OK && !own_is_self(db, &head->stream.node)) {
            return audit_drop(db, row->number);
        }
    }
    if (status == S_OK && seq > row->adopted) {
        status = adopted_set(db, row->number, seq);
    }
    return status;
}

enum status adopted_note(struct db *db, const struct stream_id *by, const struct adoption *entry)
{
    struct stream_id stream = {by->node, entry->incarnation, by->topic};
    struct head_row row;

    if (id_equal(&by->incarnation, &entry->incarnation) || !head_find(db, &stream, &row)) {
        return db_status(db);
    }
    if (row.certificate.head.seq == 0) { /* batches without their certificate: they come again if they are needed */
        return audit_drop(db, row.number);
    }
    return row_note(db, &row, entry->to);
}

enum status adopted_renote(struct db *db, const struct stream_id *stream)
{
    struct head_row row;
    uint64_t seq = said_seq(db, stream);

    if (seq == 0 || !head_find(db, stream, &row)) {
        return db_status(db);
    }
    return row_note(db, &row, seq);
}

/* The living stream has no head before its first job ends. */
static uint64_t living_said(struct db *db, const struct stream_id *stream)
{
    struct stream_id living = {.node = stream->node, .topic = stream->topic};
    struct head_row row;

    if (!own_is_self(db, &stream->node) || !own_goes_on(db) || own_incarnation(db, &living.incarnation) != S_OK ||
        id_equal(&living.incarnation, &stream->incarnation) || !head_find(db, &living, &row)) {
        return 0;
    }
    return pages_seq(db, row.number, &stream->incarnation);
}

static enum status row_recount(struct db *db, const struct head_row *row)
{
    const struct stream_id *stream = &row->certificate.head.stream;
    uint64_t said = said_seq(db, stream), living = living_said(db, stream);

    said = living > said ? living : said;
    if (said >= row->adopted || db_status(db) != S_OK) {
        return db_status(db);
    }
    log_event(LOG_WARNING, "adoption_taken_back", "topic=%s from=%llu to=%llu", topic_name(stream->topic),
              (unsigned long long)row->adopted, (unsigned long long)said);
    return adopted_set(db, row->number, said);
}

enum status adopted_recount(struct db *db, const struct id *node, enum topic topic)
{
    struct stream_id at = {.node = *node, .topic = topic};
    struct head_row row;
    enum status status = S_OK;

    while (status == S_OK && head_said_after(db, &at, &row)) {
        at = row.certificate.head.stream;
        status = row_recount(db, &row);
    }
    return status == S_OK ? db_status(db) : status;
}

/* The number of the stream's row; 0: there is none. */
static int64_t kept_number(struct db *db, size_t at)
{
    struct statement *retained = db_statement(db, STATEMENT_stream_retained);

    statement_bind_int(retained, 1, (int64_t)at);
    int64_t number = statement_step(retained) ? statement_int(retained, 0) : 0;
    statement_reset(retained);
    return number;
}

bool adopted_kept(struct db *db, size_t at, struct stream_id *stream_out)
{
    struct head_row row;
    int64_t number = kept_number(db, at);
    bool is_found = number > 0 && head_get(db, number, &row);

    if (is_found) {
        *stream_out = row.certificate.head.stream;
    }
    return is_found;
}

enum status adopted_prune(struct db *db)
{
    enum status status = S_OK;

    for (int64_t number = kept_number(db, ADOPTED_KEPT_MAX); number > 0 && status == S_OK; number = kept_number(db, ADOPTED_KEPT_MAX)) {
        status = audit_drop(db, number);
    }
    return status == S_OK ? db_status(db) : status;
}
