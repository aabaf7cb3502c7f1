/* Writing a bundle: figures first, in topic order, then receipts, then content as far as it fits. */
#include <stdlib.h>
#include <string.h>

#include "node/bundle/file.h"
#include "node/bundle/parcel.h"
#include "node/bundle/select.h"
#include "node/store/roster.h"
#include "node/store/stream.h"
#include "replication/base/check.h"
#include "replication/wire/batch.h"

enum {
    SCAN_CELLS_MIN = 512,
    SCAN_CELLS_MAX = 32768,
    SCAN_ARENA_MAX = 24 * 1024 * 1024,
    HELD_PER_MESSAGE = 256,
    SEEN_MIN = 1024,
};

/* The objects that are in the file already: the first half of each hash, open addressing, zero is empty. */
struct seen {
    struct id *slots;
    size_t count;
    size_t capacity; /* a power of two */
};

struct export
{
    const struct bundle_node *node;
    const struct bundle_order *order;
    struct bundle_exported *exported;
    struct report *report;
    struct roster *roster;
    struct id target;
    struct bundle_out out;
    struct arena arena;
    struct buffer frame;
    size_t cells_guess;
    struct parcel *parcel;
    struct seen seen;
    bool is_full;
    uint8_t object[MEMBER_WHOLE_MAX];
};

/* --- figures --- */

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
        export->exported->counts.cells += taken;
    }
    *done_out = batch.has_certificate && taken == batch.count;
    return status;
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
            status = bundle_out_frame(&export->out, buffer_bytes(&export->frame), export->report);
        }
    }
    export->exported->counts.streams += status == S_OK;
    return status;
}

static enum status export_streams(struct export *export)
{
    struct selected_stream selected;
    struct buffer list;

    buffer_init(&list);
    struct db *db = store_read_begin(export->node->store);
    enum status status = select_streams(db, export->roster, &export->target, export->order->is_whole, &list);
    store_read_end(export->node->store, db);
    for (size_t at = 0; at < list.size && status == S_OK; at += sizeof selected) {
        memcpy(&selected, list.data + at, sizeof selected);
        status = export_stream(export, &selected);
    }
    buffer_release(&list);
    return status;
}

/* --- receipts --- */

static enum status export_receipts(struct export *export)
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
    export->exported->counts.receipts = status == S_OK ? count : 0;
    buffer_release(&list);
    return status;
}

/* --- content --- */

/* The slot of `key`, or the empty one where it belongs. */
static struct id *seen_slot(const struct seen *seen, const struct id *key)
{
    static const struct id empty;
    uint64_t at;

    memcpy(&at, key->b, sizeof at);
    for (at &= seen->capacity - 1; !id_equal(&seen->slots[at], key) && !id_equal(&seen->slots[at], &empty);) {
        at = (at + 1) & (seen->capacity - 1);
    }
    return &seen->slots[at];
}

static void seen_grow(struct seen *seen)
{
    static const struct id empty;
    struct seen larger = {.capacity = seen->capacity ? 2 * seen->capacity : SEEN_MIN, .count = seen->count};

    larger.slots = calloc(larger.capacity, sizeof *larger.slots);
    CHECK(larger.slots);
    for (size_t i = 0; i < seen->capacity; i++) {
        if (!id_equal(&seen->slots[i], &empty)) {
            *seen_slot(&larger, &seen->slots[i]) = seen->slots[i];
        }
    }
    free(seen->slots);
    *seen = larger;
}

/* False when it was there already. */
static bool seen_add(struct seen *seen, const struct hash *object)
{
    struct id key;

    if (2 * seen->count >= seen->capacity) {
        seen_grow(seen);
    }
    memcpy(key.b, object->b, sizeof key.b);
    struct id *slot = seen_slot(seen, &key);
    if (id_equal(slot, &key)) {
        return false;
    }
    *slot = key;
    seen->count++;
    return true;
}

static enum status emit_pieces(void *ctx, struct bytes frame)
{
    struct export *export = ctx;

    return bundle_out_frame(&export->out, frame, export->report);
}

static bool object_fits(const struct export *export, uint64_t size)
{
    uint64_t most =
        export->out.size + parcel_pending_cost(export->parcel) + parcel_cost(size) + 4 + BUNDLE_TRAILER_SIZE;

    return export->order->size_max == 0 || most <= export->order->size_max;
}

static enum status export_object(struct export *export, const struct selected_object *selected)
{
    struct bundle_exported *exported = export->exported;

