#include "replication/trust/consent.h"

#include <string.h>

#include "tests/kit/federation.h"
#include "tests/kit/kit.h"

static struct federation fed;

static void a_consent_covers_parent_name_kind_keys_and_token(void **state)
{
    const struct roster_node node = federation_node(&fed, 2, 1, NODE_CAMPUS);
    struct roster_node other = node;
    (void)state;

    assert_int_equal(consent_verify(&fed.id, &node), S_OK);
    other.parent.b[0] ^= 1;
    assert_int_equal(consent_verify(&fed.id, &other), S_BAD_SIGNATURE);
    other = node;
    other.name[0] ^= 1;
    assert_int_equal(consent_verify(&fed.id, &other), S_BAD_SIGNATURE);
    other = node;
    other.kind = NODE_REGIONAL;
    assert_int_equal(consent_verify(&fed.id, &other), S_BAD_SIGNATURE);
    other = node;
    other.sign_public[0] ^= 1;
    assert_int_equal(consent_verify(&fed.id, &other), S_BAD_SIGNATURE);
    other = node;
    other.curve_public[0] ^= 1;
    assert_int_equal(consent_verify(&fed.id, &other), S_BAD_SIGNATURE);
    other = node;
    other.token_public[0] ^= 1;
    assert_int_equal(consent_verify(&fed.id, &other), S_BAD_SIGNATURE);
    assert_int_equal(consent_verify(&fed.nodes[9].node, &node), S_BAD_SIGNATURE);
}

static void a_parent_may_correct_endpoint_country_and_region(void **state)
{
    struct roster_node node = federation_node(&fed, 2, 1, NODE_CAMPUS);
    (void)state;

    strcpy(node.endpoint, "tcp://a:1");
    strcpy(node.country, "UG");
    strcpy(node.region, "East");
    node.admitted_ms++;
    assert_int_equal(consent_verify(&fed.id, &node), S_OK);
}

static void no_consent_is_not_given(void **state)
{
    struct roster_node node = federation_node(&fed, 2, 1, NODE_CAMPUS);
    (void)state;

    assert_true(consent_is_given(&node));
    memset(node.consent, 0, sizeof node.consent);
    assert_false(consent_is_given(&node));
    assert_int_equal(consent_verify(&fed.id, &node), S_BAD_SIGNATURE);
}

static int setup(void **state)
{
    (void)state;
    federation_make(&fed, 4);
    return 0;
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_consent_covers_parent_name_kind_keys_and_token),
        cmocka_unit_test(a_parent_may_correct_endpoint_country_and_region),
        cmocka_unit_test(no_consent_is_not_given),
    };
    kit_setup();
    return cmocka_run_group_tests(tests, setup, NULL);
}
