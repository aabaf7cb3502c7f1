/* adopted.h: which streams are counted in a later one of their writer (replication/stream/adoption.h), as the rows of
 * streams know it.
 *
 * The truth is in cells: pages of sentences in the living streams. Rows of streams that are held repeat what those say
 * about them, so that readers need not look. */
#ifndef QANAT_NODE_STORE_STREAM_ADOPTED_H
#define QANAT_NODE_STORE_STREAM_ADOPTED_H

#include "node/store/db.h"
#include "replication/stream/adoption.h"

enum {
    ADOPTED_KEPT_MAX = 32,     /* covered streams of this node's own that are kept, to add a difference later */
    ADOPTED_SPEAKERS_MAX = 16, /* streams of another writer and one topic that speak of others and are not covered: an honest one has two, or two a copy */
};

/* Up to which seq other streams held of its writer say that `stream` is counted in them; 0: they do not. Any thread. */
uint64_t adopted_seq(struct db *db, const struct stream_id *stream);

/* The `at`-th of this node's own covered streams that are kept, the latest first; false when there are no more. Any thread. */
bool adopted_kept(struct db *db, size_t at, struct stream_id *stream_out);

/* False when as many others of its writer speak as may: each look at one of the writer's streams asks them all. Any thread. */
bool adopted_may_speak(struct db *db, const struct stream_id *stream);

/* --- writer thread only --- */

/* A stream `by` was changed and says `entry`: the named stream's row learns it. What is covered then is dropped with its
 * receipts; if it is one of this node's own it is kept, unseen. */
enum status adopted_note(struct db *db, const struct stream_id *by, const struct adoption *entry);

/* After `stream` itself changed: its row learns what was said before it came. */
enum status adopted_renote(struct db *db, const struct stream_id *stream);

/* Sentences of the writer and topic were taken back: what no held stream says is counted in it counts for itself again. */
enum status adopted_recount(struct db *db, const struct id *node, enum topic topic);

/* Drops the oldest covered streams beyond ADOPTED_KEPT_MAX. */
enum status adopted_prune(struct db *db);

#endif
