#include "node/link/errand.h"

#include <stdlib.h>
#include <string.h>

#include "node/log.h"
#include "node/store/operation/peer_status.h"
#include "replication/base/check.h"

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
    size_t next;          /* the member of the roster that is looked at next */
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

/* Was it put below this node by the authority, and not heard of since? *met_ms_out: when they were in step last; 0: never. */
static bool is_to_hear(const struct errands *errands, const struct roster_node *node, uint64_t *met_ms_out)
{
    struct peer_status status;

    *met_ms_out = 0;
    if (node->placed_ms == 0 || node->is_revoked || node->endpoint[0] == '\0' || !id_equal(&node->parent, &errands->self) ||
        id_equal(&node->node, &errands->self)) {
        return false;
    }
    struct db *db = store_read_begin(errands->store);
    *met_ms_out = peer_status_find(db, &node->node, &status) ? status.last_success_ms : 0;
    store_read_end(errands->store, db);
    return *met_ms_out < node->placed_ms;
}

static bool is_to_be_called(const struct errands *errands, const struct roster_node *node)
{
    struct link_peer peer;
    uint64_t met_ms;

    errands->host->look(errands->host->ctx, &node->node, &peer);
    return !peer.is_connected && !peer.is_dialed && is_to_hear(errands, node, &met_ms);
}

bool errands_due(const struct errands *errands, struct id *node_out)
{
    const struct roster *roster = members_roster(errands->members);
    uint64_t met_ms, latest_ms = 0;

    for (size_t i = 0; i < roster_count(roster); i++) {
        const struct roster_node *node = roster_at(roster, i);
        if (is_to_hear(errands, node, &met_ms) && met_ms > latest_ms) {
            latest_ms = met_ms;
            *node_out = node->node;
        }
    }
    return latest_ms > 0;
}

/* Calls the next one that has to be called. */
static void next_call(struct errands *errands, uint64_t now_ms)
{
    const struct roster *roster = members_roster(errands->members);

    while (errands->next < roster_count(roster)) {
        const struct roster_node *node = roster_at(roster, errands->next++);
        if (is_to_be_called(errands, node)) {
            if (errands->host->dial(errands->host->ctx, &node->node)) {
                log_event(LOG_INFO, "peer_called", "peer=\"%s\" endpoint=%s reason=\"it was put below this node\"", node->name,
                          node->endpoint);
                errand_add(errands, &node->node);
            }
            return;
        }
    }
    errands->next = 0;
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