    if (!seen_add(&export->seen, &selected->object)) {
        return S_OK;
    }
    export->is_full = export->is_full || !object_fits(export, selected->size);
    if (export->is_full) {
        exported->counts.left_objects++;
        exported->counts.left_bytes += selected->size;
        return S_OK;
    }
    CHECK(selected->size <= sizeof export->object);
    struct db *db = store_read_begin(export->node->store);
    size_t got = blob_read(export->node->courses->blobs, db, &selected->object, 0, export->object,
                           (size_t)selected->size);
    store_read_end(export->node->store, db);
    struct bytes data = bytes_of(export->object, got);
    struct hash found = hash_of(bytes_of(NULL, 0), data);
    if (got != selected->size || !hash_equal(&found, &selected->object)) {
        char name[HASH_HEX_SIZE];

        hash_hex(&selected->object, name);
        return report_set(export->report, S_CORRUPT,
                          "the stored content %.16s is gone or damaged: run qanat course verify", name);
    }
    exported->counts.objects++;
    exported->object_bytes += got;
    return parcel_add(export->parcel, &selected->object, data);
}

static enum status export_course(struct export *export, int64_t course)
{
    struct selected_object selected;
    struct buffer list;

    buffer_init(&list);
    struct db *db = store_read_begin(export->node->store);
    enum status status = select_objects(db, course, &list);
    store_read_end(export->node->store, db);
    for (size_t at = 0; at < list.size && status == S_OK; at += sizeof selected) {
        memcpy(&selected, list.data + at, sizeof selected);
        status = export_object(export, &selected);
    }
    buffer_release(&list);
    return status;
}

static enum status export_objects(struct export *export)
{
    struct buffer ids;
    int64_t id;

    buffer_init(&ids);
    struct db *db = store_read_begin(export->node->store);
    enum status status = select_courses(db, &export->target, &ids);
    store_read_end(export->node->store, db);
    for (size_t at = 0; at < ids.size && status == S_OK; at += sizeof id) {
        memcpy(&id, ids.data + at, sizeof id);
        status = export_course(export, id);
    }
    buffer_release(&ids);
    return status == S_OK ? parcel_flush(export->parcel) : status;
}

/* --- the whole --- */

static enum status target_find(struct export *export)
{
    const char *name = export->order->target;
    struct db *db = store_read_begin(export->node->store);
    enum status status = roster_load(db, export->node->federation, &export->roster, export->report);

    store_read_end(export->node->store, db);
    if (status != S_OK) {
        return status;
    }
    roster_settle(export->roster);
    const struct roster_node *target = roster_find_name(export->roster, name);
    if (!target) {
        return report_set(export->report, S_NOT_FOUND,
                          "there is no node \"%s\" in the roster: see qanat peer list", name);
    }
    if (target->is_revoked) {
        return report_set(export->report, S_DENIED, "\"%s\" was revoked: it may hold nothing new", name);
    }
    if (id_equal(&target->node, &export->node->identity->node)) {
        return report_set(export->report, S_USAGE, "\"%s\" is this node itself", name);
    }
    export->target = target->node;
    return S_OK;
}

static enum status figures_fit(const struct export *export)
{
    uint64_t size = export->out.size + 4 + BUNDLE_TRAILER_SIZE;

    if (export->order->size_max == 0 || size <= export->order->size_max) {
        return S_OK;
    }
    return report_set(export->report, S_TOO_LARGE,
                      "roster, figures and catalogue alone take %llu bytes, more than --max allows",
                      (unsigned long long)size);
}

static enum status export_run(struct export *export)
{
    const struct bundle_head head = {.federation = export->node->federation->id,
                                     .from = export->node->identity->node,
                                     .target = export->target,
                                     .created_ms = export->order->created_ms};
    enum status status = bundle_out_open(&export->out, export->order->path, &head, export->report);

    if (status != S_OK) {
        return status;
    }
    status = export_streams(export);
    if (status == S_OK) {
        status = export_receipts(export);
    }
    if (status == S_OK) {
        status = figures_fit(export);
    }
    if (status == S_OK) {
        status = export_objects(export);
    }
    if (status != S_OK) {
        bundle_out_abort(&export->out);
        return status;
    }
    status = bundle_out_finish(&export->out, &export->exported->counts, export->node->identity->sign_secret,
                               export->report);
    export->exported->size = export->out.size;
    return status;
}

enum status bundle_export(const struct bundle_node *node, const struct bundle_order *order,
                          struct bundle_exported *exported, struct report *report)
{
    struct export *export = calloc(1, sizeof *export);
    struct parcel *parcel = calloc(1, sizeof *parcel);

    CHECK(export && parcel);
    memset(exported, 0, sizeof *exported);
    export->node = node;
    export->order = order;
    export->exported = exported;
    export->report = report;
    export->parcel = parcel;
    arena_init(&export->arena, SCAN_ARENA_MAX);
    buffer_init(&export->frame);
    parcel_init(parcel, emit_pieces, export);
    enum status status = target_find(export);
    if (status == S_OK) {
        status = export_run(export);
    }
    parcel_release(parcel);
    buffer_release(&export->frame);
    arena_release(&export->arena);
    free(export->seen.slots);
    roster_free(export->roster);
    free(parcel);
    free(export);
    return status;
}
