#include "replication/trust/authority.h"

#include <string.h>

#include "tests/kit/presidency.h"
#include "tests/kit/kit.h"

/* Members are nodes 0 to 7; the authority's later keys are those of nodes 20 and on: A to F. */
enum { AUTHORITY = FEDERATION_AUTHORITY, HUB = 0, EAST = 1, WEST = 2, CAMPUS = 3, LATE = 4, A = 20, B = 21, C = 22, D = 23, E = 24, F = 25 };

static struct federation fed;
static struct buffer out;

static struct roster *roster_empty(void)
{
    return roster_new(&fed.id, fed.authority.sign_public);
}

static struct hash add(struct roster *roster)
{
    struct statement statement;
    struct report report;

    report_clear(&report);
    assert_int_equal(roster_add(roster, buffer_bytes(&out), &report), S_OK);
    statement_read(buffer_bytes(&out), &statement);
    return statement.hash;
}

static struct signer signer_of(int who, uint64_t generation)
{
    return presidency_signer(&fed, who, generation);
}

static struct hash admit_as(struct roster *roster, int who, int parent, enum node_kind kind, uint64_t at_ms, const struct signer *signer)
{
    struct roster_node node = federation_node(&fed, who, parent, kind);

    node.admitted_ms = at_ms;
    buffer_clear(&out);
    assert_int_equal(statement_admit(&fed.id, &node, signer, &out), S_OK);
    return add(roster);
}

static struct hash admit(struct roster *roster, int who, int parent, enum node_kind kind, int signer)
{
    struct signer by = federation_signer(&fed, signer);
    return admit_as(roster, who, parent, kind, 1000 + (uint64_t)who, &by);
}

static struct hash cosign(struct roster *roster, const struct hash *about, int who)
{
    struct signer by = signer_of(who, 0);

    buffer_clear(&out);
    assert_int_equal(statement_cosign(&fed.id, about, 5000, &by, &out), S_OK);
    return add(roster);
}

static struct hash genesis(void)
{
    return authority_genesis(fed.authority.sign_public);
}

/* hub - east - campus; hub - west. Returns the hash of the hub's admission. */
static struct hash small(struct roster *roster)
{
    struct hash hub = admit(roster, HUB, AUTHORITY, NODE_HUB, AUTHORITY);

    admit(roster, EAST, HUB, NODE_NATIONAL, HUB);
    admit(roster, WEST, HUB, NODE_NATIONAL, HUB);
    admit(roster, CAMPUS, EAST, NODE_CAMPUS, EAST);
    return hub;
}

static const int abc[] = {A, B, C}, def[] = {D, E, F};

/* The founding key hands on to two of A, B, C, and they take it. */
static struct hash handed_on(struct roster *roster, const struct hash *hub)
{
    struct hash before = genesis();

    presidency_write(&fed, &(struct presidency){1, before, 2, abc, 3, hub, 1, 2000}, AUTHORITY, &out);
    struct hash first = add(roster);
    cosign(roster, &first, A);
    cosign(roster, &first, C);
    return first;
}

static const struct roster_node *find(const struct roster *roster, int who)
{
    return roster_find(roster, &fed.nodes[who].node);
}

static void a_federation_begins_with_its_founding_key_alone(void **state)
{
    struct roster *roster = roster_empty();
    struct hash before = genesis();
    (void)state;

    small(roster);
    const struct authority *authority = roster_authority(roster);
    assert_int_equal(authority->generation, 0);
    assert_int_equal(authority->threshold, 1);
    assert_int_equal(authority->key_count, 1);
    assert_memory_equal(authority->keys[0], fed.authority.sign_public, SIGN_PUBLIC_SIZE);
    assert_true(hash_equal(&authority->hash, &before));
    assert_int_equal(authority->rival_count, 0);
    roster_free(roster);
}

