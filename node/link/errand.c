#include "node/link/errand.h"

#include <stdlib.h>
#include <string.h>

#include "node/local_time.h"
#include "node/log.h"
#include "node/store/operation/peer_status.h"
#include "node/store/stream/own.h"
#include "replication/base/check.h"

enum reason {
    REASON_NONE,
    REASON_PLACED,        /* the authority put it below this node, and it was not in step since */
    REASON_LOST_SIGHT_OF, /* nobody is above this node, and they were in step before it began, and not since */
};

struct errand {
    struct id node;
    uint64_t rounds;   /* of the session, when it began */
    uint32_t failures; /* of the dial, then */
};

struct errands {
    struct store *store;
    const struct members *members;
    struct id self;
    const struct errand_host *host;
    struct errand list[ERRANDS_MAX];
    size_t count;
    size_t next;            /* the member of the roster that is looked at next */
    uint32_t passes;        /* so often everybody had a turn */
    uint64_t began_ms;      /* wall clock */
    uint64_t rest_until_ms; /* monotonic */
};

struct errands *errands_new(struct store *store, const struct members *members, const struct id *self, const struct errand_host *host)
{
    struct errands *errands = calloc(1, sizeof *errands);

    CHECK(errands != NULL);
    errands->store = store;
    errands->members = members;
    errands->self = *self;
    errands->host = host;
    errands->began_ms = local_time_now();
    return errands;
}

void errands_free(struct errands *errands)
{
    free(errands);
}

size_t errands_count(const struct errands *errands)
{
    return errands->count;
}

static bool errand_add(struct errands *errands, const struct id *node)
{
    struct link_peer peer;

    for (size_t i = 0; i < errands->count; i++) {
        if (id_equal(&errands->list[i].node, node)) {
            return true;
        }
    }
    if (errands->count == ERRANDS_MAX) {
        return false;
    }
    errands->host->look(errands->host->ctx, node, &peer);
    errands->list[errands->count++] = (struct errand){*node, peer.progress.rounds, peer.failures};
    return true;
}

void errands_part(struct errands *errands, const struct id *node)
{
    if (!errand_add(errands, node)) {
        errands->host->retire(errands->host->ctx, node); /* it hears of it by another path */
    }
}

void errands_wake(struct errands *errands)
{
    errands->next = 0;
    errands->rest_until_ms = 0;
}

/* True when there is nothing more to wait for. */
static bool errand_is_done(struct errands *errands, struct errand *errand)
{
    struct link_peer peer;

    errands->host->look(errands->host->ctx, &errand->node, &peer);
    if (peer.is_connected) {
        errand->rounds = peer.progress.rounds < errand->rounds ? 0 : errand->rounds; /* another session */
        return peer.progress.state == PEER_IN_STEP && peer.progress.rounds > errand->rounds;
    }
    errand->rounds = 0;
    return !peer.is_dialed || peer.is_deferred || peer.failures >= errand->failures + ERRAND_FAILURES_MAX;
}

/* Were they in step before this node began, and not since? Where nobody stands above it, its database may have been put back to before another hub was
 * promoted, whom `node` knows. A stamp that is to come was written by a clock that has been put right. */
static bool was_lost_sight_of(const struct errands *errands, const struct peer_status *status)
{
    uint64_t drawn_ms = hlc_wall_ms(own_living_drawn(errands->store)), since_ms = drawn_ms > errands->began_ms ? drawn_ms : errands->began_ms;
    bool is_since = status->last_success_ms >= since_ms && status->last_success_ms <= local_time_now();

    return status->last_success_ms > 0 && !is_since;
}

