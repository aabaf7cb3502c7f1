#include "replication/trust/identity.h"

#include <sodium.h>
#include <string.h>

#include "tests/kit/kit.h"

static void one_seed_gives_one_identity(void **state)
{
    uint8_t seed[IDENTITY_SEED_SIZE] = {1, 2, 3};
    struct identity a, b;
    (void)state;

    identity_derive(&a, seed);
    identity_derive(&b, seed);
    assert_memory_equal(&a, &b, sizeof a);
    seed[31] = 1;
    identity_derive(&b, seed);
    assert_false(id_equal(&a.node, &b.node));
    assert_memory_not_equal(a.curve_public, b.curve_public, CURVE_PUBLIC_SIZE);
}

static void the_id_is_the_hash_of_the_signing_key(void **state)
{
    const uint8_t seed[IDENTITY_SEED_SIZE] = {7};
    struct identity identity;
    (void)state;

    identity_derive(&identity, seed);
    struct hash hash = hash_of(bytes_of(NULL, 0), bytes_of(identity.sign_public, SIGN_PUBLIC_SIZE));
    assert_memory_equal(identity.node.b, hash.b, sizeof identity.node.b);
}

static void the_pairs_belong_together(void **state)
{
    const uint8_t seed[IDENTITY_SEED_SIZE] = {9};
    uint8_t signature[SIGNATURE_SIZE], curve_public[CURVE_PUBLIC_SIZE];
    struct identity identity;
    (void)state;

    identity_derive(&identity, seed);
    crypto_sign_detached(signature, NULL, (const uint8_t *)"x", 1, identity.sign_secret);
    assert_int_equal(crypto_sign_verify_detached(signature, (const uint8_t *)"x", 1, identity.sign_public),
                     0);
    assert_int_equal(crypto_scalarmult_base(curve_public, identity.curve_secret), 0);
    assert_memory_equal(curve_public, identity.curve_public, CURVE_PUBLIC_SIZE);
}

static void clearing_leaves_no_secret(void **state)
{
    static const struct identity zero;
    const uint8_t seed[IDENTITY_SEED_SIZE] = {9};
    struct identity identity;
    (void)state;

    identity_derive(&identity, seed);
    identity_clear(&identity);
    assert_memory_equal(&identity, &zero, sizeof identity);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_seed_gives_one_identity),
        cmocka_unit_test(the_id_is_the_hash_of_the_signing_key),
        cmocka_unit_test(the_pairs_belong_together),
        cmocka_unit_test(clearing_leaves_no_secret),
    };
    return KIT_RUN(tests);
}
