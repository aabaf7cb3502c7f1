#include "replication/trust/roster.h"

#include <string.h>

#include "tests/kit/federation.h"
#include "tests/kit/kit.h"

enum { AUTHORITY = FEDERATION_AUTHORITY, HUB = 0, EAST = 1, WEST = 2, KENYA = 3, CAMPUS = 4, OTHER = 5 };

static struct federation fed;
static struct buffer out;

static struct roster *roster_empty(void)
{
    return roster_new(&fed.id, fed.authority.sign_public);
}

static void add(struct roster *roster)
{
    struct report report;

    report_clear(&report);
    assert_int_equal(roster_add(roster, buffer_bytes(&out), &report), S_OK);
}

static void admit_at(struct roster *roster, int who, int parent, int signer, uint64_t at_ms)
{
    static const enum node_kind kinds[] = {NODE_HUB,      NODE_REGIONAL, NODE_REGIONAL,
                                           NODE_NATIONAL, NODE_CAMPUS,   NODE_CAMPUS};
    struct roster_node node = federation_node(&fed, who, parent, kinds[who]);

    node.admitted_ms = at_ms;
    federation_admit(&fed, &node, signer, &out);
    add(roster);
}

static void admit(struct roster *roster, int who, int parent, int signer)
{
    admit_at(roster, who, parent, signer, 1000 + (uint64_t)who);
}

static void revoke(struct roster *roster, int who, uint64_t at_ms, int signer)
{
    federation_revoke(&fed, who, at_ms, signer, &out);
    add(roster);
}

static const struct roster_node *find(const struct roster *roster, int who)
{
    return roster_find(roster, &fed.nodes[who].node);
}

/* hub - east - kenya - campus; hub - west */
static struct roster *roster_small(void)
{
    struct roster *roster = roster_empty();

    admit(roster, HUB, AUTHORITY, AUTHORITY);
    admit(roster, EAST, HUB, HUB);
    admit(roster, WEST, HUB, HUB);
    admit(roster, KENYA, EAST, EAST);
    admit(roster, CAMPUS, KENYA, KENYA);
    return roster;
}

static void members_are_found_by_id_name_and_key(void **state)
{
    struct roster *roster = roster_small();
    (void)state;

    assert_int_equal(roster_count(roster), 5);
    for (int who = HUB; who <= CAMPUS; who++) {
        const struct roster_node *node = find(roster, who);
        assert_non_null(node);
        assert_ptr_equal(roster_find_name(roster, node->name), node);
        assert_ptr_equal(roster_find_curve(roster, fed.nodes[who].curve_public), node);
    }
    assert_null(find(roster, OTHER));
    assert_null(roster_find_name(roster, "nobody"));
    assert_null(roster_find_curve(roster, fed.nodes[OTHER].curve_public));
    assert_ptr_equal(roster_uplink(roster, &fed.nodes[CAMPUS].node), find(roster, KENYA));
    assert_null(roster_uplink(roster, &fed.nodes[HUB].node));
    assert_int_equal(roster_statement_count(roster), 5);
    roster_free(roster);
}

static void members_stand_in_the_order_of_their_ids(void **state)
{
    struct roster *roster = roster_small();
    (void)state;

    for (size_t i = 1; i < roster_count(roster); i++) {
        assert_true(id_compare(&roster_at(roster, i - 1)->node, &roster_at(roster, i)->node) < 0);
    }
    roster_free(roster);
}

static void a_statement_waits_until_its_signer_is_known(void **state)
{
    struct roster *roster = roster_empty();
    (void)state;

    admit(roster, CAMPUS, KENYA, KENYA);
    admit(roster, KENYA, EAST, EAST);
    assert_int_equal(roster_count(roster), 0);
    admit(roster, EAST, HUB, HUB);
    assert_int_equal(roster_count(roster), 0);
    admit(roster, HUB, AUTHORITY, AUTHORITY);
    assert_int_equal(roster_count(roster), 4);
    roster_free(roster);
}

