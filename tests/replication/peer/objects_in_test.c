#include <stdlib.h>
#include <string.h>

#include "replication/peer/activity.h"
#include "tests/kit/kit.h"
#include "tests/replication/peer/duet.h"

static bool is_held(struct duet *duet, int who, const struct hash *object)
{
    struct view view = memory_store_view(duet->players[who].store, duet->roster, &duet->players[who].living);
    uint64_t size;

    return view.ops->object_find(view.ctx, object, &size);
}

static void objects_of_every_size_come_whole(void **state)
{
    static const uint32_t sizes[] = {0,          1,      BLOCK_SIZE - 1,  BLOCK_SIZE, BLOCK_SIZE + 1,
                                     BUDGET_MIN, 200000, MEMBER_WHOLE_MAX};
    struct hash objects[sizeof sizes / sizeof *sizes];
    struct duet *duet = duet_new();
    (void)state;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        objects[i] = duet_object(duet, 0, sizes[i], (uint8_t)i);
        memory_store_want(duet->players[1].store, &objects[i], sizes[i]);
    }
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(duet_is_in_step(duet));
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_true(is_held(duet, 1, &objects[i]));
    }
    assert_int_equal(peer_progress(duet->players[1].peer)->we_lack_objects, 0);
    duet_free(duet);
}

static bool third_bulk_frame_is_lost(struct duet *duet, struct duet_frame *frame)
{
    unsigned *count = duet->filter_ctx;

    return frame->channel != CHANNEL_BULK || ++*count % 3 != 0;
}

static void a_large_object_comes_whole_over_a_lossy_wire(void **state)
{
    struct duet *duet = duet_new();
    unsigned count = 0;
    struct hash object = duet_object(duet, 0, MEMBER_WHOLE_MAX, 1);
    (void)state;

    duet->filter = third_bulk_frame_is_lost;
    duet->filter_ctx = &count;
    memory_store_want(duet->players[1].store, &object, MEMBER_WHOLE_MAX);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_true(is_held(duet, 1, &object));
    duet_free(duet);
}

static bool a_bit_of_each_piece_flips(struct duet *duet, struct duet_frame *frame)
{
    (void)duet;
    if (frame->channel == CHANNEL_BULK) {
        frame->data[frame->size / 2] ^= 1; /* of the content */
    }
    return true;
}

static void an_object_that_is_not_what_its_name_says_is_refused(void **state)
{
    struct duet *duet = duet_new();
    struct hash object = duet_object(duet, 0, 5000, 1);
    (void)state;

    duet->filter = a_bit_of_each_piece_flips;
    memory_store_want(duet->players[1].store, &object, 5000);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 30000);
    assert_false(is_held(duet, 1, &object));
    assert_true(duet->players[1].kinds[EFFECT_REFUSED] > 0);
    assert_int_equal(duet->players[1].kinds[EFFECT_OBJECT], 0);
    duet_free(duet);
}

/* From this size on the driver looks at the hash. */
static void a_driver_that_looks_at_hashes_gets_what_is_large(void **state)
{
    static const uint32_t sizes[] = {ASSAY_FROM - 1, ASSAY_FROM, 1000000};
    (void)state;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct duet *duet = duet_new();
        struct hash object = duet_object(duet, 0, sizes[i], 1);

        duet->players[1].has_assay = true;
        duet->filter = a_bit_of_each_piece_flips;
        memory_store_want(duet->players[1].store, &object, sizes[i]);
        duet_open(duet);
        duet_run(duet, duet->now_ms + 30000);
        assert_false(is_held(duet, 1, &object));
        assert_true(duet->players[1].kinds[EFFECT_REFUSED] > 0);
        assert_int_equal(duet->players[1].last_refusal, S_BAD_DIGEST);
        assert_int_equal(duet->players[1].kinds[EFFECT_OBJECT] > 0, sizes[i] >= ASSAY_FROM);

        duet->filter = NULL;
        duet_open(duet);
        duet_run(duet, duet->now_ms + 3600 * 1000);
        assert_true(is_held(duet, 1, &object));
        duet_free(duet);
    }
}

