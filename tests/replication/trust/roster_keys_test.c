/* Whose certificate is good: keys present, former, and ended at a certain state. */
#include <string.h>

#include "replication/trust/rekey.h"
#include "replication/trust/roster_keys.h"
#include "tests/kit/federation.h"
#include "tests/kit/kit.h"

enum { HUB, CENTRE, OTHER, CAMPUS, NEW_KEY = 10, STRANGER };

static struct federation fed;
static struct buffer out;

static void add(struct roster *roster)
{
    assert_int_equal(roster_add(roster, buffer_bytes(&out), NULL), S_OK);
    buffer_clear(&out);
}

static struct roster *roster_small(void)
{
    struct roster *roster = roster_new(&fed.id, fed.authority.sign_public);
    struct roster_node hub = federation_node(&fed, HUB, FEDERATION_AUTHORITY, NODE_HUB),
                       centre = federation_node(&fed, CENTRE, HUB, NODE_NATIONAL);

    federation_admit(&fed, &hub, FEDERATION_AUTHORITY, &out), add(roster);
    federation_admit(&fed, &centre, HUB, &out), add(roster);
    return roster;
}

static struct stream_head head_of(uint8_t incarnation, uint64_t seq)
{
    return (struct stream_head){.stream = {fed.nodes[CENTRE].node, {{incarnation}}, TOPIC_RESULTS},
                                .seq = seq,
                                .count = 1,
                                .digest = {{(uint8_t)seq}},
                                .stamp = 1};
}

static enum status check(const struct roster *roster, uint8_t incarnation, uint64_t seq, int key,
                         bool is_held)
{
    struct stream_head head = head_of(incarnation, seq);
    struct certificate certificate = certificate_sign(&fed.id, &head, fed.nodes[key].sign_secret);
    return roster_certificate_check(roster, &certificate, is_held);
}

/* The centre asks for that key, and `by` says that it may have it. */
static void key_change_to(struct roster *roster, int key, int granter)
{
    struct signer by = federation_signer(&fed, CENTRE), hub = federation_signer(&fed, granter);
    struct rekey_terms terms = {
        .node = fed.nodes[CENTRE].node, .turn = 1, .next = &fed.nodes[key], .at_ms = 5000};
    struct statement statement;

    buffer_clear(&out);
    assert_int_equal(statement_rekey(&fed.id, &terms, &by, &out), S_OK);
    statement_read(buffer_bytes(&out), &statement);
    struct hash hash = statement.hash;
    add(roster);
    assert_int_equal(statement_grant(&fed.id, &fed.nodes[CENTRE].node, &hash, 6000, &hub, &out), S_OK);
    add(roster);
}

static void key_change_by(struct roster *roster, int granter)
{
    key_change_to(roster, NEW_KEY, granter);
}

static void key_change(struct roster *roster)
{
    key_change_by(roster, HUB);
}

/* The stream of incarnation 1 ends at seq 9. */
static void key_end_at(struct roster *roster, uint64_t at_ms)
{
    struct signer by = {.node = fed.nodes[CENTRE].node};
    struct stream_head head = head_of(1, 9);
    struct stream_end end = {head.stream, head.seq, head.digest};
    struct close_terms terms = {.node = fed.nodes[CENTRE].node,
                                .turn = 1,
                                .ends = &end,
                                .end_count = 1,
                                .has_kept = true,
                                .at_ms = at_ms};

    memcpy(by.sign_secret, fed.nodes[NEW_KEY].sign_secret, sizeof by.sign_secret);
    assert_int_equal(statement_close(&fed.id, &terms, &by, &out), S_OK);
    add(roster);
}

static void key_end(struct roster *roster)
{
    key_end_at(roster, 7000);
}

static void one_key_signs(void **state)
{
    struct roster *roster = roster_small();

    (void)state;
    assert_int_equal(check(roster, 1, 9, CENTRE, false), S_OK);
    assert_int_equal(check(roster, 1, 9, NEW_KEY, false), S_BAD_SIGNATURE);
    roster_free(roster);
}

