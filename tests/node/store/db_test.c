#include <stdio.h>
#include <string.h>

#include "node/store/connection.h"
#include "node/store/disk/migrate.h"
#include "tests/kit/kit.h"

struct fixture {
    char dir[256], path[300];
    struct db *db;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    kit_scratch_make(fixture->dir, sizeof fixture->dir);
    snprintf(fixture->path, sizeof fixture->path, "%s/qanat.db", fixture->dir);
    assert_int_equal(db_open(fixture->path, DB_CREATE, 0, &fixture->db, NULL), S_OK);
    assert_int_equal(migrate_run(fixture->db, NULL, NULL), S_OK);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    db_close(fixture->db);
    kit_scratch_remove(fixture->dir);
    test_free(fixture);
    return 0;
}

static enum status put(struct db *db, const char *name, struct bytes value)
{
    struct statement *put = db_statement(db, STATEMENT_property_put);

    statement_bind_string(put, 1, name);
    statement_bind_blob(put, 2, value);
    return statement_run(put);
}

static void a_writer_is_durable_and_a_reader_cannot_write(void **state)
{
    struct fixture *fixture = *state;
    struct db *reader;

    assert_int_equal(db_query_int(fixture->db, "PRAGMA synchronous"), 2);
    assert_int_equal(db_query_int(fixture->db, "PRAGMA wal_autocheckpoint"), 0);
    assert_int_equal(db_query_int(fixture->db, "PRAGMA mmap_size"), 0);
    assert_int_equal(db_query_int(fixture->db, "PRAGMA secure_delete"), 0);
    assert_int_equal(db_query_int(fixture->db, "PRAGMA trusted_schema"), 0);
    assert_int_equal(
        db_query_int(fixture->db, "SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"), 1);
    assert_int_equal(db_open(fixture->path, DB_READ, 0, &reader, NULL), S_OK);
    assert_int_equal(put(reader, "x", bytes_text("y")), S_DENIED);
    assert_int_equal(db_status(reader), S_DENIED);
    db_close(reader);
}

static void empty_bytes_are_not_null(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(put(fixture->db, "", bytes_of(NULL, 0)), S_OK);
    struct statement *get = db_statement(fixture->db, STATEMENT_property_get);
    statement_bind_text(get, 1, bytes_of(NULL, 0));
    assert_true(statement_step(get));
    assert_false(statement_is_null(get, 0));
    assert_int_equal(statement_blob(get, 0).size, 0);
    assert_false(statement_step(get));
    statement_reset(get);
    assert_int_equal(db_status(fixture->db), S_OK);
}

static void an_error_stays_until_it_is_settled(void **state)
{
    struct fixture *fixture = *state;

    db_fail(fixture->db, S_CORRUPT);
    db_fail(fixture->db, S_IO);
    assert_int_equal(db_status(fixture->db), S_CORRUPT); /* the first one */
    assert_int_equal(put(fixture->db, "a", bytes_text("b")), S_OK);
    assert_int_equal(db_status(fixture->db), S_CORRUPT);
    db_settle(fixture->db);
    assert_int_equal(db_status(fixture->db), S_OK);
}

static void settling_resets_what_was_left_open(void **state)
{
    struct fixture *fixture = *state;

    struct statement *get = db_statement(fixture->db, STATEMENT_property_get);
    statement_bind_string(get, 1, "written_by");
    assert_true(statement_step(get));
    db_settle(fixture->db);
    get = db_statement(fixture->db, STATEMENT_property_get); /* would be a failed check otherwise */
    assert_false(statement_step(get));
    statement_reset(get);
}

static void a_connection_that_never_was_gives_nothing_but_its_status(void **state)
{
    (void)state;
    struct db *db = db_dead(S_IO);

    struct statement *get = db_statement(db, STATEMENT_property_get);
    statement_bind_string(get, 1, "database");
    assert_false(statement_step(get));
    statement_reset(get);
    assert_int_equal(put(db, "a", bytes_text("b")), S_IO);
    db_settle(db);
    assert_int_equal(db_status(db), S_IO);
    db_close(db);
}

static void erasing_ends_with_the_job(void **state)
{
    struct fixture *fixture = *state;

    db_set_erasing(fixture->db, true);
    assert_int_equal(db_query_int(fixture->db, "PRAGMA secure_delete"), 1);
    db_settle(fixture->db);
    assert_int_equal(db_query_int(fixture->db, "PRAGMA secure_delete"), 0);
}

static void a_path_that_cannot_be_opened_is_named(void **state)
{
    struct fixture *fixture = *state;
    struct report report = {.status = S_OK};
    struct db *db;
    char path[300];

    snprintf(path, sizeof path, "%.200s/none/x.db", fixture->dir);
    assert_int_equal(db_open(path, DB_CREATE, 0, &db, &report), S_IO);
    assert_null(db);
    assert_non_null(strstr(report.text, path));
}

static void the_wal_empties_with_a_checkpoint(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(put(fixture->db, "a", bytes_text("b")), S_OK);
    assert_true(db_wal_size(fixture->db) > 0);
    assert_int_equal(db_checkpoint(fixture->db, true), S_OK);
    assert_int_equal(db_wal_size(fixture->db), 0);
}

KIT_TESTS()
{
#define DB_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        DB_TEST(a_writer_is_durable_and_a_reader_cannot_write),
        DB_TEST(empty_bytes_are_not_null),
        DB_TEST(an_error_stays_until_it_is_settled),
        DB_TEST(settling_resets_what_was_left_open),
        DB_TEST(a_connection_that_never_was_gives_nothing_but_its_status),
        DB_TEST(erasing_ends_with_the_job),
        DB_TEST(a_path_that_cannot_be_opened_is_named),
        DB_TEST(the_wal_empties_with_a_checkpoint),
    };
    return KIT_RUN(tests);
}
