#include "node/app_sync.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/app.h"
#include "node/local_time.h"
#include "node/store/operation/peer_status.h"
#include "node/store/stream/roster.h"
#include "replication/base/check.h"

/* One peer of a request, as it stood when the request began. */
struct sync_peer {
    struct id node;
    uint32_t failures;
    uint64_t frames_in, frames_out, bytes_in, bytes_out;
    uint64_t rounds, frames_before; /* when the round began that is waited for */
    uint64_t met_ms;                /* it was connected last; 0: not yet */
    bool is_done;
};

struct sync_wait {
    struct sync_wait *next;
    struct sync_request request;
    struct sync_result *result;
    struct sync_peer peers[SYNC_PEERS_MAX];
    size_t count;
    uint64_t asked_ms, began_ms; /* asked_ms: first looked at; 0: not yet */
    bool has_begun;
    bool is_done; /* guarded by the lock */
    bool stops_app;
    uint64_t left_bytes, came_bytes, moved_ms; /* of courses to come, by the first peer in all, and when one of both changed last */
    uint64_t looked_ms;                        /* when that was looked at */
    uint64_t gone_bytes, gone_ms; /* to all peers, and when that became more last */
    bool is_fresh;                /* courses were published since the first peer was last in step */
    bool is_taken;                /* contents go */
    bool has_lingered;
    bool is_settling; /* all has come, and is checked and put together: what that makes known goes in one more round */
    uint64_t tended_ms; /* when this node's own streams were looked after last with something to do, or first */
    bool is_overriding; /* windows and pause do not hold for the first peer */
};

struct app_syncs {
    struct app *app;
    uv_async_t wake;
    uv_timer_t timer;
    int open_handles;
    pthread_mutex_t lock; /* guards the list's head, `is_stopped` and is_done of the waits */
    pthread_cond_t done;
    struct sync_wait *first;
    bool is_stopped;
};

enum { LOOK_MS = 250, GREETING_BYTES = 1024 /* less than that is talk, no content */ };

/* --- on the loop thread
 * ------------------------------------------------------------------------------------------------ */

/* From here on a round counts that begins now. */
static void round_begin(struct link *link, struct sync_peer *peer)
{
    struct link_peer now;

    link_peer_get(link, &peer->node, &now);
    peer->rounds = now.progress.rounds;
    peer->frames_before = now.progress.frames_in;
    peer->is_done = false;
    link_greet(link, &peer->node);
}

static void peer_begin(struct link *link, struct sync_peer *peer)
{
    struct link_peer now;

    link_peer_get(link, &peer->node, &now);
    peer->failures = now.failures;
    peer->frames_in = now.progress.frames_in;
    peer->frames_out = now.progress.frames_out;
    peer->bytes_in = now.progress.bytes_in;
    peer->bytes_out = now.progress.bytes_out;
    round_begin(link, peer);
}

/* Outside its windows a peer is not called, unless it has to be now. */
static enum status wait_open(struct link *link, struct sync_wait *wait)
{
    const struct id *node = &wait->peers[0].node;
    const struct roster_node *member = roster_find(link_roster(link), node);
    struct hours_answer answer;
    char text[HOURS_TEXT_MAX];

    if (wait->request.is_now) {
        link_override(link, node, true);
        wait->is_overriding = true;
        return S_OK;
    }
    link_hours(link, node, &answer);
    if (hours_is_open(&answer)) {
        return S_OK;
    }
    hours_text(&answer, local_time_now(), text);
    wait->result->is_waiting = true;
    return report_set(&wait->result->report, S_BUSY, "'%s': %s; qanat sync --now does not wait",
                      member != NULL ? member->name : "?", text);
}

/* Nobody dials or is dialled, and nobody is there: in step only when somebody could come. */
static enum status wait_alone(struct link *link, struct sync_wait *wait)
{
    struct hours_answer answer;
    char text[HOURS_TEXT_MAX];

    link_hours(link, &id_none, &answer);
    if (hours_is_open(&answer)) {
        return S_OK;
    }
    hours_text(&answer, local_time_now(), text);
    wait->result->is_waiting = true;
    return report_set(&wait->result->report, S_BUSY, "nobody is connected: %s", text);
}

/* Whom the request is about. */
static enum status wait_choose(struct link *link, struct sync_wait *wait)
{
    struct id nodes[SYNC_PEERS_MAX];
    char endpoint[ENDPOINT_MAX];
    struct sync_result *result = wait->result;

