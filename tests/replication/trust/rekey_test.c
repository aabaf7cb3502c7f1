/* The three statements by which a node changes its keys: their forms, and what they refuse. */
#include <string.h>

#include "replication/trust/rekey.h"
#include "tests/kit/federation.h"
#include "tests/kit/kit.h"

static struct federation fed;
static struct buffer out;

static int start(void **state)
{
    (void)state;
    federation_make(&fed, 77);
    buffer_init(&out);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    buffer_release(&out);
    return 0;
}

static void rekey_write(uint32_t turn, int next)
{
    struct signer by = federation_signer(&fed, 1);
    struct rekey_terms terms = {
        .node = fed.nodes[1].node, .turn = turn, .next = &fed.nodes[next], .at_ms = 5000};

    buffer_clear(&out);
    assert_int_equal(statement_rekey(&fed.id, &terms, &by, &out), S_OK);
}

static void a_rekey_is_read_as_it_was_written(void **state)
{
    struct statement statement;

    (void)state;
    rekey_write(3, 9);
    assert_int_equal(statement_decode(buffer_bytes(&out), &statement, NULL), S_OK);
    assert_int_equal(statement.kind, STATEMENT_REKEY);
    assert_int_equal(statement.turn, 3);
    assert_int_equal(statement.at_ms, 5000);
    assert_memory_equal(statement.signer_public, fed.nodes[1].sign_public, SIGN_PUBLIC_SIZE);
    assert_memory_equal(statement.admitted.sign_public, fed.nodes[9].sign_public, SIGN_PUBLIC_SIZE);
    assert_memory_equal(statement.admitted.curve_public, fed.nodes[9].curve_public, CURVE_PUBLIC_SIZE);
}

static void no_bit_of_a_rekey_can_be_changed(void **state)
{
    struct statement statement;

    (void)state;
    rekey_write(1, 9);
    for (size_t bit = 0; bit < out.size * 8; bit++) {
        out.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(statement_decode(buffer_bytes(&out), &statement, NULL), S_OK);
        out.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void turns_have_a_limit(void **state)
{
    struct signer by = federation_signer(&fed, 1);
    struct rekey_terms terms = {.node = fed.nodes[1].node, .turn = ROSTER_TURNS_MAX, .next = &fed.nodes[9]};

    (void)state;
    buffer_clear(&out);
    assert_int_equal(statement_rekey(&fed.id, &terms, &by, &out), S_OK);
    terms.turn = ROSTER_TURNS_MAX + 1;
    assert_int_equal(statement_rekey(&fed.id, &terms, &by, &out), S_INVALID);
    terms.turn = 0;
    assert_int_equal(statement_rekey(&fed.id, &terms, &by, &out), S_INVALID);
}

/* Somebody who has the old key and not the new one cannot name it: the pledge is missing. */
static void a_key_that_one_has_not_cannot_be_claimed(void **state)
{
    struct identity pretended = fed.nodes[9];
    struct signer by = federation_signer(&fed, 1);
    struct rekey_terms terms = {.node = fed.nodes[1].node, .turn = 1, .next = &pretended};
    struct statement statement;

    (void)state;
    memcpy(pretended.sign_secret, fed.nodes[8].sign_secret, sizeof pretended.sign_secret);
    buffer_clear(&out);
    assert_int_equal(statement_rekey(&fed.id, &terms, &by, &out), S_OK);
    assert_int_equal(statement_decode(buffer_bytes(&out), &statement, NULL), S_BAD_SIGNATURE);
}

static void a_grant_names_what_it_admits(void **state)
{
    struct signer by = federation_signer(&fed, 0);
    struct hash about = {{7}}, none = {{0}};
    struct statement statement;

    (void)state;
    buffer_clear(&out);
    assert_int_equal(statement_grant(&fed.id, &fed.nodes[1].node, &none, 1, &by, &out), S_INVALID);
    assert_int_equal(statement_grant(&fed.id, &fed.nodes[1].node, &about, 6000, &by, &out), S_OK);
    assert_int_equal(statement_decode(buffer_bytes(&out), &statement, NULL), S_OK);
    assert_true(statement.kind == STATEMENT_GRANT && hash_equal(&statement.about, &about) &&
                statement.at_ms == 6000);
}

/* The largest one there can be fits a statement; one more end, or one more hash, is refused. */
static void a_close_holds_as_much_as_its_limits_say(void **state)
{
    static struct stream_end ends[STATEMENT_ENDS_MAX];
    static uint8_t kept[(CLOSE_KEPT_MAX + 1) * sizeof(struct hash)];
    struct signer by = federation_signer(&fed, 9);
    struct close_terms terms = {.node = fed.nodes[1].node,
                                .turn = ROSTER_TURNS_MAX,
                                .ends = ends,
                                .end_count = STATEMENT_ENDS_MAX,
                                .has_kept = true,
                                .kept = bytes_of(kept, CLOSE_KEPT_MAX * sizeof(struct hash)),
                                .at_ms = UINT64_MAX};
    struct statement statement;
    struct stream_end end;

    (void)state;
    for (size_t i = 0; i < STATEMENT_ENDS_MAX; i++) {
        ends[i] = (struct stream_end){.stream = {fed.nodes[1].node, {{(uint8_t)i}}, TOPIC_RESULTS},
                                      .seq = SEQ_MAX,
                                      .digest = {{(uint8_t)i}}};
    }
    for (size_t i = 0; i <= CLOSE_KEPT_MAX; i++) {
        kept[i * sizeof(struct hash)] = (uint8_t)i;
    }
    buffer_clear(&out);
    assert_int_equal(statement_close(&fed.id, &terms, &by, &out), S_OK);
    assert_true(out.size <= STATEMENT_SIZE_MAX);
    assert_int_equal(statement_decode(buffer_bytes(&out), &statement, NULL), S_OK);
    assert_true(statement_end(&statement, &ends[STATEMENT_ENDS_MAX - 1].stream, &end) && end.seq == SEQ_MAX);
    struct hash first = {{0}}, other = {{CLOSE_KEPT_MAX}};
    assert_true(rekey_keeps(&statement, &first) && !rekey_keeps(&statement, &other));
    terms.end_count++;
    assert_int_equal(statement_close(&fed.id, &terms, &by, &out), S_INVALID);
    terms.end_count--;
    terms.kept.size += sizeof(struct hash);
    assert_int_equal(statement_close(&fed.id, &terms, &by, &out), S_INVALID);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_rekey_is_read_as_it_was_written, start, stop),
        cmocka_unit_test_setup_teardown(no_bit_of_a_rekey_can_be_changed, start, stop),
        cmocka_unit_test_setup_teardown(turns_have_a_limit, start, stop),
        cmocka_unit_test_setup_teardown(a_key_that_one_has_not_cannot_be_claimed, start, stop),
        cmocka_unit_test_setup_teardown(a_grant_names_what_it_admits, start, stop),
        cmocka_unit_test_setup_teardown(a_close_holds_as_much_as_its_limits_say, start, stop),
    };
    return KIT_RUN(tests);
}
