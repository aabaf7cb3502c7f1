/* Reading a bundle: verified whole, then frame by frame through the checks of a session. */
#include "node/bundle/import.h"
#include "node/bundle/inventory.h"

#include <stdlib.h>
#include <string.h>

#include "node/dir.h"
#include "node/incident.h"
#include "node/learn/course/course_choose.h"
#include "node/local_time.h"
#include "node/log.h"
#include "node/store/stream/held.h"
#include "node/store/stream/roster.h"
#include "replication/base/check.h"

void import_refuse(struct import *import, const char *problem)
{
    import_refuse_of(import, &import->in.head.from, problem);
}

void import_refuse_of(struct import *import, const struct id *node, const char *problem)
{
    import->imported->refused++;
    incident_add_of(INCIDENT_BUNDLE_PARTS, node, 1);
    snprintf(import->imported->problem, sizeof import->imported->problem, "%s", problem);
    log_event(LOG_WARNING, "bundle_refused", "from=\"%s\" text=\"%s\"", import->imported->from, problem);
}

bool import_is_fatal(enum status status)
{
    return status == S_NO_SPACE || status == S_IO || status == S_CORRUPT || status == S_NO_MEMORY ||
           status == S_BUSY || status == S_INTERNAL;
}

enum status import_roster(struct import *import)
{
    struct roster *roster;

    if (import->roster && (!import->is_roster_stale || import->is_roster_of_file)) {
        return S_OK;
    }
    struct db *db = store_read_begin(import->node->store);
    enum status status = roster_load(db, import->node->federation, &roster, import->report);
    store_read_end(import->node->store, db);
    if (status == S_OK) {
        roster_settle(roster);
        roster_free(import->roster);
        import->roster = roster;
        import->is_roster_stale = false;
    }
    return status;
}

/* --- receipts --- */

struct receipts {
    struct import *import;
    const struct held_message *message;
    uint64_t taken;
};

/* Believed as in a session (replication/peer/receipt.c): the holder itself, and nodes above us. */
static bool receipt_holds(const struct import *import, const struct held *held)
{
    const struct id *self = &import->node->identity->node, *from = &import->in.head.from;
    bool is_first_hand = id_equal(&held->holder, from);

    return (is_first_hand || roster_is_above(import->roster, from, self)) &&
           roster_find(import->roster, &held->holder) &&
           (id_equal(self, &held->stream.node) || roster_is_above(import->roster, self, &held->stream.node));
}

/* Does the bundle name what its maker holds of this writer, if it holds anything (select_receipts())? */
static bool is_listed(const struct import *import, const struct stream_id *stream)
{
    const struct id *self = &import->node->identity->node, *target = &import->in.head.target;

    return stream->topic != TOPIC_ROSTER && (id_equal(target, &stream->node) || roster_is_above(import->roster, target, &stream->node)) &&
           (id_equal(self, &stream->node) || roster_is_above(import->roster, self, &stream->node));
}

/* Writer thread. What the maker said earlier that it holds is forgotten: it may have lost it since (a backup was put back), and says in this file all that
 * it holds. Clocks inform and do not decide: what is forgotten in error is sent once more. */
static enum status receipts_forget(struct db *db, void *arg)
{
    const struct import *import = arg;
    const struct bundle_head *head = &import->in.head;
    uint64_t now_ms = local_time_now();
    struct held held, last;

    for (bool more = held_next(db, NULL, NULL, &held); more; more = held_next(db, &last.stream, &last.holder, &held)) {
        bool is_earlier = held.at_ms < head->created_ms || held.at_ms > now_ms || head->created_ms < BUNDLE_CLOCK_MIN_MS;

        last = held;
        if (is_earlier && id_equal(&held.holder, &head->from) && is_listed(import, &held.stream)) {
            (void)held_drop_one(db, &held.stream, &held.holder);
        }
    }
    return db_status(db);
}

/* The first volume alone names receipts. */
static enum status import_receipts_begin(struct import *import)
{
    if (import->in.trailer.counts.volume != 1) {
        return S_OK;
    }
    enum status status = import_roster(import);
    return status == S_OK ? store_write_wait(import->node->store, receipts_forget, import) : status;
}

/* Writer thread. */
static enum status receipts_run(struct db *db, void *arg)
{
    struct receipts *receipts = arg;
    enum status status = S_OK;

    receipts->taken = 0;
    for (size_t i = 0; i < receipts->message->count && status == S_OK; i++) {
        if (receipt_holds(receipts->import, &receipts->message->held[i])) {
            status = held_put(db, &receipts->message->held[i]);
            receipts->taken++;
        }
    }
    return status;
}

static enum status import_held(struct import *import, const struct held_message *message)
{
    struct receipts receipts = {import, message, 0};
    enum status status = import_roster(import);

    if (status == S_OK) {
        status = store_write_wait(import->node->store, receipts_run, &receipts);
    }
    if (status == S_OK) {
        import->imported->receipts += receipts.taken;
    } else if (!import_is_fatal(status)) {
        import_refuse(import, "receipts outside their limits");
        status = S_OK;
    }
    return status;
}