    if (wait->request.asks_nobody) {
        return S_OK;
    }
    if (wait->request.peer != NULL) {
        const struct roster_node *node = roster_member(link_roster(link), wait->request.peer, &result->report);
        if (node == NULL) {
            return S_NOT_FOUND;
        }
        wait->peers[wait->count++].node = node->node;
    } else if (link_uplink(link, &nodes[0], endpoint)) {
        result->is_uplink = true;
        wait->peers[wait->count++].node = nodes[0];
    } else if (link_peers(link, nodes, 1) == 0 && link_errand(link, &nodes[0])) { /* they do not dial it yet, or not any more */
        wait->peers[wait->count++].node = nodes[0];
    } else {
        wait->count = link_peers(link, nodes, SYNC_PEERS_MAX);
        wait->count = wait->count < SYNC_PEERS_MAX ? wait->count : SYNC_PEERS_MAX;
        for (size_t i = 0; i < wait->count; i++) {
            wait->peers[i].node = nodes[i];
        }
        return wait->count > 0 ? S_OK : wait_alone(link, wait); /* they dial us: nothing to dial */
    }
    enum status status = wait_open(link, wait);
    return status == S_OK ? link_dial(link, &wait->peers[0].node, &result->report) : status;
}

static void wait_begin(struct app *app, struct link *link, struct sync_wait *wait)
{
    wait->has_begun = true;
    wait->began_ms = local_time_monotonic();
    link_changed(link);
    wait->result->status = wait_choose(link, wait);
    for (size_t i = 0; i < wait->count; i++) {
        const struct roster_node *node = roster_find(link_roster(link), &wait->peers[i].node);
        snprintf(wait->result->names[i], sizeof wait->result->names[i], "%s",
                 node != NULL ? node->name : "?");
        peer_begin(link, &wait->peers[i]);
    }
    wait->result->peers = wait->count;
    wait->is_fresh = wait->count > 0 && app_contents_are_fresh(app, &wait->peers[0].node);
}

/* So many calls in vain, and not just after one that was answered: a node that starts anew, or a line that breaks, is waited for. */
static bool is_out_of_reach(struct sync_peer *peer, const struct link_peer *now)
{
    uint64_t now_ms = local_time_monotonic();

    if (now->is_connected) {
        peer->met_ms = now_ms;
        peer->failures = now->failures;
    }
    bool may_come_back = peer->met_ms > 0 && now_ms - peer->met_ms < SYNC_REGAIN_MS && strcmp(now->error, PEER_ERROR_REFUSED) != 0;
    uint32_t attempts = strcmp(now->error, PEER_ERROR_KEY) == 0 ? SYNC_KNOCKS_MAX : SYNC_FAILURES_MAX;
    return !now->is_connected && now->failures >= peer->failures + attempts && !may_come_back;
}

/* Who is refused has a link, and a node at its end. */
static enum status unreachable(const char *name, const char *error, struct report *report)
{
    return report_set(report, S_UNREACHABLE,
                      strcmp(error, PEER_ERROR_REFUSED) == 0 ? "'%s' answers, and does not let this node in (%s): was it revoked? qanat doctor says what to do"
                          : "'%s' cannot be reached (%s): is there a link, and does the node there run? qanat doctor looks closer",
                      name, error);
}

/* S_OK: in step; S_STALE: not yet; anything else: it will not be. */
static enum status peer_look(struct link *link, struct sync_peer *peer, const char *name, struct sync_result *result)
{
    struct link_peer now;

    link_peer_get(link, &peer->node, &now);
    bool is_gone = is_out_of_reach(peer, &now);
    bool is_new_session = now.progress.rounds < peer->rounds || now.progress.frames_in < peer->frames_before;
    if (now.is_connected && now.progress.state == PEER_IN_STEP &&
        (now.progress.rounds > peer->rounds || is_new_session)) {
        return S_OK;
    }
    if (now.is_connected && now.progress.state == PEER_IN_STEP) {
        link_greet(link, &peer->node); /* objects moved when it was first asked for: no round is under way
                                          that would end */
    }
    if (is_gone) {
        return unreachable(name, now.error, &result->report);
    }
    if (!now.is_connected && now.is_deferred) {
        result->is_waiting = true;
        return report_set(&result->report, S_BUSY, "'%s' is busy: %s", name, now.error);
    }
    if (!now.is_connected && !now.is_dialed) {
        return report_set(&result->report, S_UNREACHABLE, "'%s' went away", name);
    }
    return S_STALE;
}

