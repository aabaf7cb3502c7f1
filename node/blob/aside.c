#include "node/blob/aside.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/blob/folder.h"
#include "node/blob/trail.h"
#include "node/log.h"
#include "replication/base/check.h"

/* A file that grows. */
struct growth {
    struct hash file;
    uint64_t end;    /* so much of it is there, from its beginning; 0: none */
    uint64_t grown;  /* when, by count */
    bool is_begun;   /* its trail is of this file, from its beginning */
};

struct aside {
    struct blobs *blobs;
    blob_completed *completed;
    void *ctx;
    pthread_t thread;
    struct trail trails[ASIDE_FOLLOWED]; /* of the thread; each of the growth beside it */

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t moved;
    struct blob_row waiting[ASIDE_MAX];
    size_t count;
    size_t unsettled; /* blobs that wait, are checked, or whose verdict is on its way */
    struct growth growths[ASIDE_FOLLOWED];
    uint64_t grown;
    bool is_stopping, is_stopped;
    bool has_left;
};

/* What was found, on its way to the writer. */
struct verdict {
    struct aside *aside;
    struct blob_row blob;
    enum status found;
};

/* One blob is nobody's any more; `is_left`: unchecked. */
static void blob_settle(struct aside *aside, bool is_left)
{
    pthread_mutex_lock(&aside->lock);
    aside->unsettled--;
    aside->has_left = aside->has_left || is_left;
    pthread_mutex_unlock(&aside->lock);
}

static void verdict_done(void *arg, enum status status)
{
    struct verdict *verdict = arg;

    if (status != S_OK) {
        log_event(LOG_WARNING, "check_failed", "status=\"%s\"", status_text(status));
    }
    blob_settle(verdict->aside, status != S_OK);
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

/* What there is to do next: a blob to check before a file that grew. */
struct task {
    bool is_check;
    struct blob_row blob;
    size_t at; /* of the growth and its trail */
    struct growth growth;
};

/* One whose trail is behind it; ASIDE_FOLLOWED: none. */
static size_t growth_due(const struct aside *aside)
{
    size_t at = 0;

    while (at < ASIDE_FOLLOWED && (aside->growths[at].end == 0 || (aside->growths[at].is_begun && aside->trails[at].offset >= aside->growths[at].end))) {
        at++;
    }
    return at;
}

/* Waits for a task; false at the end. */
static bool aside_next(struct aside *aside, struct task *task_out)
{
    pthread_mutex_lock(&aside->lock);
    while (!aside->is_stopping && aside->count == 0 && growth_due(aside) == ASIDE_FOLLOWED) {
        pthread_cond_wait(&aside->moved, &aside->lock);
    }
    bool has_one = !aside->is_stopping;
    task_out->is_check = aside->count > 0;
    if (has_one && task_out->is_check) {
        task_out->blob = aside->waiting[0];
        memmove(aside->waiting, aside->waiting + 1, --aside->count * sizeof *aside->waiting);
    } else if (has_one) {
        task_out->at = growth_due(aside);
        task_out->growth = aside->growths[task_out->at];
        aside->growths[task_out->at].is_begun = true;
    }
    pthread_mutex_unlock(&aside->lock);
    return has_one;
}

/* Nothing more is hashed of a file that cannot be read, or was checked. */
static void growth_end(struct aside *aside, const struct hash *file)
{
    pthread_mutex_lock(&aside->lock);
    for (size_t i = 0; i < ASIDE_FOLLOWED; i++) {
        if (hash_equal(&aside->growths[i].file, file)) {
            aside->growths[i].end = 0;
        }
    }
    pthread_mutex_unlock(&aside->lock);
}

static void growth_follow(struct aside *aside, const struct task *task)
{
    struct trail *trail = &aside->trails[task->at];

    int fd = blob_open_complete(aside->blobs, &task->growth.file);
    if (!task->growth.is_begun) {
        trail_begin(trail, &task->growth.file, fd);
    }
    trail_advance(trail, fd, task->growth.end);
    if (!trail->is_begun) {
        growth_end(aside, &task->growth.file);
    }
    if (fd >= 0) {
        close(fd);
    }
}

/* By its trail; where that does not tell, by all of it. */
static enum status blob_check(struct aside *aside, const struct blob_row *blob, int fd)
{
    bool is_sound = false;

    for (size_t i = 0; i < ASIDE_FOLLOWED && !is_sound; i++) {
        if (hash_equal(&aside->trails[i].file, &blob->hash)) {
            is_sound = trail_is_sound(&aside->trails[i], &blob->hash, fd, blob->size);
        }
    }
    growth_end(aside, &blob->hash);
    return is_sound ? S_OK : blob_verify_file(fd, &blob->hash, blob->size);
}

static void *aside_main(void *arg)
{
    struct aside *aside = arg;
    struct task task;

    while (aside_next(aside, &task)) {
        if (!task.is_check) {
            growth_follow(aside, &task);
            continue;
        }
        int file = blob_open_complete(aside->blobs, &task.blob.hash);
        if (file < 0) { /* it was let go meanwhile */
            blob_settle(aside, false);
            continue;
        }
        struct verdict *verdict = malloc(sizeof *verdict);
        CHECK(verdict);
        *verdict = (struct verdict){aside, task.blob, blob_check(aside, &task.blob, file)};
        close(file);
        store_write(aside->blobs->store, verdict_run, verdict, verdict_done);
    }
    return NULL;
}

struct aside *aside_start(struct blobs *blobs, blob_completed *completed, void *ctx)
{
    struct aside *aside = aligned_alloc(_Alignof(struct aside), sizeof *aside); /* as libsodium wants its states */
    sigset_t all, before;

    CHECK(aside);
    memset(aside, 0, sizeof *aside);
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
        aside->unsettled++;
        pthread_cond_signal(&aside->moved);
    }
    pthread_mutex_unlock(&aside->lock);
    return has_room;
}

