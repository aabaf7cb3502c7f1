#include "node/store/writer.h"

#include <signal.h>
#include <stdlib.h>

#include "node/incident.h"
#include "node/log.h"
#include "node/store/stream/own_engine.h"
#include "node/store/stream/speakers.h"
#include "node/store/stream/term.h"
#include "replication/base/check.h"

struct job {
    struct job *next;
    store_job *run;
    void *arg;
    store_done *done;
    enum status status;
    bool is_apart;  /* runs between two transactions */
    bool is_waited; /* store_write_wait() owns it; else the writer frees it */
    bool is_finished;
};

struct job_list {
    struct job *first, *last;
    size_t count;
};

struct writer {
    struct store *store;
    struct db *db; /* NULL: could not be reopened */
    pthread_t thread;
    uint64_t wal_checked; /* WAL size at the last checkpoint */
    int64_t end_began_ms, end_ms; /* of the last transaction: when its end began, and how long it took */

    pthread_mutex_t lock;  /* guards what follows */
    pthread_cond_t queued; /* a job came, or stop */
    pthread_cond_t moved;  /* room in the queue, or a waited job is finished */
    struct job_list queue;
    struct job_list finished; /* with `done`, for writer_drain() */
    bool is_stopping;
    void (*wake)(void *ctx);
    void *wake_ctx;
};

static void list_append(struct job_list *list, struct job *job)
{
    job->next = NULL;
    if (list->last) {
        list->last->next = job;
    } else {
        list->first = job;
    }
    list->last = job;
    list->count++;
}

static struct job *list_take(struct job_list *list)
{
    struct job *job = list->first;

    if (job) {
        list->first = job->next;
        list->last = list->first ? list->last : NULL;
        list->count--;
    }
    return job;
}

/* The next job of an open transaction, or with `may_wait` of a new one; NULL: none now, or stop. */
static struct job *writer_next(struct writer *writer, bool may_wait)
{
    pthread_mutex_lock(&writer->lock);
    while (may_wait && !writer->queue.first && !writer->is_stopping) {
        pthread_cond_wait(&writer->queued, &writer->lock);
    }
    const bool may_join = may_wait || (writer->queue.first && !writer->queue.first->is_apart);
    struct job *job = may_join ? list_take(&writer->queue) : NULL;
    if (job) {
        pthread_cond_broadcast(&writer->moved);
    }
    pthread_mutex_unlock(&writer->lock);
    return job;
}

/* Hands the jobs of a finished transaction back; those that succeeded inside it get `status`. */
static void writer_deliver(struct writer *writer, struct job_list *group, enum status status)
{
    bool has_done = false;
    struct job *job;

    pthread_mutex_lock(&writer->lock);
    while ((job = list_take(group))) {
        job->status = job->status == S_OK ? status : job->status;
        job->is_finished = true;
        if (job->is_waited) {
            continue;
        }
        if (job->done) {
            list_append(&writer->finished, job);
            has_done = true;
        } else {
            free(job);
        }
    }
    pthread_cond_broadcast(&writer->moved);
    void (*wake)(void *ctx) = writer->wake;
    void *ctx = writer->wake_ctx;
    pthread_mutex_unlock(&writer->lock);
    if (has_done && wake) {
        wake(ctx);
    }
}

static enum status run_statement(struct db *db, enum statement_name name)
{
    return statement_run(db_statement(db, name));
}

/* Undoes what one job did. False when the transaction is gone, with everything in it. */
static bool job_undo(struct db *db, bool is_first)
{
    db_settle(db);
    terms_undo(db);
    speakers_undo(db);
    own_job_undo(db);
    if (!db_in_transaction(db)) {
        return false;
    }
    if (!is_first && run_statement(db, STATEMENT_savepoint_rollback) == S_OK &&
        run_statement(db, STATEMENT_savepoint_release) == S_OK) {
        return true;
    }
    db_settle(db);
    if (db_in_transaction(db)) {
        run_statement(db, STATEMENT_transaction_rollback);
    }
    return false;
}

