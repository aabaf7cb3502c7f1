/* status.h: how this node stands with its peers, as one document for the command, the API, the page and the
 * metrics.
 *
 * Read from what sessions left in the store, so it is the same whether or not the node runs. "in_step" is
 * said only when both sides were found equal and nothing was written since. */
#ifndef QANAT_NODE_STATUS_H
#define QANAT_NODE_STATUS_H

#include <jansson.h>

#include "node/config.h"
#include "node/dir.h"
#include "node/store/store.h"

struct status_request {
    struct store *store;
    const struct config *config;
    const struct federation *federation;
    const struct identity *identity;
    const char *dir;
    uint64_t now_ms; /* wall clock */
    bool is_running; /* a node runs on this directory */
};

/* {"node","kind","state":"in_step|behind|waiting|offline|degraded","peers":[{"node","state","last_success","we_lack":{"cells","bytes"},"they_lack":{...},
 * "next_window","error"}],"storage":{...},"receipts":{"hub"},"alarms":[{"node","what":"two_writers|implausible",
 * "reported_by","at","text"?}],
 * "quarantined":[{"node","by","since","reason"}],"refused":{NAME:count,...,"total","last"},
 * "repaired":{...} (names: node/incident.h),"running","sentence"}. "next_window" is when a
 * peer that is outside its windows now will be talked to again, in UTC; null when that is now, or while
 * paused. Then the state is in_step or waiting. The caller releases it. */
enum status status_document(const struct status_request *request, json_t **document_out,
                            struct report *report);

/* "12 min ago", "3 h ago", "never" (then_ms 0). */
void status_ago(uint64_t then_ms, uint64_t now_ms, char *out, size_t size);

#endif
