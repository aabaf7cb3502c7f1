#include "node/store/stream/beside.h"

#include <stdio.h>

#include "node/store/stream/audit.h"
#include "node/store/stream/cell.h"
#include "node/store/stream/stream.h"
#include "tests/kit/kit.h"
#include "tests/kit/stream_writer.h"
#include "tests/node/store/desk.h"

enum { CELLS = 30 };

struct fixture {
    struct desk *desk;
    struct stream_writer writer;
    int64_t number; /* beside */
    uint64_t copied_seq;
};

static enum status fill_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    struct buffer body;
    char key[24];

    for (int i = 0; i < CELLS; i++) {
        snprintf(key, sizeof key, "r\x1f%d", i);
        stream_writer_put_number(&fixture->writer, key, i);
    }
    struct certificate certificate = stream_writer_certify(&fixture->writer);
    buffer_init(&body);
    stream_writer_body(&fixture->writer, 0, CELLS, &certificate, &body);
    enum status status = stream_apply_body(db, &fixture->desk->federation, &fixture->writer.head.stream, buffer_bytes(&body));
    buffer_release(&body);
    return status;
}

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    fixture->desk = desk_open();
    stream_writer_init(&fixture->writer, &fixture->desk->federation, 9, TOPIC_RESULTS);
    assert_int_equal(store_write_wait(fixture->desk->store, fill_run, fixture), S_OK);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    desk_close(fixture->desk);
    stream_writer_release(&fixture->writer);
    test_free(fixture);
    return 0;
}

static enum status copy_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    struct head_row row;
    enum status status = beside_make(db, &fixture->number);

    if (status == S_OK && !head_find(db, &fixture->writer.head.stream, &row)) {
        status = S_NOT_FOUND;
    }
    return status == S_OK ? beside_copy(db, row.number, fixture->number, &fixture->copied_seq) : status;
}

static enum status take_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    struct certificate certificate;
    struct head_row row;
    struct lthash sum;

    if (!head_find(db, &fixture->writer.head.stream, &row) || head_state(db, &row, &sum) != S_OK) {
        return S_NOT_FOUND;
    }
    certificate = row.certificate;
    enum status status = beside_take_place(db, &row, fixture->number);
    return status == S_OK ? head_put(db, fixture->number, &certificate, &sum) : status;
}

struct found {
    size_t streams, cells, numbers, faults;
    int64_t number;
};

/* Everything in the database, and whether it is as it should be. */
static struct found look(struct fixture *fixture)
{
    const struct audit_keys keys = {.federation = fixture->desk->federation};
    struct db *db = store_read_begin(fixture->desk->store);
    struct found found = {0};
    struct stream_head head;
    struct cell cells[2 * CELLS];
    struct head_row row;
    struct arena arena;

    for (bool is = stream_next(db, NULL, &head); is; is = stream_next(db, &head.stream, &head)) {
        found.streams++;
        arena_init(&arena, 1 << 20);
        found.cells += stream_cells_scan(db, &head.stream, 0, 2 * CELLS, &arena, cells);
        arena_release(&arena);
        found.number = head_find(db, &head.stream, &row) ? row.number : 0;
    }
    for (int64_t at = audit_next(db, AUDIT_END); at != AUDIT_END; at = audit_next(db, at)) {
        struct audit_stream stream;
        audit_stream(db, at, &keys, &stream);
        found.numbers++;
        found.faults += stream.faults != 0;
    }
    store_read_end(fixture->desk->store, db);
    return found;
}

static enum status nothing_run(struct db *db, void *arg)
{
    (void)db, (void)arg;
    return S_OK;
}

/* Jobs that jobs queued are done. */
static void settle(struct fixture *fixture)
{
    for (int i = 0; i < 4; i++) {
        assert_int_equal(store_write_wait(fixture->desk->store, nothing_run, NULL), S_OK);
    }
}

static void cells_beside_are_nobodys(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(store_write_wait(fixture->desk->store, copy_run, fixture), S_OK);
    assert_int_equal(fixture->copied_seq, CELLS);
    struct found found = look(fixture);
    assert_int_equal(found.streams, 1);
    assert_int_equal(found.cells, CELLS);
    assert_int_equal(found.numbers, 2);
    assert_int_equal(found.faults, 0);
    beside_drop(fixture->desk->store, fixture->number);
    settle(fixture);
    assert_int_equal(look(fixture).numbers, 1);
}

static void they_take_a_place_and_what_stood_there_goes(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(store_write_wait(fixture->desk->store, copy_run, fixture), S_OK);
    assert_int_equal(store_write_wait(fixture->desk->store, take_run, fixture), S_OK);
    settle(fixture);
    struct found found = look(fixture);
    assert_int_equal(found.streams, 1);
    assert_int_equal(found.cells, CELLS);
    assert_int_equal(found.numbers, 1);
    assert_int_equal(found.faults, 0);
    assert_int_equal(found.number, fixture->number);
    beside_drop(fixture->desk->store, fixture->number); /* it is a stream by now */
    settle(fixture);
    assert_int_equal(look(fixture).cells, CELLS);
}

static void what_an_earlier_process_left_goes(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(store_write_wait(fixture->desk->store, copy_run, fixture), S_OK);
    assert_int_equal(look(fixture).numbers, 2);
    desk_shut(fixture->desk);
    desk_reopen(fixture->desk);
    settle(fixture);
    struct found found = look(fixture);
    assert_int_equal(found.numbers, 1);
    assert_int_equal(found.cells, CELLS);
}

KIT_TESTS()
{
#define BESIDE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        BESIDE_TEST(cells_beside_are_nobodys),
        BESIDE_TEST(they_take_a_place_and_what_stood_there_goes),
        BESIDE_TEST(what_an_earlier_process_left_goes),
    };
    return KIT_RUN(tests);
}
