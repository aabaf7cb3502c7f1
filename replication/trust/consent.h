/* consent.h: a node's own signature under the admission it asks for.
 *
 * It proves that the newcomer has its signing key, and it goes into the admission: no rostered node can claim
 * a node of somebody else as its own child (and with that the right to its results), because the child never
 * agreed to that parent. It covers the federation, the parent, the join token's public key, name, kind and
 * both keys; not endpoint, country and region, which the parent may correct later. */
#ifndef QANAT_TRUST_CONSENT_H
#define QANAT_TRUST_CONSENT_H

#include "replication/trust/roster.h"

/* Signs with the Ed25519 secret of `node` (whose parent, token_public, name, kind and keys are set) into
 * node->consent. This is the signature of a JOIN message. */
void consent_sign(const struct id *federation, struct roster_node *node,
                  const uint8_t sign_secret[SIGN_SECRET_SIZE]);

/* True when `node` carries a consent at all. */
bool consent_is_given(const struct roster_node *node);

/* S_OK or S_BAD_SIGNATURE. */
enum status consent_verify(const struct id *federation, const struct roster_node *node);

#endif
