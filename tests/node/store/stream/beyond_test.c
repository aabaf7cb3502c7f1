/* A hub, two centres below it, a campus below the first: what the second may say of whom, and is told of. */
#include "node/store/stream/beyond.h"

#include <string.h>

#include "replication/stream/fork.h"
#include "tests/kit/federation.h"
#include "tests/kit/kit.h"

enum { HUB, CENTRE, OTHER, CAMPUS, WHO_COUNT, NOBODY = WHO_COUNT };

struct fixture {
    struct federation federation;
    struct roster *roster;
    struct buffer key, value;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    federation_make(&fixture->federation, 77); /* another than those of other tests: a process remembers what it judged */
    fixture->roster = roster_new(&fixture->federation.id, fixture->federation.authority.sign_public);
    federation_enter(&fixture->federation, fixture->roster, HUB, FEDERATION_AUTHORITY, NODE_HUB);
    federation_enter(&fixture->federation, fixture->roster, CENTRE, HUB, NODE_NATIONAL);
    federation_enter(&fixture->federation, fixture->roster, OTHER, HUB, NODE_NATIONAL);
    federation_enter(&fixture->federation, fixture->roster, CAMPUS, CENTRE, NODE_CAMPUS);
    buffer_init(&fixture->key), buffer_init(&fixture->value);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    roster_free(fixture->roster);
    buffer_release(&fixture->key), buffer_release(&fixture->value);
    test_free(fixture);
    return 0;
}

static void key_of(struct fixture *fixture, const char *kind, int about)
{
    char hex[ID_HEX_SIZE];

    id_hex(&fixture->federation.nodes[about].node, hex);
    buffer_clear(&fixture->key);
    buffer_append(&fixture->key, kind, strlen(kind));
    buffer_append_u8(&fixture->key, 0x1f);
    buffer_append(&fixture->key, hex, strlen(hex));
}

/* The cell of that kind about `about`, of `writer`: who is told of; NOBODY. */
static int said(struct fixture *fixture, int writer, struct bytes content, bool is_told)
{
    struct beyond beyond;
    struct id who;
    int found = NOBODY;

    buffer_clear(&fixture->value);
    cell_value_register(&fixture->value, 99, content);
    struct cell cell = {.seq = 1, .key = buffer_bytes(&fixture->key), .value = buffer_bytes(&fixture->value)};
    beyond_init(&beyond);
    beyond_note_word(&beyond, &fixture->federation.id, &fixture->federation.nodes[writer].node, &cell, is_told);
    while (beyond_next(&beyond, fixture->roster, &who)) {
        for (int i = 0; i < WHO_COUNT; i++) {
            found = id_equal(&who, &fixture->federation.nodes[i].node) ? i : found;
        }
        assert_int_not_equal(found, NOBODY);
    }
    beyond_release(&beyond);
    return found;
}

static void who_sets_aside_or_settles_what_it_does_not_stand_above_is_told_once(void **state)
{
    static const char *const kinds[] = {"quarantine", "settle"};
    struct fixture *fixture = *state;

    for (int i = 0; i < 2; i++) {
        struct bytes content = i == 0 ? bytes_text("\x01why") : bytes_text("12345678");
        key_of(fixture, kinds[i], CAMPUS);
        assert_int_equal(said(fixture, OTHER, content, false), OTHER);
        assert_int_equal(said(fixture, OTHER, content, false), NOBODY); /* the next reading */
        assert_int_equal(said(fixture, CENTRE, content, false), NOBODY);
        assert_int_equal(said(fixture, HUB, content, false), NOBODY);
        key_of(fixture, kinds[i], HUB);
        assert_int_equal(said(fixture, OTHER, content, true), NOBODY); /* at the first reading of a process */
        assert_int_equal(said(fixture, OTHER, content, false), NOBODY);
        assert_int_equal(said(fixture, CENTRE, content, false), CENTRE);
    }
    key_of(fixture, "mirror", HUB);
    assert_int_equal(said(fixture, OTHER, bytes_text("?"), false), NOBODY);
}

static void who_publishes_a_proof_that_its_subject_did_not_sign_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct fork fork = {.kind = FORK_SAME_SEQ};
    struct stream_head head = {.stream = {.node = fixture->federation.nodes[CENTRE].node, .topic = TOPIC_RESULTS}, .seq = 7, .count = 1};
    struct buffer proof;

    buffer_init(&proof);
    key_of(fixture, "fork", CENTRE);
    for (int signer = CENTRE; signer <= OTHER; signer++) {
        for (uint8_t i = 0; i < 2; i++) {
            head.digest.b[0] = i;
            fork.certificates[i] = certificate_sign(&fixture->federation.id, &head, fixture->federation.nodes[signer].sign_secret);
        }
        buffer_clear(&proof);
        fork_encode(&fork, &proof);
        assert_int_equal(said(fixture, OTHER, buffer_bytes(&proof), false), signer == CENTRE ? NOBODY : OTHER);
    }
    assert_int_equal(said(fixture, OTHER, bytes_text("\x01nothing"), false), OTHER);
    assert_int_equal(said(fixture, OTHER, bytes_text("\x09of a later version"), false), NOBODY);
    buffer_release(&proof);
}

static void statements_are_asked_of_the_roster(void **state)
{
    struct fixture *fixture = *state;
    struct beyond beyond;
    struct buffer statement;
    struct id who;

    buffer_init(&statement);
    beyond_init(&beyond);
    for (int signer = HUB; signer <= OTHER; signer++) {
        federation_revoke(&fixture->federation, CAMPUS, 9000, signer, &statement);
        assert_int_equal(roster_add(fixture->roster, buffer_bytes(&statement), NULL), S_OK);
        beyond_note_statement(&beyond, buffer_bytes(&statement));
    }
    assert_true(beyond_next(&beyond, fixture->roster, &who));
    assert_true(id_equal(&who, &fixture->federation.nodes[OTHER].node));
    assert_false(beyond_next(&beyond, fixture->roster, &who));
    beyond_release(&beyond);
    buffer_release(&statement);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_sets_aside_or_settles_what_it_does_not_stand_above_is_told_once, setup, teardown),
        cmocka_unit_test_setup_teardown(who_publishes_a_proof_that_its_subject_did_not_sign_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(statements_are_asked_of_the_roster, setup, teardown),
    };
    return KIT_RUN(tests);
}
