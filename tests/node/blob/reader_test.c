/* Reading what is there, and noticing what is not as it was. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "node/blob/folder.h"
#include "tests/kit/package.h"

struct put {
    struct kit_node *node;
    struct hash hash;
};

static enum status put_text(struct db *db, void *arg)
{
    struct put *put = arg;
    struct buffer completed;
    enum status status;

    buffer_init(&completed);
    status = blob_put(put->node->blobs, db, &put->hash, bytes_text("hello world"), &completed);
    buffer_release(&completed);
    return status;
}

static void a_blob_is_read_in_pieces_loaded_and_verified(void **state)
{
    struct kit_node node;
    struct put put = {&node, hash_of(bytes_of(NULL, 0), bytes_text("hello world"))};
    struct hash other = {{1}};
    struct buffer content;
    uint8_t piece[32];
    char name[BLOB_NAME_MAX], path[400];

    (void)state;
    buffer_init(&content);
    kit_node_open(&node);
    assert_int_equal(store_write_wait(node.store, put_text, &put), S_OK);
    struct db *db = store_read_begin(node.store);
    assert_int_equal(blob_read(node.blobs, db, &put.hash, 6, piece, sizeof piece), 5);
    assert_memory_equal(piece, "world", 5);
    assert_int_equal(blob_read(node.blobs, db, &put.hash, 0, piece, 4), 4);
    assert_int_equal(blob_read(node.blobs, db, &put.hash, 11, piece, 4), 0);
    assert_int_equal(blob_read(node.blobs, db, &other, 0, piece, 4), 0);
    store_read_end(node.store, db);
    assert_int_equal(blob_load(node.blobs, &put.hash, 11, &content), S_OK);
    assert_true(bytes_equal(buffer_bytes(&content), bytes_text("hello world")));
    assert_int_equal(blob_load(node.blobs, &put.hash, 10, &content), S_TOO_LARGE);
    assert_int_equal(blob_load(node.blobs, &other, 10, &content), S_NOT_FOUND);
    assert_int_equal(blob_verify(node.blobs, &put.hash, 11), S_OK);
    assert_int_equal(blob_verify(node.blobs, &put.hash, 12), S_CORRUPT);
    blob_name(&put.hash, false, name);
    snprintf(path, sizeof path, "%s/blobs/%s", node.dir, name);
    int fd = open(path, O_WRONLY);
    assert_int_equal(pwrite(fd, "J", 1, 0), 1);
    close(fd);
    assert_int_equal(blob_verify(node.blobs, &put.hash, 11), S_CORRUPT);
    assert_int_equal(blob_load(node.blobs, &put.hash, 11, &content), S_CORRUPT);
    kit_node_close(&node);
    buffer_release(&content);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blob_is_read_in_pieces_loaded_and_verified),
    };
    return KIT_RUN(tests);
}
