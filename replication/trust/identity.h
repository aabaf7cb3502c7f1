/* identity.h: a node's own keys.
 *
 * Ed25519 signs; the CURVE (X25519) pair is its own, bound to the node by its admission. The node's id is the
 * first 16 bytes of the BLAKE2b-256 of its first signing key. All randomness comes in as `seed`: the core
 * draws none. */
#ifndef QANAT_TRUST_IDENTITY_H
#define QANAT_TRUST_IDENTITY_H

#include "replication/trust/roster.h"

enum { IDENTITY_SEED_SIZE = 32, CURVE_SECRET_SIZE = 32, IDENTITY_FORMER_MAX = 4 };

/* Keys of before (rekey.h): the CURVE pair for peers who know no other yet and for what was sealed to it, the seed for what this node sealed
 * for itself. They sign nothing any more. */
struct identity_former {
    uint8_t seed[IDENTITY_SEED_SIZE];
    uint8_t curve_public[CURVE_PUBLIC_SIZE];
    uint8_t curve_secret[CURVE_SECRET_SIZE];
};

/* Of a node that changed its keys `node` is told by whoever keeps them; derived it is the id of a node whose first keys these are. */
struct identity {
    struct id node;
    uint8_t seed[IDENTITY_SEED_SIZE];
    uint8_t sign_public[SIGN_PUBLIC_SIZE];
    uint8_t sign_secret[SIGN_SECRET_SIZE];
    uint8_t curve_public[CURVE_PUBLIC_SIZE];
    uint8_t curve_secret[CURVE_SECRET_SIZE];
    struct identity_former former[IDENTITY_FORMER_MAX]; /* the latest first */
    size_t former_count;
};

/* Derives everything from `seed` (BLAKE2b with domain strings). Deterministic. */
void identity_derive(struct identity *identity, const uint8_t seed[IDENTITY_SEED_SIZE]);

/* The id of the node whose first signing key is `sign_public`. */
struct id identity_node(const uint8_t sign_public[SIGN_PUBLIC_SIZE]);

/* Overwrites the secrets. */
void identity_clear(struct identity *identity);

#endif
