/* assay.h: objects that came from peers are placed, and the large ones looked at before, by a thread of its own before the store
 * gets them; the loop has other things to do.
 *
 * First come, first looked at. Nothing that is not what its name says is stored: its job is told so, and ends
 * with S_BAD_DIGEST. */
#ifndef QANAT_NODE_LINK_ASSAY_H
#define QANAT_NODE_LINK_ASSAY_H

#include <uv.h>

#include "node/store/store.h"
#include "replication/base/bytes.h"

enum { ASSAY_TOLD_MAX = 16 * 1024 * 1024 }; /* bytes of items that were told as placed and are under way still, of all sessions together */

struct assay;

/* Part of a job; it and `data` stay until `done` was called. */
struct assay_item {
    struct assay_item *next; /* of the assay */
    struct hash object;
    struct bytes data;
    bool is_known;            /* somebody looked already: it is only placed here */
    enum status found;        /* when `run` is called: S_OK, or S_BAD_DIGEST, which `run` returns at once */
    bool (*place)(void *arg); /* called when it was found right, before it is queued; NULL: nothing */
    struct assay_item *next_placed; /* of the assay */
    void (*placed)(void *arg); /* from assay_tell(), when place() said so, and not too much was told; NULL: nothing */
    bool is_told;
    store_job *run;
    store_done *done;
    void *arg;
};

/* Starts the thread. Never NULL. */
struct assay *assay_new(struct store *store, uv_loop_t *loop);

/* No item may be under way. The loop runs on until it is closed. NULL: nothing happens. */
void assay_free(struct assay *assay);

/* Looks at the item, then store_write(run, arg, done). Loop thread; does not wait. */
void assay_put(struct assay *assay, struct assay_item *item);

/* Tells which were placed since. The loop calls it. */
void assay_tell(struct assay *assay);

/* `done` was called: tells what may speak of the item before it goes. Of one that was never put nothing is known. Loop thread. NULL: nothing happens. */
void assay_end(struct assay *assay, const struct assay_item *item);

#endif
