/* What of this node's own streams comes back, and whether it is of before. */
#include "node/store/stream/heard.h"

#include <string.h>

#include "node/store/stream/held.h"
#include "node/store/stream/intake.h"
#include "node/store/stream/own.h"
#include "node/store/stream/roster.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_turn.h"
#include "tests/kit/stream_writer.h"

#define FUTURE ((hlc)4090000000000 << 16) /* 2099: this machine's clock is behind what it wrote */

struct arrival {
    struct intake intake;
    struct stream_id stream;
    struct buffer body;
};

static enum status arrive_run(struct db *db, void *arg)
{
    struct arrival *arrival = arg;

    return intake_apply(&arrival->intake, db, &arrival->stream, buffer_bytes(&arrival->body));
}

/* A stream of `node` comes from a peer. */
static void arrive(struct kit_turn *turn, const struct id *node, uint8_t incarnation, enum topic topic,
                   hlc stamp)
{
    struct arrival arrival = {.intake = {.federation = &turn->kit.federation}};
    struct stream_writer writer;

    stream_writer_init(&writer, &turn->kit.federation.id, 9, topic);
    writer.head.stream = arrival.stream = (struct stream_id){*node, {{incarnation}}, topic};
    writer.key = lthash_key(&turn->kit.federation.id, &writer.head.stream);
    stream_writer_put_number(&writer, "key", 1);
    struct stream_head head = stream_writer_certify(&writer).head;
    head.stamp = stamp;
    struct certificate certificate =
        certificate_sign(&turn->kit.federation.id, &head, writer.identity.sign_secret);
    stream_writer_body(&writer, 0, 1, &certificate, &arrival.body);
    assert_int_equal(store_write_wait(turn->kit.store, arrive_run, &arrival), S_OK);
    stream_writer_release(&writer);
    buffer_release(&arrival.body);
}

static enum status held_run(struct db *db, void *arg)
{
    return held_put(db, arg);
}

static bool is_heard(struct kit_turn *turn)
{
    struct roster *roster;
    struct id living;
    struct db *db = store_read_begin(turn->kit.store);

    assert_int_equal(roster_load(db, &turn->kit.federation, &roster, NULL), S_OK);
    assert_true(own_living(turn->kit.store, &living));
    bool is_heard = heard_by_all(db, roster, &turn->kit.identity.node, &living);
    store_read_end(turn->kit.store, db);
    roster_free(roster);
    return is_heard;
}

static void hear(struct kit_turn *turn, const struct id *holder, enum topic topic)
{
    struct held held = {
        .stream = {.node = turn->kit.identity.node, .topic = topic}, .seq = 1, .holder = *holder};

    assert_true(own_living(turn->kit.store, &held.stream.incarnation));
    assert_int_equal(store_write_wait(turn->kit.store, held_run, &held), S_OK);
}

static void what_comes_back_before_all_were_heard_is_of_before(void **state)
{
    struct kit_turn turn;
    struct id hub;
    (void)state;

    kit_turn_open(&turn);
    kit_turn_join_hub(&turn, &hub);
    hlc since = own_living_since(turn.kit.store);
    assert_true(since < FUTURE);
    assert_false(is_heard(&turn));
    arrive(&turn, &hub, 1, TOPIC_ROSTER, FUTURE + 5); /* somebody else's says nothing */
    arrive(&turn, &turn.kit.identity.node, 2, TOPIC_CATALOGUE, since - 1);
    assert_true(own_living_since(turn.kit.store) == since);
    arrive(&turn, &turn.kit.identity.node, 3, TOPIC_CATALOGUE, FUTURE);
    assert_true(own_living_since(turn.kit.store) == FUTURE);
    assert_true(own_living_drawn(turn.kit.store) == since); /* a copy of this machine may have written it, which may adopt this one's (peer/adopt.h) */
    kit_store_reopen(&turn.kit);
    kit_turn_ask(&turn); /* who goes on in it after a restart knows it too */
    assert_true(own_living_since(turn.kit.store) >= FUTURE && own_living_drawn(turn.kit.store) == since);
    kit_turn_close(&turn);
}

static void what_comes_later_another_machine_wrote(void **state)
{
    struct kit_turn turn;
    struct id hub;
    (void)state;

    kit_turn_open(&turn);
    kit_turn_join_hub(&turn, &hub);
    hlc since = own_living_since(turn.kit.store);
    hear(&turn, &hub, TOPIC_CATALOGUE); /* results decide: they go out when all has come back */
    assert_false(is_heard(&turn));
    hear(&turn, &hub, TOPIC_RESULTS);
    assert_true(is_heard(&turn));
    arrive(&turn, &turn.kit.identity.node, 3, TOPIC_CATALOGUE, FUTURE);
    assert_true(own_living_since(turn.kit.store) == since);
    kit_turn_close(&turn);
}

static void a_hub_alone_waits_for_nobody(void **state)
{
    struct kit_turn turn;
    (void)state;

    kit_turn_open(&turn);
    assert_true(is_heard(&turn));
    kit_turn_close(&turn);
}

/* It may have results that this node forgot, and is sent no more of them: it says that it holds the roster stream. */
static void a_former_hub_is_heard_by_what_it_says_of_the_roster(void **state)
{
    struct kit_turn turn;
    struct id hub;
    (void)state;

    kit_turn_open(&turn);
    kit_turn_join_hub(&turn, &hub);
    kit_turn_demote_hub(&turn, &hub);
    assert_false(is_heard(&turn));
    hear(&turn, &hub, TOPIC_CATALOGUE);
    assert_false(is_heard(&turn));
    arrive(&turn, &turn.kit.identity.node, 3, TOPIC_CATALOGUE, FUTURE); /* what it gives back is of before */
    assert_true(own_living_since(turn.kit.store) == FUTURE);
    hear(&turn, &hub, TOPIC_ROSTER);
    assert_true(is_heard(&turn));
    kit_turn_close(&turn);
}

static void what_a_hub_said_before_it_was_demoted_is_good_too(void **state)
{
    struct kit_turn turn;
    struct id hub;
    (void)state;

    kit_turn_open(&turn);
    kit_turn_join_hub(&turn, &hub);
    hear(&turn, &hub, TOPIC_ROSTER); /* a hub is heard by results alone */
    assert_false(is_heard(&turn));
    hear(&turn, &hub, TOPIC_RESULTS);
    kit_turn_demote_hub(&turn, &hub);
    assert_true(is_heard(&turn));
    kit_turn_close(&turn);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_former_hub_is_heard_by_what_it_says_of_the_roster),
        cmocka_unit_test(what_a_hub_said_before_it_was_demoted_is_good_too),
        cmocka_unit_test(what_comes_back_before_all_were_heard_is_of_before),
        cmocka_unit_test(what_comes_later_another_machine_wrote),
        cmocka_unit_test(a_hub_alone_waits_for_nobody),
    };
    return KIT_RUN(tests);
}