/* Adds up what moved since the request began. */
static void wait_measure(struct link *link, struct sync_wait *wait)
{
    struct sync_result *result = wait->result;

    for (size_t i = 0; i < wait->count; i++) {
        struct link_peer now;
        const struct sync_peer *peer = &wait->peers[i];
        link_peer_get(link, &peer->node, &now);
        bool is_new = now.progress.bytes_in < peer->bytes_in || now.progress.bytes_out < peer->bytes_out;
        result->frames_in += now.progress.frames_in - (is_new ? 0 : peer->frames_in);
        result->frames_out += now.progress.frames_out - (is_new ? 0 : peer->frames_out);
        result->bytes_in += now.progress.bytes_in - (is_new ? 0 : peer->bytes_in);
        result->bytes_out += now.progress.bytes_out - (is_new ? 0 : peer->bytes_out);
        result->lack_cells += now.progress.we_lack_cells + now.progress.they_lack_cells;
        result->lack_objects += now.progress.we_lack_objects;
    }
    result->ms = local_time_monotonic() - wait->began_ms;
}

/* Only the node above brings courses from afar, and only while its window is for them. */
static bool may_bring_courses(const struct link *link, const struct sync_wait *wait)
{
    struct hours_answer answer;

    link_hours(link, &wait->peers[0].node, &answer);
    return wait->result->is_uplink && (wait->is_overriding || (answer.classes & WINDOW_COURSES));
}

/* S_OK: nothing is left of any course that is wanted and has room; S_STALE while more of them comes. */
static enum status courses_look(struct app *app, struct link *link, struct sync_wait *wait)
{
    uint64_t now_ms = local_time_monotonic();
    struct link_peer now;

    if (wait->looked_ms > 0 && now_ms - wait->looked_ms < LOOK_MS) {
        return S_STALE;
    }
    wait->looked_ms = now_ms;
    uint64_t left = app_contents_left(app);
    link_peer_get(link, &wait->peers[0].node, &now);
    if (left != wait->left_bytes || now.progress.bytes_in != wait->came_bytes) { /* of a film that comes piece by piece all is left until the last one */
        wait->left_bytes = left;
        wait->came_bytes = now.progress.bytes_in;
        wait->moved_ms = now_ms;
    }
    if (left == 0) {
        wait->looked_ms = 0;
        return S_OK;
    }
    wait->peers[0].is_done = now.is_connected; /* cut meanwhile: by the line, or at a window's end */
    return now_ms - wait->moved_ms < SYNC_PATIENCE_MS
               ? S_STALE
               : report_set(&wait->result->report, S_BUSY,
                            "all but courses: %.1f MB of what is wanted here are not at '%s' yet, which fetches them; try again later",
                            (double)left / 1e6, wait->result->names[0]);
}

/* S_STALE while others take what they want of this node, or may be about to ask. Who asked in vain wants it of somebody else. */
static enum status others_look(struct link *link, struct sync_wait *wait)
{
    uint64_t now_ms = local_time_monotonic(), gone = 0;
    bool is_wanted = wait->is_fresh || wait->is_taken;

    for (size_t i = 0; i < wait->count; i++) {
        struct link_peer now;
        link_peer_get(link, &wait->peers[i].node, &now);
        gone += now.progress.bytes_out;
        is_wanted = is_wanted || (now.is_connected && (now.progress.state == PEER_MOVING || (now.progress.they_lack_objects > 0 && now.progress.asked == 0)));
    }
    if (wait->has_lingered || !is_wanted) {
        return S_OK;
    }
    if (wait->gone_ms == 0 || gone < wait->gone_bytes || gone > wait->gone_bytes + GREETING_BYTES) {
        wait->is_taken = wait->is_taken || wait->gone_ms > 0;
        wait->gone_bytes = gone;
        wait->gone_ms = now_ms;
    }
    wait->has_lingered = now_ms - wait->gone_ms >= SYNC_LINGER_MS;
    return wait->has_lingered ? S_OK : S_STALE;
}

/* S_STALE while something is to be done about this node's own streams, or may be as soon as those above have said what they hold: who is started for a
 * sync each night would gather closed streams for ever. */
static enum status streams_look(struct link *link, struct sync_wait *wait)
{
    uint64_t now_ms = local_time_monotonic();
    bool is_unheard;

