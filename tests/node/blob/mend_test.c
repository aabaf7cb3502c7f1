#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/blob/folder.h"
#include "node/store/course/blob.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_store.h"

enum { LARGE = 3 * 1024 * 1024 };

static struct kit_store kit;
static struct blobs *blobs;

static int setup(void **state)
{
    struct report report = {.status = S_OK};
    (void)state;

    kit_store_open(&kit);
    return blobs_open(kit.dir, kit.store, &blobs, &report) == S_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    blobs_close(blobs);
    kit_store_close(&kit);
    return 0;
}

static enum status rows_job(struct db *db, void *arg)
{
    struct buffer completed;

    buffer_init(&completed);
    enum status status = blob_batch_rows(arg, db, &completed);
    buffer_release(&completed);
    return status;
}

/* Stores `size` pseudorandom bytes as a blob. */
static struct hash blob_make(size_t size)
{
    uint8_t *data = malloc(size);
    struct kit_random random;
    struct member member;
    struct blob_batch *batch = blob_batch_open(blobs);
    struct blob_writer *writer = blob_writer_open(batch);

    kit_random_seed(&random, 1);
    for (size_t i = 0; i < size; i++) {
        data[i] = (uint8_t)kit_random_u64(&random);
    }
    assert_int_equal(blob_writer_write(writer, bytes_of(data, size)), S_OK);
    assert_int_equal(blob_writer_finish(writer, &member), S_OK);
    blob_writer_close(writer);
    assert_int_equal(blob_batch_store(batch), S_OK);
    assert_int_equal(store_write_wait(kit.store, rows_job, batch), S_OK);
    blob_batch_close(batch);
    free(data);
    return member.hash;
}

static void file_path(const struct hash *hash, bool is_part, char out[400])
{
    char name[BLOB_NAME_MAX];

    blob_name(hash, is_part, name);
    snprintf(out, 400, "%s/blobs/%s", kit.dir, name);
}

struct counts {
    struct hash hash;
    bool is_whole;
    int chunks, held;
};

static void counts_read(struct counts *counts)
{
    struct blob_row row;
    struct chunk_row chunk = {.number = -1};
    struct db *db = store_read_begin(kit.store);

    assert_true(blob_row_find(db, &counts->hash, &row));
    counts->is_whole = row.is_whole;
    counts->chunks = counts->held = 0;
    while (chunk_row_next(db, row.id, chunk.number, &chunk)) {
        counts->chunks++;
        counts->held += chunk.is_held;
    }
    store_read_end(kit.store, db);
}

static enum status mend_job(struct db *db, void *arg)
{
    struct blob_row row;

    return blob_row_find(db, arg, &row) ? blob_mend(blobs, db, row.id) : S_NOT_FOUND;
}

static void a_large_blob_keeps_its_sound_chunks(void **state)
{
    struct counts counts = {.hash = blob_make(LARGE)};
    char path[400];
    (void)state;

    counts_read(&counts);
    assert_true(counts.is_whole && counts.chunks > 3 && counts.held == counts.chunks);
    int chunks = counts.chunks;
    file_path(&counts.hash, false, path);
    int fd = open(path, O_RDWR);
    assert_int_equal(pwrite(fd, "damage", 6, LARGE / 2), 6);
    close(fd);
    assert_int_equal(store_write_wait(kit.store, mend_job, &counts.hash), S_OK);
    counts_read(&counts);
    assert_false(counts.is_whole);
    assert_int_equal(counts.held, chunks - 1);
    assert_int_not_equal(access(path, F_OK), 0);
    file_path(&counts.hash, true, path);
    assert_int_equal(access(path, F_OK), 0);
}

static void damage_outside_every_chunk_costs_all_of_them(void **state)
{
    struct counts counts = {.hash = blob_make(LARGE)};
    char path[400];
    (void)state;

    file_path(&counts.hash, false, path);
    int fd = open(path, O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, "more", 4), 4);
    close(fd);
    assert_int_equal(store_write_wait(kit.store, mend_job, &counts.hash), S_OK);
    counts_read(&counts);
    assert_false(counts.is_whole);
    assert_int_equal(counts.held, 0);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void a_small_or_missing_one_is_given_up(void **state)
{
    struct counts small = {.hash = blob_make(100)}, gone = {.hash = blob_make(LARGE)};
    char path[400];
    (void)state;

    assert_int_equal(store_write_wait(kit.store, mend_job, &small.hash), S_OK);
    counts_read(&small);
    assert_false(small.is_whole);
    file_path(&small.hash, false, path);
    assert_int_not_equal(access(path, F_OK), 0);
    file_path(&gone.hash, false, path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(store_write_wait(kit.store, mend_job, &gone.hash), S_OK);
    counts_read(&gone);
    assert_false(gone.is_whole);
    assert_int_equal(gone.held, 0);
}

KIT_TESTS()
{
#define MEND_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        MEND_TEST(a_large_blob_keeps_its_sound_chunks),
        MEND_TEST(damage_outside_every_chunk_costs_all_of_them),
        MEND_TEST(a_small_or_missing_one_is_given_up),
    };
    return KIT_RUN(tests);
}
