/* delta.h: a certified delta on its way into its stream: what was staged of it and its last body, folded in through replication/stream/apply.h.
 *
 * A small one is folded in at once (stream_apply_body()). One of a million cells takes seconds, and there is one thread that writes: so it is folded in a
 * part at a time, beside the stream (beside.h), each part a job of its own; the last one has the result take the stream's place, if the digest is the
 * certified one. Until then nobody sees any of it. What a stream may cost is bounded before its digest is known: nobody's certificate may name more than
 * DELTA_COUNT_MAX cells (of some topics fewer), no more cells may be folded in than it names, and all of them DELTA_REPEATS_MAX times at most.
 */
#ifndef QANAT_NODE_STORE_STREAM_DELTA_H
#define QANAT_NODE_STORE_STREAM_DELTA_H

#include "node/store/db.h"
#include "replication/base/limits.h"
#include "replication/stream/stream.h"

enum {
    DELTA_AT_ONCE_CELLS = 25 * 1000,    /* so many are folded in at once: some 0.2 s, */
    DELTA_BODIES_AT_ONCE = 64,          /* in so many bodies; */
    DELTA_COPY_WORTH = 8,               /* and a stream of over so many times the cells of the delta is not copied for it, */
    DELTA_UNCOPIED_CELLS = 100 * 1000,  /* up to so many of them */
    DELTA_COUNT_MAX = 16 * 1024 * 1024, /* cells of one stream: a gigabyte; */
    DELTA_ROSTER_MAX = 4 * NODES_MAX,   /* of one of the roster, which everybody reads whole: as many statements as a roster holds, */
    DELTA_CATALOGUE_MAX = 64 * 1024,    /* and of the catalogue: versions of courses that one node published */
    DELTA_REPEATS_MAX = 16,             /* times the cells of the stream in one delta, they change on their way, */
    DELTA_REPEATS_SPARE = 64 * 1024,    /* and so many more */
};

struct store;
struct delta;

/* True when what is staged of a stream and `body`, the last one, are so many cells that others should not have to wait for all of them: it goes in parts. Else
 * stream_apply_body() takes it at once. Writer thread. */
bool delta_is_large(struct db *db, const struct stream_id *stream, struct bytes body);

/* `body` is the last one, with its certificate, whose signature was verified; borrowed until delta_free(). Never NULL. */
struct delta *delta_new(struct store *store, const struct id *federation, const struct stream_id *stream, struct bytes body);

/* What was put together beside the stream and did not take its place goes by and by. */
void delta_free(struct delta *delta);

/* --- in jobs on the writer thread; anything but S_OK: the job must fail, and the delta is over --- */

/* The next part: what belongs to one delta goes through the same struct, part after part. *is_whole_out: it was the last one, the stream is what the
 * certificate says. S_BAD_DIGEST, S_INVALID: it is not what was certified, what is staged of it has to go (stream_unstage()). S_STALE: something else moved the
 * stream meanwhile. S_TOO_LARGE: over one of the limits. */
enum status delta_part(struct delta *delta, struct db *db, bool *is_whole_out);

#endif
