/* Many small files of one transaction, and a few: all are there under their names when it is durable. */
#include "node/blob/unsynced.h"

#include <stdio.h>
#include <string.h>

#include "node/blob/folder.h"
#include "tests/kit/package.h"

enum { MANY = 3 * UNSYNCED_EACH_MAX + 1 };

struct objects {
    struct kit_node node;
    size_t count;
    unsigned salt;
    enum status answer;
    struct buffer completed;
};

static struct hash object(unsigned salt, size_t number, char text[48])
{
    snprintf(text, 48, "object %u of %zu", salt, number);
    return hash_of(bytes_of(NULL, 0), bytes_text(text));
}

static enum status put_all(struct db *db, void *arg)
{
    struct objects *objects = arg;
    char text[48];

    for (size_t i = 0; i < objects->count; i++) {
        struct hash hash = object(objects->salt, i, text);
        enum status status = blob_put(objects->node.blobs, db, &hash, bytes_text(text), &objects->completed);
        if (status != S_OK) {
            return status;
        }
    }
    return objects->answer;
}

static size_t count_whole(struct objects *objects)
{
    size_t count = 0;
    char text[48];

    for (size_t i = 0; i < objects->count; i++) {
        struct hash hash = object(objects->salt, i, text);
        count += blob_verify(objects->node.blobs, &hash, strlen(text)) == S_OK;
    }
    return count;
}

static void check(struct objects *objects, size_t count)
{
    objects->count = count;
    objects->salt++;
    objects->answer = S_OK;
    assert_int_equal(store_write_wait(objects->node.store, put_all, objects), S_OK);
    assert_int_equal(count_whole(objects), count);
    assert_int_equal(objects->node.blobs->unsynced.count, 0); /* nothing waits, no descriptor is kept */
    assert_false(objects->node.blobs->unsynced.is_many);
}

static void few_and_many_files_are_settled_with_their_transaction(void **state)
{
    static struct objects objects;
    (void)state;

    kit_node_open(&objects.node);
    check(&objects, 1);
    check(&objects, UNSYNCED_EACH_MAX);
    check(&objects, UNSYNCED_EACH_MAX + 1);
    check(&objects, MANY);
    buffer_release(&objects.completed);
    kit_node_close(&objects.node);
}

static void files_of_a_job_that_was_undone_are_settled_by_the_next(void **state)
{
    static struct objects objects;
    (void)state;

    kit_node_open(&objects.node);
    objects.count = MANY;
    objects.answer = S_INVALID;
    assert_int_equal(store_write_wait(objects.node.store, put_all, &objects), S_INVALID);
    check(&objects, 2);
    buffer_release(&objects.completed);
    kit_node_close(&objects.node);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_and_many_files_are_settled_with_their_transaction),
        cmocka_unit_test(files_of_a_job_that_was_undone_are_settled_by_the_next),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