static void it_is_handed_on_when_it_is_given_and_taken(void **state)
{
    struct roster *roster = roster_empty();
    struct hash hub = small(roster), before = genesis();
    (void)state;

    presidency_write(&fed, &(struct presidency){1, before, 2, abc, 3, &hub, 1, 2000}, AUTHORITY, &out);
    struct hash first = add(roster);
    assert_int_equal(roster_authority(roster)->generation, 0); /* nobody took it */
    cosign(roster, &first, A);
    assert_int_equal(roster_authority(roster)->generation, 0);
    cosign(roster, &first, E); /* not one of them */
    assert_int_equal(roster_authority(roster)->generation, 0);
    cosign(roster, &first, B);
    const struct authority *authority = roster_authority(roster);
    assert_int_equal(authority->generation, 1);
    assert_int_equal(authority->threshold, 2);
    assert_int_equal(authority->key_count, 3);
    assert_int_equal(roster_count(roster), 4);
    assert_int_equal(find(roster, HUB)->kind, NODE_HUB);
    roster_free(roster);
}

static void too_few_of_the_generation_before_hand_nothing_on(void **state)
{
    struct roster *roster = roster_empty();
    struct hash hub = small(roster), first = handed_on(roster, &hub);
    (void)state;

    presidency_write(&fed, &(struct presidency){2, first, 1, def, 3, &hub, 1, 3000}, A, &out); /* one of two */
    struct hash second = add(roster);
    cosign(roster, &second, D);
    cosign(roster, &second, E);
    cosign(roster, &second, AUTHORITY); /* of a generation that is past */
    assert_int_equal(roster_authority(roster)->generation, 1);
    cosign(roster, &second, A); /* the same key twice is one */
    assert_int_equal(roster_authority(roster)->generation, 1);
    cosign(roster, &second, B);
    assert_int_equal(roster_authority(roster)->generation, 2);
    roster_free(roster);
}

static void a_former_key_says_nothing_more_not_even_with_an_old_stamp(void **state)
{
    struct roster *roster = roster_empty();
    struct hash hub = small(roster);
    (void)state;

    handed_on(roster, &hub);
    admit(roster, LATE, AUTHORITY, NODE_HUB, AUTHORITY); /* stamped before the handover, unknown to it */
    assert_null(find(roster, LATE));
    federation_revoke(&fed, HUB, 1, AUTHORITY, &out);
    add(roster);
    assert_false(find(roster, HUB)->is_revoked);
    assert_int_equal(roster_authority(roster)->left_count, 2);
    assert_int_equal(roster_authority(roster)->late_count, 0);
    federation_revoke(&fed, HUB, 9000, AUTHORITY, &out);
    add(roster);
    assert_false(find(roster, HUB)->is_revoked);
    assert_int_equal(roster_authority(roster)->late_count, 1);
    roster_free(roster);
}

static void the_present_generation_speaks_with_enough_of_its_keys(void **state)
{
    struct roster *roster = roster_empty();
    struct hash hub = small(roster);
    struct signer by = signer_of(A, 1), past = signer_of(A, 0);
    (void)state;

    handed_on(roster, &hub);
    struct hash late = admit_as(roster, LATE, AUTHORITY, NODE_HUB, 4000, &by);
    assert_null(find(roster, LATE));
    assert_int_equal(roster_authority(roster)->waiting_count, 1);
    assert_int_equal(roster_signatures(roster, &late), 1);
    cosign(roster, &late, A);
    cosign(roster, &late, EAST); /* a member, no key of the authority */
    assert_null(find(roster, LATE));
    cosign(roster, &late, B);
    assert_non_null(find(roster, LATE));
    assert_int_equal(roster_signatures(roster, &late), 2);
    assert_int_equal(roster_authority(roster)->waiting_count, 0);

    struct hash other = admit_as(roster, 6, AUTHORITY, NODE_HUB, 4000, &past); /* under the number of the generation before */
    cosign(roster, &other, B);
    assert_null(find(roster, 6));
    roster_free(roster);
}

static void a_handover_that_keeps_nothing_leaves_nobody(void **state)
{
    struct roster *roster = roster_empty();
    struct hash before = genesis();
    (void)state;

    small(roster);
    presidency_write(&fed, &(struct presidency){1, before, 1, abc, 1, NULL, 0, 2000}, AUTHORITY, &out);
    struct hash first = add(roster);
    cosign(roster, &first, A);
    assert_int_equal(roster_count(roster), 0);
    roster_free(roster);
}

