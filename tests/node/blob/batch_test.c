/* Blobs written by an import: content, chunks, rows, and what is left when the import does not end well. */
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/store/course/blob.h"
#include "tests/kit/package.h"

static int setup(void **state)
{
    struct kit_node *node = test_calloc(1, sizeof *node);

    kit_node_open(node);
    *state = node;
    return 0;
}

static int teardown(void **state)
{
    kit_node_close(*state);
    test_free(*state);
    return 0;
}

static struct member write_blob(struct blob_batch *batch, const void *data, size_t size)
{
    struct blob_writer *writer = blob_writer_open(batch);
    struct member member;

    for (size_t at = 0; at < size; at += 70000) { /* across every border */
        assert_int_equal(blob_writer_write(writer, bytes_of((const uint8_t *)data + at,
                                                            size - at < 70000 ? size - at : 70000)),
                         S_OK);
    }
    assert_int_equal(blob_writer_finish(writer, &member), S_OK);
    blob_writer_close(writer);
    return member;
}

static enum status put_rows(struct db *db, void *arg)
{
    struct buffer completed;
    enum status status;

    buffer_init(&completed);
    status = blob_batch_rows(arg, db, &completed);
    buffer_release(&completed);
    return status;
}

static void a_stored_batch_is_there_by_content_and_by_chunk(void **state)
{
    struct kit_node *node = *state;
    size_t size = 2 * MEMBER_WHOLE_MAX + 1;
    uint8_t *data = malloc(size), *back = malloc(size);
    struct blob_batch *batch = blob_batch_open(node->blobs);
    struct member small, large, empty;
    uint64_t found;

    randombytes_buf(data, size);
    small = write_blob(batch, data, MEMBER_WHOLE_MAX);
    large = write_blob(batch, data, size);
    empty = write_blob(batch, data, 0);
    assert_int_equal(small.chunk_count, 0);
    assert_true(large.chunk_count >= 3);
    assert_int_equal(blob_batch_store(batch), S_OK);
    assert_int_equal(store_write_wait(node->store, put_rows, batch), S_OK);
    struct db *db = store_read_begin(node->store);
    assert_true(blob_find(node->blobs, db, &small.hash, &found) && found == MEMBER_WHOLE_MAX);
    assert_true(blob_find(node->blobs, db, &empty.hash, &found) && found == 0);
    assert_false(blob_find(node->blobs, db, &large.hash, &found)); /* only its chunks are objects */
    for (size_t i = 0, at = 0; i < large.chunk_count; at += large.chunks[i++].size) {
        assert_int_equal(blob_read(node->blobs, db, &large.chunks[i].hash, 0, back, size),
                         large.chunks[i].size);
        assert_memory_equal(back, data + at, large.chunks[i].size);
    }
    store_read_end(node->store, db);
    assert_int_equal(blob_verify(node->blobs, &large.hash, size), S_OK);
    blob_batch_close(batch);
    assert_int_equal(kit_count_files(node->dir, "blobs"), 3);
    assert_int_equal(kit_count_files(node->dir, "tmp"), 0);
    free(data);
    free(back);
}

static void what_got_no_rows_is_swept(void **state)
{
    struct kit_node *node = *state;
    struct blob_batch *batch = blob_batch_open(node->blobs);

    write_blob(batch, "a", 1);
    write_blob(batch, "b", 1);
    assert_int_equal(blob_batch_store(batch), S_OK);
    assert_int_equal(kit_count_files(node->dir, "blobs"), 2);
    blob_batch_close(batch);
    assert_int_equal(kit_count_files(node->dir, "blobs"), 0);
}

static void a_crash_between_files_and_rows_is_swept_at_the_next_start(void **state)
{
    struct kit_node *node = *state;
    struct blob_batch *batch = blob_batch_open(node->blobs);
    struct blobs *next;

    write_blob(batch, "a", 1);
    assert_int_equal(blob_batch_store(batch),
                     S_OK); /* and here the machine stops: the batch is never closed */
    assert_int_equal(blobs_open(node->dir, node->store, &next, &node->report), S_OK);
    assert_int_equal(store_write_wait(node->store, blobs_sweep, next), S_OK);
    assert_int_equal(kit_count_files(node->dir, "blobs"), 0);
    blobs_close(next);
    blob_batch_close(batch);
}

static enum status is_kept(struct db *db, void *arg)
{
    (void)arg;
    struct blob_row row;
    const struct hash hash = hash_of(bytes_of(NULL, 0), bytes_text("kept"));

    return blob_row_find(db, &hash, &row) && row.is_whole ? S_OK : S_NOT_FOUND;
}

static void the_same_content_twice_is_one_file(void **state)
{
    struct kit_node *node = *state;

    for (int i = 0; i < 2; i++) {
        struct blob_batch *batch = blob_batch_open(node->blobs);

        write_blob(batch, "kept", 4);
        write_blob(batch, "kept", 4);
        assert_int_equal(blob_batch_store(batch), S_OK);
        assert_int_equal(store_write_wait(node->store, put_rows, batch), S_OK);
        blob_batch_close(batch);
    }
    assert_int_equal(store_write_wait(node->store, blobs_sweep, node->blobs), S_OK);
    assert_int_equal(kit_count_files(node->dir, "blobs"), 1);
    assert_int_equal(store_write_wait(node->store, is_kept, NULL), S_OK);
}

KIT_TESTS()
{
#define BATCH_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        BATCH_TEST(a_stored_batch_is_there_by_content_and_by_chunk),
        BATCH_TEST(what_got_no_rows_is_swept),
        BATCH_TEST(a_crash_between_files_and_rows_is_swept_at_the_next_start),
        BATCH_TEST(the_same_content_twice_is_one_file),
    };
    return KIT_RUN(tests);
}
