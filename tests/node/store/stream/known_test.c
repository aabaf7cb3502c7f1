/* Fingerprints travel with the figures: published once, known again when they come back, due until they were held against what is here. */
#include "node/store/stream/known.h"

#include <stdio.h>
#include <string.h>

#include "node/store/stream/own.h"
#include "node/store/stream/stream.h"
#include "tests/kit/kit.h"
#include "tests/kit/stream_writer.h"
#include "tests/node/store/desk.h"

struct fixture {
    struct desk *desk;
    struct stream_writer writer; /* an earlier incarnation of this node, as it comes back */
    struct known items[KNOWN_CELL_MAX + 1];
    size_t count;
    enum known_kind kind;
    int change;
    uint64_t applied; /* up to which seq it came back */
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    fixture->desk = desk_open();
    stream_writer_init(&fixture->writer, &fixture->desk->federation, 9, TOPIC_RESULTS);
    fixture->writer.identity = fixture->desk->identity;
    fixture->writer.head.stream.node = fixture->desk->identity.node;
    fixture->writer.key = lthash_key(&fixture->desk->federation, &fixture->writer.head.stream);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    stream_writer_release(&fixture->writer);
    desk_close(fixture->desk);
    test_free(fixture);
    return 0;
}

static enum status publish_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;

    return known_publish(db, fixture->kind, fixture->change, fixture->items, fixture->count);
}

static void publish(struct fixture *fixture, enum known_kind kind, int change, uint64_t fingerprint)
{
    fixture->kind = kind;
    fixture->change = change;
    fixture->items[0] = (struct known){fingerprint, 7, 3};
    fixture->count = 1;
    assert_int_equal(store_write_wait(fixture->desk->store, publish_run, fixture), S_OK);
}

static enum status apply_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    struct certificate certificate = stream_writer_certify(&fixture->writer);
    struct buffer body;

    buffer_init(&body);
    stream_writer_body(&fixture->writer, fixture->applied, certificate.head.seq, &certificate, &body);
    enum status status = stream_apply_body(db, &fixture->desk->federation, &fixture->writer.head.stream, buffer_bytes(&body));
    buffer_release(&body);
    fixture->applied = certificate.head.seq;
    return status;
}

/* The earlier incarnation comes back with one cell. */
static void come_back(struct fixture *fixture, const char *key, const char *content, size_t size)
{
    struct buffer value;

    buffer_init(&value);
    cell_value_register(&value, 0, bytes_of(content, size));
    stream_writer_put(&fixture->writer, bytes_text(key), buffer_bytes(&value));
    buffer_release(&value);
    assert_int_equal(store_write_wait(fixture->desk->store, apply_run, fixture), S_OK);
}

static int net(struct fixture *fixture, enum known_kind kind, uint64_t fingerprint, int64_t *subject_out)
{
    int64_t count;
    struct db *db = store_read_begin(fixture->desk->store);
    int sum = known_net(db, kind, fingerprint, subject_out, &count);

    store_read_end(fixture->desk->store, db);
    return sum;
}

static void what_is_counted_is_published_and_noted(void **state)
{
    struct fixture *fixture = *state;
    struct stream_head head;
    int64_t subject;

    publish(fixture, KNOWN_EVENT, 1, 0x123456789abc);
    assert_int_equal(net(fixture, KNOWN_EVENT, 0x123456789abc, &subject), 1);
    assert_int_equal(subject, 7);
    assert_int_equal(net(fixture, KNOWN_PERSON, 0x123456789abc, &subject), 0);
    publish(fixture, KNOWN_EVENT, -1, 0x123456789abc);
    assert_int_equal(net(fixture, KNOWN_EVENT, 0x123456789abc, &subject), 0);
    struct db *db = store_read_begin(fixture->desk->store);
    assert_true(stream_next(db, NULL, &head));
    assert_int_equal(head.count, 2);
    assert_false(known_has_recovered(db));
    store_read_end(fixture->desk->store, db);
}

static void cells_hold_so_many_and_no_more(void **state)
{
    struct fixture *fixture = *state;
    struct stream_head head;

    fixture->kind = KNOWN_PERSON;
    fixture->change = 1;
    fixture->count = KNOWN_CELL_MAX + 1;
    for (size_t i = 0; i < fixture->count; i++) {
        fixture->items[i] = (struct known){i, (int64_t)i + 1, 0};
    }
    assert_int_equal(store_write_wait(fixture->desk->store, publish_run, fixture), S_OK);
    struct db *db = store_read_begin(fixture->desk->store);
    assert_true(stream_next(db, NULL, &head));
    assert_int_equal(head.count, 2);
    store_read_end(fixture->desk->store, db);
}

static void what_comes_back_is_due_once(void **state)
{
    struct fixture *fixture = *state;
    enum known_kind kind;
    uint64_t fingerprint;
    int64_t subject;

    come_back(fixture, "ids\x1f" "0a0b0c0d\x1f" "e12", "\x01\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x80", 12);
    struct db *db = store_read_begin(fixture->desk->store);
    assert_true(known_has_recovered(db));
    assert_true(known_due(db, &kind, &fingerprint));
    assert_int_equal(kind, KNOWN_EVENT);
    store_read_end(fixture->desk->store, db);
    assert_int_equal(net(fixture, KNOWN_EVENT, 1, &subject), 1);
    assert_int_equal(net(fixture, KNOWN_EVENT, 0x800000000002, &subject), 1);
    come_back(fixture, "ids\x1f" "0a0b0c0d\x1f" "x13", "\x01\x00\x00\x00\x00\x00", 6); /* taken back before the loss */
    assert_int_equal(net(fixture, KNOWN_EVENT, 1, &subject), 0);
    assert_int_equal(net(fixture, KNOWN_EVENT, 0x800000000002, &subject), 1);
}

static void a_batch_is_lost_until_it_is_claimed(void **state)
{
    struct fixture *fixture = *state;

    come_back(fixture, "ids\x1f" "0a0b0c0d\x1f" "b1", "\x09\x00\x00\x00\x00\x00\x10\x27\x00\x00", 10);
    struct db *db = store_read_begin(fixture->desk->store);
    int64_t subject, count;
    assert_true(known_has_lost_batch(db));
    assert_int_equal(known_net(db, KNOWN_BATCH, 9, &subject, &count), 1);
    assert_int_equal(count, 10000);
    store_read_end(fixture->desk->store, db);
}

static void keys_that_are_none_of_ours_are_left_alone(void **state)
{
    struct fixture *fixture = *state;

    come_back(fixture, "ids\x1f" "0a0b0c0d\x1f" "z1", "\x01\x00\x00\x00\x00\x00", 6);
    come_back(fixture, "ids\x1f" "0a0b0c0d\x1f" "e1x", "\x01\x00\x00\x00\x00\x00", 6);
    come_back(fixture, "ids\x1f" "0a0b0c0d\x1f" "e2", "\x01\x00\x00", 3); /* too short for one */
    struct db *db = store_read_begin(fixture->desk->store);
    assert_false(known_has_recovered(db));
    store_read_end(fixture->desk->store, db);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_counted_is_published_and_noted, setup, teardown),
        cmocka_unit_test_setup_teardown(cells_hold_so_many_and_no_more, setup, teardown),
        cmocka_unit_test_setup_teardown(what_comes_back_is_due_once, setup, teardown),
        cmocka_unit_test_setup_teardown(a_batch_is_lost_until_it_is_claimed, setup, teardown),
        cmocka_unit_test_setup_teardown(keys_that_are_none_of_ours_are_left_alone, setup, teardown),
    };
    return KIT_RUN(tests);
}
