/* What this node published in closed incarnations comes into the living one: exactly, once, or not at all. */
#include "node/store/stream/adopt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/store/stream/adopted.h"
#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "tests/kit/kit.h"
#include "tests/kit/stream_writer.h"
#include "tests/node/store/desk.h"

/* `closed` is a stream of the desk's own node, as a peer brings it back. */
struct fixture {
    struct desk *desk;
    struct stream_writer closed;
    struct id living;
};

static void closed_name(struct fixture *fixture, uint8_t incarnation, enum topic topic)
{
    struct stream_writer *closed = &fixture->closed;

    closed->identity = fixture->desk->identity;
    closed->head.stream = (struct stream_id){fixture->desk->identity.node, {{incarnation}}, topic};
    closed->key = lthash_key(&fixture->desk->federation, &closed->head.stream);
}

/* Another closed stream in its place. */
static void closed_begin(struct fixture *fixture, uint8_t incarnation, enum topic topic)
{
    stream_writer_release(&fixture->closed);
    stream_writer_init(&fixture->closed, &fixture->desk->federation, 9, topic);
    closed_name(fixture, incarnation, topic);
}

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    fixture->desk = desk_open();
    stream_writer_init(&fixture->closed, &fixture->desk->federation, 9, TOPIC_RESULTS);
    closed_name(fixture, 1, TOPIC_RESULTS);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    desk_close(fixture->desk);
    stream_writer_release(&fixture->closed);
    test_free(fixture);
    return 0;
}

struct delivery {
    struct fixture *fixture;
    struct buffer body;
};

static enum status apply_run(struct db *db, void *arg)
{
    struct delivery *delivery = arg;
    return stream_apply_body(db, &delivery->fixture->desk->federation, &delivery->fixture->closed.head.stream,
                             buffer_bytes(&delivery->body));
}

/* The closed stream arrives from `after_seq` on. */
static enum status deliver(struct fixture *fixture, uint64_t after_seq)
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

static void put(struct fixture *fixture, const char *key, int64_t number)
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

static int64_t get(struct fixture *fixture, const char *key)
{
    struct put put = {key, 0};

    assert_int_equal(store_write_wait(fixture->desk->store, get_run, &put), S_OK);
    return put.number;
}

static enum status plan_run(struct db *db, void *arg)
{
    return adopt_run(db, arg);
}

static enum status adopt(struct fixture *fixture)
{
    const struct stream_head *head = &fixture->closed.head;
    struct adopt_plan plan = {.count = 1, .living = head->stream};

    plan.living.incarnation = fixture->living;
    plan.items[0] = (struct adopt_choice){head->stream, head->seq, head->count};
    return store_write_wait(fixture->desk->store, plan_run, &plan);
}

struct sum {
    int64_t total;
    unsigned streams;
    struct id last;
};

static enum status sum_visit(void *ctx, const struct stream_head *head, const struct cell *cell)
{
    struct sum *sum = ctx;
    int64_t number;

    sum->total += cell_value_get_number(cell->value, &number) ? number : 0;
    sum->streams += !id_equal(&sum->last, &head->stream.incarnation);
    sum->last = head->stream.incarnation;
    return S_OK;
}

/* What a reader counts, over how many streams. */
static struct sum sum_of(struct fixture *fixture)
{
    struct sum sum = {0};
    struct db *db = store_read_begin(fixture->desk->store);

    assert_int_equal(stream_cells_each(db, TOPIC_RESULTS, sum_visit, &sum), S_OK);
    store_read_end(fixture->desk->store, db);
    return sum;
}

static uint64_t adopted_up_to(struct fixture *fixture)
{
    struct db *db = store_read_begin(fixture->desk->store);
    uint64_t seq = adopted_seq(db, &fixture->closed.head.stream);

    store_read_end(fixture->desk->store, db);
    return seq;
}

static void a_closed_stream_is_counted_in_the_living_one_and_nowhere_else(void **state)
{
    struct fixture *fixture = *state;

    stream_writer_put_number(&fixture->closed, "a", 10);
    stream_writer_put_number(&fixture->closed, "b", 5);
    assert_int_equal(deliver(fixture, 0), S_OK);
    put(fixture, "a", 1);
    assert_int_equal(sum_of(fixture).total, 16);
    assert_int_equal(sum_of(fixture).streams, 2);
    assert_int_equal(adopt(fixture), S_OK);
    assert_int_equal(sum_of(fixture).total, 16);
    assert_int_equal(sum_of(fixture).streams, 1);
    assert_int_equal(get(fixture, "a"), 11);
    assert_int_equal(get(fixture, "b"), 5);
    assert_int_equal(adopted_up_to(fixture), 2);
    assert_int_equal(adopt(fixture), S_STALE); /* once */
    assert_int_equal(deliver(fixture, 0), S_STALE); /* it is not taken again */
    desk_reopen(fixture->desk);
    assert_int_equal(sum_of(fixture).total, 16);
    assert_int_equal(get(fixture, "a"), 11);
}

static void a_stream_that_turns_out_longer_adds_only_the_difference(void **state)
{
    struct fixture *fixture = *state;

    stream_writer_put_number(&fixture->closed, "a", 10);
    stream_writer_put_number(&fixture->closed, "b", 5);
    assert_int_equal(deliver(fixture, 0), S_OK);
    put(fixture, "a", 1);
    assert_int_equal(adopt(fixture), S_OK);
    stream_writer_put_number(&fixture->closed, "a", 13); /* what had been forgotten */
    stream_writer_put_number(&fixture->closed, "a", 14);
    stream_writer_put_number(&fixture->closed, "c", 7);
    assert_int_equal(deliver(fixture, 2), S_OK);
    assert_int_equal(sum_of(fixture).total, 16 + 4 + 7);
    assert_int_equal(get(fixture, "a"), 15);
    assert_int_equal(get(fixture, "c"), 7);
    assert_int_equal(adopted_up_to(fixture), 5);
}

