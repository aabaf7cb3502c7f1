/* memory_store.h: a store in memory for tests and the simulator: the view, staging, applying, objects, own
 * writes.
 *
 * What is written is visible at once and volatile until memory_store_flush(); memory_store_crash() goes back
 * to the last flush, as a power cut does. Streams are copied on write and cells shared between the copies, so
 * both are cheap. Single-threaded. */
#ifndef QANAT_TESTS_KIT_MEMORY_STORE_H
#define QANAT_TESTS_KIT_MEMORY_STORE_H

#include "replication/peer/adopt.h"
#include "replication/peer/view.h"
#include "replication/trust/identity.h"

struct memory_store;

/* Ways to be broken on purpose: the simulator must notice. */
struct memory_faults {
    bool adds_cells; /* a number is added to what stands there instead of replacing it */
    bool overwrites; /* a delta from the beginning replaces the stream, whatever is held */
    bool ignores_adoptions; /* what was adopted counts on for itself */
    bool splits_adoptions;  /* the values and the sentence under two certificates */
    bool drops_sentences;   /* what the adopted stream had adopted is not said again */
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
/* Counts the chosen closed streams in the living one (stream/adoption.h); S_STALE when one has moved, S_DENIED when its
 * cells cannot be merged: then nothing happens. */
enum status memory_store_adopt(struct memory_store *store, const struct adopt_plan *plan,
                               const struct identity *identity, hlc stamp);
/* Who writes where, and when. */
struct memory_author {
    struct stream_id living;
    const struct identity *identity;
    hlc stamp;
};

/* memory_store_apply() for a stream of this node that is counted in another: the difference goes into the living one. */
enum status memory_store_apply_adopted(struct memory_store *store, const struct stream_id *stream, uint64_t after_seq,
                                       struct bytes body, const struct memory_author *author);
uint64_t memory_store_adopted_seq(struct memory_store *store, const struct stream_id *stream);
/* The `at`-th of the covered streams that are kept; false when there are no more. */
bool memory_store_kept(struct memory_store *store, size_t at, struct stream_id *stream_out);
/* Drops what the stream says to be counted in it, but for streams of the node itself. */
void memory_store_drop_covered(struct memory_store *store, const struct stream_id *stream);
/* Whose covered streams are kept, for memory_store_apply_adopted(). */
void memory_store_set_self(struct memory_store *store, const struct id *self);

/* What is written next begins another incarnation, although nothing was forgotten: a change of keys. Nothing here, where whoever writes says in
 * which; own_renew() over the real store. */
void memory_store_renew(struct memory_store *store);

/* The value under a key; false when there is none. Borrowed until the next write. */
bool memory_store_find(struct memory_store *store, const struct stream_id *stream, struct bytes key,
                       struct bytes *value_out);
/* Wants an object from now on; nothing when it is held. */
void memory_store_want(struct memory_store *store, const struct hash *object, uint64_t size);
/* An object comes from elsewhere from now on (coming_scan), or nothing does (NULL). */
void memory_store_coming(struct memory_store *store, const struct hash *object);
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
/* False here. True of what takes the place of the functions above and has every write durable at once (tests/sim/real_store.c). */
bool memory_store_is_instant(void);

/* A copy of what is visible now, all of it durable: a backup. */
struct memory_store *memory_store_copy(const struct memory_store *store);

/* Takes over all objects of another store, durably: a database goes back to its backup, the blobs beside it
 * do not. */
void memory_store_take_objects(struct memory_store *store, const struct memory_store *from);

/* Forgets a stream, or alters one cell of it and forges the certificate that would fit: what a dishonest
 * relay does. */
void memory_store_forget(struct memory_store *store, const struct stream_id *stream);
bool memory_store_tamper(struct memory_store *store, const struct stream_id *stream, bool keeps_certificate);

/* Bytes held in cells and staging, for bounds. */
size_t memory_store_size(const struct memory_store *store);

#endif
