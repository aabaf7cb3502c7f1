#include "node/store/stream/audit.h"

#include <string.h>

#include "node/store/connection.h"
#include "node/store/stream/cell.h"
#include "node/store/stream/head.h"
#include "replication/trust/roster_keys.h"

_Static_assert((int)AUDIT_UNPLACED == (int)CELL_STREAM_NONE, "one number for rows of no stream");

int64_t audit_next(struct db *db, int64_t after)
{
    if (after == AUDIT_END && cell_rows_any_unplaced(db)) {
        return AUDIT_UNPLACED;
    }
    after = after == AUDIT_END ? AUDIT_UNPLACED : after;
    struct statement *next = db_statement(db, STATEMENT_stream_number_after);
    int64_t number = 0;

    statement_bind_int(next, 1, after);
    if (statement_step(next)) {
        number = statement_int(next, 0);
    }
    statement_reset(next);
    int64_t with_cells = cell_rows_next(db, after);
    number = with_cells && (!number || with_cells < number) ? with_cells : number;
    if (number && number <= after) { /* a rotten tree leads back, for ever */
        db_fail(db, S_CORRUPT);
    }
    return number > after ? number : AUDIT_END;
}

/* S_OK, S_NOT_FOUND when nobody knows the writer; else its signature is wrong. */
static enum status signature_check(const struct audit_keys *keys, const struct certificate *certificate)
{
    enum status status = keys->roster ? roster_certificate_check(keys->roster, certificate, true) : S_NOT_FOUND;

    if (status != S_OK && keys->self && id_equal(&keys->self->node, &certificate->head.stream.node)) {
        enum status own = certificate_verify(certificate, &keys->federation, keys->self->sign_public);
        struct id first = identity_node(keys->self->sign_public);
        bool has_one_key = id_equal(&first, &keys->self->node); /* else, without a roster, it may be of a key before */
        return own == S_OK || keys->roster || has_one_key ? own : S_NOT_FOUND;
    }
    return status;
}

struct sum_walk {
    struct audit_stream *stream;
    struct hash key;
};

static enum status sum_visit(void *ctx, const struct cell *cell)
{
    struct sum_walk *walk = ctx;

    lthash_add(&walk->stream->sum, &walk->key, cell);
    walk->stream->count++;
    walk->stream->last_seq = cell->seq;
    return S_OK;
}

static unsigned certificate_faults(const struct audit_stream *stream, const struct audit_keys *keys)
{
    const struct stream_head *head = &stream->certificate.head;
    struct hash digest = lthash_digest(&stream->sum);
    unsigned faults = 0;

    if (stream->count != head->count || stream->last_seq != head->seq || !hash_equal(&digest, &head->digest)) {
        faults |= AUDIT_CELLS;
    }
    enum status status = signature_check(keys, &stream->certificate);
    if (status != S_OK && status != S_NOT_FOUND) {
        faults |= AUDIT_SIGNATURE;
    }
    if (status == S_NOT_FOUND && keys->roster) {
        faults |= AUDIT_WRITER;
    }
    return faults;
}

static void stream_look(struct db *db, int64_t number, const struct audit_keys *keys, struct audit_stream *out)
{
    struct head_row row;
    struct lthash stored;

    memset(out, 0, sizeof *out);
    out->number = number;
    if (number == AUDIT_UNPLACED) {
        out->faults = AUDIT_STRAY;
        return;
    }
    bool is_found = head_get(db, number, &row);
    if (db_status(db) != S_OK) {
        out->faults = AUDIT_HEAD;
        return;
    }
    if (is_found && row.is_beside) {
        return;
    }
    if (is_found) {
        out->certificate = row.certificate;
    }
    struct sum_walk walk = {.stream = out};
    if (is_found) {
        walk.key = lthash_key(&keys->federation, &out->certificate.head.stream);
    }
    if (cell_rows_walk(db, number, sum_visit, &walk) != S_OK) {
        out->faults |= AUDIT_ROWS;
        return;
    }
    if (!is_found || !row.certificate.head.seq) {
        out->faults |= out->count ? AUDIT_STRAY : 0;
        return;
    }
    out->faults |= certificate_faults(out, keys);
    bool has_state = head_state(db, &row, &stored) == S_OK;
    struct hash digest = lthash_digest(&stored);
    if (!has_state || !hash_equal(&digest, &row.certificate.head.digest)) {
        out->faults |= AUDIT_STATE;
    }
}

void audit_stream(struct db *db, int64_t number, const struct audit_keys *keys, struct audit_stream *out)
{
    stream_look(db, number, keys, out);
    db_settle(db);
}

enum status audit_pages(struct db *db, audit_page_visit *visit, void *ctx)
{
    /* An answer "ok" is no finding; the limit counts the rows of each check. */
    static const char *const checks[] = {
        "SELECT integrity_check FROM pragma_integrity_check(20) WHERE integrity_check <> 'ok'",
        "SELECT 'row ' || rowid || ' of ' || \"table\" || ' names a missing ' || parent FROM pragma_foreign_key_check LIMIT 20",
    };
    enum status status = S_OK;

    for (size_t i = 0; i < sizeof checks / sizeof *checks && status == S_OK; i++) {
        status = db_query_texts(db, checks[i], visit, ctx);
    }
    return status;
}

bool audit_quick(struct db *db)
{
    return db_query_is_ok(db, "PRAGMA quick_check(1)");
}

void audit_size(struct db *db, struct audit_size *out)
{
    int64_t page = db_query_int(db, "PRAGMA page_size");

    out->schema = db_query_int(db, "PRAGMA user_version");
    out->size = page * db_query_int(db, "PRAGMA page_count");
    out->free_size = page * db_query_int(db, "PRAGMA freelist_count");
}

static enum status number_drop(struct db *db, enum statement_name name, int64_t number)
{
    struct statement *drop = db_statement(db, name);

    statement_bind_int(drop, 1, number);
    return statement_run(drop);
}

enum status audit_drop(struct db *db, int64_t number)
{
    static const enum statement_name names[] = {STATEMENT_staging_drop, STATEMENT_stream_state_drop, STATEMENT_stream_drop};
    enum status status = cell_rows_drop(db, number);

    for (size_t i = 0; i < sizeof names / sizeof *names && status == S_OK; i++) {
        status = number_drop(db, names[i], number);
    }
    return status;
}

enum status audit_sift(struct db *db, int64_t number, size_t *dropped_out)
{
    return cell_rows_sift(db, number, dropped_out);
}

enum status audit_mend_state(struct db *db, const struct audit_stream *stream)
{
    struct hash digest = lthash_digest(&stream->sum);

    if (!hash_equal(&digest, &stream->certificate.head.digest)) {
        return S_BAD_DIGEST;
    }
    return head_put(db, stream->number, &stream->certificate, &stream->sum);
}

enum status audit_reindex(struct db *db)
{
    return db_execute(db, "REINDEX");
}
