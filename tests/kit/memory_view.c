#include "tests/kit/memory_state.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/stream/adoption.h"

/* --- objects and receipts --- */

static struct stored_object *object_find(const struct memory_store *store, const struct hash *object)
{
    for (size_t i = 0; i < store->object_count; i++) {
        if (hash_equal(&store->objects[i].object, object)) {
            return &store->objects[i];
        }
    }
    return NULL;
}

static struct stored_object *object_get(struct memory_store *store, const struct hash *object, uint64_t size)
{
    struct stored_object *found = object_find(store, object);

    if (found) {
        return found;
    }
    if (store->object_count == store->object_capacity) {
        store->object_capacity = store->object_capacity ? 2 * store->object_capacity : 16;
        store->objects = reallocarray(store->objects, store->object_capacity, sizeof *store->objects);
        CHECK(store->objects);
    }
    store->generation++;
    store->objects[store->object_count] = (struct stored_object){.object = *object, .size = size};
    return &store->objects[store->object_count++];
}

void memory_store_want(struct memory_store *store, const struct hash *object, uint64_t size)
{
    object_get(store, object, size)->is_own = false;
}

void memory_store_object_put(struct memory_store *store, const struct hash *object, struct bytes data)
{
    bool is_own = !object_find(store, object);
    struct stored_object *stored = object_get(store, object, data.size);

    stored->is_own = is_own || stored->is_own;
    if (!stored->blob) {
        stored->blob = blob_new(bytes_of(NULL, 0), data);
        stored->size = data.size;
        stored->is_durable = false;
        store->generation++;
    }
}

void memory_store_take_objects(struct memory_store *store, const struct memory_store *from)
{
    for (size_t i = 0; i < from->object_count; i++) {
        const struct stored_object *object = &from->objects[i];
        if (object->blob) {
            memory_store_object_put(store, &object->object, bytes_of(object->blob->data, object->blob->size));
        }
    }
    memory_store_flush(store);
}

void memory_store_held_put(struct memory_store *store, const struct held *held)
{
    if (adoption_covers(held->seq, memory_store_adopted_seq(store, &held->stream))) {
        return; /* what is counted elsewhere needs no receipt */
    }
    for (size_t i = 0; i < store->held_count; i++) {
        struct held *known = &store->held[i];
        if (stream_id_compare(&known->stream, &held->stream) == 0 &&
            id_equal(&known->holder, &held->holder)) {
            if (held->seq > known->seq) {
                *known = *held;
            }
            return;
        }
    }
    if (store->held_count == store->held_capacity) {
        store->held_capacity = store->held_capacity ? 2 * store->held_capacity : 16;
        store->held = reallocarray(store->held, store->held_capacity, sizeof *store->held);
        CHECK(store->held);
    }
    store->held[store->held_count++] = *held;
}

void memory_store_set_concerns(struct memory_store *store,
                               bool (*concerns)(void *ctx, const struct id *node, const struct held *held),
                               void *ctx)
{
    store->concerns = concerns;
    store->concerns_ctx = ctx;
}

/* --- the view --- */

bool memory_store_kept(struct memory_store *store, size_t at, struct stream_id *stream_out)
{
    for (size_t i = 0; i < store->count; i++) {
        uint64_t seq = store->slots[i].now->certificate.head.seq;
        if (seq > 0 && adoption_covers(seq, memory_store_adopted_seq(store, &store->slots[i].stream)) && at-- == 0) {
            *stream_out = store->slots[i].stream;
            return true;
        }
    }
    return false;
}

static bool view_stream_next(void *ctx, const struct stream_id *after, struct stream_head *head_out)
{
    const struct memory_store *store = ctx;
    size_t at = after ? slot_lower_bound(store, after) : 0;

    for (; at < store->count; at++) {
        const struct slot *slot = &store->slots[at];
        bool is_after = !after || stream_id_compare(&slot->stream, after) > 0;
        uint64_t seq = slot->now->certificate.head.seq;
        if (is_after && seq > 0 && !adoption_covers(seq, memory_store_adopted_seq(ctx, &slot->stream))) {
            *head_out = slot->now->certificate.head;
            return true;
        }
    }
    return false;
}

static bool view_stream_find(void *ctx, const struct stream_id *stream, struct certificate *certificate_out)
{
    struct slot *slot = slot_find(ctx, stream);

    if (!slot || slot->now->certificate.head.seq == 0) {
        return false;
    }
    *certificate_out = slot->now->certificate;
    return true;
}

static size_t view_cells_scan(void *ctx, const struct stream_id *stream, uint64_t after_seq, size_t max,
                              struct arena *arena, struct cell *cells_out)
{
    struct slot *slot = slot_find(ctx, stream);
    size_t count = 0;

