#include "node/store/stream/crowd.h"

#include <string.h>

#include "tests/kit/federation.h"
#include "tests/kit/kit.h"

enum { HUB, ROGUE, BELOW_ROGUE, HONEST, STRANGER };

static struct federation fed;
static struct roster *roster;
static const struct hash no_anchor;

static int setup(void **state)
{
    (void)state;
    federation_make(&fed, 1);
    roster = roster_new(&fed.id, fed.authority.sign_public);
    federation_enter(&fed, roster, HUB, FEDERATION_AUTHORITY, NODE_HUB);
    federation_enter(&fed, roster, ROGUE, HUB, NODE_NATIONAL);
    federation_enter(&fed, roster, BELOW_ROGUE, ROGUE, NODE_REGIONAL);
    federation_enter(&fed, roster, HONEST, HUB, NODE_NATIONAL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    roster_free(roster);
    return 0;
}

/* What `signer` might have said; only who signed it matters here. */
static struct statement said_by(int signer)
{
    struct statement said = {.kind = STATEMENT_REVOKE};
    const struct identity *identity = signer == FEDERATION_AUTHORITY ? &fed.authority : &fed.nodes[signer];

    memcpy(said.signer_public, identity->sign_public, SIGN_PUBLIC_SIZE);
    return said;
}

static bool offer(struct crowd *crowd, size_t at, int signer)
{
    struct statement said = said_by(signer);
    bool has_room = crowd_has_room(crowd, at, &said);

    if (has_room) {
        crowd_admit(crowd, at, &fed.nodes[HUB].node, bytes_text("a statement"));
    }
    return has_room;
}

static void one_node_and_all_below_it_have_a_share_and_nobody_elses_room(void **state)
{
    struct crowd *crowd = crowd_new(&no_anchor);
    struct bytes statement;
    struct id writer;
    size_t at = 0;
    (void)state;

    crowd_round(crowd, roster);
    while (at < CROWD_SHARE) {
        assert_true(offer(crowd, at, at % 2 ? ROGUE : BELOW_ROGUE));
        at++;
    }
    assert_false(offer(crowd, at, ROGUE));
    assert_false(crowd_is_open(crowd, at++)); /* that is decided */
    assert_false(offer(crowd, at++, BELOW_ROGUE));
    assert_true(offer(crowd, at++, HONEST));
    assert_true(offer(crowd, at++, HUB));
    assert_true(offer(crowd, at++, FEDERATION_AUTHORITY));
    size_t due = 0;
    while (crowd_next(crowd, &writer, &statement)) {
        assert_true(bytes_equal(statement, bytes_text("a statement")));
        due++;
    }
    assert_int_equal(due, CROWD_SHARE + 3);
    crowd_free(crowd);
}

static void who_is_not_known_yet_is_looked_at_again(void **state)
{
    struct crowd *crowd = crowd_new(&no_anchor);
    struct bytes statement;
    struct id writer;
    (void)state;

    crowd_round(crowd, roster);
    assert_false(offer(crowd, 7, STRANGER));
    assert_true(crowd_is_open(crowd, 7));
    crowd_dismiss(crowd, 9);
    assert_false(crowd_is_open(crowd, 9));
    assert_false(crowd_next(crowd, &writer, &statement));
    federation_enter(&fed, roster, STRANGER, HONEST, NODE_CAMPUS);
    crowd_round(crowd, roster);
    assert_true(offer(crowd, 7, STRANGER));
    assert_true(crowd_next(crowd, &writer, &statement));
    assert_false(crowd_is_left(crowd, 7));
    assert_true(crowd_is_left(crowd, 9));
    assert_true(crowd_is_left(crowd, 100000));
    crowd_free(crowd);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_node_and_all_below_it_have_a_share_and_nobody_elses_room, setup, teardown),
        cmocka_unit_test_setup_teardown(who_is_not_known_yet_is_looked_at_again, setup, teardown),
    };
    return KIT_RUN(tests);
}
