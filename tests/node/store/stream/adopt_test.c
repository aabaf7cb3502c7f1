/* What this node published in closed incarnations comes into the living one: exactly, once, or not at all. */
#include "node/store/stream/adopt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/store/stream/adopted.h"
#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "tests/kit/kit.h"
#include "tests/node/store/stream/adopt_desk.h"

static void a_closed_stream_is_counted_in_the_living_one_and_nowhere_else(void **state)
{
    struct adopt_desk *fixture = *state;

    stream_writer_put_number(&fixture->closed, "a", 10);
    stream_writer_put_number(&fixture->closed, "b", 5);
    assert_int_equal(adopt_desk_deliver(fixture, 0), S_OK);
    adopt_desk_put(fixture, "a", 1);
    assert_int_equal(adopt_desk_sum(fixture).total, 16);
    assert_int_equal(adopt_desk_sum(fixture).streams, 2);
    assert_int_equal(adopt_desk_adopt(fixture), S_OK);
    assert_int_equal(adopt_desk_sum(fixture).total, 16);
    assert_int_equal(adopt_desk_sum(fixture).streams, 1);
    assert_int_equal(adopt_desk_get(fixture, "a"), 11);
    assert_int_equal(adopt_desk_get(fixture, "b"), 5);
    assert_int_equal(adopt_desk_adopted(fixture), 2);
    assert_int_equal(adopt_desk_adopt(fixture), S_STALE); /* once */
    assert_int_equal(adopt_desk_deliver(fixture, 0), S_STALE); /* it is not taken again */
    desk_reopen(fixture->desk);
    assert_int_equal(adopt_desk_sum(fixture).total, 16);
    assert_int_equal(adopt_desk_get(fixture, "a"), 11);
}

static void a_stream_that_turns_out_longer_adds_only_the_difference(void **state)
{
    struct adopt_desk *fixture = *state;

    stream_writer_put_number(&fixture->closed, "a", 10);
    stream_writer_put_number(&fixture->closed, "b", 5);
    assert_int_equal(adopt_desk_deliver(fixture, 0), S_OK);
    adopt_desk_put(fixture, "a", 1);
    assert_int_equal(adopt_desk_adopt(fixture), S_OK);
    stream_writer_put_number(&fixture->closed, "a", 13); /* what had been forgotten */
    stream_writer_put_number(&fixture->closed, "a", 14);
    stream_writer_put_number(&fixture->closed, "c", 7);
    assert_int_equal(adopt_desk_deliver(fixture, 2), S_OK);
    assert_int_equal(adopt_desk_sum(fixture).total, 16 + 4 + 7);
    assert_int_equal(adopt_desk_get(fixture, "a"), 15);
    assert_int_equal(adopt_desk_get(fixture, "c"), 7);
    assert_int_equal(adopt_desk_adopted(fixture), 5);
}

static void what_the_adopted_stream_had_adopted_is_taken_over(void **state)
{
    struct adopt_desk *fixture = *state;
    struct adoption earlier = {{{77}}, 0, 9};
    struct stream_id stream = fixture->closed.head.stream;
    struct buffer value;

    buffer_init(&value);
    adoption_encode(&earlier, 1, &value);
    stream_writer_put_number(&fixture->closed, "a", 10);
    stream_writer_put(&fixture->closed, bytes_text("adopted\x1f" "0"), buffer_bytes(&value));
    buffer_release(&value);
    assert_int_equal(adopt_desk_deliver(fixture, 0), S_OK);
    adopt_desk_put(fixture, "a", 1);
    assert_int_equal(adopt_desk_adopt(fixture), S_OK);
    stream.incarnation = earlier.incarnation;
    struct db *db = store_read_begin(fixture->desk->store);
    assert_int_equal(adopted_seq(db, &stream), 9);
    store_read_end(fixture->desk->store, db);
}

