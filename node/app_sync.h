/* app_sync.h: "come in step now, and tell me when": what `qanat sync` asks of the running node.
 *
 * A request names one peer, or nobody: then it is the node above, or, where there is none, everybody who is
 * connected, or the one that was put below this node and has to hear of it (link_errand()).
 * It is answered when a greeting that began after the request found both sides equal and no object
 * is under way, what had come was checked and put together, and nothing is left of the courses that are wanted (one greeting more): a course that came is
 * one to learn from. The node above may have to fetch them first; where nothing more of them comes for SYNC_PATIENCE_MS, that is told.
 *
 * What learners did before the request is told first, and so in step, too.
 *
 * What others want of this node's courses they know only when they have heard of them: where something was published since the peer was last in step, or
 * the peer says that it wants objects, the request waits until nothing more has gone for SYNC_LINGER_MS. */
#ifndef QANAT_NODE_APP_SYNC_H
#define QANAT_NODE_APP_SYNC_H

#include <stdbool.h>
#include <uv.h>

#include "node/link/link.h"

struct app;

enum {
    SYNC_PEERS_MAX = 64,
    SYNC_FAILURES_MAX = 3,        /* so that of a name with two addresses both are tried */
    SYNC_KNOCKS_MAX = 8,          /* where the last one was a key that does not fit: behind each door of the peer (link/door.h), and some more */
    SYNC_TELL_MS = 3 * 1000,      /* for what learners did; while a class is at work there is always more */
    SYNC_REGAIN_MS = 15 * 1000,   /* for a peer that was lost on the way: it may start anew */
    SYNC_LINGER_MS = 3 * 1000,    /* for the first question about what this node has published and others want */
    SYNC_RECEIPTS_MS = 2 * 1000,  /* for receipts that let closed streams be counted in the living one */
    SYNC_PATIENCE_MS = 10 * 1000, /* for more of courses that are wanted and that the node above does not hold yet: it fetches them from others */
};

struct sync_request {
    const char *peer; /* a node's name, or NULL */
    uint32_t timeout_ms;
    bool is_now; /* outside the windows and while paused too, for this one exchange */
    bool asks_nobody; /* only looks after this node's own streams (link_tend()) */
};

struct sync_result {
    char names[SYNC_PEERS_MAX][NODE_NAME_MAX + 1]; /* whom it was about */
    size_t peers;
    bool is_uplink;  /* it was the node above */
    bool is_waiting; /* S_BUSY: outside the window, or asked to come later; nothing is wrong and nothing moves */
    uint64_t frames_in, frames_out, bytes_in, bytes_out;
    uint64_t lack_cells, lack_objects; /* left to come when it ended */
    uint64_t held_bytes;               /* of courses that are wanted, and that no open window is for */
    uint64_t ms;
    enum status status; /* S_OK: in step; S_UNREACHABLE; S_BUSY: still moving, outside the window, or asked to
                           come later; S_NOT_FOUND, S_DENIED */
    struct report report;
};

/* Asks and waits. Command threads only; never the loop thread. */
void app_sync(struct app *app, const struct sync_request *request, struct sync_result *result);

/* Asks; app_stop() is called at the end. For the thread that then calls app_run(). `result` must stay. */
void app_sync_once(struct app *app, const struct sync_request *request, struct sync_result *result);

/* --- for app.c --- */

struct app_syncs;
struct app_syncs *app_syncs_new(uv_loop_t *loop, struct app *app);

/* Something moved: every request is looked at when the loop comes round. Any thread. */
void app_syncs_poke(struct app_syncs *syncs);

/* Answers all that wait with S_BUSY and takes no more. Loop thread. */
void app_syncs_stop(struct app_syncs *syncs);
void app_syncs_close(struct app_syncs *syncs);
struct app_syncs *app_syncs_of(struct app *app);

#endif