/* Runs one job inside the open transaction; false when the transaction was lost. */
static bool job_run(struct db *db, struct job *job, bool is_first)
{
    enum status status = is_first ? S_OK : run_statement(db, STATEMENT_savepoint_begin);

    if (status == S_OK) {
        status = job->run(db, job->arg);
    }
    if (status == S_OK) {
        status = own_job_end(db);
    }
    if (status == S_OK) {
        status = db_status(db);
    }
    if (status == S_OK && !db_in_transaction(db)) {
        status = S_INTERNAL;
    }
    if (status == S_OK) {
        db_settle(db);
        status = is_first ? S_OK : run_statement(db, STATEMENT_savepoint_release);
    }
    job->status = status;
    return status == S_OK || job_undo(db, is_first);
}

/* Fails the jobs that thought they had succeeded: their transaction was rolled back under them. */
static void group_fail(struct job_list *group, enum status status)
{
    for (struct job *job = group->first; job; job = job->next) {
        job->status = job->status == S_OK ? status : job->status;
    }
}

static void note_once(struct deferred *list, size_t *count, store_job *run, void *arg)
{
    for (size_t i = 0; i < *count; i++) {
        if (list[i].run == run && list[i].arg == arg) {
            return;
        }
    }
    CHECK(*count < DEFERRED_MAX);
    list[(*count)++] = (struct deferred){run, arg};
}

void store_defer(struct db *db, store_job *run, void *arg)
{
    struct store *store = db_store(db);

    note_once(store->deferred, &store->deferred_count, run, arg);
}

void store_before_commit(struct db *db, store_job *run, void *arg)
{
    struct store *store = db_store(db);

    note_once(store->settling, &store->settling_count, run, arg);
}

/* Runs what the jobs of the open transaction put off, behind them and in savepoints; false when the
 * transaction was lost. */
static bool deferred_run(struct writer *writer)
{
    struct store *store = writer->store;
    bool is_standing = true;

    for (size_t i = 0; i < store->deferred_count && is_standing; i++) {
        struct job job = {.run = store->deferred[i].run, .arg = store->deferred[i].arg};
        is_standing = job_run(writer->db, &job, false);
        db_settle(writer->db);
        if (job.status != S_OK) {
            log_event(LOG_WARNING, "deferred_failed", "status=\"%s\"", status_text(job.status));
        }
    }
    return is_standing;
}

/* What has to be durable before the commit; anything but S_OK: the transaction was rolled back. */
static enum status settling_run(struct writer *writer)
{
    struct store *store = writer->store;
    enum status status = S_OK;

    for (size_t i = 0; i < store->settling_count && status == S_OK; i++) {
        status = store->settling[i].run(writer->db, store->settling[i].arg);
        status = status == S_OK ? db_status(writer->db) : status;
    }
    if (status != S_OK) {
        log_event(LOG_WARNING, "settling_failed", "status=\"%s\"", status_text(status));
        (void)job_undo(writer->db, true);
    }
    return status;
}

/* What ends a transaction before its commit; false when it is gone, and its jobs failed. */
static bool group_close(struct writer *writer, struct job_list *group)
{
    enum status status = deferred_run(writer) ? settling_run(writer) : S_IO;

    if (status != S_OK) {
        own_commit_end(writer->db, false);
        group_fail(group, status);
    }
    return status == S_OK;
}

int64_t writer_group_ms(int64_t end_ms)
{
    if (end_ms > WRITER_GROUP_MS / WRITER_COMMIT_SHARE) {
        return WRITER_GROUP_MS;
    }
    int64_t group_ms = WRITER_COMMIT_SHARE * end_ms;
    return group_ms > WRITER_GROUP_MIN_MS ? group_ms : WRITER_GROUP_MIN_MS;
}

