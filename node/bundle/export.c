/* Writing a bundle: figures first, in topic order, then receipts (export_figures.c), then content as far as it fits. */
#include "node/bundle/export.h"

#include <stdlib.h>
#include <string.h>

#include "node/bundle/need.h"
#include "node/bundle/volume.h"
#include "node/store/stream/roster.h"
#include "replication/base/check.h"

/* --- content --- */

static enum status emit_pieces(void *ctx, struct bytes frame)
{
    struct export *export = ctx;

    return bundle_out_frame(&export->out, frame, export->report);
}

/* Does an object of `size` bytes fit below `limit`, beside `before` bytes in other files? */
static bool object_fits(const struct export *export, uint64_t size, uint64_t before, uint64_t limit)
{
    uint64_t most = before + export->out.size + parcel_pending_cost(export->parcel) + parcel_cost(size) + 4 +
                    BUNDLE_TRAILER_SIZE;

    return limit == 0 || most <= limit;
}

static enum status object_add(struct export *export, const struct selected_object *selected)
{
    if (selected->size > sizeof export->object) {
        return report_set(export->report, S_CORRUPT, "a content is said to be larger than any can be: run qanat verify");
    }
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
    export->counts.objects++;
    export->exported->object_bytes += got;
    return parcel_add(export->parcel, &selected->object, data);
}

static enum status volume_open(struct export *export);
static enum status volume_close(struct export *export, bool is_last);

/* Goes on in another file, with the manifest of the course under way: without it nobody wants its members. */
static enum status volume_next(struct export *export, uint64_t size)
{
    enum status status = volume_close(export, false);

    export->volume++;
    status = status == S_OK ? volume_open(export) : status;
    if (status == S_OK && export->manifest.size > 0 && export->manifest.size <= MEMBER_WHOLE_MAX) {
        status = object_add(export, &export->manifest);
    }
    if (status == S_OK && !object_fits(export, size, 0, export->order->volume_max)) {
        status = report_set(
            export->report, S_TOO_LARGE,
            "a volume of %llu bytes has no room for an object beside roster and catalogue (%llu bytes)",
            (unsigned long long)export->order->volume_max, (unsigned long long)export->fixed_size);
    }
    return status;
}

/* A size of volumes that cannot do is refused before the first one gets its name. */
static enum status volumes_check(const struct export *export, const struct buffer *ids, const struct buffer *turns)
{
    struct need need = {.seen = &export->seen, .inventory = export->has_inventory ? &export->inventory : NULL, .room = UINT64_MAX};
    struct buffer objects;
    int64_t id;

    need.room = export->order->size_max ? export->order->size_max - export->fixed_size : need.room;
    buffer_init(&objects);
    struct db *db = store_read_begin(export->node->store);
    for (int turn = 1; turn <= 2; turn++) {
        for (size_t at = 0; at < ids->size && need.room > 0; at += sizeof id) {
            memcpy(&id, ids->data + at, sizeof id);
            buffer_clear(&objects);
            if (turns->data[at / sizeof id] == turn && select_objects(db, id, &objects) == S_OK) { /* else it is told when it is sent */
                need_add(&need, &objects);
            }
        }
    }
    store_read_end(export->node->store, db);
    buffer_release(&objects);
    uint64_t size = export->repeated_size + need.size, max = export->order->volume_max;
    if (size <= max) {
        return S_OK;
    }
    return report_set(export->report, S_TOO_LARGE,
                      "a volume of %llu bytes has no room for the largest content beside roster and catalogue: say --volume %llu or more; nothing was written",
                      (unsigned long long)max, (unsigned long long)size);
}

static enum status export_object(struct export *export, const struct selected_object *selected)
{
    enum status status = S_OK;

    if (!seen_add(&export->seen, &selected->object) ||
        (export->has_inventory && inventory_holds(&export->inventory, &selected->object))) {
        return S_OK;
    }
    export->is_full = export->is_full ||
                      !object_fits(export, selected->size, export->exported->size, export->order->size_max);
    if (export->is_full) {
        export->counts.left_objects++;
        export->counts.left_bytes += selected->size;
        return S_OK;
    }
    if (!object_fits(export, selected->size, 0, export->order->volume_max)) {
        status = volume_next(export, selected->size);
    }
    return status == S_OK ? object_add(export, selected) : status;
}

