/* proof.h: Data Integrity proofs over a credential: eddsa-rdfc-2022 and eddsa-jcs-2022 (W3C vc-di-eddsa).
 *
 * Both sign SHA-256(options) and SHA-256(document) with Ed25519; they differ in how options and document
 * become bytes: as canonical RDF (quads.h), which Open Badges asks for, or as canonical JSON (jcs.h), which
 * covers every byte of meaning whatever the terms. A credential of ours carries both. */
#ifndef QANAT_NODE_BADGE_PROOF_H
#define QANAT_NODE_BADGE_PROOF_H

#include <jansson.h>

#include "replication/base/status.h"
#include "replication/trust/identity.h"

enum { PROOFS_MAX = 8 };

/* Sets "proof" of `document` to one proof of each suite by `identity`'s signing key, made at `created` (RFC
 * 3339). */
enum status proof_sign(json_t *document, const struct identity *identity, const char *created);

/* S_OK when every proof of a suite known here holds under `sign_public` and at least one is there.
 * S_BAD_SIGNATURE when one does not hold: the document was altered, or somebody else signed it; S_NOT_FOUND
 * without any proof of ours; S_INVALID for what is no proof at all. */
enum status proof_check(json_t *document, const uint8_t sign_public[SIGN_PUBLIC_SIZE], struct report *report);

#endif
