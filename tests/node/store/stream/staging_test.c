/* What the view contract (view_test.c) does not ask of staging: bodies that are not what they should be, and
 * large deltas. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "node/store/stream/stream.h"
#include "replication/base/limits.h"
#include "tests/kit/kit.h"
#include "tests/kit/stream_writer.h"
#include "tests/node/store/desk.h"

struct fixture {
    struct desk *desk;
    struct stream_writer writer;
    struct buffer body;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    fixture->desk = desk_open();
    stream_writer_init(&fixture->writer, &fixture->desk->federation, 9, TOPIC_RESULTS);
    buffer_init(&fixture->body);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    desk_close(fixture->desk);
    stream_writer_release(&fixture->writer);
    buffer_release(&fixture->body);
    test_free(fixture);
    return 0;
}

struct request {
    struct fixture *fixture;
    struct stream_id stream;
    uint64_t after_seq, seq;
};

static enum status stage_run(struct db *db, void *arg)
{
    struct request *request = arg;
    return stream_stage(db, &request->stream, request->after_seq, request->seq,
                        buffer_bytes(&request->fixture->body));
}

static enum status apply_run(struct db *db, void *arg)
{
    struct request *request = arg;
    return stream_apply_body(db, &request->fixture->desk->federation, &request->stream,
                             buffer_bytes(&request->fixture->body));
}

static void body(struct fixture *fixture, uint64_t after_seq, uint64_t upto_seq, bool is_last)
{
    struct certificate certificate = stream_writer_certify(&fixture->writer);

    buffer_clear(&fixture->body);
    stream_writer_body(&fixture->writer, after_seq, upto_seq, is_last ? &certificate : NULL, &fixture->body);
}

static enum status run(struct fixture *fixture, store_job *job, uint64_t after_seq, uint64_t seq)
{
    struct request request = {fixture, fixture->writer.head.stream, after_seq, seq};
    return store_write_wait(fixture->desk->store, job, &request);
}

static void put_many(struct fixture *fixture, int count, int64_t number)
{
    char key[64];

    for (int i = 0; i < count; i++) {
        snprintf(key, sizeof key, "r\x1f%d\x1f%d", i % 40, i);
        stream_writer_put_number(&fixture->writer, key, number + i);
    }
}

static void a_body_that_is_not_one_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct request other = {fixture, fixture->writer.head.stream, 0, 0};

    put_many(fixture, 10, 1);
    body(fixture, 0, 10, false);
    assert_int_equal(run(fixture, apply_run, 0, 0), S_INVALID); /* no certificate */
    body(fixture, 0, 10, true);
    other.stream.node.b[0] ^= 1;
    assert_int_equal(store_write_wait(fixture->desk->store, apply_run, &other),
                     S_INVALID); /* another stream's */
    fixture->body.size /= 2;
    assert_int_not_equal(run(fixture, apply_run, 0, 0), S_OK);
    body(fixture, 0, 10, true);
    assert_int_equal(run(fixture, apply_run, 0, 0), S_OK);
}

static void a_range_that_is_none_is_refused(void **state)
{
    struct fixture *fixture = *state;

    put_many(fixture, 10, 1);
    body(fixture, 0, 10, false);
    assert_int_equal(run(fixture, stage_run, 0, 0), S_INVALID);
    assert_int_equal(run(fixture, stage_run, 0, SEQ_MAX + 1), S_INVALID);
    assert_int_equal(run(fixture, stage_run, 0, 10), S_OK);
}

static void a_staged_body_that_cannot_be_read_fails_the_apply(void **state)
{
    struct fixture *fixture = *state;

    put_many(fixture, 20, 1);
    body(fixture, 0, 10, false);
    fixture->body.size /= 2;
    assert_int_equal(run(fixture, stage_run, 0, 10), S_OK); /* staged unread */
    body(fixture, 10, 20, true);
    enum status status = run(fixture, apply_run, 0, 0);
    assert_true(status == S_INVALID || status == S_TOO_LARGE);
}

static void many_batches_become_one_state(void **state)
{
    enum { CELLS = 4000, STEP = 250 };
    struct fixture *fixture = *state;
    struct certificate certificate;

    for (int round = 1; round <= 2; round++) {
        uint64_t base = fixture->writer.head.seq;
        put_many(fixture, CELLS, round * 1000);
        for (uint64_t at = base; at + STEP < fixture->writer.head.seq; at += STEP) {
            body(fixture, at, at + STEP, false);
            assert_int_equal(run(fixture, stage_run, at, at + STEP), S_OK);
        }
        body(fixture, fixture->writer.head.seq - STEP, fixture->writer.head.seq, true);
        assert_int_equal(run(fixture, apply_run, 0, 0), S_OK);
    }
    struct db *db = store_read_begin(fixture->desk->store);
    assert_true(stream_find(db, &fixture->writer.head.stream, &certificate));
    assert_int_equal(certificate.head.count, CELLS);
    assert_int_equal(certificate.head.seq, 2 * CELLS);
    assert_int_equal(stream_staged_seq(db, &fixture->writer.head.stream), 0);
    store_read_end(fixture->desk->store, db);
}

