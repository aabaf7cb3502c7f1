#include "node/store/stream/delta.h"

#include <stdlib.h>
#include <string.h>

#include "node/store/connection.h"
#include "node/store/stream/adopt.h"
#include "node/store/stream/adopt_draft.h"
#include "node/store/stream/adopted.h"
#include "node/store/stream/alarm.h"
#include "node/store/stream/beside.h"
#include "node/store/stream/cell.h"
#include "node/store/stream/known.h"
#include "node/store/stream/own.h"
#include "node/store/stream/staging.h"
#include "node/store/stream/stream.h"
#include "replication/base/check.h"
#include "replication/stream/apply.h"
#include "replication/wire/batch.h"

enum {
    DECODED_SIZE_MAX = 65 * 1024 * 1024, /* one body of BODY_SIZE_MAX, its cells spelled out, and itself unpacked */
    SAID_MAX = 2 * ADOPTION_PAGE_MAX * ADOPTION_PAGES_MAX, /* every page there can be, each once more when it changed on its way */
};

/* `said`: adoptions that its cells speak of. `draft`: the changes of a stream of this node that is counted in another (adopt.h), NULL for any
 * other stream. */
struct delta {
    struct store *store;
    struct db *db; /* of the job that runs */
    struct id federation;
    struct stream_id stream;
    struct arena last_arena, arena; /* of the last body, and of the one that is folded in */
    struct batch last;
    enum status decoded; /* of the last body */

    bool has_begun;
    struct head_row row; /* as the stream was when this began */
    int64_t beside;      /* the number at which it is put together; 0: at the stream's own */
    bool is_copied;
    uint64_t copied_seq;
    struct cell_rows rows;
    struct stream_apply apply;
    uint64_t folded; /* cells */
    struct batch batch; /* that is being folded in, from `at` on */
    size_t at;
    uint64_t staged_seq; /* up to where the bodies that were begun go */
    bool is_at_last;

    struct adoption *said; /* owned */
    size_t said_count, said_capacity;
    struct adopt_draft *draft;
};

struct delta *delta_new(struct store *store, const struct id *federation, const struct stream_id *stream, struct bytes body)
{
    struct delta *delta = calloc(1, sizeof *delta);

    CHECK(delta);
    delta->store = store;
    delta->federation = *federation;
    delta->stream = *stream;
    arena_init(&delta->last_arena, DECODED_SIZE_MAX);
    arena_init(&delta->arena, DECODED_SIZE_MAX);
    cell_rows_init(&delta->rows, NULL, 0, false);
    delta->decoded = batch_decode(body, &delta->last_arena, &delta->last);
    if (delta->decoded == S_OK && (!delta->last.has_certificate || stream_id_compare(&delta->last.stream, stream) != 0)) {
        delta->decoded = S_INVALID;
    }
    return delta;
}

void delta_free(struct delta *delta)
{
    if (delta == NULL) {
        return;
    }
    if (delta->beside != 0) {
        beside_drop(delta->store, delta->beside);
    }
    cell_rows_release(&delta->rows);
    arena_release(&delta->arena);
    arena_release(&delta->last_arena);
    adopt_draft_free(delta->draft);
    free(delta->said);
    free(delta);
}

/* --- cells ------------------------------------------------------------------------------------------------------- */

static enum status adoptions_hear(struct delta *delta, const struct cell *cell)
{
    struct adoption entries[ADOPTION_PAGE_MAX];
    unsigned page;
    size_t count;

    if (!adoption_key_parse(cell->key, &page) || adoption_decode(cell->value, entries, &count) != S_OK) {
        return S_OK;
    }
    if (delta->said_count + count > SAID_MAX) {
        return S_TOO_LARGE;
    }
    if (delta->said_count + count > delta->said_capacity) {
        delta->said_capacity = 2 * delta->said_capacity + ADOPTION_PAGE_MAX;
        delta->said = reallocarray(delta->said, delta->said_capacity, sizeof *delta->said);
        CHECK(delta->said);
    }
    memcpy(delta->said + delta->said_count, entries, count * sizeof *entries);
    delta->said_count += count;
    return S_OK;
}