/* --- frames --- */

static enum status frame_take(struct import *import, struct bytes frame, uint64_t at)
{
    struct message message;

    arena_clear(&import->arena);
    if (message_decode(frame, &import->arena, &message) != S_OK) {
        import_refuse(import, "a frame that cannot be read");
        return S_OK;
    }
    if (message.type == MESSAGE_PIECES) {
        return import_pieces(import, &message.pieces);
    }
    enum status status = import_objects_store(import);
    if (status == S_OK && message.type == MESSAGE_BATCH) {
        status = import_batch(import, message.batch_body, at);
    } else if (status == S_OK && message.type == MESSAGE_HELD) {
        status = import_held(import, &message.held);
    } else if (status == S_OK) {
        import_refuse(import, "a message that has no place in a bundle");
    }
    return status;
}

/* Goes back to roster frames whose writers were not known, as long as that leads to more. What is then left
 * came from nobody. */
static enum status postponed_take(struct import *import)
{
    uint64_t back = bundle_in_tell(&import->in), at;
    struct buffer list;
    struct bytes frame;
    enum status status = S_OK;
    size_t before = SIZE_MAX;

    buffer_init(&list);
    while (status == S_OK && import->postponed.size > 0 && import->postponed.size < before) {
        before = import->postponed.size;
        buffer_clear(&list);
        buffer_append(&list, import->postponed.data, import->postponed.size);
        buffer_clear(&import->postponed);
        for (size_t i = 0; i < list.size && status == S_OK; i += sizeof at) {
            memcpy(&at, list.data + i, sizeof at);
            status = bundle_in_seek(&import->in, at, import->report);
            if (status == S_OK) {
                status = bundle_in_next(&import->in, &frame, &at, import->report);
            }
            if (status == S_OK) {
                status = frame_take(import, frame, at);
            }
        }
    }
    import->imported->skipped_streams += import->postponed.size / sizeof at;
    buffer_clear(&import->postponed);
    buffer_release(&list);
    return status == S_OK ? bundle_in_seek(&import->in, back, import->report) : status;
}

/* A change of keys that was admitted may wait here for long; others seal to the new ones from then on. */
static enum status next_opens(struct import *import, struct bytes note, uint32_t *streams_out)
{
    struct report ignored = {.status = S_OK};
    struct identity next;
    enum status status = dir_load_next_identity(import->node->dir, &next, &ignored);

    if (status == S_OK) {
        next.node = import->node->identity->node;
        status = envelope_note_open(&import->envelope, note, &next, streams_out);
        identity_clear(&next);
    }
    return status;
}

static enum status keys_take(struct import *import, struct bytes note)
{
    uint32_t streams;
    enum status status = envelope_note_open(&import->envelope, note, import->node->identity, &streams);

    if (status == S_INVALID && next_opens(import, note, &streams) == S_OK) {
        status = S_OK;
    }
    if (status == S_DENIED) {
        import->imported->skipped_streams += streams; /* sealed for others */
    } else if (status != S_OK) {
        import_refuse(import, "keys of sealed results that cannot be read");
    }
    return S_OK;
}

static enum status sealed_take(struct import *import, struct bytes sealed, uint64_t at)
{
    if (!import->envelope.is_open) {
        return S_OK; /* counted with the keys */
    }
    if (envelope_open(&import->envelope, sealed, &import->opened) != S_OK) {
        import_refuse(import, "sealed results that cannot be opened");
        return S_OK;
    }
    return frame_take(import, buffer_bytes(&import->opened), at);
}

static enum status inventory_run(struct db *db, void *arg)
{
    struct import *import = arg;
    const struct inventory_said said = {import->in.head.created_ms, local_time_now(), import->has_news, buffer_bytes(&import->inventory)};

    return inventory_put(db, &import->in.head.from, &said);
}

/* What the sender holds of courses came whole. */
static enum status inventory_take(struct import *import)
{
    struct inventory inventory;

    if (import->inventory.size == 0) {
        return S_OK;
    }
    if (inventory_decode(buffer_bytes(&import->inventory), &inventory) != S_OK) {
        import_refuse(import, "a list of courses that cannot be read");
        return S_OK;
    }
    inventory_release(&inventory);
    return store_write_wait(import->node->store, inventory_run, import);
}

static enum status part_take(struct import *import, struct bytes part, uint64_t at)
{
    switch (import->in.kind) {
    case BUNDLE_FRAME:
        return frame_take(import, part, at);
    case BUNDLE_SEALED:
        return sealed_take(import, part, at);
    case BUNDLE_KEYS:
        return keys_take(import, part);
    case BUNDLE_INVENTORY:
        if (import->inventory.size + part.size <= INVENTORY_SIZE_MAX) {
            buffer_append(&import->inventory, part.data, part.size);
        }
        return S_OK;
    }
    return S_OK; /* of a newer version */
}

static enum status frames_take(struct import *import)
{
    struct bytes frame;
    uint64_t at;
    enum status status = S_OK;

