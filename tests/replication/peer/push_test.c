#include "replication/peer/activity.h"
#include "replication/wire/batch.h"
#include "tests/kit/kit.h"
#include "tests/replication/peer/duet.h"

#include <stdio.h>
#include <string.h>

/* Cells whose values hardly compress, so that they need many frames. */
static void much_write_stream(struct memory_store *store, const struct stream_id *stream, const struct identity *identity, unsigned cells)
{
    struct kit_random random;
    static struct memory_cell list[2000];
    static char keys[2000][16];
    static uint8_t values[2000][200];

    kit_random_seed(&random, 3);
    assert_true(cells <= 2000);
    for (unsigned i = 0; i < cells; i++) {
        snprintf(keys[i], sizeof keys[i], "key%u", i);
        for (size_t b = 0; b < sizeof values[i]; b++) {
            values[i][b] = (uint8_t)kit_random_below(&random, 256);
        }
        list[i] = (struct memory_cell){bytes_text(keys[i]), bytes_of(values[i], sizeof values[i])};
    }
    memory_store_write(store, stream, list, cells, identity, 1);
    memory_store_flush(store);
}

static void much_write(struct duet *duet, int who, enum topic topic, unsigned cells)
{
    struct stream_id stream = duet_stream(duet, who, topic);

    much_write_stream(duet->players[who].store, &stream, duet->players[who].identity, cells);
}

struct flow {
    size_t sent, most;
    bool holds_back;
};

/* Counts bulk bytes that are said and not granted again; CREDIT can be withheld. */
static bool flow_watch(struct duet *duet, struct duet_frame *frame)
{
    struct flow *flow = duet->filter_ctx;
    struct arena arena;
    struct message message;
    bool passes = true;

    if (message_is_bulk(frame->data[1])) {
        flow->sent += bulk_cost(frame->size);
        flow->most = flow->sent > flow->most ? flow->sent : flow->most;
        return true;
    }
    arena_init(&arena, 1 << 20);
    assert_int_equal(message_decode(bytes_of(frame->data, frame->size), &arena, &message), S_OK);
    if (message.type == MESSAGE_CREDIT) {
        passes = !flow->holds_back;
        flow->sent -= passes ? message.credit : 0;
    } else if (message.type == MESSAGE_WANT) {
        flow->sent = 0;
    }
    arena_release(&arena);
    return passes;
}

static void a_long_stream_comes_in_many_frames_within_the_credit(void **state)
{
    struct duet *duet = duet_new();
    struct flow flow = {0};
    (void)state;

    duet->filter = flow_watch;
    duet->filter_ctx = &flow;
    duet->players[0].credit_bytes = CREDIT_MIN;
    much_write(duet, 1, TOPIC_RESULTS, 2000);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(duet_is_in_step(duet));
    assert_true(duet->players[0].kinds[EFFECT_STAGE] >= 10);
    assert_int_equal(duet->players[0].kinds[EFFECT_APPLY], 1);
    assert_true(flow.most <= CREDIT_MIN);
    assert_int_equal(duet->players[0].kinds[EFFECT_REFUSED], 0);
    duet_free(duet);
}

static void without_credit_nothing_more_is_sent(void **state)
{
    struct duet *duet = duet_new();
    struct flow flow = {.holds_back = true};
    (void)state;

    duet->filter = flow_watch;
    duet->filter_ctx = &flow;
    duet->players[0].credit_bytes = CREDIT_MIN;
    much_write(duet, 1, TOPIC_RESULTS, 2000);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 100);
    assert_true(flow.most <= CREDIT_MIN);
    assert_int_equal(duet->players[0].kinds[EFFECT_APPLY], 0);
    duet_run(duet, duet->now_ms + 600000); /* each repeated WANT brings a window more */
    assert_true(duet_is_in_step(duet));
    duet_free(duet);
}

/* A link that breaks in the middle goes on from what was staged. */
static void a_broken_transfer_goes_on_where_it_stood(void **state)
{
    struct duet *duet = duet_new();
    struct flow flow = {.holds_back = true};
    (void)state;

    duet->players[0].credit_bytes = CREDIT_MIN;
    much_write(duet, 1, TOPIC_RESULTS, 2000);
    duet->filter = flow_watch;
    duet->filter_ctx = &flow;
    duet_open(duet);
    duet_run(duet, duet->now_ms + 100);
    size_t staged = duet->players[0].kinds[EFFECT_STAGE];
    assert_true(staged > 0);
    duet->filter = NULL;
    duet_transcript(duet);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(duet_is_in_step(duet));
    assert_null(strstr(duet_transcript(duet), "hub says want results/18ff above 0"));
    duet_free(duet);
}

