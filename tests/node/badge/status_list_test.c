#include "node/badge/status_list.h"

#include "node/badge/proof.h"
#include "tests/kit/kit.h"

static void bits_go_out_and_come_back(void **state)
{
    static uint8_t bits[STATUS_LIST_BYTES], back[STATUS_LIST_BYTES];
    struct buffer text;
    (void)state;

    status_list_set(bits, 0);
    status_list_set(bits, 77777);
    status_list_set(bits, STATUS_LIST_BITS - 1);
    assert_int_equal(bits[0], 0x80); /* the first index is the highest bit of the first byte */
    assert_int_equal(bits[STATUS_LIST_BYTES - 1], 1);
    buffer_init(&text);
    status_list_encode(bits, &text);
    assert_int_equal(text.data[0], 'u');
    assert_true(status_list_decode((const char *)text.data, back));
    assert_memory_equal(bits, back, sizeof bits);
    assert_true(status_list_get(back, 77777) && !status_list_get(back, 77776));
    text.data[text.size / 2] = text.data[text.size / 2] == 'A' ? 'B' : 'A';
    assert_false(status_list_decode((const char *)text.data, back));
    assert_false(status_list_decode("", back));
    assert_false(status_list_decode("uAAAA", back));
    buffer_release(&text);
}

static void the_example_of_the_specification_is_read(void **state)
{
    /* vc-bitstring-status-list 1.0, section 2.2: an empty list of 16 KiB */
    static uint8_t bits[STATUS_LIST_BYTES];
    (void)state;

    assert_true(
        status_list_decode("uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA", bits));
    for (size_t i = 0; i < sizeof bits; i++) {
        assert_int_equal(bits[i], 0);
    }
}

static void the_list_is_a_signed_credential(void **state)
{
    static const uint8_t bits[STATUS_LIST_BYTES];
    uint8_t seed[IDENTITY_SEED_SIZE] = {7};
    struct identity issuer;
    (void)state;

    identity_derive(&issuer, seed);
    json_t *document = status_list_document("urn:uuid:1", bits, &issuer, 1791203445000);
    assert_string_equal(json_string_value(json_object_get(document, "validFrom")), "2026-10-05T12:30:45Z");
    assert_int_equal(proof_check(document, issuer.sign_public, NULL), S_OK);
    json_decref(document);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_go_out_and_come_back),
        cmocka_unit_test(the_example_of_the_specification_is_read),
        cmocka_unit_test(the_list_is_a_signed_credential),
    };
    return KIT_RUN(tests);
}
