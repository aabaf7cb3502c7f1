/* roster_beyond.h: statements that a member signed beyond its right.
 *
 * What has no effect is kept all the same, for it may get its right from a statement that has not come yet. Most of it is honest: an admission that a later
 * one corrected, a word of a hub that handed over. But a member that revokes those above or beside it, admits a hub, admits below others, or
 * speaks for the authority or for another's keys, does what no honest program does, and people should hear whose machine it is. Nothing is decided by this. */
#ifndef QANAT_TRUST_ROSTER_BEYOND_H
#define QANAT_TRUST_ROSTER_BEYOND_H

#include "replication/trust/roster.h"

/* True when `statement`, which the roster took, has no effect and its signer could never have said it: it is a member by its first key, was no hub, and
 * stands, as far as is known (both where nodes are and where they were admitted), above nobody whom it is about. `signer_out`: who. False in any doubt. */
bool roster_is_beyond(const struct roster *roster, struct bytes statement, struct id *signer_out);

/* True when `who` is a member that is no hub, was none, and stands, as far as is known, neither above `node` nor in its place. False in any doubt. */
bool roster_is_beyond_node(const struct roster *roster, const struct id *who, const struct id *node);

/* False for a statement that has no effect, or is not known. */
bool roster_is_in_effect(const struct roster *roster, const struct hash *hash);

#endif
