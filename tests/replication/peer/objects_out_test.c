#include "replication/peer/activity.h"
#include "replication/peer/bounds.h"
#include "tests/kit/kit.h"
#include "tests/replication/peer/duet.h"

#include <string.h>

static void many_small_objects_share_a_frame(void **state)
{
    struct duet *duet = duet_new();
    (void)state;

    for (uint8_t i = 0; i < 100; i++) {
        struct hash object = duet_object(duet, 0, 200, i);
        memory_store_want(duet->players[1].store, &object, 200);
    }
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_int_equal(duet->players[1].kinds[EFFECT_OBJECT], 100);
    assert_true(duet->players[0].frames <= 6); /* greetings and one or two frames of pieces */
    duet_free(duet);
}

static void compressible_objects_fill_a_frame_with_more_than_its_size(void **state)
{
    struct duet *duet = duet_new();
    static uint8_t page[40000];
    (void)state;

    for (unsigned i = 0; i < 20; i++) {
        memset(page, (int)('a' + i), sizeof page);
        struct hash object = hash_of(bytes_of(NULL, 0), bytes_of(page, sizeof page));
        memory_store_object_put(duet->players[0].store, &object, bytes_of(page, sizeof page));
        memory_store_want(duet->players[1].store, &object, sizeof page);
    }
    duet_open(duet);
    duet_run(duet, duet->now_ms + 600000);
    assert_int_equal(duet->players[1].kinds[EFFECT_OBJECT], 20);
    assert_true(duet->players[0].frames < 20); /* 26 frames at their own size */
    duet_free(duet);
}

/* The hub is asked from below for what it lacks; when it has got it, the campus is told and gets it. */
static void what_is_asked_from_below_is_demanded_and_then_delivered(void **state)
{
    struct duet *duet = duet_new();
    struct hash object = duet_object(duet, 0, 2000, 8);
    struct memory_store *with_object = duet->players[0].store;
    (void)state;

    duet->players[0].store = memory_store_new(&duet->federation->id);
    memory_store_want(duet->players[1].store, &object, 2000);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    assert_int_equal(duet->players[0].kinds[EFFECT_DEMAND], 1);
    memory_store_free(duet->players[0].store);
    duet->players[0].store = with_object;
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 60000);
    assert_int_equal(duet->players[1].kinds[EFFECT_OBJECT], 1);
    duet_free(duet);
}

/* One of two that it asked for has come: the other waits to be told, but neither for news of another kind nor for the second. */
static void what_is_kept_back_keeps_nothing_else_back(void **state)
{
    struct duet *duet = duet_new();
    struct memory_store *with_objects = duet->players[0].store;
    struct hash first = duet_object(duet, 0, 2000, 8), second = duet_object(duet, 0, 2000, 9);
    const uint64_t soon_ms = 600; /* before it is told, or asks, for the sake of time alone */
    (void)state;

    duet->players[0].store = memory_store_new(&duet->federation->id);
    memory_store_want(duet->players[1].store, &first, 2000);
    memory_store_want(duet->players[1].store, &second, 2000);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    duet_object(duet, 0, 2000, 8);
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + soon_ms);
    assert_int_equal(duet->players[1].kinds[EFFECT_OBJECT], 0);
    duet_write(duet, 0, TOPIC_CATALOGUE, "d", 1);
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + soon_ms);
    assert_int_equal(duet_read(duet, 1, 0, TOPIC_CATALOGUE, "d"), 1);
    memory_store_free(duet->players[0].store);
    duet->players[0].store = with_objects;
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + soon_ms);
    assert_int_equal(duet->players[1].kinds[EFFECT_OBJECT], 2);
    duet_free(duet);
}

/* The first demand may have met a full disk: nobody says it again but us. */
static void what_stays_absent_is_demanded_again_after_a_while(void **state)
{
    struct duet *duet = duet_new();
    struct hash nowhere = {{9}};
    (void)state;

    memory_store_want(duet->players[1].store, &nowhere, 10);
    duet_open(duet);
    const uint64_t asked_ms = duet->now_ms + 1000;
    duet_run(duet, asked_ms);
    assert_int_equal(duet->players[0].kinds[EFFECT_DEMAND], 1);
    duet_run(duet, asked_ms + DEMAND_AGAIN_MS);
    assert_int_equal(duet->players[0].kinds[EFFECT_DEMAND], 2);
    duet_run(duet, asked_ms + 3 * DEMAND_AGAIN_MS);
    assert_int_equal(duet->players[0].kinds[EFFECT_DEMAND], 4);
    duet_free(duet);
}

/* Whether it was published below the campus is for the driver to know. */
static void what_is_asked_from_above_is_demanded_from_below_alone(void **state)
{
    struct duet *duet = duet_new();
    struct hash nowhere = {{9}};
    (void)state;

    memory_store_want(duet->players[0].store, &nowhere, 10);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 60000);
    assert_int_equal(duet->players[1].kinds[EFFECT_DEMAND], 1);
    assert_non_null(strstr(duet_transcript(duet), "campus demands 0900 if from below\n"
                                                  "campus says absent 0900"));
    duet_free(duet);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_small_objects_share_a_frame),
        cmocka_unit_test(compressible_objects_fill_a_frame_with_more_than_its_size),
        cmocka_unit_test(what_is_asked_from_below_is_demanded_and_then_delivered),
        cmocka_unit_test(what_is_kept_back_keeps_nothing_else_back),
        cmocka_unit_test(what_stays_absent_is_demanded_again_after_a_while),
        cmocka_unit_test(what_is_asked_from_above_is_demanded_from_below_alone),
    };
    return KIT_RUN(tests);
}
