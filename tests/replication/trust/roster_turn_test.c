/* The keys of a node, turn by turn, whatever the order in which the statements come: hub - centre - campus;
 * OTHER below the hub. */
#include <stdlib.h>
#include <string.h>

#include "replication/trust/rekey.h"
#include "replication/trust/roster_keys.h"
#include "tests/kit/federation.h"
#include "tests/kit/kit.h"

enum { HUB, CENTRE, CAMPUS, OTHER, KEY_1 = 10, KEY_2, KEY_3, KEY_OF_CENTRE, SET_MAX = 16 };

static struct federation fed;

/* The statements of one test. */
static struct {
    struct buffer statements[SET_MAX];
    size_t count;
} set;

static struct buffer *next(void)
{
    assert_true(set.count < SET_MAX);
    buffer_init(&set.statements[set.count]);
    return &set.statements[set.count++];
}

static void admit(int who, int parent, enum node_kind kind)
{
    struct roster_node node = federation_node(&fed, who, parent, kind);
    federation_admit(&fed, &node, parent, next());
}

static int start(void **state)
{
    (void)state;
    memset(&set, 0, sizeof set);
    admit(HUB, FEDERATION_AUTHORITY, NODE_HUB);
    admit(CENTRE, HUB, NODE_NATIONAL);
    admit(CAMPUS, CENTRE, NODE_CAMPUS);
    admit(OTHER, HUB, NODE_NATIONAL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    for (size_t i = 0; i < set.count; i++) {
        buffer_release(&set.statements[i]);
    }
    return 0;
}

/* Signs as node `who` with the keys `key`. */
static struct signer signer_as(int who, int key)
{
    struct signer signer = federation_signer(&fed, key);

    if (who != FEDERATION_AUTHORITY) {
        signer.node = fed.nodes[who].node;
    }
    return signer;
}

static struct hash rekey(int who, uint32_t turn, int old_key, int new_key, uint64_t at_ms)
{
    struct signer by = signer_as(who, old_key);
    struct rekey_terms terms = {
        .node = fed.nodes[who].node, .turn = turn, .next = &fed.nodes[new_key], .at_ms = at_ms};
    struct statement statement;
    struct buffer *out = next();

    assert_int_equal(statement_rekey(&fed.id, &terms, &by, out), S_OK);
    statement_read(buffer_bytes(out), &statement);
    return statement.hash;
}

static void grant(int who, const struct hash *about, int signer, int key, uint64_t at_ms)
{
    struct signer by = signer_as(signer, key);
    assert_int_equal(statement_grant(&fed.id, &fed.nodes[who].node, about, at_ms, &by, next()), S_OK);
}

static void end_keys(int who, uint32_t turn, int key, struct bytes kept, bool has_kept, uint64_t at_ms)
{
    struct signer by = signer_as(who, key);
    struct close_terms terms = {
        .node = fed.nodes[who].node, .turn = turn, .has_kept = has_kept, .kept = kept, .at_ms = at_ms};
    assert_int_equal(statement_close(&fed.id, &terms, &by, next()), S_OK);
}

/* The same roster from the statements in an order drawn from `seed`. */
static struct roster *roster_of(uint64_t seed)
{
    struct roster *roster = roster_new(&fed.id, fed.authority.sign_public);
    size_t order[SET_MAX];
    struct kit_random random;

    kit_random_seed(&random, seed);
    for (size_t i = 0; i < set.count; i++) {
        order[i] = i;
    }
    for (size_t i = set.count; i > 1; i--) {
        size_t j = (size_t)kit_random_below(&random, i), other = order[i - 1];
        order[i - 1] = order[j];
        order[j] = other;
    }
    for (size_t i = 0; i < set.count; i++) {
        assert_int_equal(roster_add(roster, buffer_bytes(&set.statements[order[i]]), NULL), S_OK);
    }
    return roster;
}

static bool has_key(const struct roster *roster, int who, int key)
{
    const struct roster_node *node = roster_find(roster, &fed.nodes[who].node);
    return node && memcmp(node->sign_public, fed.nodes[key].sign_public, SIGN_PUBLIC_SIZE) == 0 &&
           memcmp(node->curve_public, fed.nodes[key].curve_public, CURVE_PUBLIC_SIZE) == 0;
}

/* In every order; and what is in effect alone folds to the same. */
static void expect_key(int who, int key, size_t former_count)
{
    uint64_t version = 0;

    for (uint64_t seed = 1; seed <= 24; seed++) {
        struct roster *roster = roster_of(seed), *newcomer = roster_new(&fed.id, fed.authority.sign_public);
        assert_true(has_key(roster, who, key));
        assert_int_equal(roster_find(roster, &fed.nodes[who].node)->former_count, former_count);
        assert_true(seed == 1 || roster_version(roster) == version);
        version = roster_version(roster);
        for (size_t i = 0; i < roster_statement_count(roster); i++) {
            assert_int_equal(roster_add(newcomer, roster_statement_at(roster, i), NULL), S_OK);
        }
        assert_true(has_key(newcomer, who, key) && roster_version(newcomer) == version);
        roster_free(roster);
        roster_free(newcomer);
    }
}

static void a_key_changes_when_it_is_asked_and_admitted(void **state)
{
    (void)state;
    struct hash asked = rekey(CAMPUS, 1, CAMPUS, KEY_1, 5000);
    expect_key(CAMPUS, CAMPUS, 0);
    struct roster *roster = roster_of(1);
    assert_true(roster_rekey_asked(roster, &fed.nodes[CAMPUS].node).size > 0);
    roster_free(roster);
    grant(CAMPUS, &asked, CENTRE, CENTRE, 6000);
    expect_key(CAMPUS, KEY_1, 1);
    roster = roster_of(1);
    assert_int_equal(roster_rekey_asked(roster, &fed.nodes[CAMPUS].node).size, 0);
    assert_non_null(
        roster_find_curve(roster, fed.nodes[CAMPUS].curve_public)); /* both, until it is given up */
    assert_non_null(roster_find_curve(roster, fed.nodes[KEY_1].curve_public));
    roster_free(roster);
    end_keys(CAMPUS, 1, KEY_1, bytes_of(NULL, 0), true, 7000);
    expect_key(CAMPUS, KEY_1, 1);
    roster = roster_of(2);
    assert_null(roster_find_curve(roster, fed.nodes[CAMPUS].curve_public));
    assert_ptr_equal(roster_find_former_curve(roster, fed.nodes[CAMPUS].curve_public, true),
                     roster_find(roster, &fed.nodes[CAMPUS].node));
    roster_free(roster);
}

static void nobody_else_admits_it(void **state)
{
    (void)state;
    struct hash asked = rekey(CENTRE, 1, CENTRE, KEY_1, 5000);
    grant(CENTRE, &asked, OTHER, OTHER, 6000);   /* beside it */
    grant(CENTRE, &asked, CAMPUS, CAMPUS, 6000); /* below it */
    grant(CENTRE, &asked, CENTRE, KEY_1, 6000);  /* itself, with the new key */
    expect_key(CENTRE, CENTRE, 0);
    grant(CENTRE, &asked, FEDERATION_AUTHORITY, FEDERATION_AUTHORITY, 6000);
    expect_key(CENTRE, KEY_1, 1);
}

static void a_hub_is_admitted_by_the_authority_alone(void **state)
{
    (void)state;
    struct hash asked = rekey(HUB, 1, HUB, KEY_1, 5000);
    grant(HUB, &asked, CENTRE, CENTRE, 6000);
    expect_key(HUB, HUB, 0);
    grant(HUB, &asked, FEDERATION_AUTHORITY, FEDERATION_AUTHORITY, 6000);
    expect_key(HUB, KEY_1, 1);
    expect_key(CAMPUS, CAMPUS, 0); /* the others stay where they are */
}

static void keys_make_a_chain(void **state)
{
    (void)state;
    struct hash first = rekey(CAMPUS, 1, CAMPUS, KEY_1, 5000), second = rekey(CAMPUS, 2, KEY_1, KEY_2, 6000);
    struct hash wrong = rekey(CAMPUS, 2, CAMPUS, KEY_3, 9000); /* who has the first key asks on */
    grant(CAMPUS, &first, CENTRE, CENTRE, 5500);
    grant(CAMPUS, &wrong, CENTRE, CENTRE, 9500);
    grant(CAMPUS, &second, CENTRE, CENTRE, 6500);
    expect_key(CAMPUS, KEY_2, 2);
    end_keys(CAMPUS, 2, KEY_2, bytes_of(NULL, 0), true, 7000); /* ends both */
    struct roster *roster = roster_of(3);
    assert_null(roster_find_curve(roster, fed.nodes[CAMPUS].curve_public));
    assert_null(roster_find_curve(roster, fed.nodes[KEY_1].curve_public));
    roster_free(roster);
}

/* Two were admitted for one turn: the authority's, then the later stamp. */
static void who_admitted_may_correct_it(void **state)
{
    (void)state;
    struct hash wrong = rekey(CAMPUS, 1, CAMPUS, KEY_1, 5000), right = rekey(CAMPUS, 1, CAMPUS, KEY_2, 5100);
    grant(CAMPUS, &wrong, CENTRE, CENTRE, 6000);
    grant(CAMPUS, &right, CENTRE, CENTRE, 7000);
    expect_key(CAMPUS, KEY_2, 1);
    grant(CAMPUS, &wrong, FEDERATION_AUTHORITY, FEDERATION_AUTHORITY, 6500);
    expect_key(CAMPUS, KEY_1, 1);
}

/* A centre that changed its key admits with the new one; what the old one said stays as far as it is kept. */
static void statements_of_an_ended_key_count_as_far_as_they_are_kept(void **state)
{
    struct statement campus, late;

    (void)state;
    statement_read(buffer_bytes(&set.statements[CAMPUS]), &campus);
    struct hash asked = rekey(CENTRE, 1, CENTRE, KEY_OF_CENTRE, 5000);
    grant(CENTRE, &asked, HUB, HUB, 6000);
    end_keys(CENTRE, 1, KEY_OF_CENTRE, bytes_of(campus.hash.b, sizeof campus.hash.b), true, 7000);
    struct roster_node stolen =
        federation_node(&fed, KEY_2, CENTRE, NODE_CAMPUS); /* a thief of the old key admits, backdated */
    federation_admit(&fed, &stolen, CENTRE, next());
    struct hash next_key = rekey(CAMPUS, 1, CAMPUS, KEY_1, 8000);
    grant(CAMPUS, &next_key, CENTRE, CENTRE, 8500); /* and so does this one */
    expect_key(CENTRE, KEY_OF_CENTRE, 1);
    expect_key(CAMPUS, CAMPUS, 0);
    struct roster *roster = roster_of(4);
    assert_null(roster_find(roster, &fed.nodes[KEY_2].node));
    roster_free(roster);
    grant(CAMPUS, &next_key, CENTRE, KEY_OF_CENTRE, 8500);
    expect_key(CAMPUS, KEY_1, 1);
    statement_read(buffer_bytes(&set.statements[set.count - 1]), &late);
    assert_memory_equal(late.signer_public, fed.nodes[KEY_OF_CENTRE].sign_public, SIGN_PUBLIC_SIZE);
}

/* Where a list would be too long, stamps decide. */
static void without_a_list_stamps_decide(void **state)
{
    (void)state;
    struct hash asked = rekey(CENTRE, 1, CENTRE, KEY_OF_CENTRE, 5000);
    grant(CENTRE, &asked, HUB, HUB, 6000);
    end_keys(CENTRE, 1, KEY_OF_CENTRE, bytes_of(NULL, 0), false, 7000);
    struct roster_node late = federation_node(&fed, KEY_2, CENTRE, NODE_CAMPUS);
    late.admitted_ms = 7001;
    federation_admit(&fed, &late, CENTRE, next());
    struct roster *roster = roster_of(5);
    assert_non_null(roster_find(roster, &fed.nodes[CAMPUS].node));
    assert_null(roster_find(roster, &fed.nodes[KEY_2].node));
    roster_free(roster);
}

static void a_revoked_admitter_admits_no_key(void **state)
{
    (void)state;
    struct hash asked = rekey(CAMPUS, 1, CAMPUS, KEY_1, 5000);
    federation_revoke(&fed, CENTRE, 5500, HUB, next());
    grant(CAMPUS, &asked, CENTRE, CENTRE, 6000);
    expect_key(CAMPUS, CAMPUS, 0);
    grant(CAMPUS, &asked, HUB, HUB, 6000);
    expect_key(CAMPUS, KEY_1, 1);
}

/* The CURVE key of somebody else is of no use: who had it first is meant. */
static void a_foreign_transport_key_draws_nobody_away(void **state)
{
    struct identity mixed = fed.nodes[KEY_1];
    struct signer by = federation_signer(&fed, CAMPUS);
    struct rekey_terms terms = {.node = fed.nodes[CAMPUS].node, .turn = 1, .next = &mixed, .at_ms = 5000};
    struct statement statement;

    (void)state;
    memcpy(mixed.curve_public, fed.nodes[OTHER].curve_public, CURVE_PUBLIC_SIZE);
    assert_int_equal(statement_rekey(&fed.id, &terms, &by, next()), S_OK);
    statement_read(buffer_bytes(&set.statements[set.count - 1]), &statement);
    grant(CAMPUS, &statement.hash, CENTRE, CENTRE, 6000);
    struct roster *roster = roster_of(6);
    assert_true(
        id_equal(&roster_find_curve(roster, fed.nodes[OTHER].curve_public)->node, &fed.nodes[OTHER].node));
    roster_free(roster);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_changes_when_it_is_asked_and_admitted, start, stop),
        cmocka_unit_test_setup_teardown(nobody_else_admits_it, start, stop),
        cmocka_unit_test_setup_teardown(a_hub_is_admitted_by_the_authority_alone, start, stop),
        cmocka_unit_test_setup_teardown(keys_make_a_chain, start, stop),
        cmocka_unit_test_setup_teardown(who_admitted_may_correct_it, start, stop),
        cmocka_unit_test_setup_teardown(statements_of_an_ended_key_count_as_far_as_they_are_kept, start,
                                        stop),
        cmocka_unit_test_setup_teardown(without_a_list_stamps_decide, start, stop),
        cmocka_unit_test_setup_teardown(a_revoked_admitter_admits_no_key, start, stop),
        cmocka_unit_test_setup_teardown(a_foreign_transport_key_draws_nobody_away, start, stop),
    };
    federation_make(&fed, 31);
    return KIT_RUN(tests);
}
