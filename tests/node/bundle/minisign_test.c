/* The format of minisign, checked by its description; tests/system/stick.sh asks the program itself. */
#include "node/bundle/minisign.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "replication/trust/identity.h"
#include "tests/kit/kit.h"

/* Line `number` of `text`, decoded; returns its size. */
static size_t line_decode(const char *text, int number, uint8_t *out, size_t size_max)
{
    size_t size = 0;

    while (number-- > 0) {
        text = strchr(text, '\n') + 1;
    }
    assert_int_equal(sodium_base642bin(out, size_max, text, strcspn(text, "\n"), NULL, &size, NULL,
                                       sodium_base64_VARIANT_ORIGINAL),
                     0);
    return size;
}

static void a_signature_holds_for_the_key_and_its_comment(void **state)
{
    const uint8_t seed[IDENTITY_SEED_SIZE] = {1};
    uint8_t hash[MINISIGN_HASH_SIZE] = {3}, key[128], signature[128], global[128], text[64 + 7];
    char key_text[MINISIGN_TEXT_MAX], signature_text[MINISIGN_TEXT_MAX];
    struct identity identity;
    (void)state;

    identity_derive(&identity, seed);
    minisign_key(&identity.node, identity.sign_public, "hub", key_text);
    minisign_signature(&identity.node, identity.sign_secret, hash, "comment", signature_text);
    assert_memory_equal(key_text, "untrusted comment: hub\n", 23);
    assert_non_null(strstr(signature_text, "\ntrusted comment: comment\n"));
    assert_int_equal(line_decode(key_text, 1, key, sizeof key), 42);
    assert_int_equal(line_decode(signature_text, 1, signature, sizeof signature), 74);
    assert_int_equal(line_decode(signature_text, 3, global, sizeof global), 64);
    assert_memory_equal(key, "Ed", 2);
    assert_memory_equal(signature, "ED", 2);
    assert_memory_equal(key + 2, signature + 2, 8);
    assert_int_equal(crypto_sign_verify_detached(signature + 10, hash, sizeof hash, key + 10), 0);
    memcpy(text, signature + 10, 64);
    memcpy(text + 64, "comment", 7);
    assert_int_equal(crypto_sign_verify_detached(global, text, sizeof text, key + 10), 0);
}

static void the_longest_comment_fits(void **state)
{
    const uint8_t seed[IDENTITY_SEED_SIZE] = {1};
    uint8_t hash[MINISIGN_HASH_SIZE] = {3};
    char comment[MINISIGN_COMMENT_MAX + 1], text[MINISIGN_TEXT_MAX];
    struct identity identity;
    (void)state;

    identity_derive(&identity, seed);
    memset(comment, 'x', MINISIGN_COMMENT_MAX);
    comment[MINISIGN_COMMENT_MAX] = '\0';
    minisign_signature(&identity.node, identity.sign_secret, hash, comment, text);
    assert_int_equal(text[strlen(text) - 1], '\n');
    assert_non_null(strstr(text, comment));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signature_holds_for_the_key_and_its_comment),
        cmocka_unit_test(the_longest_comment_fits),
    };
    return KIT_RUN(tests);
}