    if (!link_tend(link, &is_unheard)) {
        wait->tended_ms = now_ms;
        return S_STALE;
    }
    wait->tended_ms = wait->tended_ms > 0 ? wait->tended_ms : now_ms;
    bool has_time = now_ms - wait->tended_ms < SYNC_RECEIPTS_MS && now_ms - wait->began_ms + 2 * LOOK_MS < wait->request.timeout_ms;
    return is_unheard && wait->count > 0 && has_time ? S_STALE : S_OK;
}

/* In step with all: but is what came put together, and is no course left? What that makes known is part of it. */
static enum status wait_settle(struct app *app, struct link *link, struct sync_wait *wait)
{
    enum status status = link_roster_is_read(link) && app_contents_are_settled(app) ? S_OK : S_STALE;

    if (status == S_OK && may_bring_courses(link, wait)) {
        status = courses_look(app, link, wait);
    } else if (status == S_OK && wait->result->is_uplink) {
        wait->result->held_bytes = app_contents_left(app);
    }
    status = status == S_OK ? others_look(link, wait) : status;
    if (status == S_OK && wait->stops_app) { /* a node that runs looks after itself by and by */
        status = streams_look(link, wait);
    }
    if (status == S_OK && wait->is_settling) {
        for (size_t i = 0; i < wait->count; i++) {
            round_begin(link, &wait->peers[i]);
        }
        wait->is_settling = false;
        return S_STALE;
    }
    wait->is_settling = status == S_STALE;
    return status;
}

static enum status wait_look(struct app *app, struct link *link, struct sync_wait *wait)
{
    enum status status = wait->result->status;

    for (size_t i = 0; i < wait->count && (status == S_OK || status == S_STALE); i++) {
        if (!wait->peers[i].is_done) {
            enum status look = peer_look(link, &wait->peers[i], wait->result->names[i], wait->result);
            wait->peers[i].is_done = look == S_OK;
            status = look == S_OK ? status : look;
        }
    }
    status = status == S_OK ? wait_settle(app, link, wait) : status;
    if (status == S_STALE && local_time_monotonic() - wait->began_ms >= wait->request.timeout_ms) {
        struct link_peer now;
        link_peer_get(link, &wait->peers[0].node, &now);
        if (!now.is_connected) {
            return report_set(&wait->result->report, S_UNREACHABLE, "'%s' did not answer in %u s: %s",
                              wait->result->names[0], wait->request.timeout_ms / 1000, now.error);
        }
        return report_set(&wait->result->report, S_BUSY, "still moving after %u s; it goes on, try again",
                          wait->request.timeout_ms / 1000);
    }
    return status;
}

static void wait_finish(struct app_syncs *syncs, struct sync_wait *wait, enum status status)
{
    bool stops_app = wait->stops_app;

    if (wait->is_overriding) {
        link_override(app_link(syncs->app), &wait->peers[0].node, false);
    }
    wait->result->status = status;
    if (status == S_OK) {
        link_report(app_link(syncs->app));
    }
    pthread_mutex_lock(&syncs->lock);
    wait->is_done = true; /* from here on it may be gone */
    pthread_cond_broadcast(&syncs->done);
    pthread_mutex_unlock(&syncs->lock);
    if (stops_app) {
        free(wait);
        app_stop(syncs->app);
    }
}

/* Once what learners did is told. */
static bool wait_may_begin(struct app *app, struct sync_wait *wait)
{
    uint64_t now_ms = local_time_monotonic();

    wait->asked_ms = wait->asked_ms > 0 ? wait->asked_ms : now_ms;
    return app_results_are_told(app) || now_ms - wait->asked_ms >= SYNC_TELL_MS;
}

/* Takes a finished one out of the list. */
static void wait_unlink(struct app_syncs *syncs, struct sync_wait *wait)
{
    pthread_mutex_lock(&syncs->lock);
    struct sync_wait **at = &syncs->first;
    while (*at != wait) {
        at = &(*at)->next;
    }
    *at = wait->next;
    pthread_mutex_unlock(&syncs->lock);
}

static void on_timer(uv_timer_t *timer);

