/* A database from before there were seals gets them when it is opened for writing. */
#include "node/store/disk/reseal.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "node/store/disk/page_seal.h"
#include "node/store/disk/sealed_disk.h"
#include "node/store/store.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_golden.h"

static bool is_unsealed(const char *path)
{
    struct db *db;

    assert_int_equal(db_open(path, DB_READ, 0, &db, NULL), S_OK);
    bool is_due = reseal_is_due(db);
    db_close(db);
    return is_due;
}

static struct store *open_store(const char *dir)
{
    const struct store_options options = {.read_only = false};
    struct report report = {.status = S_OK};
    struct store *store;

    if (store_open(dir, &options, &store, &report) != S_OK) {
        fail_msg("%s", report.text);
    }
    return store;
}

static void page_count(void *ctx, uint32_t page, bool is_single)
{
    (void)page;
    *(int *)ctx += is_single ? 1 : 1000;
}

/* One bit of each page of the file, but the first: all are found to be single ones, and are put right. */
static void bits_flip(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC), found = 0;
    off_t size = lseek(fd, 0, SEEK_END);
    uint8_t byte;

    for (off_t at = PAGE_SIZE + 77; at < size; at += PAGE_SIZE) {
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        byte ^= 4;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    }
    close(fd);
    assert_int_equal(sealed_scan(path, false, page_count, &found), S_OK);
    assert_int_equal(found, (int)(size / PAGE_SIZE) - 1);
    assert_int_equal(sealed_scan(path, true, page_count, &found), S_OK); /* and put right */
    found = 0;
    assert_int_equal(sealed_scan(path, false, page_count, &found), S_OK);
    assert_int_equal(found, 0);
}

static void an_upgrade_seals_the_database(void **state)
{
    char root[256], dir[280], path[300];
    const char *problem;

    (void)state;
    for (int version = 1; version <= GOLDEN_LAST; version++) {
        kit_scratch_make(root, sizeof root);
        kit_golden_unpack(version, root);
        snprintf(dir, sizeof dir, "%s/hub", root);
        snprintf(path, sizeof path, "%s/qanat.db", dir);
        bool was_unsealed = is_unsealed(path);
        assert_true(was_unsealed || version > 2);
        struct store *store = open_store(dir);
        problem = kit_golden_check(dir, store);
        if (problem) {
            fail_msg("schema %d: %s", version, problem);
        }
        store_close(store);
        assert_false(is_unsealed(path));
        bits_flip(path);
        store = open_store(dir); /* nothing was lost by that */
        problem = kit_golden_check(dir, store);
        assert_null(problem);
        store_close(store);
        kit_scratch_remove(root);
    }
}

/* One that an earlier version of this program brought up: the newest schema, and no seals. */
static void a_database_that_was_left_unsealed_is_sealed_at_the_next_start(void **state)
{
    char dir[256], path[300];
    const struct store_options options = {.must_create = true};
    struct report report = {.status = S_OK};
    struct store *store;
    sqlite3 *raw;
    int reserved = 0;

    (void)state;
    kit_scratch_make(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/qanat.db", dir);
    assert_int_equal(store_open(dir, &options, &store, &report), S_OK);
    store_close(store);
    assert_false(is_unsealed(path));
    assert_int_equal(sqlite3_open_v2(path, &raw, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_file_control(raw, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved), SQLITE_OK);
    assert_int_equal(sqlite3_exec(raw, "PRAGMA journal_mode = DELETE; VACUUM; PRAGMA journal_mode = WAL",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(raw);
    if (is_unsealed(path)) { /* this SQLite keeps what a file has: nothing to see */
        store_close(open_store(dir));
        assert_false(is_unsealed(path));
    }
    kit_scratch_remove(dir);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_upgrade_seals_the_database),
        cmocka_unit_test(a_database_that_was_left_unsealed_is_sealed_at_the_next_start),
    };
    return KIT_RUN(tests);
}
