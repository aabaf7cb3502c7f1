#include "tests/kit/memory_state.h"

#include <stdlib.h>
#include <string.h>

#include "replication/base/check.h"
#include "replication/stream/apply.h"
#include "replication/wire/batch.h"

/* --- blobs and versions --- */

struct blob *blob_new(struct bytes key, struct bytes value)
{
    struct blob *blob = malloc(sizeof *blob + key.size + value.size + 1);

    CHECK(blob);
    blob->references = 1;
    blob->key_size = key.size;
    blob->size = key.size + value.size;
    if (key.size > 0) {
        memcpy(blob->data, key.data, key.size);
    }
    if (value.size > 0) {
        memcpy(blob->data + key.size, value.data, value.size);
    }
    return blob;
}

static struct blob *blob_share(struct blob *blob)
{
    blob->references++;
    return blob;
}

static void blob_drop(struct blob *blob)
{
    if (blob && --blob->references == 0) {
        free(blob);
    }
}

struct bytes row_key(const struct row *row)
{
    return bytes_of(row->blob->data, row->blob->key_size);
}

struct bytes row_value(const struct row *row)
{
    return bytes_of(row->blob->data + row->blob->key_size, row->blob->size - row->blob->key_size);
}

static struct version *version_new(const struct stream_id *stream)
{
    struct version *version = calloc(1, sizeof *version);

    CHECK(version);
    version->references = 1;
    version->certificate.head.stream = *stream;
    lthash_init(&version->state);
    return version;
}

static void staged_clear(struct version *version)
{
    for (size_t i = 0; i < version->staged_count; i++) {
        blob_drop(version->staged[i].blob);
    }
    free(version->staged);
    version->staged = NULL;
    version->staged_count = 0;
    version->staged_seq = 0;
}

void version_drop(struct version *version)
{
    if (!version || --version->references > 0) {
        return;
    }
    for (size_t i = 0; i < version->count; i++) {
        blob_drop(version->rows[i].blob);
    }
    staged_clear(version);
    free(version->rows);
    free(version);
}

static struct row *rows_copy(const struct row *rows, size_t count, size_t capacity)
{
    struct row *copy = reallocarray(NULL, capacity + 1, sizeof *copy);

    CHECK(copy);
    for (size_t i = 0; i < count; i++) {
        copy[i] = rows[i];
        blob_share(copy[i].blob);
    }
    return copy;
}

static struct version *version_copy(const struct version *from)
{
    struct version *version = malloc(sizeof *version);

    CHECK(version);
    *version = *from;
    version->references = 1;
    version->capacity = from->count + 8;
    version->rows = rows_copy(from->rows, from->count, version->capacity);
    version->staged = rows_copy(from->staged, from->staged_count, from->staged_count + 1);
    return version;
}

struct row *version_find(struct version *version, struct bytes key)
{
    for (size_t i = 0; i < version->count; i++) {
        if (bytes_equal(row_key(&version->rows[i]), key)) {
            return &version->rows[i];
        }
    }
    return NULL;
}

/* --- slots --- */