static void what_the_other_lacks_is_not_asked_for_again_and_again(void **state)
{
    struct duet *duet = duet_new();
    struct hash nowhere = {{9}};
    (void)state;

    memory_store_want(duet->players[0].store, &nowhere, 10);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 3600 * 1000);
    assert_true(duet->players[0].frames <= 4);
    for (int i = 0; i < 20; i++) { /* changes elsewhere do not make it ask either */
        duet_write(duet, 0, TOPIC_RESULTS, "r", i);
        duet_changed(duet, 0);
        duet_run(duet, duet->now_ms + 60 * 1000);
    }
    assert_true(duet->players[0].frames <= 4);
    duet_free(duet);
}

/* A double of the first ABSENT, under way until the second ask has left. */
struct late_double {
    struct duet_frame absent;
    unsigned asks;
};

static bool the_first_absent_comes_again(struct duet *duet, struct duet_frame *frame)
{
    struct late_double *late = duet->filter_ctx;

    if (frame->to == 1 && frame->data[1] == MESSAGE_ABSENT && !late->absent.data) {
        late->absent = *frame;
        late->absent.data = malloc(frame->size);
        assert_non_null(late->absent.data);
        memcpy(late->absent.data, frame->data, frame->size);
    } else if (frame->to == 0 && frame->data[1] == MESSAGE_ASK && ++late->asks == 2) {
        duet->queue[duet->queue_count++] = late->absent;
    }
    return true;
}

static void a_late_answer_to_an_earlier_ask_says_nothing(void **state)
{
    struct duet *duet = duet_new(), *other = duet_new();
    struct late_double late = {0};
    struct hash object = duet_object(other, 0, 3000, 5);
    (void)state;

    duet->filter = the_first_absent_comes_again;
    duet->filter_ctx = &late;
    memory_store_want(duet->players[1].store, &object, 3000);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    assert_false(is_held(duet, 1, &object));
    duet_object(duet, 0, 3000, 5);
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 60000);
    assert_int_equal(late.asks, 2);
    assert_true(is_held(duet, 1, &object));
    duet_free(duet);
    duet_free(other);
}

static void a_new_want_is_asked_for_at_once(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    struct hash object = duet_object(duet, 0, 3000, 5);
    memory_store_want(duet->players[1].store, &object, 3000);
    duet_changed(duet, 1);
    duet_run(duet, duet->now_ms + 1000);
    assert_true(is_held(duet, 1, &object));
    duet_free(duet);
}

static void a_full_disk_stops_objects_but_not_results(void **state)
{
    struct duet *duet = duet_new();
    struct hash object = duet_object(duet, 0, 3000, 5);
    (void)state;

    memory_store_want(duet->players[1].store, &object, 3000);
    duet->players[1].disk = S_NO_SPACE;
    duet_open(duet);
    duet_run(duet, duet->now_ms + 5000);
    assert_false(is_held(duet, 1, &object));
    assert_false(duet->players[1].is_closed);
    duet_write(duet, 1, TOPIC_RESULTS, "r", 6);
    duet_changed(duet, 1);
    duet_run(duet, duet->now_ms + 5000);
    assert_int_equal(duet_read(duet, 0, 1, TOPIC_RESULTS, "r"), 6);
    duet->players[1].disk = S_OK;
    duet_run(duet, duet->now_ms + 2 * BACKOFF_MS);
    assert_true(is_held(duet, 1, &object));
    duet_free(duet);
}

enum { MANY = 40, MANY_SIZE = 900 * 1024 };

/* How many of many large objects are taken while none becomes durable. */
static size_t taken_while_slow(struct duet *duet, struct hash objects[MANY])
{
    for (size_t i = 0; i < MANY; i++) {
        objects[i] = duet_object(duet, 0, MANY_SIZE, (uint8_t)i);
        memory_store_want(duet->players[1].store, &objects[i], MANY_SIZE);
    }
    duet->players[1].is_slow = true;
    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    return duet->players[1].kinds[EFFECT_OBJECT];
}

