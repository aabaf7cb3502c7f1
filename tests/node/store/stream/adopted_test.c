/* At a relay: which of a writer's streams count, in whatever order they and the sentence come. */
#include "node/store/stream/adopted.h"

#include <string.h>

#include "node/store/stream/held.h"
#include "node/store/stream/stream.h"
#include "tests/kit/kit.h"
#include "tests/kit/stream_writer.h"
#include "tests/node/store/desk.h"

/* `closed` holds a: 10, b: 5; `living` has adopted it up to seq 2 and adds 1 to a. */
struct fixture {
    struct desk *desk;
    struct stream_writer closed, living;
};

static void living_make(struct fixture *fixture)
{
    struct adoption entry = {fixture->closed.head.stream.incarnation, 0, 2};
    struct stream_writer *living = &fixture->living;
    struct buffer value;

    living->identity = fixture->closed.identity;
    living->head.stream = fixture->closed.head.stream;
    living->head.stream.incarnation.b[3] ^= 1;
    living->key = lthash_key(&fixture->desk->federation, &living->head.stream);
    stream_writer_put_number(living, "a", 1);
    stream_writer_put_number(living, "a", 11);
    stream_writer_put_number(living, "b", 5);
    buffer_init(&value);
    adoption_encode(&entry, 1, &value);
    stream_writer_put(living, bytes_text("adopted\x1f" "0"), buffer_bytes(&value));
    buffer_release(&value);
}

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    fixture->desk = desk_open();
    stream_writer_init(&fixture->closed, &fixture->desk->federation, 9, TOPIC_RESULTS);
    stream_writer_init(&fixture->living, &fixture->desk->federation, 9, TOPIC_RESULTS);
    stream_writer_put_number(&fixture->closed, "a", 10);
    stream_writer_put_number(&fixture->closed, "b", 5);
    living_make(fixture);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    desk_close(fixture->desk);
    stream_writer_release(&fixture->closed);
    stream_writer_release(&fixture->living);
    test_free(fixture);
    return 0;
}

struct delivery {
    struct fixture *fixture;
    struct stream_writer *writer;
    struct buffer body;
    uint64_t upto_seq;
};

static enum status apply_run(struct db *db, void *arg)
{
    struct delivery *delivery = arg;
    return stream_apply_body(db, &delivery->fixture->desk->federation, &delivery->writer->head.stream,
                             buffer_bytes(&delivery->body));
}

static enum status stage_run(struct db *db, void *arg)
{
    struct delivery *delivery = arg;
    return stream_stage(db, &delivery->writer->head.stream, 0, delivery->upto_seq, buffer_bytes(&delivery->body));
}

static enum status deliver(struct fixture *fixture, struct stream_writer *writer, uint64_t after_seq)
{
    struct certificate certificate = stream_writer_certify(writer);
    struct delivery delivery = {.fixture = fixture, .writer = writer};

    buffer_init(&delivery.body);
    stream_writer_body(writer, after_seq, certificate.head.seq, &certificate, &delivery.body);
    enum status status = store_write_wait(fixture->desk->store, apply_run, &delivery);
    buffer_release(&delivery.body);
    return status;
}

static enum status sum_visit(void *ctx, const struct stream_head *head, const struct cell *cell)
{
    int64_t number;
    (void)head;

    *(int64_t *)ctx += cell_value_get_number(cell->value, &number) ? number : 0;
    return S_OK;
}

static int64_t total(struct fixture *fixture, unsigned *streams_out)
{
    struct db *db = store_read_begin(fixture->desk->store);
    struct stream_head head;
    struct stream_id after;
    int64_t sum = 0;

    assert_int_equal(stream_cells_each(db, TOPIC_RESULTS, sum_visit, &sum), S_OK);
    *streams_out = 0;
    for (bool more = stream_next(db, NULL, &head); more; more = stream_next(db, &after, &head)) {
        after = head.stream;
        ++*streams_out;
    }
    store_read_end(fixture->desk->store, db);
    return sum;
}

static bool is_found(struct fixture *fixture, const struct stream_writer *writer)
{
    struct db *db = store_read_begin(fixture->desk->store);
    struct certificate certificate;
    bool is_found = stream_find(db, &writer->head.stream, &certificate);

    store_read_end(fixture->desk->store, db);
    return is_found;
}

static enum status held_run(struct db *db, void *arg)
{
    return held_put(db, arg);
}