static void syncs_look(struct app_syncs *syncs)
{
    struct link *link = app_link(syncs->app);
    struct sync_wait *next;

    pthread_mutex_lock(&syncs->lock);
    struct sync_wait *first = syncs->first;
    pthread_mutex_unlock(&syncs->lock);
    /* Only this thread takes items out; new ones come at the head. */
    for (struct sync_wait *wait = first; wait != NULL; wait = next) {
        next = wait->next;
        if (!wait->has_begun && wait_may_begin(syncs->app, wait)) {
            wait_begin(syncs->app, link, wait);
        }
        enum status status = wait->has_begun ? wait_look(syncs->app, link, wait) : S_STALE;
        if (status != S_STALE) {
            wait_measure(link, wait);
            wait_unlink(syncs, wait);
            wait_finish(syncs, wait, status);
        }
    }
    if (first != NULL) {
        uv_update_time(syncs->timer.loop);
        uv_timer_start(&syncs->timer, on_timer, LOOK_MS, 0);
    }
}

static void on_wake(uv_async_t *wake)
{
    syncs_look(wake->data);
}

static void on_timer(uv_timer_t *timer)
{
    syncs_look(timer->data);
}

void app_syncs_poke(struct app_syncs *syncs)
{
    uv_async_send(&syncs->wake);
}

void app_syncs_stop(struct app_syncs *syncs)
{
    pthread_mutex_lock(&syncs->lock);
    syncs->is_stopped = true;
    struct sync_wait *wait = syncs->first;
    syncs->first = NULL;
    pthread_mutex_unlock(&syncs->lock);
    while (wait != NULL) {
        struct sync_wait *next = wait->next;
        report_set(&wait->result->report, S_BUSY, "the node is stopping");
        wait_finish(syncs, wait, S_BUSY);
        wait = next;
    }
}

/* --- on the asker's thread
 * ------------------------------------------------------------------------------------------------- */

/* False when no more requests are taken. */
static bool wait_add(struct app_syncs *syncs, struct sync_wait *wait)
{
    pthread_mutex_lock(&syncs->lock);
    bool is_taken = !syncs->is_stopped;
    if (is_taken) {
        wait->next = syncs->first;
        syncs->first = wait;
    }
    pthread_mutex_unlock(&syncs->lock);
    if (is_taken) {
        uv_async_send(&syncs->wake);
    }
    return is_taken;
}

static struct sync_wait *wait_new(const struct sync_request *request, struct sync_result *result,
                                  bool stops_app)
{
    struct sync_wait *wait = calloc(1, sizeof *wait);

    CHECK(wait != NULL);
    memset(result, 0, sizeof *result);
    wait->request = *request;
    wait->result = result;
    wait->stops_app = stops_app;
    return wait;
}

void app_sync(struct app *app, const struct sync_request *request, struct sync_result *result)
{
    struct app_syncs *syncs = app_syncs_of(app);
    struct sync_wait *wait = wait_new(request, result, false);

    if (!wait_add(syncs, wait)) {
        result->status = report_set(&result->report, S_BUSY, "the node is stopping");
    } else {
        pthread_mutex_lock(&syncs->lock);
        while (!wait->is_done) {
            pthread_cond_wait(&syncs->done, &syncs->lock);
        }
        pthread_mutex_unlock(&syncs->lock);
    }
    if (result->status == S_OK) {
        (void)store_wait(app_options(app)->store); /* behind what link_report() wrote */
    }
    free(wait);
}

void app_sync_once(struct app *app, const struct sync_request *request, struct sync_result *result)
{
    CHECK(wait_add(app_syncs_of(app), wait_new(request, result, true)));
}

/* --- the life
 * --------------------------------------------------------------------------------------------------------------------
 */

struct app_syncs *app_syncs_new(uv_loop_t *loop, struct app *app)
{
    struct app_syncs *syncs = calloc(1, sizeof *syncs);

    CHECK(syncs != NULL);
    syncs->app = app;
    pthread_mutex_init(&syncs->lock, NULL);
    pthread_cond_init(&syncs->done, NULL);
    uv_async_init(loop, &syncs->wake, on_wake);
    uv_timer_init(loop, &syncs->timer);
    syncs->wake.data = syncs;
    syncs->timer.data = syncs;
    syncs->open_handles = 2;
    return syncs;
}

static void on_closed(uv_handle_t *handle)
{
    struct app_syncs *syncs = handle->data;

    syncs->open_handles--;
    if (syncs->open_handles == 0) {
        pthread_mutex_destroy(&syncs->lock);
        pthread_cond_destroy(&syncs->done);
        free(syncs);
    }
}

void app_syncs_close(struct app_syncs *syncs)
{
    if (syncs != NULL) {
        uv_close((uv_handle_t *)&syncs->wake, on_closed);
        uv_close((uv_handle_t *)&syncs->timer, on_closed);
    }
}