static void both_keys_sign_until_the_old_one_is_ended(void **state)
{
    struct roster *roster = roster_small();

    (void)state;
    key_change(roster);
    assert_int_equal(check(roster, 1, 9, CENTRE, false), S_OK);
    assert_int_equal(check(roster, 2, 1, NEW_KEY, false), S_OK);
    assert_int_equal(check(roster, 2, 1, STRANGER, false), S_BAD_SIGNATURE);
    roster_free(roster);
}

static void an_ended_key_stands_for_its_streams_up_to_their_ends(void **state)
{
    struct roster *roster = roster_small();
    struct stream_head named = head_of(1, 9), other = head_of(2, 1);

    (void)state;
    key_change(roster);
    key_end(roster);
    assert_int_equal(check(roster, 1, 9, CENTRE, false), S_OK);    /* exactly the end is taken anew, */
    assert_int_equal(check(roster, 1, 8, CENTRE, false), S_STALE); /* nothing before */
    assert_int_equal(check(roster, 1, 8, CENTRE, true), S_OK);     /* what is held is good */
    assert_int_equal(check(roster, 1, 10, CENTRE, true), S_STALE); /* a thief wrote on */
    assert_int_equal(check(roster, 2, 1, CENTRE, true), S_STALE);  /* or began a stream */
    assert_int_equal(check(roster, 2, 1, NEW_KEY, false), S_OK);
    struct stream_head fork = head_of(1, 9);
    fork.digest.b[5] = 1;
    struct certificate certificate = certificate_sign(&fed.id, &fork, fed.nodes[CENTRE].sign_secret);
    assert_int_equal(roster_certificate_check(roster, &certificate, true),
                     S_STALE); /* or another state at the end */
    assert_true(roster_is_of_former_key(roster, &named.stream) &&
                !roster_is_of_former_key(roster, &other.stream));
    assert_true(roster_is_before_end(roster, &named.stream, 8) && !roster_is_before_end(roster, &named.stream, 9));
    assert_false(roster_is_before_end(roster, &other.stream, 1));
    struct roster *copy = roster_copy(roster);
    assert_true(roster_version(copy) == roster_version(roster) && roster_is_of_former_key(copy, &named.stream));
    roster_free(copy);
    roster_free(roster);
}

static void a_node_is_found_by_each_of_its_keys(void **state)
{
    struct roster *roster = roster_small();

    (void)state;
    key_change(roster);
    const struct roster_node *centre = roster_find(roster, &fed.nodes[CENTRE].node);
    assert_ptr_equal(roster_find_sign(roster, fed.nodes[CENTRE].sign_public), centre);
    assert_ptr_equal(roster_find_sign(roster, fed.nodes[NEW_KEY].sign_public), centre);
    assert_null(roster_find_sign(roster, fed.nodes[STRANGER].sign_public));
    struct roster_key first = roster_node_first_key(centre);
    assert_memory_equal(first.sign_public, fed.nodes[CENTRE].sign_public, SIGN_PUBLIC_SIZE);
    assert_ptr_equal(roster_find_former_curve(roster, fed.nodes[CENTRE].curve_public, false), centre);
    assert_null(roster_find_former_curve(roster, fed.nodes[CENTRE].curve_public, true));
    assert_int_equal(check(roster, 1, 9, HUB, false), S_BAD_SIGNATURE);
    roster_free(roster);
}

/* --- admitted in vain ------------------------------------------------------------------------------------- */

static bool is_in_vain(const struct roster *roster, int key, struct bytes *closing_out)
{
    return roster_key_in_vain(roster, &fed.nodes[CENTRE].node, fed.nodes[key].sign_public, closing_out);
}

static enum status check_roster(const struct roster *roster, int key)
{
    struct stream_head head = head_of(2, 1);
    head.stream.topic = TOPIC_ROSTER;
    struct certificate certificate = certificate_sign(&fed.id, &head, fed.nodes[key].sign_secret);

