/* Where a revoked writer's streams end, and who follows it. hub - centre - campus, and others below the
 * centre and the hub. */
#include <string.h>

#include "replication/trust/roster_end.h"
#include "tests/kit/federation.h"
#include "tests/kit/kit.h"

enum { HUB, CENTRE, CAMPUS, NEXT, OTHER };

static struct federation fed;
static struct buffer out;

static void admit(struct roster *roster, int who, int parent, enum node_kind kind)
{
    struct roster_node node = federation_node(&fed, who, parent, kind);

    federation_admit(&fed, &node, parent, &out);
    assert_int_equal(roster_add(roster, buffer_bytes(&out), NULL), S_OK);
}

static struct roster *roster_small(void)
{
    struct roster *roster = roster_new(&fed.id, fed.authority.sign_public);

    admit(roster, HUB, FEDERATION_AUTHORITY, NODE_HUB);
    admit(roster, CENTRE, HUB, NODE_NATIONAL);
    admit(roster, CAMPUS, CENTRE, NODE_CAMPUS);
    admit(roster, NEXT, CENTRE, NODE_CAMPUS);
    admit(roster, OTHER, HUB, NODE_NATIONAL);
    return roster;
}

static struct stream_head head_of(uint8_t incarnation, enum topic topic, uint64_t seq)
{
    return (struct stream_head){
        .stream = {fed.nodes[CAMPUS].node, {{incarnation}}, topic}, .seq = seq, .digest = {{(uint8_t)seq}}};
}

/* A revocation of the campus that ends its stream of incarnation 1 at `seq` (0: names none), followed by
 * `next` (-1: nobody). */
static void revoke(struct roster *roster, int signer, uint64_t at_ms, uint64_t seq, int next)
{
    struct stream_head head = head_of(1, TOPIC_RESULTS, seq);
    struct stream_end end = {head.stream, head.seq, head.digest};
    struct revoke_terms terms = {.ends = &end, .end_count = seq > 0, .has_ends = true};
    struct signer by = federation_signer(&fed, signer);

    if (next >= 0) {
        terms.successor = fed.nodes[next].node;
    }
    buffer_clear(&out);
    assert_int_equal(statement_revoke(&fed.id, &fed.nodes[CAMPUS].node, at_ms, &terms, &by, &out), S_OK);
    assert_int_equal(roster_add(roster, buffer_bytes(&out), NULL), S_OK);
}

static bool takes(const struct roster *roster, uint8_t incarnation, uint64_t seq)
{
    struct stream_head head = head_of(incarnation, TOPIC_RESULTS, seq);
    return roster_may_take(roster, &head);
}

static bool drops(const struct roster *roster, uint8_t incarnation, uint64_t seq)
{
    struct stream_head head = head_of(incarnation, TOPIC_RESULTS, seq);
    return roster_must_drop(roster, &head);
}

static void a_stream_ends_exactly_where_the_revocation_says(void **state)
{
    struct roster *roster = roster_small();
    struct stream_head head = head_of(1, TOPIC_RESULTS, 5), roster_head = head_of(1, TOPIC_ROSTER, 9);
    (void)state;

    assert_true(takes(roster, 1, 99) && !drops(roster, 1, 99));
    revoke(roster, CENTRE, 9000, 5, -1);
    assert_true(roster_may_go_on(roster, &head.stream));
    assert_true(takes(roster, 1, 5) && !takes(roster, 1, 4) && !takes(roster, 1, 6));
    assert_true(drops(roster, 1, 6) && !drops(roster, 1, 5) && !drops(roster, 1, 4));
    assert_true(!roster_may_take_seq(roster, &head.stream, 6) &&
                roster_may_take_seq(roster, &head.stream, 5) &&
                !roster_may_take_seq(roster, &head.stream, 4));
    head.digest.b[0] ^= 1; /* the same seq, another state */
    assert_true(!roster_may_take(roster, &head) && roster_must_drop(roster, &head));
    assert_true(drops(roster, 2, 1) && !takes(roster, 2, 1)); /* not named */
    assert_true(roster_may_take(roster, &roster_head) && !roster_must_drop(roster, &roster_head));
    roster_free(roster);
}

static void a_revocation_of_an_earlier_version_ends_nothing_and_takes_nothing(void **state)
{
    struct roster *roster = roster_small();
    struct stream_head head = head_of(1, TOPIC_RESULTS, 5);
    (void)state;

    federation_revoke(&fed, CAMPUS, 9000, CENTRE, &out);
    assert_int_equal(roster_add(roster, buffer_bytes(&out), NULL), S_OK);
    assert_false(roster_may_go_on(roster, &head.stream));
    assert_false(takes(roster, 1, 5));
    assert_false(drops(roster, 1, 5)); /* stays as it is where it is */
    roster_free(roster);
}