/* Why a node below this one is to be called; when they were in step last, and when that was tried: *row_out. */
static enum reason reason_of(const struct errands *errands, const struct roster_node *node, struct peer_status *row_out)
{
    if (node->is_revoked || node->endpoint[0] == '\0' || !id_equal(&node->parent, &errands->self) || id_equal(&node->node, &errands->self)) {
        return REASON_NONE;
    }
    bool is_below_another = roster_uplink(members_roster(errands->members), &errands->self) != NULL;
    if (node->placed_ms == 0 && is_below_another) {
        return REASON_NONE; /* as it is with all but few: nothing is read for them */
    }
    struct db *db = store_read_begin(errands->store);
    if (!peer_status_find(db, &node->node, row_out)) {
        *row_out = (struct peer_status){.node = node->node};
    }
    store_read_end(errands->store, db);
    if (node->placed_ms > 0 && row_out->last_success_ms < node->placed_ms) {
        return REASON_PLACED;
    }
    return !is_below_another && was_lost_sight_of(errands, row_out) ? REASON_LOST_SIGHT_OF : REASON_NONE;
}

/* Who was lost sight of calls by itself in most lives: it is waited for, and then called less and less often. */
static bool has_turn(const struct errands *errands, enum reason reason)
{
    uint32_t rests = errands->passes;

    return reason == REASON_PLACED || (reason == REASON_LOST_SIGHT_OF && rests > 0 && ((rests & (rests - 1)) == 0 || rests % ERRAND_RESTS_SELDOM == 0));
}

static bool is_to_be_called(const struct errands *errands, const struct roster_node *node, enum reason *reason_out)
{
    struct link_peer peer;
    struct peer_status row;

    errands->host->look(errands->host->ctx, &node->node, &peer);
    *reason_out = peer.is_connected || peer.is_dialed ? REASON_NONE : reason_of(errands, node, &row);
    return has_turn(errands, *reason_out);
}

/* Who answered when it was called last comes before who did not; of the former who was met last, of the latter who was called first. */
static bool is_better(const struct peer_status *row, const struct peer_status *best)
{
    bool is_failing = row->last_attempt_ms > row->last_success_ms, is_best_failing = best->last_attempt_ms > best->last_success_ms;

    if (is_failing != is_best_failing) {
        return !is_failing;
    }
    return is_failing ? row->last_attempt_ms < best->last_attempt_ms : row->last_success_ms > best->last_success_ms;
}

bool errands_due(const struct errands *errands, struct id *node_out)
{
    const struct roster *roster = members_roster(errands->members);
    struct peer_status row, best = {.last_success_ms = 0};

    for (size_t i = 0; i < roster_count(roster); i++) {
        bool is_due = reason_of(errands, roster_at(roster, i), &row) != REASON_NONE && row.last_success_ms > 0;
        if (is_due && (best.last_success_ms == 0 || is_better(&row, &best))) {
            best = row;
        }
    }
    *node_out = best.node;
    return best.last_success_ms > 0;
}

/* Calls the next one that has to be called. */
static void next_call(struct errands *errands, uint64_t now_ms)
{
    const struct roster *roster = members_roster(errands->members);

    while (errands->next < roster_count(roster)) {
        const struct roster_node *node = roster_at(roster, errands->next++);
        enum reason reason;
        if (is_to_be_called(errands, node, &reason)) {
            if (errands->host->dial(errands->host->ctx, &node->node)) {
                log_event(LOG_INFO, "peer_called", "peer=\"%s\" endpoint=%s reason=\"%s\"", node->name, node->endpoint,
                          reason == REASON_PLACED ? "it was put below this node" : "it may know who stands above this node by now");
                errand_add(errands, &node->node);
            }
            return;
        }
    }
    errands->next = 0;
    errands->passes++;
    errands->rest_until_ms = now_ms + ERRAND_REST_MS;
}

void errands_tick(struct errands *errands, uint64_t now_ms)
{
    size_t kept = 0;

    for (size_t i = 0; i < errands->count; i++) {
        struct errand errand = errands->list[i];
        if (errand_is_done(errands, &errand)) {
            errands->host->retire(errands->host->ctx, &errand.node);
        } else {
            errands->list[kept++] = errand;
        }
    }
    errands->count = kept;
    if (errands->count < ERRANDS_MAX && now_ms >= errands->rest_until_ms) {
        next_call(errands, now_ms);
    }
}
