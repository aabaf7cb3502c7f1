#include "node/store/stream/held.h"

#include <string.h>

#include "tests/kit/kit.h"
#include "tests/node/store/desk.h"

static int setup(void **state)
{
    *state = desk_open();
    return 0;
}

static int teardown(void **state)
{
    desk_close(*state);
    return 0;
}

static struct held receipt(uint8_t node, uint8_t holder, uint64_t seq, uint64_t at_ms)
{
    struct held held = {.stream.topic = TOPIC_RESULTS, .seq = seq, .at_ms = at_ms};

    memset(held.stream.node.b, node, sizeof held.stream.node.b);
    memset(held.holder.b, holder, sizeof held.holder.b);
    return held;
}

static enum status put_run(struct db *db, void *arg)
{
    return held_put(db, arg);
}

static enum status put(struct desk *desk, struct held held)
{
    return store_write_wait(desk->store, put_run, &held);
}

static struct held first(struct desk *desk)
{
    struct held held;
    struct db *db = store_read_begin(desk->store);

    assert_true(held_next(db, NULL, NULL, &held));
    store_read_end(desk->store, db);
    return held;
}

static void only_a_newer_receipt_replaces_one(void **state)
{
    struct desk *desk = *state;

    assert_int_equal(put(desk, receipt(1, 2, 10, 100)), S_OK);
    assert_int_equal(put(desk, receipt(1, 2, 9, 900)), S_OK);
    assert_int_equal(first(desk).seq, 10);
    assert_int_equal(first(desk).at_ms, 100);
    assert_int_equal(put(desk, receipt(1, 2, 10, 150)), S_OK);
    assert_int_equal(first(desk).at_ms, 150);
    assert_int_equal(put(desk, receipt(1, 2, 11, 50)), S_OK);
    assert_int_equal(first(desk).seq, 11);
}

static void receipts_come_by_stream_then_holder(void **state)
{
    struct desk *desk = *state;
    struct held held;
    uint64_t order = 0;

    put(desk, receipt(2, 1, 3, 1));
    put(desk, receipt(1, 9, 2, 1));
    put(desk, receipt(1, 3, 1, 1));
    struct db *db = store_read_begin(desk->store);
    for (bool has = held_next(db, NULL, NULL, &held); has;
         has = held_next(db, &held.stream, &held.holder, &held)) {
        assert_int_equal(held.seq, ++order);
    }
    store_read_end(desk->store, db);
    assert_int_equal(order, 3);
}

static void what_a_holder_lacks_is_no_more_than_there_is(void **state)
{
    struct desk *desk = *state;
    struct held held = receipt(1, 1, 5, 1);
    struct stream_head head = {.stream = held.stream, .seq = 9, .count = 3};

    put(desk, held);
    struct db *db = store_read_begin(desk->store);
    assert_int_equal(held_lacking(db, &head, &held.holder), 3); /* four changes, of three cells */
    head.count = 9;
    assert_int_equal(held_lacking(db, &head, &held.holder), 4);
    head.seq = 5;
    assert_int_equal(held_lacking(db, &head, &held.holder), 0);
    head.seq = 4; /* it has more than we */
    assert_int_equal(held_lacking(db, &head, &held.holder), 0);
    held.holder.b[0] ^= 1; /* who said nothing */
    assert_int_equal(held_lacking(db, &head, &held.holder), 4);
    store_read_end(desk->store, db);
}

static void numbers_out_of_range_are_refused(void **state)
{
    struct desk *desk = *state;

    assert_int_equal(put(desk, receipt(1, 1, SEQ_MAX, INT64_MAX)), S_OK);
    assert_int_equal(put(desk, receipt(1, 1, SEQ_MAX + 1, 0)), S_INVALID);
    assert_int_equal(put(desk, receipt(1, 1, 1, (uint64_t)INT64_MAX + 1)), S_INVALID);
}

static size_t kept(struct desk *desk)
{
    struct db *db = store_read_begin(desk->store);
    struct held held;
    size_t count = 0;

    for (bool more = held_next(db, NULL, NULL, &held); more; more = held_next(db, &held.stream, &held.holder, &held)) {
        count++;
    }
    store_read_end(desk->store, db);
    return count;
}

static void a_holder_of_streams_that_nobody_wrote_fills_nothing(void **state)
{
    struct desk *desk = *state;
    struct held held = receipt(1, 2, 10, 100);

    for (uint8_t i = 0; i < HELD_UNKNOWN_MAX + 10; i++) {
        held.stream.incarnation.b[0] = i;
        assert_int_equal(put(desk, held), S_OK);
    }
    assert_int_equal(kept(desk), HELD_UNKNOWN_MAX);
    held.stream.incarnation.b[0] = 1; /* what is kept moves on */
    held.seq = 11;
    assert_int_equal(put(desk, held), S_OK);
    struct db *db = store_read_begin(desk->store);
    assert_int_equal(held_find_seq(db, &held.stream, &held.holder), 11);
    store_read_end(desk->store, db);
    held.stream.incarnation.b[0] = 200;
    memset(held.holder.b, 3, sizeof held.holder.b); /* others are believed as before */
    assert_int_equal(put(desk, held), S_OK);
    assert_int_equal(kept(desk), HELD_UNKNOWN_MAX + 1);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_holder_of_streams_that_nobody_wrote_fills_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(only_a_newer_receipt_replaces_one, setup, teardown),
        cmocka_unit_test_setup_teardown(receipts_come_by_stream_then_holder, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_holder_lacks_is_no_more_than_there_is, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers_out_of_range_are_refused, setup, teardown),
    };
    return KIT_RUN(tests);
}
