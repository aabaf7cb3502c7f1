/* What two streams of one node both count is found, by node. */
#include "node/store/stream/doubled.h"

#include <stdio.h>

#include "node/store/stream/stream.h"
#include "tests/kit/kit.h"
#include "tests/kit/stream_writer.h"
#include "tests/node/store/desk.h"

struct fixture {
    struct desk *desk;
    struct stream_writer writer; /* of the stream in the making */
    struct buffer body;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    fixture->desk = desk_open();
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    desk_close(fixture->desk);
    test_free(fixture);
    return 0;
}

static enum status apply_run(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    return stream_apply_body(db, &fixture->desk->federation, &fixture->writer.head.stream,
                             buffer_bytes(&fixture->body));
}

/* The stream `incarnation` of node `number` comes and says that `adopted` is counted in it up to `to` (0:
 * nothing). */
static struct id stream_comes(struct fixture *fixture, uint8_t number, uint8_t incarnation, uint8_t adopted,
                              uint64_t to)
{
    struct stream_writer *writer = &fixture->writer;
    struct adoption entry = {{{adopted}}, 0, to};
    struct certificate certificate;
    struct buffer value;

    stream_writer_init(writer, &fixture->desk->federation, number, TOPIC_RESULTS);
    writer->head.stream.incarnation = (struct id){{incarnation}};
    writer->key = lthash_key(&fixture->desk->federation, &writer->head.stream);
    stream_writer_put_number(writer, "a", 1);
    if (to > 0) {
        buffer_init(&value);
        adoption_encode(&entry, 1, &value);
        stream_writer_put(writer,
                          bytes_text("adopted\x1f"
                                     "0"),
                          buffer_bytes(&value));
        buffer_release(&value);
    }
    certificate = stream_writer_certify(writer);
    buffer_init(&fixture->body);
    stream_writer_body(writer, 0, certificate.head.seq, &certificate, &fixture->body);
    assert_int_equal(store_write_wait(fixture->desk->store, apply_run, fixture), S_OK);
    buffer_release(&fixture->body);
    struct id node = writer->head.stream.node;
    stream_writer_release(writer);
    return node;
}

static size_t list(struct fixture *fixture, struct doubled *out)
{
    struct db *db = store_read_begin(fixture->desk->store);
    size_t count = doubled_list(db, out);

    store_read_end(fixture->desk->store, db);
    return count;
}

static bool find(struct fixture *fixture, const struct id *node, struct doubled *out)
{
    struct db *db = store_read_begin(fixture->desk->store);
    bool is_found = doubled_find(db, node, out);

    store_read_end(fixture->desk->store, db);
    return is_found;
}

static void what_two_streams_count_is_found(void **state)
{
    static struct doubled found[DOUBLED_MAX];
    struct fixture *fixture = *state;
    struct doubled one;

    struct id node = stream_comes(fixture, 1, 11, 5, 2);
    struct id beside = stream_comes(fixture, 2, 12, 5, 2); /* the same number, of another node */
    stream_comes(fixture, 1, 12, 6, 2);
    stream_comes(fixture, 1, 13, 0, 0);
    assert_int_equal(list(fixture, found), 0);
    stream_comes(fixture, 1, 14, 5, 1);
    assert_int_equal(list(fixture, found), 1);
    assert_true(id_equal(&found[0].node, &node));
    assert_true(found[0].streams[0].b[0] == 11 && found[0].streams[1].b[0] == 14);
    assert_true(find(fixture, &node, &one) && one.streams[1].b[0] == 14 && one.stamp == found[0].stamp);
    assert_false(find(fixture, &beside, &one));
    stream_comes(fixture, 2, 13, 5, 9);
    assert_int_equal(list(fixture, found), 2);
}

static void a_stream_that_counts_in_another_says_nothing(void **state)
{
    static struct doubled found[DOUBLED_MAX];
    struct fixture *fixture = *state;

    stream_comes(fixture, 1, 11, 5, 2);
    stream_comes(fixture, 1, 12, 11, 2);
    stream_comes(fixture, 1, 13, 5, 2);
    assert_int_equal(list(fixture, found),
                     0); /* 12 adopted 11; that one's sentence is the affair of who adopts */
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_two_streams_count_is_found, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stream_that_counts_in_another_says_nothing, setup, teardown),
    };
    return KIT_RUN(tests);
}
