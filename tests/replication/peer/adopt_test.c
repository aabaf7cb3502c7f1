/* Which closed streams are adopted when. Node 2, a campus, below node 1, a centre, below node 0, the hub. */
#include "replication/peer/adopt.h"

#include <stdio.h>
#include <string.h>

#include "replication/trust/rekey.h"
#include "tests/kit/federation.h"
#include "tests/kit/kit.h"
#include "tests/kit/memory_store.h"

struct desk {
    struct federation federation;
    struct roster *roster;
    struct memory_store *store;
    struct id living;
    hlc since;
};

static int setup(void **state)
{
    struct desk *desk = test_calloc(1, sizeof *desk);

    federation_make(&desk->federation, 5);
    desk->roster = roster_new(&desk->federation.id, desk->federation.authority.sign_public);
    federation_enter(&desk->federation, desk->roster, 0, FEDERATION_AUTHORITY, NODE_HUB);
    federation_enter(&desk->federation, desk->roster, 1, 0, NODE_NATIONAL);
    federation_enter(&desk->federation, desk->roster, 2, 1, NODE_CAMPUS);
    desk->store = memory_store_new(&desk->federation.id);
    memory_store_set_self(desk->store, &desk->federation.nodes[2].node);
    desk->living = (struct id){{0xee}};
    desk->since = 1000;
    *state = desk;
    return 0;
}

static int teardown(void **state)
{
    struct desk *desk = *state;

    memory_store_free(desk->store);
    roster_free(desk->roster);
    test_free(desk);
    return 0;
}

static struct stream_id stream_of(struct desk *desk, uint8_t incarnation)
{
    return (struct stream_id){desk->federation.nodes[2].node, {{incarnation}}, TOPIC_RESULTS};
}

/* Writes `cells` cells under keys from `first` on. */
static void write_cells_of(struct desk *desk, enum topic topic, uint8_t incarnation, int first, int cells, hlc stamp)
{
    struct stream_id stream = stream_of(desk, incarnation);
    struct buffer value;
    char key[32];

    stream.topic = topic;

    buffer_init(&value);
    cell_value_number(&value, CELL_COUNT, 1);
    for (int i = 0; i < cells; i++) {
        snprintf(key, sizeof key, "r\x1f%d", first + i);
        struct memory_cell cell = {bytes_text(key), buffer_bytes(&value)};
        memory_store_write(desk->store, &stream, &cell, 1, &desk->federation.nodes[2], stamp);
    }
    buffer_release(&value);
}

static void write_cells(struct desk *desk, uint8_t incarnation, int first, int cells, hlc stamp)
{
    write_cells_of(desk, TOPIC_RESULTS, incarnation, first, cells, stamp);
}

static void hold(struct desk *desk, uint8_t incarnation, int holder, uint64_t seq)
{
    struct held held = {stream_of(desk, incarnation), seq, 1, desk->federation.nodes[holder].node};
    memory_store_held_put(desk->store, &held);
}

/* Of what its database did not write: incarnation 2. */
static bool is_over(void *ctx, const struct stream_head *head)
{
    (void)ctx;
    return head->stream.incarnation.b[0] != 2;
}

static struct adopt_plan anew_of(struct desk *desk, bool is_two_over)
{
    struct view view = memory_store_view(desk->store, desk->roster, &desk->living);
    struct view_ops ops = *view.ops;
    struct adopt_plan plan;

    ops.is_over = is_two_over ? NULL : is_over;
    view.ops = &ops;
    view.living_drawn = desk->since;
    adopt_plan_anew(&view, &desk->federation.nodes[2].node, &plan);
    return plan;
}

static struct adopt_plan plan_of_topic(struct desk *desk, enum topic topic, uint64_t spare)
{
    struct view view = memory_store_view(desk->store, desk->roster, &desk->living);
    struct adopt_plan plan;

    view.living_drawn = desk->since;
    adopt_plan_make(&view, &desk->federation.nodes[2].node, topic, spare, &plan);
    return plan;
}