static void an_ancestor_may_admit_further_down_but_a_stranger_or_a_campus_may_not(void **state)
{
    struct roster *roster = roster_small();
    (void)state;

    admit(roster, OTHER, KENYA, WEST);
    assert_null(find(roster, OTHER));
    admit(roster, OTHER, CAMPUS, CAMPUS);
    assert_null(find(roster, OTHER));
    admit(roster, OTHER, KENYA, HUB);
    assert_non_null(find(roster, OTHER));
    assert_true(roster_may_admit(roster, &fed.nodes[HUB].node, &fed.nodes[KENYA].node, NODE_CAMPUS));
    assert_true(roster_may_admit(roster, &fed.nodes[KENYA].node, &fed.nodes[KENYA].node, NODE_CAMPUS));
    assert_false(roster_may_admit(roster, &fed.nodes[WEST].node, &fed.nodes[KENYA].node, NODE_CAMPUS));
    assert_false(roster_may_admit(roster, &fed.nodes[CAMPUS].node, &fed.nodes[CAMPUS].node, NODE_CAMPUS));
    assert_false(roster_may_admit(roster, &fed.nodes[KENYA].node, &fed.nodes[KENYA].node, NODE_HUB));
    roster_free(roster);
}

static void only_the_authority_or_a_hub_admits_a_hub(void **state)
{
    struct roster *roster = roster_small();
    struct roster_node second = federation_node(&fed, OTHER, EAST, NODE_HUB);
    (void)state;

    federation_admit(&fed, &second, EAST, &out);
    add(roster);
    assert_null(find(roster, OTHER));
    second = federation_node(&fed, OTHER, HUB, NODE_HUB);
    federation_admit(&fed, &second, HUB, &out);
    add(roster);
    assert_int_equal(find(roster, OTHER)->kind, NODE_HUB);
    second = federation_node(&fed, 6, AUTHORITY, NODE_HUB);
    federation_admit(&fed, &second, AUTHORITY, &out);
    add(roster);
    assert_int_equal(roster_count(roster), 7);
    roster_free(roster);
}

static void a_node_that_did_not_agree_is_not_drawn_away(void **state)
{
    struct roster *roster = roster_small();
    struct roster_node stolen = *find(roster, KENYA);
    (void)state;

    stolen.parent = fed.nodes[WEST].node;
    stolen.admitted_ms = 999999;
    memset(stolen.consent, 0, sizeof stolen.consent);
    federation_admit(&fed, &stolen, WEST, &out);
    add(roster);
    assert_true(id_equal(&find(roster, KENYA)->parent, &fed.nodes[EAST].node));
    assert_false(roster_may_hold(roster, &fed.nodes[WEST].node, &fed.nodes[CAMPUS].node, TOPIC_RESULTS));

    admit_at(roster, KENYA, WEST, WEST, 2000);
    assert_true(id_equal(&find(roster, KENYA)->parent, &fed.nodes[WEST].node));
    assert_true(roster_may_hold(roster, &fed.nodes[WEST].node, &fed.nodes[CAMPUS].node, TOPIC_RESULTS));
    roster_free(roster);
}

static void a_parent_corrects_an_entry_and_the_latest_stamp_wins(void **state)
{
    struct roster *roster = roster_small();
    struct roster_node node = *find(roster, CAMPUS);
    (void)state;

    strcpy(node.endpoint, "tcp://10.0.0.2:7447");
    node.admitted_ms = 5000;
    federation_admit(&fed, &node, KENYA, &out);
    add(roster);
    strcpy(node.endpoint, "tcp://10.0.0.1:7447");
    node.admitted_ms = 4000;
    federation_admit(&fed, &node, KENYA, &out);
    add(roster);
    assert_string_equal(find(roster, CAMPUS)->endpoint, "tcp://10.0.0.2:7447");
    assert_int_equal(roster_count(roster), 5);
    assert_int_equal(roster_statement_count(roster), 5);
    roster_free(roster);
}

static void a_revocation_comes_from_above_only(void **state)
{
    struct roster *roster = roster_small();
    (void)state;

    revoke(roster, EAST, 9000, KENYA);
    revoke(roster, KENYA, 9000, WEST);
    revoke(roster, KENYA, 9000, CAMPUS);
    for (int who = HUB; who <= CAMPUS; who++) {
        assert_false(find(roster, who)->is_revoked);
    }
    revoke(roster, CAMPUS, 9000, EAST);
    assert_true(find(roster, CAMPUS)->is_revoked);
    revoke(roster, HUB, 9000, AUTHORITY);
    assert_true(find(roster, HUB)->is_revoked);
    roster_free(roster);
}