/* Runs jobs into one transaction, left open; returns how many of them stand in it. */
static size_t group_run(struct writer *writer, struct job *first, struct job_list *group)
{
    int64_t start = engine_monotonic_ms(), group_ms = writer_group_ms(writer->end_ms);
    size_t standing = 0;

    writer->store->deferred_count = 0;
    writer->store->settling_count = 0;
    for (struct job *job = first; job; job = writer_next(writer, false)) {
        list_append(group, job);
        job->status = S_OK;
        if (standing == 0) {
            job->status = run_statement(writer->db, STATEMENT_transaction_begin);
        }
        if (job->status == S_OK) {
            if (job_run(writer->db, job, standing == 0)) {
                standing += job->status == S_OK;
            } else {
                own_commit_end(writer->db, false);
                group_fail(group, job->status);
                standing = 0;
            }
        }
        db_settle(writer->db);
        if (group->count >= WRITER_GROUP_JOBS || engine_monotonic_ms() - start >= group_ms) {
            break;
        }
    }
    writer->end_began_ms = engine_monotonic_ms();
    return standing > 0 && group_close(writer, group) ? standing : 0;
}

static void writer_reopen(struct writer *writer)
{
    if (writer->db) {
        log_event(LOG_ERROR, "store_commit_failed", "path=\"%s\" next=reopen", writer->store->path);
        db_close(writer->db);
    }
    writer->wal_checked = 0;
    enum status status = engine_reopen(writer->store, &writer->db);
    incident_add(INCIDENT_REOPENINGS, status == S_OK);
    log_event(status == S_OK ? LOG_WARNING : LOG_ERROR, "store_reopened", "status=\"%s\"",
              status_text(status));
    if (writer->db) {
        own_commit_end(writer->db, false);
        speakers_anew(writer->db);
        atomic_fetch_add(&writer->store->generation, 1); /* what was not certain may stand in it */
    }
}

/* Makes the group durable. What the commit says is final: S_OK after fsync, anything else means that nothing
 * may be acknowledged. */
static enum status group_commit(struct writer *writer)
{
    own_commit_begin(writer->db);
    enum status status = run_statement(writer->db, STATEMENT_transaction_commit);

    db_settle(writer->db);
    if (status == S_OK) {
        terms_keep(writer->db);
        speakers_keep(writer->db);
        own_commit_end(writer->db, true);
        atomic_fetch_add(&writer->store->generation, 1);
        return S_OK;
    }
    if (db_in_transaction(writer->db)) {
        run_statement(writer->db, STATEMENT_transaction_rollback);
        db_settle(writer->db);
    }
    terms_undo(writer->db);
    speakers_undo(writer->db);
    own_job_undo(writer->db);
    if (status == S_BUSY || status == S_NO_SPACE) { /* nothing was written that counts: no sync was tried */
        own_commit_end(writer->db, false);
    } else {
        writer_reopen(writer);
    }
    return status;
}

static void writer_checkpoint(struct writer *writer)
{
    uint64_t size = db_wal_size(writer->db);

    if (size < writer->wal_checked) {
        writer->wal_checked = 0; /* the WAL began again */
    }
    if (size < writer->wal_checked + WRITER_CHECKPOINT_SIZE) {
        return;
    }
    enum status status = db_checkpoint(writer->db, size >= WRITER_TRUNCATE_SIZE);
    writer->wal_checked = db_wal_size(writer->db);
    if (status != S_OK && status != S_BUSY) {
        log_event(LOG_WARNING, "checkpoint_failed", "status=\"%s\" wal=%llu", status_text(status),
                  (unsigned long long)size);
    }
    db_settle(writer->db);
}

static bool group_is_without_space(const struct job_list *group, enum status status)
{
    bool is_without = status == S_NO_SPACE;

    for (const struct job *job = group->first; job; job = job->next) {
        is_without |= job->status == S_NO_SPACE;
    }
    return is_without;
}

static void *writer_main(void *arg)
{
    struct writer *writer = arg;
    struct job *job;

    while ((job = writer_next(writer, true))) {
        struct job_list group = {NULL, NULL, 0};
        enum status status = S_OK;

        ballast_look(&writer->store->ballast, engine_monotonic_ms());
        if (!writer->db) {
            writer_reopen(writer);
        }
        if (!writer->db) {
            list_append(&group, job);
            status = S_IO;
        } else if (job->is_apart) {
            list_append(&group, job);
            job->status = job->run(writer->db, job->arg);
            db_settle(writer->db);
            speakers_anew(writer->db);
            atomic_fetch_add(&writer->store->generation, 1); /* built anew, it may hold less */
        } else if (group_run(writer, job, &group)) {
            status = group_commit(writer);
            writer->end_ms = engine_monotonic_ms() - writer->end_began_ms;
        }
        if (group_is_without_space(&group, status)) {
            ballast_release(&writer->store->ballast, engine_monotonic_ms());
        }
        writer_deliver(writer, &group, status);
        if (writer->db) {
            writer_checkpoint(writer);
        }
    }
    return NULL;
}

