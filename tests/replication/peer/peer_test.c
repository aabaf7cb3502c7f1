#include "replication/peer/peer.h"
#include "tests/kit/kit.h"
#include "tests/replication/peer/duet.h"

#include <string.h>

static void equal_stores_are_in_step_after_one_hello_each(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(duet_is_in_step(duet));
    assert_int_equal(duet->players[0].frames + duet->players[1].frames, 2);
    assert_true(duet->players[0].largest <= 100 && duet->players[1].largest <= 100);
    duet_free(duet);
}

static void results_go_up_and_a_course_comes_down(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet_write(duet, 1, TOPIC_RESULTS, "r", 41);
    duet_write(duet, 1, TOPIC_RESULTS, "r", 42);
    duet_write(duet, 0, TOPIC_CATALOGUE, "c", 1);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(duet_is_in_step(duet));
    assert_int_equal(duet_read(duet, 0, 1, TOPIC_RESULTS, "r"), 42);
    assert_int_equal(duet_read(duet, 1, 0, TOPIC_CATALOGUE, "c"), 1);
    duet_write(duet, 1, TOPIC_RESULTS, "r", 43);
    duet_changed(duet, 1);
    duet_run(duet, duet->now_ms + 600000);
    assert_int_equal(duet_read(duet, 0, 1, TOPIC_RESULTS, "r"), 43);
    duet_free(duet);
}

/* Who waits for an answer waits from when it asked, however long it was quiet before. */
static void an_hour_of_silence_in_step_is_no_reason_to_close(void **state)
{
    struct duet *duet = duet_new();
    struct hash object;
    (void)state;

    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    duet->now_ms += 3600 * 1000;
    duet_write(duet, 1, TOPIC_RESULTS, "r", 43);
    duet_changed(duet, 1);
    duet_run(duet, duet->now_ms + 600000);
    assert_false(duet->players[0].is_closed || duet->players[1].is_closed);
    assert_int_equal(duet_read(duet, 0, 1, TOPIC_RESULTS, "r"), 43);
    duet->now_ms += 3600 * 1000;
    object = duet_object(duet, 0, 500, 1); /* and an object that is asked for out of the silence */
    memory_store_want(duet->players[1].store, &object, 500);
    duet_changed(duet, 1);
    duet_run(duet, duet->now_ms + 600000);
    assert_false(duet->players[0].is_closed || duet->players[1].is_closed);
    duet_free(duet);
}

/* Some frames come with a byte changed. */
static bool some_bytes_flip(struct duet *duet, struct duet_frame *frame)
{
    struct kit_random *random = duet->filter_ctx;

    if (kit_random_below(random, 3) == 0) {
        frame->data[kit_random_below(random, frame->size)] ^= (uint8_t)(1u << kit_random_below(random, 8));
    }
    return true;
}

static void damaged_frames_never_harm_a_session(void **state)
{
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    for (int round = 0; round < 60; round++) {
        struct duet *duet = duet_new();
        struct hash object = duet_object(duet, 0, 40000, (uint8_t)round);
        memory_store_want(duet->players[1].store, &object, 40000);
        duet_write(duet, 1, TOPIC_RESULTS, "r", round);
        duet_write(duet, 0, TOPIC_CATALOGUE, "c", round);
        duet->filter = some_bytes_flip;
        duet->filter_ctx = &random;
        duet_open(duet);
        duet_run(duet, duet->now_ms + 120000);
        duet->filter = NULL;
        duet_open(duet);
        duet_run(duet, duet->now_ms + 120000);
        assert_true(duet_is_in_step(duet));
        assert_int_equal(duet_read(duet, 0, 1, TOPIC_RESULTS, "r"), round);
        assert_int_equal(duet_read(duet, 1, 0, TOPIC_CATALOGUE, "c"), round);
        duet_free(duet);
    }
}

static bool two_of_three_are_lost(struct duet *duet, struct duet_frame *frame)
{
    (void)frame;
    return kit_random_below(duet->filter_ctx, 3) == 0;
}

static void two_frames_of_three_lost_only_take_longer(void **state)
{
    struct duet *duet = duet_new();
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    duet->filter = two_of_three_are_lost;
    duet->filter_ctx = &random;
    duet_write(duet, 1, TOPIC_RESULTS, "r", 5);
    for (int attempt = 0; attempt < 20 && duet_read(duet, 0, 1, TOPIC_RESULTS, "r") != 5; attempt++) {
        duet_open(duet);
        duet_run(duet, duet->now_ms + 120000);
    }
    assert_int_equal(duet_read(duet, 0, 1, TOPIC_RESULTS, "r"), 5);
    duet_free(duet);
}

static void the_progress_counts_what_is_lacking_and_what_was_said(void **state)
{
    struct duet *duet = duet_new();
    struct hash nowhere = {{5}};
    (void)state;

    memory_store_want(duet->players[0].store, &nowhere, 77);
    duet_write(duet, 1, TOPIC_RESULTS, "r", 5);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    const struct peer_progress *hub = peer_progress(duet->players[0].peer);
    assert_int_equal(hub->we_lack_objects, 1);
    assert_int_equal(hub->we_lack_bytes, 77);
    assert_int_equal(hub->we_lack_streams, 0);
    assert_int_equal(hub->frames_out, duet->players[0].frames);
    assert_int_equal(hub->bytes_in, duet->players[1].bytes);
    assert_true(hub->rounds > 0);
    assert_int_equal(peer_progress(duet->players[1].peer)->they_lack_objects, 1);
    duet_free(duet);
}

static void a_busy_peer_sends_us_away_for_an_hour_at_most(void **state)
{
    static const uint32_t after_ms[] = {5000, UINT32_MAX};
    (void)state;

    for (size_t i = 0; i < 2; i++) {
        struct duet *duet = duet_new();
        struct message message = {.type = MESSAGE_RETRY, .retry = {after_ms[i]}};
        struct buffer frame;
        buffer_init(&frame);
        assert_int_equal(message_encode(&message, &frame), S_OK);
        duet_open(duet);
        duet_transcript(duet);
        duet_step(duet, 1, &(struct peer_event){.kind = EVENT_FRAME, .frame = buffer_bytes(&frame)});
        assert_true(duet->players[1].is_closed);
        assert_string_equal(duet_transcript(duet), i == 0 ? "campus closes, back in 5000 ms\n"
                                                          : "campus closes, back in 3600000 ms\n");
        buffer_release(&frame);
        duet_free(duet);
    }
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_stores_are_in_step_after_one_hello_each),
        cmocka_unit_test(results_go_up_and_a_course_comes_down),
        cmocka_unit_test(an_hour_of_silence_in_step_is_no_reason_to_close),
        cmocka_unit_test(a_busy_peer_sends_us_away_for_an_hour_at_most),
        cmocka_unit_test(damaged_frames_never_harm_a_session),
        cmocka_unit_test(two_frames_of_three_lost_only_take_longer),
        cmocka_unit_test(the_progress_counts_what_is_lacking_and_what_was_said),
    };
    return KIT_RUN(tests);
}
