/* Large members are checked on a thread of their own: what is right becomes whole, what lies starts anew. */
#include "node/blob/aside.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "node/blob/folder.h"
#include "tests/kit/kit_content.h"

enum { MEMBERS = 11, CHUNKS = MEMBERS + 1, PIECE = 70000 };

static enum status take(void *ctx, struct db *db, const struct buffer *ids)
{
    struct kit_content *content = ctx;
    (void)db;

    buffer_append(&content->completed, ids->data, ids->size);
    return S_OK;
}

static int setup(void **state)
{
    *state = test_malloc(sizeof(struct kit_content));
    kit_content_open(*state, CHUNKS, PIECE);
    return 0;
}

static enum status nothing(struct db *db, void *arg)
{
    (void)db, (void)arg;
    return S_OK;
}

static int teardown(void **state)
{
    struct kit_content *content = *state;

    blobs_check_stop(content->node.blobs);
    (void)store_write_wait(content->node.store, nothing, NULL);
    store_drain(content->node.store);
    kit_content_close(content);
    test_free(content);
    return 0;
}

static void run(struct kit_content *content, store_job *job)
{
    assert_int_equal(store_write_wait(content->node.store, job, content), S_OK);
}

/* Expects a member of the first `count` chunks, which is a lie about one bit of its name when `is_lie`. */
static void member_expect(struct kit_content *content, size_t count, bool is_lie)
{
    kit_content_cut(content, count);
    content->member.hash.b[0] ^= is_lie;
    kit_content_expect(content);
}

struct counting {
    const struct kit_content *content;
    size_t count;
};

/* On the writer thread, which writes to it. */
static enum status count(struct db *db, void *arg)
{
    struct counting *counting = arg;
    (void)db;

    counting->count = counting->content->completed.size / sizeof(int64_t);
    return S_OK;
}

static size_t completed_count(struct kit_content *content)
{
    struct counting counting = {.content = content};

    assert_int_equal(store_write_wait(content->node.store, count, &counting), S_OK);
    store_drain(content->node.store);
    return counting.count;
}

static void wait_for(struct kit_content *content, size_t count)
{
    const struct timespec moment = {.tv_nsec = 10 * 1000 * 1000};

    for (int i = 0; i < 1000 && completed_count(content) < count; i++) {
        nanosleep(&moment, NULL);
    }
    assert_int_equal(completed_count(content), count);
}

static bool is_whole(struct kit_content *content, const struct hash *hash)
{
    struct db *db = store_read_begin(content->node.store);
    struct blob_row row;
    bool is_found = blob_row_find(db, hash, &row) && row.is_whole;

    store_read_end(content->node.store, db);
    return is_found;
}

/* The verdict is a job: it cannot come before the job that puts the last chunk has ended. */
static enum status put_all_unchecked(struct db *db, void *arg)
{
    struct kit_content *content = arg;

    for (size_t i = 0; i < CHUNKS; i++) {
        assert_int_equal(blob_put(content->node.blobs, db, &content->chunks[i].hash, kit_content_piece(content, i), &content->completed), S_OK);
    }
    assert_false(blobs_are_checked(content->node.blobs));
    return S_OK;
}

static void what_is_checked_or_decided_is_not_settled(void **state)
{
    struct kit_content *content = *state;

    assert_true(blobs_are_checked(content->node.blobs));
    blobs_check_aside(content->node.blobs, take, content);
    assert_true(blobs_are_checked(content->node.blobs));
    member_expect(content, CHUNKS, false);
    run(content, put_all_unchecked);
    wait_for(content, 1);
    store_drain(content->node.store);
    assert_true(blobs_are_checked(content->node.blobs));
}

static void members_become_whole_and_a_lie_starts_anew(void **state)
{
    struct kit_content *content = *state;
    struct hash hashes[MEMBERS];

    for (size_t i = 0; i < MEMBERS; i++) {
        member_expect(content, i + 2, i == 4);
        hashes[i] = content->member.hash;
    }
    blobs_check_aside(content->node.blobs, take, content);
    kit_content_put_all(content);
    wait_for(content, MEMBERS);
    size_t refused = 0;
    for (size_t i = 0; i < MEMBERS; i++) {
        int64_t id;
        memcpy(&id, content->completed.data + i * sizeof id, sizeof id);
        refused += id < 0;
        assert_int_equal(is_whole(content, &hashes[i]), i != 4);
        assert_int_equal(blob_verify(content->node.blobs, &hashes[i], (i + 2) * PIECE), i != 4 ? S_OK : S_NOT_FOUND);
    }
    assert_int_equal(refused, 1);
    assert_int_equal(kit_count_files(content->node.dir, "blobs"), MEMBERS - 1);
}

/* What was hashed while they came is believed of no other file. */
static void in_whatever_order_chunks_come_the_check_is_the_same(void **state)
{
    struct kit_content *content = *state;

    blobs_check_aside(content->node.blobs, take, content);
    for (size_t order = 0; order < 6; order++) {
        bool is_lie = order % 2 == 1;
        content->completed.size = 0;
        for (size_t i = 0; i < CHUNKS; i++) { /* another file each time */
            content->data[i * PIECE]++;
            content->chunks[i].hash = hash_of(bytes_of(NULL, 0), bytes_of(content->data + i * PIECE, PIECE));
        }
        member_expect(content, CHUNKS, is_lie);
        for (size_t i = 0; i < CHUNKS; i++) {
            kit_content_put(content, order < 2 ? i : order < 4 ? CHUNKS - 1 - i : (i * 5 + 3) % CHUNKS);
        }
        wait_for(content, 1);
        assert_int_equal(is_whole(content, &content->member.hash), !is_lie);
        assert_int_equal(blob_verify(content->node.blobs, &content->member.hash, content->member.size), is_lie ? S_NOT_FOUND : S_OK);
    }
}

