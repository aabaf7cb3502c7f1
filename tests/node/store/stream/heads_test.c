/* The heads are read once for a commit, and anew for the next. */
#include "node/store/stream/heads.h"

#include "node/store/connection.h"
#include "node/store/stream/head.h"
#include "tests/kit/kit.h"
#include "tests/kit/stream_writer.h"
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

static void put(struct db *db, struct desk *desk, uint8_t seed, struct stream_id *stream_out)
{
    struct stream_writer writer;
    struct head_row row;

    stream_writer_init(&writer, &desk->federation, seed, TOPIC_CATALOGUE);
    stream_writer_put_number(&writer, "k", 1);
    struct certificate certificate = stream_writer_certify(&writer);
    assert_int_equal(head_make(db, &writer.head.stream, &row), S_OK);
    assert_int_equal(head_put(db, row.number, &certificate, &writer.state), S_OK);
    *stream_out = writer.head.stream;
    stream_writer_release(&writer);
}

static enum status walk_run(struct db *db, void *arg)
{
    struct heads heads = {.items = NULL};
    struct stream_id a, b, c;
    struct stream_head head;

    assert_false(heads_next(&heads, db, 1, NULL, &head));
    put(db, arg, 3, &a), put(db, arg, 4, &b);
    assert_false(heads_next(&heads, db, 1, NULL, &head)); /* of that commit */
    assert_true(heads_next(&heads, db, 2, NULL, &head));
    const bool is_a_first = stream_id_compare(&a, &b) < 0;
    assert_int_equal(stream_id_compare(&head.stream, is_a_first ? &a : &b), 0);
    assert_int_equal(head.seq, 1);
    assert_true(heads_next(&heads, db, 2, &head.stream, &head));
    assert_int_equal(stream_id_compare(&head.stream, is_a_first ? &b : &a), 0);
    assert_false(heads_next(&heads, db, 2, &head.stream, &head));
    assert_true(heads_next(&heads, db, 2, is_a_first ? &a : &b, &head)); /* not where it was last */
    assert_int_equal(stream_id_compare(&head.stream, is_a_first ? &b : &a), 0);
    put(db, arg, 5, &c);
    size_t count = 0;
    for (bool more = heads_next(&heads, db, 3, NULL, &head); more; more = heads_next(&heads, db, 3, &head.stream, &head)) {
        count++;
    }
    assert_int_equal(count, 3);
    heads_release(&heads);
    return S_OK;
}

static void heads_come_in_their_order(void **state)
{
    struct desk *desk = *state;
    assert_int_equal(store_write_wait(desk->store, walk_run, desk), S_OK);
}

static enum status damaged_run(struct db *db, void *arg)
{
    struct heads heads = {.items = NULL};
    struct stream_id stream;
    struct stream_head head;

    put(db, arg, 3, &stream);
    assert_int_equal(db_execute(db, "UPDATE stream SET digest = x'00'"), S_OK);
    assert_false(heads_next(&heads, db, 1, NULL, &head));
    assert_int_equal(db_status(db), S_CORRUPT);
    db_settle(db);
    assert_int_equal(db_execute(db, "DELETE FROM stream"), S_OK);
    put(db, arg, 3, &stream);
    assert_true(heads_next(&heads, db, 1, NULL, &head)); /* what could not be read is not kept */
    heads_release(&heads);
    return S_OK;
}

static void a_damaged_row_is_told_and_not_kept(void **state)
{
    struct desk *desk = *state;
    assert_int_equal(store_write_wait(desk->store, damaged_run, desk), S_OK);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(heads_come_in_their_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_damaged_row_is_told_and_not_kept, setup, teardown),
    };
    return KIT_RUN(tests);
}