/* Stages `size` bytes of nothing of `stream`. */
static enum status stage_filler(struct fixture *fixture, const struct stream_id *stream, uint64_t after_seq, uint64_t seq, size_t size)
{
    struct request request = {fixture, *stream, after_seq, seq};

    buffer_clear(&fixture->body);
    randombytes_buf(buffer_reserve(&fixture->body, size), size);
    fixture->body.size = size;
    return store_write_wait(fixture->desk->store, stage_run, &request);
}

static uint64_t staged_seq(struct fixture *fixture, const struct stream_id *stream)
{
    struct db *db = store_read_begin(fixture->desk->store);
    uint64_t seq = stream_staged_seq(db, stream);

    store_read_end(fixture->desk->store, db);
    return seq;
}

static void certificates_that_never_come_cannot_fill_the_disk(void **state)
{
    struct fixture *fixture = *state;
    struct store_options options = {.anchor_dir = fixture->desk->anchors, .staged_mib = 1};
    struct stream_id first = fixture->writer.head.stream, second = first;
    struct report report = {.status = S_OK};
    const size_t half = (512 << 10) - STAGED_ROW_SIZE;

    second.incarnation.b[0] ^= 1;
    desk_shut(fixture->desk);
    assert_int_equal(store_open(fixture->desk->dir, &options, &fixture->desk->store, &report), S_OK);
    assert_int_equal(stage_filler(fixture, &first, 0, 10, half), S_OK);
    assert_int_equal(stage_filler(fixture, &second, 0, 10, half), S_OK); /* both just fit */
    assert_int_equal(staged_seq(fixture, &first), 10);
    assert_int_equal(stage_filler(fixture, &second, 10, 20, 1), S_OK);
    assert_int_equal(staged_seq(fixture, &first), 0); /* what was staged first went first */
    assert_int_equal(staged_seq(fixture, &second), 20);
    assert_int_equal(stage_filler(fixture, &second, 20, 30, half), S_TOO_LARGE); /* alone it may not pass the limit either */
    assert_int_equal(staged_seq(fixture, &second), 20);
    assert_int_equal(stage_filler(fixture, &first, 0, 10, half), S_OK); /* another may come all the same */
    assert_int_equal(staged_seq(fixture, &second), 0);
}

/* A small frame that holds a large body takes little of the disk, too. */
static void a_body_that_packs_well_is_kept_packed(void **state)
{
    struct fixture *fixture = *state;
    struct store_options options = {.anchor_dir = fixture->desk->anchors, .staged_mib = 1};
    struct stream_id stream = fixture->writer.head.stream;
    struct report report = {.status = S_OK};

    desk_shut(fixture->desk);
    assert_int_equal(store_open(fixture->desk->dir, &options, &fixture->desk->store, &report), S_OK);
    for (uint64_t i = 0; i < 20; i++) { /* 20 MiB of zeros */
        struct request request = {fixture, stream, i, i + 1};
        buffer_clear(&fixture->body);
        memset(buffer_reserve(&fixture->body, BODY_SIZE_MAX), 0, BODY_SIZE_MAX);
        fixture->body.size = BODY_SIZE_MAX;
        assert_int_equal(store_write_wait(fixture->desk->store, stage_run, &request), S_OK);
        assert_int_equal(staged_seq(fixture, &stream), i + 1);
    }
}

static void packed_bodies_are_folded_like_any(void **state)
{
    struct fixture *fixture = *state;
    static uint8_t value[1024] = {200};
    char key[32];

    for (int i = 0; i < 200; i++) {
        snprintf(key, sizeof key, "k\x1f%d", i);
        stream_writer_put(&fixture->writer, bytes_text(key), bytes_of(value, sizeof value));
    }
    uint64_t last = fixture->writer.head.seq;
    body(fixture, 0, last / 2, false);
    assert_true(fixture->body.size > FRAME_SIZE_MAX);
    assert_int_equal(run(fixture, stage_run, 0, last / 2), S_OK);
    body(fixture, last / 2, last, true);
    assert_int_equal(run(fixture, apply_run, last / 2, last), S_OK);
}

KIT_TESTS()
{
#define STAGING_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        STAGING_TEST(a_body_that_is_not_one_is_refused),
        STAGING_TEST(a_range_that_is_none_is_refused),
        STAGING_TEST(a_staged_body_that_cannot_be_read_fails_the_apply),
        STAGING_TEST(many_batches_become_one_state),
        STAGING_TEST(certificates_that_never_come_cannot_fill_the_disk),
        STAGING_TEST(a_body_that_packs_well_is_kept_packed),
        STAGING_TEST(packed_bodies_are_folded_like_any),
    };
    return KIT_RUN(tests);
}
