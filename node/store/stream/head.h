/* head.h: rows of streams and their LtHash states; the store's own level below stream.h and own.h. */
#ifndef QANAT_NODE_STORE_STREAM_HEAD_H
#define QANAT_NODE_STORE_STREAM_HEAD_H

#include "node/store/db.h"
#include "replication/stream/certificate.h"
#include "replication/stream/lthash.h"

struct head_row {
    int64_t number;
    struct certificate certificate; /* head.seq 0: only staged batches are here, the rest is zero */
    uint64_t at_ms;                 /* when it was stored, this node's clock */
    uint64_t adopted;               /* stream.sql; for a seq of 0 ask adopted_seq() */
    bool is_beside;                 /* no stream: beside.h */
};

/* False when there is none, or on an error (db_status). */
bool head_find(struct db *db, const struct stream_id *stream, struct head_row *row_out);

/* The row with a given number. */
bool head_get(struct db *db, int64_t number, struct head_row *row_out);

/* The first stream with cells, not covered by an adoption, whose encoded id is above `id` (any bytes, also a part or
 * none). */
bool head_after(struct db *db, struct bytes id, struct head_row *row_out);

/* The current row of a statement with the columns of stream_get; false for one that is none (db_status()). */
bool head_row_read(struct db *db, struct statement *row, struct head_row *out);

/* The next stream of the same node and topic behind `stream` of which another says that it is counted in that, covered or not. */
bool head_said_after(struct db *db, const struct stream_id *stream, struct head_row *row_out);

/* The next stream of the same node and topic behind `stream` that counts and whose certificate is later than `from` and earlier than `to`. */
bool head_between_after(struct db *db, const struct stream_id *stream, hlc from, hlc to, struct head_row *row_out);

/* Finds the row or makes an empty one. */
enum status head_make(struct db *db, const struct stream_id *stream, struct head_row *row_out);

/* Stores the certificate and the state it names, as of now. */
enum status head_put(struct db *db, int64_t number, const struct certificate *certificate,
                     const struct lthash *state);

/* The state; an empty one for a stream without cells. */
enum status head_state(struct db *db, const struct head_row *row, struct lthash *state_out);

#endif
