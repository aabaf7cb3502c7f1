#include "replication/peer/activity.h"
#include "replication/wire/batch.h"
#include "replication/wire/frame.h"
#include "tests/kit/kit.h"
#include "tests/replication/peer/duet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void the_roster_comes_first_and_courses_last(void **state)
{
    struct duet *duet = duet_new();
    const struct identity *leaf = &duet->federation->nodes[2];
    static const enum topic topics[] = {TOPIC_CATALOGUE, TOPIC_RESULTS, TOPIC_ROSTER, TOPIC_CREDENTIALS};
    (void)state;

    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        struct stream_id stream = {leaf->node, {{1}}, topics[i]};
        duet_write_stream(duet, duet->players[1].store, &stream, leaf, "k", 1);
    }
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    const char *transcript = duet_transcript(duet);
    const char *roster = strstr(transcript, "hub applies roster");
    const char *results = strstr(transcript, "hub applies results");
    const char *credentials = strstr(transcript, "hub applies credentials");
    const char *catalogue = strstr(transcript, "hub applies catalogue");
    assert_true(roster && results && credentials && catalogue);
    assert_true(roster < results && results < credentials && credentials < catalogue);
    assert_true(roster < strstr(transcript, "hub says want results"));
    duet_free(duet);
}

static void a_forged_certificate_is_refused(void **state)
{
    struct duet *duet = duet_new();
    struct stream_id stream = {duet->federation->nodes[2].node, {{1}}, TOPIC_RESULTS};
    struct bytes value;
    (void)state;

    duet_write_stream(duet, duet->players[1].store, &stream, &duet->federation->nodes[2], "k", 1);
    assert_true(memory_store_tamper(duet->players[1].store, &stream, false));
    duet_open(duet);
    duet_run(duet, duet->now_ms + 5000);
    assert_true(duet->players[0].kinds[EFFECT_REFUSED] > 0);
    assert_int_equal(duet->players[0].last_refusal, S_BAD_SIGNATURE);
    assert_false(memory_store_find(duet->players[0].store, &stream, bytes_text("k"), &value));
    assert_int_equal(duet->players[0].kinds[EFFECT_APPLY], 0);
    duet_free(duet);
}

static void two_histories_under_one_seq_are_reported_and_left_alone(void **state)
{
    struct duet *duet = duet_new();
    struct stream_id stream = {duet->federation->nodes[2].node, {{1}}, TOPIC_CATALOGUE};
    (void)state;

    duet_write_stream(duet, duet->players[0].store, &stream, &duet->federation->nodes[2], "k", 1);
    duet_write_stream(duet, duet->players[1].store, &stream, &duet->federation->nodes[2], "k", 2);
    duet_write(duet, 1, TOPIC_RESULTS, "r", 3);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(duet_is_in_step(duet)); /* but for the frozen one */
    assert_int_equal(duet->players[0].kinds[EFFECT_FORK], 1);
    assert_int_equal(duet->players[1].kinds[EFFECT_FORK], 1);
    assert_int_equal(duet_read(duet, 0, 1, TOPIC_RESULTS, "r"), 3);
    assert_int_equal(duet->players[0].kinds[EFFECT_APPLY], 1);
    duet_free(duet);
}

/* The hub holds our stream further than we do: a restored database that took itself for the latest. */
static void who_forgot_is_told_and_nothing_is_pulled_into_its_living_stream(void **state)
{
    struct duet *duet = duet_new();
    struct memory_store *before;
    (void)state;

    duet_write(duet, 1, TOPIC_RESULTS, "r", 1);
    before = memory_store_copy(duet->players[1].store);
    duet_write(duet, 1, TOPIC_RESULTS, "r", 2);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    memory_store_free(duet->players[1].store);
    duet->players[1].store = before;
    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    assert_int_equal(duet->players[1].kinds[EFFECT_FORK], 1);
    assert_int_equal(duet_read(duet, 1, 1, TOPIC_RESULTS, "r"), 1);
    assert_non_null(strstr(duet_transcript(duet), "campus finds amnesia in results"));
    struct stream_id old = duet_stream(duet, 1, TOPIC_RESULTS);
    memset(duet->players[1].living.b, 0x77, sizeof duet->players[1].living.b); /* the driver acts */
    duet_run(duet, duet->now_ms + 2 * BACKOFF_MS);
    struct bytes value;
    assert_true(memory_store_find(duet->players[1].store, &old, bytes_text("r"), &value));
    assert_int_equal(value.data[1], zigzag_encode(2));
    assert_true(duet_is_in_step(duet));
    duet_free(duet);
}

