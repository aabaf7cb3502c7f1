/* Large members are checked on a thread of their own: what is right becomes whole, what lies starts anew. */
#include "node/blob/aside.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "node/blob/folder.h"
#include "tests/kit/package.h"

enum { MEMBERS = 11, CHUNKS = MEMBERS + 1, PIECE = 70000, SIZE_MOST = CHUNKS * PIECE };

/* Members of two, three ... chunks. */
struct fixture {
    struct kit_node node;
    uint8_t *data;
    struct chunk chunks[CHUNKS];
    struct member member;
    size_t number; /* of the chunk that is put */
    int64_t id;
    struct buffer completed; /* of the writer thread */
    char part[BLOB_NAME_MAX];
};

static enum status take(void *ctx, struct db *db, const struct buffer *ids)
{
    struct fixture *fixture = ctx;
    (void)db;

    buffer_append(&fixture->completed, ids->data, ids->size);
    return S_OK;
}

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    kit_node_open(&fixture->node);
    fixture->data = test_malloc(SIZE_MOST);
    randombytes_buf(fixture->data, SIZE_MOST);
    for (size_t i = 0; i < CHUNKS; i++) {
        fixture->chunks[i].size = PIECE;
        fixture->chunks[i].hash = hash_of(bytes_of(NULL, 0), bytes_of(fixture->data + i * PIECE, PIECE));
    }
    buffer_init(&fixture->completed);
    *state = fixture;
    return 0;
}

static enum status nothing(struct db *db, void *arg)
{
    (void)db, (void)arg;
    return S_OK;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    blobs_check_stop(fixture->node.blobs);
    (void)store_write_wait(fixture->node.store, nothing, NULL);
    store_drain(fixture->node.store);
    buffer_release(&fixture->completed);
    kit_node_close(&fixture->node);
    test_free(fixture->data);
    test_free(fixture);
    return 0;
}

static enum status expect(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    bool is_whole;

    return blob_expect(fixture->node.blobs, db, &fixture->member, &fixture->id, &is_whole);
}

static enum status put(struct db *db, void *arg)
{
    struct fixture *fixture = arg;

    return blob_put(fixture->node.blobs, db, &fixture->chunks[fixture->number].hash,
                    bytes_of(fixture->data + fixture->number * PIECE, PIECE), &fixture->completed);
}

static void run(struct fixture *fixture, store_job *job)
{
    assert_int_equal(store_write_wait(fixture->node.store, job, fixture), S_OK);
}

/* Expects a member of the first `count` chunks, which is a lie about one bit of its name when `is_lie`. */
static void member_expect(struct fixture *fixture, size_t count, bool is_lie)
{
    fixture->member = (struct member){.hash = hash_of(bytes_of(NULL, 0), bytes_of(fixture->data, count * PIECE)),
                                      .size = count * PIECE,
                                      .chunks = fixture->chunks,
                                      .chunk_count = count};
    fixture->member.hash.b[0] ^= is_lie;
    run(fixture, expect);
}

static void chunks_put(struct fixture *fixture)
{
    for (fixture->number = 0; fixture->number < CHUNKS; fixture->number++) {
        run(fixture, put);
    }
}

static size_t completed_count(struct fixture *fixture)
{
    run(fixture, nothing); /* the writer is not within it */
    store_drain(fixture->node.store);
    return fixture->completed.size / sizeof(int64_t);
}

static void wait_for(struct fixture *fixture, size_t count)
{
    const struct timespec moment = {.tv_nsec = 10 * 1000 * 1000};

    for (int i = 0; i < 1000 && completed_count(fixture) < count; i++) {
        nanosleep(&moment, NULL);
    }
    assert_int_equal(completed_count(fixture), count);
}

static bool is_whole(struct fixture *fixture, const struct hash *hash)
{
    struct db *db = store_read_begin(fixture->node.store);
    struct blob_row row;
    bool is_found = blob_row_find(db, hash, &row) && row.is_whole;

    store_read_end(fixture->node.store, db);
    return is_found;
}