static void the_closed_stream_first_then_the_sentence(void **state)
{
    struct fixture *fixture = *state;
    struct held held = {fixture->closed.head.stream, 2, 1, {{4}}};
    unsigned streams;

    assert_int_equal(deliver(fixture, &fixture->closed, 0), S_OK);
    assert_int_equal(store_write_wait(fixture->desk->store, held_run, &held), S_OK);
    assert_int_equal(total(fixture, &streams), 15);
    assert_int_equal(deliver(fixture, &fixture->living, 0), S_OK);
    assert_int_equal(total(fixture, &streams), 16);
    assert_int_equal(streams, 1);
    assert_false(is_found(fixture, &fixture->closed)); /* nothing is left of it, */
    assert_int_equal(store_write_wait(fixture->desk->store, held_run, &held), S_OK);
    struct db *db = store_read_begin(fixture->desk->store);
    assert_true(held_find_seq(db, &held.stream, &held.holder) == 0); /* nor of its receipts */
    store_read_end(fixture->desk->store, db);
}

static void the_sentence_first_then_the_closed_stream(void **state)
{
    struct fixture *fixture = *state;
    unsigned streams;

    assert_int_equal(deliver(fixture, &fixture->living, 0), S_OK);
    assert_int_equal(deliver(fixture, &fixture->closed, 0), S_STALE);
    assert_int_equal(total(fixture, &streams), 16);
    assert_int_equal(streams, 1);
}

static void batches_that_waited_go_when_the_sentence_comes(void **state)
{
    struct fixture *fixture = *state;
    struct delivery delivery = {.fixture = fixture, .writer = &fixture->closed, .upto_seq = 1};

    buffer_init(&delivery.body);
    stream_writer_body(&fixture->closed, 0, 1, NULL, &delivery.body);
    assert_int_equal(store_write_wait(fixture->desk->store, stage_run, &delivery), S_OK);
    buffer_release(&delivery.body);
    assert_int_equal(deliver(fixture, &fixture->living, 0), S_OK);
    struct db *db = store_read_begin(fixture->desk->store);
    assert_true(stream_staged_seq(db, &fixture->closed.head.stream) == 0);
    store_read_end(fixture->desk->store, db);
}

/* The writer had forgotten the end: until it adds the difference, the larger part counts, once. */
static void a_stream_further_than_adopted_stays_and_is_not_summed(void **state)
{
    struct fixture *fixture = *state;
    struct adoption more = {fixture->closed.head.stream.incarnation, 0, 3};
    struct buffer value;
    unsigned streams;

    stream_writer_put_number(&fixture->closed, "c", 7);
    assert_int_equal(deliver(fixture, &fixture->closed, 0), S_OK);
    assert_int_equal(total(fixture, &streams), 22);
    assert_int_equal(deliver(fixture, &fixture->living, 0), S_OK);
    assert_int_equal(total(fixture, &streams), 16);
    assert_int_equal(streams, 2); /* it is offered on */
    buffer_init(&value);
    adoption_encode(&more, 1, &value);
    stream_writer_put_number(&fixture->living, "c", 7);
    stream_writer_put(&fixture->living, bytes_text("adopted\x1f" "0"), buffer_bytes(&value));
    buffer_release(&value);
    assert_int_equal(deliver(fixture, &fixture->living, 4), S_OK);
    assert_int_equal(total(fixture, &streams), 23);
    assert_int_equal(streams, 1);
}

static void a_writer_speaks_only_of_its_own_streams_and_not_of_the_same_one(void **state)
{
    struct fixture *fixture = *state;
    struct stream_writer *other = &fixture->living;
    unsigned streams;

    stream_writer_release(other);
    stream_writer_init(other, &fixture->desk->federation, 8, TOPIC_RESULTS);
    struct adoption entries[] = {{fixture->closed.head.stream.incarnation, 0, 2}, {other->head.stream.incarnation, 0, 9}};
    struct buffer value;
    buffer_init(&value);
    adoption_encode(entries, 2, &value);
    stream_writer_put(other, bytes_text("adopted\x1f" "0"), buffer_bytes(&value));
    buffer_release(&value);
    assert_int_equal(deliver(fixture, &fixture->closed, 0), S_OK);
    assert_int_equal(deliver(fixture, other, 0), S_OK);
    assert_int_equal(total(fixture, &streams), 15);
    assert_int_equal(streams, 2);
}

KIT_TESTS()
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_closed_stream_first_then_the_sentence),
        TEST(the_sentence_first_then_the_closed_stream),
        TEST(batches_that_waited_go_when_the_sentence_comes),
        TEST(a_stream_further_than_adopted_stays_and_is_not_summed),
        TEST(a_writer_speaks_only_of_its_own_streams_and_not_of_the_same_one),
    };
    return KIT_RUN(tests);
}
