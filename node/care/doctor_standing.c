/* How this node stands in its federation: its row in the roster, and when it was last in step with the node above. */
#include <stdio.h>

#include "node/care/doctor.h"
#include "node/store/peer_status.h"

void doctor_roster(const struct doctor *doctor)
{
    struct inspection *inspection = doctor->inspection;

    if (!inspection->roster || !inspection->has_identity) {
        return;
    }
    const struct roster_node *self = roster_find(inspection->roster, &inspection->identity.node);
    if (!self) {
        findings_add(inspection->findings, FINDING_ROSTER_ABSENT, "roster", "none of its %zu members has this node's key",
                     roster_count(inspection->roster));
    } else if (self->is_revoked) {
        findings_add(inspection->findings, FINDING_REVOKED, self->name, "the roster says that this node was revoked");
    }
    findings_note(inspection->findings, "roster");
}

void doctor_sync(const struct doctor *doctor)
{
    struct inspection *inspection = doctor->inspection;
    struct findings *findings = inspection->findings;
    const struct roster_node *above =
        inspection->roster && inspection->has_identity ? roster_uplink(inspection->roster, &inspection->identity.node) : NULL;
    struct peer_status peer;

    if (!doctor->is_running) {
        findings_add(findings, FINDING_NODE_STOPPED, inspection->dir, "no node runs on it");
    }
    if (!above) {
        return; /* a first hub answers to nobody */
    }
    struct db *db = store_read_begin(inspection->store);
    bool is_known = peer_status_find(db, &above->node, &peer);
    store_read_end(inspection->store, db);
    findings_note(findings, "sync");
    if (!is_known || (!peer.last_success_ms && !*peer.error)) {
        findings_add(findings, FINDING_SYNC_NEVER, above->name, "this node was never in step with it");
        return;
    }
    uint64_t age_ms = doctor->now_ms > peer.last_success_ms ? doctor->now_ms - peer.last_success_ms : 0;
    if (*peer.error && peer.last_attempt_ms >= peer.last_success_ms) {
        findings_add(findings, FINDING_SYNC_FAILED, above->name, "the last attempt failed: %s", peer.error);
    } else if (age_ms > (uint64_t)inspection->config.late_after_h * 3600 * 1000) {
        findings_add(findings, FINDING_SYNC_LATE, above->name, "last in step %llu hours ago", (unsigned long long)(age_ms / 3600 / 1000));
    }
}
