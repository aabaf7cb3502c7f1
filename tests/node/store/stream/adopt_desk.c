#include "tests/node/store/stream/adopt_desk.h"

#include "node/store/stream/adopted.h"
#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "replication/stream/adoption.h"
#include "tests/kit/kit.h"

void adopt_desk_name(struct adopt_desk *fixture, uint8_t incarnation, enum topic topic)
{
    struct stream_writer *closed = &fixture->closed;

    closed->identity = fixture->desk->identity;
    closed->head.stream = (struct stream_id){fixture->desk->identity.node, {{incarnation}}, topic};
    closed->key = lthash_key(&fixture->desk->federation, &closed->head.stream);
}

void adopt_desk_begin(struct adopt_desk *fixture, uint8_t incarnation, enum topic topic)
{
    stream_writer_release(&fixture->closed);
    stream_writer_init(&fixture->closed, &fixture->desk->federation, 9, topic);
    adopt_desk_name(fixture, incarnation, topic);
}

int adopt_desk_setup(void **state)
{
    struct adopt_desk *fixture = test_calloc(1, sizeof *fixture);

    fixture->desk = desk_open();
    stream_writer_init(&fixture->closed, &fixture->desk->federation, 9, TOPIC_RESULTS);
    adopt_desk_name(fixture, 1, TOPIC_RESULTS);
    *state = fixture;
    return 0;
}

int adopt_desk_teardown(void **state)
{
    struct adopt_desk *fixture = *state;

    desk_close(fixture->desk);
    stream_writer_release(&fixture->closed);
    test_free(fixture);
    return 0;
}

struct delivery {
    struct adopt_desk *fixture;
    struct buffer body;
};

static enum status apply_run(struct db *db, void *arg)
{
    struct delivery *delivery = arg;
    return stream_apply_body(db, &delivery->fixture->desk->federation, &delivery->fixture->closed.head.stream,
                             buffer_bytes(&delivery->body));
}

enum status adopt_desk_deliver(struct adopt_desk *fixture, uint64_t after_seq)
{
    struct certificate certificate = stream_writer_certify(&fixture->closed);
    struct delivery delivery = {.fixture = fixture};

    buffer_init(&delivery.body);
    stream_writer_body(&fixture->closed, after_seq, certificate.head.seq, &certificate, &delivery.body);
    enum status status = store_write_wait(fixture->desk->store, apply_run, &delivery);
    buffer_release(&delivery.body);
    return status;
}

struct put {
    const char *key;
    int64_t number;
};

static enum status put_run(struct db *db, void *arg)
{
    const struct put *put = arg;
    struct buffer value;

    buffer_init(&value);
    cell_value_number(&value, CELL_COUNT, put->number);
    enum status status = own_cell_put(db, TOPIC_RESULTS, bytes_text(put->key), buffer_bytes(&value));
    buffer_release(&value);
    return status;
}

void adopt_desk_put(struct adopt_desk *fixture, const char *key, int64_t number)
{
    struct put put = {key, number};

    assert_int_equal(store_write_wait(fixture->desk->store, put_run, &put), S_OK);
    assert_true(own_living(fixture->desk->store, &fixture->living));
}

static enum status get_run(struct db *db, void *arg)
{
    struct put *put = arg;
    struct bytes value;
    enum status status = own_cell_get(db, TOPIC_RESULTS, bytes_text(put->key), &value);

    put->number = 0;
    if (status == S_OK && !cell_value_get_number(value, &put->number)) {
        status = S_CORRUPT;
    }
    return status == S_NOT_FOUND ? S_OK : status;
}

int64_t adopt_desk_get(struct adopt_desk *fixture, const char *key)
{
    struct put put = {key, 0};

    assert_int_equal(store_write_wait(fixture->desk->store, get_run, &put), S_OK);
    return put.number;
}

enum status adopt_desk_plan_run(struct db *db, void *arg)
{
    return adopt_run(db, arg);
}

enum status adopt_desk_adopt(struct adopt_desk *fixture)
{
    const struct stream_head *head = &fixture->closed.head;
    struct adopt_plan plan = {.count = 1, .living = head->stream};

    plan.living.incarnation = fixture->living;
    plan.items[0] = (struct adopt_choice){head->stream, head->seq, head->count};
    return store_write_wait(fixture->desk->store, adopt_desk_plan_run, &plan);
}

static enum status sum_visit(void *ctx, const struct stream_head *head, const struct cell *cell)
{
    struct adopt_sum *sum = ctx;
    int64_t number;

    sum->total += cell_value_get_number(cell->value, &number) ? number : 0;
    sum->streams += !id_equal(&sum->last, &head->stream.incarnation);
    sum->last = head->stream.incarnation;
    return S_OK;
}

struct adopt_sum adopt_desk_sum(struct adopt_desk *fixture)
{
    struct adopt_sum sum = {0};
    struct db *db = store_read_begin(fixture->desk->store);

    assert_int_equal(stream_cells_each(db, TOPIC_RESULTS, sum_visit, &sum), S_OK);
    store_read_end(fixture->desk->store, db);
    return sum;
}

uint64_t adopt_desk_adopted(struct adopt_desk *fixture)
{
    struct db *db = store_read_begin(fixture->desk->store);
    uint64_t seq = adopted_seq(db, &fixture->closed.head.stream);

    store_read_end(fixture->desk->store, db);
    return seq;
}

void adopt_desk_says(struct adopt_desk *fixture, uint8_t incarnation, uint64_t to)
{
    struct adoption entry = to > 0 ? (struct adoption){{{incarnation}}, 0, to} : adoption_hole();
    struct buffer value;

    buffer_init(&value);
    adoption_encode(&entry, 1, &value);
    stream_writer_put(&fixture->closed, bytes_text("adopted\x1f" "0"), buffer_bytes(&value));
    buffer_release(&value);
}

void adopt_desk_first(struct adopt_desk *fixture, uint8_t incarnation)
{
    stream_writer_put_number(&fixture->closed, "a", 10);
    stream_writer_put_number(&fixture->closed, "b", 5);
    assert_int_equal(adopt_desk_deliver(fixture, 0), S_OK);
    adopt_desk_put(fixture, "a", 1);
    assert_int_equal(adopt_desk_adopt(fixture), S_OK);
    assert_int_equal(adopt_desk_sum(fixture).total, 16);
    adopt_desk_begin(fixture, incarnation, TOPIC_RESULTS);
}

void adopt_desk_other(struct adopt_desk *fixture, uint8_t incarnation)
{
    struct stream_writer *closed = &fixture->closed;

    closed->head.stream.incarnation = (struct id){{incarnation, incarnation, incarnation, 1}};
    closed->key = lthash_key(&fixture->desk->federation, &closed->head.stream);
}