static void an_older_generation_played_again_changes_nothing(void **state)
{
    struct roster *roster = roster_empty();
    struct hash hub = small(roster), first = handed_on(roster, &hub), before = genesis();
    (void)state;

    presidency_write(&fed, &(struct presidency){2, first, 2, def, 3, &hub, 1, 3000}, A, &out);
    struct hash second = add(roster);
    cosign(roster, &second, B);
    cosign(roster, &second, D);
    cosign(roster, &second, E);
    uint64_t version = roster_version(roster);
    assert_int_equal(roster_authority(roster)->generation, 2);
    cosign(roster, &first, B); /* another signature under the one before */
    assert_int_equal(roster_authority(roster)->generation, 2);
    assert_int_equal(roster_version(roster), version);
    presidency_write(&fed, &(struct presidency){2, before, 1, abc, 1, &hub, 1, 1}, AUTHORITY, &out); /* generation 2 straight after 0 */
    struct hash jump = add(roster);
    cosign(roster, &jump, A);
    assert_true(hash_equal(&roster_authority(roster)->hash, &second));
    assert_int_equal(roster_authority(roster)->rival_count, 0);
    roster_free(roster);
}

static void keys_that_signed_two_successors_count_for_neither(void **state)
{
    static const int evil[] = {LATE};
    struct roster *roster = roster_empty();
    struct hash hub = small(roster), first = handed_on(roster, &hub);
    (void)state;

    presidency_write(&fed, &(struct presidency){2, first, 2, def, 3, &hub, 1, 9000}, A, &out); /* all three, the latest stamp */
    struct hash honest = add(roster);
    cosign(roster, &honest, B);
    cosign(roster, &honest, C);
    cosign(roster, &honest, D);
    cosign(roster, &honest, E);
    presidency_write(&fed, &(struct presidency){2, first, 1, evil, 1, &hub, 1, 1}, B, &out); /* two of them again, the earliest stamp */
    struct hash rival = add(roster);
    cosign(roster, &rival, C);
    assert_int_equal(roster_authority(roster)->rival_count, 0); /* nobody took it yet */
    cosign(roster, &rival, LATE);
    const struct authority *authority = roster_authority(roster);
    assert_true(hash_equal(&authority->hash, &honest));
    assert_int_equal(authority->rival_count, 1);
    assert_true(hash_equal(&authority->rivals[0].hash, &rival));
    assert_int_equal(authority->rivals[0].generation, 2);
    roster_free(roster);
}

static void a_single_key_that_signs_twice_is_shown_and_an_anchor_decides(void **state)
{
    static const int one[] = {A}, two[] = {B};
    struct roster *roster = roster_empty(), *anchored = roster_empty();
    struct hash before = genesis();
    struct hash hub = small(roster);
    (void)state;

    presidency_write(&fed, &(struct presidency){1, before, 1, one, 1, &hub, 1, 2000}, AUTHORITY, &out);
    struct buffer honest;
    buffer_init(&honest);
    buffer_append(&honest, out.data, out.size);
    struct hash first = add(roster);
    cosign(roster, &first, A);
    presidency_write(&fed, &(struct presidency){1, before, 1, two, 1, &hub, 1, 1500}, AUTHORITY, &out);
    struct hash rival = add(roster);
    cosign(roster, &rival, B);
    assert_true(hash_equal(&roster_authority(roster)->hash, &rival)); /* the earlier stamp: everybody the same */
    assert_int_equal(roster_authority(roster)->rival_count, 1);

    roster_free(anchored);
    anchored = roster_empty();
    roster_anchor(anchored, &first);
    small(anchored);
    assert_int_equal(roster_add(anchored, buffer_bytes(&honest), NULL), S_OK);
    presidency_write(&fed, &(struct presidency){1, before, 1, two, 1, &hub, 1, 1500}, AUTHORITY, &out);
    add(anchored);
    cosign(anchored, &rival, B);
    assert_true(hash_equal(&roster_authority(anchored)->hash, &first));
    assert_int_equal(roster_authority(anchored)->rival_count, 0);
    assert_int_equal(roster_count(anchored), 4);
    buffer_release(&honest);
    roster_free(anchored);
    roster_free(roster);
}

static void whoever_begins_at_an_anchor_has_the_same_roster(void **state)
{
    struct roster *roster = roster_empty(), *newcomer = roster_empty();
    (void)state;

    struct hash hub = small(roster), first = handed_on(roster, &hub);
    roster_anchor(newcomer, &first);
    for (size_t i = 0; i < roster_statement_count(roster); i++) {
        assert_int_equal(roster_add(newcomer, roster_statement_at(roster, i), NULL), S_OK);
    }
    assert_int_equal(roster_count(newcomer), roster_count(roster));
    assert_int_equal(roster_version(newcomer), roster_version(roster));
    assert_int_equal(roster_authority(newcomer)->generation, 1);
    roster_free(newcomer);
    roster_free(roster);
}

