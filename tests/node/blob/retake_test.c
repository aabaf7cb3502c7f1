/* A transaction that is not committed leaves files behind, as a killed process does. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "node/blob/folder.h"
#include "node/store/course/blob.h"
#include "tests/kit/kit_content.h"

enum { PIECES = 4, PIECE = 300000, SMALL = 5000 };

struct fixture {
    struct kit_content large;
    struct member small;
    size_t pieces;  /* how many are put before the kill */
    size_t retaken; /* objects */
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    kit_content_open(&fixture->large, PIECES, PIECE);
    fixture->small = (struct member){.hash = hash_of(bytes_of(NULL, 0), bytes_of(fixture->large.data, SMALL)), .size = SMALL};
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    kit_content_close(&fixture->large);
    test_free(fixture);
    return 0;
}

static enum status expect_small(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    bool is_whole;
    int64_t id;

    return blob_expect(fixture->large.node.blobs, db, &fixture->small, &id, &is_whole);
}

/* Puts them, and is killed. */
static enum status put_killed(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    enum status status = S_OK;

    for (size_t i = 0; i < fixture->pieces && status == S_OK; i++) {
        status = blob_put(fixture->large.node.blobs, db, &fixture->large.chunks[i].hash, kit_content_piece(&fixture->large, i), &fixture->large.completed);
    }
    assert_int_equal(blob_put(fixture->large.node.blobs, db, &fixture->small.hash, bytes_of(fixture->large.data, SMALL), &fixture->large.completed), S_OK);
    assert_int_equal(status, S_OK);
    return S_DENIED;
}

static enum status put(void *ctx, struct db *db, const struct hash *object, struct bytes data)
{
    struct fixture *fixture = ctx;

    fixture->retaken++;
    return blob_put(fixture->large.node.blobs, db, object, data, &fixture->large.completed);
}

static enum status retake(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    const struct blob_taker taker = {put, fixture};

    return blobs_retake(fixture->large.node.blobs, db, &taker);
}

static bool is_held(struct fixture *fixture, const struct hash *object)
{
    return kit_content_is_held(&fixture->large, object);
}

static void kill_after(struct fixture *fixture, size_t pieces)
{
    fixture->pieces = pieces;
    kit_content_expect(&fixture->large);
    assert_int_equal(store_write_wait(fixture->large.node.store, expect_small, fixture), S_OK);
    assert_int_equal(store_write_wait(fixture->large.node.store, put_killed, fixture), S_DENIED);
    assert_false(is_held(fixture, &fixture->large.chunks[0].hash));
    assert_false(is_held(fixture, &fixture->small.hash));
    buffer_clear(&fixture->large.completed);
}

static void retake_all(struct fixture *fixture)
{
    fixture->retaken = 0;
    assert_int_equal(store_write_wait(fixture->large.node.store, retake, fixture), S_OK);
}

static void what_was_written_before_a_kill_is_held_after_it(void **state)
{
    struct fixture *fixture = *state;

    kill_after(fixture, 2);
    retake_all(fixture);
    assert_int_equal(fixture->retaken, 3);
    assert_true(is_held(fixture, &fixture->small.hash));
    assert_true(is_held(fixture, &fixture->large.chunks[0].hash) && is_held(fixture, &fixture->large.chunks[1].hash));
    assert_false(is_held(fixture, &fixture->large.chunks[2].hash) || is_held(fixture, &fixture->large.chunks[3].hash));
    retake_all(fixture); /* once */
    assert_int_equal(fixture->retaken, 0);
}

static void a_blob_that_had_its_name_already_is_whole_again(void **state)
{
    struct fixture *fixture = *state;

    kill_after(fixture, PIECES);
    assert_true(kit_content_is_sound(&fixture->large)); /* named, without a row */
    retake_all(fixture);
    assert_int_equal(fixture->retaken, PIECES + 1);
    assert_int_equal(fixture->large.completed.size, 2 * sizeof(int64_t));
    assert_true(kit_content_is_sound(&fixture->large));
}

static void damage(struct fixture *fixture, const struct hash *hash, bool is_part, off_t at)
{
    char name[BLOB_NAME_MAX];

    blob_name(hash, is_part, name);
    int fd = openat(fixture->large.node.blobs->blobs_fd, name, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "torn", 4, at), 4);
    close(fd);
}

/* In a running node small blobs do not wait for the writer either: placed, and killed before their job. */
static void what_was_placed_before_a_kill_is_held_after_it(void **state)
{
    struct fixture *fixture = *state;
    struct kit_content *large = &fixture->large;
    const struct bytes small = bytes_of(large->data, SMALL);

    kit_content_expect(large);
    assert_int_equal(store_write_wait(large->node.store, expect_small, fixture), S_OK);
    retake_all(fixture); /* a node that starts: now the folders are there */
    assert_true(blob_place(large->node.blobs, &large->chunks[2].hash, kit_content_piece(large, 2)));
    assert_true(blob_place(large->node.blobs, &fixture->small.hash, small));
    assert_false(is_held(fixture, &fixture->small.hash) || is_held(fixture, &large->chunks[2].hash));
    retake_all(fixture);
    assert_int_equal(fixture->retaken, 2);
    assert_true(is_held(fixture, &fixture->small.hash) && is_held(fixture, &large->chunks[2].hash));
    assert_int_equal(blob_verify(large->node.blobs, &fixture->small.hash, SMALL), S_OK);
}

static void what_a_power_cut_left_torn_is_not_taken(void **state)
{
    struct fixture *fixture = *state;

    kill_after(fixture, 2);
    damage(fixture, &fixture->large.member.hash, true, PIECE - 2); /* the end of one and the beginning of the next */
    damage(fixture, &fixture->small.hash, false, 100);
    retake_all(fixture);
    assert_int_equal(fixture->retaken, 0);
    assert_false(is_held(fixture, &fixture->small.hash) || is_held(fixture, &fixture->large.chunks[0].hash));
}

static void where_nothing_was_written_nothing_is_read(void **state)
{
    struct fixture *fixture = *state;

    kit_content_expect(&fixture->large);
    assert_int_equal(store_write_wait(fixture->large.node.store, expect_small, fixture), S_OK);
    retake_all(fixture);
    assert_int_equal(fixture->retaken, 0);
}

KIT_TESTS()
{
#define RETAKE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        RETAKE_TEST(what_was_written_before_a_kill_is_held_after_it),
        RETAKE_TEST(a_blob_that_had_its_name_already_is_whole_again),
        RETAKE_TEST(what_was_placed_before_a_kill_is_held_after_it),
        RETAKE_TEST(what_a_power_cut_left_torn_is_not_taken),
        RETAKE_TEST(where_nothing_was_written_nothing_is_read),
    };
    return KIT_RUN(tests);
}
