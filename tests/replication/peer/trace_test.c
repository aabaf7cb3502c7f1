#include "replication/peer/trace.h"
#include "tests/kit/kit.h"
#include "tests/replication/peer/duet.h"

#include <string.h>

static void results_going_up_read_like_a_dialogue(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    duet_transcript(duet);
    duet_write(duet, 1, TOPIC_RESULTS, "r", 41);
    duet_write(duet, 1, TOPIC_RESULTS, "r", 42);
    duet_changed(duet, 1);
    duet_run(duet, duet->now_ms + 10000);
    assert_string_equal(duet_transcript(duet),
                        "campus says hello: 1 streams d858c98b\n"
                        "hub says hello back: 0 streams 00000000\n"
                        "campus says vector: results/18ff at 2\n"
                        "hub says vector back\n"
                        "hub says want results/18ff above 0\n"
                        "campus says batch results/18ff above 0: 1 cells, certified at 2\n"
                        "hub applies results/18ff (0, 2] #1\n"
                        "hub says hello: 1 streams d858c98b\n"
                        "campus says hello back: 1 streams d858c98b\n"
                        "campus learns that f89d holds results/18ff to 2\n");
    duet_free(duet);
}

static void a_course_coming_down_reads_like_a_dialogue(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    duet_transcript(duet);
    struct hash object = duet_object(duet, 0, 700, 1);
    memory_store_want(duet->players[1].store, &object, 700);
    duet_changed(duet, 1);
    duet_run(duet, duet->now_ms + 10000);
    assert_string_equal(duet_transcript(duet), "campus says ask dbeb\n"
                                               "hub says pieces dbeb at 0: 700 of 700\n"
                                               "campus stores dbeb of 700 #1\n");
    duet_free(duet);
}

/* Compare with results going up: the batch comes two ways of the line earlier. */
static void courses_that_are_told_beside_a_greeting_read_like_a_dialogue(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    duet_transcript(duet);
    duet_write(duet, 0, TOPIC_CATALOGUE, "c", 1);
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 10000);
    assert_string_equal(duet_transcript(duet),
                        "hub says vector back: catalogue/f89d at 1\n"
                        "hub says hello: 1 streams b798f844\n"
                        "campus says want catalogue/f89d above 0\n"
                        "campus says hello back: 0 streams 00000000\n"
                        "campus says vector\n"
                        "hub says batch catalogue/f89d above 0: 1 cells, certified at 1\n"
                        "hub says vector back: catalogue/f89d at 1\n"
                        "campus applies catalogue/f89d (0, 1] #1\n"
                        "campus says hello: 1 streams b798f844\n"
                        "hub says hello back: 1 streams b798f844\n"
                        "hub learns that 18ff holds catalogue/f89d to 1\n");
    duet_free(duet);
}

static void a_fork_reads_like_a_dialogue(void **state)
{
    struct duet *duet = duet_new();
    struct stream_id stream = {duet->federation->nodes[2].node, {{1}}, TOPIC_CATALOGUE};
    (void)state;

    duet_write_stream(duet, duet->players[0].store, &stream, &duet->federation->nodes[2], "k", 1);
    duet_write_stream(duet, duet->players[1].store, &stream, &duet->federation->nodes[2], "k", 2);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    assert_string_equal(duet_transcript(duet),
                        "hub says hello: 1 streams 9989d259\n"
                        "campus says hello: 1 streams a0506ac7\n"
                        "campus says vector: catalogue/ce01 at 1\n"
                        "hub says vector back: catalogue/ce01 at 1\n"
                        "hub says want catalogue/ce01 above 1\n"
                        "campus says want catalogue/ce01 above 1\n"
                        "campus says batch catalogue/ce01 above 1: 0 cells, certified at 1\n"
                        "hub says batch catalogue/ce01 above 1: 0 cells, certified at 1\n"
                        "hub finds a fork in catalogue/ce01 at 1\n"
                        "hub says hello: 0 streams 00000000\n"
                        "campus finds a fork in catalogue/ce01 at 1\n"
                        "campus says hello: 0 streams 00000000\n");
    duet_free(duet);
}

