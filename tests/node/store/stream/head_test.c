#include "node/store/stream/head.h"

#include <string.h>

#include "node/store/connection.h"
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

static void run(void **state, store_job *job)
{
    struct desk *desk = *state;
    assert_int_equal(store_write_wait(desk->store, job, desk), S_OK);
}

static enum status store_run(struct db *db, void *arg)
{
    struct desk *desk = arg;
    struct stream_writer writer;
    struct head_row made, found;
    struct lthash state;

    stream_writer_init(&writer, &desk->federation, 3, TOPIC_CATALOGUE);
    assert_int_equal(head_make(db, &writer.head.stream, &made), S_OK);
    assert_int_equal(made.certificate.head.seq, 0);
    assert_int_equal(head_make(db, &writer.head.stream, &found), S_OK);
    assert_int_equal(found.number, made.number);
    assert_false(
        head_after(db, bytes_of(NULL, 0), &found)); /* nothing to show before the first certificate */
    assert_int_equal(head_state(db, &made, &state), S_OK);
    stream_writer_put_number(&writer, "k", 1);
    struct certificate certificate = stream_writer_certify(&writer);
    assert_int_equal(head_put(db, made.number, &certificate, &writer.state), S_OK);
    assert_true(head_after(db, bytes_of(NULL, 0), &found));
    assert_int_equal(found.number, made.number);
    assert_int_equal(found.certificate.head.seq, 1);
    assert_int_equal(certificate_verify(&found.certificate, &desk->federation, writer.identity.sign_public),
                     S_OK);
    assert_true(found.at_ms > 0);
    assert_int_equal(head_state(db, &found, &state), S_OK);
    assert_memory_equal(&state, &writer.state, sizeof state);
    stream_writer_release(&writer);
    return S_OK;
}

static void a_head_comes_back_with_its_certificate_and_state(void **state)
{
    run(state, store_run);
}

static enum status damaged_run(struct db *db, void *arg)
{
    struct desk *desk = arg;
    struct stream_writer writer;
    struct head_row row;
    struct lthash state;

    stream_writer_init(&writer, &desk->federation, 3, TOPIC_CATALOGUE);
    stream_writer_put_number(&writer, "k", 1);
    struct certificate certificate = stream_writer_certify(&writer);
    assert_int_equal(head_make(db, &writer.head.stream, &row), S_OK);
    assert_int_equal(head_put(db, row.number, &certificate, &writer.state), S_OK);
    assert_int_equal(db_execute(db, "UPDATE stream_state SET state = x'00'"), S_OK);
    assert_true(head_find(db, &writer.head.stream, &row));
    assert_int_equal(head_state(db, &row, &state), S_CORRUPT);
    assert_int_equal(db_execute(db, "UPDATE stream SET digest = x'00'"), S_OK);
    assert_false(head_find(db, &writer.head.stream, &row));
    assert_int_equal(db_status(db), S_CORRUPT);
    db_settle(db);
    stream_writer_release(&writer);
    return S_OK;
}

static void a_damaged_row_is_told(void **state)
{
    run(state, damaged_run);
}

static enum status between_run(struct db *db, void *arg)
{
    struct desk *desk = arg;
    struct stream_writer writer;
    struct head_row row, found;

    stream_writer_init(&writer, &desk->federation, 3, TOPIC_CATALOGUE);
    stream_writer_put_number(&writer, "k", 1);
    struct certificate certificate = stream_writer_certify(&writer);
    const hlc stamp = certificate.head.stamp;
    const struct stream_id all = {.node = writer.head.stream.node, .topic = TOPIC_CATALOGUE};
    assert_int_equal(head_make(db, &writer.head.stream, &row), S_OK);
    assert_int_equal(head_put(db, row.number, &certificate, &writer.state), S_OK);
    assert_true(head_between_after(db, &all, stamp - 1, stamp + 1, &found));
    assert_int_equal(found.number, row.number);
    assert_false(head_between_after(db, &all, stamp, stamp + 1, &found));
    assert_false(head_between_after(db, &all, stamp - 1, stamp, &found));
    assert_false(head_between_after(db, &writer.head.stream, stamp - 1, stamp + 1, &found)); /* behind it */
    assert_false(head_between_after(db, &(struct stream_id){.node = all.node, .topic = TOPIC_RESULTS}, stamp - 1, stamp + 1, &found));
    stream_writer_release(&writer);
    return S_OK;
}

static void streams_are_found_by_when_they_were_certified(void **state)
{
    run(state, between_run);
}

KIT_TESTS()
{
#define HEAD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        HEAD_TEST(a_head_comes_back_with_its_certificate_and_state),
        HEAD_TEST(a_damaged_row_is_told),
        cmocka_unit_test_setup_teardown(streams_are_found_by_when_they_were_certified, setup, teardown),
    };
    return KIT_RUN(tests);
}