static void of_several_the_earliest_ends_it_whatever_the_order(void **state)
{
    (void)state;
    for (int order = 0; order < 2; order++) {
        struct roster *roster = roster_small();
        revoke(roster, order ? HUB : CENTRE, order ? 7000 : 9000, order ? 3 : 5, -1);
        revoke(roster, order ? CENTRE : HUB, order ? 9000 : 7000, order ? 5 : 3, -1);
        assert_true(takes(roster, 1, 3) && !takes(roster, 1, 5));
        revoke(roster, OTHER, 1, 1, -1); /* has no right to */
        assert_true(takes(roster, 1, 3));
        roster_free(roster);
    }
}

static void who_follows_holds_its_figures_and_stands_for_it(void **state)
{
    struct roster *roster = roster_small();
    const struct id *campus = &fed.nodes[CAMPUS].node, *next = &fed.nodes[NEXT].node;
    (void)state;

    assert_false(roster_may_hold(roster, next, campus, TOPIC_RESULTS));
    assert_true(id_equal(&roster_standing(roster, campus)->node, campus));
    revoke(roster, CENTRE, 9000, 5, NEXT);
    assert_true(roster_may_hold(roster, next, campus, TOPIC_RESULTS));
    assert_true(roster_may_hold(roster, &fed.nodes[CENTRE].node, campus, TOPIC_RESULTS));
    assert_true(id_equal(&roster_standing(roster, campus)->node, next));
    revoke(roster, CENTRE, 9500, 5, OTHER); /* a node of somebody else cannot be given figures */
    assert_true(id_equal(&roster_standing(roster, campus)->node, campus));
    assert_false(roster_may_hold(roster, &fed.nodes[OTHER].node, campus, TOPIC_RESULTS));
    revoke(roster, CENTRE, 9700, 5, CENTRE); /* who stands directly above has them, as a hub that took those along whose places it had taken */
    assert_true(id_equal(&roster_standing(roster, campus)->node, &fed.nodes[CENTRE].node));
    revoke(roster, CENTRE, 9800, 5, HUB);
    assert_true(id_equal(&roster_standing(roster, campus)->node, campus));
    roster_free(roster);
}

static void a_revocation_has_room_for_its_ends_and_no_more(void **state)
{
    struct stream_end ends[STATEMENT_ENDS_MAX + 1];
    struct revoke_terms terms = {.ends = ends, .end_count = STATEMENT_ENDS_MAX, .has_ends = true};
    struct signer by = federation_signer(&fed, CENTRE);
    char reason[STATEMENT_REASON_MAX + 1];
    struct statement statement;
    struct stream_end end;
    (void)state;

    for (size_t i = 0; i <= STATEMENT_ENDS_MAX; i++) {
        struct stream_head head = head_of((uint8_t)i, TOPIC_RESULTS, SEQ_MAX - i);
        ends[i] = (struct stream_end){head.stream, head.seq, head.digest};
    }
    memset(reason, 'x', STATEMENT_REASON_MAX);
    reason[STATEMENT_REASON_MAX] = '\0';
    terms.reason = reason;
    terms.successor = fed.nodes[NEXT].node;
    buffer_clear(&out);
    assert_int_equal(statement_revoke(&fed.id, &fed.nodes[CAMPUS].node, 1, &terms, &by, &out), S_OK);
    assert_true(out.size <= STATEMENT_SIZE_MAX);
    assert_int_equal(statement_decode(buffer_bytes(&out), &statement, NULL), S_OK);
    assert_true(statement_end(&statement, &ends[STATEMENT_ENDS_MAX - 1].stream, &end));
    assert_true(end.seq == SEQ_MAX - (STATEMENT_ENDS_MAX - 1));
    assert_false(statement_end(&statement, &ends[STATEMENT_ENDS_MAX].stream, &end));
    terms.end_count = STATEMENT_ENDS_MAX + 1;
    assert_int_equal(statement_revoke(&fed.id, &fed.nodes[CAMPUS].node, 1, &terms, &by, &out), S_TOO_LARGE);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_ends_exactly_where_the_revocation_says),
        cmocka_unit_test(a_revocation_of_an_earlier_version_ends_nothing_and_takes_nothing),
        cmocka_unit_test(of_several_the_earliest_ends_it_whatever_the_order),
        cmocka_unit_test(who_follows_holds_its_figures_and_stands_for_it),
        cmocka_unit_test(a_revocation_has_room_for_its_ends_and_no_more),
    };
    federation_make(&fed, 5);
    buffer_init(&out);
    int failures = KIT_RUN(tests);
    buffer_release(&out);
    return failures;
}
