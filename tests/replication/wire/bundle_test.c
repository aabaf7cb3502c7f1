#include "replication/wire/bundle.h"

#include <string.h>

#include "tests/kit/federation.h"
#include "tests/kit/kit.h"

static struct bundle_trailer trailer_make(const struct federation *federation)
{
    struct bundle_trailer trailer = {.counts = {1, 2, 3, 4, 5, UINT64_MAX, 7, 1}};

    memset(trailer.content.b, 0x5a, sizeof trailer.content.b);
    bundle_trailer_sign(&trailer, federation->nodes[1].sign_secret);
    return trailer;
}

static void a_head_comes_back_as_it_went(void **state)
{
    struct bundle_head head = {.created_ms = 1760000000123}, back;
    uint8_t bytes[BUNDLE_HEAD_SIZE];
    (void)state;

    memset(head.federation.b, 1, sizeof head.federation.b);
    memset(head.from.b, 2, sizeof head.from.b);
    memset(head.target.b, 3, sizeof head.target.b);
    bundle_head_encode(&head, bytes);
    assert_int_equal(bundle_head_decode(bytes, &back), S_OK);
    assert_true(id_equal(&back.federation, &head.federation) && id_equal(&back.from, &head.from) &&
                id_equal(&back.target, &head.target));
    assert_int_equal(back.created_ms, head.created_ms);
}

static void a_newer_bundle_and_no_bundle_are_told_apart(void **state)
{
    struct bundle_head head = {.created_ms = 1}, back;
    uint8_t bytes[BUNDLE_HEAD_SIZE];
    (void)state;

    bundle_head_encode(&head, bytes);
    bytes[8]++;
    assert_int_equal(bundle_head_decode(bytes, &back), S_VERSION);
    bytes[0] ^= 1;
    assert_int_equal(bundle_head_decode(bytes, &back), S_INVALID);
}

static void a_trailer_comes_back_and_holds_for_its_signer_alone(void **state)
{
    static struct federation federation;
    struct bundle_trailer trailer, back;
    uint8_t bytes[BUNDLE_TRAILER_SIZE];
    (void)state;

    federation_make(&federation, 7);
    trailer = trailer_make(&federation);
    bundle_trailer_encode(&trailer, bytes);
    assert_int_equal(bundle_trailer_decode(bytes, &back), S_OK);
    assert_memory_equal(&back.counts, &trailer.counts, sizeof back.counts);
    assert_int_equal(bundle_trailer_verify(&back, federation.nodes[1].sign_public), S_OK);
    assert_int_equal(bundle_trailer_verify(&back, federation.nodes[2].sign_public), S_BAD_SIGNATURE);
    back.content.b[31] ^= 1;
    assert_int_equal(bundle_trailer_verify(&back, federation.nodes[1].sign_public), S_BAD_SIGNATURE);
    bytes[0] ^= 1;
    assert_int_equal(bundle_trailer_decode(bytes, &back), S_INVALID);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_comes_back_as_it_went),
        cmocka_unit_test(a_newer_bundle_and_no_bundle_are_told_apart),
        cmocka_unit_test(a_trailer_comes_back_and_holds_for_its_signer_alone),
    };
    return KIT_RUN(tests);
}
