/* adopt.h: this node takes what it published in closed incarnations into the living one.
 *
 * What is safe to adopt is decided over a view (replication/peer/adopt.h); here it is done, in the job that asks: the
 * values merged into own cells and the sentence that says so, under one certificate. Before anything is added each
 * stream's cells are held against its certificate: a rotten row must not become a certified figure. Writer thread. */
#ifndef QANAT_NODE_STORE_STREAM_ADOPT_H
#define QANAT_NODE_STORE_STREAM_ADOPT_H

#include "node/store/db.h"
#include "replication/peer/adopt.h"

enum { ADOPT_BYTES_MAX = 256 * 1024 * 1024 }; /* keys and values of one adoption */

/* S_OK; S_STALE when a chosen stream or the living incarnation is another than in the plan; S_CORRUPT when stored cells
 * do not add up to their certificate; S_DENIED, S_INVALID, S_TOO_LARGE when cells cannot be merged; S_EXISTS when a
 * chosen stream counts what the living one counts already. On anything but S_OK nothing was written. */
enum status adopt_run(struct db *db, const struct adopt_plan *plan);

/* The changes of cells on their way from one state of an adopted stream to a later one. */
struct adopt_draft;
struct adopt_draft *adopt_draft_new(void);
void adopt_draft_free(struct adopt_draft *draft);

/* One cell was `from` (empty: not there) and is `to`. Copies. A key may come again, further on. */
void adopt_draft_add(struct adopt_draft *draft, struct bytes key, struct bytes from, struct bytes to);

/* `stream`, of this node, was adopted up to `from` and turned out to reach `to`: the difference goes into the living
 * stream. Errors as above; then the difference is not counted. */
enum status adopt_difference(struct db *db, struct adopt_draft *draft, const struct stream_id *stream, uint64_t from,
                             uint64_t to);

#endif
