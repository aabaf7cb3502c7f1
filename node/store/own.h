/* own.h: writing this node's own streams.
 *
 * Cells put during a job get their seqs, the LtHash is updated, and the certificate of each changed stream is signed once, at the end of the
 * transaction. Which incarnation is living is the store's affair (anchor.h). */
#ifndef QANAT_NODE_STORE_OWN_H
#define QANAT_NODE_STORE_OWN_H

#include "node/store/db.h"
#include "replication/crdt/cell.h"
#include "replication/stream/stream.h"

/* Puts one cell of the living incarnation's stream of `topic`: the value replaces what is there; an equal value changes nothing. Put cells in key
 * order within a job: it makes deltas small. Runs on the writer thread. */
enum status own_cell_put(struct db *db, enum topic topic, struct bytes key, struct bytes value);

/* The value of one own cell of the living incarnation, borrowed until the next call; S_NOT_FOUND when there is none. */
enum status own_cell_get(struct db *db, enum topic topic, struct bytes key, struct bytes *value_out);

/* The living incarnation (a fresh one is drawn when this process has none yet). */
enum status own_incarnation(struct db *db, struct id *incarnation_out);

#endif
