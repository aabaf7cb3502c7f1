/* record.h: what the row of a peer says of a session (node/store/operation/peer_status.h), when it is worth writing, and what was refused in it.
 * Counters are told as differences: several sessions add up in one row. */
#ifndef QANAT_NODE_LINK_RECORD_H
#define QANAT_NODE_LINK_RECORD_H

#include "node/store/operation/peer_status.h"
#include "replication/peer/peer.h"

enum {
    RECORD_EVERY_MS = 30 * 1000,
    RECORD_MOVING_MS = 3 * 1000,       /* while something moves: */
    RECORD_MOVING_BYTES = 32 * 1024, /* so much since the last row */
};

struct record {
    uint64_t opened_wall_ms, success_wall_ms;
    uint64_t told_success_ms; /* by the wall clock: as the last row says it */
    struct peer_progress told; /* what the last row counted */
    enum peer_state told_state;
    uint64_t told_ms;
    bool is_end_told; /* the last row was written */
};

void record_begin(struct record *record, uint64_t wall_ms);

/* Updates `row` with what happened since the last call, at the monotonic time `now_ms`; false when nothing is worth
 * writing yet. `is_over`: the session is, and this is its last row. */
bool record_report(struct record *record, const struct peer_progress *now, bool is_over, uint64_t now_ms, struct peer_status *row);

/* Counts what EFFECT_REFUSED tells (node/incident.h): of `remote`, who said it; of the writer where the writer is to blame and who brings it may not
 * know yet (a key that it gave up, a second history). */
void record_refused(const struct effect *effect, const struct id *remote);

#endif
