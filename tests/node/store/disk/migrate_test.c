#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/store/disk/migrate.h"
#include "node/store/engine.h"
#include "tests/kit/kit.h"
#include "tests/kit/kit_golden.h"

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
    assert_int_equal(migrate_run(db, NULL, &fixture->report), S_OK);
    return db;
}

static void a_new_database_gets_the_newest_schema_and_our_mark(void **state)
{
    struct db *db = make(*state);

    assert_int_equal(db_query_int(db, "PRAGMA user_version"), migrate_version());
    assert_int_equal(db_query_int(db, "PRAGMA application_id"), APPLICATION_ID);
    assert_int_equal(migrate_run(db, NULL, NULL), S_OK); /* nothing left to do */
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

/* --- databases of earlier versions ---------------------------------------------------------------------------- */

static enum status open_store(const char *dir, struct store **store_out, struct report *report)
{
    const struct store_options options = {.anchor_dir = dir};

    report_clear(report);
    return store_open(dir, &options, store_out, report);
}

static void line_add(void *ctx, const char *line)
{
    buffer_append(ctx, line, strlen(line));
    buffer_append_u8(ctx, '\n');
}

/* Everything that a schema is, as lines in an order of their own. Texts are compared without quotes: a renamed table's name has some. */
static void schema_describe(struct db *db, struct buffer *out)
{
    static const char *const parts[] = {
        "SELECT type, name, tbl_name FROM sqlite_schema ORDER BY 1, 2, 3",
        "SELECT name, type, ncol, wr, strict FROM pragma_table_list WHERE schema = 'main' ORDER BY name",
        "SELECT m.name, p.* FROM sqlite_schema m, pragma_table_xinfo(m.name) p WHERE m.type = 'table' ORDER BY m.name, p.cid",
        "SELECT m.name, p.name, p.\"unique\", p.origin, p.partial FROM sqlite_schema m, pragma_index_list(m.name) p WHERE m.type = 'table' "
        "ORDER BY m.name, p.name",
        "SELECT m.name, p.* FROM sqlite_schema m, pragma_index_xinfo(m.name) p WHERE m.type = 'index' ORDER BY m.name, p.seqno",
        "SELECT m.name, p.* FROM sqlite_schema m, pragma_foreign_key_list(m.name) p WHERE m.type = 'table' ORDER BY m.name, p.id, p.seq",
        "WITH piece (n) AS (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11)) "
        "SELECT name, n, substr(replace(replace(replace(sql, '\"', ''), char(10), ''), ' ', ''), 1 + n * 400, 400) FROM sqlite_schema, piece "
        "WHERE sql IS NOT NULL AND length(sql) > n * 400 ORDER BY type, name, n",
    };

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t before = out->size;
        assert_int_equal(db_query_texts(db, parts[i], line_add, out), S_OK);
        assert_true(out->size > before);
    }
    assert_int_equal(db_query_int(db, "SELECT count(*) FROM sqlite_schema WHERE length(sql) > 4800"), 0);
    assert_int_equal(db_query_int(db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

static void check_same_lines(struct buffer *fresh, struct buffer *old)
{
    const char *a = (const char *)fresh->data, *b = (const char *)old->data;

    buffer_append_u8(fresh, 0);
    buffer_append_u8(old, 0);
    while (*a && *b) {
        size_t of_a = strcspn(a, "\n"), of_b = strcspn(b, "\n");
        if (of_a != of_b || memcmp(a, b, of_a) != 0) {
            fail_msg("a new database has\n%.*s\nand a migrated one\n%.*s", (int)of_a, a, (int)of_b, b);
        }
        a += of_a + 1;
        b += of_b + 1;
    }
    assert_true(*a == *b);
}

static void the_oldest_database_and_all_migrations_make_the_newest_schema(void **state)
{
    struct fixture *fixture = *state;
    struct db *fresh = make(fixture), *old;
    struct buffer of_fresh, of_old;
    struct store *store;
    char dir[300];

    buffer_init(&of_fresh);
    schema_describe(fresh, &of_fresh);
    db_close(fresh);
    for (int version = 1; version <= GOLDEN_LAST; version++) {
        snprintf(dir, sizeof dir, "%.250s/%d", fixture->dir, version);
        assert_int_equal(mkdir(dir, 0700), 0);
        kit_golden_unpack(version, dir);
        strcat(dir, "/hub");
        assert_int_equal(open_store(dir, &store, &fixture->report), S_OK);
        old = store_read_begin(store);
        buffer_init(&of_old);
        schema_describe(old, &of_old);
        assert_int_equal(db_query_int(old, "PRAGMA user_version"), migrate_version());
        store_read_end(store, old);
        store_close(store);
        check_same_lines(&of_fresh, &of_old);
        buffer_release(&of_old);
    }
    buffer_release(&of_fresh);
}

static void every_golden_database_opens_with_its_figures(void **state)
{
    struct fixture *fixture = *state;
    struct store *store;
    struct stat info;
    char dir[300], copy[340];

    for (int version = 1; version <= GOLDEN_LAST; version++) {
        snprintf(dir, sizeof dir, "%.250s/%d", fixture->dir, version);
        assert_int_equal(mkdir(dir, 0700), 0);
        kit_golden_unpack(version, dir);
        strcat(dir, "/hub");
        snprintf(copy, sizeof copy, "%s/qanat.db.schema-%d", dir, version);
        assert_true(store_is_older(dir));
        assert_int_equal(open_store(dir, &store, &fixture->report), S_OK);
        const char *problem = kit_golden_check(dir, store);
        if (problem) {
            fail_msg("schema %d: %s", version, problem);
        }
        store_close(store);
        assert_false(store_is_older(dir));
        assert_int_equal(stat(copy, &info), version < migrate_version() ? 0 : -1);
        assert_true(version == migrate_version() || (info.st_mode & 0777) == 0600);
    }
}

static void an_older_database_is_not_read_but_told(void **state)
{
    const struct store_options options = {.read_only = true};
    struct fixture *fixture = *state;
    struct store *store = NULL;
    char dir[300];

    kit_golden_unpack(1, fixture->dir);
    snprintf(dir, sizeof dir, "%.250s/hub", fixture->dir);
    assert_int_equal(store_open(dir, &options, &store, &fixture->report), S_BUSY);
    assert_non_null(strstr(fixture->report.text, "older version"));
}

static void a_schema_between_two_versions_is_refused_unchanged(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = NULL;
    struct db *db;
    char dir[300], path[320];

    kit_golden_unpack(1, fixture->dir);
    snprintf(dir, sizeof dir, "%.250s/hub", fixture->dir);
    snprintf(path, sizeof path, "%s/qanat.db", dir);
    assert_int_equal(db_open(path, DB_WRITE, 0, &db, &fixture->report), S_OK);
    assert_int_equal(db_execute(db, "ALTER TABLE seal ADD COLUMN theirs INTEGER"), S_OK);
    db_close(db);
    assert_int_equal(open_store(dir, &store, &fixture->report), S_VERSION);
    assert_non_null(strstr(fixture->report.text, "nothing was changed"));
    assert_int_equal(db_open(path, DB_READ, 0, &db, &fixture->report), S_OK);
    assert_int_equal(db_query_int(db, "PRAGMA user_version"), 1);
    assert_int_equal(db_query_int(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'launch'"), 0);
    db_close(db);
}

static void a_step_that_breaks_a_reference_is_taken_back(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = NULL;
    struct db *db;
    char dir[300], path[320];

    kit_golden_unpack(1, fixture->dir);
    snprintf(dir, sizeof dir, "%.250s/campus", fixture->dir);
    snprintf(path, sizeof path, "%s/qanat.db", dir);
    assert_int_equal(db_open(path, DB_WRITE, 0, &db, &fixture->report), S_OK);
    assert_int_equal(db_execute(db, "PRAGMA foreign_keys = OFF; DELETE FROM blob WHERE id IN (SELECT blob FROM course_member)"), S_OK);
    db_close(db);
    assert_int_equal(open_store(dir, &store, &fixture->report), S_CORRUPT);
    assert_int_equal(db_open(path, DB_READ, 0, &db, &fixture->report), S_OK);
    assert_int_equal(db_query_int(db, "PRAGMA user_version"), 1);
    db_close(db);
}

KIT_TESTS()
{
#define MIGRATE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        MIGRATE_TEST(a_new_database_gets_the_newest_schema_and_our_mark),
        MIGRATE_TEST(a_newer_database_is_refused_byte_for_byte_unchanged),
        MIGRATE_TEST(another_programs_database_is_refused),
        MIGRATE_TEST(a_file_that_is_no_database_is_refused),
        MIGRATE_TEST(a_missing_database_is_not_made),
        MIGRATE_TEST(the_oldest_database_and_all_migrations_make_the_newest_schema),
        MIGRATE_TEST(every_golden_database_opens_with_its_figures),
        MIGRATE_TEST(an_older_database_is_not_read_but_told),
        MIGRATE_TEST(a_schema_between_two_versions_is_refused_unchanged),
        MIGRATE_TEST(a_step_that_breaks_a_reference_is_taken_back),
    };
    return KIT_RUN(tests);
}
