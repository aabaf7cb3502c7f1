#include "replication/peer/activity.h"
#include "replication/peer/adopt.h"
#include "tests/kit/kit.h"
#include "tests/replication/peer/duet.h"

#include <string.h>

/* The campus holds results of another hub (node 3), by a right of before: the hub may hold them, the campus
 * not any more. */
static struct stream_id legacy_of(const struct duet *duet, uint8_t number)
{
    return (struct stream_id){duet->federation->nodes[3].node, {{7, number}}, TOPIC_RESULTS};
}

static void legacy_write(struct duet *duet, int who, uint8_t number, const char *key, int64_t value)
{
    struct stream_id stream = legacy_of(duet, number);

    duet_write_stream(duet, duet->players[who].store, &stream, &duet->federation->nodes[3], key, value);
}

static bool hub_has(const struct duet *duet, uint8_t number, const char *key)
{
    struct stream_id stream = legacy_of(duet, number);
    struct bytes value;

    return memory_store_find(duet->players[0].store, &stream, bytes_text(key), &value);
}

static void open_and_run(struct duet *duet)
{
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(duet_is_in_step(duet));
}

static void what_is_held_by_a_right_of_before_goes_to_who_may_hold_it(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    legacy_write(duet, 1, 0, "r", 5);
    open_and_run(duet);
    assert_true(hub_has(duet, 0, "r"));
    assert_int_equal(duet->players[0].kinds[EFFECT_APPLY], 1);
    assert_int_equal(duet->players[1].kinds[EFFECT_HELD], 1);
    duet_free(duet);
}

static void it_is_offered_once_and_then_costs_nothing(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    legacy_write(duet, 1, 0, "r", 5);
    open_and_run(duet);
    size_t frames = duet->players[0].frames + duet->players[1].frames;
    open_and_run(duet);
    assert_int_equal(duet->players[0].frames + duet->players[1].frames, frames + 2);
    duet_free(duet);
}

static void who_has_it_already_says_so_and_takes_nothing(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    legacy_write(duet, 1, 0, "r", 5);
    legacy_write(duet, 0, 0, "r", 5);
    legacy_write(duet, 0, 0, "later", 6);
    open_and_run(duet);
    assert_int_equal(duet->players[0].kinds[EFFECT_APPLY] + duet->players[1].kinds[EFFECT_APPLY], 0);
    assert_int_equal(duet->players[1].kinds[EFFECT_HELD], 1);
    duet_free(duet);
}

static void who_has_less_of_it_takes_the_rest(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    legacy_write(duet, 1, 0, "r", 5);
    legacy_write(duet, 0, 0, "r", 5);
    legacy_write(duet, 1, 0, "later", 6);
    open_and_run(duet);
    assert_true(hub_has(duet, 0, "later"));
    duet_free(duet);
}

static void what_the_hub_holds_does_not_go_down(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    legacy_write(duet, 0, 0, "r", 5);
    open_and_run(duet);
    assert_int_equal(duet->players[1].kinds[EFFECT_APPLY], 0);
    assert_int_equal(duet->players[0].frames + duet->players[1].frames, 2);
    duet_free(duet);
}

/* Results of the campus come in the same session: neither waits for the other, and a greeting in between
 * drops nothing. */
static void it_comes_beside_what_both_may_hold(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    legacy_write(duet, 1, 0, "r", 5);
    duet_write(duet, 1, TOPIC_RESULTS, "own", 1);
    duet_open(duet);
    for (int i = 0; i < 40; i++) {
        duet_run(duet, duet->now_ms + 7);
        duet_write(duet, 1, TOPIC_RESULTS, "own", 2 + i);
        duet_changed(duet, 1);
    }
    duet_run(duet, duet->now_ms + 600000);
    assert_true(duet_is_in_step(duet));
    assert_true(hub_has(duet, 0, "r"));
    assert_int_equal(duet_read(duet, 0, 1, TOPIC_RESULTS, "own"), 41);
    duet_free(duet);
}

/* Every second frame of the hub is lost: the next session brings the rest. */
static bool is_unlucky(struct duet *duet, struct duet_frame *frame)
{
    size_t *count = duet->filter_ctx;

    return frame->to == 0 || (*count)++ % 2 == 0;
}

