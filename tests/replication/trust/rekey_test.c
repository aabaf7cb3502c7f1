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

/* --- a CLOSE in the place of another ---------------------------------------------------------------------- */

static struct stream_end end_of(uint8_t incarnation, uint64_t seq)
{
    return (struct stream_end){{fed.nodes[1].node, {{incarnation}}, TOPIC_RESULTS}, seq, {{incarnation, (uint8_t)seq}}};
}

/* One that names the streams first..first + count - 1 at seq, and keeps as many statements. */
static struct close_terms terms_of(uint8_t first, uint8_t count, uint64_t seq)
{
    static struct stream_end ends[2][STATEMENT_ENDS_MAX];
    static struct hash kept[2][CLOSE_KEPT_MAX];
    int which = seq > 5;

    for (uint8_t i = 0; i < count; i++) {
        ends[which][i] = end_of((uint8_t)(first + i), seq);
        kept[which][i % CLOSE_KEPT_MAX] = (struct hash){{(uint8_t)(first + i)}};
    }
    return (struct close_terms){.node = fed.nodes[1].node,
                                .turn = 2,
                                .ends = ends[which],
                                .end_count = count,
                                .has_kept = true,
                                .kept = bytes_of(kept[which], count * sizeof(struct hash)),
                                .at_ms = 7000};
}

static enum status amend(const struct close_terms *first, const struct close_terms *more, struct statement *statement_out)
{
    struct signer by = federation_signer(&fed, 9);
    struct buffer closing;

    buffer_init(&closing);
    buffer_clear(&out);
    assert_int_equal(statement_close(&fed.id, first, &by, &closing), S_OK);
    enum status status = statement_amend(&fed.id, buffer_bytes(&closing), more, &by, &out);
    buffer_release(&closing);
    if (status == S_OK) {
        assert_int_equal(statement_decode(buffer_bytes(&out), statement_out, NULL), S_OK);
    }
    return status;
}

static bool names(const struct statement *closing, uint8_t incarnation, uint64_t seq)
{
    struct stream_end end = end_of(incarnation, seq);
    const struct stream_head head = {.stream = end.stream, .seq = seq, .digest = end.digest};

    return rekey_names(closing, &head, true);
}

/* What the first one says stays; of a stream that both name the later end holds; its stamp is the earlier one, so that it counts. */
static void a_close_in_the_place_of_another_says_what_both_say(void **state)
{
    struct close_terms first = terms_of(1, 2, 5), more = terms_of(2, 2, 8);
    struct statement both;
    struct hash hash;

    (void)state;
    assert_int_equal(amend(&first, &more, &both), S_OK);
    assert_true(both.kind == STATEMENT_CLOSE && both.turn == 2 && both.at_ms == 6999 && both.end_count == 3);
    assert_true(names(&both, 1, 5) && names(&both, 2, 8) && names(&both, 3, 8));
    assert_true(names(&both, 2, 5) && !names(&both, 1, 6) && !names(&both, 4, 1)); /* below an end; above; no such stream */
    struct stream_head fork = {.stream = end_of(3, 8).stream, .seq = 8, .digest = {{9, 9}}};
    assert_false(rekey_names(&both, &fork, true));
    for (uint8_t i = 0; i < 5; i++) {
        hash = (struct hash){{i}};
        assert_int_equal(rekey_keeps(&both, &hash), i >= 1 && i <= 3);
    }
    assert_int_equal(both.kept.size, 3 * sizeof hash);
    struct stream_end end = statement_end_at(&both, 0);
    assert_true(id_equal(&end.stream.node, &fed.nodes[1].node) && end.seq == 5 && end.stream.incarnation.b[0] == 1 && end.digest.b[1] == 5);
}

static void a_close_in_the_place_of_another_has_the_limits_of_one(void **state)
{
    struct close_terms first = terms_of(1, CLOSE_KEPT_MAX - 1, 5), more = terms_of(CLOSE_KEPT_MAX, 1, 8);
    struct statement both;

    (void)state;
    assert_int_equal(amend(&first, &more, &both), S_OK);
    assert_int_equal(both.kept.size, CLOSE_KEPT_MAX * sizeof(struct hash));
    more = terms_of(CLOSE_KEPT_MAX, 2, 8);
    assert_int_equal(amend(&first, &more, &both), S_TOO_LARGE); /* one statement more than one keeps */
    first = terms_of(1, STATEMENT_ENDS_MAX - 1, 5), first.kept.size = 0;
    more = terms_of(STATEMENT_ENDS_MAX, 1, 8), more.kept.size = 0;
    assert_int_equal(amend(&first, &more, &both), S_OK);
    assert_int_equal(both.end_count, STATEMENT_ENDS_MAX);
    more = terms_of(STATEMENT_ENDS_MAX, 2, 8), more.kept.size = 0;
    assert_int_equal(amend(&first, &more, &both), S_TOO_LARGE); /* one stream more */
}

/* Where stamps decide what stays, an earlier one would make something void. */
static void a_close_without_a_list_has_none_in_its_place(void **state)
{
    struct close_terms first = terms_of(1, 1, 5), more = terms_of(2, 1, 8);
    struct statement both;

    (void)state;
    first.has_kept = false, first.kept.size = 0;
    assert_int_equal(amend(&first, &more, &both), S_INVALID);
    first = terms_of(1, 1, 5), first.at_ms = 0;
    assert_int_equal(amend(&first, &more, &both), S_INVALID); /* nothing is earlier */
    first.at_ms = 1;
    assert_int_equal(amend(&first, &more, &both), S_OK);
    rekey_write(1, 9);
    struct buffer rekey = out;
    struct signer by = federation_signer(&fed, 9);
    buffer_init(&out);
    assert_int_equal(statement_amend(&fed.id, buffer_bytes(&rekey), &more, &by, &out), S_INVALID);
    buffer_release(&rekey);
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
        cmocka_unit_test_setup_teardown(a_close_in_the_place_of_another_says_what_both_say, start, stop),
        cmocka_unit_test_setup_teardown(a_close_in_the_place_of_another_has_the_limits_of_one, start, stop),
        cmocka_unit_test_setup_teardown(a_close_without_a_list_has_none_in_its_place, start, stop),
    };
    return KIT_RUN(tests);
}
