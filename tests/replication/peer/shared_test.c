#include "replication/peer/activity.h"
#include "tests/kit/kit.h"
#include "tests/replication/peer/duet.h"

#include <string.h>

static void results_do_not_go_down(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet_write(duet, 0, TOPIC_RESULTS, "r", 1);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(duet_is_in_step(duet));
    assert_int_equal(duet_read(duet, 1, 0, TOPIC_RESULTS, "r"), -1);
    assert_int_equal(duet->players[0].frames + duet->players[1].frames, 2);
    duet_free(duet);
}

static void a_writer_that_nobody_knows_is_left_out(void **state)
{
    struct duet *duet = duet_new();
    struct stream_id stranger = {duet->federation->nodes[9].node, {{7}}, TOPIC_CATALOGUE};
    (void)state;

    duet_write_stream(duet, duet->players[0].store, &stranger, &duet->federation->nodes[9], "c", 1);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(duet_is_in_step(duet));
    assert_int_equal(duet->players[1].kinds[EFFECT_APPLY], 0);
    duet_free(duet);
}

static void of_a_revoked_writer_only_the_roster_topic_goes_on(void **state)
{
    struct duet *duet = duet_new();
    struct stream_id results = {duet->federation->nodes[2].node, {{7}}, TOPIC_RESULTS};
    struct stream_id roster = {duet->federation->nodes[2].node, {{7}}, TOPIC_ROSTER};
    struct buffer statement;
    (void)state;

    duet_write_stream(duet, duet->players[1].store, &results, &duet->federation->nodes[2], "r", 1);
    duet_write_stream(duet, duet->players[1].store, &roster, &duet->federation->nodes[2], "s", 1);
    buffer_init(&statement);
    federation_revoke(duet->federation, 2, 5000, FEDERATION_AUTHORITY, &statement);
    assert_int_equal(roster_add(duet->roster, buffer_bytes(&statement), NULL), S_OK);
    buffer_release(&statement);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(duet_is_in_step(duet));
    assert_int_equal(duet->players[0].kinds[EFFECT_APPLY], 1);
    struct bytes value;
    assert_true(memory_store_find(duet->players[0].store, &roster, bytes_text("s"), &value));
    assert_false(memory_store_find(duet->players[0].store, &results, bytes_text("r"), &value));
    duet_free(duet);
}

/* The end is lost with whoever had it: what is left before it is taken by nobody, so it is not compared either. */
static void less_than_the_end_of_a_revoked_writer_is_not_asked_for_again_and_again(void **state)
{
    struct duet *duet = duet_new();
    struct stream_id results = {duet->federation->nodes[2].node, {{7}}, TOPIC_RESULTS};
    struct stream_end end = {.stream = results, .seq = 9};
    struct revoke_terms terms = {.reason = "stolen", .ends = &end, .end_count = 1, .has_ends = true};
    struct signer signer = federation_signer(duet->federation, FEDERATION_AUTHORITY);
    struct buffer statement;
    (void)state;

    duet_write_stream(duet, duet->players[1].store, &results, &duet->federation->nodes[2], "r", 1);
    buffer_init(&statement);
    assert_int_equal(statement_revoke(&duet->federation->id, &results.node, 5000, &terms, &signer, &statement), S_OK);
    assert_int_equal(roster_add(duet->roster, buffer_bytes(&statement), NULL), S_OK);
    buffer_release(&statement);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(duet_is_in_step(duet));
    assert_int_equal(duet->players[0].kinds[EFFECT_APPLY] + duet->players[0].kinds[EFFECT_UNSTAGE], 0);
    assert_int_equal(duet->players[0].frames + duet->players[1].frames, 2);
    duet_free(duet);
}

static void a_revoked_peer_is_sent_away(void **state)
{
    struct duet *duet = duet_new();
    struct buffer statement;
    (void)state;

    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    buffer_init(&statement);
    federation_revoke(duet->federation, 1, 5000, FEDERATION_AUTHORITY, &statement);
    assert_int_equal(roster_add(duet->roster, buffer_bytes(&statement), NULL), S_OK);
    buffer_release(&statement);
    duet_changed(duet, 0);
    assert_true(duet->players[0].is_closed);
    duet_free(duet);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_do_not_go_down),
        cmocka_unit_test(a_writer_that_nobody_knows_is_left_out),
        cmocka_unit_test(of_a_revoked_writer_only_the_roster_topic_goes_on),
        cmocka_unit_test(less_than_the_end_of_a_revoked_writer_is_not_asked_for_again_and_again),
        cmocka_unit_test(a_revoked_peer_is_sent_away),
    };
    return KIT_RUN(tests);
}
