#include "replication/trust/roster_beyond.h"

#include "replication/trust/rekey.h"
#include "tests/kit/federation.h"
#include "tests/kit/kit.h"

enum { AUTHORITY = FEDERATION_AUTHORITY, HUB = 0, EAST = 1, WEST = 2, CAMPUS = 3, OTHER = 4, NOBODY = 5 };

static struct federation fed;
static struct buffer out;

/* hub - east - campus; hub - west - other */
static struct roster *roster_small(void)
{
    struct roster *roster;

    federation_make(&fed, 1);
    buffer_init(&out);
    roster = roster_new(&fed.id, fed.authority.sign_public);
    federation_enter(&fed, roster, HUB, AUTHORITY, NODE_HUB);
    federation_enter(&fed, roster, EAST, HUB, NODE_NATIONAL);
    federation_enter(&fed, roster, WEST, HUB, NODE_NATIONAL);
    federation_enter(&fed, roster, CAMPUS, EAST, NODE_CAMPUS);
    federation_enter(&fed, roster, OTHER, WEST, NODE_CAMPUS);
    return roster;
}

/* What is in `out`: by whom it was said beyond its right; NOBODY: by none. */
static int beyond(struct roster *roster)
{
    struct id signer;

    assert_int_equal(roster_add(roster, buffer_bytes(&out), NULL), S_OK);
    if (!roster_is_beyond(roster, buffer_bytes(&out), &signer)) {
        return NOBODY;
    }
    for (int who = HUB; who < NOBODY; who++) {
        if (id_equal(&signer, &fed.nodes[who].node)) {
            return who;
        }
    }
    fail();
    return NOBODY;
}

static int beyond_revoke(struct roster *roster, int who, int signer)
{
    federation_revoke(&fed, who, 9000, signer, &out);
    return beyond(roster);
}

static int beyond_admit(struct roster *roster, int who, int parent, enum node_kind kind, int signer)
{
    struct roster_node node = federation_node(&fed, who, parent, kind);

    node.admitted_ms = 500;
    federation_admit(&fed, &node, signer, &out);
    return beyond(roster);
}

static void who_speaks_of_those_above_or_beside_it_is_named(void **state)
{
    struct roster *roster = roster_small();
    (void)state;

    assert_int_equal(beyond_revoke(roster, HUB, WEST), WEST);
    assert_int_equal(beyond_revoke(roster, EAST, WEST), WEST);
    assert_int_equal(beyond_revoke(roster, CAMPUS, WEST), WEST);
    assert_int_equal(beyond_revoke(roster, OTHER, OTHER + 10), NOBODY); /* whoever that is */
    assert_int_equal(beyond_admit(roster, 20, EAST, NODE_CAMPUS, WEST), WEST);
    assert_int_equal(beyond_admit(roster, 21, AUTHORITY, NODE_NATIONAL, WEST), WEST);
    assert_int_equal(beyond_admit(roster, 22, WEST, NODE_HUB, WEST), WEST);
    assert_int_equal(beyond_admit(roster, 23, OTHER, NODE_CAMPUS, OTHER), OTHER);
    roster_free(roster);
    buffer_release(&out);
}

static void who_speaks_of_anothers_keys_or_for_the_authority_is_named(void **state)
{
    struct roster *roster = roster_small();
    struct rekey_terms asked = {.node = fed.nodes[EAST].node, .turn = 1, .next = &fed.nodes[30], .at_ms = 9000};
    struct signer west = federation_signer(&fed, WEST);
    struct hash hash = {.b = {1}};
    (void)state;

    assert_int_equal(statement_rekey(&fed.id, &asked, &west, &out), S_OK);
    assert_int_equal(beyond(roster), WEST);
    buffer_clear(&out);
    assert_int_equal(statement_grant(&fed.id, &fed.nodes[HUB].node, &hash, 9000, &west, &out), S_OK);
    assert_int_equal(beyond(roster), WEST);
    buffer_clear(&out);
    assert_int_equal(statement_cosign(&fed.id, &hash, 9000, &west, &out), S_OK);
    assert_int_equal(beyond(roster), WEST);
    roster_free(roster);
    buffer_release(&out);
}

static void what_is_said_within_ones_right_is_nobodys_fault(void **state)
{
    struct roster *roster = roster_small();
    struct rekey_terms asked = {.node = fed.nodes[WEST].node, .turn = 1, .next = &fed.nodes[30], .at_ms = 9000};
    struct signer west = federation_signer(&fed, WEST);
    (void)state;

    assert_int_equal(beyond_admit(roster, OTHER, WEST, NODE_CAMPUS, WEST), NOBODY);     /* an earlier one, that was corrected */
    assert_int_equal(beyond_admit(roster, 24, OTHER, NODE_CAMPUS, WEST), NOBODY);       /* deeper below */
    assert_int_equal(beyond_admit(roster, 25, NOBODY, NODE_CAMPUS, WEST), NOBODY);      /* below one that may yet be heard of */
    assert_int_equal(beyond_admit(roster, EAST, WEST, NODE_CAMPUS, WEST), NOBODY);      /* somebody who may come, and did not agree */
    buffer_clear(&out);
    assert_int_equal(statement_rekey(&fed.id, &asked, &west, &out), S_OK);
    assert_int_equal(beyond(roster), NOBODY); /* asked for, not granted */
    assert_int_equal(beyond_revoke(roster, OTHER, WEST), NOBODY);
    assert_int_equal(beyond_revoke(roster, EAST, HUB), NOBODY);
    assert_int_equal(beyond_revoke(roster, WEST, HUB), NOBODY);
    assert_int_equal(beyond_revoke(roster, HUB, WEST), NOBODY); /* it was put out itself: nothing more to be told */
    roster_free(roster);
    buffer_release(&out);
}

static void what_a_former_hub_said_is_nobodys_fault(void **state)
{
    struct roster *roster = roster_small();
    struct roster_node node;
    (void)state;

    node = federation_node(&fed, WEST, AUTHORITY, NODE_HUB);
    node.admitted_ms = 5000;
    federation_admit(&fed, &node, AUTHORITY, &out);
    assert_int_equal(roster_add(roster, buffer_bytes(&out), NULL), S_OK);
    node = federation_node(&fed, HUB, WEST, NODE_TRAINING);
    node.admitted_ms = 5001;
    federation_admit(&fed, &node, AUTHORITY, &out);
    assert_int_equal(roster_add(roster, buffer_bytes(&out), NULL), S_OK);
    assert_int_equal(roster_find(roster, &fed.nodes[HUB].node)->kind, NODE_TRAINING);
    assert_int_equal(beyond_revoke(roster, OTHER, HUB), NOBODY);
    assert_int_equal(beyond_admit(roster, 26, WEST, NODE_NATIONAL, HUB), NOBODY);
    roster_free(roster);
    buffer_release(&out);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_speaks_of_those_above_or_beside_it_is_named),
        cmocka_unit_test(who_speaks_of_anothers_keys_or_for_the_authority_is_named),
        cmocka_unit_test(what_is_said_within_ones_right_is_nobodys_fault),
        cmocka_unit_test(what_a_former_hub_said_is_nobodys_fault),
    };
    return KIT_RUN(tests);
}