static struct adopt_plan plan_of(struct desk *desk, uint64_t spare)
{
    return plan_of_topic(desk, TOPIC_RESULTS, spare);
}

static bool is_heard(struct desk *desk)
{
    struct view view = memory_store_view(desk->store, desk->roster, &desk->living);

    return !adopt_missing(view.roster, &desk->federation.nodes[2].node, &view.living, view.ops->held_seq, view.ctx);
}

static void a_stream_is_adopted_when_all_who_may_hold_it_were_heard(void **state)
{
    struct desk *desk = *state;

    assert_false(is_heard(desk));
    write_cells(desk, 1, 0, 3, 10);
    assert_int_equal(plan_of(desk, 256).closed, 1);
    assert_int_equal(plan_of(desk, 256).count, 0); /* there is nothing to adopt into */
    write_cells(desk, 0xee, 0, 1, 2000);
    hold(desk, 1, 0, 3), hold(desk, 1, 1, 3);
    assert_int_equal(plan_of(desk, 256).unheard, 1); /* what they hold may have been said before this node forgot */
    hold(desk, 0xee, 0, 1);
    assert_int_equal(plan_of(desk, 256).count, 0);
    assert_false(is_heard(desk));
    hold(desk, 0xee, 1, 1);
    assert_true(is_heard(desk));
    struct adopt_plan plan = plan_of(desk, 256);
    assert_true(plan.count == 1 && plan.items[0].seq == 3 && plan.unheard == 0);
}

static void who_holds_more_or_less_stands_in_the_way_of_all(void **state)
{
    struct desk *desk = *state;

    write_cells(desk, 1, 0, 3, 10), write_cells(desk, 2, 0, 2, 20), write_cells(desk, 0xee, 0, 1, 2000);
    for (int holder = 0; holder < 2; holder++) {
        hold(desk, 0xee, holder, 1), hold(desk, 1, holder, 3);
    }
    hold(desk, 2, 0, 2), hold(desk, 2, 1, 1);
    assert_true(plan_of(desk, 256).count == 0 && plan_of(desk, 256).unheard == 1);
    hold(desk, 2, 1, 2);
    assert_int_equal(plan_of(desk, 256).count, 2);
    assert_int_equal(plan_of(desk, 256).items[0].count, 2); /* the smaller first */
    hold(desk, 2, 1, 5);
    assert_int_equal(plan_of(desk, 256).count, 0); /* this node has forgotten something */
}

/* Node 2 changes its keys: for those of node 3, which is nobody here. */
static void key_change(struct desk *desk)
{
    struct signer by = federation_signer(&desk->federation, 2), above = federation_signer(&desk->federation, 1);
    struct rekey_terms terms = {.node = desk->federation.nodes[2].node, .turn = 1, .next = &desk->federation.nodes[3], .at_ms = 5000};
    struct statement asked;
    struct buffer rekey, grant;

    buffer_init(&rekey), buffer_init(&grant);
    assert_int_equal(statement_rekey(&desk->federation.id, &terms, &by, &rekey), S_OK);
    statement_read(buffer_bytes(&rekey), &asked);
    assert_int_equal(statement_grant(&desk->federation.id, &terms.node, &asked.hash, 6000, &above, &grant), S_OK);
    assert_int_equal(roster_add(desk->roster, buffer_bytes(&rekey), NULL), S_OK);
    assert_int_equal(roster_add(desk->roster, buffer_bytes(&grant), NULL), S_OK);
    buffer_release(&rekey), buffer_release(&grant);
}

/* The stream of incarnation 1 ends at `seq`; of several such statements the earliest holds. */
static void key_end(struct desk *desk, uint64_t seq, uint64_t at_ms)
{
    struct stream_end end = {.stream = stream_of(desk, 1), .seq = seq};
    struct close_terms terms = {
        .node = end.stream.node, .turn = 1, .ends = &end, .end_count = 1, .has_kept = true, .at_ms = at_ms};
    struct signer by = {.node = end.stream.node};
    struct buffer out;

    memcpy(by.sign_secret, desk->federation.nodes[3].sign_secret, sizeof by.sign_secret);
    buffer_init(&out);
    assert_int_equal(statement_close(&desk->federation.id, &terms, &by, &out), S_OK);
    assert_int_equal(roster_add(desk->roster, buffer_bytes(&out), NULL), S_OK);
    buffer_release(&out);
}

