/* expel.h: a node is put out of the federation: its revocation is written, and what that leaves of its streams is kept.
 *
 * A revocation names the last state that was accepted here of each stream of that node (seq and digest), so that every node
 * ends up with exactly the same: who holds less pulls up to there, who holds more drops the stream and pulls it again. So
 * revoke at the node above it, which has heard most. The roster topic is not meant: what the node admitted stays, judged by its stamps, and a revocation is
 * stamped no earlier than what is known of that here. */
#ifndef QANAT_NODE_STORE_STREAM_EXPEL_H
#define QANAT_NODE_STORE_STREAM_EXPEL_H

#include "node/store/db.h"
#include "replication/trust/identity.h"
#include "replication/trust/statement.h"

struct expulsion {
    const struct id *federation;
    const struct identity *by; /* signs */
    struct id node;
    struct id successor; /* zero: nobody takes over */
    const char *reason;
    uint64_t now_ms;
    size_t left_out; /* out: streams beyond STATEMENT_ENDS_MAX, the smallest: they end before they began */
};

/* The last states that are held here of `node`'s streams, the fullest ones where there are too many; *left_out_out is how many
 * more there are. Any thread. */
size_t expel_ends(struct db *db, const struct id *node, struct stream_end ends[STATEMENT_ENDS_MAX], size_t *left_out_out);

/* The stamp of a revocation of `node` that is written now: no earlier than what it is known here to have said of others. Any thread. */
uint64_t expel_stamp(struct db *db, const struct id *node, uint64_t now_ms);

/* Writes the revocation as a statement of this node. S_TOO_LARGE for a long reason. Writer thread. */
enum status expel_put(struct db *db, struct expulsion *expulsion);

/* Drops what is held of revoked writers and is not what their revocations leave, or of keys that were given up; *count_out is how many streams. What this
 * database recorded itself after its key had been given up elsewhere (a backup of before was restored) goes into the living stream first, or, as long as it
 * has no better key, is left: nobody else counts it. Writer thread. */
enum status expel_trim(struct db *db, const struct roster *roster, size_t *count_out);

/* Drops all that is held of one topic of `node`, which this node was until now and is no more: what is counted in another of these streams goes too, for
 * where that other was not heard it counts for itself, and would be missed here by every comparison. Writer thread. */
enum status expel_leave(struct db *db, const struct id *node, enum topic topic);

/* True when expel_trim() would drop something. Any thread. */
bool expel_is_due(struct db *db, const struct roster *roster);

#endif
