/* Large deltas, a part at a time. What is folded in at once: staging_test.c, view_test.c. */
#include "node/store/stream/delta.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/store/stream/beside.h"
#include "node/store/stream/stream.h"
#include "tests/kit/kit.h"
#include "tests/kit/stream_writer.h"
#include "tests/node/store/desk.h"

enum { BODY_CELLS = 5000, PARTS_MAX = 200 };

struct fixture {
    struct desk *desk;
    struct stream_writer writer; /* its identity, its head and its sum; the cells are made here */
    struct buffer body;
    struct delta *delta;
    uint64_t after_seq, seq; /* of the body */
    bool is_whole, is_large;
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

    delta_free(fixture->delta);
    desk_close(fixture->desk);
    stream_writer_release(&fixture->writer);
    buffer_release(&fixture->body);
    test_free(fixture);
    return 0;
}

/* The next body: `count` cells with keys from `first` on, all of one value, summed into the writer's state. `olds`: the value they had, < 0: they are new.
 * With `is_last` comes the certificate. */
static void body_make(struct fixture *fixture, unsigned first, size_t count, int olds, int value, bool is_last)
{
    static char keys[BODY_CELLS][24];
    static struct cell cells[BODY_CELLS];
    struct stream_writer *writer = &fixture->writer;
    struct batch batch = {.stream = writer->head.stream, .after_seq = writer->head.seq, .cells = cells, .count = count};
    uint8_t now[] = {CELL_COUNT, (uint8_t)(2 * value)};

    fixture->after_seq = writer->head.seq;
    for (size_t i = 0; i < count; i++) {
        snprintf(keys[i], sizeof keys[i], "r\x1f%u", first + (unsigned)i);
        uint8_t then[] = {CELL_COUNT, (uint8_t)(2 * olds)};
        if (olds >= 0) {
            lthash_subtract(&writer->state, &writer->key, &(struct cell){first + i + 1, bytes_text(keys[i]), bytes_of(then, 2)});
        }
        writer->head.count += olds < 0;
        cells[i] = (struct cell){++writer->head.seq, bytes_text(keys[i]), bytes_of(now, 2)};
        lthash_add(&writer->state, &writer->key, &cells[i]);
    }
    fixture->seq = writer->head.seq;
    batch.has_certificate = is_last;
    batch.certificate = is_last ? stream_writer_certify(writer) : batch.certificate;
    buffer_clear(&fixture->body);
    assert_int_equal(batch_encode(&batch, &fixture->body), S_OK);
}

static enum status stage_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;

    return stream_stage(db, &fixture->writer.head.stream, fixture->after_seq, fixture->seq, buffer_bytes(&fixture->body));
}

static enum status apply_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;

    return stream_apply_body(db, &fixture->desk->federation, &fixture->writer.head.stream, buffer_bytes(&fixture->body));
}

static enum status part_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;

    return delta_part(fixture->delta, db, &fixture->is_whole);
}

static enum status large_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;

    fixture->is_large = delta_is_large(db, &fixture->writer.head.stream, buffer_bytes(&fixture->body));
    return S_OK;
}

static enum status run(struct fixture *fixture, store_job *job)
{
    return store_write_wait(fixture->desk->store, job, fixture);
}

static void delta_begin(struct fixture *fixture)
{
    delta_free(fixture->delta);
    fixture->delta = delta_new(fixture->desk->store, &fixture->desk->federation, &fixture->writer.head.stream, buffer_bytes(&fixture->body));
}

/* Parts until it is whole, or fails; how many there were. */
static enum status parts_run(struct fixture *fixture, int *parts_out)
{
    enum status status = S_OK;

    *parts_out = 0;
    for (fixture->is_whole = false; status == S_OK && !fixture->is_whole; ++*parts_out) {
        assert_true(*parts_out < PARTS_MAX);
        status = run(fixture, part_run);
    }
    delta_free(fixture->delta);
    fixture->delta = NULL;
    return status;
}

/* Two bodies staged, the third one in `body`: as many cells with keys from 0 on. */
static void three_bodies(struct fixture *fixture, int olds, int value)
{
    for (unsigned i = 0; i < 3; i++) {
        body_make(fixture, i * BODY_CELLS, BODY_CELLS, olds, value, i == 2);
        assert_int_equal(i < 2 ? run(fixture, stage_run) : S_OK, S_OK);
    }
}

