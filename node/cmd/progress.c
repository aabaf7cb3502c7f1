#include "node/cmd/progress.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "node/learn/import/import_watch.h"
#include "node/store/course/want.h"
#include "node/store/store.h"
#include "replication/base/check.h"

struct progress {
    progress_left *left;
    void *ctx;
    FILE *err;
    bool is_tty, has_line;
    struct progress_state state;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool is_stopped; /* guarded by the lock */
};

void progress_look(struct progress_state *state, uint64_t left, uint64_t now_ms)
{
    uint64_t moved = left < state->left ? state->left - left : 0, elapsed_ms = now_ms - state->at_ms;

    if (state->at_ms > 0 && elapsed_ms > 0) {
        double rate = (double)moved * 8000 / (double)elapsed_ms;

        state->rate_bits = state->rate_bits > 0 ? 0.8 * state->rate_bits + 0.2 * rate : rate;
    }
    state->moved += moved;
    state->left = left;
    state->at_ms = now_ms;
}

bool progress_text(const struct progress_state *state, char out[PROGRESS_LINE_MAX])
{
    uint64_t total = state->moved + state->left;
    double unit = total >= 1000000000 ? 1e9 : 1e6;

    if (total < PROGRESS_BYTES_MIN) {
        return false;
    }
    int used =
        snprintf(out, PROGRESS_LINE_MAX, "%.1f of %.1f %s (%u %%), %.1f %s", (double)state->moved / unit,
                 (double)total / unit, unit > 1e8 ? "GB" : "MB", (unsigned)(state->moved * 100 / total),
                 state->rate_bits / (state->is_local ? 8e6 : 1e6), state->is_local ? "MB/s" : "Mbit/s");
    if (state->left > 0 && state->rate_bits >= 1) {
        double seconds = (double)state->left * 8 / state->rate_bits;

        snprintf(out + used, PROGRESS_LINE_MAX - (size_t)used,
                 seconds < 120 ? ", %.0f s left" : ", %.0f min left", seconds < 120 ? seconds : seconds / 60);
    }
    return true;
}

bool progress_is_due(struct progress_state *state)
{
    uint64_t total = state->moved + state->left;
    unsigned tenth = total > 0 ? (unsigned)(state->moved * 10 / total) : 0;

    if (total < PROGRESS_BYTES_MIN || tenth <= state->told) {
        state->told = tenth < state->told ? tenth : state->told; /* more is wanted now */
        return false;
    }
    state->told = tenth;
    return true;
}

uint64_t progress_left_wanted(void *store)
{
    struct db *db = store_read_begin(store);
    uint64_t count, left;

    want_totals(db, &count, &left);
    store_read_end(store, db);
    return left;
}

uint64_t progress_left_import(void *watch)
{
    return import_watch_left(watch);
}

static void progress_tell(struct progress *progress)
{
    char text[PROGRESS_LINE_MAX];
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    progress_look(&progress->state, progress->left(progress->ctx),
                  (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
    bool is_due = progress_is_due(&progress->state) || progress->is_tty;
    if (is_due && progress_text(&progress->state, text)) {
        fprintf(progress->err, progress->is_tty ? "\r%-78s" : "%s\n", text);
        fflush(progress->err);
        progress->has_line = progress->is_tty;
    }
}

static void *progress_run(void *arg)
{
    struct progress *progress = arg;
    struct timespec until;

    pthread_mutex_lock(&progress->lock);
    while (!progress->is_stopped) {
        pthread_mutex_unlock(&progress->lock);
        progress_tell(progress);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += PROGRESS_LOOK_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_mutex_lock(&progress->lock);
        if (!progress->is_stopped) {
            pthread_cond_timedwait(&progress->wake, &progress->lock, &until);
        }
    }
    pthread_mutex_unlock(&progress->lock);
    return NULL;
}

struct progress *progress_start(progress_left *left, void *ctx, FILE *err, bool is_tty)
{
    struct progress *progress = calloc(1, sizeof *progress);

    CHECK(progress);
    progress->left = left;
    progress->ctx = ctx;
    progress->err = err;
    progress->is_tty = is_tty;
    progress->state.is_local = left == progress_left_import;
    pthread_mutex_init(&progress->lock, NULL);
    pthread_cond_init(&progress->wake, NULL);
    CHECK(pthread_create(&progress->thread, NULL, progress_run, progress) == 0);
    return progress;
}

void progress_stop(struct progress *progress)
{
    pthread_mutex_lock(&progress->lock);
    progress->is_stopped = true;
    pthread_cond_signal(&progress->wake);
    pthread_mutex_unlock(&progress->lock);
    pthread_join(progress->thread, NULL);
    if (progress->has_line) {
        fputc('\n', progress->err);
    }
    pthread_cond_destroy(&progress->wake);
    pthread_mutex_destroy(&progress->lock);
    free(progress);
}
