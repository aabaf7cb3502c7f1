/* adopt.h: this node takes what it published in closed incarnations into the living one.
 *
 * What is safe to adopt is decided over a view (replication/peer/adopt.h); here it is done, in the job that asks: the
 * values merged into own cells and the sentence that says so, under one certificate. Before anything is added each
 * stream's cells are held against its certificate: a rotten row must not become a certified figure. Writer thread. */
#ifndef QANAT_NODE_STORE_STREAM_ADOPT_H
#define QANAT_NODE_STORE_STREAM_ADOPT_H

#include "node/store/db.h"
#include "replication/peer/adopt.h"

struct adopt_draft;

/* With `is_anew` a fresh incarnation is drawn first.
 *
 * S_OK; S_STALE when a chosen stream or the living incarnation is another than in the plan; S_CORRUPT when stored cells
 * do not add up to their certificate; S_DENIED, S_INVALID, S_TOO_LARGE when cells cannot be merged; S_EXISTS when a
 * chosen stream counts what the living one counts already. On anything but S_OK nothing was written. */
enum status adopt_run(struct db *db, const struct adopt_plan *plan);

/* `stream`, of this node, was adopted up to `from` and turned out to reach `to`: the difference goes into the living
 * stream. Errors as above; then the difference is not counted. */
enum status adopt_difference(struct db *db, struct adopt_draft *draft, const struct stream_id *stream, uint64_t from,
                             uint64_t to);

/* After something was adopted here, or a stream of this node came: what the living stream counts and another machine's stream counts too is
 * given up, when it is this one's to give up (replication/stream/adoption.h). S_OK also when it cannot be: then it goes on counting twice,
 * and the journal says so. */
enum status adopt_yield(struct db *db, const struct id *node, enum topic topic);

/* Somebody above said that the machine is gone which wrote what has stamps up to `settled`: what that was to give up the living stream of results
 * gives up. Should the other one live all the same and give it up too, then it counts for itself again, wherever it is kept (adopted_recount). As
 * adopt_run() else. */
enum status adopt_settle(struct db *db, const struct id *node, hlc settled);

/* Begins the living stream of `topic` with a sentence that says nothing, so that what is closed can be adopted into it; nothing when it has
 * begun. */
enum status adopt_begin(struct db *db, enum topic topic);

#endif
