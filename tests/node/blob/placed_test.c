/* Chunks and small blobs that are written before their job comes. */
#include "node/blob/placed.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/blob/folder.h"
#include "tests/kit/kit_content.h"

enum { PIECES = 40, PIECE = 70000 };

static int setup(void **state)
{
    *state = test_malloc(sizeof(struct kit_content));
    kit_content_open(*state, PIECES, PIECE);
    return 0;
}

static int teardown(void **state)
{
    kit_content_close(*state);
    test_free(*state);
    return 0;
}

static bool place(struct kit_content *content, size_t number)
{
    return blob_place(content->node.blobs, &content->chunks[number].hash, kit_content_piece(content, number));
}

static size_t held_open(const struct kit_content *content)
{
    size_t count = 0;

    for (size_t i = 0; i < PLACED_MAX; i++) {
        count += content->node.blobs->placed.items[i].fd >= 0;
    }
    return count;
}

static int open_file(struct kit_content *content, bool is_part)
{
    char name[BLOB_NAME_MAX];

    blob_name(&content->member.hash, is_part, name);
    return openat(content->node.blobs->blobs_fd, name, O_RDWR | O_CLOEXEC);
}

static void is_sound(struct kit_content *content)
{
    assert_true(kit_content_is_sound(content));
    assert_int_equal(content->completed.size, sizeof(int64_t));
    assert_int_equal(held_open(content), 0);
}

static void what_was_placed_is_not_written_again(void **state)
{
    struct kit_content *content = *state;
    uint8_t byte;

    kit_content_expect(content);
    assert_false(place(content, 1)); /* the folder is not there: the writer makes it */
    assert_int_equal(held_open(content), 0);
    kit_content_put(content, 0);
    assert_true(place(content, 1));
    assert_true(place(content, 2));
    assert_int_equal(held_open(content), 2);
    int fd = open_file(content, true);
    assert_int_equal(pwrite(fd, "x", 1, PIECE + 7), 1); /* so that it can be told */
    kit_content_put(content, 1);
    assert_int_equal(pread(fd, &byte, 1, PIECE + 7), 1);
    assert_int_equal(byte, 'x');
    assert_int_equal(held_open(content), 1);
    assert_int_equal(pwrite(fd, content->data + PIECE + 7, 1, PIECE + 7), 1);
    close(fd);
    for (size_t i = 2; i < PIECES; i++) {
        kit_content_put(content, i);
    }
    is_sound(content);
}

