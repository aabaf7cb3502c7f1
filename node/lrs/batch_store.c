/* Storing: the writer thread's part of a batch. */
#include <string.h>
#include <strings.h>

#include "node/local_time.h"
#include "node/lrs/batch.h"
#include "node/lrs/chain.h"
#include "node/lrs/cmi5.h"
#include "node/lrs/compare.h"
#include "node/lrs/event.h"
#include "node/lrs/format.h"
#include "node/store/people/posting.h"
#include "node/store/people/record.h"
#include "replication/base/check.h"

enum { COMPARE_MEMORY_MAX = 64 * 1024 * 1024, DEFINITION_MAX = 64 * 1024 };

/* What a batch needs while it is stored. */
struct storing {
    struct batch *batch;
    struct db *db;
    int64_t now_ms;
    int64_t next_id, last_id;   /* free ids: next_id up to last_id */
    struct lrs_session session; /* as it is in the database now, changed by what is said */
    struct buffer session_texts;
    struct buffer entries; /* what these statements are found by */
    struct report *report;
};

/* --- ids and times --- */

static int64_t id_take(struct storing *storing)
{
    if (storing->next_id == 0 || storing->next_id > storing->last_id) {
        int64_t ms = storing->next_id ? (storing->last_id >> RECORD_TIME_SHIFT) + 1 : storing->now_ms;
        storing->next_id = record_id_free(storing->db, ms);
        storing->last_id = storing->next_id | ((1 << RECORD_TIME_SHIFT) - 1);
    }
    return storing->next_id++;
}

static void times_fill(struct batch *batch, const struct batch_item *item)
{
    char time[FORMAT_TIME_SIZE];

    format_time_write(item->record >> RECORD_TIME_SHIFT, time);
    memcpy(batch->bodies.data + item->stored_at, time, FORMAT_TIME_SIZE - 1);
    if (item->timestamp_at != SIZE_MAX) {
        memcpy(batch->bodies.data + item->timestamp_at, time, FORMAT_TIME_SIZE - 1);
    }
}

/* --- the same id again --- */

static enum status same_check(struct storing *storing, const struct batch_item *item)
{
    char text[LRS_UUID_TEXT_SIZE];
    struct record record;
    struct buffer body;
    struct arena arena;
    struct tree *stored;
    bool is_same = false;

    buffer_init(&body);
    arena_init(&arena, COMPARE_MEMORY_MAX);
    if (record_find(storing->db, item->id, &body, &record) &&
        tree_parse(record.body, &arena, &stored, NULL) == S_OK) {
        is_same = statements_are_same(stored, item->tree);
    }
    arena_release(&arena);
    buffer_release(&body);
    lrs_uuid_text(item->id, text);
    return is_same ? S_OK : report_set(storing->report, S_EXISTS, "another statement has the id %s", text);
}

/* --- what goes with a statement --- */

static enum status definition_put(struct storing *storing, const struct batch_note *note)
{
    struct buffer old, merged;
    struct arena arena;
    struct tree *tree;
    int64_t last = 0;
    enum status status = S_OK;

    if (record_activity_find(storing->db, note->key, &last, NULL) && last == note->hash) {
        return S_OK;
    }
    buffer_init(&old);
    buffer_init(&merged);
    arena_init(&arena, COMPARE_MEMORY_MAX);
    if (!record_activity_find(storing->db, note->key, &last, &old) ||
        tree_parse(buffer_bytes(&old), &arena, &tree, NULL) != S_OK) {
        tree = tree_new(&arena, TREE_OBJECT);
    }
    for (const struct tree *member = note->definition->first; member && tree; member = member->next) {
        struct tree *copy = tree_share(&arena, member);
        struct bytes name = arena_copy(&arena, member->key);
        if (copy && name.data) {
            tree_put(tree, (const char *)name.data, copy);
        }
    }
    if (tree) {
        tree_print(tree, &merged);
    }
    if (merged.size > 0 && merged.size <= DEFINITION_MAX) {
        status = record_activity_put(storing->db, note->key, note->hash, buffer_bytes(&merged));
    }
    arena_release(&arena);
    buffer_release(&merged);
    buffer_release(&old);
    return status;
}

static enum status notes_put(struct storing *storing, const struct batch_item *item)
{
    const struct batch *batch = storing->batch;
    struct batch_note note;
    enum status status = S_OK;

    for (size_t i = 0; i < item->note_count && status == S_OK; i++) {
        memcpy(&note, batch->notes.data + (item->note_at + i) * sizeof note, sizeof note);
        status = note.definition ? definition_put(storing, &note)
                                 : record_name_put(storing->db, note.key, note.name);
    }
    return status;
}

static enum status attachments_put(struct storing *storing, const struct batch_item *item,
                                   const struct tree *whole)
{
    const struct tree *attachments = tree_find(whole, "attachments");
    const struct multipart *parts = storing->batch->parts;
    enum status status = S_OK;

    for (const struct tree *one = attachments ? attachments->first : NULL; one && status == S_OK;
         one = one->next) {
        struct bytes sha2 = tree_text(one, "sha2");
        for (size_t i = 1; parts && i < parts->count && status == S_OK; i++) {
            const struct multipart_part *part = &parts->parts[i];
            if (part->hash.size != sha2.size ||
                strncasecmp((const char *)part->hash.data, (const char *)sha2.data, sha2.size) != 0) {
                continue;
            }
            status = record_attachment_put(storing->db, sha2, tree_text(one, "contentType"), part->body);
            status = status == S_OK ? record_attachment_use(storing->db, item->record, sha2) : status;
            break;
        }
    }
    return status;
}

