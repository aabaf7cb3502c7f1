#include "replication/peer/activity.h"
#include "tests/kit/kit.h"
#include "tests/replication/peer/duet.h"

#include <string.h>

static struct held receipt_of(struct duet *duet, uint64_t seq)
{
    return (struct held){duet_stream(duet, 1, TOPIC_RESULTS), seq, 1234, duet->federation->nodes[3].node};
}

static void equal_digests_are_a_receipt_without_a_word(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet_write(duet, 1, TOPIC_RESULTS, "r", 1);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    const char *transcript = duet_transcript(duet);
    assert_non_null(strstr(transcript, "campus learns that f89d holds results/18ff to 1"));
    assert_null(strstr(transcript, "says held"));
    duet_free(duet);
}

/* What was said may not have been stored (a full disk): then the session is opened once more (node/link/session.c), and says it again. */
static void equal_digests_are_a_receipt_in_each_opening(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet_write(duet, 1, TOPIC_RESULTS, "r", 1);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    assert_non_null(strstr(duet_transcript(duet), "campus learns that f89d holds results/18ff to 1"));
    duet_changed(duet, 1);
    duet_run(duet, duet->now_ms + 60000);
    assert_null(strstr(duet_transcript(duet), "learns"));
    duet_step(duet, 1, &(struct peer_event){.kind = EVENT_CLOSED});
    duet_step(duet, 1, &(struct peer_event){.kind = EVENT_OPEN});
    duet_run(duet, duet->now_ms + 60000);
    assert_non_null(strstr(duet_transcript(duet), "campus learns that f89d holds results/18ff to 1"));
    assert_true(duet_is_in_step(duet));
    duet_free(duet);
}

/* Two hubs: what is below one of them dials that, and is to hear what the other holds of it, too. */
static void what_another_hub_holds_of_those_below_is_known(void **state)
{
    struct duet *duet = duet_new_siblings();
    const struct stream_id below = {duet->federation->nodes[2].node, {{7}}, TOPIC_RESULTS};
    struct view views[2];
    (void)state;

    duet_write_stream(duet, duet->players[1].store, &below, &duet->federation->nodes[2], "r", 1);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    assert_true(duet_is_in_step(duet));
    for (int i = 0; i < 2; i++) {
        views[i] = memory_store_view(duet->players[i].store, duet->roster, &duet->players[i].living);
    }
    assert_int_equal(views[1].ops->held_seq(views[1].ctx, &below, &duet->federation->nodes[0].node), 1);
    assert_int_equal(views[0].ops->held_seq(views[0].ctx, &below, &duet->federation->nodes[1].node), 0); /* nobody below it asks */
    duet_free(duet);
}

static void results_forget(struct duet *duet)
{
    const struct stream_id results = duet_stream(duet, 1, TOPIC_RESULTS);

    for (int i = 0; i < 2; i++) {
        memory_store_forget(duet->players[i].store, &results);
        memory_store_flush(duet->players[i].store);
        duet_changed(duet, i);
    }
    duet_run(duet, duet->now_ms + 60000);
}

/* Counted in a later stream it was dropped with its receipts; then that was taken back (stream/adoption.h), and it counts for itself again. */
static void what_was_compared_no_more_for_a_while_is_told_again_in_the_same_session(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet_write(duet, 1, TOPIC_CATALOGUE, "c", 1);
    duet_write(duet, 1, TOPIC_RESULTS, "r", 1);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    assert_non_null(strstr(duet_transcript(duet), "campus learns that f89d holds results/18ff to 1"));
    results_forget(duet);
    assert_true(duet_is_in_step(duet));
    duet_transcript(duet);
    duet_write(duet, 1, TOPIC_RESULTS, "r", 1);
    duet_changed(duet, 1);
    duet_run(duet, duet->now_ms + 60000);
    const char *transcript = duet_transcript(duet);
    assert_non_null(strstr(transcript, "campus learns that f89d holds results/18ff to 1"));
    assert_null(strstr(transcript, "holds catalogue")); /* that was there all the while */
    duet_free(duet);
}

/* Only the first batch comes through. */
static bool later_batches_are_lost(struct duet *duet, struct duet_frame *frame)
{
    return !message_is_bulk(frame->data[1]) || duet->players[1].frames <= *(size_t *)duet->filter_ctx;
}

static void what_is_durable_is_told_when_equal_digests_are_far_off(void **state)
{
    struct duet *duet = duet_new();
    size_t frames = 3; /* HELLO, VECTOR, the batch of results */
    (void)state;

    duet->filter = later_batches_are_lost;
    duet->filter_ctx = &frames;
    duet_write(duet, 1, TOPIC_RESULTS, "r", 1);
    duet_write(duet, 1, TOPIC_CATALOGUE, "c", 1);
    duet_open(duet);
    duet_run(duet, duet->now_ms + RECEIPTS_MS - 1000);
    assert_int_equal(duet->players[0].kinds[EFFECT_APPLY], 1);
    assert_int_equal(duet->players[1].kinds[EFFECT_HELD], 0);
    duet_run(duet, duet->now_ms + 2000);
    const char *transcript = duet_transcript(duet);
    assert_non_null(strstr(transcript, "hub says held results/18ff to 1 by f89d"));
    assert_non_null(strstr(transcript, "campus learns that f89d holds results/18ff to 1"));
    duet_free(duet);
}

/* The campus's result is at the hub, and both are in step; what another hub holds of it, for the hub to hear. */
static struct held receipt_beside(struct duet *duet)
{
    struct held held = receipt_of(duet, 1);

    duet_write(duet, 1, TOPIC_RESULTS, "r", 1);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    return held;
}