static struct hash adopt(struct roster *roster, int parent, const struct hash *admission, uint64_t at_ms, const struct signer *by)
{
    presidency_adopt(&fed, find(roster, parent), bytes_of(admission, sizeof *admission), at_ms, by, &out);
    return add(roster);
}

static void adopted_nodes_stand_below_another_and_the_former_parent_has_no_say(void **state)
{
    struct roster *roster = roster_empty();
    struct signer authority = federation_signer(&fed, AUTHORITY), hub = federation_signer(&fed, HUB);
    (void)state;

    admit(roster, HUB, AUTHORITY, NODE_HUB, AUTHORITY);
    admit(roster, EAST, HUB, NODE_NATIONAL, HUB);
    struct hash west = admit(roster, WEST, HUB, NODE_NATIONAL, HUB);
    admit(roster, CAMPUS, WEST, NODE_CAMPUS, WEST);
    struct roster_node east = federation_node(&fed, EAST, AUTHORITY, NODE_HUB), old = federation_node(&fed, HUB, EAST, NODE_NATIONAL);
    east.admitted_ms = old.admitted_ms = 6000;
    federation_admit(&fed, &east, AUTHORITY, &out);
    add(roster);
    federation_admit(&fed, &old, AUTHORITY, &out);
    add(roster);
    adopt(roster, EAST, &west, 6000, &authority);

    assert_true(id_equal(&find(roster, WEST)->parent, &fed.nodes[EAST].node));
    assert_true(id_equal(&find(roster, WEST)->stated_parent, &fed.nodes[HUB].node));
    assert_true(roster_is_above(roster, &fed.nodes[EAST].node, &fed.nodes[CAMPUS].node));
    assert_true(roster_may_hold(roster, &fed.nodes[EAST].node, &fed.nodes[CAMPUS].node, TOPIC_RESULTS));
    assert_false(roster_may_hold(roster, &fed.nodes[HUB].node, &fed.nodes[CAMPUS].node, TOPIC_RESULTS));
    federation_revoke(&fed, WEST, 1, HUB, &out);
    add(roster);
    assert_false(find(roster, WEST)->is_revoked);
    admit_as(roster, WEST, HUB, NODE_NATIONAL, 9000, &hub); /* its old consent, a later stamp */
    assert_true(id_equal(&find(roster, WEST)->parent, &fed.nodes[EAST].node));
    admit(roster, LATE, HUB, NODE_CAMPUS, HUB); /* but below itself it admits */
    assert_non_null(find(roster, LATE));
    federation_revoke(&fed, WEST, 9000, EAST, &out);
    add(roster);
    assert_true(find(roster, WEST)->is_revoked);
    roster_free(roster);
}

static void of_two_adoptions_the_later_holds_and_a_stranger_adopts_nobody(void **state)
{
    struct roster *roster = roster_empty();
    struct signer authority = federation_signer(&fed, AUTHORITY), west = federation_signer(&fed, WEST);
    (void)state;

    admit(roster, HUB, AUTHORITY, NODE_HUB, AUTHORITY);
    struct hash east = admit(roster, EAST, HUB, NODE_NATIONAL, HUB);
    admit(roster, WEST, HUB, NODE_NATIONAL, HUB);
    struct hash campus = admit(roster, CAMPUS, EAST, NODE_CAMPUS, EAST);
    adopt(roster, WEST, &campus, 7000, &west);
    assert_true(id_equal(&find(roster, CAMPUS)->parent, &fed.nodes[EAST].node));
    adopt(roster, HUB, &campus, 8000, &authority);
    adopt(roster, WEST, &campus, 7500, &authority);
    assert_true(id_equal(&find(roster, CAMPUS)->parent, &fed.nodes[HUB].node));
    adopt(roster, CAMPUS, &east, 9000, &authority);
    adopt(roster, EAST, &campus, 9000, &authority); /* below each other: no harm, still members */
    assert_non_null(find(roster, EAST));
    assert_non_null(find(roster, CAMPUS));
    roster_free(roster);
}