static void what_a_revoked_node_signed_before_stays_and_later_is_void(void **state)
{
    struct roster *roster = roster_small();
    (void)state;

    revoke(roster, KENYA, 2000, EAST);
    assert_non_null(find(roster, CAMPUS));
    admit_at(roster, OTHER, KENYA, KENYA, 2001);
    assert_null(find(roster, OTHER));
    admit_at(roster, OTHER, KENYA, KENYA, 2000);
    assert_non_null(find(roster, OTHER));
    revoke(roster, KENYA, 0, EAST); /* a stolen key: nothing it signed counts */
    assert_null(find(roster, OTHER));
    assert_null(find(roster, CAMPUS));
    assert_true(find(roster, KENYA)->is_revoked);
    admit_at(roster, KENYA, EAST, EAST, 90000);
    assert_true(find(roster, KENYA)->is_revoked);
    roster_free(roster);
}

static void a_name_belongs_to_the_first_and_passes_on_at_revocation(void **state)
{
    struct roster *roster = roster_small();
    struct roster_node node = federation_node(&fed, OTHER, KENYA, NODE_CAMPUS);
    char hex[ID_HEX_SIZE], expected[] = "node-4~xxxxxxxx";
    (void)state;

    strcpy(node.name, "node-4");
    consent_sign(&fed.id, &node, fed.nodes[OTHER].sign_secret);
    federation_admit(&fed, &node, KENYA, &out);
    add(roster);
    id_hex(&node.node, hex);
    memcpy(expected + 7, hex, 8);
    assert_string_equal(find(roster, CAMPUS)->name, "node-4");
    assert_string_equal(find(roster, OTHER)->name, expected);
    assert_ptr_equal(roster_find_name(roster, expected), find(roster, OTHER));

    admit_at(roster, CAMPUS, KENYA, KENYA, 7000); /* corrected later: keeps its place */
    assert_string_equal(find(roster, CAMPUS)->name, "node-4");
    revoke(roster, CAMPUS, 8000, HUB);
    assert_string_equal(find(roster, OTHER)->name, "node-4");
    roster_free(roster);
}

/* Who stands below takes its name or its transport key from `victim`, with a stamp before everybody's. */
static void impostor_admit(struct roster *roster, int who, int parent, const struct roster_node *victim)
{
    struct roster_node node = federation_node(&fed, who, parent, NODE_CAMPUS);

    strcpy(node.name, victim->name);
    memcpy(node.curve_public, victim->curve_public, sizeof node.curve_public);
    node.admitted_ms = 1;
    consent_sign(&fed.id, &node, fed.nodes[who].sign_secret);
    federation_admit(&fed, &node, parent, &out);
    add(roster);
}

static void nobody_takes_a_name_or_a_transport_key_with_an_early_stamp(void **state)
{
    static const int victims[] = {HUB, EAST, CAMPUS}; /* above, beside, and at the same height, but there before WEST was */
    (void)state;

    for (size_t i = 0; i < sizeof victims / sizeof *victims; i++) {
        struct roster *roster = roster_empty();
        admit(roster, HUB, AUTHORITY, AUTHORITY);
        admit(roster, EAST, HUB, HUB);
        admit(roster, CAMPUS, EAST, EAST);
        admit_at(roster, WEST, HUB, HUB, 5000);
        struct roster_node victim = *find(roster, victims[i]);
        impostor_admit(roster, OTHER, WEST, &victim);
        assert_string_equal(find(roster, victims[i])->name, victim.name);
        assert_ptr_equal(roster_find_name(roster, victim.name), find(roster, victims[i]));
        assert_ptr_equal(roster_find_curve(roster, victim.curve_public), find(roster, victims[i]));
        assert_string_not_equal(find(roster, OTHER)->name, victim.name);
        roster_free(roster);
    }
}

