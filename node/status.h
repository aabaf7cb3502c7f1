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

/* What cells take on a wire, for estimates: greetings, certificate and receipt, and each cell. Measured for imports of 1 to 100,000 results of 1 to 400
 * courses: from 4.5 bytes a cell (10,000 events in one lot) to 14 (1,000 events over 400 courses). */
enum { STATUS_SESSION_BYTES = 600, STATUS_CELL_BYTES = 8 };

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
 * "next_window","error","bundle_made"}],"storage":{...},"receipts":{"hub"},"alarms":[{"node","what":"two_writers|figures_doubled|implausible",
 * "reported_by","at","text"?}],
 * "quarantined":[{"node","by","since","reason"}],"refused":{NAME:count,...,"total","last"},
 * "refused_of":[{"node","counts":{NAME:count,...},"total","last"}],"repaired":{...} (names: node/incident.h; node/status_incidents.h),
 * "running","sentence"}. "next_window" is when a peer that is outside its windows now will be talked to again, in UTC; null when that is now, or while
 * paused. Then the state is in_step or waiting. The caller releases it. */
enum status status_document(const struct status_request *request, json_t **document_out,
                            struct report *report);

/* About so many bytes move when `cells` cells do; 0: nothing to move. */
uint64_t status_cells_bytes(uint64_t cells);

/* "12 min ago", "3 h ago", "never" (then_ms 0). */
void status_ago(uint64_t then_ms, uint64_t now_ms, char *out, size_t size);

#endif