/* The objects of a version; `is_held`: the target has them, they only need to be known as such. */
static enum status export_course(struct export *export, int64_t course, bool is_held)
{
    struct selected_object selected;
    struct buffer list;

    buffer_init(&list);
    struct db *db = store_read_begin(export->node->store);
    enum status status = select_objects(db, course, &list);
    store_read_end(export->node->store, db);
    export->manifest = (struct selected_object){.size = 0};
    for (size_t at = 0; at < list.size && status == S_OK; at += sizeof selected) {
        memcpy(&selected, list.data + at, sizeof selected);
        if (is_held) {
            (void)seen_add(&export->seen, &selected.object);
            continue;
        }
        status = export_object(export, &selected);
        if (at == 0) {
            export->manifest = selected;
        }
    }
    export->manifest = (struct selected_object){.size = 0};
    buffer_release(&list);
    return status;
}

static const char *publisher_name(const struct export *export, const struct course_row *row)
{
    const struct roster_node *node = roster_find(export->roster, &row->publisher);

    return node ? node->name : "";
}

/* Which turn a version comes in: 0 the target holds it, 1 it wants it, 2 others below it may. */
static int course_turn(const struct export *export, struct db *db, int64_t id)
{
    struct course_row row;

    if (!export->has_inventory || !course_row_get(db, id, &row)) {
        return 2;
    }
    if (inventory_holds(&export->inventory, &row.manifest)) {
        return 0;
    }
    return inventory_wishes(&export->inventory, &row, publisher_name(export, &row)) ? 1 : 2;
}

static enum status export_objects(struct export *export)
{
    struct buffer ids, turns;
    int64_t id;