static uint64_t stored_seq(struct fixture *fixture)
{
    struct certificate certificate;
    struct db *db = store_read_begin(fixture->desk->store);
    uint64_t seq = stream_find(db, &fixture->writer.head.stream, &certificate) ? certificate.head.seq : 0;

    store_read_end(fixture->desk->store, db);
    return seq;
}

static void a_large_one_is_folded_in_part_by_part(void **state)
{
    struct fixture *fixture = *state;
    int parts;

    three_bodies(fixture, -1, 1);
    delta_begin(fixture);
    assert_int_equal(run(fixture, part_run), S_OK);
    assert_false(fixture->is_whole);
    assert_int_equal(stored_seq(fixture), 0); /* nobody sees any of it */
    assert_int_equal(parts_run(fixture, &parts), S_OK);
    assert_int_equal(parts, 3 * BODY_CELLS / BESIDE_PART_CELLS);
    assert_int_equal(stored_seq(fixture), 3 * BODY_CELLS);
}

static void what_it_changes_is_copied_before(void **state)
{
    struct fixture *fixture = *state;
    int parts;

    three_bodies(fixture, -1, 1);
    assert_int_equal(run(fixture, apply_run), S_OK);
    body_make(fixture, 100, 3000, 1, 2, true); /* some of it changes */
    delta_begin(fixture);
    assert_int_equal(parts_run(fixture, &parts), S_OK); /* the sum is right, so every cell is */
    assert_int_equal(stored_seq(fixture), 3 * BODY_CELLS + 3000);
    body_make(fixture, 3 * BODY_CELLS, 10, -1, 1, true);
    assert_int_equal(run(fixture, apply_run), S_OK); /* and it goes on like any */
}

static void one_that_is_not_what_was_certified_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    int parts;

    three_bodies(fixture, -1, 1);
    assert_int_equal(run(fixture, apply_run), S_OK);
    fixture->writer.state.lane[0] ^= 1;
    body_make(fixture, 0, 3000, 1, 2, true);
    delta_begin(fixture);
    assert_int_equal(parts_run(fixture, &parts), S_BAD_DIGEST);
    assert_int_equal(stored_seq(fixture), 3 * BODY_CELLS);
}

static void what_moves_the_stream_meanwhile_goes_before(void **state)
{
    struct fixture *fixture = *state;
    int parts;

    three_bodies(fixture, -1, 1);
    delta_begin(fixture);
    assert_int_equal(run(fixture, part_run), S_OK);
    assert_int_equal(run(fixture, apply_run), S_OK);
    assert_int_equal(parts_run(fixture, &parts), S_STALE);
    assert_int_equal(stored_seq(fixture), 3 * BODY_CELLS);
}

static void it_is_their_number_that_makes_cells_many(void **state)
{
    struct fixture *fixture = *state;

    for (unsigned i = 0; i < DELTA_AT_ONCE_CELLS / BODY_CELLS; i++) {
        body_make(fixture, i * BODY_CELLS, BODY_CELLS, -1, 1, false);
        assert_int_equal(run(fixture, i == 0 ? large_run : stage_run), S_OK);
        assert_int_equal(i == 0 ? run(fixture, stage_run) : S_OK, S_OK);
    }
    assert_false(fixture->is_large);
    body_make(fixture, DELTA_AT_ONCE_CELLS, 0, -1, 1, true);
    assert_int_equal(run(fixture, large_run), S_OK);
    assert_false(fixture->is_large); /* at the edge */
    body_make(fixture, DELTA_AT_ONCE_CELLS, 1, -1, 1, true);
    assert_int_equal(run(fixture, large_run), S_OK);
    assert_true(fixture->is_large);
}

static void bodies_that_are_many_are_not_counted(void **state)
{
    struct fixture *fixture = *state;

    for (unsigned i = 0; i <= DELTA_BODIES_AT_ONCE; i++) {
        body_make(fixture, i, 1, -1, 1, false);
        assert_int_equal(run(fixture, i == DELTA_BODIES_AT_ONCE ? large_run : stage_run), S_OK);
    }
    assert_false(fixture->is_large);
    assert_int_equal(run(fixture, stage_run), S_OK);
    assert_int_equal(run(fixture, large_run), S_OK);
    assert_true(fixture->is_large);
}

/* Makes the certificate of the next body say that the stream has `count` cells. */
static void body_claim(struct fixture *fixture, uint64_t count, unsigned first, size_t cells)
{
    uint64_t before = fixture->writer.head.count;

    fixture->writer.head.seq += DELTA_COUNT_MAX + 1; /* as many changes, at least */
    fixture->writer.head.count = count - cells;
    body_make(fixture, first, cells, -1, 1, true);
    fixture->writer.head.count = before;
}