static void a_closed_stream_of_our_own_comes_back_like_any_other(void **state)
{
    struct duet *duet = duet_new();
    struct stream_id old = duet_stream(duet, 1, TOPIC_RESULTS);
    struct bytes value;
    (void)state;

    duet_write(duet, 1, TOPIC_RESULTS, "r", 7);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    memory_store_free(duet->players[1].store);
    duet->players[1].store = memory_store_new(&duet->federation->id);
    memset(duet->players[1].living.b, 0x77, sizeof duet->players[1].living.b);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    assert_true(memory_store_find(duet->players[1].store, &old, bytes_text("r"), &value));
    assert_int_equal(duet->players[1].kinds[EFFECT_FORK], 0);
    assert_true(duet_is_in_step(duet));
    duet_free(duet);
}

static bool batches_are_doubled(struct duet *duet, struct duet_frame *frame)
{
    struct duet_frame twin = *frame;

    if (message_is_bulk(frame->data[1])) {
        twin.data = malloc(frame->size);
        assert_non_null(twin.data);
        memcpy(twin.data, frame->data, frame->size);
        duet->queue[duet->queue_count++] = twin;
    }
    return true;
}

static void a_doubled_batch_counts_once(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet->filter = batches_are_doubled;
    for (int i = 1; i <= 20; i++) {
        duet_write(duet, 1, TOPIC_RESULTS, "r", i);
    }
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(duet_is_in_step(duet));
    assert_int_equal(duet->players[0].kinds[EFFECT_APPLY], 1);
    assert_int_equal(duet_read(duet, 0, 1, TOPIC_RESULTS, "r"), 20);
    duet_free(duet);
}

static void a_disk_that_fails_ends_the_session(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet->players[0].disk = S_IO;
    duet_write(duet, 1, TOPIC_RESULTS, "r", 1);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 5000);
    assert_true(duet->players[0].is_closed);
    assert_int_equal(duet_read(duet, 0, 1, TOPIC_RESULTS, "r"), -1);
    duet_free(duet);
}

static void cells_that_do_not_add_up_are_tried_again_and_then_left_for_a_while(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet->players[0].disk = S_BAD_DIGEST;
    duet_write(duet, 1, TOPIC_RESULTS, "r", 1);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 5000);
    assert_int_equal(duet->players[0].kinds[EFFECT_APPLY], DROPS_MAX);
    assert_int_equal(duet->players[0].kinds[EFFECT_REFUSED], DROPS_MAX);
    duet->players[0].disk = S_OK;
    duet_run(duet, duet->now_ms + 2 * BACKOFF_MS);
    assert_true(duet_is_in_step(duet));
    assert_int_equal(duet_read(duet, 0, 1, TOPIC_RESULTS, "r"), 1);
    duet_free(duet);
}

/* --- the room for what is not durable yet --- */

enum { CELLS = 65 }; /* so many of nearly the largest size, but for the last one, fill a body */

struct hoard {
    struct duet *duet;
    struct stream_id stream;
    uint64_t seq;                  /* of the last cell that was said */
    uint64_t tickets[PENDING_MAX]; /* of what was handed over and is not durable */
    size_t count, size;            /* of these, in bytes */
};

/* A batch of `count` cells whose last one has `tail` bytes; the body goes into `body`. */
static void body_make(struct hoard *hoard, size_t count, size_t tail, struct buffer *body)
{
    static uint8_t zeros[CELL_VALUE_MAX];
    static char keys[CELLS][24];
    struct cell cells[CELLS];
    struct buffer values[CELLS];
    struct batch batch = {.stream = hoard->stream, .after_seq = hoard->seq, .cells = cells, .count = count};

    assert_true(count <= CELLS);
    for (size_t i = 0; i < count; i++) {
        snprintf(keys[i], sizeof keys[i], "k%zu", i);
        buffer_init(&values[i]);
        cell_value_register(&values[i], 1, bytes_of(zeros, i + 1 < count ? CELL_VALUE_MAX - 64 : tail));
        cells[i] = (struct cell){hoard->seq + 1 + i, bytes_text(keys[i]), buffer_bytes(&values[i])};
    }
    buffer_clear(body);
    assert_int_equal(batch_encode(&batch, body), S_OK);
    for (size_t i = 0; i < count; i++) {
        buffer_release(&values[i]);
    }
}

