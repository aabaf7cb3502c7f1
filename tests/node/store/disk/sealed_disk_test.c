#include "node/store/disk/sealed_disk.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/store/connection.h"
#include "node/store/disk/page_seal.h"
#include "tests/kit/kit.h"

struct bench {
    char dir[200], path[220], wal[230];
};

static struct bench bench;

static int setup(void **state)
{
    (void)state;
    kit_scratch_make(bench.dir, sizeof bench.dir);
    snprintf(bench.path, sizeof bench.path, "%s/db", bench.dir);
    snprintf(bench.wal, sizeof bench.wal, "%s-wal", bench.path);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_scratch_remove(bench.dir);
    return 0;
}

static void sql_run(sqlite3 *db, const char *sql)
{
    char *error = NULL;

    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) {
        fail_msg("%s: %s", sql, error);
    }
}

static const char filling[] = "CREATE TABLE t (a INTEGER PRIMARY KEY, b); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)"
                              "INSERT INTO t SELECT i, printf('%0500d', i) FROM n";

/* A database of ours with some hundred rows; left in its log, or written to its file. */
static void database_make(bool is_settled)
{
    struct db *db;
    char copy[260];

    assert_int_equal(db_open(bench.path, DB_CREATE, 0, &db, NULL), S_OK);
    sql_run(db_handle(db), filling);
    if (is_settled) {
        assert_int_equal(db_checkpoint(db, true), S_OK);
        db_close(db);
        return;
    }
    snprintf(copy, sizeof copy, "cd '%s' && mkdir c && cp db db-wal c/", bench.dir);
    assert_int_equal(system(copy), 0);
    db_close(db);
    snprintf(copy, sizeof copy, "cd '%s' && rm db* && mv c/* .", bench.dir); /* as a power cut leaves it */
    assert_int_equal(system(copy), 0);
}