struct writer *writer_start(struct store *store, struct db *db)
{
    struct writer *writer = calloc(1, sizeof *writer);
    sigset_t all, before;

    CHECK(writer);
    writer->store = store;
    writer->db = db;
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->queued, NULL);
    pthread_cond_init(&writer->moved, NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals belong to the loop thread */
    int failed = pthread_create(&writer->thread, NULL, writer_main, writer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    CHECK(!failed);
    return writer;
}

void writer_stop(struct writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    writer->is_stopping = true;
    pthread_cond_broadcast(&writer->queued);
    pthread_cond_broadcast(&writer->moved);
    pthread_mutex_unlock(&writer->lock);
    pthread_join(writer->thread, NULL);
    if (writer->db) {
        db_checkpoint(writer->db, true);
        db_close(writer->db);
        writer->db = NULL;
    }
}

void writer_free(struct writer *writer)
{
    struct job *job;

    CHECK(!writer->db && !writer->queue.first);
    while ((job = list_take(&writer->finished))) {
        free(job);
    }
    pthread_cond_destroy(&writer->queued);
    pthread_cond_destroy(&writer->moved);
    pthread_mutex_destroy(&writer->lock);
    free(writer);
}

/* Queues `job`, or finishes it with S_BUSY when the writer is stopping. The lock is held. */
static void writer_append(struct writer *writer, struct job *job)
{
    bool is_writer = pthread_equal(pthread_self(), writer->thread);

    while (!is_writer && writer->queue.count >= STORE_QUEUE_MAX && !writer->is_stopping) {
        pthread_cond_wait(&writer->moved, &writer->lock);
    }
    if (!writer->is_stopping) {
        list_append(&writer->queue, job);
        pthread_cond_signal(&writer->queued);
        return;
    }
    job->status = S_BUSY;
    job->is_finished = true;
    if (job->done) {
        list_append(&writer->finished, job);
    } else if (!job->is_waited) {
        free(job);
    }
}

void writer_queue(struct writer *writer, store_job *run, void *arg, store_done *done)
{
    struct job *job = calloc(1, sizeof *job);

    CHECK(job);
    job->run = run;
    job->arg = arg;
    job->done = done;
    pthread_mutex_lock(&writer->lock);
    writer_append(writer, job);
    pthread_mutex_unlock(&writer->lock);
}

static enum status wait_for(struct writer *writer, struct job job)
{
    CHECK(!pthread_equal(pthread_self(), writer->thread));
    pthread_mutex_lock(&writer->lock);
    writer_append(writer, &job);
    while (!job.is_finished) {
        pthread_cond_wait(&writer->moved, &writer->lock);
    }
    pthread_mutex_unlock(&writer->lock);
    return job.status;
}

enum status writer_wait(struct writer *writer, store_job *run, void *arg)
{
    return wait_for(writer, (struct job){.run = run, .arg = arg, .is_waited = true});
}

enum status writer_run_apart(struct writer *writer, store_job *run, void *arg)
{
    return wait_for(writer, (struct job){.run = run, .arg = arg, .is_waited = true, .is_apart = true});
}

void writer_set_wake(struct writer *writer, void (*wake)(void *ctx), void *ctx)
{
    pthread_mutex_lock(&writer->lock);
    writer->wake = wake;
    writer->wake_ctx = ctx;
    pthread_mutex_unlock(&writer->lock);
}

void writer_drain(struct writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    struct job_list ready = writer->finished;
    writer->finished = (struct job_list){NULL, NULL, 0};
    pthread_mutex_unlock(&writer->lock);
    struct job *job;
    while ((job = list_take(&ready))) {
        job->done(job->arg, job->status);
        free(job);
    }
}