static void all_come_in_the_end(struct duet *duet, const struct hash objects[MANY])
{
    duet_settle(duet, 1);
    duet_run(duet, duet->now_ms + 600000);
    for (size_t i = 0; i < MANY; i++) {
        assert_true(is_held(duet, 1, &objects[i]));
    }
    assert_true(duet_is_in_step(duet));
    duet_free(duet);
}

static void what_a_kill_would_lose_has_its_limit(void **state)
{
    struct duet *duet = duet_new();
    struct hash objects[MANY];
    size_t taken = taken_while_slow(duet, objects);
    (void)state;

    assert_in_range(taken * MANY_SIZE, RISKED_MAX, RISKED_MAX + MANY_SIZE - 1);
    all_come_in_the_end(duet, objects);
}

static void what_is_placed_and_not_durable_has_another_limit(void **state)
{
    struct duet *duet = duet_new();
    struct hash objects[MANY];

    (void)state;
    duet->players[1].is_placing = true;
    size_t taken = taken_while_slow(duet, objects);
    assert_in_range(taken * MANY_SIZE, STORING_MAX, STORING_MAX + ASKED_MAX + MANY_SIZE);
    all_come_in_the_end(duet, objects);
}

/* What is stored leaves the wants before its ticket is told. */
static void nothing_is_passed_over_while_tickets_are_outstanding(void **state)
{
    enum { FEW = 24, SMALL = 64 * 1024 };
    struct duet *duet = duet_new();
    struct hash objects[FEW];
    (void)state;

    duet->players[1].is_slow = duet->players[1].is_placing = true;
    for (size_t i = 0; i < FEW; i++) {
        objects[i] = duet_object(duet, 0, SMALL, (uint8_t)i);
        memory_store_want(duet->players[1].store, &objects[i], SMALL);
    }
    duet_open(duet);
    for (int round = 0; duet->players[1].kinds[EFFECT_OBJECT] < FEW; round++) {
        assert_true(round < 2000);
        duet_run(duet, duet->now_ms + 5);
        for (size_t i = 1; i < FEW; i++) {
            assert_true(is_held(duet, 1, &objects[i - 1]) || !is_held(duet, 1, &objects[i]));
        }
    }
    duet_free(duet);
}

static bool is_of_objects(const struct duet_frame *frame)
{
    return frame->data[1] == MESSAGE_PIECES || frame->data[1] == MESSAGE_PATCHES;
}

static bool no_object_comes(struct duet *duet, struct duet_frame *frame)
{
    (void)duet;
    return !is_of_objects(frame);
}

/* What is asked for of objects of `size` while nothing comes, on a line that brought `pace` bytes in ASKED_MS. */
static uint64_t asked_of(uint32_t size, uint64_t pace)
{
    struct duet *duet = duet_new();

    duet_open(duet);
    struct peer *peer = duet->players[1].peer;
    duet_run(duet, duet->now_ms + 10000);
    peer->objects_in.came_pace = pace;
    duet->filter = no_object_comes;
    for (size_t i = 0; i < MANY; i++) {
        struct hash object = duet_object(duet, 0, size, (uint8_t)i);
        memory_store_want(duet->players[1].store, &object, size);
    }
    duet_changed(duet, 1);
    duet_run(duet, duet->now_ms + 1000);
    uint64_t asked = peer->objects_in.asked_bytes;
    duet_free(duet);
    return asked;
}

static uint64_t asked_on(uint64_t pace)
{
    return asked_of(CHUNK_SIZE_MIN, pace);
}

static void as_much_is_under_way_as_the_line_brings_in_a_while(void **state)
{
    struct duet *duet = duet_new();
    const uint64_t credit = duet->players[1].credit_bytes, slow = 2 * credit * ASKED_MS / ASKED_LINE_MS;
    (void)state;
    duet_free(duet);

    assert_in_range(asked_on(0), credit, credit + CHUNK_SIZE_MIN);
    assert_in_range(asked_on(1), credit, credit + CHUNK_SIZE_MIN);
    assert_in_range(asked_on(slow), 2 * credit - CHUNK_SIZE_MIN, 2 * credit + CHUNK_SIZE_MIN);
    assert_in_range(asked_on(ASKED_FAST_PACE - 1), ASKED_MAX, ASKED_MAX + CHUNK_SIZE_MIN);
    assert_in_range(asked_on(ASKED_FAST_PACE), ASKED_MAX, ASKED_MAX + CHUNK_SIZE_MIN);
}

