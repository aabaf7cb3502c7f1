/* What the view contract (view_test.c) does not ask: walking whole topics. */
#include "node/store/stream/stream.h"

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

struct fill {
    struct desk *desk;
    uint8_t writer;
    enum topic topic;
    int cells;
};

static enum status fill_run(struct db *db, void *arg)
{
    struct fill *fill = arg;
    struct stream_writer writer;
    struct buffer body;

    stream_writer_init(&writer, &fill->desk->federation, fill->writer, fill->topic);
    for (int i = 0; i < fill->cells; i++) {
        char key[3] = {'k', (char)('a' + i), 0};
        stream_writer_put_number(&writer, key, i);
    }
    struct certificate certificate = stream_writer_certify(&writer);
    buffer_init(&body);
    stream_writer_body(&writer, 0, writer.head.seq, &certificate, &body);
    enum status status =
        stream_apply_body(db, &fill->desk->federation, &writer.head.stream, buffer_bytes(&body));
    buffer_release(&body);
    stream_writer_release(&writer);
    return status;
}

static void fill(struct desk *desk, uint8_t writer, enum topic topic, int cells)
{
    struct fill request = {desk, writer, topic, cells};
    assert_int_equal(store_write_wait(desk->store, fill_run, &request), S_OK);
}

struct count {
    struct db *db;
    enum topic topic;
    int cells, streams, stop_at;
    struct stream_id last;
};

static enum status count_visit(void *ctx, const struct stream_head *head, const struct cell *cell)
{
    struct count *count = ctx;
    struct certificate certificate;

    assert_int_equal(head->stream.topic, count->topic);
    assert_true(cell->seq <= head->seq);
    assert_true(stream_find(count->db, &head->stream, &certificate)); /* looking aside is allowed */
    if (!count->streams || stream_id_compare(&head->stream, &count->last) != 0) {
        count->streams++;
        count->last = head->stream;
    }
    return ++count->cells == count->stop_at ? S_STALE : S_OK;
}

static void a_walk_meets_every_cell_of_a_topic_and_no_other(void **state)
{
    struct desk *desk = *state;
    struct count count = {.topic = TOPIC_RESULTS};

    fill(desk, 1, TOPIC_ROSTER, 3);
    fill(desk, 2, TOPIC_RESULTS, 5);
    fill(desk, 3, TOPIC_RESULTS, 7);
    fill(desk, 4, TOPIC_CATALOGUE, 2);
    count.db = store_read_begin(desk->store);
    assert_int_equal(stream_cells_each(count.db, TOPIC_RESULTS, count_visit, &count), S_OK);
    assert_int_equal(count.cells, 12);
    assert_int_equal(count.streams, 2);
    count = (struct count){.db = count.db, .topic = TOPIC_CREDENTIALS};
    assert_int_equal(stream_cells_each(count.db, TOPIC_CREDENTIALS, count_visit, &count), S_OK);
    assert_int_equal(count.cells, 0);
    count = (struct count){.db = count.db, .topic = TOPIC_CATALOGUE, .stop_at = 1};
    assert_int_equal(stream_cells_each(count.db, TOPIC_CATALOGUE, count_visit, &count), S_STALE);
    assert_int_equal(count.cells, 1);
    store_read_end(desk->store, count.db);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_walk_meets_every_cell_of_a_topic_and_no_other, setup, teardown),
    };
    return KIT_RUN(tests);
}
