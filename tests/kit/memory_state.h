/* memory_state.h: what is inside a memory store; private to memory_store.c and memory_view.c. */
#ifndef QANAT_TESTS_KIT_MEMORY_STATE_H
#define QANAT_TESTS_KIT_MEMORY_STATE_H

#include "replication/stream/lthash.h"
#include "tests/kit/memory_store.h"

/* Shared between the versions of a stream. */
struct blob {
    size_t references;
    size_t key_size, size;
    uint8_t data[];
};

struct row {
    uint64_t seq;
    struct blob *blob; /* key, then value */
};

/* One version of a stream. */
struct version {
    size_t references;
    struct certificate certificate; /* seq 0: nothing yet */
    struct lthash state;
    struct row *rows; /* in seq order */
    size_t count, capacity;
    uint64_t staged_seq;
    struct row *staged; /* batch bodies, with their last seq */
    size_t staged_count;
};

struct slot {
    struct stream_id stream;
    struct version *now;
    struct version *durable;
};

struct stored_object {
    struct hash object;
    uint64_t size;
    struct blob *blob; /* NULL: wanted */
    bool is_durable;   /* being held, or (blob NULL) being wanted */
    bool is_own;       /* never wanted: put here first */
};

struct memory_store {
    struct id federation;
    struct memory_faults faults;
    struct slot *slots; /* sorted by stream */
    size_t count, capacity;
    struct stored_object *objects;
    size_t object_count, object_capacity;
    struct held *held;
    size_t held_count, held_capacity;
    bool (*concerns)(void *ctx, const struct id *node, const struct held *held);
    void *concerns_ctx;
    bool owes_sentence; /* of a broken variant */
    struct id self; /* whose covered streams are kept: zero for nobody */
    uint64_t generation;
    bool names_bases;
    struct hash coming; /* zero: none */
};

struct blob *blob_new(struct bytes key, struct bytes value);
void version_drop(struct version *version);
struct row *version_find(struct version *version, struct bytes key);
/* Empties a stream. */
void slot_clear(struct memory_store *store, struct slot *slot);
struct bytes row_key(const struct row *row);
struct bytes row_value(const struct row *row);

/* The index of the first slot not below `stream`. */
size_t slot_lower_bound(const struct memory_store *store, const struct stream_id *stream);
struct slot *slot_find(const struct memory_store *store, const struct stream_id *stream);

#endif