static enum status cell_put(void *ctx, const struct cell *cell, struct cell *old_out, bool *found_out)
{
    struct delta *delta = ctx;
    enum status status = cell_row_put(&delta->rows, cell, old_out, found_out);

    if (status == S_OK && delta->draft) {
        adopt_draft_add(delta->draft, cell->key, *found_out ? old_out->value : bytes_of(NULL, 0), cell->value);
    }
    return status;
}

static enum status cell_fold(struct delta *delta, const struct cell *cell)
{
    uint64_t certified = delta->last.certificate.head.count;
    enum status status = stream_apply_cell(&delta->apply, cell);

    if (status == S_OK && delta->apply.head.count > certified) {
        return S_BAD_DIGEST; /* no cell ever goes */
    }
    if (status == S_OK && ++delta->folded > DELTA_REPEATS_MAX * certified + DELTA_REPEATS_SPARE) {
        return S_TOO_LARGE;
    }
    return status == S_OK ? adoptions_hear(delta, cell) : status;
}

/* The next body: those that are staged, in their order, then the last one. */
static enum status body_begin(struct delta *delta)
{
    struct bytes body;

    arena_clear(&delta->arena);
    delta->at = 0;
    enum status status = staging_next(delta->db, delta->row.number, delta->staged_seq, &delta->arena, &body, &delta->staged_seq);
    if (status == S_OK) {
        return batch_decode(body, &delta->arena, &delta->batch);
    }
    if (status == S_NOT_FOUND) {
        delta->batch = delta->last;
        delta->is_at_last = true;
        return delta->last.after_seq == delta->staged_seq ? S_OK : S_STALE;
    }
    return status;
}

/* Folds in `max` cells, or those that are left; *is_end_out: none are left. */
static enum status cells_fold(struct delta *delta, uint64_t max, bool *is_end_out)
{
    enum status status = S_OK;

    *is_end_out = false;
    while (status == S_OK && max > 0 && !*is_end_out) {
        if (delta->at < delta->batch.count) {
            status = cell_fold(delta, &delta->batch.cells[delta->at++]);
            max--;
        } else if (delta->is_at_last) {
            *is_end_out = true;
        } else {
            status = body_begin(delta);
        }
    }
    return status == S_OK ? db_status(delta->db) : status;
}

/* --- the beginning ----------------------------------------------------------------------------------------------- */

static uint64_t count_max(enum topic topic)
{
    return topic == TOPIC_ROSTER ? DELTA_ROSTER_MAX : topic == TOPIC_CATALOGUE ? DELTA_CATALOGUE_MAX : DELTA_COUNT_MAX;
}

static enum status row_look(struct delta *delta)
{
    const struct certificate *last = &delta->last.certificate;
    enum status status = delta->decoded;

    if (status == S_OK) {
        status = head_make(delta->db, &delta->stream, &delta->row);
    }
    if (status == S_OK && last->head.count > count_max(delta->stream.topic)) {
        return S_TOO_LARGE;
    }
    return status;
}

/* The cells of a stream that begins go behind all others, where pages fill up: many streams are staged at once and end in any order, and
 * rows put between those of others would leave pages half empty. */
static enum status row_place(struct delta *delta)
{
    struct statement *statement = db_statement(delta->db, STATEMENT_stream_number_after);

    statement_bind_int(statement, 1, delta->row.number);
    bool is_last = !statement_step(statement);
    statement_reset(statement);
    if (is_last || delta->row.certificate.head.seq > 0) {
        return db_status(delta->db);
    }
    int64_t number = delta->row.number;
    statement = db_statement(delta->db, STATEMENT_stream_to_end);
    statement_bind_int(statement, 1, number);
    if (statement_step(statement)) {
        delta->row.number = statement_int(statement, 0);
    }
    statement_reset(statement);
    statement = db_statement(delta->db, STATEMENT_staging_move);
    statement_bind_int(statement, 1, number);
    statement_bind_int(statement, 2, delta->row.number);
    return statement_run(statement);
}