/* The writer goes back to a backup: what was staged of the rest will never be certified. */
static void what_was_staged_of_what_is_gone_is_given_up(void **state)
{
    struct duet *duet = duet_new();
    struct flow flow = {.holds_back = true};
    struct stream_id old = duet_stream(duet, 1, TOPIC_RESULTS);
    struct certificate certificate;
    (void)state;

    duet->players[0].credit_bytes = CREDIT_MIN;
    duet_write(duet, 1, TOPIC_RESULTS, "first", 1);
    struct memory_store *backup = memory_store_copy(duet->players[1].store);
    much_write(duet, 1, TOPIC_RESULTS, 2000);
    duet->filter = flow_watch;
    duet->filter_ctx = &flow;
    duet_open(duet);
    duet_run(duet, duet->now_ms + 100);
    assert_true(duet->players[0].kinds[EFFECT_STAGE] > 0 && duet->players[0].kinds[EFFECT_APPLY] == 0);
    memory_store_free(duet->players[1].store);
    duet->players[1].store = backup;
    memset(duet->players[1].living.b, 0x77, sizeof duet->players[1].living.b);
    duet->filter = NULL;
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    assert_true(duet_is_in_step(duet));
    struct view view = memory_store_view(duet->players[0].store, duet->roster, &duet->players[0].living);
    assert_true(view.ops->stream_find(view.ctx, &old, &certificate));
    assert_int_equal(certificate.head.seq, 1);
    assert_int_equal(view.ops->staged_seq(view.ctx, &old), 0);
    assert_int_equal(duet->players[0].kinds[EFFECT_REFUSED], 0);
    duet_free(duet);
}

static void what_the_other_may_not_hold_is_not_served(void **state)
{
    struct duet *duet = duet_new();
    struct want want;
    struct message message = {.type = MESSAGE_WANT};
    struct buffer frame;
    (void)state;

    duet_write(duet, 0, TOPIC_RESULTS, "r", 1);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    size_t frames = duet->players[0].frames;
    want = (struct want){duet_stream(duet, 0, TOPIC_RESULTS), 0};
    message.want = (struct want_message){&want, 1, CREDIT_MIN};
    buffer_init(&frame);
    assert_int_equal(message_encode(&message, &frame), S_OK);
    duet_step(duet, 0, &(struct peer_event){.kind = EVENT_FRAME, .frame = buffer_bytes(&frame)});
    assert_int_equal(duet->players[0].frames, frames);
    buffer_release(&frame);
    duet_free(duet);
}

struct order {
    struct stream_id living;
    size_t living_frames, too_early;
};

/* Are frames of the living stream said before the closed one is back? */
static bool order_watch(struct duet *duet, struct duet_frame *frame)
{
    struct order *order = duet->filter_ctx;
    struct arena arena;
    struct message message;
    struct batch batch;

    arena_init(&arena, 1 << 22);
    if (frame->to == 0 && message_is_bulk(frame->data[1]) && message_decode(bytes_of(frame->data, frame->size), &arena, &message) == S_OK &&
        message.type == MESSAGE_BATCH && batch_decode(message.batch_body, &arena, &batch) == S_OK &&
        stream_id_compare(&batch.stream, &order->living) == 0) {
        order->living_frames++;
        order->too_early += duet->players[1].kinds[EFFECT_APPLY] == 0;
    }
    arena_release(&arena);
    return true;
}

/* What was lost and recorded again is taken off when the lost streams come back (node/learn/result/recall.h): until then it would count twice above. */
static void forgotten_come_back_first(enum topic lost)
{
    struct duet *duet = duet_new();
    struct order order = {.living_frames = 0};

    much_write(duet, 1, lost, 2000);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    memory_store_free(duet->players[1].store);
    duet->players[1].store = memory_store_new(&duet->federation->id);
    duet->players[1].kinds[EFFECT_APPLY] = 0;
    duet->players[1].credit_bytes = CREDIT_MIN;
    memset(duet->players[1].living.b, 0x77, sizeof duet->players[1].living.b);
    duet_write(duet, 1, TOPIC_RESULTS, "r", 1);
    duet_write(duet, 1, TOPIC_CATALOGUE, "c", 1);
    order.living = duet_stream(duet, 1, TOPIC_RESULTS);
    duet->filter = order_watch;
    duet->filter_ctx = &order;
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(order.living_frames > 0);
    assert_int_equal(order.too_early, 0);
    assert_int_equal(duet_read(duet, 0, 1, TOPIC_RESULTS, "r"), 1);
    assert_int_equal(duet_read(duet, 0, 1, TOPIC_CATALOGUE, "c"), 1);
    assert_true(duet_is_in_step(duet));
    duet_free(duet);
}

static void who_forgot_publishes_results_when_its_own_are_back(void **state)
{
    (void)state;
    forgotten_come_back_first(TOPIC_RESULTS);
}