/* The hub hears it; whatever it hands over waits for its disk. */
static bool batch_say(struct hoard *hoard, size_t count, const struct buffer *body)
{
    struct player *hub = &hoard->duet->players[0];
    struct view view = memory_store_view(hub->store, hoard->duet->roster, &hub->living);
    struct peer_event event = {.kind = EVENT_FRAME, .channel = CHANNEL_BULK, .now_ms = hoard->duet->now_ms};
    struct buffer frame;
    bool is_taken = false;

    buffer_init(&frame);
    assert_int_equal(frame_encode(MESSAGE_BATCH, buffer_bytes(body), &frame), S_OK);
    event.frame = buffer_bytes(&frame);
    struct effects effects = peer_step(hub->peer, &view, &event);
    for (size_t i = 0; i < effects.count; i++) {
        const struct effect *effect = &effects.items[i];
        assert_true(effect->kind != EFFECT_REFUSED && effect->kind != EFFECT_CLOSE);
        if (effect->kind == EFFECT_STAGE) {
            assert_int_equal(memory_store_stage(hub->store, &effect->stream, effect->after_seq, effect->seq, effect->bytes), S_OK);
            hoard->tickets[hoard->count++] = effect->ticket;
            hoard->size += effect->bytes.size;
            hoard->seq += count;
            is_taken = true;
        }
    }
    buffer_release(&frame);
    return is_taken;
}

static bool batches_are_lost(struct duet *duet, struct duet_frame *frame)
{
    (void)duet;
    return frame->to != 0 || !message_is_bulk(frame->data[1]);
}

/* All of it becomes durable; from where on the hub asks then. */
static uint64_t durable_say(struct hoard *hoard)
{
    struct player *hub = &hoard->duet->players[0];
    struct view view = memory_store_view(hub->store, hoard->duet->roster, &hub->living);
    uint64_t after_seq = UINT64_MAX;
    struct arena arena;
    struct message message;

    arena_init(&arena, 1 << 20);
    for (size_t at = 0; at < hoard->count; at++) {
        struct peer_event event = {
            .kind = EVENT_DURABLE, .ticket = hoard->tickets[at], .status = S_OK, .now_ms = hoard->duet->now_ms};
        struct effects effects = peer_step(hub->peer, &view, &event);
        for (size_t i = 0; i < effects.count; i++) {
            if (effects.items[i].kind == EFFECT_SEND && message_decode(effects.items[i].bytes, &arena, &message) == S_OK &&
                message.type == MESSAGE_WANT) {
                after_seq = message.want.wants[0].after_seq;
            }
        }
    }
    hoard->count = hoard->size = 0;
    arena_release(&arena);
    return after_seq;
}

static void what_is_not_durable_yet_has_its_limit(void **state)
{
    static struct hoard hoard;
    const size_t tail = 1000;
    struct buffer body;
    (void)state;

    hoard.duet = duet_new();
    hoard.stream = duet_stream(hoard.duet, 1, TOPIC_RESULTS);
    hoard.duet->filter = batches_are_lost;
    duet_write(hoard.duet, 1, TOPIC_RESULTS, "r", 1);
    duet_open(hoard.duet);
    duet_run(hoard.duet, hoard.duet->now_ms + 500); /* the hub asked, and waits */
    buffer_init(&body);
    while (hoard.size < PENDING_SIZE_MAX) {
        body_make(&hoard, CELLS, tail, &body);
        body_make(&hoard, CELLS, tail + BODY_SIZE_MAX - body.size, &body); /* the lengths of lengths are the same */
        assert_int_equal(body.size, BODY_SIZE_MAX);
        assert_true(batch_say(&hoard, CELLS, &body));
    }
    assert_int_equal(hoard.size, PENDING_SIZE_MAX); /* to the byte */
    body_make(&hoard, 1, 0, &body);
    assert_false(batch_say(&hoard, 1, &body)); /* not one more */
    assert_int_equal(durable_say(&hoard), hoard.seq);
    assert_true(batch_say(&hoard, 1, &body)); /* it comes again, and is taken */
    buffer_release(&body);
    duet_free(hoard.duet);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_roster_comes_first_and_courses_last),
        cmocka_unit_test(a_forged_certificate_is_refused),
        cmocka_unit_test(two_histories_under_one_seq_are_reported_and_left_alone),
        cmocka_unit_test(who_forgot_is_told_and_nothing_is_pulled_into_its_living_stream),
        cmocka_unit_test(a_closed_stream_of_our_own_comes_back_like_any_other),
        cmocka_unit_test(a_doubled_batch_counts_once),
        cmocka_unit_test(a_disk_that_fails_ends_the_session),
        cmocka_unit_test(what_is_not_durable_yet_has_its_limit),
        cmocka_unit_test(cells_that_do_not_add_up_are_tried_again_and_then_left_for_a_while),
    };
    return KIT_RUN(tests);
}
