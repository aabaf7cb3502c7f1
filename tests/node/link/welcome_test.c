/* What a newcomer is given makes it a member, whatever the authority's history, and fits a frame. */
#include "node/link/welcome.h"

#include <stdlib.h>
#include <string.h>

#include "replication/trust/authority.h"
#include "replication/trust/statement.h"
#include "replication/trust/identity.h"
#include "tests/kit/kit.h"

enum { GENERATIONS = 40, KEYS = 8 };

static struct id federation_id = {{1}};
static struct identity founder, keys[KEYS], hub, centre, campus;
static struct buffer out;

static void identity_make(struct identity *identity, uint8_t number)
{
    uint8_t seed[IDENTITY_SEED_SIZE] = {number};
    identity_derive(identity, seed);
}

static struct signer key_signer(const struct identity *identity, uint64_t generation)
{
    struct signer signer = {.generation = generation};

    memcpy(signer.sign_secret, identity->sign_secret, sizeof signer.sign_secret);
    return signer;
}

static struct hash add(struct roster *roster)
{
    struct statement statement;

    assert_int_equal(roster_add(roster, buffer_bytes(&out), NULL), S_OK);
    statement_read(buffer_bytes(&out), &statement);
    return statement.hash;
}

static struct hash admit(struct roster *roster, const struct identity *identity, const struct identity *parent, enum node_kind kind)
{
    struct signer by = key_signer(parent ? parent : &founder, 0);
    struct roster_node node = {.node = identity->node, .kind = kind, .admitted_ms = 5, .name = "n"};

    node.parent = parent ? parent->node : node.parent;
    node.name[0] = (char)('a' + identity->seed[0]);
    memcpy(node.sign_public, identity->sign_public, sizeof node.sign_public);
    memcpy(node.curve_public, identity->curve_public, sizeof node.curve_public);
    buffer_clear(&out);
    assert_int_equal(statement_admit(&federation_id, &node, &by, &out), S_OK);
    return add(roster);
}

static int piece_compare(const void *left, const void *right)
{
    return memcmp(left, right, SIGN_PUBLIC_SIZE);
}

/* GENERATIONS handovers between the same eight keys, each signed by all; every one keeps what the hub needs. */
static void chain_make(struct roster *roster, const struct hash *kept)
{
    uint8_t sorted[KEYS][SIGN_PUBLIC_SIZE];

    for (int i = 0; i < KEYS; i++) {
        memcpy(sorted[i], keys[i].sign_public, SIGN_PUBLIC_SIZE);
    }
    qsort(sorted, KEYS, sizeof sorted[0], piece_compare);
    for (uint64_t generation = 1; generation <= GENERATIONS; generation++) {
        struct signer by = generation == 1 ? key_signer(&founder, 0) : key_signer(&keys[0], generation - 1);
        const struct authority_terms terms = {.generation = generation, .threshold = 5, .predecessor = roster_authority(roster)->hash,
                                              .keys = bytes_of(sorted, sizeof sorted), .ratified = bytes_of(kept->b, sizeof kept->b),
                                              .at_ms = generation};
        buffer_clear(&out);
        assert_int_equal(statement_authority(&federation_id, &terms, &by, &out), S_OK);
        struct hash hash = add(roster);
        for (int i = 0; i < KEYS; i++) {
            struct signer other = key_signer(&keys[i], 0);
            buffer_clear(&out);
            assert_int_equal(statement_cosign(&federation_id, &hash, generation, &other, &out), S_OK);
            add(roster);
        }
        assert_int_equal(roster_authority(roster)->generation, generation);
    }
}

static void members_make(struct roster *roster, bool has_chain)
{
    struct hash kept = admit(roster, &hub, NULL, NODE_HUB);

    admit(roster, &centre, &hub, NODE_NATIONAL);
    admit(roster, &campus, &centre, NODE_CAMPUS);
    if (has_chain) {
        chain_make(roster, &kept);
    }
}

static void check(bool has_chain, bool has_anchor)
{
    struct roster *roster = roster_new(&federation_id, founder.sign_public), *newcomer = roster_new(&federation_id, founder.sign_public);
    struct bytes *statements = calloc(STATEMENTS_MAX, sizeof *statements);
    struct federation federation = {.id = federation_id, .name = "Test"};
    struct message message = {.type = MESSAGE_WELCOME};
    struct buffer frame;

    members_make(roster, has_chain);
    if (has_anchor) {
        roster_anchor(newcomer, &roster_authority(roster)->hash);
    }
    welcome_fill(roster, &federation, &campus.node, statements, &message.welcome);
    buffer_init(&frame);
    assert_int_equal(message_encode(&message, &frame), S_OK);
    assert_true(frame.size <= FRAME_SIZE_MAX);
    for (size_t i = 0; i < message.welcome.count; i++) {
        assert_int_equal(roster_add(newcomer, statements[i], NULL), S_OK);
    }
    assert_non_null(roster_find(newcomer, &campus.node));
    assert_int_equal(roster_authority(newcomer)->generation, roster_authority(roster)->generation);
    buffer_release(&frame);
    roster_free(newcomer);
    roster_free(roster);
    free(statements);
}

static void the_line_up_to_the_authority_is_given(void **state)
{
    (void)state;
    check(false, false);
}

static void forty_presidencies_fit_a_frame_and_the_anchor_is_among_the_newest(void **state)
{
    (void)state;
    check(true, true);
}

/* It follows a node that was put out without a successor first. */
static void whom_the_newcomer_follows_is_told(void **state)
{
    struct roster *roster = roster_new(&federation_id, founder.sign_public), *newcomer = roster_new(&federation_id, founder.sign_public);
    struct bytes *statements = calloc(STATEMENTS_MAX, sizeof *statements);
    struct federation federation = {.id = federation_id, .name = "Test"};
    struct welcome_message welcome;
    struct signer by = key_signer(&centre, 0);
    (void)state;

    members_make(roster, false);
    admit(roster, &keys[0], &centre, NODE_CAMPUS);
    for (uint64_t at_ms = 10; at_ms <= 20; at_ms += 10) {
        struct revoke_terms terms = {.successor = at_ms == 20 ? campus.node : (struct id){{0}}};
        buffer_clear(&out);
        assert_int_equal(statement_revoke(&federation_id, &keys[0].node, at_ms, &terms, &by, &out), S_OK);
        add(roster);
    }
    welcome_fill(roster, &federation, &campus.node, statements, &welcome);
    for (size_t i = 0; i < welcome.count; i++) {
        assert_int_equal(roster_add(newcomer, statements[i], NULL), S_OK);
    }
    assert_true(id_equal(&roster_standing(newcomer, &keys[0].node)->node, &campus.node));
    welcome_fill(roster, &federation, &hub.node, statements, &welcome);
    assert_int_equal(welcome.count, 1); /* nobody else */
    roster_free(newcomer);
    roster_free(roster);
    free(statements);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_up_to_the_authority_is_given),
        cmocka_unit_test(whom_the_newcomer_follows_is_told),
        cmocka_unit_test(forty_presidencies_fit_a_frame_and_the_anchor_is_among_the_newest),
    };

    identity_make(&founder, 1);
    identity_make(&hub, 2);
    identity_make(&centre, 3);
    identity_make(&campus, 4);
    for (int i = 0; i < KEYS; i++) {
        identity_make(&keys[i], (uint8_t)(10 + i));
    }
    buffer_init(&out);
    int failures = KIT_RUN(tests);
    buffer_release(&out);
    return failures;
}
