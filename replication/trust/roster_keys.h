/* roster_keys.h: what the roster says of the nodes' keys, present and former (rekey.h). */
#ifndef QANAT_TRUST_ROSTER_KEYS_H
#define QANAT_TRUST_ROSTER_KEYS_H

#include "replication/trust/roster.h"

/* The keys of which the node's id is made. */
struct roster_key roster_node_first_key(const struct roster_node *node);

/* Is this certificate good as to its signature? S_OK; S_NOT_FOUND: nobody knows the writer; S_STALE: a key of it signed that was
 * ended, and not up to here; S_BAD_SIGNATURE. `is_held`: any state that the key may have signed before its end; else what may be taken anew. */
enum status roster_certificate_check(const struct roster *roster, const struct certificate *certificate, bool is_held);

/* True for a stream that a CLOSE of its writer names. */
bool roster_is_of_former_key(const struct roster *roster, const struct stream_id *stream);

/* True for a state of such a stream before its end: it is good where it is held, and nobody takes it anew, so it is not compared. */
bool roster_is_before_end(const struct roster *roster, const struct stream_id *stream, uint64_t seq);

/* The node that ever had this signing key; NULL: nobody. */
const struct roster_node *roster_find_sign(const struct roster *roster, const uint8_t sign_public[SIGN_PUBLIC_SIZE]);

/* The node that had this CURVE key before the present one, which was ended, or not yet. NULL: nobody. */
const struct roster_node *roster_find_former_curve(const struct roster *roster, const uint8_t curve_public[CURVE_PUBLIC_SIZE], bool is_ended);

/* The REKEY for which `node` waits for a GRANT: of its next turn, signed by its present key, the latest stamp first; empty: none. */
struct bytes roster_rekey_asked(const struct roster *roster, const struct id *node);

/* The REKEY by which `node` came to its present key; empty: it has its first one. Borrowed until the next roster_add(). */
struct bytes roster_rekey_granted(const struct roster *roster, const struct id *node);

/* True when a GRANT signed by `signer` now for `node` would count. */
bool roster_may_grant(const struct roster *roster, const struct id *signer, const struct id *node);

#endif