/* Nobody takes such a stream anew, so nobody would ever say that it holds it. */
static void what_is_left_below_a_lost_end_stands_in_nobodys_way(void **state)
{
    struct desk *desk = *state;

    write_cells(desk, 1, 0, 3, 10), write_cells(desk, 2, 0, 2, 20), write_cells(desk, 0xee, 0, 1, 2000);
    hold(desk, 0xee, 0, 1), hold(desk, 2, 0, 2), hold(desk, 2, 1, 2);
    key_change(desk);
    key_end(desk, 3, 7000); /* where it is: others may take it, and it is waited for */
    hold(desk, 0xee, 1, 1);
    assert_true(plan_of(desk, 256).count == 0 && plan_of(desk, 256).unheard == 1 && plan_of(desk, 256).cut_off == 0);
    key_end(desk, 4, 6900); /* further than anybody has it */
    struct adopt_plan plan = plan_of(desk, 256);
    assert_true(plan.count == 1 && plan.items[0].stream.incarnation.b[0] == 2 && plan.unheard == 0 && plan.cut_off == 1);
    write_cells(desk, 0xe0, 0, 1, 30), desk->living = (struct id){{0xe0}}; /* who has the end may not have been heard of since this life began */
    plan = plan_of(desk, 256);
    assert_true(plan.count == 0 && plan.unheard > 0);
}

static void a_large_stream_waits_until_it_is_worth_it(void **state)
{
    struct desk *desk = *state;

    write_cells(desk, 1, 0, 30, 10), write_cells(desk, 0xee, 0, 1, 2000);
    for (int holder = 0; holder < 2; holder++) {
        hold(desk, 0xee, holder, 1), hold(desk, 1, holder, 30);
    }
    assert_int_equal(plan_of(desk, 27).count, 0);
    assert_int_equal(plan_of(desk, 28).count, 1);
    write_cells(desk, 0xee, 1, 14, 2000);
    assert_int_equal(plan_of(desk, 0).count, 1);
}

static void what_was_certified_after_this_life_began_is_not_of_an_earlier_one(void **state)
{
    struct desk *desk = *state;

    write_cells(desk, 1, 0, 3, 1001), write_cells(desk, 0xee, 0, 1, 2000);
    for (int holder = 0; holder < 2; holder++) {
        hold(desk, 0xee, holder, 1), hold(desk, 1, holder, 3);
    }
    assert_true(plan_of(desk, 256).count == 0 && plan_of(desk, 256).foreign == 1);
}

static void what_another_machine_may_add_to_is_not_adopted(void **state)
{
    struct desk *desk = *state;
    struct adopt_plan plan;

    write_cells(desk, 1, 0, 3, 10), write_cells(desk, 2, 0, 3, 20), write_cells(desk, 0xee, 0, 1, 2000);
    for (int holder = 0; holder < 2; holder++) {
        hold(desk, 0xee, holder, 1), hold(desk, 1, holder, 3), hold(desk, 2, holder, 3);
    }
    struct view view = memory_store_view(desk->store, desk->roster, &desk->living);
    struct view_ops ops = *view.ops;
    ops.is_over = is_over;
    view.ops = &ops;
    view.living_drawn = desk->since;
    adopt_plan_make(&view, &desk->federation.nodes[2].node, TOPIC_RESULTS, 256, &plan);
    assert_true(plan.count == 1 && plan.foreign == 1 && plan.closed == 2 && plan.items[0].stream.incarnation.b[0] == 1);
    assert_int_equal(plan_of(desk, 256).count, 2); /* where all are over */
}

