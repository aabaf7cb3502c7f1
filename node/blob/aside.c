#include "node/blob/aside.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/blob/folder.h"
#include "node/log.h"
#include "replication/base/check.h"

struct aside {
    struct blobs *blobs;
    blob_completed *completed;
    void *ctx;
    pthread_t thread;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t moved;
    struct blob_row waiting[ASIDE_MAX];
    size_t count;
    bool is_stopping, is_stopped;
    bool has_left;
};

/* What was found, on its way to the writer. */
struct verdict {
    struct aside *aside;
    struct blob_row blob;
    enum status found;
};

static void verdict_done(void *arg, enum status status)
{
    struct verdict *verdict = arg;
    struct aside *aside = verdict->aside;

    if (status != S_OK) {
        log_event(LOG_WARNING, "check_failed", "status=\"%s\"", status_text(status));
        pthread_mutex_lock(&aside->lock);
        aside->has_left = true;
        pthread_mutex_unlock(&aside->lock);
    }
    free(verdict);
}

static enum status verdict_run(struct db *db, void *arg)
{
    const struct verdict *verdict = arg;
    const struct aside *aside = verdict->aside;
    struct buffer completed;

    buffer_init(&completed);
    enum status status = blob_decide(aside->blobs, db, &verdict->blob, verdict->found, &completed);
    if (status == S_OK && completed.size > 0) {
        status = aside->completed(aside->ctx, db, &completed);
    }
    buffer_release(&completed);
    return status;
}

/* Waits for a blob to check, and takes it; false at the end. */
static bool aside_next(struct aside *aside, struct blob_row *blob_out)
{
    pthread_mutex_lock(&aside->lock);
    while (!aside->is_stopping && aside->count == 0) {
        pthread_cond_wait(&aside->moved, &aside->lock);
    }
    bool has_one = !aside->is_stopping;
    if (has_one) {
        *blob_out = aside->waiting[0];
        memmove(aside->waiting, aside->waiting + 1, --aside->count * sizeof *aside->waiting);
    }
    pthread_mutex_unlock(&aside->lock);
    return has_one;
}

static void *aside_main(void *arg)
{
    struct aside *aside = arg;
    struct blob_row blob;

    while (aside_next(aside, &blob)) {
        int file = blob_open_complete(aside->blobs, &blob.hash);
        if (file < 0) {
            continue; /* it was let go meanwhile */
        }
        struct verdict *verdict = malloc(sizeof *verdict);
        CHECK(verdict);
        *verdict = (struct verdict){aside, blob, blob_verify_file(file, &blob.hash, blob.size)};
        close(file);
        store_write(aside->blobs->store, verdict_run, verdict, verdict_done);
    }
    return NULL;
}

struct aside *aside_start(struct blobs *blobs, blob_completed *completed, void *ctx)
{
    struct aside *aside = calloc(1, sizeof *aside);
    sigset_t all, before;

    CHECK(aside);
    aside->blobs = blobs;
    aside->completed = completed;
    aside->ctx = ctx;
    aside->has_left = true;
    pthread_mutex_init(&aside->lock, NULL);
    pthread_cond_init(&aside->moved, NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals belong to the loop thread */
    CHECK(pthread_create(&aside->thread, NULL, aside_main, aside) == 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return aside;
}

bool aside_add(struct aside *aside, const struct blob_row *blob)
{
    pthread_mutex_lock(&aside->lock);
    bool has_room = aside->count < ASIDE_MAX && !aside->is_stopping;

    if (has_room) {
        aside->waiting[aside->count++] = *blob;
        pthread_cond_signal(&aside->moved);
    }
    pthread_mutex_unlock(&aside->lock);
    return has_room;
}

bool aside_has_left(struct aside *aside)
{
    pthread_mutex_lock(&aside->lock);
    bool has_left = aside->has_left;
    aside->has_left = false;
    pthread_mutex_unlock(&aside->lock);
    return has_left;
}

void aside_stop(struct aside *aside)
{
    pthread_mutex_lock(&aside->lock);
    aside->is_stopping = true;
    bool is_stopped = aside->is_stopped;
    aside->is_stopped = true;
    pthread_cond_signal(&aside->moved);
    pthread_mutex_unlock(&aside->lock);
    if (!is_stopped) {
        pthread_join(aside->thread, NULL);
    }
}

void aside_free(struct aside *aside)
{
    if (aside) {
        aside_stop(aside);
        pthread_cond_destroy(&aside->moved);
        pthread_mutex_destroy(&aside->lock);
        free(aside);
    }
}