static void a_demand_from_below_reads_like_a_dialogue(void **state)
{
    struct duet *duet = duet_new();
    struct hash object = duet_object(duet, 0, 700, 1);
    struct memory_store *with_object = duet->players[0].store;
    (void)state;

    duet->players[0].store = memory_store_new(&duet->federation->id);
    memory_store_want(duet->players[1].store, &object, 700);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    memory_store_free(duet->players[0].store);
    duet->players[0].store = with_object; /* it came from above */
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 60000);
    assert_string_equal(duet_transcript(duet),
                        "hub says hello: 0 streams 00000000\n"
                        "campus says hello: 0 streams 00000000, 1 objects wanted\n"
                        "campus says ask dbeb\n"
                        "hub demands dbeb\n"
                        "hub says absent dbeb\n"
                        "hub says hello: 0 streams 00000000\n"
                        "campus says hello back: 0 streams 00000000, 1 objects wanted\n"
                        "campus says ask dbeb\n"
                        "hub says pieces dbeb at 0: 700 of 700\n"
                        "campus stores dbeb of 700 #1\n");
    duet_free(duet);
}

static bool first_bulk_frame_is_lost(struct duet *duet, struct duet_frame *frame)
{
    bool *is_lost = duet->filter_ctx;
    bool is_first = message_is_bulk(frame->data[1]) && !*is_lost;

    *is_lost = *is_lost || is_first;
    return !is_first;
}

static void a_lost_batch_reads_like_a_dialogue(void **state)
{
    struct duet *duet = duet_new();
    bool is_lost = false;
    (void)state;

    duet->filter = first_bulk_frame_is_lost;
    duet->filter_ctx = &is_lost;
    duet_write(duet, 1, TOPIC_RESULTS, "r", 41);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    assert_string_equal(duet_transcript(duet),
                        "hub says hello: 0 streams 00000000\n"
                        "campus says hello: 1 streams b57080ad\n"
                        "campus says vector: results/18ff at 1\n"
                        "hub says vector back\n"
                        "hub says want results/18ff above 0\n"
                        "campus says batch results/18ff above 0: 1 cells, certified at 1\n"
                        "hub says want results/18ff above 0\n"
                        "campus says batch results/18ff above 0: 1 cells, certified at 1\n"
                        "hub applies results/18ff (0, 1] #1\n"
                        "hub says hello: 1 streams b57080ad\n"
                        "campus says hello back: 1 streams b57080ad\n"
                        "campus learns that f89d holds results/18ff to 1\n");
    duet_free(duet);
}

static void events_and_effects_have_a_line_each(void **state)
{
    char line[TRACE_LINE_MAX];
    struct peer_event failed = {.kind = EVENT_DURABLE, .ticket = 7, .status = S_STALE};
    struct effect close = {.kind = EFFECT_CLOSE, .after_ms = 60000};
    (void)state;

    trace_event(&failed, line, sizeof line);
    assert_string_equal(line, "failed #7: overtaken");
    trace_effect(&close, line, sizeof line);
    assert_string_equal(line, "closes, back in 60000 ms");
    assert_true(trace_frame(bytes_text("?"), line, sizeof line) > 0);
    assert_non_null(strstr(line, "unreadable frame"));
}

static void a_line_is_cut_at_the_callers_buffer(void **state)
{
    char line[8];
    struct effect close = {.kind = EFFECT_CLOSE, .after_ms = 60000};
    (void)state;

    assert_int_equal(trace_effect(&close, line, sizeof line), 7);
    assert_string_equal(line, "closes,");
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_going_up_read_like_a_dialogue),
        cmocka_unit_test(a_course_coming_down_reads_like_a_dialogue),
        cmocka_unit_test(courses_that_are_told_beside_a_greeting_read_like_a_dialogue),
        cmocka_unit_test(a_fork_reads_like_a_dialogue),
        cmocka_unit_test(a_demand_from_below_reads_like_a_dialogue),
        cmocka_unit_test(a_lost_batch_reads_like_a_dialogue),
        cmocka_unit_test(events_and_effects_have_a_line_each),
        cmocka_unit_test(a_line_is_cut_at_the_callers_buffer),
    };
    return KIT_RUN(tests);
}
