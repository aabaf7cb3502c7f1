/* The SQL lint: every named statement is prepared on a fresh schema; a full scan of a table needs its `--
 * scan: reason`. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "schema/statements.h"
#include "schema/tables.h"
#include "tests/kit/kit.h"

static sqlite3 *open_fresh(void)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    for (const struct schema_table *table = schema_tables; table->name; table++) {
        if (sqlite3_exec(db, table->sql, NULL, NULL, NULL) != SQLITE_OK) {
            fail_msg("schema/sql/tables/%s.sql: %s", table->name, sqlite3_errmsg(db));
        }
    }
    return db;
}

/* True when a step of the plan reads every row of a table or an index. */
static int is_scan(const char *detail)
{
    return strncmp(detail, "SCAN ", 5) == 0 && strncmp(detail, "SCAN CONSTANT ROW", 17) != 0 &&
           strncmp(detail, "SCAN (", 6) != 0;
}

static int count_scans(sqlite3 *db, const struct statement_text *text)
{
    char sql[8192];
    sqlite3_stmt *plan = NULL;
    int scans = 0;

    snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", text->sql);
    if (sqlite3_prepare_v2(db, sql, -1, &plan, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", text->name, sqlite3_errmsg(db));
    }
    while (sqlite3_step(plan) == SQLITE_ROW) {
        const char *detail = (const char *)sqlite3_column_text(plan, 3);
        if (is_scan(detail)) {
            scans++;
            if (!text->scan) {
                print_message("# %s: %s\n", text->name, detail);
            }
        }
    }
    sqlite3_finalize(plan);
    return scans;
}

static void every_statement_can_be_prepared_and_scans_only_with_a_reason(void **state)
{
    (void)state;
    sqlite3 *db = open_fresh();
    int unexplained = 0;

    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        const struct statement_text *text = &statement_texts[i];
        int scans = count_scans(db, text);
        unexplained += scans && !text->scan;
    }
    sqlite3_close(db);
    assert_int_equal(unexplained, 0);
}

static void a_scan_is_seen(void **state)
{
    (void)state;
    const struct statement_text bad = {"bad", "SELECT 1 FROM property WHERE value = ?1", "the test itself"};
    const struct statement_text good = {"good", "SELECT 1 FROM property WHERE name = ?1", NULL};
    sqlite3 *db = open_fresh();

    assert_int_equal(count_scans(db, &bad), 1);
    assert_int_equal(count_scans(db, &good), 0);
    sqlite3_close(db);
}

static void every_table_is_strict(void **state)
{
    (void)state;
    sqlite3 *db = open_fresh();
    sqlite3_stmt *list = NULL;

    sqlite3_prepare_v2(db,
                       "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT "
                       "LIKE 'sqlite_%'",
                       -1, &list, NULL);
    while (sqlite3_step(list) == SQLITE_ROW) {
        fail_msg("table %s is not STRICT", (const char *)sqlite3_column_text(list, 0));
    }
    sqlite3_finalize(list);
    sqlite3_close(db);
}

KIT_TESTS()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_statement_can_be_prepared_and_scans_only_with_a_reason),
        cmocka_unit_test(a_scan_is_seen),
        cmocka_unit_test(every_table_is_strict),
    };
    return KIT_RUN(tests);
}
