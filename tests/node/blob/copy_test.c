/* A second version of a large content comes to a node that has the first. */
#include "node/blob/copy.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "node/blob/folder.h"
#include "tests/kit/kit_content.h"

enum { PIECES = 20, PIECE = 300000, FRESH = 5, AT_ONCE = (COPY_SIZE_MAX + PIECE - 1) / PIECE };

struct fixture {
    struct kit_content content;
    struct hash first; /* its name; content.member is the second version, one piece of which is new */
    size_t noted, copied, failed;
    struct hash failed_last;
    enum status put_status, job_status;
};

static enum status note(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    struct chunk_row chunk = {.number = -1};

    fixture->noted = 0;
    while (chunk_row_next(db, fixture->content.id, chunk.number, &chunk)) {
        fixture->noted += !chunk.is_held && blobs_copy_note(fixture->content.node.blobs, db, &chunk);
    }
    return S_OK;
}

static void note_all(struct fixture *fixture)
{
    assert_int_equal(store_write_wait(fixture->content.node.store, note, fixture), S_OK);
}

static void second_version(struct fixture *fixture)
{
    fixture->content.data[FRESH * PIECE]++;
    kit_content_cut(&fixture->content, PIECES);
    kit_content_expect(&fixture->content);
    note_all(fixture);
}

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    kit_content_open(&fixture->content, PIECES, PIECE);
    fixture->first = fixture->content.member.hash;
    kit_content_expect(&fixture->content);
    kit_content_put_all(&fixture->content);
    assert_true(kit_content_is_sound(&fixture->content));
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    kit_content_close(&fixture->content);
    test_free(fixture);
    return 0;
}

static enum status put(void *ctx, struct db *db, const struct hash *object, struct bytes data)
{
    struct fixture *fixture = ctx;

    fixture->copied++;
    return fixture->put_status == S_OK ? blob_put(fixture->content.node.blobs, db, object, data, &fixture->content.completed) : fixture->put_status;
}

static enum status refused(void *ctx, struct db *db, const struct hash *object, uint32_t size)
{
    struct fixture *fixture = ctx;

    (void)db;
    assert_int_equal(size, PIECE);
    fixture->failed++;
    fixture->failed_last = *object;
    return S_OK;
}

static enum status copy(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    const struct blob_copier copier = {put, refused, fixture};
    enum status status = blobs_copy(fixture->content.node.blobs, db, &copier);

    return status == S_OK ? fixture->job_status : status;
}

static enum status again(struct db *db, void *arg)
{
    (void)db;
    blobs_copy_again(((struct fixture *)arg)->content.node.blobs);
    return S_OK;
}

static enum status copy_some(struct fixture *fixture)
{
    fixture->copied = fixture->failed = 0;
    return store_write_wait(fixture->content.node.store, copy, fixture);
}

static bool is_due(const struct fixture *fixture)
{
    return blobs_copy_is_due(fixture->content.node.blobs);
}

static void without_a_running_node_it_is_copied_at_once(void **state)
{
    struct fixture *fixture = *state;

    second_version(fixture);
    assert_int_equal(fixture->noted, 0);
    assert_false(is_due(fixture));
    kit_content_put(&fixture->content, FRESH);
    assert_true(kit_content_is_sound(&fixture->content));
}

static void what_lies_here_is_copied_a_few_mib_to_a_job(void **state)
{
    struct fixture *fixture = *state;

    blobs_copy_later(fixture->content.node.blobs);
    second_version(fixture);
    assert_int_equal(fixture->noted, PIECES - 1);
    assert_true(is_due(fixture));
    assert_int_equal(copy_some(fixture), S_OK);
    assert_int_equal(fixture->copied, AT_ONCE);
    assert_true(is_due(fixture));
    assert_int_equal(copy_some(fixture), S_OK);
    assert_int_equal(fixture->copied, PIECES - 1 - AT_ONCE);
    assert_false(is_due(fixture));
    note_all(fixture);
    assert_int_equal(fixture->noted, 0); /* the fresh one lies nowhere */
    assert_false(kit_content_is_held(&fixture->content, &fixture->content.chunks[FRESH].hash));
    kit_content_put(&fixture->content, FRESH);
    assert_true(kit_content_is_sound(&fixture->content));
}

