/* own.h: writing this node's own streams.
 *
 * Cells put during a job get their seqs at once; at the end of the job the certificate of each changed stream
 * is signed, in the same savepoint. Which incarnation is living is decided at the first use in a process
 * (anchor.h). */
#ifndef QANAT_NODE_STORE_STREAM_OWN_H
#define QANAT_NODE_STORE_STREAM_OWN_H

#include "node/store/db.h"
#include "replication/crdt/cell.h"
#include "replication/stream/stream.h"

/* Puts one cell of the living incarnation's stream of `topic`: the value replaces what is there; an equal
 * value changes nothing. Put cells in key order within a job: it makes deltas small. Runs on the writer
 * thread, after store_set_identity(). S_INVALID, S_TOO_LARGE for a cell outside the format. */
enum status own_cell_put(struct db *db, enum topic topic, struct bytes key, struct bytes value);

/* The value of one own cell of the living incarnation, borrowed until the next call; S_NOT_FOUND when there
 * is none. Writer thread. */
enum status own_cell_get(struct db *db, enum topic topic, struct bytes key, struct bytes *value_out);

/* The living incarnation (a fresh one is drawn when this process has none yet). Writer thread. */
enum status own_incarnation(struct db *db, struct id *incarnation_out);

/* True when the living incarnation was written before this moment: decided, or the last one goes on, and is decided from now on. Nothing is
 * drawn. Writer thread. */
bool own_goes_on(struct db *db);

/* Did the living incarnation, which is decided, begin before that? Writer thread. */
bool own_began_before(struct db *db, hlc stamp);

/* It counts as begun at `stamp`: something that came back is of before, whatever the clock said. Writer thread. */
enum status own_begin_after(struct db *db, hlc stamp);

/* Writes on under a fresh incarnation: a peer proved that the living one is further than we know. Writer
 * thread. */
enum status own_renew(struct db *db);

/* If `incarnation` is the living one nothing more is written in it: another stream adopted it. Writer thread. */
void own_displaced(struct db *db, const struct id *incarnation);

/* The living one counts `incarnation` from now on: no other database on this machine may go on with it. */
void own_adopted(struct db *db, const struct id *incarnation);

/* The living incarnation as last committed, for any thread; false while this process has none. */
bool own_living(struct store *store, struct id *incarnation_out);

/* When it counts as begun: nothing that this node certified before has a later stamp, as far as is known (heard.h). Any thread. */
hlc own_living_since(struct store *store);

/* When it was drawn; all stamps of its streams are later. Any thread. */
hlc own_living_drawn(struct store *store);

/* Results of this node came back from a peer which this database does not know event by event: they were recorded up to
 * `until_ms`. Writer thread. */
enum status own_note_recovered(struct db *db, uint64_t until_ms);

/* False when that never happened. Any thread. */
bool own_recovered(struct db *db, uint64_t *until_ms_out);

/* The keys that this store signs with, borrowed of it, and its federation (NULL: not asked for). Aborts before store_set_identity(). Any thread. */
const struct identity *own_identity(struct db *db, struct id *federation_out);

/* True when `node` is the one that this store signs for; false also while it signs for nobody. */
bool own_is_self(struct db *db, const struct id *node);

#endif
