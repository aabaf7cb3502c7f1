#include "replication/trust/identity.h"

#include <sodium.h>
#include <string.h>

#include "replication/base/check.h"

_Static_assert(SIGN_PUBLIC_SIZE == crypto_sign_PUBLICKEYBYTES, "Ed25519 public key");
_Static_assert(SIGN_SECRET_SIZE == crypto_sign_SECRETKEYBYTES, "Ed25519 secret key");
_Static_assert(CURVE_PUBLIC_SIZE == crypto_scalarmult_BYTES, "X25519 public key");
_Static_assert(CURVE_SECRET_SIZE == crypto_scalarmult_SCALARBYTES, "X25519 secret key");

void identity_derive(struct identity *identity, const uint8_t seed[IDENTITY_SEED_SIZE])
{
    struct bytes source = bytes_of(seed, IDENTITY_SEED_SIZE);
    struct hash sign = hash_of(bytes_text("qanat identity sign 1"), source);
    struct hash curve = hash_of(bytes_text("qanat identity curve 1"), source);

    memset(identity, 0, sizeof *identity);
    memcpy(identity->seed, seed, IDENTITY_SEED_SIZE);
    int rc = crypto_sign_seed_keypair(identity->sign_public, identity->sign_secret, sign.b);
    CHECK(rc == 0);
    memcpy(identity->curve_secret, curve.b, CURVE_SECRET_SIZE);
    rc = crypto_scalarmult_base(identity->curve_public, identity->curve_secret);
    CHECK(rc == 0);
    identity->node = identity_node(identity->sign_public);
    sodium_memzero(&sign, sizeof sign);
    sodium_memzero(&curve, sizeof curve);
}

struct id identity_node(const uint8_t sign_public[SIGN_PUBLIC_SIZE])
{
    struct hash hash = hash_of(bytes_of(NULL, 0), bytes_of(sign_public, SIGN_PUBLIC_SIZE));
    struct id node;

    memcpy(node.b, hash.b, sizeof node.b);
    return node;
}

void identity_clear(struct identity *identity)
{
    sodium_memzero(identity, sizeof *identity);
}