static off_t size_of(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? info.st_size : 0;
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

/* The sum over all rows; -1 when they cannot be read. */
static int64_t rows_sum(enum db_mode mode)
{
    struct db *db;

    if (db_open(bench.path, mode, 0, &db, NULL) != S_OK) {
        return -1;
    }
    int64_t sum = db_query_int(db, "SELECT sum(a * 1000 + b) + count(*) FROM t");
    enum status status = db_status(db);
    db_settle(db);
    db_close(db);
    return status == S_OK ? sum : -1;
}

static void one_flipped_bit_of_the_file_changes_nothing(void **state)
{
    struct kit_random random;
    (void)state;

    database_make(true);
    kit_random_seed(&random, kit_fresh_seed());
    int64_t right = rows_sum(DB_READ);
    assert_true(right > 0);
    for (int i = 0; i < 200; i++) {
        uint64_t bit = kit_random_below(&random, i < 60 ? 8 * 100 : 8 * (uint64_t)size_of(bench.path));
        bit_flip(bench.path, bit);
        assert_int_equal(rows_sum(DB_READ), right);
        bit_flip(bench.path, bit);
    }
}

/* All commits, or (a bit that looks like others) those before it. */
static void one_flipped_bit_of_the_log_loses_no_commit_in_two_of_three_cases(void **state)
{
    struct kit_random random;
    char command[512];
    int whole = 0;
    (void)state;

    database_make(false);
    snprintf(command, sizeof command, "cd '%s' && cp db db.kept && cp db-wal wal.kept", bench.dir);
    assert_int_equal(system(command), 0);
    int64_t right = rows_sum(DB_READ);
    assert_true(right > 0);
    kit_random_seed(&random, kit_fresh_seed());
    for (int i = 0; i < 100; i++) {
        snprintf(command, sizeof command, "cd '%s' && rm -f db db-* && cp db.kept db && cp wal.kept db-wal", bench.dir);
        assert_int_equal(system(command), 0);
        bit_flip(bench.wal, kit_random_below(&random, i < 20 ? 8 * 32 : 8 * (uint64_t)size_of(bench.wal)));
        int64_t sum = rows_sum(i % 2 ? DB_READ : DB_WRITE);
        assert_true(sum == right || sum == 0 || sum == -1); /* the table without rows, or not yet */
        whole += sum == right;
    }
    printf("# %d of 100\n", whole);
    assert_true(whole >= 60);
}

static void count_visit(void *ctx, uint32_t page, bool is_single)
{
    size_t *counts = ctx;

    assert_true(page > 0);
    counts[is_single]++;
}

static void more_bits_are_an_error_and_never_a_figure(void **state)
{
    size_t counts[2] = {0, 0};
    (void)state;

    database_make(true);
    uint64_t bit = 8 * (5 * PAGE_SIZE + 700);
    bit_flip(bench.path, bit);
    bit_flip(bench.path, bit + 1);
    assert_int_equal(rows_sum(DB_READ), -1);
    assert_int_equal(sealed_scan(bench.path, false, count_visit, counts), S_OK);
    assert_int_equal(counts[0], 1);
    assert_int_equal(counts[1], 0);
}

static void who_writes_puts_the_bit_back_in_the_file(void **state)
{
    size_t counts[2] = {0, 0};
    uint64_t before = sealed_disk_mended();
    (void)state;

    database_make(true);
    bit_flip(bench.path, 8 * (9 * PAGE_SIZE + 1000));
    assert_true(rows_sum(DB_WRITE) > 0);
    assert_true(sealed_disk_mended() > before);
    assert_int_equal(sealed_scan(bench.path, false, count_visit, counts), S_OK);
    assert_int_equal(counts[0] + counts[1], 0);
}

/* A database of an older version, and one that a foreign tool took the log of. */
static void files_without_seals_are_passed_through(void **state)
{
    size_t counts[2] = {0, 0};
    sqlite3 *plain;
    (void)state;

    assert_int_equal(sqlite3_open(bench.path, &plain), SQLITE_OK);
    sql_run(plain, "PRAGMA journal_mode = WAL");
    sql_run(plain, filling);
    sqlite3_close(plain);
    int64_t right = rows_sum(DB_WRITE);
    assert_true(right > 0);
    assert_int_equal(sealed_scan(bench.path, false, count_visit, counts), S_OK);
    assert_int_equal(counts[0] + counts[1], 0);

    unlink(bench.path);
    database_make(false);
    assert_int_equal(sqlite3_open(bench.path, &plain), SQLITE_OK);
    sql_run(plain, "PRAGMA wal_checkpoint(TRUNCATE)");
    sqlite3_close(plain);
    assert_int_equal(rows_sum(DB_READ), right);
    assert_int_equal(sealed_scan(bench.path, false, count_visit, counts), S_OK);
    assert_int_equal(counts[0] + counts[1], 0);
}

/* The first letter of the first row, as a connection opened now reads it. */
static char first_letter(void)
{
    sqlite3_stmt *get = NULL;
    struct db *db;

    assert_int_equal(db_open(bench.path, DB_WRITE, 0, &db, NULL), S_OK);
    assert_int_equal(sqlite3_prepare_v2(db_handle(db), "SELECT b FROM t WHERE a = 1", -1, &get, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(get), SQLITE_ROW);
    char letter = (char)sqlite3_column_text(get, 0)[0];
    sqlite3_finalize(get);
    db_close(db);
    return letter;
}

/* A transaction that is larger than the cache puts pages into the log before its end, and again there when they change once more: then SQLite reads whole
 * frames whose sums are not yet those of what stands there. A page of which one bit was changed is not put back to what it was. */
static void a_bit_that_a_large_transaction_changes_twice_stays_changed(void **state)
{
    struct db *db;
    (void)state;

    database_make(true);
    uint64_t before = sealed_disk_mended();
    assert_int_equal(db_open(bench.path, DB_WRITE, 0, &db, NULL), S_OK);
    sql_run(db_handle(db), "PRAGMA cache_size = 10; BEGIN; UPDATE t SET b = 'A' || substr(b, 2) WHERE a = 1;"
                           "UPDATE t SET b = 'x' || substr(b, 2) WHERE a BETWEEN 50 AND 200");
    assert_true(size_of(bench.wal) > PAGE_SIZE); /* the first row is there */
    sql_run(db_handle(db), "UPDATE t SET b = 'C' || substr(b, 2) WHERE a = 1; UPDATE t SET b = 'y' || substr(b, 2) WHERE a > 200; COMMIT");
    db_close(db);
    assert_int_equal(first_letter(), 'C');
    assert_int_equal(sealed_disk_mended(), before);
}

KIT_TESTS()
{
#define SEALED_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        SEALED_TEST(one_flipped_bit_of_the_file_changes_nothing),
        SEALED_TEST(one_flipped_bit_of_the_log_loses_no_commit_in_two_of_three_cases),
        SEALED_TEST(more_bits_are_an_error_and_never_a_figure),
        SEALED_TEST(who_writes_puts_the_bit_back_in_the_file),
        SEALED_TEST(a_bit_that_a_large_transaction_changes_twice_stays_changed),
        SEALED_TEST(files_without_seals_are_passed_through),
    };
    return KIT_RUN(tests);
}
