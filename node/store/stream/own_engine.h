/* own_engine.h: what the writer tells the own streams about jobs and transactions; for the engine files only.
 */
#ifndef QANAT_NODE_STORE_STREAM_OWN_ENGINE_H
#define QANAT_NODE_STORE_STREAM_OWN_ENGINE_H

#include "node/store/stream/anchor.h"
#include "node/store/stream/own.h"

struct own;

/* Takes over `anchor`. */
struct own *own_new(struct anchor *anchor);
void own_free(struct own *own);

/* A job did its work: certificates of changed streams are signed and stored. */
enum status own_job_end(struct db *db);

/* A job was undone. */
void own_job_undo(struct db *db);

/* The transaction is about to be committed: the anchor learns the new seqs. */
void own_commit_begin(struct db *db);

/* It is durable, or everything in it was undone (then `db` may be another connection than before). */
void own_commit_end(struct db *db, bool is_durable);

#endif
