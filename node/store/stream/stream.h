/* stream.h: replicated streams in the database: heads, certificates, cells, staging.
 *
 * A cell's row id is stream number << 36 | seq, so a delta is an index range scan and no log is kept. Keys
 * are packed through a dictionary of terms, which keeps a million cells under 60 MB. */
#ifndef QANAT_NODE_STORE_STREAM_STREAM_H
#define QANAT_NODE_STORE_STREAM_STREAM_H

#include "node/store/db.h"
#include "replication/base/arena.h"
#include "replication/peer/view.h"
#include "replication/stream/certificate.h"

/* First stream above `after` (NULL: the first) that no adoption covers (adopted.h); false at the end. */
bool stream_next(struct db *db, const struct stream_id *after, struct stream_head *head_out);
bool stream_find(struct db *db, const struct stream_id *stream, struct certificate *certificate_out);

/* See view_ops.cells_scan. */
size_t stream_cells_scan(struct db *db, const struct stream_id *stream, uint64_t after_seq, size_t max,
                         struct arena *arena, struct cell *cells_out);

/* Calls `visit` for every cell of every stream of `topic` that counts beside the others (adopted.h), in stream and seq
 * order, until it says otherwise.
 * For stats and roster loading. Head and cell are borrowed during the call; `visit` must not walk again on
 * the same connection (scanning is fine). */
typedef enum status stream_cell_visit(void *ctx, const struct stream_head *head, const struct cell *cell);
enum status stream_cells_each(struct db *db, enum topic topic, stream_cell_visit *visit, void *ctx);

/* The last seq staged of `stream`, 0 when nothing is. */
uint64_t stream_staged_seq(struct db *db, const struct stream_id *stream);

/* --- writer thread only --- */

/* Cells without their certificate may take so much of the disk, a row STAGED_ROW_SIZE more than its bytes: who never sends a certificate cannot fill
 * it, nor make so many rows of a few bytes each that adding them up for every further one takes the writer's time. Over that, what was staged first is
 * dropped, and asked for again if it is wanted. */
enum { STAGED_MIB = 512, STAGED_ROW_SIZE = 4096 };

/* Keeps a batch body, packed where it is large; S_TOO_LARGE when there is no room left but its own; S_STALE unless `after_seq` is what
 * is staged (or stored, when nothing is staged). */
enum status stream_stage(struct db *db, const struct stream_id *stream, uint64_t after_seq, uint64_t seq,
                         struct bytes body);
enum status stream_unstage(struct db *db, const struct stream_id *stream);

/* Applies what is staged and the final `body` (with its certificate, whose signature was verified) through
 * replication/stream/apply.h. On S_BAD_DIGEST the caller's job must fail; staging is then dropped by
 * stream_unstage() in a job of its own. */
enum status stream_apply_body(struct db *db, const struct id *federation, const struct stream_id *stream,
                              struct bytes body);

#endif