static void what_another_stream_adopted_is_not_added_to(void **state)
{
    struct adopt_desk *fixture = *state;

    adopt_desk_put(fixture, "a", 1);
    struct id before = fixture->living;
    struct adoption entry = {before, 0, 1};
    struct buffer value;
    buffer_init(&value);
    adoption_encode(&entry, 1, &value);
    stream_writer_put_number(&fixture->closed, "a", 1);
    stream_writer_put(&fixture->closed, bytes_text("adopted\x1f" "0"), buffer_bytes(&value));
    buffer_release(&value);
    assert_int_equal(adopt_desk_deliver(fixture, 0), S_OK);
    assert_int_equal(adopt_desk_sum(fixture).total, 1);
    assert_int_equal(adopt_desk_get(fixture, "a"), 0);
    adopt_desk_put(fixture, "a", 2);
    assert_false(id_equal(&before, &fixture->living));
    assert_int_equal(adopt_desk_sum(fixture).total, 3); /* and not hidden behind what was adopted */
}

static void what_is_not_kept_is_not_adopted_twice(void **state)
{
    struct adopt_desk *fixture = *state;

    adopt_desk_says(fixture, 77, 9);
    stream_writer_put_number(&fixture->closed, "a", 10);
    assert_int_equal(adopt_desk_deliver(fixture, 0), S_OK);
    adopt_desk_put(fixture, "a", 1);
    assert_int_equal(adopt_desk_adopt(fixture), S_OK);
    adopt_desk_begin(fixture, 2, TOPIC_RESULTS); /* another one, which had adopted the same */
    adopt_desk_other(fixture, ADOPT_BEHIND);
    stream_writer_put_number(&fixture->closed, "a", 10);
    adopt_desk_says(fixture, 77, 9);
    assert_int_equal(adopt_desk_deliver(fixture, 0), S_OK);
    assert_int_equal(adopt_desk_adopt(fixture), S_EXISTS);
    assert_int_equal(adopt_desk_get(fixture, "a"), 11);
}

static void cells_that_cannot_be_merged_leave_everything_as_it_was(void **state)
{
    struct adopt_desk *fixture = *state;

    stream_writer_put_number(&fixture->closed, "a", 10);
    stream_writer_put(&fixture->closed, bytes_text("b"), bytes_text("\xf3of a later version"));
    assert_int_equal(adopt_desk_deliver(fixture, 0), S_OK);
    adopt_desk_put(fixture, "a", 1);
    assert_int_equal(adopt_desk_adopt(fixture), S_DENIED);
    assert_int_equal(adopt_desk_get(fixture, "a"), 1);
    assert_int_equal(adopt_desk_sum(fixture).total, 11);
    assert_int_equal(adopt_desk_adopted(fixture), 0);
}

static enum status rot_run(struct db *db, void *arg)
{
    (void)arg;
    struct statement *mend = db_statement(db, STATEMENT_cell_scan); /* the first cell of the first stream */
    statement_bind_int(mend, 1, 0);
    statement_bind_int(mend, 2, INT64_MAX);
    statement_bind_int(mend, 3, 1);
    assert_true(statement_step(mend));
    int64_t dot = statement_int(mend, 0);
    struct bytes key = statement_blob(mend, 1);
    uint8_t copy[64];
    memcpy(copy, key.data, key.size);
    size_t size = key.size;
    statement_reset(mend);
    mend = db_statement(db, STATEMENT_cell_mend);
    statement_bind_int(mend, 1, dot);
    statement_bind_blob(mend, 2, bytes_of(copy, size));
    statement_bind_blob(mend, 3, bytes_of("\x01\x7e", 2));
    return statement_run(mend);
}

static void a_rotten_row_does_not_become_a_certified_figure(void **state)
{
    struct adopt_desk *fixture = *state;

    stream_writer_put_number(&fixture->closed, "a", 10);
    assert_int_equal(adopt_desk_deliver(fixture, 0), S_OK);
    assert_int_equal(store_write_wait(fixture->desk->store, rot_run, NULL), S_OK);
    adopt_desk_put(fixture, "a", 1);
    assert_int_equal(adopt_desk_adopt(fixture), S_CORRUPT);
    assert_int_equal(adopt_desk_get(fixture, "a"), 1);
}