static void terms_outside_the_format_are_refused(void **state)
{
    uint8_t keys[2][SIGN_PUBLIC_SIZE] = {{1}, {2}};
    struct signer by = federation_signer(&fed, AUTHORITY);
    struct authority_terms terms = {.generation = 1, .threshold = 2, .keys = bytes_of(keys, sizeof keys)};
    struct hash none = {{0}};
    (void)state;

    buffer_clear(&out);
    terms.threshold = 3;
    assert_int_equal(statement_authority(&fed.id, &terms, &by, &out), S_INVALID);
    terms.threshold = 0;
    assert_int_equal(statement_authority(&fed.id, &terms, &by, &out), S_INVALID);
    terms.threshold = 2;
    terms.generation = 0;
    assert_int_equal(statement_authority(&fed.id, &terms, &by, &out), S_INVALID);
    terms.generation = 1;
    terms.keys.size--;
    assert_int_equal(statement_authority(&fed.id, &terms, &by, &out), S_INVALID);
    terms.keys = bytes_of(keys, sizeof keys);
    keys[0][0] = 2; /* twice the same */
    assert_int_equal(statement_authority(&fed.id, &terms, &by, &out), S_INVALID);
    assert_int_equal(statement_cosign(&fed.id, &none, 1, &by, &out), S_INVALID);
    assert_int_equal(statement_adopt(&fed.id, &fed.nodes[0].node, bytes_of(NULL, 0), 1, &by, &out), S_INVALID);
    assert_int_equal(out.size, 0);
}

static void the_largest_statements_fit(void **state)
{
    struct hash many[AUTHORITY_ADOPT_MAX] = {0};
    struct signer by = signer_of(A, 65535);
    struct statement statement;
    (void)state;

    for (size_t i = 0; i < AUTHORITY_ADOPT_MAX; i++) {
        many[i].b[0] = (uint8_t)(i + 1);
    }
    struct authority_terms terms = {.generation = AUTHORITY_GENERATION_MAX, .threshold = 16, .at_ms = UINT64_MAX,
                                    .keys = bytes_of(many, AUTHORITY_KEYS_MAX * sizeof *many),
                                    .ratified = bytes_of(many, AUTHORITY_RATIFIED_MAX * sizeof *many)};
    buffer_clear(&out);
    assert_int_equal(statement_authority(&fed.id, &terms, &by, &out), S_OK);
    assert_int_equal(statement_decode(buffer_bytes(&out), &statement, NULL), S_OK);
    buffer_clear(&out);
    assert_int_equal(statement_adopt(&fed.id, &fed.nodes[0].node, bytes_of(many, sizeof many), UINT64_MAX, &by, &out), S_OK);
    assert_int_equal(statement_decode(buffer_bytes(&out), &statement, NULL), S_OK);
    assert_int_equal(statement.admissions.size, sizeof many);
    terms.ratified.size += sizeof *many;
    assert_int_equal(statement_authority(&fed.id, &terms, &by, &out), S_INVALID);
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
        cmocka_unit_test(a_federation_begins_with_its_founding_key_alone),
        cmocka_unit_test(it_is_handed_on_when_it_is_given_and_taken),
        cmocka_unit_test(too_few_of_the_generation_before_hand_nothing_on),
        cmocka_unit_test(a_former_key_says_nothing_more_not_even_with_an_old_stamp),
        cmocka_unit_test(the_present_generation_speaks_with_enough_of_its_keys),
        cmocka_unit_test(a_handover_that_keeps_nothing_leaves_nobody),
        cmocka_unit_test(an_older_generation_played_again_changes_nothing),
        cmocka_unit_test(keys_that_signed_two_successors_count_for_neither),
        cmocka_unit_test(a_single_key_that_signs_twice_is_shown_and_an_anchor_decides),
        cmocka_unit_test(whoever_begins_at_an_anchor_has_the_same_roster),
        cmocka_unit_test(adopted_nodes_stand_below_another_and_the_former_parent_has_no_say),
        cmocka_unit_test(of_two_adoptions_the_later_holds_and_a_stranger_adopts_nobody),
        cmocka_unit_test(terms_outside_the_format_are_refused),
        cmocka_unit_test(the_largest_statements_fit),
    };
    kit_setup();
    return cmocka_run_group_tests(tests, setup, teardown);
}