static void a_lost_word_costs_a_session_and_no_more(void **state)
{
    struct duet *duet = duet_new();
    size_t count = 0;
    (void)state;

    duet->filter = is_unlucky;
    duet->filter_ctx = &count;
    legacy_write(duet, 1, 0, "r", 5);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    duet->filter = NULL;
    open_and_run(duet);
    assert_true(hub_has(duet, 0, "r"));
    duet_free(duet);
}

static void more_than_one_message_holds_come_in_parts(void **state)
{
    struct duet *duet = duet_new();
    struct stream_id stream;
    (void)state;

    for (unsigned i = 0; i <= ENTRIES_PER_PART; i++) {
        stream = (struct stream_id){
            duet->federation->nodes[3].node, {{8, (uint8_t)(i >> 8), (uint8_t)i}}, TOPIC_RESULTS};
        duet_write_stream(duet, duet->players[1].store, &stream, &duet->federation->nodes[3], "r", i);
    }
    open_and_run(duet);
    assert_int_equal(duet->players[0].kinds[EFFECT_APPLY], ENTRIES_PER_PART + 1);
    assert_int_equal(duet->players[1].kinds[EFFECT_HELD], ENTRIES_PER_PART + 1);
    duet_free(duet);
}

/* Its machine is gone, and what is left is short of the end that its revocation names: nobody takes that, so
 * nobody is asked. */
static void what_is_short_of_the_end_of_a_revoked_writer_is_not_offered(void **state)
{
    struct duet *duet = duet_new();
    struct stream_id stream = legacy_of(duet, 0);
    struct stream_end end = {.stream = stream, .seq = 2};
    struct revoke_terms terms = {.reason = "stolen", .ends = &end, .end_count = 1, .has_ends = true};
    struct signer signer = federation_signer(duet->federation, FEDERATION_AUTHORITY);
    struct buffer statement;
    (void)state;

    legacy_write(duet, 1, 0, "r", 5);
    buffer_init(&statement);
    assert_int_equal(statement_revoke(&duet->federation->id, &stream.node, 5000, &terms, &signer, &statement),
                     S_OK);
    assert_int_equal(roster_add(duet->roster, buffer_bytes(&statement), NULL), S_OK);
    buffer_release(&statement);
    open_and_run(duet);
    assert_int_equal(duet->players[0].frames + duet->players[1].frames, 2);
    duet_free(duet);
}

/* What counts it is there: it is not needed, and not offered again. */
static void what_the_other_counts_in_a_later_stream_is_acknowledged(void **state)
{
    struct duet *duet = duet_new();
    struct adopt_plan plan = {.living = legacy_of(duet, 1), .count = 1};
    (void)state;

    legacy_write(duet, 1, 0, "r", 5);
    legacy_write(duet, 0, 0, "r", 5);
    legacy_write(duet, 0, 1, "later", 6);
    plan.items[0] = (struct adopt_choice){legacy_of(duet, 0), 1, 1};
    assert_int_equal(memory_store_adopt(duet->players[0].store, &plan, &duet->federation->nodes[3], 2), S_OK);
    memory_store_flush(duet->players[0].store);
    open_and_run(duet);
    assert_int_equal(duet->players[0].kinds[EFFECT_APPLY], 0);
    assert_int_equal(duet->players[1].kinds[EFFECT_HELD], 1);
    size_t frames = duet->players[0].frames + duet->players[1].frames;
    open_and_run(duet);
    assert_int_equal(duet->players[0].frames + duet->players[1].frames, frames + 2);
    duet_free(duet);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_other_counts_in_a_later_stream_is_acknowledged),
        cmocka_unit_test(what_is_held_by_a_right_of_before_goes_to_who_may_hold_it),
        cmocka_unit_test(it_is_offered_once_and_then_costs_nothing),
        cmocka_unit_test(who_has_it_already_says_so_and_takes_nothing),
        cmocka_unit_test(who_has_less_of_it_takes_the_rest),
        cmocka_unit_test(what_the_hub_holds_does_not_go_down),
        cmocka_unit_test(it_comes_beside_what_both_may_hold),
        cmocka_unit_test(a_lost_word_costs_a_session_and_no_more),
        cmocka_unit_test(more_than_one_message_holds_come_in_parts),
        cmocka_unit_test(what_is_short_of_the_end_of_a_revoked_writer_is_not_offered),
    };
    return KIT_RUN(tests);
}