static void who_begins_anew_takes_all_that_is_over_and_heard(void **state)
{
    struct desk *desk = *state;
    struct adopt_plan plan;

    write_cells(desk, 1, 0, 30, 10), write_cells(desk, 2, 0, 3, 5000), write_cells(desk, 0xee, 0, 5, 2000);
    for (int holder = 0; holder < 2; holder++) {
        hold(desk, 0xee, holder, 5), hold(desk, 1, holder, 30), hold(desk, 2, holder, 3);
    }
    plan = anew_of(desk, true);
    assert_true(plan.is_anew && plan.count == 3 && plan.items[0].count == 3 && plan.items[2].count == 30); /* whatever their sizes and stamps */
    plan = anew_of(desk, false);
    assert_true(plan.count == 2 && plan.foreign == 1);
    write_cells(desk, 0xee, 5, 1, 2001);
    hold(desk, 0xee, 1, 6);
    plan = anew_of(desk, true);
    assert_true(plan.count == 0 && plan.unheard == 1); /* not even the living one may be forgotten in part */
    hold(desk, 0xee, 0, 6);
    assert_int_equal(anew_of(desk, true).count, 3);
    desk->living = (struct id){{0xdd}};
    assert_int_equal(anew_of(desk, true).count, 0); /* nothing was written in the living one, nobody was heard of since */
}

static void adopted_streams_are_out_of_sight_and_what_they_adopted_too(void **state)
{
    struct desk *desk = *state;
    struct stream_id first = stream_of(desk, 1), second = stream_of(desk, 2), living = stream_of(desk, 0xee);
    struct adopt_plan plan;
    struct bytes value;
    int64_t number;

    write_cells(desk, 1, 0, 2, 10);
    plan = (struct adopt_plan){.living = second, .items = {{first, 2, 2}}, .count = 1};
    write_cells(desk, 2, 0, 1, 20);
    assert_int_equal(memory_store_adopt(desk->store, &plan, &desk->federation.nodes[2], 21), S_OK);
    assert_true(memory_store_adopted_seq(desk->store, &first) == 2);
    write_cells(desk, 0xee, 0, 1, 2000);
    for (int holder = 0; holder < 2; holder++) {
        hold(desk, 0xee, holder, 1), hold(desk, 2, holder, 4);
    }
    plan = plan_of(desk, 256);
    assert_true(plan.count == 1 && plan.closed == 1);
    assert_int_equal(memory_store_adopt(desk->store, &plan, &desk->federation.nodes[2], 2001), S_OK);
    assert_true(memory_store_adopted_seq(desk->store, &first) == 2 && memory_store_adopted_seq(desk->store, &second) == 4);
    assert_true(memory_store_find(desk->store, &living, bytes_text("r\x1f" "0"), &value));
    assert_true(cell_value_get_number(value, &number) && number == 3);
    assert_int_equal(plan_of(desk, 256).closed, 0);
    desk->living = (struct id){{2}};
    assert_true(plan_of(desk, 256).is_displaced);
}

/* The machine is lost twice: a neighbour holds the first stream further than the second had found it when it adopted it. */
static void one_that_comes_back_longer_is_adopted_again_where_that_harms_nothing(void **state)
{
    static const enum topic topics[] = {TOPIC_ROSTER, TOPIC_RESULTS};
    struct desk *desk = *state;

    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        enum topic topic = topics[i];
        struct stream_id first = stream_of(desk, 1), living = stream_of(desk, 0xee);
        first.topic = living.topic = topic;
        write_cells_of(desk, topic, 1, 0, 2, 10), write_cells_of(desk, topic, 0xee, 0, 1, 2000);
        struct adopt_plan plan = {.living = living, .items = {{first, 2, 2}}, .count = 1};
        assert_int_equal(memory_store_adopt(desk->store, &plan, &desk->federation.nodes[2], 2001), S_OK);
        write_cells_of(desk, topic, 1, 2, 1, 11);
        plan = plan_of_topic(desk, topic, 256);
        if (topic == TOPIC_RESULTS) {
            assert_true(plan.count == 0 && plan.short_ones == 1); /* the larger part would count twice */
            continue;
        }
        assert_true(plan.count == 1 && plan.short_ones == 0 && plan.items[0].seq == 3);
        assert_int_equal(memory_store_adopt(desk->store, &plan, &desk->federation.nodes[2], 2002), S_OK);
        assert_true(memory_store_adopted_seq(desk->store, &first) == 3);
        plan = plan_of_topic(desk, topic, 256);
        assert_true(plan.count == 0 && plan.closed == 0);
    }
}

