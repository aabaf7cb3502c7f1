/* A real database is swept page by page: it says the same, and what was deleted from its pages is gone. */
#include "node/store/disk/page_sweep.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kit/kit.h"

static void run(sqlite3 *db, const char *sql)
{
    char *error = NULL;

    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) {
        fail_msg("%s: %s", sql, error);
    }
}

static long long number_of(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement;

    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    const long long number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

/* Rows of many sizes in a table with two indexes, changed and deleted in no order. */
static void database_make(const char *path)
{
    sqlite3 *db;
    char sql[256];
    struct kit_random random;

    kit_random_seed(&random, kit_fresh_seed());
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    run(db, "PRAGMA secure_delete = OFF; PRAGMA page_size = 4096; CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, more TEXT);"
            "CREATE UNIQUE INDEX i ON t (name); CREATE TABLE w (a TEXT, b INT, PRIMARY KEY (a, b)) WITHOUT ROWID; BEGIN");
    for (int i = 0; i < 6000; i++) {
        const unsigned id = (unsigned)kit_random_below(&random, 3000), size = (unsigned)kit_random_below(&random, 400);
        const char *form = kit_random_below(&random, 3) == 0
                               ? "DELETE FROM t WHERE id = %u"
                               : "INSERT OR REPLACE INTO t VALUES (%u, 'needle %u' || hex(randomblob(8)), 'needle' || hex(zeroblob(%u)))";
        snprintf(sql, sizeof sql, form, id, id, size * (size % 50 == 0 ? 20 : 1));
        run(db, sql);
        snprintf(sql, sizeof sql, "INSERT OR IGNORE INTO w VALUES ('needle %u', %d)", id, i % 7);
        run(db, sql);
    }
    run(db, "COMMIT; DELETE FROM w WHERE b <> 3; DELETE FROM t WHERE id % 3; UPDATE t SET name = 'hay ' || id, more = 'hay';"
            "UPDATE w SET a = replace(a, 'needle', 'straw')");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static bool has(const uint8_t *page, const char *text)
{
    return memmem(page, PAGE_SIZE, text, strlen(text)) != NULL;
}

static void a_swept_database_says_the_same_without_what_was_deleted(void **state)
{
    char dir[256], path[300], swept[300], sql[128];
    uint8_t page[PAGE_SIZE];
    size_t before = 0, after = 0, trees = 0;
    sqlite3 *db, *other;
    (void)state;

    kit_scratch_make(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/a.db", dir);
    snprintf(swept, sizeof swept, "%s/b.db", dir);
    database_make(path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    FILE *in = fopen(path, "rb"), *out = fopen(swept, "wb");
    assert_true(in && out);
    for (uint32_t number = 1; fread(page, 1, PAGE_SIZE, in) == PAGE_SIZE; number++) {
        const bool had = has(page, "needle");
        snprintf(sql, sizeof sql, "SELECT count(*) FROM dbstat WHERE pageno = %u", number); /* not those that are free */
        if (page_sweep(page, number, 0) && number_of(db, sql)) {
            trees++;
            before += had;
            after += has(page, "needle");
        }
        assert_int_equal(fwrite(page, 1, PAGE_SIZE, out), PAGE_SIZE);
    }
    fclose(in);
    fclose(out);
    assert_true(trees > 10 && before > 0);
    assert_int_equal(after, 0);
    assert_int_equal(sqlite3_open(swept, &other), SQLITE_OK);
    assert_int_equal(number_of(other, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
    static const char *const sums[] = {"SELECT count(*) FROM t", "SELECT sum(length(name) + length(more)) FROM t", "SELECT count(*) FROM w",
                                       "SELECT count(*) FROM t WHERE name LIKE 'hay%'"};
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
        assert_int_equal(number_of(db, sums[i]), number_of(other, sums[i]));
    }
    /* It can still be written to. */
    run(other, "INSERT INTO t SELECT id + 10000, 'new ' || id, hex(zeroblob(100)) FROM t; DELETE FROM t WHERE id < 5000");
    assert_int_equal(number_of(other, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
    sqlite3_close(db);
    sqlite3_close(other);
    kit_scratch_remove(dir);
}

static void a_page_whose_numbers_do_not_fit_is_left_alone(void **state)
{
    uint8_t page[PAGE_SIZE], before[PAGE_SIZE];
    struct kit_random random;
    (void)state;

    kit_random_seed(&random, kit_fresh_seed());
    for (int round = 0; round < 20000; round++) {
        for (int i = 0; i < PAGE_SIZE; i++) {
            page[i] = (uint8_t)kit_random_below(&random, 256);
        }
        static const uint8_t kinds[] = {0, 1, 2, 5, 10, 13, 255};
        page[0] = kinds[kit_random_below(&random, sizeof kinds)];
        page[3] = 0; /* few cells, so that some of these fit */
        page[4] = (uint8_t)kit_random_below(&random, 4);
        memcpy(before, page, PAGE_SIZE);
        const bool is_tree = page_sweep(page, 2, PAGE_SEAL_SIZE);
        assert_true(is_tree || memcmp(page, before, PAGE_SIZE) == 0);
        assert_memory_equal(page + PAGE_SIZE - PAGE_SEAL_SIZE, before + PAGE_SIZE - PAGE_SEAL_SIZE, PAGE_SEAL_SIZE);
        assert_memory_equal(page, before, 8);
    }
    memset(page, 0, PAGE_SIZE);
    assert_false(page_sweep(page, 2, 0));
}

static void a_chain_of_holes_that_never_ends_is_left_alone(void **state)
{
    uint8_t page[PAGE_SIZE] = {13}, before[PAGE_SIZE];
    (void)state;

    page[1] = 0x0f; /* a hole at 0x0f00 that leads to itself */
    page[5] = 0x0f;
    page[0x0f00] = 0x0f;
    page[0x0f03] = 8;
    memcpy(before, page, PAGE_SIZE);
    assert_false(page_sweep(page, 2, 0));
    assert_memory_equal(page, before, PAGE_SIZE);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_swept_database_says_the_same_without_what_was_deleted),
        cmocka_unit_test(a_page_whose_numbers_do_not_fit_is_left_alone),
        cmocka_unit_test(a_chain_of_holes_that_never_ends_is_left_alone),
    };
    return KIT_RUN(tests);
}