static uint64_t followed_to(struct kit_content *content)
{
    return aside_end(content->node.blobs->aside, &content->member.hash);
}

/* What is hashed while it grows ends at what lacks, and goes on behind what came before it. */
static void a_gap_that_is_filled_does_not_end_the_growth(void **state)
{
    static const size_t order[] = {0, 1, 3, 4, 6, 2, 5, 7}, ends[] = {1, 2, 2, 2, 2, 5, 7, 8};
    struct kit_content *content = *state;

    blobs_check_aside(content->node.blobs, take, content);
    member_expect(content, CHUNKS, false);
    assert_int_equal(followed_to(content), 0);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        kit_content_put(content, order[i]);
        assert_int_equal(followed_to(content), ends[i] * PIECE);
    }
    for (size_t i = 8; i < CHUNKS; i++) {
        kit_content_put(content, i);
    }
    wait_for(content, 1);
    assert_true(is_whole(content, &content->member.hash));
    assert_int_equal(followed_to(content), 0);
}

/* Where the first comes after others, all of them are followed. */
static void a_beginning_that_comes_late_begins_the_growth(void **state)
{
    struct kit_content *content = *state;

    blobs_check_aside(content->node.blobs, take, content);
    member_expect(content, CHUNKS, false);
    for (size_t i = 3; i > 0; i--) {
        kit_content_put(content, i);
        assert_int_equal(followed_to(content), 0);
    }
    kit_content_put(content, 0);
    assert_int_equal(followed_to(content), 4 * PIECE);
}

/* Writes the last chunk and its row, and nothing more: so it looks when the process ends before the check. */
static enum status put_silently(struct db *db, void *arg)
{
    struct kit_content *content = arg;
    char part[BLOB_NAME_MAX];

    blob_name(&content->member.hash, true, part);
    int file = openat(content->node.blobs->blobs_fd, part, O_WRONLY | O_CLOEXEC);
    assert_true(file >= 0);
    assert_int_equal(file_write_at(file, kit_content_piece(content, CHUNKS - 1), (CHUNKS - 1) * PIECE), S_OK);
    close(file);
    return blob_row_set_chunk_held(db, content->id, CHUNKS - 1, true);
}

static enum status take_up(struct db *db, void *arg)
{
    return blobs_take_up(((struct kit_content *)arg)->node.blobs, db);
}

static void a_check_that_was_lost_is_made_at_the_next_start(void **state)
{
    struct kit_content *content = *state;

    member_expect(content, CHUNKS, false);
    for (size_t i = 0; i < CHUNKS - 1; i++) {
        kit_content_put(content, i);
    }
    run(content, put_silently);
    run(content, take_up); /* nobody checks: nothing */
    assert_int_equal(completed_count(content), 0);
    blobs_check_aside(content->node.blobs, take, content);
    run(content, take_up);
    wait_for(content, 1);
    assert_true(is_whole(content, &content->member.hash));
    assert_int_equal(blob_verify(content->node.blobs, &content->member.hash, content->member.size), S_OK);
    content->completed.size = 0;
    run(content, take_up);
    assert_int_equal(completed_count(content), 0);
}

/* What a checked blob became meanwhile goes before what was found. */
static enum status decide_late(struct db *db, void *arg)
{
    struct kit_content *content = arg;
    const struct blob_row blob = {.id = content->id, .hash = content->member.hash, .size = content->member.size};
    static const struct hash nowhere = {{7}};
    const struct blob_row gone = {.id = 99, .hash = nowhere, .size = 5};

    assert_int_equal(blob_decide(content->node.blobs, db, &gone, S_OK, &content->completed), S_OK);
    return blob_decide(content->node.blobs, db, &blob, S_CORRUPT, &content->completed);
}

static void a_late_finding_changes_nothing(void **state)
{
    struct kit_content *content = *state;

    member_expect(content, CHUNKS, false);
    kit_content_put_all(content);
    content->completed.size = 0;
    run(content, decide_late);
    assert_int_equal(content->completed.size, 0);
    assert_true(is_whole(content, &content->member.hash));
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_checked_or_decided_is_not_settled, setup, teardown),
        cmocka_unit_test_setup_teardown(members_become_whole_and_a_lie_starts_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(in_whatever_order_chunks_come_the_check_is_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(a_gap_that_is_filled_does_not_end_the_growth, setup, teardown),
        cmocka_unit_test_setup_teardown(a_beginning_that_comes_late_begins_the_growth, setup, teardown),
        cmocka_unit_test_setup_teardown(a_check_that_was_lost_is_made_at_the_next_start, setup, teardown),
        cmocka_unit_test_setup_teardown(a_late_finding_changes_nothing, setup, teardown),
    };
    return KIT_RUN(tests);
}
