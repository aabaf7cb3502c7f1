/* Objects from peers: small ones whole, large ones chunk by chunk; chunks that are here already; members that
 * lie. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "node/blob/folder.h"
#include "node/store/course/blob.h"
#include "tests/kit/kit_content.h"

enum { PIECES = 4, PIECE = 300000 };

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

static void a_large_member_is_whole_after_its_last_chunk_in_any_order(void **state)
{
    struct kit_content *content = *state;
    static const size_t order[PIECES] = {2, 0, 3, 1};

    kit_content_expect(content);
    assert_false(content->is_whole);
    for (size_t i = 0; i < PIECES; i++) {
        assert_int_equal(content->completed.size, 0);
        assert_int_equal(blob_verify(content->node.blobs, &content->member.hash, content->member.size), S_NOT_FOUND);
        kit_content_put(content, order[i]);
        assert_true(kit_content_is_held(content, &content->chunks[order[i]].hash)); /* a part can be passed on already */
    }
    assert_int_equal(content->completed.size, sizeof(int64_t));
    assert_memory_equal(content->completed.data, &content->id, sizeof content->id);
    assert_true(kit_content_is_sound(content));
    assert_int_equal(kit_count_files(content->node.dir, "blobs"), 1);
    kit_content_put(content, order[0]); /* once more: nothing happens */
    assert_int_equal(content->completed.size, sizeof(int64_t));
    kit_content_expect(content);
    assert_true(content->is_whole);
}

static void a_member_whose_chunks_do_not_make_it_up_is_refused_and_begins_anew(void **state)
{
    struct kit_content *content = *state;
    int64_t refused;

    content->member.hash.b[0] ^= 1;
    kit_content_expect(content);
    kit_content_put_all(content);
    assert_int_equal(content->completed.size, sizeof refused);
    memcpy(&refused, content->completed.data, sizeof refused);
    assert_int_equal(refused, -content->id);
    assert_int_equal(kit_count_files(content->node.dir, "blobs"), 0);
    assert_false(kit_content_is_held(content, &content->chunks[0].hash));
}

static void what_the_disk_lost_of_a_part_is_missing_again_and_refuses_nothing(void **state)
{
    struct kit_content *content = *state;
    char part[BLOB_NAME_MAX];

    kit_content_expect(content);
    for (size_t i = 0; i < PIECES - 1; i++) {
        kit_content_put(content, i);
    }
    blob_name(&content->member.hash, true, part);
    int fd = openat(content->node.blobs->blobs_fd, part, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(file_write_at(fd, bytes_text("damaged"), PIECE + 100), S_OK);
    close(fd);
    kit_content_put(content, PIECES - 1);
    assert_int_equal(content->completed.size, sizeof content->id);
    assert_memory_equal(content->completed.data, &content->id, sizeof content->id); /* told, and not as refused */
    for (size_t i = 0; i < PIECES; i++) {
        assert_true(kit_content_is_held(content, &content->chunks[i].hash) == (i != 1));
    }
    kit_content_put(content, 1);
    assert_true(kit_content_is_sound(content));
}

static void chunks_that_lie_in_another_file_are_not_fetched(void **state)
{
    struct kit_content *content = *state;

    kit_content_expect(content);
    kit_content_put_all(content);
    content->data[0] ^= 1; /* the first chunk differs in the next version */
    kit_content_cut(content, PIECES);
    buffer_clear(&content->completed);
    kit_content_expect(content);
    assert_false(content->is_whole);
    kit_content_put(content, 0);
    assert_int_equal(content->completed.size, sizeof(int64_t));
    assert_true(kit_content_is_sound(content));
}

static enum status put_small(struct db *db, void *arg)
{
    struct kit_content *content = arg;

    return blob_put(content->node.blobs, db, &content->member.hash, bytes_text("small"), &content->completed);
}

static void an_object_that_nobody_waited_for_is_kept_as_its_own(void **state)
{
    struct kit_content *content = *state;

    content->member = (struct member){.hash = hash_of(bytes_of(NULL, 0), bytes_text("small")), .size = 5};
    assert_int_equal(store_write_wait(content->node.store, put_small, content), S_OK);
    assert_int_equal(content->completed.size, 0);
    assert_true(kit_content_is_held(content, &content->member.hash));
    kit_content_expect(content);
    assert_true(content->is_whole);
}

KIT_TESTS()
{
#define OBJECT_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        OBJECT_TEST(a_large_member_is_whole_after_its_last_chunk_in_any_order),
        OBJECT_TEST(a_member_whose_chunks_do_not_make_it_up_is_refused_and_begins_anew),
        OBJECT_TEST(what_the_disk_lost_of_a_part_is_missing_again_and_refuses_nothing),
        OBJECT_TEST(chunks_that_lie_in_another_file_are_not_fetched),
        OBJECT_TEST(an_object_that_nobody_waited_for_is_kept_as_its_own),
    };
    return KIT_RUN(tests);
}