    while (status == S_OK) {
        status = bundle_in_next(&import->in, &frame, &at, import->report);
        if (status == S_OK) {
            status = part_take(import, frame, at);
        }
        if (status == S_OK && import->is_retry_due) { /* then this frame once more */
            import->is_retry_due = false;
            status = postponed_take(import);
            status = status == S_OK ? bundle_in_seek(&import->in, at, import->report) : status;
        }
    }
    if (status == S_NOT_FOUND) { /* the end */
        status = import_objects_store(import);
        status = status == S_OK ? inventory_take(import) : status;
    }
    return status == S_OK && import->postponed.size > 0 ? postponed_take(import) : status;
}

/* --- what the sender wants --- */

/* A node below without a link asks by its stick: what it wants and is not here is fetched for it, as for one that asks in a session. Writer thread. */
static enum status demands_run(struct db *db, void *arg)
{
    struct import *import = arg;
    struct inventory inventory;
    struct course_row row;
    struct buffer ids;

    if (inventory_decode(buffer_bytes(&import->inventory), &inventory) != S_OK) {
        return S_OK;
    }
    buffer_init(&ids);
    enum status status = course_row_list(db, &ids);
    bool is_asked = false;
    for (size_t at = 0; status == S_OK && course_row_next(db, &ids, &at, &row);) {
        const struct roster_node *publisher = roster_find(import->roster, &row.publisher);
        if (!row.is_withdrawn && !course_is_held(&row) && !inventory_holds(&inventory, &row.manifest) &&
            inventory_wishes(&inventory, &row, publisher ? publisher->name : "") && !course_is_overtaken(db, &row)) {
            status = course_object_demand(import->node->courses, db, &row.manifest);
            is_asked = true;
        }
    }
    if (is_asked) { /* the next stick says so, and this process ends */
        course_refresh_defer(import->node->courses, db);
    }
    buffer_release(&ids);
    inventory_release(&inventory);
    return status;
}

static enum status demands_take(struct import *import)
{
    enum status status = import->inventory.size > 0 ? import_roster(import) : S_OK;
    bool is_below = status == S_OK && import->inventory.size > 0 &&
                    roster_is_above(import->roster, &import->node->identity->node, &import->in.head.from);

    return is_below ? store_write_wait(import->node->store, demands_run, import) : status;
}

/* --- the whole --- */

/* Writer thread. Is there room by now for what waits for it? A node that does not run asks here alone. */
static enum status room_run(struct db *db, void *arg)
{
    struct import *import = arg;
    struct buffer ids;

    buffer_init(&ids);
    enum status status = course_row_list_in_state(db, COURSE_WAITING, &ids);
    if (status == S_OK && ids.size > 0) {
        status = course_refresh(import->node->courses, db);
    }
    buffer_release(&ids);
    return status;
}

/* What a person must know of what was not taken. */
static enum status verdict(const struct import *import)
{
    const struct bundle_imported *imported = import->imported;

    if (imported->refused > 0) {
        return report_set(import->report, S_PARTIAL, "%llu parts were refused: %s",
                          (unsigned long long)imported->refused, imported->problem);
    }
    if (imported->gaps > 0 && imported->is_for_us) { /* a courier is not meant to have them */
        return report_set(
            import->report, S_PARTIAL,
            "%llu streams go on from a state that is not here: import the bundles in their order; after a loss here take one back to \"%s\" first, or ask it "
            "for one with --whole",
            (unsigned long long)imported->gaps, imported->from);
    }
    return S_OK;
}

enum status bundle_import(const struct bundle_node *node, const char *path, struct bundle_imported *imported,
                          struct report *report)
{
    struct import *import = calloc(1, sizeof *import);

    CHECK(import);
    memset(imported, 0, sizeof *imported);
    import->node = node;
    import->imported = imported;
    import->report = report;
    import->intake = (struct intake){.federation = node->federation, .moved = course_stream_moved, .ctx = node->courses};
    key_news_init(&import->key_news);
    arena_init(&import->arena, MESSAGE_ARENA_SIZE);
    arena_init(&import->batch_arena, BATCH_ARENA_SIZE);
    enum status status = bundle_in_open(&import->in, path, report);
    if (status == S_OK) {
        status = import_sender(import);
        status = status == S_OK ? import_receipts_begin(import) : status;
        status = status == S_OK ? store_write_wait(node->store, room_run, import) : status;
        if (status == S_OK) {
            status = frames_take(import);
        }
        if (status == S_OK) {
            status = demands_take(import);
        }
        if (status == S_OK) {
            status = verdict(import);
        }
        bundle_in_close(&import->in);
    }
    key_news_release(&import->key_news);
    buffer_release(&import->postponed);
    buffer_release(&import->data);
    buffer_release(&import->opened);
    buffer_release(&import->inventory);
    envelope_clear(&import->envelope);
    arena_release(&import->batch_arena);
    arena_release(&import->arena);
    roster_free(import->roster);
    free(import);
    return status;
}
