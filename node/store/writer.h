/* writer.h: the one thread that writes: a queue of jobs, group commit, checkpoints.
 *
 * Jobs run in the order in which they were queued. As many as wait share one transaction, of WRITER_GROUP_JOBS at most, which takes further jobs
 * for WRITER_COMMIT_SHARE times as long as the end of the one before took (settling, syncs, commit), within two bounds: where a sync is cheap
 * nobody waits long behind thousands of small files that come for somebody else, and where it is dear it is shared by more. A job that
 * is not the first of its transaction runs in a savepoint, the first one is undone by rolling the transaction back: nothing else is
 * in it. After a commit that failed the connection is thrown away, and no job is accepted as done before the database was
 * reopened and checked. */
#ifndef QANAT_NODE_STORE_WRITER_H
#define QANAT_NODE_STORE_WRITER_H

#include "node/store/engine.h"

enum {
    STORE_QUEUE_MAX = 4096,                   /* jobs waiting; store_write() blocks above */
    WRITER_GROUP_JOBS = 1024,                 /* jobs in one transaction */
    WRITER_GROUP_MIN_MS = 25,                 /* no further job joins a transaction this old, where its end is quick, */
    WRITER_GROUP_MS = 200,                    /* and in any case */
    WRITER_COMMIT_SHARE = 4,
    WRITER_CHECKPOINT_SIZE = 4 * 1024 * 1024, /* WAL grown by so much: PASSIVE */
    WRITER_TRUNCATE_SIZE = 64 * 1024 * 1024,  /* WAL this large: TRUNCATE, waiting for readers */
};

struct writer;

/* Takes over `db`. Never NULL. */
struct writer *writer_start(struct store *store, struct db *db);

/* Runs what is queued, ends the thread, checkpoints, closes the connection. Jobs queued from now on fail with
 * S_BUSY. */
void writer_stop(struct writer *writer);
void writer_free(struct writer *writer);

void writer_queue(struct writer *writer, store_job *job, void *arg, store_done *done);
enum status writer_wait(struct writer *writer, store_job *job, void *arg);
enum status writer_run_apart(struct writer *writer, store_job *job, void *arg); /* outside of a transaction */
/* How long a transaction takes further jobs, when the end of the one before took `end_ms`. */
int64_t writer_group_ms(int64_t end_ms);

void writer_set_wake(struct writer *writer, void (*wake)(void *ctx), void *ctx);
void writer_drain(struct writer *writer);

#endif