static void what_was_placed_in_another_file_is_written(void **state)
{
    struct kit_content *content = *state;
    char name[BLOB_NAME_MAX];

    kit_content_expect(content);
    kit_content_put(content, 0);
    for (size_t i = 1; i < PIECES; i++) {
        place(content, i);
    }
    assert_int_equal(held_open(content), PIECES - 1);
    blob_name(&content->member.hash, true, name);
    assert_int_equal(unlinkat(content->node.blobs->blobs_fd, name, 0), 0);
    int fd = openat(content->node.blobs->blobs_fd, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(pwrite(fd, content->data, PIECE, 0), PIECE); /* the one that is held */
    close(fd);
    kit_content_put_all(content);
    is_sound(content);
}

static void what_nobody_wants_is_not_placed(void **state)
{
    struct kit_content *content = *state;

    assert_false(place(content, 0));
    kit_content_expect(content);
    kit_content_put_all(content);
    is_sound(content);
    assert_false(place(content, 0));
    assert_int_equal(held_open(content), 0);
    assert_int_equal(open_file(content, true), -1); /* and no part is made beside the whole */
}

static void a_file_is_not_held_open_for_what_was_let_go(void **state)
{
    struct kit_content *content = *state;
    struct placed *placed = &content->node.blobs->placed;

    kit_content_expect(content);
    kit_content_put(content, 0);
    for (size_t i = 0; i < PLACED_MAX + 3; i++) {
        place(content, 1 + i % (PIECES - 1));
    }
    assert_int_equal(held_open(content), PLACED_MAX);
    for (size_t i = 0; i < PIECES; i++) {
        placed_forget(placed, &content->chunks[i].hash);
    }
    assert_int_equal(held_open(content), 0);
    kit_content_put_all(content);
    is_sound(content);
}

/* --- small blobs --- */

enum { SMALL = 5000 };

struct small {
    struct kit_content *content;
    struct hash hash;
    struct bytes data;
};

static enum status expect_small(struct db *db, void *arg)
{
    const struct small *small = arg;
    const struct member member = {.hash = small->hash, .size = small->data.size};
    bool is_whole;
    int64_t id;

    return blob_expect(small->content->node.blobs, db, &member, &id, &is_whole);
}

static enum status put_small(struct db *db, void *arg)
{
    const struct small *small = arg;

    return blob_put(small->content->node.blobs, db, &small->hash, small->data, &small->content->completed);
}

static struct small small_made(struct kit_content *content)
{
    const struct bytes data = bytes_of(content->data, SMALL);

    return (struct small){content, hash_of(bytes_of(NULL, 0), data), data};
}

static void run_small(struct small *small, store_job *job)
{
    assert_int_equal(store_write_wait(small->content->node.store, job, small), S_OK);
}

static bool place_small(const struct small *small)
{
    return blob_place(small->content->node.blobs, &small->hash, small->data);
}

/* The number of the file under its name; 0: none. */
static ino_t file_of(const struct small *small)
{
    char name[BLOB_NAME_MAX];
    struct stat info;

    blob_name(&small->hash, false, name);
    return fstatat(small->content->node.blobs->blobs_fd, name, &info, 0) == 0 && info.st_size == (off_t)small->data.size ? info.st_ino : 0;
}

static void a_small_blob_that_was_placed_is_not_written_again(void **state)
{
    struct small small = small_made(*state);

    assert_false(place_small(&small)); /* nobody waits for it */
    run_small(&small, expect_small);
    assert_false(place_small(&small)); /* no folder */
    assert_int_equal(folder_make_all(small.content->node.blobs), S_OK);
    assert_int_equal(folder_make_all(small.content->node.blobs), S_OK);
    assert_false(blob_place(small.content->node.blobs, &small.hash, bytes_of(small.data.data, SMALL - 1)));
    assert_true(place_small(&small));
    assert_false(kit_content_is_held(small.content, &small.hash)); /* its row decides */
    const ino_t placed = file_of(&small);
    assert_true(placed != 0 && held_open(small.content) == 1);
    run_small(&small, put_small);
    assert_true(file_of(&small) == placed && held_open(small.content) == 0);
    assert_true(kit_content_is_held(small.content, &small.hash));
    assert_int_equal(small.content->completed.size, sizeof(int64_t));
    assert_false(place_small(&small)); /* it is whole */
    assert_int_equal(held_open(small.content), 0);
}

/* What has the name may be durable: left alone by who places, replaced by the writer, who syncs. */
static void a_small_blob_is_placed_over_nothing(void **state)
{
    struct small small = small_made(*state);
    struct blobs *blobs = small.content->node.blobs;

    run_small(&small, expect_small);
    assert_int_equal(folder_make_all(blobs), S_OK);
    close(folder_put(blobs, &small.hash, bytes_of(small.data.data + 1, SMALL), true)); /* torn */
    const ino_t torn = file_of(&small);
    assert_false(place_small(&small));
    assert_true(file_of(&small) == torn && held_open(small.content) == 0);
    run_small(&small, put_small);
    assert_true(file_of(&small) != torn);
    assert_int_equal(blob_verify(blobs, &small.hash, SMALL), S_OK);
}

/* Another file of its name came between: believed is only the one that was placed. */
static void a_small_blob_in_another_file_is_written(void **state)
{
    struct small small = small_made(*state);
    struct blobs *blobs = small.content->node.blobs;

    run_small(&small, expect_small);
    assert_int_equal(folder_make_all(blobs), S_OK);
    assert_true(place_small(&small));
    close(folder_put(blobs, &small.hash, bytes_of(small.data.data + 1, SMALL), true));
    run_small(&small, put_small);
    assert_int_equal(blob_verify(blobs, &small.hash, SMALL), S_OK);
}

static void *place_all(void *arg)
{
    struct kit_content *content = arg;

    for (size_t i = 0; i < PIECES; i++) {
        place(content, i);
    }
    return NULL;
}

static void placing_goes_on_beside_the_writer(void **state)
{
    struct kit_content *content = *state;
    pthread_t thread;

    kit_content_expect(content);
    kit_content_put(content, 0);
    assert_int_equal(pthread_create(&thread, NULL, place_all, content), 0);
    kit_content_put_all(content);
    pthread_join(thread, NULL);
    for (size_t i = 0; i < PIECES; i++) {
        placed_forget(&content->node.blobs->placed, &content->chunks[i].hash);
    }
    is_sound(content);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_placed_is_not_written_again, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_placed_in_another_file_is_written, setup, teardown),
        cmocka_unit_test_setup_teardown(what_nobody_wants_is_not_placed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_is_not_held_open_for_what_was_let_go, setup, teardown),
        cmocka_unit_test_setup_teardown(a_small_blob_that_was_placed_is_not_written_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_small_blob_is_placed_over_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_small_blob_in_another_file_is_written, setup, teardown),
        cmocka_unit_test_setup_teardown(placing_goes_on_beside_the_writer, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
