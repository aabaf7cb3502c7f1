/* What two machines of one node adopted: it is given up by one of them, and by one only. */
#include "node/store/stream/adopt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/store/stream/adopted.h"
#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "tests/kit/kit.h"
#include "tests/node/store/stream/adopt_desk.h"

static void what_another_machine_adopted_too_is_taken_over_once(void **state)
{
    struct adopt_desk *fixture = *state;

    adopt_desk_first(fixture, 2);
    adopt_desk_other(fixture, ADOPT_BEHIND);
    stream_writer_put_number(&fixture->closed, "a", 13); /* 10 of the first, and 3 */
    stream_writer_put_number(&fixture->closed, "b", 5);
    adopt_desk_says(fixture, 1, 2);
    assert_int_equal(adopt_desk_deliver(fixture, 0), S_OK);
    assert_int_equal(adopt_desk_sum(fixture).total, 16 + 18); /* the other is to give it up, and it may be gone */
    assert_int_equal(adopt_desk_adopt(fixture), S_OK);
    assert_int_equal(adopt_desk_get(fixture, "a"), 14);
    assert_int_equal(adopt_desk_get(fixture, "b"), 5);
    assert_int_equal(adopt_desk_sum(fixture).total, 19);
    assert_int_equal(adopt_desk_sum(fixture).streams, 1);
}

/* The other machine adopted it after this one had adopted that machine's stream. */
static void what_comes_with_a_difference_and_is_here_already_is_taken_over_once(void **state)
{
    struct adopt_desk *fixture = *state;

    adopt_desk_first(fixture, 2);
    stream_writer_put_number(&fixture->closed, "a", 3);
    assert_int_equal(adopt_desk_deliver(fixture, 0), S_OK);
    assert_int_equal(adopt_desk_adopt(fixture), S_OK);
    assert_int_equal(adopt_desk_get(fixture, "a"), 14);
    stream_writer_put_number(&fixture->closed, "a", 13);
    stream_writer_put_number(&fixture->closed, "b", 5);
    adopt_desk_says(fixture, 1, 2);
    stream_writer_put_number(&fixture->closed, "c", 7);
    assert_int_equal(adopt_desk_deliver(fixture, 1), S_OK);
    assert_int_equal(adopt_desk_get(fixture, "a"), 14);
    assert_int_equal(adopt_desk_get(fixture, "c"), 7);
    assert_int_equal(adopt_desk_sum(fixture).total, 26);
    assert_int_equal(adopt_desk_adopted(fixture), 5);
    adopt_desk_says(fixture, 0, 0); /* and gave it up, when it heard of the living one */
    stream_writer_put_number(&fixture->closed, "a", 4);
    stream_writer_put_number(&fixture->closed, "b", 0);
    assert_int_equal(adopt_desk_deliver(fixture, 5), S_OK);
    assert_int_equal(adopt_desk_get(fixture, "a"), 15);
    assert_int_equal(adopt_desk_get(fixture, "b"), 5);
    assert_int_equal(adopt_desk_sum(fixture).total, 27);
}

static void the_machine_that_sorts_behind_gives_up_what_both_adopted(void **state)
{
    struct adopt_desk *fixture = *state;
    struct stream_id first = fixture->closed.head.stream;

    adopt_desk_first(fixture, 2);
    adopt_desk_other(fixture, ADOPT_BEFORE);
    stream_writer_put_number(&fixture->closed, "a", 13);
    stream_writer_put_number(&fixture->closed, "b", 5);
    adopt_desk_says(fixture, 1, 2);
    assert_int_equal(adopt_desk_deliver(fixture, 0), S_OK);
    assert_int_equal(adopt_desk_sum(fixture).total, 19);
    assert_int_equal(adopt_desk_get(fixture, "a"), 1);
    assert_int_equal(adopt_desk_get(fixture, "b"), 0);
    desk_reopen(fixture->desk);
    assert_int_equal(adopt_desk_sum(fixture).total, 19);
    struct db *db = store_read_begin(fixture->desk->store);
    assert_int_equal(adopted_seq(db, &first), 2); /* the other says so */
    store_read_end(fixture->desk->store, db);
}

/* The other machine begins another incarnation, which takes over the one that adopted it, and sorts behind the living one here. Had that machine heard of
 * this one meanwhile, it would have kept it for the sake of the one before; and the one before is what this one is to be measured by, too. */
