/* held.h: receipts: which hub durably holds which stream, up to which seq. They travel down the tree. */
#ifndef QANAT_NODE_STORE_STREAM_HELD_H
#define QANAT_NODE_STORE_STREAM_HELD_H

#include "node/store/db.h"
#include "replication/wire/message.h"

/* Receipts of one holder for streams of one writer and topic: of streams that are not known here (of another path, or of before a loss) no more are kept when
 * there are so many, or a member that makes up incarnations would fill the disk, and hide the receipts of others behind its own. */
enum { HELD_UNKNOWN_MAX = 64 };

/* Keeps a receipt; one that says less than what is known, or is one too many, changes nothing. S_INVALID for a
 * seq or time out of range. Writer thread. */
enum status held_put(struct db *db, const struct held *held);

/* The first receipt above (`stream`, `holder`) in that order; NULL, NULL: the first. With only `stream`: the
 * first of it or above. False at the end. */
bool held_next(struct db *db, const struct stream_id *stream, const struct id *holder, struct held *held_out);

/* Up to which seq `holder` said to hold `stream`; 0 when it said nothing. */
uint64_t held_find_seq(struct db *db, const struct stream_id *stream, const struct id *holder);

/* Cells of the stream that `holder` has not said to hold: an upper bound. */
uint64_t held_lacking(struct db *db, const struct stream_head *head, const struct id *holder);

/* Forgets the receipts of a stream. Writer thread. */
enum status held_drop(struct db *db, const struct stream_id *stream);

/* Forgets the one of `holder`. Writer thread. */
enum status held_drop_one(struct db *db, const struct stream_id *stream, const struct id *holder);

#endif
