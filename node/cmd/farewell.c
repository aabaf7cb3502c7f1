#include "node/cmd/farewell.h"

#include <stdlib.h>
#include <string.h>

#include "node/cmd/alone.h"
#include "node/learn/attempt/due.h"
#include "node/learn/result/recall.h"
#include "node/store/operation/peer_status.h"
#include "node/store/stream/held.h"
#include "node/store/stream/known.h"
#include "node/store/stream/roster.h"
#include "node/store/stream/stream.h"
#include "replication/base/check.h"

/* Who asks, while its store is open. */
struct farewell {
    struct command_context *context;
    const struct identity *identity;
    const struct federation *federation;
    struct store *store;
};

/* Cells of this node's results that the node above has not said to hold: an upper bound; *status_out when it cannot be known. */
static uint64_t unheard_cells(const struct farewell *farewell, enum status *status_out)
{
    struct db *db = store_read_begin(farewell->store);
    struct stream_id at = {.node = farewell->identity->node, .topic = TOPIC_RESULTS};
    struct stream_head head;
    struct roster *roster = NULL;
    uint64_t cells = 0;

    *status_out = roster_load(db, farewell->federation, &roster, &farewell->context->report);
    const struct roster_node *above = *status_out == S_OK ? roster_uplink(roster, &farewell->identity->node) : NULL;
    while (above && stream_next(db, &at, &head) && head.stream.topic == TOPIC_RESULTS && id_equal(&head.stream.node, &at.node)) {
        at = head.stream;
        cells += held_lacking(db, &head, &above->node);
    }
    *status_out = *status_out == S_OK ? db_status(db) : *status_out;
    roster_free(roster);
    store_read_end(farewell->store, db);
    return cells;
}

static enum status sync_last(const struct farewell *farewell, const struct config *config, uint32_t timeout_ms, struct sync_result *result)
{
    struct command_context *context = farewell->context;
    struct sync_request request = {.timeout_ms = timeout_ms, .is_now = true};
    struct app_options options = {
        .dir = context->dir,
        .config = config,
        .identity = farewell->identity,
        .federation = farewell->federation,
        .store = farewell->store,
    };

    return alone_exchange(&options, &request, result, &context->report);
}

/* Did the node above say that it knows no such member? */
static bool is_put_out(const struct farewell *farewell)
{
    struct db *db = store_read_begin(farewell->store);
    struct report ignored = {.status = S_OK};
    struct roster *roster = NULL;
    struct peer_status peer;
    bool is_out = false;

    if (roster_load(db, farewell->federation, &roster, &ignored) == S_OK) {
        const struct roster_node *above = roster_uplink(roster, &farewell->identity->node);
        is_out = above && peer_status_find(db, &above->node, &peer) && strcmp(peer.error, PEER_ERROR_REFUSED) == 0;
    }
    roster_free(roster);
    store_read_end(farewell->store, db);
    return is_out;
}

static enum status heard_make(const struct farewell *farewell, const struct config *config, uint32_t timeout_ms)
{
    struct sync_result *result = calloc(1, sizeof *result);
    enum status status;
    uint64_t cells = unheard_cells(farewell, &status);

    CHECK(result);
    if (status == S_OK && cells > 0) {
        status = sync_last(farewell, config, timeout_ms, result);
        cells = status == S_OK ? unheard_cells(farewell, &status) : cells;
    }
    if (status == S_OK && cells > 0) {
        status = report_set(&farewell->context->report, is_put_out(farewell) ? S_DENIED : S_BUSY,
                            "%llu cells of results that were recorded here are not held by the node above (%s): they would count nowhere. "
                            "Try again when it has them; --leave-results goes on without them",
                            (unsigned long long)cells, result->report.status == S_OK ? "it does not say so" : result->report.text);
    }
    free(result);
    return status;
}

enum status farewell_say(struct command_context *context, const struct config *config, const struct identity *identity,
                         const struct federation *federation, uint32_t timeout_ms)
{
    struct farewell farewell = {context, identity, federation, NULL};
    struct store_options options = {0};
    enum status status = store_open(context->dir, &options, &farewell.store, &context->report);

    if (status != S_OK) {
        return status;
    }
    store_set_identity(farewell.store, identity, &federation->id);
    status = due_tell_all(farewell.store, federation, &context->report);
    if (status == S_OK && timeout_ms > 0) {
        status = heard_make(&farewell, config, timeout_ms);
    }
    store_close(farewell.store);
    return status;
}

enum status farewell_count(struct db *db, const struct join_answer *answer, const struct id *old, const struct id *self, const struct report *unheard,
                           struct report *report)
{
    struct roster *roster;
    enum status status = roster_load(db, &answer->federation, &roster, report);

    if (status != S_OK) {
        return status;
    }
    for (size_t i = 0; i < answer->welcome.count && status == S_OK; i++) { /* which are cells only when the job ends */
        status = roster_add(roster, answer->welcome.statements[i], report);
    }
    const struct roster_node *standing = status == S_OK ? roster_standing(roster, old) : NULL;
    bool is_following = standing && id_equal(&standing->node, self);
    roster_free(roster);
    if (status != S_OK || is_following) {
        return status == S_OK ? recall_anew(db) : status;
    }
    if (unheard->status != S_OK) {
        return report_set(report, S_BUSY,
                          "%s. Where it was put out, and is to go on as a new node, a token made there with qanat invite --replaces counts them",
                          unheard->text);
    }
    return known_leave(db);
}