/* Over the bytes of the first version, where piece `number` lies. */
static void damage(struct fixture *fixture, size_t number)
{
    char name[BLOB_NAME_MAX];

    blob_name(&fixture->first, false, name);
    int fd = openat(fixture->content.node.blobs->blobs_fd, name, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(file_write_at(fd, bytes_text("damaged"), number * PIECE + 100), S_OK);
    close(fd);
}

static void what_lies_damaged_is_told_and_not_taken(void **state)
{
    struct fixture *fixture = *state;

    blobs_copy_later(fixture->content.node.blobs);
    damage(fixture, 2);
    second_version(fixture);
    assert_int_equal(copy_some(fixture), S_OK);
    assert_int_equal(fixture->failed, 1);
    assert_true(hash_equal(&fixture->failed_last, &fixture->content.chunks[2].hash));
    assert_int_equal(fixture->copied, AT_ONCE - 1);
    while (is_due(fixture)) {
        assert_int_equal(copy_some(fixture), S_OK);
    }
    kit_content_put(&fixture->content, 2); /* from a peer */
    kit_content_put(&fixture->content, FRESH);
    assert_true(kit_content_is_sound(&fixture->content));
}

static void what_could_not_be_stored_stays_due(void **state)
{
    struct fixture *fixture = *state;

    blobs_copy_later(fixture->content.node.blobs);
    second_version(fixture);
    fixture->put_status = S_NO_SPACE;
    assert_int_equal(copy_some(fixture), S_NO_SPACE);
    assert_true(is_due(fixture));
    fixture->put_status = S_OK;
    assert_int_equal(copy_some(fixture), S_OK);
    assert_int_equal(fixture->copied, AT_ONCE);
}

static void what_a_lost_transaction_copied_is_copied_once_more(void **state)
{
    struct fixture *fixture = *state;

    blobs_copy_later(fixture->content.node.blobs);
    second_version(fixture);
    fixture->job_status = S_DENIED;
    assert_int_equal(copy_some(fixture), S_DENIED);
    fixture->job_status = S_OK;
    assert_int_equal(store_write_wait(fixture->content.node.store, again, fixture), S_OK);
    size_t copied = 0;
    while (is_due(fixture)) {
        assert_int_equal(copy_some(fixture), S_OK);
        copied += fixture->copied;
    }
    assert_int_equal(copied, PIECES - 1);
    kit_content_put(&fixture->content, FRESH);
    assert_true(kit_content_is_sound(&fixture->content));
}

static enum status expect_many(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    size_t count = COPY_LOOKS_MAX;
    struct chunk *chunks = test_calloc(count, sizeof *chunks);
    struct member member = {.size = count, .chunks = chunks, .chunk_count = count};
    bool is_whole;
    int64_t id;

    for (size_t i = 0; i < count; i++) {
        chunks[i] = (struct chunk){.hash = hash_of(bytes_of(NULL, 0), bytes_of(&i, sizeof i)), .size = 1};
    }
    member.hash = hash_of(bytes_text("many"), bytes_of(NULL, 0));
    enum status status = blob_expect(fixture->content.node.blobs, db, &member, &id, &is_whole);
    test_free(chunks);
    return status;
}

static void what_lies_nowhere_is_looked_at_so_often_in_one_job(void **state)
{
    struct fixture *fixture = *state;

    blobs_copy_later(fixture->content.node.blobs);
    assert_int_equal(store_write_wait(fixture->content.node.store, expect_many, fixture), S_OK);
    second_version(fixture); /* behind it */
    assert_int_equal(store_write_wait(fixture->content.node.store, again, fixture), S_OK);
    assert_int_equal(copy_some(fixture), S_OK);
    assert_int_equal(fixture->copied, 0); /* one look was into the blob */
    assert_true(is_due(fixture));
    assert_int_equal(copy_some(fixture), S_OK);
    assert_int_equal(fixture->copied, AT_ONCE);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_a_running_node_it_is_copied_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(what_lies_here_is_copied_a_few_mib_to_a_job, setup, teardown),
        cmocka_unit_test_setup_teardown(what_lies_damaged_is_told_and_not_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(what_could_not_be_stored_stays_due, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_lost_transaction_copied_is_copied_once_more, setup, teardown),
        cmocka_unit_test_setup_teardown(what_lies_nowhere_is_looked_at_so_often_in_one_job, setup, teardown),
    };
    return KIT_RUN(tests);
}