static void a_long_name_is_cut_at_a_character_to_take_its_tail(void **state)
{
    struct roster *roster = roster_small();
    (void)state;

    for (int who = CAMPUS; who <= OTHER; who++) {
        struct roster_node node = federation_node(&fed, who, KENYA, NODE_CAMPUS);
        memset(node.name, 'a', 54);
        strcpy(node.name + 54, "\xe1\x8a\xa0\xe1\x8a\xa1\xe1\x8a\xa2"); /* cut at 55: inside the first */
        node.admitted_ms = 3000 + (uint64_t)who;
        consent_sign(&fed.id, &node, fed.nodes[who].sign_secret);
        federation_admit(&fed, &node, KENYA, &out);
        add(roster);
    }
    assert_int_equal(strlen(find(roster, CAMPUS)->name), 63);
    assert_int_equal(strlen(find(roster, OTHER)->name), 54 + 9);
    assert_true(utf8_is_valid(bytes_text(find(roster, OTHER)->name)));
    roster_free(roster);
}

static void results_go_up_and_everything_else_goes_everywhere(void **state)
{
    struct roster *roster = roster_small();
    const struct id *campus = &fed.nodes[CAMPUS].node, *west = &fed.nodes[WEST].node;
    (void)state;

    assert_true(roster_may_hold(roster, campus, campus, TOPIC_RESULTS));
    assert_true(roster_may_hold(roster, &fed.nodes[KENYA].node, campus, TOPIC_RESULTS));
    assert_true(roster_may_hold(roster, &fed.nodes[EAST].node, campus, TOPIC_RESULTS));
    assert_true(roster_may_hold(roster, &fed.nodes[HUB].node, campus, TOPIC_RESULTS));
    assert_false(roster_may_hold(roster, west, campus, TOPIC_RESULTS));
    assert_false(roster_may_hold(roster, campus, &fed.nodes[KENYA].node, TOPIC_RESULTS));
    assert_true(roster_may_hold(roster, west, campus, TOPIC_CATALOGUE));
    assert_true(roster_may_hold(roster, west, campus, TOPIC_CREDENTIALS));
    assert_true(roster_may_hold(roster, campus, west, TOPIC_ROSTER));
    assert_false(roster_may_hold(roster, &fed.nodes[OTHER].node, campus, TOPIC_ROSTER));
    assert_false(roster_may_hold(roster, campus, &fed.nodes[OTHER].node, TOPIC_ROSTER));
    revoke(roster, WEST, 9000, HUB);
    assert_false(roster_may_hold(roster, west, campus, TOPIC_CATALOGUE));
    assert_true(roster_may_hold(roster, campus, west, TOPIC_CATALOGUE));
    roster_free(roster);
}

static void a_cycle_signed_by_the_authority_does_no_harm(void **state)
{
    struct roster *roster = roster_empty();
    (void)state;

    admit(roster, EAST, WEST, AUTHORITY);
    admit(roster, WEST, EAST, AUTHORITY);
    admit(roster, KENYA, EAST, EAST);
    assert_int_equal(roster_count(roster), 3);
    assert_true(roster_is_above(roster, &fed.nodes[WEST].node, &fed.nodes[EAST].node));
    assert_true(roster_is_above(roster, &fed.nodes[EAST].node, &fed.nodes[WEST].node));
    assert_false(roster_is_above(roster, &fed.nodes[EAST].node, &fed.nodes[EAST].node));
    assert_false(roster_is_above(roster, &fed.nodes[OTHER].node, &fed.nodes[EAST].node));
    roster_free(roster);
}

static void nodes_that_claim_each_other_fall_back_to_their_older_places(void **state)
{
    struct roster *roster = roster_small();
    (void)state;

    admit_at(roster, EAST, KENYA, KENYA, 9000); /* east below its own child */
    assert_int_equal(roster_count(roster), 5);
    assert_true(id_equal(&find(roster, EAST)->parent, &fed.nodes[HUB].node));
    assert_true(roster_is_above(roster, &fed.nodes[HUB].node, &fed.nodes[CAMPUS].node));
    roster_free(roster);
}

/* Found by the last test: the node settled before its parent had come down to its second-best place, and
 * escaped a revocation. */
static void a_node_of_the_authority_waits_for_a_parent_with_a_doubtful_place(void **state)
{
    struct roster *roster = roster_empty();
    (void)state;

    admit(roster, HUB, AUTHORITY, AUTHORITY);
    admit(roster, EAST, HUB, HUB);
    admit_at(roster, EAST, OTHER, OTHER, 9000); /* nobody knows other */
    admit(roster, KENYA, EAST, AUTHORITY);
    revoke(roster, KENYA, 9000, HUB);
    assert_int_equal(roster_count(roster), 3);
    assert_true(find(roster, KENYA)->is_revoked);
    roster_free(roster);
}