static void terms_put(struct storing *storing, const struct batch_item *item)
{
    const uint8_t *terms = storing->batch->terms.data + item->term_at * sizeof(uint64_t);

    posting_entry(&storing->entries, item->record, 0, bytes_of(terms, item->term_count * sizeof(uint64_t)));
}

/* Where it leads, and who leads to it. */
static enum status links_put(struct storing *storing, const struct batch_item *item, bool is_referred_to)
{
    const struct lrs *lrs = storing->batch->lrs;
    enum status status = S_OK;

    if (item->is_reference) {
        status = record_reference_put(storing->db, item->target, item->record, item->is_voiding);
        status = status == S_OK ? chain_link(lrs, storing->db, item->target, item->record, &storing->entries)
                                : status;
        if (status == S_OK && item->is_voiding) {
            status = chain_void(storing->db, item->target);
        }
    }
    return status == S_OK && is_referred_to ? chain_referrers(lrs, storing->db, item->id, &storing->entries)
                                            : status;
}

static enum status observer_tell(struct storing *storing, const struct batch_item *item)
{
    const struct batch *batch = storing->batch;
    struct lrs_event event = {.session = batch->client->is_session ? &storing->session : NULL};
    uint8_t registration[LRS_UUID_SIZE];

    if (!batch->lrs->observe) {
        return S_OK;
    }
    memcpy(event.id, item->id, sizeof event.id);
    event.stored_ms = item->record >> RECORD_TIME_SHIFT;
    event.statement = bytes_of(batch->bodies.data + item->body_at, item->body_size);
    event_read(batch->lrs, item->tree, registration, &event);
    return batch->lrs->observe(batch->lrs->observe_ctx, storing->db, &event);
}

/* --- one statement --- */

static enum status session_check(struct storing *storing, const struct batch_item *item)
{
    if (!storing->batch->client->is_session) {
        return S_OK;
    }
    storing->session.volume += (int64_t)item->body_size;
    if (storing->session.volume > LRS_SESSION_VOLUME_MAX) {
        return report_set(storing->report, S_TOO_LARGE, "this session has stored too much");
    }
    if (storing->session.is_cmi5 && !item->is_whole) {
        return report_set(storing->report, S_DENIED, "this session may not say so: its id or its timestamp is missing");
    }
    return cmi5_check(storing->batch->lrs, &storing->session, item->tree, storing->now_ms, storing->report);
}

static enum status item_store(struct storing *storing, struct batch_item *item)
{
    struct batch *batch = storing->batch;
    struct record record = {0};

    item->record = id_take(storing);
    times_fill(batch, item);
    record.id = item->record;
    memcpy(record.uuid, item->id, sizeof record.uuid);
    bool is_referred_to = chain_has_referrers(storing->db, item->id);
    record.is_voided = is_referred_to && !item->is_voiding && chain_is_voided(storing->db, item->id);
    record.body = bytes_of(batch->bodies.data + item->body_at, item->body_size);
    enum status status = record_insert(storing->db, &record, &item->is_new);
    if (status != S_OK || !item->is_new) {
        return status == S_OK ? same_check(storing, item) : status;
    }
    terms_put(storing, item);
    status = session_check(storing, item);
    status = status == S_OK ? links_put(storing, item, is_referred_to) : status;
    status = status == S_OK ? notes_put(storing, item) : status;
    if (status == S_OK && batch->parts) {
        status = attachments_put(storing, item, item->tree);
        status = status == S_OK ? attachments_put(storing, item, tree_find(item->tree, "object")) : status;
    }
    return status == S_OK ? observer_tell(storing, item) : status;
}

enum status lrs_batch_store(struct batch *batch, struct db *db, int64_t now_ms, struct report *report)
{
    struct storing storing = {.batch = batch, .db = db, .now_ms = now_ms, .report = report};
    bool has_row = batch->client->is_session && batch->client->session.row;
    enum status status = S_OK;

    buffer_init(&storing.session_texts);
    buffer_init(&storing.entries);
    if (has_row &&
        !lrs_session_find(db, batch->client->session.row, &storing.session_texts, &storing.session)) {
        status = report_set(report, S_DENIED, "this session is gone");
    }
    for (size_t i = 0; i < batch->count && status == S_OK; i++) {
        status = item_store(&storing, &batch->items[i]);
    }
    status = status == S_OK ? posting_put(db, buffer_bytes(&storing.entries)) : status;
    if (status == S_OK && has_row) {
        status = lrs_session_keep(db, &storing.session);
    }
    buffer_release(&storing.entries);
    buffer_release(&storing.session_texts);
    return status == S_OK ? db_status(db) : status;
}

enum status lrs_statement_say(const struct lrs *lrs, struct db *db, const struct lrs_session *session,
                              struct bytes json, struct report *report)
{
    struct lrs_client client;
    struct batch batch;

    client_own(lrs, session && session->row ? session : NULL, &client);
    lrs_batch_open(&batch, lrs, &client, LRS_2_0);
    enum status status = lrs_batch_decode(&batch, json, NULL, NULL, report);
    if (status == S_OK) {
        status = lrs_batch_store(&batch, db, (int64_t)local_time_now(), report);
    }
    lrs_batch_close(&batch);
    client_release(&client);
    return status;
}