static enum status delta_begin(struct delta *delta, bool is_beside)
{
    const struct stream_head *head = &delta->row.certificate.head;
    struct lthash state;
    enum status status = row_look(delta);

    if (status == S_OK) {
        status = is_beside ? beside_make(delta->db, &delta->beside) : row_place(delta);
    }
    if (status == S_OK) {
        status = head_state(delta->db, &delta->row, &state);
    }
    if (status != S_OK) {
        return status;
    }
    if (adoption_covers(delta->last.certificate.head.seq, adopted_seq(delta->db, &head->stream))) {
        return S_STALE;
    }
    if (head->seq > 0 && delta->row.adopted == head->seq && own_is_self(delta->db, &head->stream.node)) {
        delta->draft = adopt_draft_new();
    }
    delta->staged_seq = head->seq;
    delta->is_copied = delta->beside == 0 || head->seq == 0;
    delta->rows.is_new = head->seq == 0;
    stream_apply_begin(&delta->apply, &delta->federation, head, &state, cell_put, delta);
    delta->has_begun = true;
    return S_OK;
}

/* How many cells are staged of a stream, or more than may be folded in at once: a body of a few bytes may hold 65,536. */
static uint64_t staged_count(struct db *db, const struct head_row *row)
{
    uint64_t cells = 0, seq = row->certificate.head.seq;
    enum status status = S_OK;
    struct bytes body;
    struct arena arena;

    arena_init(&arena, DECODED_SIZE_MAX);
    for (size_t i = 0; status == S_OK && cells <= DELTA_UNCOPIED_CELLS; i++) {
        arena_clear(&arena);
        status = staging_next(db, row->number, seq, &arena, &body, &seq);
        cells += status != S_OK ? 0 : i < DELTA_BODIES_AT_ONCE ? batch_body_count(body) : DELTA_UNCOPIED_CELLS;
    }
    arena_release(&arena);
    return cells;
}

bool delta_is_large(struct db *db, const struct stream_id *stream, struct bytes body)
{
    uint64_t cells = batch_body_count(body);
    struct head_row row;

    if (own_is_self(db, &stream->node)) {
        return false;
    }
    if (!head_find(db, stream, &row)) {
        return cells > DELTA_AT_ONCE_CELLS;
    }
    cells += staged_count(db, &row);
    return cells > (row.certificate.head.count > DELTA_COPY_WORTH * cells ? DELTA_UNCOPIED_CELLS : DELTA_AT_ONCE_CELLS);
}

/* --- the end ----------------------------------------------------------------------------------------------------- */

/* The difference is added if it can be: else the stream goes on being held further than it is counted. */
static enum status difference_add(struct delta *delta)
{
    const struct stream_head *head = &delta->apply.head;
    enum status status = adopt_difference(delta->db, delta->draft, &head->stream, delta->row.certificate.head.seq, head->seq);

    bool cannot = status == S_DENIED || status == S_INVALID || status == S_EXISTS || status == S_TOO_LARGE;
    return cannot ? S_OK : status;
}

/* Where sentences stood there may be holes now. */
static bool takes_back(const struct delta *delta)
{
    for (size_t i = 0; i < delta->said_count; i++) {
        if (adoption_is_hole(&delta->said[i])) {
            return true;
        }
    }
    return false;
}

/* Adoptions: those that the stream speaks of now, and those that others spoke of before it came. */
static enum status adoptions_settle(struct delta *delta)
{
    const struct stream_id *stream = &delta->row.certificate.head.stream;
    struct db *db = delta->db;
    enum status status = S_OK;

    for (size_t i = 0; i < delta->said_count && status == S_OK; i++) {
        status = adopted_note(db, stream, &delta->said[i]);
    }
    if (status == S_OK && delta->said_count > 0 && !own_is_self(db, &stream->node) && !adopted_may_speak(db, stream)) {
        status = S_DENIED;
    }
    if (status == S_OK) {
        status = adopted_renote(db, stream);
    }
    if (status == S_OK && takes_back(delta)) {
        status = adopted_recount(db, &stream->node, stream->topic);
    }
    if (status == S_OK && own_is_self(db, &stream->node)) {
        status = adopt_yield(db, &stream->node, stream->topic);
        for (size_t i = 0; i < delta->said_count && status == S_OK; i++) {
            own_displaced(db, &delta->said[i].incarnation);
        }
    }
    return status;
}

