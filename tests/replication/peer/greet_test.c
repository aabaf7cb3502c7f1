#include "replication/peer/activity.h"
#include "tests/kit/kit.h"
#include "tests/replication/peer/duet.h"

#include <stdlib.h>
#include <string.h>

static bool first_is_lost(struct duet *duet, struct duet_frame *frame)
{
    size_t *left = duet->filter_ctx;

    (void)frame;
    if (*left == 0) {
        return true;
    }
    --*left;
    return false;
}

static void lost_greetings_are_repeated(void **state)
{
    struct duet *duet = duet_new();
    size_t lost = 3;
    (void)state;

    duet->filter = first_is_lost;
    duet->filter_ctx = &lost;
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(duet_is_in_step(duet));
    assert_int_equal(lost, 0);
    duet_free(duet);
}

static void a_change_that_the_other_may_not_see_says_nothing(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    size_t frames = duet->players[0].frames;
    duet_write(duet, 0, TOPIC_RESULTS, "r", 1);
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 600000);
    assert_int_equal(duet->players[0].frames, frames);
    assert_true(duet_is_in_step(duet));
    duet_free(duet);
}

static void many_changes_at_once_are_one_round(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    for (int i = 0; i < 50; i++) {
        duet_write(duet, 1, TOPIC_RESULTS, "r", i);
        duet_changed(duet, 1);
    }
    duet_run(duet, duet->now_ms + 600000);
    assert_int_equal(duet_read(duet, 0, 1, TOPIC_RESULTS, "r"), 49);
    assert_int_equal(duet->players[0].kinds[EFFECT_APPLY], 1);
    duet_free(duet);
}

static void both_may_change_while_the_greetings_cross(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet_open(duet);
    duet_write(duet, 0, TOPIC_CATALOGUE, "c", 1);
    duet_write(duet, 1, TOPIC_CATALOGUE, "c", 2);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(duet_is_in_step(duet));
    assert_int_equal(duet_read(duet, 1, 0, TOPIC_CATALOGUE, "c"), 1);
    assert_int_equal(duet_read(duet, 0, 1, TOPIC_CATALOGUE, "c"), 2);
    duet_free(duet);
}

/* `who` greets, and before the answer comes it holds what the other held when it answered: it is in step, and the other must not compare until a timer. */
static void who_comes_in_step_before_the_answer_says_so(void **state)
{
    for (int who = 0; who < 2; who++) {
        struct duet *duet = duet_new();
        struct stream_id stream = duet_stream(duet, 0, TOPIC_CATALOGUE);
        (void)state;

        duet_open(duet);
        duet_run(duet, duet->now_ms + 10000);
        duet_step(duet, who, &(struct peer_event){.kind = EVENT_CLOSED});
        duet_step(duet, who, &(struct peer_event){.kind = EVENT_OPEN});
        for (int at = 0; at < 2; at++) {
            duet_write_stream(duet, duet->players[at].store, &stream, duet->players[0].identity, "c", 1);
        }
        duet_run(duet, duet->now_ms + 500);
        assert_true(duet_is_in_step(duet));
        duet_free(duet);
    }
}

/* `who` changes behind its greeting: the other took that for the answer to its own, and is told once more. */
static void who_changes_while_the_greetings_cross(void **state)
{
    for (int who = 0; who < 2; who++) {
        struct duet *duet = duet_new();
        (void)state;

        duet_open(duet);
        duet_write(duet, who, TOPIC_CATALOGUE, "c", 1);
        duet_run(duet, duet->now_ms + 500);
        assert_true(duet_is_in_step(duet));
        assert_int_equal(duet_read(duet, 1 - who, who, TOPIC_CATALOGUE, "c"), 1);
        duet_free(duet);
    }
}

static bool keep_for_later(struct duet *duet, struct duet_frame *frame)
{
    struct duet_frame *kept = duet->filter_ctx;

    if (kept->data == NULL && frame->to == 0) {
        *kept = *frame;
        kept->data = malloc(frame->size);
        assert_non_null(kept->data);
        memcpy(kept->data, frame->data, frame->size);
    }
    return true;
}