static void what_the_other_took_over_since_changes_nothing_of_who_gives_it_up(void **state)
{
    struct adoption said[2] = {{{{ADOPT_BEFORE, ADOPT_BEFORE, ADOPT_BEFORE, 1}}, 0, 3}, {{{1}}, 0, 2}};
    struct adopt_desk *fixture = *state;
    struct buffer value;

    adopt_desk_first(fixture, 2);
    adopt_desk_other(fixture, ADOPT_BEHIND);
    buffer_init(&value);
    adoption_encode(said, 2, &value);
    stream_writer_put_number(&fixture->closed, "a", 13);
    stream_writer_put_number(&fixture->closed, "b", 5);
    stream_writer_put(&fixture->closed, bytes_text("adopted\x1f" "0"), buffer_bytes(&value));
    buffer_release(&value);
    assert_int_equal(adopt_desk_deliver(fixture, 0), S_OK);
    assert_int_equal(adopt_desk_get(fixture, "a"), 1);
    assert_int_equal(adopt_desk_sum(fixture).total, 19);
}

static void who_adopted_less_of_it_gives_it_up(void **state)
{
    struct adopt_desk *fixture = *state;

    adopt_desk_first(fixture, 2);
    adopt_desk_other(fixture, ADOPT_BEHIND);
    stream_writer_put_number(&fixture->closed, "a", 14); /* the first had come to 11 */
    stream_writer_put_number(&fixture->closed, "b", 5);
    adopt_desk_says(fixture, 1, 3);
    assert_int_equal(adopt_desk_deliver(fixture, 0), S_OK);
    assert_int_equal(adopt_desk_get(fixture, "a"), 1);
    assert_int_equal(adopt_desk_sum(fixture).total, 20);
}

/* As the_machine_that_sorts_behind..., but the other one was to give it up, and is gone. */
static void who_begins_anew_takes_over_once_what_both_adopted(void **state)
{
    struct adopt_desk *fixture = *state;
    struct adopt_plan plan = {.is_anew = true, .count = 2};

    adopt_desk_first(fixture, 2);
    adopt_desk_other(fixture, ADOPT_BEHIND);
    stream_writer_put_number(&fixture->closed, "a", 13);
    stream_writer_put_number(&fixture->closed, "b", 5);
    adopt_desk_says(fixture, 1, 2);
    assert_int_equal(adopt_desk_deliver(fixture, 0), S_OK);
    assert_int_equal(adopt_desk_sum(fixture).total, 16 + 18);
    const struct stream_head *other = &fixture->closed.head;
    plan.living = plan.items[1].stream = (struct stream_id){other->stream.node, fixture->living, TOPIC_RESULTS};
    plan.items[0] = (struct adopt_choice){other->stream, other->seq, other->count};
    plan.items[1].seq = 3; /* it holds 4: the sentence is one */
    assert_int_equal(store_write_wait(fixture->desk->store, adopt_desk_plan_run, &plan), S_STALE);
    assert_int_equal(adopt_desk_sum(fixture).total, 16 + 18);
    struct id living;
    assert_true(own_living(fixture->desk->store, &living) && id_equal(&living, &fixture->living));
    plan.items[1].seq = 4;
    assert_int_equal(store_write_wait(fixture->desk->store, adopt_desk_plan_run, &plan), S_OK);
    assert_int_equal(adopt_desk_sum(fixture).total, 19);
    assert_int_equal(adopt_desk_sum(fixture).streams, 1);
    assert_true(own_living(fixture->desk->store, &living) && !id_equal(&living, &fixture->living));
    desk_reopen(fixture->desk);
    assert_int_equal(adopt_desk_sum(fixture).total, 19);
    assert_int_equal(adopt_desk_get(fixture, "a"), 14);
    stream_writer_put_number(&fixture->closed, "a", 16); /* it was not gone */
    assert_int_equal(adopt_desk_deliver(fixture, other->seq - 1), S_OK);
    assert_int_equal(adopt_desk_sum(fixture).total, 22);
}

struct settling {
    struct id node;
    hlc stamp;
};

static enum status settle_run(struct db *db, void *arg)
{
    const struct settling *settling = arg;

    return adopt_settle(db, &settling->node, settling->stamp);
}

static void settle(struct adopt_desk *fixture, hlc stamp)
{
    struct settling settling = {fixture->desk->identity.node, stamp};

    assert_int_equal(store_write_wait(fixture->desk->store, settle_run, &settling), S_OK);
}

