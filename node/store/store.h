/* store.h: the node's database: one writer thread owns the only read-write connection, readers are read-only.
 *
 * Writes are jobs: a function that runs on the writer thread inside the open transaction, in a savepoint of
 * its own. Jobs queue up and commit together (group commit, synchronous=FULL); a job is `done` only after the
 * commit that holds it is durable. Reads use pooled read-only connections and must be short (READ_MS_MAX): a
 * reader that stays open stops checkpoints. */
#ifndef QANAT_NODE_STORE_STORE_H
#define QANAT_NODE_STORE_STORE_H

#include <stdbool.h>

#include "replication/base/status.h"
#include "replication/trust/identity.h"

struct store;
struct db; /* one connection with its prepared statements: db.h */

enum { READ_MS_MAX = 2000 };

struct store_options {
    bool must_create; /* `init`: fail when a database is there; otherwise fail when there is none */
    bool read_only;   /* no writer thread: for commands that only read beside a running node */
    int ballast_mib;  /* the running node keeps so much room back (ballast.h); 0: only lets go what is kept */
    int staged_mib;   /* room for cells that wait for their certificate (stream.h); 0: default */
    int cache_mib;    /* page cache of the writer; 0: default */
    const char
        *anchor_dir; /* where the volatile anchor goes (anchor.h); NULL: /dev/shm, else $XDG_RUNTIME_DIR */
};

/* Opens D/qanat.db, migrating an older schema (a newer one is refused, undamaged: S_VERSION). The caller
 * holds the directory's lock (dir.h) unless `read_only`. */
enum status store_open(const char *dir, const struct store_options *options, struct store **store_out,
                       struct report *report);

/* May this user read the files of the database in `dir` that are there, and with `is_writing` write them? S_DENIED names the first that they may not, its
 * owner and mode, and what to do. A file system that takes no writes is none of it (dir_is_read_only()). */
enum status store_check_rights(const char *dir, bool is_writing, struct report *report);

/* True when `dir` holds no database, or the empty file that making one began with: nothing is lost by making it (must_create). */
bool store_is_absent(const char *dir);

/* True when the database in `dir` has an older schema: opening it for writing changes that, opening it read-only is refused (S_BUSY). */
bool store_is_older(const char *dir);

/* Removes the copies made before the schema changed (migrate_copy.h). */
enum status store_forget_copies(struct store *store);

/* Finishes queued jobs, checkpoints, closes. */
void store_close(struct store *store);

/* The identity that signs this node's own streams; borrowed for the store's life. Set once before the first
 * own cell is written. */
void store_set_identity(struct store *store, const struct identity *identity, const struct id *federation);

/* Runs on the writer thread; anything but S_OK rolls back this job alone. */
typedef enum status store_job(struct db *db, void *arg);

/* Called after the commit (or failure), on the thread that calls store_drain(). */
typedef void store_done(void *arg, enum status status);

/* Queues `job`. `done` may be NULL. Never blocks, except when STORE_QUEUE_MAX jobs wait. */
void store_write(struct store *store, store_job *job, void *arg, store_done *done);

/* Queues `job` and waits until it is durable. For command and worker threads, never the loop thread. Under a watch (node/shortfall.h) that saw a
 * read fail the job does not run: nothing is written on the strength of a part, and the error of that read is the answer. */
enum status store_write_wait(struct store *store, store_job *job, void *arg);

/* Waits until what was queued before is durable. The same threads. */
enum status store_wait(struct store *store);

/* From inside a job: `job` runs once at the end of this transaction, before it is committed, however many jobs asked for it with this
 * `arg`. For what must look at everything after a change: a thousand streams that come together cost one look. It fails alone, and only the
 * journal hears of it: the next change, or the next start, looks again. */
void store_defer(struct db *db, store_job *job, void *arg);

/* From inside a job: `job` runs once just before this transaction is committed, behind all that was deferred, and when it fails nothing of the
 * transaction stands. For what has to be durable before a row says so: many files cost one sync. It may run in a transaction in which the job that
 * asked was undone. */
void store_before_commit(struct db *db, store_job *job, void *arg);

/* The same outside of any transaction, between two: for what SQLite does not do inside of one. */
enum status store_run_apart(struct store *store, store_job *job, void *arg);

/* `wake` is called from the writer thread when completions wait (uv_async_send in the node); store_drain()
 * then runs them on the caller's thread. */
void store_set_wake(struct store *store, void (*wake)(void *ctx), void *ctx);
void store_drain(struct store *store);

/* Counts commits that changed something, and what ran apart: cheap to poll from any thread. Has grown before a commit is acknowledged. */
uint64_t store_generation(const struct store *store);

/* A pooled read-only connection with an open read transaction; end it soon. What failed in it is noted as it ends: node/shortfall.h. */
struct db *store_read_begin(struct store *store);
void store_read_end(struct store *store, struct db *db);

#endif