/* A HELLO of an earlier connection is answered, and the answer is not taken for one to ours. */
static void a_greeting_from_an_earlier_life_does_no_harm(void **state)
{
    struct duet *duet = duet_new();
    struct duet_frame kept = {0};
    (void)state;

    duet->filter = keep_for_later;
    duet->filter_ctx = &kept;
    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    duet_write(duet, 1, TOPIC_RESULTS, "r", 5);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    struct peer_event stray = {.kind = EVENT_FRAME, .frame = bytes_of(kept.data, kept.size)};
    duet_step(duet, 0, &stray);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(duet_is_in_step(duet));
    assert_int_equal(duet_read(duet, 0, 1, TOPIC_RESULTS, "r"), 5);
    free(kept.data);
    duet_free(duet);
}

static bool nothing_comes_through(struct duet *duet, struct duet_frame *frame)
{
    (void)duet, (void)frame;
    return false;
}

static void silence_ends_the_session(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet->filter = nothing_comes_through;
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(duet->players[0].is_closed && duet->players[1].is_closed);
    assert_true(duet->players[0].frames < 20);
    duet_free(duet);
}

static bool first_vector_is_lost(struct duet *duet, struct duet_frame *frame)
{
    bool *is_lost = duet->filter_ctx;
    bool is_first = frame->data[1] == MESSAGE_VECTOR && !*is_lost;

    *is_lost = *is_lost || is_first;
    return !is_first;
}

static void courses_are_found_by_comparison_when_their_announcement_is_lost(void **state)
{
    struct duet *duet = duet_new();
    bool is_lost = false;
    (void)state;

    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    duet->filter = first_vector_is_lost;
    duet->filter_ctx = &is_lost;
    duet_write(duet, 0, TOPIC_CATALOGUE, "c", 1);
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(is_lost);
    assert_true(duet_is_in_step(duet));
    assert_int_equal(duet_read(duet, 1, 0, TOPIC_CATALOGUE, "c"), 1);
    duet_free(duet);
}

/* What the hub said first of all about its change. */
static bool is_announced(struct duet *duet)
{
    duet_transcript(duet);
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(duet_is_in_step(duet));
    return strncmp(duet_transcript(duet), "hub says vector back: catalogue/f89d", 36) == 0;
}

static void only_our_own_courses_are_announced_and_only_when_they_moved(void **state)
{
    struct duet *duet = duet_new();
    struct stream_id earlier = duet_stream(duet, 0, TOPIC_CATALOGUE);
    (void)state;

    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    for (int i = 1; i <= 5; i++) {
        duet_write(duet, 0, TOPIC_CATALOGUE, "c", i);
        assert_true(is_announced(duet));
    }
    memset(&earlier.incarnation, 0x0e, sizeof earlier.incarnation);
    duet_write_stream(duet, duet->players[0].store, &earlier, duet->players[0].identity, "e", 1);
    assert_false(is_announced(duet));
    duet->players[0].living.b[0] ^= 1; /* begins anew: at 1, where 5 was told of the one before */
    duet_write(duet, 0, TOPIC_CATALOGUE, "c", 6);
    assert_true(is_announced(duet));
    assert_false(is_announced(duet)); /* nothing changed */
    duet_free(duet);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lost_greetings_are_repeated),
        cmocka_unit_test(a_change_that_the_other_may_not_see_says_nothing),
        cmocka_unit_test(many_changes_at_once_are_one_round),
        cmocka_unit_test(both_may_change_while_the_greetings_cross),
        cmocka_unit_test(who_comes_in_step_before_the_answer_says_so),
        cmocka_unit_test(who_changes_while_the_greetings_cross),
        cmocka_unit_test(a_greeting_from_an_earlier_life_does_no_harm),
        cmocka_unit_test(courses_are_found_by_comparison_when_their_announcement_is_lost),
        cmocka_unit_test(only_our_own_courses_are_announced_and_only_when_they_moved),
        cmocka_unit_test(silence_ends_the_session),
    };
    return KIT_RUN(tests);
}