    buffer_init(&ids);
    buffer_init(&turns);
    struct db *db = store_read_begin(export->node->store);
    export->has_inventory =
        !export->order->is_whole && inventory_get(db, &export->target, &export->inventory);
    enum status status = select_courses(db, &export->target, &ids);
    for (size_t at = 0; at < ids.size; at += sizeof id) {
        memcpy(&id, ids.data + at, sizeof id);
        buffer_append_u8(&turns, (uint8_t)course_turn(export, db, id));
    }
    store_read_end(export->node->store, db);
    for (int turn = 0; turn <= 2; turn++) {
        if (turn == 1 && status == S_OK && export->order->volume_max) { /* what the target holds is seen by now */
            status = volumes_check(export, &ids, &turns);
        }
        for (size_t at = 0; at < ids.size && status == S_OK; at += sizeof id) {
            memcpy(&id, ids.data + at, sizeof id);
            if (turns.data[at / sizeof id] == turn) {
                status = export_course(export, id, turn == 0);
            }
        }
    }
    buffer_release(&turns);
    buffer_release(&ids);
    return status;
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
    const struct roster_node *target = roster_member(export->roster, name, export->report);
    if (!target) {
        return S_NOT_FOUND;
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

static enum status figures_fit(struct export *export)
{
    uint64_t size = export->out.size + 4 + BUNDLE_TRAILER_SIZE;
    uint64_t limit = export->order->size_max;

    export->fixed_size = size;
    if (export->order->volume_max > 0 && (limit == 0 || export->order->volume_max < limit)) {
        limit = export->order->volume_max;
    }
    if (limit == 0 || size <= limit) {
        return S_OK;
    }
    return report_set(
        export->report, S_TOO_LARGE,
        "roster, figures and catalogue alone take %llu bytes, more than --max or --volume allows",
        (unsigned long long)size);
}

/* Opens a volume and writes what stands in each before its objects. */
static enum status volume_open(struct export *export)
{
    const struct bundle_head head = {.federation = export->node->federation->id,
                                     .from = export->node->identity->node,
                                     .target = export->target,
                                     .created_ms = export->order->created_ms};
    char path[DIR_PATH_MAX];

    memset(&export->counts, 0, sizeof export->counts);
    if (!volume_path(export->order->path, export->volume, path)) {
        return report_set(export->report, S_TOO_LARGE, "the path \"%.64s...\" is too long",
                          export->order->path);
    }
    enum status status = bundle_out_open(&export->out, path, &head, export->report);
    export->repeated_size = export->out.size + 4 + BUNDLE_TRAILER_SIZE;
    if (status == S_OK) {
        status = export_streams(export);
    }
    if (status == S_OK && export->volume == 1) {
        status = export_receipts(export);
    }
    if (status == S_OK) {
        status = export_inventory(export);
    }
    return status == S_OK ? figures_fit(export) : status;
}

static void counts_add(struct bundle_counts *sum, const struct bundle_counts *one)
{
    sum->streams += one->volume == 1 ? one->streams : 0; /* roster and catalogue stand in each */
    sum->cells += one->volume == 1 ? one->cells : 0;
    sum->receipts += one->receipts;
    sum->objects += one->objects;
    sum->left_objects += one->left_objects;
    sum->left_bytes += one->left_bytes;
}

static enum status volume_close(struct export *export, bool is_last)
{
    const struct roster_node *self = roster_find(export->roster, &export->node->identity->node);
    const struct bundle_signer signer = {export->node->identity, self ? self->name : "?"};
    enum status status = parcel_flush(export->parcel);

    export->counts.volume = export->volume;
    export->counts.is_last = is_last;
    if (status == S_OK) {
        status = bundle_out_finish(&export->out, &export->counts, &signer, export->report);
    }
    if (status == S_OK) {
        counts_add(&export->exported->counts, &export->counts);
        export->exported->size += export->out.size;
        export->exported->volumes++;
    }
    return status;
}

/* Everything is in volumes that were there: nothing is added. */
static bool is_complete(const struct export *export)
{
    unsigned kept = export->exported->kept;

    return kept > 0 && export->volume == kept + 1 && export->counts.objects == 0 && volume_is_last(export->order->path, kept);
}

static enum status export_run(struct export *export)
{
    enum status status = S_OK;

    export->volume = 1;
    if (export->order->is_resumed) {
        status = volumes_resume(export->node, export->order->path, &export->target, &export->seen,
                                &export->volume, export->report);
    }
    export->exported->kept = export->volume - 1;
    if (status == S_OK) {
        status = volume_open(export);
    }
    if (status == S_OK) {
        status = export_objects(export);
    }
    if (status != S_OK || is_complete(export)) {
        bundle_out_abort(&export->out);
    } else {
        status = volume_close(export, true);
        if (status != S_OK) {
            bundle_out_abort(&export->out);
        }
    }
    if (status == S_OK) {
        unsigned made = export->exported->kept + export->exported->volumes;
        export->exported->dropped = volumes_drop_left(export->node, export->order->path, &export->target, made + 1);
    }
    return status;
}

enum status bundle_export(const struct bundle_node *node, const struct bundle_order *order,
                          struct bundle_exported *exported, struct report *report)
{
    struct export *export = aligned_alloc(_Alignof(struct export), sizeof *export); /* for its hash states */
    struct parcel *parcel = calloc(1, sizeof *parcel);

    CHECK(export && parcel);
    memset(export, 0, sizeof *export);
    memset(exported, 0, sizeof *exported);
    export->node = node;
    export->order = order;
    export->exported = exported;
    export->report = report;
    export->parcel = parcel;
    arena_init(&export->arena, EXPORT_ARENA_MAX);
    buffer_init(&export->frame);
    buffer_init(&export->sealed);
    parcel_init(parcel, emit_pieces, export);
    enum status status = target_find(export);
    if (status == S_OK) {
        status = export_run(export);
    }
    parcel_release(parcel);
    buffer_release(&export->frame);
    buffer_release(&export->sealed);
    arena_release(&export->arena);
    seen_release(&export->seen);
    inventory_release(&export->inventory);
    envelope_clear(&export->envelope);
    roster_free(export->roster);
    free(parcel);
    free(export);
    return status;
}