size_t slot_lower_bound(const struct memory_store *store, const struct stream_id *stream)
{
    size_t low = 0, high = store->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (stream_id_compare(&store->slots[middle].stream, stream) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct slot *slot_find(const struct memory_store *store, const struct stream_id *stream)
{
    size_t at = slot_lower_bound(store, stream);

    return at < store->count && stream_id_compare(&store->slots[at].stream, stream) == 0 ? &store->slots[at]
                                                                                         : NULL;
}

static struct slot *slot_get(struct memory_store *store, const struct stream_id *stream)
{
    size_t at = slot_lower_bound(store, stream);

    if (at < store->count && stream_id_compare(&store->slots[at].stream, stream) == 0) {
        return &store->slots[at];
    }
    if (store->count == store->capacity) {
        store->capacity = store->capacity ? 2 * store->capacity : 16;
        store->slots = reallocarray(store->slots, store->capacity, sizeof *store->slots);
        CHECK(store->slots);
    }
    memmove(store->slots + at + 1, store->slots + at, (store->count - at) * sizeof *store->slots);
    store->count++;
    store->slots[at] = (struct slot){*stream, version_new(stream), version_new(stream)};
    return &store->slots[at];
}

/* Puts `version` (owned) in the slot; what was durable stays until the flush. */
static void slot_set(struct memory_store *store, struct slot *slot, struct version *version)
{
    version_drop(slot->now);
    slot->now = version;
    store->generation++;
}

/* --- life --- */

struct memory_store *memory_store_new(const struct id *federation)
{
    struct memory_store *store = calloc(1, sizeof *store);

    CHECK(store);
    store->federation = *federation;
    store->generation = 1;
    return store;
}

void memory_store_free(struct memory_store *store)
{
    if (!store) {
        return;
    }
    for (size_t i = 0; i < store->count; i++) {
        version_drop(store->slots[i].now);
        version_drop(store->slots[i].durable);
    }
    for (size_t i = 0; i < store->object_count; i++) {
        blob_drop(store->objects[i].blob);
    }
    free(store->slots);
    free(store->objects);
    free(store->held);
    free(store);
}

void memory_store_set_faults(struct memory_store *store, const struct memory_faults *faults)
{
    store->faults = *faults;
}

void memory_store_flush(struct memory_store *store)
{
    for (size_t i = 0; i < store->count; i++) {
        struct slot *slot = &store->slots[i];
        if (slot->durable != slot->now) {
            version_drop(slot->durable);
            slot->durable = slot->now;
            slot->now->references++;
        }
    }
    for (size_t i = 0; i < store->object_count; i++) {
        store->objects[i].is_durable = true;
    }
}

bool memory_store_is_instant(void)
{
    return false;
}

void memory_store_crash(struct memory_store *store)
{
    for (size_t i = 0; i < store->count; i++) {
        struct slot *slot = &store->slots[i];
        if (slot->durable != slot->now) {
            version_drop(slot->now);
            slot->now = slot->durable;
            slot->durable->references++;
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < store->object_count; i++) {
        struct stored_object *object = &store->objects[i];
        if (!object->is_durable) {
            blob_drop(object->blob); /* wanted again: wants are derived from what is published */
            object->blob = NULL;
        }
        if (object->is_durable || !object->is_own) {
            store->objects[kept++] = *object;
        }
    }
    store->object_count = kept;
    store->generation++;
}

struct memory_store *memory_store_copy(const struct memory_store *from)
{
    struct memory_store *store = memory_store_new(&from->federation);

    store->concerns = from->concerns;
    store->concerns_ctx = from->concerns_ctx;
    store->names_bases = from->names_bases;
    store->self = from->self;
    for (size_t i = 0; i < from->count; i++) {
        struct slot *slot = slot_get(store, &from->slots[i].stream);
        version_drop(slot->now);
        slot->now = from->slots[i].now;
        slot->now->references++;
    }
    for (size_t i = 0; i < from->object_count; i++) {
        const struct stored_object *object = &from->objects[i];
        memory_store_want(store, &object->object, object->size);
        if (object->blob) {
            memory_store_object_put(store, &object->object, bytes_of(object->blob->data, object->blob->size));
        }
    }
    for (size_t i = 0; i < from->held_count; i++) {
        memory_store_held_put(store, &from->held[i]);
    }
    memory_store_flush(store);
    return store;
}

void memory_store_name_bases(struct memory_store *store)
{
    store->names_bases = true;
}

void memory_store_rot(struct memory_store *store, const struct hash *object)
{
    for (size_t i = 0; i < store->object_count; i++) {
        if (hash_equal(&store->objects[i].object, object) && store->objects[i].size > 0) {
            store->objects[i].blob->data[0] ^= 1;
        }
    }
}

size_t memory_store_size(const struct memory_store *store)
{
    size_t size = 0;

    for (size_t i = 0; i < store->count; i++) {
        const struct version *version = store->slots[i].now;
        for (size_t row = 0; row < version->count; row++) {
            size += version->rows[row].blob->size;
        }
        for (size_t row = 0; row < version->staged_count; row++) {
            size += version->staged[row].blob->size;
        }
    }
    return size;
}

/* --- staging and applying --- */

static uint64_t reached(const struct version *version)
{
    return version->staged_count > 0 ? version->staged_seq : version->certificate.head.seq;
}

enum status memory_store_stage(struct memory_store *store, const struct stream_id *stream, uint64_t after_seq,
                               uint64_t seq, struct bytes body)
{
    struct slot *slot = slot_get(store, stream);

    if (after_seq != reached(slot->now)) {
        return S_STALE;
    }
    struct version *version = version_copy(slot->now);
    version->staged[version->staged_count++] = (struct row){seq, blob_new(bytes_of(NULL, 0), body)};
    version->staged_seq = seq;
    slot_set(store, slot, version);
    return S_OK;
}

void memory_store_unstage(struct memory_store *store, const struct stream_id *stream)
{
    struct slot *slot = slot_get(store, stream);

    if (slot->now->staged_count > 0) {
        struct version *version = version_copy(slot->now);
        staged_clear(version);
        slot_set(store, slot, version);
    }
}

/* What a put needs: the version, and where the replaced cell goes. */
struct put_context {
    struct memory_store *store;
    struct version *version;
    struct blob *replaced;
};

static void rows_append(struct version *version, struct row row)
{
    if (version->count == version->capacity) {
        version->capacity = version->capacity ? 2 * version->capacity : 8;
        version->rows = reallocarray(version->rows, version->capacity, sizeof *version->rows);
        CHECK(version->rows);
    }
    version->rows[version->count++] = row;
}

/* The broken variant: what stands there and what comes are added up. */
static struct blob *blob_added(struct bytes key, struct bytes old, struct bytes value)
{
    struct buffer sum;
    int64_t before, now;
    struct blob *blob;

    buffer_init(&sum);
    if (cell_value_get_number(old, &before) && cell_value_get_number(value, &now)) {
        cell_value_number(&sum, (enum cell_kind)value.data[0], before + now);
        value = buffer_bytes(&sum);
    }
    blob = blob_new(key, value);
    buffer_release(&sum);
    return blob;
}

static enum status row_put(void *ctx, const struct cell *cell, struct cell *old_out, bool *found_out)
{
    struct put_context *put = ctx;
    struct version *version = put->version;
    struct row *old = version_find(version, cell->key);
    struct row row = {cell->seq, NULL};

    *found_out = old != NULL;
    if (old && put->store->faults.adds_cells) {
        row.blob = blob_added(cell->key, row_value(old), cell->value);
    } else {
        row.blob = blob_new(cell->key, cell->value);
    }
    if (old) {
        size_t at = (size_t)(old - version->rows);
        blob_drop(put->replaced);
        put->replaced = old->blob;
        *old_out = (struct cell){old->seq, row_key(old), row_value(old)};
        memmove(old, old + 1, (version->count - at - 1) * sizeof *old);
        version->count--;
    }
    rows_append(version, row);
    return S_OK;
}

/* Applies the cells of one body; the certificate, if there is one, goes to `certificate_out`. */
static enum status body_apply(struct stream_apply *apply, struct bytes body,
                              struct certificate *certificate_out, bool *has_certificate_out)
{
    struct arena arena;
    struct batch batch;

    arena_init(&arena, 64 * 1024 * 1024);
    enum status status = batch_decode(body, &arena, &batch);
    for (size_t i = 0; status == S_OK && i < batch.count; i++) {
        status = stream_apply_cell(apply, &batch.cells[i]);
    }
    if (status == S_OK) {
        *has_certificate_out = batch.has_certificate;
        *certificate_out = batch.certificate;
    }
    arena_release(&arena);
    return status;
}

static enum status version_apply(struct memory_store *store, struct version *version, struct bytes body)
{
    struct stream_apply apply;
    struct put_context put = {store, version, NULL};
    struct certificate certificate;
    bool has_certificate = false;
    enum status status = S_OK;

    stream_apply_begin(&apply, &store->federation, &version->certificate.head, &version->state, row_put,
                       &put);
    for (size_t i = 0; status == S_OK && i < version->staged_count; i++) {
        struct bytes staged = bytes_of(version->staged[i].blob->data, version->staged[i].blob->size);
        status = body_apply(&apply, staged, &certificate, &has_certificate);
    }
    if (status == S_OK) {
        status = body_apply(&apply, body, &certificate, &has_certificate);
    }
    if (status == S_OK) {
        status = has_certificate ? stream_apply_finish(&apply, &certificate) : S_INVALID;
    }
    if (status == S_OK) {
        version->certificate = certificate;
        version->state = apply.state;
        staged_clear(version);
    }
    blob_drop(put.replaced);
    return status;
}

enum status memory_store_apply(struct memory_store *store, const struct stream_id *stream, uint64_t after_seq,
                               struct bytes body)
{
    struct slot *slot = slot_get(store, stream);
    bool is_fresh = store->faults.overwrites && after_seq == 0;

    if (!is_fresh && after_seq != reached(slot->now)) {
        return S_STALE;
    }
    struct version *version = is_fresh ? version_new(stream) : version_copy(slot->now);
    enum status status = version_apply(store, version, body);
    if (status == S_OK) {
        slot_set(store, slot, version);
        memory_store_drop_covered(store, stream);
    } else {
        version_drop(version);
        memory_store_unstage(store, stream);
    }
    return status;
}

/* --- own writes --- */

void memory_store_write(struct memory_store *store, const struct stream_id *stream,
                        const struct memory_cell *cells, size_t count, const struct identity *identity,
                        hlc stamp)
{
    struct slot *slot = slot_get(store, stream);
    struct version *version = version_copy(slot->now);
    struct put_context put = {store, version, NULL};
    struct stream_apply apply;

    CHECK(count > 0);
    stream_apply_begin(&apply, &store->federation, &version->certificate.head, &version->state, row_put,
                       &put);
    bool adds_cells = store->faults.adds_cells;
    store->faults.adds_cells = false; /* the fault is in receiving */
    for (size_t i = 0; i < count; i++) {
        struct cell cell = {apply.head.seq + 1, cells[i].key, cells[i].value};
        enum status status = stream_apply_cell(&apply, &cell);
        CHECK(status == S_OK);
    }
    store->faults.adds_cells = adds_cells;
    blob_drop(put.replaced);
    apply.head.digest = lthash_digest(&apply.state);
    apply.head.stamp = stamp;
    version->state = apply.state;
    version->certificate = certificate_sign(&store->federation, &apply.head, identity->sign_secret);
    slot_set(store, slot, version);
}

bool memory_store_find(struct memory_store *store, const struct stream_id *stream, struct bytes key,
                       struct bytes *value_out)
{
    struct slot *slot = slot_find(store, stream);
    struct row *row = slot ? version_find(slot->now, key) : NULL;

    if (row) {
        *value_out = row_value(row);
    }
    return row != NULL;
}

void slot_clear(struct memory_store *store, struct slot *slot)
{
    slot_set(store, slot, version_new(&slot->stream));
}

void memory_store_forget(struct memory_store *store, const struct stream_id *stream)
{
    slot_clear(store, slot_get(store, stream));
}

bool memory_store_tamper(struct memory_store *store, const struct stream_id *stream, bool keeps_certificate)
{
    struct slot *slot = slot_find(store, stream);

    if (!slot || slot->now->count == 0) {
        return false;
    }
    struct version *version = version_copy(slot->now);
    struct row *row = &version->rows[version->count - 1];
    struct hash key = lthash_key(&store->federation, stream);
    struct cell cell = {row->seq, row_key(row), row_value(row)};
    struct blob *forged = blob_new(cell.key, cell.value);

    lthash_subtract(&version->state, &key, &cell);
    forged->data[forged->size - 1] ^= 2; /* a number becomes another number */
    blob_drop(row->blob);
    row->blob = forged;
    cell.key = row_key(row);
    cell.value = row_value(row);
    lthash_add(&version->state, &key, &cell);
    if (!keeps_certificate) {
        version->certificate.head.digest = lthash_digest(&version->state);
    }
    slot_set(store, slot, version);
    return true;
}
