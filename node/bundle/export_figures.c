/* What a bundle says before its content: streams, results among them sealed; receipts; what its maker holds and wants of courses. */
#include "node/bundle/export.h"

#include <string.h>

#include "node/bundle/recipients.h"
#include "node/store/stream/stream.h"
#include "replication/base/check.h"
#include "replication/wire/batch.h"

enum {
    SCAN_CELLS_MIN = 512,
    SCAN_CELLS_MAX = 32768,
    HELD_PER_MESSAGE = 256,
};

/* One frame of a stream, read from one snapshot, as replication/peer/push.c makes it. *done_out: it was the
 * last. */
static enum status stream_frame(struct export *export, struct db *db, struct selected_stream *selected,
                                bool *done_out)
{
    struct batch batch = {.stream = selected->stream, .after_seq = selected->after_seq};
    size_t size = export->cells_guess + export->cells_guess / 4, taken = 0;

    size = size < SCAN_CELLS_MIN ? SCAN_CELLS_MIN : size > SCAN_CELLS_MAX ? SCAN_CELLS_MAX : size;
    buffer_clear(&export->frame);
    arena_clear(&export->arena);
    struct cell *cells = arena_alloc(&export->arena, size * sizeof *cells);
    CHECK(cells);
    *done_out = true;
    if (!stream_find(db, &selected->stream, &batch.certificate)) {
        return db_status(db);
    }
    batch.cells = cells;
    batch.count = stream_cells_scan(db, &selected->stream, batch.after_seq, size, &export->arena, cells);
    batch.has_certificate = batch.count < size;
    if (db_status(db) != S_OK) {
        return db_status(db);
    }
    enum status status = batch_frame(&batch, &export->cells_guess, &export->frame, &taken);
    if (status == S_OK && taken > 0) {
        selected->after_seq = cells[taken - 1].seq;
        export->counts.cells += taken;
    }
    *done_out = batch.has_certificate && taken == batch.count;
    return status;
}

static enum status stream_emit(struct export *export, enum topic topic)
{
    struct bytes frame = buffer_bytes(&export->frame);

    if (topic != TOPIC_RESULTS) {
        return bundle_out_frame(&export->out, frame, export->report);
    }
    envelope_seal(&export->envelope, frame, &export->sealed);
    return bundle_out_part(&export->out, BUNDLE_SEALED, buffer_bytes(&export->sealed), export->report);
}

static enum status export_stream(struct export *export, struct selected_stream *selected)
{
    enum status status = S_OK;
    bool is_done = false;

    while (status == S_OK && !is_done) {
        struct db *db = store_read_begin(export->node->store);

        status = stream_frame(export, db, selected, &is_done);
        store_read_end(export->node->store, db);
        if (status == S_OK && export->frame.size > 0) {
            status = stream_emit(export, selected->stream.topic);
        }
    }
    export->counts.streams += status == S_OK;
    return status;
}

/* Results of people are for those entitled to them; whoever carries the stick reads the rest. */
static enum status seal_results(struct export *export, const struct buffer *list)
{
    const struct roster_node *nodes[ENVELOPE_RECIPIENTS_MAX];
    struct selected_stream selected;
    struct buffer note;
    uint32_t streams = 0;

    for (size_t at = 0; at < list->size; at += sizeof selected) {
        memcpy(&selected, list->data + at, sizeof selected);
        streams += selected.stream.topic == TOPIC_RESULTS;
    }
    if (streams == 0) {
        return S_OK;
    }
    size_t count =
        recipients_find(export->roster, &export->node->identity->node, &export->target, list, nodes);
    if (count == 0) { /* the target may hold them: that is why they were selected */
        return report_set(export->report, S_CORRUPT, "nobody is entitled to the results for \"%s\": run qanat verify", export->order->target);
    }
    buffer_init(&note);
    envelope_begin(&export->envelope);
    enum status status = envelope_note_encode(&export->envelope, nodes, count, streams, &note);
    status = status == S_OK ? bundle_out_part(&export->out, BUNDLE_KEYS, buffer_bytes(&note), export->report)
                            : report_set(export->report, status, "the key of \"%s\" cannot be sealed to",
                                         export->order->target);
    buffer_release(&note);
    return status;
}

/* The keys come behind the roster, by which a newcomer learns who made the file. Figures are in the first
 * volume alone; roster and catalogue in each, so that each can be read by itself. */
enum status export_streams(struct export *export)
{
    struct selected_stream selected;
    struct buffer list;
    bool is_sealed = false;

    buffer_init(&list);
    struct db *db = store_read_begin(export->node->store);
    enum status status = select_streams(db, export->roster, &export->target, export->order->is_whole, &list);
    store_read_end(export->node->store, db);
    for (size_t at = 0; at < list.size && status == S_OK; at += sizeof selected) {
        memcpy(&selected, list.data + at, sizeof selected);
        bool is_roster = selected.stream.topic == TOPIC_ROSTER;
        if (!is_roster && !is_sealed && export->volume == 1) {
            status = seal_results(export, &list);
            is_sealed = true;
        }
        if (status == S_OK &&
            (export->volume == 1 || is_roster || selected.stream.topic == TOPIC_CATALOGUE)) {
            uint64_t before = export->out.size;
            status = export_stream(export, &selected);
            export->repeated_size += is_roster || selected.stream.topic == TOPIC_CATALOGUE ? export->out.size - before : 0;
        }
    }
    buffer_release(&list);
    return status;
}

/* What this node holds and wants of courses, for the next bundle back. */
enum status export_inventory(struct export *export)
{
    struct buffer body;
    uint64_t before = export->out.size;

    buffer_init(&body);
    struct db *db = store_read_begin(export->node->store);
    enum status status = inventory_collect(db, export->roster, &body);
    store_read_end(export->node->store, db);
    for (size_t at = 0; at < body.size && body.size <= INVENTORY_SIZE_MAX && status == S_OK;
         at += FRAME_SIZE_MAX) {
        size_t size = body.size - at < FRAME_SIZE_MAX ? body.size - at : FRAME_SIZE_MAX;

        status =
            bundle_out_part(&export->out, BUNDLE_INVENTORY, bytes_of(body.data + at, size), export->report);
    }
    export->repeated_size += export->out.size - before;
    buffer_release(&body);
    return status;
}

/* --- receipts --- */

enum status export_receipts(struct export *export)
{
    struct message message = {.type = MESSAGE_HELD};
    struct buffer list;

    buffer_init(&list);
    struct db *db = store_read_begin(export->node->store);
    enum status status = select_receipts(db, export->roster, &export->node->identity->node, &export->target,
                                         export->order->created_ms, &list);
    store_read_end(export->node->store, db);
    size_t count = list.size / sizeof(struct held);
    for (size_t at = 0; at < count && status == S_OK; at += message.held.count) {
        message.held.held = (const struct held *)(const void *)list.data + at;
        message.held.count = count - at < HELD_PER_MESSAGE ? count - at : HELD_PER_MESSAGE;
        buffer_clear(&export->frame);
        status = message_encode(&message, &export->frame);
        if (status == S_OK) {
            status = bundle_out_frame(&export->out, buffer_bytes(&export->frame), export->report);
        }
    }
    export->counts.receipts = status == S_OK ? count : 0;
    buffer_release(&list);
    return status;
}
