/* adopt_draft.h: what an adoption will write, gathered and merged before anything is written; for adopt.c, and for the staging of a stream that
 * turns out longer.
 *
 * Into a draft go changes of cells: what a key counted for before, and now. Pages of sentences among them are taken over; where two machines of one
 * key adopted the same (replication/stream/adoption.h), the whole of it is in the values once more than it counts, and comes out again: it is
 * read from the covered streams that are kept (adopted.h). Owned by the caller. Writer thread. */
#ifndef QANAT_NODE_STORE_STREAM_ADOPT_DRAFT_H
#define QANAT_NODE_STORE_STREAM_ADOPT_DRAFT_H

#include "node/store/db.h"
#include "node/store/stream/head.h"
#include "replication/stream/adoption.h"

enum { ADOPT_BYTES_MAX = 256 * 1024 * 1024 }; /* keys and values of one adoption */

struct adopt_draft;
struct adopt_draft *adopt_draft_new(void);
void adopt_draft_free(struct adopt_draft *draft);

/* One cell was `from` (empty: not there) and is `to`. Copies. A key may come again, further on. */
void adopt_draft_add(struct adopt_draft *draft, struct bytes key, struct bytes from, struct bytes to);

/* How many. */
size_t adopt_draft_count(const struct adopt_draft *draft);

/* Into which stream, and what that says already. S_CORRUPT when its pages cannot be read. */
enum status adopt_draft_begin(struct db *db, struct adopt_draft *draft, const struct stream_id *living);

/* That stream will say `entry`. S_EXISTS when it says some of it already. */
enum status adopt_draft_say(struct adopt_draft *draft, const struct adoption *entry);

/* All cells of a closed stream, after a look whether they are those of its certificate, and the sentence. S_CORRUPT when they are not. */
enum status adopt_draft_take(struct db *db, struct adopt_draft *draft, const struct head_row *row);

/* A stream of incarnation `other` says this: what of it the living one has to give up is noted. `is_left`: nobody writes that stream any more, so
 * all that it says as far as the living one does is given up here. */
enum status adopt_draft_yield(struct adopt_draft *draft, const struct id *other, const struct adoption_list *said, bool is_left);

/* How much that is; its sentences become holes. */
size_t adopt_draft_yielded(struct adopt_draft *draft);

/* Everything that was drafted becomes cells of the living stream, and the rows of the adopted streams learn it. S_DENIED, S_INVALID, S_TOO_LARGE
 * when cells cannot be merged, S_EXISTS when something is there twice and cannot be taken out: then nothing was written. */
enum status adopt_draft_put(struct db *db, struct adopt_draft *draft);

/* What a stream says, holes aside, by the number of its row. */
enum status adopt_pages_read(struct db *db, int64_t number, struct adoption_list *out);

#endif
