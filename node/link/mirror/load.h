/* load.h: one content, or a part of one, on its way from a mirror: cut into its objects as it comes,
 * each believed by its hash alone and handed to the store.
 *
 * A broken connection is taken up again at the byte where it broke, MIRROR_LOAD_TRIES times without progress.
 * Loop thread only. */
#ifndef QANAT_NODE_LINK_MIRROR_LOAD_H
#define QANAT_NODE_LINK_MIRROR_LOAD_H

#include "node/link/content.h"
#include "node/link/mirror/http.h"

enum {
    MIRROR_LOAD_JOBS_MAX = 4, /* objects that may wait for the disk */
    MIRROR_LOAD_TRIES = 3,
    MIRROR_LOAD_SKIP_MAX = 256 * 1024, /* before the part that was asked for, from a server without ranges; */
    MIRROR_LOAD_SMALL = 2 * 1024 * 1024, /* a larger content comes whole only when half of it is missing */
};

/* Whoever runs loads. */
struct mirror_owner {
    bool (*may_move)(void *ctx);                          /* by the rate of the window */
    void (*moved)(void *ctx, size_t size);                /* bytes, headers included, either way */
    bool (*is_due)(void *ctx, const struct hash *object); /* still lacking, and nobody else brings it */
    void (*stored)(void *ctx, size_t size);               /* an object came, was right and is durable */
    /* It has ended, an object was stored, or more is known of the server: look at it, not from within. */
    void (*changed)(void *ctx);
    void *ctx;
};

struct mirror_load_options {
    struct mirror_http *http;
    struct store *store;
    const struct link_content *content;
    const struct mirror_owner *owner;
    const char *url; /* of the mirror */
    const char *proxy;
    struct content_place place; /* what to bring; its pieces become the load's and are freed with it */
    bool is_whole; /* the server has no ranges: all of the content comes, what is not due is passed over */
    bool is_paced;
};

struct mirror_load;

/* Is it worth to have all of a content come for the parts that are missing? */
bool mirror_load_is_worth_it(const struct content_place *place);

/* Never NULL. What the options point to outlives it. */
struct mirror_load *mirror_load_start(const struct mirror_load_options *options);

/* Once a second: takes up what broke. */
void mirror_load_tick(struct mirror_load *load);

/* Goes on when it waited and may. */
void mirror_load_resume(struct mirror_load *load);

/* Nothing more comes; what is on its way to the store is stored. */
void mirror_load_stop(struct mirror_load *load);

/* It has ended and nothing of it is on its way to the store: it may be freed. */
bool mirror_load_is_over(const struct mirror_load *load);
void mirror_load_free(struct mirror_load *load);

/* How it ended: S_OK, S_NOT_FOUND, S_BAD_DIGEST (other bytes than the names say), S_DENIED (no ranges, and
 * too much would have come in vain), S_BUSY, S_UNREACHABLE, or what the store says; and in words. */
enum status mirror_load_status(const struct mirror_load *load);
const char *mirror_load_error(const struct mirror_load *load);

/* It waits for the rate, or for the disk: not for the server. */
bool mirror_load_is_waiting(const struct mirror_load *load);

/* It brings that object now; of its objects when `is_any`, else only the one under way. */
bool mirror_load_has(const struct mirror_load *load, const struct hash *object, bool is_any);

const struct content_place *mirror_load_place(const struct mirror_load *load);

/* The server was seen to have no ranges; to have them. */
bool mirror_load_is_rangeless(const struct mirror_load *load);
bool mirror_load_is_ranged(const struct mirror_load *load);

#endif
