#include "node/link/drain.h"

#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "replication/base/check.h"

struct drain_item {
    uv_poll_t poll;
    struct drain *drain;
    struct drain_item *next;
    void *raw; /* NULL once removed */
    drain_take *take;
    void *ctx;
};

struct drain {
    uv_prepare_t prepare;
    uv_idle_t idle; /* active: the loop must not block */
    uv_timer_t recheck;
    uv_loop_t *loop;
    struct drain_item *first;
    struct drain_item *removed; /* freed when no walk is under way */
    drain_flush *flush;
    void *ctx;
    int open_handles;
    bool is_walking;
};

static void on_poll(uv_poll_t *poll, int status, int events)
{
    (void)poll;
    (void)status;
    (void)events; /* the loop is awake: on_prepare() does the work */
}

static void on_idle(uv_idle_t *idle)
{
    (void)idle;
}

static void on_recheck(uv_timer_t *timer)
{
    (void)timer;
}

static void on_item_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static bool is_readable(void *raw)
{
    int events = 0;
    size_t size = sizeof events;

    return zmq_getsockopt(raw, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN) != 0;
}

static void free_removed(struct drain *drain)
{
    while (drain->removed != NULL) {
        struct drain_item *item = drain->removed;
        drain->removed = item->next;
        uv_close((uv_handle_t *)&item->poll, on_item_closed);
    }
}

/* What waits at one socket, as far as its turn goes. */
static void item_drain(struct drain_item *item)
{
    uint64_t end_ns = uv_hrtime() + DRAIN_BURST_MS * (uint64_t)1000000;

    for (int i = 0; i < DRAIN_BUDGET && item->raw != NULL && item->take(item->ctx); i++) {
        if (uv_hrtime() >= end_ns) {
            break;
        }
    }
}

/* One pass over all sockets. */
static void drain_round(struct drain *drain)
{
    for (struct drain_item *item = drain->first; item != NULL; item = item->next) {
        item_drain(item);
    }
}

static bool has_readable(struct drain *drain)
{
    for (struct drain_item *item = drain->first; item != NULL; item = item->next) {
        if (item->raw != NULL && is_readable(item->raw)) {
            return true;
        }
    }
    return false;
}

/* Takes the removed ones out of the list. */
static void unlink_removed(struct drain *drain)
{
    struct drain_item **at = &drain->first;

    while (*at != NULL) {
        struct drain_item *item = *at;
        if (item->raw == NULL) {
            *at = item->next;
            item->next = drain->removed;
            drain->removed = item;
        } else {
            at = &item->next;
        }
    }
    free_removed(drain);
}

static void on_prepare(uv_prepare_t *prepare)
{
    struct drain *drain = prepare->data;
    bool has_more = true;

    drain->is_walking = true;
    for (int round = 0; round < DRAIN_ROUNDS_MAX && has_more; round++) {
        drain_round(drain);
        drain->flush(drain->ctx);
        has_more = has_readable(drain);
    }
    drain->is_walking = false;
    unlink_removed(drain);
    if (has_more) {
        uv_idle_start(&drain->idle, on_idle);
    } else {
        uv_idle_stop(&drain->idle);
    }
}

struct drain *drain_new(uv_loop_t *loop, drain_flush *flush, void *ctx)
{
    struct drain *drain = calloc(1, sizeof *drain);

    CHECK(drain != NULL);
    drain->loop = loop;
    drain->flush = flush;
    drain->ctx = ctx;
    uv_prepare_init(loop, &drain->prepare);
    uv_idle_init(loop, &drain->idle);
    uv_timer_init(loop, &drain->recheck);
    drain->prepare.data = drain;
    drain->idle.data = drain;
    drain->recheck.data = drain;
    drain->open_handles = 3;
    uv_prepare_start(&drain->prepare, on_prepare);
    uv_timer_start(&drain->recheck, on_recheck, DRAIN_RECHECK_MS, DRAIN_RECHECK_MS);
    return drain;
}

static void on_drain_closed(uv_handle_t *handle)
{
    struct drain *drain = handle->data;

    drain->open_handles--;
    if (drain->open_handles == 0) {
        free(drain);
    }
}

void drain_free(struct drain *drain)
{
    if (drain == NULL) {
        return;
    }
    CHECK(!drain->is_walking);
    unlink_removed(drain);
    CHECK(drain->first == NULL);
    uv_close((uv_handle_t *)&drain->prepare, on_drain_closed);
    uv_close((uv_handle_t *)&drain->idle, on_drain_closed);
    uv_close((uv_handle_t *)&drain->recheck, on_drain_closed);
}

struct drain_item *drain_add(struct drain *drain, void *zmq_socket, drain_take *take, void *ctx)
{
    struct drain_item *item = calloc(1, sizeof *item);
    struct drain_item **at = &drain->first;
    int fd = -1;
    size_t size = sizeof fd;

    CHECK(item != NULL);
    CHECK(zmq_getsockopt(zmq_socket, ZMQ_FD, &fd, &size) == 0);
    item->drain = drain;
    item->raw = zmq_socket;
    item->take = take;
    item->ctx = ctx;
    CHECK(uv_poll_init(drain->loop, &item->poll, fd) == 0);
    item->poll.data = item;
    uv_poll_start(&item->poll, UV_READABLE, on_poll);
    while (*at != NULL) {
        at = &(*at)->next;
    }
    *at = item;
    return item;
}

void drain_remove(struct drain_item *item)
{
    struct drain *drain = item->drain;

    uv_poll_stop(&item->poll);
    item->raw = NULL;
    if (!drain->is_walking) {
        unlink_removed(drain);
    }
}
