/* Objects from peers: small ones whole, large ones chunk by chunk; chunks that are here already; members that
 * lie. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "node/store/course/blob.h"
#include "tests/kit/package.h"

enum { PIECES = 4, PIECE = 300000 };

/* A large member of four chunks, and a job that does one thing with it. */
struct fixture {
    struct kit_node node;
    uint8_t data[PIECES * PIECE];
    struct chunk chunks[PIECES];
    struct member member;
    size_t piece;
    struct bytes small;
    int64_t id;
    bool is_whole;
    struct buffer completed;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    kit_node_open(&fixture->node);
    randombytes_buf(fixture->data, sizeof fixture->data);
    for (size_t i = 0; i < PIECES; i++) {
        fixture->chunks[i].size = PIECE;
        fixture->chunks[i].hash = hash_of(bytes_of(NULL, 0), bytes_of(fixture->data + i * PIECE, PIECE));
    }
    fixture->member =
        (struct member){.hash = hash_of(bytes_of(NULL, 0), bytes_of(fixture->data, sizeof fixture->data)),
                        .size = sizeof fixture->data,
                        .chunks = fixture->chunks,
                        .chunk_count = PIECES};
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    buffer_release(&fixture->completed);
    kit_node_close(&fixture->node);
    test_free(fixture);
    return 0;
}

static enum status expect(struct db *db, void *arg)
{
    struct fixture *fixture = arg;

    return blob_expect(fixture->node.blobs, db, &fixture->member, &fixture->id, &fixture->is_whole);
}

static enum status put_piece(struct db *db, void *arg)
{
    struct fixture *fixture = arg;

    return blob_put(fixture->node.blobs, db, &fixture->chunks[fixture->piece].hash,
                    bytes_of(fixture->data + fixture->piece * PIECE, PIECE), &fixture->completed);
}

static enum status put_small(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    struct hash hash = hash_of(bytes_of(NULL, 0), fixture->small);

    return blob_put(fixture->node.blobs, db, &hash, fixture->small, &fixture->completed);
}

static void run(struct fixture *fixture, store_job *job)
{
    assert_int_equal(store_write_wait(fixture->node.store, job, fixture), S_OK);
}

static bool is_held(struct fixture *fixture, const struct hash *hash)
{
    struct db *db = store_read_begin(fixture->node.store);
    uint64_t size;
    bool is_found = blob_find(fixture->node.blobs, db, hash, &size);

    store_read_end(fixture->node.store, db);
    return is_found;
}

static void a_large_member_is_whole_after_its_last_chunk_in_any_order(void **state)
{
    struct fixture *fixture = *state;
    static const size_t order[PIECES] = {2, 0, 3, 1};

    run(fixture, expect);
    assert_false(fixture->is_whole);
    for (size_t i = 0; i < PIECES; i++) {
        assert_int_equal(fixture->completed.size, 0);
        assert_int_equal(blob_verify(fixture->node.blobs, &fixture->member.hash, fixture->member.size),
                         S_NOT_FOUND);
        fixture->piece = order[i];
        run(fixture, put_piece);
        assert_true(is_held(fixture, &fixture->chunks[order[i]].hash)); /* a part can be passed on already */
    }
    assert_int_equal(fixture->completed.size, sizeof(int64_t));
    assert_memory_equal(fixture->completed.data, &fixture->id, sizeof fixture->id);
    assert_int_equal(blob_verify(fixture->node.blobs, &fixture->member.hash, fixture->member.size), S_OK);
    assert_int_equal(kit_count_files(fixture->node.dir, "blobs"), 1);
    run(fixture, put_piece); /* once more: nothing happens */
    assert_int_equal(fixture->completed.size, sizeof(int64_t));
    run(fixture, expect);
    assert_true(fixture->is_whole);
}

static void a_member_whose_chunks_do_not_make_it_up_is_refused_and_begins_anew(void **state)
{
    struct fixture *fixture = *state;
    int64_t refused;

    fixture->member.hash.b[0] ^= 1;
    run(fixture, expect);
    for (fixture->piece = 0; fixture->piece < PIECES; fixture->piece++) {
        run(fixture, put_piece);
    }
    assert_int_equal(fixture->completed.size, sizeof refused);
    memcpy(&refused, fixture->completed.data, sizeof refused);
    assert_int_equal(refused, -fixture->id);
    assert_int_equal(kit_count_files(fixture->node.dir, "blobs"), 0);
    assert_false(is_held(fixture, &fixture->chunks[0].hash));
}

static void chunks_that_lie_in_another_file_are_not_fetched(void **state)
{
    struct fixture *fixture = *state;
    struct chunk changed[PIECES];

    run(fixture, expect);
    for (fixture->piece = 0; fixture->piece < PIECES; fixture->piece++) {
        run(fixture, put_piece);
    }
    memcpy(changed, fixture->chunks, sizeof changed);
    fixture->data[0] ^= 1; /* the first chunk differs in the next version */
    changed[0].hash = hash_of(bytes_of(NULL, 0), bytes_of(fixture->data, PIECE));
    fixture->member.hash = hash_of(bytes_of(NULL, 0), bytes_of(fixture->data, sizeof fixture->data));
    memcpy(fixture->chunks, changed, sizeof changed);
    buffer_clear(&fixture->completed);
    run(fixture, expect);
    assert_false(fixture->is_whole);
    fixture->piece = 0;
    run(fixture, put_piece);
    assert_int_equal(fixture->completed.size, sizeof(int64_t));
    assert_int_equal(blob_verify(fixture->node.blobs, &fixture->member.hash, fixture->member.size), S_OK);
}

static void an_object_that_nobody_waited_for_is_kept_as_its_own(void **state)
{
    struct fixture *fixture = *state;
    struct hash hash = hash_of(bytes_of(NULL, 0), bytes_text("small"));

    fixture->small = bytes_text("small");
    run(fixture, put_small);
    assert_int_equal(fixture->completed.size, 0);
    assert_true(is_held(fixture, &hash));
    fixture->member = (struct member){.hash = hash, .size = 5};
    run(fixture, expect);
    assert_true(fixture->is_whole);
}

int main(void)
{
#define OBJECT_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        OBJECT_TEST(a_large_member_is_whole_after_its_last_chunk_in_any_order),
        OBJECT_TEST(a_member_whose_chunks_do_not_make_it_up_is_refused_and_begins_anew),
        OBJECT_TEST(chunks_that_lie_in_another_file_are_not_fetched),
        OBJECT_TEST(an_object_that_nobody_waited_for_is_kept_as_its_own),
    };
    return KIT_RUN(tests);
}
