/* memory_store.h: a store in memory for tests and the simulator: the view, staging, applying, objects, own
 * writes.
 *
 * What is written is visible at once and volatile until memory_store_flush(); memory_store_crash() goes back
 * to the last flush, as a power cut does. Streams are copied on write and cells shared between the copies, so
 * both are cheap. Single-threaded. */
#ifndef QANAT_TESTS_KIT_MEMORY_STORE_H
#define QANAT_TESTS_KIT_MEMORY_STORE_H

#include "replication/peer/view.h"
#include "replication/trust/identity.h"

struct memory_store;

/* Ways to be broken on purpose: the simulator must notice. */
struct memory_faults {
    bool adds_cells; /* a number is added to what stands there instead of replacing it */
    bool overwrites; /* a delta from the beginning replaces the stream, whatever is held */
};

struct memory_store *memory_store_new(const struct id *federation);
void memory_store_free(struct memory_store *store);
void memory_store_set_faults(struct memory_store *store, const struct memory_faults *faults);

/* A view over what is visible now; `living` as given. */
struct view memory_store_view(struct memory_store *store, const struct roster *roster,
                              const struct id *living);

/* --- what effects ask for --- */
enum status memory_store_stage(struct memory_store *store, const struct stream_id *stream, uint64_t after_seq,
                               uint64_t seq, struct bytes body);
/* S_STALE, S_BAD_DIGEST (staging is dropped), S_INVALID (likewise). */
enum status memory_store_apply(struct memory_store *store, const struct stream_id *stream, uint64_t after_seq,
                               struct bytes body);
void memory_store_unstage(struct memory_store *store, const struct stream_id *stream);
void memory_store_object_put(struct memory_store *store, const struct hash *object, struct bytes data);
void memory_store_held_put(struct memory_store *store, const struct held *held);

/* --- what the node itself does --- */
struct memory_cell {
    struct bytes key;
    struct bytes value;
};

/* Writes own cells, each with a new seq, and certifies the stream. */
void memory_store_write(struct memory_store *store, const struct stream_id *stream,
                        const struct memory_cell *cells, size_t count, const struct identity *identity,
                        hlc stamp);
/* The value under a key; false when there is none. Borrowed until the next write. */
bool memory_store_find(struct memory_store *store, const struct stream_id *stream, struct bytes key,
                       struct bytes *value_out);
/* Wants an object from now on; nothing when it is held. */
void memory_store_want(struct memory_store *store, const struct hash *object, uint64_t size);
/* From now on the view names what is held as bases of whatever is wanted (bases_scan): good ones and bad ones. */
void memory_store_name_bases(struct memory_store *store);
/* Flips a bit of an object, whose name stays. */
void memory_store_rot(struct memory_store *store, const struct hash *object);
/* Which receipts held_scan() gives for `node`: those for whose stream `concerns` says true. */
void memory_store_set_concerns(struct memory_store *store,
                               bool (*concerns)(void *ctx, const struct id *node, const struct held *held),
                               void *ctx);

/* --- durability --- */
void memory_store_flush(struct memory_store *store);
void memory_store_crash(struct memory_store *store);

/* A copy of what is visible now, all of it durable: a backup. */
struct memory_store *memory_store_copy(const struct memory_store *store);

/* Takes over all objects of another store, durably: a database goes back to its backup, the blobs beside it
 * do not. */
void memory_store_take_objects(struct memory_store *store, const struct memory_store *from);

/* Forgets a stream, or alters one cell of it and forges the certificate that would fit: what a dishonest
 * relay does. */
void memory_store_forget(struct memory_store *store, const struct stream_id *stream);
bool memory_store_tamper(struct memory_store *store, const struct stream_id *stream);

/* Bytes held in cells and staging, for bounds. */
size_t memory_store_size(const struct memory_store *store);

#endif
