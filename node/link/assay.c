#include "node/link/assay.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "replication/base/check.h"

struct assay {
    struct store *store;
    pthread_t thread;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t moved;
    struct assay_item *first, *last;
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

static void *assay_main(void *arg)
{
    struct assay *assay = arg;
    struct assay_item *item;

    while ((item = assay_take(assay)) != NULL) {
        struct hash hash = hash_of(bytes_of(NULL, 0), item->data);

        item->found = hash_equal(&hash, &item->object) ? S_OK : S_BAD_DIGEST;
        if (item->found == S_OK && item->place != NULL) {
            item->place(item->arg);
        }
        store_write(assay->store, item->run, item->arg, item->done); /* which may free the item at once */
    }
    return NULL;
}

struct assay *assay_new(struct store *store)
{
    struct assay *assay = calloc(1, sizeof *assay);
    sigset_t all, before;

    CHECK(assay != NULL);
    assay->store = store;
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
    free(assay);
}