/* The other machine says (a 13, b 5) that the first stream (a 10, b 5) is counted in its, which is to give that up, and people say that it is gone. */
static void settled_make(struct adopt_desk *fixture)
{
    adopt_desk_first(fixture, 2);
    adopt_desk_other(fixture, ADOPT_BEHIND);
    stream_writer_put_number(&fixture->closed, "a", 13);
    stream_writer_put_number(&fixture->closed, "b", 5);
    adopt_desk_says(fixture, 1, 2);
    assert_int_equal(adopt_desk_deliver(fixture, 0), S_OK);
    assert_int_equal(adopt_desk_sum(fixture).total, 16 + 18);
}

static void who_is_left_gives_up_what_both_adopted_when_people_say_so(void **state)
{
    struct adopt_desk *fixture = *state;

    settled_make(fixture);
    hlc stamp = stream_writer_certify(&fixture->closed).head.stamp;
    settle(fixture, stamp - 1); /* it went on since */
    assert_int_equal(adopt_desk_sum(fixture).total, 16 + 18);
    for (int i = 0; i < 2; i++) {
        settle(fixture, stamp);
        assert_int_equal(adopt_desk_get(fixture, "a"), 1);
        assert_int_equal(adopt_desk_sum(fixture).total, 19);
    }
    assert_int_equal(adopt_desk_adopted(fixture), 0); /* the other's stream counts for itself */
    assert_int_equal(adopt_desk_sum(fixture).streams, 2);
}

/* It was not gone, and gave it up as well: nobody says any more that the first stream is counted in theirs. */
static void what_both_gave_up_counts_for_itself_again(void **state)
{
    struct adopt_desk *fixture = *state;

    settled_make(fixture);
    settle(fixture, stream_writer_certify(&fixture->closed).head.stamp);
    adopt_desk_says(fixture, 0, 0);
    stream_writer_put_number(&fixture->closed, "a", 3);
    stream_writer_put_number(&fixture->closed, "b", 0);
    assert_int_equal(adopt_desk_deliver(fixture, 3), S_OK);
    assert_int_equal(adopt_desk_sum(fixture).streams, 3);
    assert_int_equal(adopt_desk_sum(fixture).total, 1 + 3 + 15);
    desk_reopen(fixture->desk);
    assert_int_equal(adopt_desk_sum(fixture).total, 1 + 3 + 15);
}

/* A fresh incarnation begins, adopts the one before, and settles, all in one job. */
static enum status next_run(struct db *db, void *arg)
{
    struct adopt_desk *fixture = arg;
    struct stream_id living = {fixture->desk->identity.node, fixture->living, TOPIC_RESULTS};
    struct adopt_plan plan = {.living = living, .count = 1, .items = {{living, 4, 3}}};
    struct settling settling = {living.node, stream_writer_certify(&fixture->closed).head.stamp};
    enum status status = own_renew(db);

    if (status == S_OK) {
        status = own_incarnation(db, &plan.living.incarnation);
    }
    if (status == S_OK) {
        status = adopt_run(db, &plan);
    }
    return status == S_OK ? settle_run(db, &settling) : status;
}

/* Its stream has no head yet when it is asked what it says. */
static void what_a_life_says_that_has_just_begun_is_not_taken_back(void **state)
{
    struct adopt_desk *fixture = *state;

    settled_make(fixture);
    assert_int_equal(store_write_wait(fixture->desk->store, next_run, fixture), S_OK);
    assert_int_equal(adopt_desk_get(fixture, "a"), 1);
    assert_int_equal(adopt_desk_sum(fixture).streams, 2);
    assert_int_equal(adopt_desk_sum(fixture).total, 19);
}

KIT_TESTS()
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, adopt_desk_setup, adopt_desk_teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_another_machine_adopted_too_is_taken_over_once),
        TEST(what_comes_with_a_difference_and_is_here_already_is_taken_over_once),
        TEST(the_machine_that_sorts_behind_gives_up_what_both_adopted),
        TEST(what_the_other_took_over_since_changes_nothing_of_who_gives_it_up),
        TEST(who_adopted_less_of_it_gives_it_up),
        TEST(who_begins_anew_takes_over_once_what_both_adopted),
        TEST(who_is_left_gives_up_what_both_adopted_when_people_say_so),
        TEST(what_both_gave_up_counts_for_itself_again),
        TEST(what_a_life_says_that_has_just_begun_is_not_taken_back),
    };
    return KIT_RUN(tests);
}
