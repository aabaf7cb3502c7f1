#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/store/connection.h"
#include "node/store/disk/page_seal.h"
#include "node/store/disk/sealed_disk.h"
#include "tests/kit/kit.h"

struct bench {
    char dir[200], path[220];
};

static struct bench bench;

static int setup(void **state)
{
    struct db *db;
    (void)state;

    kit_scratch_make(bench.dir, sizeof bench.dir);
    snprintf(bench.path, sizeof bench.path, "%s/db", bench.dir);
    assert_int_equal(db_open(bench.path, DB_CREATE, 0, &db, NULL), S_OK);
    assert_int_equal(db_execute(db, "CREATE TABLE t (a, b); INSERT INTO t VALUES (1, hex(randomblob(60000)))"), S_OK);
    assert_int_equal(db_checkpoint(db, true), S_OK);
    db_close(db);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_scratch_remove(bench.dir);
    return 0;
}

static void bit_flip(const char *path, uint64_t bit)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    uint8_t byte;

    assert_int_equal(pread(fd, &byte, 1, (off_t)(bit / 8)), 1);
    byte = (uint8_t)(byte ^ 1 << bit % 8);
    assert_int_equal(pwrite(fd, &byte, 1, (off_t)(bit / 8)), 1);
    close(fd);
}

static void count_visit(void *ctx, uint32_t page, bool is_single)
{
    size_t *counts = ctx;

    assert_true(page > 0);
    counts[is_single]++;
}

static void a_look_at_the_file_finds_the_bit_and_puts_it_back(void **state)
{
    size_t counts[2] = {0, 0};
    (void)state;

    bit_flip(bench.path, 8 * (7 * PAGE_SIZE + 4090)); /* in the seal itself */
    bit_flip(bench.path, 8 * 21);                     /* in the file's header */
    assert_int_equal(sealed_scan(bench.path, false, count_visit, counts), S_OK);
    assert_int_equal(counts[1], 2);
    assert_int_equal(sealed_scan(bench.path, true, count_visit, counts), S_OK);
    assert_int_equal(counts[1], 4);
    assert_int_equal(sealed_scan(bench.path, false, count_visit, counts), S_OK);
    assert_int_equal(counts[1], 4);
    assert_int_equal(counts[0], 0);
}

static void a_rotten_page_is_told_and_left(void **state)
{
    size_t counts[2] = {0, 0};
    (void)state;

    for (uint64_t i = 0; i < 40; i++) {
        bit_flip(bench.path, 8 * (4 * PAGE_SIZE + 100) + 5 * i);
    }
    assert_int_equal(sealed_scan(bench.path, true, count_visit, counts), S_OK);
    assert_int_equal(counts[0], 1);
    assert_int_equal(counts[1], 0);
    assert_int_equal(sealed_scan("/nowhere/at/all", false, count_visit, counts), S_NOT_FOUND);
}

/* A power cut during a checkpoint leaves any mixture of old and new there, and nobody reads it. */
static void a_page_that_stands_in_the_log_is_not_looked_at(void **state)
{
    size_t counts[2] = {0, 0};
    struct db *db;
    (void)state;

    assert_int_equal(db_open(bench.path, DB_WRITE, 0, &db, NULL), S_OK);
    assert_int_equal(db_execute(db, "UPDATE t SET rowid = rowid + 1000000"), S_OK);
    bit_flip(bench.path, 8 * (2 * PAGE_SIZE + 300));
    assert_int_equal(sealed_scan(bench.path, true, count_visit, counts), S_OK);
    assert_int_equal(counts[0] + counts[1], 0);
    assert_int_equal(db_checkpoint(db, true), S_OK);
    db_close(db);
    assert_int_equal(sealed_scan(bench.path, false, count_visit, counts), S_OK);
    assert_int_equal(counts[0] + counts[1], 0);
    bit_flip(bench.path, 8 * (2 * PAGE_SIZE + 300));
    assert_int_equal(sealed_scan(bench.path, false, count_visit, counts), S_OK);
    assert_int_equal(counts[1], 1);
}

/* POSIX takes away every lock that a process holds on a file when it closes any descriptor of it. */
static void looking_takes_no_lock_away(void **state)
{
    size_t counts[2] = {0, 0};
    struct db *db;
    (void)state;

    assert_int_equal(db_open(bench.path, DB_WRITE, 0, &db, NULL), S_OK);
    assert_int_equal(db_execute(db, "BEGIN IMMEDIATE; INSERT INTO t VALUES (2, 3)"), S_OK);
    assert_int_equal(sealed_scan(bench.path, false, count_visit, counts), S_OK);
    char command[400];
    snprintf(command, sizeof command, "test $(grep -c \"POSIX.*:$(stat -c %%i '%s') \" /proc/locks) -ge 1", bench.path);
    assert_int_equal(system(command), 0);
    assert_int_equal(db_execute(db, "COMMIT"), S_OK);
    db_close(db);
}

KIT_TESTS()
{
#define SCAN_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        SCAN_TEST(a_look_at_the_file_finds_the_bit_and_puts_it_back),
        SCAN_TEST(a_rotten_page_is_told_and_left),
        SCAN_TEST(a_page_that_stands_in_the_log_is_not_looked_at),
        SCAN_TEST(looking_takes_no_lock_away),
    };
    return KIT_RUN(tests);
}
