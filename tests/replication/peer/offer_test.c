#include "replication/peer/activity.h"
#include "tests/kit/kit.h"
#include "tests/replication/peer/duet.h"

#include <string.h>

static bool is_held(struct duet *duet, int who, const struct hash *object)
{
    struct view view = memory_store_view(duet->players[who].store, duet->roster, &duet->players[who].living);
    uint64_t size;

    return view.ops->object_find(view.ctx, object, &size);
}

static void tell_shared(struct duet *duet, int who)
{
    duet_step(duet, who, &(struct peer_event){.kind = EVENT_SHARED});
}

/* An object that only somebody else holds. */
static struct hash foreign(struct duet *other, uint8_t seed)
{
    return duet_object(other, 0, 3000, seed);
}

static void what_a_sibling_was_asked_for_in_vain_it_offers_when_it_has_it(void **state)
{
    struct duet *duet = duet_new_siblings(), *other = duet_new();
    struct hash object = foreign(other, 5);
    (void)state;

    memory_store_want(duet->players[1].store, &object, 3000);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 5000);
    assert_int_equal(peer_share_state(duet->players[1].peer, &object), SHARE_LACKS);
    assert_true(peer_was_asked(duet->players[0].peer, &object));
    duet_transcript(duet);

    duet_object(duet, 0, 3000, 5);
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 2000);
    assert_true(is_held(duet, 1, &object));
    const char *said = duet_transcript(duet);
    assert_non_null(strstr(said, "hub says offer have "));
    assert_null(strstr(said, "hello")); /* no round for it */
    duet_free(duet);
    duet_free(other);
}

/* Siblings of which the second wants `object`, and the first opens with the news that it is coming there. */
static struct duet *duet_new_announcing(const struct hash *object)
{
    struct duet *duet = duet_new_siblings();

    memory_store_want(duet->players[1].store, object, 3000);
    memory_store_coming(duet->players[0].store, object);
    duet_open(duet);
    return duet;
}

static void what_comes_to_a_sibling_is_announced_and_taken_back(void **state)
{
    struct duet *other = duet_new();
    struct hash object = foreign(other, 5);
    struct duet *duet = duet_new_announcing(&object);
    struct peer *peer;
    (void)state;

    duet_run(duet, duet->now_ms + 5000);
    peer = duet->players[1].peer;
    assert_int_equal(peer_share_state(peer, &object), SHARE_COMING); /* said with the first answer */

    memory_store_coming(duet->players[0].store, NULL);
    tell_shared(duet, 0);
    duet_run(duet, duet->now_ms + 1000);
    assert_int_equal(peer_share_state(peer, &object), SHARE_LACKS);

    memory_store_coming(duet->players[0].store, &object);
    tell_shared(duet, 0);
    duet_run(duet, duet->now_ms + 1000);
    assert_int_equal(peer_share_state(peer, &object), SHARE_COMING);
    duet_transcript(duet);
    tell_shared(duet, 0);
    duet_run(duet, duet->now_ms + 1000);
    assert_null(strstr(duet_transcript(duet), "offer")); /* once */
    duet_free(duet);
    duet_free(other);
}

static void who_announces_and_does_not_bring_is_shunned_in_time(void **state)
{
    struct duet *other = duet_new();
    struct hash object = foreign(other, 5);
    struct duet *duet = duet_new_announcing(&object);
    (void)state;

    duet_run(duet, duet->now_ms + OFFER_PATIENCE_MS / 2);
    assert_false(peer_is_shunned(duet->players[1].peer));
    assert_int_equal(peer_share_state(duet->players[1].peer, &object), SHARE_COMING);
    duet_run(duet, duet->now_ms + OFFER_PATIENCE_MS);
    assert_true(peer_is_shunned(duet->players[1].peer));
    assert_int_equal(peer_share_state(duet->players[1].peer, &object), SHARE_LACKS);
    assert_int_equal(duet->players[1].kinds[EFFECT_REFUSED], 1); /* told once */
    duet_run(duet, duet->now_ms + 10 * OFFER_PATIENCE_MS);
    assert_int_equal(duet->players[1].kinds[EFFECT_REFUSED], 1);

    duet_object(duet, 0, 3000, 5); /* what it brings in the end is welcome */
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 5000);
    assert_true(is_held(duet, 1, &object));
    duet_free(duet);
    duet_free(other);
}