/* On a fast line all of it may have come when the process is killed; a slow one has the next order in time. */
static void on_a_fast_line_no_object_is_asked_for_that_a_kill_may_not_cost(void **state)
{
    (void)state;

    assert_int_equal(asked_of(RISKED_MAX / 2, ASKED_FAST_PACE), RISKED_MAX);
    assert_int_equal(asked_of(RISKED_MAX / 2 + 1, ASKED_FAST_PACE), RISKED_MAX / 2 + 1);
    assert_int_equal(asked_of(RISKED_MAX / 2 + 1, ASKED_FAST_PACE - 1), RISKED_MAX + 2);
}

static bool no_batch_comes(struct duet *duet, struct duet_frame *frame)
{
    (void)duet;
    return frame->data[1] != MESSAGE_BATCH;
}

/* Is an object asked for while so many cells are noted to pull, and do not come? */
static bool is_asked_beside(int cells)
{
    struct duet *duet = duet_new();

    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    duet->filter = no_batch_comes;
    for (int i = 0; i < cells; i++) {
        duet_write(duet, 0, TOPIC_CATALOGUE, "c", i);
    }
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 1000);
    struct hash object = duet_object(duet, 0, 700, 1);
    memory_store_want(duet->players[1].store, &object, 700);
    duet_changed(duet, 1);
    duet_run(duet, duet->now_ms + 1000);
    bool is_here = is_held(duet, 1, &object);
    duet_free(duet);
    return is_here;
}

static void a_little_of_streams_does_not_hold_up_objects(void **state)
{
    (void)state;

    assert_true(is_asked_beside(PULL_LITTLE_CELLS));
    assert_false(is_asked_beside(PULL_LITTLE_CELLS + 1));
}

/* A version is told by its stream, its manifest by the version: neither waits for the greeting between them. */
static bool no_hello_comes(struct duet *duet, struct duet_frame *frame)
{
    return frame->to == 1 || frame->data[1] != MESSAGE_HELLO || duet->players[1].kinds[EFFECT_APPLY] == 0;
}

static void what_a_stream_made_wanted_is_asked_for_before_the_next_greeting(void **state)
{
    struct duet *duet = duet_new();
    struct hash object;
    (void)state;

    duet_open(duet);
    duet_run(duet, duet->now_ms + 10000);
    object = duet_object(duet, 0, 700, 1);
    memory_store_want(duet->players[1].store, &object, 700);
    duet->filter = no_hello_comes;
    duet_write(duet, 0, TOPIC_CATALOGUE, "c", 1);
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 1000);
    assert_false(duet_is_in_step(duet));
    assert_true(is_held(duet, 1, &object));
    duet_free(duet);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_of_every_size_come_whole),
        cmocka_unit_test(a_large_object_comes_whole_over_a_lossy_wire),
        cmocka_unit_test(an_object_that_is_not_what_its_name_says_is_refused),
        cmocka_unit_test(a_driver_that_looks_at_hashes_gets_what_is_large),
        cmocka_unit_test(what_the_other_lacks_is_not_asked_for_again_and_again),
        cmocka_unit_test(a_late_answer_to_an_earlier_ask_says_nothing),
        cmocka_unit_test(nothing_is_passed_over_while_tickets_are_outstanding),
        cmocka_unit_test(as_much_is_under_way_as_the_line_brings_in_a_while),
        cmocka_unit_test(on_a_fast_line_no_object_is_asked_for_that_a_kill_may_not_cost),
        cmocka_unit_test(a_little_of_streams_does_not_hold_up_objects),
        cmocka_unit_test(what_a_stream_made_wanted_is_asked_for_before_the_next_greeting),
        cmocka_unit_test(a_new_want_is_asked_for_at_once),
        cmocka_unit_test(a_full_disk_stops_objects_but_not_results),
        cmocka_unit_test(what_a_kill_would_lose_has_its_limit),
        cmocka_unit_test(what_is_placed_and_not_durable_has_another_limit),
    };
    return KIT_RUN(tests);
}
