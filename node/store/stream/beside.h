/* beside.h: a stream that is put together beside the one that counts, a part at a time, until it takes that one's place.
 *
 * A row of `stream` with a seq of 0, a count above 0, and neither digest nor signature. Its cells are nobody's yet: no head leads to its number, so nobody
 * counts, offers or scans them. Its id is random. When it takes the place of another, that one's former cells stand beside in turn, and are deleted a part
 * at a time, as is what a kill left of one: others who write never wait for more than a part. */
#ifndef QANAT_NODE_STORE_STREAM_BESIDE_H
#define QANAT_NODE_STORE_STREAM_BESIDE_H

#include "node/store/stream/head.h"

enum { BESIDE_PART_CELLS = 2048 }; /* copied, folded in or deleted in one transaction */

struct store;

/* --- writer thread only --- */

/* A new row, behind all others. */
enum status beside_make(struct db *db, int64_t *number_out);

bool beside_is(struct db *db, int64_t number);

/* Copies the next cells of stream `from` above *seq, with their seqs. *seq is that of the last one then, and stays where no more are left. */
enum status beside_copy(struct db *db, int64_t from, int64_t to, uint64_t *seq);

/* The cells of `number` are those of the stream `row` from now on; its former ones go by and by. Its head is the caller's (head_put()). */
enum status beside_take_place(struct db *db, const struct head_row *row, int64_t number);

bool beside_is_any(struct db *db);

/* --- any thread --- */

/* It goes by and by: in jobs of the store, a part in each. */
void beside_drop(struct store *store, int64_t number);

/* So does all that the process before this one left. Before any is made. */
void beside_clear(struct store *store);

#endif