static void chains_end_at_the_depth_limit(void **state)
{
    struct roster *roster = roster_empty();
    (void)state;

    for (int who = 0; who <= ROSTER_DEPTH_MAX + 1; who++) {
        struct roster_node node =
            federation_node(&fed, who, who == 0 ? AUTHORITY : who - 1, who == 0 ? NODE_HUB : NODE_REGIONAL);
        federation_admit(&fed, &node, who == 0 ? AUTHORITY : who - 1, &out);
        add(roster);
    }
    assert_int_equal(roster_count(roster), ROSTER_DEPTH_MAX + 1);
    assert_true(roster_is_above(roster, &fed.nodes[0].node, &fed.nodes[ROSTER_DEPTH_MAX].node));
    roster_free(roster);
}

static void false_statements_are_refused_at_the_door(void **state)
{
    struct roster *roster = roster_small();
    struct roster_node node = federation_node(&fed, OTHER, HUB, NODE_CAMPUS);
    struct federation foreign;
    struct report report;
    (void)state;

    federation_admit(&fed, &node, HUB, &out);
    out.data[out.size - 1] ^= 1;
    report_clear(&report);
    assert_int_equal(roster_add(roster, buffer_bytes(&out), &report), S_BAD_SIGNATURE);
    assert_int_equal(report.status, S_BAD_SIGNATURE);
    federation_admit(&fed, &node, OTHER, &out);
    assert_int_equal(roster_add(roster, buffer_bytes(&out), NULL), S_DENIED);
    federation_make(&foreign, 77);
    federation_admit(&foreign, &node, HUB, &out);
    assert_int_equal(roster_add(roster, buffer_bytes(&out), NULL), S_DENIED);
    node.consent[3] ^= 1;
    federation_admit(&fed, &node, HUB, &out);
    assert_int_equal(roster_add(roster, buffer_bytes(&out), NULL), S_BAD_SIGNATURE);
    assert_int_equal(roster_add(roster, bytes_of("\x0a\x01", 2), NULL), S_INVALID);
    assert_int_equal(roster_count(roster), 5);
    roster_free(roster);
}

/* --- any order, any repetition ---------------------------------------------------------------------------
 */

enum { STATEMENTS = 60, ACTORS = 12 };

static void statement_draw(struct kit_random *random, struct buffer *statement)
{
    int who = (int)kit_random_below(random, ACTORS);
    int signer = (int)kit_random_below(random, ACTORS + 2) - 1;

    signer = signer >= ACTORS ? AUTHORITY : signer;
    if (kit_random_below(random, 6) == 0) {
        federation_revoke(&fed, who, kit_random_below(random, 60), signer, statement);
        return;
    }
    int parent = kit_random_below(random, 2) ? signer : (int)kit_random_below(random, ACTORS);
    struct roster_node node =
        federation_node(&fed, who, parent, NODE_HUB + (enum node_kind)kit_random_below(random, 5));
    node.admitted_ms = kit_random_below(random, 50);
    if (kit_random_below(random, 4) == 0) {
        strcpy(node.name, "same");
        consent_sign(&fed.id, &node, fed.nodes[who].sign_secret);
    }
    if (kit_random_below(random, 3) == 0) {
        memset(node.consent, 0, sizeof node.consent);
    }
    federation_admit(&fed, &node, signer, statement);
}

static void rosters_compare(const struct roster *a, const struct roster *b)
{
    assert_int_equal(roster_version(a), roster_version(b));
    assert_int_equal(roster_count(a), roster_count(b));
    for (size_t i = 0; i < roster_count(a); i++) {
        assert_true(federation_node_equal(roster_at(a, i), roster_at(b, i)));
    }
}

static void statements_shuffle(struct kit_random *random, struct buffer *statements)
{
    for (size_t i = STATEMENTS; i > 0; i--) {
        size_t j = (size_t)kit_random_below(random, i);
        struct buffer swap = statements[i - 1];
        statements[i - 1] = statements[j];
        statements[j] = swap;
    }
}