static void another_life_than_the_plans_adopts_nothing(void **state)
{
    struct adopt_desk *fixture = *state;

    stream_writer_put_number(&fixture->closed, "a", 10);
    assert_int_equal(adopt_desk_deliver(fixture, 0), S_OK);
    adopt_desk_put(fixture, "a", 1);
    fixture->living.b[0] ^= 1;
    assert_int_equal(adopt_desk_adopt(fixture), S_STALE);
    assert_int_equal(adopt_desk_get(fixture, "a"), 1);
}

static enum status title_run(struct db *db, void *arg)
{
    struct buffer value;

    (void)arg;
    buffer_init(&value);
    cell_value_register(&value, 1, bytes_text("anatomy"));
    enum status status = own_cell_put(db, TOPIC_CATALOGUE, bytes_text("t"), buffer_bytes(&value));
    buffer_release(&value);
    return status;
}

static enum status title_last_run(struct db *db, void *arg)
{
    struct bytes value, content = bytes_of(NULL, 0);
    enum status status = own_cell_get(db, TOPIC_CATALOGUE, bytes_text("t"), &value);
    hlc stamp;

    *(bool *)arg = status == S_OK && cell_value_get_register(value, &stamp, &content) &&
                   bytes_equal(content, bytes_text("physiology"));
    return status;
}

static void title_close(struct adopt_desk *fixture, hlc stamp, const char *title)
{
    struct buffer value;

    buffer_init(&value);
    cell_value_register(&value, stamp, bytes_text(title));
    stream_writer_put(&fixture->closed, bytes_text("t"), buffer_bytes(&value));
    buffer_release(&value);
}

/* Two machines were lost: the second had adopted the first's stream as far as one neighbour held it, another held more. */
static void one_with_idempotent_values_that_comes_back_longer_is_adopted_again(void **state)
{
    struct adopt_desk *fixture = *state;
    struct adoption earlier = {{{1}}, 0, 1};
    bool is_last = false;
    struct buffer value;

    buffer_init(&value);
    adoption_encode(&earlier, 1, &value);
    adopt_desk_begin(fixture, 2, TOPIC_CATALOGUE);
    title_close(fixture, 2, "histology");
    stream_writer_put(&fixture->closed, bytes_text("adopted\x1f" "0"), buffer_bytes(&value));
    buffer_release(&value);
    assert_int_equal(adopt_desk_deliver(fixture, 0), S_OK);
    assert_int_equal(store_write_wait(fixture->desk->store, title_run, NULL), S_OK);
    assert_true(own_living(fixture->desk->store, &fixture->living));
    assert_int_equal(adopt_desk_adopt(fixture), S_OK);
    adopt_desk_begin(fixture, 1, TOPIC_CATALOGUE);
    title_close(fixture, 2, "histology");
    title_close(fixture, 3, "physiology");
    assert_int_equal(adopt_desk_deliver(fixture, 0), S_OK);
    assert_int_equal(adopt_desk_adopted(fixture), 1);
    assert_int_equal(adopt_desk_adopt(fixture), S_OK);
    assert_int_equal(adopt_desk_adopted(fixture), 2);
    assert_int_equal(store_write_wait(fixture->desk->store, title_last_run, &is_last), S_OK);
    assert_true(is_last);
    assert_int_equal(adopt_desk_deliver(fixture, 0), S_STALE);
}

KIT_TESTS()
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, adopt_desk_setup, adopt_desk_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_closed_stream_is_counted_in_the_living_one_and_nowhere_else),
        TEST(a_stream_that_turns_out_longer_adds_only_the_difference),
        TEST(what_the_adopted_stream_had_adopted_is_taken_over),
        TEST(what_another_stream_adopted_is_not_added_to),
        TEST(what_is_not_kept_is_not_adopted_twice),
        TEST(one_with_idempotent_values_that_comes_back_longer_is_adopted_again),
        TEST(cells_that_cannot_be_merged_leave_everything_as_it_was),
        TEST(a_rotten_row_does_not_become_a_certified_figure),
        TEST(another_life_than_the_plans_adopts_nothing),
    };
    return KIT_RUN(tests);
}