static void place(struct desk *desk, int who, int parent, enum node_kind kind, uint64_t at_ms)
{
    struct roster_node node = federation_node(&desk->federation, who, parent, kind);
    struct buffer statement;

    node.admitted_ms = at_ms;
    memset(node.consent, 0, sizeof node.consent);
    buffer_init(&statement);
    federation_admit(&desk->federation, &node, FEDERATION_AUTHORITY, &statement);
    assert_int_equal(roster_add(desk->roster, buffer_bytes(&statement), NULL), S_OK);
    buffer_release(&statement);
}

/* Node 3 becomes the hub in the place of node 0, which is a centre then. */
static void hand_over(struct desk *desk)
{
    place(desk, 3, FEDERATION_AUTHORITY, NODE_HUB, 2000);
    place(desk, 1, 3, NODE_NATIONAL, 2000);
    place(desk, 0, 3, NODE_NATIONAL, 2000);
    assert_false(roster_may_hold(desk->roster, &desk->federation.nodes[0].node, &desk->federation.nodes[2].node, TOPIC_RESULTS));
}

/* It may have results that this node forgot, and is sent no more: it says that it holds the roster stream (simulator seed 45100214). */
static void a_former_hub_is_heard_too(void **state)
{
    struct desk *desk = *state;
    struct held given = {stream_of(desk, 0xee), 1, 1, desk->federation.nodes[0].node};

    hand_over(desk);
    hold(desk, 0xee, 1, 1), hold(desk, 0xee, 3, 1);
    assert_false(is_heard(desk));
    given.stream.topic = TOPIC_CATALOGUE;
    memory_store_held_put(desk->store, &given);
    given.stream.topic = TOPIC_ROSTER, given.stream.incarnation = (struct id){{0xed}}; /* of an earlier life */
    memory_store_held_put(desk->store, &given);
    assert_false(is_heard(desk));
    given.stream.incarnation = (struct id){{0xee}};
    memory_store_held_put(desk->store, &given);
    assert_true(is_heard(desk));
}

static void what_it_said_while_it_was_the_hub_is_good_too(void **state)
{
    struct desk *desk = *state;

    hold(desk, 0xee, 0, 1);
    hand_over(desk);
    hold(desk, 0xee, 1, 1), hold(desk, 0xee, 3, 1);
    assert_true(is_heard(desk));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_former_hub_is_heard_too, setup, teardown),
        cmocka_unit_test_setup_teardown(what_it_said_while_it_was_the_hub_is_good_too, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stream_is_adopted_when_all_who_may_hold_it_were_heard, setup, teardown),
        cmocka_unit_test_setup_teardown(who_holds_more_or_less_stands_in_the_way_of_all, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_left_below_a_lost_end_stands_in_nobodys_way, setup, teardown),
        cmocka_unit_test_setup_teardown(a_large_stream_waits_until_it_is_worth_it, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_certified_after_this_life_began_is_not_of_an_earlier_one, setup, teardown),
        cmocka_unit_test_setup_teardown(what_another_machine_may_add_to_is_not_adopted, setup, teardown),
        cmocka_unit_test_setup_teardown(who_begins_anew_takes_all_that_is_over_and_heard, setup, teardown),
        cmocka_unit_test_setup_teardown(adopted_streams_are_out_of_sight_and_what_they_adopted_too, setup, teardown),
        cmocka_unit_test_setup_teardown(one_that_comes_back_longer_is_adopted_again_where_that_harms_nothing, setup, teardown),
    };
    return KIT_RUN(tests);
}
