/* roster_turn.h: the keys of one node, turn by turn, out of the statements about it (rekey.h): a part of the fold. */
#ifndef QANAT_TRUST_ROSTER_TURN_H
#define QANAT_TRUST_ROSTER_TURN_H

#include "replication/trust/roster_fold.h"

struct turn {
    struct roster_entry *rekey, *grant, *closing; /* closing: NULL until the key before was ended */
};

/* turns[i] is how turn i + 1 came. */
struct turn_chain {
    size_t count;
    struct turn turns[ROSTER_TURNS_MAX];
};

/* Had who signed this GRANT the right to? */
typedef bool turn_may_grant(void *ctx, const struct roster_entry *grant);

/* The chain of the node that entries[first..last) are about, in the order of roster_fold.c; NULL when it never changed its keys.
 * The caller frees it. */
struct turn_chain *turn_chain_make(struct roster_entry **entries, size_t first, size_t last, turn_may_grant *may_grant, void *ctx);

/* True when the key of `entry->signer_turn` is of the chain (which may be NULL), and may say this. */
bool turn_may_sign(const struct turn_chain *chain, const struct roster_entry *entry);

/* Puts the present keys into `member`, and those before into former[0..chain->count). */
void turn_chain_tell(const struct turn_chain *chain, struct roster_node *member, struct roster_key *former);

#endif