static enum status results_settle(struct delta *delta)
{
    const struct stream_id *stream = &delta->row.certificate.head.stream;
    bool is_own = own_is_self(delta->db, &stream->node);
    enum status status = S_OK;

    if (stream->topic != TOPIC_RESULTS) {
        return S_OK;
    }
    if (is_own) {
        status = own_note_recovered(delta->db, hlc_wall_ms(delta->last.certificate.head.stamp));
    }
    return status == S_OK && (is_own || known_follows(delta->db, &stream->node)) ? known_recover(delta->db, stream) : status;
}

/* The certificate fits: the stream is what it says. */
static enum status state_put(struct delta *delta)
{
    int64_t number = delta->beside != 0 ? delta->beside : delta->row.number;
    enum status status = stream_apply_finish(&delta->apply, &delta->last.certificate);

    if (status == S_OK) {
        status = staging_drop(delta->db, delta->row.number);
    }
    if (status == S_OK && delta->beside != 0) {
        status = beside_take_place(delta->db, &delta->row, delta->beside);
    }
    return status == S_OK ? head_put(delta->db, number, &delta->last.certificate, &delta->apply.state) : status;
}

static enum status delta_end(struct delta *delta)
{
    enum status status = state_put(delta);

    if (status == S_OK && delta->draft) {
        status = difference_add(delta);
    }
    if (status == S_OK) {
        status = adoptions_settle(delta);
    }
    if (status == S_OK) {
        status = alarm_look(delta->db, &delta->row.certificate, &delta->last.certificate);
    }
    return status == S_OK ? results_settle(delta) : status;
}

/* --- parts ------------------------------------------------------------------------------------------------------- */

/* Is the stream still what this began with, and its part of the database still there? */
static enum status stand_check(struct delta *delta)
{
    struct head_row now;
    const struct certificate *before = &delta->row.certificate;
    bool is_same = head_find(delta->db, &delta->stream, &now) && now.number == delta->row.number && now.certificate.head.seq == before->head.seq &&
                   memcmp(now.certificate.signature, before->signature, sizeof before->signature) == 0;

    if (is_same && (delta->beside == 0 || beside_is(delta->db, delta->beside))) {
        return S_OK;
    }
    return db_status(delta->db) == S_OK ? S_STALE : db_status(delta->db);
}

static enum status copy_part(struct delta *delta)
{
    uint64_t before = delta->copied_seq;
    enum status status = beside_copy(delta->db, delta->row.number, delta->beside, &delta->copied_seq);

    delta->is_copied = delta->copied_seq == before;
    return status;
}

static enum status part_run(struct delta *delta, struct db *db, bool is_beside, uint64_t max, bool *is_whole_out)
{
    enum status status = S_OK;

    delta->db = delta->rows.db = db;
    status = delta->has_begun ? stand_check(delta) : delta_begin(delta, is_beside);
    delta->rows.stream = delta->beside != 0 ? delta->beside : delta->row.number;
    if (status == S_OK && !delta->is_copied) {
        return copy_part(delta);
    }
    if (status == S_OK) {
        status = cells_fold(delta, max, is_whole_out);
    }
    return status == S_OK && *is_whole_out ? delta_end(delta) : status;
}

enum status delta_part(struct delta *delta, struct db *db, bool *is_whole_out)
{
    *is_whole_out = false;
    return part_run(delta, db, true, BESIDE_PART_CELLS, is_whole_out);
}

enum status stream_apply_body(struct db *db, const struct id *federation, const struct stream_id *stream, struct bytes body)
{
    struct delta *delta = delta_new(db_store(db), federation, stream, body);
    bool is_whole = false;
    enum status status = part_run(delta, db, false, UINT64_MAX, &is_whole);

    delta_free(delta);
    return status;
}