/* The same statements in another order, some twice, with questions in between. */
static void check_any_order(struct kit_random *random, const struct roster *plain, struct buffer *statements)
{
    struct roster *shuffled = roster_empty();

    statements_shuffle(random, statements);
    for (size_t i = 0; i < STATEMENTS; i++) {
        roster_add(shuffled, buffer_bytes(&statements[i]), NULL);
        roster_add(shuffled, buffer_bytes(&statements[kit_random_below(random, i + 1)]), NULL);
        if (kit_random_below(random, 4) == 0) {
            roster_version(shuffled);
        }
    }
    rosters_compare(plain, shuffled);
    roster_free(shuffled);
}

/* What a newcomer is given is enough; judged before, it comes to the same. */
static void check_in_effect(const struct roster *plain)
{
    struct roster *copy = roster_empty(), *proved = roster_empty();

    for (size_t i = 0; i < roster_statement_count(plain); i++) {
        assert_int_equal(roster_add(copy, roster_statement_at(plain, i), NULL), S_OK);
        assert_int_equal(roster_add_proved(proved, roster_statement_at(plain, i), NULL), S_OK);
        assert_int_equal(roster_add_proved(proved, roster_statement_at(plain, i), NULL), S_OK);
    }
    assert_int_equal(roster_add_proved(proved, bytes_of("\x0a\x01", 2), NULL), S_INVALID);
    assert_int_equal(roster_count(copy), roster_count(plain));
    assert_int_equal(roster_version(copy), roster_version(plain));
    rosters_compare(copy, proved);
    roster_free(proved);
    roster_free(copy);
}

static void check_seed(uint64_t seed)
{
    struct kit_random random;
    struct buffer statements[STATEMENTS];
    struct roster *plain = roster_empty();

    kit_random_seed(&random, seed);
    for (size_t i = 0; i < STATEMENTS; i++) {
        buffer_init(&statements[i]);
        statement_draw(&random, &statements[i]);
        enum status status = roster_add(plain, buffer_bytes(&statements[i]), NULL);
        assert_true(status == S_OK || status == S_DENIED);
    }
    check_any_order(&random, plain, statements);
    check_in_effect(plain);
    for (size_t i = 0; i < STATEMENTS; i++) {
        buffer_release(&statements[i]);
    }
    roster_free(plain);
}

static void any_order_and_repetition_gives_the_same_roster(void **state)
{
    uint64_t seed = kit_fresh_seed();
    (void)state;

    for (uint64_t round = 0; round < 25; round++) {
        check_seed(seed + round);
    }
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
        cmocka_unit_test(members_are_found_by_id_name_and_key),
        cmocka_unit_test(members_stand_in_the_order_of_their_ids),
        cmocka_unit_test(a_statement_waits_until_its_signer_is_known),
        cmocka_unit_test(an_ancestor_may_admit_further_down_but_a_stranger_or_a_campus_may_not),
        cmocka_unit_test(only_the_authority_or_a_hub_admits_a_hub),
        cmocka_unit_test(a_node_that_did_not_agree_is_not_drawn_away),
        cmocka_unit_test(a_parent_corrects_an_entry_and_the_latest_stamp_wins),
        cmocka_unit_test(a_revocation_comes_from_above_only),
        cmocka_unit_test(what_a_revoked_node_signed_before_stays_and_later_is_void),
        cmocka_unit_test(a_name_belongs_to_the_first_and_passes_on_at_revocation),
        cmocka_unit_test(nobody_takes_a_name_or_a_transport_key_with_an_early_stamp),
        cmocka_unit_test(a_long_name_is_cut_at_a_character_to_take_its_tail),
        cmocka_unit_test(results_go_up_and_everything_else_goes_everywhere),
        cmocka_unit_test(a_cycle_signed_by_the_authority_does_no_harm),
        cmocka_unit_test(nodes_that_claim_each_other_fall_back_to_their_older_places),
        cmocka_unit_test(a_node_of_the_authority_waits_for_a_parent_with_a_doubtful_place),
        cmocka_unit_test(chains_end_at_the_depth_limit),
        cmocka_unit_test(false_statements_are_refused_at_the_door),
        cmocka_unit_test(any_order_and_repetition_gives_the_same_roster),
    };
    kit_setup();
    return cmocka_run_group_tests(tests, setup, teardown);
}