    for (size_t i = 0; slot && i < slot->now->count && count < max; i++) {
        const struct row *row = &slot->now->rows[i];
        if (row->seq <= after_seq) {
            continue;
        }
        struct cell *cell = &cells_out[count++];
        cell->seq = row->seq;
        cell->key = arena_copy(arena, row_key(row));
        cell->value = arena_copy(arena, row_value(row));
        if (!cell->key.data || !cell->value.data) {
            return count - 1;
        }
    }
    return count;
}

static uint64_t view_staged_seq(void *ctx, const struct stream_id *stream)
{
    struct slot *slot = slot_find(ctx, stream);

    return slot ? slot->now->staged_seq : 0;
}

static bool view_object_find(void *ctx, const struct hash *object, uint64_t *size_out)
{
    const struct stored_object *stored = object_find(ctx, object);

    if (!stored || !stored->blob) {
        return false;
    }
    *size_out = stored->size;
    return true;
}

static size_t view_object_read(void *ctx, const struct hash *object, uint64_t offset, uint8_t *out,
                               size_t size)
{
    const struct stored_object *stored = object_find(ctx, object);

    if (!stored || !stored->blob || offset >= stored->size) {
        return 0;
    }
    size_t left = (size_t)(stored->size - offset);
    size_t count = size < left ? size : left;
    memcpy(out, stored->blob->data + offset, count);
    return count;
}

static size_t view_wanted_scan(void *ctx, size_t skip, size_t max, struct wanted *wanted_out)
{
    const struct memory_store *store = ctx;
    size_t count = 0;

    for (size_t i = 0; i < store->object_count && count < max; i++) {
        if (store->objects[i].blob) {
            continue;
        }
        if (skip > 0) {
            skip--;
            continue;
        }
        wanted_out[count++] = (struct wanted){store->objects[i].object, store->objects[i].size};
    }
    return count;
}

static size_t view_bases_scan(void *ctx, const struct hash *object, size_t max, struct hash *bases_out)
{
    const struct memory_store *store = ctx;
    size_t count = 0;

    for (size_t i = 0; store->names_bases && i < store->object_count && count < max; i++) {
        if (store->objects[i].blob && store->objects[i].is_durable && store->objects[i].size > 0 &&
            !hash_equal(&store->objects[i].object, object)) {
            bases_out[count++] = store->objects[i].object;
        }
    }
    return count;
}

static size_t view_coming_scan(void *ctx, size_t max, struct hash *objects_out)
{
    static const struct hash none;
    const struct memory_store *store = ctx;

    if (max == 0 || hash_equal(&store->coming, &none)) {
        return 0;
    }
    objects_out[0] = store->coming;
    return 1;
}

void memory_store_coming(struct memory_store *store, const struct hash *object)
{
    store->coming = object ? *object : (struct hash){{0}};
}

static uint64_t view_generation(void *ctx)
{
    return ((const struct memory_store *)ctx)->generation;
}

static size_t view_held_scan(void *ctx, const struct id *node, size_t max, struct held *held_out)
{
    const struct memory_store *store = ctx;
    size_t count = 0;

    for (size_t i = 0; i < store->held_count && count < max; i++) {
        if (store->concerns && store->concerns(store->concerns_ctx, node, &store->held[i])) {
            held_out[count++] = store->held[i];
        }
    }
    return count;
}

static uint64_t view_adopted_seq(void *ctx, const struct stream_id *stream)
{
    return memory_store_adopted_seq(ctx, stream);
}

static uint64_t view_held_seq(void *ctx, const struct stream_id *stream, const struct id *holder)
{
    const struct memory_store *store = ctx;

    for (size_t i = 0; i < store->held_count; i++) {
        if (stream_id_compare(&store->held[i].stream, stream) == 0 && id_equal(&store->held[i].holder, holder)) {
            return store->held[i].seq;
        }
    }
    return 0;
}

struct view memory_store_view(struct memory_store *store, const struct roster *roster,
                              const struct id *living)
{
    static const struct view_ops ops = {
        .stream_next = view_stream_next,
        .stream_find = view_stream_find,
        .cells_scan = view_cells_scan,
        .staged_seq = view_staged_seq,
        .object_find = view_object_find,
        .object_read = view_object_read,
        .wanted_scan = view_wanted_scan,
        .bases_scan = view_bases_scan,
        .coming_scan = view_coming_scan,
        .generation = view_generation,
        .held_scan = view_held_scan,
        .adopted_seq = view_adopted_seq,
        .held_seq = view_held_seq,
    };

    return (struct view){.ctx = store, .ops = &ops, .roster = roster, .living = *living};
}