/* A session that has nothing to do is not stepped again at once, for ever. */
static bool comes_to_rest(struct duet *duet, int who)
{
    for (int i = 0; i < 8; i++) {
        duet_step(duet, who, &(struct peer_event){.kind = EVENT_TICK});
    }
    return duet->players[who].deadline_ms > duet->now_ms;
}

static void who_was_shunned_and_announces_again_is_not_waited_for(void **state)
{
    struct duet *other = duet_new();
    struct hash object = foreign(other, 5);
    struct duet *duet = duet_new_announcing(&object);
    struct message again = {.type = MESSAGE_OFFER, .offer = {.hashes = &object, .coming_count = 1}};
    struct buffer frame;
    (void)state;

    duet_run(duet, duet->now_ms + 2 * OFFER_PATIENCE_MS);
    assert_true(peer_is_shunned(duet->players[1].peer));
    buffer_init(&frame);
    assert_int_equal(message_encode(&again, &frame), S_OK);
    duet_step(duet, 1, &(struct peer_event){.kind = EVENT_FRAME, .frame = buffer_bytes(&frame)});
    duet->now_ms += 2 * OFFER_LOOK_MS;
    assert_true(comes_to_rest(duet, 1));
    assert_int_equal(peer_share_state(duet->players[1].peer, &object), SHARE_LACKS);
    buffer_release(&frame);
    duet_free(duet);
    duet_free(other);
}

/* The other becomes the hub above it. */
static void put_below(struct duet *duet, int who, int parent)
{
    struct roster_node node = federation_node(duet->federation, who, parent, NODE_NATIONAL);
    struct buffer statement;

    node.admitted_ms += 1000;
    buffer_init(&statement);
    federation_admit(duet->federation, &node, FEDERATION_AUTHORITY, &statement);
    assert_int_equal(roster_add(duet->roster, buffer_bytes(&statement), NULL), S_OK);
    assert_true(roster_is_above(duet->roster, &duet->federation->nodes[parent].node, &duet->federation->nodes[who].node));
    buffer_release(&statement);
}

static void a_sibling_that_is_put_above_is_waited_for_no_more(void **state)
{
    struct duet *other = duet_new();
    struct hash object = foreign(other, 5);
    struct duet *duet = duet_new_announcing(&object);
    (void)state;

    duet_run(duet, duet->now_ms + 5000);
    assert_int_equal(peer_share_state(duet->players[1].peer, &object), SHARE_COMING);
    put_below(duet, 1, 0);
    duet->now_ms += 2 * OFFER_LOOK_MS;
    assert_true(comes_to_rest(duet, 1));
    assert_int_equal(peer_share_state(duet->players[1].peer, &object), SHARE_UNKNOWN); /* it is asked, not left to it */
    assert_false(peer_hears_offers(duet->players[1].peer));

    duet_object(duet, 0, 3000, 5);
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 60000);
    assert_true(is_held(duet, 1, &object));
    assert_true(comes_to_rest(duet, 0) && comes_to_rest(duet, 1));
    duet_free(duet);
    duet_free(other);
}