static void what_the_adopted_stream_had_adopted_is_taken_over(void **state)
{
    struct fixture *fixture = *state;
    struct adoption earlier = {{{77}}, 0, 9};
    struct stream_id stream = fixture->closed.head.stream;
    struct buffer value;

    buffer_init(&value);
    adoption_encode(&earlier, 1, &value);
    stream_writer_put_number(&fixture->closed, "a", 10);
    stream_writer_put(&fixture->closed, bytes_text("adopted\x1f" "0"), buffer_bytes(&value));
    buffer_release(&value);
    assert_int_equal(deliver(fixture, 0), S_OK);
    put(fixture, "a", 1);
    assert_int_equal(adopt(fixture), S_OK);
    stream.incarnation = earlier.incarnation;
    struct db *db = store_read_begin(fixture->desk->store);
    assert_int_equal(adopted_seq(db, &stream), 9);
    store_read_end(fixture->desk->store, db);
}

static void the_same_writes_are_not_adopted_twice(void **state)
{
    struct fixture *fixture = *state;
    struct adoption earlier = {{{1}}, 0, 2};
    struct buffer value;

    stream_writer_put_number(&fixture->closed, "a", 10);
    stream_writer_put_number(&fixture->closed, "b", 5);
    assert_int_equal(deliver(fixture, 0), S_OK);
    put(fixture, "a", 1);
    assert_int_equal(adopt(fixture), S_OK);
    closed_begin(fixture, 2, TOPIC_RESULTS); /* another one, which had adopted the same */
    buffer_init(&value);
    adoption_encode(&earlier, 1, &value);
    stream_writer_put_number(&fixture->closed, "a", 10);
    stream_writer_put(&fixture->closed, bytes_text("adopted\x1f" "0"), buffer_bytes(&value));
    buffer_release(&value);
    assert_int_equal(deliver(fixture, 0), S_OK);
    assert_int_equal(adopt(fixture), S_EXISTS);
    assert_int_equal(get(fixture, "a"), 11);
}

static void cells_that_cannot_be_merged_leave_everything_as_it_was(void **state)
{
    struct fixture *fixture = *state;

    stream_writer_put_number(&fixture->closed, "a", 10);
    stream_writer_put(&fixture->closed, bytes_text("b"), bytes_text("\xf3of a later version"));
    assert_int_equal(deliver(fixture, 0), S_OK);
    put(fixture, "a", 1);
    assert_int_equal(adopt(fixture), S_DENIED);
    assert_int_equal(get(fixture, "a"), 1);
    assert_int_equal(sum_of(fixture).total, 11);
    assert_int_equal(adopted_up_to(fixture), 0);
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
    struct fixture *fixture = *state;

    stream_writer_put_number(&fixture->closed, "a", 10);
    assert_int_equal(deliver(fixture, 0), S_OK);
    assert_int_equal(store_write_wait(fixture->desk->store, rot_run, NULL), S_OK);
    put(fixture, "a", 1);
    assert_int_equal(adopt(fixture), S_CORRUPT);
    assert_int_equal(get(fixture, "a"), 1);
}

static void another_life_than_the_plans_adopts_nothing(void **state)
{
    struct fixture *fixture = *state;

    stream_writer_put_number(&fixture->closed, "a", 10);
    assert_int_equal(deliver(fixture, 0), S_OK);
    put(fixture, "a", 1);
    fixture->living.b[0] ^= 1;
    assert_int_equal(adopt(fixture), S_STALE);
    assert_int_equal(get(fixture, "a"), 1);
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

static void title_close(struct fixture *fixture, hlc stamp, const char *title)
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
    struct fixture *fixture = *state;
    struct adoption earlier = {{{1}}, 0, 1};
    bool is_last = false;
    struct buffer value;

    buffer_init(&value);
    adoption_encode(&earlier, 1, &value);
    closed_begin(fixture, 2, TOPIC_CATALOGUE);
    title_close(fixture, 2, "histology");
    stream_writer_put(&fixture->closed, bytes_text("adopted\x1f" "0"), buffer_bytes(&value));
    buffer_release(&value);
    assert_int_equal(deliver(fixture, 0), S_OK);
    assert_int_equal(store_write_wait(fixture->desk->store, title_run, NULL), S_OK);
    assert_true(own_living(fixture->desk->store, &fixture->living));
    assert_int_equal(adopt(fixture), S_OK);
    closed_begin(fixture, 1, TOPIC_CATALOGUE);
    title_close(fixture, 2, "histology");
    title_close(fixture, 3, "physiology");
    assert_int_equal(deliver(fixture, 0), S_OK);
    assert_int_equal(adopted_up_to(fixture), 1);
    assert_int_equal(adopt(fixture), S_OK);
    assert_int_equal(adopted_up_to(fixture), 2);
    assert_int_equal(store_write_wait(fixture->desk->store, title_last_run, &is_last), S_OK);
    assert_true(is_last);
    assert_int_equal(deliver(fixture, 0), S_STALE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_closed_stream_is_counted_in_the_living_one_and_nowhere_else),
        TEST(a_stream_that_turns_out_longer_adds_only_the_difference),
        TEST(what_the_adopted_stream_had_adopted_is_taken_over),
        TEST(the_same_writes_are_not_adopted_twice),
        TEST(one_with_idempotent_values_that_comes_back_longer_is_adopted_again),
        TEST(cells_that_cannot_be_merged_leave_everything_as_it_was),
        TEST(a_rotten_row_does_not_become_a_certified_figure),
        TEST(another_life_than_the_plans_adopts_nothing),
    };
    return KIT_RUN(tests);
}
