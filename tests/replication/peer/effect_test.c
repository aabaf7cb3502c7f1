#include "replication/peer/activity.h"
#include "tests/kit/kit.h"
#include "tests/replication/peer/duet.h"

static void a_small_bulk_frame_costs_the_minimum(void **state)
{
    (void)state;
    assert_int_equal(bulk_cost(1), BULK_COST_MIN);
    assert_int_equal(bulk_cost(BULK_COST_MIN), BULK_COST_MIN);
    assert_int_equal(bulk_cost(BULK_COST_MIN + 1), BULK_COST_MIN + 1);
    assert_int_equal(bulk_cost(FRAME_SIZE_MAX), FRAME_SIZE_MAX);
}

static void who_is_refused_too_often_is_sent_away_for_a_while(void **state)
{
    struct duet *duet = duet_new();
    struct peer_event garbage = {.kind = EVENT_FRAME, .frame = bytes_text("\x01nonsense")};
    (void)state;

    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    for (int i = 1; i < REFUSALS_MAX; i++) {
        duet_step(duet, 0, &garbage);
        assert_false(duet->players[0].is_closed);
    }
    duet_step(duet, 0, &garbage);
    assert_true(duet->players[0].is_closed);
    assert_int_equal(duet->players[0].kinds[EFFECT_REFUSED], REFUSALS_MAX);
    assert_int_equal(peer_progress(duet->players[0].peer)->refused, REFUSALS_MAX);
    duet_free(duet);
}

static void a_closed_session_says_nothing_more(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    duet_step(duet, 1, &(struct peer_event){.kind = EVENT_CLOSED});
    size_t frames = duet->players[1].frames;
    duet_write(duet, 1, TOPIC_RESULTS, "r", 1);
    duet_changed(duet, 1);
    duet_run(duet, duet->now_ms + 600000);
    assert_int_equal(duet->players[1].frames, frames);
    duet_free(duet);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_bulk_frame_costs_the_minimum),
        cmocka_unit_test(who_is_refused_too_often_is_sent_away_for_a_while),
        cmocka_unit_test(a_closed_session_says_nothing_more),
    };
    return KIT_RUN(tests);
}