    return roster_certificate_check(roster, &certificate, false);
}

static struct roster *roster_with(int node, enum node_kind kind)
{
    struct roster *roster = roster_small();
    struct roster_node other = federation_node(&fed, node, HUB, kind);

    federation_admit(&fed, &other, HUB, &out), add(roster);
    return roster;
}

/* By a centre that does not stand above, as a former hub does not after the handover. Its roster streams bring the CLOSE, and nothing else is taken. */
static void a_key_that_was_admitted_in_vain_tells_where_it_closed(void **state)
{
    struct roster *roster = roster_with(OTHER, NODE_NATIONAL);
    struct statement statement;
    struct bytes closing;
    (void)state;

    assert_int_equal(check_roster(roster, NEW_KEY), S_BAD_SIGNATURE);
    assert_false(is_in_vain(roster, NEW_KEY, &closing));
    key_change_by(roster, OTHER);
    assert_true(is_in_vain(roster, NEW_KEY, &closing) && closing.size == 0);
    assert_false(is_in_vain(roster, STRANGER, &closing));
    assert_int_equal(check_roster(roster, NEW_KEY), S_OK);
    assert_int_equal(check_roster(roster, STRANGER), S_BAD_SIGNATURE);
    assert_int_equal(check(roster, 2, 1, NEW_KEY, false), S_BAD_SIGNATURE);
    key_end_at(roster, 7000);
    key_end_at(roster, 6999);
    assert_true(is_in_vain(roster, NEW_KEY, &closing) && closing.size > 0);
    statement_read(closing, &statement);
    assert_int_equal(statement.at_ms, 6999); /* the one that counts */
    assert_int_equal(check(roster, 2, 1, CENTRE, false), S_OK); /* nothing is ended yet */
    key_change(roster); /* admitted anew */
    assert_false(is_in_vain(roster, NEW_KEY, &closing));
    assert_int_equal(check(roster, 2, 1, CENTRE, false), S_STALE);
    assert_int_equal(check(roster, 2, 1, NEW_KEY, false), S_OK);
    roster_free(roster);
}

/* Whoever brings what that key signed has not heard of the other one: no blame, and it is dropped where it is held. */
static void a_key_that_was_admitted_in_vain_ends_with_its_turn(void **state)
{
    struct roster *roster = roster_with(OTHER, NODE_NATIONAL);
    struct bytes closing;
    (void)state;

    key_change_to(roster, STRANGER, OTHER);
    assert_int_equal(check_roster(roster, STRANGER), S_OK);
    key_change(roster);
    assert_int_equal(check_roster(roster, STRANGER), S_STALE);
    assert_int_equal(check_roster(roster, NEW_KEY), S_OK);
    assert_int_equal(check(roster, 2, 1, STRANGER, false), S_BAD_SIGNATURE);
    assert_false(is_in_vain(roster, STRANGER, &closing) || is_in_vain(roster, NEW_KEY, &closing));
    roster_free(roster);
}

/* Where there are more than a CLOSE lists, stamps decide. */
static void what_a_node_said_is_kept_up_to_a_limit(void **state)
{
    struct roster *roster = roster_small();
    struct hash kept[CLOSE_KEPT_MAX];
    uint64_t last_ms;
    (void)state;

    assert_int_equal(roster_kept(roster, roster_find(roster, &fed.nodes[CENTRE].node), kept, &last_ms), 0);
    assert_int_equal(last_ms, 0);
    for (int i = 1; i <= CLOSE_KEPT_MAX + 1; i++) {
        struct roster_node campus = federation_node(&fed, STRANGER + i, CENTRE, NODE_CAMPUS);
        federation_admit(&fed, &campus, CENTRE, &out), add(roster);
        assert_int_equal(roster_kept(roster, roster_find(roster, &fed.nodes[CENTRE].node), kept, &last_ms), i);
        assert_true(last_ms > 0);
        for (int k = 1; i <= CLOSE_KEPT_MAX && k < i; k++) {
            assert_true(memcmp(&kept[k - 1], &kept[k], sizeof *kept) < 0);
        }
    }
    roster_free(roster);
}