/* Nothing happens after that by which it would look again (simulator seed 48010416). */
static void what_a_sibling_that_is_put_above_has_is_asked_for_at_once(void **state)
{
    struct duet *duet = duet_new_siblings();
    struct hash first = duet_object(duet, 0, 3000, 5);
    (void)state;

    memory_store_want(duet->players[1].store, &first, 3000);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 5000);
    assert_true(is_held(duet, 1, &first) && peer_hears_offers(duet->players[1].peer));
    put_below(duet, 1, 0);
    duet->now_ms += 2 * OFFER_LOOK_MS;
    duet_step(duet, 1, &(struct peer_event){.kind = EVENT_TICK});
    assert_false(peer_hears_offers(duet->players[1].peer));
    assert_true(duet->players[1].deadline_ms <= duet->now_ms);
    duet_step(duet, 1, &(struct peer_event){.kind = EVENT_TICK});
    assert_int_equal(peer_progress(duet->players[1].peer)->state, PEER_IN_STEP);
    assert_true(comes_to_rest(duet, 1));
    duet_free(duet);
}

static bool no_piece_arrives(struct duet *duet, struct duet_frame *frame)
{
    (void)duet;
    return frame->channel != CHANNEL_BULK;
}

static void who_has_it_and_does_not_give_it_is_shunned_in_time(void **state)
{
    struct duet *duet = duet_new_siblings();
    struct hash object = duet_object(duet, 0, 3000, 5);
    (void)state;

    duet->filter = no_piece_arrives;
    memory_store_want(duet->players[1].store, &object, 3000);
    duet_open(duet);
    duet_run(duet, duet->now_ms + OFFER_PATIENCE_MS / 2);
    assert_true(peer_is_awaited(duet->players[1].peer));
    duet_run(duet, duet->now_ms + OFFER_PATIENCE_MS);
    assert_false(peer_is_awaited(duet->players[1].peer));
    assert_true(peer_is_shunned(duet->players[1].peer));
    duet_free(duet);
}

static void a_node_above_is_never_shunned_nor_offered_to(void **state)
{
    struct duet *duet = duet_new();
    struct hash object = duet_object(duet, 0, 3000, 5), nowhere = {{9}};
    (void)state;

    duet->filter = no_piece_arrives;
    memory_store_want(duet->players[1].store, &object, 3000);
    memory_store_want(duet->players[1].store, &nowhere, 10);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 2 * OFFER_PATIENCE_MS);
    assert_false(peer_is_shunned(duet->players[1].peer));
    assert_null(strstr(duet_transcript(duet), "offer"));
    duet_free(duet);
}

/* It could keep others from bringing what it was asked for, for as long as it stays. */
static void a_node_below_that_does_not_give_is_shunned_in_time_and_not_blamed(void **state)
{
    struct duet *duet = duet_new();
    struct hash object = duet_object(duet, 1, 3000, 5);
    (void)state;

    duet->filter = no_piece_arrives;
    memory_store_want(duet->players[0].store, &object, 3000);
    duet_open(duet);
    duet_run(duet, duet->now_ms + OFFER_PATIENCE_MS / 2);
    assert_false(peer_is_shunned(duet->players[0].peer));
    duet_run(duet, duet->now_ms + 2 * OFFER_PATIENCE_MS);
    assert_true(peer_is_shunned(duet->players[0].peer));
    assert_int_equal(duet->players[0].kinds[EFFECT_REFUSED], 0);
    duet_free(duet);
}

static void more_than_it_remembers_is_asked_for_when_some_has_come(void **state)
{
    enum { WANTS = LACKS_MAX + 100 };
    struct duet *duet = duet_new_siblings(), *other = duet_new();
    struct hash objects[WANTS];
    unsigned held = 0;
    (void)state;

    for (uint32_t i = 0; i < WANTS; i++) {
        uint8_t data[60] = {(uint8_t)i, (uint8_t)(i >> 8), 7};
        objects[i] = hash_of(bytes_of(NULL, 0), bytes_of(data, sizeof data));
        memory_store_want(duet->players[1].store, &objects[i], sizeof data);
    }
    duet_open(duet);
    duet_run(duet, duet->now_ms + 5000);
    assert_int_equal(duet->players[1].peer->offers.count, LACKS_MAX);
    for (uint32_t i = 0; i < WANTS; i++) {
        held += peer_share_state(duet->players[1].peer, &objects[i]) == SHARE_LATER;
    }
    assert_int_equal(held, WANTS - LACKS_MAX);
    for (uint32_t i = 0; i < WANTS; i++) {
        uint8_t data[60] = {(uint8_t)i, (uint8_t)(i >> 8), 7};
        memory_store_object_put(duet->players[0].store, &objects[i], bytes_of(data, sizeof data));
    }
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 60 * 1000);
    for (uint32_t i = 0; i < WANTS; i++) {
        assert_true(is_held(duet, 1, &objects[i]));
    }
    assert_int_equal(duet->players[1].peer->offers.count, 0);
    duet_free(duet);
    duet_free(other);
}