static void no_stream_has_more_cells_than_the_limit(void **state)
{
    struct fixture *fixture = *state;

    static const struct {
        enum topic topic;
        uint64_t max;
    } limits[] = {{TOPIC_RESULTS, DELTA_COUNT_MAX}, {TOPIC_ROSTER, DELTA_ROSTER_MAX}, {TOPIC_CATALOGUE, DELTA_CATALOGUE_MAX}};

    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        fixture->writer.head.stream.topic = limits[i].topic;
        body_claim(fixture, limits[i].max + 1, 0, 1);
        assert_int_equal(run(fixture, apply_run), S_TOO_LARGE);
        body_claim(fixture, limits[i].max, 0, 1);
        assert_int_equal(run(fixture, apply_run), S_STALE); /* looked at: it begins elsewhere */
    }
}

static void more_cells_than_are_certified_end_it_at_once(void **state)
{
    struct fixture *fixture = *state;
    int parts;

    three_bodies(fixture, -1, 1);
    fixture->writer.head.count = BESIDE_PART_CELLS; /* in truth more than three times as many */
    body_make(fixture, 3 * BODY_CELLS, 1, 1, 1, true);
    fixture->after_seq = 2 * BODY_CELLS;
    delta_begin(fixture);
    assert_int_equal(parts_run(fixture, &parts), S_BAD_DIGEST);
    assert_int_equal(parts, 2);
}

/* One cell, changed over and over: little on the wire, and what it costs has an end. */
static void a_cell_is_not_changed_without_end(void **state)
{
    struct fixture *fixture = *state;
    const uint64_t most = DELTA_REPEATS_MAX + DELTA_REPEATS_SPARE;
    uint8_t value[] = {CELL_COUNT, 2};
    struct cell *cells = calloc(BATCH_CELLS_MAX, sizeof *cells);
    int parts;

    assert_non_null(cells);
    for (int more = 0; more < 2; more++) {
        struct stream_id *stream = &fixture->writer.head.stream;
        uint64_t seq = 0;
        stream->incarnation.b[0]++;
        struct batch batch = {.stream = *stream, .cells = cells};
        struct cell end = {.key = bytes_text("one"), .value = bytes_of(value, 2), .seq = most + (uint64_t)more};
        while (seq + 1 < end.seq) {
            batch.after_seq = seq;
            for (batch.count = 0; batch.count < BATCH_CELLS_MAX && seq + 1 < end.seq; batch.count++) {
                cells[batch.count] = (struct cell){.key = end.key, .value = end.value, .seq = ++seq};
            }
            fixture->after_seq = batch.after_seq, fixture->seq = seq;
            buffer_clear(&fixture->body);
            assert_int_equal(batch_encode(&batch, &fixture->body), S_OK);
            assert_int_equal(run(fixture, stage_run), S_OK);
        }
        fixture->writer.key = lthash_key(&fixture->desk->federation, stream);
        lthash_init(&fixture->writer.state);
        lthash_add(&fixture->writer.state, &fixture->writer.key, &end);
        fixture->writer.head.count = 1, fixture->writer.head.seq = end.seq;
        batch = (struct batch){.stream = *stream, .after_seq = seq, .cells = &end, .count = 1, .has_certificate = true};
        batch.certificate = stream_writer_certify(&fixture->writer);
        buffer_clear(&fixture->body);
        assert_int_equal(batch_encode(&batch, &fixture->body), S_OK);
        delta_begin(fixture);
        assert_int_equal(parts_run(fixture, &parts), more ? S_TOO_LARGE : S_OK);
    }
    free(cells);
}

KIT_TESTS()
{
#define DELTA_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        DELTA_TEST(a_large_one_is_folded_in_part_by_part),
        DELTA_TEST(what_it_changes_is_copied_before),
        DELTA_TEST(one_that_is_not_what_was_certified_leaves_nothing),
        DELTA_TEST(what_moves_the_stream_meanwhile_goes_before),
        DELTA_TEST(it_is_their_number_that_makes_cells_many),
        DELTA_TEST(bodies_that_are_many_are_not_counted),
        DELTA_TEST(no_stream_has_more_cells_than_the_limit),
        DELTA_TEST(more_cells_than_are_certified_end_it_at_once),
        DELTA_TEST(a_cell_is_not_changed_without_end),
    };
    return KIT_RUN(tests);
}
