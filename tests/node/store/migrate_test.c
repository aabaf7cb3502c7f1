#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "node/store/engine.h"
#include "node/store/migrate.h"
#include "tests/kit/kit.h"

struct fixture {
    char dir[256];
    char path[300];
    struct report report;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    kit_scratch_make(fixture->dir, sizeof fixture->dir);
    snprintf(fixture->path, sizeof fixture->path, "%s/qanat.db", fixture->dir);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    kit_scratch_remove(fixture->dir);
    test_free(fixture);
    return 0;
}

static struct db *make(struct fixture *fixture)
{
    struct db *db = NULL;

    assert_int_equal(db_open(fixture->path, DB_CREATE, 0, &db, &fixture->report), S_OK);
    assert_int_equal(migrate_run(db, &fixture->report), S_OK);
    return db;
}

static void a_new_database_gets_the_newest_schema_and_our_mark(void **state)
{
    struct db *db = make(*state);

    assert_int_equal(db_query_int(db, "PRAGMA user_version"), migrate_version());
    assert_int_equal(db_query_int(db, "PRAGMA application_id"), APPLICATION_ID);
    assert_int_equal(migrate_run(db, NULL), S_OK); /* nothing left to do */
    db_close(db);
}

static size_t read_whole(const char *path, uint8_t *out, size_t size)
{
    int fd = open(path, O_RDONLY);

    if (fd < 0) {
        return 0;
    }
    ssize_t got = read(fd, out, size);
    close(fd);
    return got < 0 ? 0 : (size_t)got;
}

static void a_newer_database_is_refused_byte_for_byte_unchanged(void **state)
{
    static uint8_t before[2][1 << 20], after[2][1 << 20];
    struct fixture *fixture = *state;
    struct db *db = make(fixture);
    struct store_options options = {.must_create = false};
    struct store *store = NULL;
    char text[64], wal[320];

    property_put(db, "written_by", bytes_text("9.8.7"));
    snprintf(text, sizeof text, "PRAGMA user_version = %d", migrate_version() + 1);
    assert_int_equal(db_execute(db, text), S_OK);
    db_close(db);
    snprintf(wal, sizeof wal, "%s-wal", fixture->path);
    size_t size = read_whole(fixture->path, before[0], sizeof before[0]);
    size_t wal_size = read_whole(wal, before[1], sizeof before[1]);
    for (int read_only = 0; read_only < 2; read_only++) {
        options.read_only = read_only;
        report_clear(&fixture->report);
        assert_int_equal(store_open(fixture->dir, &options, &store, &fixture->report), S_VERSION);
        assert_non_null(strstr(fixture->report.text, "9.8.7"));
        assert_null(store);
        assert_int_equal(read_whole(fixture->path, after[0], sizeof after[0]), size);
        assert_memory_equal(before[0], after[0], size);
        assert_int_equal(read_whole(wal, after[1], sizeof after[1]), wal_size);
        assert_memory_equal(before[1], after[1], wal_size);
    }
}

static void another_programs_database_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct db *db = NULL;

    assert_int_equal(db_open(fixture->path, DB_CREATE, 0, &db, &fixture->report), S_OK);
    assert_int_equal(db_execute(db, "CREATE TABLE theirs (a)"), S_OK);
    db_close(db);
    assert_int_equal(migrate_check(fixture->path, &fixture->report), S_INVALID);
}

static void a_file_that_is_no_database_is_refused(void **state)
{
    struct fixture *fixture = *state;
    FILE *file = fopen(fixture->path, "w");

    for (int i = 0; i < 1000; i++) {
        fputs("not a database\n", file);
    }
    fclose(file);
    assert_int_equal(migrate_check(fixture->path, &fixture->report), S_CORRUPT);
}

static void a_missing_database_is_not_made(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(migrate_check(fixture->path, &fixture->report), S_NOT_FOUND);
    assert_int_not_equal(access(fixture->path, F_OK), 0);
}

int main(void)
{
#define MIGRATE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        MIGRATE_TEST(a_new_database_gets_the_newest_schema_and_our_mark),
        MIGRATE_TEST(a_newer_database_is_refused_byte_for_byte_unchanged),
        MIGRATE_TEST(another_programs_database_is_refused),
        MIGRATE_TEST(a_file_that_is_no_database_is_refused),
        MIGRATE_TEST(a_missing_database_is_not_made),
    };
    return KIT_RUN(tests);
}