/* Where a file that begins is noted. */
static size_t growth_place(const struct aside *aside, const struct hash *file)
{
    size_t at = 0;

    for (size_t i = 0; i < ASIDE_FOLLOWED; i++) {
        if (hash_equal(&aside->growths[i].file, file)) {
            return i;
        }
        at = aside->growths[i].grown < aside->growths[at].grown ? i : at;
    }
    return at;
}

uint64_t aside_end(struct aside *aside, const struct hash *file)
{
    pthread_mutex_lock(&aside->lock);
    const struct growth *growth = &aside->growths[growth_place(aside, file)];
    uint64_t end = hash_equal(&growth->file, file) ? growth->end : 0;

    pthread_mutex_unlock(&aside->lock);
    return end;
}

void aside_grow(struct aside *aside, const struct hash *file, uint64_t end)
{
    pthread_mutex_lock(&aside->lock);
    struct growth *growth = &aside->growths[growth_place(aside, file)];

    if (growth->end == 0 || !hash_equal(&growth->file, file)) {
        *growth = (struct growth){.file = *file};
    }
    growth->end = end;
    growth->grown = ++aside->grown;
    pthread_cond_signal(&aside->moved);
    pthread_mutex_unlock(&aside->lock);
}

void aside_leave(struct aside *aside)
{
    pthread_mutex_lock(&aside->lock);
    aside->has_left = true;
    pthread_mutex_unlock(&aside->lock);
}

bool aside_has_left(struct aside *aside)
{
    pthread_mutex_lock(&aside->lock);
    bool has_left = aside->has_left;
    aside->has_left = false;
    pthread_mutex_unlock(&aside->lock);
    return has_left;
}

bool aside_is_settled(struct aside *aside)
{
    pthread_mutex_lock(&aside->lock);
    bool is_settled = aside->unsettled == 0;
    pthread_mutex_unlock(&aside->lock);
    return is_settled;
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
