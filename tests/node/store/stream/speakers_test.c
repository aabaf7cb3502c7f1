/* Who speaks of a writer's other streams is found without looking at all of them, and never missed. */
#include "node/store/stream/speakers.h"

#include <string.h>

#include "node/store/connection.h"
#include "node/store/stream/adopted.h"
#include "node/store/stream/audit.h"
#include "node/store/stream/head.h"
#include "node/store/stream/stream.h"
#include "tests/kit/kit.h"
#include "tests/kit/stream_writer.h"
#include "tests/node/store/desk.h"

enum { STEPS_EACH = 10 };

struct fixture {
    struct desk *desk;
    struct stream_writer writer;
    struct buffer body;
    enum status answer; /* of a job that is not to fail */
    int64_t number;     /* of the stream that was taken last */
    unsigned long steps; /* SQLite's, in tens */
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    fixture->desk = desk_open();
    buffer_init(&fixture->body);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    desk_close(fixture->desk);
    buffer_release(&fixture->body);
    test_free(fixture);
    return 0;
}

/* The `at`-th incarnation of writer `seed`: one cell, and a page if it speaks. */
static void stream_make(struct fixture *fixture, uint8_t seed, unsigned at, bool speaks)
{
    struct stream_writer *writer = &fixture->writer;
    struct adoption entry = {{{0xee, (uint8_t)(at >> 8), (uint8_t)at}}, 0, 2};
    struct buffer value;

    stream_writer_init(writer, &fixture->desk->federation, seed, TOPIC_RESULTS);
    writer->head.stream.incarnation.b[14] = (uint8_t)(at >> 8), writer->head.stream.incarnation.b[15] = (uint8_t)at;
    writer->key = lthash_key(&fixture->desk->federation, &writer->head.stream);
    stream_writer_put_number(writer, "a", 1);
    if (speaks) {
        buffer_init(&value);
        adoption_encode(&entry, 1, &value);
        stream_writer_put(writer, bytes_text("adopted\x1f" "0"), buffer_bytes(&value));
        buffer_release(&value);
    }
    struct certificate certificate = stream_writer_certify(writer);
    buffer_clear(&fixture->body);
    stream_writer_body(writer, 0, certificate.head.seq, &certificate, &fixture->body);
}

static int step_count(void *ctx)
{
    ++*(unsigned long *)ctx;
    return 0;
}

static enum status take_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    struct head_row row;

    fixture->steps = 0;
    sqlite3_progress_handler(db_handle(db), STEPS_EACH, step_count, &fixture->steps);
    fixture->answer = stream_apply_body(db, &fixture->desk->federation, &fixture->writer.head.stream, buffer_bytes(&fixture->body));
    sqlite3_progress_handler(db_handle(db), 0, NULL, NULL);
    fixture->number = head_find(db, &fixture->writer.head.stream, &row) ? row.number : 0;
    return fixture->answer;
}

static enum status take(struct fixture *fixture, uint8_t seed, unsigned at, bool speaks)
{
    stream_make(fixture, seed, at, speaks);
    enum status status = store_write_wait(fixture->desk->store, take_run, fixture);
    stream_writer_release(&fixture->writer);
    return status;
}

static size_t speakers_count(struct db *db, const struct fixture *fixture)
{
    size_t count;

    (void)speakers_find(db, &fixture->writer.head.stream, &count);
    assert_int_equal(db_status(db), S_OK);
    return count;
}

static size_t speakers_read(struct fixture *fixture)
{
    struct db *db = store_read_begin(fixture->desk->store);
    size_t count = speakers_count(db, fixture);

    store_read_end(fixture->desk->store, db);
    return count;
}

static void readers_hear_of_a_speaker_with_the_commit(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(take(fixture, 9, 1, false), S_OK);
    assert_int_equal(speakers_read(fixture), 0);
    struct db *before = store_read_begin(fixture->desk->store);
    assert_int_equal(speakers_count(before, fixture), 0);
    assert_int_equal(take(fixture, 9, 2, true), S_OK);
    assert_int_equal(speakers_count(before, fixture), 0); /* its snapshot is older */
    store_read_end(fixture->desk->store, before);
    assert_int_equal(speakers_read(fixture), 1);
    assert_int_equal(take(fixture, 9, 3, true), S_OK);
    assert_int_equal(speakers_read(fixture), 2);
    assert_int_equal(take(fixture, 8, 3, false), S_OK); /* another writer's */
    assert_int_equal(speakers_read(fixture), 0);
}

static enum status drop_run(struct db *db, void *arg)
{
    return audit_drop(db, ((struct fixture *)arg)->number);
}

static enum status count_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;

    fixture->number = (int64_t)speakers_count(db, fixture);
    return S_OK;
}

static void a_number_that_is_given_again_speaks_for_its_new_stream(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(take(fixture, 9, 1, true), S_OK);
    int64_t number = fixture->number;
    assert_int_equal(store_write_wait(fixture->desk->store, count_run, fixture), S_OK);
    assert_int_equal(fixture->number, 1);
    fixture->number = number;
    assert_int_equal(store_write_wait(fixture->desk->store, drop_run, fixture), S_OK);
    assert_int_equal(take(fixture, 8, 1, true), S_OK);
    assert_int_equal(fixture->number, number);
    assert_int_equal(speakers_read(fixture), 1);
    assert_int_equal(store_write_wait(fixture->desk->store, count_run, fixture), S_OK);
    assert_int_equal(fixture->number, 1);
}

static enum status undone_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;

    fixture->answer = drop_run(db, arg);
    assert_int_equal(speakers_count(db, fixture), 0);
    return S_STALE;
}

static void what_is_undone_is_not_remembered(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(take(fixture, 9, 1, true), S_OK);
    assert_int_equal(store_write_wait(fixture->desk->store, undone_run, fixture), S_STALE);
    assert_int_equal(fixture->answer, S_OK);
    assert_int_equal(store_write_wait(fixture->desk->store, count_run, fixture), S_OK);
    assert_int_equal(fixture->number, 1);
}

static void the_cost_of_a_stream_does_not_grow_with_those_of_its_writer(void **state)
{
    struct fixture *fixture = *state;
    unsigned long early = 0;

    assert_int_equal(take(fixture, 9, 1000, true), S_OK);
    for (unsigned at = 0; at < 200; at++) {
        assert_int_equal(take(fixture, 9, at, false), S_OK);
        early = at == 10 ? fixture->steps : early;
    }
    assert_true(early > 0);
    assert_true(fixture->steps <= 2 * early);
}

static void a_writer_may_have_so_many_speakers_and_no_more(void **state)
{
    struct fixture *fixture = *state;

    for (unsigned at = 0; at < ADOPTED_SPEAKERS_MAX; at++) {
        assert_int_equal(take(fixture, 9, at, true), S_OK);
    }
    assert_int_equal(take(fixture, 9, ADOPTED_SPEAKERS_MAX, true), S_DENIED);
    assert_int_equal(take(fixture, 9, ADOPTED_SPEAKERS_MAX, false), S_OK); /* who does not speak may come */
    assert_int_equal(take(fixture, 8, 0, true), S_OK);
}

KIT_TESTS()
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(readers_hear_of_a_speaker_with_the_commit),
        TEST(a_number_that_is_given_again_speaks_for_its_new_stream),
        TEST(what_is_undone_is_not_remembered),
        TEST(the_cost_of_a_stream_does_not_grow_with_those_of_its_writer),
        TEST(a_writer_may_have_so_many_speakers_and_no_more),
    };
    return KIT_RUN(tests);
}