static void members_become_whole_and_a_lie_starts_anew(void **state)
{
    struct fixture *fixture = *state;
    struct hash hashes[MEMBERS];

    for (size_t i = 0; i < MEMBERS; i++) {
        member_expect(fixture, i + 2, i == 4);
        hashes[i] = fixture->member.hash;
    }
    blobs_check_aside(fixture->node.blobs, take, fixture);
    chunks_put(fixture);
    wait_for(fixture, MEMBERS);
    size_t refused = 0;
    for (size_t i = 0; i < MEMBERS; i++) {
        int64_t id;
        memcpy(&id, fixture->completed.data + i * sizeof id, sizeof id);
        refused += id < 0;
        assert_int_equal(is_whole(fixture, &hashes[i]), i != 4);
        assert_int_equal(blob_verify(fixture->node.blobs, &hashes[i], (i + 2) * PIECE), i != 4 ? S_OK : S_NOT_FOUND);
    }
    assert_int_equal(refused, 1);
    assert_int_equal(kit_count_files(fixture->node.dir, "blobs"), MEMBERS - 1);
}

/* Writes the last chunk and its row, and nothing more: so it looks when the process ends before the check. */
static enum status put_silently(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    int file = openat(fixture->node.blobs->blobs_fd, fixture->part, O_WRONLY | O_CLOEXEC);
    size_t at = fixture->number * PIECE;

    assert_true(file >= 0);
    assert_int_equal(file_write_at(file, bytes_of(fixture->data + at, PIECE), at), S_OK);
    close(file);
    return blob_row_set_chunk_held(db, fixture->id, (int64_t)fixture->number, true);
}

static enum status take_up(struct db *db, void *arg)
{
    return blobs_take_up(((struct fixture *)arg)->node.blobs, db);
}

static void a_check_that_was_lost_is_made_at_the_next_start(void **state)
{
    struct fixture *fixture = *state;

    member_expect(fixture, CHUNKS, false);
    for (fixture->number = 0; fixture->number < CHUNKS - 1; fixture->number++) {
        run(fixture, put);
    }
    blob_name(&fixture->member.hash, true, fixture->part);
    run(fixture, put_silently);
    run(fixture, take_up); /* nobody checks: nothing */
    assert_int_equal(completed_count(fixture), 0);
    blobs_check_aside(fixture->node.blobs, take, fixture);
    run(fixture, take_up);
    wait_for(fixture, 1);
    assert_true(is_whole(fixture, &fixture->member.hash));
    assert_int_equal(blob_verify(fixture->node.blobs, &fixture->member.hash, fixture->member.size), S_OK);
    fixture->completed.size = 0;
    run(fixture, take_up);
    assert_int_equal(completed_count(fixture), 0);
}

/* What a checked blob became meanwhile goes before what was found. */
static enum status decide_late(struct db *db, void *arg)
{
    struct fixture *fixture = arg;
    const struct blob_row blob = {.id = fixture->id, .hash = fixture->member.hash, .size = fixture->member.size};
    static const struct hash nowhere = {{7}};
    const struct blob_row gone = {.id = 99, .hash = nowhere, .size = 5};

    assert_int_equal(blob_decide(fixture->node.blobs, db, &gone, S_OK, &fixture->completed), S_OK);
    return blob_decide(fixture->node.blobs, db, &blob, S_CORRUPT, &fixture->completed);
}

static void a_late_finding_changes_nothing(void **state)
{
    struct fixture *fixture = *state;

    member_expect(fixture, CHUNKS, false);
    chunks_put(fixture);
    fixture->completed.size = 0;
    run(fixture, decide_late);
    assert_int_equal(fixture->completed.size, 0);
    assert_true(is_whole(fixture, &fixture->member.hash));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(members_become_whole_and_a_lie_starts_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(a_check_that_was_lost_is_made_at_the_next_start, setup, teardown),
        cmocka_unit_test_setup_teardown(a_late_finding_changes_nothing, setup, teardown),
    };
    return KIT_RUN(tests);
}