/* It never admitted anybody, so nobody closed on its word: it cannot hold up a change. */
static void a_campus_admits_nobody_in_vain(void **state)
{
    struct roster *roster = roster_with(CAMPUS, NODE_CAMPUS);
    struct bytes closing;
    (void)state;

    key_change_by(roster, CAMPUS);
    assert_false(is_in_vain(roster, NEW_KEY, &closing));
    assert_int_equal(check_roster(roster, NEW_KEY), S_BAD_SIGNATURE);
    roster_free(roster);
}

static void statements_about_a_member_are_read_one_by_one(void **state)
{
    struct roster *roster = roster_small();
    struct statement statement;
    struct bytes raw;
    size_t count = 0;
    (void)state;

    key_change(roster);
    while (roster_statement_about(roster, &fed.nodes[CENTRE].node, count, &raw)) {
        statement_read(raw, &statement);
        assert_true(id_equal(&statement.node, &fed.nodes[CENTRE].node));
        count++;
    }
    assert_int_equal(count, 3); /* ADMIT, REKEY, GRANT */
    assert_false(roster_statement_about(roster, &fed.nodes[STRANGER].node, 0, &raw));
    roster_free(roster);
}

static void who_may_grant(void **state)
{
    struct roster *roster = roster_small();

    (void)state;
    assert_true(roster_may_grant(roster, &fed.nodes[HUB].node, &fed.nodes[CENTRE].node));
    assert_false(roster_may_grant(roster, &fed.nodes[CENTRE].node, &fed.nodes[HUB].node));
    assert_false(roster_may_grant(roster, &fed.nodes[CENTRE].node, &fed.nodes[CENTRE].node));
    assert_false(roster_may_grant(roster, &fed.nodes[HUB].node, &fed.nodes[STRANGER].node));
    roster_free(roster);
}

static void the_word_that_named_the_present_key_is_found(void **state)
{
    struct roster *roster = roster_small();
    const struct id *centre = &fed.nodes[CENTRE].node;
    struct statement statement;
    (void)state;

    assert_int_equal(roster_rekey_granted(roster, centre).size, 0);
    assert_int_equal(roster_rekey_granted(roster, &fed.nodes[STRANGER].node).size, 0);
    key_change(roster);
    struct bytes granted = roster_rekey_granted(roster, centre);
    assert_true(granted.size > 0);
    statement_read(granted, &statement);
    assert_int_equal(statement.kind, STATEMENT_REKEY);
    assert_memory_equal(statement.admitted.sign_public, fed.nodes[NEW_KEY].sign_public, SIGN_PUBLIC_SIZE);
    assert_int_equal(roster_rekey_granted(roster, &fed.nodes[HUB].node).size, 0);
    roster_free(roster);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_word_that_named_the_present_key_is_found),
        cmocka_unit_test(one_key_signs),
        cmocka_unit_test(both_keys_sign_until_the_old_one_is_ended),
        cmocka_unit_test(an_ended_key_stands_for_its_streams_up_to_their_ends),
        cmocka_unit_test(a_node_is_found_by_each_of_its_keys),
        cmocka_unit_test(a_key_that_was_admitted_in_vain_tells_where_it_closed),
        cmocka_unit_test(a_key_that_was_admitted_in_vain_ends_with_its_turn),
        cmocka_unit_test(what_a_node_said_is_kept_up_to_a_limit),
        cmocka_unit_test(a_campus_admits_nobody_in_vain),
        cmocka_unit_test(statements_about_a_member_are_read_one_by_one),
        cmocka_unit_test(who_may_grant),
    };
    federation_make(&fed, 5);
    buffer_init(&out);
    int failures = KIT_RUN(tests);
    buffer_release(&out);
    return failures;
}
