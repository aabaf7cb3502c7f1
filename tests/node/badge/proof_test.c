#include "node/badge/proof.h"

#include <stdlib.h>

#include "tests/kit/kit.h"

static struct identity issuer, stranger;

static json_t *signed_make(void)
{
    uint8_t seed[IDENTITY_SEED_SIZE] = {7}, other[IDENTITY_SEED_SIZE] = {8};
    json_t *document =
        json_pack("{s:[s],s:s,s:s,s:{s:s,s:s}}", "@context", "https://www.w3.org/ns/credentials/v2", "id",
                  "urn:a", "name", "Certificate", "issuer", "id", "urn:b", "name", "Centre");

    identity_derive(&issuer, seed);
    identity_derive(&stranger, other);
    assert_int_equal(proof_sign(document, &issuer, "2026-10-05T12:30:45Z"), S_OK);
    return document;
}

static enum status check(json_t *document)
{
    struct report report;

    report_clear(&report);
    enum status status = proof_check(document, issuer.sign_public, &report);
    assert_int_equal(report.status, status);
    return status;
}

static void a_document_carries_both_proofs_and_they_hold(void **state)
{
    json_t *document = signed_make();
    (void)state;

    json_t *proofs = json_object_get(document, "proof");
    assert_int_equal(json_array_size(proofs), 2);
    assert_int_equal(check(document), S_OK);
    assert_int_equal(proof_check(document, stranger.sign_public, NULL), S_BAD_SIGNATURE);
    json_array_remove(proofs, 0);
    assert_int_equal(check(document), S_OK); /* each one stands alone */
    json_array_clear(proofs);
    assert_int_equal(check(document), S_NOT_FOUND);
    json_object_del(document, "proof");
    assert_int_equal(check(document), S_NOT_FOUND);
    json_decref(document);
}

/* Every text of a signed document, changed by one character each, is noticed. */
static void any_changed_text_is_noticed(void **state)
{
    json_t *document = signed_make();
    char *text = json_dumps(document, JSON_COMPACT);
    size_t tried = 0;
    (void)state;

    for (size_t i = 0; text[i]; i++) {
        char was = text[i];
        text[i] = was == '7' ? '8' : '7';
        json_t *altered = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        if (altered && !json_equal(altered, document)) {
            struct report report = {.status = S_OK};
            assert_int_not_equal(proof_check(altered, issuer.sign_public, &report), S_OK);
            tried++;
        }
        json_decref(altered);
        text[i] = was;
    }
    assert_true(tried > 500);
    free(text);
    json_decref(document);
}

static void a_term_of_a_later_version_is_covered_by_the_json_proof(void **state)
{
    json_t *document = signed_make();
    (void)state;

    json_object_set_new(document, "colour", json_string("red"));
    assert_int_equal(check(document), S_BAD_SIGNATURE); /* added afterwards */
    json_decref(document);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_carries_both_proofs_and_they_hold),
        cmocka_unit_test(any_changed_text_is_noticed),
        cmocka_unit_test(a_term_of_a_later_version_is_covered_by_the_json_proof),
    };
    return KIT_RUN(tests);
}
