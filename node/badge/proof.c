#include "node/badge/proof.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "node/badge/jcs.h"
#include "node/badge/multibase.h"
#include "node/badge/quads.h"
#include "replication/base/check.h"

#define PROOF_SUITE_LIST(X)                                                                                  \
    X(RDFC, "eddsa-rdfc-2022")                                                                               \
    X(JCS, "eddsa-jcs-2022")

enum proof_suite {
#define X(name, text) SUITE_##name,
    PROOF_SUITE_LIST(X)
#undef X
        SUITE_COUNT
};

static const char *suite_text(enum proof_suite suite)
{
    static const char *const texts[] = {
#define X(name, text) text,
        PROOF_SUITE_LIST(X)
#undef X
    };
    return texts[suite];
}

static bool suite_parse(const char *text, enum proof_suite *suite_out)
{
    for (int i = 0; text && i < SUITE_COUNT; i++) {
        if (strcmp(suite_text((enum proof_suite)i), text) == 0) {
            *suite_out = (enum proof_suite)i;
            return true;
        }
    }
    return false;
}

enum { SIGNED_SIZE = 2 * crypto_hash_sha256_BYTES };

static enum status part_hash(enum proof_suite suite, json_t *part, uint8_t out[crypto_hash_sha256_BYTES])
{
    struct buffer text;

    buffer_init(&text);
    enum status status = suite == SUITE_RDFC ? quads_write(part, &text) : jcs_write(part, &text);
    crypto_hash_sha256(out, text.data, text.size);
    buffer_release(&text);
    return status;
}

/* What is signed: the hash of the proof without its value, then that of the document without its proofs. */
static enum status signed_make(enum proof_suite suite, json_t *document, json_t *proof,
                               uint8_t out[SIGNED_SIZE])
{
    json_t *options = json_copy(proof), *bare = json_copy(document);

    CHECK(options && bare);
    json_object_del(options, "proofValue");
    json_object_del(bare, "proof");
    enum status status = part_hash(suite, options, out);
    if (status == S_VERSION) {
        status = S_BAD_SIGNATURE; /* the options are ours alone; only the document may have grown */
    }
    if (status == S_OK) {
        status = part_hash(suite, bare, out + crypto_hash_sha256_BYTES);
    }
    json_decref(options);
    json_decref(bare);
    return status;
}

/* "did:key:z6Mk...#z6Mk...": the key, named within its own document. */
static void method_format(const uint8_t sign_public[SIGN_PUBLIC_SIZE], char out[2 * DID_KEY_SIZE])
{
    char did[DID_KEY_SIZE];

    did_key_format(sign_public, did);
    snprintf(out, 2 * DID_KEY_SIZE, "%s#%s", did, did + strlen("did:key:"));
}

/* --- signing -------------------------------------------------------------------------------------------- */

static enum status proof_make(enum proof_suite suite, json_t *document, const struct identity *identity,
                              const char *created, json_t *proofs)
{
    uint8_t to_sign[SIGNED_SIZE], signature[SIGNATURE_SIZE];
    char method[2 * DID_KEY_SIZE], text[BASE58_TEXT_SIZE], value[BASE58_TEXT_SIZE + 1];

    method_format(identity->sign_public, method);
    json_t *proof =
        json_pack("{s:s,s:s,s:s,s:s,s:s}", "type", "DataIntegrityProof", "cryptosuite", suite_text(suite),
                  "created", created, "verificationMethod", method, "proofPurpose", "assertionMethod");
    CHECK(proof);
    if (suite == SUITE_JCS) { /* section 3.3.1: the context is part of what is signed */
        json_object_set(proof, "@context", json_object_get(document, "@context"));
    }
    enum status status = signed_make(suite, document, proof, to_sign);
    if (status == S_OK) {
        crypto_sign_detached(signature, NULL, to_sign, sizeof to_sign, identity->sign_secret);
        base58_encode(bytes_of(signature, sizeof signature), text);
        snprintf(value, sizeof value, "z%s", text);
        json_object_set_new(proof, "proofValue", json_string(value));
        json_array_append(proofs, proof);
    }
    json_decref(proof);
    return status;
}

enum status proof_sign(json_t *document, const struct identity *identity, const char *created)
{
    json_t *proofs = json_array();
    enum status status = S_OK;

    CHECK(proofs);
    json_object_del(document, "proof");
    for (int suite = 0; suite < SUITE_COUNT && status == S_OK; suite++) {
        status = proof_make((enum proof_suite)suite, document, identity, created, proofs);
    }
    if (status == S_OK) {
        json_object_set(document, "proof", proofs);
    }
    json_decref(proofs);
    return status;
}

/* --- checking ------------------------------------------------------------------------------------------- */

static bool member_is(json_t *object, const char *name, const char *wanted)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text && strcmp(text, wanted) == 0;
}

/* The statements about the proof itself that must hold before its signature is looked at. */
static bool options_hold(enum proof_suite suite, json_t *document, json_t *proof,
                         const uint8_t sign_public[SIGN_PUBLIC_SIZE])
{
    json_t *context = json_object_get(proof, "@context");
    char method[2 * DID_KEY_SIZE];

    method_format(sign_public, method);
    return member_is(proof, "verificationMethod", method) &&
           member_is(proof, "proofPurpose", "assertionMethod") &&
           (suite == SUITE_RDFC || (context && json_equal(context, json_object_get(document, "@context"))));
}

static enum status one_check(enum proof_suite suite, json_t *document, json_t *proof,
                             const uint8_t sign_public[SIGN_PUBLIC_SIZE])
{
    const char *value = json_string_value(json_object_get(proof, "proofValue"));
    uint8_t to_sign[SIGNED_SIZE], signature[SIGNATURE_SIZE];

    if (!value || value[0] != 'z' || !base58_decode(value + 1, signature, sizeof signature) ||
        !options_hold(suite, document, proof, sign_public)) {
        return S_BAD_SIGNATURE;
    }
    enum status status = signed_make(suite, document, proof, to_sign);
    if (status != S_OK) {
        return status;
    }
    return crypto_sign_verify_detached(signature, to_sign, sizeof to_sign, sign_public) == 0
               ? S_OK
               : S_BAD_SIGNATURE;
}

enum status proof_check(json_t *document, const uint8_t sign_public[SIGN_PUBLIC_SIZE], struct report *report)
{
    json_t *proofs = json_object_get(document, "proof");
    size_t count = json_is_array(proofs) ? json_array_size(proofs) : proofs ? 1 : 0;
    bool has_held = false;

    if (count > PROOFS_MAX) {
        return report_set(report, S_INVALID, "more than %d proofs", PROOFS_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        json_t *proof = json_is_array(proofs) ? json_array_get(proofs, i) : proofs;
        enum proof_suite suite;
        if (!member_is(proof, "type", "DataIntegrityProof") ||
            !suite_parse(json_string_value(json_object_get(proof, "cryptosuite")), &suite)) {
            return report_set(report, S_BAD_SIGNATURE, "proof %zu is of no suite that issuers here sign with",
                              i + 1);
        }
        enum status status = one_check(suite, document, proof, sign_public);
        if (status != S_OK &&
            status != S_VERSION) { /* a term of a later version: the other proof covers it */
            return report_set(report, S_BAD_SIGNATURE, "the %s proof does not hold", suite_text(suite));
        }
        has_held = has_held || status == S_OK;
    }
    return has_held ? S_OK : report_set(report, S_NOT_FOUND, "there is no proof that can be checked");
}
