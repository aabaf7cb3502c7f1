#include "node/link/assay.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "replication/base/check.h"

struct assay {
    struct store *store;
    uv_async_t wake;
    size_t told_bytes; /* of the loop thread */
    pthread_t thread;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t moved;
    struct assay_item *first, *last;
    struct assay_item *placed; /* the last one first */
    bool is_stopping;
};

/* Waits for an item, and takes it; NULL at the end. */
static struct assay_item *assay_take(struct assay *assay)
{
    pthread_mutex_lock(&assay->lock);
    while (assay->first == NULL && !assay->is_stopping) {
        pthread_cond_wait(&assay->moved, &assay->lock);
    }
    struct assay_item *item = assay->first;
    if (item != NULL) {
        assay->first = item->next;
    }
    pthread_mutex_unlock(&assay->lock);
    return item;
}

static void assay_place(struct assay *assay, struct assay_item *item)
{
    if (item->place == NULL || !item->place(item->arg) || item->placed == NULL) {
        return;
    }
    pthread_mutex_lock(&assay->lock);
    bool is_first = assay->placed == NULL;
    item->next_placed = assay->placed;
    assay->placed = item;
    pthread_mutex_unlock(&assay->lock);
    if (is_first) {
        uv_async_send(&assay->wake);
    }
}

static bool is_sound(const struct assay_item *item)
{
    struct hash hash = hash_of(bytes_of(NULL, 0), item->data);

    return hash_equal(&hash, &item->object);
}

static void *assay_main(void *arg)
{
    struct assay *assay = arg;
    struct assay_item *item;

    while ((item = assay_take(assay)) != NULL) {
        item->found = item->is_known || is_sound(item) ? S_OK : S_BAD_DIGEST;
        if (item->found == S_OK) {
            assay_place(assay, item);
        }
        store_write(assay->store, item->run, item->arg, item->done); /* which may free the item at once */
    }
    return NULL;
}

static void on_wake(uv_async_t *wake)
{
    assay_tell(wake->data);
}

static void on_closed(uv_handle_t *wake)
{
    free(wake->data);
}

struct assay *assay_new(struct store *store, uv_loop_t *loop)
{
    struct assay *assay = calloc(1, sizeof *assay);
    sigset_t all, before;

    CHECK(assay != NULL);
    assay->store = store;
    CHECK(uv_async_init(loop, &assay->wake, on_wake) == 0);
    assay->wake.data = assay;
    pthread_mutex_init(&assay->lock, NULL);
    pthread_cond_init(&assay->moved, NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals belong to the loop thread */
    CHECK(pthread_create(&assay->thread, NULL, assay_main, assay) == 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return assay;
}

void assay_put(struct assay *assay, struct assay_item *item)
{
    item->next = NULL;
    pthread_mutex_lock(&assay->lock);
    if (assay->first == NULL) {
        assay->first = item;
    } else {
        assay->last->next = item;
    }
    assay->last = item;
    pthread_cond_signal(&assay->moved);
    pthread_mutex_unlock(&assay->lock);
}

void assay_tell(struct assay *assay)
{
    pthread_mutex_lock(&assay->lock);
    struct assay_item *item = assay->placed;
    assay->placed = NULL;
    pthread_mutex_unlock(&assay->lock);
    while (item != NULL) {
        struct assay_item *next = item->next_placed;
        item->is_told = item->data.size <= ASSAY_TOLD_MAX - assay->told_bytes;
        if (item->is_told) {
            assay->told_bytes += item->data.size;
            item->placed(item->arg);
        }
        item = next;
    }
}

void assay_end(struct assay *assay, const struct assay_item *item)
{
    if (assay == NULL) {
        return;
    }
    assay_tell(assay);
    if (item->is_told) {
        CHECK(assay->told_bytes >= item->data.size);
        assay->told_bytes -= item->data.size;
    }
}

void assay_free(struct assay *assay)
{
    if (assay == NULL) {
        return;
    }
    pthread_mutex_lock(&assay->lock);
    CHECK(assay->first == NULL);
    assay->is_stopping = true;
    pthread_cond_signal(&assay->moved);
    pthread_mutex_unlock(&assay->lock);
    pthread_join(assay->thread, NULL);
    pthread_cond_destroy(&assay->moved);
    pthread_mutex_destroy(&assay->lock);
    uv_close((uv_handle_t *)&assay->wake, on_closed);
}
