/* Chunks that are written before their job comes. */
#include "node/blob/placed.h"

#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "node/blob/folder.h"
#include "tests/kit/package.h"

enum { PIECES = 40, PIECE = 70000 };

struct fixture {
    struct kit_node node;
    uint8_t data[PIECES * PIECE];
    struct chunk chunks[PIECES];
    struct member member;
    size_t number; /* of the chunk that is put */
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
    bool is_whole;
    int64_t id;

    return blob_expect(fixture->node.blobs, db, &fixture->member, &id, &is_whole);
}

static struct bytes piece(struct fixture *fixture, size_t number)
{
    return bytes_of(fixture->data + number * PIECE, PIECE);
}

static enum status put(struct db *db, void *arg)
{
    struct fixture *fixture = arg;

    return blob_put(fixture->node.blobs, db, &fixture->chunks[fixture->number].hash,
                    piece(fixture, fixture->number), &fixture->completed);
}

static void run(struct fixture *fixture, store_job *job)
{
    assert_int_equal(store_write_wait(fixture->node.store, job, fixture), S_OK);
}

static void put_all(struct fixture *fixture)
{
    for (fixture->number = 0; fixture->number < PIECES; fixture->number++) {
        run(fixture, put);
    }
}

static void place(struct fixture *fixture, size_t number)
{
    blob_place(fixture->node.blobs, &fixture->chunks[number].hash, piece(fixture, number));
}

static size_t held_open(const struct fixture *fixture)
{
    size_t count = 0;

    for (size_t i = 0; i < PLACED_MAX; i++) {
        count += fixture->node.blobs->placed.items[i].fd >= 0;
    }
    return count;
}

static int open_file(struct fixture *fixture, bool is_part)
{
    char name[BLOB_NAME_MAX];

    blob_name(&fixture->member.hash, is_part, name);
    return openat(fixture->node.blobs->blobs_fd, name, O_RDWR | O_CLOEXEC);
}

static void is_sound(struct fixture *fixture)
{
    assert_int_equal(blob_verify(fixture->node.blobs, &fixture->member.hash, fixture->member.size), S_OK);
    assert_int_equal(fixture->completed.size, sizeof(int64_t));
    assert_int_equal(held_open(fixture), 0);
}

static void what_was_placed_is_not_written_again(void **state)
{
    struct fixture *fixture = *state;
    uint8_t byte;

    run(fixture, expect);
    place(fixture, 1); /* the folder is not there: the writer makes it */
    assert_int_equal(held_open(fixture), 0);
    run(fixture, put); /* number 0 */
    place(fixture, 1);
    place(fixture, 2);
    assert_int_equal(held_open(fixture), 2);
    int fd = open_file(fixture, true);
    assert_int_equal(pwrite(fd, "x", 1, PIECE + 7), 1); /* so that it can be told */
    fixture->number = 1;
    run(fixture, put);
    assert_int_equal(pread(fd, &byte, 1, PIECE + 7), 1);
    assert_int_equal(byte, 'x');
    assert_int_equal(held_open(fixture), 1);
    assert_int_equal(pwrite(fd, fixture->data + PIECE + 7, 1, PIECE + 7), 1);
    close(fd);
    for (fixture->number = 2; fixture->number < PIECES; fixture->number++) {
        run(fixture, put);
    }
    is_sound(fixture);
}

static void what_was_placed_in_another_file_is_written(void **state)
{
    struct fixture *fixture = *state;
    char name[BLOB_NAME_MAX];

    run(fixture, expect);
    run(fixture, put);
    for (size_t i = 1; i < PIECES; i++) {
        place(fixture, i);
    }
    assert_int_equal(held_open(fixture), PIECES - 1);
    blob_name(&fixture->member.hash, true, name);
    assert_int_equal(unlinkat(fixture->node.blobs->blobs_fd, name, 0), 0);
    int fd = openat(fixture->node.blobs->blobs_fd, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(pwrite(fd, fixture->data, PIECE, 0), PIECE); /* the one that is held */
    close(fd);
    put_all(fixture);
    is_sound(fixture);
}

static void what_nobody_wants_is_not_placed(void **state)
{
    struct fixture *fixture = *state;

    place(fixture, 0);
    run(fixture, expect);
    put_all(fixture);
    is_sound(fixture);
    place(fixture, 0);
    assert_int_equal(held_open(fixture), 0);
    assert_int_equal(open_file(fixture, true), -1); /* and no part is made beside the whole */
}

static void a_file_is_not_held_open_for_what_was_let_go(void **state)
{
    struct fixture *fixture = *state;
    struct placed *placed = &fixture->node.blobs->placed;

    run(fixture, expect);
    run(fixture, put);
    for (size_t i = 0; i < PLACED_MAX + 3; i++) {
        place(fixture, 1 + i % (PIECES - 1));
    }
    assert_int_equal(held_open(fixture), PLACED_MAX);
    for (size_t i = 0; i < PIECES; i++) {
        placed_forget(placed, &fixture->chunks[i].hash);
    }
    assert_int_equal(held_open(fixture), 0);
    put_all(fixture);
    is_sound(fixture);
}

static void *place_all(void *arg)
{
    struct fixture *fixture = arg;

    for (size_t i = 0; i < PIECES; i++) {
        place(fixture, i);
    }
    return NULL;
}

static void placing_goes_on_beside_the_writer(void **state)
{
    struct fixture *fixture = *state;
    pthread_t thread;

    run(fixture, expect);
    run(fixture, put);
    assert_int_equal(pthread_create(&thread, NULL, place_all, fixture), 0);
    put_all(fixture);
    pthread_join(thread, NULL);
    for (size_t i = 0; i < PIECES; i++) {
        placed_forget(&fixture->node.blobs->placed, &fixture->chunks[i].hash);
    }
    is_sound(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_placed_is_not_written_again, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_placed_in_another_file_is_written, setup, teardown),
        cmocka_unit_test_setup_teardown(what_nobody_wants_is_not_placed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_is_not_held_open_for_what_was_let_go, setup, teardown),
        cmocka_unit_test_setup_teardown(placing_goes_on_beside_the_writer, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