/* What another hub holds of a campus goes down one step at a time. */
static void a_receipt_of_the_hub_is_passed_down_once(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    struct held held = receipt_beside(duet);
    duet_transcript(duet);
    memory_store_held_put(duet->players[0].store, &held);
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 60000);
    assert_non_null(strstr(duet_transcript(duet), "hub says held results/18ff to 1 by"));
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 60000);
    assert_null(strstr(duet_transcript(duet), "says held"));
    duet_free(duet);
}

/* Known receipts are not told again in the next session: nothing changed is one greeting each. */
static void a_known_receipt_is_not_passed_down_again(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    struct held held = receipt_of(duet, 1);
    duet_write(duet, 1, TOPIC_RESULTS, "r", 1);
    memory_store_held_put(duet->players[0].store, &held);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    size_t frames = duet->players[0].frames + duet->players[1].frames;
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    assert_int_equal(duet->players[0].frames + duet->players[1].frames, frames + 2);
    duet_free(duet);
}

/* The other's want stands open and no credit is left: news waits behind it, and so does what others hold. A receipt of another hub says that all was
 * given back to whoever forgot (push.c), so whatever came before it goes down before it. */
static void a_receipt_waits_for_news_that_is_untold(void **state)
{
    struct duet *duet = duet_new();
    struct want want = {duet_stream(duet, 0, TOPIC_CATALOGUE), 0};
    struct message message = {.type = MESSAGE_WANT, .want = {.wants = &want, .count = 1, .credit = 0}};
    struct buffer frame;
    (void)state;

    struct held held = receipt_of(duet, 1);
    buffer_init(&frame);
    assert_int_equal(message_encode(&message, &frame), S_OK);
    duet_write(duet, 0, TOPIC_CATALOGUE, "c", 1);
    duet_write(duet, 1, TOPIC_RESULTS, "r", 1);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    duet_step(duet, 0, &(struct peer_event){.kind = EVENT_FRAME, .frame = buffer_bytes(&frame)});
    duet_run(duet, duet->now_ms + 60000);
    assert_true(duet_is_in_step(duet) && push_is_busy(duet->players[0].peer));
    duet_write(duet, 0, TOPIC_CATALOGUE, "c", 2);
    memory_store_held_put(duet->players[0].store, &held);
    duet_transcript(duet);
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 60000);
    assert_true(duet_is_in_step(duet));
    assert_null(strstr(duet_transcript(duet), "says held"));
    duet_write(duet, 1, TOPIC_CATALOGUE, "d", 1); /* the other has something to say: a round, in which it hears the news */
    duet_changed(duet, 1);
    duet_run(duet, duet->now_ms + 60000);
    assert_int_equal(duet_read(duet, 1, 0, TOPIC_CATALOGUE, "c"), 2);
    assert_non_null(strstr(duet_transcript(duet), "hub says held results/18ff to 1 by"));
    buffer_release(&frame);
    duet_free(duet);
}

static void campus_reopens(struct duet *duet)
{
    duet_step(duet, 1, &(struct peer_event){.kind = EVENT_CLOSED});
    duet_step(duet, 1, &(struct peer_event){.kind = EVENT_OPEN});
    duet_run(duet, duet->now_ms + 60000);
}

/* A full disk at the campus refused it: its driver opens the session once more (node/link/session.c), and it is said again, until it is known. */
static void what_was_passed_down_and_not_stored_is_said_in_the_next_opening(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    struct held held = receipt_beside(duet);
    memory_store_held_put(duet->players[0].store, &held);
    duet->players[1].disk = S_NO_SPACE;
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 60000);
    assert_non_null(strstr(duet_transcript(duet), "hub says held results/18ff to 1 by"));
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 60000);
    assert_null(strstr(duet_transcript(duet), "says held")); /* not again and again: nobody opened anything */
    duet->players[1].disk = S_OK;
    campus_reopens(duet);
    assert_non_null(strstr(duet_transcript(duet), "hub says held results/18ff to 1 by"));
    campus_reopens(duet);
    assert_null(strstr(duet_transcript(duet), "says held"));
    assert_true(duet_is_in_step(duet));
    duet_free(duet);
}

static void a_receipt_about_others_from_below_is_not_believed(void **state)
{
    struct duet *duet = duet_new();
    struct held held = receipt_of(duet, 1);
    struct message message = {.type = MESSAGE_HELD, .held = {&held, 1}};
    struct buffer frame;
    (void)state;

    held.stream.node = duet->federation->nodes[0].node;
    buffer_init(&frame);
    assert_int_equal(message_encode(&message, &frame), S_OK);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 1000);
    duet_step(duet, 0, &(struct peer_event){.kind = EVENT_FRAME, .frame = buffer_bytes(&frame)});
    assert_int_equal(duet->players[0].kinds[EFFECT_HELD], 0);
    buffer_release(&frame);
    duet_free(duet);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_digests_are_a_receipt_without_a_word),
        cmocka_unit_test(equal_digests_are_a_receipt_in_each_opening),
        cmocka_unit_test(what_another_hub_holds_of_those_below_is_known),
        cmocka_unit_test(what_was_compared_no_more_for_a_while_is_told_again_in_the_same_session),
        cmocka_unit_test(what_is_durable_is_told_when_equal_digests_are_far_off),
        cmocka_unit_test(a_receipt_of_the_hub_is_passed_down_once),
        cmocka_unit_test(a_known_receipt_is_not_passed_down_again),
        cmocka_unit_test(a_receipt_waits_for_news_that_is_untold),
        cmocka_unit_test(what_was_passed_down_and_not_stored_is_said_in_the_next_opening),
        cmocka_unit_test(a_receipt_about_others_from_below_is_not_believed),
    };
    return KIT_RUN(tests);
}
