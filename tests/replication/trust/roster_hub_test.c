/* Who was a hub before, by the admissions that are known. */
#include <stdio.h>
#include <string.h>

#include "replication/trust/roster.h"
#include "tests/kit/federation.h"
#include "tests/kit/kit.h"

enum { HUB, EAST, WEST, OTHER };

static struct federation fed;
static struct buffer out;

static void admit(struct roster *roster, const struct roster_node *node, int signer)
{
    federation_admit(&fed, node, signer, &out);
    assert_int_equal(roster_add(roster, buffer_bytes(&out), NULL), S_OK);
}

/* A hub with two centres below it. */
static struct roster *roster_small(void)
{
    struct roster *roster = roster_new(&fed.id, fed.authority.sign_public);

    federation_enter(&fed, roster, HUB, FEDERATION_AUTHORITY, NODE_HUB);
    federation_enter(&fed, roster, EAST, HUB, NODE_REGIONAL);
    federation_enter(&fed, roster, WEST, HUB, NODE_REGIONAL);
    return roster;
}

/* The authority admits `who` as `kind`, listening at `endpoint`. */
static void admit_as(struct roster *roster, int who, int parent, enum node_kind kind, const char *endpoint, uint64_t at_ms)
{
    struct roster_node node = federation_node(&fed, who, parent, kind);

    node.admitted_ms = at_ms;
    memset(node.consent, 0, sizeof node.consent);
    snprintf(node.endpoint, sizeof node.endpoint, "%s", endpoint);
    admit(roster, &node, FEDERATION_AUTHORITY);
}

static bool was_hub(const struct roster *roster, int who)
{
    return roster_was_hub(roster, &fed.nodes[who].node);
}

static void who_was_a_hub_is_known_until_it_is_revoked(void **state)
{
    struct roster *roster = roster_small();
    (void)state;

    assert_false(was_hub(roster, HUB) || was_hub(roster, EAST) || was_hub(roster, OTHER));
    admit_as(roster, OTHER, FEDERATION_AUTHORITY, NODE_HUB, "", 2000);
    admit_as(roster, HUB, OTHER, NODE_NATIONAL, "", 3000);
    assert_true(was_hub(roster, HUB));
    assert_false(was_hub(roster, OTHER) || was_hub(roster, EAST));
    struct roster_node node = federation_node(&fed, WEST, HUB, NODE_HUB);
    node.admitted_ms = 500;
    admit(roster, &node, EAST); /* not its to say */
    assert_false(was_hub(roster, WEST));
    federation_revoke(&fed, HUB, 4000, FEDERATION_AUTHORITY, &out);
    assert_int_equal(roster_add(roster, buffer_bytes(&out), NULL), S_OK);
    assert_false(was_hub(roster, HUB));
    roster_free(roster);
}

/* A hub that another one admitted. */
static void a_second_hub_was_one_too(void **state)
{
    struct roster *roster = roster_small();
    (void)state;

    struct roster_node node = federation_node(&fed, OTHER, HUB, NODE_HUB);
    admit(roster, &node, HUB);
    assert_int_equal(roster_find(roster, &fed.nodes[OTHER].node)->kind, NODE_HUB);
    admit_as(roster, OTHER, HUB, NODE_TRAINING, "", 3000);
    assert_int_equal(roster_find(roster, &fed.nodes[OTHER].node)->kind, NODE_TRAINING);
    assert_true(was_hub(roster, OTHER));
    roster_free(roster);
}

/* qanat promote --old-hub lost leaves it without an address: nobody waits for it. */
static void a_hub_that_the_authority_calls_lost_counts_as_none(void **state)
{
    struct roster *roster = roster_small();
    (void)state;

    admit_as(roster, OTHER, FEDERATION_AUTHORITY, NODE_HUB, "tcp://a:7700", 2000);
    admit_as(roster, OTHER, HUB, NODE_NATIONAL, "tcp://a:7700", 3000);
    assert_true(was_hub(roster, OTHER));
    admit_as(roster, OTHER, HUB, NODE_NATIONAL, "", 4000);
    assert_false(was_hub(roster, OTHER));
    admit_as(roster, OTHER, HUB, NODE_NATIONAL, "tcp://b:7700", 5000); /* found again */
    assert_true(was_hub(roster, OTHER));
    roster_free(roster);
}

static int setup(void **state)
{
    (void)state;
    federation_make(&fed, 1);
    buffer_init(&out);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buffer_release(&out);
    return 0;
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_was_a_hub_is_known_until_it_is_revoked),
        cmocka_unit_test(a_second_hub_was_one_too),
        cmocka_unit_test(a_hub_that_the_authority_calls_lost_counts_as_none),
    };
    kit_setup();
    return cmocka_run_group_tests(tests, setup, teardown);
}