/* Who acknowledges them gave everything back before: a change of keys names what is there then. */
static void who_forgot_publishes_results_when_its_catalogue_is_back(void **state)
{
    (void)state;
    forgotten_come_back_first(TOPIC_CATALOGUE);
}

/* A campus below the relay forgot, and what it recorded again stands in its living stream here. What it had before is at the hub alone, on its way down
 * through the relay: until that is here the living stream would count the same twice above, and acknowledging it would say that all was given back. */
static void a_relay_keeps_results_back_while_earlier_ones_come_down(void **state)
{
    struct duet *duet = duet_new();
    const struct identity *below = &duet->federation->nodes[2];
    struct stream_id closed = {below->node, {{0x11}}, TOPIC_RESULTS};
    struct order order = {.living = {below->node, {{0x22}}, TOPIC_RESULTS}};
    (void)state;

    much_write_stream(duet->players[0].store, &closed, below, 2000);
    duet_write_stream(duet, duet->players[1].store, &order.living, below, "r", 1);
    duet->players[1].credit_bytes = CREDIT_MIN;
    duet->filter = order_watch;
    duet->filter_ctx = &order;
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(order.living_frames > 0);
    assert_int_equal(order.too_early, 0);
    assert_true(duet_is_in_step(duet));
    duet_free(duet);
}

/* Batches by the channel that they took. */
struct lanes {
    size_t control, bulk, largest;
};

static bool lanes_watch(struct duet *duet, struct duet_frame *frame)
{
    struct lanes *lanes = duet->filter_ctx;

    if (frame->data[1] == MESSAGE_BATCH) {
        *(frame->channel == CHANNEL_CONTROL ? &lanes->control : &lanes->bulk) += 1;
        lanes->largest = frame->size > lanes->largest ? frame->size : lanes->largest;
    }
    return true;
}

/* The campus pulls `streams` streams with `cells` cells each. */
static struct lanes lanes_of(unsigned streams, unsigned cells, uint32_t rate_kbit)
{
    struct duet *duet = duet_new();
    struct lanes lanes = {0};

    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    peer_set_rate(duet->players[0].peer, rate_kbit);
    duet->filter = lanes_watch;
    duet->filter_ctx = &lanes;
    much_write(duet, 0, TOPIC_CATALOGUE, cells);
    for (unsigned i = 1; i < streams; i++) {
        struct stream_id stream = duet_stream(duet, 0, TOPIC_CATALOGUE);
        stream.incarnation.b[0] = (uint8_t)(0xf0 + i);
        duet_write_stream(duet, duet->players[0].store, &stream, duet->players[0].identity, "c", 1);
    }
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 60000);
    assert_true(duet_is_in_step(duet));
    duet_free(duet);
    return lanes;
}

static void a_little_that_is_all_of_a_stream_goes_beside_bulk(void **state)
{
    struct lanes lanes;
    (void)state;

    lanes = lanes_of(1, 15, 0); /* 200 bytes each */
    assert_true(lanes.control == 1 && lanes.bulk == 0 && lanes.largest <= PUSH_LITTLE_SIZE);
    lanes = lanes_of(1, 25, 0);
    assert_true(lanes.control == 0 && lanes.bulk == 1 && lanes.largest > PUSH_LITTLE_SIZE);
    lanes = lanes_of(1, 1000, 0); /* its last frame comes where the others came */
    assert_true(lanes.control == 0 && lanes.bulk > 1);
    lanes = lanes_of(1 + PUSH_LITTLE_STREAMS, 1, 0); /* the first is announced, and asked for alone */
    assert_true(lanes.control == 1 + PUSH_LITTLE_STREAMS && lanes.bulk == 0);
    lanes = lanes_of(1 + PUSH_LITTLE_STREAMS + 1, 1, 0);
    assert_true(lanes.control == 1 && lanes.bulk == PUSH_LITTLE_STREAMS + 1);
    lanes = lanes_of(1, 1, 64); /* a window's rate is for all of it */
    assert_true(lanes.control == 0 && lanes.bulk == 1);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_stream_comes_in_many_frames_within_the_credit),
        cmocka_unit_test(without_credit_nothing_more_is_sent),
        cmocka_unit_test(a_little_that_is_all_of_a_stream_goes_beside_bulk),
        cmocka_unit_test(a_broken_transfer_goes_on_where_it_stood),
        cmocka_unit_test(what_was_staged_of_what_is_gone_is_given_up),
        cmocka_unit_test(what_the_other_may_not_hold_is_not_served),
        cmocka_unit_test(who_forgot_publishes_results_when_its_own_are_back),
        cmocka_unit_test(who_forgot_publishes_results_when_its_catalogue_is_back),
        cmocka_unit_test(a_relay_keeps_results_back_while_earlier_ones_come_down),
    };
    return KIT_RUN(tests);
}