/* A later version, or a rogue: what was never asked for leaves no trace. */
static void offers_of_what_was_never_asked_for_are_overlooked(void **state)
{
    struct duet *duet = duet_new_siblings();
    struct hash hashes[3] = {{{1}}, {{2}}, {{3}}};
    struct message message = {.type = MESSAGE_OFFER, .offer = {hashes, 1, 1, 1}};
    struct buffer frame;
    (void)state;

    duet_open(duet);
    duet_run(duet, duet->now_ms + 5000);
    buffer_init(&frame);
    assert_int_equal(message_encode(&message, &frame), S_OK);
    duet_step(duet, 1, &(struct peer_event){.kind = EVENT_FRAME, .frame = buffer_bytes(&frame)});
    assert_int_equal(duet->players[1].peer->offers.count, 0);
    assert_int_equal(peer_share_state(duet->players[1].peer, &hashes[1]), SHARE_UNKNOWN);
    assert_int_equal(duet->players[1].kinds[EFFECT_REFUSED], 0);
    buffer_release(&frame);
    duet_free(duet);
}

static bool no_offer_arrives(struct duet *duet, struct duet_frame *frame)
{
    (void)duet;
    return frame->data[1] != MESSAGE_OFFER;
}

/* The version before this one knows no offers. */
static void who_understands_no_offers_is_told_by_greetings(void **state)
{
    struct duet *duet = duet_new_siblings(), *other = duet_new();
    struct hash object = foreign(other, 5);
    (void)state;

    duet->filter = no_offer_arrives;
    memory_store_want(duet->players[1].store, &object, 3000);
    duet_open(duet);
    duet_run(duet, duet->now_ms + 5000);
    assert_int_equal(peer_share_state(duet->players[1].peer, &object), SHARE_UNKNOWN);
    duet_object(duet, 0, 3000, 5);
    duet_changed(duet, 0);
    duet_run(duet, duet->now_ms + 60000);
    assert_true(is_held(duet, 1, &object));
    duet_free(duet);
    duet_free(other);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_sibling_was_asked_for_in_vain_it_offers_when_it_has_it),
        cmocka_unit_test(what_comes_to_a_sibling_is_announced_and_taken_back),
        cmocka_unit_test(who_announces_and_does_not_bring_is_shunned_in_time),
        cmocka_unit_test(who_was_shunned_and_announces_again_is_not_waited_for),
        cmocka_unit_test(a_sibling_that_is_put_above_is_waited_for_no_more),
        cmocka_unit_test(what_a_sibling_that_is_put_above_has_is_asked_for_at_once),
        cmocka_unit_test(who_has_it_and_does_not_give_it_is_shunned_in_time),
        cmocka_unit_test(a_node_above_is_never_shunned_nor_offered_to),
        cmocka_unit_test(a_node_below_that_does_not_give_is_shunned_in_time_and_not_blamed),
        cmocka_unit_test(more_than_it_remembers_is_asked_for_when_some_has_come),
        cmocka_unit_test(offers_of_what_was_never_asked_for_are_overlooked),
        cmocka_unit_test(who_understands_no_offers_is_told_by_greetings),
    };
    return KIT_RUN(tests);
}
